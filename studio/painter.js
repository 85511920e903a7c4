// The page's side of the worker: requests become promises.
"use strict";

class Stopped extends Error {}

class Painter {
  // sources: the texts of engine.js and worker.js; wasm, model: Uint8Array.
  constructor(sources, wasm, model) {
    this.url = URL.createObjectURL(new Blob(sources, { type: "text/javascript" }));
    this.start = { wasm: wasm.buffer, model: model.buffer };
    this.waiting = new Map();
    this.id = 0;
    this.begin();
  }

  begin() {
    this.worker = new Worker(this.url);
    this.worker.onmessage = ({ data }) => this.settle(data.id, data);
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.end(new Error(`the worker stopped (${event.message || "no reason given"})`));
    };
    this.started = this.ask("start", this.start);
    this.started.catch(() => {}); // whoever draws hears of it, too
  }

  ask(what, request) {
    return new Promise((done, failed) => {
      this.waiting.set(++this.id, { done, failed });
      this.worker.postMessage({ id: this.id, what, request });
    });
  }

  settle(id, { answer, problem }) {
    const { done, failed } = this.waiting.get(id);
    this.waiting.delete(id);
    if (problem === undefined)
      done(answer);
    else
      failed(new Error(problem));
  }

  end(error) {
    this.worker.terminate();
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    waiting.forEach(({ failed }) => failed(error));
    this.begin();
  }

  // As the engine's functions of these names.
  takesHints() { return this.ask("takesHints", []); }
  labelFor(request) { return this.ask("labelFor", [request]); }
  draw(request) { return this.ask("draw", [request]); }
  tile(request) { return this.ask("tile", [request]); }
  nearest(indices, count) { return this.ask("nearest", [indices, count]); }

  // Gives up what is being drawn.
  stop() { this.end(new Stopped("stopped")); }
}

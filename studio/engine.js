// The library in WebAssembly, as functions that take and give typed arrays. It runs in a worker (worker.js) and in the
// tests; it knows nothing of the page. studio.c says what its functions do.
"use strict";

class EngineError extends Error {}

// What wasi-libc asks of its system: nothing that a page has. Lines on standard error are warnings for the console.
function emptySystem(memory, warn) {
  const SUCCESS = 0, BAD_DESCRIPTOR = 8;
  const view = () => new DataView(memory().buffer);
  return {
    environ_sizes_get(count, size) {
      view().setUint32(count, 0, true);
      view().setUint32(size, 0, true);
      return SUCCESS;
    },
    environ_get : () => SUCCESS,
    clock_time_get(id, precision, time) {
      view().setBigUint64(time, 0n, true);
      return SUCCESS;
    },
    fd_close : () => BAD_DESCRIPTOR,
    fd_seek : () => BAD_DESCRIPTOR,
    fd_write(descriptor, vectors, count, written) {
      let bytes = 0, text = "";
      for (let i = 0; i < count; i++) {
        const at = view().getUint32(vectors + 8 * i, true), length = view().getUint32(vectors + 8 * i + 4, true);
        text += new TextDecoder().decode(new Uint8Array(memory().buffer, at, length));
        bytes += length;
      }
      warn(text.trimEnd());
      view().setUint32(written, bytes, true);
      return SUCCESS;
    },
    proc_exit(status) { throw new EngineError(`the engine ended with status ${status}`); },
  };
}

class Engine {
  // module: a WebAssembly.Module; model: Uint8Array of page_model.h. Throws an EngineError with the library's words.
  constructor(module, model, warn = () => {}) {
    const memory = () => this.instance.exports.memory;
    this.instance = new WebAssembly.Instance(module, {
      page : {
        fail : (status, line) => { throw new EngineError(this.textAt(line).replace(/^studio: /, "")); },
      },
      wasi_snapshot_preview1 : emptySystem(memory, warn),
    });
    this.library = this.instance.exports;
    this.library._initialize();
    this.facts = readFacts(model);
    this.library.load(this.put(model), model.length);
  }

  textAt(at) {
    const bytes = new Uint8Array(this.library.memory.buffer, at);
    return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)));
  }

  // Bytes into the engine's memory; it must be given back, but for the model.
  put(bytes) {
    const room = this.library.room(bytes.length);
    if (!room)
      throw new EngineError(`out of memory: ${bytes.length} bytes cannot be had`);
    new Uint8Array(this.library.memory.buffer, room, bytes.length).set(bytes);
    return room;
  }

  // Calls work with the places of the arrays; null stays null.
  with(arrays, work) {
    const places = arrays.map((a) => (a ? this.put(new Uint8Array(a.buffer, a.byteOffset, a.byteLength)) : 0));
    const answer = work(...places);
    places.forEach((place) => this.library.give_back(place));
    return answer;
  }

  // Palette indices [count,H,W] of sprites number first … of a seed (a BigInt).
  // settings: { "sampling.temperature": 0.7 }; wish: what is to stay (see noWish).
  draw(request) { return this.make("draw", request); }

  // The same with { indices } of that request: made tileable.
  tile(request) { return this.make("tile", request, [ request.indices ]); }

  make(what, {seed, first = 0, count, label, settings = {}, wish = {}}, more = []) {
    const {pixels, locks, banned, ...rest} = {...this.noWish(), ...wish};
    const lines = Object.entries(settings).map(([ key, value ]) => `${key} ${value}\n`).join("");
    const arrays = [ pixels, locks, banned, new TextEncoder().encode(lines + "\0"), ...more ];
    return this.with(arrays, (...places) => this.with([ wishBytes(places, rest) ], (at) => {
      const [text, ...others] = places.slice(3);
      const made = this.library[what](BigInt.asUintN(64, seed), first, count, label, text, at, ...others);
      return new Uint8Array(this.library.memory.buffer, made, count * this.facts.height * this.facts.width).slice();
    }));
  }

  // Nothing stays. pixels: the drawing as palette indices; locks: 1 where it is locked; banned: 1 for colours that are
  // never drawn; strength: the share of what is not locked that is drawn anew.
  noWish() {
    const sprite = this.facts.height * this.facts.width;
    return {
      pixels : new Uint8Array(sprite),
      locks : new Uint8Array(sprite),
      banned : new Uint8Array(this.facts.colours.length),
      symmetric : false,
      shape : false,
      particles : 1,
      strength : 1,
    };
  }

  // Whether this model can draw the rest of a drawing, or whole sprites alone.
  takesHints() { return this.library.takes_hints() !== 0; }

  // The class to draw for where none is asked for: by share, or, for variations of a drawing, the drawing's own.
  labelFor({label, wish = {}}) {
    const {pixels, strength} = {...this.noWish(), ...wish};
    if (label !== BY_SHARE || strength === 1)
      return label;
    return this.with([ pixels, Uint8Array.of(0) ], (at, noSettings) => this.library.class_of(at, noSettings));
  }

  // The nearest training sprite of each of the sprites; null where the page does not have them.
  nearest(indices, count) {
    const BYTES = 32;
    return this.with([ indices ], (sprites) => {
      const at = this.library.nearest(sprites, count);
      if (!at)
        return null;
      const view = new DataView(this.library.memory.buffer, at, count * BYTES);
      return Array.from({length : count}, (_, i) => ({
                                            place : view.getUint32(i * BYTES, true),
                                            number : view.getUint32(i * BYTES + 4, true),
                                            distance : view.getFloat64(i * BYTES + 8, true),
                                            ratio : view.getFloat64(i * BYTES + 16, true),
                                            copy : view.getUint32(i * BYTES + 24, true) !== 0,
                                          }));
    });
  }
}

// studio.c's struct of a wish.
function wishBytes([ pixels, locks, banned ], {symmetric, shape, particles, strength}) {
  const view = new DataView(new ArrayBuffer(40));
  const numbers = [ pixels, locks, banned, symmetric, shape, particles, strength < 1 ];
  numbers.forEach((n, i) => view.setUint32(4 * i, Number(n), true));
  view.setFloat64(32, strength, true);
  return new Uint8Array(view.buffer);
}

// As PM_ANY_CLASS … in train/inference.h.
const ANY_CLASS = -1, EACH_CLASS = -2, BY_SHARE = -3;

// What the header of a page's model says (page_model.h).
function readFacts(model) {
  const end = model.findIndex((byte, i) => byte === 10 && model[i + 1] === 10);
  const lines = new TextDecoder().decode(model.subarray(0, Math.max(end, 0))).split("\n");
  if (lines[0] !== "pixelmill page model 1")
    throw new EngineError("the page's model: does not begin as one, or is cut off in its header");
  const facts = {colours : [], shares : [], classes : [], settings : {}, training : 0};
  for (const line of lines.slice(1)) {
    const [key, ...words] = line.split(" ");
    if (key === "method")
      facts.method = words[0];
    else if (key === "sprite")
      [facts.height, facts.width, facts.channels] = words.map(Number);
    else if (key === "set")
      facts.settings[words[0]] = words.slice(1).join(" ");
    else if (key === "colour") {
      facts.colours.push(words.slice(0, 4).map(Number));
      facts.shares.push(Number(words[4]) || 0);
    } else if (key === "class")
      facts.classes.push(words.slice(1).join(" "));
    else if (key === "training")
      facts.training = Number(words[0]);
  }
  facts.background = facts.shares.indexOf(Math.max(...facts.shares));
  const sprite = facts.height * facts.width;
  facts.trainingIndex = model.subarray(model.length - facts.training * sprite);
  return facts;
}

if (typeof module !== "undefined")
  module.exports = {Engine, EngineError, readFacts, ANY_CLASS, EACH_CLASS, BY_SHARE};

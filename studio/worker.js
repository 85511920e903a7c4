// The engine in a worker, so that the page stays usable while it draws. After a failure the next request gets a new
// one: what the library had half done is gone with its memory.
"use strict";

let wasm, model, engine;

onmessage = ({ data: { id, what, request } }) => {
  try {
    if (what === "start") {
      wasm = new WebAssembly.Module(request.wasm);
      model = new Uint8Array(request.model);
    }
    engine = engine || new Engine(wasm, model);
    const answer = what === "start" ? null : engine[what](...request);
    postMessage({ id, answer });
  } catch (error) {
    engine = null;
    const own = error instanceof EngineError;
    postMessage({ id, problem: own ? error.message : `the engine stopped (${error.message})` });
  }
};

// refusals.js STUDIO.wasm MODEL: what the engine says of models that are damaged and of settings out of range, a line
// each; and that it draws as before with a new instance.
"use strict";
const assert = require("assert");
const fs = require("fs");
const { Engine, EngineError } = require("../../studio/engine.js");

const wasm = new WebAssembly.Module(fs.readFileSync(process.argv[2]));
const model = new Uint8Array(fs.readFileSync(process.argv[3]));
const request = { seed: 3n, count: 2, label: -1 };
const text = Buffer.from(model).toString("latin1"), behind = text.indexOf("\n\n") + 2;
const changed = (from, to) => {
  assert(text.includes(from));
  return new Uint8Array(Buffer.from(text.replace(from, to), "latin1"));
};

function refused(name, work) {
  try {
    work();
  } catch (error) {
    assert(error instanceof EngineError, `${name}: ${error.stack}`);
    console.log(`${name}: ${error.message}`);
    return;
  }
  assert.fail(`${name}: was not refused`);
}

const whole = new Engine(wasm, model).draw(request);
for (const length of [0, 10, 40, behind - 1])
  refused(`cut at ${length}`, () => new Engine(wasm, model.subarray(0, length)));
refused("cut in the weights", () => new Engine(wasm, model.subarray(0, behind + 100)));
refused("one byte short", () => new Engine(wasm, model.subarray(0, model.length - 1)));
refused("one byte more", () => new Engine(wasm, new Uint8Array([...model, 0])));
refused("method", () => new Engine(wasm, changed("method patch-ar", "method sorcery")));
refused("sprite", () => new Engine(wasm, changed("sprite 16 16 3", "sprite 16 0 3")));
refused("colour", () => new Engine(wasm, changed("colour 0 0 0 255", "colour 0 0 256 255")));
refused("key", () => new Engine(wasm, changed("method patch-ar", "wethod patch-ar")));
const drawChanged = (from, to) => () => new Engine(wasm, changed(from, to)).draw(request);
refused("layers", drawChanged("set transformer.layers 2", "set transformer.layers 3"));
refused("width", drawChanged("set transformer.width 16", "set transformer.width 18"));
refused("height", () => new Engine(wasm, changed("sprite 16 16 3", "sprite 16 18 3")));
for (const temperature of ["0", "warm", "1e9"])
  refused(`temperature ${temperature}`, () =>
    new Engine(wasm, model).draw({ ...request, settings: { "sampling.temperature": temperature } }));
assert.deepEqual(new Engine(wasm, model).draw(request), whole);

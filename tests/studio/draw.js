// Draws with the page's engine under node, for the tests: draw.js STUDIO.wasm MODEL REQUEST.json, the request being
// what Engine.draw takes, the seed as a text and arrays as lists; `group`: how many are drawn at a time; `tile`:
// whether they are made tileable. Writes the sprites as `sample` does, <f4 [N,H,W,C], without .npy's header.
"use strict";
const fs = require("fs");
const { Engine } = require("../../studio/engine.js");

const [wasm, model, text] = process.argv.slice(2);
const engine = new Engine(new WebAssembly.Module(fs.readFileSync(wasm)), new Uint8Array(fs.readFileSync(model)));
const request = JSON.parse(text);
for (const name of ["pixels", "locks", "banned"])
  if (request.wish?.[name])
    request.wish[name] = Uint8Array.from(request.wish[name]);
const { colours, channels } = engine.facts;
const all = { ...request, seed: BigInt(request.seed), label: engine.labelFor(request) };
const { count, group = count } = request, parts = [];
for (let first = 0; first < count; first += group) {
  const part = { ...all, first, count: Math.min(group, count - first) }, indices = engine.draw(part);
  parts.push(...(request.tile ? engine.tile({ ...part, indices }) : indices));
}
const indices = Uint8Array.from(parts);
const floats = new Float32Array(indices.length * channels);
indices.forEach((index, p) => {
  for (let k = 0; k < channels; k++)
    floats[p * channels + k] = Math.fround(colours[index][k]) / Math.fround(255);
});
fs.writeSync(1, new Uint8Array(floats.buffer));

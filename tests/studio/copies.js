// copies.js STUDIO.wasm MODEL REQUEST.json: how many of the sprites drawn are copies; and checks that each training
// sprite, mirrored or not, is nearest to itself or to one that is the same.
"use strict";
const assert = require("assert");
const fs = require("fs");
const { Engine } = require("../../studio/engine.js");

const [wasm, model, text] = process.argv.slice(2);
const engine = new Engine(new WebAssembly.Module(fs.readFileSync(wasm)), new Uint8Array(fs.readFileSync(model)));
const { training, trainingIndex, width } = engine.facts;
const mirrored = trainingIndex.map((_, i) => trainingIndex[i - (i % width) + width - 1 - (i % width)]);
for (const sprites of [trainingIndex, mirrored])
  engine.nearest(sprites, training).forEach(({ distance, copy, place }, i) => {
    assert(distance === 0 && copy && place <= i);
  });
const request = JSON.parse(text);
const nearest = engine.nearest(engine.draw({ ...request, seed: BigInt(request.seed) }), request.count);
console.log(nearest.filter(({ copy }) => copy).length);

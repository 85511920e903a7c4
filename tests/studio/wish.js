// wish.js MODEL: a drawing for the tests of what is to stay, of a page's model: its first training sprite, and locks on
// some rows. As lists of numbers (pixels.json, locks.json) and as pictures for `sample` (from.png, lock.png).
"use strict";
const fs = require("fs");
Object.assign(globalThis, require("../../studio/drawing.js"));
const { readFacts } = require("../../studio/engine.js");
const { pngBytes } = require("../../studio/files.js");

const { width, height, colours, trainingIndex } = readFacts(new Uint8Array(fs.readFileSync(process.argv[2])));
const pixels = trainingIndex.slice(0, width * height);
const locks = pixels.map((_, i) => Number(i >= 4 * width && i < 7 * width && i % width < width / 2));
fs.writeFileSync("pixels.json", JSON.stringify([...pixels]));
fs.writeFileSync("locks.json", JSON.stringify([...locks]));
fs.writeFileSync("from.png", pngBytes(pixels, width, height, colours));
fs.writeFileSync("lock.png", pngBytes(locks, width, height, [[0, 0, 0, 255], [255, 255, 255, 255]]));

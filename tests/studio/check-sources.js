// The page's sources that need no browser: the drawing with its way back, its texts, the storage, the files. Writes the
// files into the folder given, for the tools to read.
"use strict";
const assert = require("assert");
const fs = require("fs");
const files = require("../../studio/files.js");
Object.assign(globalThis, require("../../studio/drawing.js"));

const facts = { width: 5, height: 4, background: 2, colours: [[0, 0, 0, 255], [1, 2, 255, 255], [0, 0, 0, 0]] };
const folder = process.argv[2];

// Undo and redo; what changes nothing is no step; a new step ends the way forth.
const drawing = new Drawing(facts);
assert(drawing.pixels.every((p) => p === facts.background));
assert.equal(drawing.undo(), false);
assert.equal(drawing.change((d) => { d.pixels[0] = 1; }), true);
assert.equal(drawing.change((d) => { d.pixels[0] = 1; }), false);
assert.equal(drawing.change((d) => { d.locks[0] = 1; }), true);
assert.equal(drawing.undo(), true);
assert.deepEqual([drawing.pixels[0], drawing.locks[0]], [1, 0]);
assert.equal(drawing.redo(), true);
assert.equal(drawing.locks[0], 1);
drawing.undo();
drawing.undo();
assert.equal(drawing.pixels[0], 2);
drawing.change((d) => { d.pixels[3] = 0; });
assert.equal(drawing.redo(), false);

// Filling stops at other colours, at the edges, and at locks.
const wall = new Drawing(facts);
for (let y = 0; y < 4; y++)
  wall.pixels[y * 5 + 2] = 0;
assert.deepEqual(wall.area(0).sort((a, b) => a - b), [0, 1, 5, 6, 10, 11, 15, 16]);
wall.pixels[2] = 2;
wall.locks[2] = 1;
assert.equal(wall.area(0).length, 8);
wall.locks[2] = 0;
assert.equal(wall.area(0).length, 17);

// What is kept comes back; what does not fit is refused with a reason, and nothing has changed.
const other = new Drawing(facts);
other.take(drawing.text());
assert.deepEqual(other.copy(), drawing.copy());
const kept = JSON.parse(drawing.text());
const bad = [["{", /read/], ["null", /no drawing/], [{ ...kept, width: 4 }, /4 x 4 pixels, not 5 x 4/],
  [{ ...kept, palette: "#000000" }, /another palette/], [{ ...kept, pixels: kept.pixels.slice(1) }, /damaged/],
  [{ ...kept, pixels: kept.pixels.map(() => 3) }, /damaged/],
  [{ ...kept, locks: kept.locks.map(() => 0.5) }, /damaged/]];
for (const [text, problem] of bad) {
  const before = other.copy();
  assert.throws(() => other.take(typeof text === "string" ? text : JSON.stringify(text)), problem);
  assert.deepEqual(other.copy(), before);
}

// A storage that is full, or forbidden, is told of.
const full = {
  getItem: () => null,
  setItem() { throw Object.assign(new Error("full"), { name: "QuotaExceededError" }); },
};
assert.match(new Keeper("x", () => full).write("text"), /full/);
assert.match(new Keeper("x", () => { throw new Error("forbidden"); }).write("text"), /nothing/);
assert.equal(new Keeper("x", () => { throw new Error("forbidden"); }).read(), null);
const map = new Map();
const storage = {
  getItem: (key) => map.get(key) ?? null,
  setItem: (key, text) => map.set(key, text),
  removeItem: (key) => map.delete(key),
};
assert.equal(new Keeper("x", () => storage).write("text"), null);
assert.equal(new Keeper("x", () => storage).read(), "text");
assert.equal(new Keeper("x", () => storage).setAside(), null);
assert.deepEqual([...map], [["x, set aside", "text"]]);

// Pictures of one's own: the size, enlarged ones, transparency, colours that the palette lacks.
const { pictureAsDrawing } = require("../../studio/opening.js");
const rgbaOf = (indices, scale) => Uint8Array.from({ length: 4 * 20 * scale * scale }, (_, i) => {
  const x = Math.floor(((i >> 2) % (5 * scale)) / scale), y = Math.floor((i >> 2) / (5 * scale * scale));
  return facts.colours[indices[y * 5 + x]][i & 3];
});
const own = Uint8Array.from({ length: 20 }, (_, i) => (i * 7) % 3);
for (const scale of [1, 3])
  assert.deepEqual(pictureAsDrawing(rgbaOf(own, scale), 5 * scale, 4 * scale, facts), { indices: own, changed: 0 });
const odd = rgbaOf(own, 1);
odd.set([9, 9, 200, 255, 7, 7, 7, 100], 0);
assert.deepEqual(pictureAsDrawing(odd, 5, 4, facts).changed, 1);
assert.deepEqual([...pictureAsDrawing(odd, 5, 4, facts).indices.slice(0, 2)], [1, 2]);
const opaque = { ...facts, background: 0, colours: facts.colours.slice(0, 2) };
assert.equal(pictureAsDrawing(odd, 5, 4, opaque).indices[1], 0);
const blurred = rgbaOf(own, 2);
blurred[4] ^= 1;
for (const [rgba, width, height, problem] of [[odd, 4, 5, /4 x 5 pixels; this model draws 5 x 4/],
  [blurred, 10, 8, /no enlarged picture of 5 x 4/], [odd, 2, 10, /2 x 10/]])
  assert.throws(() => pictureAsDrawing(rgba, width, height, facts), problem);

// The files.
const sprite = Uint8Array.from({ length: 20 }, (_, i) => i % 3);
fs.writeFileSync(`${folder}/sprite.png`, files.pngBytes(sprite, 5, 4, facts.colours));
fs.writeFileSync(`${folder}/large.png`, files.pngBytes(sprite, 5, 4, facts.colours, 100));
const sheet = files.sheetOf([sprite, sprite, sprite], 5, 4, 2, 1);
assert.deepEqual([sheet.width, sheet.height], [10, 8]);
fs.writeFileSync(`${folder}/sheet.png`, files.pngBytes(sheet.indices, sheet.width, sheet.height, facts.colours));
fs.writeFileSync(`${folder}/palette.gpl`, files.gplText(facts.colours));
fs.writeFileSync(`${folder}/palette.hex`, files.hexText(facts.colours));

// The drawing: a palette index and a lock for each pixel, with the way back; and how it is kept as a text.
"use strict";

class Drawing {
  constructor(facts) {
    this.facts = facts;
    this.width = facts.width;
    this.height = facts.height;
    this.pixels = new Uint8Array(this.width * this.height).fill(facts.background);
    this.locks = new Uint8Array(this.width * this.height);
    this.past = [];
    this.future = [];
    this.before = null;
  }

  copy() { return { pixels: this.pixels.slice(), locks: this.locks.slice() }; }

  isAs(other) {
    return this.pixels.every((p, i) => p === other.pixels[i]) && this.locks.every((l, i) => l === other.locks[i]);
  }

  // All changes from begin() to end() are one step back. end() tells whether there were any.
  begin() { this.before = this.copy(); }

  end() {
    const MOST_STEPS = 500, before = this.before;
    this.before = null;
    if (!before || this.isAs(before))
      return false;
    this.past.push(before);
    this.past.splice(0, this.past.length - MOST_STEPS);
    this.future = [];
    return true;
  }

  change(work) {
    this.begin();
    work(this);
    return this.end();
  }

  go(from, to) {
    if (!from.length)
      return false;
    to.push(this.copy());
    Object.assign(this, from.pop());
    return true;
  }

  undo() { return this.go(this.past, this.future); }
  redo() { return this.go(this.future, this.past); }

  // The pixels of one colour that touch each other, from pixel `at` on; locked ones are as a wall.
  area(at) {
    const colour = this.pixels[at], seen = new Set([at]), list = [at];
    for (const i of list) {
      const x = i % this.width;
      const around = [i - this.width, i + this.width, x > 0 ? i - 1 : -1, x + 1 < this.width ? i + 1 : -1];
      for (const j of around)
        if (j >= 0 && j < this.pixels.length && this.pixels[j] === colour && !this.locks[j] && !seen.has(j)) {
          seen.add(j);
          list.push(j);
        }
    }
    return list;
  }

  text() {
    return JSON.stringify({
      kind: "pixelmill drawing 1",
      width: this.width,
      height: this.height,
      palette: paletteText(this.facts.colours),
      pixels: Array.from(this.pixels),
      locks: Array.from(this.locks),
    });
  }

  // Takes what text() wrote, of this size and palette; else throws with what was wrong, and nothing has changed.
  take(text) {
    let kept;
    try {
      kept = JSON.parse(text);
    } catch {
      throw new Error("it cannot be read");
    }
    if (!kept || kept.kind !== "pixelmill drawing 1")
      throw new Error("it is no drawing of this page");
    if (kept.width !== this.width || kept.height !== this.height)
      throw new Error(`it has ${kept.width} x ${kept.height} pixels, not ${this.width} x ${this.height}`);
    if (kept.palette !== paletteText(this.facts.colours))
      throw new Error("it is in another palette");
    const is = (list, high) => Array.isArray(list) && list.length === this.pixels.length &&
      list.every((n) => Number.isInteger(n) && n >= 0 && n < high);
    if (!is(kept.pixels, this.facts.colours.length) || !is(kept.locks, 2))
      throw new Error("its pixels are damaged");
    this.pixels = Uint8Array.from(kept.pixels);
    this.locks = Uint8Array.from(kept.locks);
  }
}

// "#e03f48", with two more digits where it is not opaque.
function colourText([r, g, b, a]) {
  const hex = (n) => n.toString(16).padStart(2, "0");
  return "#" + hex(r) + hex(g) + hex(b) + (a < 255 ? hex(a) : "");
}

function paletteText(colours) { return colours.map(colourText).join(" "); }

// Keeps a text in the browser's storage, which may be full, or forbidden. What changes it tells the problem, or null.
class Keeper {
  constructor(name, storage) {
    this.name = name;
    this.storage = storage;
  }

  read() {
    try {
      return this.storage().getItem(this.name);
    } catch {
      return null;
    }
  }

  write(text) { return this.change((storage) => storage.setItem(this.name, text)); }

  // What is kept goes to another name, so that the next drawing does not overwrite it.
  setAside() {
    return this.change((storage) => {
      storage.setItem(`${this.name}, set aside`, storage.getItem(this.name));
      storage.removeItem(this.name);
    });
  }

  change(work) {
    try {
      work(this.storage());
      return null;
    } catch (error) {
      const full = error.name === "QuotaExceededError";
      return full ? "the browser's storage is full" : "the browser keeps nothing for this page";
    }
  }
}

if (typeof module !== "undefined")
  module.exports = { Drawing, Keeper, colourText, paletteText };

// The canvas that the drawing is seen on, and the ways to draw on it: mouse, pen, finger, keyboard.
"use strict";

// What each tool does with a pixel; `once` tools work where the stroke begins alone.
const TOOLS = {
  pen: {
    name: "Pen",
    use: (drawing, at, { colour, lockDrawn }) => {
      drawing.pixels[at] = colour;
      if (lockDrawn)
        drawing.locks[at] = 1;
    },
  },
  fill: {
    name: "Fill",
    once: true,
    use: (drawing, at, { colour, lockDrawn }) => {
      for (const i of drawing.area(at)) {
        drawing.pixels[i] = colour;
        if (lockDrawn)
          drawing.locks[i] = 1;
      }
    },
  },
  eraser: {
    name: "Eraser",
    use: (drawing, at) => {
      drawing.pixels[at] = drawing.facts.background;
      drawing.locks[at] = 0;
    },
  },
  pick: { name: "Take colour", once: true, use: (drawing, at, { pick }) => pick(drawing.pixels[at]) },
  replace: {
    name: "Replace colour",
    once: true,
    use: (drawing, at, { colour }) => {
      const old = drawing.pixels[at];
      drawing.pixels = drawing.pixels.map((index) => (index === old ? colour : index));
    },
  },
  lock: { name: "Lock", hinted: true, use: (drawing, at) => { drawing.locks[at] = 1; } },
  unlock: { name: "Unlock", hinted: true, use: (drawing, at) => { drawing.locks[at] = 0; } },
};

class Board {
  // hand() gives the tool and what tools need; changed() is called after a step that changed something; looked(at) when
  // the keyboard's place or its pixel is another.
  constructor(canvas, frame, drawing, { hand, changed, looked }) {
    Object.assign(this, { canvas, frame, drawing, hand, changed, looked });
    this.cursor = { x: drawing.width >> 1, y: drawing.height >> 1 };
    this.last = null; // the pixel that a stroke was at, null: there is no stroke
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", () => this.release());
    canvas.addEventListener("pointercancel", () => this.release());
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => this.show());
    canvas.addEventListener("blur", () => this.show());
    new ResizeObserver(() => this.show()).observe(frame);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.show());
  }

  at({ x, y }) { return y * this.drawing.width + x; }

  place(event) {
    const box = this.canvas.getBoundingClientRect(), { width, height } = this.drawing;
    const x = Math.floor((event.clientX - box.left - 1) / this.side);
    const y = Math.floor((event.clientY - box.top - 1) / this.side);
    return x >= 0 && y >= 0 && x < width && y < height ? { x, y } : null;
  }

  use(place) {
    const { tool, ...hand } = this.hand();
    TOOLS[tool].use(this.drawing, this.at(place), hand);
    this.show();
  }

  // ---- mouse, pen, finger ----

  press(event) {
    const place = this.place(event);
    if (!place || event.button > 0)
      return;
    this.canvas.setPointerCapture(event.pointerId);
    this.drawing.begin();
    this.last = this.cursor = place;
    this.use(place);
  }

  // Quick strokes skip pixels: those on the line between two events are drawn, too.
  move(event) {
    const place = this.last && this.place(event);
    if (!place || TOOLS[this.hand().tool].once)
      return;
    const { x, y } = this.last, steps = Math.max(Math.abs(place.x - x), Math.abs(place.y - y));
    for (let i = 1; i <= steps; i++)
      this.use({ x: Math.round(x + ((place.x - x) * i) / steps), y: Math.round(y + ((place.y - y) * i) / steps) });
    this.last = this.cursor = place;
  }

  release() {
    if (!this.last)
      return;
    this.last = null;
    if (this.drawing.end())
      this.changed();
    this.looked(this.cursor);
  }

  // ---- keyboard ----

  key(event) {
    const { width, height } = this.drawing, { x, y } = this.cursor;
    const moves = {
      ArrowLeft: { x: Math.max(x - 1, 0), y },
      ArrowRight: { x: Math.min(x + 1, width - 1), y },
      ArrowUp: { x, y: Math.max(y - 1, 0) },
      ArrowDown: { x, y: Math.min(y + 1, height - 1) },
      Home: { x: 0, y },
      End: { x: width - 1, y },
    };
    if (event.ctrlKey || event.metaKey || event.altKey)
      return;
    const letter = event.key.toLowerCase();
    if (moves[event.key]) {
      this.cursor = moves[event.key];
      if (event.shiftKey)
        this.step(() => this.use(this.cursor));
    } else if (event.key === " " || event.key === "Enter") {
      this.step(() => this.use(this.cursor));
    } else if (letter === "l") {
      this.step((drawing) => { drawing.locks[this.at(this.cursor)] ^= 1; });
    } else if (letter === "p") {
      this.hand().pick(this.drawing.pixels[this.at(this.cursor)]);
    } else if (event.key === "[" || event.key === "]") {
      const { colour, pick } = this.hand(), n = this.drawing.facts.colours.length;
      pick((colour + (event.key === "]" ? 1 : n - 1)) % n);
    } else {
      return;
    }
    event.preventDefault();
    this.show();
    this.looked(this.cursor);
  }

  step(work) {
    if (this.drawing.change(work))
      this.changed();
  }

  // ---- what is seen ----

  show() {
    const { width, height } = this.drawing, LARGEST = 32, EDGE = 2;
    const room = Math.max(this.frame.clientWidth - EDGE, width);
    this.side = Math.max(Math.min(Math.floor(room / width), LARGEST, Math.floor((LARGEST * 16) / height)), 2);
    const fine = window.devicePixelRatio || 1, pen = this.canvas.getContext("2d");
    this.canvas.width = Math.round(width * this.side * fine);
    this.canvas.height = Math.round(height * this.side * fine);
    this.canvas.style.width = `${width * this.side + EDGE}px`;
    this.canvas.style.height = `${height * this.side + EDGE}px`;
    pen.setTransform(fine, 0, 0, fine, 0, 0);
    this.drawing.pixels.forEach((index, i) => this.showPixel(pen, i, index));
    this.showGrid(pen);
    if (document.activeElement === this.canvas)
      this.showCursor(pen);
  }

  showPixel(pen, i, index) {
    const { width, facts, locks } = this.drawing, s = this.side, x = (i % width) * s, y = Math.floor(i / width) * s;
    const colour = facts.colours[index];
    paintSquare(pen, x, y, s, colour);
    if (!locks[i])
      return;
    pen.fillStyle = isLight(colour) ? "#1d1c22" : "#fbfaf7";
    pen.beginPath();
    pen.moveTo(x + s, y + s);
    pen.lineTo(x + s * 0.55, y + s);
    pen.lineTo(x + s, y + s * 0.55);
    pen.fill();
  }

  showGrid(pen) {
    const { width, height } = this.drawing, s = this.side;
    if (s < 8)
      return;
    pen.fillStyle = "rgb(128 128 128 / .35)";
    for (let x = 1; x < width; x++)
      pen.fillRect(x * s, 0, 1, height * s);
    for (let y = 1; y < height; y++)
      pen.fillRect(0, y * s, width * s, 1);
  }

  showCursor(pen) {
    const s = this.side, x = this.cursor.x * s, y = this.cursor.y * s;
    pen.lineWidth = 2;
    pen.strokeStyle = "#fbfaf7";
    pen.strokeRect(x - 1, y - 1, s + 2, s + 2);
    pen.strokeStyle = "#1d1c22";
    pen.strokeRect(x + 1, y + 1, s - 2, s - 2);
  }
}

function isLight([r, g, b, a]) { return a < 128 || 0.299 * r + 0.587 * g + 0.114 * b > 140; }

// A square of a colour; of a transparent one a chequered square.
function paintSquare(pen, x, y, side, colour) {
  const [r, g, b, a] = colour;
  if (a < 255) {
    pen.fillStyle = "#ffffff";
    pen.fillRect(x, y, side, side);
    pen.fillStyle = "#c4c4c4";
    pen.fillRect(x, y, side / 2, side / 2);
    pen.fillRect(x + side / 2, y + side / 2, side / 2, side / 2);
  }
  pen.fillStyle = `rgb(${r} ${g} ${b} / ${a / 255})`;
  pen.fillRect(x, y, side, side);
}

// A canvas with a sprite, `times` by `times` of it side by side, each pixel `scale` of the canvas' own.
function paintSprite(canvas, indices, { width, height, colours }, scale, times = 1) {
  canvas.width = width * scale * times;
  canvas.height = height * scale * times;
  const pen = canvas.getContext("2d");
  for (let y = 0; y < height * times; y++)
    for (let x = 0; x < width * times; x++)
      paintSquare(pen, x * scale, y * scale, scale, colours[indices[(y % height) * width + (x % width)]]);
  return canvas;
}

function spriteCanvas(indices, facts, scale) {
  return paintSprite(document.createElement("canvas"), indices, facts, scale);
}

// The page: what its buttons do.
"use strict";

const MANY = 12;
const byId = (id) => document.getElementById(id);
const percent = (share) => `${Math.round(share * 100)} %`;

// Words that are shown, and read out by a screen reader.
function say(text) { byId("status").textContent = text; }

function sayAlert(text) {
  const line = document.createElement("p");
  line.textContent = text;
  byId("alert").append(line);
  byId("alert").hidden = false;
}

// "data:TYPE;base64,…" in an element of the page.
function bytesOf(id) {
  const text = byId(id).textContent, binary = atob(text.slice(text.indexOf(",") + 1).trim());
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

// A row of buttons of which one is chosen; arrow keys go from one to the next, as in any group of radio buttons.
class Choice {
  // entries: [value, button]; chosen(value) is called when it changes.
  constructor(group, entries, chosen) {
    this.entries = entries;
    this.chosen = chosen;
    for (const [value, button] of entries) {
      button.type = "button";
      button.setAttribute("role", "radio");
      button.addEventListener("click", () => this.choose(value));
      group.append(button);
    }
    group.addEventListener("keydown", (event) => this.key(event));
    this.choose(entries[0][0]);
  }

  choose(value) {
    this.value = value;
    for (const [own, button] of this.entries) {
      button.setAttribute("aria-checked", own === value);
      button.tabIndex = own === value ? 0 : -1;
    }
    this.chosen(value);
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step)
      return;
    const seen = this.entries.filter(([, button]) => !button.hidden), n = seen.length;
    const [value, button] = seen[(seen.findIndex(([own]) => own === this.value) + step + n) % n];
    event.preventDefault();
    this.choose(value);
    button.focus();
  }
}

class Studio {
  constructor(facts, painter) {
    this.facts = facts;
    this.painter = painter;
    this.drawing = new Drawing(facts);
    this.banned = new Uint8Array(facts.colours.length);
    this.made = []; // of the gallery: { indices, nearest }
    this.busy = false;
    this.keeper = new Keeper(`pixelmill studio: ${document.title}`, () => localStorage);
    this.takeKept();
    this.addPalette();
    this.tool = new Choice(byId("tools"), Object.entries(TOOLS).map(([key, { name }]) => {
      const button = document.createElement("button");
      button.textContent = name;
      return [key, button];
    }), () => {});
    this.addSettings();
    this.board = new Board(byId("board"), byId("board-frame"), this.drawing, {
      hand: () => ({
        tool: this.tool.value,
        colour: this.colour.value,
        lockDrawn: byId("lock-drawn").checked,
        pick: (colour) => this.colour.choose(colour),
      }),
      changed: () => this.changed(),
      looked: (place) => this.sayPlace(place),
    });
    byId("board").setAttribute("aria-label", `Drawing of ${facts.width} by ${facts.height} pixels`);
    this.listen();
    this.showSteps();
    this.takesHints = true;
    painter.takesHints().then((takes) => this.showHinted(takes), () => {});
  }

  // A model that draws whole sprites alone has no use for locks and what goes with them.
  showHinted(takes) {
    this.takesHints = takes;
    if (takes)
      return;
    byId("lock-drawn").checked = false;
    for (const element of document.querySelectorAll(".hinted, #lock-all, #unlock-all, #ban"))
      element.hidden = true;
    for (const [key, button] of this.tool.entries)
      button.hidden = TOOLS[key].hinted === true;
    say("This model draws whole sprites.");
  }

  // ---- keeping ----

  takeKept() {
    const text = this.keeper.read();
    if (text === null)
      return;
    try {
      this.drawing.take(text);
      byId("kept").textContent = "Your last drawing is here again.";
    } catch (error) {
      const aside = this.keeper.setAside();
      const fate = aside ? `It stays until you draw, and then it is gone: ${aside}.`
        : "It is set aside in the browser's storage.";
      sayAlert(`The drawing kept in this browser was not taken: ${error.message}. ${fate}`);
    }
  }

  keep() {
    const problem = this.keeper.write(this.drawing.text());
    byId("kept").textContent = problem
      ? `Not kept: ${problem}. The drawing stays here as long as the page is open; save it as PNG.`
      : "The drawing is kept in this browser.";
  }

  changed() {
    byId("where").textContent = "\u00a0";
    this.board.show();
    this.showPreview();
    this.showSteps();
    this.keep();
  }

  // What will be a tile is seen side by side, too.
  showPreview() {
    const TIMES = 3, SIDE = 64, scale = Math.max(Math.floor(SIDE / this.facts.width), 1);
    byId("preview-frame").hidden = !byId("tile").checked;
    paintSprite(byId("preview"), this.drawing.pixels, this.facts, scale, TIMES);
  }

  showSteps() {
    byId("undo").disabled = this.drawing.past.length === 0;
    byId("redo").disabled = this.drawing.future.length === 0;
  }

  // One step back or forth; a button that ends disabled would lose the keyboard's place.
  travel(way, name) {
    const moved = this.drawing[way]();
    if (moved)
      this.changed();
    say(moved ? `${name}: done.` : `${name}: there is nothing more.`);
    if (document.activeElement === document.body)
      byId("board").focus();
  }

  // ---- palette ----

  colourName(index) {
    const text = colourText(this.facts.colours[index]);
    return `${index} ${text}${index === this.facts.background ? ", background" : ""}`;
  }

  addPalette() {
    const buttons = this.facts.colours.map((colour, index) => {
      const button = document.createElement("button");
      button.style.background = this.facts.colours[index][3] ? `rgb(${colour.slice(0, 3).join(" ")})`
        : "repeating-conic-gradient(#c4c4c4 0 25%, #ffffff 0 50%) 0 0 / 1rem 1rem";
      button.title = this.colourName(index);
      return [index, button];
    });
    this.swatches = buttons.map(([, button]) => button);
    this.colour = new Choice(byId("palette"), buttons, () => this.showColour());
    const first = this.facts.colours.findIndex((_, index) => index !== this.facts.background);
    this.colour.choose(Math.max(first, 0));
  }

  showColour() {
    if (!this.colour)
      return;
    const index = this.colour.value;
    byId("colour-name").textContent = this.colourName(index);
    byId("ban").setAttribute("aria-pressed", this.banned[index] === 1);
    this.swatches.forEach((button, i) => {
      button.classList.toggle("banned", this.banned[i] === 1);
      button.setAttribute("aria-label", `Colour ${this.colourName(i)}${this.banned[i] ? ", never drawn" : ""}`);
    });
  }

  sayPlace({ x, y }) {
    const at = y * this.drawing.width + x;
    byId("where").textContent = `Column ${x + 1}, row ${y + 1}: colour ${this.colourName(this.drawing.pixels[at])}` +
      (this.drawing.locks[at] ? ", locked" : "");
  }

  // ---- settings ----

  addSettings() {
    const { classes, settings } = this.facts, select = byId("class");
    const knowsAny = settings["classes.drop"] !== "0";
    const options = [[BY_SHARE, "as often as in training"], [EACH_CLASS, "each in turn"],
      ...(knowsAny ? [[ANY_CLASS, "no class"]] : []), ...classes.map((name, i) => [i, name])];
    select.append(...options.map(([value, name]) => new Option(name, value)));
    byId("class-field").hidden = byId("guidance-field").hidden = classes.length === 0;
    this.addRange("strength", "100", (v) => (v === "100" ? "all" : `${v} %`));
    this.addRange("temperature", settings["sampling.temperature"], (v) => v);
    this.addRange("guidance", settings["sampling.guidance_scale"], (v) => (v === "1" ? "none" : v));
    byId("temperature").closest(".field").hidden = !("sampling.temperature" in settings);
  }

  addRange(id, value, words) {
    const range = byId(id), show = () => {
      byId(`${id}-out`).textContent = words(range.value);
      range.setAttribute("aria-valuetext", words(range.value));
    };
    if (value !== undefined)
      range.value = value;
    range.addEventListener("input", show);
    show();
  }

  seed() {
    const MOST = 2n ** 64n, text = byId("seed").value.trim();
    return /^[0-9]+$/.test(text) && BigInt(text) < MOST ? BigInt(text) : null;
  }

  // What is to stay of the drawing.
  wish() {
    if (!this.takesHints)
      return {};
    return {
      pixels: this.drawing.pixels.slice(), locks: this.drawing.locks.slice(), banned: this.banned.slice(),
      symmetric: byId("symmetric").checked, shape: byId("shape").checked,
      particles: Number(byId("particles").value), strength: Number(byId("strength").value) / 100,
    };
  }

  // Why nothing can be drawn, in words; null if it can.
  obstacle() {
    const { pixels, locks, width, height } = this.drawing;
    if (this.seed() === null)
      return "the seed is no number below 18446744073709551616";
    if (!this.takesHints)
      return null;
    if (locks.every((lock) => lock))
      return "all pixels are locked; unlock those that the model may draw";
    if (this.banned.every((banned) => banned))
      return "every colour is set to be never drawn";
    for (let y = 0; byId("symmetric").checked && y < height; y++)
      for (let x = 0; x < width >> 1; x++) {
        const left = y * width + x, right = y * width + width - 1 - x;
        if (locks[left] && locks[right] && pixels[left] !== pixels[right])
          return "it cannot be symmetric: " +
            `columns ${x + 1} and ${width - x} of row ${y + 1} are locked to different colours`;
      }
    return null;
  }

  // What is asked of the engine.
  request(count) {
    const seed = this.seed(), has = (key) => key in this.facts.settings, settings = {}, wish = this.wish();
    const label = this.facts.classes.length ? Number(byId("class").value) : BY_SHARE;
    if (has("sampling.temperature"))
      settings["sampling.temperature"] = byId("temperature").value;
    if (has("sampling.guidance_scale"))
      settings["sampling.guidance_scale"] = label === ANY_CLASS ? "1" : byId("guidance").value;
    return { seed, count, label, settings, wish };
  }

  // ---- drawing ----

  // Runs `work` with the buttons that would start another disabled, and says what went wrong, if anything did.
  async alone(work) {
    if (this.busy)
      return;
    this.showBusy(true);
    try {
      await work();
    } catch (error) {
      say(error instanceof Stopped ? "Stopped; the drawing is as it was."
        : `Nothing was drawn: ${error.message}. The drawing is as it was.`);
      if (this.seed() === null)
        byId("seed").focus();
    }
    this.showBusy(false);
  }

  showBusy(busy) {
    this.busy = busy;
    for (const id of ["draw", "draw-many"])
      byId(id).setAttribute("aria-disabled", busy);
    byId("stop").hidden = !busy;
    byId("progress").hidden = true;
    byId("gallery").setAttribute("aria-busy", busy);
  }

  // How many sprites are drawn at a time: as many as fill a block of the sampler; all where nothing is fixed.
  groupOf({ count, wish: { locks, shape, strength, particles } }) {
    const BLOCK = 16, weighs = byId("tile").checked || (locks && (locks.includes(1) || shape || strength < 1));
    return this.takesHints && weighs ? Math.max(Math.floor(BLOCK / particles), 1) : count;
  }

  // The sprites asked for, each with what it is nearest to.
  async sprites(count) {
    const obstacle = this.obstacle(), sprite = this.facts.width * this.facts.height, made = [];
    if (obstacle)
      throw new Error(obstacle);
    const request = this.request(count), group = this.groupOf(request), tile = this.takesHints && byId("tile").checked;
    request.label = await this.painter.labelFor(request);
    for (let first = 0; first < count; first += group) {
      this.showProgress(first, count);
      const part = { ...request, first, count: Math.min(group, count - first) };
      let indices = await this.painter.draw(part);
      if (tile)
        indices = await this.painter.tile({ ...part, indices });
      const nearest = await this.painter.nearest(indices, part.count);
      for (let i = 0; i < part.count; i++)
        made.push({ indices: indices.slice(i * sprite, (i + 1) * sprite), nearest: nearest && nearest[i] });
    }
    if (byId("count-seed").checked)
      byId("seed").value = BigInt.asUintN(64, request.seed + 1n);
    const found = request.label >= 0 && byId("class").value === String(BY_SHARE);
    const own = found ? `, of the drawing's class ${this.facts.classes[request.label]},` : "";
    return { made, how: `with seed ${request.seed}${own}` };
  }

  showProgress(done, count) {
    byId("progress").max = count;
    byId("progress").value = done;
    byId("progress").hidden = count === 1;
  }

  novelty(nearest) {
    if (!nearest)
      return "";
    return nearest.copy ? `A copy of number ${nearest.number} of the training sprites.`
      : `New: ${percent(nearest.distance)} of its pixels differ from the nearest training sprite.`;
  }

  take(indices) {
    this.drawing.change((drawing) => { drawing.pixels = indices.slice(); });
    this.changed();
  }

  drawOne() {
    return this.alone(async () => {
      say("Drawing …");
      const { made: [one], how } = await this.sprites(1);
      this.take(one.indices);
      say(`Drawn ${how}. ${this.novelty(one.nearest)}`);
    });
  }

  drawMany() {
    return this.alone(async () => {
      say(`Drawing ${MANY} …`);
      const begun = performance.now(), { made, how } = await this.sprites(MANY);
      this.made = made;
      this.showGallery();
      const copies = made.filter(({ nearest }) => nearest && nearest.copy).length;
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      say(`${MANY} drawn ${how} in ${seconds} s; ${copies === 0 ? "none is a copy" :
        copies === 1 ? "one is a copy of a training sprite" : `${copies} are copies of training sprites`}.`);
    });
  }

  // What was locked belonged to another picture.
  async openPicture(input) {
    const [file] = input.files;
    if (!file)
      return;
    try {
      const { indices, changed } = await readPicture(file, this.facts);
      this.drawing.change((drawing) => {
        drawing.pixels = indices;
        drawing.locks = new Uint8Array(indices.length);
      });
      this.changed();
      say(`${file.name} is in the drawing; nothing of it is locked.` + (changed === 0 ? ""
        : ` ${changed} of its pixels took the nearest colour of the palette.`));
    } catch (error) {
      say(`${file.name} was not opened: ${error.message}. The drawing is as it was.`);
    }
    input.value = ""; // so that the same file can be opened again
  }

  // ---- gallery ----

  showGallery() {
    byId("gallery").replaceChildren(...this.made.map((one, i) => this.galleryItem(one, i)));
    byId("gallery-help").textContent = "Choose one to go on with it in the drawing. Locks stay where they are.";
    byId("save-sheet").disabled = false;
  }

  galleryItem({ indices, nearest }, i) {
    const [item, button, words] = ["li", "button", "small"].map((name) => document.createElement(name));
    button.type = "button";
    button.append(spriteCanvas(indices, this.facts, 4), words);
    button.setAttribute("aria-label", `Sprite ${i + 1}. ${this.novelty(nearest)} Take it into the drawing`);
    button.addEventListener("click", () => {
      this.take(indices);
      say(`Sprite ${i + 1} is in the drawing. ${this.novelty(nearest)}`);
    });
    if (nearest && nearest.copy) {
      const sprite = this.facts.width * this.facts.height, at = nearest.place * sprite;
      const origin = spriteCanvas(this.facts.trainingIndex.subarray(at, at + sprite), this.facts, 2);
      origin.className = "origin";
      button.classList.add("copy");
      button.append(origin);
    }
    if (nearest)
      words.textContent = nearest.copy ? `copy of ${nearest.number}` : `new, ${percent(nearest.distance)} off`;
    item.append(button);
    return item;
  }

  // ---- files ----

  save(name, bytes, type) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    say(`${name} is saved among your downloads.`);
  }

  savePicture(name, { indices, width, height }) {
    const scale = Number(byId("scale").value);
    this.save(name, pngBytes(indices, width, height, this.facts.colours, scale), "image/png");
  }

  saveDrawing() {
    const { pixels, width, height } = this.drawing;
    this.savePicture("sprite.png", { indices: pixels, width, height });
  }

  saveSheet() {
    const COLUMNS = 4, { width, height, background } = this.facts;
    const sprites = this.made.map(({ indices }) => indices);
    this.savePicture("sheet.png", sheetOf(sprites, width, height, COLUMNS, background));
  }

  // ---- what the page listens to ----

  listen() {
    const locks = (lock) => () => {
      if (this.drawing.change((drawing) => drawing.locks.fill(lock)))
        this.changed();
      say(lock ? "All pixels are locked." : "No pixel is locked.");
    };
    const clear = () => {
      const cleared = this.drawing.change((drawing) => {
        drawing.pixels = drawing.pixels.map((index, i) => (drawing.locks[i] ? index : this.facts.background));
      });
      if (cleared)
        this.changed();
      say("Cleared, but for locked pixels.");
    };
    const clicks = {
      "undo": () => this.travel("undo", "Undo"),
      "redo": () => this.travel("redo", "Redo"),
      "lock-all": locks(1),
      "unlock-all": locks(0),
      "clear": clear,
      "draw": () => this.drawOne(),
      "draw-many": () => this.drawMany(),
      "stop": () => this.painter.stop(),
      "ban": () => this.ban(),
      "other-seed": () => { byId("seed").value = crypto.getRandomValues(new Uint32Array(1))[0]; },
      "save-png": () => this.saveDrawing(),
      "save-sheet": () => this.saveSheet(),
      "save-gpl": () => this.save("palette.gpl", gplText(this.facts.colours), "text/plain"),
      "save-hex": () => this.save("palette.hex", hexText(this.facts.colours), "text/plain"),
    };
    for (const [id, click] of Object.entries(clicks))
      byId(id).addEventListener("click", click);
    byId("open").addEventListener("change", () => this.openPicture(byId("open")));
    byId("tile").addEventListener("change", () => this.showPreview());
    document.addEventListener("keydown", (event) => this.key(event));
  }

  ban() {
    const index = this.colour.value;
    this.banned[index] ^= 1;
    this.showColour();
    const fate = this.banned[index] ? "never drawn, but for locked pixels" : "drawn again";
    say(`Colour ${this.colourName(index)} is ${fate}.`);
  }

  key(event) {
    const letter = event.key.toLowerCase(), typing = event.target.matches("input[type=text]");
    if (!(event.ctrlKey || event.metaKey) || typing || (letter !== "z" && letter !== "y"))
      return;
    event.preventDefault();
    if (letter === "y" || event.shiftKey)
      this.travel("redo", "Redo");
    else
      this.travel("undo", "Undo");
  }
}

function begin() {
  let facts, model;
  try {
    model = bytesOf("model");
    facts = readFacts(model);
  } catch (error) {
    sayAlert(`This page is damaged: ${error.message}. Get it anew; what it kept in your browser stays there.`);
    return;
  }
  const painter = new Painter([byId("engine.js").textContent, byId("worker.js").textContent], bytesOf("wasm"), model);
  byId("studio").hidden = false;
  byId("about").textContent += `: ${facts.width} x ${facts.height} pixels, ${facts.colours.length} colours` +
    (facts.classes.length ? `, ${facts.classes.length} classes` : "") + ". Drawn in this page; nothing leaves it.";
  new Studio(facts, painter);
  painter.started.catch((error) =>
    sayAlert(`The model of this page cannot draw: ${error.message}. ` +
      "You can still draw by hand and save; get the page anew."));
}

begin();

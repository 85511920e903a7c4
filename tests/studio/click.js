// click.js PAGE.html FOLDER: the page in a headless Chromium, used as a person would. Ends with status 1 at the first
// thing that is wrong. Leaves in the folder what it saved (sheet.png, sprite.png, palette.gpl, palette.hex), its
// pictures (desktop and phone, light and dark) and seconds.txt.
"use strict";
const assert = require("assert");
const fs = require("fs");
const { Browser } = require("./browser.js");

const [page, folder] = process.argv.slice(2);
const url = `file://${fs.realpathSync(page)}`;
const QUIET = `document.getElementById("stop").hidden &&
  !/^Drawing/.test(document.getElementById("status").textContent)`;
const KEPT = `JSON.parse(Object.entries(localStorage).find(([key]) =>
  key.startsWith("pixelmill studio") && !key.endsWith("aside"))?.[1] ?? "null")`;

let browser;
const kept = () => browser.ask(KEPT);
const status = () => browser.text("#status");
async function press(button) {
  await browser.click(button);
  await browser.until(QUIET, 60);
}
async function says(pattern, selector = "#status") {
  const text = await browser.text(selector);
  assert.match(text, pattern, `${selector}: "${text}"`);
}
async function open(address = url) {
  await browser.visit(address);
  await browser.until(`!document.getElementById("studio").hidden`);
}
// Clicks the pixel in column x, row y, counted from 0.
const pixel = (x, y) => browser.click("#board", (x + 0.5) / 16, (y + 0.5) / 16);
const toolNames = `[...document.querySelectorAll("#tools button")].map((button) => button.textContent)`;
async function tool(name) {
  await browser.click(`#tools button:nth-child(${(await browser.ask(toolNames)).indexOf(name) + 1})`);
}
const colour = (i) => browser.click(`#palette button:nth-child(${i + 1})`);

async function drawsTwelve() {
  await press("#draw-many");
  await says(/^12 drawn with seed 1 in /);
  assert.equal(await browser.ask(`document.querySelectorAll("#gallery li").length`), 12);
  await browser.click("#save-sheet");
  fs.writeFileSync(`${folder}/sheet.png`, await browser.download("sheet.png"));
  await press("#draw-many");
  fs.writeFileSync(`${folder}/seconds.txt`, `${(await status()).match(/in ([0-9.]+) s/)[1]}\n`);
  assert.equal(await browser.ask(`document.getElementById("seed").value`), "3");
  await browser.click("#gallery li:nth-child(5) button");
  await says(/^Sprite 5 is in the drawing/);
}

async function drawsByHand() {
  await press("#clear");
  await tool("Pen");
  await colour(3);
  await browser.drag("#board", [[0.5 / 16, 0.5 / 16], [3.5 / 16, 0.5 / 16]]);
  let now = await kept();
  assert.deepEqual(now.pixels.slice(0, 5), [3, 3, 3, 3, now.pixels[20]]);
  assert.deepEqual(now.locks.slice(0, 5), [1, 1, 1, 1, 0]);
  await says(/Column 4, row 1: colour 3 #[0-9a-f]{6}, locked/, "#where");
  await browser.click("#undo");
  assert.deepEqual((await kept()).locks.slice(0, 4), [0, 0, 0, 0]);
  await browser.key("y", 2);
  assert.deepEqual((await kept()).pixels.slice(0, 4), [3, 3, 3, 3]);
  await tool("Lock");
  await pixel(8, 8);
  assert.equal((await kept()).locks[8 * 16 + 8], 1);
  await tool("Eraser");
  await pixel(3, 0);
  now = await kept();
  assert.deepEqual([now.pixels[3], now.locks[3]], [now.pixels[20], 0]);
  await tool("Take colour");
  await pixel(1, 0);
  await says(/^3 #/, "#colour-name");
}

async function drawsByKeyboard() {
  await tool("Pen");
  await browser.ask(`document.getElementById("board").focus()`);
  await browser.key("ArrowRight");
  await browser.key("ArrowDown");
  await browser.key(" ");
  await says(/Column 3, row 2: colour 3 .*, locked/, "#where");
  assert.equal((await kept()).pixels[16 + 2], 3);
  await browser.key("l");
  await says(/Column 3, row 2: colour 3 #[0-9a-f]{6}$/, "#where");
  await browser.key("ArrowRight", 8);
  await says(/Column 4, row 2: colour 3 .*, locked/, "#where");
  await browser.key("]");
  await says(/^4 #/, "#colour-name");
  await browser.ask(`document.querySelector("#tools [aria-checked=true]").focus()`);
  await browser.key("ArrowRight");
  assert.equal(await browser.ask("document.activeElement.textContent"), "Fill");
  assert.equal(await browser.ask(`document.activeElement.getAttribute("aria-checked")`), "true");
}

async function drawsTheRest() {
  const before = await kept();
  await press("#draw");
  await says(/^Drawn with seed 3.*(New|A copy)/);
  const after = await kept();
  before.locks.forEach((lock, i) => assert(!lock || after.pixels[i] === before.pixels[i]));
  assert.notDeepEqual(after.pixels, before.pixels);
  await browser.choose("#strength", 10);
  await press("#draw");
  const changed = (await kept()).pixels.filter((p, i) => p !== after.pixels[i]).length;
  assert(changed < 64, `${changed} pixels of 256 changed at a strength of 10 %`);
  await browser.choose("#strength", 100);
  await press("#unlock-all");
  await browser.click("#symmetric");
  await press("#draw");
  const { pixels } = await kept();
  pixels.forEach((p, i) => assert.equal(p, pixels[i - (i % 16) + 15 - (i % 16)]));
  await browser.click("#symmetric");
  await browser.click("#shape");
  await browser.click("#tile");
  assert(!(await browser.ask(`document.getElementById("preview-frame").hidden`)));
  await press("#draw");
  await says(/^Drawn with seed/);
  await browser.click("#shape");
  await browser.click("#tile");
  await colour(3);
  await browser.click("#ban");
  await press("#draw");
  assert(!(await kept()).pixels.includes(3));
  await browser.click("#ban");
}

async function refuses() {
  const before = await kept();
  await browser.type("#seed", "seven");
  await press("#draw");
  await says(/^Nothing was drawn: the seed is no number/);
  await browser.type("#seed", "18446744073709551616");
  await press("#draw-many");
  await says(/^Nothing was drawn: the seed is no number/);
  await browser.type("#seed", "18446744073709551615");
  assert.deepEqual((await kept()).pixels, before.pixels);
  await press("#draw");
  await says(/^Drawn with seed 18446744073709551615/);
  assert.equal(await browser.ask(`document.getElementById("seed").value`), "0");
  await press("#lock-all");
  const locked = await kept();
  for (const button of ["#draw", "#draw-many"]) {
    await press(button);
    await says(/^Nothing was drawn: all pixels are locked/);
  }
  assert.deepEqual((await kept()).pixels, locked.pixels);
  await browser.click("#undo");
  await browser.choose("#particles", 32);
  await browser.choose("#strength", 50);
  await browser.click("#draw-many");
  await browser.until(`!document.getElementById("stop").hidden`);
  await browser.click("#stop");
  await browser.until(QUIET);
  await says(/^Stopped/);
  await browser.choose("#particles", 8);
  await press("#draw");
  await says(/^Drawn with/);
  await browser.choose("#strength", 100);
}

async function keeps() {
  const before = await kept();
  await open();
  await says(/here again/, "#kept");
  await browser.ask(`Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); }`);
  await tool("Pen");
  await colour(5);
  await pixel(0, 15);
  await says(/^Not kept: the browser's storage is full.*save it as PNG/, "#kept");
  await says(/Column 1, row 16: colour 5/, "#where");
  assert.deepEqual(await kept(), before);
  await browser.click("#save-png");
  fs.writeFileSync(`${folder}/sprite.png`, await browser.download("sprite.png"));
  for (const name of ["gpl", "hex"]) {
    await browser.click(`#save-${name}`);
    fs.writeFileSync(`${folder}/palette.${name}`, await browser.download(`palette.${name}`));
  }
  await open();
  await browser.ask(`localStorage.setItem(Object.keys(localStorage)[0], "{}")`);
  await open();
  await says(/was not taken: it is no drawing of this page. It is set aside/, "#alert");
  assert(await browser.ask(`Object.entries(localStorage).some(([key, text]) =>
    key.endsWith("set aside") && text === "{}")`));
}

// A page that was cut, or changed, on its way.
async function tellsDamage() {
  const text = fs.readFileSync(page, "utf8"), at = text.indexOf("data:application/octet-stream;base64,");
  const damaged = async (name, change) => {
    fs.writeFileSync(`${folder}/${name}.html`, text.slice(0, at) + change(text.slice(at)));
    await browser.visit(`file://${fs.realpathSync(`${folder}/${name}.html`)}`);
    await browser.until(`!document.getElementById("alert").hidden`);
    fs.unlinkSync(`${folder}/${name}.html`);
  };
  await damaged("short", (model) => model.replace(/[A-Za-z0-9+/]{400}={0,2}(?=<)/, ""));
  await says(/cannot draw: the page's model: is cut off.*still draw by hand/, "#alert");
  await pixel(1, 1);
  assert.equal((await kept()).locks[17], 1);
  await press("#draw");
  await says(/^Nothing was drawn: the page's model: is cut off/);
  await damaged("other", (model) => model.replace("base64,cGl4", "base64,cGx4"));
  await says(/This page is damaged: the page's model: does not begin as one/, "#alert");
}

async function isReadable() {
  await open();
  const { nodes } = await browser.send("Accessibility.getFullAXTree");
  const roles = ["button", "checkbox", "radio", "slider", "textbox", "combobox", "application", "radiogroup", "img"];
  for (const { role, name, ignored } of nodes)
    assert(ignored || !roles.includes(role?.value) || name?.value, `a ${role?.value} without a name`);
  for (const seen of roles.slice(0, 7))
    assert(nodes.some(({ role }) => role?.value === seen), `there is no ${seen}`);
  await press("#draw-many");
  for (const width of [320, 390, 1200])
    for (const dark of [false, true]) {
      await browser.screen({ width, phone: width < 400, dark });
      const sideways = await browser.ask("document.documentElement.scrollWidth > innerWidth");
      assert(!sideways, `${width} pixels: it can be moved sideways`);
      await browser.picture(`${folder}/page-${width}-${dark ? "dark" : "light"}.png`);
    }
  await browser.screen({ width: 390, height: 844, phone: true });
  await browser.touch("#board", 2.5 / 16, 2.5 / 16);
  await says(/Column 3, row 3/, "#where");
  const small = await browser.ask(`[...document.querySelectorAll("button, select, input[type=text]")]
    .filter((e) => e.offsetHeight && (e.offsetHeight < 38 || e.offsetWidth < 38)).map((e) => e.id || e.textContent)`);
  assert.deepEqual(small, [], "too small for a finger");
}

(async () => {
  browser = await Browser.open();
  try {
    await browser.screen({ width: 1200 });
    await open();
    for (const part of [drawsTwelve, drawsByHand, drawsByKeyboard, drawsTheRest, refuses, keeps, tellsDamage,
      isReadable]) {
      await part();
      console.log(part.name);
    }
    assert.deepEqual(browser.problems, []);
    assert.deepEqual(browser.requests.filter((address) => !/^(file|blob|data):/.test(address)), []);
  } catch (error) {
    console.error(error, browser.problems, await status().catch(() => ""));
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
})();

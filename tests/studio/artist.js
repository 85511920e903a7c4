// artist.js PAGE.html FOLDER HERO.png ROWS: what an artist does with a model of an own sheet, by clicking: opens a
// picture, locks its upper rows, chooses among twelve drawings that keep them, recolours two and saves all. Whatever
// the size of the sprites. Ends with status 1 at the first thing that is wrong. Leaves in the folder bodies.png (the
// twelve), one.png and two.png (recoloured), and pictures of the page.
"use strict";
const assert = require("assert");
const fs = require("fs");
const { Browser } = require("./browser.js");

const [page, folder, hero, rows] = process.argv.slice(2);
const QUIET = `document.getElementById("stop").hidden &&
  !/^Drawing/.test(document.getElementById("status").textContent)`;
const KEPT = `JSON.parse(Object.entries(localStorage).find(([key]) =>
  key.startsWith("pixelmill studio") && !key.endsWith("aside"))?.[1] ?? "null")`;
const toolNames = `[...document.querySelectorAll("#tools button")].map((button) => button.textContent)`;

let browser;
const kept = () => browser.ask(KEPT);
async function says(pattern) {
  const text = await browser.text("#status");
  assert.match(text, pattern, text);
}
async function press(button) {
  await browser.click(button);
  await browser.until(QUIET, 300);
}
async function tool(name) {
  await browser.click(`#tools button:nth-child(${(await browser.ask(toolNames)).indexOf(name) + 1})`);
}
async function opens(file, pattern) {
  await browser.ask(`document.getElementById("status").textContent = ""`);
  await browser.chooseFile("#open", file);
  await browser.until(`document.getElementById("status").textContent !== ""`);
  await says(pattern);
}

async function opensTheHero() {
  fs.writeFileSync(`${folder}/no-picture.png`, "no picture");
  await opens(`${folder}/no-picture.png`, /no-picture.png was not opened: it is no picture .*as it was/);
  await opens(hero, /is in the drawing; nothing of it is locked\.$/);
}

// The lock tool, drawn along the rows.
async function locksTheFace() {
  const { width, height } = await kept();
  await tool("Lock");
  for (let y = 0; y < rows; y++)
    await browser.drag("#board", [[0.5 / width, (y + 0.5) / height], [1 - 0.5 / width, (y + 0.5) / height]]);
  const { locks } = await kept();
  locks.forEach((lock, i) => assert.equal(lock, i < rows * width ? 1 : 0));
  return kept();
}

async function choosesBodies(face) {
  await press("#draw-many");
  await says(/^12 drawn with seed 1, of the drawing's class|^12 drawn with seed 1 in/);
  assert.equal(await browser.ask(`document.querySelectorAll("#gallery li").length`), 12);
  await browser.click("#save-sheet");
  fs.writeFileSync(`${folder}/bodies.png`, await browser.download("sheet.png"));
  for (const [n, name] of [[2, "one"], [7, "two"]]) {
    await browser.click(`#gallery li:nth-child(${n}) button`);
    await says(new RegExp(`^Sprite ${n} is in the drawing`));
    const before = await kept(), size = face.locks.length;
    for (let i = 0; i < size; i++)
      assert(!face.locks[i] || before.pixels[i] === face.pixels[i], `${name}: pixel ${i} was locked`);
    assert.notDeepEqual(before.pixels, face.pixels);
    await recolours(before);
    await browser.click("#save-png");
    fs.writeFileSync(`${folder}/${name}.png`, await browser.download("sprite.png"));
  }
}

// What is most frequent in the lower part, but for the background, takes another colour, and nothing else does.
async function recolours({ pixels, width, height }) {
  const background = Number((await browser.ask(`[...document.querySelectorAll("#palette button")]
    .findIndex((button) => /background/.test(button.title))`)));
  const times = new Map();
  pixels.forEach((p, i) => i >= rows * width && p !== background && times.set(p, (times.get(p) || 0) + 1));
  const old = [...times].sort((a, b) => b[1] - a[1])[0][0], at = pixels.indexOf(old, rows * width);
  const fresh = (old + 3) % (await browser.ask(`document.querySelectorAll("#palette button").length`));
  await browser.click(`#palette button:nth-child(${fresh + 1})`);
  await tool("Replace colour");
  await browser.click("#board", ((at % width) + 0.5) / width, (Math.floor(at / width) + 0.5) / height);
  const after = await kept();
  assert.deepEqual(after.pixels, pixels.map((p) => (p === old ? fresh : p)));
}

async function isSeen() {
  for (const [width, dark] of [[1200, false], [1200, true], [390, false], [390, true], [320, false]]) {
    await browser.screen({ width, phone: width < 400, dark });
    assert(!(await browser.ask("document.documentElement.scrollWidth > innerWidth")), `${width}: sideways`);
    await browser.picture(`${folder}/artist-${width}-${dark ? "dark" : "light"}.png`);
  }
}

(async () => {
  browser = await Browser.open();
  try {
    await browser.screen({ width: 1200 });
    await browser.visit(`file://${fs.realpathSync(page)}`);
    await browser.until(`!document.getElementById("studio").hidden`);
    await opensTheHero();
    await choosesBodies(await locksTheFace());
    await isSeen();
    assert.deepEqual(browser.problems, []);
    console.log(await browser.text("#about"));
  } catch (error) {
    console.error(error, browser.problems, await browser.text("#status").catch(() => ""));
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
})();

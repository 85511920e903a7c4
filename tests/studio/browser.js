// A headless Chromium for the tests, driven as a person would: real mouse and key events. Over a pipe, so that nothing
// listens and nothing but node is needed. CHROMIUM names another browser.
"use strict";
const { spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");

// Key codes; letters have their own.
const CODES = { " ": 32, Enter: 13, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40, Tab: 9 };

class Browser {
  static async open() {
    const browser = new Browser();
    await browser.start();
    return browser;
  }

  async start() {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "pixelmill-browser-"));
    this.child = spawn(process.env.CHROMIUM || "chromium", ["--headless=new", "--no-sandbox", "--disable-gpu",
      "--disable-dev-shm-usage", "--no-first-run", `--user-data-dir=${this.folder}/profile`, "--remote-debugging-pipe",
      "about:blank"],
      { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.id = 0;
    this.waiting = new Map();
    this.problems = []; // what the page logged as an error
    this.requests = []; // addresses that it asked for
    let text = "";
    this.child.stdio[4].on("data", (bytes) => {
      text += bytes;
      const messages = text.split("\0");
      text = messages.pop();
      messages.forEach((message) => this.hear(JSON.parse(message)));
    });
    const { targetInfos } = await this.send("Target.getTargets");
    const page = targetInfos.find(({ type }) => type === "page");
    this.session = (await this.send("Target.attachToTarget", { targetId: page.targetId, flatten: true })).sessionId;
    for (const domain of ["Page", "Runtime", "Log", "Network"])
      await this.send(`${domain}.enable`);
    await this.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: `${this.folder}/downloads` });
  }

  send(method, params = {}) {
    const id = ++this.id;
    this.child.stdio[3].write(JSON.stringify({ id, method, params, sessionId: this.session }) + "\0");
    return new Promise((done, failed) => this.waiting.set(id, { done, failed, method }));
  }

  hear({ id, result, error, method, params }) {
    if (id) {
      const { done, failed, method: asked } = this.waiting.get(id);
      this.waiting.delete(id);
      return error ? failed(new Error(`${asked}: ${error.message}`)) : done(result);
    }
    if (method === "Runtime.exceptionThrown")
      this.problems.push(params.exceptionDetails.exception?.description || params.exceptionDetails.text);
    if (method === "Log.entryAdded" && params.entry.level === "error")
      this.problems.push(params.entry.text);
    if (method === "Network.requestWillBeSent")
      this.requests.push(params.request.url);
    if (method === "Page.loadEventFired" && this.loaded)
      this.loaded();
  }

  // ---- what a person does ----

  async visit(url) {
    const loaded = new Promise((done) => { this.loaded = done; });
    await this.send("Page.navigate", { url });
    await loaded;
  }

  async ask(expression) {
    const how = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails: thrown } = await this.send("Runtime.evaluate", how);
    if (thrown)
      throw new Error(`${expression}: ${thrown.exception?.description || thrown.text}`);
    return result.value;
  }

  async until(expression, seconds = 20) {
    for (const end = Date.now() + 1000 * seconds; Date.now() < end;) {
      if (await this.ask(expression))
        return;
      await new Promise((done) => setTimeout(done, 30));
    }
    throw new Error(`never came true: ${expression}`);
  }

  // dx, dy: shares of the element's size, where in it.
  async place(selector, dx = 0.5, dy = 0.5) {
    const place = await this.ask(`(() => { const e = document.querySelector(${JSON.stringify(selector)});
      if (!e) return null; e.scrollIntoView({ block: "center" }); const b = e.getBoundingClientRect();
      return b.width ? { x: b.left + b.width * ${dx}, y: b.top + b.height * ${dy} } : null; })()`);
    if (!place)
      throw new Error(`there is no ${selector} to be seen`);
    return place;
  }

  mouse(type, { x, y }) {
    const buttons = type === "mouseReleased" ? 0 : 1;
    return this.send("Input.dispatchMouseEvent", { type, x, y, button: "left", buttons, clickCount: 1 });
  }

  async click(selector, dx, dy) { await this.drag(selector, [[dx, dy]]); }

  async drag(selector, path) {
    const places = [];
    for (const [dx, dy] of path)
      places.push(await this.place(selector, dx, dy));
    await this.mouse("mousePressed", places[0]);
    for (const place of places.slice(1))
      await this.mouse("mouseMoved", place);
    await this.mouse("mouseReleased", places[places.length - 1]);
  }

  async touch(selector, dx, dy) {
    const { x, y } = await this.place(selector, dx, dy);
    await this.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x, y }] });
    await this.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  }

  // modifiers: 2 control, 8 shift
  async key(key, modifiers = 0) {
    const text = key.length === 1 && !(modifiers & 2) ? key : key === "Enter" ? "\r" : undefined;
    const event = { key, modifiers, windowsVirtualKeyCode: CODES[key] || key.toUpperCase().charCodeAt(0) };
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", text, ...event });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  async type(selector, text) {
    await this.ask(`document.querySelector(${JSON.stringify(selector)}).select()`);
    await this.click(selector);
    await this.ask(`document.querySelector(${JSON.stringify(selector)}).select()`);
    await this.send("Input.insertText", { text });
  }

  // Chooses a file in an input for files, as its dialogue does.
  async chooseFile(selector, file) {
    const { root } = await this.send("DOM.getDocument");
    const { nodeId } = await this.send("DOM.querySelector", { nodeId: root.nodeId, selector });
    await this.send("DOM.setFileInputFiles", { nodeId, files: [fs.realpathSync(file)] });
  }

  // Sets a select or a range as choosing does.
  async choose(selector, value) {
    await this.ask(`(() => {
      const e = document.querySelector(${JSON.stringify(selector)});
      e.value = ${JSON.stringify(String(value))};
      for (const name of ["input", "change"])
        e.dispatchEvent(new Event(name, { bubbles: true }));
    })()`);
  }

  text(selector) { return this.ask(`document.querySelector(${JSON.stringify(selector)}).textContent`); }

  async screen({ width, height = 900, phone = false, dark = false }) {
    const device = { width, height, deviceScaleFactor: phone ? 2 : 1, mobile: phone };
    await this.send("Emulation.setDeviceMetricsOverride", device);
    await this.send("Emulation.setTouchEmulationEnabled", { enabled: phone });
    const features = [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }];
    await this.send("Emulation.setEmulatedMedia", { features });
    await this.ask("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
  }

  async picture(file) {
    const { cssContentSize: { width, height } } = await this.send("Page.getLayoutMetrics");
    const whole = { captureBeyondViewport: true, clip: { x: 0, y: 0, width, height, scale: 1 } };
    const { data } = await this.send("Page.captureScreenshot", whole);
    fs.writeFileSync(file, Buffer.from(data, "base64"));
  }

  async download(name) {
    const file = `${this.folder}/downloads/${name}`;
    for (let i = 0; i < 200 && !fs.existsSync(file); i++)
      await new Promise((done) => setTimeout(done, 30));
    const bytes = fs.readFileSync(file);
    fs.unlinkSync(file); // another of the same name may come
    return bytes;
  }

  async close() {
    const ended = new Promise((done) => this.child.once("exit", done));
    await Promise.race([this.send("Browser.close").catch(() => {}), ended]);
    await ended;
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

module.exports = { Browser };

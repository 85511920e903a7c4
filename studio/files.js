// What the page saves: PNG with the palette's own indices, so that no browser can change a colour on the way, and
// palettes as artists keep them.
"use strict";

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++)
    n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes)
    crc = crcTable[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

function adler32(bytes) {
  let a = 1, b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}

const bigEndian = (n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// A zlib stream of stored blocks: nothing is compressed, sprites are small.
function stored(bytes) {
  const MOST = 65535, parts = [[0x78, 0x01]];
  for (let at = 0; at === 0 || at < bytes.length; at += MOST) {
    const block = bytes.subarray(at, at + MOST), n = block.length;
    parts.push([at + MOST >= bytes.length ? 1 : 0, n & 255, n >> 8, ~n & 255, (~n >> 8) & 255], block);
  }
  return join(...parts, bigEndian(adler32(bytes)));
}

// A PNG of palette indices [height,width], each pixel `scale` times as large.
function pngBytes(indices, width, height, colours, scale = 1) {
  const INDEXED = 3, W = width * scale, H = height * scale;
  const rows = new Uint8Array(H * (W + 1)); // each begins with its filter: none
  for (let y = 0; y < H; y++)
    for (let x = 0; x < W; x++)
      rows[y * (W + 1) + 1 + x] = indices[Math.floor(y / scale) * width + Math.floor(x / scale)];
  const chunk = (name, data) => {
    const body = join(new TextEncoder().encode(name), data);
    return join(bigEndian(data.length), body, bigEndian(crc32(body)));
  };
  const clear = colours.some((c) => c[3] < 255);
  return join([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    chunk("IHDR", [...bigEndian(W), ...bigEndian(H), 8, INDEXED, 0, 0, 0]),
    chunk("PLTE", colours.flatMap((c) => c.slice(0, 3))),
    clear ? chunk("tRNS", colours.map((c) => c[3])) : [],
    chunk("IDAT", stored(rows)),
    chunk("IEND", []));
}

// Sprites [count,height,width] side by side.
function sheetOf(sprites, width, height, columns, background) {
  const rows = Math.ceil(sprites.length / columns);
  const sheet = new Uint8Array(rows * height * columns * width).fill(background);
  sprites.forEach((sprite, i) => {
    const top = Math.floor(i / columns) * height, left = (i % columns) * width;
    for (let y = 0; y < height; y++)
      sheet.set(sprite.subarray(y * width, (y + 1) * width), (top + y) * columns * width + left);
  });
  return { indices: sheet, width: columns * width, height: rows * height };
}

function gplText(colours) {
  const line = ([r, g, b, a]) => [r, g, b].map((n) => String(n).padStart(3)).join(" ") +
    "\t" + (a ? colourText([r, g, b, 255]) : "transparent");
  return "GIMP Palette\nName: pixelmill\nColumns: 8\n#\n" + colours.map(line).join("\n") + "\n";
}

function hexText(colours) { return colours.map((c) => colourText(c).slice(1) + "\n").join(""); }

if (typeof module !== "undefined")
  module.exports = { pngBytes, sheetOf, gplText, hexText };

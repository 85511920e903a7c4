// A picture of the person's own, brought to the drawing's size and palette.
"use strict";

// The palette's colour that is nearest in RGB; what is half transparent or more takes the transparent one, or where
// there is none the background.
function nearestColour([r, g, b, a], { colours, background }) {
  const OPAQUE_FROM = 128, clear = colours.findIndex((c) => c[3] < OPAQUE_FROM);
  if (a < OPAQUE_FROM)
    return clear >= 0 ? clear : background;
  let best = -1, least = Infinity;
  colours.forEach((c, i) => {
    const distance = (c[0] - r) ** 2 + (c[1] - g) ** 2 + (c[2] - b) ** 2;
    if (i !== clear && distance < least)
      [best, least] = [i, distance];
  });
  return best;
}

// rgba [height,width,4] as { indices, changed }: palette indices of the drawing's size, and how many pixels had an
// opaque colour that the palette lacks. A picture that is enlarged by whole pixels is reduced again; another size is
// refused with a reason.
function pictureAsDrawing(rgba, width, height, facts) {
  const scale = width / facts.width;
  if (!Number.isInteger(scale) || scale < 1 || height !== facts.height * scale)
    throw new Error(`it has ${width} x ${height} pixels; this model draws ${facts.width} x ${facts.height}`);
  const indices = new Uint8Array(facts.width * facts.height);
  let changed = 0;
  for (let i = 0; i < indices.length; i++) {
    const x = (i % facts.width) * scale, y = Math.floor(i / facts.width) * scale, at = 4 * (y * width + x);
    const pixel = rgba.slice(at, at + 4);
    for (let k = 0; k < scale * scale; k++) {
      const other = at + 4 * (Math.floor(k / scale) * width + (k % scale));
      if (pixel.some((value, c) => rgba[other + c] !== value))
        throw new Error(`it has ${width} x ${height} pixels, and is no enlarged picture of ` +
          `${facts.width} x ${facts.height}: pixels of one ${scale} x ${scale} square differ`);
    }
    indices[i] = nearestColour(pixel, facts);
    const found = facts.colours[indices[i]];
    changed += pixel[3] >= 128 && [0, 1, 2].some((c) => found[c] !== pixel[c]) ? 1 : 0;
  }
  return { indices, changed };
}

// The pixels of a file that the browser can show.
async function readPicture(file, facts) {
  const LARGEST = 4096;
  const picture = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" })
    .catch(() => { throw new Error("it is no picture that this browser can read"); });
  const { width, height } = picture;
  if (width > LARGEST || height > LARGEST)
    throw new Error(`it has ${width} x ${height} pixels; this model draws ${facts.width} x ${facts.height}`);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(picture, 0, 0);
  return pictureAsDrawing(pen.getImageData(0, 0, width, height).data, width, height, facts);
}

if (typeof module !== "undefined")
  module.exports = { pictureAsDrawing };

#include "io/file_kind.h"

#include <string.h>

/* Those of ImageMagick, whose command is called magick from version 7 on and still answers to its old name. */
#define CONVERT "ImageMagick makes one: convert FILE new.png"

typedef struct {
  size_t at; /* where the bytes stand */
  const char *bytes;
  size_t length;
  pm_file_kind kind;
} signature;

#define BYTES(text) text, sizeof(text) - 1

/* The first that fits counts. */
static const signature signatures[] = {
    {0,
     BYTES("\xff\xd8\xff"),
     {"a JPEG picture",
      "export the original as PNG, since JPEG blurs pixels and colours; where there is none, " CONVERT}},
    {0,
     BYTES("GIF8"),
     {"a GIF picture", "ImageMagick lays its frames side by side in one: convert FILE -coalesce +append new.png"}},
    {8, BYTES("WEBP"), {"a WebP picture", CONVERT}},
    {4,
     BYTES("\xe0\xa5"),
     {"an Aseprite file", "Aseprite exports one with all frames: aseprite -b FILE --sheet new.png"}},
    {0, BYTES("BM"), {"a BMP picture", CONVERT}},
    {0, BYTES("II*\0"), {"a TIFF picture", CONVERT}},
    {0, BYTES("MM\0*"), {"a TIFF picture", CONVERT}},
    {0, BYTES("\0\0\1\0"), {"an icon file", "ImageMagick writes each of its pictures: convert FILE new.png"}},
    {0, BYTES("qoif"), {"a QOI picture", CONVERT}},
    {0, BYTES("DDS "), {"a DDS picture", CONVERT}},
    {4, BYTES("ftypavif"), {"an AVIF picture", CONVERT}},
    {4, BYTES("ftyphei"), {"a HEIC picture", CONVERT}},
    {0, BYTES("8BPS"), {"a Photoshop file", "export it as PNG, or ImageMagick flattens it: convert 'FILE[0]' new.png"}},
    {0, BYTES("gimp xcf"), {"a GIMP file", "export it from GIMP as PNG"}},
    {0,
     BYTES("PK\3\4"),
     {"a ZIP archive (or a file of Krita's or such, which is one)", "unpack it, or export it as PNG from its program"}},
    {0, BYTES("\x1f\x8b"), {"a gzip archive", "unpack it: gunzip FILE"}},
    {0, BYTES("%PDF"), {"a PDF document", "export it as PNG from its program"}},
    {0,
     BYTES("\x93NUMPY"),
     {"an .npy array", "montage makes a sheet of sprites: montage --scale 1 --gap 0 --keep-alpha FILE -o new.png"}},
    {8,
     BYTES("{\""),
     {"a model or checkpoint (.safetensors)", "sample makes sprites of a model: sample FILE -o sprites.npy"}},
    {0,
     BYTES("version https://git-lfs"),
     {"a pointer of Git LFS and not the file itself", "git lfs pull fetches the file"}},
    {0, BYTES("<svg"), {"an SVG drawing", "ImageMagick draws it: convert FILE new.png"}},
    {0,
     BYTES("<?xml"),
     {"an XML file",
      "take the picture that it names if it is of Tiled's (.tsx, .tmx), and export it as PNG if it is an SVG drawing"}},
    {0, BYTES("<!DOCTYPE"), {"a web page", "download the picture itself"}},
    {0, BYTES("<!doctype"), {"a web page", "download the picture itself"}},
    {0, BYTES("<html"), {"a web page", "download the picture itself"}},
    {0,
     BYTES("{\""),
     {"a JSON file", "export its picture as PNG if it is a drawing (as Piskel's are), or take the picture beside it"}},
};

const pm_file_kind *pm_file_kind_of(const unsigned char *bytes, size_t length) {
  for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
    const signature *s = &signatures[i];
    if (length >= s->at + s->length && memcmp(bytes + s->at, s->bytes, s->length) == 0)
      return &s->kind;
  }
  return NULL;
}

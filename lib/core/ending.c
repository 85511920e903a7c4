#include "core/ending.h"

#include "core/file.h"

#include <string.h>

typedef struct {
  const char *ending, *what;
  unsigned as; /* what may be written under such a name: bits of pm_written_as */
} kind;

#define AS(what) (1u << (what))

enum {
  ARRAY = AS(PM_AS_ARRAY) | AS(PM_AS_ARRAY_OR_PICTURE),
  PICTURE = AS(PM_AS_PICTURE) | AS(PM_AS_ARRAY_OR_PICTURE) | AS(PM_AS_SHEET_OR_ANIMATION),
  ANIMATION = AS(PM_AS_SHEET_OR_ANIMATION),
  TEXT = AS(PM_AS_TEXT),
};

static const kind kinds[] = {
    {".npy", "a NumPy array", ARRAY},
    {".png", "a PNG picture", PICTURE},
    {".txt", "a text", TEXT},
    {".tsv", "a table", TEXT},
    {".csv", "a table", TEXT},
    {".json", "a JSON text", TEXT | AS(PM_AS_JSON)},
    {".tsx", "a tileset of Tiled's", AS(PM_AS_TSX)},
    {".tres", "a resource of Godot's", AS(PM_AS_TRES)},
    {".yaml", "a YAML text", TEXT},
    {".yml", "a YAML text", TEXT},
    {".html", "a page", TEXT},
    {".htm", "a page", TEXT},
    {".md", "a text", TEXT},
    {".gpl", "a palette", TEXT},
    {".hex", "a palette", TEXT},
    {".pal", "a palette", TEXT},
    {".jpg", "a JPEG picture", 0},
    {".jpeg", "a JPEG picture", 0},
    {".gif", "a GIF picture", ANIMATION},
    {".apng", "an animated PNG picture", ANIMATION},
    {".webp", "a WebP picture", 0},
    {".bmp", "a BMP picture", 0},
    {".tif", "a TIFF picture", 0},
    {".tiff", "a TIFF picture", 0},
    {".svg", "an SVG drawing", 0},
    {".ase", "an Aseprite file", 0},
    {".aseprite", "an Aseprite file", 0},
    {".npz", "a NumPy archive", 0},
    {".zip", "an archive", 0},
    {".safetensors", "a model", 0},
    {".pt", "a model of PyTorch's", 0},
    {".pdf", "a PDF document", 0},
};

static bool is_name(const char *path) {
  return path && strcmp(path, "-") != 0;
}

bool pm_names_picture(const char *path) {
  return is_name(path) && pm_has_suffix(path, ".png");
}

void pm_check_ending(const char *path, pm_written_as as) {
  static const char *const written[] = {[PM_AS_ARRAY] = "a NumPy array, expected a name that ends in .npy",
                                        [PM_AS_PICTURE] = "a PNG picture, expected a name that ends in .png",
                                        [PM_AS_ARRAY_OR_PICTURE] =
                                            "sprites, expected .npy for a NumPy array or .png for a picture",
                                        [PM_AS_TEXT] = "text, expected a name such as .txt or .tsv",
                                        [PM_AS_SHEET_OR_ANIMATION] = "a sheet, expected .png, or an animation, "
                                                                     "expected .gif or .apng",
                                        [PM_AS_JSON] = "a JSON text, expected a name that ends in .json",
                                        [PM_AS_TSX] = "a tileset of Tiled's, expected a name that ends in .tsx",
                                        [PM_AS_TRES] = "a resource of Godot's, expected a name that ends in .tres",
                                        [PM_AS_FOLDER] = "a folder, expected its name"};
  for (size_t i = 0; is_name(path) && i < sizeof kinds / sizeof *kinds; i++) {
    const kind *k = &kinds[i];
    if (pm_has_suffix(path, k->ending) && !(k->as & AS(as)))
      pm_fail(PM_WRONG_USAGE, path, "is the name of %s, and what goes there is %s", k->what, written[as]);
  }
}

#include "core/ending.h"

#include "core/file.h"

#include <string.h>

typedef struct {
  const char *ending, *what;
  bool array, picture, text; /* what may be written under such a name */
} kind;

static const kind kinds[] = {
    {".npy", "a NumPy array", true, false, false},
    {".png", "a PNG picture", false, true, false},
    {".txt", "a text", false, false, true},
    {".tsv", "a table", false, false, true},
    {".csv", "a table", false, false, true},
    {".json", "a JSON text", false, false, true},
    {".yaml", "a YAML text", false, false, true},
    {".yml", "a YAML text", false, false, true},
    {".html", "a page", false, false, true},
    {".htm", "a page", false, false, true},
    {".md", "a text", false, false, true},
    {".gpl", "a palette", false, false, true},
    {".hex", "a palette", false, false, true},
    {".pal", "a palette", false, false, true},
    {".jpg", "a JPEG picture", false, false, false},
    {".jpeg", "a JPEG picture", false, false, false},
    {".gif", "a GIF picture", false, false, false},
    {".webp", "a WebP picture", false, false, false},
    {".bmp", "a BMP picture", false, false, false},
    {".tif", "a TIFF picture", false, false, false},
    {".tiff", "a TIFF picture", false, false, false},
    {".svg", "an SVG drawing", false, false, false},
    {".ase", "an Aseprite file", false, false, false},
    {".aseprite", "an Aseprite file", false, false, false},
    {".npz", "a NumPy archive", false, false, false},
    {".zip", "an archive", false, false, false},
    {".safetensors", "a model", false, false, false},
    {".pt", "a model of PyTorch's", false, false, false},
    {".pdf", "a PDF document", false, false, false},
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
                                        [PM_AS_FOLDER] = "a folder, expected its name"};
  for (size_t i = 0; is_name(path) && i < sizeof kinds / sizeof *kinds; i++) {
    const kind *k = &kinds[i];
    bool array = k->array && (as == PM_AS_ARRAY || as == PM_AS_ARRAY_OR_PICTURE);
    bool picture = k->picture && (as == PM_AS_PICTURE || as == PM_AS_ARRAY_OR_PICTURE);
    if (pm_has_suffix(path, k->ending) && !array && !picture && !(k->text && as == PM_AS_TEXT))
      pm_fail(PM_WRONG_USAGE, path, "is the name of %s, and what goes there is %s", k->what, written[as]);
  }
}

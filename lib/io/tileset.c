#include "io/tileset.h"

#include "core/options.h"
#include "io/utf8.h"

#include <string.h>

/* ---- texts ---- */

enum { JSON, XML }; /* Godot's texts are quoted as JSON's */

static void put_special(pm_output *o, unsigned char c, int language) {
  if (language == JSON && (c == '"' || c == '\\'))
    pm_output_print(o, "\\%c", c);
  else if (language == JSON)
    pm_output_print(o, "\\u%04x", c);
  else if (c < ' ')
    pm_output_print(o, "\xef\xbf\xbd");
  else
    pm_output_print(o, "&#%u;", c);
}

/* What is no UTF-8, and in XML control characters, becomes U+FFFD. */
static void put_text(pm_output *o, const char *text, int language) {
  const char *special = language == JSON ? "\"\\" : "\"&<>";
  for (size_t size; *text; text += size ? size : 1) {
    unsigned char c = (unsigned char)*text;
    pm_utf8_decode(text, &size);
    if (size == 0)
      pm_output_print(o, "\xef\xbf\xbd");
    else if (size == 1 && (c < ' ' || strchr(special, c)))
      put_special(o, c, language);
    else
      pm_output_write(o, text, size);
  }
}

/* ---- Aseprite ---- */

static void write_frame(pm_output *o, const pm_tileset *t, size_t i) {
  size_t w = t->grid.tile_width, h = t->grid.tile_height;
  pm_output_print(o, "   {\n    \"filename\": \"");
  put_text(o, t->tile_name[i], JSON);
  pm_output_print(o, ".png\",\n    \"frame\": { \"x\": %zu, \"y\": %zu, \"w\": %zu, \"h\": %zu },\n",
                  pm_tile_x(&t->grid, i), pm_tile_y(&t->grid, i), w, h);
  pm_output_print(o, "    \"rotated\": false,\n    \"trimmed\": false,\n");
  pm_output_print(o, "    \"spriteSourceSize\": { \"x\": 0, \"y\": 0, \"w\": %zu, \"h\": %zu },\n", w, h);
  pm_output_print(o, "    \"sourceSize\": { \"w\": %zu, \"h\": %zu },\n    \"duration\": %u\n   }%s\n", w, h, t->delay,
                  i + 1 < t->grid.count ? "," : "");
}

static void write_tags(pm_output *o, const pm_tileset *t) {
  pm_output_print(o, ",\n  \"frameTags\": [");
  for (size_t from = 0, end; from < t->grid.count; from = end) {
    for (end = from + 1; end < t->grid.count && strcmp(t->tag_name[end], t->tag_name[from]) == 0;)
      end++;
    pm_output_print(o, "%s\n   { \"name\": \"", from ? "," : "");
    put_text(o, t->tag_name[from], JSON);
    pm_output_print(o, "\", \"from\": %zu, \"to\": %zu, \"direction\": \"forward\" }", from, end - 1);
  }
  pm_output_print(o, "\n  ]");
}

void pm_tileset_write_aseprite(pm_output *o, const pm_tileset *t) {
  pm_output_print(o, "{ \"frames\": [\n");
  for (size_t i = 0; i < t->grid.count; i++)
    write_frame(o, t, i);
  pm_output_print(o, " ],\n \"meta\": {\n  \"app\": \"pixelmill\",\n  \"version\": \"%s\",\n  \"image\": \"",
                  pm_version);
  put_text(o, t->image, JSON);
  pm_output_print(o, "\",\n  \"format\": \"%s\",\n  \"size\": { \"w\": %zu, \"h\": %zu },\n  \"scale\": \"1\"",
                  t->indexed ? "I8" : "RGBA8888", t->grid.width, t->grid.height);
  if (t->tag_name)
    write_tags(o, t);
  pm_output_print(o, "\n }\n}\n");
}

/* ---- Tiled ---- */

bool pm_tiled_sees(const pm_tile_grid *g) {
  return (g->width - g->margin + g->spacing) / (g->tile_width + g->spacing) == g->columns &&
         (g->height - g->margin + g->spacing) / (g->tile_height + g->spacing) == g->rows;
}

void pm_tileset_write_tiled(pm_output *o, const pm_tileset *t) {
  size_t letters = strlen(t->image);
  char name[256];
  if (pm_has_suffix(t->image, ".png"))
    letters -= strlen(".png");
  snprintf(name, sizeof name, "%.*s", (int)letters, t->image);
  pm_output_print(o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tileset version=\"1.10\" name=\"");
  put_text(o, name, XML);
  pm_output_print(o,
                  "\" tilewidth=\"%zu\" tileheight=\"%zu\" spacing=\"%zu\" margin=\"%zu\" tilecount=\"%zu\" "
                  "columns=\"%zu\">\n <image source=\"",
                  t->grid.tile_width, t->grid.tile_height, t->grid.spacing, t->grid.margin,
                  t->grid.columns * t->grid.rows, t->grid.columns);
  put_text(o, t->image, XML);
  pm_output_print(o, "\" width=\"%zu\" height=\"%zu\"/>\n", t->grid.width, t->grid.height);
  for (size_t i = 0; t->class_name && i < t->grid.count; i++) {
    pm_output_print(o, " <tile id=\"%zu\" type=\"", i);
    put_text(o, t->class_name[i], XML);
    pm_output_print(o, "\"/>\n");
  }
  pm_output_print(o, "</tileset>\n");
}

/* ---- Godot ---- */

void pm_tileset_write_godot(pm_output *o, const pm_tileset *t) {
  enum { TYPE_STRING = 4 };
  pm_output_print(o, "[gd_resource type=\"TileSet\" load_steps=3 format=3]\n\n");
  pm_output_print(o, "[ext_resource type=\"Texture2D\" path=\"");
  put_text(o, t->image, JSON);
  pm_output_print(o, "\" id=\"1\"]\n\n[sub_resource type=\"TileSetAtlasSource\" id=\"TileSetAtlasSource_1\"]\n");
  pm_output_print(o, "texture = ExtResource(\"1\")\nmargins = Vector2i(%zu, %zu)\nseparation = Vector2i(%zu, %zu)\n",
                  t->grid.margin, t->grid.margin, t->grid.spacing, t->grid.spacing);
  pm_output_print(o, "texture_region_size = Vector2i(%zu, %zu)\n", t->grid.tile_width, t->grid.tile_height);
  for (size_t i = 0; i < t->grid.count; i++) {
    size_t x = i % t->grid.columns, y = i / t->grid.columns;
    pm_output_print(o, "%zu:%zu/0 = 0\n", x, y);
    if (!t->class_name)
      continue;
    pm_output_print(o, "%zu:%zu/0/custom_data_0 = \"", x, y);
    put_text(o, t->class_name[i], JSON);
    pm_output_print(o, "\"\n");
  }
  pm_output_print(o, "\n[resource]\ntile_size = Vector2i(%zu, %zu)\n", t->grid.tile_width, t->grid.tile_height);
  if (t->class_name)
    pm_output_print(o, "custom_data_layer_0/name = \"class\"\ncustom_data_layer_0/type = %d\n", TYPE_STRING);
  pm_output_print(o, "sources/0 = SubResource(\"TileSetAtlasSource_1\")\n");
}

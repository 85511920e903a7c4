/* The sixteen colours of the built-in sprites, and the ramps that shade with them.
 *
 * Ramps shift their hue as they get lighter (maroon, brown, gold, cream; pine, green; navy, sky), and share their dark
 * ends, so that few colours go a long way. */
#ifndef PM_ART_PALETTE_H
#define PM_ART_PALETTE_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  PM_BACKGROUND,
  PM_INK, /* outlines */
  PM_SLATE,
  PM_GREY,
  PM_PALE,
  PM_WHITE,
  PM_MAROON,
  PM_BROWN,
  PM_PEACH,
  PM_GOLD,
  PM_RED,
  PM_PINE,
  PM_GREEN,
  PM_NAVY,
  PM_AZURE,
  PM_PURPLE,
  PM_ART_COLOURS
} pm_colour;

extern const unsigned char pm_art_palette[PM_ART_COLOURS][3];

/* Four tones of one material. */
enum { PM_DARK, PM_BASE, PM_LIGHT, PM_GLINT };

typedef struct {
  unsigned char tone[4]; /* of pm_colour, from the shadow to the highlight */
} pm_ramp;

extern const pm_ramp pm_steel, pm_iron, pm_silver, pm_bone, pm_wood, pm_gold, pm_red, pm_green, pm_blue, pm_purple,
    pm_skin, pm_navy, pm_pine, pm_maroon, pm_ice, pm_pink;

/* The colour of an outline on the lit side of a pixel of the given colour: a dark one of the same hue. */
extern const unsigned char pm_outline_colour[PM_ART_COLOURS];

#ifdef __cplusplus
}
#endif
#endif

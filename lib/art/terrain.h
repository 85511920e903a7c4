/* The classes of the built-in terrain: each function fills a canvas with one tile of its class, with its numbers drawn
 * from `rng`. A tile wraps around: what leaves at one edge comes in at the opposite one, so copies of it fit side by
 * side. A new class is a function here and a row in sprite_set.c. */
#ifndef PM_ART_TERRAIN_H
#define PM_ART_TERRAIN_H

#include "art/canvas.h"
#include "core/random.h"

#ifdef __cplusplus
extern "C" {
#endif

void pm_draw_grass(pm_canvas *c, pm_rng *rng);
void pm_draw_sand(pm_canvas *c, pm_rng *rng);
void pm_draw_soil(pm_canvas *c, pm_rng *rng);
void pm_draw_water(pm_canvas *c, pm_rng *rng);
void pm_draw_lava(pm_canvas *c, pm_rng *rng);
void pm_draw_brick(pm_canvas *c, pm_rng *rng);
void pm_draw_cobble(pm_canvas *c, pm_rng *rng);
void pm_draw_floor(pm_canvas *c, pm_rng *rng);
void pm_draw_planks(pm_canvas *c, pm_rng *rng);
void pm_draw_roof(pm_canvas *c, pm_rng *rng);

#ifdef __cplusplus
}
#endif
#endif

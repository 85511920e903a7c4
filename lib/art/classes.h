/* The classes of the built-in sprites: each function draws one sprite of its class on an empty canvas of 16 x 16, with
 * its numbers drawn from `rng`: shape first, then materials, then details. Outlined, ready to use. A new class is a
 * function here and a row in sprite_set.c. */
#ifndef PM_ART_CLASSES_H
#define PM_ART_CLASSES_H

#include "art/canvas.h"
#include "core/random.h"

#ifdef __cplusplus
extern "C" {
#endif

void pm_draw_potion(pm_canvas *c, pm_rng *rng);
void pm_draw_sword(pm_canvas *c, pm_rng *rng);
void pm_draw_shield(pm_canvas *c, pm_rng *rng);
void pm_draw_gem(pm_canvas *c, pm_rng *rng);
void pm_draw_creature(pm_canvas *c, pm_rng *rng);
void pm_draw_plant(pm_canvas *c, pm_rng *rng);
void pm_draw_key(pm_canvas *c, pm_rng *rng);
void pm_draw_building(pm_canvas *c, pm_rng *rng);
void pm_draw_hero(pm_canvas *c, pm_rng *rng);
void pm_draw_food(pm_canvas *c, pm_rng *rng);
void pm_draw_chest(pm_canvas *c, pm_rng *rng);
void pm_draw_hat(pm_canvas *c, pm_rng *rng);
void pm_draw_book(pm_canvas *c, pm_rng *rng);
void pm_draw_ring(pm_canvas *c, pm_rng *rng);
void pm_draw_tool(pm_canvas *c, pm_rng *rng);

#define PM_PICK(rng, array) ((array)[pm_rng_below((rng), (uint32_t)(sizeof(array) / sizeof *(array)))])

#ifdef __cplusplus
}
#endif
#endif

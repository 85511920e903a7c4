#include "art/palette.h"

const unsigned char pm_art_palette[PM_ART_COLOURS][3] = {
    [PM_BACKGROUND] = {0x00, 0x00, 0x00}, [PM_INK] = {0x29, 0x1f, 0x3d},   [PM_SLATE] = {0x5a, 0x50, 0x80},
    [PM_GREY] = {0x92, 0x98, 0xb6},       [PM_PALE] = {0xcd, 0xd6, 0xdf},  [PM_WHITE] = {0xff, 0xf7, 0xe6},
    [PM_MAROON] = {0x7a, 0x2d, 0x40},     [PM_BROWN] = {0xb9, 0x63, 0x37}, [PM_PEACH] = {0xf3, 0xb6, 0x88},
    [PM_GOLD] = {0xfa, 0xcf, 0x45},       [PM_RED] = {0xe0, 0x3f, 0x48},   [PM_PINE] = {0x1d, 0x6b, 0x5c},
    [PM_GREEN] = {0x66, 0xc0, 0x47},      [PM_NAVY] = {0x30, 0x4c, 0xab},  [PM_AZURE] = {0x4d, 0xb8, 0xec},
    [PM_PURPLE] = {0xa6, 0x55, 0xb8},
};

const pm_ramp pm_steel = {{PM_SLATE, PM_GREY, PM_PALE, PM_WHITE}};
const pm_ramp pm_iron = {{PM_INK, PM_SLATE, PM_GREY, PM_PALE}};
const pm_ramp pm_silver = {{PM_GREY, PM_PALE, PM_WHITE, PM_WHITE}};
const pm_ramp pm_bone = {{PM_BROWN, PM_PEACH, PM_WHITE, PM_WHITE}};
const pm_ramp pm_wood = {{PM_MAROON, PM_BROWN, PM_PEACH, PM_PEACH}};
const pm_ramp pm_gold = {{PM_BROWN, PM_GOLD, PM_GOLD, PM_WHITE}};
const pm_ramp pm_red = {{PM_MAROON, PM_RED, PM_RED, PM_PEACH}};
const pm_ramp pm_green = {{PM_PINE, PM_GREEN, PM_GREEN, PM_WHITE}};
const pm_ramp pm_blue = {{PM_NAVY, PM_AZURE, PM_AZURE, PM_WHITE}};
const pm_ramp pm_purple = {{PM_SLATE, PM_PURPLE, PM_PURPLE, PM_PEACH}};
const pm_ramp pm_skin = {{PM_BROWN, PM_PEACH, PM_PEACH, PM_WHITE}};
const pm_ramp pm_navy = {{PM_INK, PM_NAVY, PM_NAVY, PM_AZURE}};
const pm_ramp pm_pine = {{PM_INK, PM_PINE, PM_PINE, PM_GREEN}};
const pm_ramp pm_maroon = {{PM_INK, PM_MAROON, PM_MAROON, PM_RED}};
const pm_ramp pm_ice = {{PM_AZURE, PM_PALE, PM_WHITE, PM_WHITE}};
const pm_ramp pm_pink = {{PM_PURPLE, PM_PEACH, PM_PEACH, PM_WHITE}};

const unsigned char pm_outline_colour[PM_ART_COLOURS] = {
    [PM_INK] = PM_INK,    [PM_SLATE] = PM_INK,    [PM_GREY] = PM_SLATE,   [PM_PALE] = PM_SLATE,  [PM_WHITE] = PM_SLATE,
    [PM_MAROON] = PM_INK, [PM_BROWN] = PM_MAROON, [PM_PEACH] = PM_MAROON, [PM_GOLD] = PM_MAROON, [PM_RED] = PM_MAROON,
    [PM_PINE] = PM_INK,   [PM_GREEN] = PM_PINE,   [PM_NAVY] = PM_INK,     [PM_AZURE] = PM_NAVY,  [PM_PURPLE] = PM_SLATE,
};

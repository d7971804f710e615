/* The letters of the screen. */
#ifndef KERNEL_FONT_H
#define KERNEL_FONT_H

#include "lib/base.h"

#define FONT_COLUMNS 8
#define FONT_ROWS    16

/* The 16 rows of a character from the top, the leftmost pixel in the highest bit; of what is not drawn, U+FFFD's. */
const u8 *font_glyph(u32 rune);

#endif

/* UTF-8 text as a terminal shows it: how many bytes a character has and how many columns it takes.
 *
 * Bytes that are no UTF-8 are one glyph each, of width 1, shown as `?`. Control characters are shown as `^X`.
 */
#ifndef APPS_SHELL_GLYPH_H
#define APPS_SHELL_GLYPH_H

#include "lib/base.h"

struct glyph {
    u8 bytes;   /* 1..4 */
    u8 columns; /* 0 for combining marks, 2 for wide characters and for ^X */
    bool valid; /* well-formed UTF-8 */
    u32 rune;
};

/* The glyph at p; n > 0. */
struct glyph glyph_at(const char *p, size_t n);
/* The index at which the glyph before p[at] begins; combining marks belong to what they stand on. at > 0. */
size_t glyph_before(const char *p, size_t at);
/* The index behind the glyph at p[at] and its combining marks. at < n. */
size_t glyph_after(const char *p, size_t n, size_t at);
size_t glyph_columns(const char *p, size_t n);
/* How many bytes a sequence beginning with this byte has: 1..4, 0 when no sequence begins so. */
unsigned glyph_length(u8 first);

#endif

/* A model of a terminal, as far as the console uses one: what a person would see. */
#ifndef TESTS_UNIT_APPS_SHELL_SCREEN_H
#define TESTS_UNIT_APPS_SHELL_SCREEN_H

#include "lib/base.h"

#define SCREEN_ROWS    8
#define SCREEN_COLUMNS 40

struct screen {
    char cell[SCREEN_ROWS][SCREEN_COLUMNS][8]; /* UTF-8 of each; "" for the right half of a wide one */
    unsigned row, column, bells;
    unsigned wrapped; /* characters that came behind the last column */
    unsigned unknown; /* sequences that it does not know */
    int state;
    char sequence[32];
    unsigned sequence_len;
    char glyph[4];
    unsigned glyph_len, glyph_wanted;
};

void screen_init(struct screen *s);
void screen_put(void *screen, const char *p, size_t n);
/* The text of a row without the blanks at its end. */
const char *screen_row(const struct screen *s, unsigned row);

#endif

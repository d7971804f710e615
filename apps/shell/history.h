/* What was typed before: bounded, without the same line twice in a row.
 *
 * Lines are named by age: 0 is the newest. One task at a time; a pointer got is good until the next add or clear.
 */
#ifndef APPS_SHELL_HISTORY_H
#define APPS_SHELL_HISTORY_H

#include "lib/base.h"

#define HISTORY_LINES 500
#define HISTORY_BYTES (64 * 1024) /* of all lines together; the oldest go first */

struct history {
    char *line[HISTORY_LINES]; /* a ring, each NUL-terminated, by mem_alloc */
    u32 first, count;
    u32 bytes;
    u64 forgotten; /* lines that left: `history` numbers go on */
};

void history_add(struct history *h, const char *p, size_t n); /* empty lines, and those too long to keep, are not */
const char *history_get(const struct history *h, u32 age);    /* NULL: there is none so old */
/* The youngest line of at least `age` that contains query[0..n): its age, or -1. */
int history_find(const struct history *h, const char *query, size_t n, u32 age);
void history_clear(struct history *h);

#endif

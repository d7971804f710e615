/* How a reader of text says no: where in the word, and why. */
#ifndef LIB_PARSE_BAD_H
#define LIB_PARSE_BAD_H

#include "lib/base.h"

struct parse_bad {
    size_t at;       /* offset into the word */
    const char *why; /* "not a number", "too large": a constant that can stand behind a colon */
};

/* Fills in bad, which may be NULL; returns err. */
static inline int parse_refuse(struct parse_bad *bad, const char *word, const char *at, int err, const char *why)
{
    if (bad)
        *bad = (struct parse_bad){(size_t)(at - word), why};
    return err;
}

#endif

/* Internal to lib/parse. How a reader says no. */
#ifndef LIB_PARSE_BAD_H
#define LIB_PARSE_BAD_H

#include "lib/parse.h"

static inline int parse_refuse(struct parse_bad *bad, const char *word, const char *at, int err, const char *why)
{
    if (bad)
        *bad = (struct parse_bad){(size_t)(at - word), why};
    return err;
}

#endif

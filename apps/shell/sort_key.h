/* What a line is sorted by: parts of it, compared as text or as numbers. */
#ifndef APPS_SHELL_SORT_KEY_H
#define APPS_SHELL_SORT_KEY_H

#include "lib/base.h"

struct sort_how {
    bool numeric, reverse, fold, blanks, version;
    bool any; /* a key that says how itself does not take the general way */
};

struct sort_key {
    u32 from_field, from_char; /* counted from 1; a char of 0: none given */
    u32 to_field, to_char;     /* a field of 0: to the end of the line */
    bool from_blanks, to_blanks;
    struct sort_how how;
};

struct sort_text {
    const char *p;
    size_t n;
};

/* "2", "2n", "1.3,1.5r": 0, or -EINVAL. */
int sort_key_parse(const char *s, struct sort_key *k);
/* The part of a line that the key names; `separator` -1: runs of blanks. */
struct sort_text sort_key_find(const struct sort_key *k, struct sort_text line, int separator);
int sort_compare_numbers(struct sort_text a, struct sort_text b);
int sort_compare_versions(struct sort_text a, struct sort_text b);
/* How the two parts stand by `how`, reverse included. */
int sort_compare(const struct sort_how *how, struct sort_text a, struct sort_text b);
bool sort_how_letter(struct sort_how *how, char letter);

#endif

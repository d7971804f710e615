/* What a regular expression says, as a tree: made by regex_tree.c from text, turned into a program by regex.c.
 *
 * Nodes stand in one array and name each other by index, so that the whole is bounded and freed at once.
 */
#ifndef LIB_REGEX_TREE_H
#define LIB_REGEX_TREE_H

#include "lib/base.h"

enum regex_kind {
    RK_EMPTY,
    RK_BYTE,   /* a */
    RK_SET,    /* a: index of the set */
    RK_CAT,    /* children in a row */
    RK_ALT,    /* children side by side */
    RK_REPEAT, /* one child, at least a times, at most b (RK_FOREVER: no bound) */
    RK_BOL,
    RK_EOL,
    RK_WORD_EDGE,      /* \b */
    RK_WORD_NOT_EDGE,  /* \B */
    RK_WORD_START,     /* \< */
    RK_WORD_END,       /* \> */
    RK_NO_WORD_BEFORE, /* for REGEX_WORD */
    RK_NO_WORD_AFTER,
};

#define RK_FOREVER 0xffff
#define RK_NONE    0xffff

struct regex_node {
    u8 kind, depth; /* depth: of the tree below, itself included */
    u16 a, b;
    u16 child, last, next; /* first and last child, next sibling; RK_NONE: none */
};

/* Of bytes: ASCII, and 0xc0 and up for what a character of several bytes begins with; its rest is none of the set's.
 * With ranges, such a character is in the set when it is in one of them, or in none if `but`. */
struct regex_set {
    u64 bits[4]; /* bit i: byte i is in it */
    u16 range, ranges;
    bool but;
};

struct regex_range {
    u32 low, high; /* characters */
};

struct regex_tree {
    struct regex_node *node;
    struct regex_set *set;
    struct regex_range *range;
    u32 nodes, sets, ranges, node_room, set_room, range_room;
};

/* The root's index, or -1 with the reason in *why. The caller frees the tree in both cases. */
int regex_tree_parse(struct regex_tree *t, const char *p, size_t n, unsigned flags, const char **why);
void regex_tree_free(struct regex_tree *t);

static inline bool regex_set_has(const struct regex_set *s, u8 c)
{
    return s->bits[c >> 6] >> (c & 63) & 1;
}

static inline void regex_set_add(struct regex_set *s, u8 c)
{
    s->bits[c >> 6] |= 1ull << (c & 63);
}

static inline bool regex_set_is_wide(const struct regex_set *s)
{
    return s->bits[3];
}

static inline bool regex_is_word(u8 c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

#endif

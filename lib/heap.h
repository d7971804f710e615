/* Intrusive priority queue (a pairing heap): the least key first, keys of 64 bits that wrap are not served.
 *
 *     struct heap h = {0};
 *     heap_add(&h, &o->node, o->deadline);
 *     struct heap_node *n = heap_first(&h);     NULL when empty; o = container_of(n, struct obj, node)
 *     heap_del(&h, n);                          any member, not only the first
 *
 * Equal keys come out in no promised order. A node that is in no heap has `in` false; a zeroed node is such a one.
 * Adding and looking cost one comparison, taking out a logarithm on the average; nothing is allocated, nothing
 * recurses. No locking here.
 */
#ifndef LIB_HEAP_H
#define LIB_HEAP_H

#include "lib/base.h"

struct heap_node {
    struct heap_node *child, *next; /* first child; next sibling */
    struct heap_node *prev;         /* previous sibling, or the parent of a first child */
    u64 key;
    bool in;
};

struct heap {
    struct heap_node *root;
};

static inline struct heap_node *heap_first(const struct heap *h)
{
    return h->root;
}

void heap_meld_in(struct heap *h, struct heap_node *n); /* heap_add's and heap_del's, where others are in the heap */
void heap_take_out(struct heap *h, struct heap_node *n);

static inline void heap_add(struct heap *h, struct heap_node *n, u64 key) /* n is in no heap */
{
    *n = (struct heap_node){.key = key, .in = true};
    if (h->root)
        heap_meld_in(h, n);
    else
        h->root = n;
}

static inline void heap_del(struct heap *h, struct heap_node *n) /* n is in this one */
{
    n->in = false;
    if (h->root == n && !n->child)
        h->root = NULL;
    else
        heap_take_out(h, n);
}

#endif

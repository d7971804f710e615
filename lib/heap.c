/* A pairing heap: a tree of which each node is no later than its children; a node's children are a list.
 *
 *     root --child--> c1 <--next/prev--> c2 <--next/prev--> c3
 *                     c1->prev == root
 *
 * Used for run queues and sleepers (kernel/runq.c, kernel/task.c). Two trees are melded by hanging the later root below
 * the earlier; taking out the root melds its children pairwise from the left, then the pairs from the right, which is
 * what makes the logarithm. It never allocates and never recurses.
 */
#include "lib/heap.h"

static struct heap_node *meld(struct heap_node *a, struct heap_node *b)
{
    if (!a)
        return b;
    if (!b)
        return a;
    if (b->key < a->key) {
        struct heap_node *t = a;
        a = b;
        b = t;
    }
    b->prev = a;
    b->next = a->child;
    if (a->child)
        a->child->prev = b;
    a->child = b;
    return a;
}

/* One tree of a list of siblings; the list is taken apart. */
static struct heap_node *meld_siblings(struct heap_node *first)
{
    struct heap_node *pairs = NULL, *root = NULL;
    while (first) { /* left to right: pairs, on a stack linked by next */
        struct heap_node *a = first, *b = a->next;
        first = b ? b->next : NULL;
        a->next = a->prev = NULL;
        if (b)
            b->next = b->prev = NULL;
        a = meld(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs) { /* right to left */
        struct heap_node *next = pairs->next;
        pairs->next = NULL;
        root = meld(root, pairs);
        pairs = next;
    }
    return root;
}

void heap_meld_in(struct heap *h, struct heap_node *n)
{
    h->root = meld(h->root, n);
}

void heap_take_out(struct heap *h, struct heap_node *n)
{
    struct heap_node *rest = meld_siblings(n->child);
    if (h->root == n) {
        h->root = rest;
    } else {
        if (n->prev->child == n)
            n->prev->child = n->next;
        else
            n->prev->next = n->next;
        if (n->next)
            n->next->prev = n->prev;
        h->root = meld(h->root, rest);
    }
}

/* A stack of free things of one CPU: what makes the common allocation cheap. Of objects in kernel/slab.c, of single
 * pages in kernel/page.c.
 *
 * Touched with softirqs off on its CPU alone: plain loads and stores, no lock, no line that another CPU writes. Others
 * look at the counts, which are right to within what its owner does meanwhile. What fills an empty one and empties a
 * full one is the owner's, and each time moves half of it.
 */
#ifndef KERNEL_MAGAZINE_H
#define KERNEL_MAGAZINE_H

#include "lib/base.h"

#define MAGAZINE_MOST 126 /* room for a burst of 64 and as much again; a whole one is 1 KiB */

struct magazine {
    u32 count, capacity; /* capacity 0: there is none */
    u64 allocs;          /* taken since boot */
    void *thing[MAGAZINE_MOST];
} CACHE_ALIGNED;

static_assert(sizeof(struct magazine) == 1024, "in whole cache lines, without a hole");

static inline void *magazine_take(struct magazine *m) /* NULL: it is empty */
{
    u32 n = m->count;
    if (unlikely(!n))
        return NULL;
    void *p = m->thing[n - 1];
    if (!p)
        __builtin_unreachable(); /* spares the caller a second look */
    m->count = n - 1;
    m->allocs++;
    return p;
}

static inline bool magazine_give(struct magazine *m, void *p) /* false: it is full */
{
    u32 n = m->count;
    if (unlikely(n >= m->capacity))
        return false;
    m->thing[n] = p;
    m->count = n + 1;
    return true;
}

#endif

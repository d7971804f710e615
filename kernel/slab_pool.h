/* What a pool is, and its common path, for kernel/slab.c and kernel/mem_alloc.c: the two that must be fast. Everybody
 * else: kernel/slab.h. */
#ifndef KERNEL_SLAB_POOL_H
#define KERNEL_SLAB_POOL_H

#include "kernel/magazine.h"
#include "lib/list.h"
#include "lib/plat.h"

#define SLAB_POOLS 96

struct slab {
    struct magazine *magazine[CPU_MAX]; /* never NULL */
    const char *name;
    u32 size, slot, order, slots; /* bytes; bytes; of a block; in a block */
    u32 capacity;                 /* of a magazine */
    bool class;                   /* of mem_alloc */

    struct spinlock lock CACHE_ALIGNED; /* all below */
    struct list partial;
    struct block *empty; /* one that is kept, in no list */
    u64 blocks, used;    /* used: in hands or magazines */
    u64 allocs;          /* without a magazine */
    u64 failures;
};

extern struct slab slab_pool[SLAB_POOLS]; /* by number: what page_tag says of a page of theirs */

/* Entered with softirqs off, which they turn on: so that the common path has nothing to keep over a call. */
void *slab_take_slowly(struct slab *s);
void slab_give_slowly(struct slab *s, void *p);

/* ---- debug builds: the same with every check that there is; size: what was asked for ---- */
void *slab_alloc_checked(struct slab *s, size_t size, const void *who);
void slab_free_checked(struct slab *s, void *p, const void *who);

static inline void *slab_take(struct slab *s)
{
    softirq_off();
    void *p = magazine_take(s->magazine[cpu_id()]);
    return likely(p) ? softirq_on_with(p) : slab_take_slowly(s);
}

static inline void slab_give(struct slab *s, void *p)
{
    softirq_off();
    if (likely(magazine_give(s->magazine[cpu_id()], p)))
        softirq_on();
    else
        slab_give_slowly(s, p);
}

#endif

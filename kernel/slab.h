/* Objects smaller than pages: pools of one size each (slab_new and kin, lib/plat.h), with a magazine of free ones for
 * every CPU.
 *
 * The common path takes from and gives to this CPU's magazine: no lock, no shared line, no loop. mem_alloc and mem_free
 * (lib/plat.h) are pools by size class, and whole pages above SLAB_MOST. An allocation may always fail: NULL.
 *
 * Debug builds put a red zone behind each object, poison freed ones, and panic by name of the pool at a write beyond
 * the end, after the free, or at a second free.
 */
#ifndef KERNEL_SLAB_H
#define KERNEL_SLAB_H

#include "lib/plat.h"

#define SLAB_MOST 2048 /* larger ones are pages */

void slab_init(void);             /* after page_init: mem_alloc works from here on */
void slab_init_cpu(unsigned cpu); /* the first CPU, for another: its magazines; none until then */

struct slab_info {
    const char *name;
    size_t size;     /* of an object, as asked for; 0: of many sizes (what is larger than SLAB_MOST) */
    size_t slot;     /* what it takes */
    u64 live;        /* objects in somebody's hands */
    u64 objects;     /* all that exist, magazines and free ones counted */
    u64 blocks;      /* that they lie in, */
    u64 slots;       /* objects in each, */
    u64 block_pages; /* and its pages; 0: of many sizes */
    u64 pages;       /* of all of them */
    u64 allocs, failures;
};
void slab_walk(void (*fn)(const struct slab_info *info, void *arg), void *arg);

/* ---- for kernel/mem_alloc.c, where slab_init stands ---- */
void slab_start(void);
struct slab *slab_new_class(const char *name, size_t size);
struct slab *slab_of(const void *p);                        /* whose object it is; NULL: nobody's */
void slab_large_count(i64 objects, i64 pages, bool failed); /* what is larger than SLAB_MOST, for slab_walk */

#endif

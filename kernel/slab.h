/* Objects smaller than pages: pools of one size each, with a magazine of free ones for every CPU.
 *
 *     struct slab *s = slab_new("task", sizeof(struct task));     once, at bring-up
 *     p = slab_alloc(s); ... slab_free(s, p);                     softirq context and tasks
 *
 * The common path takes from and gives to this CPU's magazine: no lock, no shared line. mem_alloc and mem_free
 * (lib/plat.h) are pools by size class, and whole pages above SLAB_MOST. An allocation may always fail: NULL.
 *
 * Debug builds put a red zone behind each object, poison freed ones, and panic by name of the pool at a write beyond
 * the end, after the free, or at a second free. There slab_fail_at(n) makes the n-th allocation from now fail, once.
 */
#ifndef KERNEL_SLAB_H
#define KERNEL_SLAB_H

#include "lib/base.h"

#define SLAB_MOST  2048 /* larger ones are pages */
#define SLAB_POOLS 96

struct slab;

void slab_init(void);                                 /* after page_init: mem_alloc works from here on */
void slab_init_cpu(unsigned cpu);                     /* the first CPU, for another: its magazines; none until then */
struct slab *slab_new(const char *name, size_t size); /* never freed; size at most 16 KiB; NULL: no memory, no place */
void *slab_alloc(struct slab *s) MUST_USE;
void slab_free(struct slab *s, void *p); /* NULL is allowed */

struct slab_info {
    const char *name;
    size_t size; /* of an object, as asked for; 0: of many sizes (what is larger than SLAB_MOST) */
    size_t slot; /* what it takes */
    u64 live;    /* objects in somebody's hands */
    u64 objects; /* all that exist, magazines and free ones counted */
    u64 pages;
    u64 allocs, failures;
};
void slab_walk(void (*fn)(const struct slab_info *info, void *arg), void *arg);

void slab_fail_at(u64 n);   /* debug builds: 0 never, 1 the next; pages too */
bool slab_failed(void);     /* has that one been made to fail? */
u64 slab_alloc_count(void); /* debug builds: allocations since boot, pages too: what slab_fail_at counts */

/* For every way in to memory: counts, and is true when this allocation shall fail. */
bool slab_may_fail(void);

/* ---- for kernel/mem_alloc.c, where slab_init stands ---- */
void slab_start(void);
struct slab *slab_new_class(const char *name, size_t size);
void *slab_alloc_sized(struct slab *s, size_t size, const void *who) MUST_USE; /* size: what was asked for */
void slab_free_by(struct slab *s, void *p, const void *who);
struct slab *slab_of(const void *p); /* whose object it is; NULL: nobody's */
bool slab_is_class(const struct slab *s);
void slab_large_count(i64 objects, i64 pages, bool failed); /* what is larger than SLAB_MOST, for slab_walk */

#endif

/* Physical pages: all RAM of the machine in blocks of 2^order pages (a buddy allocator).
 *
 * Reserved and bad regions, the image, boot modules and the first MiB are never given out. Nothing of RAM is cleared or
 * touched at bring-up but two bytes a page that say what it is: a block on a free list holds its links in itself, and
 * only blocks that are on lists are written to. page_alloc and page_free (lib/plat.h) are the way in; softirq context
 * and tasks. Single pages come from a small store of each CPU's own. A page that is freed twice, or by another order
 * than it was allocated, panics. Debug builds fill freed pages with 0xdb and look when they are given out again
 * whether somebody wrote there.
 */
#ifndef KERNEL_PAGE_H
#define KERNEL_PAGE_H

#include "lib/base.h"

#define PAGE_SIZE   4096ull
#define PAGE_SHIFT  12
#define PAGE_ORDERS 19 /* largest block: 2^18 pages, 1 GiB */
#define PAGE_POISON 0xdb

void page_init(void);      /* from bootinfo; on the early map: takes only RAM below 4 GiB at first */
void page_init_high(void); /* after vm_init: the RAM above */

struct page_info {
    u64 total, free;             /* pages; total is what the allocator ever had */
    u64 low_water;               /* the least that was ever free, to within the CPUs' stores */
    u64 allocs, frees, failures; /* since boot */
    u64 stored;                  /* of those free, in the CPUs' stores */
    u64 blocks[PAGE_ORDERS];     /* free ones, by order; without the stores */
};
void page_info(struct page_info *info);

u64 page_ram(void); /* bytes of RAM that the loader told of, whoever holds them */

/* Spans of RAM as page numbers, for the direct map: ACPI's tables are in it, reserved and bad memory is not. */
struct ram_span;
unsigned page_ram_spans(struct ram_span *span, unsigned most);

/* ---- for kernel/slab.c ----
 * page_alloc without the hook that makes allocations fail, and what a block is used as. */
enum page_use {
    PAGE_NONE,     /* no RAM of ours */
    PAGE_FREE,     /* head of a free block */
    PAGE_STORED,   /* in a CPU's store */
    PAGE_USED,     /* head of a block that page_alloc gave */
    PAGE_SLAB,     /* each page of a slab's block */
    PAGE_LARGE,    /* head of what mem_alloc gave, */
    PAGE_LARGE_ON, /* and of a further block of it */
};
void *page_take(unsigned order) MUST_USE;
void page_give(void *p, unsigned order);                       /* of any use but FREE and STORED */
void page_use_set(void *p, unsigned order, enum page_use use); /* PAGE_SLAB marks each page of the block */
enum page_use page_use_get(const void *p, unsigned *order);    /* any address */

#endif

/* Physical pages: all RAM of the machine in blocks of 2^order pages (a buddy allocator).
 *
 * Reserved and bad regions, the image, boot modules and the first MiB are never given out. Nothing of RAM is cleared or
 * touched at bring-up but two bytes a page that say what it is: a block on a free list holds its links in itself, and
 * only blocks that are on lists are written to. page_alloc and page_free (lib/plat.h) are the way in; softirq context
 * and tasks. Single pages come from a magazine of each CPU's own. What is freed twice, by another order or address than
 * it was allocated, or came from elsewhere, panics in every build. Debug builds fill freed pages with 0xdb and look
 * when they are given out again whether somebody wrote there.
 */
#ifndef KERNEL_PAGE_H
#define KERNEL_PAGE_H

#include "kernel/direct.h"
#include "lib/base.h"

#define PAGE_SIZE   4096ull
#define PAGE_SHIFT  12
#define PAGE_ORDERS 19 /* largest block: 2^18 pages, 1 GiB */
#define PAGE_POISON 0xdb

void page_init(void);      /* from bootinfo; on the early map: takes only RAM below 4 GiB at first */
void page_init_high(void); /* after vm_init: the RAM above */

struct page_info {
    u64 total, free;         /* pages; total is what the allocator ever had */
    u64 low_water;           /* the least that was ever free, to within the CPUs' magazines */
    u64 allocs, failures;    /* since boot */
    u64 stored;              /* of those free, in the CPUs' magazines */
    u64 blocks[PAGE_ORDERS]; /* free ones, by order; without the magazines */
};
void page_info(struct page_info *info);

u64 page_ram(void); /* bytes of RAM that the loader told of, whoever holds them */

/* Spans of RAM as page numbers, for the direct map: ACPI's tables are in it, reserved and bad memory is not. */
struct ram_span;
unsigned page_ram_spans(struct ram_span *span, unsigned most);

/* ---- for kernel/slab.c and kernel/mem_alloc.c ----
 * page_alloc without the hook that makes allocations fail, and what a block is used as. */
enum page_use {
    PAGE_NONE,     /* no RAM of ours, or inside a block */
    PAGE_FREE,     /* head of a free block */
    PAGE_STORED,   /* in a CPU's magazine */
    PAGE_USED,     /* head of a block that page_alloc gave */
    PAGE_SLAB,     /* each page of a slab's block */
    PAGE_LARGE,    /* head of what mem_alloc gave, */
    PAGE_LARGE_ON, /* and of a further block of it */
};
void *page_take(unsigned order) MUST_USE;
void page_give(void *p, unsigned order); /* of any use but FREE and STORED */
void page_use_set(void *p, unsigned order, enum page_use use);
void page_use_slab(void *p, unsigned order, unsigned pool); /* marks each page of the block */

/* What is known of each page, below the top of RAM: */
extern u16 *page_states; /* bits 0-4 order, 5-7 enum page_use, 8 poisoned (debug builds), 9-15 pool of a PAGE_SLAB */
extern u64 page_states_count;

static inline u32 page_state(const void *p) /* of any address: 0 where there is no page of ours */
{
    u64 n = ((u64)p - VM_DIRECT) >> PAGE_SHIFT;
    return likely(n < page_states_count) ? page_states[n] : 0;
}

static inline enum page_use page_state_use(u32 state)
{
    return state >> 5 & 7;
}

static inline unsigned page_state_order(u32 state)
{
    return state & 31;
}

static inline unsigned page_state_pool(u32 state)
{
    return state >> 9;
}

#endif

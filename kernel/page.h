/* Physical pages: all RAM of the machine in blocks of 2^order pages (a buddy allocator).
 *
 * Reserved and bad regions, the image, boot modules and the first MiB are never given out. Nothing is cleared and
 * nothing touched at bring-up: a block on a free list holds its links in itself, and only blocks that are on lists are
 * written to. page_alloc and page_free (lib/plat.h) are the way in; softirq context and tasks. Debug builds fill freed
 * pages with 0xdb and look when they are given out again whether somebody wrote there.
 */
#ifndef KERNEL_PAGE_H
#define KERNEL_PAGE_H

#include "lib/base.h"

#define PAGE_SIZE   4096ull
#define PAGE_ORDERS 14 /* largest block: 2^13 pages, 32 MiB */

void page_init(void);      /* from bootinfo; on the early map: takes only RAM below 4 GiB at first */
void page_init_high(void); /* after vm_init: the RAM above */

struct page_info {
    u64 total, free;             /* pages; total is what the allocator ever had */
    u64 low_water;               /* the least that was ever free */
    u64 allocs, frees, failures; /* since boot */
    u64 blocks[PAGE_ORDERS];     /* free ones, by order */
};
void page_info(struct page_info *info);

u64 page_ram(void); /* bytes of RAM that the loader told of, whoever holds them */

#endif

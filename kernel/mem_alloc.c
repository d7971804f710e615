/* mem_alloc and kin (lib/plat.h): pools by size class up to SLAB_MOST, whole pages above.
 *
 * A large allocation is cut from a block of pages to what it needs, and what is over goes back at once:
 *
 *     5 pages of a block of 8:    | LARGE, order 2 | LARGE_ON, order 0 | free, 1 | free, 2 pages |
 *
 * mem_free finds out from the page's state what an address is: an object of a pool, and of which, or the head of a
 * large one. It touches nothing of the block.
 */
#include "kernel/mem_fail.h"
#include "kernel/page.h"
#include "kernel/red_zone.h"
#include "kernel/slab.h"
#include "kernel/slab_pool.h"
#include "lib/string.h"

#define STEP 16

static const struct {
    u16 size;
    const char *name; /* as /proc/slabinfo has them in Linux */
} classes[] = {
    {16, "kmalloc-16"},   {32, "kmalloc-32"},     {48, "kmalloc-48"},        {64, "kmalloc-64"},   {128, "kmalloc-128"},
    {192, "kmalloc-192"}, {256, "kmalloc-256"},   {384, "kmalloc-384"},      {512, "kmalloc-512"}, {768, "kmalloc-768"},
    {1024, "kmalloc-1k"}, {1536, "kmalloc-1.5k"}, {SLAB_MOST, "kmalloc-2k"},
};

static struct slab *class_pool[ARRAY_LEN(classes)];
static u8 class_of[SLAB_MOST / STEP + 1]; /* by size in steps, rounded up */

void slab_init(void)
{
    unsigned step = 0;
    slab_start();
    for (unsigned c = 0; c < ARRAY_LEN(classes); c++) {
        class_pool[c] = slab_new_class(classes[c].name, classes[c].size);
        for (; step <= classes[c].size / STEP; step++)
            class_of[step] = (u8)c;
    }
}

/* ---- large ones ---- */

static unsigned order_for(u64 pages)
{
    return pages <= 1 ? 0 : 64 - (unsigned)__builtin_clzll(pages - 1);
}

static unsigned order_within(u64 pages)
{
    return 63 - (unsigned)__builtin_clzll(pages);
}

/* Marks the first `pages` pages of a block as one large allocation and gives the rest back. */
static void cut(char *p, u64 pages, unsigned order)
{
    u64 at = 0;
    while (at < pages) {
        unsigned piece = order_within(pages - at);
        page_use_set(p + at * PAGE_SIZE, piece, at ? PAGE_LARGE_ON : PAGE_LARGE);
        at += 1ull << piece;
    }
    while (at < 1ull << order) {
        unsigned piece = (unsigned)__builtin_ctzll(at);
        page_use_set(p + at * PAGE_SIZE, piece, PAGE_USED);
        page_give(p + at * PAGE_SIZE, piece);
        at += 1ull << piece;
    }
}

static u64 pages_of(const char *p)
{
    u32 state = page_state(p);
    u64 pages = 0;
    do {
        pages += 1ull << page_state_order(state);
        state = page_state(p + pages * PAGE_SIZE);
    } while (page_state_use(state) == PAGE_LARGE_ON);
    return pages;
}

static void *large_alloc(size_t size, const void *who)
{
    if (mem_may_fail())
        return NULL;
    u64 pages = (size + (PLAT_DEBUG ? sizeof(struct red_zone) : 0) + PAGE_SIZE - 1) / PAGE_SIZE;
    unsigned order = order_for(pages);
    void *p = size > PAGE_SIZE << (PAGE_ORDERS - 1) ? NULL : page_take(order);
    if (!p) {
        slab_large_count(0, 0, true);
        return NULL;
    }
    cut(p, pages, order);
    if (PLAT_DEBUG) {
        red_zone_fresh(p, pages * PAGE_SIZE);
        red_zone_alloc("kmalloc-large", p, size, pages * PAGE_SIZE, who);
    }
    slab_large_count(1, (i64)pages, false);
    return p;
}

static void large_free(char *p, const void *who)
{
    u64 pages = pages_of(p);
    if (PLAT_DEBUG)
        red_zone_free("kmalloc-large", p, pages * PAGE_SIZE, who);
    slab_large_count(-1, -(i64)pages, false);
    for (u64 at = 0, left = pages; left;) { /* not what the pages say behind a piece that is no longer ours */
        unsigned piece = order_within(left);
        page_give(p + at * PAGE_SIZE, piece);
        at += 1ull << piece;
        left -= 1ull << piece;
    }
}

/* ---- in and out ---- */

static inline void *alloc(size_t size, const void *who)
{
    if (unlikely(size > SLAB_MOST))
        return large_alloc(size, who);
    struct slab *s = class_pool[class_of[(size + STEP - 1) / STEP]];
    return PLAT_DEBUG ? slab_alloc_checked(s, size, who) : slab_take(s);
}

void *mem_alloc(size_t size)
{
    return alloc(size, __builtin_return_address(0));
}

void *mem_zalloc(size_t size)
{
    void *p = alloc(size, __builtin_return_address(0));
    return p ? memset(p, 0, size) : NULL;
}

/* What is no object of a class. */
static NOINLINE void free_other(void *p, const void *who)
{
    if (!p)
        return;
    if (page_state_use(page_state(p)) != PAGE_LARGE || (uintptr_t)p & (PAGE_SIZE - 1))
        panic("mem_free(%p): not from mem_alloc, or freed before", p);
    large_free(p, who);
}

void mem_free(void *p)
{
    u32 state = page_state(p);
    struct slab *s = &slab_pool[page_state_pool(state)];

    if (unlikely(page_state_use(state) != PAGE_SLAB || !s->class))
        free_other(p, __builtin_return_address(0));
    else if (PLAT_DEBUG)
        slab_free_checked(s, p, __builtin_return_address(0));
    else
        slab_give(s, p);
}

u64 mem_total(void)
{
    struct page_info info;
    page_info(&info);
    return info.total * PAGE_SIZE;
}

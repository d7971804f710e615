/* The buddy allocator. A block of 2^n pages lies at a multiple of its size; its buddy is the other half of the block
 * twice as large. Freeing joins buddies as far up as both are free.
 *
 * What page_states says is right for the first page of every block; of other pages, those of slabs apart, the use is
 * NONE, and only the poison bit means something. The states lie at the end of the largest span of RAM below 4 GiB, two
 * bytes a page up to the top of RAM.
 *
 * Single pages go through the CPU's magazine (kernel/magazine.h): page_alloc and page_free take and give there, and
 * page_take and page_give fill and empty it.
 *
 * Lock order: page_lock is innermost, taken with softirqs off.
 *
 * Never sleeps, never reclaims: who gets NULL copes.
 */
#include "kernel/page.h"

#include "kernel/bootinfo.h"
#include "kernel/magazine.h"
#include "kernel/mem_fail.h"
#include "kernel/ram_map.h"
#include "lib/list.h"
#include "lib/plat.h"
#include "lib/reclaim.h"
#include "lib/string.h"

#define STATE(use, order) ((u16)((use) << 5 | (order)))
#define STATE_POISON      0x100u
#define STATE_POOL        9

#define LOW_MEMORY  (1 * MIB) /* what firmware may still write to */
#define EARLY_LIMIT (4 * GIB >> PAGE_SHIFT)
#define SPANS       64
#define STORE_SHARE 1024 /* of RAM that a CPU's magazine may hold at most */

extern char image_start[], image_end[]; /* boot/link.ld */

u16 *page_states;
u64 page_states_count;

static u64 ram_bytes;
static struct ram_span spans[SPANS]; /* what we were given */
static unsigned span_count;

static struct magazine store[CPU_MAX];

static struct spinlock page_lock; /* all below */
static struct list free_list[PAGE_ORDERS];
static u64 free_blocks[PAGE_ORDERS];
static u64 total_pages, free_pages, low_water;
static u64 allocs, failures; /* allocs: without a magazine */

/* Of an address that is no page's first the low bits come out on top: a number beyond all pages. */
static u64 number_of(const void *p)
{
    u64 at = (u64)p - VM_DIRECT;
    return at >> PAGE_SHIFT | at << (64 - PAGE_SHIFT);
}

static void *page_at(u64 number)
{
    return vm_phys(number << PAGE_SHIFT);
}

static enum page_use use_of(u64 n)
{
    return page_state_use(page_states[n]);
}

static unsigned order_of(u64 n)
{
    return page_state_order(page_states[n]);
}

static void set_state(u64 n, enum page_use use, unsigned order)
{
    page_states[n] = (PLAT_DEBUG ? page_states[n] & STATE_POISON : 0) | STATE(use, order);
}

/* ---- poison: debug builds ---- */

static void poison(u64 n, u64 count)
{
    memset(page_at(n), PAGE_POISON, count << PAGE_SHIFT);
    for (u64 i = 0; i < count; i++)
        page_states[n + i] |= STATE_POISON;
}

static void check_poison(u64 n, u64 count)
{
    for (u64 i = 0; i < count; i++) {
        if (!(page_states[n + i] & STATE_POISON))
            continue;
        page_states[n + i] &= ~STATE_POISON;
        const u64 *w = page_at(n + i);
        for (unsigned j = 0; j < PAGE_SIZE / 8; j++)
            if (w[j] != 0x0101010101010101ull * PAGE_POISON)
                panic("page at %p was written to after it was freed: %llx", (const void *)&w[j],
                      (unsigned long long)w[j]);
    }
}

/* ---- blocks; page_lock is held ---- */

static void block_add(u64 n, unsigned order)
{
    set_state(n, PAGE_FREE, order);
    list_add(&free_list[order], page_at(n));
    free_blocks[order]++;
}

static void block_remove(u64 n, unsigned order)
{
    struct list *links = page_at(n);
    list_del(links);
    free_blocks[order]--;
    set_state(n, PAGE_NONE, 0);
    if (PLAT_DEBUG && page_states[n] & STATE_POISON)
        memset(links, PAGE_POISON, sizeof(*links));
}

static void block_free(u64 n, unsigned order)
{
    free_pages += 1ull << order;
    set_state(n, PAGE_NONE, 0);
    for (; order < PAGE_ORDERS - 1; order++) {
        u64 buddy = n ^ 1ull << order;
        if (buddy >= page_states_count || use_of(buddy) != PAGE_FREE || order_of(buddy) != order)
            break;
        block_remove(buddy, order);
        n &= ~(1ull << order);
    }
    block_add(n, order);
}

/* A block's first page, or 0 (page 0 is never ours). */
static u64 block_take(unsigned order)
{
    unsigned o = order;
    while (o < PAGE_ORDERS && list_empty(&free_list[o]))
        o++;
    if (o >= PAGE_ORDERS)
        return 0;
    u64 n = number_of(free_list[o].next);
    block_remove(n, o);
    while (o-- > order)
        block_add(n + (1ull << o), o);
    free_pages -= 1ull << order;
    low_water = min(low_water, free_pages);
    return n;
}

static void span_add(u64 first, u64 end)
{
    total_pages += end - first;
    while (first < end) {
        unsigned order = __builtin_ctzll(first | 1ull << (PAGE_ORDERS - 1));
        while (first + (1ull << order) > end)
            order--;
        block_free(first, order);
        first += 1ull << order;
    }
}

/* ---- a CPU's own single pages; softirqs are off ---- */

static void *store_take(void)
{
    struct magazine *m = &store[cpu_id()];
    u64 n;

    if (!m->count) {
        spin_lock(&page_lock);
        while (m->count < (m->capacity + 1) / 2 && (n = block_take(0))) {
            set_state(n, PAGE_STORED, 0);
            m->thing[m->count++] = page_at(n);
        }
        spin_unlock(&page_lock);
    }
    return magazine_take(m);
}

static void store_give(void *p)
{
    struct magazine *m = &store[cpu_id()];

    if (m->count == m->capacity) {
        spin_lock(&page_lock);
        while (m->count > m->capacity / 2)
            block_free(number_of(m->thing[--m->count]), 0);
        spin_unlock(&page_lock);
    }
    set_state(number_of(p), PAGE_STORED, 0);
    magazine_give(m, p);
}

/* ---- in and out ---- */

static void mark_used(void *p, unsigned order)
{
    u64 n = number_of(p);
    if (PLAT_DEBUG)
        check_poison(n, 1ull << order);
    set_state(n, PAGE_USED, order);
}

/* Entered with softirqs off. */
static NOINLINE void *take_slowly(unsigned order)
{
    void *p = NULL;

    if (order == 0) {
        p = store_take();
    } else if (order < PAGE_ORDERS) {
        spin_lock(&page_lock);
        u64 n = block_take(order);
        p = n ? page_at(n) : NULL;
        allocs += !!n;
        spin_unlock(&page_lock);
    }
    if (p)
        mark_used(p, order);
    else
        atomic_add_relaxed(&failures, 1);
    return softirq_on_with(p);
}

static inline void *take(unsigned order)
{
    softirq_off();
    void *p = likely(order == 0) ? magazine_take(&store[cpu_id()]) : NULL;
    if (unlikely(!p))
        return take_slowly(order);
    mark_used(p, 0);
    return softirq_on_with(p);
}

void *page_take(unsigned order)
{
    return take(order);
}

static NORETURN void refuse(void *p, unsigned order)
{
    u64 n = number_of(p);
    const char *is = "of another order";

    if (n >= page_states_count || use_of(n) == PAGE_NONE)
        is = "no block of ours";
    else if (use_of(n) < PAGE_USED)
        is = "free already";
    else if (use_of(n) > PAGE_USED)
        is = "of mem_alloc or of a pool";
    panic("page_free(%p, %u): it is %s", p, order, is);
}

/* Of a block that page_give or page_free has looked at; entered with softirqs off. */
static void give_slowly(void *p, unsigned order)
{
    u64 n = number_of(p);

    if (PLAT_DEBUG)
        poison(n, 1ull << order);
    if (order == 0) {
        store_give(p);
    } else {
        spin_lock(&page_lock);
        block_free(n, order);
        spin_unlock(&page_lock);
    }
    softirq_on();
}

void page_give(void *p, unsigned order)
{
    u64 n = number_of(p);

    if (n >= page_states_count || use_of(n) < PAGE_USED || order_of(n) != order)
        refuse(p, order);
    softirq_off();
    if (use_of(n) == PAGE_SLAB)
        for (u64 i = 1; i < 1ull << order; i++)
            set_state(n + i, PAGE_NONE, 0);
    give_slowly(p, order);
}

void *page_alloc(unsigned order)
{
    void *p = mem_may_fail() ? NULL : take(order);
    if (unlikely(!p))
        reclaim_ask();
    return p;
}

void page_free(void *p, unsigned order)
{
    u64 n = number_of(p);

    if (unlikely(n >= page_states_count || page_states[n] != STATE(PAGE_USED, order))) {
        if (p)
            refuse(p, order);
        return;
    }
    softirq_off();
    if (!PLAT_DEBUG && likely(order == 0) && likely(magazine_give(&store[cpu_id()], p))) {
        set_state(n, PAGE_STORED, 0);
        softirq_on();
        return;
    }
    give_slowly(p, order);
}

void page_use_set(void *p, unsigned order, enum page_use use)
{
    set_state(number_of(p), use, order);
}

void page_use_slab(void *p, unsigned order, unsigned pool)
{
    u64 n = number_of(p);
    for (u64 i = 0; i < 1ull << order; i++)
        page_states[n + i] = STATE(PAGE_SLAB, order) | (u16)(pool << STATE_POOL);
}

/* ---- bring-up ---- */

static unsigned add_range(struct ram_range *r, unsigned n, u64 base, u64 size, bool usable)
{
    r[n] = (struct ram_range){base, size, usable};
    return n + 1;
}

static bool is_ram(u32 type)
{
    return type == BOOT_RAM || type == BOOT_ACPI || type == BOOT_NVS;
}

static unsigned ranges_told(struct ram_range *r, bool (*usable)(u32 type))
{
    unsigned n = 0;
    for (u32 i = 0; i < bootinfo.regions; i++)
        n = add_range(r, n, bootinfo.region[i].base, bootinfo.region[i].size, usable(bootinfo.region[i].type));
    return n;
}

unsigned page_ram_spans(struct ram_span *span, unsigned most)
{
    struct ram_range range[RAM_MAP_RANGES];
    u64 lost;
    return ram_map_spans(range, ranges_told(range, is_ram), span, most, &lost);
}

static bool is_free(u32 type)
{
    return type == BOOT_RAM;
}

static void find_spans(void)
{
    struct ram_range range[RAM_MAP_RANGES];
    unsigned n = ranges_told(range, is_free);
    u64 lost;

    for (u32 i = 0; i < bootinfo.regions; i++)
        if (bootinfo.region[i].type == BOOT_RAM)
            ram_bytes += bootinfo.region[i].size;
    for (u32 i = 0; i < bootinfo.modules; i++)
        n = add_range(range, n, bootinfo.module[i].base, bootinfo.module[i].size, false);
    if (bootinfo.rsdp_copied) /* in the loader's memory: kernel/acpi.c has yet to read it */
        n = add_range(range, n, bootinfo.rsdp, 64, false);
    n = add_range(range, n, 0, LOW_MEMORY, false);
    n = add_range(range, n, vm_to_phys(image_start), image_end - image_start, false);
    span_count = ram_map_spans(range, n, spans, SPANS, &lost);
    if (lost)
        log_write(LOG_WARN, "memory: %llu KiB in more than %u pieces are left unused", (unsigned long long)lost * 4,
                  SPANS);
}

/* The states: at the end of the largest span that the early map reaches. */
static void place_states(void)
{
    struct ram_span *largest = NULL;

    for (unsigned i = 0; i < span_count; i++) {
        struct ram_span *s = &spans[i];
        page_states_count = max(page_states_count, s->end);
        if (s->end <= EARLY_LIMIT && (!largest || s->end - s->first > largest->end - largest->first))
            largest = s;
    }
    u64 need = (page_states_count * sizeof(*page_states) + PAGE_SIZE - 1) >> PAGE_SHIFT;
    if (!largest || largest->end - largest->first <= need)
        panic("no memory: %llu MiB in %u pieces", (unsigned long long)(ram_bytes / MIB), span_count);
    largest->end -= need;
    page_states = page_at(largest->end);
    memset(page_states, 0, page_states_count * sizeof(*page_states));
}

static void add_spans(u64 from, u64 to)
{
    for (unsigned i = 0; i < span_count; i++) {
        u64 first = max(spans[i].first, from), end = min(spans[i].end, to);
        if (first < end)
            span_add(first, end);
    }
    low_water = free_pages;
}

void page_init(void)
{
    for (unsigned i = 0; i < PAGE_ORDERS; i++)
        list_init(&free_list[i]);
    find_spans();
    place_states();
    add_spans(0, EARLY_LIMIT);
    u64 most = max(min((u64)MAGAZINE_MOST, total_pages / STORE_SHARE), 1ull);
    for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
        store[cpu].capacity = (u32)most;
}

void page_init_high(void)
{
    softirq_off();
    spin_lock(&page_lock);
    add_spans(EARLY_LIMIT, ~0ull);
    spin_unlock(&page_lock);
    softirq_on();
}

/* ---- what can be seen ---- */

void page_info(struct page_info *info)
{
    *info = (struct page_info){0};
    softirq_off();
    spin_lock(&page_lock);
    info->total = total_pages;
    info->free = free_pages;
    info->low_water = low_water;
    info->allocs = allocs;
    memcpy(info->blocks, free_blocks, sizeof(free_blocks));
    spin_unlock(&page_lock);
    softirq_on();
    for (unsigned i = 0; i < CPU_MAX; i++) {
        info->stored += load_relaxed(&store[i].count);
        info->allocs += load_relaxed(&store[i].allocs);
    }
    info->free += info->stored;
    info->failures = load_relaxed(&failures);
}

u64 page_ram(void)
{
    return ram_bytes;
}

/* The buddy allocator. A block of 2^n pages lies at a multiple of its size; its buddy is the other half of the block
 * twice as large. Freeing joins buddies as far up as both are free.
 *
 *     state[page]    bits 0-4 order, 5-7 enum page_use, 8 poisoned (debug)
 *
 * is right for the first page of every block; of other pages the use is NONE, and only the poison bit means something.
 * The states lie at the end of the largest span of RAM below 4 GiB, two bytes a page up to the top of RAM.
 *
 * Lock order: page_lock is innermost, taken with softirqs off. A CPU's store of single pages is touched with softirqs
 * off on that CPU alone; others look at its count.
 *
 * Never sleeps, never reclaims: who gets NULL copes.
 */
#include "kernel/page.h"

#include "kernel/bootinfo.h"
#include "kernel/direct.h"
#include "kernel/ram_map.h"
#include "lib/list.h"
#include "lib/plat.h"
#include "lib/string.h"

#define STATE_ORDER  0x1fu
#define STATE_USE    5
#define STATE_POISON 0x100u

#define LOW_MEMORY  (1 * MIB) /* what firmware may still write to */
#define EARLY_LIMIT (4 * GIB >> PAGE_SHIFT)
#define SPANS       64
#define STORE_MOST  32

struct page_store {
    u32 count;
    u64 allocs, frees;
    void *page[STORE_MOST];
} CACHE_ALIGNED;

extern char image_start[], image_end[]; /* boot/link.ld */

static u16 *state; /* by page number below state_pages */
static u64 state_pages;
static u64 ram_bytes;
static struct ram_span spans[SPANS]; /* what we were given */
static unsigned span_count;

static struct page_store store[CPU_MAX];
static u32 store_size; /* pages a CPU may keep: less where memory is scarce */

static struct spinlock page_lock; /* all below */
static struct list free_list[PAGE_ORDERS];
static u64 free_blocks[PAGE_ORDERS];
static u64 total_pages, free_pages, low_water;
static u64 allocs, frees, failures;

static u64 number_of(const void *p)
{
    return ((uintptr_t)p - VM_DIRECT) >> PAGE_SHIFT;
}

static void *page_at(u64 number)
{
    return vm_phys(number << PAGE_SHIFT);
}

static enum page_use use_of(u64 n)
{
    return (state[n] & 0xff) >> STATE_USE;
}

static unsigned order_of(u64 n)
{
    return state[n] & STATE_ORDER;
}

static void set_state(u64 n, enum page_use use, unsigned order)
{
    state[n] = (state[n] & STATE_POISON) | use << STATE_USE | order;
}

/* ---- poison: debug builds ---- */

static void poison(u64 n, u64 count)
{
    memset(page_at(n), PAGE_POISON, count << PAGE_SHIFT);
    for (u64 i = 0; i < count; i++)
        state[n + i] |= STATE_POISON;
}

static void check_poison(u64 n, u64 count)
{
    for (u64 i = 0; i < count; i++) {
        if (!(state[n + i] & STATE_POISON))
            continue;
        state[n + i] &= ~STATE_POISON;
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
    if (PLAT_DEBUG && state[n] & STATE_POISON)
        memset(links, PAGE_POISON, sizeof(*links));
}

static void block_free(u64 n, unsigned order)
{
    free_pages += 1ull << order;
    set_state(n, PAGE_NONE, 0);
    for (; order < PAGE_ORDERS - 1; order++) {
        u64 buddy = n ^ 1ull << order;
        if (buddy >= state_pages || use_of(buddy) != PAGE_FREE || order_of(buddy) != order)
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

/* ---- a CPU's own store of single pages; softirqs are off ---- */

static void *store_take(void)
{
    struct page_store *s = &store[cpu_id()];
    if (unlikely(!s->count)) {
        u64 n;
        spin_lock(&page_lock);
        while (s->count < (store_size + 1) / 2 && (n = block_take(0))) {
            set_state(n, PAGE_STORED, 0);
            s->page[s->count++] = page_at(n);
        }
        spin_unlock(&page_lock);
        if (!s->count)
            return NULL;
    }
    s->allocs++;
    return s->page[--s->count];
}

static void store_give(void *p)
{
    struct page_store *s = &store[cpu_id()];
    if (unlikely(s->count >= store_size)) {
        spin_lock(&page_lock);
        while (s->count > store_size / 2)
            block_free(number_of(s->page[--s->count]), 0);
        spin_unlock(&page_lock);
    }
    s->frees++;
    set_state(number_of(p), PAGE_STORED, 0);
    s->page[s->count++] = p;
}

/* ---- in and out ---- */

void *page_take(unsigned order)
{
    u64 n = 0;

    if (order >= PAGE_ORDERS)
        return NULL;
    softirq_off();
    if (order == 0) {
        void *p = store_take();
        n = p ? number_of(p) : 0;
    } else {
        spin_lock(&page_lock);
        n = block_take(order);
        allocs += !!n;
        spin_unlock(&page_lock);
    }
    if (n) {
        if (PLAT_DEBUG)
            check_poison(n, 1ull << order);
        set_state(n, PAGE_USED, order);
    } else {
        atomic_add_relaxed(&failures, 1);
    }
    softirq_on();
    return n ? page_at(n) : NULL;
}

void page_give(void *p, unsigned order)
{
    u64 n = number_of(p), count = 1ull << order;

    if (n >= state_pages || use_of(n) < PAGE_USED || order_of(n) != order)
        panic("page_free(%p, %u): it is %s", p, order,
              n >= state_pages || use_of(n) == PAGE_NONE ? "no block of ours"
              : use_of(n) < PAGE_USED                    ? "free already"
                                                         : "of another order");
    softirq_off();
    if (use_of(n) == PAGE_SLAB)
        for (u64 i = 1; i < count; i++)
            set_state(n + i, PAGE_NONE, 0);
    if (PLAT_DEBUG)
        poison(n, count);
    if (order == 0 && store_size) {
        store_give(p);
    } else {
        spin_lock(&page_lock);
        block_free(n, order);
        frees++;
        spin_unlock(&page_lock);
    }
    softirq_on();
}

void page_use_set(void *p, unsigned order, enum page_use use)
{
    u64 n = number_of(p);
    u64 count = use == PAGE_SLAB ? 1ull << order : 1;
    for (u64 i = 0; i < count; i++)
        set_state(n + i, use, order);
}

enum page_use page_use_get(const void *p, unsigned *order)
{
    u64 n = number_of(p);
    if ((uintptr_t)p < VM_DIRECT || n >= state_pages)
        return PAGE_NONE;
    *order = order_of(n);
    return use_of(n);
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
        state_pages = max(state_pages, s->end);
        if (s->end <= EARLY_LIMIT && (!largest || s->end - s->first > largest->end - largest->first))
            largest = s;
    }
    u64 need = (state_pages * sizeof(*state) + PAGE_SIZE - 1) >> PAGE_SHIFT;
    if (!largest || largest->end - largest->first <= need)
        panic("no memory: %llu MiB in %u pieces", (unsigned long long)(ram_bytes / MIB), span_count);
    largest->end -= need;
    state = page_at(largest->end);
    memset(state, 0, state_pages * sizeof(*state));
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
    store_size = (u32)min((u64)STORE_MOST, total_pages / 1024);
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
    info->frees = frees;
    memcpy(info->blocks, free_blocks, sizeof(free_blocks));
    spin_unlock(&page_lock);
    softirq_on();
    for (unsigned i = 0; i < CPU_MAX; i++) {
        info->stored += load_relaxed(&store[i].count);
        info->allocs += load_relaxed(&store[i].allocs);
        info->frees += load_relaxed(&store[i].frees);
    }
    info->free += info->stored;
    info->failures = load_relaxed(&failures);
}

u64 page_ram(void)
{
    return ram_bytes;
}

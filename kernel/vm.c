/* Page tables. See vm.h for the map.
 *
 *     entry_of(addr, level, make)    walks down from the root; with make, tables that are missing on the way are added
 *     map_range                      leaves of the largest size that alignment, room and the CPU allow
 *     unmap_range, vm_protect        of 4 KiB leaves alone: only those are ever taken away or changed
 *
 * Tables are pages like others, reached through the direct map, and never freed. A change that takes something away is
 * followed by a flush on all CPUs; one that adds needs none.
 */
#include "kernel/vm.h"

#include "kernel/bootinfo.h"
#include "kernel/cpuid.h"
#include "kernel/page.h"
#include "kernel/ram_map.h"
#include "kernel/x86.h"
#include "lib/plat.h"
#include "lib/string.h"

#define P_PRESENT (1ull << 0)
#define P_WRITE   (1ull << 1)
#define P_PWT     (1ull << 3) /* with PCD 0: PAT entry 1, which we make write-combining */
#define P_PCD     (1ull << 4) /* with PWT 1: PAT entry 3, uncached */
#define P_LARGE   (1ull << 7)
#define P_GLOBAL  (1ull << 8)
#define P_NX      (1ull << 63)
#define P_ADDR    0x000ffffffffff000ull
#define P_CACHE   (P_PWT | P_PCD)

#define PAT_VALUE 0x0007010600070106ull /* WB, WC, UC-, UC; twice */
#define SPANS     BOOT_REGIONS
#define LEVELS    4

extern u8 image_start[], image_text_end[], image_rodata_end[], image_end[];
extern u8 boot_stack_guard[]; /* boot/entry.S */

static u64 *root;
static struct spinlock lock; /* over all tables; softirqs off: stacks of dead tasks are freed in a softirq */

static void flush_here(u64 addr, u64 size)
{
    for (u64 a = addr; a < addr + size; a += VM_PAGE)
        invlpg(a);
}

static void (*flush)(u64 addr, u64 size) = flush_here;

void vm_set_flush(void (*fn)(u64 addr, u64 size))
{
    flush = fn;
}

static void tables_lock(void)
{
    softirq_off();
    spin_lock(&lock);
}

static void tables_unlock(void)
{
    spin_unlock(&lock);
    softirq_on();
}

static u64 level_size(unsigned level) /* 1: 4 KiB, 2: 2 MiB, 3: 1 GiB */
{
    return VM_PAGE << 9 * (level - 1);
}

u64 vm_root(void)
{
    return vm_to_phys(root);
}

static u64 *table_new(void)
{
    u64 *t = page_alloc(0);
    if (t)
        memset(t, 0, VM_PAGE);
    return t;
}

/* The entry for addr at `level`, or at a higher one where a large leaf (or nothing, without `make`) ends the walk: *at
 * says which. NULL: a table was wanted and there is no memory. */
static u64 *entry_of(u64 addr, unsigned level, bool make, unsigned *at)
{
    u64 *table = root;
    for (unsigned l = LEVELS;; l--) {
        u64 *e = &table[addr >> (12 + 9 * (l - 1)) & 511];
        *at = l;
        if (l == level || (*e & P_PRESENT && l < LEVELS && *e & P_LARGE))
            return e;
        if (!(*e & P_PRESENT)) {
            if (!make)
                return e;
            u64 *t = table_new();
            if (!t)
                return NULL;
            store_release(e, vm_to_phys(t) | P_PRESENT | P_WRITE); /* empty before it is found */
        }
        table = vm_phys(*e & P_ADDR);
    }
}

/* The largest level whose page fits at addr, phys with `left` bytes to go. */
static unsigned fitting_level(u64 addr, u64 phys, u64 left)
{
    for (unsigned l = cpu_features.pages_1g ? 3 : 2; l > 1; l--)
        if (!((addr | phys) & (level_size(l) - 1)) && left >= level_size(l))
            return l;
    return 1;
}

/* Adds leaves for [addr, addr + size); what is there already stays as it is if it caches alike, else -EBUSY. */
static int map_range(u64 addr, u64 phys, u64 size, u64 flags)
{
    u64 end = addr + size;

    while (addr < end) {
        unsigned level = fitting_level(addr, phys, end - addr), at;
        u64 *e = entry_of(addr, level, true, &at);
        if (!e)
            return -ENOMEM;
        if (level > 1 && at == level && *e & P_PRESENT && !(*e & P_LARGE)) {
            e = entry_of(addr, 1, true, &at); /* smaller pages are there: go on in their size */
            if (!e)
                return -ENOMEM;
        }
        if (*e & P_PRESENT) {
            if ((*e ^ flags) & P_CACHE)
                return -EBUSY;
        } else {
            store_release(e, phys | flags | (at > 1 ? P_LARGE : 0));
        }
        u64 step = level_size(at) - (addr & (level_size(at) - 1));
        addr += step;
        phys += step;
    }
    return 0;
}

static u64 flags_of(unsigned rights)
{
    u64 f = P_PRESENT | (cpu_features.pge ? P_GLOBAL : 0);
    if (rights & VM_WRITE)
        f |= P_WRITE;
    if (!(rights & VM_EXEC) && cpu_features.nx)
        f |= P_NX;
    return f;
}

static u64 cache_flags(enum vm_cache cache)
{
    if (cache == VM_CACHED)
        return 0;
    return cache == VM_WRITE_COMBINING && cpu_features.pat ? P_PWT : P_PWT | P_PCD;
}

int vm_map(u64 addr, u64 phys, u64 size, unsigned rights)
{
    tables_lock();
    int err = map_range(addr, phys, size, flags_of(rights));
    tables_unlock();
    return err;
}

u64 vm_mapped_phys(u64 addr)
{
    unsigned at;
    tables_lock();
    u64 e = *entry_of(addr, 1, false, &at);
    tables_unlock();
    if (!(e & P_PRESENT))
        panic("vm: nothing is mapped at %p", (void *)addr);
    u64 inside = level_size(at) - 1;
    return (e & P_ADDR & ~inside) | (addr & inside);
}

/* Sets each 4 KiB leaf of the range to what `change` makes of it, then flushes. */
static void change_range(u64 addr, u64 size, u64 keep, u64 set)
{
    unsigned at;

    tables_lock();
    for (u64 a = addr; a < addr + size; a += VM_PAGE) {
        u64 *e = entry_of(a, 1, false, &at);
        if (at == 1 && *e & P_PRESENT)
            *e = (*e & keep) | set;
    }
    tables_unlock();
    flush(addr, size);
}

void vm_unmap(u64 addr, u64 size)
{
    change_range(addr, size, 0, 0);
}

void vm_protect(u64 addr, u64 size, unsigned rights)
{
    change_range(addr, size, P_ADDR, flags_of(rights));
}

/* Are all pages of the direct map's [first, end) there already, and cached so? Tables are never freed: no lock. */
static bool is_mapped(u64 first, u64 end, u64 cache)
{
    unsigned at;
    for (u64 a = first; a < end; a = round_down(a, level_size(at)) + level_size(at)) {
        u64 e = load_acquire(entry_of(VM_DIRECT + a, 1, false, &at));
        if (!(e & P_PRESENT) || (e & P_CACHE) != cache)
            return false;
    }
    return true;
}

void *vm_map_io(u64 phys, size_t size, enum vm_cache cache)
{
    u64 first = round_down(phys, VM_PAGE), end = round_up(phys + size, VM_PAGE);

    if (!size || end <= first || end > VM_MAPPED - VM_DIRECT || end > 1ull << cpu_features.phys_bits)
        return NULL; /* an address that this CPU has no wires for is a fault at the first touch */
    if (is_mapped(first, end, cache_flags(cache)))
        return vm_phys(phys); /* asked for again: in any context */
    tables_lock();
    int err = map_range(VM_DIRECT + first, first, end - first, flags_of(VM_WRITE) | cache_flags(cache));
    tables_unlock();
    return err ? NULL : vm_phys(phys);
}

int vm_trampoline(u64 phys, bool on)
{
    if (on)
        return vm_map(phys, phys, VM_PAGE, VM_EXEC);
    vm_unmap(phys, VM_PAGE);
    return 0;
}

static void walk_table(u64 *table, unsigned level, u64 base, void (*fn)(const struct vm_leaf *, void *), void *arg)
{
    u64 span = VM_PAGE << 9 * (level - 1);

    for (u64 i = 0; i < 512; i++) {
        u64 e = table[i], addr = base + i * span;
        if (!(e & P_PRESENT))
            continue;
        if (level == LEVELS && i >= 256)
            addr |= 0xffff000000000000ull; /* canonical */
        if (level > 1 && !(e & P_LARGE)) {
            walk_table(vm_phys(e & P_ADDR), level - 1, addr, fn, arg);
            continue;
        }
        fn(&(struct vm_leaf){.addr = addr,
                             .size = span,
                             .phys = e & P_ADDR & ~(span - 1),
                             .write = e & P_WRITE,
                             .exec = !(e & P_NX),
                             .cached = !(e & P_CACHE)},
           arg);
    }
}

void vm_walk(void (*fn)(const struct vm_leaf *leaf, void *arg), void *arg)
{
    walk_table(root, LEVELS, 0, fn, arg);
}

static void must(int err)
{
    if (err)
        panic("vm: no memory for the first page tables");
}

/* The direct map of [base, end) without what may not be written through it: the image's code and constants. */
static void map_ram(u64 base, u64 end)
{
    u64 hole = vm_to_phys(image_start), hole_end = vm_to_phys(image_rodata_end);

    if (base < hole_end && end > hole) {
        if (base < hole)
            must(map_range(VM_DIRECT + base, base, hole - base, flags_of(VM_WRITE)));
        must(map_range(VM_DIRECT + hole, hole, hole_end - hole, flags_of(0)));
        base = hole_end;
    }
    if (base < end)
        must(map_range(VM_DIRECT + base, base, end - base, flags_of(VM_WRITE)));
}

static void map_image(u8 *start, u8 *end, unsigned rights)
{
    must(map_range((u64)start, vm_to_phys(start), (u64)(end - start), flags_of(rights)));
}

void vm_init(void)
{
    static struct ram_span span[SPANS];

    root = table_new();
    must(root ? 0 : -ENOMEM);
    unsigned n = page_ram_spans(span, SPANS);
    for (unsigned i = 0; i < n; i++)
        map_ram(span[i].first << PAGE_SHIFT, span[i].end << PAGE_SHIFT);
    map_image(image_start, image_text_end, VM_EXEC);
    map_image(image_text_end, image_rodata_end, 0);
    map_image(image_rodata_end, boot_stack_guard, VM_WRITE);
    map_image(boot_stack_guard + VM_PAGE, image_end, VM_WRITE);
    vm_init_cpu();
    write_cr3(vm_root());
}

void vm_init_cpu(void)
{
    if (cpu_features.pat)
        wrmsr(MSR_PAT, PAT_VALUE);
}

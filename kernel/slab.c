/* Pools of objects of one size, in blocks of pages:
 *
 *     | struct block | slot 0 | slot 1 | ...        2^order pages at a multiple of their size, marked PAGE_SLAB
 *
 * so that an object's block, and by it the pool, is found from its address alone. A block's slots are carved as they
 * are wanted: memory that was never used is never touched. Free slots of a block are linked through their first word.
 *
 * Each CPU has a magazine, a stack of free objects, touched with softirqs off on that CPU alone. An empty one is filled
 * to the half from the blocks, a full one is emptied to the half, under the pool's lock.
 *
 * Lock order: a pool's lock -> page_lock (kernel/page.c). Interrupt handlers never allocate.
 */
#include "kernel/slab.h"

#include "kernel/cmdline.h"
#include "kernel/page.h"
#include "kernel/red_zone.h"
#include "lib/list.h"
#include "lib/parse.h"
#include "lib/plat.h"
#include "lib/string.h"

#define MAGAZINE      32         /* objects at most, */
#define MAGAZINE_SIZE (16 * KIB) /* and bytes of them */
#define ORDER_MOST    3
#define SIZE_MOST     (16 * KIB)

struct block {
    struct list link; /* in the pool's `partial`, while some slot is free */
    struct slab *pool;
    void *free;       /* linked through their first word */
    u32 used, carved; /* slots in hands or magazines; slots that were ever used */
} CACHE_ALIGNED;

struct magazine {
    u32 count;
    u64 allocs, frees;
    void *object[MAGAZINE];
} CACHE_ALIGNED;

struct slab {
    const char *name;
    u32 size, slot, order, slots; /* bytes; bytes; of a block; in a block */
    u32 capacity;                 /* of a magazine */
    bool class;                   /* of mem_alloc */
    struct magazine *magazine[CPU_MAX];

    struct spinlock lock CACHE_ALIGNED; /* all below */
    struct list partial;
    struct block *empty; /* one that is kept, in no list */
    u64 blocks, used;    /* used: in hands or magazines */
    u64 allocs, frees;   /* without a magazine */
    u64 failures;
};

static struct slab pools[SLAB_POOLS];
static u32 pool_count;
static struct spinlock pools_lock; /* making pools, magazines of further CPUs */
static u64 cpus_ready;             /* a bit for each CPU that has magazines */
static struct slab *magazines;     /* the pool that they come from; has none itself */

static struct slab_info large = {.name = "kmalloc-large"};

static u64 alloc_count, fail_at;
static bool fail_done;

/* ---- blocks; the pool's lock is held ---- */

static struct block *block_new(struct slab *s)
{
    struct block *b = page_take(s->order);
    if (!b)
        return NULL;
    page_use_set(b, s->order, PAGE_SLAB);
    *b = (struct block){.pool = s};
    list_add(&s->partial, &b->link);
    s->blocks++;
    return b;
}

static void *slot_take(struct slab *s)
{
    struct block *b = container_of(s->partial.next, struct block, link);
    void *p;

    if (list_empty(&s->partial)) {
        b = s->empty;
        s->empty = NULL;
        if (b)
            list_add(&s->partial, &b->link);
        else if (!(b = block_new(s)))
            return NULL;
    }
    p = b->free;
    if (p) {
        b->free = *(void **)p;
    } else {
        p = (char *)(b + 1) + (size_t)b->carved++ * s->slot;
        if (PLAT_DEBUG)
            red_zone_fresh(p, s->slot);
    }
    b->used++;
    s->used++;
    if (!b->free && b->carved == s->slots)
        list_del(&b->link);
    return p;
}

/* Returns a block that became free and is one too many, for page_give. */
static struct block *slot_give(struct slab *s, void *p)
{
    struct block *b = (void *)((uintptr_t)p & ~((PAGE_SIZE << s->order) - 1));
    if (!b->free && b->carved == s->slots)
        list_add(&s->partial, &b->link);
    *(void **)p = b->free;
    b->free = p;
    s->used--;
    if (--b->used)
        return NULL;
    list_del(&b->link);
    if (!s->empty) {
        s->empty = b;
        return NULL;
    }
    s->blocks--;
    return b;
}

/* ---- magazines; softirqs are off ---- */

static void magazine_fill(struct slab *s, struct magazine *m)
{
    spin_lock(&s->lock);
    while (m->count < (s->capacity + 1) / 2) {
        void *p = slot_take(s);
        if (!p)
            break;
        m->object[m->count++] = p;
    }
    if (!m->count)
        s->failures++;
    spin_unlock(&s->lock);
}

static void magazine_drain(struct slab *s, struct magazine *m)
{
    struct block *spare[MAGAZINE];
    unsigned spares = 0;

    spin_lock(&s->lock);
    while (m->count > s->capacity / 2) {
        struct block *b = slot_give(s, m->object[--m->count]);
        if (b)
            spare[spares++] = b;
    }
    spin_unlock(&s->lock);
    while (spares)
        page_give(spare[--spares], s->order);
}

static void *take_without(struct slab *s)
{
    spin_lock(&s->lock);
    void *p = slot_take(s);
    s->allocs += !!p;
    s->failures += !p;
    spin_unlock(&s->lock);
    return p;
}

static void give_without(struct slab *s, void *p)
{
    spin_lock(&s->lock);
    struct block *spare = slot_give(s, p);
    s->frees++;
    spin_unlock(&s->lock);
    if (spare)
        page_give(spare, s->order);
}

/* ---- in and out ---- */

static void *take(struct slab *s)
{
    void *p = NULL;

    softirq_off();
    struct magazine *m = s->magazine[cpu_id()];
    if (unlikely(!m)) {
        p = take_without(s);
    } else {
        if (unlikely(!m->count))
            magazine_fill(s, m);
        if (likely(m->count)) {
            p = m->object[--m->count];
            m->allocs++;
        }
    }
    softirq_on();
    return p;
}

void *slab_alloc_sized(struct slab *s, size_t size, const void *who)
{
    if (PLAT_DEBUG && preempt_count() & IRQ_MASK)
        panic("%s: allocation inside an interrupt handler", s->name);
    if (slab_may_fail())
        return NULL;
    void *p = take(s);
    if (PLAT_DEBUG && p)
        red_zone_alloc(s->name, p, size, s->slot, who);
    return p;
}

void *slab_alloc(struct slab *s)
{
    return slab_alloc_sized(s, s->size, __builtin_return_address(0));
}

void slab_free(struct slab *s, void *p)
{
    if (p)
        slab_free_by(s, p, __builtin_return_address(0));
}

void slab_free_by(struct slab *s, void *p, const void *who)
{
    if (PLAT_DEBUG) {
        if (slab_of(p) != s)
            panic("slab_free(%p): it is not of %s", p, s->name);
        red_zone_free(s->name, p, s->slot, who);
    }
    softirq_off();
    struct magazine *m = s->magazine[cpu_id()];
    if (unlikely(!m)) {
        give_without(s, p);
    } else {
        if (unlikely(m->count == s->capacity))
            magazine_drain(s, m);
        m->object[m->count++] = p;
        m->frees++;
    }
    softirq_on();
}

struct slab *slab_of(const void *p)
{
    unsigned order;
    if (page_use_get(p, &order) != PAGE_SLAB)
        return NULL;
    struct block *b = (void *)((uintptr_t)p & ~((PAGE_SIZE << order) - 1));
    size_t at = (uintptr_t)p - (uintptr_t)(b + 1);
    return (uintptr_t)p > (uintptr_t)b && at % b->pool->slot == 0 && at / b->pool->slot < b->carved ? b->pool : NULL;
}

bool slab_is_class(const struct slab *s)
{
    return s->class;
}

/* ---- making pools ---- */

/* The smallest block that loses at most an eighth. */
static void choose_order(struct slab *s)
{
    for (s->order = 0;; s->order++) {
        size_t room = (PAGE_SIZE << s->order) - sizeof(struct block);
        s->slots = (u32)(room / s->slot);
        if (s->slots && (s->order >= ORDER_MOST || (room % s->slot) * 8 <= room))
            return;
    }
}

static void magazines_add(struct slab *s, unsigned cpu)
{
    struct magazine *m = magazines && !s->magazine[cpu] ? take(magazines) : NULL;
    if (m) {
        if (PLAT_DEBUG)
            red_zone_alloc(magazines->name, m, sizeof(*m), magazines->slot, NULL);
        *m = (struct magazine){0};
        store_release(&s->magazine[cpu], m);
    }
}

static struct slab *pool_new(const char *name, size_t size, bool class)
{
    size_t align = size < CACHE_LINE ? 16 : CACHE_LINE;
    size_t slot = max(size, (size_t)8) + (PLAT_DEBUG ? sizeof(struct red_zone) : 0);

    if (size > SIZE_MOST)
        return NULL;
    softirq_off();
    spin_lock(&pools_lock);
    struct slab *s = pool_count < SLAB_POOLS ? &pools[pool_count] : NULL;
    if (s) {
        s->name = name;
        s->size = (u32)size;
        s->slot = (u32)((slot + align - 1) & ~(align - 1));
        s->class = class;
        s->capacity = (u32)max(min((u64)MAGAZINE, MAGAZINE_SIZE / s->slot), 2ull);
        list_init(&s->partial);
        choose_order(s);
        for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
            if (cpus_ready & 1ull << cpu)
                magazines_add(s, cpu);
        store_release(&pool_count, pool_count + 1);
    }
    spin_unlock(&pools_lock);
    softirq_on();
    return s;
}

struct slab *slab_new(const char *name, size_t size)
{
    return pool_new(name, size, false);
}

struct slab *slab_new_class(const char *name, size_t size)
{
    return pool_new(name, size, true);
}

void slab_start(void)
{
    magazines = pool_new("magazine", sizeof(struct magazine), false);
    slab_init_cpu(0);
}

void slab_init_cpu(unsigned cpu)
{
    softirq_off();
    spin_lock(&pools_lock);
    cpus_ready |= 1ull << cpu;
    for (u32 i = 0; i < pool_count; i++)
        if (&pools[i] != magazines)
            magazines_add(&pools[i], cpu);
    spin_unlock(&pools_lock);
    softirq_on();
}

/* ---- what can be seen ---- */

static void look(struct slab *s, struct slab_info *i)
{
    softirq_off();
    spin_lock(&s->lock);
    *i = (struct slab_info){s->name, s->size, s->slot, 0, 0, s->blocks << s->order, s->allocs, s->failures};
    i->objects = s->blocks * s->slots;
    i->live = s->used;
    spin_unlock(&s->lock);
    softirq_on();
    for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
        struct magazine *m = load_acquire(&s->magazine[cpu]);
        if (m) { /* another CPU's changes under our eyes: right to within what it does meanwhile */
            i->live -= min(i->live, (u64)load_relaxed(&m->count));
            i->allocs += load_relaxed(&m->allocs);
        }
    }
}

void slab_walk(void (*fn)(const struct slab_info *info, void *arg), void *arg)
{
    u32 n = load_acquire(&pool_count);
    for (u32 i = 0; i < n; i++) {
        struct slab_info info;
        look(&pools[i], &info);
        fn(&info, arg);
    }
    struct slab_info l = large;
    l.objects = l.live;
    fn(&l, arg);
}

void slab_large_count(i64 objects, i64 pages, bool failed)
{
    atomic_add_relaxed(&large.live, objects);
    atomic_add_relaxed(&large.pages, pages);
    atomic_add_relaxed(&large.allocs, objects > 0);
    atomic_add_relaxed(&large.failures, failed);
}

/* ---- allocations that fail on purpose ---- */

bool slab_may_fail(void)
{
    if (!PLAT_DEBUG)
        return false;
    u64 nr = atomic_add_relaxed(&alloc_count, 1);
    if (likely(nr != load_relaxed(&fail_at)))
        return false;
    store_relaxed(&fail_done, true);
    log_write(LOG_NOTICE, "memory: allocation %llu fails, as was asked for", (unsigned long long)nr);
    return true;
}

void slab_fail_at(u64 n)
{
    store_relaxed(&fail_done, false);
    store_relaxed(&fail_at, n ? load_relaxed(&alloc_count) + n : 0);
}

bool slab_failed(void)
{
    return load_relaxed(&fail_done);
}

u64 slab_alloc_count(void)
{
    return load_relaxed(&alloc_count);
}

static int option_failalloc(const char *value)
{
    u64 n;
    if (!PLAT_DEBUG || !value || parse_u64(value, 1, ~0ull, &n, NULL))
        return -EINVAL;
    slab_fail_at(n);
    return 0;
}

BOOT_OPTION(failalloc, "failalloc", option_failalloc, "N: the N-th allocation fails, once (debug builds)");

/* Pools of objects of one size, in blocks of pages:
 *
 *     | struct block | slot 0 | slot 1 | ...        2^order pages at a multiple of their size, marked PAGE_SLAB
 *
 * so that an object's block, and by it the pool, is found from its address alone. A block's slots are carved as they
 * are wanted: memory that was never used is never touched. Free slots of a block are linked through their first word.
 *
 * Each CPU has a magazine for each pool (kernel/magazine.h). An empty one is filled to the half from the blocks, a full
 * one is emptied to the half, under the pool's lock. Who has none yet, or found no memory for one, has `none`, which is
 * always both empty and full: so the common path need not ask.
 *
 * Lock order: a pool's lock -> page_lock (kernel/page.c). Interrupt handlers never allocate.
 */
#include "kernel/slab.h"

#include "kernel/mem_fail.h"
#include "kernel/page.h"
#include "kernel/red_zone.h"
#include "kernel/slab_pool.h"
#include "lib/string.h"

#define MAGAZINE_SIZE  (256 * KIB) /* bytes of objects in one at most, */
#define MAGAZINE_SHARE 1024        /* and this part of RAM */
#define ORDER_MOST     3
#define SIZE_MOST      (16 * KIB)

struct block {
    struct list link; /* in the pool's `partial`, while some slot is free */
    struct slab *pool;
    void *free;       /* linked through their first word */
    u32 used, carved; /* slots in hands or magazines; slots that were ever used */
} CACHE_ALIGNED;

struct slab slab_pool[SLAB_POOLS];

static u32 pool_count;
static struct spinlock pools_lock; /* making pools, magazines of further CPUs */
static u64 cpus_ready;             /* a bit for each CPU that has magazines */
static struct slab *magazines;     /* the pool that they come from; has none itself */
static struct magazine none;

static struct slab_info large = {.name = "kmalloc-large"};

/* ---- blocks; the pool's lock is held ---- */

static struct block *block_new(struct slab *s)
{
    struct block *b = page_take(s->order);
    if (!b)
        return NULL;
    page_use_slab(b, s->order, (unsigned)(s - slab_pool));
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

static void fill(struct slab *s, struct magazine *m)
{
    spin_lock(&s->lock);
    while (m->count < (m->capacity + 1) / 2) {
        void *p = slot_take(s);
        if (!p)
            break;
        m->thing[m->count++] = p;
    }
    if (!m->count)
        s->failures++;
    spin_unlock(&s->lock);
}

static void drain(struct slab *s, struct magazine *m)
{
    struct list spare;

    list_init(&spare);
    spin_lock(&s->lock);
    while (m->count > m->capacity / 2) {
        struct block *b = slot_give(s, m->thing[--m->count]);
        if (b)
            list_add(&spare, &b->link);
    }
    spin_unlock(&s->lock);
    for (struct list *l; (l = list_pop(&spare));)
        page_give(container_of(l, struct block, link), s->order);
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
    spin_unlock(&s->lock);
    if (spare)
        page_give(spare, s->order);
}

/* ---- in and out ---- */

void *slab_take_slowly(struct slab *s)
{
    struct magazine *m = s->magazine[cpu_id()];
    if (m != &none)
        fill(s, m);
    void *p = m == &none ? take_without(s) : magazine_take(m);
    softirq_on();
    return p;
}

void slab_give_slowly(struct slab *s, void *p)
{
    struct magazine *m = s->magazine[cpu_id()];
    if (m != &none)
        drain(s, m);
    if (!magazine_give(m, p))
        give_without(s, p);
    softirq_on();
}

void *slab_alloc_checked(struct slab *s, size_t size, const void *who)
{
    if (preempt_count() & IRQ_MASK)
        panic("%s: allocation inside an interrupt handler", s->name);
    if (mem_may_fail())
        return NULL;
    void *p = slab_take(s);
    if (p)
        red_zone_alloc(s->name, p, size, s->slot, who);
    return p;
}

void slab_free_checked(struct slab *s, void *p, const void *who)
{
    if (preempt_count() & IRQ_MASK)
        panic("%s: free inside an interrupt handler", s->name);
    if (slab_of(p) != s)
        panic("slab_free(%p): it is not of %s", p, s->name);
    red_zone_free(s->name, p, s->slot, who);
    slab_give(s, p);
}

void *slab_alloc(struct slab *s)
{
    if (PLAT_DEBUG)
        return slab_alloc_checked(s, s->size, __builtin_return_address(0));
    return slab_take(s);
}

void slab_free(struct slab *s, void *p)
{
    if (unlikely(!p))
        return;
    if (PLAT_DEBUG)
        slab_free_checked(s, p, __builtin_return_address(0));
    else
        slab_give(s, p);
}

unsigned slab_alloc_bulk(struct slab *s, void **p, unsigned n)
{
    unsigned got = 0;

    softirq_off();
    struct magazine *m = s->magazine[cpu_id()];
    while (got < n) {
        unsigned some = PLAT_DEBUG ? 0 : min(n - got, m->count);
        if (!some) { /* one by one */
            if (!(p[got] = slab_alloc(s)))
                break;
            got++;
            continue;
        }
        m->count -= some;
        m->allocs += some;
        memcpy(p + got, m->thing + m->count, some * sizeof(*p));
        got += some;
    }
    softirq_on();
    return got;
}

void slab_free_bulk(struct slab *s, void **p, unsigned n)
{
    softirq_off();
    struct magazine *m = s->magazine[cpu_id()];
    while (n) {
        unsigned some = PLAT_DEBUG ? 0 : min(n, m->capacity - m->count);
        if (!some) {
            slab_free(s, p[--n]);
            continue;
        }
        n -= some;
        memcpy(m->thing + m->count, p + n, some * sizeof(*p));
        m->count += some;
    }
    softirq_on();
}

struct slab *slab_of(const void *p)
{
    u32 state = page_state(p);
    if (page_state_use(state) != PAGE_SLAB)
        return NULL;
    struct slab *s = &slab_pool[page_state_pool(state)];
    struct block *b = (void *)((uintptr_t)p & ~((PAGE_SIZE << s->order) - 1));
    size_t at = (uintptr_t)p - (uintptr_t)(b + 1);
    return (uintptr_t)p > (uintptr_t)b && at % s->slot == 0 && at / s->slot < b->carved ? s : NULL;
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
    if (!magazines || s->magazine[cpu] != &none || mem_may_fail())
        return;
    struct magazine *m = slab_take(magazines);
    if (m) {
        if (PLAT_DEBUG)
            red_zone_alloc(magazines->name, m, sizeof(*m), magazines->slot, NULL);
        *m = (struct magazine){.capacity = s->capacity};
        store_release(&s->magazine[cpu], m);
    }
}

static u32 capacity_for(size_t slot)
{
    struct page_info ram;
    page_info(&ram);
    u64 bytes = min(MAGAZINE_SIZE, ram.total * PAGE_SIZE / MAGAZINE_SHARE);
    return (u32)max(min((u64)MAGAZINE_MOST, bytes / slot), 2ull);
}

static void pool_fill(struct slab *s, const char *name, size_t size, bool class)
{
    size_t align = size < CACHE_LINE ? 16 : CACHE_LINE;
    size_t slot = max(size, (size_t)8) + (PLAT_DEBUG ? sizeof(struct red_zone) : 0);

    s->name = name;
    s->size = (u32)size;
    s->slot = (u32)((slot + align - 1) & ~(align - 1));
    s->class = class;
    s->capacity = capacity_for(s->slot);
    list_init(&s->partial);
    choose_order(s);
    for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
        s->magazine[cpu] = &none;
        if (cpus_ready & 1ull << cpu)
            magazines_add(s, cpu);
    }
}

static struct slab *pool_find(const char *name)
{
    for (u32 i = 0; i < pool_count; i++)
        if (strcmp(slab_pool[i].name, name) == 0)
            return &slab_pool[i];
    return NULL;
}

static struct slab *pool_new(const char *name, size_t size, bool class)
{
    if (size > SIZE_MOST)
        return NULL;
    softirq_off();
    spin_lock(&pools_lock);
    struct slab *s = pool_find(name);
    if (!s && pool_count < SLAB_POOLS) {
        s = &slab_pool[pool_count];
        pool_fill(s, name, size, class);
        store_release(&pool_count, pool_count + 1);
    }
    spin_unlock(&pools_lock);
    softirq_on();
    if (s && (s->size != size || s->class != class))
        panic("slab_new(\"%s\", %zu): there is one of %u bytes", name, size, s->size);
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
        if (&slab_pool[i] != magazines)
            magazines_add(&slab_pool[i], cpu);
    spin_unlock(&pools_lock);
    softirq_on();
}

/* ---- what can be seen ---- */

static void look(struct slab *s, struct slab_info *i)
{
    softirq_off();
    spin_lock(&s->lock);
    *i = (struct slab_info){
        .name = s->name,
        .size = s->size,
        .slot = s->slot,
        .live = s->used,
        .objects = s->blocks * s->slots,
        .blocks = s->blocks,
        .slots = s->slots,
        .block_pages = 1ull << s->order,
        .pages = s->blocks << s->order,
        .allocs = s->allocs,
        .failures = s->failures,
    };
    spin_unlock(&s->lock);
    softirq_on();
    for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
        struct magazine *m = load_acquire(&s->magazine[cpu]);
        i->live -= min(i->live, (u64)load_relaxed(&m->count));
        i->allocs += load_relaxed(&m->allocs);
    }
}

void slab_walk(void (*fn)(const struct slab_info *info, void *arg), void *arg)
{
    u32 n = load_acquire(&pool_count);
    for (u32 i = 0; i < n; i++) {
        struct slab_info info;
        look(&slab_pool[i], &info);
        fn(&info, arg);
    }
    struct slab_info l = large;
    l.objects = l.blocks = l.live;
    l.slots = 1;
    fn(&l, arg);
}

void slab_large_count(i64 objects, i64 pages, bool failed)
{
    atomic_add_relaxed(&large.live, objects);
    atomic_add_relaxed(&large.pages, pages);
    atomic_add_relaxed(&large.allocs, objects > 0);
    atomic_add_relaxed(&large.failures, failed);
}

/* The pools of packets' memory (contract: pool.h).
 *
 * A block knows its pool's objects by arithmetic alone: they follow its head in order. What a block holds in the depot
 * is counted afresh by skb_pool_shrink, so that taking and giving need not touch the block. Nothing here waits.
 */
#include "net/skb/pool.h"

#include "lib/reclaim.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "lib/sysctl.h"

#define BLOCK_ORDER 4
#define BLOCK_BYTES (4096u << BLOCK_ORDER)
#define POISON      0xdb

struct block {
    struct list link;
    u32 objects; /* that were carved from it */
    u32 idle;    /* shrink: of them in the depot */
};
static_assert(sizeof(struct block) <= CACHE_LINE, "objects begin at the next line");

static struct block *block_of(const struct skb *s)
{
    return (struct block *)((uintptr_t)s & ~(uintptr_t)(BLOCK_BYTES - 1));
}

static struct skb *object(struct skb_pool *pool, struct block *b, u32 i)
{
    return (struct skb *)((char *)b + CACHE_LINE + (size_t)i * pool->size);
}

/* ---- debug builds: what comes back is filled, and must be as it was when it leaves ---- */

static bool is_buf(const struct skb_pool *pool)
{
    return pool->size == sizeof(struct skb_buf);
}

static bool in_pool(const struct skb *s)
{
    return s->l4_proto == POISON && s->spare == POISON;
}

static void debug_give(struct skb_pool *pool, struct skb *s)
{
    struct skb_buf *b = container_of(s, struct skb_buf, skb);
    if (in_pool(s))
        panic("%s: given back twice, taken in %s", pool->name, is_buf(pool) ? b->taken_in : "?");
    memset((u8 *)s + pool->watch, POISON, pool->watched);
    s->l4_proto = s->spare = POISON;
}

static void debug_take(struct skb_pool *pool, struct skb *s, const char *who)
{
    const u8 *p = (u8 *)s + pool->watch;
    size_t n = pool->watched;
    struct skb_buf *b = container_of(s, struct skb_buf, skb);
    if (in_pool(s) && (*p != POISON || memcmp(p, p + 1, n - 1))) /* each byte is like the one before it */
        for (size_t i = 0; i < n; i++)
            if (p[i] != POISON)
                panic("%s: written to after it was given back, at byte %zu; before that taken in %s", pool->name,
                      i + SKB_START, is_buf(pool) ? b->taken_in : "?");
    s->l4_proto = s->spare = 0;
    if (is_buf(pool))
        b->taken_in = who;
}

/* ---- the depot; its lock is held ---- */

static bool block_add(struct skb_pool *pool)
{
    if (pool->carved + pool->per_block > pool->most)
        return false;
    struct block *b = page_alloc(BLOCK_ORDER);
    if (!b)
        return false;
    *b = (struct block){.objects = pool->per_block};
    list_add(&pool->blocks, &b->link);
    for (u32 i = 0; i < pool->per_block; i++) {
        struct skb *s = object(pool, b, i);
        memset(s, 0, sizeof(*s));
        s->pool = pool;
        if (PLAT_DEBUG && is_buf(pool))
            container_of(s, struct skb_buf, skb)->taken_in = NULL;
        s->next = pool->loose;
        pool->loose = s;
    }
    pool->loose_n += pool->per_block;
    pool->idle += pool->per_block;
    pool->carved += pool->per_block;
    return true;
}

/* A whole chunk, or what there is; moves it to the end of the LIFO. */
static void depot_take(struct skb_pool *pool, struct skb_cache *c)
{
    struct skb **from = &pool->loose;
    u32 n = 0;
    if (pool->chunks) {
        struct skb *first = pool->chunks;
        pool->chunks = (struct skb *)first->note;
        for (struct skb *s = first; s; s = s->next, n++)
            c->p[c->n++] = s;
    } else {
        if (!*from)
            block_add(pool);
        for (; *from && n < SKB_CHUNK; *from = (*from)->next, n++)
            c->p[c->n++] = *from;
        pool->loose_n -= n;
    }
    pool->idle -= n;
}

/* n at least 1. */
static void depot_give(struct skb_pool *pool, struct skb *const *p, u32 n)
{
    for (u32 i = 0; i < n; i++)
        p[i]->next = i + 1 < n ? p[i + 1] : NULL;
    p[0]->note = (u64)pool->chunks;
    pool->chunks = p[0];
    pool->idle += n;
}

/* ---- in and out ---- */

static NOINLINE bool refill(struct skb_pool *pool, struct skb_cache *c)
{
    spin_lock(&pool->lock);
    depot_take(pool, c);
    spin_unlock(&pool->lock);
    return c->n != 0;
}

static NOINLINE void spill(struct skb_pool *pool, struct skb_cache *c)
{
    spin_lock(&pool->lock);
    c->n -= SKB_CHUNK;
    depot_give(pool, c->p + c->n, SKB_CHUNK);
    spin_unlock(&pool->lock);
}

u32 skb_pool_take(struct skb_pool *pool, struct skb **to, u32 n, const char *who)
{
    struct skb_cache *c = pool->cache[cpu_id()];
    u32 got = 0;
    while (got < n) {
        if (unlikely(!c->n) && !refill(pool, c)) {
            c->refused += n - got;
            break;
        }
        u32 some = min(c->n, n - got);
        struct skb *const *from = c->p + c->n;
        c->n -= some;
        for (; some; some--)
            to[got++] = *--from;
    }
    c->taken += got;
    if (PLAT_DEBUG)
        for (u32 i = 0; i < got; i++)
            debug_take(pool, to[i], who);
    return got;
}

void skb_pool_give(struct skb *s)
{
    struct skb_pool *pool = s->pool;
    struct skb_cache *c = pool->cache[cpu_id()];
    if (PLAT_DEBUG)
        debug_give(pool, s);
    if (unlikely(c->n == SKB_CACHE))
        spill(pool, c);
    c->given++;
    c->p[c->n++] = s;
}

void skb_pool_give_many(struct skb_pool *pool, struct skb *const *p, u32 n)
{
    struct skb_cache *c = pool->cache[cpu_id()];
    if (PLAT_DEBUG)
        for (u32 i = 0; i < n; i++)
            debug_give(pool, p[i]);
    c->given += n;
    while (n) {
        if (unlikely(c->n == SKB_CACHE))
            spill(pool, c);
        u32 some = min(n, SKB_CACHE - c->n);
        struct skb **to = c->p + c->n;
        for (u32 i = 0; i < some; i++)
            to[i] = p[i];
        c->n += some;
        p += some;
        n -= some;
    }
}

/* ---- giving memory back ---- */

static void each_idle(struct skb_pool *pool, void (*fn)(struct skb_pool *, struct skb *))
{
    struct skb *chunk = pool->chunks, *loose = pool->loose, *next, *next_chunk;
    pool->chunks = pool->loose = NULL;
    pool->idle = pool->loose_n = 0;
    for (; chunk; chunk = next_chunk) {
        next_chunk = (struct skb *)chunk->note;
        for (struct skb *s = chunk; s; s = next) {
            next = s->next;
            fn(pool, s);
        }
    }
    for (; loose; loose = next) {
        next = loose->next;
        fn(pool, loose);
    }
}

static void keep(struct skb_pool *pool, struct skb *s)
{
    s->next = pool->loose;
    pool->loose = s;
    pool->loose_n++;
    pool->idle++;
}

static void count_idle(struct skb_pool *pool, struct skb *s)
{
    block_of(s)->idle++;
    keep(pool, s);
}

static void keep_unless_whole(struct skb_pool *pool, struct skb *s)
{
    if (block_of(s)->idle != block_of(s)->objects)
        keep(pool, s);
}

u32 skb_pool_shrink(struct skb_pool *pool)
{
    struct skb_cache *c = pool->cache[cpu_id()];
    LIST_HEAD(whole);
    u32 gone = 0;

    spin_lock(&pool->lock);
    while (c->n) {
        u32 n = min(c->n, SKB_CHUNK);
        c->n -= n;
        depot_give(pool, c->p + c->n, n);
    }
    LIST_FOREACH(&pool->blocks, struct block, link, b)
        b->idle = 0;
    each_idle(pool, count_idle);
    each_idle(pool, keep_unless_whole);
    LIST_FOREACH_SAFE(&pool->blocks, struct block, link, b) {
        if (b->idle != b->objects)
            continue;
        list_del(&b->link);
        list_add(&whole, &b->link);
        gone += b->objects;
    }
    pool->carved -= gone;
    spin_unlock(&pool->lock);

    for (struct list *l; (l = list_pop(&whole));)
        page_free(container_of(l, struct block, link), BLOCK_ORDER);
    return gone;
}

u64 skb_pool_used(const struct skb_pool *pool)
{
    u64 used = 0;
    for (unsigned i = 0; i < CPU_MAX; i++)
        if (pool->cache[i])
            used += load_relaxed(&pool->cache[i]->taken) - load_relaxed(&pool->cache[i]->given);
    return used;
}

/* ---- with the net ---- */

/* The bytes to be watched are none that the pool itself uses; it may have a share of the memory. */
static int pool_start(struct skb_pool *pool, struct net *net, const char *name, u32 size, u32 watch, u32 watched,
                      u32 share)
{
    pool->net = net;
    pool->name = name;
    pool->size = size;
    pool->watch = watch;
    pool->watched = watched;
    pool->per_block = (BLOCK_BYTES - CACHE_LINE) / size;
    if (!pool->most)
        pool->most = (u32)min(mem_total() / share / size, (u64)INT_MAX);
    list_init(&pool->blocks);
    for (unsigned i = 0; i < cpu_count(); i++)
        if (!(pool->cache[i] = mem_zalloc(sizeof(struct skb_cache))))
            return -ENOMEM;
    return 0;
}

/* How many are out that were taken in one place, which it names; each place once. 0: no more. */
static u32 next_leak(struct skb_pool *pool, const char **who)
{
    u32 n = 0;
    *who = NULL;
    LIST_FOREACH(&pool->blocks, struct block, link, b) {
        for (u32 i = 0; i < b->objects; i++) {
            struct skb_buf *buf = container_of(object(pool, b, i), struct skb_buf, skb);
            if (in_pool(&buf->skb) || !buf->taken_in || (*who && *who != buf->taken_in))
                continue;
            *who = buf->taken_in;
            buf->taken_in = NULL;
            n++;
        }
    }
    return n;
}

static void look_for_leaks(struct skb_pool *pool)
{
    const char *who, *last = "a place unknown";
    u32 n, last_n = (u32)skb_pool_used(pool);
    if (!last_n)
        return;
    while (is_buf(pool) && (n = next_leak(pool, &who))) {
        log_write(LOG_ERR, "%u skbs never freed, taken in %s", n, who);
        last = who;
        last_n = n;
    }
    panic("%s: %u skbs never freed, taken in %s", pool->name, last_n, last);
}

static void pool_end(struct skb_pool *pool)
{
    if (PLAT_DEBUG)
        look_for_leaks(pool);
    for (struct list *l; pool->blocks.next && (l = list_pop(&pool->blocks));)
        page_free(container_of(l, struct block, link), BLOCK_ORDER);
    for (unsigned i = 0; i < CPU_MAX; i++)
        mem_free(pool->cache[i]);
}

static void net_end(struct net *net, void *slot)
{
    struct skb_net *n = slot;
    pool_end(&n->bufs);
    pool_end(&n->clones);
    pool_end(&n->large);
}

static int net_start(struct net *net, void *slot)
{
    struct skb_net *n = slot;
    int err = pool_start(&n->bufs, net, "skb", sizeof(struct skb_buf), SKB_START, SKB_HEADROOM + SKB_ROOM, 4);
    if (!err)
        err = pool_start(&n->clones, net, "skb-clone", sizeof(struct skb), offsetof(struct skb, stamp),
                         offsetof(struct skb, next) - offsetof(struct skb, stamp), 4);
    if (!err)
        err = pool_start(&n->large, net, "skb-large", SKB_LARGE, SKB_START, SKB_LARGE_ROOM, 8);
    if (err)
        net_end(net, slot);
    else
        reclaim_begin();
    return err;
}

NET_SLOT(skb_net, struct skb_net, net_start, net_end);

static void give_back(void)
{
    struct skb_net *n = net_first ? NET_GET(net_first, struct skb_net, skb_net) : NULL;
    if (!n)
        return;
    skb_pool_shrink(&n->bufs);
    skb_pool_shrink(&n->clones);
    skb_pool_shrink(&n->large);
}

RECLAIM(skb, give_back);

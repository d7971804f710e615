/* The writers' half of the hash table, and the readers' rare cases (contract: lib/htab.h).
 *
 *     hash   [ top bits: which bucket | ... | low 16 bits: tag ]
 *     bucket [ slot slot slot slot slot slot slot | spilled ]         one cache line
 *
 * An object stands in its own bucket or, where that is full, in the first of the buckets behind it that has a slot; its
 * own bucket then counts it as spilled, so that a reader looks no further where there is nothing to find. Objects never
 * move within a table.
 *
 * Growing and shrinking. At FULL objects a bucket a table of twice as many is allocated, zeroed piece by piece, and put
 * behind the old as table->next. Then everything is moved piece by piece, and what is new goes to the next at once:
 *
 *     table ----> old ---next---> new          an object is entered into the new before it leaves the old; a reader
 * looks first into the old, then into its next: he cannot miss it table ----> new                          when the old
 * is empty; it is freed after a grace period
 *
 * Each insertion and removal does its piece, so nobody ever waits for the whole. Buckets are in the order of hashes,
 * whatever their number; so a walk in that order can go on after the table has changed its size.
 *
 * Nothing here takes a lock: htab_insert, htab_remove are under the owner's.
 */
#include "lib/htab.h"
#include "lib/string.h"

#define LEAST_BITS   3u
#define PROBE_MOST   32ull /* buckets that an insertion tries */
#define FULL(nb)     ((nb)*4)
#define SPARSE(nb)   ((nb) / 2)
#define ZERO_PIECE   16ull /* buckets a writer zeroes at a time */
#define MOVE_PIECE   2     /* buckets a writer moves at a time */
#define STRETCH_MOST 128u

static u64 buckets(const struct htab_table *table)
{
    return 1ull << table->bits;
}

static struct htab_bucket *bucket_after(const struct htab_table *table, u64 hash, u64 distance)
{
    return &table->bucket[((hash >> (64 - table->bits)) + distance) & (buckets(table) - 1)];
}

static struct htab_table *table_alloc(u32 bits)
{
    struct htab_table *table = mem_zalloc(sizeof(*table));
    if (!table)
        return NULL;
    table->bits = bits;
    table->bucket = mem_alloc(sizeof(struct htab_bucket) << bits);
    if (!table->bucket) {
        mem_free(table);
        return NULL;
    }
    return table;
}

static void table_free(struct htab_table *table)
{
    if (table)
        mem_free(table->bucket);
    mem_free(table);
}

static void free_after_grace(struct rcu_head *h)
{
    table_free(container_of(h, struct htab_table, rcu));
}

int htab_init(struct htab *t, u64 room)
{
    u32 bits = LEAST_BITS;

    while (FULL(1ull << bits) < room)
        bits++;
    *t = (struct htab){.least_bits = bits, .table = table_alloc(bits)};
    if (!t->table)
        return -ENOMEM;
    memset(t->table->bucket, 0, sizeof(struct htab_bucket) << bits);
    return 0;
}

void htab_free(struct htab *t)
{
    if (t->table)
        table_free(t->table->next);
    table_free(t->coming);
    table_free(t->table);
    *t = (struct htab){.table = NULL};
}

/* ---- within one table ---- */

static u64 *free_slot(struct htab_bucket *b)
{
    for (unsigned i = 0; i < HTAB_SLOTS; i++)
        if (!b->slot[i])
            return &b->slot[i];
    return NULL;
}

static bool enter(struct htab_table *table, struct hnode *n, u64 probes)
{
    struct htab_bucket *home = htab_home(table, n->hash);
    u64 *slot = free_slot(home), distance = 0;

    while (!slot && ++distance < probes)
        slot = free_slot(bucket_after(table, n->hash, distance));
    if (!slot)
        return false;
    if (distance > table->reach)
        store_release(&table->reach, (u32)distance);
    store_release(slot, (u64)(uintptr_t)n << 16 | htab_tag(n->hash));
    if (distance)
        store_release(&home->spilled, home->spilled + 1); /* last: who sees it finds the reach and the slot */
    return true;
}

static bool leave(struct htab_table *table, const struct hnode *n)
{
    struct htab_bucket *home = htab_home(table, n->hash);
    u64 wanted = (u64)(uintptr_t)n << 16 | htab_tag(n->hash);

    for (u64 distance = 0; distance <= (home->spilled ? table->reach : 0); distance++) {
        struct htab_bucket *b = bucket_after(table, n->hash, distance);
        for (unsigned i = 0; i < HTAB_SLOTS; i++)
            if (b->slot[i] == wanted) {
                store_release(&b->slot[i], 0);
                if (distance)
                    store_release(&home->spilled, home->spilled - 1);
                return true;
            }
    }
    return false;
}

/* ---- growing and shrinking ---- */

static void prefetch_nodes(const struct htab_bucket *b)
{
    for (unsigned i = 0; i < HTAB_SLOTS; i++)
        prefetch(htab_node(b->slot[i]));
}

static void move_bucket(struct htab_table *from, struct htab_table *to, struct htab_bucket *b)
{
    for (unsigned i = 0; i < HTAB_SLOTS; i++) {
        struct hnode *n = htab_node(b->slot[i]);
        if (!n)
            continue;
        if (!enter(to, n, buckets(to)))
            panic("htab: %u bits do not hold what %u bits held", to->bits, from->bits);
        struct htab_bucket *home = htab_home(from, n->hash);
        store_release(&b->slot[i], 0);
        if (home != b)
            store_release(&home->spilled, home->spilled - 1);
    }
}

/* A piece of what there is to do for the next table. */
static void resize_some(struct htab *t)
{
    struct htab_table *table = t->table, *coming = t->coming;

    if (coming) {
        u64 piece = min(ZERO_PIECE, buckets(coming) - t->done);
        memset(&coming->bucket[t->done], 0, piece * sizeof(struct htab_bucket));
        t->done += piece;
        if (t->done == buckets(coming)) {
            t->done = 0;
            t->coming = NULL;
            store_release(&table->next, coming);
        }
        return;
    }
    for (int i = 0; i < MOVE_PIECE && t->done < buckets(table); i++)
        move_bucket(table, table->next, &table->bucket[t->done++]);
    if (t->done < buckets(table)) {
        for (u64 i = t->done; i < min(t->done + MOVE_PIECE, buckets(table)); i++)
            prefetch_nodes(&table->bucket[i]);
        return;
    }
    store_release(&t->table, table->next);
    rcu_defer(&table->rcu, free_after_grace);
}

static void resize_begin(struct htab *t, u32 bits)
{
    if (t->patience) {
        t->patience--;
        return;
    }
    t->coming = table_alloc(bits);
    t->done = 0;
    if (!t->coming) {
        t->no_memory++;
        t->patience = buckets(t->table) / 4;
    }
}

static void resize(struct htab *t)
{
    u64 nb = buckets(t->table);

    if (t->coming || t->table->next)
        resize_some(t);
    else if (t->count > FULL(nb))
        resize_begin(t, t->table->bits + 1);
    else if (t->count < SPARSE(nb) && t->table->bits > t->least_bits)
        resize_begin(t, t->table->bits - 1);
}

int htab_insert(struct htab *t, struct hnode *n, u64 hash)
{
    struct htab_table *table = t->table->next ? t->table->next : t->table;

    n->hash = hash;
    if (!enter(table, n, min(PROBE_MOST, buckets(table))))
        return -ENOSPC;
    store_relaxed(&t->count, t->count + 1);
    resize(t);
    return 0;
}

void htab_remove(struct htab *t, struct hnode *n)
{
    if (!leave(t->table, n) && !(t->table->next && leave(t->table->next, n)))
        panic("htab_remove(%p): not in the table", (void *)n);
    store_relaxed(&t->count, t->count - 1);
    resize(t);
}

/* ---- readers' rare cases ---- */

static struct hnode *find_in(const struct htab_table *table, u64 hash, htab_same *same, const void *key)
{
    const struct htab_bucket *b = htab_home(table, hash);
    u64 reach = load_acquire(&b->spilled) ? load_acquire(&table->reach) : 0;

    for (u64 distance = 0; distance <= reach; distance++) {
        b = bucket_after(table, hash, distance);
        for (u32 hits = htab_match(b, htab_tag(hash)); hits; hits &= hits - 1) {
            struct hnode *n = htab_node(load_acquire(&b->slot[__builtin_ctz(hits)]));
            if (n && same(n, key))
                return n;
        }
    }
    return NULL;
}

struct hnode *htab_find_slow(const struct htab_table *table, u64 hash, htab_same *same, const void *key)
{
    struct hnode *n = NULL;

    for (; table && !n; table = load_acquire(&table->next)) /* after the table was looked at, never before */
        n = find_in(table, hash, same, key);
    return n;
}

struct stretch {
    u64 first, last; /* hashes */
    unsigned count;
    struct hnode *node[STRETCH_MOST];
};

static void collect(struct stretch *s, struct hnode *n)
{
    if (!n || n->hash < s->first || n->hash > s->last)
        return;
    for (unsigned i = 0; i < s->count; i++)
        if (s->node[i] == n)
            return; /* it was moved while we looked, and is in both tables */
    if (s->count < STRETCH_MOST)
        s->node[s->count] = n;
    s->count++;
}

static void collect_from(struct stretch *s, const struct htab_table *table)
{
    u64 first = s->first >> (64 - table->bits), last = s->last >> (64 - table->bits);

    for (u64 at = first; at <= last; at++) {
        const struct htab_bucket *home = &table->bucket[at];
        u64 reach = load_acquire(&home->spilled) ? load_acquire(&table->reach) : 0;
        for (u64 distance = 0; distance <= reach; distance++) {
            const struct htab_bucket *b = &table->bucket[(at + distance) & (buckets(table) - 1)];
            for (unsigned i = 0; i < HTAB_SLOTS; i++)
                collect(s, htab_node(load_acquire(&b->slot[i])));
        }
    }
}

u64 htab_walk(struct htab *t, u64 at, void (*fn)(struct hnode *n, void *arg), void *arg)
{
    const struct htab_table *table = load_acquire(&t->table);
    struct stretch s = {.first = at};
    u64 size = 1ull << (64 - table->bits);

    /* Where so many have nearly the same hash that they do not fit, a shorter stretch is tried. */
    do {
        s.last = at + min(size - 1, ~at);
        s.count = 0;
        for (const struct htab_table *in = table; in; in = load_acquire(&in->next))
            collect_from(&s, in);
        size /= 2;
    } while (s.count > STRETCH_MOST && size);
    for (unsigned i = 0; i < min(s.count, STRETCH_MOST); i++)
        fn(s.node[i], arg);
    return s.last + 1; /* 0 after the last hash there is */
}

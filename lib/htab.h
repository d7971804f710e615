/* Hash tables of objects: readers without a lock, writers under the owner's, growing without a pause.
 *
 *     struct flow { struct hnode node; u8 key[36]; ... };            node and key within one cache line
 *     static bool same_flow(const struct hnode *n, const void *key)
 *     {
 *         return memcmp(container_of(n, struct flow, node)->key, key, 36) == 0;
 *     }
 *     htab_init(&t, 1024);                                            room for so many before it first grows
 *     struct hnode *n = htab_find(&t, siphash13_fixed(&t.key, key, 36), same_flow, key);
 *
 * Readers stand between rcu_enter and rcu_exit, or in softirq context. Writers hold a lock of the owner's: one for the
 * whole table. What was removed may be seen by readers that are already there: it is freed, or entered again, after a
 * grace period (rcu_defer). The table looks at an object's key only through `same`, which is inlined where it is named.
 *
 * `hash` is 64 good bits: siphash13 with a secret key where a stranger chooses the key. Equal keys may stand in the
 * table twice: who does not want that looks first, under his lock. How many objects there may be, and which goes when
 * there are too many, is the owner's: htab_count. Objects lie anywhere, at 48-bit addresses; the table never allocates
 * for one of them, only for itself when it grows or shrinks, and goes on as it is when there is no memory for that.
 */
#ifndef LIB_HTAB_H
#define LIB_HTAB_H

#include "lib/atomic.h"
#include "lib/base.h"
#include "lib/plat.h"

struct hnode {
    u64 hash; /* the table's, while the object is in it */
};

#define HTAB_SLOTS 7
#define HTAB_BURST 64

/* One cache line. A slot holds an object's address and, in its low 16 bits, a tag from its hash: one load says whether
 * it is worth to look at the object, one store publishes it. 0 is a free slot; no tag is 0. */
struct htab_bucket {
    u64 slot[HTAB_SLOTS];
    u32 spilled; /* objects that belong here and stand in one of the next buckets, since this one was full */
    u32 unused;
} CACHE_ALIGNED;
static_assert(sizeof(struct htab_bucket) == CACHE_LINE, "a bucket is a cache line");

struct htab_table {
    struct htab_bucket *bucket;
    u32 bits;                /* 2^bits buckets; an object belongs into the one that the top bits of its hash name */
    u32 reach;               /* how many buckets after its own an object may stand */
    struct htab_table *next; /* where everything is being moved to, or NULL */
    struct rcu_head rcu;
};

struct htab {
    struct htab_table *table; /* the one that readers look into first */
    /* ---- the owner's lock ---- */
    struct htab_table *coming; /* the next one, until it is ready to be table->next */
    u64 count;                 /* objects */
    u64 done;                  /* buckets of `coming` that are zeroed, or of `table` that are moved */
    u64 patience;              /* after a failed allocation: writes until the next attempt */
    u64 no_memory;             /* failed allocations: the table stayed as it was */
    u32 least_bits;
};

int htab_init(struct htab *t, u64 room); /* 0 or -ENOMEM */
void htab_free(struct htab *t);          /* no readers; objects that are still in it are the owner's to free */

/* ---- writers ---- */
int htab_insert(struct htab *t, struct hnode *n, u64 hash); /* 0, or -ENOSPC: too many of nearly the same hash */
void htab_remove(struct htab *t, struct hnode *n);          /* n is in the table */

static inline u64 htab_count(const struct htab *t) /* by anyone */
{
    return load_relaxed(&t->count);
}

/* ---- readers ---- */
typedef bool htab_same(const struct hnode *n, const void *key);

/* Calls fn for the objects of one stretch of hashes, from `at` (0 at first) on, and returns where the next stretch
 * begins, 0 at the end. Between calls the reader may leave RCU, and the table grow: what was there all the time is
 * given exactly once. fn may remove what it is given. */
u64 htab_walk(struct htab *t, u64 at, void (*fn)(struct hnode *n, void *arg), void *arg);

struct hnode *htab_find_slow(const struct htab_table *table, u64 hash, htab_same *same, const void *key);

static inline struct hnode *htab_node(u64 slot)
{
    return (struct hnode *)((i64)slot >> 16); /* a shift that keeps the sign: kernel addresses are negative */
}

static inline u16 htab_tag(u64 hash)
{
    return (u16)hash | 1;
}

static inline struct htab_bucket *htab_home(const struct htab_table *table, u64 hash)
{
    return &table->bucket[hash >> (64 - table->bits)];
}

/* A bit for each slot with this tag. No branch: where the object stands cannot be foretold. */
static inline u32 htab_match(const struct htab_bucket *b, u16 tag)
{
    u32 hits = 0;
    for (unsigned i = 0; i < HTAB_SLOTS; i++)
        hits |= (u32)((u16)load_acquire(&b->slot[i]) == tag) << i;
    return hits;
}

static inline u64 htab_choose(u64 chosen, const u64 *slot, u16 tag)
{
    u64 v = load_acquire(slot);
    return (u16)v == tag ? v : chosen;
}

/* A slot with this tag, most likely the one that is wanted; 0 when there is none. Straight on, for conditional moves.
 */
static inline u64 htab_guess(const struct htab_bucket *b, u16 tag)
{
    u64 guess = htab_choose(0, &b->slot[6], tag);
    guess = htab_choose(guess, &b->slot[5], tag);
    guess = htab_choose(guess, &b->slot[4], tag);
    guess = htab_choose(guess, &b->slot[3], tag);
    guess = htab_choose(guess, &b->slot[2], tag);
    guess = htab_choose(guess, &b->slot[1], tag);
    return htab_choose(guess, &b->slot[0], tag);
}

/* NULL when there is none. */
static inline __attribute__((always_inline)) struct hnode *htab_find(const struct htab *t, u64 hash, htab_same *same,
                                                                     const void *key)
{
    const struct htab_table *table = load_acquire(&t->table);
    const struct htab_bucket *b = htab_home(table, hash);

    for (u32 hits = htab_match(b, htab_tag(hash)); hits; hits &= hits - 1) {
        struct hnode *n = htab_node(load_acquire(&b->slot[__builtin_ctz(hits)]));
        if (likely(n && same(n, key)))
            return n;
    }
    if (likely(!load_acquire(&b->spilled) && !load_acquire(&table->next)))
        return NULL;
    return htab_find_slow(table, hash, same, key);
}

/* The same for up to HTAB_BURST keys, `stride` bytes apart: while one waits for memory the others go on. */
static inline __attribute__((always_inline)) void htab_find_burst(const struct htab *t, unsigned n, const u64 *hash,
                                                                  htab_same *same, const void *keys, size_t stride,
                                                                  struct hnode **found)
{
    const struct htab_table *table = load_acquire(&t->table);

    for (unsigned i = 0; i < n; i++)
        prefetch(htab_home(table, hash[i]));
    for (unsigned i = 0; i < n; i++) {
        found[i] = htab_node(htab_guess(htab_home(table, hash[i]), htab_tag(hash[i])));
        prefetch(found[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        const void *key = (const u8 *)keys + i * stride;
        if (likely(found[i] && same(found[i], key)))
            continue;
        found[i] = htab_find(t, hash[i], same, key);
    }
}

#endif

/* Looking keys up in a longest-prefix match table (contract: lib/lpm.h; how it is built: lib/lpm.c).
 *
 * A burst goes down the levels together. While the cache line of one key's next node is on its way, the others are
 * worked on; each level is two passes, since a dense node's entry is a second line:
 *
 *     direct table -> nodes -> [bucket: the value] [dense: which entry] [sparse: entry at hand] -> [dense: the entry]
 * -> nodes
 *
 * A table so small that it is in the cache is asked key by key: what keeps the others busy would cost more than the
 * wait.
 *
 * There are no branches on what a key finds: those that go on are appended to a list by adding a condition to its
 * length. The best value so far goes with each key, and a node's `inherited` replaces it unless it is 0.
 *
 * Nothing here writes. popcnt is used only after lpm_use_popcnt.
 */
#include "lib/bitmap.h"
#include "lib/byteorder.h"
#include "lib/lpm.h"
#include "lib/string.h"

#define BYTES_01 0x0101010101010101ull
#define BYTES_80 0x8080808080808080ull

/* The run that place `at` of a sparse node is in: starts are compared with it eight at a time, without a carry from one
 * byte into the next. start[0] is 0; how many there are is before[0]. */
static inline u32 sparse_run(const struct lpm_node *node, u8 at)
{
    u64 starts = load_le64(node->start), wanted = at * BYTES_01;
    u64 low = (wanted | BYTES_80) - (starts & ~BYTES_80);
    u64 reached = ((wanted & ~starts) | (~(wanted ^ starts) & low)) & BYTES_80;
    u32 runs = (u32)((reached >> 7) * BYTES_01 >> 56);
    return min(runs, node->before[0]) - 1;
}

static inline __attribute__((always_inline)) u32 dense_run(const struct lpm_node *node, u8 at, bool popcnt)
{
    u64 upto = node->map[at / 64] << (63 - at % 64); /* the bits at and below */
    return node->before[at / 64] + (popcnt ? (u32)__builtin_popcountll(upto) : bits_count(upto)) - 1;
}

static inline u32 inherit(const struct lpm_node *node, u32 best)
{
    u32 inherited = load_relaxed(&node->inherited);
    return inherited ? inherited : best;
}

/* The longest that matches is the last. */
static inline u32 bucket_value(const struct lpm_node *node, const u8 *key, u32 best)
{
    u64 window = load_be64(key);

    for (unsigned i = 0; i < LPM_BUCKET_MOST; i++)
        best = (window ^ node->key[i]) >> node->shift[i] ? best : node->value[i];
    return best;
}

/* Where the wide table, or the block behind it, answers for an address: *row is what its row holds, which is read once,
 * since a block may come there meanwhile. No branch. */
static inline const u32 *wide_entry(struct lpm_node *const *chunk, const u32 *wide, u32 address, u32 *row)
{
    u32 entry = *row = load_acquire(&wide[address >> 12]), is_block = -(entry >> 31);
    u32 index = entry & ~LPM_NODE & is_block;
    const struct lpm_block *block = (const void *)&chunk[index / LPM_CHUNK_NODES][index % LPM_CHUNK_NODES];
    return is_block ? &block->entry[address >> 8 & 15] : row;
}

static inline __attribute__((always_inline)) u32 find_one(const struct lpm *l, const u8 *key, bool popcnt)
{
    const u32 *wide = load_acquire(&l->wide), *direct = load_acquire(&l->direct);
    u32 best = load_relaxed(&l->whole), entry, row;
    const u8 *at = key;

    if (wide) {
        entry = load_acquire(wide_entry(l->chunk, wide, load_be32(key), &row));
        at += 3;
    } else if (direct) {
        entry = load_acquire(&direct[load_be16(key)]);
        at += 2;
    } else {
        entry = load_acquire(&l->root);
    }
    for (; entry & LPM_NODE; at++) {
        const struct lpm_node *node = lpm_node(l, entry);
        best = inherit(node, best);
        if (entry & LPM_BUCKET)
            return bucket_value(node, at, best);
        entry = entry & LPM_SPARSE ? load_acquire(&node->few[sparse_run(node, *at)])
                                   : load_acquire(&node->entry[dense_run(node, *at, popcnt)]);
    }
    return entry ? entry : best;
}

u32 lpm_find(const struct lpm *l, const u8 *key)
{
    return find_one(l, key, false);
}

/* What the entries of a level were, by their top 3 bits: lists of keys. */
struct found {
    u32 count[8];
    u8 list[8][LPM_BURST];
};
#define DENSE  (LPM_NODE >> 29)
#define BUCKET ((LPM_NODE | LPM_BUCKET) >> 29)
#define SPARSE ((LPM_NODE | LPM_SPARSE) >> 29)

/* A burst on its way down; each key's things at its number. */
struct burst {
    const void *keys; /* of the first, at the byte of the level */
    size_t stride;
    struct lpm_node *const *chunk;
    u32 *best;
    const struct lpm_node *node[LPM_BURST];
    const u32 *entry[LPM_BURST]; /* in a dense node: what the key will look at */
    u8 on[LPM_BURST];            /* from the wide table: those that have found a node */
};

static inline const u8 *key_of(const struct burst *b, unsigned i)
{
    return (const u8 *)b->keys + i * b->stride;
}

/* Key i has found a value, nothing (0), or a node, which is fetched. */
static inline void arrive(struct burst *b, struct found *f, unsigned i, u32 entry)
{
    u32 kind = entry >> 29, index = entry & LPM_INDEX & -(entry >> 31);

    f->list[kind][f->count[kind]++] = (u8)i;
    b->node[i] = &b->chunk[index / LPM_CHUNK_NODES][index % LPM_CHUNK_NODES];
    prefetch(b->node[i]);
    b->best[i] = (i32)entry > 0 ? entry : b->best[i];
}

static inline __attribute__((always_inline)) void descend(struct burst *b, const struct found *at, struct found *next,
                                                          bool popcnt)
{
    for (unsigned k = 0; k < at->count[DENSE]; k++) {
        unsigned i = at->list[DENSE][k];
        const struct lpm_node *node = b->node[i];
        b->entry[i] = &node->entry[dense_run(node, *key_of(b, i), popcnt)];
        prefetch(b->entry[i]);
        b->best[i] = inherit(node, b->best[i]);
    }
    for (unsigned k = 0; k < at->count[BUCKET]; k++) {
        unsigned i = at->list[BUCKET][k];
        b->best[i] = bucket_value(b->node[i], key_of(b, i), inherit(b->node[i], b->best[i]));
    }
    for (unsigned k = 0; k < at->count[SPARSE]; k++) {
        unsigned i = at->list[SPARSE][k];
        const struct lpm_node *node = b->node[i];
        b->best[i] = inherit(node, b->best[i]);
        arrive(b, next, i, load_acquire(&node->few[sparse_run(node, *key_of(b, i))]));
    }
    for (unsigned k = 0; k < at->count[DENSE]; k++) {
        unsigned i = at->list[DENSE][k];
        arrive(b, next, i, load_acquire(b->entry[i]));
    }
}

static inline void from_wide(struct burst *b, struct found *f, const u32 *wide, unsigned n, u32 whole)
{
    struct lpm_node *const *chunk = b->chunk;
    u32 row[LPM_BURST];
    unsigned on = 0;

    for (unsigned i = 0; i < n; i++)
        prefetch(&wide[load_be32(key_of(b, i)) >> 12]);
    for (unsigned i = 0; i < n; i++) {
        b->entry[i] = wide_entry(chunk, wide, load_be32(key_of(b, i)), &row[i]);
        prefetch(b->entry[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        u32 entry = load_acquire(b->entry[i]);
        b->best[i] = entry ? entry : whole;
        b->on[on] = (u8)i;
        on += entry >> 31;
    }
    for (unsigned k = 0; k < on; k++) { /* few */
        unsigned i = b->on[k];
        u32 entry = b->best[i];
        b->best[i] = whole;
        arrive(b, f, i, entry);
    }
}

static inline __attribute__((always_inline)) void find_burst(const struct lpm *l, const void *keys, size_t stride,
                                                             unsigned n, u32 *value, bool popcnt)
{
    const u32 *wide = load_acquire(&l->wide), *direct = load_acquire(&l->direct);
    u32 whole = load_relaxed(&l->whole), root = load_acquire(&l->root);
    struct burst b;
    struct found found[2];
    unsigned depth = 0;

    if (load_relaxed(&l->bytes) <= l->cached) {
        for (unsigned i = 0; i < n; i++)
            value[i] = find_one(l, (const u8 *)keys + i * stride, popcnt);
        return;
    }

    b.keys = keys, b.stride = stride, b.chunk = l->chunk, b.best = value; /* the rest is for who writes it */
    memset(found[0].count, 0, sizeof(found[0].count));
    if (wide) {
        from_wide(&b, &found[0], wide, n, whole);
        depth = 3;
    } else if (direct) {
        for (unsigned i = 0; i < n; i++)
            prefetch(&direct[load_be16(key_of(&b, i))]);
        for (unsigned i = 0; i < n; i++) {
            value[i] = whole;
            arrive(&b, &found[0], i, load_acquire(&direct[load_be16(key_of(&b, i))]));
        }
        depth = 2;
    } else {
        for (unsigned i = 0; i < n; i++) {
            value[i] = whole;
            arrive(&b, &found[0], i, root);
        }
    }
    b.keys = (const u8 *)keys + depth;
    for (unsigned turn = 0; found[turn].count[DENSE] | found[turn].count[BUCKET] | found[turn].count[SPARSE];) {
        const struct found *at = &found[turn];
        turn ^= 1;
        memset(found[turn].count, 0, sizeof(found[turn].count));
        descend(&b, at, &found[turn], popcnt);
        b.keys = (const u8 *)b.keys + 1;
    }
}

static void find_burst_anywhere(const struct lpm *l, const void *keys, size_t stride, unsigned n, u32 *value)
{
    find_burst(l, keys, stride, n, value, false);
}

/* Without the guard of its stack: for a bare machine gcc forgets, in a function with a target of its own, where that
 * is. What is indexed in there is bounded by the burst. */
__attribute__((target("popcnt"), no_stack_protector)) static void
find_burst_popcnt(const struct lpm *l, const void *keys, size_t stride, unsigned n, u32 *value)
{
    find_burst(l, keys, stride, n, value, true);
}

static void (*chosen)(const struct lpm *l, const void *keys, size_t stride, unsigned n,
                      u32 *value) = find_burst_anywhere;

void lpm_use_popcnt(void)
{
    chosen = find_burst_popcnt;
}

void lpm_find_burst(const struct lpm *l, const void *keys, size_t stride, unsigned n, u32 *value)
{
    chosen(l, keys, stride, n, value);
}

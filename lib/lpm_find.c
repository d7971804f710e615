/* Looking keys up in a longest-prefix match table (contract: lib/lpm.h; how it is built: lib/lpm.c).
 *
 * A burst goes down the levels together. While the cache line of one key's next node is on its way, the others are
 * worked on; each level is two passes, since a dense node's entry is a second line:
 *
 *     direct table -> nodes -> [bucket: the value] [dense: which entry] [sparse: entry at hand] -> [dense: the entry] -> nodes
 *
 * There are no branches on what a key finds: those that go on are appended to a list by adding a condition to its
 * length. The best value so far goes with each key, and a node's `inherited` replaces it unless it is 0.
 *
 * Nothing here writes. popcnt is used only after lpm_use_popcnt.
 */
#include "lib/bitmap.h"
#include "lib/byteorder.h"
#include "lib/lpm.h"

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

/* Where the wide table, or the block behind it, answers for an address. No branch. */
static inline const u32 *wide_entry(struct lpm_node *const *chunk, const u32 *wide, u32 address)
{
    const u32 *row = &wide[address >> 12];
    u32 entry = load_acquire(row), is_block = -(entry >> 31);
    u32 index = entry & ~LPM_NODE & is_block;
    const struct lpm_block *block = (const void *)&chunk[index / LPM_CHUNK_NODES][index % LPM_CHUNK_NODES];
    return is_block ? &block->entry[address >> 8 & 15] : row;
}

u32 lpm_find(const struct lpm *l, const u8 *key)
{
    const u32 *wide = load_acquire(&l->wide), *direct = load_acquire(&l->direct);
    u32 best = load_relaxed(&l->whole), entry;
    const u8 *at = key;

    if (wide) {
        entry = load_acquire(wide_entry(l->chunk, wide, load_be32(key)));
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
                                   : load_acquire(&node->entry[dense_run(node, *at, false)]);
    }
    return entry ? entry : best;
}

/* A burst on its way down; each key's things at its number, then lists of keys. */
struct burst {
    const struct lpm_node *node[LPM_BURST];
    const u32 *entry[LPM_BURST]; /* in a dense node: what the key will look at */
    u32 found[LPM_BURST];
    u8 on[LPM_BURST]; /* those that have found a node */
    u8 dense[LPM_BURST], sparse[LPM_BURST], bucket[LPM_BURST];
};

/* Key i has found a value, nothing (0), or a node: then it is one more that goes on. */
static inline unsigned arrive(struct burst *b, unsigned on, unsigned i, u32 entry, u32 *best)
{
    u32 is_value = -(u32)((i32)entry > 0);

    *best ^= (*best ^ entry) & is_value;
    b->found[i] = entry;
    b->on[on] = (u8)i;
    return on + (entry >> 31);
}

static inline __attribute__((always_inline)) unsigned descend(struct burst *b, unsigned on,
                                                              struct lpm_node *const *chunk, const u8 *key,
                                                              size_t stride, u32 *best, bool popcnt)
{
    unsigned dense = 0, sparse = 0, bucket = 0;

    for (unsigned k = 0; k < on; k++) {
        unsigned i = b->on[k];
        u32 entry = b->found[i], index = entry & LPM_INDEX, is_sparse = entry >> 30 & 1, is_bucket = entry >> 29 & 1;
        b->node[i] = &chunk[index / LPM_CHUNK_NODES][index % LPM_CHUNK_NODES];
        prefetch(b->node[i]);
        b->dense[dense] = b->sparse[sparse] = b->bucket[bucket] = (u8)i;
        sparse += is_sparse;
        bucket += is_bucket;
        dense += !(is_sparse | is_bucket);
    }
    for (unsigned d = 0; d < dense; d++) {
        unsigned i = b->dense[d];
        const struct lpm_node *node = b->node[i];
        b->entry[i] = &node->entry[dense_run(node, key[i * stride], popcnt)];
        prefetch(b->entry[i]);
        best[i] = inherit(node, best[i]);
    }
    for (unsigned k = 0; k < bucket; k++) {
        unsigned i = b->bucket[k];
        best[i] = bucket_value(b->node[i], &key[i * stride], inherit(b->node[i], best[i]));
    }
    on = 0;
    for (unsigned s = 0; s < sparse; s++) {
        unsigned i = b->sparse[s];
        const struct lpm_node *node = b->node[i];
        best[i] = inherit(node, best[i]);
        on = arrive(b, on, i, load_acquire(&node->few[sparse_run(node, key[i * stride])]), &best[i]);
    }
    for (unsigned d = 0; d < dense; d++) {
        unsigned i = b->dense[d];
        on = arrive(b, on, i, load_acquire(b->entry[i]), &best[i]);
    }
    return on;
}

static inline unsigned from_wide(const struct lpm *l, const u32 *wide, struct burst *b, const u8 *key, size_t stride,
                                 unsigned n, u32 *value)
{
    struct lpm_node *const *chunk = l->chunk;
    u32 whole = load_relaxed(&l->whole);
    const u8 *at = key;
    unsigned on = 0;

    for (unsigned i = 0; i < n; i++, at += stride)
        prefetch(&wide[load_be32(at) >> 12]);
    for (unsigned i = 0; i < n; i++, key += stride) {
        b->entry[i] = wide_entry(chunk, wide, load_be32(key));
        prefetch(b->entry[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        u32 entry = load_acquire(b->entry[i]);
        value[i] = entry ? entry : whole;
        b->on[on] = (u8)i;
        on += entry >> 31;
    }
    for (unsigned k = 0; k < on; k++) { /* few */
        unsigned i = b->on[k];
        b->found[i] = value[i];
        value[i] = whole;
    }
    return on;
}

static inline __attribute__((always_inline)) void find_burst(const struct lpm *l, const void *keys, size_t stride,
                                                             unsigned n, u32 *value, bool popcnt)
{
    const u32 *wide = load_acquire(&l->wide), *direct = load_acquire(&l->direct);
    const u8 *key = keys; /* of the first, at the byte of the level */
    u32 whole = load_relaxed(&l->whole), root = load_acquire(&l->root);
    unsigned on = 0;
    struct burst b;

    if (wide) {
        on = from_wide(l, wide, &b, key, stride, n, value);
        key += 3;
    } else if (direct) {
        for (unsigned i = 0; i < n; i++)
            prefetch(&direct[load_be16(key + i * stride)]);
        for (unsigned i = 0; i < n; i++) {
            value[i] = whole;
            on = arrive(&b, on, i, load_acquire(&direct[load_be16(key + i * stride)]), &value[i]);
        }
        key += 2;
    } else {
        for (unsigned i = 0; i < n; i++) {
            value[i] = whole;
            on = arrive(&b, on, i, root, &value[i]);
        }
    }
    for (; on; key++)
        on = descend(&b, on, l->chunk, key, stride, value, popcnt);
}

static void find_burst_anywhere(const struct lpm *l, const void *keys, size_t stride, unsigned n, u32 *value)
{
    find_burst(l, keys, stride, n, value, false);
}

__attribute__((target("popcnt"))) static void find_burst_popcnt(const struct lpm *l, const void *keys, size_t stride,
                                                                unsigned n, u32 *value)
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

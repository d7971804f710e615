/* Looking keys up in a longest-prefix match table (contract: lib/lpm.h; how it is built: lib/lpm.c).
 *
 * A burst goes down the levels together. While the cache line of one key's next node is on its way, the others are
 * worked on; each level is two passes, since a dense node's entry is a second line:
 *
 *     direct table -> nodes -> [dense: which entry] [sparse: entry at hand] -> [dense: the entry] -> nodes -> ...
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

u32 lpm_find(const struct lpm *l, const u8 *key)
{
    const u32 *direct = load_acquire(&l->direct);
    u32 best = load_relaxed(&l->whole);
    u32 entry = direct ? load_acquire(&direct[load_be16(key)]) : load_acquire(&l->root);

    for (const u8 *at = direct ? key + 2 : key; entry & LPM_NODE; at++) {
        const struct lpm_node *node = lpm_node(l, entry);
        best = inherit(node, best);
        entry = entry & LPM_SPARSE ? load_acquire(&node->few[sparse_run(node, *at)])
                                   : load_acquire(&node->entry[dense_run(node, *at, false)]);
    }
    return entry ? entry : best;
}

/* The keys of a burst that have come to a node of one kind. */
struct band {
    unsigned n;
    u8 who[LPM_BURST];
};

struct burst {
    const struct lpm *l;
    const u8 *keys; /* at the byte of this level */
    size_t stride;
    u32 *best;
    struct band dense, sparse; /* of this level */
    struct band next_dense, next_sparse;
    const struct lpm_node *node[LPM_BURST];
    const u32 *entry[LPM_BURST]; /* dense ones' */
};

/* Key i has found `entry`: its value, or where it goes on. */
static inline void arrive(struct burst *b, unsigned i, u32 entry)
{
    u32 best = b->best[i];
    bool goes_on = entry & LPM_NODE, sparse = entry & LPM_SPARSE;

    b->best[i] = entry && !goes_on ? entry : best;
    const struct lpm_node *node = lpm_node(b->l, goes_on ? entry : 0);
    prefetch(node);
    b->node[i] = node;
    b->next_dense.who[b->next_dense.n] = (u8)i;
    b->next_dense.n += goes_on & !sparse;
    b->next_sparse.who[b->next_sparse.n] = (u8)i;
    b->next_sparse.n += goes_on & sparse;
}

static inline __attribute__((always_inline)) void descend(struct burst *b, bool popcnt)
{
    for (unsigned d = 0; d < b->dense.n; d++) {
        unsigned i = b->dense.who[d];
        const struct lpm_node *node = b->node[i];
        b->entry[i] = &node->entry[dense_run(node, b->keys[i * b->stride], popcnt)];
        prefetch(b->entry[i]);
        b->best[i] = inherit(node, b->best[i]);
    }
    for (unsigned s = 0; s < b->sparse.n; s++) {
        unsigned i = b->sparse.who[s];
        const struct lpm_node *node = b->node[i];
        b->best[i] = inherit(node, b->best[i]);
        arrive(b, i, load_acquire(&node->few[sparse_run(node, b->keys[i * b->stride])]));
    }
    for (unsigned d = 0; d < b->dense.n; d++) {
        unsigned i = b->dense.who[d];
        arrive(b, i, load_acquire(b->entry[i]));
    }
}

static inline void next_level(struct burst *b)
{
    b->dense.n = b->next_dense.n;
    b->sparse.n = b->next_sparse.n;
    for (unsigned i = 0; i < b->dense.n; i++)
        b->dense.who[i] = b->next_dense.who[i];
    for (unsigned i = 0; i < b->sparse.n; i++)
        b->sparse.who[i] = b->next_sparse.who[i];
    b->next_dense.n = b->next_sparse.n = 0;
}

static inline __attribute__((always_inline)) void find_burst(const struct lpm *l, const void *keys, size_t stride,
                                                             unsigned n, u32 *value, bool popcnt)
{
    const u32 *direct = load_acquire(&l->direct);
    u32 whole = load_relaxed(&l->whole), root = load_acquire(&l->root);
    struct burst b;

    b.l = l;
    b.keys = keys;
    b.stride = stride;
    b.best = value;
    b.next_dense.n = b.next_sparse.n = 0;
    for (unsigned i = 0; direct && i < n; i++)
        prefetch(&direct[load_be16(b.keys + i * stride)]);
    for (unsigned i = 0; i < n; i++) {
        value[i] = whole;
        arrive(&b, i, direct ? load_acquire(&direct[load_be16(b.keys + i * stride)]) : root);
    }
    if (direct)
        b.keys += 2;
    for (next_level(&b); b.dense.n | b.sparse.n; next_level(&b)) {
        descend(&b, popcnt);
        b.keys++;
    }
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

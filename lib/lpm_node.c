/* The nodes of a longest-prefix match table: where they come from, and the two shapes of their 256 places
 * (contracts: lib/lpm_node.h; what they are for: lib/lpm.c).
 *
 *     chunk   [ head | node | node | ... ]      32 KiB, aligned; a node finds its table by its address
 *
 * Nodes that readers may still stand in come back through lpm->returned, from softirq context on any CPU; the writer
 * takes all of them at once when his own list is empty. That list is never popped one by one, so it needs no more than
 * compare-and-swap.
 */
#include "lib/lpm_node.h"
#include "lib/bitmap.h"
#include "lib/byteorder.h"
#include "lib/string.h"

#define NODE_SIZE (sizeof(struct lpm_node))

struct chunk_head { /* in the place of a chunk's first node */
    struct lpm *owner;
    u32 number;
};
static_assert((NODE_SIZE * LPM_CHUNK_NODES) == 4096u << LPM_CHUNK_ORDER, "a chunk is full of nodes");

static struct chunk_head *chunk_of(const struct lpm_node *n)
{
    return (struct chunk_head *)((uintptr_t)n & ~(uintptr_t)(NODE_SIZE * LPM_CHUNK_NODES - 1));
}

static bool is_sparse(const struct lpm_node *n)
{
    return n->before[3] == LPM_IS_SPARSE;
}

u32 lpm_entry_of(const struct lpm_node *n)
{
    const struct chunk_head *head = chunk_of(n);
    u32 index = head->number * LPM_CHUNK_NODES + (u32)(n - (const struct lpm_node *)head);
    return LPM_NODE | (is_sparse(n) ? LPM_SPARSE : 0) | (lpm_is_bucket(n) ? LPM_BUCKET : 0) | index;
}

static u32 dense_runs(const struct lpm_node *n)
{
    return n->before[3] + bits_count(n->map[3]);
}

void lpm_count_bytes(struct lpm *l, ssize change)
{
    atomic_add_relaxed(&l->bytes, (u64)change);
}

bool lpm_add_chunk(struct lpm *l)
{
    if (l->chunks == LPM_CHUNKS)
        return false;
    struct lpm_node *chunk = page_alloc(LPM_CHUNK_ORDER);
    if (!chunk)
        return false;
    *(struct chunk_head *)chunk = (struct chunk_head){.owner = l, .number = l->chunks};
    l->chunk[l->chunks++] = chunk;
    l->fresh = 1;
    lpm_count_bytes(l, NODE_SIZE * LPM_CHUNK_NODES);
    return true;
}

struct lpm_node *lpm_node_alloc(struct lpm *l)
{
    struct lpm_node *n;

    if (!l->free)
        l->free = atomic_swap(&l->returned, NULL);
    if (l->free) {
        n = l->free;
        l->free = (struct lpm_node *)(uintptr_t)n->map[0];
    } else {
        if (l->fresh == LPM_CHUNK_NODES && !lpm_add_chunk(l))
            return NULL;
        n = &l->chunk[l->chunks - 1][l->fresh++];
    }
    *n = (struct lpm_node){.inherited = 0};
    return n;
}

void lpm_entries_free(struct lpm *l, struct lpm_node *n)
{
    if (is_sparse(n) || lpm_is_bucket(n))
        return;
    lpm_count_bytes(l, -(ssize)(dense_runs(n) * sizeof(u32)));
    mem_free(n->entry);
}

void lpm_node_free(struct lpm *l, struct lpm_node *n)
{
    lpm_entries_free(l, n);
    n->map[0] = (uintptr_t)l->free;
    l->free = n;
}

static void node_gone(struct rcu_head *h)
{
    struct lpm_node *n = container_of(h, struct lpm_node, rcu), *others;
    struct lpm *l = chunk_of(n)->owner;

    lpm_entries_free(l, n);
    do {
        others = load_relaxed(&l->returned);
        n->map[0] = (uintptr_t)others;
    } while (!atomic_cas(&l->returned, others, n));
}

void lpm_retire(struct lpm_node *n)
{
    rcu_defer(&n->rcu, node_gone);
}

/* ---- places ---- */

u32 *lpm_entry_at(const struct lpm_node *n, u8 at)
{
    if (is_sparse(n)) {
        unsigned run = n->before[0] - 1u;
        while (n->start[run] > at)
            run--;
        return (u32 *)&n->few[run];
    }
    return &n->entry[n->before[at / 64] + bits_count(n->map[at / 64] << (63 - at % 64)) - 1];
}

u32 *lpm_next_run(struct lpm_run *at)
{
    const struct lpm_node *n = at->node;

    if (is_sparse(n)) {
        if (at->run == n->before[0])
            return NULL;
        at->place = n->start[at->run];
        return (u32 *)&n->few[at->run++];
    }
    while (!at->left && at->word < 4)
        at->left = n->map[at->word++];
    if (!at->left)
        return NULL;
    at->place = (at->word - 1) * 64 + (u32)__builtin_ctzll(at->left);
    at->left &= at->left - 1;
    return &n->entry[at->run++];
}

void lpm_paint(const struct lpm_prefix *prefix, unsigned prefixes, u32 place[LPM_PLACES])
{
    memset(place, 0, LPM_PLACES * sizeof(u32));
    for (unsigned i = 0; i < prefixes; i++) {
        unsigned shift = 8 - log2_floor(prefix[i].id), from = prefix[i].id << shift & 255;
        for (unsigned at = from; at < from + (1u << shift); at++)
            place[at] = prefix[i].value;
    }
}

static inline bool differ(const u32 *place, unsigned at) /* two of them from those before each */
{
    return load_le64(place + at) != load_le64(place + at - 1);
}

/* Where runs begin. Most of the places of most nodes are as those before them. */
static void find_runs(const u32 place[LPM_PLACES], u64 map[4])
{
    map[0] = 1;
    for (unsigned i = 0; i < LPM_PLACES; i += 8) {
        if (i && !differ(place, i) && !differ(place, i + 2) && !differ(place, i + 4) && !differ(place, i + 6))
            continue;
        u64 begins = 0;
        for (unsigned k = i + 7; k > i; k--)
            begins = begins << 1 | (place[k] != place[k - 1]);
        map[i / 64] |= (begins << 1 | (i && place[i] != place[i - 1])) << i % 64;
    }
}

bool lpm_fold(struct lpm *l, struct lpm_node *n, const u32 place[LPM_PLACES])
{
    u64 map[4] = {0};
    u32 runs = 0, run = 0;

    find_runs(place, map);
    for (unsigned w = 0; w < 4; w++)
        runs += bits_count(map[w]);
    u32 *entry = n->few;
    if (runs > LPM_SPARSE_RUNS) {
        entry = mem_alloc(runs * sizeof(u32));
        if (!entry)
            return false;
        lpm_count_bytes(l, runs * sizeof(u32));
        memcpy(n->map, map, sizeof(map));
        n->entry = entry;
        for (unsigned w = 1; w < 4; w++)
            n->before[w] = (u8)(n->before[w - 1] + bits_count(map[w - 1]));
    } else {
        memset(n->start, 255, sizeof(n->start)); /* those not used are reached last */
        n->before[0] = (u8)runs;
        n->before[3] = LPM_IS_SPARSE;
    }
    BITMAP_FOREACH(map, LPM_PLACES, i) {
        if (runs <= LPM_SPARSE_RUNS)
            n->start[run] = (u8)i;
        entry[run++] = place[i];
    }
    return true;
}

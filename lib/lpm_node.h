/* The table of lib/lpm.h from inside, and what is asked of its nodes: memory, and their 256 places in either shape. The
 * functions are for lib/lpm*.c alone. */
#ifndef LIB_LPM_NODE_H
#define LIB_LPM_NODE_H

#include "lib/atomic.h"
#include "lib/base.h"
#include "lib/plat.h"

#define LPM_KEY_MOST 16 /* bytes */

/* A place that a byte of the key leads to: a value, 0 where this node has no prefix for it, or the next node. */
#define LPM_NODE   0x80000000u
#define LPM_SPARSE 0x40000000u /* with LPM_NODE */
#define LPM_BUCKET 0x20000000u /* with LPM_NODE */
#define LPM_INDEX  0x1fffffffu

#define LPM_SPARSE_RUNS 8
#define LPM_BUCKET_MOST 3
#define LPM_IS_SPARSE   255
#define LPM_IS_BUCKET   254

/* One byte of the key; 64 bytes. The 256 places are kept as runs of equal ones.
 *
 *     dense    map: a bit where a run begins; before: runs in the words before; entry[rank of the byte - 1]
 *     sparse   up to 8 runs: where they begin, ascending, and what they hold, all in this line
 *
 * Or a bucket: no places, but up to 3 prefixes of up to 64 bits more (lib/lpm_bucket.c).
 */
struct lpm_node {
    union {
        struct {
            u64 map[4];
            u32 *entry;
        };
        struct {
            u8 start[LPM_SPARSE_RUNS];
            u32 few[LPM_SPARSE_RUNS];
        };
        struct {
            u64 key[LPM_BUCKET_MOST];
            u32 value[LPM_BUCKET_MOST];
            u8 shift[LPM_BUCKET_MOST];
        };
    };
    u8 before[4];  /* sparse: [0] how many runs; [3] LPM_IS_SPARSE, LPM_IS_BUCKET: it never is so of a dense node */
    u32 inherited; /* value of the longest prefix on the way here, as far as the parent knows; 0: an earlier one's */
    union {
        struct {                       /* the writers' */
            struct lpm_prefix *prefix; /* of a bucket NULL */
            u16 prefixes, children;
            u16 room; /* prefixes that `prefix` has memory for */
        };
        struct rcu_head rcu; /* of one that readers may still stand in */
    };
};
static_assert(sizeof(struct lpm_node) == CACHE_LINE, "a node is a cache line");

struct lpm_prefix {
    u32 id; /* 1, then 1 to 8 bits: the part of the prefix that lies in the node's byte */
    u32 value;
};

#define LPM_CHUNK_ORDER 3 /* nodes come in chunks of 32 KiB, aligned to that */
#define LPM_CHUNK_NODES 512u
#define LPM_CHUNKS      2048u /* a million nodes: a full table of IPv4 has half of that */

struct lpm {
    struct lpm_node **chunk; /* LPM_CHUNKS; the first node of each is its own (struct chunk_head) */
    u32 root;
    u32 whole;   /* value of the prefix of length 0 */
    u32 *direct; /* by the first 16 bits of the key: a value, or the node for its third byte; NULL while few prefixes */
    u32 *wide;   /* by the first 20 bits, of 32: a value, or the block for the next 4; NULL while not many prefixes */
    /* ---- the owner's lock ---- */
    u32 bits;
    u32 chunks, fresh;         /* in use; next node never used of the last */
    struct lpm_node *free;     /* linked by map[0] */
    struct lpm_node *returned; /* atomic: those whose readers are gone */
    u64 count;                 /* prefixes */
    u64 direct_at, wide_at;    /* count at which `direct`, `wide` is made */
    u64 bytes;                 /* memory, all told; */
    u64 cached;                /* up to so much the processor's own cache holds most of it, and nothing is waited for */
};

static inline struct lpm_node *lpm_node(const struct lpm *l, u32 entry)
{
    u32 index = entry & LPM_INDEX;
    return &l->chunk[index / LPM_CHUNK_NODES][index % LPM_CHUNK_NODES];
}

#define LPM_PLACES 256u

/* What 4 bits of the key lead to, behind the wide table: values and nodes as in a place. */
struct lpm_block {
    u32 entry[16];
};
static_assert(sizeof(struct lpm_block) == sizeof(struct lpm_node), "a block takes the place of a node");

static inline struct lpm_block *lpm_block(const struct lpm *l, u32 entry)
{
    return (struct lpm_block *)lpm_node(l, entry);
}

void lpm_count_bytes(struct lpm *l, ssize change);
bool lpm_add_chunk(struct lpm *l);                     /* false: no memory, or LPM_CHUNKS */
struct lpm_node *lpm_node_alloc(struct lpm *l);        /* zeroed; NULL: no memory */
void lpm_node_free(struct lpm *l, struct lpm_node *n); /* one that no reader has seen; its prefixes are the caller's */
void lpm_entries_free(struct lpm *l, struct lpm_node *n);
void lpm_retire(struct lpm_node *n);        /* frees it when its readers are gone */
u32 lpm_entry_of(const struct lpm_node *n); /* what stands in the place that leads to it */

/* Where a place's entry stands: that of its whole run. */
u32 *lpm_entry_at(const struct lpm_node *n, u8 at);

/* Goes through the runs: begins with {.node = n}; NULL after the last. */
struct lpm_run {
    const struct lpm_node *node;
    unsigned run;   /* the next */
    unsigned word;  /* of the map, the next; */
    u64 left;       /* and what is left of the last */
    unsigned place; /* where the last returned begins */
};
u32 *lpm_next_run(struct lpm_run *at);

/* What each place gets of these prefixes; 0: none covers it. The list is in the order of ids, so shorter prefixes come
 * first and longer ones over them. */
void lpm_paint(const struct lpm_prefix *prefix, unsigned prefixes, u32 place[LPM_PLACES]);
/* Gives a node its places. False: no memory. */
bool lpm_fold(struct lpm *l, struct lpm_node *n, const u32 place[LPM_PLACES]);

/* Buckets (lib/lpm_bucket.c). Prefixes come and go as a list in the order of their lengths. */
struct lpm_route;
static inline bool lpm_is_bucket(const struct lpm_node *n)
{
    return n->before[3] == LPM_IS_BUCKET;
}
bool lpm_bucket_fits(const struct lpm *l, const struct lpm_route *r, unsigned count, unsigned depth);
void lpm_bucket_fill(struct lpm_node *n, const struct lpm_route *r, unsigned count, unsigned depth); /* count >= 1 */
/* How many; `key` is of the way here. */
unsigned lpm_bucket_read(const struct lpm_node *n, const u8 *key, unsigned depth, struct lpm_route *r);
u32 lpm_bucket_get(const struct lpm_node *n, const u8 *key, unsigned bits, unsigned depth);

/* Lists of prefixes, in the order of ids (lib/lpm_list.c). */
static inline u32 lpm_id(const u8 *key, unsigned bits, unsigned depth)
{
    unsigned length = bits - depth;
    return 1u << length | key[depth / 8] >> (8 - length);
}
unsigned lpm_list_position(const struct lpm_node *n, u32 id); /* where id is, or would be */
static inline bool lpm_list_has(const struct lpm_node *n, unsigned at, u32 id)
{
    return at < n->prefixes && n->prefix[at].id == id;
}
struct lpm_prefix *lpm_list_alloc(struct lpm *l, unsigned room); /* NULL: no memory */
void lpm_list_free(struct lpm *l, struct lpm_prefix *p, unsigned room);
bool lpm_list_grow(struct lpm *l, struct lpm_node *n); /* for one more; false: no memory */
void lpm_list_put(struct lpm_node *n, unsigned at, struct lpm_prefix p);
void lpm_list_take(struct lpm *l, struct lpm_node *n, unsigned at);

/* The tables in front (lib/lpm_direct.c). */
#define LPM_DIRECT_AT 256
#define LPM_WIDE_AT   16384
#define LPM_CACHED    MIB

/* Do the places of nodes at this depth lie in a table in front? Those in the node itself are nobody's then. */
static inline bool lpm_fronted(const struct lpm *l, unsigned depth)
{
    return (depth == 8 && l->direct) || (depth == 16 && l->wide);
}
/* Where the entry of a place stands; the key is of the way to n. */
u32 *lpm_place(const struct lpm *l, const struct lpm_node *n, const u8 *key, unsigned depth, u8 at);
/* Lets the children of a node that is not fronted know what it has for them. */
void lpm_settle(const struct lpm *l, const struct lpm_node *n);
/* Before a prefix is inserted: the wide table has room for it. False: no memory. */
bool lpm_wide_room(struct lpm *l, const u8 *key, unsigned bits);
/* After a prefix has come or gone, its places in front follow; nodes that they lead to stay. */
void lpm_front_renew(const struct lpm *l, const u8 *key, unsigned bits);
/* A new node, of one prefix or one child, is where it belongs: its places go to the front. */
void lpm_front_enter(const struct lpm *l, const struct lpm_node *n, const u8 *key, unsigned bits, unsigned depth);
/* A place gets this value; or what stands behind it inherits it. */
static inline void lpm_front_put(const struct lpm *l, u32 *place, u32 value)
{
    if (*place & LPM_NODE)
        store_relaxed(&lpm_node(l, *place)->inherited, value);
    else if (*place != value)
        store_release(place, value);
}
/* What a place of a fronted node holds without the node that it leads to. */
u32 lpm_front_value(const struct lpm_node *n, u8 at);
void lpm_front_grow(struct lpm *l); /* makes the tables when it is time for them */

#endif

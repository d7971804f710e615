/* Longest-prefix match: from a key of 32 or 128 bits to the value of the longest prefix that covers it. One structure
 * is both: the exact list of prefixes, and what packets are looked up in.
 *
 *     lpm_init(&l, 32);
 *     lpm_insert(&l, (u8[]){10, 1, 0, 0}, 16, 7);          10.1.0.0/16 -> 7
 *     lpm_find_burst(&l, keys, 4, 32, values);              32 keys, 4 bytes apart
 *
 * Keys are bytes as they stand on the wire. A value is 1 .. LPM_VALUE_MAX, an index into the owner's next hops; 0 says
 * that no prefix covers the key. Bits of a prefix behind its length do not matter.
 *
 * Readers stand between rcu_enter and rcu_exit, or in softirq context, and take no lock; for each key they see the
 * table as it is before or after a change. Writers, lpm_get and lpm_next are under a lock of the owner's. Inserting
 * costs about the same however many prefixes there are; short prefixes (shorter than 16 bits) touch more. What has no
 * memory fails with -ENOMEM and changes nothing.
 */
#ifndef LIB_LPM_H
#define LIB_LPM_H

#include "lib/atomic.h"
#include "lib/base.h"
#include "lib/plat.h"

#define LPM_VALUE_MAX 0x3fffffffu
#define LPM_BURST     64
#define LPM_KEY_MOST  16 /* bytes */

/* A place that a byte of the key leads to: a value, 0 where this node has no prefix for it, or the next node. */
#define LPM_NODE   0x80000000u
#define LPM_SPARSE 0x40000000u /* with LPM_NODE */

#define LPM_SPARSE_RUNS 8
#define LPM_IS_SPARSE   255

/* One byte of the key; 64 bytes. The 256 places are kept as runs of equal ones.
 *
 *     dense    map: a bit where a run begins; before: runs in the words before; entry[rank of the byte - 1]
 *     sparse   up to 8 runs: where they begin, ascending, and what they hold, all in this line
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
    };
    u8 before[4];  /* sparse: [0] how many runs, [3] LPM_IS_SPARSE, which it never is of a dense node */
    u32 inherited; /* value of the longest prefix on the way here, as far as the parent knows; 0: an earlier one's */
    union {
        struct { /* the writers' */
            struct lpm_prefix *prefix;
            u16 prefixes, children;
        };
        struct rcu_head rcu; /* of one that readers may still stand in */
    };
};
static_assert(sizeof(struct lpm_node) == CACHE_LINE, "a node is a cache line");

struct lpm_prefix {
    u32 id; /* 1, then 1 to 8 bits: the part of the prefix that lies in the node's byte */
    u32 value;
};

#define LPM_CHUNK_ORDER 4 /* nodes come in chunks of 64 KiB, aligned to that */
#define LPM_CHUNK_NODES 1024u
#define LPM_CHUNKS      4096u /* 4 million nodes */

struct lpm {
    struct lpm_node **chunk; /* LPM_CHUNKS; the first node of each is its own (struct chunk_head) */
    u32 root;
    u32 whole;   /* value of the prefix of length 0 */
    u32 *direct; /* by the first 16 bits of the key: a value, or the node for its third byte; NULL while few prefixes */
    /* ---- the owner's lock ---- */
    u32 bits;
    u32 chunks, fresh;         /* in use; next node never used of the last */
    struct lpm_node *free;     /* linked by map[0] */
    struct lpm_node *returned; /* atomic: those whose readers are gone */
    u64 count;                 /* prefixes */
    u64 direct_at;             /* count at which `direct` is made */
    u64 bytes;                 /* memory, all told */
};

int lpm_init(struct lpm *l, unsigned key_bits); /* 32 or 128; 0 or -ENOMEM */
void lpm_free(struct lpm *l);                   /* task; no readers */

/* ---- writers ---- */
int lpm_insert(struct lpm *l, const u8 *key, unsigned bits,
               u32 value);                                      /* a new one, or a new value; 0, -EINVAL, -ENOMEM */
int lpm_remove(struct lpm *l, const u8 *key, unsigned bits);    /* 0, -ENOENT, -EINVAL, -ENOMEM */
u32 lpm_get(const struct lpm *l, const u8 *key, unsigned bits); /* of exactly this prefix; 0: there is none */

struct lpm_route {
    u8 key[LPM_KEY_MOST];
    u32 bits, value;
};
/* Replaces *r by the next prefix in the order of addresses, of equal ones the shorter first; r->bits of ~0 begins.
 * False after the last. *r itself need not be in the table any more. */
bool lpm_next(const struct lpm *l, struct lpm_route *r);

/* ---- readers ---- */
u32 lpm_find(const struct lpm *l, const u8 *key);
/* n up to LPM_BURST keys, `stride` bytes apart. */
void lpm_find_burst(const struct lpm *l, const void *keys, size_t stride, unsigned n, u32 *value);
void lpm_use_popcnt(void); /* at bring-up, where the processor has that instruction: bursts are faster */

static inline struct lpm_node *lpm_node(const struct lpm *l, u32 entry)
{
    u32 index = entry & ~(LPM_NODE | LPM_SPARSE);
    return &l->chunk[index / LPM_CHUNK_NODES][index % LPM_CHUNK_NODES];
}

#endif

/* Where packets' memory comes from: for each struct net a pool of buffers, one of clones,
 * and one of large buffers.
 *
 *     each CPU      [LIFO of up to 256]   taken and given without a lock or an atomic
 *                     ^ 64 at a time v
 *     the depot     [64] [64] [64] ...    under a lock
 *                     ^ v
 *     blocks of 64 KiB, by page_alloc, at most `most` objects in all
 *
 * What was used last is used next, while it is warm. An object goes back to the pool that it came from, to the LIFO of
 * the CPU that frees it. An empty pool is the caller's to count as a drop: NULL. skb_pool_shrink gives blocks back that
 * lie wholly in the depot, and is called when the machine has no memory left (lib/reclaim.h). All with softirqs off.
 *
 * Debug builds fill what comes back with a pattern and look at it when it leaves again; an object that comes back twice
 * is a panic with the name of who took it; what is never given back is told by name when the net ends.
 */
#ifndef NET_SKB_POOL_H
#define NET_SKB_POOL_H

#include "lib/list.h"
#include "lib/net.h"
#include "net/skb/buf.h"

#define SKB_CACHE 256u /* objects in a CPU's LIFO at most */
#define SKB_CHUNK 64u  /* that change places at once */

struct skb_cache {
    u32 n;
    u64 taken, given, refused;
    struct skb *p[SKB_CACHE];
} CACHE_ALIGNED;

struct skb_pool {
    const char *name;
    struct net *net;
    u32 size, per_block; /* bytes of an object; objects in a block */
    u32 watch, watched;  /* debug builds: bytes of an object, from where on, that are filled while it is here */
    u32 most;            /* objects, a tunable: 0 is a quarter of the memory's worth */
    struct skb_cache *cache[CPU_MAX];

    struct spinlock lock CACHE_ALIGNED; /* all below */
    struct list blocks;
    struct skb *chunks; /* by note: the next chunk; within a chunk by next */
    struct skb *loose;  /* fewer than a chunk, by next */
    u32 idle, loose_n;  /* objects in the depot, `loose` among them */
    u32 carved;         /* objects that there are */
};

struct skb_net {
    struct skb_pool bufs, clones, large;
};
NET_SLOT_USE(skb_net);

static inline struct skb_pool *skb_pool_of(struct net *net)
{
    return &NET_GET(net, struct skb_net, skb_net)->bufs;
}

static inline struct skb_pool *skb_large_pool_of(struct net *net)
{
    return &NET_GET(net, struct skb_net, skb_net)->large;
}

/* Up to n objects into `to`; how many: fewer than asked when the pool is empty. Not initialised. */
u32 skb_pool_take(struct skb_pool *pool, struct skb **to, u32 n, const char *who);
void skb_pool_give(struct skb *s);                                           /* its pool is s->pool */
void skb_pool_give_many(struct skb_pool *pool, struct skb *const *p, u32 n); /* all of this pool */
u32 skb_pool_shrink(struct skb_pool *pool);                                  /* how many objects' memory went back */
u64 skb_pool_used(const struct skb_pool *pool); /* objects in hands; exact while nobody takes or gives */

#endif

/* Routes that come, are replaced and go, and who looks meanwhile: what is the same by threads and on the machine's
 * CPUs.
 *
 * 10.x.0.0/16 always drops, for x of 0 to 15; behind it are others, and lists of two. Of each the metric is x more than
 * a multiple of 16, so a reader who is led elsewhere knows it. The tables in front of the trie come while they look. */
#ifndef TESTS_UNIT_NET_IP_FIB_TORTURE_H
#define TESTS_UNIT_NET_IP_FIB_TORTURE_H

#include "lib/check.h"
#include "lib/conf.h"
#include "lib/hash.h"
#include "net/ip/addr.h"
#include "net/ip/fib.h"

#define FIB_TORTURE_TABLE 88u

static inline int fib_torture_set(struct fib_table *t, const struct ipprefix *p, u8 type, u32 nth, enum fib_how how)
{
    struct route_want w = {.key = {.family = IP_V4, .type = type, .metric = 16 * nth + p->addr.b[13]}};
    conf_enter();
    int err = fib_add(t, p, &w, how);
    conf_leave();
    return err;
}

static inline int fib_torture_del(struct fib_table *t, const struct ipprefix *p, u32 nth)
{
    struct fib_match m = {.has_metric = true, .key = {.metric = 16 * nth + p->addr.b[13]}};
    conf_enter();
    int err = fib_del(t, p, &m);
    conf_leave();
    return err;
}

static inline struct fib_table *fib_torture_begin(struct net *net)
{
    conf_enter();
    struct fib_table *t = fib_table(net, IP_V4, FIB_TORTURE_TABLE, true);
    conf_leave();
    t->lpm.direct_at = 24;
    t->lpm.wide_at = 32;
    for (u8 x = 0; x < 16; x++)
        CHECK_EQ(fib_torture_set(t, &(struct ipprefix){ipaddr_of4(10, x, 0, 0), 16}, ROUTE_BLACKHOLE, 1, FIB_NEW), 0);
    return t;
}

static inline void fib_torture_end(struct fib_table *t)
{
    for (u8 x = 0; x < 16; x++)
        CHECK_EQ(fib_torture_del(t, &(struct ipprefix){ipaddr_of4(10, x, 0, 0), 16}, 1), 0);
    CHECK_EQ(t->prefixes, 0);
}

/* One round: some come, each is replaced and gets a second beside it, and all go. */
static inline void fib_torture_write(struct fib_table *t, u32 round)
{
    for (u32 step = 0; step < 4; step++)
        for (u32 i = 0; i < 24; i++) {
            u64 h = hash_u64(round * 24 + i);
            struct ipprefix p = {.bits = (u8)(17 + (h >> 32) % 16)};
            struct ipaddr a = ipaddr_of4(10, h % 16, i << 3 | (h >> 8 & 7), (u8)(h >> 16));
            p.addr = addr_fill(&a, p.bits, false);
            if (step == 0)
                fib_torture_set(t, &p, ROUTE_PROHIBIT, 2, FIB_REPLACE);
            else if (step == 1)
                fib_torture_set(t, &p, ROUTE_UNREACHABLE, 2, FIB_REPLACE);
            else if (step == 2)
                fib_torture_set(t, &p, ROUTE_PROHIBIT, 3, FIB_APPEND);
            else
                for (u32 nth = 2; nth < 4; nth++)
                    CHECK(fib_torture_del(t, &p, nth) != -ENOMEM); /* two of them may have been one */
        }
}

/* One look at some address; false: what it found is wrong. */
static inline bool fib_torture_look(struct fib_table *t, u64 *seed)
{
    unsigned bits = 0;
    u8 key[4];
    *seed = hash_u64(*seed + 1);
    store_be32(key, 0x0a000000 | (u32)(*seed & 0xfffff));
    rcu_enter();
    const struct route *r = fib_find(t, key, 0, &bits);
    bool right = r && r->net == t->net && r->key.metric % 16 == key[1] && bits >= 16 &&
                 (r->key.type == ROUTE_BLACKHOLE) == (bits == 16);
    rcu_exit();
    return right;
}

#endif

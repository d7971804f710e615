/* A route: what is done with packets, without the prefix that leads to it. Equal ones are one object, whatever number
 * of prefixes there is: a full table has a few.
 *
 *     struct route_words { type, table's things ... hops }       what a command or the kernel asks for
 *     struct route *r = route_get(net, &words, &err);             the one that is so, or a new one; counted
 *     route_put(r);                                               task, under conf_lock
 *
 * Readers stand in softirq context or between rcu_enter and rcu_exit. A route is never changed but for its hops'
 * neighbours and what is dead.
 *
 *     unicast: hops[n] --> device, and the gateway there (any: the destination itself is the neighbour)
 *     local, broadcast: delivered here; the hop's device is the one that has the address
 *     blackhole, unreachable, prohibit, throw: no hops
 */
#ifndef NET_IP_ROUTE_H
#define NET_IP_ROUTE_H

#include "lib/htab.h"
#include "lib/list.h"
#include "lib/net.h"
#include "net/dev/netdev.h"
#include "net/ip/family.h"

enum route_type { /* Linux's numbers */
                  ROUTE_UNICAST = 1,
                  ROUTE_LOCAL = 2,
                  ROUTE_BROADCAST = 3,
                  ROUTE_ANYCAST = 4,
                  ROUTE_MULTICAST = 5,
                  ROUTE_BLACKHOLE = 6,
                  ROUTE_UNREACHABLE = 7,
                  ROUTE_PROHIBIT = 8,
                  ROUTE_THROW = 9,
};

#define SCOPE_GLOBAL  0u
#define SCOPE_SITE    200u
#define SCOPE_LINK    253u
#define SCOPE_HOST    254u
#define SCOPE_NOWHERE 255u

enum route_proto { /* who made it: /etc/iproute2/rt_protos */
                   PROTO_UNSPEC = 0,
                   PROTO_REDIRECT = 1,
                   PROTO_KERNEL = 2,
                   PROTO_BOOT = 3,
                   PROTO_STATIC = 4,
                   PROTO_RA = 9,
                   PROTO_DHCP = 16,
};

#define HOP_ONLINK   0x01u /* the gateway is taken to be on the link, whatever the table says */
#define HOP_DEAD     0x02u /* its device is down */
#define HOP_LINKDOWN 0x04u /* its device has no carrier; whether that matters: ignore_routes_with_linkdown */

struct hop {
    struct route *route;
    struct netdev *dev;  /* counted; NULL: the route has none */
    struct ipaddr via;   /* any: none */
    struct neigh *neigh; /* via's, once it was asked for; counted; atomic */
    u32 upper;           /* of the hashes that choose this one, in 31 bits (RFC 2992) */
    u16 weight;          /* from 1 */
    u8 flags;            /* HOP_ONLINK ... */
    bool has_via;
};

/* Those that a router and a host have a use for. */
enum route_metric { METRIC_MTU, METRIC_ADVMSS, METRIC_INITCWND, METRIC_INITRWND, METRIC_HOPLIMIT, ROUTE_METRICS };

/* All that tells one route from another. */
struct route_key {
    u8 family; /* enum ip_index */
    u8 type, scope, proto, tos;
    u8 said;                    /* by next hop object: the type that was asked for, whatever the object makes of it */
    u8 unused[2];               /* 0: keys are compared as bytes */
    u32 nhid;                   /* net/ip/nexthop.h; 0: the hops are its own */
    u32 metric;                 /* Linux: priority */
    struct ipaddr prefsrc;      /* any: none */
    u32 metrics[ROUTE_METRICS]; /* 0: not said */
    u32 locked;                 /* metrics that path MTU discovery may not change */
};

struct route {
    struct hnode node;
    struct rcu_head rcu;
    struct net *net;
    u32 refs;
    u32 serial; /* no other one had it */
    u64 ident;  /* what its numbers are found by: whoever takes its place has it, too */
    struct route_key key;
    u16 hops, live; /* live: those that packets may take */
    struct hop hop[];
};

#define ROUTE_HOPS 256u

struct route_want { /* a route to be */
    struct route_key key;
    u16 hops;
    const struct hop *hop; /* dev, via, weight, flags alone; dev is not counted here */
};
struct route *route_get(struct net *net, const struct route_want *w, int *err); /* NULL: -ENOMEM, -ENOSPC */
void route_put(struct route *r);
static inline void route_hold(struct route *r)
{
    r->refs++;
}

/* The hop for a flow's hash (any 32 bits); NULL: all are dead. For packets: net/ip/multipath.h. */
const struct hop *route_hop(const struct route *r, u32 hash);

static inline bool hop_lives(const struct hop *h) /* may packets take it? */
{
    return load_relaxed(&h->upper);
}

static inline u32 hop_mtu(const struct hop *h) /* of IP: what may leave by it */
{
    u32 said = h->route->key.metrics[METRIC_MTU], most = load_relaxed(&h->dev->mtu);
    return said && said < most ? said : most;
}

/* Hops by dev die, or live again; false: all are dead. */
bool route_dev(struct route *r, const struct netdev *dev, bool up);
void route_carrier(struct route *r); /* a device's carrier, or what it is taken for, has changed */
void route_walk(struct net *net, void (*fn)(struct route *r, void *arg), void *arg); /* all that there are */

/* Others take the places of some, under all prefixes at once: `to` is like `from` but for its hops and its type. Both
 * are counted, and stay the caller's. 0, or -ENOMEM: nothing changed. net/ip/route_number.c */
struct route_change {
    struct route *from, *to;
};
int route_swap(struct net *net, const struct route_change *c, u32 n);

/* ---- what stands in a table: a number, for what is done under prefixes of one length ----
 *
 * So the number that a lookup gives says how long the prefix was, too. Its slot holds the address of a route, or of
 * several that stand under one prefix, and beside it that length. */

struct route_list {
    struct rcu_head rcu;
    struct net *net;
    struct list all; /* of all lists */
    u32 value, n;
    struct route *r[]; /* counted; larger TOS first, then the smaller metric */
};

typedef u64 route_slot; /* address << 16 | ROUTE_IS_LIST | bits */
#define ROUTE_IS_LIST 0x100ull

struct route_slots {
    struct rcu_head rcu;
    u32 size;
    route_slot at[];
};
struct number;
struct route_net {
    struct route_slots *slots;
    struct spinlock lock; /* unused, and who replaces slots */
    u32 unused;           /* the first free number; its slot holds the next; 0: none */
    /* ---- conf_lock ---- */
    struct htab routes, numbers;
    struct route *recent[16];         /* those that were got last, by their gateways: most of a batch are */
    struct number *recent_number[64]; /* by route and length */
    u32 serial;                       /* of the last route that was made */
    struct list lists;                /* all struct route_list */
    u64 last_ident;
};
NET_SLOT_USE(route_net);

static inline route_slot route_at(struct net *net, u32 value) /* a reader's */
{
    return load_acquire(&load_acquire(&NET_GET(net, struct route_net, route_net)->slots)->at[value]);
}

static inline unsigned route_bits(route_slot s)
{
    return s & 0xff;
}

static inline void *route_pointer(route_slot s)
{
    return (void *)((i64)s >> 16); /* a shift that keeps the sign: kernel addresses are negative */
}

/* The routes there, the first that is to be asked first. */
static inline u32 route_all(route_slot s, struct route *const **all, struct route **one)
{
    if (s & ROUTE_IS_LIST) {
        struct route_list *l = route_pointer(s);
        *all = l->r;
        return l->n;
    }
    *one = route_pointer(s);
    *all = one;
    return 1;
}

/* The number of r, or of several, under prefixes of `bits`; counted; takes over the caller's references. 0: no memory,
 * they are the caller's still. */
u32 route_number(struct net *net, struct route *const *r, u32 n, unsigned bits);
void route_number_put(struct net *net, u32 value); /* when no reader is left it means something else */

#endif

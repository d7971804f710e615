/* Next hop objects: hops that routes name by number, and groups of them. Linux: net/ipv4/nexthop.c.
 *
 *     ip nexthop add id 1 via 10.1.0.2 dev eth0     ip nexthop add id 9 group 1,3/2     ip route add P nhid 9
 *
 *     10.0.0.0/8 --+                       +-- 3 of 4: object 1 --> via 10.1.0.2 dev eth0
 *     10.9.0.0/16 -+--> route, nhid 9 -----+
 *     ... ---------+    (hops: a copy)     +-- 1 of 4: object 2 --> via 10.2.0.2 dev eth1
 *
 * Routes hold copies of the hops, so that packets know nothing of objects; whoever changes an object makes such routes
 * anew and lets them take their places (route_swap): a packet finds the old hops or the new ones. When an object goes,
 * the routes by it go with it, and it leaves its groups; so it does when its device goes down or loses its carrier.
 *
 * Tasks, under conf_lock, but where it says otherwise.
 */
#ifndef NET_IP_NEXTHOP_H
#define NET_IP_NEXTHOP_H

#include "lib/notify.h"
#include "net/ip/hop_check.h"

#define NEXTHOP_WEIGHT_MOST 256u

struct nexthop_member {
    u32 id;
    u16 weight; /* 1 .. NEXTHOP_WEIGHT_MOST */
};

struct nexthop {
    u32 id;
    u8 af;    /* 4, 6; of a group 0 */
    u8 proto; /* enum route_proto */
    bool blackhole, group;
    struct hop hop; /* dev, via and flags, of what is neither; counted */
    u32 members;
    struct nexthop_member member[]; /* of a group */
};

struct nexthop_want {
    u32 id; /* 0: one that is free */
    u8 proto;
    bool replace;       /* the one of that id, or a new one */
    bool blackhole, v6; /* v6: of a blackhole, or without a gateway */
    struct hop hop;     /* dev NULL: not said; weight is nothing here */
    u32 members;        /* 0: it is no group */
    const struct nexthop_member *member;
};

/* 0, or what stands in *no. */
int nexthop_set(struct net *net, const struct nexthop_want *w, struct route_refusal *no);
int nexthop_del(struct net *net, u32 id); /* -ENOENT, -ENOMEM */
void nexthop_dev_gone(struct net *net, const struct netdev *dev);
bool nexthop_any(struct net *net);

/* *w, whose key says what is wished, becomes a route by the object: its hops are put into room of ROUTE_HOPS. `no`. */
int nexthop_route(struct net *net, u32 id, struct route_want *w, struct hop *room, struct route_refusal *no);

struct nexthop_shown { /* a copy */
    u32 id, index;
    u8 af, proto, flags;
    bool blackhole, group;
    char dev[PORT_NAME]; /* "": none */
    struct ipaddr via;
    u32 members;
    const struct nexthop_member *member;
};
/* The first from `id` on; mem_free. NULL: there is none, or no memory. Not under conf_lock, which it takes. */
struct nexthop_shown *nexthop_copy(struct net *net, u32 id);

enum nexthop_event { NEXTHOP_EVENT_NEW, NEXTHOP_EVENT_GONE };
#define NEXTHOP_NOTICE_MEMBERS 16u
struct nexthop_notice {     /* the data of an event, whose type is enum nexthop_event */
    struct nexthop_shown n; /* but for its members, the first of which are here */
    struct nexthop_member member[NEXTHOP_NOTICE_MEMBERS];
};
struct notify_feed *nexthop_feed(struct net *net);

#endif

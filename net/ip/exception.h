/* What is known of the way to one destination beside the route that leads to it: a smaller MTU on the path (net/ip/
 * pmtu.h), or a gateway that is nearer (net/ip/redirect_rx.c). Linux: fib_nh_exception.
 *
 *     hop = exception_hop(net, hop, &dst);      the hop by which this machine's own packets go, which may be hop itself
 *
 * An exception is a route that stands in no table, with one hop, and belongs to one hop of a route that does: where
 * that is changed, it is found no more. It ends by its time; of more than EXCEPTIONS_MOST the one that was heard of
 * longest ago goes. What is forwarded goes by the tables alone.
 */
#ifndef NET_IP_EXCEPTION_H
#define NET_IP_EXCEPTION_H

#include "lib/list.h"
#include "net/ip/route.h"

#define EXCEPTIONS_MOST 4096u

struct exception {
    struct hnode node;
    struct list order; /* the table's lock: the newest last */
    struct rcu_head rcu;
    struct ipaddr dst;
    const struct hop *of; /* compared, never followed: it may be gone, */
    u32 serial;           /* and another route, of another number, be in its place */
    u64 mtu_until;        /* ns; 0: the MTU is the route's */
    u64 via_until;        /* ns; 0: the gateway is the route's */
    struct route route;   /* with its hop; the MTU is a metric */
};

/* The packet's hop; good within the round. Readers. */
const struct hop *exception_hop(struct net *net, const struct hop *hop, const struct ipaddr *dst);
/* Has hop an exception for dst? NULL: it has none. Readers. */
const struct exception *exception_find(struct net *net, const struct hop *hop, const struct ipaddr *dst);

struct exception_view { /* what holds of one now */
    struct route_key key;
    struct ipaddr via;
    bool redirected;
    u64 until; /* ns; the later one, of two */
};
/* False: nothing is known of that way. Readers. */
bool exception_view(struct net *net, const struct hop *hop, const struct ipaddr *dst, struct exception_view *v);

/* From now on until then; softirq, and hop's reader. */
void exception_mtu(struct net *net, const struct hop *hop, const struct ipaddr *dst, u32 mtu, bool lock, u64 until);
void exception_via(struct net *net, const struct hop *hop, const struct ipaddr *dst, const struct ipaddr *via,
                   u64 until);

void exception_flush(struct net *net, enum ip_index f); /* task */
void exception_dev_down(struct netdev *dev);            /* those by dev; task: net/ip/watch.c */
u32 exception_count(struct net *net);
/* Those of a family, with the table's lock held; task. */
void exception_walk(struct net *net, enum ip_index f, void (*fn)(const struct exception *e, void *arg), void *arg);

#endif

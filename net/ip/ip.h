/* The stages of IP, in the order in which a packet meets them, and what upper protocols enter themselves into.
 *
 *     ip_rx -> route -+-> ip_local -> L4 protocol
 *                     +-> ip_forward -> ip_out -> neighbour -> dev_tx
 *     ip_tx (this machine's own) -------^
 *
 * Each takes a burst of one family, l3 and type set, and consumes it. skb->route is the struct hop that the packet
 * leaves by, good within the round.
 */
#ifndef NET_IP_IP_H
#define NET_IP_IP_H

#include "lib/set.h"
#include "net/ip/family.h"
#include "net/ip/rule.h"

void ip_forward(struct netdev *in, struct skbq *q, const struct ip_family *f);
void ip_local(struct netdev *in, struct skbq *q, const struct ip_family *f);
void ip_out(struct skbq *q, const struct ip_family *f);

/* ---- what this machine sends ---- */
struct ip_send {
    struct ipaddr src, dst; /* src any: chosen by the route and the device */
    struct netdev *dev;     /* leaves by it; NULL: by the route's */
    u32 mark;
    u8 proto, tos, hops; /* hops 0: as the machine is set */
    bool whole;          /* nobody may cut it */
    bool nobody;         /* src any is meant: to a group, by dev */
};
/* s has its L4 part from data on, with room for headers in front; its checksum is right but for what depends on the
 * source, which *src tells (may be NULL). Consumes s. Softirq. 0, or why not. */
int ip_route_out(struct net *net, const struct ip_send *how, struct fib_result *r, struct ipaddr *src);
int ip_tx(struct net *net, struct skb *s, const struct ip_send *how);

/* Is it one of this machine's addresses? Readers. */
bool ip_is_local(struct net *net, const struct ipaddr *a);

/* ---- protocols above ---- */
struct l4 {
    u8 proto;                                                                 /* enum ip_proto */
    void (*rx)(struct netdev *in, struct skbq *q, const struct ip_family *f); /* consumes q: parsed, l4 set */
};
#define L4(id, proto_, rx_)                         \
    static const struct l4 l4_##id = {proto_, rx_}; \
    SET_ADD(l4, l4_##id)

#endif

/* Which of several hops a flow takes. Linux: fib_select_multipath, fib_multipath_hash.
 *
 *     struct hop *h = multipath_hop(net, route, &flow);          NULL: none is alive
 *
 * A keyed hash of what net.ipv{4,6}.fib_multipath_hash_policy says, the same for both directions, against bounds that
 * the hops share by weight (RFC 2992): all packets of a flow go one way, and so do the ICMP errors about them.
 * Readers.
 */
#ifndef NET_IP_MULTIPATH_H
#define NET_IP_MULTIPATH_H

#include "net/ip/route.h"

/* Of a packet, all that decides on its way. */
struct fib_flow {
    struct ipaddr src, dst; /* src any: not chosen yet */
    u32 mark, uid;
    const struct netdev *in, *out; /* in NULL: sent by this machine; out NULL: whatever */
    struct skb *skb;               /* that is to go, where there is one: chooses among several hops */
    be16 sport, dport;
    u8 tos, proto;
};

enum multipath_policy {
    MULTIPATH_L3,     /* addresses; of IPv6 the flow label and protocol, too */
    MULTIPATH_L4,     /* and ports */
    MULTIPATH_INNER,  /* addresses of what is in a tunnel, if it is one */
    MULTIPATH_CUSTOM, /* the fields of fib_multipath_hash_fields */
};

const struct hop *multipath_hop_slow(struct net *net, const struct route *r, const struct fib_flow *f);
u32 multipath_hash(struct net *net, enum ip_index family, const struct fib_flow *f);

static inline const struct hop *multipath_hop(struct net *net, const struct route *r, const struct fib_flow *f)
{
    if (likely(r->hops == 1))
        return load_relaxed(&r->live) ? &r->hop[0] : NULL;
    return load_relaxed(&r->live) ? multipath_hop_slow(net, r, f) : NULL;
}

#endif

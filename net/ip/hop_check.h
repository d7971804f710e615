/* Can a route be as it is wished? What Linux asks of its hops when one is added. */
#ifndef NET_IP_HOP_CHECK_H
#define NET_IP_HOP_CHECK_H

#include "net/ip/fib.h"

struct route_refusal {
    const char *why; /* what the kernel says of it; NULL: the error says it all */
    int err;
};

/* A hop without a device gets the one that its gateway is reached by. 0 or what stands in *no. Under conf_lock. */
int hop_check(struct net *net, u32 table, const struct route_key *k, struct hop *h, struct route_refusal *no);
/* Its type, scope, prefix and preferred source. */
int route_check(struct net *net, const struct ipprefix *p, const struct route_want *w, struct route_refusal *no);
/* Is a gateway where a route like k could use it, with things as they are? */
bool hop_is_reached(struct net *net, u32 table, const struct route_key *k, const struct hop *h);

#endif

/* The MTU of a whole path, as routers say that have to drop what is longer (RFC 1191, RFC 8201).
 *
 * Who finds that an error is about a packet of its own, by its ports or numbers, says so: pmtu_heard. From then on, for
 * net.ipv4.route.mtu_expires, what this machine sends to that destination is no longer: the way that ip_route_out finds
 * has that MTU. It only falls; when the time is over, the route's own is tried again.
 */
#ifndef NET_IP_PMTU_H
#define NET_IP_PMTU_H

#include "net/ip/ip.h"

/* An error that says that a packet was too big (err -EMSGSIZE), whoever sent it: softirq. Others are none of ours. */
void pmtu_heard(struct net *net, const struct ip_error *e);

/* Is an error of that kind to be looked at at all? (net.ipv4.ip_no_pmtu_disc; softirq) */
bool pmtu_wanted(struct net *net, const struct ip_error *e);
/* The MTU that a router meant that does not say it, of a packet of `length` bytes (RFC 1191 7.1). */
u32 pmtu_plateau(u32 length);

#endif

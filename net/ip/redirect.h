/* Redirects: a host is told of a gateway that is nearer to a destination (RFC 792, RFC 1812 5.2.7.2, RFC 4861 8). What
 * comes in of them is taken by net/ip/redirect_rx.c.
 */
#ifndef NET_IP_REDIRECT_H
#define NET_IP_REDIRECT_H

#include "net/ip/family.h"

struct netdev;

/* s came in by `in` and leaves by it: its sender is told, if he may be told, and not too often. s stays the caller's;
 * its route is set. Softirq. */
void redirect_send(struct netdev *in, struct skb *s, const struct ip_family *f);

#endif

/* Neighbour discovery (RFC 4861, RFC 4862, RFC 4429): asks and answers for IPv6. */
#ifndef NET_IP_NDP_H
#define NET_IP_NDP_H

#include "net/ip/ifaddr.h"
#include "net/ip/neigh.h"

void ndp_solicit(struct neigh *n, bool to_it);                                     /* struct ip_family: solicit */
void ndp_announce(struct ifaddr *a);                                               /* struct ip_family: announce */
void ndp_probe(struct ifaddr *a);                                                  /* struct ip_family: probe */
void ndp_redirect(struct netdev *dev, struct skb *about, const struct ipaddr *to); /* struct ip_family: redirect */

#endif

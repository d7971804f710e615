/* Cuts a packet for a smaller MTU: of IPv4 (RFC 791 3.2), or one of IPv6 that this machine made (RFC 8200 4.5). */
#ifndef NET_IP_FRAG_H
#define NET_IP_FRAG_H

#include "net/skb/skb.h"

/* The fragments by next, in order, each with l3 set and data there; a merged packet becomes its frames first. Consumes
 * s; what could not be done was dropped by name. */
struct skb *frag_cut(struct skb *s, u32 mtu);

#endif

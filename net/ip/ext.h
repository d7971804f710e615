/* IPv6's chain of extension headers, where a packet has arrived (RFC 8200 4): of those few that have one. */
#ifndef NET_IP_EXT_H
#define NET_IP_EXT_H

#include "net/ip/header.h"

/* Has it any but what ip_rx has looked at? */
static inline bool ext_has(const struct skb *s)
{
    u8 next = ip6_at(s)->next;
    return next == IP_HOPOPTS || next == IP_ROUTING || next == IP_FRAGMENT || next == IP_DSTOPTS || next == IP_AH;
}

/* Looked at in their order, up to a fragment header that is none of a whole packet's; *fragment tells of one. False: s
 * was consumed, and its sender told where he may be. What is true of a whole packet's fragment header (RFC 6946) is
 * that it means nothing. */
bool ext_rx(struct skb *s, bool *fragment);

/* Where from the packet's start the byte is that names its last header. */
u32 ext_named_at(struct skb *s);

#endif

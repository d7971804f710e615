/* Joins fragments of datagrams for this machine (RFC 791 3.2, RFC 8200 4.5, RFC 5722).
 *
 * A datagram that is not complete is kept for ipfrag_time; fragments that overlap drop all of it, and so do more than a
 * datagram is ever cut into. Memory is bounded by ipfrag_high_thresh, and by a part of the pool of packets. When it is
 * full the oldest datagram goes of those senders, in 64 groups by a keyed hash, that hold most of it: a flood costs its
 * own group.
 */
#ifndef NET_IP_REASM_H
#define NET_IP_REASM_H

#include "net/dev/netdev.h"
#include "net/ip/family.h"
#include "net/skb/skb.h"

/* s, which is consumed, is a parsed fragment. The whole datagram, not parsed, when it is complete; NULL: it is kept, or
 * was dropped. Softirq. */
struct skb *reasm_rx(struct netdev *dev, struct skb *s, const struct ip_family *f);
void reasm_dev_down(struct netdev *dev); /* what it brought, and waits, goes; task */

#endif

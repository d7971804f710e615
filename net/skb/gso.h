/* Cuts a packet larger than its frames into what goes on the wire (Linux: skb_gso_segment): the exact inverse of GRO.
 *
 *     struct skb *first = gso_cut(s, sg);      a chain by next, in order; NULL: it could not be, and was dropped by
 * name
 *
 * Each piece has the headers of s, with its own lengths, sequence number and IPv4 id; FIN and PSH stand on the last,
 * CWR on the first alone. Its checksum is CKSUM_PARTIAL. The pieces' payload is that of s, shared (sg), or copied for a
 * device that takes no fragments. gso_size is the payload of each piece; who has a smaller MTU makes it smaller first.
 */
#ifndef NET_SKB_GSO_H
#define NET_SKB_GSO_H

#include "net/skb/skb.h"

struct skb *gso_cut(struct skb *s, bool sg);

/* Of TCP that a device cuts by itself, counting lengths up as it goes: IP's length and checksum become 0, and TCP's
 * field the pseudo-header's sum without a length (CKSUM_PARTIAL). How many bytes of headers there are, in the linear
 * part; 0: it is not what it says, or there is no memory. s is yours still. */
u32 gso_hand_over(struct skb *s);

/* How long the longest frame of s will be, and how many: of a parsed packet; of one with gso GSO_NONE: len, and 1. */
u32 gso_frame_len(const struct skb *s);
u32 gso_frames(const struct skb *s);

#endif

/* The checksum of a packet's TCP, UDP or ICMP part: what is known of it, and every rewrite of what it covers.
 *
 *     if (!cksum_ok(s)) drop                    the way in: looks at what the device said, sums up only if it must
 *     cksum_finish(s)                           the way out, to a device that cannot: fills in a partial one
 *     cksum_replace(s, field, old, new, n)      an address in the header that the pseudo-header covers has changed
 *     cksum_replace_l4(s, field, old, new, n)   bytes of the L4 header itself have (ports, sequence numbers)
 *
 * Under CKSUM_PARTIAL the field holds the folded sum of the pseudo-header, not complemented: an address changes it, a
 * port does not. A UDP checksum of 0 says that there is none, and is left alone.
 */
#ifndef NET_SKB_CKSUM_H
#define NET_SKB_CKSUM_H

#include "lib/csum.h"
#include "net/skb/skb.h"

/* Of a parsed packet with SKB_L4, not a fragment: is the checksum of its TCP, UDP, ICMP or ICMPv6 part right? True for
 * other protocols, and where the sender left it to be filled in. What was summed up once is remembered. */
bool cksum_ok(struct skb *s);

/* CKSUM_PARTIAL becomes a whole checksum. False: offsets that are not the packet's, or no memory; s is yours still. */
bool cksum_finish(struct skb *s);

/* The sender's: the field is to be filled in by the device, or by cksum_finish. Of a packet with l3 and l4 set, TCP or
 * UDP by proto; its field gets the pseudo-header's sum. The L4 header is linear and owned. */
void cksum_begin(struct skb *s, u8 proto);

/* n even. `field` is in the packet's linear part, which is owned; bytes at even offsets of what is summed. */
void cksum_replace(struct skb *s, be16 *field, const void *old, const void *new, u32 n);
void cksum_replace_l4(struct skb *s, be16 *field, const void *old, const void *new, u32 n);

u32 cksum_pseudo(const struct skb *s, u8 proto, u32 l4_len); /* not folded; by l3 */

#endif

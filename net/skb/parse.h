/* One bounds-checked walk over a packet's headers; afterwards one only asks (habit 9).
 *
 *     enum drop_reason why = skb_parse(s);     DROP_NOT, or why the walk could not go on: what it found until then
 * holds if (skb_has(s, SKB_IP4 | SKB_TCP)) ...   all of them
 *
 *     Ethernet -> up to 4 VLAN tags -> ARP | IPv4 with options | IPv6 with extension headers -> TCP | UDP | ICMP
 *     l2                               l3                                                       l4
 *
 * data is at the Ethernet header. Lengths are checked against the packet, no checksum is. A tag that the device took
 * out (SKB_VLAN) stays apart. Trailing bytes beyond the IP length (Ethernet's padding) are left to the IP stage. After
 * the walk the headers found lie in the linear part, options and extension headers included.
 */
#ifndef NET_SKB_PARSE_H
#define NET_SKB_PARSE_H

#include "lib/ipaddr.h"
#include "lib/net.h"
#include "net/skb/skb.h"

/* skb->has */
#define SKB_PARSED    0x0001u
#define SKB_TAGGED    0x0002u /* VLAN tags among the bytes */
#define SKB_ARP       0x0004u
#define SKB_IP4       0x0008u
#define SKB_IP6       0x0010u
#define SKB_IP_OPTS   0x0020u /* IPv4 options; IPv6 hop-by-hop, routing or destination options */
#define SKB_FRAGMENT  0x0040u /* of a datagram; with SKB_LATER not the first one: no l4 */
#define SKB_LATER     0x0080u
#define SKB_L4        0x0100u /* l4 and l4_proto hold, whatever the protocol */
#define SKB_TCP       0x0200u
#define SKB_UDP       0x0400u
#define SKB_ICMP      0x0800u
#define SKB_ICMP6     0x1000u
#define SKB_ROUTER    0x2000u /* router alert option */
#define SKB_ROUTE_HDR 0x4000u /* IPv6 routing header; IPv4 source route */

#define SKB_IP (SKB_IP4 | SKB_IP6) /* either: skb_has_any */

enum drop_reason skb_parse(struct skb *s);

static inline bool skb_has(const struct skb *s, u32 all)
{
    return (s->has & all) == all;
}

static inline bool skb_has_any(const struct skb *s, u32 any)
{
    return (s->has & any) != 0;
}

/* Who speaks to whom: of a parsed packet with SKB_IP. */
struct flow {
    struct ipaddr src, dst;
    be16 sport, dport; /* TCP, UDP; ICMP: id, and type and code; otherwise and of later fragments 0 */
    u8 proto;
};
void flow_of(const struct skb *s, struct flow *f);

/* The flow's hash (contract 5): keyed, and the same for both directions. Computed once a packet: what changes addresses
 * or ports clears SKB_HASHED. Parses where that has not been done; of what is not IP: addresses of Ethernet. All
 * fragments of a datagram have the same. Never 0. */
u32 skb_hash(struct skb *s);
u32 flow_hash(struct net *net, const struct flow *f);

#endif

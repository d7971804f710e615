/* Options of IPv4 (RFC 791 3.1, RFC 1812 5.2.4) and hop-by-hop options of IPv6 (RFC 8200 4.2, 4.3): of the few packets
 * that have them.
 *
 * Source routes are refused. Record route and timestamp are filled in on the way on; what is unknown goes on as it is,
 * but where its IPv6 type says otherwise.
 */
#ifndef NET_IP_OPTIONS_H
#define NET_IP_OPTIONS_H

#include "net/ip/family.h"
#include "net/ip/header.h"

struct hop;
struct net;

static inline bool ip_has_options(const struct skb *s, const struct ip_family *f)
{
    return f == &ip_v4 ? ip4_at(s)->ver_ihl != 0x45 : ip6_at(s)->next == IP_HOPOPTS;
}

/* On the way in: may the packet go on? False: it was consumed. */
bool options_rx(struct skb *s, const struct ip_family *f);

/* The same of an IPv6 header of options, `at` behind the packet's start: hop-by-hop, or for the destination. */
bool options6_rx(struct skb *s, u32 at, bool hop);

/* On the way on, by hop; the bytes are owned. IPv4's checksum is made right. */
void options_forward(struct skb *s, const struct hop *hop, const struct ip_family *f);

/* Of an IPv4 packet that is answered, those that an answer gives back: how many bytes, a multiple of 4. */
#define OPTIONS4_MOST 40u
u32 options_take(const struct skb *s, u8 to[OPTIONS4_MOST]);
/* And filled in, when it is known by which address it is answered. */
void options_answer(struct net *net, u8 *o, u32 n, const struct ipaddr *own);

#endif

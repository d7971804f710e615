/* ICMP: what others send and take of it. Errors about a packet: ip_refuse (net/ip/family.h). */
#ifndef NET_IP_ICMP_H
#define NET_IP_ICMP_H

#include "lib/set.h"
#include "net/ip/ip.h"
#include "net/wire/icmp.h"

/* s begins with the ICMP header; its checksum is filled in, and it is sent. Softirq. 0, or why not. */
int icmp_send(struct net *net, struct skb *s, struct ip_send *how);

void icmp_redirect(struct netdev *dev, struct skb *about, const struct ipaddr *to); /* struct ip_family: redirect */
/* May the sender of s be told so? Parses s. (RFC 1812 4.3.2.7, RFC 4443 2.4e) */
bool icmp_may_tell(struct skb *s, const struct ip_family *f, enum icmp_error err);

struct icmp_taker { /* who takes messages of these types, of one family (NDP, MLD, who pings) */
    u8 family;      /* enum ip_index */
    u8 from, to;
    void (*rx)(struct netdev *dev, struct skb *s); /* consumes s: parsed, the checksum right */
};
#define ICMP_TAKER(id, family_, from_, to_, rx_)                                 \
    static const struct icmp_taker icmp_taker_##id = {family_, from_, to_, rx_}; \
    SET_ADD(icmp_type, icmp_taker_##id)

/* Who sends echo requests hears of errors about them. */
struct icmp_asker {
    void (*error)(struct net *net, const struct ip_error *e); /* e->l4: the ICMP header */
};
#define ICMP_ASKER(id, error_)                                 \
    static const struct icmp_asker icmp_asker_##id = {error_}; \
    SET_ADD(icmp_asker, icmp_asker_##id)

/* An error that came in: whose packet it is about is told. Consumes s. Softirq; net/ip/icmp_error.c. */
void icmp_error_rx(struct netdev *dev, struct skb *s, const struct ip_family *f);
/* The headers of a packet that is quoted `at` behind data, into e: src, dst, proto, length. Where what is behind them
 * begins; 0: it cannot be told. */
u32 icmp_quoted(struct skb *s, u32 at, struct ip_error *e);
bool icmp_is_error(u8 type, const struct ip_family *f); /* of those that icmp_error_rx takes */

#endif

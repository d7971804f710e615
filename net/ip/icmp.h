/* ICMP: what others send and take of it. Errors about a packet: ip_refuse (net/ip/family.h). */
#ifndef NET_IP_ICMP_H
#define NET_IP_ICMP_H

#include "lib/set.h"
#include "net/ip/ip.h"
#include "net/wire/icmp.h"

/* s begins with the ICMP header; its checksum is filled in, and it is sent. Softirq. */
void icmp_send(struct net *net, struct skb *s, struct ip_send *how);

struct icmp_taker { /* who takes messages of these types, of one family (NDP, MLD, who pings) */
    u8 family;      /* enum ip_index */
    u8 from, to;
    void (*rx)(struct netdev *dev, struct skb *s); /* consumes s: parsed, the checksum right */
};
#define ICMP_TAKER(id, family_, from_, to_, rx_)                                 \
    static const struct icmp_taker icmp_taker_##id = {family_, from_, to_, rx_}; \
    SET_ADD(icmp_type, icmp_taker_##id)

#endif

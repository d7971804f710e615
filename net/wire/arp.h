/* ARP (RFC 826) for IPv4 over Ethernet as it stands on the wire. No state. */
#ifndef NET_WIRE_ARP_H
#define NET_WIRE_ARP_H

#include "lib/byteorder.h"
#include "lib/ipaddr.h"
#include "net/wire/eth.h"

enum arp_op { ARP_REQUEST = 1, ARP_REPLY = 2 };

struct arp_hdr {
    be16 hw, proto;
    u8 hw_len, proto_len;
    be16 op;
    struct macaddr sha; /* sender */
    u8 spa[4];
    struct macaddr tha; /* target */
    u8 tpa[4];
} PACKED;

#define ARP_HW_ETHER 1
#define ARP_HW_802   6 /* RFC 1812 3.3.2: the same, said otherwise */

/* Of the one kind that we speak? `n` bytes are there. */
static inline bool arp_ok(const struct arp_hdr *a, size_t n)
{
    return n >= sizeof(*a) && (be16_get(a->hw) == ARP_HW_ETHER || be16_get(a->hw) == ARP_HW_802) &&
           be16_get(a->proto) == ETH_IP4 && a->hw_len == sizeof(a->sha) && a->proto_len == sizeof(a->spa);
}

#endif

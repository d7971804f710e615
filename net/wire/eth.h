/* Ethernet (IEEE 802.3) and VLAN tags (802.1Q, 802.1ad) as they stand on the wire. No state. */
#ifndef NET_WIRE_ETH_H
#define NET_WIRE_ETH_H

#include "lib/byteorder.h"
#include "lib/ipaddr.h"

#define ETH_HLEN      14u
#define ETH_MIN       60u /* without the checksum: what is shorter is padded */
#define ETH_MTU       1500u
#define ETH_MTU_LEAST 68u /* RFC 791 3.2 */

enum eth_type {
    ETH_IP4 = 0x0800,
    ETH_ARP = 0x0806,
    ETH_VLAN = 0x8100, /* 802.1Q: a customer's tag */
    ETH_IP6 = 0x86dd,
    ETH_MPLS = 0x8847,
    ETH_PPPOE_DISC = 0x8863,
    ETH_PPPOE = 0x8864,
    ETH_QINQ = 0x88a8, /* 802.1ad: a provider's tag */
    ETH_LLDP = 0x88cc,
    ETH_LENGTH = 0x0600, /* what is less is a length, and an LLC header follows */
};

struct eth_hdr {
    struct macaddr dst, src;
    be16 type;
} PACKED;

#define VLAN_HLEN   4u
#define VLAN_VID    0x0fffu
#define VLAN_DEI    0x1000u
#define VLAN_PCP_AT 13

struct vlan_hdr { /* behind the type that announced it */
    be16 tci;     /* priority 3, drop eligible 1, id 12 */
    be16 type;    /* of what follows */
} PACKED;

static inline bool eth_is_vlan(u16 type)
{
    return type == ETH_VLAN || type == ETH_QINQ;
}

static inline bool mac_is_multicast(const struct macaddr *m) /* broadcast too */
{
    return m->b[0] & 1;
}

static inline bool mac_is_broadcast(const struct macaddr *m)
{
    return load_le32(m->b) == 0xffffffff && load_le16(m->b + 4) == 0xffff;
}

static inline bool mac_is_zero(const struct macaddr *m)
{
    return load_le32(m->b) == 0 && load_le16(m->b + 4) == 0;
}

static inline bool mac_eq(const struct macaddr *a, const struct macaddr *b)
{
    return load_le32(a->b) == load_le32(b->b) && load_le16(a->b + 4) == load_le16(b->b + 4);
}

/* May a station have it: not a group's, not nobody's. */
static inline bool mac_is_station(const struct macaddr *m)
{
    return !mac_is_multicast(m) && !mac_is_zero(m);
}

#endif

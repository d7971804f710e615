/* IPv4 (RFC 791) as it stands on the wire. No state. */
#ifndef NET_WIRE_IP4_H
#define NET_WIRE_IP4_H

#include "lib/byteorder.h"

#define IP4_HLEN     20u
#define IP4_HLEN_MAX 60u

/* One list for both families (IPv4's protocol, IPv6's next header). */
enum ip_proto {
    IP_HOPOPTS = 0,
    IP_ICMP = 1,
    IP_IGMP = 2,
    IP_IPIP = 4,
    IP_TCP = 6,
    IP_UDP = 17,
    IP_IPV6 = 41,
    IP_ROUTING = 43,
    IP_FRAGMENT = 44,
    IP_GRE = 47,
    IP_ESP = 50,
    IP_AH = 51,
    IP_ICMP6 = 58,
    IP_NONE = 59,
    IP_DSTOPTS = 60,
    IP_OSPF = 89,
    IP_PIM = 103,
    IP_VRRP = 112,
    IP_SCTP = 132,
    IP_UDPLITE = 136,
};

struct ip4_hdr {
    u8 ver_ihl; /* version 4, header length in words of 32 bits */
    u8 tos;     /* DSCP 6, ECN 2 */
    be16 len;   /* header and all */
    be16 id;
    be16 frag; /* flags 3, offset 13 in units of 8 bytes */
    u8 ttl, proto;
    be16 check; /* of the header */
    u8 src[4], dst[4];
} PACKED;

#define IP4_DF       0x4000u
#define IP4_MF       0x2000u
#define IP4_OFFSET   0x1fffu
#define IP4_FRAGMENT (IP4_MF | IP4_OFFSET)

#define IP_ECN     3u /* of tos and of the traffic class: */
#define IP_ECN_ECT 2u
#define IP_ECN_CE  3u

static inline unsigned ip4_hlen(const struct ip4_hdr *h)
{
    return (h->ver_ihl & 15u) * 4;
}

/* Can it be a header whose packet has `n` bytes on the wire? The fixed part is there; options and checksum are not
 * looked at. */
static inline bool ip4_ok(const struct ip4_hdr *h, size_t n)
{
    return h->ver_ihl >> 4 == 4 && ip4_hlen(h) >= IP4_HLEN && be16_get(h->len) >= ip4_hlen(h) && be16_get(h->len) <= n;
}

#endif

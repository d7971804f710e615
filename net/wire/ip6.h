/* IPv6 (RFC 8200) and its extension headers as they stand on the wire. No state. */
#ifndef NET_WIRE_IP6_H
#define NET_WIRE_IP6_H

#include "lib/byteorder.h"
#include "lib/ipaddr.h"
#include "net/wire/ip4.h"

#define IP6_HLEN      40u
#define IP6_MTU_LEAST 1280u

struct ip6_hdr {
    be32 ver_class_flow; /* version 4, traffic class 8, flow label 20 */
    be16 payload;        /* bytes behind this header; 0 with a jumbo payload option */
    u8 next, hops;
    struct ipaddr src, dst;
} PACKED;

#define IP6_FLOW 0x000fffffu

/* Hop-by-hop, destination options, routing: this, and more up to (len + 1) * 8 bytes (RFC 8200 4.2). AH counts
 * (len + 2) * 4 (RFC 4302 2.2). */
struct ip6_ext {
    u8 next, len;
} PACKED;

struct ip6_frag {
    u8 next, reserved;
    be16 at; /* offset 13 in units of 8 bytes, reserved 2, more 1 */
    be32 id;
} PACKED;

#define IP6_FRAG_OFFSET 0xfff8u /* in bytes, of `at` */
#define IP6_FRAG_MORE   1u

/* Is it a header whose packet has `n` bytes on the wire? The fixed part is there. */
static inline bool ip6_ok(const struct ip6_hdr *h, size_t n)
{
    return be32_get(h->ver_class_flow) >> 28 == 6 && be16_get(h->payload) + IP6_HLEN <= n;
}

static inline u8 ip6_class(const struct ip6_hdr *h)
{
    return (u8)(be32_get(h->ver_class_flow) >> 20);
}

/* Does another header follow this one, whose length is known from its first 8 bytes? */
static inline bool ip6_is_ext(u8 next)
{
    return next == IP_HOPOPTS || next == IP_ROUTING || next == IP_DSTOPTS || next == IP_AH;
}

static inline unsigned ip6_ext_len(const struct ip6_ext *e, u8 kind)
{
    return kind == IP_AH ? (e->len + 2u) * 4 : (e->len + 1u) * 8;
}

#endif

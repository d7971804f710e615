/* Kinds of addresses, and prefixes: what lib/ipaddr.h leaves to IP. */
#ifndef NET_IP_ADDR_H
#define NET_IP_ADDR_H

#include "lib/byteorder.h"
#include "lib/ipaddr.h"

#define ADDR4_AT 12u /* of struct ipaddr: where the four bytes of an IPv4 address stand */

static inline struct ipaddr addr_of4(const u8 *b)
{
    return ipaddr_of4(b[0], b[1], b[2], b[3]);
}

static inline bool addr_eq(const struct ipaddr *a, const struct ipaddr *b)
{
    return load_le64(a->b) == load_le64(b->b) && load_le64(a->b + 8) == load_le64(b->b + 8);
}

static inline bool addr_is_any(const struct ipaddr *a) /* 0.0.0.0 or :: */
{
    return load_le64(a->b) == 0 && (load_le64(a->b + 8) == 0 || load_le64(a->b + 8) == 0xffff0000u);
}

static inline bool addr_is_loopback(const struct ipaddr *a) /* 127.0.0.0/8 or ::1 */
{
    return ipaddr_is4(a) ? a->b[ADDR4_AT] == 127 : load_le64(a->b) == 0 && load_be64(a->b + 8) == 1;
}

static inline bool addr_is_multicast(const struct ipaddr *a) /* 224.0.0.0/4 or ff00::/8 */
{
    return a->b[0] == 0xff || (a->b[ADDR4_AT] >> 4 == 14 && ipaddr_is4(a));
}

static inline bool addr_is_limited_broadcast(const struct ipaddr *a) /* 255.255.255.255 */
{
    return load_le32(a->b + ADDR4_AT) == 0xffffffff && ipaddr_is4(a);
}

static inline bool addr_is_link_local(const struct ipaddr *a) /* 169.254.0.0/16 or fe80::/10 */
{
    return ipaddr_is4(a) ? a->b[12] == 169 && a->b[13] == 254 : a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

static inline struct ipaddr addr_solicited_node(const struct ipaddr *a) /* RFC 4291 2.7.1 */
{
    return (struct ipaddr){{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, a->b[13], a->b[14], a->b[15]}};
}

/* fe80:: and the station's EUI-64 (RFC 4291 2.5.6, RFC 2464 5). */
static inline struct ipaddr addr_link_local(const struct macaddr *m)
{
    return (struct ipaddr){
        {0xfe, 0x80, 0, 0, 0, 0, 0, 0, m->b[0] ^ 2, m->b[1], m->b[2], 0xff, 0xfe, m->b[3], m->b[4], m->b[5]}};
}

/* The Ethernet address of a group. */
static inline struct macaddr mcast_mac(const struct ipaddr *g)
{
    if (ipaddr_is4(g)) /* RFC 1112 6.4 */
        return (struct macaddr){{0x01, 0x00, 0x5e, g->b[13] & 0x7f, g->b[14], g->b[15]}};
    return (struct macaddr){{0x33, 0x33, g->b[12], g->b[13], g->b[14], g->b[15]}}; /* RFC 2464 7 */
}

/* Do the first `bits` of the family's address agree? */
static inline bool addr_same_bits(const struct ipaddr *a, const struct ipaddr *b, unsigned bits)
{
    unsigned at = ipaddr_is4(b) ? ADDR4_AT : 0;
    if (at && !ipaddr_is4(a))
        return false;
    for (; bits >= 8; bits -= 8, at++)
        if (a->b[at] != b->b[at])
            return false;
    return !bits || !((a->b[at] ^ b->b[at]) >> (8 - bits));
}

static inline bool prefix_has(const struct ipprefix *p, const struct ipaddr *a)
{
    return addr_same_bits(a, &p->addr, p->bits);
}

/* The bits behind the first `bits` set to 0 or 1. */
static inline struct ipaddr addr_fill(const struct ipaddr *a, unsigned bits, bool ones)
{
    struct ipaddr to = *a;
    unsigned from = (ipaddr_is4(a) ? 96 : 0) + bits;
    for (unsigned i = from / 8; i < 16; i++) {
        u8 mask = i == from / 8 ? (u8)(0xff >> from % 8) : 0xff;
        to.b[i] = ones ? to.b[i] | mask : to.b[i] & (u8)~mask;
    }
    return to;
}

#endif

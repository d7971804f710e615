/* Neighbour discovery (RFC 4861 4) as it stands on the wire, behind the ICMPv6 header's first 4 bytes. No state. */
#ifndef NET_WIRE_NDP_H
#define NET_WIRE_NDP_H

#include "lib/byteorder.h"
#include "lib/ipaddr.h"

enum ndp_type {
    NDP_RS = 133,
    NDP_RA = 134,
    NDP_NS = 135,
    NDP_NA = 136,
    NDP_REDIRECT = 137,
};

enum ndp_opt {
    NDP_OPT_SOURCE = 1, /* link-layer address of the sender */
    NDP_OPT_TARGET = 2,
    NDP_OPT_PREFIX = 3,
    NDP_OPT_REDIRECTED = 4,
    NDP_OPT_MTU = 5,
    NDP_OPT_NONCE = 14,
    NDP_OPT_ROUTE = 24, /* RFC 4191 2.3 */
    NDP_OPT_RDNSS = 25, /* RFC 8106 5.1 */
    NDP_OPT_DNSSL = 31, /* RFC 8106 5.2 */
};

struct ndp_msg { /* solicitation and advertisement */
    u8 type, code;
    be16 check;
    be32 flags; /* of an advertisement */
    struct ipaddr target;
} PACKED;

#define NDP_NA_ROUTER    0x80000000u
#define NDP_NA_SOLICITED 0x40000000u
#define NDP_NA_OVERRIDE  0x20000000u

struct ndp_redirect { /* RFC 4861 4.5 */
    u8 type, code;
    be16 check;
    be32 reserved;
    struct ipaddr target, dst; /* the same: dst is on the link itself */
} PACKED;

struct ndp_redirected { /* followed by the packet, as far as it is quoted */
    u8 type, len;
    u8 reserved[6];
} PACKED;

struct ndp_lladdr { /* the option, of Ethernet */
    u8 type, len;   /* len in units of 8 bytes: 1 */
    struct macaddr mac;
} PACKED;

struct ndp_rs {
    u8 type, code;
    be16 check;
    be32 reserved;
} PACKED;

struct ndp_ra {
    u8 type, code;
    be16 check;
    u8 hop_limit, flags;
    be16 lifetime;           /* s, of the router as a default one */
    be32 reachable, retrans; /* ms; 0: not said */
} PACKED;

#define NDP_RA_MANAGED 0x80u
#define NDP_RA_OTHER   0x40u

enum ndp_pref { NDP_PREF_MEDIUM, NDP_PREF_HIGH, NDP_PREF_RESERVED, NDP_PREF_LOW }; /* RFC 4191 2.1 */

static inline enum ndp_pref ndp_pref(u8 flags) /* of an advertisement and of a route: the same two bits */
{
    return (enum ndp_pref)(flags >> 3 & 3);
}

#define NDP_FOREVER 0xffffffffu /* a lifetime */

struct ndp_prefix {
    u8 type, len, bits, flags;
    be32 valid, preferred; /* s */
    be32 reserved;
    struct ipaddr prefix;
} PACKED;

#define NDP_PREFIX_ONLINK 0x80u
#define NDP_PREFIX_AUTO   0x40u

struct ndp_mtu {
    u8 type, len;
    be16 reserved;
    be32 mtu;
} PACKED;

struct ndp_route { /* followed by 0, 8 or 16 bytes of prefix */
    u8 type, len, bits, flags;
    be32 lifetime;
} PACKED;

struct ndp_dns { /* followed by addresses, or by names */
    u8 type, len;
    be16 reserved;
    be32 lifetime;
} PACKED;

struct ndp_nonce { /* RFC 3971 5.3.2, of 6 bytes */
    u8 type, len;
    u8 nonce[6];
} PACKED;

/* The next option at p, of which `left` bytes are there: its length in bytes; 0: broken, which makes all of it so. */
static inline unsigned ndp_opt_len(const u8 *p, unsigned left)
{
    return left >= 2 && p[1] && p[1] * 8u <= left ? p[1] * 8u : 0;
}

#endif

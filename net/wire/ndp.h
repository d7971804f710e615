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

struct ndp_lladdr { /* the option, of Ethernet */
    u8 type, len;   /* len in units of 8 bytes: 1 */
    struct macaddr mac;
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

/* ICMP (RFC 792) and ICMPv6 (RFC 4443) as they stand on the wire. No state. */
#ifndef NET_WIRE_ICMP_H
#define NET_WIRE_ICMP_H

#include "lib/byteorder.h"

#define ICMP_HLEN 8u

struct icmp_hdr {
    u8 type, code;
    be16 check;
    be16 id, seq; /* of echo and its kin; otherwise what the type makes of these 4 bytes */
} PACKED;

enum icmp_type {
    ICMP_ECHO_REPLY = 0,
    ICMP_UNREACH = 3,
    ICMP_QUENCH = 4,
    ICMP_REDIRECT = 5,
    ICMP_ECHO = 8,
    ICMP_TIME_EXCEEDED = 11,
    ICMP_PARAM = 12,
    ICMP_TIMESTAMP = 13,
    ICMP_TIMESTAMP_REPLY = 14,
};

enum icmp6_type {
    ICMP6_UNREACH = 1,
    ICMP6_TOO_BIG = 2,
    ICMP6_TIME_EXCEEDED = 3,
    ICMP6_PARAM = 4,
    ICMP6_ECHO = 128,
    ICMP6_ECHO_REPLY = 129,
};

/* Do id and seq mean what their names say? */
static inline bool icmp_has_id(u8 type)
{
    return type == ICMP_ECHO || type == ICMP_ECHO_REPLY || (type >= ICMP_TIMESTAMP && type <= 18);
}

static inline bool icmp6_has_id(u8 type)
{
    return type == ICMP6_ECHO || type == ICMP6_ECHO_REPLY;
}

#endif

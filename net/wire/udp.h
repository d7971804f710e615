/* UDP (RFC 768) as it stands on the wire. No state. */
#ifndef NET_WIRE_UDP_H
#define NET_WIRE_UDP_H

#include "lib/byteorder.h"

#define UDP_HLEN 8u

struct udp_hdr {
    be16 sport, dport;
    be16 len;   /* header and all */
    be16 check; /* 0: none (IPv4 alone) */
} PACKED;

/* Can it be a header with `n` bytes of the packet from here on? */
static inline bool udp_ok(const struct udp_hdr *h, size_t n)
{
    return be16_get(h->len) >= UDP_HLEN && be16_get(h->len) <= n;
}

#endif

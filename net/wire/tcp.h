/* TCP (RFC 9293 3.1) as it stands on the wire, and arithmetic with sequence numbers. No state. */
#ifndef NET_WIRE_TCP_H
#define NET_WIRE_TCP_H

#include "lib/byteorder.h"

#define TCP_HLEN     20u
#define TCP_HLEN_MAX 60u

struct tcp_hdr {
    be16 sport, dport;
    be32 seq, ack;
    u8 off;   /* header length in words of 32 bits 4, reserved 3, AE 1 (RFC 9768) */
    u8 flags; /* CWR ECE URG ACK PSH RST SYN FIN */
    be16 window, check, urgent;
} PACKED;

#define TCP_FIN 0x01u
#define TCP_SYN 0x02u
#define TCP_RST 0x04u
#define TCP_PSH 0x08u
#define TCP_ACK 0x10u
#define TCP_URG 0x20u
#define TCP_ECE 0x40u
#define TCP_CWR 0x80u

static inline unsigned tcp_hlen(const struct tcp_hdr *h)
{
    return (h->off >> 4) * 4u;
}

/* Can it be a header with `n` bytes of the packet from here on? */
static inline bool tcp_ok(const struct tcp_hdr *h, size_t n)
{
    return tcp_hlen(h) >= TCP_HLEN && tcp_hlen(h) <= n;
}

/* Sequence numbers go round (RFC 9293 3.4). */
static inline bool seq_before(u32 a, u32 b)
{
    return (i32)(a - b) < 0;
}

#endif

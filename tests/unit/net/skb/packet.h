/* Packets for tests, built from a few numbers. */
#ifndef UNIT_NET_SKB_PACKET_H
#define UNIT_NET_SKB_PACKET_H

#include "net/skb/skb.h"

struct packet {
    bool v6, udp;
    unsigned tags;        /* VLAN tags among the bytes: 0 .. 2 */
    unsigned ip_options;  /* bytes of them, a multiple of 4; IPv6: of a destination options header, of 8 */
    unsigned tcp_options; /* bytes, a multiple of 4 */
    u8 src, dst;          /* last byte of the addresses */
    u16 sport, dport;
    u32 seq, ack; /* ack 0: some number; likewise window, flow */
    u16 window, urgent;
    u32 flow;  /* IPv6's label */
    u32 stamp; /* 0: TCP's options are NOPs; else timestamps (RFC 7323), where 12 bytes or more are */
    u8 flags;  /* TCP's */
    u16 id;
    bool df;
    u8 tos, ttl;
    u32 payload; /* bytes, of test_rand() */
};

/* The frame with right lengths and checksums; returns its length. */
u32 packet_build(const struct packet *p, u8 *frame);
/* The same as an skb; NULL: no memory. `pieces`: the payload in fragments of so many bytes; 0: linear, and the rest. */
struct skb *packet_skb(struct skb_pool *pool, const u8 *frame, u32 len, u32 pieces);

#endif

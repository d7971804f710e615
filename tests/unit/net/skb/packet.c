/* Packets for tests. Written from the RFCs' pictures byte by byte, so that it shares nothing with what it tests. */
#include "tests/unit/net/skb/packet.h"

#include "lib/check.h"
#include "lib/string.h"

static u32 put16(u8 *f, u32 at, u32 v)
{
    f[at] = (u8)(v >> 8);
    f[at + 1] = (u8)v;
    return at + 2;
}

static u32 put32(u8 *f, u32 at, u32 v)
{
    return put16(f, put16(f, at, v >> 16), v & 0xffff);
}

static u32 sum16(const u8 *p, u32 n)
{
    u32 sum = 0;
    for (u32 i = 0; i < n; i++)
        sum += i & 1 ? p[i] : (u32)p[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static void checksum(u8 *f, u32 field, u32 sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    put16(f, field, ~sum & 0xffff);
}

static u32 build_eth(const struct packet *p, u8 *f)
{
    memcpy(f, "\x02\0\0\0\0\x02\x02\0\0\0\0\x01", 12);
    u32 at = 12;
    for (unsigned i = 0; i < p->tags; i++) {
        at = put16(f, at, i + 1 < p->tags ? 0x88a8 : 0x8100);
        at = put16(f, at, 0x2000 + 10 + i);
    }
    return put16(f, at, p->v6 ? 0x86dd : 0x0800);
}

static u32 build_ip4(const struct packet *p, u8 *f, u32 at, u32 l4_len)
{
    u32 ip = at, hlen = 20 + p->ip_options;
    f[at++] = (u8)(0x40 | hlen / 4);
    f[at++] = p->tos;
    at = put16(f, at, hlen + l4_len);
    at = put16(f, at, p->id);
    at = put16(f, at, p->df ? 0x4000 : 0);
    f[at++] = p->ttl ? p->ttl : 64;
    f[at++] = p->udp ? 17 : 6;
    at = put16(f, at, 0);
    at = put32(f, at, 0x0a010000u + p->src);
    at = put32(f, at, 0x0a020000u + p->dst);
    memset(f + at, 1, p->ip_options);
    checksum(f, ip + 10, sum16(f + ip, hlen));
    return at + p->ip_options;
}

static u32 build_ip6(const struct packet *p, u8 *f, u32 at, u32 l4_len)
{
    at = put32(f, at, 0x60000000u | (u32)p->tos << 20 | (p->flow ? p->flow : 0x12345));
    at = put16(f, at, l4_len + p->ip_options);
    f[at++] = p->ip_options ? 60 : p->udp ? 17 : 6;
    f[at++] = p->ttl ? p->ttl : 64;
    memcpy(f + at, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    f[at + 15] = p->src;
    memcpy(f + at + 16, "\x20\x01\x0d\xb8\0\1\0\0\0\0\0\0\0\0\0\0", 16);
    f[at + 31] = p->dst;
    at += 32;
    if (p->ip_options) {
        memset(f + at, 0, p->ip_options); /* Pad1 */
        f[at] = p->udp ? 17 : 6;
        f[at + 1] = (u8)(p->ip_options / 8 - 1);
    }
    return at + p->ip_options;
}

static u32 build_l4(const struct packet *p, u8 *f, u32 at)
{
    at = put16(f, at, p->sport);
    at = put16(f, at, p->dport);
    if (p->udp) {
        at = put16(f, at, 8 + p->payload);
        return put16(f, at, 0);
    }
    at = put32(f, at, p->seq);
    at = put32(f, at, p->ack ? p->ack : 0x11223344);
    f[at++] = (u8)((20 + p->tcp_options) / 4 << 4);
    f[at++] = p->flags;
    at = put16(f, at, p->window ? p->window : 512);
    at = put32(f, at, p->urgent);
    memset(f + at, 1, p->tcp_options);
    if (p->stamp && p->tcp_options >= 12) {
        put16(f, at + 2, 0x080a);
        put32(f, put32(f, at + 4, p->stamp), 77);
    }
    return at + p->tcp_options;
}

u32 packet_build(const struct packet *p, u8 *f)
{
    u32 hlen = p->udp ? 8 : 20 + p->tcp_options, l4_len = hlen + p->payload;
    u32 ip = build_eth(p, f);
    u32 l4 = p->v6 ? build_ip6(p, f, ip, l4_len) : build_ip4(p, f, ip, l4_len);
    u32 at = build_l4(p, f, l4);
    for (u32 i = 0; i < p->payload; i++)
        f[at + i] = (u8)test_rand();
    u32 sum = (p->udp ? 17 : 6) + l4_len + sum16(f + l4, l4_len);
    sum += p->v6 ? sum16(f + ip + 8, 32) : sum16(f + ip + 12, 8);
    checksum(f, l4 + (p->udp ? 6 : 16), sum);
    return at + p->payload;
}

struct skb *packet_skb(struct skb_pool *pool, const u8 *frame, u32 len, u32 pieces)
{
    struct skb *s = skb_alloc(pool);
    u32 linear = s && pieces ? min(len, 128u) : min(len, SKB_ROOM);
    if (!s)
        return NULL;
    memcpy(skb_put(s, linear), frame, linear);
    for (u32 at = linear; at < len;) {
        u32 n = min(len - at, pieces ? pieces : SKB_ROOM);
        struct skb *f = skb_alloc(pool);
        if (!f || !skb_add_frag(s, f->buf, SKB_DATA, n)) {
            if (f)
                skb_free(f);
            skb_free(s);
            return NULL;
        }
        memcpy((u8 *)f->buf + SKB_DATA, frame + at, n);
        at += n;
    }
    return s;
}

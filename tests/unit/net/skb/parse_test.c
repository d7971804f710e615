/* The parse: layers found, and every way in which a header can be cut off or lie. */
#include "net/skb/parse.h"

#include "lib/check.h"
#include "lib/string.h"
#include "net/skb/pool.h"
#include "tests/unit/net/skb/packet.h"

static struct net *net;
static struct skb_pool *pool;
static u8 frame[70000];

static void start(void)
{
    net = net_new();
    pool = skb_pool_of(net);
}

static enum drop_reason parse(const u8 *f, u32 n, u32 *has)
{
    struct skb *s = packet_skb(pool, f, n, 0);
    enum drop_reason why = skb_parse(s);
    *has = s->has;
    skb_free(s);
    return why;
}

/* Every combination of tags, options, families, protocols; linear and in pieces of 1, 7 and 100 bytes. */
TEST(parse_layers)
{
    start();
    for (unsigned i = 0; i < 3 * 2 * 2 * 3 * 4; i++) {
        unsigned pieces[] = {0, 30, 57, 100};
        struct packet p = {.tags = i % 3,
                           .v6 = i / 3 % 2,
                           .udp = i / 6 % 2,
                           .ip_options = i / 12 % 3 * 8,
                           .tcp_options = 12,
                           .src = 1,
                           .dst = 2,
                           .sport = 1000,
                           .dport = 2000,
                           .payload = 200};
        u32 n = packet_build(&p, frame);
        struct skb *s = packet_skb(pool, frame, n, pieces[i / 36]);
        struct flow f;
        CHECK_EQ(skb_parse(s), DROP_NOT);
        u32 want = SKB_PARSED | SKB_L4 | (p.tags ? SKB_TAGGED : 0) | (p.v6 ? SKB_IP6 : SKB_IP4) |
                   (p.udp ? SKB_UDP : SKB_TCP) | (p.ip_options ? SKB_IP_OPTS : 0);
        CHECK_EQ(s->has, want);
        CHECK_EQ(skb_at(s, s->l3), 14 + 4 * p.tags);
        CHECK_EQ(skb_at(s, s->l4), 14 + 4 * p.tags + (p.v6 ? 40 : 20) + p.ip_options);
        CHECK_EQ(s->l4_proto, p.udp ? 17 : 6);
        CHECK_EQ(s->type, p.v6 ? 0x86dd : 0x0800);
        flow_of(s, &f);
        CHECK_EQ(be16_get(f.sport), 1000);
        CHECK_EQ(be16_get(f.dport), 2000);
        CHECK_EQ(f.src.b[15], 1);
        CHECK_EQ(f.dst.b[15], 2);
        CHECK_EQ(ipaddr_is4(&f.src), !p.v6);
        CHECK_EQ(skb_hash(s), flow_hash(net, &f));
        skb_free(s);
    }
    net_free(net);
}

/* Cut at every length: never whole, never beyond the end (the sanitizer sees that), and never a crash. */
TEST(parse_cut_off)
{
    start();
    for (unsigned i = 0; i < 8; i++) {
        struct packet p = {.tags = 2, .v6 = i & 1, .udp = i & 2, .ip_options = i & 4 ? 16 : 0, .payload = 10};
        u32 n = packet_build(&p, frame), has;
        for (u32 cut = 0; cut < n; cut++)
            CHECK_NE(parse(frame, cut, &has), DROP_NOT);
        CHECK_EQ(parse(frame, n, &has), DROP_NOT);
        memset(frame + n, 0, 20); /* Ethernet's padding is no part of the datagram */
        CHECK_EQ(parse(frame, n + 20, &has), DROP_NOT);
    }
    net_free(net);
}

static const struct lie {
    bool v6, udp;
    unsigned at; /* behind the Ethernet header */
    u8 value;
    enum drop_reason why;
} lies[] = {
    {false, false, 0, 0x55, DROP_IP_HEADER},                                           /* version 5 */
    {false, false, 0, 0x44, DROP_IP_HEADER},                                           /* header of 16 bytes */
    {false, false, 2, 0xff, DROP_IP_LENGTH},  {false, false, 0, 0x4f, DROP_IP_HEADER}, /* options that are none */
    {false, false, 32, 0x40, DROP_L4_HEADER},                                          /* TCP header of 16 bytes */
    {false, false, 32, 0xf0, DROP_L4_HEADER},                                          /* of 60 */
    {false, true, 25, 7, DROP_L4_HEADER},                                              /* UDP of 7 bytes */
    {false, true, 24, 1, DROP_L4_HEADER},                                              /* of more than there are */
    {true, false, 0, 0x40, DROP_IP_HEADER},   {true, false, 4, 0x10, DROP_IP_LENGTH},
    {true, false, 6, 60, DROP_IP6_EXT}, /* TCP's bytes as options: 1000 of them */
    {true, true, 44, 1, DROP_L4_HEADER},
};

TEST(parse_lies)
{
    start();
    for (unsigned i = 0; i < ARRAY_LEN(lies); i++) {
        const struct lie *l = &lies[i];
        struct packet p = {.v6 = l->v6, .udp = l->udp, .sport = 0x03e8, .payload = 20};
        u32 n = packet_build(&p, frame), has;
        frame[14 + l->at] = l->value;
        CHECK_EQ(parse(frame, n, &has), l->why);
    }
    net_free(net);
}

static u32 build_chain(unsigned exts, unsigned frag_at, u16 frag)
{
    struct packet p = {.v6 = true, .udp = true, .sport = 1, .dport = 2, .payload = 32};
    u8 udp[100];
    u32 n = packet_build(&p, frame), at = 54;
    memcpy(udp, frame + at, n - at);
    u8 *next = frame + 20;
    for (unsigned i = 0; i < exts; i++) {
        *next = i == frag_at ? 44 : 60;
        memset(frame + at, 0, 8);
        if (i == frag_at)
            store_be16(frame + at + 2, frag);
        next = frame + at;
        at += 8;
    }
    *next = 17;
    memcpy(frame + at, udp, n - 54);
    store_be16(frame + 18, (u16)(at + n - 54 - 54));
    return at + n - 54;
}

TEST(parse_extension_headers)
{
    u32 has;
    start();
    CHECK_EQ(parse(frame, build_chain(7, 99, 0), &has), DROP_NOT);
    CHECK(has & SKB_UDP);
    CHECK_EQ(parse(frame, build_chain(8, 99, 0), &has), DROP_NOT);
    CHECK_EQ(parse(frame, build_chain(9, 99, 0), &has), DROP_IP6_EXT);
    CHECK_EQ(parse(frame, build_chain(3, 1, 1), &has), DROP_NOT); /* the first fragment of several */
    CHECK_EQ(has & (SKB_FRAGMENT | SKB_LATER | SKB_UDP), SKB_FRAGMENT | SKB_UDP);
    CHECK_EQ(parse(frame, build_chain(2, 1, 0x100 | 1), &has), DROP_NOT); /* a later one: what follows is no header */
    CHECK_EQ(has & (SKB_FRAGMENT | SKB_LATER | SKB_UDP | SKB_L4), SKB_FRAGMENT | SKB_LATER);
    CHECK_EQ(parse(frame, build_chain(2, 1, 0xfff8), &has), DROP_FRAG_RANGE);
    net_free(net);
}

TEST(parse_v4_mapped_is_refused)
{
    u32 has;
    start();
    struct packet p = {.v6 = true, .payload = 10};
    u32 n = packet_build(&p, frame);
    memcpy(frame + 14 + 8, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\1", 16);
    CHECK_EQ(parse(frame, n, &has), DROP_V4MAPPED);
    net_free(net);
}

/* ---- the hash ---- */

static u32 hash_of(const struct packet *p)
{
    struct skb *s = packet_skb(pool, frame, packet_build(p, frame), 0);
    u32 h = skb_hash(s);
    skb_free(s);
    return h;
}

TEST(flow_hash_is_the_same_both_ways)
{
    start();
    for (unsigned i = 0; i < 2000; i++) {
        struct packet p = {.v6 = i & 1,
                           .udp = i & 2,
                           .src = (u8)test_rand(),
                           .sport = (u16)test_rand(),
                           .dst = (u8)test_rand(),
                           .dport = (u16)test_rand(),
                           .tags = i % 3};
        struct packet q = p;
        u32 h = hash_of(&p), other;
        q.sport++;
        other = hash_of(&q);
        CHECK_NE(h, other);
        struct skb *s = packet_skb(pool, frame, packet_build(&p, frame), 0);
        u8 half[16], *ip = frame + 14 + 4 * p.tags;
        u32 alen = p.v6 ? 16 : 4, a = p.v6 ? 8 : 12, l4 = p.v6 ? 40 : 20;
        memcpy(half, ip + a, alen);
        memcpy(ip + a, ip + a + alen, alen);
        memcpy(ip + a + alen, half, alen);
        memcpy(half, ip + l4, 2);
        memcpy(ip + l4, ip + l4 + 2, 2);
        memcpy(ip + l4 + 2, half, 2);
        struct skb *back = packet_skb(pool, frame, 14 + 4 * p.tags + l4 + (p.udp ? 8 : 20), 0);
        CHECK_EQ(skb_hash(back), h);
        CHECK_EQ(skb_hash(s), h);
        skb_free(s);
        skb_free(back);
    }
    net_free(net);
}

/* All pieces of a datagram go the same way, though only the first has ports. */
TEST(flow_hash_of_fragments)
{
    start();
    struct packet p = {.udp = true, .sport = 5, .dport = 6, .payload = 64};
    u32 n = packet_build(&p, frame), h[2];
    for (int later = 0; later < 2; later++) {
        store_be16(frame + 20, later ? 5 : 0x2000);
        struct skb *s = packet_skb(pool, frame, n, 0);
        h[later] = skb_hash(s);
        skb_free(s);
    }
    CHECK_EQ(h[0], h[1]);
    net_free(net);
}

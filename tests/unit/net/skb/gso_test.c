/* Checksums in all their states, and cutting large packets: each piece is the frame that a sender of small packets
 * would have sent. */
#include "net/skb/gso.h"

#include "lib/check.h"
#include "lib/string.h"
#include "net/skb/cksum.h"
#include "net/skb/drop.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"
#include "net/wire/ip6.h"
#include "net/wire/tcp.h"
#include "tests/unit/net/skb/packet.h"

static struct net *net;
static struct skb_pool *pool;
static u8 frame[70000], small[70000], out[70000];

static void start(void)
{
    net = net_new();
    pool = skb_pool_of(net);
}

static struct packet random_packet(u32 payload)
{
    return (struct packet){.v6 = test_rand() & 1,
                           .udp = test_rand() & 1,
                           .tags = (unsigned)(test_rand() % 3),
                           .ip_options = (unsigned)(test_rand() % 3) * 8,
                           .tcp_options = (unsigned)(test_rand() % 4) * 4,
                           .sport = (u16)test_rand(),
                           .dport = (u16)test_rand(),
                           .seq = (u32)test_rand(),
                           .id = (u16)test_rand(),
                           .payload = payload};
}

TEST(cksum_is_checked)
{
    start();
    for (unsigned i = 0; i < 1000; i++) {
        struct packet p = random_packet((u32)(test_rand() % 3000));
        u32 n = packet_build(&p, frame), at;
        struct skb *s = packet_skb(pool, frame, n, i % 2 ? 200 : 0);
        CHECK_EQ(skb_parse(s), DROP_NOT);
        if (i % 3 == 0) { /* as a device gives it that sums up without looking */
            u8 padding[7] = {1, 2, 3, 4, 5, 6, 7};
            CHECK_EQ(skb_append(s, padding, sizeof(padding)), 0);
            s->cksum = CKSUM_COMPLETE;
            s->csum = skb_csum(s, skb_at(s, s->l3), s->len - skb_at(s, s->l3));
        }
        CHECK(cksum_ok(s));
        CHECK_EQ(s->cksum, CKSUM_VERIFIED);
        /* any byte from the ports on */
        at = skb_at(s, s->l4) + (u32)(test_rand() % (n - skb_at(s, s->l4)));
        u32 l4 = skb_at(s, s->l4);
        bool length = p.udp && (at - l4 == 4 || at - l4 == 5); /* the parse would refuse it */
        skb_free(s);
        frame[at] ^= 0x41;
        s = packet_skb(pool, frame, n, 0);
        if (!length && !skb_parse(s))
            CHECK(!cksum_ok(s));
        skb_free(s);
    }
    net_free(net);
}

/* A sender's partial checksum, addresses and ports changed on the way, filled in at the end: as if built so. */
TEST(cksum_survives_rewriting)
{
    start();
    for (unsigned i = 0; i < 1000; i++) {
        struct packet p = random_packet((u32)(test_rand() % 3000));
        u32 n = packet_build(&p, frame);
        struct skb *s = packet_skb(pool, frame, n, i % 2 ? 200 : 0);
        CHECK_EQ(skb_parse(s), DROP_NOT);
        be16 *field = (be16 *)((u8 *)s->buf + s->l4 + (p.udp ? 6 : 16));
        if (i % 3)
            cksum_begin(s, p.udp ? 17 : 6);
        u8 *src = (u8 *)s->buf + s->l3 + (p.v6 ? 8 : 12), new_src[16];
        u32 alen = p.v6 ? 16 : 4;
        for (u32 k = 0; k < alen; k++)
            new_src[k] = (u8)test_rand();
        cksum_replace(s, field, src, new_src, alen);
        memcpy(src, new_src, alen);
        u8 port[2] = {(u8)test_rand(), (u8)test_rand()}, *sport = (u8 *)s->buf + s->l4;
        cksum_replace_l4(s, field, sport, port, 2);
        memcpy(sport, port, 2);
        CHECK_EQ(s->cksum, i % 3 ? CKSUM_PARTIAL : CKSUM_NONE);
        CHECK(cksum_finish(s));
        CHECK_NE(field->raw, 0);
        CHECK(cksum_ok(s));
        CHECK_EQ(s->cksum, CKSUM_VERIFIED);
        skb_free(s);
    }
    net_free(net);
}

TEST(cksum_none_of_udp_stays_none)
{
    start();
    struct packet p = {.udp = true, .payload = 10};
    u32 n = packet_build(&p, frame);
    store_be16(frame + 40, 0);
    struct skb *s = packet_skb(pool, frame, n, 0);
    CHECK_EQ(skb_parse(s), DROP_NOT);
    CHECK(cksum_ok(s));
    cksum_replace_l4(s, (be16 *)(s->data + 40), "ab", "cd", 2);
    CHECK_EQ(load_be16(s->data + 40), 0);
    skb_free(s);
    p.v6 = true;
    n = packet_build(&p, frame);
    store_be16(frame + 60, 0);
    s = packet_skb(pool, frame, n, 0);
    CHECK_EQ(skb_parse(s), DROP_NOT);
    CHECK(!cksum_ok(s)); /* RFC 8200 8.1 */
    skb_free(s);
    net_free(net);
}

TEST(cksum_offsets_of_strangers)
{
    start();
    struct packet p = {.udp = true, .payload = 10};
    struct skb *s = packet_skb(pool, frame, packet_build(&p, frame), 0);
    s->cksum = CKSUM_PARTIAL;
    s->csum_start = 3;
    CHECK(!cksum_finish(s));
    s->csum_start = (u16)(skb_off(s) + 40);
    s->csum_offset = 0xfff0;
    CHECK(!cksum_finish(s));
    s->csum_offset = (u16)(s->len - 41);
    CHECK(!cksum_finish(s));
    s->csum_offset--;
    CHECK(cksum_finish(s));
    skb_free(s);
    net_free(net);
}

/* What a sender would have built of this part. */
static u32 build_part(const struct packet *p, u32 i, u32 off, u32 n, bool last, u32 hlen)
{
    struct packet q = *p;
    q.payload = n;
    q.seq += off;
    q.id = (u16)(q.id + i);
    if (!last)
        q.flags &= (u8) ~(TCP_FIN | TCP_PSH);
    if (i)
        q.flags &= (u8)~TCP_CWR;
    u32 len = packet_build(&q, small), l4 = len - n - (q.udp ? 8 : 20 + q.tcp_options);
    memcpy(small + hlen, frame + hlen + off, n);
    /* the payload is another than was summed up: once more */
    struct skb *s = packet_skb(pool, small, len, 0);
    CHECK_EQ(skb_parse(s), DROP_NOT);
    cksum_begin(s, q.udp ? 17 : 6);
    CHECK(cksum_finish(s));
    skb_read(s, 0, small, len);
    CHECK_EQ(skb_at(s, s->l4), l4);
    skb_free(s);
    return len;
}

TEST(gso_pieces_are_what_a_sender_would_send)
{
    start();
    for (unsigned round = 0; round < 400; round++) {
        u32 payload = (u32)(test_rand() % (round % 4 ? 5000 : 60000)) + 1, mss = (u32)(test_rand() % 1400) + 48, i = 0;
        struct packet p = random_packet(payload);
        p.flags = TCP_ACK | (test_rand() & (TCP_FIN | TCP_PSH | TCP_CWR | TCP_ECE));
        u32 n = packet_build(&p, frame), hlen = n - payload, off = 0;
        struct skb *s = packet_skb(pool, frame, n, round % 3 ? 0 : 2000);
        CHECK_EQ(skb_parse(s), DROP_NOT);
        s->gso = p.udp ? GSO_UDP : p.v6 ? GSO_TCP6 : GSO_TCP4;
        s->gso_size = (u16)mss;
        s->mark = 77;
        s->flags |= SKB_VLAN;
        s->vlan_tci = 5;
        cksum_begin(s, p.udp ? 17 : 6);
        CHECK_EQ(gso_frames(s), (payload + mss - 1) / mss);
        CHECK_EQ(gso_frame_len(s), min(n, hlen + mss));
        struct skb *next, *piece = gso_cut(s, round % 2);
        for (; piece; piece = next, i++) {
            u32 some = min(mss, payload - off);
            u32 len = build_part(&p, i, off, some, off + some == payload, hlen);
            next = piece->next;
            off += some;
            CHECK_EQ(piece->mark, 77);
            CHECK_EQ(piece->vlan_tci, 5);
            CHECK_EQ(piece->cksum, CKSUM_PARTIAL);
            CHECK(cksum_finish(piece));
            CHECK_EQ(piece->len, len);
            skb_read(piece, 0, out, len);
            CHECK_MEM(out, small, len);
            skb_free(piece);
        }
        CHECK_EQ(off, payload);
        CHECK_EQ(skb_pool_used(pool), 0);
    }
    net_free(net);
}

TEST(gso_refuses_what_it_is_not)
{
    start();
    struct packet p = {.udp = true, .payload = 3000};
    struct skb *s = packet_skb(pool, frame, packet_build(&p, frame), 0);
    s->gso = GSO_TCP4;
    s->gso_size = 1000;
    CHECK(!gso_cut(s, true));
    CHECK_EQ(drop_read(net, NULL, DROP_GSO, 0), 1);
    s = packet_skb(pool, frame, packet_build(&p, frame), 0);
    s->gso = GSO_UDP; /* of 0 bytes each */
    CHECK(!gso_cut(s, true));
    CHECK_EQ(drop_read(net, NULL, DROP_GSO, 0), 2);
    s = packet_skb(pool, frame, packet_build(&p, frame), 0);
    s->gso = GSO_UDP;
    s->gso_size = 100;
    pool->most = pool->carved; /* too few for the pieces */
    CHECK(!gso_cut(s, false));
    CHECK_EQ(drop_read(net, NULL, DROP_NO_MEMORY, 0), 1);
    CHECK_EQ(skb_pool_used(pool), 0);
    net_free(net);
}

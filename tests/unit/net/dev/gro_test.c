/* GRO, case by case: what joins with what, how far, and when it is sent on. */
#include "net/dev/gro.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/string.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/skb/cksum.h"
#include "net/skb/parse.h"
#include "net/wire/tcp.h"
#include "tests/unit/net/dev/gro_rig.h"
#include "tests/unit/net/skb/packet.h"

static struct skb *out[256];
static u32 out_n;
static u8 bytes[70000];

static void keep(struct netdev *dev, struct skbq *q)
{
    for (u32 i = 0; i < q->n; i++)
        out[out_n++] = q->p[i];
    q->n = 0;
}

/* ---- what joins ---- */

static const struct packet plain = {
    .sport = 1, .dport = 2, .seq = 1000, .flags = TCP_ACK, .id = 7, .payload = 100, .tcp_options = 12, .stamp = 5};

static struct skb *made(const struct packet *p, u8 cksum)
{
    u32 n = packet_build(p, bytes);
    softirq_off();
    struct skb *s = packet_skb(gro_rig.pool, bytes, n, 0);
    softirq_on();
    s->cksum = cksum;
    s->dev = &gro_rig.f->dev->port;
    return s;
}

static void drop_out(void)
{
    softirq_off();
    skb_free_many(out, out_n);
    softirq_on();
    out_n = 0;
}

struct pair {
    const char *what;
    struct packet change; /* of the second: each field that is not 0 is added to what would join */
    u32 packets;          /* that come out */
    u32 at_once;          /* of them before the round of polls ends */
};

static const struct pair pairs[] = {
    {"the next", {0}, 1, 0},
    {"FIN", {.flags = TCP_FIN}, 1, 1},
    {"PSH", {.flags = TCP_PSH}, 1, 1},
    {"URG", {.flags = TCP_URG}, 2, 2},
    {"SYN", {.flags = TCP_SYN}, 2, 2},
    {"RST", {.flags = TCP_RST}, 2, 2},
    {"ECE", {.flags = TCP_ECE}, 2, 1},
    {"CWR", {.flags = TCP_CWR}, 2, 1},
    {"acknowledges more", {.ack = 1}, 2, 1},
    {"another window", {.window = 1}, 2, 1},
    {"urgent without URG", {.urgent = 1}, 2, 1},
    {"another tick", {.stamp = 1}, 2, 1},
    {"a gap", {.seq = 1}, 2, 1},
    {"once more", {.seq = -100u}, 2, 1},
    {"longer", {.payload = 1}, 2, 1},
    {"shorter", {.payload = -1u}, 1, 1},
    {"no payload", {.payload = -100u}, 2, 2},
    {"another hop count", {.ttl = 63}, 2, 1},
    {"another class", {.tos = 1}, 2, 1},
    {"another port", {.sport = 1}, 2, 0},
    {"another tag", {.tags = 1}, 2, 0},
    {"IP options", {.ip_options = 8}, 2, 2},
};

static struct packet changed(const struct packet *p, const struct packet *by)
{
    struct packet q = *p;
    q.seq += p->payload + by->seq;
    q.id = (u16)(q.id + 1 + by->id);
    q.flags |= by->flags;
    q.ack = by->ack ? 0x11223344 + by->ack : 0;
    q.window = by->window ? (u16)(512 + by->window) : 0;
    q.urgent = by->urgent;
    q.stamp += by->stamp;
    q.payload += by->payload;
    q.ttl = by->ttl;
    q.tos = by->tos;
    q.sport = (u16)(q.sport + by->sport);
    q.tags = by->tags;
    q.ip_options = by->ip_options;
    return q;
}

TEST(gro_two_segments)
{
    gro_rig_start(keep);
    for (u32 i = 0; i < 2 * ARRAY_LEN(pairs); i++) {
        const struct pair *c = &pairs[i / 2];
        struct packet p = plain, second;
        p.v6 = i & 1;
        second = changed(&p, &c->change);
        struct skbq q = {2, {made(&p, CKSUM_VERIFIED), made(&second, CKSUM_NONE)}};
        bool extension = p.v6 && second.ip_options; /* which is another header, and may begin a row */
        gro_rig_receive(&q);
        if (out_n != (extension ? 1 : c->at_once))
            test_failed(__FILE__, __LINE__, "%s: %u at once", c->what, out_n);
        gro_rig_flush();
        if (out_n != c->packets)
            test_failed(__FILE__, __LINE__, "%s: %u packets", c->what, out_n);
        struct skb *s = out[0];
        CHECK_EQ(s->gso, c->packets == 2 ? GSO_NONE : p.v6 ? GSO_TCP6 : GSO_TCP4);
        if (c->packets == 1) {
            CHECK_EQ(s->gso_size, 100);
            CHECK_EQ(s->gso_segs, 2);
            CHECK_EQ(s->cksum, CKSUM_PARTIAL);
            CHECK_EQ(s->frags, 1); /* not copied */
        }
        drop_out();
    }
    gro_rig_end();
}

TEST(gro_cwr_stands_in_the_first_alone)
{
    gro_rig_start(keep);
    struct packet p = plain, second = changed(&p, &(struct packet){0});
    p.flags |= TCP_CWR;
    struct skbq q = {2, {made(&p, CKSUM_NONE), made(&second, CKSUM_NONE)}};
    gro_rig_receive(&q);
    gro_rig_flush();
    CHECK_EQ(out_n, 1);
    CHECK(out[0]->flags & SKB_GSO_ECN);
    drop_out();
    gro_rig_end();
}

/* How ids go on is decided by the second; without DF they must count up (RFC 6864 4). */
TEST(gro_ids)
{
    static const struct {
        u16 id[3];
        bool df;
        u32 packets;
        bool fixed;
    } cases[] = {{{7, 8, 9}, false, 1, false}, {{7, 8, 9}, true, 1, false},     {{7, 7, 7}, true, 1, true},
                 {{7, 7, 7}, false, 3, false}, {{7, 8, 8}, true, 2, false},     {{7, 7, 8}, true, 2, true},
                 {{7, 9, 11}, true, 3, false}, {{0xffff, 0, 1}, true, 1, false}};
    gro_rig_start(keep);
    for (u32 i = 0; i < ARRAY_LEN(cases); i++) {
        struct packet p = plain;
        struct skbq q = {0};
        p.df = cases[i].df;
        for (u32 k = 0; k < 3; k++, p.seq += p.payload) {
            p.id = cases[i].id[k];
            skbq_add(&q, made(&p, CKSUM_VERIFIED));
        }
        gro_rig_receive(&q);
        gro_rig_flush();
        CHECK_EQ(out_n, cases[i].packets);
        CHECK_EQ(!!(out[0]->flags & SKB_GSO_FIXED), cases[i].fixed);
        drop_out();
    }
    gro_rig_end();
}

TEST(gro_as_long_as_ip_can_say)
{
    gro_rig_start(keep);
    static const struct {
        bool v6;
        u32 payload, want;
    } cases[] = {{false, 1448, 44}, {true, 1428, 44}, {false, 9000, 7}, {true, 9000, 7}};
    for (u32 i = 0; i < ARRAY_LEN(cases); i++) { /* 43 fragments behind the first; or 65535 bytes */
        struct packet p = plain;
        p.v6 = cases[i].v6;
        p.payload = cases[i].payload;
        for (u32 k = 0; k < 2 * cases[i].want; k++, p.seq += p.payload, p.id++) {
            struct skbq q = {1, {made(&p, CKSUM_VERIFIED)}};
            gro_rig_receive(&q);
        }
        gro_rig_flush();
        CHECK_EQ(out_n, 2);
        for (u32 k = 0; k < out_n; k++)
            CHECK_EQ(out[k]->gso_segs, cases[i].want);
        drop_out();
    }
    gro_rig_end();
}

/* The host's large packets join as what they are: several segments. */
TEST(gro_large_ones_join)
{
    gro_rig_start(keep);
    struct packet p = plain;
    p.payload = 500;
    struct skbq q = {0};
    for (u32 i = 0; i < 3; i++) {
        struct skb *s = made(&p, CKSUM_NONE);
        CHECK_EQ(skb_parse(s), DROP_NOT);
        cksum_begin(s, 6);
        s->gso = i == 1 ? GSO_NONE : GSO_TCP4; /* 5 segments, one, 5 */
        s->gso_size = i == 1 ? 0 : 100;
        skbq_add(&q, s);
        p.seq += p.payload;
        p.id = (u16)(p.id + (i == 1 ? 1 : 5));
        p.payload = i == 0 ? 100 : 500;
    }
    gro_rig_receive(&q);
    gro_rig_flush();
    CHECK_EQ(out_n, 1);
    CHECK_EQ(out[0]->gso_segs, 11);
    CHECK_EQ(out[0]->gso_size, 100);
    drop_out();
    gro_rig_end();
}

TEST(gro_udp_where_it_is_asked_for)
{
    gro_rig_start(keep);
    struct packet p = {.udp = true, .sport = 1, .dport = 2, .payload = 200};
    for (u32 on = 0; on < 2; on++) {
        gro_rig.f->dev->features = on ? DEV_F_GRO | DEV_F_UDP_GRO : DEV_F_GRO;
        struct skbq q = {0};
        for (u32 i = 0; i < 63; i++, p.id++)
            skbq_add(&q, made(&p, CKSUM_NONE));
        p.payload = 50;
        skbq_add(&q, made(&p, CKSUM_NONE));
        gro_rig_receive(&q);
        CHECK_EQ(out_n, on ? 2 : 64); /* 44 by their fragments; 20, of which the last is shorter */
        if (on)
            CHECK_EQ(out[0]->gso, GSO_UDP);
        drop_out();
        p.payload = 200;
    }
    gro_rig_end();
}

/* ---- how many, and until when ---- */

TEST(gro_more_flows_than_places)
{
    gro_rig_start(keep);
    for (u32 i = 0; i < 500; i++) {
        struct packet p = plain;
        p.sport = (u16)i;
        struct skbq q = {1, {made(&p, CKSUM_VERIFIED)}};
        gro_rig_receive(&q);
        if (out_n == ARRAY_LEN(out))
            drop_out();
        CHECK_LE(gro_holds(gro_rig.f->napi.gro), GRO_SETS * GRO_WAYS);
    }
    CHECK(gro_holds(gro_rig.f->napi.gro) > 100);
    drop_out();
    gro_rig_end(); /* and what is held when the device goes down is dropped by name */
}

TEST(gro_is_switched_off_while_it_holds)
{
    gro_rig_start(keep);
    struct packet p = plain, second = changed(&p, &(struct packet){0});
    struct skbq q = {1, {made(&p, CKSUM_VERIFIED)}};
    gro_rig_receive(&q);
    CHECK_EQ(out_n, 0);
    gro_rig.f->dev->features = 0;
    skbq_add(&q, made(&second, CKSUM_VERIFIED));
    gro_rig_receive(&q);
    CHECK_EQ(out_n, 2);
    CHECK_EQ(load_be32(out[0]->data + 38), 1000);
    drop_out();
    gro_rig_end();
}

/* Segments arrive; how many packets have come out. */
static u32 arrive(struct packet *p, u32 n)
{
    softirq_off();
    for (; n; n--, p->seq += p->payload, p->id++)
        fake_dev_arrive(gro_rig.f, bytes, packet_build(p, bytes), 0);
    softirq_on();
    host_run();
    return out_n;
}

TEST(gro_ends_with_the_round_of_polls)
{
    gro_rig_start(keep);
    struct packet p = plain;
    gro_rig.f->dev->adaptive_rx = false;
    CHECK_EQ(arrive(&p, 10), 1);
    CHECK_EQ(out[0]->gso_segs, 10);
    CHECK_EQ(arrive(&p, 70), 3); /* 44 and 26, over two turns of the same millisecond */
    drop_out();
    gro_rig_end();
}

TEST(gro_flush_timeout_holds_longer)
{
    gro_rig_start(keep);
    struct packet p = plain;
    gro_rig.f->dev->adaptive_rx = false;
    gro_rig.f->dev->gro_flush_timeout = 200 * NS_PER_US;
    CHECK_EQ(arrive(&p, 3), 0);
    CHECK(!gro_rig.f->masked); /* interrupts alone would not bring it out */
    host_clock_advance(100 * NS_PER_US);
    CHECK_EQ(arrive(&p, 3), 0);
    host_clock_advance(199 * NS_PER_US);
    CHECK_EQ(out_n, 0);
    host_clock_advance(1 * NS_PER_US);
    CHECK_EQ(out_n, 1);
    CHECK_EQ(out[0]->gso_segs, 6);
    CHECK_EQ(gro_holds(gro_rig.f->napi.gro), 0);
    drop_out();
    /* who keeps coming is held for a millisecond at most */
    for (u32 i = 0; i < 20; i++) {
        arrive(&p, 1);
        host_clock_advance(150 * NS_PER_US);
    }
    CHECK(out_n >= 2);
    drop_out();
    host_clock_advance(NS_PER_MS);
    drop_out();
    gro_rig_end();
}

TEST(gro_deferred_interrupts_hold_too)
{
    gro_rig_start(keep);
    struct packet p = plain;
    gro_rig.f->dev->adaptive_rx = false;
    gro_rig.f->dev->gro_flush_timeout = 100 * NS_PER_US;
    gro_rig.f->dev->defer_hard_irqs = 3;
    CHECK_EQ(arrive(&p, 3), 0);
    CHECK(gro_rig.f->masked);
    host_clock_advance(300 * NS_PER_US);
    CHECK_EQ(out_n, 1);
    CHECK(!gro_rig.f->masked);
    drop_out();
    gro_rig_end();
}

static struct fake_dev *peer;

static void pass_on(struct netdev *dev, struct skbq *q)
{
    dev_tx(peer->dev, q);
}

/* What came in segments leaves by a device that cuts nothing in segments, the same. */
TEST(gro_through_two_devices)
{
    gro_rig_start(pass_on);
    struct fake_dev *b = peer = fake_dev_new(gro_rig.net, "eth1");
    b->dev->txq->dql.limit_min = b->dev->txq->dql.limit_max = DQL_MAX;
    txq_reset(b->dev, 0);
    host_run();
    static struct {
        u32 len;
        u8 bytes[300];
    } want[40];
    struct packet p = plain;
    softirq_off();
    for (u32 i = 0; i < ARRAY_LEN(want); i++, p.seq += p.payload, p.id++) {
        p.flags = i % 16 == 15 ? TCP_ACK | TCP_PSH : TCP_ACK;
        want[i].len = packet_build(&p, want[i].bytes);
        fake_dev_arrive(gro_rig.f, want[i].bytes, want[i].len, 0);
    }
    softirq_on();
    host_run();
    CHECK_EQ(b->sent_n, ARRAY_LEN(want));
    for (u32 i = 0; i < b->sent_n; i++) {
        CHECK(b->sent[i]->frags); /* a piece of a large one */
        CHECK_EQ(skb_read(b->sent[i], 0, bytes, b->sent[i]->len), 0);
        CHECK_EQ(b->sent[i]->len, want[i].len);
        CHECK_MEM(bytes, want[i].bytes, want[i].len);
    }
    fake_dev_complete(b, b->in_ring);
    host_run();
    fake_dev_end(b);
    gro_rig_end();
}

/* Where frames pass as they came, none is summed up for it, and none held that is large; others are. */
TEST(gro_of_joined_devices)
{
    gro_rig_start(keep);
    struct packet p = plain;
    gro_rig.f->dev->joined = true;
    struct skbq q = {1, {made(&p, CKSUM_NONE)}};
    gro_rig_receive(&q);
    CHECK_EQ(out_n, 1);
    CHECK_EQ(out[0]->cksum, CKSUM_NONE);
    skbq_add(&q, made(&p, CKSUM_VERIFIED));
    p = changed(&p, &(struct packet){0});
    skbq_add(&q, made(&p, CKSUM_VERIFIED));
    p = changed(&p, &(struct packet){0});
    skbq_add(&q, made(&p, CKSUM_NONE)); /* its flow's are held */
    gro_rig_receive(&q);
    CHECK_EQ(out_n, 1);
    gro_rig_flush();
    CHECK_EQ(out_n, 2);
    CHECK_EQ(out[1]->gso_segs, 3);
    drop_out();
    gro_rig_end();
}

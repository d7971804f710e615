/* GRO: what comes out, cut again, is what went in, bit for bit and in the order of each flow; whatever strangers send.
 * And what joins with what, case by case; and when it is sent on. */
#include "net/dev/gro.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/string.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/skb/cksum.h"
#include "net/skb/gso.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"
#include "net/wire/eth.h"
#include "net/wire/tcp.h"
#include "tests/unit/net/dev/fake_dev.h"
#include "tests/unit/net/skb/packet.h"

#include <stdlib.h>

#define FLOWS  5u
#define FRAMES 160u
#define FRAME  2048u

struct frame {
    u32 len, vlan; /* vlan: of the skb; 0: none */
    u8 bytes[FRAME];
};

static struct net *net;
static struct skb_pool *pool;
static struct fake_dev *f;
static u64 now;

/* What is to come of each flow, in order. */
static struct {
    struct frame frame[FRAMES];
    u32 n, seen;
} due[FLOWS];
static u32 large, came, wrong; /* packets that were to be cut; frames that came */
static struct skb *out[256];
static u32 out_n;
static u8 bytes[70000];

static bool chance(u32 one_in)
{
    return test_rand() % one_in == 0;
}

static u32 vlan_of(const struct skb *s)
{
    return s->flags & SKB_VLAN ? 0x10000u | s->vlan_tci : 0;
}

/* ---- the way out: a device that cuts ---- */

static void keep(struct netdev *dev, struct skbq *q)
{
    for (u32 i = 0; i < q->n; i++)
        out[out_n++] = q->p[i];
    q->n = 0;
}

/* It must be the next of a flow. */
static void account(struct skb *s)
{
    static u8 got[70000];
    came++;
    CHECK(cksum_finish(s));
    skb_read(s, 0, got, s->len);
    for (u32 i = 0; i < FLOWS; i++) {
        const struct frame *want = &due[i].frame[due[i].seen];
        if (due[i].seen < due[i].n && want->len == s->len && !memcmp(want->bytes, got, s->len) &&
            want->vlan == vlan_of(s)) {
            due[i].seen++;
            skb_free(s);
            return;
        }
    }
    wrong++;
    skb_free(s);
}

static void cut_and_account(struct netdev *dev, struct skbq *q)
{
    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = q->p[i];
        if (!s->gso) {
            account(s);
            continue;
        }
        large++;
        CHECK_LE(s->len, 65535u + 22);
        CHECK_EQ(s->cksum, CKSUM_PARTIAL);
        if (s->gso_segs)
            CHECK_EQ(s->gso_segs, gso_frames(s));
        for (struct skb *next, *p = gso_cut(s, i & 1); p; p = next) {
            next = p->next;
            account(p);
        }
    }
    q->n = 0;
}

static void start(rx_handler *to)
{
    net = net_new();
    pool = skb_pool_of(net);
    f = fake_dev_new(net, "eth0");
    f->dev->features |= DEV_F_GRO;
    CHECK_EQ(dev_set_handler(f->dev, to, NULL), 0);
    host_run();
    now = NS_PER_S;
}

static void end(void)
{
    dev_set_handler(f->dev, NULL, NULL);
    fake_dev_end(f);
    host_run();
    CHECK_EQ(skb_pool_used(pool), 0);
    net_free(net);
}

static void receive(struct skbq *q)
{
    softirq_off();
    gro_rx(&f->napi, q, now);
    softirq_on();
    q->n = 0;
}

static void flush(void)
{
    softirq_off();
    gro_flush(&f->napi);
    softirq_on();
}

/* ---- streams of strangers ---- */

/* A stream goes on as TCP's do, and now and then does something else. */
struct stream {
    struct packet p;
    u32 mss;
    bool fixed_id, tagged; /* its tag is not among the bytes */
};

static void stream_begin(struct stream *st, u32 flow, bool alike)
{
    *st = (struct stream){.mss = (u32)(test_rand() % 60) + 1, .fixed_id = chance(3), .tagged = chance(3)};
    st->p = (struct packet){.v6 = chance(2),
                            .udp = chance(5),
                            .tags = chance(3) ? (unsigned)(test_rand() % 3) : 0,
                            .ip_options = chance(8) ? 8 : 0,
                            .tcp_options = (unsigned)(test_rand() % 4) * 4,
                            .src = (u8)flow,
                            .dst = 1,
                            .sport = (u16)(1000 + flow),
                            .dport = 80,
                            .seq = (u32)test_rand(),
                            .flags = TCP_ACK,
                            .df = chance(2),
                            .id = (u16)test_rand(),
                            .stamp = (u32)test_rand()};
    if (alike) { /* the same but for the tags, or the ports */
        st->p.src = 1;
        st->p.sport = 1000;
        st->p.tags = flow % 3;
        st->p.dport = (u16)(80 + flow / 3);
        st->p.v6 = false;
    }
}

/* One thing that is not as it was: for this packet, or from here on. */
static void disturb(struct stream *st, struct packet *p)
{
    static const u8 flags[] = {TCP_FIN, TCP_SYN, TCP_RST, TCP_PSH, TCP_PSH, TCP_URG, TCP_ECE, TCP_CWR};
    switch (test_rand() % 16) {
    case 0:
    case 1: p->flags ^= flags[test_rand() % sizeof(flags)]; break;
    case 2: p->flags ^= (u8)test_rand(); break;
    case 3: st->p.flags ^= TCP_ECE; break;
    case 4: p->payload = (u32)test_rand() % 70; break;
    case 5: p->payload = 0; break;
    case 6: p->seq = st->p.seq + (u32)(test_rand() % 5) * st->mss - 2 * st->mss; break;
    case 7: st->p.ack++; break;
    case 8: st->p.window++; break;
    case 9: p->urgent = (u16)test_rand(); break;
    case 10: st->p.stamp++; break;
    case 11: p->ttl = 63; break;
    case 12: p->tos = (u8)test_rand(); break;
    case 13: st->p.id = (u16)(st->p.id + test_rand() % 3 - 1); break;
    case 14: p->df = !p->df; break;
    case 15: p->flow = (u32)test_rand() & 0xfffff; break;
    }
}

static u32 l3_of(const struct packet *p)
{
    return 14 + 4 * p->tags;
}

/* A payload for which the checksum comes out as 0; and all ones, which is as right, and no sender writes it. */
static void force_zero(const struct packet *p, u32 n)
{
    u32 field = n - p->payload - (p->udp ? 2 : p->tcp_options + 4), at = n - p->payload;
    if (p->payload < 2)
        return;
    u32 sum = load_be16(bytes + at) + load_be16(bytes + field);
    store_be16(bytes + at, (u16)(sum + (sum >> 16)));
    store_be16(bytes + field, p->udp || chance(2) ? 0xffff : 0);
}

/* The same of IPv4's header, by its id. */
static void force_ip_zero(struct packet *p)
{
    u8 *ip = bytes + l3_of(p);
    u32 sum = p->id + load_be16(ip + 10);
    p->id = (u16)(sum + (sum >> 16));
    store_be16(ip + 4, p->id);
    store_be16(ip + 10, chance(2) ? 0 : 0xffff);
}

/* What is no longer what the sender built. Returns the length. */
static u32 spoil(const struct packet *p, u32 n, bool *right)
{
    u32 l3 = l3_of(p);
    switch (test_rand() % 8) {
    case 0: /* padding of Ethernet, or more */
        while (n < 60 || chance(2))
            bytes[n++] = chance(8) ? 1 : 0;
        break;
    case 1: /* a bad checksum */
        bytes[n - 1] ^= 0x10;
        *right = false;
        break;
    case 2: /* a fragment, or the header's checksum is wrong */
        if (p->v6)
            break;
        store_be16(bytes + l3 + 6, chance(2) ? 0x2000 : 3);
        store_be16(bytes + l3 + 10, 0);
        if (chance(2)) {
            u32 hlen = 20 + p->ip_options;
            be16 check = csum_fold(csum_bytes(bytes + l3, hlen));
            memcpy(bytes + l3 + 10, &check, 2);
        }
        break;
    case 3: bytes[test_rand() % 12] ^= 4; break; /* another station */
    case 4: force_zero(p, n); break;
    case 5: /* the lengths are wrong */
        bytes[l3 + (p->v6 ? 5 : 3)] ^= (u8)(1 << test_rand() % 5);
        *right = false;
        break;
    case 6: /* no checksum */
        if (p->udp)
            store_be16(bytes + n - p->payload - 2, 0);
        break;
    case 7: /* another option */
        if (p->v6 && p->ip_options)
            bytes[l3 + 40 + 4] = 1;
        break;
    }
    return n;
}

static void expect(u32 flow, struct skb *s)
{
    struct frame *w = &due[flow].frame[due[flow].n++];
    CHECK_LE(due[flow].n, FRAMES);
    w->len = s->len;
    w->vlan = vlan_of(s);
    skb_read(s, 0, w->bytes, s->len);
}

/* As the host hands up what it merged, and as it is when it is cut. */
static void make_large(u32 flow, const struct stream *st, struct skb *s)
{
    skb_parse(s);
    s->gso = st->p.udp ? GSO_UDP : st->p.v6 ? GSO_TCP6 : GSO_TCP4;
    s->gso_size = (u16)(chance(8) ? st->mss + 1 : st->mss);
    cksum_begin(s, st->p.udp ? 17 : 6);
    for (struct skb *next, *p = gso_cut(skb_copy(s), false); p; p = next) {
        next = p->next;
        CHECK(cksum_finish(p));
        expect(flow, p);
        skb_free(p);
    }
    s->has = 0;
}

/* What the device says of its checksum. */
static void make_known(const struct stream *st, struct skb *s, bool right)
{
    u32 how = (u32)test_rand() % 4;
    if (how == 0 && right && !skb_parse(s) && !(s->has & SKB_FRAGMENT))
        s->cksum = CKSUM_VERIFIED;
    if (how == 1 && !skb_parse(s) && (s->has & SKB_L4)) {
        s->cksum = CKSUM_COMPLETE;
        s->csum = skb_csum(s, skb_at(s, s->l3), s->len - skb_at(s, s->l3));
    }
    if (chance(2))
        s->has = 0;
}

static struct skb *stream_next(u32 flow, struct stream *st)
{
    struct packet p = st->p;
    bool right = true, whole = chance(12);
    p.payload = whole ? st->mss * (1 + (u32)test_rand() % 4) : st->mss;
    if (whole && chance(4))
        p.payload += 1;
    if (chance(6))
        disturb(st, &p);
    whole &= p.payload != 0 && !(p.ip_options && !p.v6);
    u32 n = packet_build(&p, bytes);
    if (!p.v6 && !whole && chance(16))
        force_ip_zero(&p);
    if (!whole && chance(12))
        n = spoil(&p, n, &right);
    softirq_off();
    struct skb *s = packet_skb(pool, bytes, n, chance(4) ? 50 : 0);
    if (st->tagged) {
        s->flags |= SKB_VLAN;
        s->vlan_tci = (u16)(5 + flow % 2);
    }
    if (whole) {
        make_large(flow, st, s);
    } else {
        expect(flow, s);
        make_known(st, s, right);
    }
    softirq_on();
    s->dev = &f->dev->port;
    st->p.seq = p.seq + p.payload;
    if (!st->fixed_id)
        st->p.id = (u16)(p.id + (whole ? (p.payload + st->mss - 1) / st->mss : 1));
    return s;
}

static void one_round(u32 count)
{
    struct stream st[FLOWS];
    struct skbq q = {0};
    u32 flows = 1 + (u32)test_rand() % FLOWS, last = 0;
    bool alike = chance(4);
    for (u32 i = 0; i < FLOWS; i++) {
        due[i].n = due[i].seen = 0;
        stream_begin(&st[i], i, alike);
    }
    f->dev->features = chance(8) ? 0 : chance(2) ? DEV_F_GRO : DEV_F_GRO | DEV_F_UDP_GRO;
    for (u32 i = 0; i < count; i++) {
        last = chance(3) ? (u32)test_rand() % flows : last;
        skbq_add(&q, stream_next(last, &st[last]));
        if (q.n == SKBQ_MOST || chance(8))
            receive(&q);
        if (chance(32))
            flush();
        if (chance(64))
            f->dev->features ^= DEV_F_UDP_GRO;
        now += test_rand() % NS_PER_MS;
    }
    receive(&q);
    flush();
    CHECK_EQ(gro_holds(&f->napi), 0);
    for (u32 i = 0; i < FLOWS; i++)
        wrong += due[i].n - due[i].seen;
}

/* A quarter of 10000 streams; with TEST_LONG, of a million. */
static void many_rounds(u32 seed)
{
    u32 rounds = getenv("TEST_LONG") ? 250000 : 2500;
    while (seed--)
        test_rand();
    start(cut_and_account);
    for (u32 i = 0; i < rounds; i++) {
        one_round(8 + (u32)test_rand() % 24);
        CHECK_EQ(wrong, 0); /* frames that are not the next of any flow */
        if (wrong)
            break;
    }
    CHECK(large > rounds / 2); /* that much was there to be merged, or it would be no test */
    CHECK(came > rounds * 10);
    end();
}

TEST(gro_streams_come_out_as_they_went_in_1)
{
    many_rounds(1);
}

TEST(gro_streams_come_out_as_they_went_in_2)
{
    many_rounds(2);
}

TEST(gro_streams_come_out_as_they_went_in_3)
{
    many_rounds(3);
}

TEST(gro_streams_come_out_as_they_went_in_4)
{
    many_rounds(4);
}

/* ---- what joins ---- */

static const struct packet plain = {
    .sport = 1, .dport = 2, .seq = 1000, .flags = TCP_ACK, .id = 7, .payload = 100, .tcp_options = 12, .stamp = 5};

static struct skb *made(const struct packet *p, u8 cksum)
{
    u32 n = packet_build(p, bytes);
    softirq_off();
    struct skb *s = packet_skb(pool, bytes, n, 0);
    softirq_on();
    s->cksum = cksum;
    s->dev = &f->dev->port;
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
    start(keep);
    for (u32 i = 0; i < 2 * ARRAY_LEN(pairs); i++) {
        const struct pair *c = &pairs[i / 2];
        struct packet p = plain, second;
        p.v6 = i & 1;
        second = changed(&p, &c->change);
        struct skbq q = {2, {made(&p, CKSUM_VERIFIED), made(&second, CKSUM_NONE)}};
        bool extension = p.v6 && second.ip_options; /* which is another header, and may begin a row */
        receive(&q);
        if (out_n != (extension ? 1 : c->at_once))
            test_failed(__FILE__, __LINE__, "%s: %u at once", c->what, out_n);
        flush();
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
    end();
}

TEST(gro_cwr_stands_in_the_first_alone)
{
    start(keep);
    struct packet p = plain, second = changed(&p, &(struct packet){0});
    p.flags |= TCP_CWR;
    struct skbq q = {2, {made(&p, CKSUM_NONE), made(&second, CKSUM_NONE)}};
    receive(&q);
    flush();
    CHECK_EQ(out_n, 1);
    CHECK(out[0]->flags & SKB_GSO_ECN);
    drop_out();
    end();
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
    start(keep);
    for (u32 i = 0; i < ARRAY_LEN(cases); i++) {
        struct packet p = plain;
        struct skbq q = {0};
        p.df = cases[i].df;
        for (u32 k = 0; k < 3; k++, p.seq += p.payload) {
            p.id = cases[i].id[k];
            skbq_add(&q, made(&p, CKSUM_VERIFIED));
        }
        receive(&q);
        flush();
        CHECK_EQ(out_n, cases[i].packets);
        CHECK_EQ(!!(out[0]->flags & SKB_GSO_FIXED), cases[i].fixed);
        drop_out();
    }
    end();
}

TEST(gro_as_long_as_ip_can_say)
{
    start(keep);
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
            receive(&q);
        }
        flush();
        CHECK_EQ(out_n, 2);
        for (u32 k = 0; k < out_n; k++)
            CHECK_EQ(out[k]->gso_segs, cases[i].want);
        drop_out();
    }
    end();
}

/* The host's large packets join as what they are: several segments. */
TEST(gro_large_ones_join)
{
    start(keep);
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
    receive(&q);
    flush();
    CHECK_EQ(out_n, 1);
    CHECK_EQ(out[0]->gso_segs, 11);
    CHECK_EQ(out[0]->gso_size, 100);
    drop_out();
    end();
}

TEST(gro_udp_where_it_is_asked_for)
{
    start(keep);
    struct packet p = {.udp = true, .sport = 1, .dport = 2, .payload = 200};
    for (u32 on = 0; on < 2; on++) {
        f->dev->features = on ? DEV_F_GRO | DEV_F_UDP_GRO : DEV_F_GRO;
        struct skbq q = {0};
        for (u32 i = 0; i < 63; i++, p.id++)
            skbq_add(&q, made(&p, CKSUM_NONE));
        p.payload = 50;
        skbq_add(&q, made(&p, CKSUM_NONE));
        receive(&q);
        CHECK_EQ(out_n, on ? 2 : 64); /* 44 by their fragments; 20, of which the last is shorter */
        if (on)
            CHECK_EQ(out[0]->gso, GSO_UDP);
        drop_out();
        p.payload = 200;
    }
    end();
}

/* ---- how many, and until when ---- */

TEST(gro_more_flows_than_places)
{
    start(keep);
    for (u32 i = 0; i < 500; i++) {
        struct packet p = plain;
        p.sport = (u16)i;
        struct skbq q = {1, {made(&p, CKSUM_VERIFIED)}};
        receive(&q);
        if (out_n == ARRAY_LEN(out))
            drop_out();
        CHECK_LE(gro_holds(&f->napi), GRO_SETS * GRO_WAYS);
    }
    CHECK(gro_holds(&f->napi) > 100);
    drop_out();
    end(); /* and what is held when the device goes down is dropped by name */
}

TEST(gro_is_switched_off_while_it_holds)
{
    start(keep);
    struct packet p = plain, second = changed(&p, &(struct packet){0});
    struct skbq q = {1, {made(&p, CKSUM_VERIFIED)}};
    receive(&q);
    CHECK_EQ(out_n, 0);
    f->dev->features = 0;
    skbq_add(&q, made(&second, CKSUM_VERIFIED));
    receive(&q);
    CHECK_EQ(out_n, 2);
    CHECK_EQ(load_be32(out[0]->data + 38), 1000);
    drop_out();
    end();
}

/* Segments arrive; how many packets have come out. */
static u32 arrive(struct packet *p, u32 n)
{
    softirq_off();
    for (; n; n--, p->seq += p->payload, p->id++)
        fake_dev_arrive(f, bytes, packet_build(p, bytes), 0);
    softirq_on();
    host_run();
    return out_n;
}

TEST(gro_ends_with_the_round_of_polls)
{
    start(keep);
    struct packet p = plain;
    f->dev->adaptive_rx = false;
    CHECK_EQ(arrive(&p, 10), 1);
    CHECK_EQ(out[0]->gso_segs, 10);
    CHECK_EQ(arrive(&p, 70), 3); /* 44 and 26, over two turns of the same millisecond */
    drop_out();
    end();
}

TEST(gro_flush_timeout_holds_longer)
{
    start(keep);
    struct packet p = plain;
    f->dev->adaptive_rx = false;
    f->dev->gro_flush_timeout = 200 * NS_PER_US;
    CHECK_EQ(arrive(&p, 3), 0);
    CHECK(!f->masked); /* interrupts alone would not bring it out */
    host_clock_advance(100 * NS_PER_US);
    CHECK_EQ(arrive(&p, 3), 0);
    host_clock_advance(199 * NS_PER_US);
    CHECK_EQ(out_n, 0);
    host_clock_advance(1 * NS_PER_US);
    CHECK_EQ(out_n, 1);
    CHECK_EQ(out[0]->gso_segs, 6);
    CHECK_EQ(gro_holds(&f->napi), 0);
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
    end();
}

TEST(gro_deferred_interrupts_hold_too)
{
    start(keep);
    struct packet p = plain;
    f->dev->adaptive_rx = false;
    f->dev->gro_flush_timeout = 100 * NS_PER_US;
    f->dev->defer_hard_irqs = 3;
    CHECK_EQ(arrive(&p, 3), 0);
    CHECK(f->masked);
    host_clock_advance(300 * NS_PER_US);
    CHECK_EQ(out_n, 1);
    CHECK(!f->masked);
    drop_out();
    end();
}

static struct fake_dev *peer;

static void pass_on(struct netdev *dev, struct skbq *q)
{
    dev_tx(peer->dev, q);
}

/* What came in segments leaves by a device that cuts nothing in segments, the same. */
TEST(gro_through_two_devices)
{
    start(pass_on);
    struct fake_dev *b = peer = fake_dev_new(net, "eth1");
    b->dev->txq->dql.limit_min = b->dev->txq->dql.limit_max = DQL_MAX;
    txq_reset(b->dev, 0);
    host_run();
    static struct frame want[40];
    struct packet p = plain;
    softirq_off();
    for (u32 i = 0; i < ARRAY_LEN(want); i++, p.seq += p.payload, p.id++) {
        p.flags = i % 16 == 15 ? TCP_ACK | TCP_PSH : TCP_ACK;
        want[i].len = packet_build(&p, want[i].bytes);
        fake_dev_arrive(f, want[i].bytes, want[i].len, 0);
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
    end();
}

/* Where frames pass as they came, none is summed up for it, and none held that is large; others are. */
TEST(gro_of_joined_devices)
{
    start(keep);
    struct packet p = plain;
    f->dev->joined = true;
    struct skbq q = {1, {made(&p, CKSUM_NONE)}};
    receive(&q);
    CHECK_EQ(out_n, 1);
    CHECK_EQ(out[0]->cksum, CKSUM_NONE);
    skbq_add(&q, made(&p, CKSUM_VERIFIED));
    p = changed(&p, &(struct packet){0});
    skbq_add(&q, made(&p, CKSUM_VERIFIED));
    p = changed(&p, &(struct packet){0});
    skbq_add(&q, made(&p, CKSUM_NONE)); /* its flow's are held */
    receive(&q);
    CHECK_EQ(out_n, 1);
    flush();
    CHECK_EQ(out_n, 2);
    CHECK_EQ(out[1]->gso_segs, 3);
    drop_out();
    end();
}

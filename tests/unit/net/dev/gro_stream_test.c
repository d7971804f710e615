/* GRO: what comes out, cut again, is what went in, bit for bit and in the order of each flow; whatever strangers send.
 */
#include "lib/check.h"
#include "lib/string.h"
#include "net/skb/cksum.h"
#include "net/skb/gso.h"
#include "net/skb/parse.h"
#include "net/wire/tcp.h"
#include "tests/unit/net/dev/gro_rig.h"
#include "tests/unit/net/skb/packet.h"

#include <stdlib.h>

#define FLOWS  5u
#define FRAMES 160u
#define FRAME  2048u

struct frame {
    u32 len, vlan; /* vlan: of the skb; 0: none */
    u8 bytes[FRAME];
};

/* What is to come of each flow, in order. */
static struct {
    struct frame frame[FRAMES];
    u32 n, seen;
} due[FLOWS];
static u32 large, came, wrong; /* packets that were to be cut; frames that came */
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
    struct skb *s = packet_skb(gro_rig.pool, bytes, n, chance(4) ? 50 : 0);
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
    s->dev = &gro_rig.f->dev->port;
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
    gro_rig.f->dev->features = chance(8) ? 0 : chance(2) ? DEV_F_GRO : DEV_F_GRO | DEV_F_UDP_GRO;
    for (u32 i = 0; i < count; i++) {
        last = chance(3) ? (u32)test_rand() % flows : last;
        skbq_add(&q, stream_next(last, &st[last]));
        if (q.n == SKBQ_MOST || chance(8))
            gro_rig_receive(&q);
        if (chance(32))
            gro_rig_flush();
        if (chance(64))
            gro_rig.f->dev->features ^= DEV_F_UDP_GRO;
        gro_rig.now += test_rand() % NS_PER_MS;
    }
    gro_rig_receive(&q);
    gro_rig_flush();
    CHECK_EQ(gro_holds(gro_rig.f->napi.gro), 0);
    for (u32 i = 0; i < FLOWS; i++)
        wrong += due[i].n - due[i].seen;
}

/* A quarter of 10000 streams; with TEST_LONG, of a million. */
static void many_rounds(u32 seed)
{
    u32 rounds = getenv("TEST_LONG") ? 250000 : 2500;
    while (seed--)
        test_rand();
    gro_rig_start(cut_and_account);
    for (u32 i = 0; i < rounds; i++) {
        one_round(8 + (u32)test_rand() % 24);
        CHECK_EQ(wrong, 0); /* frames that are not the next of any flow */
        if (wrong)
            break;
    }
    CHECK(large > rounds / 2); /* that much was there to be merged, or it would be no test */
    CHECK(came > rounds * 10);
    gro_rig_end();
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

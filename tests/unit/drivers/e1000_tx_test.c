/* The e1000's way out: what it writes into its ring, and what the chip makes of it. */
#include "lib/string.h"
#include "net/skb/cksum.h"
#include "net/skb/gso.h"
#include "net/skb/parse.h"
#include "net/wire/tcp.h"
#include "tests/unit/drivers/e1000_rig.h"
#include "tests/unit/net/skb/packet.h"
#include "tests/unit/with_conf.h"

static u8 frame[65536 + 200];

static struct e1000_desc *desc(u32 at)
{
    return host_e1000_desc(&rig_chip, REG_TDBAL, at);
}

static void send_burst(u32 n, u32 mark)
{
    struct skbq q;
    q.n = 0;
    for (u32 i = 0; i < n; i++)
        skbq_add(&q, rig_packet(60 + i, mark + i));
    softirq_off();
    dev_tx(rig_dev, &q);
    softirq_on();
}

TEST(e1000_tx_plain)
{
    rig_start();
    u32 interrupts = rig_chip.interrupts, tails = rig_chip.tdt_writes;
    send_burst(32, 0);
    CHECK_EQ(rig_chip.tdt_writes, tails + 1);
    CHECK_EQ(rig_wire_n, 32);
    for (u32 i = 0; i < 32; i++) {
        rig_frame(frame, 60 + i, i);
        CHECK_EQ(rig_wire_len[i], 60 + i);
        CHECK_MEM(rig_wire[i], frame, 60 + i);
        CHECK_EQ(desc(i)->word, (60 + i) | TXD_EOP | TXD_IFCS | (i == 31 ? TXD_RS | TXD_DD : 0));
    }
    host_clock_advance(TX_LAZY); /* nothing more is sent that would reap them */
    CHECK_EQ(skb_pool_used(skb_pool_of(rig_net)), 255);
    CHECK_EQ(rig_chip.interrupts, interrupts); /* a chip that sends at once is not asked for any */
    CHECK_EQ(dql_inflight(&rig_dev->txq->dql), 0);
    rig_end();
}

/* A chip that takes its time: as much as the ring holds, the rest waits; nothing is lost, nothing out of order. */
TEST(e1000_tx_full_ring)
{
    rig_start();
    rig_chip.slow = true;
    u32 sent = 0;
    for (; sent < 400; sent += 40)
        send_burst(40, sent);
    CHECK_EQ((rig_chip.reg[REG_TDT / 4] - rig_chip.reg[REG_TDH / 4]) & 255, 255);
    while (rig_wire_n < 400) {
        u32 before = rig_wire_n;
        host_e1000_send(&rig_chip); /* TXDW interrupts now */
        host_run();
        CHECK_LT(before, rig_wire_n);
        if (before == rig_wire_n)
            break;
    }
    CHECK_EQ(rig_wire_n, 400);
    host_e1000_send(&rig_chip);
    host_clock_advance(TX_LAZY);
    CHECK_EQ(skb_pool_used(skb_pool_of(rig_net)), 255);
    rig_end();
}

TEST(e1000_tx_ring_goes_round)
{
    rig_start();
    u32 sent = 0;
    for (u32 round = 0; round < 300; round++) {
        u32 n = (u32)(test_rand() % 50), before = rig_wire_n = 0;
        rig_chip.slow = test_rand() % 4 == 0;
        send_burst(n, sent);
        if (rig_chip.slow)
            host_e1000_send(&rig_chip);
        for (u32 i = 0; i < n; i++) {
            rig_frame(frame, 60 + i, sent + i);
            CHECK_MEM(rig_wire[before + i], frame, 60 + i);
        }
        CHECK_EQ(rig_wire_n, n);
        sent += n;
        host_run();
    }
    rig_end();
}

static struct skb *built(const struct packet *p, u32 pieces)
{
    u32 n = packet_build(p, frame);
    softirq_off();
    struct skb *s = packet_skb(skb_pool_of(rig_net), frame, n, pieces);
    skb_parse(s);
    softirq_on();
    return s;
}

/* The chip fills in what the builder had there, bit for bit; packets alike share a context. */
TEST(e1000_tx_checksum)
{
    rig_start();
    for (u32 i = 0; i < 64; i++) {
        struct packet p = {.v6 = i & 1, .udp = i & 2, .payload = 100 + i % 7, .flags = TCP_ACK, .tags = i % 3 == 0};
        struct skb *s = built(&p, i & 4 ? 40 : 0);
        u32 n = s->len, odd = p.udp ? 6 : 16;
        cksum_begin(s, p.udp ? 17 : 6);
        rig_wire_n = 0;
        u32 at = rig_chip.reg[REG_TDT / 4], field = s->csum_start - skb_off(s) + odd;
        rig_send(s);
        CHECK_EQ(rig_wire_n, 1);
        CHECK_EQ(rig_wire_len[0], n);
        CHECK_MEM(rig_wire[0], frame, n);
        const struct e1000_desc *d = desc(at);
        if ((d->word & (TXD_DEXT | TXD_DATA)) == TXD_DEXT) {
            CHECK_EQ(d->addr, (u64)(field - odd) << CTX_TUCSS_AT | (u64)field << CTX_TUCSO_AT);
            CHECK_EQ(d->word, TXD_DEXT | CTX_TCP);
        }
        host_run();
    }
    rig_chip.contexts = 0;
    for (u32 i = 0; i < 10; i++) {
        struct skb *s = built(&(struct packet){.payload = 10, .flags = TCP_ACK}, 0);
        cksum_begin(s, 6);
        rig_send(s);
    }
    CHECK_EQ(rig_chip.contexts, 1);
    rig_end();
}

/* Offsets that do not fit a context are summed up here; such as lie outside the packet are nobody's. */
TEST(e1000_tx_checksum_out_of_reach)
{
    rig_start();
    struct skb *s = built(&(struct packet){.payload = 600, .flags = TCP_ACK}, 0);
    cksum_begin(s, 6);
    s->csum_start = (u16)(s->csum_start + 300);
    rig_send(s);
    CHECK_EQ(rig_wire_n, 1);
    CHECK_EQ(rig_chip.contexts, 0);
    s = built(&(struct packet){.payload = 6, .flags = TCP_ACK}, 0);
    cksum_begin(s, 6);
    s->csum_start = 0xfff0;
    rig_send(s);
    s = built(&(struct packet){.payload = 6, .flags = TCP_ACK}, 0);
    cksum_begin(s, 6);
    s->csum_start = 3; /* in front of it */
    rig_send(s);
    CHECK_EQ(rig_wire_n, 1);
    CHECK_EQ(drop_read(rig_net, &rig_dev->port, DROP_GSO, 0), 2);
    rig_send(rig_packet(60, 1)); /* and the ring goes on */
    CHECK_EQ(rig_wire_n, 2);
    host_run();
    rig_end();
}

/* The chip's cutting is ours: the same packet both ways gives the same frames. */
static void cut_both_ways(u32 payload, u32 mss, u32 pieces, bool tag)
{
    struct packet p = {.payload = payload, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .id = 0xfffe, .seq = 0xfffffff0};
    p.tcp_options = payload % 11 & ~3u;
    struct skb *s = built(&p, pieces), *next;
    s->gso = GSO_TCP4;
    s->gso_size = (u16)mss;
    cksum_begin(s, 6);
    if (tag) {
        s->flags |= SKB_VLAN;
        s->vlan_tci = 0x123;
    }
    u32 room = 0;
    softirq_off();
    struct skb *first = gso_cut(skb_copy(s), true);
    softirq_on();
    rig_wire_n = 0;
    rig_send(s);
    for (struct skb *c = first; c; c = next, room++) {
        u8 want[4096], *got = rig_wire[room];
        next = c->next;
        CHECK(cksum_finish(c));
        CHECK_EQ(skb_read(c, 0, want, c->len), 0);
        CHECK_EQ(rig_wire_len[room], c->len + (tag ? 4 : 0));
        if (tag) {
            CHECK_EQ(load_be32(got + 12), 0x81000123);
            memmove(got + 4, got, 12);
            got += 4;
        }
        CHECK_MEM(got, want, c->len);
        softirq_off();
        skb_free(c);
        softirq_on();
    }
    CHECK_EQ(rig_wire_n, room);
    host_run();
}

TEST(e1000_tx_cuts)
{
    rig_start();
    for (u32 i = 0; i < 200; i++) {
        u32 mss = 100 + (u32)(test_rand() % 1361), payload = mss + 1 + (u32)(test_rand() % 20000);
        payload = min(payload, 60 * mss);
        if (payload % mss)
            cut_both_ways(payload, mss, payload > 1400 ? 2000 : 0, i & 1);
    }
    rig_end();
}

/* Of pieces all alike QEMU makes one more, without payload: a second FIN. Not so here. */
TEST(e1000_tx_cuts_without_a_rest)
{
    rig_start();
    struct skb *s = built(&(struct packet){.payload = 10 * 1000, .flags = TCP_ACK | TCP_FIN}, 2000);
    u32 hlen = s->len - 10000, payload = 0, fins = 0;
    s->gso = GSO_TCP4;
    s->gso_size = 1000;
    cksum_begin(s, 6);
    rig_send(s);
    for (u32 i = 0; i < rig_wire_n; i++) {
        payload += rig_wire_len[i] - hlen;
        CHECK_LT(hlen, rig_wire_len[i]);
        CHECK_LE(rig_wire_len[i], hlen + 1000);
        fins += rig_wire[i][hlen - 7] & TCP_FIN;
    }
    CHECK_EQ(payload, 10000);
    CHECK_EQ(fins, 1);
    host_run();
    rig_end();
}

TEST(e1000_tx_many_fragments)
{
    rig_start();
    CHECK_EQ(WITH_CONF(dev_set_mtu(rig_dev, 9000)), 0);
    for (u32 i = 0; i < 100; i++) {
        struct skb *s = built(&(struct packet){.payload = 8000, .flags = TCP_ACK}, 200);
        u32 n = s->len;
        CHECK_LE(40, s->frags);
        rig_wire_n = 0;
        rig_send(s);
        CHECK_EQ(rig_wire_len[0], n);
        CHECK_MEM(rig_wire[0], frame, n);
        host_run();
    }
    rig_end();
}

TEST(e1000_tx_tags)
{
    rig_start();
    struct skb *s = rig_packet(100, 1);
    s->flags |= SKB_VLAN;
    s->vlan_tci = 0xa005;
    rig_send(s);
    CHECK_EQ(rig_wire_len[0], 104);
    CHECK_EQ(load_be32(rig_wire[0] + 12), 0x8100a005);
    s = rig_packet(100, 1); /* a provider's tag is none that the chip knows */
    s->flags |= SKB_VLAN;
    s->vlan_type = 0x88a8;
    s->vlan_tci = 7;
    rig_send(s);
    CHECK_EQ(rig_wire_len[1], 104);
    CHECK_EQ(load_be32(rig_wire[1] + 12), 0x88a80007);
    host_run();
    rig_end();
}

/* A ring that hangs is emptied by the watchdog, and works again when the chip does: full, or held by the byte limit. */
static void hang(bool limited)
{
    rig_start();
    rig_chip.slow = true;
    if (limited) {
        rig_dev->txq->dql.limit_min = rig_dev->txq->dql.limit_max = 1000;
        txq_reset(rig_dev, 0);
        host_run();
    }
    for (u32 i = 0; i < 8; i++)
        send_burst(40, 0);
    host_clock_advance(12 * NS_PER_S);
    CHECK_LE(1, rig_dev->tx_kept->timeouts);
    CHECK_LE(1, rig_dev->hw.tx_errors);
    CHECK_LT(0, drop_read(rig_net, &rig_dev->port, DROP_TX_RESET, 0));
    rig_chip.slow = false;
    host_clock_advance(12 * NS_PER_S);
    rig_wire_n = 0;
    u64 timeouts = rig_dev->tx_kept->timeouts;
    send_burst(10, 0);
    CHECK_LE(10, rig_wire_n);
    host_clock_advance(60 * NS_PER_S);
    CHECK_EQ(rig_dev->tx_kept->timeouts, timeouts);
    CHECK_EQ(skb_pool_used(skb_pool_of(rig_net)), 255);
    rig_end();
}

TEST(e1000_tx_timeout_of_a_full_ring)
{
    hang(false);
}

TEST(e1000_tx_timeout_under_the_byte_limit)
{
    hang(true);
}

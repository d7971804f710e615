/* Taps: what they see on the way in and out, with tags back in place, and what a slow reader loses. */
#include "net/dev/tap.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/conf.h"
#include "lib/string.h"
#include "net/bpf/pcap_filter.h"
#include "net/dev/tx.h"
#include "net/skb/pool.h"
#include "tests/unit/net/dev/joined.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/net/skb/packet.h"

static struct joined rig;
static struct net *net;
static struct fake_dev *a, *b;
static u8 frame[9000];
static const struct cbpf_insn every[] = {{CBPF_RET, 0, 0, 262144}};

static void start(void)
{
    joined_start(&rig);
    net = rig.net;
    a = rig.a;
    b = rig.b;
}

static void end(void)
{
    joined_end(&rig);
}

static struct tap *open_tap(struct netdev *dev, const struct cbpf_insn *insn, u32 snaplen, bool in, bool out)
{
    struct tap_how how = {.dev = dev, .insn = insn, .snaplen = snaplen, .ring = 1, .in = in, .out = out};
    conf_enter();
    struct tap *t = tap_open(net, &how);
    conf_leave();
    CHECK(t != NULL);
    return t;
}

static void close_tap(struct tap *t)
{
    conf_enter();
    tap_close(t);
    conf_leave();
}

static u32 build(u16 port, u32 payload)
{
    return packet_build(
        &(struct packet){.udp = true, .src = 1, .dst = 2, .sport = 9, .dport = port, .payload = payload}, frame);
}

static void arrive(u32 len, u32 pieces)
{
    fake_dev_arrive(a, frame, len, pieces);
    host_run();
}

static u32 drain(struct tap *t, struct tap_packet *p)
{
    u32 n = 0;
    while (tap_next(t, p, 0) == 1)
        n++;
    return n;
}

/* Who asks what would become of a packet is not seen. */
TEST(tap_sees_no_probe)
{
    struct tap_packet p;
    start();
    struct tap *t = open_tap(NULL, every, 100, true, true);
    CHECK_EQ(typed(net, "why eth0 ip 10.1.0.2 10.2.0.2 udp 1 2"), 0);
    CHECK_EQ(typed(net, "why eth1 ip 10.1.0.2 10.2.0.2 tcp 1 2 len 3000"),
             1); /* too long: made fit, as far as it goes */
    host_run();
    CHECK_EQ(drain(t, &p), 0);
    arrive(build(7, 10), 0);
    CHECK_EQ(drain(t, &p), 2);
    close_tap(t);
    fake_dev_complete(b, b->in_ring);
    end();
}

TEST(tap_sees_in_and_out)
{
    struct tap_packet p;
    start();
    struct tap *in = open_tap(a->dev, every, 262144, true, true), *out = open_tap(b->dev, every, 262144, true, true);
    struct tap *all = open_tap(NULL, every, 262144, true, true);
    CHECK_EQ(a->dev->taps, 2);
    u32 len = build(53, 100);
    host_clock_advance(NS_PER_S);
    u64 now = clock_ns();
    arrive(len, 0);
    CHECK_EQ(tap_next(in, &p, 0), 1);
    CHECK_EQ(p.len, len);
    CHECK_EQ(p.kept, len);
    CHECK_MEM(p.bytes, frame, len);
    CHECK_EQ(p.pkttype, CBPF_OTHERHOST);
    CHECK_EQ(p.ifindex, a->dev->port.index);
    CHECK_LE(now, p.stamp);
    CHECK_EQ(tap_next(in, &p, 0), 0);
    CHECK_EQ(tap_next(out, &p, 0), 1);
    CHECK_EQ(p.pkttype, CBPF_OUTGOING);
    CHECK_MEM(p.bytes, frame, len);
    CHECK_EQ(tap_next(out, &p, 0), 0);
    CHECK_EQ(tap_next(all, &p, 0), 1);
    CHECK_EQ(p.ifindex, a->dev->port.index);
    CHECK_EQ(tap_next(all, &p, 0), 1);
    CHECK_EQ(p.ifindex, b->dev->port.index);
    CHECK_EQ(tap_next(all, &p, 0), 0);
    CHECK_EQ(b->sent_n, 1); /* and it went its way */
    close_tap(in);
    close_tap(all);
    CHECK_EQ(a->dev->taps, 0);
    CHECK_EQ(b->dev->taps, 1);
    close_tap(out);
    end();
}

TEST(tap_of_one_way)
{
    struct tap_packet p;
    start();
    struct tap *in = open_tap(b->dev, every, 262144, true, false), *out = open_tap(b->dev, every, 262144, false, true);
    arrive(build(53, 10), 0);
    CHECK_EQ(drain(in, &p), 0);
    CHECK_EQ(drain(out, &p), 1);
    close_tap(in);
    close_tap(out);
    end();
}

TEST(tap_filters_and_snaps)
{
    struct pcap_filter f;
    struct pcap_err err;
    struct tap_packet p;
    u64 matched, dropped;
    start();
    CHECK_EQ(pcap_compile(&f, "udp port 53", 262144, true, &err), 0);
    struct tap *t = open_tap(a->dev, f.insn, 50, true, true);
    arrive(build(80, 500), 0);
    u32 len = build(53, 500);
    arrive(len, 0);
    arrive(len, 40); /* in pieces, and a header in two of them */
    CHECK_EQ(tap_next(t, &p, 0), 1);
    CHECK_EQ(p.kept, 50);
    CHECK_EQ(p.len, len);
    CHECK_MEM(p.bytes, frame, 50);
    CHECK_EQ(tap_next(t, &p, 0), 1);
    CHECK_MEM(p.bytes, frame, 50);
    CHECK_EQ(tap_next(t, &p, 0), 0);
    tap_counts(t, &matched, &dropped);
    CHECK_EQ(matched, 2);
    CHECK_EQ(dropped, 0);
    close_tap(t);
    pcap_filter_free(&f);
    end();
}

/* What the device took out of the bytes is back: for the program, and for the reader. */
TEST(tap_puts_tags_back)
{
    static const char *const texts[] = {"vlan 7 and udp port 53",
                                        "vlan and ip[0] = 0x45",
                                        "ether[14:4] = 0x20070800",
                                        "ether[13:2] = 0x0020",
                                        "not udp",
                                        "ether proto 0x8100"};
    struct pcap_err err;
    start();
    u32 len = build(53, 20);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct pcap_filter f;
        struct tap_packet p;
        CHECK_EQ(pcap_compile(&f, texts[i], 262144, true, &err), 0);
        struct tap *t = open_tap(a->dev, f.insn, 262144, true, false);
        fake_dev_arrive(a, frame, len, 0);
        struct rxbuf *r = &a->ring[(a->tail - 1) % FAKE_RING];
        r->flags |= RXBUF_VLAN;
        r->vlan_tci = 0x2007;
        r->vlan_type = 0x8100;
        host_run();
        if (tap_next(t, &p, 0) != 1) {
            test_failed(__FILE__, __LINE__, "%s does not match", texts[i]);
        } else {
            CHECK_EQ(p.len, len + 4);
            CHECK_MEM(p.bytes, frame, 12);
            CHECK_MEM(p.bytes + 12, "\x81\x00\x20\x07", 4);
            CHECK_MEM(p.bytes + 16, frame + 12, len - 12);
        }
        close_tap(t);
        pcap_filter_free(&f);
    }
    end();
}

/* A reader that does not read: the ring fills, the rest is counted, and nothing stops. */
TEST(tap_slow_reader)
{
    struct tap_packet p;
    u64 matched, dropped;
    start();
    struct tap *t = open_tap(a->dev, every, 262144, true, true);
    u32 len = build(53, 1400);
    for (u32 i = 0; i < 300; i++) {
        fake_dev_arrive(a, frame, len, 0);
        host_run();
        fake_dev_complete(b, b->in_ring);
        host_run();
    }
    tap_counts(t, &matched, &dropped);
    CHECK_EQ(matched, 300);
    CHECK_LE(100, dropped);
    u32 got = drain(t, &p);
    CHECK_EQ(got + dropped, 300);
    for (u32 i = 0; i < 300; i++) { /* round the ring's end, many times */
        len = build(53, i * 4);
        arrive(len, 0);
        fake_dev_complete(b, b->in_ring);
        host_run();
        CHECK_EQ(tap_next(t, &p, 0), 1);
        CHECK_EQ(p.len, len);
        CHECK_MEM(p.bytes, frame, len);
    }
    close_tap(t);
    end();
}

/* What the ring did not take is shown once, however often it is offered again. */
TEST(tap_out_once)
{
    struct tap_packet p;
    start();
    struct tap *t = open_tap(b->dev, every, 60, false, true);
    b->tx_ring = 2;
    softirq_off();
    for (u32 i = 0; i < 7; i++)
        fake_dev_arrive(a, frame, build(53, 30), 0);
    softirq_on();
    host_run();
    CHECK_EQ(b->in_ring, 2);
    u32 seen = drain(t, &p);
    for (u32 i = 0; i < 10; i++) {
        fake_dev_complete(b, b->in_ring);
        host_run();
        seen += drain(t, &p);
    }
    CHECK_EQ(seen, 7);
    close_tap(t);
    end();
}

/* A tap on all devices sees those that come later; one on a device that goes stays harmless until it is closed. */
TEST(tap_devices_come_and_go)
{
    struct tap_packet p;
    start();
    struct tap *all = open_tap(NULL, every, 262144, true, true);
    struct fake_dev *late = fake_dev_new(net, "eth%u");
    CHECK_EQ(late->dev->taps, 1);
    struct tap *one = open_tap(late->dev, every, 262144, true, true);
    u32 len = build(53, 10);
    fake_dev_arrive(late, frame, len, 0);
    host_run();
    CHECK_EQ(drain(all, &p), 1);
    CHECK_EQ(p.ifindex, late->dev->port.index);
    CHECK_EQ(drain(one, &p), 1);
    fake_dev_end(late);
    host_run();
    CHECK_EQ(drain(one, &p), 0);
    arrive(len, 0);
    CHECK_EQ(drain(all, &p), 2);
    close_tap(one);
    close_tap(all);
    end();
}

/* What only asks for its way is seen by nobody. */
TEST(tap_shows_no_probe)
{
    struct tap_packet p;
    start();
    struct tap *t = open_tap(a->dev, every, 262144, true, true);
    struct skbq q = {0};
    softirq_off();
    struct skb *s = packet_skb(skb_pool_of(net), frame, build(53, 10), 0);
    s->flags |= SKB_PROBE;
    skbq_add(&q, s);
    tap_show_in(a->dev, &q);
    softirq_on();
    CHECK_EQ(drain(t, &p), 0);
    softirq_off();
    s->flags &= (u8)~SKB_PROBE;
    tap_show_in(a->dev, &q);
    skbq_free(&q);
    softirq_on();
    CHECK_EQ(drain(t, &p), 1);
    close_tap(t);
    end();
}

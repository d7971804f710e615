/* virtio-net against the fake device: frames both ways, what the header says, and a device that lies. */
#include "drivers/driver.h"
#include "host/host.h"
#include "host/vnet_dev.h"
#include "lib/check.h"
#include "lib/string.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/skb/cksum.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"
#include "tests/unit/net/skb/packet.h"
#include "tests/unit/with_conf.h"

#define MRG   (1ull << 15)
#define CSUMS 3ull /* both ways */
#define TSOS  ((1ull << 7) | (1ull << 8) | (1ull << 11) | (1ull << 12))
#define CTRL  ((1ull << 17) | (1ull << 18) | (1ull << 23))
#define LINK  (1ull << 16)
#define MAC   (1ull << 5)
#define VLANS (1ull << 19)
#define ALL   (MRG | CSUMS | TSOS | CTRL | LINK | MAC)

static struct host_vnet v;
static struct netdev *dev;
static struct skbq got; /* what the driver handed up */
static u8 frame[66000], out[66000];
static const u8 plain[HOST_VNET_HDR];

static void take(struct netdev *d, struct skbq *q)
{
    for (u32 i = 0; i < q->n; i++)
        if (got.n < SKBQ_MOST)
            skbq_add(&got, q->p[i]);
        else
            skb_free(q->p[i]);
    q->n = 0;
}

static void start(u64 features, enum bus_kind kind)
{
    net_first = net_new();
    host_vnet_init(&v, kind, features);
    driver_bind(&v.d.host.dev);
    dev = netdev_find(net_first, "eth0");
    CHECK(dev != NULL);
    CHECK_EQ(WITH_CONF(dev_up(dev)), 0);
    CHECK_EQ(WITH_CONF(dev_set_handler(dev, take, NULL)), 0);
    CHECK_EQ(WITH_CONF(dev_set_mtu(dev, dev->mtu_most)), 0);
    host_run();
    got.n = 0;
}

static void forget(void)
{
    softirq_off();
    skbq_free(&got);
    softirq_on();
}

static void end(void)
{
    forget();
    driver_release(&v.d.host.dev);
    host_run();
    CHECK_EQ(skb_pool_used(skb_pool_of(net_first)), 0);
    CHECK_EQ(skb_pool_used(skb_large_pool_of(net_first)), 0);
    net_free(net_first);
    host_vnet_end(&v);
}

static void fill(u32 n)
{
    for (u32 i = 0; i < n; i++)
        frame[i] = (u8)test_rand();
}

static void deliver_and_compare(u32 len)
{
    fill(len);
    CHECK(host_vnet_deliver(&v, plain, frame, len));
    host_run();
    CHECK_EQ(got.n, 1);
    if (got.n == 1) {
        CHECK_EQ(got.p[0]->len, len);
        skb_read(got.p[0], 0, out, len);
        CHECK_MEM(out, frame, len);
    }
    forget();
}

static const u64 kinds[] = {0,
                            MRG,
                            ALL,
                            ALL | VIRTIO_F_RING_PACKED,
                            ALL | VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC,
                            ALL | VIRTIO_F_RING_PACKED | VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC};

TEST(virtio_net_receives)
{
    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++) {
        start(kinds[i], i % 2 ? BUS_VIRTIO_MMIO : BUS_PCI);
        for (u32 n = 0; n < 600; n++) /* more than a ring */
            deliver_and_compare(60 + (u32)(test_rand() % 1455));
        if (kinds[i] & MRG)
            for (u32 n = 0; n < 20; n++)
                deliver_and_compare(2000 + (u32)(test_rand() % 20000)); /* of a ring of 16 buffers */
        end();
    }
}

static u32 truncated(void)
{
    return (u32)drop_read(net_first, &dev->port, DROP_RX_TRUNCATED, 0);
}

/* As e1000's: what is longer than the MTU, or than the usual one, is dropped by name; what the host merged is not. */
TEST(virtio_net_longer_than_the_mtu)
{
    static const u32 mtus[] = {1500, 576, 1400};
    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++) {
        u32 before = 0;
        start(kinds[i], BUS_PCI);
        bool mergeable = dev->mtu_most > 2048;
        for (u32 k = 0; k < ARRAY_LEN(mtus); k++) {
            CHECK_EQ(WITH_CONF(dev_set_mtu(dev, mtus[k])), 0);
            deliver_and_compare(1522);
            CHECK(host_vnet_deliver(&v, plain, frame, 1523));
            if (mergeable)
                CHECK(host_vnet_deliver(&v, plain, frame, 9000));
            host_run();
            CHECK_EQ(got.n, 0);
            CHECK_EQ(truncated(), before + 1 + mergeable);
            before = truncated();
        }
        CHECK_EQ(WITH_CONF(dev_set_mtu(dev, 2000)), 0);
        deliver_and_compare(2022);
        CHECK(host_vnet_deliver(&v, plain, frame, 2023));
        host_run();
        CHECK_EQ(truncated(), before + 1);
        end();
    }
}

/* Where large frames come the ring has large buffers, small frames find their place among them, and when no more large
 * ones come, or no memory is left for them, the ring is as it was. */
TEST(virtio_net_has_large_buffers_for_large_frames)
{
    for (unsigned packed = 0; packed < 2; packed++) {
        start(ALL | VIRTIO_F_INDIRECT_DESC | (packed ? VIRTIO_F_RING_PACKED : 0), BUS_PCI);
        struct skb_pool *large = skb_large_pool_of(net_first);
        CHECK_EQ(skb_pool_used(large), 0);
        for (u32 n = 0; n < 100; n++)
            deliver_and_compare(!n ? 20000 : n % 3 ? 65000 - n : 60 + n);
        CHECK_LE(1, skb_pool_used(large));
        struct skb *held[64]; /* as if they were all in use */
        u32 n_held = 0;
        large->most = large->carved;
        for (u32 n = 0; n < 40; n++) {
            softirq_off();
            n_held += skb_pool_take(large, held + n_held, ARRAY_LEN(held) - n_held, __func__);
            softirq_on();
            deliver_and_compare(n % 3 ? 20000 : 60 + n);
        }
        CHECK_EQ(skb_pool_used(large), n_held);
        softirq_off();
        skb_pool_give_many(large, held, n_held);
        softirq_on();
        for (u32 n = 0; n < 600; n++)
            deliver_and_compare(n == 0 ? 20000 : 60 + n);
        CHECK_EQ(skb_pool_used(large), 0);
        end();
    }
}

static void send(struct skb *s)
{
    struct skbq q = {.n = 1, .p = {s}};
    softirq_off();
    dev_tx(dev, &q);
    softirq_on();
}

TEST(virtio_net_sends)
{
    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++) {
        start(kinds[i], i % 2 ? BUS_VIRTIO_MMIO : BUS_PCI);
        for (u32 n = 0; n < 600; n++) {
            struct packet p = {.v6 = n & 1, .udp = n & 2, .payload = (u32)(test_rand() % 1200)};
            u32 len = packet_build(&p, frame), at = v.sent % HOST_VNET_KEPT;
            send(packet_skb(skb_pool_of(net_first), frame, len, n % 3 ? 0 : 300));
            CHECK_EQ(v.kept[at].len, len);
            CHECK_MEM(v.kept[at].frame, frame, len);
            CHECK_MEM(v.kept[at].header, plain, HOST_VNET_HDR);
        }
        host_clock_advance(TX_LAZY);
        CHECK_EQ(dql_inflight(&dev->txq->dql), 0);
        end();
    }
}

/* A large packet goes out whole where the device cuts it, and in frames where it does not. */
TEST(virtio_net_sends_large_packets)
{
    for (unsigned whole = 0; whole < 2; whole++) {
        start(whole ? ALL : MRG | LINK, BUS_PCI);
        struct packet p = {.payload = 10000, .flags = 0x18, .sport = 5, .dport = 6};
        u32 len = packet_build(&p, frame);
        struct skb *s = packet_skb(skb_pool_of(net_first), frame, len, 2000);
        CHECK_EQ(skb_parse(s), DROP_NOT);
        s->gso = GSO_TCP4;
        s->gso_size = 1000;
        cksum_begin(s, 6);
        send(s);
        if (whole) {
            CHECK_EQ(v.sent, 1);
            const u8 *h = v.kept[0].header;
            CHECK_EQ(h[0], 1); /* to be filled in, */
            CHECK_EQ(h[1], 1); /* TCP over IPv4 */
            CHECK_EQ(load_le16(h + 4), 1000);
            CHECK_EQ(load_le16(h + 6), 34);
            CHECK_EQ(load_le16(h + 8), 16);
            CHECK_EQ(v.kept[0].len, len);
        } else {
            host_clock_advance(NS_PER_S);
            CHECK_EQ(v.sent, 10);
            CHECK_EQ(v.kept[9].len, 1054);
        }
        end();
    }
}

/* ---- what the header says ---- */

TEST(virtio_net_believes_what_can_be)
{
    start(ALL, BUS_PCI);
    struct packet p = {.payload = 4000, .flags = 0x10};
    u32 n = packet_build(&p, frame);
    u8 h[HOST_VNET_HDR] = {1, 1, 54, 0, 0xe8, 3, 34, 0, 16, 0, 0, 0};
    CHECK(host_vnet_deliver(&v, h, frame, n));
    host_run();
    CHECK_EQ(got.n, 1);
    struct skb *s = got.p[0];
    CHECK_EQ(s->cksum, CKSUM_PARTIAL);
    CHECK_EQ(s->csum_start, skb_off(s) + 34);
    CHECK_EQ(s->gso, GSO_TCP4);
    CHECK_EQ(s->gso_size, 1000);
    CHECK(s->flags & SKB_DODGY);
    forget();
    u8 valid[HOST_VNET_HDR] = {2};
    CHECK(host_vnet_deliver(&v, valid, frame, 60));
    host_run();
    CHECK_EQ(got.p[0]->cksum, CKSUM_VERIFIED);
    end();
}

static const struct lie {
    u8 header[HOST_VNET_HDR];
    u32 len;
} lies[] = {
    {{1, 0, 0, 0, 0, 0, 59, 0, 0, 0}, 60}, /* a sum that reaches beyond the end */
    {{1, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, 60},
    {{0, 1, 0, 0, 100, 0}, 60},                 /* merged, but without a sum to be filled in */
    {{1, 1, 0, 0, 0, 0, 34, 0, 16, 0}, 100},    /* in frames of 0 bytes */
    {{1, 77, 0, 0, 100, 0, 34, 0, 16, 0}, 100}, /* of a kind that was not agreed on */
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0}, 60}, /* more buffers than came */
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 60},
};

TEST(virtio_net_drops_what_cannot_be)
{
    for (unsigned large = 0; large < 2; large++) {
        start(ALL | (large ? VIRTIO_F_INDIRECT_DESC : 0), BUS_PCI);
        for (unsigned i = 0; i < ARRAY_LEN(lies); i++) {
            if (large)
                deliver_and_compare(20000);
            fill(lies[i].len);
            host_vnet_deliver(&v, lies[i].header, frame, lies[i].len);
            host_run();
            CHECK_EQ(got.n, 0);
            deliver_and_compare(100); /* and goes on */
        }
        CHECK_EQ(drop_read(net_first, &dev->port, DROP_RX_ERROR, 0), 5);
        CHECK_EQ(drop_read(net_first, &dev->port, DROP_RX_TRUNCATED, 0), 2);
        end();
    }
}

/* ---- a device that must begin anew ---- */

TEST(virtio_net_comes_back_after_a_reset)
{
    start(ALL, BUS_PCI);
    for (u32 i = 1; i <= 3; i++) {
        host_virtio_config_irq(&v.d, VIRTIO_NEEDS_RESET);
        host_run();
        CHECK_EQ(dev->resets, i);
        CHECK(dev->flags & DEV_UP);
        deliver_and_compare(100);
    }
    end();
}

/* An id that was never given out: the queue is not believed any more, and the device begins anew. */
TEST(virtio_net_catches_a_liar)
{
    start(ALL, BUS_PCI);
    struct host_virtio_queue *q = &v.d.q[0];
    u32 *ring = (u32 *)(q->device + 2);
    ring[2 * (q->used % q->size)] = 5000;
    q->device[1] = ++q->used;
    host_virtio_irq(&v.d, 0);
    host_run();
    CHECK_EQ(dev->resets, 1);
    deliver_and_compare(100);
    end();
}

TEST(virtio_net_transmit_ring_that_does_not_move)
{
    start(ALL, BUS_PCI);
    dev->txq->dql.limit_min = dev->txq->dql.limit_max = DQL_MAX;
    txq_reset(dev, 0);
    v.slow = true;
    for (u32 i = 0; i < 400; i++) {
        struct packet p = {.payload = 10};
        softirq_off();
        send(packet_skb(skb_pool_of(net_first), frame, packet_build(&p, frame), 0));
        softirq_on();
    }
    host_clock_advance(4 * NS_PER_S);
    CHECK_EQ(dev->resets, 0);
    host_clock_advance(2 * NS_PER_S);
    CHECK_EQ(dev->resets, 1);
    v.slow = false;
    host_vnet_take(&v); /* what went in after the reset */
    host_clock_advance(NS_PER_S);
    u32 sent = v.sent;
    CHECK_LT(100, sent);
    struct packet p = {.payload = 10};
    softirq_off();
    send(packet_skb(skb_pool_of(net_first), frame, packet_build(&p, frame), 0));
    softirq_on();
    CHECK_LT(sent, v.sent);
    end();
}

TEST(virtio_net_link_and_filters)
{
    start(ALL, BUS_PCI);
    CHECK(dev->carrier);
    v.d.config[6] = 0;
    host_virtio_config_irq(&v.d, 0);
    host_run();
    CHECK(!dev->carrier);
    u32 commands = v.commands;
    WITH_CONF(dev_promisc(dev, 1));
    CHECK_EQ(WITH_CONF(dev_multicast_add(dev, &(struct macaddr){{1, 0, 0x5e, 0, 0, 5}})), 0);
    CHECK_LT(commands, v.commands);
    CHECK(v.promisc && !v.allmulti);
    CHECK_EQ(v.groups, 1);
    CHECK_MEM(v.group, "\x01\0\x5e\0\0\5", 6);
    for (u8 i = 6; i < 80; i++) {
        CHECK_EQ(v.allmulti, i > 69); /* the table holds 64 */
        CHECK_EQ(WITH_CONF(dev_multicast_add(dev, &(struct macaddr){{1, 0, 0x5e, 0, 0, i}})), 0);
    }
    for (u8 i = 6; i < 80; i++)
        WITH_CONF(dev_multicast_del(dev, &(struct macaddr){{1, 0, 0x5e, 0, 0, i}}));
    CHECK(!v.allmulti);
    CHECK_EQ(v.groups, 1);
    v.refuses = true;
    WITH_CONF(dev_promisc(dev, -1)); /* told, and goes on */
    CHECK(WITH_CONF(dev_set_mac(dev, &(struct macaddr){{2, 2, 2, 2, 2, 2}})) < 0);
    CHECK_EQ(dev->mac.b[5], 7);
    end();
}

/* One that sifts, and has no command for our address, is told of it as of a station's. */
TEST(virtio_net_tells_of_its_address)
{
    static const struct macaddr other = {{2, 2, 2, 2, 2, 2}};
    start(ALL & ~(1ull << 23), BUS_PCI);
    CHECK_EQ(v.stations, 1);
    CHECK_MEM(v.station, &dev->mac, 6);
    CHECK_EQ(WITH_CONF(dev_set_mac(dev, &other)), 0);
    CHECK_EQ(v.stations, 1);
    CHECK_MEM(v.station, &other, 6);
    for (u8 i = 0; i < 80; i++)
        CHECK_EQ(WITH_CONF(dev_multicast_add(dev, &(struct macaddr){{1, 0, 0x5e, 0, 0, i}})), 0);
    CHECK(v.allmulti);
    CHECK_EQ(v.stations, 1);
    CHECK_MEM(v.station, &other, 6);
    end();
    start(ALL, BUS_PCI);
    CHECK_EQ(v.stations, 0);
    end();
}

/* A device that sifts tags is told of each VLAN, and told again when it begins anew. */
TEST(virtio_net_tells_of_vlans)
{
    start(ALL | VLANS, BUS_PCI);
    CHECK(dev->features & DEV_F_VLAN_FILTER);
    CHECK_EQ(v.vlans[0], 1); /* a priority alone */
    CHECK_EQ(WITH_CONF(dev_vlan_add(dev, 10)), 0);
    CHECK_EQ(WITH_CONF(dev_vlan_add(dev, 4094)), 0);
    CHECK_EQ(WITH_CONF(dev_vlan_add(dev, 0)), 0);
    CHECK_EQ(v.vlans[0], 0x401);
    CHECK_EQ(v.vlans[127], 1u << 30);
    WITH_CONF(dev_vlan_del(dev, 0));
    WITH_CONF(dev_vlan_del(dev, 4094));
    CHECK_EQ(v.vlans[0], 0x401);
    CHECK_EQ(v.vlans[127], 0);
    WITH_CONF(dev_down(dev));
    v.vlans[0] = 0;
    CHECK_EQ(WITH_CONF(dev_vlan_add(dev, 31)), 0); /* while it is down */
    CHECK_EQ(WITH_CONF(dev_up(dev)), 0);
    CHECK_EQ(v.vlans[0], 0x80000401);
    end();
    start(ALL, BUS_PCI);
    CHECK(!(dev->features & DEV_F_VLAN_FILTER));
    CHECK_EQ(WITH_CONF(dev_vlan_add(dev, 10)), 0);
    CHECK_EQ(v.vlans[0], 0);
    end();
}

TEST(virtio_net_no_memory)
{
    for (u64 n = 1;; n++) {
        net_first = net_new();
        host_vnet_init(&v, BUS_PCI, ALL);
        host_mem_fail_at(n);
        driver_bind(&v.d.host.dev);
        dev = netdev_find(net_first, "eth0");
        if (dev && !WITH_CONF(dev_up(dev)))
            host_run();
        bool failed = host_mem_failed();
        host_mem_fail_at(0);
        driver_release(&v.d.host.dev);
        host_run();
        net_free(net_first);
        host_vnet_end(&v);
        if (!failed)
            break;
    }
}

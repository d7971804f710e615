/* Bridges: which frames leave by which ports, what is learnt and forgotten, what a bridge takes over from its ports,
 * and what is said of it. */
#include "host/host.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "net/dev/link_type.h"
#include "net/dev/rx.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/link/bridge.h"
#include "net/link/fdb.h"
#include "net/skb/pool.h"
#include "tests/unit/net/dev/fake_dev.h"
#include "tests/unit/net/dev/typed.h"

#define LOCAL 0x88b7 /* a protocol of this test */
#define CARDS 8u

static struct net *net;
static struct fake_dev *f[CARDS];
static u32 cards;

static char came[1024];
static struct out_mem told;

/* What the protocol was given: "br0:7 ", the number behind the type. */
static void local_rx(struct netdev *dev, struct skbq *q)
{
    for (u32 i = 0; i < q->n; i++) {
        CHECK(netdev_of(q->p[i]) == dev);
        out_text(&told.out, "%s:%u ", dev->port.name, q->p[i]->data[14]);
    }
    skbq_free(q);
}
ETHERTYPE(bridge_test, LOCAL, local_rx, NULL);

static void type(const char *line)
{
    if (typed(net, line))
        test_failed(__FILE__, __LINE__, "`%s` said %s", line, typed_said);
}

/* Cards eth0 ... with addresses 02:..:10, 11 ..., each its ring without an end. */
static void start(u32 n)
{
    net = net_first = net_new();
    cards = n;
    for (u32 i = 0; i < n; i++) {
        f[i] = fake_dev_new(net, "eth%u");
        f[i]->dev->mac.b[5] = f[i]->dev->perm_mac.b[5] = (u8)(0x10 + i);
        f[i]->dev->txq->dql.limit_min = f[i]->dev->txq->dql.limit_max = DQL_MAX;
        txq_reset(f[i]->dev, 0);
    }
    host_run();
    out_mem_init(&told, came, sizeof(came), false);
}

static void start_bridge(u32 n)
{
    char line[64];
    start(n);
    type("ip link add br0 type bridge");
    for (u32 i = 0; i < n; i++) {
        fmt(line, sizeof(line), "ip link set eth%u master br0", i);
        type(line);
    }
    type("ip link set br0 up");
    host_run();
}

static void end(void)
{
    WITH_CONF(link_del_all(net));
    for (u32 i = 0; i < cards; i++)
        fake_dev_end(f[i]);
    host_run();
    CHECK_EQ(skb_pool_used(skb_pool_of(net)), 0);
    net_free(net);
}

static struct netdev *dev(const char *name)
{
    return netdev_find(net, name);
}

static u64 drops(struct netdev *d, enum drop_reason why)
{
    return drop_read(net, &d->port, why, 0);
}

/* ---- frames: stations are numbered; 0xff is everybody, 0xee a group, below 0x20 what a card has ---- */

static struct macaddr mac_of(u32 station)
{
    struct macaddr all = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}, group = {{1, 0, 0x5e, 1, 2, 3}};
    struct macaddr one = {{2, 0, 0, (u8)(station >> 16), (u8)(station >> 8), (u8)station}};
    return station == 0xff ? all : station == 0xee ? group : one;
}

static u32 frame_to(u8 *frame, const struct macaddr *dst, const struct macaddr *src, u8 number)
{
    memset(frame, 0, 60);
    memcpy(frame, dst, 6);
    memcpy(frame + 6, src, 6);
    store_be16(frame + 12, LOCAL);
    frame[14] = number;
    return 60;
}

static void arrive(u32 card, u32 from, u32 to, u8 number)
{
    struct macaddr dst = mac_of(to), src = mac_of(from);
    u8 frame[60];
    fake_dev_arrive(f[card], frame, frame_to(frame, &dst, &src, number), 0);
}

/* Who sent what, since it was last asked: "0:7 2:7 ", card and number. */
static const char *sent(void)
{
    static char text[1024];
    struct out_mem m;
    out_mem_init(&m, text, sizeof(text), false);
    host_run();
    for (u32 i = 0; i < cards; i++) {
        for (u32 k = 0; k < f[i]->sent_n; k++)
            out_text(&m.out, "%u:%u ", i, f[i]->sent[k]->data[14]);
        fake_dev_complete(f[i], f[i]->sent_n);
    }
    host_run();
    return text;
}

static const char *here(void)
{
    static char text[sizeof(came)];
    str_copy(text, sizeof(text), came);
    out_mem_init(&told, came, sizeof(came), false);
    return text;
}

TEST(bridge_floods_and_learns)
{
    for (u32 n = 2; n <= CARDS; n++) {
        char all[64] = "";
        start_bridge(n);
        for (u32 i = 1; i < n; i++)
            fmt(all + strlen(all), 8, "%u:1 ", i);
        arrive(0, 100, 101, 1); /* nobody knows 101 */
        CHECK_STR(sent(), all);
        arrive(1, 101, 100, 2); /* 100 is known by now */
        CHECK_STR(sent(), "0:2 ");
        arrive(0, 100, 101, 3);
        CHECK_STR(sent(), "1:3 ");
        CHECK_STR(here(), "");
        arrive(0, 100, 0xff, 1); /* everybody, this machine too */
        CHECK_STR(sent(), all);
        CHECK_STR(here(), "br0:1 ");
        arrive(0, 100, 0xee, 1);
        CHECK_STR(sent(), all);
        CHECK_STR(here(), "br0:1 ");
        end();
    }
}

TEST(bridge_is_a_station)
{
    struct dev_total t;
    start_bridge(3);
    CHECK_EQ(dev("br0")->mac.b[5], 0x10); /* the lowest */
    arrive(2, 100, 0x10, 1);
    CHECK_STR(sent(), "");
    CHECK_STR(here(), "br0:1 ");
    netdev_total(dev("br0"), &t);
    CHECK_EQ(t.s.rx_packets, 1);
    CHECK_EQ(t.s.rx_bytes, 46);
    for (u32 to = 100; to < 102; to++) { /* out: to who is known, and to who is not */
        struct skbq q = {0};
        struct macaddr dst = mac_of(to), src = dev("br0")->mac;
        skbq_add(&q, skb_alloc(skb_pool_of(net)));
        frame_to(skb_put(q.p[0], 60), &dst, &src, (u8)to);
        softirq_off();
        dev_tx(dev("br0"), &q);
        softirq_on();
        CHECK_STR(sent(), to == 100 ? "2:100 " : "0:101 1:101 2:101 ");
    }
    netdev_total(dev("br0"), &t);
    CHECK_EQ(t.s.tx_packets, 2);
    CHECK_EQ(t.s.tx_bytes, 120);
    end();
}

/* A burst of several ways is parted, each in its order. */
TEST(bridge_parts_bursts)
{
    start_bridge(4);
    for (u32 i = 1; i < 4; i++)
        arrive(i, 100 + i, 0x10, 0);
    sent();
    here();
    f[0]->masked = true;
    for (u8 i = 1; i <= 12; i++)
        arrive(0, 100, i % 4 ? 100 + i % 4 : 0x10, i);
    napi_schedule(&f[0]->napi);
    CHECK_STR(sent(), "1:1 1:5 1:9 2:2 2:6 2:10 3:3 3:7 3:11 ");
    CHECK_STR(here(), "br0:4 br0:8 br0:12 ");
    end();
}

TEST(bridge_drops_by_name)
{
    struct macaddr group = mac_of(0xee), none = {{0}}, to = mac_of(100), link = {{1, 0x80, 0xc2, 0, 0, 0}};
    u8 frame[60];
    start_bridge(2);
    arrive(0, 100, 0x10, 1);
    arrive(0, 101, 100, 2); /* both at eth0 */
    CHECK_STR(sent(), "");
    CHECK_EQ(drops(f[0]->dev, DROP_BRIDGE_SAME_PORT), 1);
    fake_dev_arrive(f[1], frame, frame_to(frame, &to, &group, 3), 0);
    fake_dev_arrive(f[1], frame, frame_to(frame, &to, &none, 3), 0);
    CHECK_STR(sent(), "");
    CHECK_EQ(drops(f[1]->dev, DROP_BRIDGE_SOURCE), 2);
    here();
    for (u8 i = 0; i < 16; i++) { /* never to another link: the port's own protocols have them */
        struct macaddr src = mac_of(100);
        link.b[5] = i;
        fake_dev_arrive(f[0], frame, frame_to(frame, &link, &src, i), 0);
    }
    CHECK_STR(sent(), "");
    CHECK_STR(here(), "eth0:0 eth0:1 eth0:2 eth0:3 eth0:4 eth0:5 eth0:6 eth0:7 eth0:8 eth0:9 eth0:10 eth0:11 eth0:12 "
                      "eth0:13 eth0:14 eth0:15 ");
    type("ip link set eth1 nomaster");
    arrive(0, 100, 77, 4);
    CHECK_STR(sent(), "");
    CHECK_EQ(drops(f[0]->dev, DROP_BRIDGE_NO_PORT), 1);
    type("ip link set br0 down");
    arrive(0, 100, 77, 5);
    CHECK_STR(sent(), "");
    CHECK_EQ(drops(f[0]->dev, DROP_BRIDGE_PORT_OFF), 1);
    end();
}

/* ---- the table ---- */

static void after(u64 seconds)
{
    host_clock_advance(seconds * NS_PER_S);
    host_run();
}

static u64 count_of(const char *name)
{
    u64 n = 0;
    type("ethtool -S br0");
    const char *p = strstr(typed_said, name);
    CHECK(p);
    for (p += strlen(name) + 2; *p >= '0' && *p <= '9'; p++)
        n = n * 10 + (u64)(*p - '0');
    return n;
}

TEST(fdb_forgets)
{
    start_bridge(2);
    arrive(0, 100, 0x10, 1);
    host_run();
    after(200);
    arrive(0, 101, 0x10, 1);
    host_run();
    after(99);
    CHECK_EQ(count_of("fdb_learnt"), 2);
    arrive(1, 50, 100, 2); /* that it is looked for keeps nobody */
    CHECK_STR(sent(), "0:2 ");
    after(2);
    arrive(1, 50, 100, 3);
    CHECK_STR(sent(), "0:3 ");                /* flooded, by the only other port; */
    CHECK_EQ(count_of("fdb_learnt"), 2);      /* 101 and 50 */
    for (u32 i = 0; i < 10; i++, after(60)) { /* who is heard of stays */
        arrive(0, 101, 0x10, 1);
        host_run();
    }
    CHECK_EQ(count_of("fdb_learnt"), 1);
    type("ip link set br0 type bridge ageing_time 1000");
    after(2);
    CHECK_EQ(count_of("fdb_learnt"), 0); /* 60 s is too old now */
    arrive(0, 101, 0x10, 1);
    host_run();
    after(9);
    CHECK_EQ(count_of("fdb_learnt"), 1);
    after(3);
    CHECK_EQ(count_of("fdb_learnt"), 0);
    type("ip link set br0 type bridge ageing_time 0");
    arrive(0, 101, 0x10, 1);
    host_run();
    CHECK_EQ(count_of("fdb_learnt"), 0);
    end();
}

TEST(fdb_follows_a_station)
{
    start_bridge(3);
    arrive(0, 100, 0x10, 1);
    arrive(1, 101, 100, 2);
    CHECK_STR(sent(), "0:2 ");
    arrive(2, 100, 0x10, 3); /* it has moved */
    sent();
    arrive(1, 101, 100, 4);
    CHECK_STR(sent(), "2:4 ");
    CHECK_EQ(count_of("fdb_moves"), 1);
    arrive(1, 0x10, 101, 5); /* somebody has our address: we stay where we are */
    sent();
    CHECK_EQ(count_of("rx_own_address"), 1);
    here();
    arrive(1, 101, 0x10, 6);
    sent();
    CHECK_STR(here(), "br0:6 ");
    end();
}

/* Strangers make up addresses: so many are learnt, known ones stay known, and frames to the others are flooded. */
TEST(fdb_is_bounded)
{
    start_bridge(2);
    type("ip link set br0 type bridge fdb_max_learned 1000");
    arrive(1, 50, 0x10, 0);
    host_run();
    for (u32 i = 0; i < 2500; i++) {
        arrive(0, 0x10000 + i, 0x10, 0);
        if (i % 50 == 0)
            host_run();
    }
    host_run();
    here();
    CHECK_EQ(count_of("fdb_learnt"), 1000);
    CHECK_EQ(count_of("fdb_full"), 1501);
    arrive(0, 0x20000, 50, 1);
    CHECK_STR(sent(), "1:1 ");
    arrive(1, 50, 0x10000 + 2400, 2);
    CHECK_STR(sent(), "0:2 ");
    after(302);
    CHECK_EQ(count_of("fdb_learnt"), 0); /* and all is well again */
    arrive(0, 0x20000, 50, 1);
    host_run();
    CHECK_EQ(count_of("fdb_learnt"), 1);
    end();
}

/* What was learnt of a port goes with its link, what was said with the port alone. */
TEST(fdb_and_ports)
{
    start_bridge(2);
    type("bridge fdb add 02:00:00:00:00:c8 dev eth1 master static");
    arrive(1, 100, 0x10, 1);
    sent();
    CHECK_EQ(count_of("fdb_learnt"), 1);
    netdev_carrier(f[1]->dev, false);
    CHECK_EQ(count_of("fdb_learnt"), 0);
    arrive(0, 50, 200, 2);
    CHECK_STR(sent(), "");
    CHECK_EQ(drops(f[0]->dev, DROP_BRIDGE_PORT_OFF), 1);
    netdev_carrier(f[1]->dev, true);
    arrive(0, 50, 200, 3);
    CHECK_STR(sent(), "1:3 ");
    type("ip link set eth1 nomaster; ip link set eth1 master br0");
    TYPED(net, {"bridge fdb get 02:00:00:00:00:c8 br br0", 254, "Error: Fdb entry not found.\n"});
    end();
}

/* ---- ports ---- */

TEST(bridge_port_flags)
{
    start_bridge(3);
    type("bridge link set dev eth1 isolated on; bridge link set dev eth2 isolated on");
    arrive(1, 101, 0xff, 1);
    CHECK_STR(sent(), "0:1 ");
    arrive(2, 102, 101, 2);
    CHECK_STR(sent(), "");
    CHECK_EQ(drops(f[2]->dev, DROP_BRIDGE_ISOLATED), 1);
    arrive(0, 100, 101, 3);
    CHECK_STR(sent(), "1:3 ");
    type("bridge link set dev eth1 isolated off flood off");
    arrive(0, 100, 77, 4);
    CHECK_STR(sent(), "2:4 ");
    arrive(0, 100, 0xee, 5);
    CHECK_STR(sent(), "1:5 2:5 ");
    type("bridge link set dev eth1 mcast_flood off; bridge link set dev eth2 bcast_flood off");
    arrive(0, 100, 0xee, 6);
    CHECK_STR(sent(), "2:6 ");
    arrive(0, 100, 0xff, 7);
    CHECK_STR(sent(), "1:7 ");
    type("bridge link set dev eth0 learning off");
    arrive(0, 110, 0x10, 8);
    sent();
    arrive(2, 102, 110, 9); /* flooded where it is let */
    CHECK_STR(sent(), "0:9 ");
    type("bridge link set dev eth0 hairpin on");
    arrive(0, 100, 77, 10);
    CHECK_STR(sent(), "0:10 2:10 ");
    type("bridge link set dev eth0 state disabled");
    arrive(0, 100, 77, 11);
    CHECK_STR(sent(), "");
    CHECK_EQ(drops(f[0]->dev, DROP_BRIDGE_PORT_OFF), 1);
    arrive(2, 102, 0xff, 12);
    CHECK_STR(sent(), "1:12 ");
    type("bridge link set dev eth0 state 3");
    arrive(2, 102, 0xff, 13);
    CHECK_STR(sent(), "0:13 1:13 ");
    end();
}

static int any_mac(struct netdev *d, const struct macaddr *m)
{
    return 0;
}

TEST(bridge_is_as_its_ports)
{
    struct netdev_ops ops;
    start(3);
    ops = *f[0]->dev->ops;
    ops.set_mac = any_mac;
    f[0]->dev->ops = f[1]->dev->ops = &ops;
    type("ip link add br0 type bridge; ip link set br0 up");
    struct netdev *br = dev("br0");
    CHECK(!br->carrier);
    type("ip link set eth1 mtu 1400; ip link set eth1 master br0");
    CHECK(br->carrier);
    CHECK_EQ(br->mac.b[5], 0x11);
    CHECK_EQ(br->mtu, 1400);
    CHECK_EQ(f[1]->dev->promisc, 1);
    type("ip link set eth0 master br0; ip link set eth0 mtu 1300");
    CHECK_EQ(br->mac.b[5], 0x10);
    CHECK_EQ(br->mtu, 1300);
    type("ip link add link br0 name v type vlan id 5; ip link set v up");
    CHECK_EQ(dev("v")->level, 2);
    type("ip link set eth0 address 02:00:00:00:00:20");
    CHECK_EQ(br->mac.b[5], 0x11);
    CHECK_EQ(dev("v")->mac.b[5], 0x11);
    type("ip link set eth0 mtu 1350");
    CHECK_EQ(br->mtu, 1350);
    CHECK_EQ(dev("v")->mtu, 1300);
    netdev_carrier(f[0]->dev, false);
    CHECK(br->carrier && dev("v")->carrier);
    type("ip link set eth1 down");
    CHECK(!br->carrier && !dev("v")->carrier);
    netdev_carrier(f[0]->dev, true);
    CHECK(br->carrier && dev("v")->carrier);
    type("ip link set br0 mtu 1200 address 02:00:00:00:00:99"); /* its own, from now on */
    type("ip link set eth0 nomaster; ip link set eth1 mtu 1450");
    CHECK_EQ(br->mtu, 1200);
    CHECK_EQ(br->mac.b[5], 0x99);
    CHECK_EQ(f[0]->dev->promisc, 0);
    type("ip link del br0");
    CHECK(!dev("v") && !f[1]->dev->master && !f[1]->dev->promisc);
    end();
}

/* VLANs on a bridge, and a bridge of VLANs. */
TEST(bridge_and_vlans)
{
    u8 frame[64] = {0};
    struct macaddr all = mac_of(0xff), src = mac_of(100);
    start_bridge(2);
    type("ip link add link br0 name br0.5 type vlan id 5; ip link set br0.5 up");
    memcpy(frame, &all, 6);
    memcpy(frame + 6, &src, 6);
    store_be32(frame + 12, 0x81000005);
    store_be16(frame + 16, LOCAL);
    frame[18] = 7;
    fake_dev_arrive(f[0], frame, sizeof(frame), 0);
    host_run();
    CHECK_STR(here(), "br0.5:7 ");
    CHECK_EQ(f[1]->sent_n, 1);
    CHECK(!memcmp(f[1]->sent[0]->data, frame, sizeof(frame))); /* as it was, for all that its tag came off here */
    type("ip link del br0; ip link add br1 type bridge; ip link set br1 up");
    type("ip link add link eth0 name a type vlan id 5; ip link add link eth1 name b type vlan id 9");
    type("ip link set a up; ip link set b up; ip link set a master br1; ip link set b master br1");
    CHECK_EQ(dev("br1")->level, 2);
    fake_dev_arrive(f[0], frame, sizeof(frame), 0);
    host_run();
    CHECK_STR(here(), "br1:7 ");
    CHECK_EQ(f[1]->sent_n, 2);
    CHECK_EQ(load_be32(f[1]->sent[1]->data + 12), 0x81000009);
    TYPED(net, {"ip link set eth0 master br1", 2, "RTNETLINK answers: Device or resource busy\n"},
          {"ip link add link a name c type vlan id 5", 2, "RTNETLINK answers: Device or resource busy\n"});
    end();
}

/* Nothing stands upon itself, nor too high. */
TEST(bridge_nesting)
{
    start(2);
    type("ip link add br0 type bridge; ip link add br1 type bridge; ip link add link br0 name v type vlan id 5");
    TYPED(net, {"ip link set br0 master br1", 2, "RTNETLINK answers: Too many levels of symbolic links\n"},
          {"ip link set br0 master br0", 2, "RTNETLINK answers: Too many levels of symbolic links\n"},
          {"ip link set v master br0", 2, "RTNETLINK answers: Device or resource busy\n"},
          {"ip link set v master br1", 0, ""});
    CHECK_EQ(dev("br1")->level, 3);
    type("ip link add link br1 name w type vlan id 6");
    CHECK_EQ(dev("w")->level, 4);
    type("ip link add link eth0 name a type vlan id 1");
    TYPED(net, {"ip link set w master br0", 2, "RTNETLINK answers: Device or resource busy\n"},
          {"ip link set a master br0", 2, "RTNETLINK answers: Too many links\n"},
          {"ip link add link w name x type vlan id 1", 2, "RTNETLINK answers: Too many links\n"},
          {"ip link set eth0 master v", 2, "RTNETLINK answers: Operation not supported\n"},
          {"ip link set lo master br0", 1, NULL});
    CHECK_EQ(dev("br0")->level, 1);
    CHECK(!dev("a")->master && !dev("a")->handler && !dev("a")->promisc);
    type("ip link set v nomaster; ip link set a master br0");
    CHECK_EQ(dev("br0")->level, 2);
    CHECK_EQ(dev("v")->level, 3);
    CHECK_EQ(dev("br1")->level, 1);
    CHECK_EQ(dev("w")->level, 2);
    end();
}

TEST(bridge_port_goes)
{
    start_bridge(2);
    arrive(1, 101, 0x10, 1);
    sent();
    WITH_CONF(dev_down(f[1]->dev));
    napi_del(&f[1]->napi);
    WITH_CONF(netdev_del(f[1]->dev));
    arrive(0, 100, 101, 1);
    CHECK_STR(here(), "br0:1 ");
    cards = 1;
    CHECK_STR(sent(), "");
    CHECK_EQ(drops(f[0]->dev, DROP_BRIDGE_NO_PORT), 1);
    end();
}

/* What is large passes whole. */
TEST(bridge_large_frames)
{
    start(0);
    type("ip link add a0 type veth peer name a1; ip link add b0 type veth peer name b1");
    type("ip link add br0 type bridge; ip link set a1 master br0; ip link set b1 master br0");
    type("ip link set a0 up; ip link set a1 up; ip link set b0 up; ip link set b1 up; ip link set br0 up");
    WITH_CONF(dev_set_handler(dev("b0"), local_rx, NULL));
    struct skbq q = {0};
    struct macaddr dst = mac_of(2), src = mac_of(1);
    skbq_add(&q, skb_alloc(skb_pool_of(net)));
    frame_to(skb_put(q.p[0], 60), &dst, &src, 9);
    q.p[0]->gso = GSO_TCP4;
    q.p[0]->gso_size = 10;
    softirq_off();
    dev_tx(dev("a0"), &q);
    softirq_on();
    host_run();
    CHECK_STR(here(), "b0:9 ");
    end();
}

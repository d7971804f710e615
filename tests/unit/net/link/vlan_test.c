/* VLANs: which frames are whose, what tags become on the way in and out, how a VLAN follows the device below, and what
 * is said of one. */
#include "host/host.h"
#include "lib/string.h"
#include "net/dev/link_type.h"
#include "net/dev/rx.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/skb/cksum.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"
#include "tests/unit/net/dev/fake_dev.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/net/skb/packet.h"

#define LOCAL 0x88b5 /* IEEE's type for experiments: a protocol of this test */

static struct net *net;
static struct fake_dev *f, *g;

/* What the protocol was given: "eth0.10:7 " for each, the number that the frame has behind its type. */
static char came[512];
static struct out_mem told;
static u32 came_len; /* of the last */

static void local_rx(struct netdev *dev, struct skbq *q)
{
    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = q->p[i];
        CHECK(netdev_of(s) == dev);
        CHECK_EQ(s->flags & SKB_VLAN, 0);
        CHECK_EQ(load_be16(s->data + 12), LOCAL);
        CHECK_EQ(s->l3, skb_off(s) + 14);
        out_text(&told.out, "%s:%u", dev->port.name, s->data[14]);
        if (s->priority)
            out_text(&told.out, "(%u)", s->priority);
        out_text(&told.out, " ");
        came_len = s->len;
    }
    skbq_free(q);
}
ETHERTYPE(vlan_test, LOCAL, local_rx, NULL);

static void start(void)
{
    net = net_first = net_new();
    f = fake_dev_new(net, "eth%u");
    g = fake_dev_new(net, "eth%u");
    g->dev->mac.b[5] = g->dev->perm_mac.b[5] = 2;
    f->dev->txq->dql.limit_min = f->dev->txq->dql.limit_max = DQL_MAX;
    txq_reset(f->dev, 0);
    host_run();
    out_mem_init(&told, came, sizeof(came), false);
}

static void end(void)
{
    WITH_CONF(link_del_all(net));
    fake_dev_end(f);
    fake_dev_end(g);
    host_run();
    CHECK_EQ(skb_pool_used(skb_pool_of(net)), 0);
    net_free(net);
}

static void type(const char *line)
{
    if (typed(net, line))
        test_failed(__FILE__, __LINE__, "`%s` said %s", line, typed_said);
}

static struct netdev *dev(const char *name)
{
    return netdev_find(net, name);
}

/* A frame to eth0: tags from the outermost on, 0 ends them; each 8100, with bit 31 88a8. */
static void arrive(const u32 *tags, u8 number)
{
    u8 frame[80] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9};
    u32 at = 12;
    for (; *tags; tags++, at += 4) {
        store_be16(frame + at, *tags >> 31 ? 0x88a8 : 0x8100);
        store_be16(frame + at + 2, (u16)*tags);
    }
    store_be16(frame + at, LOCAL);
    frame[at + 2] = number;
    fake_dev_arrive(f, frame, at + 46 + 14 - 12, 0);
}
#define ARRIVE(number, ...) arrive((const u32[]){__VA_ARGS__, 0}, number)
#define QINQ                0x80000000u
#define SOME                0x10000u /* a tag of 0 is one too */

static u64 drops(struct netdev *d, enum drop_reason why)
{
    return drop_read(net, &d->port, why, 0);
}

TEST(vlan_sorts_what_comes)
{
    start();
    type("ip link add link eth0 name eth0.10 type vlan id 10; ip link add link eth0 name eth0.20 type vlan id 20");
    type("ip link set eth0.10 up; ip link set eth0.20 up");
    ARRIVE(1, 10);
    ARRIVE(2, 10 | 5u << 13);
    ARRIVE(3, 20);
    ARRIVE(4, 0);
    ARRIVE(5, 10 | 1u << 12);
    ARRIVE(6, 11);
    ARRIVE(7, SOME);
    ARRIVE(8, SOME | 3u << 13);
    ARRIVE(9, QINQ | 10);
    ARRIVE(10, 4095);
    host_run();
    CHECK_STR(came, "eth0.10:1 eth0.10:2 eth0.20:3 eth0:4 eth0.10:5 eth0:7 eth0:8 ");
    CHECK_EQ(drops(f->dev, DROP_VLAN_UNKNOWN), 3);
    struct dev_total t;
    netdev_total(dev("eth0.10"), &t);
    CHECK_EQ(t.s.rx_packets, 3);
    CHECK_EQ(t.s.rx_bytes, 3 * 46);
    netdev_total(f->dev, &t);
    CHECK_EQ(t.s.rx_packets, 10);
    CHECK_EQ(t.s.multicast, 0);
    CHECK_EQ(came_len, 60);
    end();
}

/* A tag that the device took out is a tag: it does not make the frame the device's own. */
TEST(vlan_tag_beside_the_bytes)
{
    static const u16 tags[] = {10, 11, 0, 0x8000};
    start();
    type("ip link add link eth0 name eth0.10 type vlan id 10; ip link set eth0.10 up");
    for (u32 i = 0; i < ARRAY_LEN(tags); i++) {
        f->masked = true;
        arrive((const u32[]){0}, (u8)i);
        struct rxbuf *b = &f->ring[(f->tail - 1) % FAKE_RING];
        b->flags |= RXBUF_VLAN;
        b->vlan_tci = tags[i];
        b->vlan_type = 0x8100;
    }
    napi_schedule(&f->napi);
    host_run();
    CHECK_STR(came, "eth0.10:0 eth0:2 eth0:3 ");
    CHECK_EQ(drops(f->dev, DROP_VLAN_UNKNOWN), 1);
    type("ip link set eth0.10 down");
    ARRIVE(7, 10);
    host_run();
    CHECK_EQ(drops(f->dev, DROP_DEV_DOWN), 1);
    CHECK_STR(came, "eth0.10:0 eth0:2 eth0:3 ");
    end();
}

/* Without a VLAN at all; what is cut short behind its type is nobody's. */
TEST(vlan_none_and_short)
{
    start();
    ARRIVE(1, 10);
    ARRIVE(2, SOME);
    u8 frame[16] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 0x81, 0, 0, 10};
    fake_dev_arrive(f, frame, sizeof(frame), 0);
    host_run();
    CHECK_STR(came, "eth0:2 ");
    CHECK_EQ(drops(f->dev, DROP_VLAN_UNKNOWN), 1);
    CHECK_EQ(drops(f->dev, DROP_VLAN_SHORT), 1);
    end();
}

TEST(vlan_zero_and_stacked)
{
    start();
    type("ip link add link eth0 name p type vlan id 0 ingress-qos-map 3:30 7:70");
    type("ip link add link eth0 name s protocol 802.1ad type vlan 2>/dev/null || true");
    type("ip link add link eth0 name s type vlan id 100 protocol 802.1ad");
    type("ip link add link s name s.10 type vlan id 10");
    type("ip link set p up; ip link set s up; ip link set s.10 up");
    ARRIVE(1, SOME | 3u << 13);
    ARRIVE(2, QINQ | 100);
    ARRIVE(3, QINQ | 100, 10);
    ARRIVE(4, QINQ | 100, 11);
    ARRIVE(5, QINQ | 100, SOME);
    ARRIVE(6, 100, 10);
    host_run();
    CHECK_STR(came, "p:1(30) s:2 s.10:3 s:5 ");
    CHECK_EQ(drops(dev("s"), DROP_VLAN_UNKNOWN), 1);
    CHECK_EQ(drops(f->dev, DROP_VLAN_UNKNOWN), 1);
    end();
}

/* ---- the way out ---- */

static void send_by(struct netdev *d, u32 priority)
{
    struct skbq q = {0};
    struct skb *s = skb_alloc(skb_pool_of(net));
    u8 *p = memset(skb_put(s, 60), 0, 60);
    store_be16(p + 12, LOCAL);
    p[11] = 9;
    s->priority = priority;
    skbq_add(&q, s);
    softirq_off();
    dev_tx(d, &q);
    softirq_on();
    CHECK_EQ(q.n, 0);
}

TEST(vlan_tags_what_goes)
{
    start();
    type("ip link add link eth0 name a type vlan id 10 egress-qos-map 1:7 9:3; ip link set a up");
    type("ip link add link eth0 name s type vlan id 100 protocol 802.1ad; ip link add link s name b type vlan id 20");
    type("ip link set s up; ip link set b up");
    send_by(dev("a"), 0);
    send_by(dev("a"), 9);
    send_by(dev("b"), 9);
    CHECK_EQ(f->sent_n, 3);
    CHECK_EQ(load_be32(f->sent[0]->data + 12), 0x8100000a);
    CHECK_EQ(load_be16(f->sent[0]->data + 16), LOCAL);
    CHECK_EQ(f->sent[0]->len, 64);
    CHECK_EQ(f->sent[0]->data[11], 9);
    CHECK_EQ(load_be32(f->sent[1]->data + 12), 0x8100600a);
    CHECK_EQ(load_be64(f->sent[2]->data + 12), 0x88a8006481000014);
    struct dev_total t;
    netdev_total(dev("a"), &t);
    CHECK_EQ(t.s.tx_packets, 2);
    CHECK_EQ(t.s.tx_bytes, 120);
    f->dev->features |= DEV_F_VLAN_TX; /* the device puts in one that it knows */
    send_by(dev("a"), 1);
    send_by(dev("b"), 0);
    CHECK_EQ(f->sent[3]->flags & SKB_VLAN, SKB_VLAN);
    CHECK_EQ(f->sent[3]->vlan_tci, 0xe00a);
    CHECK_EQ(load_be16(f->sent[3]->data + 12), LOCAL);
    CHECK_EQ(load_be64(f->sent[4]->data + 12), 0x88a8006481000014);
    end();
}

/* A frame that fills the MTU goes, with both tags. */
TEST(vlan_mtu_counts_no_tags)
{
    start();
    type("ip link add link eth0 name s type vlan id 100 protocol 802.1ad; ip link add link s name b type vlan id 20");
    type("ip link set s up; ip link set b up");
    struct skbq q = {0};
    skbq_add(&q, skb_alloc(skb_pool_of(net)));
    memset(skb_put(q.p[0], 1514), 0, 1514);
    softirq_off();
    dev_tx(dev("b"), &q);
    softirq_on();
    CHECK_EQ(f->sent_n, 1);
    CHECK_EQ(f->sent[0]->len, 1522);
    end();
}

/* What is large stays so down to the device, which has it cut; each frame has the tags, and a right checksum. */
TEST(vlan_large_frames)
{
    static u8 frame[70000];
    start();
    type("ip link add link eth0 name s type vlan id 100; ip link add link s name b type vlan id 20");
    type("ip link set s up; ip link set b up");
    for (u32 tso = 0; tso < 2; tso++) {
        struct packet p = {.payload = 14000, .tcp_options = 12, .flags = 0x10};
        struct skb *s = packet_skb(skb_pool_of(net), frame, packet_build(&p, frame), 2000);
        CHECK_EQ(skb_parse(s), DROP_NOT);
        s->gso = GSO_TCP4;
        s->gso_size = 1400;
        cksum_begin(s, 6);
        struct skbq q = {.n = 1, .p = {s}};
        u32 before = f->sent_n;
        softirq_off();
        dev_tx(dev("b"), &q);
        softirq_on();
        CHECK_EQ(f->sent_n - before, tso ? 1 : 10);
        for (u32 i = before; i < f->sent_n; i++) {
            s = f->sent[i];
            CHECK_EQ(load_be64(s->data + 12), 0x8100006481000014);
            CHECK_EQ(s->len, 14 + 8 + 20 + 32 + (tso ? 14000 : 1400));
            if (tso)
                continue;
            CHECK_EQ(skb_parse(s), DROP_NOT);
            s->cksum = CKSUM_NONE;
            CHECK(cksum_ok(s));
        }
        f->dev->features |= DEV_F_TX_CSUM | DEV_F_TSO4;
    }
    end();
}

/* ---- as the one below ---- */

TEST(vlan_follows_the_one_below)
{
    start();
    type("ip link set eth0 down; ip link add link eth0 name v type vlan id 10; ip link add link v name w type vlan id "
         "1");
    struct netdev *v = dev("v"), *w = dev("w");
    TYPED(net, {"ip link set v up", 2, "RTNETLINK answers: Network is down\n"});
    CHECK(!v->carrier);
    type("ip link set eth0 up");
    CHECK((v->flags & DEV_UP) && v->carrier && (w->flags & DEV_UP) && w->carrier);
    softirq_off();
    netdev_carrier(f->dev, false); /* as drivers tell of it */
    softirq_on();
    CHECK(!v->carrier && !w->carrier);
    TYPED(net, {"ip link show v", 0,
                "4: v@eth0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state LOWERLAYERDOWN mode "
                "DEFAULT group default qlen 1000\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n"});
    netdev_carrier(f->dev, true);
    CHECK(v->carrier && w->carrier);
    type("ip link set w down; ip link set eth0 mtu 1400");
    CHECK_EQ(v->mtu, 1400);
    CHECK_EQ(w->mtu, 1400);
    CHECK(!w->carrier);
    TYPED(net, {"ip link set v mtu 1401", 2, "RTNETLINK answers: Numerical result out of range\n"});
    type("ip link set eth0 mtu 1600");
    CHECK_EQ(v->mtu, 1400);
    f->dev->hw_features |= DEV_F_TX_CSUM | DEV_F_TSO4 | DEV_F_RX_CSUM;
    type("ethtool -K eth0 tx on tso on rx on");
    CHECK_EQ(v->features, DEV_F_SG | DEV_F_GSO | DEV_F_TX_CSUM | DEV_F_TSO4);
    CHECK_EQ(w->features, v->features);
    CHECK_EQ(typed(net, "ethtool -K v tx-tcp-segmentation off"), 1);
    type("ethtool -K eth0 tso off");
    CHECK_EQ(v->features, DEV_F_SG | DEV_F_GSO | DEV_F_TX_CSUM);
    type("ip link set eth0 down");
    CHECK(!(v->flags & DEV_UP) && !v->carrier);
    end();
}

static int any_mac(struct netdev *d, const struct macaddr *m)
{
    return 0;
}

TEST(vlan_asks_the_one_below)
{
    struct netdev_ops ops;
    const struct macaddr group = {{1, 0, 0x5e, 0, 0, 1}}, other = {{1, 0, 0x5e, 0, 0, 2}};
    start();
    ops = *f->dev->ops;
    ops.set_mac = any_mac;
    f->dev->ops = &ops;
    type("ip link add link eth0 name v type vlan id 10; ip link set v up");
    struct netdev *v = dev("v"), *eth0 = f->dev;
    WITH_CONF(dev_multicast_add(v, &group));
    WITH_CONF(dev_multicast_add(eth0, &group));
    WITH_CONF(dev_multicast_add(v, &other));
    CHECK_EQ(eth0->multicast_n, 2);
    type("ip link set v promisc on allmulticast on");
    CHECK_EQ(eth0->promisc, 1);
    CHECK_EQ(eth0->allmulti, 1);
    type("ip link set v down");
    CHECK_EQ(eth0->promisc + eth0->allmulti, 0);
    CHECK_EQ(eth0->multicast_n, 1);
    type("ip link set v up promisc off; ip link set v allmulticast off");
    CHECK_EQ(eth0->promisc + eth0->allmulti, 0);
    CHECK_EQ(eth0->multicast_n, 2);
    WITH_CONF(dev_multicast_del(v, &other));
    CHECK_EQ(eth0->multicast_n, 1);
    type("ip link set eth0 address 02:00:00:00:00:55"); /* goes along */
    CHECK_EQ(v->mac.b[5], 0x55);
    CHECK_EQ(eth0->promisc, 0);
    type("ip link set v address 02:00:00:00:00:66"); /* its own: those frames come in another way */
    CHECK_EQ(eth0->promisc, 1);
    type("ip link set eth0 address 02:00:00:00:00:56");
    CHECK_EQ(v->mac.b[5], 0x66);
    type("ip link set eth0 address 02:00:00:00:00:66");
    CHECK_EQ(eth0->promisc, 0);
    WITH_CONF(dev_multicast_del(eth0, &group));
    CHECK_EQ(eth0->multicast_n, 1); /* v's */
    WITH_CONF(dev_multicast_del(v, &group));
    end();
}

/* Packets are the VLANs' or the handler's. */
TEST(vlan_or_handler)
{
    start();
    type("ip link add link eth0 name v type vlan id 10");
    CHECK_EQ(typed(net, "weir xconnect eth0 eth1"), 1);
    type("ip link del v; weir xconnect eth0 eth1");
    TYPED(net, {"ip link add link eth0 name v type vlan id 10", 2, "RTNETLINK answers: Device or resource busy\n"});
    type("weir xconnect del eth0; ip link add link eth0 name v type vlan id 10; ip link add link eth0 name w type vlan "
         "id 11");
    type("weir xconnect v eth1"); /* that goes: untagged there */
    ARRIVE(5, 10);
    host_run();
    CHECK_EQ(g->sent_n, 1);
    CHECK_EQ(load_be16(g->sent[0]->data + 12), LOCAL);
    type("ip link del v"); /* and parts them */
    TYPED(net, {"weir xconnect", 0, ""});
    CHECK_EQ(g->dev->promisc, 0);
    end();
}

/* The one below goes, and takes all that stands on it along. */
TEST(vlan_goes_with_the_one_below)
{
    start();
    type("ip link add link eth1 name v type vlan id 10; ip link add link v name w type vlan id 4094");
    type("ip link add link eth1 name x type vlan id 4094; ip link set v up; ip link set w up");
    WITH_CONF(dev_down(g->dev));
    napi_del(&g->napi);
    WITH_CONF(netdev_del(g->dev));
    CHECK(!dev("v") && !dev("w") && !dev("x"));
    g = fake_dev_new(net, "eth%u");
    end();
}

/* ---- words ---- */

#define PROC                                                                                                   \
    "a  VID: 10\t REORDER_HDR: 1  dev->priv_flags: 1\n         total frames received            0\n"           \
    "          total bytes received            0\n      Broadcast/Multicast Rcvd            0\n\n"             \
    "      total frames transmitted            0\n       total bytes transmitted            0\nDevice: eth0\n" \
    "INGRESS priority mappings: 0:0  1:5  2:0  3:0  4:0  5:0  6:0 7:0\n EGRESS priority mappings: 6:7 \n"

TEST(vlan_is_shown_as_iproute2)
{
    start();
    type("ip link add link eth0 name eth0.5 type vlan id 5");
    type("ip link add link eth0 a up type vlan protocol 802.1ad id 10 ingress-qos-map 1:5 egress-qos-map 6:7");
    TYPED(net,
          {"ip -d link show eth0.5", 0,
           "4: eth0.5@eth0: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN mode DEFAULT group default qlen 1000\n"
           "    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0 minmtu 0 maxmtu 65535 \n"
           "    vlan protocol 802.1Q id 5 <REORDER_HDR> numtxqueues 1 numrxqueues 1 \n"},
          {"ip -d link show type vlan dev a | tail -n +3", 0,
           "    vlan protocol 802.1ad id 10 <REORDER_HDR> \n      ingress-qos-map { 1:5 } \n"
           "      egress-qos-map { 6:7 } numtxqueues 1 numrxqueues 1 \n"},
          {"ip -br link show type vlan", 0,
           "eth0.5@eth0      DOWN           02:00:00:00:00:01 <BROADCAST,MULTICAST> \n"
           "a@eth0           UP             02:00:00:00:00:01 <BROADCAST,MULTICAST,UP,LOWER_UP> \n"},
          {"ip -j link show eth0.5", 0,
           "[{\"ifindex\":4,\"link\":\"eth0\",\"ifname\":\"eth0.5\",\"flags\":[\"BROADCAST\",\"MULTICAST\"],\"mtu\":"
           "1500,\"qdisc\":\"noop\",\"operstate\":\"DOWN\",\"linkmode\":\"DEFAULT\",\"group\":\"default\",\"txqlen\":"
           "1000,\"link_type\":\"ether\",\"address\":\"02:00:00:00:00:01\",\"broadcast\":\"ff:ff:ff:ff:ff:ff\"}]\n"},
          {"cat /proc/net/vlan/config", 0,
           "VLAN Dev name\t | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\n"
           "eth0.5         | 5  | eth0\na              | 10  | eth0\n"},
          {"cat /proc/net/vlan/a", 0, PROC}, {"cat /sys/class/net/a/iflink /sys/class/net/eth0/iflink", 0, "2\n2\n"},
          {"cat /sys/class/net/a/operstate", 0, "up\n"});
    CHECK_EQ(typed(net, "cat /proc/net/vlan/eth0"), 1);
    CHECK_EQ(typed(net, "ip -j -d link show a"), 0);
    CHECK(strstr(typed_said, "\"linkinfo\":{\"info_kind\":\"vlan\",\"info_data\":{\"protocol\":\"802.1ad\",\"id\":10,"
                             "\"flags\":[\"REORDER_HDR\"],\"ingress_qos\":[{\"from\":1,\"to\":5}],"
                             "\"egress_qos\":[{\"from\":6,\"to\":7}]}}"));
    end();
}

TEST(vlan_wrong_words)
{
    start();
    type("ip link add link eth0 name v type vlan id 5");
    TYPED(net, {"ip link add name x type vlan id 5", 2, "Error: 8021q: link not specified.\n"},
          {"ip link add link eth0 name x type vlan", 2, "Error: 8021q: VLAN properties not specified.\n"},
          {"ip link add link eth0 name x type vlan protocol 802.1q", 2, "Error: 8021q: VLAN id not specified.\n"},
          {"ip link add link eth0 name x type vlan id 4095", 2, "Error: 8021q: Invalid VLAN id.\n"},
          {"ip link add link eth0 name x type vlan id y", 255, "Error: argument \"y\" is wrong: id is invalid\n"},
          {"ip link add link eth0 name x type vlan id", 255, "Command line is not complete. Try option \"help\"\n"},
          {"ip link add link eth0 name x type vlan id 5", 2, "Error: 8021q: VLAN device already exists.\n"},
          {"ip link add link eth0 name v type vlan id 6", 2, "RTNETLINK answers: File exists\n"},
          {"ip link add link eth9 name x type vlan id 6", 1, "Cannot find device \"eth9\"\n"},
          {"ip link add link eth0 name x type vlan id 6 protocol 5", 255,
           "Error: argument \"5\" is wrong: protocol is invalid\n"},
          {"ip link add link eth0 name x type vlan id 6 foo", 255, "vlan: unknown command \"foo\"?\n"},
          {"ip link add link eth0 name x type vlan id 6 gvrp on", 255,
           "Error: argument \"gvrp\" is wrong: no VLAN here has it\n"},
          {"ip link add link eth0 name x type vlan id 6 reorder_hdr off", 255,
           "Error: argument \"off\" is wrong: a VLAN's header is always in order here\n"},
          {"ip link add link eth0 name x type vlan id 6 egress-qos-map 1:8", 255,
           "Error: argument \"1:8\" is wrong: invalid egress-qos-map\n"},
          {"ip link add link eth0 name x type vlan id 6 ingress-qos-map 8:1", 255,
           "Error: argument \"8:1\" is wrong: invalid ingress-qos-map\n"},
          {"ip link add link eth0 name x mtu 1501 type vlan id 6", 2, "RTNETLINK answers: Invalid argument\n"},
          {"ip link add link eth0 name x txqueuelen 5 alias y type vlan id 6", 255,
           "Error: argument \"alias\" is wrong: it is not chosen when a device is added here\n"},
          {"ip link add link eth0 x y type vlan id 6", 255,
           "Error: either \"dev\" is duplicate, or \"y\" is a garbage.\n"},
          {"ip link add link eth0 address 01:00:00:00:00:01 x type vlan id 6", 2,
           "RTNETLINK answers: Cannot assign requested address\n"},
          {"ip link add link eth0 type vlan id 6 reorder_hdr on", 0, ""},
          {"ip link del vlan0 type dummy", 2, "RTNETLINK answers: Invalid argument\n"},
          {"ip link del vlan0 type vlan", 0, ""}, {"ip link show type vlan | wc -l", 0, "2\n"});
    type("ip link add link v name 1 type vlan id 1; ip link add link 1 name 2 type vlan id 1; "
         "ip link add link 2 name 3 type vlan id 1");
    TYPED(net, {"ip link add link 3 name 4 type vlan id 1", 2, "RTNETLINK answers: Too many links\n"});
    end();
}

/* There is nothing that interrupts, no ring, no wire of its own. */
TEST(vlan_has_nothing_of_a_card)
{
    start();
    type("ip link add link eth0 name v type vlan id 5");
    TYPED(net, {"ethtool -c v", 1, "netlink error: Operation not supported\n"},
          {"ethtool -C v rx-usecs 5", 1, "netlink error: Operation not supported\n"},
          {"ethtool -g v", 1, "netlink error: Operation not supported\n"},
          {"ethtool -a v", 1, "netlink error: Operation not supported\n"},
          {"ethtool -l v", 1, "netlink error: Operation not supported\n"},
          {"ethtool -i v | head -n 1", 0, "driver: 802.1Q VLAN Support\n"});
    end();
}

TEST(vlan_dump_makes_the_same)
{
    static char first[2048];
    start();
    type(
        "ip link set eth0 name wan; ip link set wan mtu 9000; ip link add link wan name 'w 1' type vlan id 10 || true");
    type("ip link add link wan name w1 type vlan id 10 egress-qos-map 1:2 3:4 ingress-qos-map 0:9");
    type(
        "ip link add link w1 name w2 address 02:00:00:00:00:77 mtu 8000 up type vlan id 20 protocol 802.1ad 2>/dev/null"
        "|| ip link add link w1 name w2 address 02:00:00:00:00:77 mtu 8000 type vlan id 20 protocol 802.1ad");
    type("ip link add dummy0 type dummy; ip link add a type veth peer name b; ip link set b mtu 1300 up; "
         "ip link set w1 up; ip link set w2 down");
    type("dump | grep -v '^#'");
    str_copy(first, sizeof(first), typed_said);
    CHECK(strstr(first, "ip link add link wan name w1 type vlan id 10 ingress-qos-map 0:9 egress-qos-map 1:2 3:4\n"));
    CHECK(strstr(first, "ip link add link w1 name w2 type vlan protocol 802.1ad id 20\n"
                        "ip link set dev w2 address 02:00:00:00:00:77 mtu 8000\n"));
    CHECK(strstr(first, "ip link add name a type veth peer name b\nip link set dev b mtu 1300 up\n"));
    end();
    start();
    type(first);
    CHECK_STR(typed_said, "");
    TYPED(net, {"dump | grep -v '^#'", 0, first});
    end();
}

/* Whichever allocation fails, the line is done or not done. */
TEST(vlan_without_memory)
{
    start();
    for (u64 n = 1;; n++) {
        host_mem_fail_at(n);
        int status = typed(net, "ip link add link eth0 name v up type vlan id 7");
        bool failed = host_mem_failed();
        host_mem_fail_at(0);
        CHECK_EQ(status == 0, dev("v") != NULL);
        if (!status)
            CHECK(dev("v")->flags & DEV_UP);
        if (!failed)
            break;
        if (dev("v"))
            type("ip link del v");
        CHECK(!f->dev->vlans);
    }
    end();
}

/* Pairs of devices, and dummies: what goes in one end, and where it comes out; `ip link add` of both. */
#include "host/host.h"
#include "lib/string.h"
#include "net/dev/link_type.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/skb/pool.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/with_conf.h"

static struct net *net;
static struct skb *came[64];
static u32 came_n, within_tx;

static void take(struct netdev *dev, struct skbq *q)
{
    CHECK_EQ(within_tx, 0);
    for (u32 i = 0; i < q->n; i++) {
        CHECK(netdev_of(q->p[i]) == dev);
        came[came_n++] = q->p[i];
    }
    q->n = 0;
}

static void start(void)
{
    net = net_first = net_new();
    came_n = 0;
}

static void end(void)
{
    softirq_off();
    while (came_n)
        skb_free(came[--came_n]);
    softirq_on();
    WITH_CONF(link_del_all(net));
    CHECK_EQ(skb_pool_used(skb_pool_of(net)), 0);
    host_run();
    net_free(net);
}

static void send_by(struct netdev *dev, u32 n)
{
    struct skbq q = {0};
    softirq_off();
    for (u32 i = 0; i < n; i++) {
        struct skb *s = skb_alloc(skb_pool_of(net));
        *(u32 *)skb_put(s, 60) = i;
        s->route = s->conn = &q;
        s->gso = GSO_TCP4;
        s->gso_size = 10;
        s->cksum = CKSUM_PARTIAL;
        s->priority = 5;
        s->flags |= SKB_VLAN;
        s->vlan_tci = 9;
        skbq_add(&q, s);
    }
    within_tx = 1;
    dev_tx(dev, &q);
    within_tx = 0;
    softirq_on();
    host_run();
}

static struct netdev *dev(const char *name)
{
    return netdev_find(net, name);
}

TEST(veth_what_goes_in_comes_out)
{
    struct dev_total t;
    start();
    CHECK_EQ(typed(net, "ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up"), 0);
    struct netdev *a = dev("v0"), *b = dev("v1");
    CHECK_EQ(WITH_CONF(dev_set_handler(b, take, NULL)), 0);
    send_by(a, 60);
    CHECK_EQ(came_n, 60);
    for (u32 i = 0; i < came_n; i++) {
        CHECK_EQ(*(u32 *)came[i]->data, i);
        CHECK(!came[i]->route && !came[i]->conn && !came[i]->priority);
        CHECK_EQ(came[i]->gso, GSO_TCP4);
        CHECK_EQ(came[i]->cksum, CKSUM_PARTIAL);
        CHECK_EQ(came[i]->vlan_tci, 9);
    }
    netdev_total(a, &t);
    CHECK_EQ(t.s.tx_packets, 60);
    CHECK_EQ(t.s.rx_packets, 0);
    netdev_total(b, &t);
    CHECK_EQ(t.s.rx_packets, 60);
    CHECK_EQ(t.s.rx_bytes, 3600);
    WITH_CONF(dev_down(b));
    send_by(a, 2);
    CHECK_EQ(drop_read(net, &a->port, DROP_TX_NO_CARRIER, 0), 2);
    end();
}

#define MACS "address 02:00:00:00:00:01"
#define BRD  "    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff"

/* As Linux answers, but for the lots. */
TEST(veth_words)
{
    start();
    TYPED(
        net, {"ip link add v0 " MACS " type veth peer name v1 mtu 1300 address 02:00:00:00:00:02", 0, ""},
        {"ip link show v0", 0,
         "3: v0@v1: <BROADCAST,MULTICAST,M-DOWN> mtu 1500 qdisc noop state DOWN mode DEFAULT group default qlen "
         "1000\n" BRD "\n"},
        {"ip link set v0 up", 0, ""},
        {"ip link show v0", 0,
         "3: v0@v1: <NO-CARRIER,BROADCAST,MULTICAST,UP,M-DOWN> mtu 1500 qdisc noqueue state LOWERLAYERDOWN mode "
         "DEFAULT "
         "group default qlen 1000\n" BRD "\n"},
        {"ip link set v1 up", 0, ""},
        {"ip -d link show v1", 0,
         "2: v1@v0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1300 qdisc noqueue state UP mode DEFAULT group default qlen "
         "1000\n    link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0 minmtu 68 maxmtu "
         "65535 "
         "\n    veth numtxqueues 1 numrxqueues 1 \n"},
        {"ip link add v0 type veth", 2, "RTNETLINK answers: File exists\n"},
        {"ip link add v5 type veth peer name v0", 2, "RTNETLINK answers: File exists\n"},
        {"ip link add v5 type veth peer name v5", 2, "RTNETLINK answers: File exists\n"},
        {"ip link add v5 type veth foo", 1,
         "Usage: ip link <options> type veth [peer <options>]\nTo get <options> type 'ip link add help'\n"},
        {"ip link add v5 mtu 10 type veth", 2, "RTNETLINK answers: Invalid argument\n"},
        {"ip link add v5 type veth peer mtu 10", 2, "RTNETLINK answers: Invalid argument\n"},
        {"ip link add v5 " MACS " mtu 100000 type veth", 2, "RTNETLINK answers: Invalid argument\n"},
        {"ip link add v5", 1, "Not enough information: \"type\" argument is required\n"},
        {"ip link add type veth; ip -br link show type veth | cut -c 1-16", 0,
         "v1@v0           \nv0@v1           \nveth0@veth1     \nveth1@veth0     \n"},
        {"ip link del veth1; ip link del v1; ip link", 0, ""});
    end();
}

TEST(dummy_takes_all)
{
    struct dev_total t;
    start();
    TYPED(
        net, {"ip link add dummy0 " MACS " up type dummy", 0, ""},
        {"ip -d link show type dummy", 0,
         "2: dummy0: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc noqueue state UNKNOWN mode DEFAULT group default "
         "qlen "
         "1000\n" BRD " promiscuity 0  allmulti 0 minmtu 0 maxmtu 65535 \n    dummy numtxqueues 1 numrxqueues 1 \n"},
        {"ip link add dummy1 type dummy foo", 255, "Garbage instead of arguments \"foo ...\". Try \"ip link help\".\n"},
        {"cat /sys/class/net/dummy0/operstate", 0, "unknown\n"});
    send_by(dev("dummy0"), 7);
    netdev_total(dev("dummy0"), &t);
    CHECK_EQ(t.s.tx_packets, 7);
    CHECK_EQ(t.s.tx_bytes, 420);
    CHECK_EQ(t.tx_dropped, 0);
    end();
}

/* Whichever allocation fails, there are both or none. */
TEST(veth_without_memory)
{
    start();
    for (u64 n = 1;; n++) {
        host_mem_fail_at(n);
        int status = typed(net, "ip link add v0 type veth peer name v1; ip link add d type dummy");
        bool failed = host_mem_failed();
        host_mem_fail_at(0);
        CHECK_EQ(dev("v0") != NULL, dev("v1") != NULL);
        CHECK(!status == !!dev("d"));
        WITH_CONF(link_del_all(net));
        if (!failed)
            break;
    }
    end();
}

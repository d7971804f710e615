/* The loopback device: there first, down; what goes out comes in again, in order, whole. */
#include "net/dev/loopback.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/conf.h"
#include "net/dev/backlog.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/net.h"
#include "net/skb/pool.h"
#include "tests/unit/net/dev/fake_dev.h"

static struct net *net;
static struct netdev *lo;
static struct skb *came[64];
static u32 came_n, within_tx;

static void take(struct netdev *dev, struct skbq *q)
{
    CHECK_EQ(within_tx, 0);
    for (u32 i = 0; i < q->n; i++)
        came[came_n++] = q->p[i];
    q->n = 0;
}

static void start(void)
{
    net = net_first = net_bring_up();
    lo = netdev_find(net, "lo");
    came_n = 0;
    conf_enter();
    CHECK_EQ(dev_set_handler(lo, take, NULL), 0);
    conf_leave();
}

static void end(void)
{
    softirq_off();
    for (u32 i = 0; i < came_n; i++)
        skb_free(came[i]);
    softirq_on();
    conf_enter();
    dev_set_handler(lo, NULL, NULL);
    conf_leave();
    net_take_down(net);
    host_run();
}

static void send(u32 n)
{
    struct skbq q = {0};
    softirq_off();
    for (u32 i = 0; i < n; i++) {
        struct skb *s = skb_alloc(skb_pool_of(net));
        *(u32 *)skb_put(s, 60) = i;
        s->route = s->conn = &q; /* of the way out */
        s->gso = GSO_TCP4;
        s->gso_size = 10;
        s->cksum = CKSUM_PARTIAL;
        skbq_add(&q, s);
    }
    within_tx = 1;
    dev_tx(lo, &q);
    within_tx = 0;
    softirq_on();
    host_run();
}

TEST(loopback_is_the_first_and_down)
{
    start();
    CHECK_EQ(lo->port.index, 1);
    CHECK_EQ(lo->flags, DEV_LOOPBACK);
    CHECK_EQ(lo->mtu, 65536);
    CHECK_EQ(lo->type, DEV_TYPE_LOOPBACK);
    CHECK(netdev_next(net, NULL) == lo);
    struct fake_dev *f = fake_dev_new(net, "eth%u");
    CHECK_STR(f->dev->port.name, "eth0");
    CHECK_EQ(f->dev->port.index, 2);
    CHECK_EQ(f->dev->type, DEV_TYPE_ETHER);
    conf_enter();
    CHECK_EQ(loopback_add(net), -EEXIST);
    conf_leave();
    fake_dev_end(f);
    send(3);
    CHECK_EQ(came_n, 0);
    CHECK_EQ(drop_read(net, &lo->port, DROP_TX_DOWN, 0), 3);
    end();
}

TEST(loopback_comes_back_whole)
{
    struct dev_total t;
    start();
    conf_enter();
    CHECK_EQ(dev_up(lo), 0);
    conf_leave();
    CHECK_EQ(lo->flags, DEV_LOOPBACK | DEV_UP);
    send(60);
    CHECK_EQ(came_n, 60);
    for (u32 i = 0; i < came_n; i++) {
        CHECK_EQ(*(u32 *)came[i]->data, i);
        CHECK(netdev_of(came[i]) == lo);
        CHECK(!came[i]->route && !came[i]->conn);
        CHECK_EQ(came[i]->gso, GSO_TCP4);
        CHECK_EQ(came[i]->cksum, CKSUM_PARTIAL);
    }
    netdev_total(lo, &t);
    CHECK_EQ(t.s.rx_packets, 60);
    CHECK_EQ(t.s.tx_packets, 60);
    CHECK_EQ(t.s.rx_bytes, 3600);
    CHECK_EQ(t.s.tx_bytes, 3600);
    conf_enter();
    CHECK_EQ(dev_set_mtu(lo, 65537), -EINVAL);
    conf_leave();
    conf_enter();
    CHECK_EQ(dev_set_mtu(lo, 1500), 0);
    conf_leave();
    end();
}

/* Down means that nothing of it is anywhere any more. */
TEST(loopback_down_waits_for_the_backlog)
{
    start();
    conf_enter();
    CHECK_EQ(dev_up(lo), 0);
    conf_leave();
    struct skbq q = {0};
    softirq_off();
    skbq_add(&q, skb_alloc(skb_pool_of(net)));
    skb_put(q.p[0], 60);
    dev_tx(lo, &q);
    struct backlog_seen seen;
    backlog_seen(net, 0, &seen);
    CHECK_EQ(seen.input, 1);
    softirq_on();
    conf_enter();
    dev_down(lo);
    conf_leave();
    backlog_seen(net, 0, &seen);
    CHECK_EQ(seen.input + seen.process, 0);
    end();
}

/* Every allocation that fails is survived. */
TEST(loopback_without_memory)
{
    for (u64 n = 1;; n++) {
        host_mem_fail_at(n);
        struct net *made = net_bring_up();
        if (!host_mem_failed()) {
            net_take_down(made);
            break;
        }
        CHECK(!made);
        host_run();
    }
}

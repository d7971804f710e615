/* The way out: queue, ring, limits, what is done to a packet on its way; and the dynamic queue limit by itself. */
#include "net/dev/tx.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/skb/cksum.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"
#include "tests/unit/net/dev/fake_dev.h"
#include "tests/unit/net/skb/packet.h"
#include "tests/unit/with_conf.h"

static struct net *net;
static struct fake_dev *f;

static void start(void)
{
    net = net_new();
    f = fake_dev_new(net, "eth%u");
    f->dev->txq->dql.limit_min = f->dev->txq->dql.limit_max = DQL_MAX; /* out of the way */
    txq_reset(f->dev, 0);
    host_run();
}

static void end(void)
{
    fake_dev_end(f);
    host_run();
    CHECK_EQ(skb_pool_used(skb_pool_of(net)), 0);
    net_free(net);
}

static struct skb *packet(u32 mark, u32 len)
{
    struct skb *s = skb_alloc(skb_pool_of(net));
    memset(skb_put(s, len), 0, len);
    s->mark = mark;
    return s;
}

static void send(u32 from, u32 n)
{
    while (n) {
        struct skbq q = {0};
        softirq_off();
        for (; n && q.n < 64; n--)
            skbq_add(&q, packet(from++, 100));
        dev_tx(f->dev, &q);
        softirq_on();
        CHECK_EQ(q.n, 0);
    }
}

TEST(tx_order_is_kept_through_ring_and_queue)
{
    start();
    u32 next = 0, taken = 0;
    f->tx_ring = 10;
    for (int round = 0; round < 200; round++) {
        u32 n = (u32)(test_rand() % 20);
        send(next, n);
        next += n;
        u32 done = (u32)(test_rand() % (f->in_ring + 1));
        for (u32 i = 0; i < done; i++)
            CHECK_EQ(f->sent[i]->mark, taken + i);
        taken += done;
        fake_dev_complete(f, done);
        host_run();
        CHECK_LE(f->in_ring, 10);
    }
    while (f->in_ring) {
        CHECK_EQ(f->sent[0]->mark, taken);
        taken++;
        fake_dev_complete(f, 1);
        host_run();
    }
    CHECK_EQ(drop_read(net, &f->dev->port, DROP_QDISC_FULL, 0) + taken, next);
    end();
}

TEST(tx_full_queue_drops_what_comes)
{
    start();
    f->tx_ring = 10;
    send(0, 2000);
    CHECK_EQ(f->sent_n, 10);
    struct txq *t = f->dev->txq;
    CHECK_EQ(t->q->packets + t->held_n, 2000 - 10 - drop_read(net, &f->dev->port, DROP_QDISC_FULL, 0));
    CHECK_LE(t->q->packets, 1000);
    CHECK_EQ(t->q->dropped, drop_read(net, &f->dev->port, DROP_QDISC_FULL, 0));
    end();
}

TEST(tx_ring_that_does_not_move_times_out)
{
    start();
    f->tx_ring = 1;
    send(0, 2);
    host_clock_advance(5 * NS_PER_S - NS_PER_MS);
    CHECK_EQ(f->timeouts, 0);
    host_clock_advance(2 * NS_PER_MS);
    CHECK_EQ(f->timeouts, 1);
    fake_dev_complete(f, 1);
    host_run();
    fake_dev_complete(f, 1);
    host_clock_advance(20 * NS_PER_S);
    CHECK_EQ(f->timeouts, 1);
    end();
}

TEST(tx_refuses_by_name)
{
    start();
    struct skbq q = {0};
    skbq_add(&q, packet(0, 1523));
    skbq_add(&q, packet(1, 1522));
    softirq_off();
    dev_tx(f->dev, &q);
    CHECK_EQ(drop_read(net, &f->dev->port, DROP_TX_TOO_LONG, 0), 1);
    CHECK_EQ(f->sent_n, 1);
    netdev_carrier(f->dev, false);
    send(0, 3);
    CHECK_EQ(drop_read(net, &f->dev->port, DROP_TX_NO_CARRIER, 0), 3);
    softirq_on();
    WITH_CONF(dev_down(f->dev));
    send(0, 2);
    CHECK_EQ(drop_read(net, &f->dev->port, DROP_TX_DOWN, 0), 2);
    struct dev_total t;
    netdev_total(f->dev, &t);
    CHECK_EQ(t.tx_dropped, 6);
    CHECK_EQ(t.s.tx_packets, 1);
    end();
}

/* A device that can nothing: the frame comes out whole, tagged and cut, as a wire wants it. */
TEST(tx_does_what_the_device_cannot)
{
    static u8 frame[70000];
    start();
    WITH_CONF(dev_set_features(f->dev, DEV_F_SG, 0));
    struct packet p = {.payload = 14000, .tcp_options = 12, .flags = 0x10};
    struct skb *s = packet_skb(skb_pool_of(net), frame, packet_build(&p, frame), 2000);
    CHECK_EQ(skb_parse(s), DROP_NOT);
    s->gso = GSO_TCP4;
    s->gso_size = 1400;
    s->flags |= SKB_VLAN;
    s->vlan_tci = 0x6005;
    cksum_begin(s, 6);
    struct skbq q = {.n = 1, .p = {s}};
    softirq_off();
    dev_tx(f->dev, &q);
    softirq_on();
    CHECK_EQ(f->sent_n, 10);
    for (u32 i = 0; i < f->sent_n; i++) {
        s = f->sent[i];
        CHECK_EQ(s->len, 14 + 4 + 20 + 32 + 1400);
        CHECK_EQ(s->frags, 0);
        CHECK_EQ(load_be16(s->data + 12), 0x8100);
        CHECK_EQ(load_be16(s->data + 14), 0x6005);
        CHECK_EQ(skb_parse(s), DROP_NOT);
        s->cksum = CKSUM_NONE;
        CHECK(cksum_ok(s));
    }
    end();
}

/* A device that cuts counts ids up; a packet whose frames shall all have the same is cut before it. */
TEST(tx_keeps_ids_that_are_fixed)
{
    static u8 frame[70000];
    start();
    f->dev->features |= DEV_F_TX_CSUM | DEV_F_TSO4;
    for (u32 fixed = 0; fixed < 2; fixed++) {
        struct packet p = {.payload = 4000, .flags = 0x10, .id = 77, .df = true};
        struct skb *s = packet_skb(skb_pool_of(net), frame, packet_build(&p, frame), 2000);
        CHECK_EQ(skb_parse(s), DROP_NOT);
        s->gso = GSO_TCP4;
        s->gso_size = 1000;
        s->flags |= fixed ? SKB_GSO_FIXED : 0;
        cksum_begin(s, 6);
        struct skbq q = {.n = 1, .p = {s}};
        softirq_off();
        dev_tx(f->dev, &q);
        softirq_on();
        CHECK_EQ(f->sent_n, fixed ? 4 : 1);
        for (u32 i = 0; i < f->sent_n; i++)
            CHECK_EQ(load_be16(f->sent[i]->data + 18), 77);
        fake_dev_complete(f, f->in_ring);
        host_run();
    }
    end();
}

/* ---- the dynamic queue limit ---- */

TEST(dql_starts_at_nothing_and_grows_when_it_starves)
{
    struct dql d = {0};
    dql_reset(&d, 0);
    CHECK_EQ(dql_room(&d), 0);
    dql_queued(&d, 1500); /* one goes over: the next waits */
    CHECK_LT(dql_room(&d), 0);
    dql_completed(&d, 1500, 1000);
    CHECK_EQ(d.limit, 1500); /* by what it took although the limit was over */
    CHECK_EQ(dql_inflight(&d), 0);
    CHECK_EQ(dql_room(&d), (i32)d.limit);
}

/* A ring that drains at a steady rate: the limit settles at what keeps it busy, and does not grow on. */
TEST(dql_settles)
{
    struct dql d = {0};
    u64 now = 0;
    dql_reset(&d, now);
    for (int i = 0; i < 20000; i++) {
        while (dql_room(&d) >= 0)
            dql_queued(&d, 1500);
        now += 120 * NS_PER_US;
        dql_completed(&d, min(dql_inflight(&d), 15000u), now);
    }
    CHECK_LE(15000, d.limit);
    CHECK_LE(d.limit, 60000);
}

/* Slack is given back only after it stood for the hold time. */
TEST(dql_shrinks_after_the_hold_time)
{
    struct dql d = {.hold = NS_PER_S};
    u64 now = 0;
    dql_reset(&d, now);
    d.limit = 1000000;
    d.may = d.queued + d.limit;
    dql_queued(&d, 3000);
    dql_completed(&d, 1000, now += NS_PER_MS);
    for (int i = 0; i < 900; i++) {
        dql_queued(&d, 1000);
        dql_completed(&d, 1000, now += NS_PER_MS);
        CHECK_EQ(d.limit, 1000000);
    }
    for (int i = 0; i < 200; i++) {
        dql_queued(&d, 1000);
        dql_completed(&d, 1000, now += NS_PER_MS);
    }
    CHECK_LE(d.limit, 3000);
    CHECK_LE(1000, d.limit);
}

TEST(dql_never_leaves_its_bounds_and_goes_round)
{
    struct dql d = {.limit_min = 3000, .limit_max = 50000};
    u64 now = 0;
    dql_reset(&d, now);
    d.queued = d.completed = d.before_queued = 0xfffff000u; /* near where numbers go round */
    d.may = d.completed + d.limit;
    for (int i = 0; i < 100000; i++) {
        for (int k = (int)(test_rand() % 5); k && dql_room(&d) >= 0; k--)
            dql_queued(&d, (u32)(test_rand() % 65000) + 60);
        dql_completed(&d, (u32)(test_rand() % (dql_inflight(&d) + 1)), now += test_rand() % NS_PER_MS);
        CHECK_LE(3000, d.limit);
        CHECK_LE(d.limit, 50000);
        CHECK_LE(dql_inflight(&d), 50000 + 65060);
    }
}

static void send_by(u16 queue, u32 mark)
{
    struct skb *s = packet(mark, 100);
    struct skbq q = {.n = 1, .p = {s}};
    s->queue = queue + 1;
    softirq_off();
    dev_tx(f->dev, &q);
    softirq_on();
}

/* A queue that is not in use any more: what waited there is dropped by name, what waits elsewhere goes. */
TEST(tx_fewer_queues)
{
    start();
    WITH_CONF(dev_down(f->dev));
    f->dev->rxqs_most = f->dev->txqs = f->dev->txqs_most = 2;
    CHECK_EQ(WITH_CONF(dev_up(f->dev)), 0);
    for (u16 i = 0; i < 2; i++) {
        f->dev->txq[i].dql.limit_min = f->dev->txq[i].dql.limit_max = DQL_MAX;
        txq_reset(f->dev, i);
    }
    f->tx_ring = 1;
    for (u16 i = 0; i < 20; i++)
        send_by(i % 2, i);
    CHECK_EQ(f->sent_n, 1);
    CHECK_EQ(WITH_CONF(dev_set_queues(f->dev, 3)), -EINVAL);
    CHECK_EQ(WITH_CONF(dev_set_queues(f->dev, 0)), -EINVAL);
    f->tx_ring = FAKE_RING / 2;
    CHECK_EQ(WITH_CONF(dev_set_queues(f->dev, 1)), 0);
    CHECK_EQ(f->queues_set, 1);
    CHECK_EQ(f->dev->txqs, 1);
    CHECK_EQ(drop_read(net, &f->dev->port, DROP_TX_DOWN, 0), 10);
    host_run();
    send_by(1, 20); /* the other's packets now come by the first */
    host_run();
    CHECK_EQ(f->sent_n, 10);
    CHECK_EQ(f->sent[9]->mark, 20);
    CHECK_EQ(f->dev->tx_kept[0].packets, 11);
    CHECK_EQ(WITH_CONF(dev_set_queues(f->dev, 2)), 0);
    send_by(1, 21);
    CHECK_EQ(f->dev->tx_kept[1].packets, 1);
    end();
}

/* ---- who may change a device ---- */

static void down_without_lock(void *arg)
{
    dev_down(f->dev);
}

static void new_without_lock(void *arg)
{
    netdev_add(net, f->dev, "eth%u");
}

TEST(updown_wants_conf_lock)
{
    void (*const cases[])(void *) = {down_without_lock, new_without_lock};
    struct host_death death;

    start();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        host_die(cases[i], NULL, &death);
        CHECK_EQ(death.how, DEATH_PANIC);
        CHECK_STR(death.words, "configuration is changed without conf_lock");
    }
    end();
}

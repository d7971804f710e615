/* NAPI: interrupt to poll and back, budgets, and that no wake-up is lost; two devices joined, with packets that cross.
 */
#include "net/dev/napi.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/dev/rx.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "tests/unit/net/dev/joined.h"
#include "tests/unit/with_conf.h"

static struct joined rig;
static struct net *net;
static struct fake_dev *a, *b;
static u8 frame[9000];

/* The limit of bytes in the ring out of the way. */
static void no_limit(struct fake_dev *f)
{
    f->dev->txq->dql.limit_min = f->dev->txq->dql.limit_max = DQL_MAX;
    txq_reset(f->dev, 0);
}

static void start(void)
{
    joined_start(&rig);
    net = rig.net;
    a = rig.a;
    b = rig.b;
    no_limit(a);
    no_limit(b);
    host_run();
    a->polls = b->polls = 0; /* each was polled once when it came up */
}

static void end(void)
{
    joined_end(&rig);
}

static void arrive(struct fake_dev *f, u32 count)
{
    softirq_off(); /* all of them, before anybody looks */
    while (count--)
        fake_dev_arrive(f, frame, 60, 0);
    softirq_on();
}

/* What was sent is on the wire, and the driver has heard so. */
static void settle(struct fake_dev *f)
{
    fake_dev_complete(f, f->in_ring);
    host_run();
}

TEST(napi_one_packet_one_interrupt)
{
    start();
    for (u32 i = 1; i <= 10; i++) { /* one a second: handled at once, each by an interrupt of its own */
        host_clock_advance(NS_PER_S);
        arrive(a, 1);
        host_run();
        CHECK_EQ(b->sent_n, 1);
        CHECK_EQ(a->interrupts, i);
        CHECK(!a->masked);
        settle(b);
    }
    struct dev_total t;
    netdev_total(a->dev, &t);
    CHECK_EQ(t.s.rx_packets, 10);
    CHECK_EQ(t.s.rx_bytes, 600);
    netdev_total(b->dev, &t);
    CHECK_EQ(t.s.tx_packets, 10);
    end();
}

TEST(napi_burst_is_one_interrupt_and_turns_of_64)
{
    start();
    arrive(a, 200);
    CHECK_EQ(a->interrupts, 1);
    host_run();
    CHECK_EQ(b->sent_n, 200);
    CHECK_EQ(a->polls, 4); /* 64 64 64 8 */
    CHECK_EQ(a->interrupts, 1);
    CHECK(!a->masked);
    CHECK_EQ(dev_rx_processed(net, 0), 200);
    CHECK_EQ(softnet_squeezed(net, 0), 0);
    settle(b);
    end();
}

/* A turn that was exactly full asks once more, and completes then. */
TEST(napi_exactly_64)
{
    start();
    arrive(a, 64);
    host_run();
    CHECK_EQ(a->polls, 2);
    CHECK(!a->masked);
    settle(b);
    end();
}

TEST(napi_budget_is_a_round)
{
    start();
    CHECK_EQ(sysctl_set(net, "net.core.netdev_budget", "128"), 0);
    arrive(a, 500);
    host_run();
    CHECK_EQ(b->sent_n, 500);
    CHECK_EQ(softnet_squeezed(net, 0), 3); /* after 128, 256 and 384 */
    settle(b);
    end();
}

/* One that is flooded does not starve the other: they take turns. */
static u32 turns, b_at_turn[64];

static void note_order(struct fake_dev *f)
{
    b_at_turn[turns++ % 64] = b->head;
}

TEST(napi_takes_turns)
{
    start();
    softirq_off();
    arrive(a, 1000);
    arrive(b, 100);
    a->on_poll = note_order;
    softirq_on();
    host_run();
    CHECK_EQ(b_at_turn[1], 64);  /* when a has had its second turn, b has had its first, */
    CHECK_EQ(b_at_turn[2], 100); /* and after the third its second */
    CHECK_EQ(a->sent_n, 100);
    CHECK_EQ(b->sent_n, 1000);
    CHECK_EQ(b->polls, 2);
    CHECK_EQ(a->polls, 16);
    settle(a);
    settle(b);
    end();
}

/* ---- no wake-up is lost: it comes in the middle of a poll, and just before the interrupt is let in ---- */

static void one_more(struct fake_dev *f)
{
    static int left = 3;
    if (left-- > 0)
        fake_dev_arrive(f, frame, 60, 0);
}

TEST(napi_wakeup_while_polling)
{
    start();
    a->on_poll = one_more; /* the device is masked: no interrupt says so */
    arrive(a, 1);
    host_run();
    CHECK_EQ(b->sent_n, 4);
    CHECK_EQ(a->interrupts, 1);
    CHECK(!a->masked);
    settle(b);
    end();
}

static void late(struct fake_dev *f)
{
    static int left = 3;
    if (left-- > 0)
        fake_dev_arrive(f, frame, 60, 0);
}

TEST(napi_wakeup_before_unmasking)
{
    start();
    a->on_unmask = late;
    arrive(a, 1);
    host_run();
    CHECK_EQ(b->sent_n, 4);
    CHECK(!a->masked);
    settle(b);
    end();
}

static void schedule_again(struct fake_dev *f)
{
    static int left = 2;
    if (left-- > 0)
        napi_schedule(&f->napi);
}

TEST(napi_scheduled_while_polled_is_polled_again)
{
    start();
    a->on_poll = schedule_again;
    arrive(a, 1);
    host_run();
    CHECK_EQ(a->polls, 3);
    CHECK(!a->masked);
    settle(b);
    end();
}

/* ---- how often ---- */

/* Offered at a rate for a while, in virtual time; the interrupts that it took. */
static u32 offer(u32 per_second, u32 packets)
{
    u32 before = a->interrupts;
    for (u32 i = 0; i < packets; i++) {
        host_clock_advance(NS_PER_S / per_second);
        arrive(a, 1);
        host_run();
        if (b->in_ring > 100)
            settle(b);
    }
    host_clock_advance(NS_PER_MS);
    settle(b);
    return a->interrupts - before;
}

TEST(napi_adapts_to_the_rate)
{
    start();
    CHECK_EQ(offer(1000, 500), 500);
    u32 polls = a->polls;
    u32 interrupts = offer(60000, 6000);
    CHECK_LE(interrupts, 600);                   /* the first spans, before the rate is known */
    CHECK_LE(a->polls - polls, 6000 / 16 + 600); /* each poll a timer or an interrupt: 16 packets or more each */
    CHECK_EQ(offer(1000, 500) >= 450, true);     /* and back */
    a->dev->adaptive_rx = false;
    CHECK_EQ(offer(60000, 1000), 1000); /* as Linux has it */
    end();
}

TEST(napi_waits_as_long_as_it_is_told)
{
    start();
    a->dev->adaptive_rx = false;
    a->dev->rx_usecs = 1000;
    offer(20000, 400);                 /* until it is heard of */
    CHECK_LE(offer(20000, 2000), 110); /* 100 ms */
    a->dev->rx_usecs = 0;
    offer(20000, 400);
    CHECK_EQ(offer(20000, 1000), 1000);
    CHECK_EQ(a->napi.rx_packets, 3800);
    CHECK_EQ(a->napi.rx_bytes, 3800 * 60);
    end();
}

TEST(napi_defers_interrupts)
{
    start();
    a->dev->adaptive_rx = false;
    a->dev->defer_hard_irqs = 3;
    a->dev->gro_flush_timeout = 100 * NS_PER_US;
    arrive(a, 1);
    host_run();
    CHECK(a->masked);
    host_clock_advance(100 * NS_PER_US); /* empty polls: the second, */
    CHECK(a->masked);
    host_clock_advance(100 * NS_PER_US);
    CHECK(a->masked);
    host_clock_advance(100 * NS_PER_US); /* and the third */
    CHECK(!a->masked);
    CHECK_EQ(a->polls, 4);
    settle(b);
    end();
}

TEST(napi_busy_poll_takes_what_is_there)
{
    start();
    a->masked = true; /* no interrupt */
    arrive(a, 5);
    CHECK_EQ(napi_busy_poll(&a->napi, 8), 5);
    CHECK_EQ(b->sent_n, 5);
    host_run();
    settle(b);
    end();
}

/* ---- frames ---- */

TEST(napi_frames_in_pieces)
{
    start();
    for (u32 i = 0; i < sizeof(frame); i++)
        frame[i] = (u8)test_rand();
    WITH_CONF(dev_set_mtu(b->dev, 9000));
    softirq_off();
    fake_dev_arrive(a, frame, 9000, 2048);
    fake_dev_arrive(a, frame, 61, 30);
    fake_dev_arrive(a, frame, 13, 0); /* shorter than a header */
    softirq_on();
    host_run();
    static u8 out[9000];
    CHECK_EQ(b->sent_n, 2);
    CHECK_EQ(b->sent[0]->len, 9000);
    skb_read(b->sent[0], 0, out, 9000);
    CHECK_MEM(out, frame, 9000);
    CHECK_EQ(b->sent[1]->len, 61);
    CHECK_EQ(drop_read(net, &a->dev->port, DROP_ETH_SHORT, 0), 1);
    settle(b);
    end();
}

TEST(napi_down_and_up_in_the_middle)
{
    start();
    for (int i = 0; i < 20; i++) {
        arrive(a, 100);
        if (i % 2)
            host_run();
        WITH_CONF(dev_down(i % 3 ? a->dev : b->dev));
        host_run();
        CHECK_EQ(WITH_CONF(dev_up(i % 3 ? a->dev : b->dev)), 0);
        no_limit(i % 3 ? a : b);
        host_run();
        settle(b);
    }
    arrive(a, 3);
    host_run();
    CHECK_EQ(b->sent_n, 3);
    end();
}

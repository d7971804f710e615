/* What tests of the e1000 stand on (see e1000_rig.h). */
#include "tests/unit/drivers/e1000_rig.h"
#include "tests/unit/with_conf.h"

#include "drivers/driver.h"
#include "lib/string.h"

struct host_e1000 rig_chip;
struct net *rig_net;
struct netdev *rig_dev;
struct skb *rig_got[RIG_MOST];
u32 rig_got_n;
u8 rig_wire[64][16384];
u32 rig_wire_len[64], rig_wire_n;
const struct macaddr rig_mac = {{0x52, 0x54, 0, 0x12, 0x34, 0x56}};

static void on_wire(struct host_e1000 *d, const u8 *frame, u32 n)
{
    if (rig_wire_n < ARRAY_LEN(rig_wire) && n <= sizeof(rig_wire[0])) {
        memcpy(rig_wire[rig_wire_n], frame, n);
        rig_wire_len[rig_wire_n] = n;
    }
    rig_wire_n++;
}

static void take(struct netdev *dev, struct skbq *q)
{
    for (u32 i = 0; i < q->n; i++)
        rig_got[rig_got_n++] = q->p[i];
    q->n = 0;
}

void rig_bind(void)
{
    rig_got_n = rig_wire_n = 0;
    rig_net = net_new();
    host_e1000_init(&rig_chip, &rig_mac);
    rig_chip.sent = on_wire;
    driver_bind(&rig_chip.host.dev);
    rig_dev = netdev_find(rig_net, "eth0");
}

void rig_take(void)
{
    CHECK_EQ(WITH_CONF(dev_set_handler(rig_dev, take, NULL)), 0);
}

void rig_start(void)
{
    rig_bind();
    rig_take();
    CHECK_EQ(WITH_CONF(dev_up(rig_dev)), 0);
    host_clock_advance(2 * NS_PER_S);
    rig_no_limit();
}

void rig_free_got(void)
{
    softirq_off();
    for (u32 i = 0; i < rig_got_n; i++)
        skb_free(rig_got[i]);
    softirq_on();
    rig_got_n = 0;
}

void rig_end(void)
{
    rig_free_got();
    driver_release(&rig_chip.host.dev);
    CHECK(!rig_chip.host.master);
    host_run();
    CHECK_EQ(skb_pool_used(skb_pool_of(rig_net)), 0);
    net_free(rig_net);
}

u32 rig_frame(u8 *to, u32 n, u32 mark)
{
    for (u32 i = 0; i < n; i++)
        to[i] = (u8)(mark * 7 + i);
    memcpy(to, rig_mac.b, min(n, 6u));
    return n;
}

void rig_no_limit(void)
{
    rig_dev->txq->dql.limit_min = rig_dev->txq->dql.limit_max = DQL_MAX;
    txq_reset(rig_dev, 0);
}

void rig_send(struct skb *s)
{
    struct skbq q;
    q.n = 0;
    skbq_add(&q, s);
    softirq_off();
    dev_tx(rig_dev, &q);
    softirq_on();
}

struct skb *rig_packet(u32 n, u32 mark)
{
    softirq_off();
    struct skb *s = skb_alloc(skb_pool_of(rig_net));
    softirq_on();
    rig_frame(skb_put(s, n), n, mark);
    s->mark = mark;
    return s;
}

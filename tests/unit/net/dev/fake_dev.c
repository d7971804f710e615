/* A device for tests (see fake_dev.h). */
#include "tests/unit/net/dev/fake_dev.h"
#include "tests/unit/with_conf.h"

#include "lib/check.h"
#include "lib/string.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/skb/pool.h"

static struct fake_dev *fake_of(struct netdev *dev)
{
    return dev->priv;
}

static void interrupt(struct fake_dev *f)
{
    if (f->masked)
        return;
    f->interrupts++;
    f->masked = true;
    napi_schedule(&f->napi);
}

static u32 fake_poll(struct napi *n, u32 budget)
{
    struct fake_dev *f = fake_of(n->dev);
    u32 pieces = 0, frames = 0;
    f->polls++;
    txq_poll(n->dev, 0);
    struct rxbuf b[RX_BURST];
    while (frames < budget && f->head != f->tail && pieces < RX_BURST) {
        b[pieces] = f->ring[f->head++ % FAKE_RING];
        frames += !(b[pieces++].flags & RXBUF_MORE);
    }
    if (pieces)
        napi_rx(n, b, pieces);
    if (f->on_poll)
        f->on_poll(f);
    return frames;
}

static bool fake_irq_on(struct napi *n)
{
    struct fake_dev *f = fake_of(n->dev);
    if (f->on_unmask)
        f->on_unmask(f);
    f->masked = false;
    return f->head != f->tail || f->reaped;
}

static void fake_irq_off(struct napi *n)
{
    fake_of(n->dev)->masked = true;
}

static const struct napi_ops fake_napi = {.poll = fake_poll, .irq_on = fake_irq_on, .irq_off = fake_irq_off};

static int fake_open(struct netdev *dev)
{
    napi_on(&fake_of(dev)->napi);
    return 0;
}

static void fake_stop(struct netdev *dev)
{
    struct fake_dev *f = fake_of(dev);
    napi_off(&f->napi);
    for (u32 i = 0; i < f->sent_n; i++)
        skb_free(f->sent[i]);
    f->sent_n = f->in_ring = f->reaped = 0;
    while (f->head != f->tail)
        skb_pool_give(&f->ring[f->head++ % FAKE_RING].buf->skb);
}

static u32 fake_xmit(struct netdev *dev, unsigned queue, struct skbq *q, u32 *bytes)
{
    struct fake_dev *f = fake_of(dev);
    u32 n = 0;
    while (n < q->n && f->in_ring < f->tx_ring) {
        *bytes += q->p[n]->len;
        f->sent[f->sent_n++] = q->p[n++];
        f->in_ring++;
    }
    f->kicks += n != 0;
    return n;
}

static u32 fake_reap(struct netdev *dev, unsigned queue, u32 *bytes)
{
    struct fake_dev *f = fake_of(dev);
    u32 done = f->reaped;
    for (u32 i = 0; i < done; i++) {
        *bytes += f->sent[i]->len;
        skb_free(f->sent[i]);
    }
    memmove(f->sent, f->sent + done, (f->sent_n - done) * sizeof(f->sent[0]));
    f->sent_n -= done;
    f->in_ring -= done;
    f->reaped = 0;
    return done;
}

static void fake_set_queues(struct netdev *dev, u16 n)
{
    fake_of(dev)->queues_set = n;
}

static void fake_timeout(struct netdev *dev, unsigned queue)
{
    fake_of(dev)->timeouts++;
}

static const struct netdev_ops fake_ops = {.driver = "fake",
                                           .open = fake_open,
                                           .stop = fake_stop,
                                           .xmit = fake_xmit,
                                           .reap = fake_reap,
                                           .tx_timeout = fake_timeout,
                                           .set_queues = fake_set_queues};

struct fake_dev *fake_dev_new(struct net *net, const char *name)
{
    struct netdev *dev = netdev_new(&fake_ops, sizeof(struct fake_dev), 1, FAKE_QUEUES);
    struct fake_dev *f = fake_of(dev);
    f->dev = dev;
    dev->txqs = dev->txqs_most = 1; /* a test may want more, before it comes up */
    f->tx_ring = FAKE_RING / 2;
    f->masked = true;
    dev->mac = (struct macaddr){{2, 0, 0, 0, 0, 1}};
    dev->features = dev->hw_features = DEV_F_SG | DEV_F_GSO;
    dev->mtu_most = 9000;
    napi_add(dev, &f->napi, &fake_napi, 0);
    CHECK_EQ(WITH_CONF(netdev_add(net, dev, name)), 0);
    netdev_carrier(dev, true);
    CHECK_EQ(WITH_CONF(dev_up(dev)), 0);
    return f;
}

void fake_dev_end(struct fake_dev *f)
{
    WITH_CONF(dev_down(f->dev));
    napi_del(&f->napi);
    WITH_CONF(netdev_del(f->dev));
}

void fake_dev_arrive(struct fake_dev *f, const void *frame, u32 n, u32 pieces_of)
{
    struct skb_pool *pool = skb_pool_of(dev_net(f->dev));
    const u8 *p = frame;
    for (u32 at = 0, some; at < n; at += some) {
        struct skb *s;
        some = min(n - at, pieces_of ? pieces_of : SKB_ROOM);
        softirq_off();
        CHECK_EQ(skb_pool_take(pool, &s, 1, __func__), 1);
        softirq_on();
        struct skb_buf *buf = container_of(s, struct skb_buf, skb);
        memcpy((u8 *)buf + SKB_DATA, p + at, some);
        f->ring[f->tail++ % FAKE_RING] =
            (struct rxbuf){.buf = buf, .off = SKB_DATA, .len = (u16)some, .flags = at + some < n ? RXBUF_MORE : 0};
    }
    interrupt(f);
}

void fake_dev_complete(struct fake_dev *f, u32 n)
{
    f->reaped = n;
    interrupt(f);
}

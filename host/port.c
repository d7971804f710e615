/* A network card whose wire is a program's (contract: port.h).
 *
 * What is sent is copied into one piece and told to the program at once, under the queue's lock; the next look at what
 * is done finds it done. What arrives is cut into buffers as a card would, and handed to dev_rx without a poll: nothing
 * is merged, and nothing waits. Never keeps a packet.
 */
#include "host/port.h"

#include "host/host.h"
#include "lib/conf.h"
#include "lib/string.h"
#include "net/dev/rx.h"
#include "net/dev/updown.h"
#include "net/skb/pool.h"

struct port {
    port_sent *sent;
    void *arg;
    u32 done, done_bytes; /* told, and not yet reaped */
    u8 frame[PORT_FRAME + 2 * 4];
};

static struct port *port_of(struct netdev *dev)
{
    return dev->priv;
}

static int port_open(struct netdev *dev)
{
    return 0;
}

static void port_stop(struct netdev *dev)
{
    port_of(dev)->done = port_of(dev)->done_bytes = 0;
}

static u32 port_xmit(struct netdev *dev, unsigned queue, struct skbq *q, u32 *bytes)
{
    struct port *p = port_of(dev);
    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = q->p[i];
        *bytes += s->len;
        if (!skb_read(s, 0, p->frame, min(s->len, (u32)sizeof(p->frame))))
            p->sent(p->arg, p->frame, s->len);
        skb_free(s);
    }
    p->done += q->n;
    p->done_bytes += *bytes;
    return q->n;
}

static u32 port_reap(struct netdev *dev, unsigned queue, u32 *bytes)
{
    struct port *p = port_of(dev);
    u32 n = p->done;
    *bytes = p->done_bytes;
    p->done = p->done_bytes = 0;
    return n;
}

static int any_mac(struct netdev *dev, const struct macaddr *m)
{
    return 0;
}

static const struct netdev_ops port_ops = {
    .driver = "weir", .open = port_open, .stop = port_stop, .xmit = port_xmit, .reap = port_reap, .set_mac = any_mac};

struct netdev *port_new(struct net *net, const char *name, const struct macaddr *mac, port_sent *sent, void *arg,
                        int *err)
{
    *err = -EINVAL;
    if (!dev_name_ok(name))
        return NULL;
    struct netdev *dev = netdev_new(&port_ops, sizeof(struct port), 1, 1);
    *err = -ENOMEM;
    if (!dev)
        return NULL;
    port_of(dev)->sent = sent;
    port_of(dev)->arg = arg;
    dev->mac = *mac;
    dev->mtu_most = PORT_FRAME - 14;
    conf_enter();
    *err = netdev_add(net, dev, name);
    if (!*err)
        netdev_carrier(dev, true);
    conf_leave();
    if (!*err)
        return dev;
    netdev_free(dev);
    return NULL;
}

void port_del(struct netdev *dev)
{
    conf_enter();
    dev_down(dev);
    netdev_del(dev);
    conf_leave();
}

/* The frame in pieces as large as buffers are; 0: there were not enough of them. */
static u32 fill(struct netdev *dev, struct rxbuf *b, const u8 *frame, u32 n)
{
    struct skb *s[RX_BURST];
    u32 pieces = (n + SKB_ROOM - 1) / SKB_ROOM, got = skb_pool_take(skb_pool_of(dev_net(dev)), s, pieces, __func__);
    if (got < pieces) {
        skb_pool_give_many(skb_pool_of(dev_net(dev)), s, got);
        return 0;
    }
    for (u32 i = 0; i < pieces; i++) {
        struct skb_buf *buf = container_of(s[i], struct skb_buf, skb);
        u32 at = i * SKB_ROOM, some = min(n - at, SKB_ROOM);
        memcpy((u8 *)buf + SKB_DATA, frame + at, some);
        rxbuf_set(&b[i], buf, SKB_DATA, (u16)some, i + 1 < pieces ? RXBUF_MORE : 0);
    }
    return pieces;
}

int port_rx(struct netdev *dev, const void *frame, size_t n)
{
    struct rxbuf b[RX_BURST];
    struct skbq q = {0};
    if (!(dev->flags & DEV_UP))
        return -ENETDOWN;
    if (!n || n > PORT_FRAME)
        return -EMSGSIZE;
    softirq_off();
    u32 pieces = fill(dev, b, frame, (u32)n);
    if (pieces)
        rx_skbs(dev, 0, b, pieces, clock_ns(), &q);
    if (q.n)
        dev_rx(dev, &q);
    softirq_on();
    host_run();
    return pieces ? 0 : -ENOBUFS;
}

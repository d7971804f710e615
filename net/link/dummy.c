/* Dummy devices: always up, and what is sent is gone: `ip link add dummy0 type dummy`. Linux: drivers/net/dummy.c.
 *
 * An address that shall be there whatever becomes of the cards has its place on one.
 */
#include "lib/stats.h"
#include "lib/string.h"
#include "net/dev/link_type.h"
#include "net/dev/tap.h"
#include "net/dev/updown.h"

static int dummy_open(struct netdev *dev)
{
    netdev_carrier(dev, true);
    return 0;
}

static void dummy_stop(struct netdev *dev)
{
    netdev_carrier(dev, false);
}

static int any_mac(struct netdev *dev, const struct macaddr *m)
{
    return 0;
}

static void dummy_tx(struct netdev *dev, struct skbq *q)
{
    struct dev_stats *stats = dev->stats[cpu_id()];
    u64 bytes = 0;

    if (unlikely(load_acquire(&dev->taps)))
        tap_show_out(dev, q, 0, clock_ns());
    for (u32 i = 0; i < q->n; i++)
        bytes += q->p[i]->len;
    stats_add(&stats->tx_packets, q->n);
    stats_add(&stats->tx_bytes, bytes);
    skbq_free(q); /* sent, as far as anybody can tell: no drop */
}

static const struct netdev_ops dummy_ops = {
    .driver = "dummy", .open = dummy_open, .stop = dummy_stop, .tx = dummy_tx, .set_mac = any_mac};

static int dummy_add(struct net *net, const struct link_request *q, struct netdev **made, const char **why)
{
    struct netdev *dev = netdev_new(&dummy_ops, 0, 0, 0);
    char pattern[PORT_NAME];

    if (!dev)
        return -ENOMEM;
    netdev_choose_mac(dev);
    dev->kind = q->type;
    dev->flags = DEV_BROADCAST | DEV_NOARP;
    dev->mtu_least = 0;
    dev->mtu_most = 65535;
    dev->features = dev->fixed = DEV_F_TX_CSUM | DEV_F_SG | DEV_F_TSO4 | DEV_F_TSO6 | DEV_F_ECN | DEV_F_USO | DEV_F_GSO;
    dev->no_carrier = true;
    str_copy(dev->qdisc, sizeof(dev->qdisc), "noqueue");
    int err = netdev_add(net, dev, link_name(q, pattern));
    if (err)
        netdev_free(dev);
    else
        *made = dev;
    return err;
}

static void dummy_del(struct netdev *dev)
{
    dev_down(dev);
    netdev_del(dev);
}

LINK_TYPE(dummy, .name = "dummy", .add = dummy_add, .del = dummy_del);

/* The loopback device (contract: loopback.h). Linux: drivers/net/loopback.c.
 *
 *     dev_tx(lo) -> loopback_tx -> backlog of this CPU -> dev_rx(lo)
 *
 * There is no ring, no queue and no wire: a burst is taken as it is, large frames whole, checksums left to be filled in
 * as they are (nobody looks at them who does not know that). What was known of a packet's way out (route, connection)
 * means nothing on the way in and is forgotten.
 */
#include "net/dev/loopback.h"

#include "lib/stats.h"
#include "lib/string.h"
#include "net/dev/backlog.h"
#include "net/dev/rx.h"
#include "net/dev/updown.h"
#include "net/skb/probe.h"

#define MTU 65536u

static int nothing_to_open(struct netdev *dev)
{
    return 0;
}

static void nothing_to_stop(struct netdev *dev)
{
}

/* It is handed up at once: a backlog keeps no probe. */
static void probe_back(struct netdev *dev, struct skbq *q)
{
    probe_note(q->p[0], "loopback", "back in by %s", dev->port.name);
    if (probe_again(q->p[0]))
        dev_rx(dev, q);
    else
        skbq_drop(q, DROP_LOOP);
}

static void loopback_tx(struct netdev *dev, struct skbq *q)
{
    struct dev_stats *stats = dev->stats[cpu_id()];
    u64 bytes = 0, now = clock_ns();

    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = q->p[i];
        bytes += s->len;
        s->route = s->conn = NULL;
        s->queue = 0;
        s->stamp = now;
    }
    if (skbq_probe(q)) {
        probe_back(dev, q);
        return;
    }
    stats_add(&stats->tx_packets, q->n);
    stats_add(&stats->tx_bytes, bytes);
    stats_add(&stats->rx_packets, q->n);
    stats_add(&stats->rx_bytes, bytes);
    backlog_put(dev_net(dev), cpu_id(), q);
}

static const struct netdev_ops loopback_ops = {
    .driver = "loopback", .open = nothing_to_open, .stop = nothing_to_stop, .tx = loopback_tx};

int loopback_add(struct net *net)
{
    struct netdev *dev = netdev_new(&loopback_ops, 0, 0, 0);
    if (!dev)
        return -ENOMEM;
    dev->type = DEV_TYPE_LOOPBACK;
    dev->flags = DEV_LOOPBACK;
    dev->mtu = dev->mtu_most = MTU;
    dev->mtu_least = 0;
    dev->features = dev->fixed = DEV_F_RX_CSUM | DEV_F_TX_CSUM | DEV_F_SG | DEV_F_TSO4 | DEV_F_TSO6 | DEV_F_USO |
                                 DEV_F_ECN | DEV_F_GSO | DEV_F_GRO;
    dev->carrier = dev->no_carrier = true;
    str_copy(dev->qdisc, sizeof(dev->qdisc), "noqueue");
    int err = netdev_add(net, dev, "lo");
    if (err)
        netdev_free(dev);
    return err;
}

void loopback_del(struct net *net)
{
    struct netdev *dev = netdev_find(net, "lo");
    if (!dev || dev->type != DEV_TYPE_LOOPBACK)
        return;
    dev_down(dev);
    netdev_del(dev);
}

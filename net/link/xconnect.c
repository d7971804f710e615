/* Two devices joined (contract: xconnect.h): the shortest path that a packet can take, and the measure of all others.
 *
 *     eth0 dev_rx -> xconnect_rx -> dev_tx eth1        and back
 *
 * Nothing is looked at and nothing changed. The other device is the handler's data, counted while they are joined.
 */
#include "net/link/xconnect.h"

#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/skb/probe.h"

static NOINLINE void probe_rx(struct netdev *peer, struct skbq *q)
{
    probe_note(q->p[0], "xconnect", "joined to %s", peer->port.name);
    dev_tx(peer, q);
}

static void xconnect_rx(struct netdev *dev, struct skbq *q)
{
    struct netdev *peer = dev->handler_data;
    if (skbq_probe(q))
        probe_rx(peer, q);
    else
        dev_tx(peer, q);
}

struct netdev *xconnect_peer(const struct netdev *dev)
{
    return dev->handler == xconnect_rx ? dev->handler_data : NULL;
}

int xconnect_join(struct netdev *a, struct netdev *b)
{
    if (a == b)
        return -EINVAL;
    int err = dev_set_handler(a, xconnect_rx, b);
    if (err)
        return err;
    err = dev_set_handler(b, xconnect_rx, a);
    if (err) {
        dev_set_handler(a, NULL, NULL);
        return err;
    }
    a->joined = b->joined = true;
    netdev_get(a);
    netdev_get(b);
    dev_promisc(a, 1);
    dev_promisc(b, 1);
    return 0;
}

int xconnect_part(struct netdev *a)
{
    struct netdev *b = xconnect_peer(a);
    if (!b)
        return -ENOENT;
    dev_promisc(a, -1);
    dev_promisc(b, -1);
    dev_set_handler(a, NULL, NULL);
    dev_set_handler(b, NULL, NULL);
    a->joined = b->joined = false;
    netdev_put(a);
    netdev_put(b);
    return 0;
}

static void ends(struct netdev *dev)
{
    xconnect_part(dev);
}

NETDEV_WATCH(xconnect, .end = ends);

/* Pairs of devices joined by a wire that is none: what one sends the other receives. Linux: drivers/net/veth.c.
 *
 *     ip link add v0 type veth peer name v1
 *
 *     dev_tx(v0) -> veth_tx -> backlog of this CPU -> dev_rx(v1)
 *
 * Nothing is cut, summed up or copied on the way, tags beside the bytes stay there; what was known of a packet's way
 * out (route, connection, priority) means nothing on the way in. There is a link while both are up. They come and go
 * together.
 */
#include "lib/stats.h"
#include "lib/string.h"
#include "net/dev/backlog.h"
#include "net/dev/link_type.h"
#include "net/dev/tap.h"
#include "net/dev/updown.h"
#include "net/wire/eth.h"

struct veth {
    struct netdev *peer;
};

static struct veth *veth_of(const struct netdev *dev)
{
    return dev->priv;
}

static struct netdev *peer_of(const struct netdev *dev)
{
    return veth_of(dev)->peer;
}

/* ---- packets ---- */

static void veth_tx(struct netdev *dev, struct skbq *q)
{
    struct netdev *peer = peer_of(dev);
    struct dev_stats *out = dev->stats[cpu_id()], *in = peer->stats[cpu_id()];
    u64 bytes = 0;

    if (unlikely(load_acquire(&dev->taps)))
        tap_show_out(dev, q, 0, clock_ns());
    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = q->p[i];
        bytes += s->len;
        s->dev = &peer->port;
        s->route = s->conn = NULL;
        s->priority = 0;
        s->queue = 0;
        s->stamp = 0;
    }
    stats_add(&out->tx_packets, q->n);
    stats_add(&out->tx_bytes, bytes);
    stats_add(&in->rx_packets, q->n);
    stats_add(&in->rx_bytes, bytes);
    backlog_put(dev_net(dev), cpu_id(), q);
}

/* ---- the device ---- */

static void set_carriers(struct netdev *dev, bool on)
{
    netdev_carrier(dev, on);
    netdev_carrier(peer_of(dev), on);
}

static int veth_open(struct netdev *dev)
{
    if (peer_of(dev)->flags & DEV_UP)
        set_carriers(dev, true);
    return 0;
}

static void veth_stop(struct netdev *dev)
{
    set_carriers(dev, false);
}

static int any_mac(struct netdev *dev, const struct macaddr *m)
{
    return 0;
}

static const struct netdev_ops veth_ops = {
    .driver = "veth", .open = veth_open, .stop = veth_stop, .tx = veth_tx, .set_mac = any_mac};

/* ---- words ---- */

struct words {
    const char *name;
    i64 mtu;
    struct macaddr mac;
};
static_assert(sizeof(struct words) <= LINK_WORDS, "they fit a request");

static void read_peer(struct ip_words *w, struct words *q)
{
    for (const char *word; (word = ip_word(w));) {
        if (str_eq(word, "name")) {
            q->name = ip_value(w);
            if (q->name && !dev_name_ok(q->name))
                ip_invalid(w, q->name, "\"name\" not a valid ifname");
        } else if (str_eq(word, "mtu")) {
            ip_i64(w, "mtu", 0, INT_MAX, &q->mtu);
        } else if (str_eq(word, "address")) {
            ip_lladdr(w, &q->mac);
            if (!w->status && !mac_is_station(&q->mac))
                ip_answer(w, -EADDRNOTAVAIL);
        } else if (!q->name && dev_name_ok(word)) {
            q->name = word;
        } else {
            ip_fail(w, IP_WRONG, "Error: either \"dev\" is duplicate, or \"%s\" is a garbage.", word);
        }
    }
}

static void veth_words(struct ip_words *w, void *own)
{
    const char *word = ip_word(w);
    if (word && !str_eq(word, "peer"))
        ip_fail(w, 1, "Usage: ip link <options> type veth [peer <options>]\nTo get <options> type 'ip link add help'");
    else if (word)
        read_peer(w, own);
}

/* ---- coming and going ---- */

static struct netdev *make(const struct link_type *kind)
{
    struct netdev *dev = netdev_new(&veth_ops, sizeof(struct veth), 0, 0);
    if (!dev)
        return NULL;
    netdev_choose_mac(dev);
    dev->kind = kind;
    dev->mtu_most = 65535;
    dev->features = dev->fixed = DEV_F_RX_CSUM | DEV_F_TX_CSUM | DEV_F_SG | DEV_F_TSO4 | DEV_F_TSO6 | DEV_F_ECN |
                                 DEV_F_USO | DEV_F_GSO | DEV_F_VLAN_RX | DEV_F_VLAN_TX;
    dev->speed = 10000; /* what Linux says of it */
    str_copy(dev->qdisc, sizeof(dev->qdisc), "noqueue");
    return dev;
}

static void veth_del(struct netdev *dev)
{
    struct netdev *peer = peer_of(dev);
    dev_down(dev);
    dev_down(peer);
    netdev_del(dev);
    netdev_del(peer);
}

/* Settings of the other half, which its words named. */
static int set_peer(struct netdev *peer, const struct words *q)
{
    int err = q->mtu ? dev_set_mtu(peer, (u32)q->mtu) : 0;
    return err || mac_is_zero(&q->mac) ? err : dev_set_mac(peer, &q->mac);
}

/* The other half first, as on Linux: it has the lower number. */
static int enter(struct net *net, struct netdev *dev, struct netdev *peer, const char *name, const char *peer_name)
{
    int err = netdev_add(net, peer, peer_name);
    if (err)
        return err;
    err = netdev_add(net, dev, name);
    if (!err)
        return 0;
    netdev_get(peer); /* for the caller to free */
    netdev_del(peer);
    return err;
}

static int veth_add(struct net *net, const struct link_request *q, struct netdev **made, const char **why)
{
    const struct words *own = (const void *)q->own;
    struct netdev *dev = make(q->type), *peer = make(q->type);
    char pattern[PORT_NAME];
    int err = -ENOMEM;

    if (dev && peer)
        err = enter(net, dev, peer, link_name(q, pattern), own->name ? own->name : "veth%u");
    if (err) {
        if (dev)
            netdev_free(dev);
        if (peer)
            netdev_free(peer);
        return err;
    }
    *veth_of(dev) = (struct veth){peer};
    *veth_of(peer) = (struct veth){dev};
    dev->iflink = peer->port.index;
    peer->iflink = dev->port.index;
    *made = dev;
    err = set_peer(peer, own);
    if (err)
        veth_del(dev);
    return err;
}

/* ---- dump ---- */

static bool made_with_peer(const struct netdev *dev)
{
    return peer_of(dev)->port.index < dev->port.index;
}

/* The line stands at the half that is listed first, which was the peer of the other one. */
static void veth_dump(struct out *o, struct net *net, const struct netdev *dev)
{
    out_text(o, "name ");
    out_word(o, peer_of(dev)->port.name);
    out_text(o, " type veth peer name ");
    out_word(o, dev->port.name);
}

LINK_TYPE(veth, .name = "veth", .usage = "[peer [name NAME] [mtu N] [address MAC]]", .words = veth_words,
          .add = veth_add, .del = veth_del, .dump = veth_dump, .made_with = made_with_peer);

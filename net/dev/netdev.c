/* The table of devices (contract: netdev.h): making, naming, finding, counting, and telling of changes.
 *
 * Numbers go up and are not given twice: 1 is the loopback device's, others begin at 2. Names by a pattern take the
 * first number that is free, so devices that are found in the order of the bus have the same names at each boot.
 */
#include "net/dev/netdev.h"

#include "lib/conf.h"
#include "lib/fmt.h"
#include "lib/string.h"

#define FEED_BYTES     4096
#define LOOPBACK_INDEX 1u

struct dev_table {
    struct list devs; /* by index */
    u32 last_index;
    u32 taps; /* that look on at all devices */
    struct notify_feed feed;
};

static int table_start(struct net *net, void *slot)
{
    struct dev_table *t = slot;
    list_init(&t->devs);
    t->last_index = LOOPBACK_INDEX;
    return notify_init(&t->feed, FEED_BYTES);
}

static void table_end(struct net *net, void *slot)
{
    struct dev_table *t = slot;
    if (PLAT_DEBUG && !list_empty(&t->devs))
        panic("a net ended before its devices");
    notify_exit(&t->feed);
}

NET_SLOT(dev_table, struct dev_table, table_start, table_end);

static struct dev_table *table(struct net *net)
{
    return NET_GET(net, struct dev_table, dev_table);
}

/* ---- coming and going ---- */

struct netdev *netdev_new(const struct netdev_ops *ops, size_t priv, u16 rxqs, u16 txqs)
{
    struct netdev *dev = mem_zalloc(round_up(sizeof(*dev), CACHE_LINE) + priv);
    if (!dev)
        return NULL;
    dev->ops = ops;
    dev->priv = (char *)dev + round_up(sizeof(*dev), CACHE_LINE);
    dev->refs = 1;
    dev->type = DEV_TYPE_ETHER;
    dev->flags = DEV_BROADCAST | DEV_MULTICAST;
    dev->mtu = 1500;
    dev->mtu_least = 68;
    dev->mtu_most = 1500;
    dev->tx_queue_len = 1000;
    dev->rxqs = dev->rxqs_most = rxqs;
    dev->txqs = dev->txqs_most = txqs;
    dev->adaptive_rx = true;
    str_copy(dev->qdisc, sizeof(dev->qdisc), "pfifo");
    list_init(&dev->link);
    list_init(&dev->multicast);
    bool all = (dev->tx_kept = mem_zalloc(txqs * sizeof(struct txq_kept)));
    for (unsigned i = 0; i < cpu_count() && all; i++)
        all = (dev->stats[i] = mem_zalloc(sizeof(struct dev_stats)));
    if (all)
        return dev;
    netdev_free(dev);
    return NULL;
}

void netdev_free(struct netdev *dev)
{
    if (dev->ops->free)
        dev->ops->free(dev);
    for (struct list *l; (l = list_pop(&dev->multicast));)
        mem_free(container_of(l, struct dev_mac, link));
    for (unsigned i = 0; i < CPU_MAX; i++)
        mem_free(dev->stats[i]);
    mem_free(dev->tx_kept);
    mem_free(dev->vids);
    if (dev->port.net)
        skb_port_end(&dev->port);
    mem_free(dev);
}

void netdev_put(struct netdev *dev)
{
    if (!atomic_sub(&dev->refs, 1))
        netdev_free(dev);
}

/* "eth%u" with the first number that no device has. */
static void choose_name(struct net *net, char *to, const char *pattern)
{
    for (unsigned i = 0;; i++) {
        str_copy(to, PORT_NAME, pattern);
        char *at = strstr(to, "%u");
        if (!at)
            return;
        fmt(at, PORT_NAME - (size_t)(at - to), "%u", i);
        if (!netdev_find(net, to))
            return;
    }
}

static void remember_first(struct netdev *dev)
{
    dev->first = (struct dev_first){.mtu = dev->mtu,
                                    .wanted = dev->wanted,
                                    .tx_queue_len = dev->tx_queue_len,
                                    .rx_ring = dev->rx_ring,
                                    .tx_ring = dev->tx_ring,
                                    .rx_usecs = dev->rx_usecs,
                                    .queues = dev->txqs,
                                    .adaptive_rx = dev->adaptive_rx};
    str_copy(dev->first.name, sizeof(dev->first.name), dev->port.name);
}

static int tell_begin(struct netdev *dev)
{
    int err = 0;
    SET_FOREACH(netdev_watch, const struct netdev_watch, w)
        if (!err && w->begin)
            err = w->begin(dev);
    return err;
}

static void tell_end(struct netdev *dev)
{
    SET_FOREACH(netdev_watch, const struct netdev_watch, w)
        if (w->end)
            w->end(dev);
}

int netdev_add(struct net *net, struct netdev *dev, const char *name)
{
    conf_assert();
    struct dev_table *t = table(net);
    choose_name(net, dev->port.name, name);
    if (netdev_find(net, dev->port.name))
        return -EEXIST;
    int err = skb_port_start(&dev->port, net);
    if (err) {
        dev->port.net = NULL;
        return err;
    }
    bool lo = dev->type == DEV_TYPE_LOOPBACK;
    dev->port.index = lo ? LOOPBACK_INDEX : ++t->last_index;
    dev->perm_mac = dev->mac;
    dev->hw_features |= dev->rxqs_most ? DEV_F_UDP_GRO : 0; /* nothing of it is the driver's */
    dev->wanted = dev->features & dev->hw_features;
    dev->taps = t->taps;
    remember_first(dev);
    err = tell_begin(dev);
    if (err) {
        tell_end(dev);
        return err;
    }
    if (lo)
        list_add(&t->devs, &dev->link);
    else
        list_add_tail(&t->devs, &dev->link);
    netdev_changed(dev, DEV_EVENT_NEW);
    return 0;
}

void netdev_del(struct netdev *dev)
{
    conf_assert();
    if (PLAT_DEBUG && (dev->flags & DEV_UP))
        panic("%s: goes while it is up", dev->port.name);
    list_del(&dev->link);
    store_release(&dev->gone, true);
    netdev_changed(dev, DEV_EVENT_GONE);
    rcu_barrier(); /* whoever found it in this round has left */
    tell_end(dev);
    netdev_put(dev);
}

/* ---- packets that are kept ---- */

static void park_dev(struct skb *s)
{
    if (s->dev)
        netdev_get(netdev_of(s));
}

static enum drop_reason unpark_dev(struct skb *s)
{
    if (!s->dev)
        return DROP_NOT;
    struct netdev *dev = netdev_of(s);
    bool gone = load_acquire(&dev->gone);
    if (gone)
        s->dev = NULL;
    netdev_put(dev);
    return gone ? DROP_DEV_DOWN : DROP_NOT;
}

PARK(dev, park_dev, unpark_dev);

/* ---- finding ---- */

struct netdev *netdev_find(struct net *net, const char *name)
{
    LIST_FOREACH(&table(net)->devs, struct netdev, link, dev)
        if (str_eq(dev->port.name, name))
            return dev;
    return NULL;
}

struct netdev *netdev_at(struct net *net, u32 index)
{
    LIST_FOREACH(&table(net)->devs, struct netdev, link, dev)
        if (dev->port.index == index)
            return dev;
    return NULL;
}

struct netdev *netdev_next(struct net *net, const struct netdev *last)
{
    struct list *head = &table(net)->devs, *next = last ? last->link.next : head->next;
    return next == head ? NULL : container_of(next, struct netdev, link);
}

static struct netdev *held(struct netdev *dev)
{
    if (dev)
        netdev_get(dev);
    conf_leave();
    return dev;
}

struct netdev *netdev_walk(struct net *net, struct netdev *last)
{
    struct netdev *dev = NULL;
    conf_enter();
    while (net && (dev = netdev_next(net, dev)) && last && dev->port.index <= last->port.index)
        ;
    dev = held(dev);
    if (last)
        netdev_put(last);
    return dev;
}

struct netdev *netdev_hold(struct net *net, const char *name)
{
    conf_enter();
    return held(net ? netdev_find(net, name) : NULL);
}

/* ---- what is known of them ---- */

void netdev_changed(struct netdev *dev, enum dev_event what)
{
    struct dev_notice n = {.index = dev->port.index};
    if (!n.index || (dev->gone && what != DEV_EVENT_GONE))
        return;
    memcpy(n.name, dev->port.name, sizeof(n.name));
    notify_publish(&table(dev_net(dev))->feed, what, &n, sizeof(n));
}

struct notify_feed *netdev_feed(struct net *net)
{
    return &table(net)->feed;
}

void netdev_carrier(struct netdev *dev, bool on)
{
    if (dev->carrier == on)
        return;
    store_relaxed(&dev->carrier, on);
    dev->carrier_changes++;
    if (dev->port.index && (dev->flags & DEV_UP))
        log_write(LOG_INFO, "%s: link %s", dev->port.name, on ? "up" : "down");
    netdev_tell(dev, DEV_CHANGE_CARRIER);
}

void netdev_tell(struct netdev *dev, enum dev_change what)
{
    SET_FOREACH(netdev_watch, const struct netdev_watch, w)
        if (w->change)
            w->change(dev, what);
    netdev_changed(dev, DEV_EVENT_CHANGE);
}

void netdev_choose_mac(struct netdev *dev)
{
    entropy_read(&dev->mac, sizeof(dev->mac));
    dev->mac.b[0] = (u8)((dev->mac.b[0] & ~1u) | 2);
}

void netdev_tapped(struct net *net, struct netdev *dev, int taps)
{
    struct dev_table *t = table(net);
    if (dev) {
        store_release(&dev->taps, dev->taps + (u32)taps);
        return;
    }
    t->taps += (u32)taps;
    LIST_FOREACH(&t->devs, struct netdev, link, d)
        store_release(&d->taps, d->taps + (u32)taps);
}

static u64 drops(struct netdev *dev, enum drop_reason from, enum drop_reason to)
{
    u64 n = 0;
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        for (enum drop_reason why = from; why < to; why++)
            n += drop_read(dev_net(dev), &dev->port, why, cpu);
    return n;
}

void netdev_total(struct netdev *dev, struct dev_total *t)
{
    *t = (struct dev_total){0};
    for (unsigned i = 0; i < cpu_count(); i++) {
        const struct dev_stats *s = dev->stats[i];
        t->s.rx_packets += load_relaxed(&s->rx_packets);
        t->s.rx_bytes += load_relaxed(&s->rx_bytes);
        t->s.multicast += load_relaxed(&s->multicast);
        t->s.tx_packets += load_relaxed(&s->tx_packets);
        t->s.tx_bytes += load_relaxed(&s->tx_bytes);
    }
    t->rx_dropped = drops(dev, DROP_NO_MEMORY, DROP_TX_DOWN);
    t->tx_dropped = drops(dev, DROP_TX_DOWN, DROP_REASONS);
}

void netdev_fetch(struct netdev *dev)
{
    conf_enter();
    if (dev->ops->stats && !dev->gone)
        dev->ops->stats(dev);
    conf_leave();
}

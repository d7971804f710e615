/* Changing a device's configuration (contract: updown.h).
 *
 * Down is the exact reverse of up; a device that is to be changed while it is up is told by its own hook and stays up.
 * What a hook refuses is not done: the device is as it was.
 */
#include "net/dev/updown.h"

#include "lib/conf.h"
#include "lib/string.h"
#include "net/dev/backlog.h"
#include "net/dev/keeper.h"
#include "net/dev/rss.h"
#include "net/dev/tx.h"
#include "net/wire/eth.h"

int dev_up(struct netdev *dev)
{
    conf_assert();
    if (dev->flags & DEV_UP)
        return 0;
    int err = keeper_start(dev_net(dev), dev_restart);
    err = err ? err : txq_start(dev);
    if (err)
        return err;
    err = dev->ops->open(dev);
    if (err) {
        txq_end(dev);
        return err;
    }
    txq_open(dev);
    dev->been_up = true;
    store_release(&dev->flags, dev->flags | DEV_UP);
    if (dev->ops->rx_mode)
        dev->ops->rx_mode(dev);
    netdev_tell(dev, DEV_CHANGE_UP);
    return 0;
}

void dev_down(struct netdev *dev)
{
    conf_assert();
    if (!(dev->flags & DEV_UP))
        return;
    store_release(&dev->flags, dev->flags & ~DEV_UP);
    rcu_barrier(); /* nobody is within dev_tx who saw it up */
    txq_close(dev);
    dev->ops->stop(dev);
    backlog_drain(dev_net(dev));
    txq_end(dev);
    netdev_tell(dev, DEV_CHANGE_DOWN);
}

/* Stopped, and its queues paused. */
static int start_again(struct netdev *dev)
{
    store_release(&dev->broken, NULL); /* what is said of it from here on is of the new life */
    int err = dev->ops->open(dev);
    if (err) {
        store_release(&dev->flags, dev->flags & ~DEV_UP);
        rcu_barrier();
        txq_close(dev);
        txq_end(dev);
        netdev_tell(dev, DEV_CHANGE_DOWN);
        return err;
    }
    txq_open(dev);
    if (dev->ops->rx_mode)
        dev->ops->rx_mode(dev);
    return 0;
}

int dev_restart(struct netdev *dev)
{
    conf_assert();
    if (!(dev->flags & DEV_UP))
        return 0;
    txq_pause(dev);
    dev->ops->stop(dev);
    return start_again(dev);
}

/* ---- how large, how many, how often ---- */

static u32 ring_size(const struct netdev *dev, u32 asked)
{
    asked = max(asked, dev->ring_least);
    return 1u << (log2_floor(asked) + !!(asked & (asked - 1)));
}

int dev_set_rings(struct netdev *dev, u32 rx, u32 tx)
{
    conf_assert();
    if (!dev->rx_ring)
        return -EOPNOTSUPP;
    if (rx > dev->ring_most || tx > dev->ring_most)
        return -EINVAL;
    rx = ring_size(dev, rx);
    tx = ring_size(dev, tx);
    if (rx == dev->rx_ring && tx == dev->tx_ring)
        return 0;
    dev->rx_ring = rx;
    dev->tx_ring = tx;
    return dev_restart(dev);
}

int dev_set_queues(struct netdev *dev, u16 n)
{
    bool up = dev->flags & DEV_UP;
    conf_assert();
    if (!dev->ops->set_queues)
        return -EOPNOTSUPP;
    if (!n || n > dev->txqs_most || n > dev->rxqs_most)
        return -EINVAL;
    if (n == dev->txqs && n == dev->rxqs)
        return 0;
    if (up) {
        txq_pause(dev);
        dev->ops->stop(dev);
    }
    dev->ops->set_queues(dev, n);
    dev->rxqs = dev->txqs = n;
    if (dev->rss)
        rss_fill(dev->rss, n);
    return up ? start_again(dev) : 0;
}

int dev_set_rss(struct netdev *dev, const struct dev_rss *r)
{
    conf_assert();
    int err = dev->flags & DEV_UP ? dev->ops->set_rss(dev, r) : 0;
    if (!err)
        *dev->rss = *r;
    return err;
}

int dev_set_pause(struct netdev *dev, const struct dev_pause *p)
{
    conf_assert();
    int err = dev->ops->set_pause ? dev->ops->set_pause(dev, p) : -EOPNOTSUPP;
    if (err)
        return err;
    dev->pause = *p;
    dev->pause_asked = true;
    return 0;
}

void dev_set_coalesce(struct netdev *dev, bool adaptive_rx, u32 rx_usecs)
{
    conf_assert();
    dev->adaptive_rx = adaptive_rx;
    store_relaxed(&dev->rx_usecs, rx_usecs);
}

void dev_set_tx_queue_len(struct netdev *dev, u32 len)
{
    conf_assert();
    txq_set_len(dev, len);
    netdev_changed(dev, DEV_EVENT_CHANGE);
}

/* ---- who it is ---- */

bool dev_name_ok(const char *name)
{
    if (!*name || strlen(name) >= PORT_NAME || str_eq(name, ".") || str_eq(name, ".."))
        return false;
    for (; *name; name++)
        if (*name == '/' || *name == ':' || char_is_space(*name))
            return false;
    return true;
}

int dev_rename(struct netdev *dev, const char *name)
{
    conf_assert();
    if (str_eq(dev->port.name, name))
        return 0;
    if (netdev_find(dev_net(dev), name))
        return -EEXIST;
    str_copy(dev->port.name, sizeof(dev->port.name), name);
    netdev_changed(dev, DEV_EVENT_CHANGE);
    return 0;
}

void dev_set_alias(struct netdev *dev, const char *alias)
{
    conf_assert();
    str_copy(dev->alias, sizeof(dev->alias), alias);
    netdev_changed(dev, DEV_EVENT_CHANGE);
}

int dev_set_mtu(struct netdev *dev, u32 mtu)
{
    conf_assert();
    if (mtu < dev->mtu_least || mtu > dev->mtu_most)
        return -EINVAL;
    int err = dev->ops->set_mtu ? dev->ops->set_mtu(dev, mtu) : 0;
    if (err)
        return err;
    store_relaxed(&dev->mtu, mtu);
    netdev_tell(dev, DEV_CHANGE_MTU);
    return 0;
}

int dev_set_mac(struct netdev *dev, const struct macaddr *m)
{
    conf_assert();
    if (!dev->ops->set_mac)
        return -EOPNOTSUPP;
    if (!mac_is_station(m))
        return -EADDRNOTAVAIL;
    int err = dev->ops->set_mac(dev, m);
    if (err)
        return err;
    dev->mac = *m;
    netdev_tell(dev, DEV_CHANGE_MAC);
    return 0;
}

/* ---- what it lets in ---- */

static void rx_mode(struct netdev *dev)
{
    if ((dev->flags & DEV_UP) && dev->ops->rx_mode)
        dev->ops->rx_mode(dev);
}

static void counted_flag(struct netdev *dev, u32 *users, int more, u32 flag)
{
    conf_assert();
    u32 was = *users;
    *users = (u32)((int)was + more);
    if (!was == !*users)
        return;
    dev->flags = *users ? dev->flags | flag : dev->flags & ~flag;
    rx_mode(dev);
    netdev_changed(dev, DEV_EVENT_CHANGE);
}

void dev_promisc(struct netdev *dev, int users)
{
    counted_flag(dev, &dev->promisc, users, DEV_PROMISC);
}

void dev_allmulti(struct netdev *dev, int users)
{
    counted_flag(dev, &dev->allmulti, users, DEV_ALLMULTI);
}

void dev_ask_promisc(struct netdev *dev, bool on)
{
    dev_promisc(dev, on - dev->asks_promisc);
    dev->asks_promisc = on;
}

void dev_ask_allmulti(struct netdev *dev, bool on)
{
    dev_allmulti(dev, on - dev->asks_allmulti);
    dev->asks_allmulti = on;
}

void dev_set_multicast(struct netdev *dev, bool on)
{
    conf_assert();
    if (!(dev->flags & DEV_MULTICAST) == !on)
        return;
    dev->flags ^= DEV_MULTICAST;
    netdev_changed(dev, DEV_EVENT_CHANGE);
}

static struct dev_mac *find(struct netdev *dev, const struct macaddr *m)
{
    LIST_FOREACH(&dev->multicast, struct dev_mac, link, at)
        if (mac_eq(&at->mac, m))
            return at;
    return NULL;
}

int dev_multicast_add(struct netdev *dev, const struct macaddr *m)
{
    conf_assert();
    struct dev_mac *at = find(dev, m);
    if (at) {
        at->users++;
        return 0;
    }
    at = mem_alloc(sizeof(*at));
    if (!at)
        return -ENOMEM;
    *at = (struct dev_mac){.mac = *m, .users = 1};
    list_add_tail(&dev->multicast, &at->link);
    dev->multicast_n++;
    rx_mode(dev);
    return 0;
}

void dev_multicast_del(struct netdev *dev, const struct macaddr *m)
{
    conf_assert();
    struct dev_mac *at = find(dev, m);
    if (!at || --at->users)
        return;
    list_del(&at->link);
    mem_free(at);
    dev->multicast_n--;
    rx_mode(dev);
}

static void set_vlan(struct netdev *dev, u16 id, bool on)
{
    u32 bit = 1u << id % 32;
    dev->vids[id / 32] = on ? dev->vids[id / 32] | bit : dev->vids[id / 32] & ~bit;
    dev->vids_n += on ? 1u : -1u;
    if ((dev->flags & DEV_UP) && dev->ops->set_vlan)
        dev->ops->set_vlan(dev, id, on);
}

int dev_vlan_add(struct netdev *dev, u16 id)
{
    conf_assert();
    if (!(dev->features & DEV_F_VLAN_FILTER) || netdev_wants_vlan(dev, id))
        return 0;
    if (!dev->vids && !(dev->vids = mem_zalloc(4096 / 8)))
        return -ENOMEM;
    set_vlan(dev, id, true);
    return 0;
}

void dev_vlan_del(struct netdev *dev, u16 id)
{
    conf_assert();
    if (netdev_wants_vlan(dev, id))
        set_vlan(dev, id, false);
}

/* ---- what it does by itself ---- */

/* Without checksums no cutting, and no frames merged by others; without fragments no large frames to cut. */
static u32 consistent(u32 f)
{
    if (!(f & DEV_F_SG))
        f &= ~DEV_F_GSO;
    if (!(f & DEV_F_SG) || !(f & DEV_F_TX_CSUM))
        f &= ~(DEV_F_TSO4 | DEV_F_TSO6 | DEV_F_USO);
    if (!(f & (DEV_F_TSO4 | DEV_F_TSO6)))
        f &= ~DEV_F_ECN;
    return f & DEV_F_RX_CSUM ? f : f & ~DEV_F_LRO;
}

int dev_set_features(struct netdev *dev, u32 mask, u32 want)
{
    u32 wanted = (dev->wanted & ~mask) | (want & mask), features = consistent(wanted | dev->fixed);
    conf_assert();
    if (mask & ~dev->hw_features)
        return -EOPNOTSUPP;
    int err = features != dev->features && dev->ops->set_features ? dev->ops->set_features(dev, features) : 0;
    if (err)
        return err;
    dev->wanted = wanted;
    store_relaxed(&dev->features, features);
    netdev_tell(dev, DEV_CHANGE_FEATURES);
    return 0;
}

int dev_set_handler(struct netdev *dev, rx_handler *fn, void *data)
{
    conf_assert();
    if (fn && (dev->handler || dev->vlans))
        return -EBUSY;
    if (fn)
        dev->handler_data = data;
    store_release(&dev->handler, fn);
    if (!fn)
        rcu_barrier(); /* nobody is in the old one */
    return 0;
}

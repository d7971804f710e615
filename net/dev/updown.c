/* Changing a device's configuration (contract: updown.h).
 *
 * Down is the exact reverse of up; a device that is to be changed while it is up is told by its own hook and stays up.
 * What a hook refuses is not done: the device is as it was.
 */
#include "net/dev/updown.h"

#include "lib/conf.h"
#include "net/dev/backlog.h"
#include "net/dev/keeper.h"
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
    store_release(&dev->flags, dev->flags | DEV_UP);
    if (dev->ops->rx_mode)
        dev->ops->rx_mode(dev);
    netdev_changed(dev, DEV_EVENT_CHANGE);
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
    netdev_changed(dev, DEV_EVENT_CHANGE);
}

int dev_restart(struct netdev *dev)
{
    conf_assert();
    if (!(dev->flags & DEV_UP))
        return 0;
    txq_pause(dev);
    dev->ops->stop(dev);
    store_release(&dev->broken, NULL); /* what is said of it from here on is of the new life */
    int err = dev->ops->open(dev);
    if (err) {
        store_release(&dev->flags, dev->flags & ~DEV_UP);
        rcu_barrier();
        txq_close(dev);
        txq_end(dev);
        netdev_changed(dev, DEV_EVENT_CHANGE);
        return err;
    }
    txq_open(dev);
    if (dev->ops->rx_mode)
        dev->ops->rx_mode(dev);
    return 0;
}

int dev_set_mtu(struct netdev *dev, u32 mtu)
{
    conf_assert();
    if (mtu < dev->mtu_least || mtu > dev->mtu_most)
        return -EINVAL;
    int err = dev->ops->set_mtu ? dev->ops->set_mtu(dev, mtu) : 0;
    if (err)
        return err;
    dev->mtu = mtu;
    netdev_changed(dev, DEV_EVENT_CHANGE);
    return 0;
}

int dev_set_mac(struct netdev *dev, const struct macaddr *m)
{
    conf_assert();
    if (!dev->ops->set_mac)
        return -EOPNOTSUPP;
    if (!mac_is_station(m))
        return -EINVAL;
    int err = dev->ops->set_mac(dev, m);
    if (err)
        return err;
    dev->mac = *m;
    netdev_changed(dev, DEV_EVENT_CHANGE);
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

/* ---- what it does by itself ---- */

/* Without checksums no cutting; without fragments no large frames to cut. */
static u32 consistent(u32 f)
{
    u32 cutting = DEV_F_TSO4 | DEV_F_TSO6 | DEV_F_USO | DEV_F_ECN;
    return (f & DEV_F_TX_CSUM) && (f & DEV_F_SG) ? f : f & ~cutting;
}

int dev_set_features(struct netdev *dev, u32 mask, u32 want)
{
    conf_assert();
    u32 features = (dev->features & ~mask) | (want & mask);
    if ((features ^ dev->features) & ~dev->hw_features)
        return -EOPNOTSUPP;
    features = consistent(features);
    int err = dev->ops->set_features ? dev->ops->set_features(dev, features) : 0;
    if (err)
        return err;
    store_relaxed(&dev->features, features);
    netdev_changed(dev, DEV_EVENT_CHANGE);
    return 0;
}

int dev_set_handler(struct netdev *dev, rx_handler *fn, void *data)
{
    conf_assert();
    if (fn && dev->handler)
        return -EBUSY;
    if (fn)
        dev->handler_data = data;
    store_release(&dev->handler, fn);
    if (!fn)
        rcu_barrier(); /* nobody is in the old one */
    return 0;
}

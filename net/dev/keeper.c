/* The task that looks after devices (contract: keeper.h): one for each net, from the first dev_up to the net's end.
 *
 * A wish is a word in the device, set by whoever has it, cleared when it begins to be fulfilled (that of a broken
 * device once that has been stopped); so a wish that comes later is fulfilled again afterwards. A device that cannot be
 * opened again stays down, and the console says so: nobody tries for ever.
 */
#include "net/dev/keeper.h"

#include "lib/conf.h"
#include "lib/errno.h"
#include "lib/wait.h"

struct dev_keeper {
    struct task *task;
    struct waitq wishes, end;
    bool wished, stop, ended;
    int (*restart)(struct netdev *dev);
};

NET_SLOT_USE(dev_keeper);

static struct dev_keeper *keeper(struct net *net)
{
    return NET_GET(net, struct dev_keeper, dev_keeper);
}

static void wish(struct netdev *dev)
{
    struct dev_keeper *k = keeper(dev_net(dev));
    store_release(&k->wished, true);
    waitq_wake_all(&k->wishes);
}

void dev_broken(struct netdev *dev, const char *why)
{
    if (load_relaxed(&dev->broken))
        return;
    store_release(&dev->broken, why);
    wish(dev);
}

void dev_ask_announce(struct netdev *dev)
{
    store_release(&dev->announce, true);
    wish(dev);
}

static void look_after(struct netdev *dev)
{
    const char *why = load_acquire(&dev->broken);
    if (why) {
        log_write(LOG_WARN, "%s: %s: reset", dev->port.name, why);
        dev->resets++;
        int err = keeper(dev_net(dev))->restart(dev);
        if (err)
            log_write(LOG_ERR, "%s: does not come back: %s", dev->port.name, errno_text(err));
    }
    if (load_acquire(&dev->announce)) {
        store_release(&dev->announce, false);
        netdev_changed(dev, DEV_EVENT_ANNOUNCE);
        SET_FOREACH(netdev_watch, const struct netdev_watch, w)
            if (w->change && (dev->flags & DEV_UP))
                w->change(dev, DEV_CHANGE_ANNOUNCE);
        if (dev->ops->announced && (dev->flags & DEV_UP))
            dev->ops->announced(dev);
    }
}

static bool has_wish(void *arg)
{
    const struct dev_keeper *k = arg;
    return load_acquire(&k->wished) || load_acquire(&k->stop);
}

static void keep(void *arg)
{
    struct net *net = arg;
    struct dev_keeper *k = keeper(net);
    for (;;) {
        waitq_wait_deaf(&k->wishes, has_wish, k);
        if (k->stop)
            break;
        store_release(&k->wished, false);
        conf_enter();
        for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));)
            look_after(dev);
        conf_leave();
    }
    waitq_end(&k->end, &k->ended); /* k may be gone behind this */
}

int keeper_start(struct net *net, int (*restart)(struct netdev *dev))
{
    struct dev_keeper *k = keeper(net);
    k->restart = restart;
    if (!k->task)
        k->task = task_start("netdevs", keep, net, TASK_NORMAL, -1);
    return k->task ? 0 : -ENOMEM;
}

static bool has_ended(void *arg)
{
    return load_acquire(&((struct dev_keeper *)arg)->ended);
}

static int net_start(struct net *net, void *slot)
{
    struct dev_keeper *k = slot;
    waitq_init(&k->wishes);
    waitq_init(&k->end);
    return 0;
}

static void net_end(struct net *net, void *slot)
{
    struct dev_keeper *k = slot;
    if (!k->task)
        return;
    store_release(&k->stop, true);
    waitq_wake_all(&k->wishes);
    waitq_wait_deaf(&k->end, has_ended, k);
}

NET_SLOT(dev_keeper, struct dev_keeper, net_start, net_end);

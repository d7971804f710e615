/* Ports of devices, and levels (contract: master.h).
 *
 * Levels are few and change seldom: all are found anew, from the ground up, each time that something stands upon
 * another device than before. What would stand too high is not done.
 */
#include "net/dev/master.h"

#include "lib/conf.h"
#include "net/dev/link_type.h"

/* The one that a VLAN stands upon; NULL: it is none. */
static struct netdev *below(const struct netdev *dev)
{
    return dev->level && dev->iflink ? netdev_at(dev_net(dev), dev->iflink) : NULL;
}

static bool stands_on(const struct netdev *dev, const struct netdev *what)
{
    const struct netdev *lower = below(dev);
    if (dev == what || (lower && stands_on(lower, what)))
        return true;
    for (const struct netdev *port = NULL; (port = netdev_next(dev_net(dev), port));)
        if (port->master == dev && stands_on(port, what))
            return true;
    return false;
}

static u8 level_of(const struct netdev *dev)
{
    const struct netdev *lower = below(dev);
    u8 level = (u8)(lower ? lower->level + 1 : dev->kind && dev->kind->take);

    for (const struct netdev *port = NULL; (port = netdev_next(dev_net(dev), port));)
        if (port->master == dev)
            level = max(level, (u8)(port->level + 1));
    return level;
}

/* False: something stands too high. */
static bool find_levels(struct net *net)
{
    bool changed = true, fit = true;
    while (changed) { /* nothing stands upon itself: it ends */
        changed = false;
        fit = true;
        for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));) {
            u8 level = level_of(dev);
            changed |= level != dev->level;
            fit &= level <= DEV_LEVELS;
            dev->level = level;
        }
    }
    return fit;
}

int master_set(struct netdev *dev, struct netdev *master)
{
    conf_assert();
    if (dev->master || stands_on(dev, master))
        return -EBUSY;
    dev->master = master;
    if (find_levels(dev_net(dev)))
        return 0;
    master_clear(dev);
    return -EMLINK;
}

void master_clear(struct netdev *dev)
{
    conf_assert();
    dev->master = NULL;
    find_levels(dev_net(dev));
}

int master_choose(struct netdev *dev, struct netdev *master, const char **why)
{
    conf_assert();
    if (master && (!master->kind || !master->kind->take))
        return -EOPNOTSUPP;
    if (dev->master == master)
        return 0;
    if (dev->master)
        dev->master->kind->let_go(dev);
    return master ? master->kind->take(master, dev, why) : 0;
}

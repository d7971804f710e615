/* Which device another one is a port of, and how high devices stand: `ip link set eth0 master br0`. Linux:
 * netdev_master_upper_dev_link.
 *
 *     level 2     br0.5          a device stands one higher than the highest of those that it stands upon: a VLAN on
 *     level 1     br0            the one below, a master on its ports
 *     level 0     eth0  eth1
 */
#ifndef NET_DEV_MASTER_H
#define NET_DEV_MASTER_H

#include "net/dev/netdev.h"

/* Tasks, under conf_lock. `ip link set dev master M`, by the type of M; M NULL: nobody's. What it was a port of before
 * lets it go first. -EOPNOTSUPP: M takes no ports; else what its type says, and `why` perhaps. */
int master_choose(struct netdev *dev, struct netdev *master, const char **why);

/* For the type: dev is a port of it, and all levels are right again. -EBUSY: it stands upon dev itself, or dev is a
 * port already; -EMLINK: something would stand higher than DEV_LEVELS. */
int master_set(struct netdev *dev, struct netdev *master);
void master_clear(struct netdev *dev);

#endif

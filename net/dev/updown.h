/* A device's configuration, changed by tasks under conf_lock: what `ip link set` and `ethtool` do. 0 or -errno each. */
#ifndef NET_DEV_UPDOWN_H
#define NET_DEV_UPDOWN_H

#include "net/dev/netdev.h"

int dev_up(struct netdev *dev); /* up already: 0 */
void dev_down(struct netdev *dev);
int dev_restart(
    struct netdev *dev); /* down and up again, if it is up; what waits in its queues stays. -errno: is down */
int dev_set_mtu(struct netdev *dev, u32 mtu);                 /* -EINVAL: beyond what it can */
int dev_set_mac(struct netdev *dev, const struct macaddr *m); /* -EOPNOTSUPP, -EINVAL: no station's */
void dev_promisc(struct netdev *dev, int users);              /* so many more, or fewer, want all frames */
void dev_allmulti(struct netdev *dev, int users);
int dev_multicast_add(struct netdev *dev, const struct macaddr *m); /* counted */
void dev_multicast_del(struct netdev *dev, const struct macaddr *m);
/* Those of `mask` as in `want`; what depends on them goes with them (TSO on checksums and fragments). */
int dev_set_features(struct netdev *dev, u32 mask, u32 want);
int dev_set_handler(struct netdev *dev, rx_handler *fn, void *data); /* fn NULL: none; -EBUSY: it has one */

#endif

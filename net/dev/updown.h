/* A device's configuration, changed by tasks under conf_lock: what `ip link set` and `ethtool` do. 0 or -errno each. */
#ifndef NET_DEV_UPDOWN_H
#define NET_DEV_UPDOWN_H

#include "net/dev/netdev.h"

int dev_up(struct netdev *dev); /* up already: 0 */
void dev_down(struct netdev *dev);
int dev_restart(
    struct netdev *dev); /* down and up again, if it is up; what waits in its queues stays. -errno: is down */
int dev_set_mtu(struct netdev *dev, u32 mtu);                 /* -EINVAL: beyond what it can */
int dev_set_mac(struct netdev *dev, const struct macaddr *m); /* -EOPNOTSUPP; -EADDRNOTAVAIL: no station's */
int dev_rename(struct netdev *dev, const char *name);         /* -EEXIST; dev_name_ok(name) */
bool dev_name_ok(const char *name);
void dev_set_alias(struct netdev *dev, const char *alias); /* shorter than DEV_ALIAS; "": none */
void dev_set_tx_queue_len(struct netdev *dev, u32 len);
/* Those who are counted: so many more, or fewer, want all frames. The administrator wants them once, or not. */
void dev_promisc(struct netdev *dev, int users);
void dev_allmulti(struct netdev *dev, int users);
void dev_ask_promisc(struct netdev *dev, bool on);
void dev_ask_allmulti(struct netdev *dev, bool on);
void dev_set_multicast(struct netdev *dev, bool on);
int dev_multicast_add(struct netdev *dev, const struct macaddr *m); /* counted */
void dev_multicast_del(struct netdev *dev, const struct macaddr *m);
/* Frames of a VLAN (802.1Q) are wanted, or not any more; nothing to be done where the device lets all in. -ENOMEM */
int dev_vlan_add(struct netdev *dev, u16 id);
void dev_vlan_del(struct netdev *dev, u16 id);
/* Those of `mask` as in `want`; what depends on others is on with them alone (TSO on checksums and fragments). */
int dev_set_features(struct netdev *dev, u32 mask, u32 want); /* -EOPNOTSUPP: one that cannot be changed */
/* Descriptors, rounded up to a power of 2; begins anew if it is up. -EOPNOTSUPP: there is nothing to choose. */
int dev_set_rings(struct netdev *dev, u32 rx, u32 tx); /* -EINVAL: beyond ring_most */
int dev_set_queues(struct netdev *dev, u16 n);         /* each way; likewise */
void dev_set_coalesce(struct netdev *dev, bool adaptive_rx, u32 rx_usecs);
int dev_set_pause(struct netdev *dev, const struct dev_pause *p);    /* -EOPNOTSUPP */
int dev_set_handler(struct netdev *dev, rx_handler *fn, void *data); /* fn NULL: none. -EBUSY: it has one,
                                                                      * or VLANs, which want their packets */

#endif

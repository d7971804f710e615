/* VLANs: devices that stand upon another one and have those of its frames that carry their tag.
 *
 *     in    driver -> GRO -> dev_rx(eth0) -> vlan_rx: the tag goes -> dev_rx(eth0.10)
 *     out   dev_tx(eth0.10) -> vlan_tx: the tag comes, beside the bytes -> dev_tx(eth0): among them, or by the device
 *
 * A VLAN follows the one below, as Linux's does: with its carrier, up and down, its address until it is given one of
 * its own, an MTU that is no larger, what it can do by itself. It wants in what its own device wants: addresses of
 * groups, and all of them where somebody listens. Where its station's address is another than the one below, that one
 * lets everything in.
 *
 * A frame whose tag has no device: with VLAN 0 (a priority alone) it is the device's below, the tag gone; with another
 * it is dropped as VLAN_UNKNOWN (Linux hands it to the protocols as another host's, who drop it).
 *
 * A device has VLANs or a handler (two joined, a bridge's port), not both: who wants both puts the handler on a VLAN.
 */
#ifndef NET_LINK_VLAN_H
#define NET_LINK_VLAN_H

#include "net/dev/netdev.h"

#define VLAN_IDS    4095u /* 0 .. 4094 */
#define VLAN_EGRESS 16u   /* priorities that a VLAN tells apart on the way out */

struct vlan_how {
    u16 proto, id;  /* ETH_VLAN, ETH_QINQ; below VLAN_IDS */
    u32 ingress[8]; /* the packet's priority, by the tag's */
    u32 egress_n;
    struct {
        u32 priority;
        u8 tag;
    } egress[VLAN_EGRESS]; /* the tag's, by the packet's; 0 where there is none */
};

/* Tasks, under conf_lock; the device by the name, a pattern perhaps; down. -EEXIST: the name, or the VLAN (why says
 * so); -EBUSY: the one below has a handler; -EMLINK: it stands too high already. */
int vlan_add(struct netdev *lower, const char *name, const struct vlan_how *how, const struct link_type *kind,
             struct netdev **made, const char **why);
void vlan_del(struct netdev *dev);

bool vlan_is(const struct netdev *dev);
struct netdev *vlan_lower(const struct netdev *dev);       /* likewise; there as long as that is */
const struct vlan_how *vlan_how(const struct netdev *dev); /* of one that is */

#endif

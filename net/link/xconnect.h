/* Two devices joined at layer 2, as by a cable: what comes in by one leaves by the other as it is. */
#ifndef NET_LINK_XCONNECT_H
#define NET_LINK_XCONNECT_H

#include "net/dev/netdev.h"

/* Tasks, under conf_lock. -EINVAL: the same device; -EBUSY: one is taken. Both let all frames in from then on. */
int xconnect_join(struct netdev *a, struct netdev *b);
int xconnect_part(struct netdev *a);                    /* -ENOENT: it is not joined */
struct netdev *xconnect_peer(const struct netdev *dev); /* NULL: it is not joined */

#endif

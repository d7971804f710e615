/* What a device finds out in softirq context and only a task can do: begin anew, or have itself announced. */
#ifndef NET_DEV_KEEPER_H
#define NET_DEV_KEEPER_H

#include "net/dev/netdev.h"

/* Any context. The device is taken down and up again, soon; `why` is told on the console and must stay. Once, however
 * often it is said until then. */
void dev_broken(struct netdev *dev, const char *why);
/* Any context. The network should hear where this address is now: DEV_EVENT_ANNOUNCE, then ops->announced. */
void dev_ask_announce(struct netdev *dev);

/* Task: by dev_up, once for each net; `restart` is what begins anew (dev_restart). -ENOMEM */
int keeper_start(struct net *net, int (*restart)(struct netdev *dev));

#endif

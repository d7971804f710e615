/* A probe (net/skb/probe.h) sent by a device, in a test. */
#ifndef UNIT_NET_DEV_ASKED_H
#define UNIT_NET_DEV_ASKED_H

#include "lib/check.h"
#include "net/dev/netdev.h"

/* By which queue s would leave; consumes it. Softirqs off. */
u32 asked_queue(struct netdev *dev, struct skb *s);

#endif

/* Transmit packet steering: which queue a packet leaves by, by the CPU that sends it. Linux: netdev_pick_tx,
 * get_xps_queue.
 *
 *     dev_tx -> [dev->spread: xps_tx] --> queue --> txq_send
 *
 * /sys/class/net/X/queues/tx-N/xps_cpus: mask of CPUs that may use the queue. A CPU in the masks of several uses one of
 * them by flow; one in none uses the queue that the packet would have without all this (txq_usual).
 *
 * Nothing overtakes within a flow, whatever is written to these files and on whatever CPU the flow is: flows are put
 * together in buckets, and a bucket stays with its queue until that has been empty, ring and all, since the bucket's
 * last packet went in (Linux's ooo_okay, seen from the queue). A queue that is never empty keeps what it has.
 */
#ifndef NET_DEV_XPS_H
#define NET_DEV_XPS_H

#include "net/dev/netdev.h"

int xps_set(struct netdev *dev, u16 queue, u64 cpus); /* conf_lock; -ENOENT: it has one queue; -EINVAL, -ENOMEM */
u64 xps_get(const struct netdev *dev, u16 queue);

#endif

/* Receive packet steering: on which CPU a packet goes through the stack, by its flow. Linux: get_rps_cpu.
 *
 *     napi_rx -> rx_skbs -> dev_rx_steered -> [dev->steer: rps_rx] --+-- this CPU --> dev_rx
 *                                                                    +-- another --> its backlog --> dev_rx there
 *
 * For each receive queue, /sys/class/net/X/queues/rx-N/:
 *     rps_cpus       mask of CPUs that share the queue's flows; 0: where it was polled
 *     rps_flow_cnt   entries of its table of flows; 0, as anything below 256, is 256
 *
 * One queue, one order: flows are put together in buckets by the top bits of the flow hash; a bucket is on one CPU.
 * Nothing overtakes within a flow, whatever is written to these files while packets flow. Each writing makes a new
 * generation of the table; a bucket leaves the old one when all that it has put into a backlog has left dev_rx (Linux's
 * rule for RFS, head and tail counters; here for RPS as well):
 *
 *     oldest generation --> ... --> newest        a packet goes by the first in which its bucket has not yet moved on
 *
 * What would go to this CPU's own backlog is handled at once when nothing of the bucket waits there.
 */
#ifndef NET_DEV_RPS_H
#define NET_DEV_RPS_H

#include "net/dev/netdev.h"

#define RPS_FLOWS_MOST (1u << 20)

/* conf_lock. -EINVAL: no such queue; -ENOMEM. */
int rps_set(struct netdev *dev, u16 queue, u64 cpus, u32 flows);
void rps_get(const struct netdev *dev, u16 queue, u64 *cpus, u32 *flows);
u32 rps_generations(struct netdev *dev, u16 queue); /* still in use: 0 when it was never asked for */

#endif

/* Who waits for packets may look at the device himself first, before he sleeps (Linux: busy polling): an interrupt less
 * and a task switch less, for a CPU that does nothing else meanwhile.
 *
 *     u64 end = clock_ns() + busy_read_ns(net);
 *     while (nothing came && clock_ns() < end)
 *         busy_poll(net, index, queue);              of the packet that came last: its device's index, skb->queue
 */
#ifndef NET_DEV_BUSY_H
#define NET_DEV_BUSY_H

#include "lib/net.h"

u64 busy_read_ns(struct net *net);                    /* net.core.busy_read; 0: nobody does */
u32 busy_poll(struct net *net, u32 index, u16 queue); /* task: a turn, if nobody else polls there; how many packets */

#endif

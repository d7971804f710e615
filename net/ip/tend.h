/* The task that tends a stack's addresses: what packets and time bring about that only a task may do, under conf_lock.
 *
 *     tend_skb(dev, s, heard);              softirq: heard(dev, s) is called in the task, soon; its device has so much
 * room TEND(dad, dad_due);                   u64 dad_due(net, now): does what is due, says when something is again
 *     tend_soon(net);                       something may be due earlier than was said
 *
 * One for each net, from its first device on.
 */
#ifndef NET_IP_TEND_H
#define NET_IP_TEND_H

#include "lib/set.h"
#include "net/skb/skb.h"

struct net;
struct netdev;

#define TEND_MOST  64u /* packets of a device that wait; more are dropped, and counted */
#define TEND_NEVER (~0ull)

typedef void tend_fn(struct netdev *dev, struct skb *s); /* s stays the caller's; softirqs are on */

void tend_skb(struct netdev *dev, struct skb *s, tend_fn *fn); /* consumes s, which came in by dev; softirq */
void tend_soon(struct net *net);                               /* any */
int tend_start(struct net *net);                               /* -ENOMEM; task; any number of times: net/ip/watch.c */
void tend_dev_end(struct netdev *dev);                         /* nothing of it waits any more; likewise */

struct tend_part {
    u64 (*due)(struct net *net, u64 now); /* ns of clock_ns, or TEND_NEVER */
};
#define TEND(id, due_)                                     \
    static const struct tend_part tend_part_##id = {due_}; \
    SET_ADD(tend, tend_part_##id)

#endif

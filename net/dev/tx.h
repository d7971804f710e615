/* The way out: dev_tx to the queue's discipline, and from there to the driver's ring. Linux: dev_queue_xmit.
 *
 *     dev_tx(dev, burst) --> choice of queue --> [qdisc] --> made fit for the device --> ops->xmit
 *                                                  ^               (cut, checksummed)        |
 *                                                  |  byte queue limit, ring full            v
 *                                                  +------- txq_done: room again <--- the device is done
 *
 * Where nothing waits, a burst goes past the discipline straight to the ring. What the ring does not take stays in
 * `held`, made fit already. Lock order: a queue's lock -> a pool's depot; drops within it take no other.
 */
#ifndef NET_DEV_TX_H
#define NET_DEV_TX_H

#include "lib/timer.h"
#include "lib/work.h"
#include "net/dev/dql.h"
#include "net/dev/netdev.h"
#include "net/qdisc/qdisc.h"

#define TX_TIMEOUT (5 * NS_PER_S)

struct txq {
    struct netdev *dev;
    u16 index;
    struct work work;   /* NET_TX: runs the queue */
    struct timer again; /* when the discipline wants to be asked */
    struct timer watch; /* armed while no more may go in */
    u64 timeouts;

    struct spinlock lock CACHE_ALIGNED; /* all below */
    struct qdisc *q;
    struct skb *held, **held_end; /* by next */
    u32 held_n;
    u32 at_once;  /* bytes of what xmit took that were sent and freed before it returned: set by it */
    bool stopped; /* the ring is full, until txq_done */
    bool open;
    struct dql dql;
    u64 moved; /* ns: when the ring last took or gave something */
};

void dev_tx(struct netdev *dev, struct skbq *q); /* softirq; all leave by dev, frames from data on; consumes q */

/* Drivers, from poll: so much of what xmit took is done. The ring has room. */
void txq_done(struct netdev *dev, unsigned queue, u32 packets, u32 bytes);

/* ---- with the device: net/dev/updown.c ---- */
int txq_start(struct netdev *dev);  /* makes the queues and their disciplines; -ENOMEM */
void txq_open(struct netdev *dev);  /* packets may go */
void txq_close(struct netdev *dev); /* none goes any more; what waited is dropped */
void txq_end(struct netdev *dev);
/* A ring that was reset: what was in flight is gone, and the limit begins anew. */
void txq_reset(struct netdev *dev, unsigned queue);

#endif

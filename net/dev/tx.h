/* The way out: dev_tx to the queue's discipline, and from there to the driver's ring. Linux: dev_queue_xmit.
 *
 *     dev_tx(dev, burst) --> choice of queue --> [qdisc] --> made fit for the device --> ops->xmit
 *                                                  ^               (cut, checksummed)        |
 *                                                  |  byte queue limit, ring full            v
 *                                                  +-- ops->reap: room again <------- the device is done
 *
 * What the device is done with is reaped, once it is TX_MANY packets or there is no room, before the next burst goes
 * into its ring, so a stream needs no interrupts for that; when somebody waits for room the driver is told to ask for
 * one (tx_wait), and the last of a stream is reaped by a timer, TX_LAZY later.
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
    struct timer lazy;  /* armed while the ring holds what may be done already */

    bool busy; /* written with the lock, read without: in the ring, held, or in the discipline is something */
    struct spinlock lock CACHE_ALIGNED; /* all below */
    struct qdisc *q;
    struct skb *held, **held_end; /* by next */
    u32 held_n;
    u32 seen;     /* of these, so many in front were shown to taps when the ring did not take them */
    bool stopped; /* the ring is full, until something is reaped */
    bool waited;  /* ops->tx_wait was told */
    bool open, paused;
    u32 emptied; /* times that nothing was left after something had been: none waits, none is in the ring */
    struct dql dql;
    u32 in_ring; /* packets that were not reaped */
    u64 moved;   /* ns, while no more may go in: when the ring last took or gave something */
};

#define TX_LAZY (40 * NS_PER_MS)
#define TX_MANY 16u /* packets in the ring: enough to be worth a look at which are done */

void dev_tx(struct netdev *dev, struct skbq *q); /* softirq; all leave by dev, frames from data on; consumes q */

/* Drivers, from poll: something may be done. */
void txq_poll(struct netdev *dev, unsigned queue);

/* For net/dev/xps.c: a part of dev_tx's burst to a queue; the queue that a packet has by its flow alone; and whether a
 * queue is empty: txq_look_empty reaps, and counts it when it is. Softirq. */
void txq_send(struct netdev *dev, u32 queue, struct skbq *q);
u32 txq_usual(const struct netdev *dev, struct skb *s);
void txq_look_empty(struct netdev *dev, u32 queue);
static inline u32 txq_emptied(const struct netdev *dev, u32 queue)
{
    return load_acquire(&dev->txq[queue].emptied);
}

/* ---- with the device: net/dev/updown.c ---- */
int txq_start(struct netdev *dev);  /* makes the queues and their disciplines; -ENOMEM */
void txq_open(struct netdev *dev);  /* packets may go, by those in use; what waits in the others is dropped */
void txq_pause(struct netdev *dev); /* none goes to the ring until txq_open; what comes waits */
void txq_close(struct netdev *dev); /* none goes any more; what waited is dropped */
void txq_end(struct netdev *dev);
struct txq_limits { /* of the bytes in a ring; hold in ns */
    u32 limit, least, most, inflight;
    u64 hold;
};
void txq_limits_get(struct netdev *dev, unsigned queue, struct txq_limits *l);       /* task */
void txq_limits_set(struct netdev *dev, unsigned queue, const struct txq_limits *l); /* inflight apart */
void txq_set_len(struct netdev *dev, u32 len); /* of queues that have the length so far, too; the others chose one */
/* A ring that was reset: what was in flight is gone, and the limit begins anew. */
void txq_reset(struct netdev *dev, unsigned queue);

#endif

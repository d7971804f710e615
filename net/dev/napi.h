/* NAPI: from a device's interrupt to polling and back.
 *
 *     interrupt:   ops->irq_off(n) by the driver's handler, then napi_schedule(n): no more
 *     NET_RX:      polls what is scheduled, 64 packets a turn, until net.core.netdev_budget or _usecs is used up
 *     after 64:    what GRO has held since an earlier millisecond goes on
 *     a turn of less than 64:  nothing was left: what GRO holds goes on, or after gro_flush_timeout where that is set;
 *                  and the interrupt is let in again, unless
 *                    - it came meanwhile (no wake-up is lost: irq_on says so),
 *                    - napi_defer_hard_irqs says to wait for gro_flush_timeout first,
 *                    - packets come faster than 20000 a second and the device is adaptive: then a timer of at most
 *                      300 us polls instead, and the interrupt stays off until they are fewer; one that is not adaptive
 *                      waits for rx_usecs, whatever the rate is
 *
 *     IDLE --schedule--> SCHED --poll < 64--> IDLE (irq_on) or WAITING (timer) --timer--> SCHED
 *                          ^--poll = 64--|
 *
 * Whoever has set SCHED owns the napi: softirq, or who polls busily for a socket.
 */
#ifndef NET_DEV_NAPI_H
#define NET_DEV_NAPI_H

#include "lib/timer.h"
#include "lib/work.h"
#include "net/dev/netdev.h"
#include "net/dev/rxbuf.h"

#define NAPI_WEIGHT 64u

struct gro;

/* What a round of NET_RX polls: a napi, or a CPU's backlog. */
struct poller {
    struct work work;       /* in a CPU's list */
    struct softnet_cpu *of; /* whose round it is in */
    /* Takes what its weight says, or less if there is no more; *done: how many, 0 before. True: it has more, and has
     * its turn again; false: nothing of it is touched any more. now: ns, of the turn. */
    bool (*turn)(struct poller *p, u64 now, u32 *done);
};
void softnet_add(struct net *net, unsigned cpu, struct poller *p); /* any context; it is in no list */

struct napi_ops {
    /* (required) Reaps what was sent, then hands up at most `budget` packets by napi_rx, and refills the ring; how many
     * it handed up. Less than budget: there were no more. Budget 0: sent ones alone. */
    u32 (*poll)(struct napi *n, u32 budget);
    bool (*irq_on)(struct napi *n);           /* (required) true: something is there already */
    void (*irq_off)(struct napi *n);          /* (required) any context */
    void (*moderate)(struct napi *n, u32 us); /* (optional) at least so long between interrupts: hardware that can */
};

struct napi {
    const struct napi_ops *ops;
    struct netdev *dev;
    void *priv;
    u16 queue;
    struct napi *next_of_dev;
    u32 state; /* atomic: NAPI_SCHED ... */
    /* ---- whoever has SCHED ---- */
    struct poller poller;
    struct gro *gro; /* net/dev/gro.h; NULL: no memory for it */
    struct timer timer;
    u64 now;      /* ns: of the turn */
    u32 deferred; /* empty polls that defer_hard_irqs has let pass */
    u64 since;    /* start of the span of time in which */
    u32 packets;  /* so many came, */
    u32 rate;     /* and how many a second that made in the spans before */
    u32 delay_us; /* between polls at that rate; 0: interrupts */
    u64 polled, completed, interrupts;
    u64 rx_packets, rx_bytes; /* handed up */
    /* ---- polling by a task: net/dev/napi_thread.h ---- */
    struct task *thread; /* from the first wish on until napi_del */
    bool threaded;       /* it is wished now */
    u32 thread_stop;     /* 1: it shall end; 2: and nobody wakes it any more */
    u32 handed;          /* atomic: the task has SCHED */
};

void napi_add(struct netdev *dev, struct napi *n, const struct napi_ops *ops, u16 queue); /* off */
void napi_del(struct napi *n);                                                            /* off already; task */
void napi_on(struct napi *n);              /* ops->open: from here on it may be scheduled; does so once */
void napi_off(struct napi *n);             /* ops->stop: when it returns nobody polls; task */
void napi_later(struct napi *n, u64 when); /* from poll: it is polled again then, whatever interrupts say */
void napi_schedule(struct napi *n);        /* any context; the interrupt is off */
void napi_rx(struct napi *n, struct rxbuf *b, u32 pieces); /* from poll alone: frames in the order of arrival */
u32 napi_busy_poll(struct napi *n, u32 budget);            /* task: polls by itself if nobody does; how many packets */

/* For net/dev/napi_thread.c: a turn by whoever has SCHED, softirqs off: true: it has more, and is the caller's still;
 * and SCHED handed on to who is to poll now. */
bool napi_turn(struct napi *n, u64 now, u32 *done);
void napi_hand_on(struct napi *n);

u64 softnet_squeezed(struct net *net, unsigned cpu); /* rounds that ended with work left */

#endif

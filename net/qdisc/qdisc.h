/* Queueing disciplines: the order and the rate in which packets leave a device's queue.
 *
 *     dev_tx --> enqueue(burst) --> [ the discipline ] --> dequeue(burst) --> driver's ring
 *
 * A discipline is one file that ends in one `const struct qdisc_ops`, entered by QDISC(ops). Its owner, the
 * transmit queue (net/dev/tx.h), calls every hook under the queue's lock with softirqs off: a discipline has no locks.
 * Packets inside are parked (skb_park): the discipline calls qdisc_keep and qdisc_let_go, which do that and count.
 *
 * What enqueue does not take it leaves in the burst, with the order kept; what it throws out to make room, or because
 * it is too old, it puts into `drops`, which the owner drops by name when the lock is no longer held (habit 13).
 */
#ifndef NET_QDISC_QDISC_H
#define NET_QDISC_QDISC_H

#include "lib/set.h"
#include "net/skb/skb.h"

struct qdisc;

struct qdisc_drops { /* by next */
    struct skb *first;
    u32 n;
};

struct qdisc_ops {
    const char *name;
    bool passes;                    /* while nothing is in it, packets may go past it to the device */
    u32 size;                       /* of the discipline's own struct, which begins with struct qdisc */
    int (*init)(struct qdisc *q);   /* (optional) -errno: it is not made */
    void (*reset)(struct qdisc *q); /* (optional) once before the memory goes; packets are gone by then */
    /* (required) Takes from the front of `in` what it can; the rest stays in `in`, and the owner drops it. */
    void (*enqueue)(struct qdisc *q, struct skbq *in, struct qdisc_drops *drops, u64 now);
    /* (required) Would enqueue take it as things are now? Nothing changes: a probe asks (net/skb/probe.h). */
    bool (*takes)(const struct qdisc *q, const struct skb *s);
    /* (required) Adds up to `most` packets, of together little more than `bytes`, to `out`. Fewer: none is due now;
     * *again says when to ask the next time (~0: when something was enqueued). */
    void (*dequeue)(struct qdisc *q, struct skbq *out, u32 most, u32 bytes, struct qdisc_drops *drops, u64 now,
                    u64 *again);
};

#define QDISC(ops) SET_ADD(qdisc, ops)

struct qdisc {
    const struct qdisc_ops *ops;
    u32 limit; /* packets */
    /* ---- the owner's lock ---- */
    u32 packets, bytes; /* in it now */
    u64 sent_packets, sent_bytes, dropped, overlimits, requeues;
};

struct qdisc *qdisc_new(const char *name, u32 limit); /* NULL: no memory, or no such discipline */
void qdisc_free(struct qdisc *q);                     /* empty: qdisc_purge before */
/* Takes all that is in it, for the owner to drop. */
void qdisc_purge(struct qdisc *q, struct qdisc_drops *drops);

/* ---- for disciplines ---- */
static inline void qdisc_keep(struct qdisc *q, struct skb *s)
{
    skb_park(s);
    q->packets++;
    q->bytes += s->len;
}

/* It leaves, by the front or by being dropped. */
static inline void qdisc_let_go(struct qdisc *q, struct skb *s)
{
    q->packets--;
    q->bytes -= s->len;
}

static inline void qdisc_drop(struct qdisc *q, struct skb *s, struct qdisc_drops *drops)
{
    s->next = drops->first;
    drops->first = s;
    drops->n++;
    q->dropped++;
}

#endif

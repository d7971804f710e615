/* pfifo: first in, first out, up to `limit` packets; what comes when it is full is not taken. Linux: sch_fifo.c. */
#include "net/qdisc/qdisc.h"

struct fifo {
    struct qdisc q;
    struct skb *first, **end; /* by next */
};

static struct fifo *fifo_of(struct qdisc *q)
{
    return container_of(q, struct fifo, q);
}

static int fifo_init(struct qdisc *q)
{
    struct fifo *f = fifo_of(q);
    f->end = &f->first;
    return 0;
}

static void fifo_enqueue(struct qdisc *q, struct skbq *in, struct qdisc_drops *drops, u64 now)
{
    struct fifo *f = fifo_of(q);
    u32 room = q->limit - min(q->limit, q->packets), n = min(room, in->n);

    for (u32 i = 0; i < n; i++) {
        struct skb *s = in->p[i];
        qdisc_keep(q, s);
        s->next = NULL;
        *f->end = s;
        f->end = &s->next;
    }
    skbq_shift(in, n);
}

static bool fifo_takes(const struct qdisc *q, const struct skb *s)
{
    return q->packets < q->limit;
}

static void fifo_dequeue(struct qdisc *q, struct skbq *out, u32 most, u32 bytes, struct qdisc_drops *drops, u64 now,
                         u64 *again)
{
    struct fifo *f = fifo_of(q);
    u32 got = 0;

    *again = ~0ull;
    while (f->first && most-- && got < bytes) {
        struct skb *s = f->first;
        f->first = s->next;
        qdisc_let_go(q, s);
        got += s->len;
        skbq_add(out, s);
    }
    if (!f->first)
        f->end = &f->first;
}

static const struct qdisc_ops fifo_ops = {
    .name = "pfifo",
    .passes = true,
    .size = sizeof(struct fifo),
    .init = fifo_init,
    .enqueue = fifo_enqueue,
    .takes = fifo_takes,
    .dequeue = fifo_dequeue,
};
QDISC(fifo_ops);

/* Internal to net/ip. */
/* What waits for a neighbour's answer: packets, the oldest first, which hold no more memory than unres_qlen_bytes.
 * Whoever has a queue has a lock for it. */
#ifndef NET_IP_NEIGH_QUEUE_H
#define NET_IP_NEIGH_QUEUE_H

#include "net/skb/skb.h"

struct neigh_queue {
    struct skb *first, **end;
    u32 bytes, *all; /* all: atomic, those of all queues of a stack */
};

static inline void neigh_queue_init(struct neigh_queue *q, u32 *all)
{
    *q = (struct neigh_queue){.end = &q->first, .all = all};
}

struct skb *neigh_queue_take(struct neigh_queue *q); /* all: a list by next */
/* s is the last now; those that had to go for it, s itself where it is too large. */
struct skb *neigh_queue_add(struct neigh_queue *q, struct skb *s, u32 most);

/* Such a list, which is consumed; softirq, without the lock. */
void neigh_queue_refuse(struct skb *s); /* nobody answers: the senders are told */
void neigh_queue_drop(struct skb *s, enum drop_reason why);
/* The next that can go on, at most as many as q holds; the rest of the list. */
struct skb *neigh_queue_ready(struct skb *s, struct skbq *q);

#endif

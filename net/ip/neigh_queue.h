/* Internal to net/ip. */
/* What waits for a neighbour's answer: packets, the oldest first, which hold no more memory than unres_qlen_bytes. */
#ifndef NET_IP_NEIGH_QUEUE_H
#define NET_IP_NEIGH_QUEUE_H

#include "net/ip/neigh.h"

/* Under n->lock. A list by next. */
struct skb *neigh_queue_take(struct neigh *n);
/* s is the last now; those that had to go for it, s itself where it is too large. */
struct skb *neigh_queue_add(struct neigh *n, struct skb *s, u32 most);

/* Such a list, which is consumed; softirq, no lock of n held. */
void neigh_queue_refuse(struct skb *s); /* nobody answers: the senders are told */
void neigh_queue_drop(struct skb *s, enum drop_reason why);
void neigh_queue_send(struct neigh *n, struct skb *s);

#endif

/* What waits for a neighbour (contract: neigh_queue.h). */
#include "net/ip/neigh_queue.h"

#include "net/dev/tx.h"
#include "net/skb/drop.h"

/* As Linux counts (truesize): a short packet has a whole buffer, too. */
static u32 cost(const struct skb *s)
{
    return max(s->len, SKB_ROOM);
}

struct skb *neigh_queue_take(struct neigh *n)
{
    struct skb *s = n->queue;
    n->queue = NULL;
    n->queue_end = &n->queue;
    n->queue_bytes = n->probes = 0;
    return s;
}

struct skb *neigh_queue_add(struct neigh *n, struct skb *s, u32 most)
{
    struct skb *out = NULL, **out_end = &out;

    s->route = NULL; /* its way ends here, whatever becomes of the route */
    skb_park(s);
    s->next = NULL;
    *n->queue_end = s;
    n->queue_end = &s->next;
    n->queue_bytes += cost(s);
    while (n->queue_bytes > most && n->queue) {
        struct skb *oldest = n->queue;
        n->queue = oldest->next;
        n->queue_bytes -= cost(oldest);
        oldest->next = NULL;
        *out_end = oldest;
        out_end = &oldest->next;
    }
    if (!n->queue)
        n->queue_end = &n->queue;
    return out;
}

/* One of our own has no header yet; with it, it can be parsed. */
static void as_frame(struct skb *s)
{
    if (skb_off(s) != s->l3)
        return;
    u8 *p = skb_push(s, ETH_HLEN);
    memset(p, 0, ETH_HLEN);
    store_be16(p + 12, s->type);
    s->l2 = (u16)skb_off(s);
}

void neigh_queue_refuse(struct skb *s)
{
    for (struct skb *next; s; s = next) {
        next = s->next;
        enum drop_reason why = skb_unpark(s);
        if (why) {
            skb_drop(s, why);
            continue;
        }
        as_frame(s);
        ip_refuse(s, ICMP_ERR_HOST, 0, DROP_NEIGH_FAILED);
    }
}

void neigh_queue_drop(struct skb *s, enum drop_reason why)
{
    for (struct skb *next; s; s = next) {
        next = s->next;
        skb_drop(s, why);
    }
}

void neigh_queue_send(struct neigh *n, struct skb *s)
{
    struct skbq q = {0};
    for (struct skb *next; s; s = next) {
        next = s->next;
        enum drop_reason why = skb_unpark(s);
        if (why) {
            skb_drop(s, why);
        } else {
            neigh_write_header(n, s);
            skbq_add(&q, s);
        }
        if (q.n == SKBQ_MOST || (!next && q.n)) {
            dev_tx(n->dev, &q);
            q.n = 0;
        }
    }
}

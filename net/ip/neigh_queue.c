/* What waits for a neighbour (contract: neigh_queue.h).
 *
 * A packet that waits is parked: it holds what it points at, and its way ends here, whatever becomes of the route. Used
 * by neigh.c alone, which decides when. Never sends or frees under the lock of who has the queue: what is to be sent or
 * dropped is given back as a list.
 */
#include "net/ip/neigh_queue.h"

#include "lib/string.h"
#include "net/ip/family.h"
#include "net/skb/drop.h"
#include "net/wire/eth.h"

/* As Linux counts (truesize): a short packet has a whole buffer, too. */
static u32 cost(const struct skb *s)
{
    return max(s->len, SKB_ROOM);
}

struct skb *neigh_queue_take(struct neigh_queue *q)
{
    struct skb *s = q->first;
    atomic_sub(q->all, q->bytes);
    neigh_queue_init(q, q->all);
    return s;
}

struct skb *neigh_queue_add(struct neigh_queue *q, struct skb *s, u32 most)
{
    struct skb *out = NULL, **out_end = &out;

    s->route = NULL;
    skb_park(s);
    s->next = NULL;
    *q->end = s;
    q->end = &s->next;
    u32 before = q->bytes;
    q->bytes += cost(s);
    while (q->bytes > most && q->first) {
        struct skb *oldest = q->first;
        q->first = oldest->next;
        q->bytes -= cost(oldest);
        oldest->next = NULL;
        *out_end = oldest;
        out_end = &oldest->next;
    }
    if (!q->first)
        q->end = &q->first;
    atomic_add(q->all, q->bytes - before);
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

struct skb *neigh_queue_ready(struct skb *s, struct skbq *q)
{
    for (struct skb *next; s && q->n < SKBQ_MOST; s = next) {
        next = s->next;
        enum drop_reason why = skb_unpark(s);
        if (why)
            skb_drop(s, why);
        else
            skbq_add(q, s);
    }
    return s;
}

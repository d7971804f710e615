/* Neighbours: from an address on a link to a MAC address, for ARP and NDP alike (RFC 4861 7.3).
 *
 *                    a packet waits                 answered
 *     (none) ------------------> INCOMPLETE -----------------------> REACHABLE <----------- confirmed ----------+
 *                                    | 3 asked in vain                   | base_reachable_time, by half of it    |
 *                                    v                                   v                                      |
 *                                 FAILED                               STALE --a packet--> DELAY --5 s--> PROBE -+
 *                                    ^                                                                      | 3 in vain
 *                                    +----------------------------------------------------------------------+
 *     PERMANENT: an administrator's, for ever.   NOARP: the device has no such addresses.
 *
 * A packet that waits lies in its neighbour's queue, at most unres_qlen_bytes of them and no more than is left of a
 * quarter of the pool of packets, the oldest drops out. The table has at most gc_thresh3 entries; who goes when there
 * has to be room: net/ip/neigh_order.h.
 *
 * Readers (softirq) find without a lock; n->lock is for the state and the queue, the table's, which is outside of it,
 * for coming and going.
 */
#ifndef NET_IP_NEIGH_H
#define NET_IP_NEIGH_H

#include "lib/notify.h"
#include "net/ip/neigh_entry.h"

/* The neighbour, or a new one, not yet asked for; uncounted: good within the round. NULL: no room. `by`: the packet
 * that wants to go there, NULL: it has spoken itself, or an administrator wants it. Softirq. */
struct neigh *neigh_get(struct netdev *dev, const struct ipaddr *a, const struct skb *by);
struct neigh *neigh_find(struct netdev *dev, const struct ipaddr *a); /* NULL: there is none. Readers. */
void neigh_hold(struct neigh *n);
void neigh_put(struct neigh *n);

/* s, which is consumed, is for n: with its header it goes into out, which has room, or it waits. Its l3 is set and its
 * bytes are owned. */
void neigh_send_slow(struct neigh *n, struct skb *s, struct skbq *out);

/* What was heard of n: its MAC address (NULL: nothing of that) and the state that this makes. Softirq. */
#define NEIGH_OVERRIDE 0x1u /* also where another address is known */
#define NEIGH_ADMIN    0x2u /* an administrator says so */
#define NEIGH_ROUTERS  0x4u /* and `router` is known */
int neigh_update(struct neigh *n, const struct macaddr *mac, u8 state, u32 how, bool router);

void neigh_confirm(struct neigh *n); /* it answers, an upper protocol says; softirq */

int neigh_del(struct netdev *dev, const struct ipaddr *a); /* -ENOENT; task, under conf_lock */
/* Each of a family, in no order; task, under conf_lock. fn may not change the table. */
void neigh_walk(struct net *net, enum ip_index f, void (*fn)(struct neigh *n, void *arg), void *arg);
u32 neigh_count(struct net *net, enum ip_index f);
void neigh_dev_down(struct netdev *dev); /* all of it go; net/ip/watch.c */
void neigh_dev_mac(struct netdev *dev);  /* it has another address */

enum neigh_event { NEIGH_EVENT_NEW, NEIGH_EVENT_GONE };
struct neigh_notice { /* the data of an event, whose type is enum neigh_event */
    u32 index;
    struct ipaddr addr;
    struct macaddr mac;
    u8 state, flags;
};
struct notify_feed *neigh_feed(struct net *net);

static inline void neigh_write_header(const struct neigh *n, struct skb *s)
{
    u32 at = s->l3 - ETH_HLEN, off = skb_off(s);
    if (unlikely(off != at)) {
        if (off < at)
            skb_pull(s, at - off);
        else
            skb_push(s, off - at);
    }
    store_le64(s->data, load_le64(&n->header));
    store_le32(s->data + 8, load_le32((const u8 *)&n->header + 8));
    store_be16(s->data + 12, s->type); /* the packet's family, which its neighbour need not share (RFC 8950) */
}

static inline void neigh_send(struct neigh *n, struct skb *s, struct skbq *out)
{
    if (likely(load_acquire(&n->state) & NUD_QUIET)) {
        neigh_write_header(n, s);
        skbq_add(out, s);
    } else {
        neigh_send_slow(n, s, out);
    }
}

#endif

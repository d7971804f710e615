/* What is known of one neighbour (net/ip/neigh.h), and its states. */
#ifndef NET_IP_NEIGH_ENTRY_H
#define NET_IP_NEIGH_ENTRY_H

#include "lib/htab.h"
#include "lib/timer.h"
#include "net/ip/ip_dev.h"
#include "net/ip/neigh_queue.h"
#include "net/skb/skb.h"
#include "net/wire/eth.h"

#define NUD_INCOMPLETE 0x01u /* Linux's numbers */
#define NUD_REACHABLE  0x02u
#define NUD_STALE      0x04u
#define NUD_DELAY      0x08u
#define NUD_PROBE      0x10u
#define NUD_FAILED     0x20u
#define NUD_NOARP      0x40u
#define NUD_PERMANENT  0x80u

#define NUD_QUIET \
    (NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP | NUD_DELAY | NUD_PROBE) /* a packet goes, and that is all */
#define NUD_KNOWN (NUD_QUIET | NUD_STALE)                               /* its MAC address is known */
#define NUD_TIMED (NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE)

#define NEIGH_ROUTER 0x80u /* n->flags: it says that it is one */

struct neigh {
    struct hnode node;
    struct netdev *dev; /* counted */
    struct ipaddr addr;
    struct eth_hdr header; /* in front of what goes to it, its type apart; good while the state is KNOWN */
    u8 state;              /* NUD_* */
    u8 flags;
    u32 refs;             /* atomic: the table's own, hops' */
    struct spinlock lock; /* all below, and to change the state */
    u32 probes;
    struct neigh_queue queue;
    u64 confirmed, updated, used; /* ns */
    struct timer timer;
    /* ---- the table's lock ---- */
    struct list order; /* of its rank: net/ip/neigh_order.h */
    u16 rank, group;
    bool proven; /* n->lock, too: it has answered, or an administrator says so */
    bool out;    /* it has left the table */
    struct rcu_head rcu;
};

static inline const struct neigh_conf *neigh_conf_of(const struct neigh *n)
{
    return &n->dev->ip->neigh[ip_family_of(&n->addr)->index];
}

#endif

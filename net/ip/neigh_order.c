/* Who goes first (contract: neigh_order.h).
 *
 * Nothing here walks a table, however full it is: an order is looked at from its oldest on, and those that cannot go
 * (a route has them, or they are asked just now) are moved behind the others, a few at a time. Which group has most is
 * looked for among the nets first, and then in one of them. It never takes anybody out: it says who is to go.
 */
#include "net/ip/neigh_order.h"

#include "lib/hash.h"
#include "net/ip/addr.h"
#include "net/ip/header.h"

#define LOOK_AT 8u /* of an order, before it is said that there is none */

enum neigh_rank neigh_order_group(struct net *net, const struct skb *s)
{
    if (!s || (s->type != ETH_IP4 && s->type != ETH_IP6))
        return NEIGH_ASKED;
    const struct ip_family *f = ip_family_of_skb(s);
    const struct hash_key *key = &neighs(net)->key;
    struct ipaddr src = ip_addr(ip_src_key(s, f), f), of = addr_fill(&src, f == &ip_v4 ? 24 : 64, false);
    u64 in_net = siphash13_fixed(key, &of, sizeof(of)) % NEIGH_NETS;
    return NEIGH_ASKED + in_net * NEIGH_GROUPS + siphash13_fixed(key, &src, sizeof(src)) % NEIGH_GROUPS;
}

static enum neigh_rank rank_of(const struct neigh *n)
{
    if (!(n->state & NUD_KNOWN))
        return n->group;
    return n->proven ? NEIGH_PROVEN : NEIGH_HEARD;
}

static u32 asked(const struct neigh_table *t)
{
    return (u32)htab_count(&t->h) - t->count[NEIGH_PROVEN] - t->count[NEIGH_HEARD];
}

static void count(struct neigh_table *t, u32 rank, u32 more)
{
    t->count[rank] += more;
    if (rank >= NEIGH_ASKED)
        t->net_count[(rank - NEIGH_ASKED) / NEIGH_GROUPS] += more;
}

void neigh_order_add(struct neigh_table *t, struct neigh *n)
{
    n->rank = (u16)rank_of(n);
    list_add_tail(&t->order[n->rank], &n->order);
    count(t, n->rank, 1);
}

void neigh_order_del(struct neigh_table *t, struct neigh *n)
{
    list_del(&n->order);
    count(t, n->rank, -1u);
}

void neigh_order_mend(struct neigh_table *t, struct neigh *n)
{
    if (n->out || n->rank == rank_of(n))
        return;
    neigh_order_del(t, n);
    neigh_order_add(t, n);
}

/* The oldest that is in one of these states and that nobody but the table has. */
static struct neigh *oldest(struct neigh_table *t, enum neigh_rank rank, u8 states)
{
    struct list *order = &t->order[rank];
    for (u32 i = 0; i < LOOK_AT && !list_empty(order); i++) {
        struct neigh *n = container_of(order->next, struct neigh, order);
        if ((n->state & states) && load_relaxed(&n->refs) == 1)
            return n;
        list_del(&n->order);
        list_add_tail(order, &n->order);
    }
    return NULL;
}

/* The place of the largest of n; `own` where none is larger. */
static u32 largest(const u32 *count, u32 n, u32 own)
{
    u32 most = own;
    for (u32 i = 0; i < n; i++)
        if (count[i] > count[most])
            most = i;
    return most;
}

static enum neigh_rank largest_group(const struct neigh_table *t, enum neigh_rank own)
{
    u32 own_at = own >= NEIGH_ASKED ? own - NEIGH_ASKED : 0, own_net = own_at / NEIGH_GROUPS;
    u32 in_net = largest(t->net_count, NEIGH_NETS, own_net), first = NEIGH_ASKED + in_net * NEIGH_GROUPS;
    return first + largest(t->count + first, NEIGH_GROUPS, in_net == own_net ? own_at % NEIGH_GROUPS : 0);
}

static struct neigh *oldest_asked(struct neigh_table *t, enum neigh_rank own, u64 now)
{
    enum neigh_rank most = largest_group(t, own);
    struct neigh *n = oldest(t, most, NUD_INCOMPLETE | NUD_FAILED);
    bool young = n && n->state == NUD_INCOMPLETE && now < n->updated + neigh_conf_of(n)->retrans / 4;
    return most == own && young ? NULL : n;
}

bool neigh_order_room(struct neigh_table *t, enum neigh_rank rank, u64 now, struct neigh **victim)
{
    const u32 *thresh = neighs(t->net)->thresh[t->family];
    bool full = htab_count(&t->h) >= thresh[2], crowded = asked(t) >= max(thresh[1] / 2, 1u);
    struct neigh *n = NULL;

    *victim = NULL;
    if (rank >= NEIGH_ASKED && crowded) {
        *victim = oldest_asked(t, rank, now);
        return *victim;
    }
    if (full || (rank == NEIGH_HEARD && t->count[NEIGH_HEARD] >= thresh[1])) {
        if (full && asked(t))
            n = oldest_asked(t, NEIGH_PROVEN, now);
        if (!n)
            n = oldest(t, NEIGH_HEARD, NUD_KNOWN);
        if (!n && full)
            n = oldest(t, NEIGH_PROVEN, NUD_STALE);
    }
    *victim = n;
    return n || !full;
}

/* Internal to net/ip. */
/* Who is in a table of neighbours by what is known of him, and who goes first when there has to be room.
 *
 *     proven    answered once, or an administrator's     goes last, while STALE and nobody has him
 *     heard     he has spoken, and never answered        at most gc_thresh2; the oldest goes
 *     asked     has never spoken, or does not answer     at most half of gc_thresh2; by whoever makes us ask: his net
 *                                                        (/24, /64), and in it his address
 *
 * So whoever pretends to be many pushes out heard ones alone, and whoever makes us ask for many that are not there only
 * those that he himself made us ask for: of the net that has most the group that has most gives its oldest, and where
 * that is the group that wants room, none that was asked for within the last quarter of retrans_time. That bounds what
 * a scan lets us ask of a link, too. All under the table's lock.
 */
#ifndef NET_IP_NEIGH_ORDER_H
#define NET_IP_NEIGH_ORDER_H

#include "net/ip/neigh_entry.h"
#include "net/ip/neigh_table.h"

/* The group of whoever sent s; NULL: of nobody. */
enum neigh_rank neigh_order_group(struct net *net, const struct skb *s);
void neigh_order_add(struct neigh_table *t, struct neigh *n);
void neigh_order_del(struct neigh_table *t, struct neigh *n);
void neigh_order_mend(struct neigh_table *t, struct neigh *n); /* what is known of it has changed */
/* One more is to be of a rank. *victim: who goes for it, or NULL; false: there is no room. */
bool neigh_order_room(struct neigh_table *t, enum neigh_rank rank, u64 now, struct neigh **victim);

#endif

/* Internal to net/ip. */
/* The tables of neighbours as they lie in struct net: for neigh.c, and neigh_conf.c, which shows them. */
#ifndef NET_IP_NEIGH_TABLE_H
#define NET_IP_NEIGH_TABLE_H

#include "lib/hash.h"
#include "lib/htab.h"
#include "lib/list.h"
#include "lib/net.h"
#include "lib/notify.h"
#include "lib/timer.h"
#include "net/ip/family.h"

#define RECENT       256u
#define NEIGH_NETS   16u
#define NEIGH_GROUPS 16u /* of each net */

enum neigh_rank { NEIGH_PROVEN, NEIGH_HEARD, NEIGH_ASKED, NEIGH_RANKS = NEIGH_ASKED + NEIGH_NETS * NEIGH_GROUPS };

struct neigh_table {
    struct htab h;
    struct spinlock lock;           /* all below, and to change h */
    struct list order[NEIGH_RANKS]; /* net/ip/neigh_order.h: the newest last */
    u32 count[NEIGH_RANKS], net_count[NEIGH_NETS];
    struct timer gc;
    struct net *net;
    enum ip_index family;
};

struct neigh_net {
    struct neigh_table table[IP_FAMILIES];
    struct hash_key key;
    struct {
        struct neigh *n[RECENT];
    } recent[CPU_MAX];          /* each CPU's: who was found last, by some bits of the address */
    u32 thresh[IP_FAMILIES][3]; /* gc_thresh1 ... */
    u64 gc_every[IP_FAMILIES];  /* ns: gc_interval */
    u32 waiting;                /* atomic: bytes of packets that wait for any of them */
    struct notify_feed feed;
};
NET_SLOT_USE(neigh_net);

static inline struct neigh_net *neighs(struct net *net)
{
    return NET_GET(net, struct neigh_net, neigh_net);
}

#endif

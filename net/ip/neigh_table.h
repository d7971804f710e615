/* Internal to net/ip. */
/* The tables of neighbours as they lie in struct net: for neigh.c, and neigh_conf.c, which shows them. */
#ifndef NET_IP_NEIGH_TABLE_H
#define NET_IP_NEIGH_TABLE_H

#include "lib/hash.h"
#include "lib/htab.h"
#include "lib/list.h"
#include "lib/notify.h"
#include "lib/timer.h"
#include "net/ip/family.h"

#define RECENT 256u

struct neigh_table {
    struct htab h;
    struct spinlock lock;      /* all below, and to change h */
    struct list known, others; /* by order, the newest last */
    u32 others_n;
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
    struct notify_feed feed;
};
NET_SLOT_USE(neigh_net);

static inline struct neigh_net *neighs(struct net *net)
{
    return NET_GET(net, struct neigh_net, neigh_net);
}

#endif

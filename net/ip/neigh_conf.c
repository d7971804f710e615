/* Neighbours as they are shown and bounded: each of a table, how many there are, and the switches
 * net.ipv{4,6}.neigh.default.gc_thresh* by Linux's names (contract: neigh.h).
 *
 * A walk sees each that is there from its beginning to its end; who comes or goes meanwhile may be seen or not.
 */
#include "lib/conf.h"
#include "lib/sysctl.h"
#include "net/ip/neigh.h"
#include "net/ip/neigh_table.h"

u32 neigh_count(struct net *net, enum ip_index f)
{
    return (u32)htab_count(&neighs(net)->table[f].h);
}

struct walk {
    void (*fn)(struct neigh *n, void *arg);
    void *arg;
};

static void each(struct hnode *h, void *arg)
{
    struct walk *w = arg;
    w->fn(container_of(h, struct neigh, node), w->arg);
}

void neigh_walk(struct net *net, enum ip_index f, void (*fn)(struct neigh *n, void *arg), void *arg)
{
    struct walk w = {fn, arg};
    u64 at = 0;
    conf_assert();
    do {
        rcu_enter();
        at = htab_walk(&neighs(net)->table[f].h, at, each, &w);
        rcu_exit();
    } while (at);
}

#define THRESH(id, family, i, name_, def_)                                                                       \
    SYSCTL(id, .name = name_, SYSCTL_NET(neigh_net, struct neigh_net, thresh[family][i]), .def = def_, .low = 1, \
           .high = 1 << 24, .help = "entries: up to 1 none is collected, 3 is the most there are")

THRESH(neigh4_thresh1, IP_V4, 0, "net.ipv4.neigh.default.gc_thresh1", 128);
THRESH(neigh4_thresh2, IP_V4, 1, "net.ipv4.neigh.default.gc_thresh2", 512);
THRESH(neigh4_thresh3, IP_V4, 2, "net.ipv4.neigh.default.gc_thresh3", 1024);
THRESH(neigh6_thresh1, IP_V6, 0, "net.ipv6.neigh.default.gc_thresh1", 128);
THRESH(neigh6_thresh2, IP_V6, 1, "net.ipv6.neigh.default.gc_thresh2", 512);
THRESH(neigh6_thresh3, IP_V6, 2, "net.ipv6.neigh.default.gc_thresh3", 1024);

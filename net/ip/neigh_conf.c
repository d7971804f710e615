/* Neighbours as they are shown and bounded: each of a table, how many there are, and the switches
 * net.ipv{4,6}.neigh.{default,IF}.* by Linux's names (contract: neigh.h). A device begins with what `default` says
 * then.
 *
 * A walk sees each that is there from its beginning to its end; who comes or goes meanwhile may be seen or not.
 */
#include "lib/conf.h"
#include "lib/string.h"
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

#define GC_INTERVAL(id, family, name_)                                                                                \
    SYSCTL(id, .name = name_, SYSCTL_NET(neigh_net, struct neigh_net, gc_every[family]), .unit = NS_PER_S, .def = 30, \
           .low = 1, .high = 1 << 20, .help = "s between two collections")

GC_INTERVAL(neigh4_gc_interval, IP_V4, "net.ipv4.neigh.default.gc_interval");
GC_INTERVAL(neigh6_gc_interval, IP_V6, "net.ipv6.neigh.default.gc_interval");

/* ---- of `default` and of each device ---- */

static void *place(struct net *net, const char *star, enum ip_index f)
{
    if (net && str_eq(star, "default"))
        return &ip_net(net)->neigh[f];
    struct netdev *dev = net ? netdev_find(net, star) : NULL;
    return dev && dev->ip ? &dev->ip->neigh[f] : NULL;
}

static void *place4(struct net *net, const char *star)
{
    return place(net, star, IP_V4);
}

static void *place6(struct net *net, const char *star)
{
    return place(net, star, IP_V6);
}

static void list(struct net *net, void (*offer)(void *arg, const char *name), void *arg)
{
    offer(arg, "default");
    for (struct netdev *dev = NULL; net && (dev = netdev_next(net, dev));)
        offer(arg, dev->port.name);
}

#define MAX_S 1000000

#define BOTH4(field) SYSCTL_PER(struct neigh_conf, field), .place = place4, .list = list
#define BOTH6(field) SYSCTL_PER(struct neigh_conf, field), .place = place6, .list = list

SYSCTL(neigh4_base_reachable_time, .name = "net.ipv4.neigh.*.base_reachable_time", BOTH4(base_reachable),
       .unit = NS_PER_S, .def = 30, .low = 1, .high = MAX_S,
       .help = "s for which an answer holds, more or less by half");
SYSCTL(neigh4_base_reachable_time_ms, .name = "net.ipv4.neigh.*.base_reachable_time_ms", BOTH4(base_reachable),
       .unit = NS_PER_MS, .def = 30000, .low = 1, .high = MAX_S * 1000,
       .help = "ms for which an answer holds, more or less by half");
SYSCTL(neigh4_delay_first_probe_time, .name = "net.ipv4.neigh.*.delay_first_probe_time", BOTH4(delay_first_probe),
       .unit = NS_PER_S, .def = 5, .low = 1, .high = MAX_S, .help = "s after a use until a stale one is asked again");
SYSCTL(neigh4_gc_stale_time, .name = "net.ipv4.neigh.*.gc_stale_time", BOTH4(gc_stale), .unit = NS_PER_S, .def = 60,
       .low = 1, .high = MAX_S, .help = "s without use after which one may be collected");
SYSCTL(neigh4_locktime, .name = "net.ipv4.neigh.*.locktime", BOTH4(locktime), .unit = NS_PER_S / 100, .def = 100,
       .low = 0, .high = MAX_S, .help = "1/100 s within which a second answer is not believed");
SYSCTL(neigh4_mcast_solicit, .name = "net.ipv4.neigh.*.mcast_solicit", BOTH4(mcast_solicit), .def = 3, .low = 1,
       .high = 1000, .help = "how often all are asked");
SYSCTL(neigh4_retrans_time_ms, .name = "net.ipv4.neigh.*.retrans_time_ms", BOTH4(retrans), .unit = NS_PER_MS,
       .def = 1000, .low = 1, .high = MAX_S * 1000, .help = "ms between two questions");
SYSCTL(neigh4_ucast_solicit, .name = "net.ipv4.neigh.*.ucast_solicit", BOTH4(ucast_solicit), .def = 3, .low = 0,
       .high = 1000, .help = "how often one whose address was known is asked");
SYSCTL(neigh4_unres_qlen_bytes, .name = "net.ipv4.neigh.*.unres_qlen_bytes", BOTH4(unres_qlen_bytes), .def = 212992,
       .low = 0, .high = 1 << 30, .help = "bytes of packets that wait for an answer");
SYSCTL(neigh6_base_reachable_time, .name = "net.ipv6.neigh.*.base_reachable_time", BOTH6(base_reachable),
       .unit = NS_PER_S, .def = 30, .low = 1, .high = MAX_S,
       .help = "s for which an answer holds, more or less by half");
SYSCTL(neigh6_base_reachable_time_ms, .name = "net.ipv6.neigh.*.base_reachable_time_ms", BOTH6(base_reachable),
       .unit = NS_PER_MS, .def = 30000, .low = 1, .high = MAX_S * 1000,
       .help = "ms for which an answer holds, more or less by half");
SYSCTL(neigh6_delay_first_probe_time, .name = "net.ipv6.neigh.*.delay_first_probe_time", BOTH6(delay_first_probe),
       .unit = NS_PER_S, .def = 5, .low = 1, .high = MAX_S, .help = "s after a use until a stale one is asked again");
SYSCTL(neigh6_gc_stale_time, .name = "net.ipv6.neigh.*.gc_stale_time", BOTH6(gc_stale), .unit = NS_PER_S, .def = 60,
       .low = 1, .high = MAX_S, .help = "s without use after which one may be collected");
SYSCTL(neigh6_mcast_solicit, .name = "net.ipv6.neigh.*.mcast_solicit", BOTH6(mcast_solicit), .def = 3, .low = 1,
       .high = 1000, .help = "how often all are asked");
SYSCTL(neigh6_retrans_time_ms, .name = "net.ipv6.neigh.*.retrans_time_ms", BOTH6(retrans), .unit = NS_PER_MS,
       .def = 1000, .low = 1, .high = MAX_S * 1000, .help = "ms between two questions");
SYSCTL(neigh6_ucast_solicit, .name = "net.ipv6.neigh.*.ucast_solicit", BOTH6(ucast_solicit), .def = 3, .low = 0,
       .high = 1000, .help = "how often one whose address was known is asked");
SYSCTL(neigh6_unres_qlen_bytes, .name = "net.ipv6.neigh.*.unres_qlen_bytes", BOTH6(unres_qlen_bytes), .def = 212992,
       .low = 0, .high = 1 << 30, .help = "bytes of packets that wait for an answer");

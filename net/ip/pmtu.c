/* Path MTU discovery (contract: pmtu.h). Linux: ip_rt_update_pmtu, rt6_do_update_pmtu.
 *
 * What is too small to be true makes an exception of min_pmtu bytes that is locked: packets of IPv4 may then be cut on
 * the way (no DF), so that who lies about an MTU costs us fragments, not every byte on its own. IPv6 has its least MTU,
 * and less is not believed (RFC 8201 4).
 */
#include "net/ip/pmtu.h"

#include "lib/sysctl.h"
#include "net/ip/addr.h"
#include "net/ip/exception.h"
#include "net/ip/ip_dev.h"
#include "net/wire/ip4.h"

struct pmtu_net {
    u64 expires[IP_FAMILIES]; /* ns */
    u32 least;                /* of IPv4 */
    u8 off;                   /* 0 no; 1: what is too big makes the least MTU; 2: it is ignored; 3: TCP alone hears */
};

NET_SLOT(pmtu_net, struct pmtu_net, NULL, NULL);

SYSCTL(ip_no_pmtu_disc, .name = "net.ipv4.ip_no_pmtu_disc", SYSCTL_NET(pmtu_net, struct pmtu_net, off), .high = 3,
       .help =
           "0: learn the MTU of a path; 1: of a path on which a packet was too big it is min_pmtu; 2: never heed it;"
           " 3: only from errors about TCP, which can be checked");
SYSCTL(mtu_expires, .name = "net.ipv4.route.mtu_expires", SYSCTL_NET(pmtu_net, struct pmtu_net, expires[IP_V4]),
       .unit = NS_PER_S, .def = 600, .help = "s for which the MTU of a path holds");
SYSCTL(mtu_expires6, .name = "net.ipv6.route.mtu_expires", SYSCTL_NET(pmtu_net, struct pmtu_net, expires[IP_V6]),
       .unit = NS_PER_S, .def = 600, .help = "s for which the MTU of a path holds");
SYSCTL(min_pmtu, .name = "net.ipv4.route.min_pmtu", SYSCTL_NET(pmtu_net, struct pmtu_net, least), .def = 552, .low = 68,
       .high = 65535, .help = "bytes: no path has less, whatever a router says");

static struct pmtu_net *pmtu(struct net *net)
{
    return NET_GET(net, struct pmtu_net, pmtu_net);
}

u32 pmtu_plateau(u32 length)
{
    static const u16 plateaus[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296};
    for (u32 i = 0; i < ARRAY_LEN(plateaus); i++)
        if (plateaus[i] < length)
            return plateaus[i];
    return 68;
}

bool pmtu_wanted(struct net *net, const struct ip_error *e)
{
    u8 off = load_relaxed(&pmtu(net)->off);
    return e->f == &ip_v6 || off < 2 || (off == 3 && e->proto == IP_TCP);
}

/* By one of the route's hops. */
static void learn(struct net *net, const struct hop *hop, const struct ip_error *e)
{
    const struct pmtu_net *p = pmtu(net);
    const struct hop *now = exception_hop(net, hop, &e->dst);
    u32 had = hop_mtu(now), mtu = e->info;
    bool lock = false;

    if (e->f == &ip_v4 && (p->off == 1 || mtu < p->least)) {
        lock = true;
        mtu = min(had, p->least);
    }
    if (mtu < had || lock)
        exception_mtu(net, hop, &e->dst, mtu, lock, clock_ns() + p->expires[e->f->index]);
}

void pmtu_heard(struct net *net, const struct ip_error *e)
{
    struct fib_flow flow = {.src = e->src, .dst = e->dst, .proto = e->proto};
    struct fib_result r;

    if (e->err != -EMSGSIZE || e->info >= e->length || (e->f == &ip_v6 && e->info < e->f->mtu_least))
        return;
    if (addr_is_link_local(&e->dst) && e->f == &ip_v6)
        flow.out = netdev_at(net, e->index);
    if (fib_lookup(net, e->f->index, &flow, &r) || r.route->key.type != ROUTE_UNICAST)
        return;
    if (r.route->key.locked >> METRIC_MTU & 1) /* an administrator knows better */
        return;
    for (u32 i = 0; i < r.route->hops; i++) /* whichever of them the packet went by */
        learn(net, &r.route->hop[i], e);
}

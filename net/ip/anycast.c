/* Addresses of all routers of a link (contract: anycast.h). Those of two addresses in one net are one. */
#include "net/ip/anycast.h"

#include "lib/conf.h"
#include "lib/errno.h"
#include "net/ip/addr.h"
#include "net/ip/fib.h"
#include "net/ip/mcast.h"
#include "net/ip/tend.h"

static struct ipaddr net_of(const struct ifaddr *a)
{
    return addr_fill(&a->addr, a->bits, false);
}

/* RFC 6164 5.1: a link between two routers has no room for it. */
static bool is_wanted(const struct ifaddr *a)
{
    const struct netdev *dev = a->on->dev;
    struct ipaddr net = net_of(a);
    return ip_family_of(&a->addr) == &ip_v6 && a->bits < 127 && !addr_is_any(&net) && dev->type != DEV_TYPE_LOOPBACK &&
           (dev->flags & DEV_UP) && ip_conf(dev, &ip_v6)->forwarding && !(a->flags & IFA_DADFAILED);
}

static bool another_has(const struct ifaddr *a, const struct ipaddr *net)
{
    for (const struct ifaddr *b = ifaddr_first(a->on->dev, &ip_v6); b; b = ifaddr_next(b)) {
        struct ipaddr its = net_of(b);
        if (b != a && b->anycast && addr_eq(&its, net))
            return true;
    }
    return false;
}

static int route(const struct ifaddr *a, const struct ipaddr *net, bool add)
{
    struct hop hop = {.dev = a->on->dev, .weight = 1};
    struct route_want w = {
        .key = {.family = IP_V6, .type = ROUTE_ANYCAST, .proto = PROTO_KERNEL}, .hops = 1, .hop = &hop};
    struct fib_match m = {.has_type = true, .has_proto = true, .key = w.key, .hops = 1, .hop = &hop};
    struct ipprefix p = {*net, 128};
    struct fib_table *t = fib_table(dev_net(hop.dev), IP_V6, TABLE_LOCAL, true);
    return !t ? -ENOMEM : add ? fib_add(t, &p, &w, FIB_APPEND) : fib_del(t, &p, &m);
}

void anycast_settle(struct ifaddr *a, bool there)
{
    struct ipaddr net = net_of(a), group = addr_solicited_node(&net);
    struct netdev *dev = a->on->dev;
    bool want = there && is_wanted(a);
    int err = 0;

    conf_assert();
    if (want == a->anycast)
        return;
    if (!another_has(a, &net)) {
        err = want ? mcast_join(dev, &group) : 0;
        if (!err && (err = route(a, &net, want)) && want)
            mcast_leave(dev, &group);
        if (!want)
            mcast_leave(dev, &group);
    }
    if (err && want)
        log_write(LOG_ERR, "%s: anycast %pI: %s", dev->port.name, &net, errno_text(err));
    else
        store_relaxed(&a->anycast, want);
}

bool anycast_has(const struct netdev *dev, const struct ipaddr *addr)
{
    for (const struct ifaddr *a = ifaddr_first(dev, &ip_v6); a; a = ifaddr_next(a)) {
        struct ipaddr net = net_of(a);
        if (load_relaxed(&a->anycast) && addr_eq(&net, addr))
            return true;
    }
    return false;
}

/* Whenever a device begins to forward, or no longer does. */
static u64 anycast_due(struct net *net, u64 now)
{
    for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));)
        for (struct ifaddr *a = dev->ip ? ifaddr_first(dev, &ip_v6) : NULL; a; a = ifaddr_next(a))
            anycast_settle(a, true);
    return TEND_NEVER;
}

TEND(anycast, anycast_due);

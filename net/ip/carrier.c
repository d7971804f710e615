/* Carriers and routes: what is done when a device loses the link beneath it, or gets one.
 *
 * A driver tells of it in any context, so a task looks for which devices it is: routes by them are marked, and are
 * passed over where net.ipv{4,6}.conf.*.ignore_routes_with_linkdown says so; next hop objects go, as on Linux. A link
 * that was gone and is back before the task has looked was never gone.
 */
#include "lib/sysctl.h"
#include "net/ip/ip_dev.h"
#include "net/ip/nexthop.h"
#include "net/ip/route.h"
#include "net/ip/tend.h"

static void mark(struct route *r, void *arg)
{
    route_carrier(r);
}

static u64 carrier_due(struct net *net, u64 now)
{
    bool changed = false;
    for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));) {
        bool on = load_relaxed(&dev->carrier);
        if (!dev->ip || dev->ip->had_carrier == on)
            continue;
        dev->ip->had_carrier = on;
        changed = true;
        if (!on)
            nexthop_dev_gone(net, dev);
    }
    if (changed)
        route_walk(net, mark, NULL);
    return TEND_NEVER;
}

TEND(carrier, carrier_due);

static void ignore_changed(struct net *net, const char *star)
{
    route_walk(net, mark, NULL);
}

#define IGNORE(id, name_, family)                                                                                 \
    SYSCTL(id, .name = name_, SYSCTL_PER(struct ip_conf, ignore_linkdown), .place = family, .list = ip_conf_list, \
           .high = 1, .changed = ignore_changed, .help = "1: a way by a device without a carrier is none")

IGNORE(ignore_linkdown4, "net.ipv4.conf.*.ignore_routes_with_linkdown", ip_conf4_place);
IGNORE(ignore_linkdown6, "net.ipv6.conf.*.ignore_routes_with_linkdown", ip_conf6_place);

/* Addresses of all routers of a link (contract: anycast.h): a route and a group, and nothing else to be kept.
 *
 * They have no duplicate address detection: that several have one is what it is for. Packets that go to it come to
 * whoever answers first, so an answer overrides nothing (net/ip/ndp.c), and errors about them are from it
 * (net/ip/icmp.c); what this machine says of itself never is.
 */
#include "net/ip/anycast.h"

#include "lib/conf.h"
#include "net/ip/addr.h"
#include "net/ip/fib.h"
#include "net/ip/mcast.h"

static int route(struct netdev *dev, const struct ipaddr *addr, bool add)
{
    struct hop hop = {.dev = dev, .weight = 1};
    struct route_want w = {
        .key = {.family = IP_V6, .type = ROUTE_ANYCAST, .proto = PROTO_KERNEL}, .hops = 1, .hop = &hop};
    struct fib_match m = {.has_type = true, .has_proto = true, .key = w.key, .hops = 1, .hop = &hop};
    struct ipprefix p = {*addr, 128};
    struct fib_table *t = fib_table(dev_net(dev), IP_V6, TABLE_LOCAL, true);
    return !t ? -ENOMEM : add ? fib_add(t, &p, &w, FIB_APPEND) : fib_del(t, &p, &m);
}

int anycast_join(struct netdev *dev, const struct ipaddr *addr)
{
    struct ipaddr group = addr_solicited_node(addr);
    conf_assert();
    int err = mcast_join(dev, &group);
    if (!err && (err = route(dev, addr, true)))
        mcast_leave(dev, &group);
    return err;
}

void anycast_leave(struct netdev *dev, const struct ipaddr *addr)
{
    struct ipaddr group = addr_solicited_node(addr);
    conf_assert();
    mcast_leave(dev, &group);
    route(dev, addr, false); /* the device may have taken it down with it */
}

bool anycast_has(struct netdev *dev, const struct ipaddr *addr)
{
    struct fib_table *t = fib_local(dev_net(dev), IP_V6);
    unsigned bits;
    const struct route *r = t ? fib_find(t, addr->b, 0, &bits) : NULL;
    for (u32 i = 0; r && r->key.type == ROUTE_ANYCAST && i < r->hops; i++)
        if (r->hop[i].dev == dev)
            return true;
    return false;
}

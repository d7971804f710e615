/* Can a route be as it is wished (contract: hop_check.h)? Linux: fib_check_nh, ip6_validate_gw.
 *
 * A gateway has to be on a link: the route to it has none itself. IPv4 says so by scopes, which grow towards the host:
 * the route to a gateway must be of a scope beyond that of the route which uses it.
 */
#include "net/ip/hop_check.h"

#include "net/ip/addr.h"
#include "net/ip/ifaddr.h"
#include "net/ip/ip.h"
#include "net/ip/rule.h"

static int refuse(struct route_refusal *no, int err, const char *why)
{
    *no = (struct route_refusal){why, err};
    return err;
}

static bool is_up(const struct netdev *dev)
{
    return dev->flags & DEV_UP;
}

static const struct hop *live_hop(const struct route *r, const struct netdev *dev)
{
    for (u32 i = 0; i < r->hops; i++)
        if ((!dev || r->hop[i].dev == dev) && !(r->hop[i].flags & HOP_DEAD))
            return &r->hop[i];
    return NULL;
}

/* Would Linux take r for the way to a gateway? */
static bool leads(const struct ip_family *f, const struct route *r, u8 scope, const struct hop *h)
{
    return h && (r->key.type == ROUTE_UNICAST || (f == &ip_v4 && r->key.type == ROUTE_LOCAL)) &&
           (f == &ip_v4 ? r->key.scope >= scope : !h->has_via);
}

/* In one table: the first that counts; one of too near a scope does not. */
static const struct hop *way_in(struct fib_table *t, const struct ipaddr *gw, u8 scope, const struct netdev *dev)
{
    const u8 *key = ip_key(gw);
    for (u32 value = lpm_find(&t->lpm, key), bits; value; value = fib_find_shorter(t, key, bits)) {
        route_slot slot = route_at(t->net, value);
        struct route *one, *const *all;
        u32 n = route_all(slot, &all, &one);
        bits = route_bits(slot);
        for (u32 i = 0; i < n; i++) {
            const struct hop *h = live_hop(all[i], dev);
            if (all[i]->key.tos || (t->family == &ip_v4 && all[i]->key.scope < scope))
                continue;
            if (h || !all[i]->hops)
                return leads(t->family, all[i], scope, h) ? h : NULL;
        }
    }
    return NULL;
}

static const struct hop *way_by_rules(struct net *net, const struct ipaddr *gw, u8 scope, const struct netdev *dev)
{
    const struct ip_family *f = ip_family_of(gw);
    struct fib_flow flow = {.dst = *gw, .out = dev};
    struct fib_result r = {0};
    return !fib_lookup(net, f->index, &flow, &r) && leads(f, r.route, scope, r.hop) ? r.hop : NULL;
}

static const struct hop *way_to(struct net *net, u32 table, const struct ipaddr *gw, u8 scope, const struct netdev *dev)
{
    struct fib_table *t = fib_table(net, ip_family_of(gw)->index, table, false);

    rcu_enter();
    const struct hop *h = t ? way_in(t, gw, scope, dev) : NULL;
    h = h ? h : way_by_rules(net, gw, scope, dev);
    rcu_exit();
    return h; /* nothing changes under conf_lock */
}

static u8 scope_of_way(const struct route_key *k)
{
    return (u8)max(min(k->scope + 1u, SCOPE_NOWHERE), SCOPE_LINK);
}

static bool is_own6(struct net *net, const struct ipaddr *a, const struct netdev *on)
{
    for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));)
        if (dev->ip && (!on || dev == on || !addr_is_link_local(a)) && ifaddr_has(dev, a))
            return true;
    return false;
}

bool hop_is_reached(struct net *net, u32 table, const struct route_key *k, const struct hop *h)
{
    if ((h->flags & HOP_ONLINK) || (!ipaddr_is4(&h->via) && addr_is_link_local(&h->via)))
        return true;
    return way_to(net, table, &h->via, scope_of_way(k), h->dev);
}

static int check_onlink(struct hop *h, struct route_refusal *no, const char *why)
{
    if (!h->dev)
        return refuse(no, -ENODEV, NULL);
    if (!is_up(h->dev))
        return refuse(no, -ENETDOWN, "Nexthop device is not up");
    if (addr_is_multicast(&h->via) || addr_is_limited_broadcast(&h->via))
        return refuse(no, -EINVAL, why);
    return 0;
}

static int check_gateway4(struct net *net, u32 table, const struct route_key *k, struct hop *h,
                          struct route_refusal *no)
{
    static const char invalid[] = "Nexthop has invalid gateway";
    if (k->scope >= SCOPE_HOST)
        return refuse(no, -EINVAL, "Nexthop has invalid scope");
    if (h->flags & HOP_ONLINK)
        return check_onlink(h, no, invalid);
    const struct hop *way = way_to(net, table, &h->via, scope_of_way(k), h->dev);
    if (!way)
        return refuse(no, h->dev || k->scope >= SCOPE_LINK ? -EINVAL : -ENETUNREACH, invalid);
    h->dev = way->dev;
    return 0;
}

/* Does the main table know better than "onlink"? Its default route does not, nor one of several (fe80::/64) that
 * agrees. */
static bool leads_elsewhere(struct net *net, const struct hop *h)
{
    struct fib_table *t = fib_table(net, IP_V6, TABLE_MAIN, false);
    u32 value = t ? lpm_find(&t->lpm, ip_key(&h->via)) : 0;
    struct route *one, *const *all;
    if (!value)
        return false;
    route_slot s = route_at(net, value);
    u32 n = route_all(s, &all, &one);
    for (u32 i = 0; i < n && all[i]->key.metric == all[0]->key.metric; i++)
        if (!all[i]->hops || (all[i]->key.type == ROUTE_UNICAST && all[i]->hop[0].dev == h->dev))
            return false;
    return route_bits(s);
}

static int check_gateway6(struct net *net, u32 table, const struct route_key *k, struct hop *h,
                          struct route_refusal *no)
{
    if (is_own6(net, &h->via, h->dev))
        return refuse(no, -EINVAL, "Gateway can not be a local address");
    if (addr_is_multicast(&h->via) || addr_is_loopback(&h->via))
        return refuse(no, -EINVAL, "Invalid gateway address");
    if (h->flags & HOP_ONLINK) {
        int err = check_onlink(h, no, "Invalid gateway address");
        if (err)
            return err;
        if (leads_elsewhere(net, h))
            return refuse(no, -EINVAL, "Nexthop has invalid gateway or device mismatch");
    } else if (!addr_is_link_local(&h->via)) {
        const struct hop *way = way_to(net, table, &h->via, scope_of_way(k), h->dev);
        if (!way)
            return refuse(no, -EHOSTUNREACH, NULL);
        h->dev = way->dev;
    }
    if (!h->dev)
        return refuse(no, -EINVAL, "Egress device not specified");
    if (h->dev->type == DEV_TYPE_LOOPBACK)
        return refuse(no, -EINVAL, "Egress device can not be loopback device for this route");
    return is_up(h->dev) ? 0 : refuse(no, -ENETDOWN, "Nexthop device is not up");
}

int hop_check(struct net *net, u32 table, const struct route_key *k, struct hop *h, struct route_refusal *no)
{
    if (!addr_is_any(&h->via))
        return ipaddr_is4(&h->via) ? check_gateway4(net, table, k, h, no) : check_gateway6(net, table, k, h, no);
    if (!h->dev)
        return refuse(no, -ENODEV, NULL);
    if (is_up(h->dev) || (k->family == IP_V4 && k->scope == SCOPE_HOST))
        return 0;
    return refuse(no, -ENETDOWN, k->family == IP_V4 ? "Device for nexthop is not up" : "Nexthop device is not up");
}

/* The scope that a type of IPv4 has at least. */
static u8 least_scope(u8 type)
{
    return type == ROUTE_LOCAL                                ? SCOPE_HOST
           : type == ROUTE_BROADCAST || type == ROUTE_ANYCAST ? SCOPE_LINK
                                                              : SCOPE_GLOBAL;
}

int route_check(struct net *net, const struct ipprefix *p, const struct route_want *w, struct route_refusal *no)
{
    const struct route_key *k = &w->key;
    bool v4 = k->family == IP_V4;
    struct ipaddr net_of = addr_fill(&p->addr, p->bits, false);

    if (v4 && !addr_eq(&net_of, &p->addr))
        return refuse(no, -EINVAL, "Invalid prefix for given prefix length");
    if (v4 && (k->tos & 3))
        return refuse(no, -EINVAL, "Invalid dsfield (tos): ECN bits must be 0");
    if (v4 && (k->scope > SCOPE_HOST || k->scope < least_scope(k->type)))
        return refuse(no, -EINVAL, "Invalid scope");
    if (v4 && k->scope == SCOPE_HOST && w->hops > 1)
        return refuse(no, -EINVAL, "Route with host scope can not have multiple nexthops");
    if (!addr_is_any(&k->prefsrc) && !ip_is_local(net, &k->prefsrc) &&
        !(k->type == ROUTE_LOCAL && addr_eq(&k->prefsrc, &p->addr)))
        return refuse(no, -EINVAL, v4 ? "Invalid prefsrc address" : "Invalid source address");
    return 0;
}

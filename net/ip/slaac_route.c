/* Routes that routers advertise: to what is on the link, over a default router, and over one to some prefix (contract:
 * slaac_part.h). Linux: rt6_add_dflt_router, rt6_route_rcv.
 *
 * A router's preference (RFC 4191) is the metric: 1023 high, 1024 medium, 1025 low. A prefix on the link has 256 and is
 * the kernel's, as that of an address is.
 */
#include "net/ip/addr.h"
#include "net/ip/fib.h"
#include "net/ip/slaac_part.h"
#include "net/ip/tend.h"

static bool is_on_link(const struct slaac_route *r)
{
    return addr_is_any(&r->via);
}

static bool is_default(const struct slaac_route *r)
{
    return !r->prefix.bits && !is_on_link(r);
}

static u32 metric_of(const struct slaac_route *r)
{
    if (is_on_link(r))
        return 256;
    return r->pref == NDP_PREF_HIGH ? 1023 : r->pref == NDP_PREF_LOW ? 1025 : 1024;
}

/* An address of the administrator's has the same prefix: the route is that one's, too. */
static bool is_shared(const struct netdev *dev, const struct slaac_route *r)
{
    for (const struct ifaddr *a = ifaddr_first(dev, &ip_v6); a; a = ifaddr_next(a))
        if (is_on_link(r) && a->bits == r->prefix.bits && a->proto != IFAPROT_RA &&
            !(a->flags & (IFA_NOPREFIXROUTE | IFA_DADFAILED)) && prefix_has(&r->prefix, &a->peer))
            return true;
    return false;
}

static int change(struct netdev *dev, const struct slaac_route *r, bool add)
{
    struct fib_table *t = fib_table(dev_net(dev), IP_V6, TABLE_MAIN, true);
    struct hop hop = {.dev = dev, .weight = 1, .via = r->via};
    struct route_want w = {.key = {.family = IP_V6,
                                   .type = ROUTE_UNICAST,
                                   .proto = is_on_link(r) ? PROTO_KERNEL : PROTO_RA,
                                   .metric = metric_of(r)},
                           .hops = 1,
                           .hop = &hop};
    struct fib_match m = {
        .has_type = true, .has_proto = true, .has_metric = true, .key = w.key, .hops = 1, .hop = &hop};
    if (!t)
        return -ENOMEM;
    w.key.metrics[METRIC_MTU] = r->mtu;
    if (!add)
        return fib_del(t, &r->prefix, &m);
    int err = fib_add(t, &r->prefix, &w, FIB_APPEND);
    return err == -EEXIST ? 0 : err;
}

static void take_out(struct netdev *dev, u32 i)
{
    struct slaac *sl = dev->ip->slaac;
    struct slaac_route r = sl->route[i];
    sl->route[i] = sl->route[--sl->routes];
    if (!is_shared(dev, &r))
        change(dev, &r, false);
}

static struct slaac_route *find(struct slaac *sl, const struct slaac_route *want)
{
    for (u32 i = 0; i < sl->routes; i++) {
        struct slaac_route *r = &sl->route[i];
        if (r->prefix.bits == want->prefix.bits && addr_eq(&r->prefix.addr, &want->prefix.addr) &&
            addr_eq(&r->via, &want->via))
            return r;
    }
    return NULL;
}

static bool has_room(const struct slaac *sl, const struct slaac_route *want)
{
    u32 routers = 0, prefixes = 0;
    for (u32 i = 0; i < sl->routes; i++) {
        routers += is_default(&sl->route[i]);
        prefixes += is_on_link(&sl->route[i]);
    }
    return sl->routes < SLAAC_ROUTES && (!is_default(want) || routers < SLAAC_ROUTERS) &&
           (!is_on_link(want) || prefixes < SLAAC_PREFIXES);
}

void slaac_route_set(struct netdev *dev, const struct slaac_route *want, u32 lifetime_s, u64 now)
{
    struct slaac *sl = dev->ip->slaac;
    struct slaac_route *r = find(sl, want);
    if (!lifetime_s) {
        if (r)
            take_out(dev, (u32)(r - sl->route));
        return;
    }
    if (!r && !has_room(sl, want)) {
        slaac_too_many(dev);
        return;
    }
    struct slaac_route new = *want;
    new.until = slaac_until(lifetime_s, now);
    new.mtu = (u32)slaac_conf(dev)->mtu;
    if (r && r->pref == new.pref && r->mtu == new.mtu) {
        r->until = new.until;
        return;
    }
    if (change(dev, &new, true)) {
        slaac_too_many(dev); /* no memory: the next advertisement brings it */
        return;
    }
    if (r) {
        if (!is_shared(dev, r))
            change(dev, r, false);
        *r = new;
    } else {
        sl->route[sl->routes++] = new;
    }
}

void slaac_routes_over(struct netdev *dev)
{
    struct slaac *sl = dev->ip->slaac;
    for (u32 i = sl->routes; i-- > 0;)
        if (!is_on_link(&sl->route[i]))
            take_out(dev, i);
}

void slaac_routes_all(struct netdev *dev)
{
    struct slaac *sl = dev->ip->slaac;
    for (u32 i = sl ? sl->routes : 0; i-- > 0;)
        take_out(dev, i);
}

void slaac_route_mtu(struct netdev *dev, u32 mtu)
{
    struct slaac *sl = dev->ip->slaac;
    for (u32 i = 0; i < sl->routes; i++) {
        struct slaac_route old = sl->route[i], new = old;
        new.mtu = mtu;
        if (old.mtu != mtu && !change(dev, &new, true)) {
            sl->route[i] = new;
            if (!is_shared(dev, &old))
                change(dev, &old, false);
        }
    }
}

u64 slaac_route_due(struct netdev *dev, u64 now)
{
    struct slaac *sl = dev->ip->slaac;
    u64 next = TEND_NEVER;
    for (u32 i = sl->routes; i-- > 0;)
        if (sl->route[i].until <= now)
            take_out(dev, i);
        else
            next = min(next, sl->route[i].until);
    return next;
}

bool slaac_on_link(const struct netdev *dev, const struct ipaddr *net, u8 bits)
{
    struct slaac *sl = dev->ip->slaac;
    struct slaac_route want = {.prefix = {addr_fill(net, bits, false), bits}};
    return sl && find(sl, &want);
}

/* Addresses on interfaces (contract: ifaddr.h). Linux: devinet.c, addrconf.c, and fib_frontend's fib_add_ifaddr.
 *
 * An address is copied in, never changed but for its flags and times, and freed when no reader is left. Its routes are
 * made here from what it says, and taken away by the same words; those that a router advertises are net/ip/slaac.h's.
 */
#include "net/ip/ifaddr.h"

#include "lib/conf.h"
#include "lib/rand.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/ip/addr.h"
#include "net/ip/anycast.h"
#include "net/ip/fib.h"
#include "net/ip/mcast.h"
#include "net/ip/tend.h"

#define FEED_BYTES 8192u

struct ifaddr_net {
    struct notify_feed feed;
};

static int start(struct net *net, void *slot)
{
    return notify_init(&((struct ifaddr_net *)slot)->feed, FEED_BYTES);
}

static void end(struct net *net, void *slot)
{
    notify_exit(&((struct ifaddr_net *)slot)->feed);
}

NET_SLOT(ifaddr_net, struct ifaddr_net, start, end);

struct notify_feed *ifaddr_feed(struct net *net)
{
    return &NET_GET(net, struct ifaddr_net, ifaddr_net)->feed;
}

static void tell(const struct ifaddr *a, enum ifaddr_event what)
{
    struct netdev *dev = a->on->dev;
    struct ifaddr_notice n = {.index = dev->port.index, .a = *a};
    notify_publish(ifaddr_feed(dev_net(dev)), what, &n, sizeof(n));
}

static const struct ip_family *family_of(const struct ifaddr *a)
{
    return ip_family_of(&a->addr);
}

/* ---- the routes of an address ---- */

struct made { /* a route of ours */
    u32 table;
    struct ipprefix prefix;
    u8 type, scope;
    u32 metric;
};

static int route_change(const struct ifaddr *a, const struct made *m, bool add)
{
    struct netdev *dev = a->on->dev;
    struct fib_table *t = fib_table(dev_net(dev), family_of(a)->index, m->table, true);
    struct hop hop = {.dev = dev, .weight = 1, .via = addr_fill(&a->addr, 0, false)};
    struct route_want w = {.key = {.family = family_of(a)->index,
                                   .type = m->type,
                                   .scope = m->scope,
                                   .proto = PROTO_KERNEL,
                                   .metric = m->metric},
                           .hops = 1,
                           .hop = &hop};
    if (!t)
        return -ENOMEM;
    w.key.prefsrc = family_of(a) == &ip_v4 ? a->addr : (struct ipaddr){0};
    if (add) {
        int err = fib_add(t, &m->prefix, &w, FIB_APPEND);
        return err == -EEXIST ? 0 : err;
    }
    struct fib_match match = {.has_type = true,
                              .has_scope = true,
                              .has_proto = true,
                              .has_metric = true,
                              .has_prefsrc = true,
                              .key = w.key,
                              .hops = 1,
                              .hop = &hop};
    fib_del(t, &m->prefix, &match);
    return 0;
}

/* Does another address of the device have this one's local route, or its broadcast's? Then it stays. */
static bool another_has(const struct ifaddr *a, const struct ipaddr *addr)
{
    for (const struct ifaddr *b = ifaddr_first(a->on->dev, family_of(a)); b; b = ifaddr_next(b))
        if (b != a && addr_eq(&b->addr, addr))
            return true;
    return false;
}

static bool net_is_shared(const struct ifaddr *a) /* of IPv6: another address has the same net */
{
    for (const struct ifaddr *b = ifaddr_first(a->on->dev, &ip_v6); b; b = ifaddr_next(b))
        if (b != a && b->bits == a->bits && !(b->flags & IFA_NOPREFIXROUTE) && b->proto != IFAPROT_RA &&
            addr_same_bits(&b->peer, &a->peer, a->bits))
            return true;
    return false;
}

/* Each of them in turn; false at the end. i from 0. */
static bool route_of_addr(const struct ifaddr *a, unsigned i, struct made *m)
{
    const struct ip_family *f = family_of(a);
    bool v4 = f == &ip_v4, lo = a->on->dev->type == DEV_TYPE_LOOPBACK, apart = !addr_eq(&a->addr, &a->peer);
    struct ipaddr net = addr_fill(&a->peer, a->bits, false), last = addr_fill(&a->peer, a->bits, true);

    switch (i) {
    case 0: /* the address itself */
        *m = (struct made){TABLE_LOCAL, {a->addr, f->bits}, ROUTE_LOCAL, v4 ? SCOPE_HOST : SCOPE_GLOBAL, 0};
        return true;
    case 1: /* its net */
        m->prefix.bits = 0;
        if (a->flags & IFA_NOPREFIXROUTE || (!v4 && a->proto == IFAPROT_RA) || (v4 && (a->flags & IFA_SECONDARY)) ||
            (!apart && a->bits == f->bits) || (v4 && addr_is_any(&net)) || (lo && !v4))
            return true;
        *m = (struct made){v4 && lo ? TABLE_LOCAL : TABLE_MAIN,
                           {net, a->bits},
                           v4 && lo ? ROUTE_LOCAL : ROUTE_UNICAST,
                           lo   ? SCOPE_HOST
                           : v4 ? SCOPE_LINK
                                : SCOPE_GLOBAL,
                           a->metric ? a->metric
                           : v4      ? 0
                                     : 256};
        return true;
    case 2: /* the last address of its net is all that are there */
        m->prefix.bits = 0;
        if (v4 && a->bits < 31 && !(a->flags & IFA_SECONDARY && apart))
            *m = (struct made){TABLE_LOCAL, {last, 32}, ROUTE_BROADCAST, SCOPE_LINK, 0};
        return true;
    case 3: /* or another one, as was said */
        m->prefix.bits = 0;
        if (v4 && !addr_is_any(&a->broadcast) && !addr_eq(&a->broadcast, &last) &&
            !addr_is_limited_broadcast(&a->broadcast))
            *m = (struct made){TABLE_LOCAL, {a->broadcast, 32}, ROUTE_BROADCAST, SCOPE_LINK, 0};
        return true;
    default: return false;
    }
}

static void routes_del(const struct ifaddr *a)
{
    struct made m = {0};
    for (unsigned i = 0; route_of_addr(a, i, &m); i++)
        if (m.prefix.bits &&
            !(m.type == ROUTE_LOCAL && m.prefix.bits == family_of(a)->bits && another_has(a, &a->addr)) &&
            !(family_of(a) == &ip_v6 && m.type == ROUTE_UNICAST && net_is_shared(a)))
            route_change(a, &m, false);
}

static int routes_add(const struct ifaddr *a)
{
    struct made m = {0};
    for (unsigned i = 0; route_of_addr(a, i, &m); i++) {
        int err = m.prefix.bits ? route_change(a, &m, true) : 0;
        if (err) {
            routes_del(a);
            return err;
        }
    }
    return 0;
}

/* ---- of all routers of a link: net/ip/anycast.h ---- */

static bool has_anycast(const struct ifaddr *a) /* RFC 6164 5.1: a link between two routers has no room for it */
{
    const struct netdev *dev = a->on->dev;
    struct ipaddr net = addr_fill(&a->addr, a->bits, false);
    return family_of(a) == &ip_v6 && a->bits < 127 && !addr_is_any(&net) && dev->type != DEV_TYPE_LOOPBACK &&
           (dev->flags & DEV_UP) && ip_conf(dev, &ip_v6)->forwarding && !(a->flags & IFA_DADFAILED);
}

static bool another_has_anycast(const struct ifaddr *a)
{
    for (const struct ifaddr *b = ifaddr_first(a->on->dev, &ip_v6); b; b = ifaddr_next(b))
        if (b != a && b->anycast && b->bits == a->bits && addr_same_bits(&b->addr, &a->addr, a->bits))
            return true;
    return false;
}

/* a has come, or has gone, or its device begins to forward, or no longer does. */
static void settle_anycast(struct ifaddr *a, bool there)
{
    struct ipaddr net = addr_fill(&a->addr, a->bits, false);
    bool want = there && has_anycast(a);
    int err = 0;

    if (want == a->anycast)
        return;
    if (!another_has_anycast(a) && want)
        err = anycast_join(a->on->dev, &net);
    else if (!another_has_anycast(a))
        anycast_leave(a->on->dev, &net);
    if (err)
        log_write(LOG_ERR, "%s: anycast %pI: %d", a->on->dev->port.name, &net, err);
    else
        a->anycast = want;
}

/* ---- does another have it? net/ip/dad.h goes on with this ---- */

static bool is_asked_for(const struct ifaddr *a)
{
    const struct ip_conf *c = ip_conf(a->on->dev, family_of(a));
    return family_of(a)->probe && !(a->flags & IFA_NODAD) && c->dad_transmits > 0 && c->accept_dad > 0;
}

/* a is about to be used, or its device has come up. What of a it changes is seen by readers as soon as a is. */
static void begin_asking(struct ifaddr *a)
{
    const struct ip_conf *c = ip_conf(a->on->dev, family_of(a));
    u32 flags = a->flags & ~(IFA_TENTATIVE | IFA_OPTIMISTIC | IFA_DADFAILED);
    bool lo = a->on->dev->type == DEV_TYPE_LOOPBACK;

    a->probes = 0;
    a->announces = lo ? 0 : family_of(a) == &ip_v4 ? 2 : 1; /* RFC 5227 1.1: ANNOUNCE_NUM */
    a->ask_at = clock_ns();
    if (!lo && is_asked_for(a)) {
        a->probes = (u8)c->dad_transmits;
        rand_bytes(a->nonce, sizeof(a->nonce));
        flags |= IFA_TENTATIVE | (c->optimistic_dad ? IFA_OPTIMISTIC : 0);
        if (!c->optimistic_dad) /* RFC 4862 5.4.2: those of a link that comes up do not ask all at once */
            a->ask_at += rand_below(NS_PER_S);
    }
    store_relaxed(&a->flags, flags);
    tend_soon(dev_net(a->on->dev));
}

/* ---- coming, changing, going ---- */

struct ifaddr *ifaddr_find(const struct netdev *dev, const struct ipaddr *addr, int bits)
{
    for (struct ifaddr *a = ifaddr_first(dev, ip_family_of(addr)); a; a = ifaddr_next(a))
        if (addr_eq(&a->addr, addr) && (bits < 0 || a->bits == bits))
            return a;
    return NULL;
}

static bool same_net(const struct ifaddr *a, const struct ifaddr *b)
{
    return a->bits == b->bits && addr_same_bits(&a->peer, &b->peer, a->bits);
}

static void free_addr(struct rcu_head *h)
{
    mem_free(container_of(h, struct ifaddr, rcu));
}

static bool is_up(const struct netdev *dev)
{
    return dev->flags & DEV_UP;
}

/* Does b stand before a? As Linux keeps them: of IPv4 primaries by scope, the nearer first, then secondaries; of IPv6
 * the wider scope first. */
static bool stands_before(const struct ifaddr *b, const struct ifaddr *a)
{
    if (family_of(a) == &ip_v6)
        return b->scope < a->scope;
    return (a->flags & IFA_SECONDARY) || (!(b->flags & IFA_SECONDARY) && b->scope >= a->scope);
}

static void enter(struct ifaddr *a)
{
    struct ifaddr **at = &a->on->addrs[family_of(a)->index];
    while (*at && stands_before(*at, a))
        at = &(*at)->next;
    a->next = *at;
    store_release(at, a);
}

static void leave(struct ifaddr *a) /* readers go on from it */
{
    struct ifaddr **at = &a->on->addrs[family_of(a)->index];
    while (*at != a)
        at = &(*at)->next;
    store_release(at, a->next);
    rcu_defer(&a->rcu, free_addr);
}

static bool is_addressable(const struct ifaddr *a)
{
    return !addr_is_any(&a->addr) && !addr_is_multicast(&a->addr) && !addr_is_limited_broadcast(&a->addr) &&
           a->bits <= family_of(a)->bits;
}

int ifaddr_add(struct netdev *dev, const struct ifaddr *want)
{
    conf_assert();
    if (!is_addressable(want))
        return -EINVAL;
    struct ifaddr *a = mem_alloc(sizeof(*a));
    if (!a)
        return -ENOMEM;
    *a = *want;
    a->on = dev->ip;
    a->created = a->updated = clock_ns();
    if (a->valid_until == IFA_FOREVER)
        a->flags |= IFA_PERMANENT;
    bool v4 = family_of(a) == &ip_v4;
    int err = ifaddr_find(dev, &a->addr, v4 ? a->bits : -1) ? -EEXIST : 0;
    for (const struct ifaddr *b = ifaddr_first(dev, &ip_v4); b; b = ifaddr_next(b))
        if (v4 && !(b->flags & IFA_SECONDARY) && same_net(a, b)) {
            a->flags |= IFA_SECONDARY;
            err = !err && a->scope != b->scope ? -EDOM : err;
        }
    if (!err && is_up(dev)) {
        begin_asking(a);
        err = routes_add(a);
    }
    if (err) {
        mem_free(a);
        return err;
    }
    struct ipaddr group = addr_solicited_node(&a->addr);
    if (!v4)
        err = mcast_join(dev, &group);
    if (err) {
        if (is_up(dev))
            routes_del(a);
        mem_free(a);
        return err;
    }
    enter(a);
    settle_anycast(a, true);
    tell(a, IFADDR_EVENT_NEW);
    tend_soon(dev_net(dev)); /* its lifetime */
    return 0;
}

void ifaddr_tell(const struct ifaddr *a)
{
    tell(a, IFADDR_EVENT_NEW);
}

void ifaddr_fail(struct ifaddr *a)
{
    conf_assert();
    routes_del(a);
    store_relaxed(&a->flags, (a->flags & ~IFA_OPTIMISTIC) | IFA_TENTATIVE | IFA_DADFAILED);
    settle_anycast(a, true);
    ifaddr_tell(a);
}

static bool has_routes(const struct ifaddr *a)
{
    return is_up(a->on->dev) && !(a->flags & IFA_DADFAILED);
}

static void take_out(struct ifaddr *a)
{
    struct net *net = dev_net(a->on->dev);
    if (has_routes(a))
        routes_del(a);
    settle_anycast(a, false);
    tell(a, IFADDR_EVENT_GONE);
    struct ipaddr group = addr_solicited_node(&a->addr);
    if (family_of(a) == &ip_v6)
        mcast_leave(a->on->dev, &group);
    struct ipaddr addr = a->addr;
    leave(a);
    fib_addr_gone(net, &addr);
}

static struct ifaddr *a_secondary_of(const struct ifaddr *gone)
{
    for (struct ifaddr *b = ifaddr_first(gone->on->dev, &ip_v4); b; b = ifaddr_next(b))
        if ((b->flags & IFA_SECONDARY) && same_net(b, gone))
            return b;
    return NULL;
}

static bool promotes(const struct ip_dev *on)
{
    return on->conf[IP_V4].promote_secondaries || ip_conf_all(on->dev, &ip_v4)->promote_secondaries;
}

/* The first secondary takes the place of the primary that is gone. */
static int promote(struct ifaddr *old)
{
    struct ifaddr *a = mem_alloc(sizeof(*a));
    if (!a)
        return -ENOMEM;
    *a = *old;
    a->flags &= ~IFA_SECONDARY;
    leave(old);
    enter(a);
    tell(a, IFADDR_EVENT_NEW);
    return is_up(a->on->dev) ? routes_add(a) : 0;
}

int ifaddr_del(struct netdev *dev, struct ifaddr *a)
{
    conf_assert();
    bool primary = family_of(a) == &ip_v4 && !(a->flags & IFA_SECONDARY);
    struct ifaddr gone = *a, *b;

    take_out(a);
    if (!primary)
        return 0;
    if (promotes(gone.on))
        return (b = a_secondary_of(&gone)) ? promote(b) : 0;
    while ((b = a_secondary_of(&gone)))
        take_out(b);
    return 0;
}

int ifaddr_change(struct netdev *dev, const struct ifaddr *want)
{
    struct ifaddr *a = ifaddr_find(dev, &want->addr, want->bits);
    conf_assert();
    if (!a)
        return -ENOENT;
    bool moves = has_routes(a) && (a->metric != want->metric || ((a->flags ^ want->flags) & IFA_NOPREFIXROUTE));
    if (moves)
        routes_del(a);
    a->flags = (a->flags & ~(IFA_NOPREFIXROUTE | IFA_PERMANENT | IFA_DEPRECATED)) |
               (want->flags & (IFA_NOPREFIXROUTE | IFA_DEPRECATED));
    if (want->valid_until == IFA_FOREVER)
        a->flags |= IFA_PERMANENT;
    a->metric = want->metric;
    a->valid_until = want->valid_until;
    a->preferred_until = want->preferred_until;
    a->updated = clock_ns();
    int err = moves ? routes_add(a) : 0;
    tell(a, IFADDR_EVENT_NEW);
    tend_soon(dev_net(dev));
    return err;
}

/* ---- asking ---- */

bool ifaddr_same_net(const struct netdev *dev, const struct ipaddr *a, const struct ipaddr *b)
{
    for (const struct ifaddr *i = ifaddr_first(dev, ip_family_of(a)); i; i = ifaddr_next(i))
        if (addr_same_bits(a, &i->peer, i->bits) && addr_same_bits(b, &i->peer, i->bits))
            return true;
    return false;
}

bool ifaddr_has(const struct netdev *dev, const struct ipaddr *addr)
{
    for (struct ifaddr *a = ifaddr_first(dev, ip_family_of(addr)); a; a = ifaddr_next(a))
        if (addr_eq(&a->addr, addr))
            return true;
    return false;
}

const struct ifaddr *ifaddr_link_local(const struct netdev *dev)
{
    for (const struct ifaddr *a = ifaddr_first(dev, &ip_v6); a; a = ifaddr_next(a))
        if (addr_is_link_local(&a->addr) && ifaddr_usable(a))
            return a;
    return NULL;
}

/* ---- lifetimes ---- */

static void set_deprecated(struct ifaddr *a, bool yes)
{
    if (!!(a->flags & IFA_DEPRECATED) == yes)
        return;
    store_relaxed(&a->flags, yes ? a->flags | IFA_DEPRECATED : a->flags & ~IFA_DEPRECATED);
    tell(a, IFADDR_EVENT_NEW);
}

/* When next; 0: one is gone, and perhaps others with it. */
static u64 age(struct netdev *dev, const struct ip_family *f, u64 now)
{
    u64 next = TEND_NEVER;
    for (struct ifaddr *a = ifaddr_first(dev, f); a; a = ifaddr_next(a)) {
        if (a->valid_until <= now) {
            ifaddr_del(dev, a);
            return 0;
        }
        settle_anycast(a, true);
        if (a->preferred_until != IFA_FOREVER)
            set_deprecated(a, a->preferred_until <= now);
        next = min(next, a->preferred_until > now ? min(a->preferred_until, a->valid_until) : a->valid_until);
    }
    return next;
}

static u64 ifaddr_due(struct net *net, u64 now)
{
    u64 next = TEND_NEVER, when;
    for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));)
        for (enum ip_index f = 0; dev->ip && f < IP_FAMILIES; f++) {
            while (!(when = age(dev, ip_family(f), now)))
                ;
            next = min(next, when);
        }
    return next;
}

TEND(ifaddr, ifaddr_due);

/* ---- with the device ---- */

void ifaddr_dev_up(struct netdev *dev)
{
    fib_dev_up(dev_net(dev), dev);
    for (enum ip_index f = 0; f < IP_FAMILIES; f++)
        for (struct ifaddr *a = ifaddr_first(dev, ip_family(f)); a; a = ifaddr_next(a)) {
            int err = routes_add(a);
            if (err)
                log_write(LOG_ERR, "%s: no memory for the routes of an address: %d", dev->port.name, err);
            begin_asking(a);
            settle_anycast(a, true);
        }
}

/* Addresses of IPv4 stay; those of IPv6 go, as on Linux. */
void ifaddr_dev_down(struct netdev *dev)
{
    fib_dev_down(dev_net(dev), dev);
    for (struct ifaddr *a; (a = dev->ip->addrs[IP_V6]);)
        take_out(a);
}

void ifaddr_dev_end(struct netdev *dev)
{
    for (enum ip_index f = 0; f < IP_FAMILIES; f++)
        for (struct ifaddr *a; (a = dev->ip->addrs[f]);) {
            struct ipaddr addr = a->addr;
            dev->ip->addrs[f] = a->next;
            mem_free(a);
            fib_addr_gone(dev_net(dev), &addr);
        }
}

SYSCTL(promote_secondaries, .name = "net.ipv4.conf.*.promote_secondaries",
       SYSCTL_PER(struct ip_conf, promote_secondaries), .place = ip_conf4_place, .list = ip_conf_list, .high = 1,
       .help = "1: when an address goes, the first of its secondaries takes its place; 0: they go, too");

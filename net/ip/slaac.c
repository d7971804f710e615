/* Router advertisements on the host's side (contract: slaac.h). Linux: ndisc_router_discovery, addrconf_rs_timer.
 *
 * Softirq looks whether a message is sound (RFC 4861 6.1.2), the task heeds it option by option: routes are
 * slaac_route.c's, addresses slaac_addr.c's, resolvers slaac_dns.c's.
 */
#include "net/ip/slaac.h"

#include "lib/rand.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "net/ip/header.h"
#include "net/ip/icmp.h"
#include "net/ip/neigh.h"
#include "net/ip/slaac_part.h"
#include "net/ip/tend.h"
#include "net/skb/drop.h"
#include "net/skb/pool.h"

COUNTER(ra_heard, "Ip6.RaHeard", "router advertisements that were heeded");
COUNTER(ra_too_many, "Ip6.RaTooMany", "things advertised by routers that were not kept: there were too many");

#define HOPS           255u /* RFC 4861 6.1.2: what has fewer came over a router */
#define RA_EVERY       (NS_PER_S / 32)
#define RA_BURST       32u      /* of a device: so many at once, and then by RA_EVERY */
#define REACHABLE_MOST 3600000u /* ms: RFC 4861 6.2.1 */

static const struct ipaddr all_routers = {{0xff, 0x02, [15] = 2}};

static bool accepts(const struct netdev *dev)
{
    const struct ip_conf *c = ip_conf(dev, &ip_v6);
    return !c->disabled && (c->slaac.accept_ra == 2 || (c->slaac.accept_ra == 1 && !c->forwarding));
}

void slaac_too_many(struct netdev *dev)
{
    softirq_off();
    count(dev_net(dev), ra_too_many);
    softirq_on();
}

static struct slaac *slaac_of(struct netdev *dev) /* NULL: no memory */
{
    if (!dev->ip->slaac && (dev->ip->slaac = mem_zalloc(sizeof(struct slaac))))
        dev->ip->slaac->solicit_at = TEND_NEVER;
    return dev->ip->slaac;
}

/* ---- what is heard: the task ---- */

static void take_times(struct netdev *dev, const struct ndp_ra *ra)
{
    struct ip_conf *c = &dev->ip->conf[IP_V6];
    u32 reachable = be32_get(ra->reachable), retrans = be32_get(ra->retrans);
    if (ra->hop_limit && ra->hop_limit >= c->slaac.min_hop_limit)
        store_relaxed(&c->slaac.hops, (i32)ra->hop_limit);
    if (reachable && reachable <= REACHABLE_MOST)
        store_relaxed(&dev->ip->neigh[IP_V6].base_reachable, reachable * NS_PER_MS);
    if (retrans && retrans <= REACHABLE_MOST)
        store_relaxed(&dev->ip->neigh[IP_V6].retrans, retrans * NS_PER_MS);
}

static void take_prefix(struct netdev *dev, const u8 *opt, u64 now)
{
    struct ndp_prefix p;
    memcpy(&p, opt, sizeof(p));
    u32 valid = be32_get(p.valid);
    if (p.bits > 128 || addr_is_link_local(&p.prefix) || addr_is_multicast(&p.prefix) ||
        be32_get(p.preferred) > valid || !slaac_conf(dev)->pinfo)
        return; /* RFC 4861 6.3.4, RFC 4862 5.5.3 b, c */
    p.prefix = addr_fill(&p.prefix, p.bits, false);
    struct slaac_route r = {.prefix = {p.prefix, p.bits}};
    if ((p.flags & NDP_PREFIX_ONLINK) && p.bits)
        slaac_route_set(dev, &r, valid, now);
    if ((p.flags & NDP_PREFIX_AUTO) && slaac_conf(dev)->autoconf)
        slaac_addr_heard(dev, &p, now);
}

static void take_mtu(struct netdev *dev, const u8 *opt)
{
    struct ndp_mtu o;
    memcpy(&o, opt, sizeof(o));
    u32 mtu = be32_get(o.mtu);
    if (!slaac_conf(dev)->take_mtu || mtu < IP6_MTU_LEAST || mtu > dev->mtu)
        return;
    dev->ip->conf[IP_V6].slaac.mtu = (i32)mtu;
    slaac_route_mtu(dev, mtu);
}

static void take_route(struct netdev *dev, const u8 *opt, u32 n, const struct ipaddr *router,
                       u64 now) /* RFC 4191 3.1 */
{
    const struct slaac_conf *c = slaac_conf(dev);
    struct slaac_route r = {.via = *router};
    struct ndp_route o;
    memcpy(&o, opt, sizeof(o));
    u32 bytes = (o.bits + 7u) / 8;
    r.pref = (u8)ndp_pref(o.flags);
    if (o.bits > 128 || bytes > n - sizeof(o) || r.pref == NDP_PREF_RESERVED || o.bits > c->route_max_bits ||
        o.bits < c->route_min_bits || (!o.bits && !c->defrtr))
        return;
    memcpy(r.prefix.addr.b, opt + sizeof(o), bytes);
    r.prefix.addr = addr_fill(&r.prefix.addr, o.bits, false);
    r.prefix.bits = o.bits;
    if (!addr_is_link_local(&r.prefix.addr) && !addr_is_multicast(&r.prefix.addr))
        slaac_route_set(dev, &r, be32_get(o.lifetime), now);
}

static void take_router(struct netdev *dev, const u8 *mac, const struct ipaddr *router)
{
    struct macaddr m;
    memcpy(&m, mac, sizeof(m));
    if (!mac_is_station(&m))
        return;
    softirq_off();
    struct neigh *n = neigh_get(dev, router, NULL);
    if (n)
        neigh_update(n, &m, NUD_STALE, NEIGH_OVERRIDE | NEIGH_ROUTERS, true);
    softirq_on();
}

static void take_option(struct netdev *dev, const u8 *p, u32 n, const struct ipaddr *router, u64 now)
{
    switch (p[0]) {
    case NDP_OPT_SOURCE: take_router(dev, p + 2, router); break;
    case NDP_OPT_PREFIX:
        if (n == sizeof(struct ndp_prefix))
            take_prefix(dev, p, now);
        break;
    case NDP_OPT_MTU: take_mtu(dev, p); break;
    case NDP_OPT_ROUTE: take_route(dev, p, n, router, now); break;
    case NDP_OPT_RDNSS:
    case NDP_OPT_DNSSL: slaac_dns_heard(dev, p, n, now); break;
    default: break; /* RFC 4861 4.2: what is not known is passed over */
    }
}

static void heed(struct netdev *dev, struct skb *s)
{
    u32 at = skb_at(s, s->l4), n = s->len - at;
    const u8 *p = skb_need(s, at, n); /* no more than softirq has seen in one piece */
    struct slaac *sl = accepts(dev) && (dev->flags & DEV_UP) ? slaac_of(dev) : NULL;
    struct ipaddr router = ip6_at(s)->src;
    u64 now = clock_ns();
    struct ndp_ra ra;

    if (!p || !sl || ifaddr_find(dev, &router, -1))
        return;
    memcpy(&ra, p, sizeof(ra));
    sl->solicit_at = TEND_NEVER; /* RFC 7559 2.1 */
    take_times(dev, &ra);
    enum ndp_pref pref = ndp_pref(ra.flags);
    struct slaac_route r = {.via = router, .pref = (u8)(pref == NDP_PREF_RESERVED ? NDP_PREF_MEDIUM : pref)};
    /* The MTU goes first: it is a part of the routes. */
    for (u32 i = sizeof(ra), len; i < n && (len = ndp_opt_len(p + i, n - i)); i += len)
        if (p[i] == NDP_OPT_MTU)
            take_option(dev, p + i, len, &router, now);
    if (slaac_conf(dev)->defrtr)
        slaac_route_set(dev, &r, be16_get(ra.lifetime), now);
    for (u32 i = sizeof(ra), len; i < n && (len = ndp_opt_len(p + i, n - i)); i += len)
        if (p[i] != NDP_OPT_MTU)
            take_option(dev, p + i, len, &router, now);
}

/* ---- softirq ---- */

static bool is_sound(struct skb *s)
{
    u32 at = skb_at(s, s->l4), n = s->len - at;
    const u8 *p = n >= sizeof(struct ndp_ra) ? skb_need(s, at, n) : NULL;
    if (!p || p[1] || ip6_at(s)->hops != HOPS || !addr_is_link_local(&ip6_at(s)->src))
        return false;
    for (u32 i = sizeof(struct ndp_ra), len; i < n; i += len)
        if (!(len = ndp_opt_len(p + i, n - i)))
            return false;
    return true;
}

/* Who was asked as a neighbour and has answered as a router has a bucket of his own: no flood of others' keeps his from
 * being heard. */
static bool is_one_too_many(struct netdev *dev, const struct skb *s)
{
    struct slaac_limit *l = &dev->ip->limit;
    const struct neigh *n = neigh_find(dev, &ip6_at(s)->src);
    struct bucket *b = n && n->proven && (n->flags & NEIGH_ROUTER) ? &l->routers : &l->strangers;
    spin_lock(&l->lock);
    bool has = bucket_has(b, RA_EVERY, RA_BURST, clock_ns());
    if (has)
        bucket_take(b, RA_EVERY);
    spin_unlock(&l->lock);
    return !has;
}

static void ra_rx(struct netdev *dev, struct skb *s)
{
    if (!is_sound(s) || !accepts(dev)) {
        skb_drop(s, DROP_ICMP_TYPE);
        return;
    }
    if (is_one_too_many(dev, s)) {
        skb_drop(s, DROP_ICMP_RATE);
        return;
    }
    count(dev_net(dev), ra_heard);
    tend_skb(dev, s, heed);
}

ICMP_TAKER(ra, IP_V6, NDP_RA, NDP_RA, ra_rx);

/* ---- asking: RFC 7559 2 ---- */

static void start(struct netdev *dev)
{
    const struct slaac_conf *c = slaac_conf(dev);
    struct slaac *sl = accepts(dev) && c->solicitations ? slaac_of(dev) : NULL;
    if (!sl)
        return;
    sl->solicit_at = clock_ns() + rand_below((u64)c->delay * NS_PER_S + 1);
    sl->wait = 0;
    sl->solicited = 0;
    tend_soon(dev_net(dev));
}

static void send(struct netdev *dev, const struct ifaddr *from)
{
    struct ip_send how = {.src = from->addr, .dst = all_routers, .dev = dev, .hops = HOPS};
    softirq_off();
    struct skb *s = skb_alloc(skb_pool_of(dev_net(dev)));
    if (s) {
        struct ndp_rs *m = skb_put(s, sizeof(*m));
        *m = (struct ndp_rs){.type = NDP_RS};
        if (!(from->flags & IFA_OPTIMISTIC)) { /* RFC 4429 3.2 */
            struct ndp_lladdr *o = skb_put(s, sizeof(*o));
            *o = (struct ndp_lladdr){NDP_OPT_SOURCE, 1, dev->mac};
        }
        icmp_send(dev_net(dev), s, &how);
    }
    softirq_on();
}

/* A tenth more or less, so that a link's stations do not ask at once. */
static u64 about(u64 ns)
{
    return ns - ns / 10 + rand_below(ns / 5 + 1);
}

static void solicit(struct netdev *dev, struct slaac *sl, u64 now)
{
    const struct slaac_conf *c = slaac_conf(dev);
    const struct ifaddr *from = ifaddr_link_local(dev);
    u64 first = (u64)c->interval * NS_PER_S, most = (u64)c->max_interval * NS_PER_S;
    if (!dev->carrier || !from) {
        sl->solicit_at = now + NS_PER_S; /* when there is a link, and an address */
        return;
    }
    send(dev, from);
    sl->wait = sl->wait ? about(2 * sl->wait) : about(first);
    if (sl->wait > most)
        sl->wait = about(most);
    sl->solicited++;
    sl->solicit_at = c->solicitations >= 0 && sl->solicited >= c->solicitations ? TEND_NEVER : now + sl->wait;
}

static u64 dev_due(struct netdev *dev, u64 now)
{
    struct slaac *sl = dev->ip->slaac;
    if (!accepts(dev)) { /* it forwards now: no host, with no router of its own (Linux: rt6_purge_dflt_routers) */
        sl->solicit_at = TEND_NEVER;
        slaac_routes_over(dev);
    }
    if (sl->solicit_at <= now)
        solicit(dev, sl, now);
    u64 next = min(sl->solicit_at, slaac_route_due(dev, now));
    next = min(next, slaac_addr_due(dev, now));
    return min(next, slaac_dns_due(dev, now));
}

static u64 slaac_due(struct net *net, u64 now)
{
    u64 next = TEND_NEVER;
    for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));)
        if ((dev->flags & DEV_UP) && dev->ip && dev->ip->slaac)
            next = min(next, dev_due(dev, now));
    return next;
}

TEND(slaac, slaac_due);

/* ---- with the device ---- */

void slaac_dev_up(struct netdev *dev)
{
    conf_assert();
    if (dev->type != DEV_TYPE_LOOPBACK)
        start(dev);
}

void slaac_dev_forget(struct netdev *dev)
{
    conf_assert();
    slaac_routes_all(dev);
    slaac_dev_down(dev);
}

void slaac_dev_down(struct netdev *dev)
{
    conf_assert();
    mem_free(dev->ip->slaac);
    dev->ip->slaac = NULL;
    dev->ip->conf[IP_V6].slaac.mtu = dev->ip->conf[IP_V6].slaac.hops = 0;
}

void slaac_dev_end(struct netdev *dev)
{
    mem_free(dev->ip->slaac);
    dev->ip->slaac = NULL;
}

void slaac_again(struct net *net, const char *star)
{
    for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));)
        if ((dev->flags & DEV_UP) && (str_eq(star, dev->port.name) || str_eq(star, "all")))
            slaac_dev_up(dev);
    tend_soon(net);
}

/* Redirects that come in (RFC 1122 3.2.2.2, RFC 4861 8.3). Linux: ip_do_redirect, rt6_do_redirect.
 *
 * One is believed where this machine does not forward and its switches say so, where it comes from the gateway that
 * packets to that destination go to now, quotes a packet of this machine, and tells of a gateway that can be one. Then
 * there is an exception from the route (net/ip/exception.h) for net.ipv4.route.gc_timeout. That is a task's work: which
 * gateways there are is known under conf_lock.
 */
#include "lib/stats.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/ip/exception.h"
#include "net/ip/header.h"
#include "net/ip/icmp.h"
#include "net/ip/ifaddr.h"
#include "net/ip/neigh.h"
#include "net/ip/tend.h"
#include "net/skb/drop.h"
#include "net/wire/ndp.h"

COUNTER(icmp_in_redirects, "Icmp.InRedirects", "gateways that told of a nearer one");
COUNTER(icmp6_in_redirects, "Icmp6.InRedirects", "routers that told of a nearer one");

#define HOPS 255u /* RFC 4861 8.1: what has fewer came over a router */

struct redirect_rx_net {
    u64 keep; /* ns */
};

NET_SLOT(redirect_rx_net, struct redirect_rx_net, NULL, NULL);

SYSCTL(gc_timeout, .name = "net.ipv4.route.gc_timeout", SYSCTL_NET(redirect_rx_net, struct redirect_rx_net, keep),
       .unit = NS_PER_S, .def = 300, .help = "s for which a redirect holds (IPv6, too)");

struct heard {
    const struct ip_family *f;
    struct ipaddr by, to, dst; /* who says so; the gateway that he tells of, dst itself: it is on the link; for whom */
    bool quotes;
    struct ip_error about; /* src and dst of the packet that is quoted */
    bool has_mac;
    struct macaddr mac; /* to's */
};

/* ---- what it says ---- */

static bool read4(struct skb *s, struct heard *h)
{
    u32 at = skb_at(s, s->l4);
    const struct icmp_hdr *i = skb_need(s, at, ICMP_HLEN);
    if (!i || i->code > 3)
        return false;
    h->to = addr_of4((const u8 *)&i->id);
    h->quotes = icmp_quoted(s, at + ICMP_HLEN, &h->about);
    h->dst = h->about.dst;
    return h->quotes;
}

static bool read_option(struct skb *s, u32 at, const u8 *p, u32 n, struct heard *h)
{
    if (p[0] == NDP_OPT_TARGET && n == sizeof(struct ndp_lladdr)) {
        h->has_mac = true;
        memcpy(&h->mac, p + 2, sizeof(h->mac));
        return mac_is_station(&h->mac);
    }
    if (p[0] == NDP_OPT_REDIRECTED && n > sizeof(struct ndp_redirected)) {
        h->quotes = true;
        return icmp_quoted(s, at + sizeof(struct ndp_redirected), &h->about) && addr_eq(&h->about.dst, &h->dst);
    }
    return true;
}

static bool read6(struct skb *s, struct heard *h)
{
    u32 at = skb_at(s, s->l4);
    const struct ndp_redirect *m = skb_need(s, at, sizeof(*m));
    if (!m || m->code || ip6_at(s)->hops != HOPS)
        return false;
    h->to = m->target;
    h->dst = m->dst;
    for (at += sizeof(*m); at < s->len;) {
        const u8 *p = skb_need(s, at, min(s->len - at, 8u));
        u32 n = p ? ndp_opt_len(p, s->len - at) : 0;
        if (!n || !read_option(s, at, p, n, h))
            return false;
        at += n;
    }
    return true;
}

/* ---- is it believed ---- */

static bool accepts(const struct netdev *dev, const struct ip_family *f)
{
    const struct ip_conf *c = ip_conf(dev, f);
    return !c->forwarding && (c->accept_redirects || (f == &ip_v4 && ip_conf_all(dev, f)->accept_redirects));
}

struct search {
    const struct netdev *dev;
    const struct ipaddr *via;
    bool found;
};

static void look_at(struct route *r, void *arg)
{
    struct search *s = arg;
    for (u32 i = 0; i < r->hops; i++)
        s->found |= r->hop[i].dev == s->dev && addr_eq(&r->hop[i].via, s->via);
}

static bool is_gateway_of_a_route(struct netdev *dev, const struct ipaddr *a)
{
    struct search s = {dev, a, false};
    route_walk(dev_net(dev), look_at, &s);
    return s.found;
}

static bool is_unicast(struct net *net, const struct ipaddr *a)
{
    struct fib_flow flow = {.src = addr_fill(a, 0, false), .dst = *a};
    struct fib_result r;
    return !fib_lookup(net, ip_family_of(a)->index, &flow, &r) && r.route->key.type == ROUTE_UNICAST;
}

/* Can that be a gateway? */
static bool is_possible(struct netdev *dev, const struct heard *h)
{
    const struct ip_conf *c = ip_conf(dev, h->f), *all = ip_conf_all(dev, h->f);
    if (addr_eq(&h->to, &h->by) || addr_is_multicast(&h->dst) || addr_is_multicast(&h->to) || addr_is_any(&h->to))
        return false;
    if (h->f == &ip_v6)
        return addr_is_link_local(&h->by) && (addr_is_link_local(&h->to) || addr_eq(&h->to, &h->dst)) &&
               !ifaddr_has(dev, &h->to);
    if (!h->to.b[ADDR4_AT] || addr_is_limited_broadcast(&h->to) || addr_is_loopback(&h->to))
        return false;
    if (c->shared_media || all->shared_media)
        return is_unicast(dev_net(dev), &h->to);
    return ifaddr_same_net(dev, &h->to, &h->by) &&
           (!(c->secure_redirects || all->secure_redirects) || is_gateway_of_a_route(dev, &h->to));
}

/* The hop by which packets to there go now, by way of whoever says so; NULL: he is not their gateway. */
static const struct hop *hop_by(struct netdev *dev, const struct heard *h)
{
    struct net *net = dev_net(dev);
    struct fib_flow flow = {.src = h->quotes ? h->about.src : addr_fill(&h->dst, 0, false), .dst = h->dst, .out = dev};
    struct fib_result r;
    if (fib_lookup(net, h->f->index, &flow, &r) || r.route->key.type != ROUTE_UNICAST)
        return NULL;
    for (u32 i = 0; i < r.route->hops; i++) {
        const struct hop *hop = &r.route->hop[i], *now = exception_hop(net, hop, &h->dst);
        if (now->dev == dev && now->has_via && addr_eq(&now->via, &h->by))
            return hop;
    }
    return NULL;
}

static void heed(struct netdev *dev, const struct heard *h, const struct hop *hop)
{
    struct net *net = dev_net(dev);
    bool on_link = addr_eq(&h->to, &h->dst);
    struct ipaddr any = addr_fill(&h->to, 0, false);
    struct neigh *n = h->has_mac ? neigh_get(dev, &h->to, NULL) : NULL;
    u64 keep = NET_GET(net, struct redirect_rx_net, redirect_rx_net)->keep;
    if (n)
        neigh_update(n, &h->mac, NUD_STALE, NEIGH_OVERRIDE | (on_link ? 0 : NEIGH_ROUTERS), !on_link);
    exception_via(net, hop, &h->dst, on_link ? &any : &h->to, clock_ns() + keep);
}

static void heard(struct netdev *dev, struct skb *s) /* in the task, under conf_lock */
{
    const struct ip_family *f = ip_family_of_skb(s);
    struct heard h = {.f = f, .by = ip_addr(ip_src_key(s, f), f), .about.f = f};
    softirq_off();
    if (accepts(dev, f) && (f == &ip_v4 ? read4(s, &h) : read6(s, &h)) &&
        (!h.quotes || ip_is_local(dev_net(dev), &h.about.src)) && is_possible(dev, &h)) {
        const struct hop *hop = hop_by(dev, &h);
        if (hop)
            heed(dev, &h, hop);
    }
    softirq_on();
}

static void redirect_rx(struct netdev *dev, struct skb *s)
{
    const struct ip_family *f = ip_family_of_skb(s);
    if (f == &ip_v4)
        count(dev_net(dev), icmp_in_redirects);
    else
        count(dev_net(dev), icmp6_in_redirects);
    if (accepts(dev, f))
        tend_skb(dev, s, heard);
    else
        skb_drop(s, DROP_ICMP_TYPE);
}

ICMP_TAKER(redirect, IP_V4, ICMP_REDIRECT, ICMP_REDIRECT, redirect_rx);
ICMP_TAKER(redirect6, IP_V6, NDP_REDIRECT, NDP_REDIRECT, redirect_rx);

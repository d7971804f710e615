/* ARP (contract: arp.h). Linux: arp.c.
 *
 * Any message tells of its sender where that is known already; one that asks for us makes it known. Claims of an
 * address of our own by another station are told on the console, and defended (RFC 5227 2.4).
 */
#include "net/ip/arp.h"

#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/dev/rx.h"
#include "net/dev/tx.h"
#include "net/ip/header.h"
#include "net/ip/ip.h"
#include "net/ip/neigh_proxy.h"
#include "net/skb/drop.h"
#include "net/skb/pool.h"
#include "net/wire/arp.h"

#define DEFEND_EVERY (10 * NS_PER_S) /* RFC 5227 1.1: DEFEND_INTERVAL */

static const struct macaddr everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

static void send(struct netdev *dev, enum arp_op op, const struct macaddr *to, const struct ipaddr *spa,
                 const struct macaddr *tha, const struct ipaddr *tpa)
{
    struct skb *s = skb_alloc(skb_pool_of(dev_net(dev)));
    if (!s) {
        drop_count(dev_net(dev), &dev->port, DROP_NO_MEMORY, 1);
        return;
    }
    struct eth_hdr *e = skb_put(s, ETH_HLEN);
    struct arp_hdr *a = skb_put(s, sizeof(*a));
    *e = (struct eth_hdr){*to, dev->mac, be16_of(ETH_ARP)};
    *a = (struct arp_hdr){.hw = be16_of(ARP_HW_ETHER),
                          .proto = be16_of(ETH_IP4),
                          .hw_len = 6,
                          .proto_len = 4,
                          .op = be16_of(op),
                          .sha = dev->mac,
                          .tha = *tha};
    memcpy(a->spa, spa->b + ADDR4_AT, 4);
    memcpy(a->tpa, tpa->b + ADDR4_AT, 4);
    s->type = ETH_ARP;
    s->l3 = (u16)(skb_off(s) + ETH_HLEN);
    struct skbq q = {.n = 1, .p = {s}};
    dev_tx(dev, &q);
}

/* The address to ask with: that of what waits, where it is ours, by arp_announce. */
static struct ipaddr ask_as(const struct neigh *n)
{
    const struct netdev *dev = n->dev;
    i32 announce = max(ip_conf(dev, &ip_v4)->arp_announce, ip_conf_all(dev, &ip_v4)->arp_announce);
    const struct skb *s = load_relaxed(&n->queue.first); /* it may go meanwhile: softirq is a reader of its buffer */
    if (s && s->type == ETH_IP4 && announce < 2) {
        struct ipaddr src = addr_of4(ip4_at(s)->src);
        const struct ifaddr *a = ifaddr_source(dev, &ip_v4, &src, SCOPE_LINK);
        if (ip_is_local(dev_net(dev), &src) && (!announce || (a && addr_same_bits(&a->peer, &src, a->bits))))
            return src;
    }
    const struct ifaddr *a = ifaddr_source(dev, &ip_v4, &n->addr, SCOPE_LINK);
    return a ? a->addr : ipaddr_of4(0, 0, 0, 0);
}

void arp_solicit(struct neigh *n, bool to_it)
{
    struct ipaddr spa = ask_as(n);
    struct macaddr nobody = {0}, to = to_it ? n->header.dst : everybody;
    send(n->dev, ARP_REQUEST, &to, &spa, &nobody, &n->addr);
}

void arp_announce(struct ifaddr *a)
{
    struct macaddr nobody = {0};
    softirq_off();
    send(a->on->dev, ARP_REQUEST, &everybody, &a->addr, &nobody, &a->addr); /* RFC 5227 3 */
    softirq_on();
}

/* ---- what comes in ---- */

struct heard {
    struct macaddr sha;
    struct ipaddr spa, tpa;
    u16 op;
    bool group;  /* everybody on the link has heard it */
    bool claims; /* a reply that says to itself where it is (RFC 5227 3) */
};

/* The device that has it; it is one of this machine's. */
static struct netdev *owner(struct net *net, const struct ipaddr *a)
{
    unsigned bits;
    struct route *r = fib_find(fib_local(net, IP_V4), ip_key(a), 0, &bits);
    return r && r->hops ? r->hop[0].dev : NULL;
}

static const struct ifaddr *on(const struct netdev *dev, const struct ipaddr *addr)
{
    const struct ifaddr *a = dev ? ifaddr_first(dev, &ip_v4) : NULL;
    while (a && !addr_eq(&a->addr, addr))
        a = ifaddr_next(a);
    return a;
}

/* arp_ignore: by how much an address must be this device's own. */
static bool may_answer(const struct netdev *dev, const struct heard *h)
{
    i32 ignore = max(ip_conf(dev, &ip_v4)->arp_ignore, ip_conf_all(dev, &ip_v4)->arp_ignore);
    const struct ifaddr *a = on(dev, &h->tpa);
    switch (ignore) {
    case 1: return a;
    case 2: return a && (addr_is_any(&h->spa) || addr_same_bits(&a->peer, &h->spa, a->bits));
    case 3: a = a ? a : on(owner(dev_net(dev), &h->tpa), &h->tpa); return a && a->scope < SCOPE_HOST;
    case 8: return false;
    default: return true; /* 4 to 7 mean nothing */
    }
}

/* Nobody on a link has an address of another link of ours, one of all on a link, or a loopback one. */
static bool may_ask(const struct netdev *dev, const struct heard *h)
{
    unsigned bits;
    return !addr_is_loopback(&h->spa) && !fib_find(fib_local(dev_net(dev), IP_V4), ip_key(&h->spa), 0, &bits);
}

/* Is the way to what is asked for another one than back (proxy_arp, or a proxy for it alone), or are stations here kept
 * from each other (proxy_arp_pvlan, RFC 3069)? */
static bool answers_for(struct netdev *dev, const struct heard *h)
{
    const struct ip_conf *c = ip_conf(dev, &ip_v4), *all = ip_conf_all(dev, &ip_v4);
    struct fib_flow flow = {.src = h->spa, .dst = h->tpa, .in = dev};
    struct fib_result r;
    if (addr_is_any(&h->spa) || !c->forwarding || fib_lookup(dev_net(dev), IP_V4, &flow, &r) ||
        r.route->key.type != ROUTE_UNICAST)
        return false;
    if (r.hop->dev == dev)
        return c->proxy_pvlan || all->proxy_pvlan;
    return c->proxy_neigh || all->proxy_neigh || neigh_proxy_find(dev, &h->tpa);
}

static void answer(struct netdev *dev, const struct heard *h)
{
    struct neigh *n = addr_is_any(&h->spa) ? NULL : neigh_get(dev, &h->spa, NULL);
    if (n)
        neigh_update(n, &h->sha, NUD_STALE, NEIGH_OVERRIDE, false);
    send(dev, ARP_REPLY, &h->sha, &h->tpa, &h->sha, &h->spa);
}

static void defend(struct netdev *dev, const struct heard *h)
{
    u64 now = clock_ns();
    if (dev->ip->defended && now < dev->ip->defended + DEFEND_EVERY)
        return;
    dev->ip->defended = now;
    log_write(LOG_WARN, "%s: %pI is used by %pM, too", dev->port.name, &h->spa, &h->sha);
    struct macaddr nobody = {0};
    send(dev, ARP_REQUEST, &everybody, &h->spa, &nobody, &h->spa);
}

/* Of whom it tells; true: of one who is known, or is from now on. */
static bool learn(struct netdev *dev, const struct heard *h)
{
    bool gratuitous = addr_eq(&h->spa, &h->tpa), reply = h->op == ARP_REPLY;
    bool accept = ip_conf(dev, &ip_v4)->arp_accept || ip_conf_all(dev, &ip_v4)->arp_accept;
    struct neigh *n = neigh_find(dev, &h->spa);

    if (!n && accept && (gratuitous || reply) && !ip_is_local(dev_net(dev), &h->spa))
        n = neigh_get(dev, &h->spa, NULL);
    if (!n)
        return false;
    bool asked = reply && !h->group, claim = gratuitous && (!reply || h->claims);
    bool late = !(load_relaxed(&n->state) & NUD_KNOWN) || clock_ns() > n->updated + dev->ip->neigh[IP_V4].locktime;
    neigh_update(n, &h->sha, asked ? NUD_REACHABLE : NUD_STALE, late || claim ? NEIGH_OVERRIDE : 0, false);
    return true;
}

static enum drop_reason read(struct netdev *dev, struct skb *s, struct heard *h)
{
    const struct arp_hdr *a = skb_need(s, skb_at(s, s->l3), sizeof(*a));
    const struct eth_hdr *e = (const struct eth_hdr *)((const u8 *)s->buf + s->l2);
    if (!a || !arp_ok(a, sizeof(*a)) || (be16_get(a->op) != ARP_REQUEST && be16_get(a->op) != ARP_REPLY))
        return DROP_ARP_HEADER;
    *h = (struct heard){a->sha,          addr_of4(a->spa),          addr_of4(a->tpa),
                        be16_get(a->op), mac_is_multicast(&e->dst), mac_eq(&a->sha, &a->tha)};
    if (!mac_eq(&e->dst, &dev->mac) && !mac_is_multicast(&e->dst))
        return DROP_OTHER_HOST;
    if (!mac_is_station(&h->sha) || addr_is_multicast(&h->spa) || addr_is_limited_broadcast(&h->spa) ||
        addr_is_loopback(&h->tpa) || addr_is_multicast(&h->tpa))
        return DROP_ARP_HEADER;
    return DROP_NOT;
}

static void arp_one(struct netdev *dev, struct skb *s)
{
    struct heard h;
    enum drop_reason why = read(dev, s, &h);
    if (!why) {
        bool to_us = ip_is_local(dev_net(dev), &h.tpa);
        why = DROP_ARP_IGNORED;
        if (!addr_is_any(&h.spa) && ifaddr_has(dev, &h.spa) && !mac_eq(&h.sha, &dev->mac)) {
            defend(dev, &h);
        } else if (h.op == ARP_REQUEST && may_ask(dev, &h) && !addr_eq(&h.spa, &h.tpa) &&
                   (to_us ? may_answer(dev, &h) : answers_for(dev, &h))) {
            answer(dev, &h);
            why = DROP_NOT;
        } else if (!addr_is_any(&h.spa) && learn(dev, &h)) {
            why = DROP_NOT;
        }
    }
    if (why)
        skb_drop(s, why);
    else
        skb_free(s);
}

static void arp_rx(struct netdev *dev, struct skbq *q)
{
    for (u32 i = 0; i < q->n; i++)
        if (dev->type == DEV_TYPE_LOOPBACK)
            skb_drop(q->p[i], DROP_ARP_IGNORED);
        else
            arp_one(dev, q->p[i]);
    q->n = 0;
}

ETHERTYPE(arp, ETH_ARP, arp_rx, NULL);

#define CONF4(field) SYSCTL_PER(struct ip_conf, field), .place = ip_conf4_place, .list = ip_conf_list

SYSCTL(arp_ignore, .name = "net.ipv4.conf.*.arp_ignore", CONF4(arp_ignore), .high = 8,
       .help = "answer for: 0 any address of this machine, 1 the interface's own, 2 and from its net, 8 none");
SYSCTL(arp_announce, .name = "net.ipv4.conf.*.arp_announce", CONF4(arp_announce), .high = 2,
       .help = "ask with: 0 any address of this machine, 1 rather one of the net, 2 the best of the interface");
SYSCTL(arp_accept, .name = "net.ipv4.conf.*.arp_accept", CONF4(arp_accept), .high = 1,
       .help = "1: a claim makes its sender known");
SYSCTL(proxy_arp, .name = "net.ipv4.conf.*.proxy_arp", CONF4(proxy_neigh), .high = 1,
       .help = "1: answer for whom a route by another interface leads to");
SYSCTL(proxy_arp_pvlan, .name = "net.ipv4.conf.*.proxy_arp_pvlan", CONF4(proxy_pvlan), .high = 1,
       .help = "1: answer for stations on the same link, which are kept from each other");

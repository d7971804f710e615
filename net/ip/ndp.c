/* Neighbour discovery (contract: ndp.h). Linux: ndisc.c.
 *
 * Addresses are used at once, while it is asked whether another station has them (optimistic, RFC 4429): until nobody
 * has answered, advertisements of theirs override nothing and solicitations are not sent from them.
 */
#include "net/ip/ndp.h"

#include "lib/conf.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "net/ip/anycast.h"
#include "net/ip/dad.h"
#include "net/ip/header.h"
#include "net/ip/icmp.h"
#include "net/ip/neigh_proxy.h"
#include "net/skb/drop.h"
#include "net/skb/pool.h"
#include "net/wire/ndp.h"

COUNTER(icmp6_out_redirects, "Icmp6.OutRedirects", "senders that were told of a nearer gateway");

#define WARN_EVERY (10 * NS_PER_S)

#define HOPS 255u /* RFC 4861 7.1: what has fewer came over a router */

static const struct ipaddr all_nodes = {{0xff, 0x02, [15] = 1}};

static bool is_optimistic(const struct ifaddr *a)
{
    return load_relaxed(&a->flags) & IFA_OPTIMISTIC;
}

/* A solicitation or an advertisement of `target`, with an option: o, of 8 bytes, or NULL. */
static void send(struct netdev *dev, u8 type, const struct ipaddr *src, const struct ipaddr *dst,
                 const struct ipaddr *target, u32 flags, const void *o)
{
    struct skb *s = skb_alloc(skb_pool_of(dev_net(dev)));
    struct ip_send how = {.src = *src, .dst = *dst, .dev = dev, .hops = HOPS, .unnamed = addr_is_any(src)};
    if (!s) {
        drop_count(dev_net(dev), &dev->port, DROP_NO_MEMORY, 1);
        return;
    }
    struct ndp_msg *m = skb_put(s, sizeof(*m));
    *m = (struct ndp_msg){.type = type, .flags = be32_of(flags), .target = *target};
    if (o)
        memcpy(skb_put(s, 8), o, 8);
    icmp_send(dev_net(dev), s, &how);
}

/* RFC 4861 7.2.2: by the source of what waits, where that is the device's; else by the link's own. */
static const struct ifaddr *ask_as(const struct neigh *n)
{
    const struct skb *s = load_relaxed(&n->queue.first); /* it may go meanwhile: softirq is a reader of its buffer */
    const struct ifaddr *a = s && s->type == ETH_IP6 ? ifaddr_find(n->dev, &ip6_at(s)->src, -1) : NULL;
    if (a && ifaddr_usable(a))
        return a;
    for (a = ifaddr_first(n->dev, &ip_v6); a; a = ifaddr_next(a))
        if (addr_is_link_local(&a->addr) && ifaddr_usable(a))
            return a;
    return ifaddr_source(n->dev, &ip_v6, &n->addr, SCOPE_LINK);
}

void ndp_solicit(struct neigh *n, bool to_it)
{
    const struct ifaddr *a = ask_as(n);
    struct ipaddr group = addr_solicited_node(&n->addr);
    struct ndp_lladdr o = {NDP_OPT_SOURCE, 1, n->dev->mac};
    if (a) /* RFC 4429 3.2: nobody learns of an address that may be another's */
        send(n->dev, NDP_NS, &a->addr, to_it ? &n->addr : &group, &n->addr, 0, is_optimistic(a) ? NULL : &o);
}

static void advertise(const struct ifaddr *a, const struct ipaddr *to, u32 flags, bool with_mac)
{
    struct netdev *dev = a->on->dev;
    struct ndp_lladdr o = {NDP_OPT_TARGET, 1, dev->mac};
    flags |=
        (ip_conf(dev, &ip_v6)->forwarding ? NDP_NA_ROUTER : 0) | (is_optimistic(a) || !with_mac ? 0 : NDP_NA_OVERRIDE);
    send(dev, NDP_NA, &a->addr, to, &a->addr, flags, with_mac ? &o : NULL);
}

void ndp_announce(struct ifaddr *a)
{
    softirq_off();
    advertise(a, &all_nodes, 0, true);
    softirq_on();
}

void ndp_probe(struct ifaddr *a)
{
    struct ipaddr any = {{0}}, group = addr_solicited_node(&a->addr);
    struct ndp_nonce o = {NDP_OPT_NONCE, 1, {0}};
    memcpy(o.nonce, a->nonce, sizeof(o.nonce));
    softirq_off();
    send(a->on->dev, NDP_NS, &any, &group, &a->addr, 0, &o);
    softirq_on();
}

/* RFC 4861 8.2: from the address by which hosts know this router, with as much of the packet as fits. */
void ndp_redirect(struct netdev *dev, struct skb *about, const struct ipaddr *to)
{
    const struct ifaddr *a = ifaddr_link_local(dev);
    struct skb *s = a ? skb_alloc(skb_pool_of(dev_net(dev))) : NULL;
    if (!s)
        return;
    struct ip_send how = {.src = a->addr, .dst = ip6_at(about)->src, .dev = dev, .hops = HOPS};
    struct ndp_redirect *m = skb_put(s, sizeof(*m));
    *m = (struct ndp_redirect){.type = NDP_REDIRECT, .target = *to, .dst = ip6_at(about)->dst};
    const struct neigh *n = neigh_find(dev, to);
    if (n && (load_acquire(&n->state) & NUD_KNOWN)) {
        struct ndp_lladdr o = {NDP_OPT_TARGET, 1, n->header.dst};
        memcpy(skb_put(s, sizeof(o)), &o, sizeof(o));
    }
    u32 at = skb_at(about, about->l3), room = IP6_MTU_LEAST - IP6_HLEN - s->len - sizeof(struct ndp_redirected);
    u32 len = min(about->len - at, room) & ~7u;
    struct ndp_redirected *q = skb_put(s, sizeof(*q) + len);
    *q = (struct ndp_redirected){.type = NDP_OPT_REDIRECTED, .len = (u8)(1 + len / 8)};
    if (skb_read(about, at, q + 1, len)) {
        skb_free(s);
        return;
    }
    count(dev_net(dev), icmp6_out_redirects);
    icmp_send(dev_net(dev), s, &how);
}

/* ---- what comes in ---- */

struct heard {
    struct ipaddr src, dst, target;
    u32 flags;
    bool has_mac, has_nonce;
    struct macaddr mac;
    u8 nonce[6];
};

/* What a message is good for. */
enum fate { DONE, ANOTHER_HAS_IT, IGNORED, BROKEN };

/* The options; false: broken. */
static bool read_options(struct skb *s, u32 at, u8 wanted, struct heard *h)
{
    u32 left = s->len - at;
    while (left) {
        u8 *p = skb_need(s, at, min(left, 8u));
        unsigned n = p ? ndp_opt_len(p, left) : 0;
        if (!n)
            return false;
        if (p[0] == wanted && n != sizeof(struct ndp_lladdr))
            return false; /* of no Ethernet (RFC 2464 6) */
        if (p[0] == wanted && !h->has_mac) {
            h->has_mac = true;
            memcpy(&h->mac, p + 2, sizeof(h->mac));
        }
        if (p[0] == NDP_OPT_NONCE && n == sizeof(struct ndp_nonce)) {
            h->has_nonce = true;
            memcpy(h->nonce, p + 2, sizeof(h->nonce));
        }
        at += n;
        left -= n;
    }
    return true;
}

static bool read(struct skb *s, u8 wanted, struct heard *h) /* RFC 4861 7.1 */
{
    const struct ndp_msg *m = skb_need(s, skb_at(s, s->l4), sizeof(*m));
    if (!m || m->code || ip6_at(s)->hops != HOPS || addr_is_multicast(&m->target))
        return false;
    *h = (struct heard){ip6_at(s)->src, ip6_at(s)->dst, m->target, be32_get(m->flags), false, false, {{0}}, {0}};
    return read_options(s, skb_at(s, s->l4) + sizeof(*m), wanted, h) && (!h->has_mac || mac_is_station(&h->mac));
}

static void learn_asker(struct netdev *dev, const struct heard *h)
{
    struct neigh *n = addr_is_any(&h->src) || !h->has_mac ? NULL : neigh_get(dev, &h->src, NULL);
    if (n)
        neigh_update(n, &h->mac, NUD_STALE, NEIGH_OVERRIDE, false);
}

static void answer(const struct ifaddr *a, const struct heard *h)
{
    bool dad = addr_is_any(&h->src);
    learn_asker(a->on->dev, h);
    /* RFC 4861 7.2.4: who asks it alone knows where it is */
    advertise(a, dad ? &all_nodes : &h->src, dad ? 0 : NDP_NA_SOLICITED, addr_is_multicast(&h->dst));
}

/* For all routers of the net (RFC 4861 7.2.7), or for whom a proxy is (7.2.8): overriding nothing, in case that another
 * router, or he himself, answers. */
static enum fate answer_for(struct netdev *dev, const struct heard *h)
{
    const struct ip_conf *c = ip_conf(dev, &ip_v6);
    bool all = anycast_has(dev, &h->target);
    const struct neigh_proxy *p = all ? NULL : neigh_proxy_find(dev, &h->target);
    bool proxy = p && c->forwarding && (c->proxy_neigh || ip_conf_all(dev, &ip_v6)->proxy_neigh);
    const struct ifaddr *a = ifaddr_source(dev, &ip_v6, &h->src, SCOPE_LINK);
    struct ndp_lladdr o = {NDP_OPT_TARGET, 1, dev->mac};
    bool dad = addr_is_any(&h->src);
    if (!a || (!all && !proxy))
        return IGNORED;
    learn_asker(dev, h);
    send(dev, NDP_NA, &a->addr, dad ? &all_nodes : &h->src, &h->target,
         (all || load_relaxed(&p->router) ? NDP_NA_ROUTER : 0) | (dad ? 0 : NDP_NA_SOLICITED), &o);
    return DONE;
}

static bool is_own_probe(const struct ifaddr *a, const struct heard *h) /* RFC 7527 4.2 */
{
    return h->has_nonce && !memcmp(h->nonce, a->nonce, sizeof(a->nonce));
}

static enum fate solicitation(struct netdev *dev, const struct heard *h)
{
    bool dad = addr_is_any(&h->src);
    const struct ifaddr *a = ifaddr_find(dev, &h->target, -1);
    struct ipaddr group = addr_solicited_node(&h->target);
    if (dad && (h->has_mac || !addr_eq(&h->dst, &group)))
        return BROKEN; /* RFC 4861 7.1.1 */
    if (!dad && !h->has_mac && addr_is_multicast(&h->dst) && !neigh_find(dev, &h->src))
        return BROKEN; /* RFC 4861 4.3: who does not say where he is has to be known */
    if (!a)
        return answer_for(dev, h);
    if (dad && (load_relaxed(&a->flags) & (IFA_TENTATIVE | IFA_DADFAILED)) == IFA_TENTATIVE)
        return is_own_probe(a, h) ? IGNORED : ANOTHER_HAS_IT; /* RFC 4862 5.4.3: both ask, none has it */
    if (!ifaddr_usable(a))
        return IGNORED;
    answer(a, h);
    return DONE;
}

static enum fate warn(struct netdev *dev, const struct heard *h)
{
    u64 now = clock_ns();
    if (dev->ip->defended && now < dev->ip->defended + WARN_EVERY)
        return IGNORED;
    dev->ip->defended = now;
    if (h->has_mac)
        log_write(LOG_WARN, "%s: %pI is used by %pM, too", dev->port.name, &h->target, &h->mac);
    return IGNORED;
}

static enum fate advertisement(struct netdev *dev, const struct heard *h) /* RFC 4861 7.2.5, RFC 4862 5.4.4 */
{
    bool solicited = h->flags & NDP_NA_SOLICITED;
    struct neigh *n = neigh_find(dev, &h->target);
    const struct ifaddr *a = ifaddr_find(dev, &h->target, -1);
    if (solicited && addr_is_multicast(&h->dst))
        return BROKEN;
    if (a && h->has_mac && mac_eq(&h->mac, &dev->mac))
        return IGNORED; /* our own has come back */
    if (a)
        return load_relaxed(&a->flags) & IFA_TENTATIVE ? ANOTHER_HAS_IT : warn(dev, h);
    if (!n)
        return IGNORED;
    neigh_update(n, h->has_mac ? &h->mac : NULL, solicited ? NUD_REACHABLE : NUD_STALE,
                 NEIGH_ROUTERS | (h->flags & NDP_NA_OVERRIDE ? NEIGH_OVERRIDE : 0), h->flags & NDP_NA_ROUTER);
    return DONE;
}

static void ndp_rx(struct netdev *dev, struct skb *s)
{
    struct heard h;
    u8 type = *((const u8 *)s->buf + s->l4);
    enum fate fate = BROKEN;
    if (read(s, type == NDP_NS ? NDP_OPT_SOURCE : NDP_OPT_TARGET, &h))
        fate = type == NDP_NS ? solicitation(dev, &h) : advertisement(dev, &h);
    switch (fate) {
    case DONE: skb_free(s); break;
    case ANOTHER_HAS_IT: dad_heard(dev, s); break;
    case IGNORED: skb_drop(s, DROP_ARP_IGNORED); break;
    case BROKEN: skb_drop(s, DROP_ICMP_TYPE); break;
    }
}

ICMP_TAKER(ndp, IP_V6, NDP_NS, NDP_NA, ndp_rx);

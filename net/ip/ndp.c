/* Neighbour discovery (contract: ndp.h). Linux: ndisc.c.
 *
 * Addresses are used at once, while it is asked whether another station has them (optimistic, RFC 4429): until nobody
 * has answered, advertisements of theirs override nothing and solicitations are not sent from them.
 */
#include "net/ip/ndp.h"

#include "lib/conf.h"
#include "lib/string.h"
#include "net/ip/header.h"
#include "net/ip/icmp.h"
#include "net/ip/mcast.h"
#include "net/skb/drop.h"
#include "net/skb/pool.h"
#include "net/wire/ndp.h"

#define HOPS 255u /* RFC 4861 7.1: what has fewer came over a router */

static const struct ipaddr all_nodes = {{0xff, 0x02, [15] = 1}};

/* A solicitation or an advertisement of `target`, with our address as an option unless it is from nobody. */
static void send(struct netdev *dev, u8 type, const struct ipaddr *src, const struct ipaddr *dst,
                 const struct ipaddr *target, u32 flags)
{
    struct skb *s = skb_alloc(skb_pool_of(dev_net(dev)));
    struct ip_send how = {.src = *src, .dst = *dst, .dev = dev, .hops = HOPS};
    if (!s) {
        drop_count(dev_net(dev), &dev->port, DROP_NO_MEMORY, 1);
        return;
    }
    struct ndp_msg *m = skb_put(s, sizeof(*m));
    *m = (struct ndp_msg){.type = type, .flags = be32_of(flags), .target = *target};
    if (!addr_is_any(src)) {
        struct ndp_lladdr *o = skb_put(s, sizeof(*o));
        *o = (struct ndp_lladdr){type == NDP_NS ? NDP_OPT_SOURCE : NDP_OPT_TARGET, 1, dev->mac};
    }
    icmp_send(dev_net(dev), s, &how);
}

void ndp_solicit(struct neigh *n, bool to_it)
{
    const struct ifaddr *a = ifaddr_source(n->dev, &ip_v6, &n->addr, SCOPE_LINK);
    struct ipaddr group = addr_solicited_node(&n->addr);
    if (a)
        send(n->dev, NDP_NS, &a->addr, to_it ? &n->addr : &group, &n->addr, 0);
}

void ndp_claim(struct ifaddr *a)
{
    struct netdev *dev = a->on->dev;
    if (dev->type == DEV_TYPE_LOOPBACK)
        return;
    softirq_off();
    send(dev, NDP_NA, &a->addr, &all_nodes, &a->addr, NDP_NA_OVERRIDE);
    softirq_on();
}

/* ---- what comes in ---- */

struct heard {
    struct ipaddr src, dst, target;
    u32 flags;
    bool has_mac;
    struct macaddr mac;
};

/* The options; false: broken. */
static bool read_options(struct skb *s, u32 at, u8 wanted, struct heard *h)
{
    u32 left = s->len - at;
    while (left) {
        u8 *p = skb_need(s, at, min(left, 8u));
        unsigned n = p ? ndp_opt_len(p, left) : 0;
        if (!n)
            return false;
        if (p[0] == wanted && n == sizeof(struct ndp_lladdr)) {
            h->has_mac = true;
            memcpy(&h->mac, p + 2, sizeof(h->mac));
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
    *h = (struct heard){ip6_at(s)->src, ip6_at(s)->dst, m->target, be32_get(m->flags), false, {{0}}};
    return read_options(s, skb_at(s, s->l4) + sizeof(*m), wanted, h) && (!h->has_mac || mac_is_station(&h->mac));
}

static void answer(struct netdev *dev, const struct heard *h)
{
    bool dad = addr_is_any(&h->src);
    u32 flags = (ip_conf(dev, &ip_v6)->forwarding ? NDP_NA_ROUTER : 0) | (dad ? 0 : NDP_NA_SOLICITED) | NDP_NA_OVERRIDE;
    struct neigh *n = dad || !h->has_mac ? NULL : neigh_get(dev, &h->src);
    if (n)
        neigh_update(n, &h->mac, NUD_STALE, NEIGH_OVERRIDE, false);
    send(dev, NDP_NA, &h->target, dad ? &all_nodes : &h->src, &h->target, flags);
}

static enum drop_reason solicitation(struct netdev *dev, const struct heard *h)
{
    if (addr_is_any(&h->src) && (h->has_mac || !addr_is_multicast(&h->dst)))
        return DROP_ICMP_TYPE; /* RFC 4861 7.1.1 */
    if (!ifaddr_has(dev, &h->target))
        return DROP_ARP_IGNORED;
    answer(dev, h);
    return DROP_NOT;
}

static enum drop_reason advertisement(struct netdev *dev, const struct heard *h) /* RFC 4861 7.2.5 */
{
    bool solicited = h->flags & NDP_NA_SOLICITED;
    struct neigh *n = neigh_find(dev, &h->target);
    if ((solicited && addr_is_multicast(&h->dst)))
        return DROP_ICMP_TYPE;
    if (ifaddr_has(dev, &h->target)) {
        if (!h->has_mac || !mac_eq(&h->mac, &dev->mac))
            log_write(LOG_WARN, "%s: %pI is used by another station, too", dev->port.name, &h->target);
        return DROP_ARP_IGNORED;
    }
    if (!n)
        return DROP_ARP_IGNORED;
    neigh_update(n, h->has_mac ? &h->mac : NULL, solicited ? NUD_REACHABLE : NUD_STALE,
                 NEIGH_ROUTERS | (h->flags & NDP_NA_OVERRIDE ? NEIGH_OVERRIDE : 0), h->flags & NDP_NA_ROUTER);
    return DROP_NOT;
}

static void ndp_rx(struct netdev *dev, struct skb *s)
{
    struct heard h;
    u8 type = *((const u8 *)s->buf + s->l4);
    enum drop_reason why = DROP_ICMP_TYPE;
    if (read(s, type == NDP_NS ? NDP_OPT_SOURCE : NDP_OPT_TARGET, &h))
        why = type == NDP_NS ? solicitation(dev, &h) : advertisement(dev, &h);
    if (why)
        skb_drop(s, why);
    else
        skb_free(s);
}

ICMP_TAKER(ndp, IP_V6, NDP_NS, NDP_NA, ndp_rx);

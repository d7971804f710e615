/* The way out: the neighbour and its header (ip_out), and before it what this machine sends itself (ip_tx). Linux:
 * ip_finish_output, ip_queue_xmit.
 *
 * A burst for one gateway asks for it once, and a run of packets to one station on the link likewise. What this machine
 * sends gets its source by its route, its header here, and is cut where it may be. To many no neighbour is asked.
 */
#include "net/dev/tx.h"

#include "lib/rand.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "net/ip/exception.h"
#include "net/ip/frag.h"
#include "net/ip/header.h"
#include "net/ip/ifaddr.h"
#include "net/ip/ip.h"
#include "net/ip/mcast.h"
#include "net/ip/neigh.h"
#include "net/skb/probe.h"

COUNTER(ip_out_requests, "Ip.OutRequests", "packets that this machine sent");
COUNTER(ip_out_no_routes, "Ip.OutNoRoutes", "packets of this machine without a route");
COUNTER(ip6_out_requests, "Ip6.OutRequests", "packets that this machine sent");
COUNTER(ip6_out_no_routes, "Ip6.OutNoRoutes", "packets of this machine without a route");

/* ---- to the neighbour ---- */

/* The gateway's, asked for once in the life of a route. */
static NOINLINE struct neigh *find_gateway(struct hop *hop, const struct skb *s)
{
    struct neigh *old = load_acquire(&hop->neigh), *n = neigh_get(hop->dev, &hop->via, s);
    if (n && n != old) {
        neigh_hold(n);
        if (!atomic_cas(&hop->neigh, old, n))
            neigh_put(n); /* another CPU was quicker */
        else if (old)
            neigh_put(old);
    }
    return n;
}

static inline struct neigh *gateway(struct hop *hop, const struct skb *s)
{
    struct neigh *n = load_acquire(&hop->neigh);
    return likely(n && !load_relaxed(&n->out)) ? n : find_gateway(hop, s);
}

/* The one on the link itself: who comes again and again is found without a search. */
static inline struct neigh *on_link(const struct skb *s, struct hop *hop, const struct ip_family *f)
{
    struct ipaddr dst = ip_addr(ip_dst_key(s, f), f);
    return neigh_get(hop->dev, &dst, s);
}

static inline bool is_to(const struct skb *s, const u8 dst[16], const struct ip_family *f)
{
    const u8 *x = ip_dst_key(s, f);
    return f == &ip_v4 ? load_le32(x) == load_le32(dst)
                       : load_le64(x) == load_le64(dst) && load_le64(x + 8) == load_le64(dst + 8);
}

/* A neighbour that nobody has asked for yet would be: the probe goes on as if it answered. */
static NOINLINE void out_probe(struct skbq *q, const struct ip_family *f)
{
    struct skb *s = q->p[0];
    const struct hop *hop = s->route;
    struct ipaddr dst = ip_addr(ip_dst_key(s, f), f);
    const struct neigh *n = neigh_find(hop->dev, hop->has_via ? &hop->via : &dst), nobody = {.state = NUD_FAILED};
    bool known = n && (load_relaxed(&n->state) & NUD_KNOWN);

    probe_note(s, "neigh", "%pI dev %s is %s%pM", hop->has_via ? &hop->via : &dst, hop->dev->port.name,
               known ? "at " : "not known, and would be asked for: ", known ? &n->header.dst : &nobody.header.dst);
    neigh_write_header(known ? n : &nobody, s);
    dev_tx(hop->dev, q);
}

static inline __attribute__((always_inline)) void out(struct skbq *q, const struct ip_family *f)
{
    struct skbq go;
    struct hop *hop = NULL;
    struct neigh *n = NULL;
    u8 last[16] = {0}; /* whom n was found for */

    if (unlikely(skbq_probe(q))) {
        out_probe(q, f);
        return;
    }
    go.n = 0;
    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = q->p[i];
        struct hop *its = s->route;
        if (unlikely(its != hop || (!its->has_via && !is_to(s, last, f)))) {
            if (hop && its->dev != hop->dev && go.n) {
                dev_tx(hop->dev, &go);
                go.n = 0;
            }
            n = its->has_via ? gateway(its, s) : on_link(s, its, f);
            memcpy(last, ip_dst_key(s, f), f == &ip_v4 ? 4 : 16);
            hop = its;
        }
        if (unlikely(!n))
            skb_drop(s, DROP_NEIGH_FULL);
        else
            neigh_send(n, s, &go);
    }
    q->n = 0;
    if (go.n)
        dev_tx(hop->dev, &go);
}

static NOINLINE void out4(struct skbq *q) /* as in net/ip/forward.c */
{
    out(q, &ip_v4);
}

static NOINLINE void out6(struct skbq *q)
{
    out(q, &ip_v6);
}

void ip_out(struct skbq *q, const struct ip_family *f)
{
    if (f == &ip_v4)
        out4(q);
    else
        out6(q);
}

/* ---- what this machine sends ---- */

enum route_type ip_own_type(struct net *net, const struct ipaddr *a)
{
    const struct ip_family *f = ip_family_of(a);
    struct fib_table *t = fib_local(net, f->index);
    unsigned bits;
    struct route *r = t ? fib_find(t, a->b + f->at, 0, &bits) : NULL;
    return r ? (enum route_type)r->key.type : 0;
}

bool ip_is_local(struct net *net, const struct ipaddr *a)
{
    return ip_own_type(net, a) == ROUTE_LOCAL;
}

static bool is_here(const struct fib_result *r) /* all routers of a link: this one takes it */
{
    return r->route && (r->route->key.type == ROUTE_LOCAL || r->route->key.type == ROUTE_ANYCAST);
}

/* The address that the route names, or the best of the device that it leaves by. */
static bool choose_source(const struct fib_result *r, const struct netdev *dev, const struct ip_family *f,
                          const struct ipaddr *dst, struct ipaddr *src)
{
    const struct route_key *k = &r->route->key;
    if (!addr_is_any(&k->prefsrc)) {
        *src = k->prefsrc;
        return true;
    }
    if (k->type == ROUTE_LOCAL) {
        *src = *dst;
        return true;
    }
    /* of IPv4 one of the gateway's net; of IPv6 one for the destination, wherever it is (RFC 6724 5) */
    const struct ipaddr *to = f == &ip_v4 && r->hop && r->hop->has_via && ipaddr_is4(&r->hop->via) ? &r->hop->via : dst;
    const struct ifaddr *a = ifaddr_source(dev, f, to, SCOPE_LINK);
    if (!a)
        return false;
    *src = a->addr;
    return true;
}

int ip_route_out(struct net *net, const struct ip_send *how, struct fib_result *r, struct ipaddr *src)
{
    const struct ip_family *f = ip_family_of(&how->dst);
    struct fib_flow flow = {
        .src = how->src, .dst = how->dst, .mark = how->mark, .tos = how->tos, .proto = how->proto, .out = how->dev};
    int err = fib_lookup(net, f->index, &flow, r);
    if (err)
        return err;
    *src = how->src;
    if (addr_is_any(src) && !choose_source(r, r->hop ? r->hop->dev : ip_net(net)->lo, f, &how->dst, src))
        return -EADDRNOTAVAIL;
    if (r->hop && r->route->key.type == ROUTE_UNICAST)
        r->hop = exception_hop(net, r->hop, &how->dst);
    return 0;
}

static u8 hops6(const struct netdev *dev)
{
    const struct ip_conf *c = ip_conf(dev, &ip_v6);
    return (u8)(c->slaac.hops ? c->slaac.hops : c->hop_limit); /* what a router says goes first */
}

static bool put_header(struct netdev *dev, struct skb *s, const struct ip_send *how, const struct ipaddr *src,
                       const struct ip_family *f, bool whole)
{
    u8 hops = how->hops ? how->hops : f == &ip_v4 ? ip_net(dev_net(dev))->ttl : hops6(dev);
    u32 len = s->len, hlen = f->header + how->options_n;
    if (len + (f == &ip_v4 ? hlen : 0) > 65535 || skb_headroom(s) < hlen + ETH_HLEN)
        return false;
    void *p = skb_push(s, hlen);
    s->l3 = (u16)skb_off(s);
    s->type = f->ethertype;
    if (f == &ip_v4) {
        struct ip4_hdr *h = p;
        *h = (struct ip4_hdr){.ver_ihl = (u8)(0x40 | hlen / 4),
                              .tos = how->tos,
                              .len = be16_of((u16)(len + hlen)),
                              .id = whole ? be16_of(0) : be16_of((u16)rand_u64()),
                              .frag = be16_of(whole ? IP4_DF : 0),
                              .ttl = hops,
                              .proto = how->proto};
        memcpy(h->src, src->b + ADDR4_AT, 4);
        memcpy(h->dst, how->dst.b + ADDR4_AT, 4);
        if (how->options_n)
            memcpy(h + 1, how->options, how->options_n);
        h->check = csum_fold(csum_bytes(h, hlen));
    } else {
        struct ip6_hdr *h = p;
        *h = (struct ip6_hdr){.ver_class_flow = be32_of(6u << 28 | (u32)how->tos << 20),
                              .payload = be16_of((u16)len),
                              .next = how->proto,
                              .hops = hops,
                              .src = *src,
                              .dst = how->dst};
    }
    return true;
}

/* Back to this machine: over the loopback device, as everywhere. */
static void send_local(struct net *net, struct skb *s)
{
    struct netdev *lo = load_acquire(&ip_net(net)->lo);
    struct skbq q = {0};
    memset(skb_push(s, ETH_HLEN), 0, ETH_HLEN);
    store_be16(s->data + 12, s->type);
    skbq_add(&q, s);
    dev_tx(lo, &q);
}

/* To all on a link, or to a group: no neighbour is asked. */
static void send_many(struct skb *s, struct netdev *dev, const struct ipaddr *dst)
{
    struct eth_hdr *e = skb_push(s, ETH_HLEN);
    struct skbq q = {0};
    e->src = dev->mac;
    e->type = be16_of(s->type);
    if (addr_is_multicast(dst))
        e->dst = mcast_mac(dst);
    else
        e->dst = (struct macaddr){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    skbq_add(&q, s);
    dev_tx(dev, &q);
}

static void send_cut_if(struct skb *s, const struct hop *hop, const struct ip_family *f)
{
    struct skb *next = s;
    s->next = NULL;
    if (s->len > hop_mtu(hop) && !s->gso && (f == &ip_v6 || !ip_is_whole(s, f)))
        next = frag_cut(s, hop_mtu(hop));
    while ((s = next)) {
        struct skbq q = {0};
        next = s->next;
        s->route = (void *)hop;
        skbq_add(&q, s);
        ip_out(&q, f);
    }
}

static bool is_many(const struct ipaddr *a)
{
    return addr_is_multicast(a) || addr_is_limited_broadcast(a);
}

/* By which way, and from whom. To many, by a device that is named, no route is needed, and an address is taken where
 * there is one: it may be what is asked for. */
int ip_find_way(struct net *net, const struct ip_send *how, struct fib_result *r, struct ipaddr *src)
{
    const struct ip_family *f = ip_family_of(&how->dst);
    *src = how->src;
    if (!is_many(&how->dst) || !how->dev)
        return ip_route_out(net, how, r, src);
    const struct ifaddr *a =
        how->unnamed || !addr_is_any(src) ? NULL : ifaddr_source(how->dev, f, &how->dst, SCOPE_LINK);
    if (a)
        *src = a->addr;
    return 0;
}

u32 ip_way_mtu(struct net *net, const struct fib_result *r, const struct netdev *dev)
{
    if (is_here(r))
        return load_relaxed(&ip_net(net)->lo->mtu);
    return r->hop && (!dev || r->hop->dev == dev) ? hop_mtu(r->hop) : load_relaxed(&dev->mtu);
}

static void send_by(struct net *net, struct skb *s, const struct ip_send *how, const struct fib_result *r,
                    struct netdev *dev, const struct ip_family *f)
{
    if (f == &ip_v4)
        count(net, ip_out_requests);
    else
        count(net, ip6_out_requests);
    s->dev = &dev->port;
    if (is_here(r))
        send_local(net, s);
    else if (is_many(&how->dst) || (r->route && r->route->key.type == ROUTE_BROADCAST))
        send_many(s, dev, &how->dst);
    else
        send_cut_if(s, r->hop, f);
}

/* May nobody on the way cut it? An MTU that is locked is no path's own: it may (Linux: ip_dont_fragment). */
static bool is_whole(const struct ip_send *how, const struct hop *hop)
{
    return how->whole == IP_WHOLE ||
           (how->whole == IP_WHOLE_IF_FITS && !(hop && hop->route->key.locked >> METRIC_MTU & 1));
}

int ip_tx(struct net *net, struct skb *s, const struct ip_send *how)
{
    const struct ip_family *f = ip_family_of(&how->dst);
    struct fib_result r = {0};
    struct ipaddr src;
    int err = ip_find_way(net, how, &r, &src);
    struct netdev *dev = how->dev ? how->dev : r.hop ? r.hop->dev : NULL;

    if (err || !dev) {
        if (f == &ip_v4)
            count(net, ip_out_no_routes);
        else
            count(net, ip6_out_no_routes);
        skb_drop(s, DROP_IP_NO_ROUTE);
        return err ? err : -ENETUNREACH;
    }
    bool fits = s->len + f->header + how->options_n <= ip_way_mtu(net, &r, dev) || s->gso;
    bool cuts = how->whole != IP_WHOLE && r.route && r.route->key.type == ROUTE_UNICAST;
    if ((!fits && !cuts) || !put_header(dev, s, how, &src, f, fits && is_whole(how, r.hop))) {
        skb_drop(s, fits ? DROP_HARD_HEADER : DROP_IP_TOO_BIG);
        return -EMSGSIZE;
    }
    send_by(net, s, how, &r, dev, f);
    return 0;
}

/* The way in: what is a packet of IP, for whom, and by which way on. Linux: ip_rcv, ip_route_input.
 *
 * Most packets are plain: a usual address to another usual one, no rules but the first ones, no reverse path filter.
 * Those of a burst are looked up together. All others, and those for this machine, take the way that looks at
 * everything, one by one.
 */
#include "net/dev/rx.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "net/ip/header.h"
#include "net/ip/ip.h"
#include "net/ip/ip_dev.h"
#include "net/ip/multipath.h"
#include "net/ip/options.h"
#include "net/skb/parse.h"
#include "net/skb/probe.h"

COUNTER(ip_in_receives, "Ip.InReceives", "packets that came in, also broken ones");
COUNTER(ip_in_hdr_errors, "Ip.InHdrErrors", "packets with a header that cannot be");
COUNTER(ip_in_addr_errors, "Ip.InAddrErrors", "packets with addresses that cannot be, or are not ours");
COUNTER(ip_in_no_routes, "IpExt.InNoRoutes", "packets to where there is no route");
COUNTER(ip6_in_receives, "Ip6.InReceives", "packets that came in, also broken ones");
COUNTER(ip6_in_hdr_errors, "Ip6.InHdrErrors", "packets with a header that cannot be");
COUNTER(ip6_in_addr_errors, "Ip6.InAddrErrors", "packets with addresses that cannot be, or are not ours");
COUNTER(ip6_in_no_routes, "Ip6.InNoRoutes", "packets to where there is no route");

#define COUNT_N(net, f, what, n) ((f) == &ip_v4 ? count_n(net, ip_##what, n) : count_n(net, ip6_##what, n))
#define COUNT(s, net, f, what)   COUNT_N(net, f, what, is_probe(s) ? 0 : 1)

static bool is_probe(const struct skb *s)
{
    return s->flags & SKB_PROBE;
}

/* ---- is it plain ---- */

/* By the first byte of an address: 0/8, 127/8, 224/4 and 240/4 are not usual; nor is what is not 2000::/3 or fc00::/7.
 */
static inline bool is_usual(const u8 *key, const struct ip_family *f)
{
    u8 b = key[0];
    return f == &ip_v4 ? (u8)(b - 1) < 223 && b != 127 : b >> 5 == 1 || b >> 1 == 0xfc >> 1;
}

static inline bool is_plain(const struct fib_filter *filter, const struct skb *s, const struct ip_family *f)
{
    const u8 *dst = ip_dst_key(s, f), *src = ip_src_key(s, f);
    return is_usual(dst, f) && is_usual(src, f) && !(s->flags & SKB_GROUP) && !ip_has_options(s, f) &&
           !fib_maybe_local(filter, ip_index(f), dst) && !fib_maybe_local(filter, ip_index(f), src);
}

/* ---- everything, one by one ---- */

enum way { GONE, LOCAL, FORWARD };

static enum way drop(struct skb *s, enum drop_reason why)
{
    skb_drop(s, why);
    return GONE;
}

static void flow_from(const struct skb *s, struct netdev *dev, const struct ip_family *f, struct fib_flow *flow)
{
    *flow = (struct fib_flow){.src = ip_addr(ip_src_key(s, f), f),
                              .dst = ip_addr(ip_dst_key(s, f), f),
                              .mark = s->mark,
                              .in = dev,
                              .skb = (struct skb *)s,
                              .tos = ip_tos(s, f) & (f == &ip_v4 ? 0x1c : 0xfc),
                              .proto = f == &ip_v4 ? ip4_at(s)->proto : ip6_at(s)->next};
}

/* Ports, for rules that ask for them. */
static void flow_deep(struct skb *s, struct fib_flow *flow)
{
    struct flow deep;
    if (!s->has)
        skb_parse(s);
    if (!skb_has_any(s, SKB_IP))
        return;
    flow_of(s, &deep);
    flow->sport = deep.sport;
    flow->dport = deep.dport;
    flow->proto = deep.proto;
}

static bool by_dev(const struct route *r, const struct netdev *dev)
{
    for (u32 i = 0; i < r->hops; i++)
        if (r->hop[i].dev == dev)
            return true;
    return false;
}

/* Linux: fib_validate_source. DROP_NOT, or what is wrong with where it says it is from. */
static enum drop_reason check_source(struct net *net, struct netdev *dev, const struct fib_flow *flow)
{
    const struct ip_conf *c = ip_conf(dev, &ip_v4);
    i32 filter = ip_rp_filter(dev);
    struct fib_flow back = {.src = flow->dst, .dst = flow->src, .in = dev, .tos = flow->tos};
    struct fib_result r;

    if (!filter && (c->accept_local || !fib_maybe_local(fib_filter(net, IP_V4), IP_V4, ip_key(&flow->src))))
        return DROP_NOT;
    int err = fib_lookup(net, IP_V4, &back, &r);
    if (err)
        return filter ? DROP_IP_RPFILTER : DROP_NOT;
    if (r.route->key.type != ROUTE_UNICAST && !(r.route->key.type == ROUTE_LOCAL && c->accept_local))
        return DROP_IP_MARTIAN_SOURCE;
    if (filter == 1 && !by_dev(r.route, dev))
        return DROP_IP_RPFILTER;
    return DROP_NOT;
}

/* Addresses that no link can bring, whatever the table says (RFC 1812 5.3.7, RFC 4291 2.5). */
static enum drop_reason check_addresses(const struct netdev *dev, const struct fib_flow *flow,
                                        const struct ip_family *f)
{
    bool lo = dev->type == DEV_TYPE_LOOPBACK,
         to_many = addr_is_multicast(&flow->dst) || addr_is_limited_broadcast(&flow->dst);
    if (f == &ip_v6 && (ipaddr_is4(&flow->src) || ipaddr_is4(&flow->dst)))
        return DROP_V4MAPPED;
    bool localnet = f == &ip_v4 && ip_conf(dev, f)->route_localnet;
    if (addr_is_multicast(&flow->src) || addr_is_limited_broadcast(&flow->src) ||
        (addr_is_loopback(&flow->src) && !lo && !localnet))
        return DROP_IP_MARTIAN_SOURCE;
    if (f == &ip_v4 && addr_is_any(&flow->src) && !to_many)
        return DROP_IP_MARTIAN_SOURCE;
    if ((addr_is_loopback(&flow->dst) && !lo && !localnet) || (f == &ip_v4 && addr_is_any(&flow->dst)))
        return DROP_IP_MARTIAN_DEST;
    return DROP_NOT;
}

static enum way martian(struct net *net, struct netdev *dev, struct skb *s, const struct fib_flow *flow,
                        const struct ip_family *f, enum drop_reason why)
{
    COUNT(s, net, f, in_addr_errors);
    if ((ip_conf(dev, f)->log_martians || ip_conf_all(dev, f)->log_martians) && !is_probe(s))
        log_write(LOG_WARN, "%s: martian source %pI from %pI, on dev %s", f == &ip_v4 ? "IPv4" : "IPv6", &flow->dst,
                  &flow->src, dev->port.name);
    return drop(s, why);
}

/* RFC 4291 2.5.2, 2.5.6: what has no source, or one that means something on its own link alone, goes to no other. */
static bool may_go_on(struct skb *s)
{
    const struct ipaddr *src = &ip6_at(s)->src;
    if (addr_is_any(src))
        skb_drop(s, DROP_IP_MARTIAN_SOURCE);
    else if (addr_is_link_local(src))
        ip_refuse(s, ICMP_ERR_SOURCE, 0, DROP_IP_MARTIAN_SOURCE);
    else
        return true;
    return false;
}

/* No way on; whether the sender hears of it, the switch says that makes this machine a router. */
static enum way no_way(struct net *net, struct netdev *dev, struct skb *s, const struct ip_family *f, int err)
{
    static const struct {
        int err;
        enum icmp_error says;
        enum drop_reason why;
    } ends[] = {
        {-EINVAL, ICMP_ERRORS, DROP_IP_BLACKHOLE},
        {-EHOSTUNREACH, ICMP_ERR_HOST, DROP_IP_UNREACHABLE},
        {-EACCES, ICMP_ERR_PROHIBIT, DROP_IP_PROHIBIT},
        {-ENETUNREACH, ICMP_ERR_NET, DROP_IP_NO_ROUTE},
    };
    u32 i = 0;
    while (i + 1 < ARRAY_LEN(ends) && ends[i].err != err)
        i++;
    if (err == -ENETUNREACH)
        COUNT(s, net, f, in_no_routes);
    if (ends[i].says == ICMP_ERRORS || !ip_conf(dev, f)->forwarding || (s->flags & SKB_GROUP))
        return drop(s, ends[i].why);
    bool no_address = ends[i].says == ICMP_ERR_HOST && f == &ip_v6; /* RFC 4443 3.1: 3 is of a link, not of a route */
    ip_refuse(s, no_address ? ICMP_ERR_NET : ends[i].says, 0, ends[i].why);
    return GONE;
}

static enum way by_route(struct net *net, struct netdev *dev, struct skb *s, const struct ip_family *f,
                         const struct fib_result *r)
{
    if (r->route->key.type == ROUTE_LOCAL || r->route->key.type == ROUTE_BROADCAST ||
        r->route->key.type == ROUTE_ANYCAST) {
        if (r->route->key.type == ROUTE_BROADCAST)
            s->flags |= SKB_GROUP;
        return LOCAL;
    }
    if (s->flags & SKB_GROUP) /* RFC 1812 5.3.4: not what came to a whole link */
        return drop(s, DROP_OTHER_HOST);
    if (!ip_conf(dev, f)->forwarding) {
        COUNT(s, net, f, in_addr_errors);
        return drop(s, DROP_IP_NOT_FORWARDING);
    }
    if (f == &ip_v6 && r->hop->dev != dev && !may_go_on(s))
        return GONE;
    s->route = (void *)r->hop;
    return FORWARD;
}

static NOINLINE void note_route(const struct skb *s, const struct fib_result *r)
{
    const struct hop *hop = r->hop;
    if (hop && hop->has_via)
        probe_note(s, "route", "table %u, a prefix of %u bits: via %pI dev %s", r->table->id, r->bits, &hop->via,
                   hop->dev->port.name);
    else
        probe_note(s, "route", "table %u, a prefix of %u bits: %s%s", r->table->id, r->bits,
                   r->route->key.type == ROUTE_UNICAST ? "dev " : "this machine, ", hop ? hop->dev->port.name : "");
}

static NOINLINE enum way look_closely(struct net *net, struct netdev *dev, struct skb *s, const struct ip_family *f)
{
    struct fib_flow flow;
    struct fib_result r;
    int err = 0;

    flow_from(s, dev, f, &flow);
    enum drop_reason why = check_addresses(dev, &flow, f);
    if (why)
        return why == DROP_V4MAPPED ? drop(s, why) : martian(net, dev, s, &flow, f, why);
    bool many = addr_is_limited_broadcast(&flow.dst) || addr_is_multicast(&flow.dst);
    if (!many) {
        flow_deep(s, &flow);
        err = fib_lookup(net, f->index, &flow, &r);
        if (!err && f == &ip_v4 && dev->type != DEV_TYPE_LOOPBACK)
            why = check_source(net, dev, &flow);
    }
    if (why)
        return martian(net, dev, s, &flow, f, why);
    if (unlikely(ip_has_options(s, f)) && !options_rx(s, f))
        return GONE;
    if (many) {
        s->flags |= SKB_GROUP;
        return LOCAL; /* ip_local knows the groups */
    }
    if (err)
        return no_way(net, dev, s, f, err);
    if (f == &ip_v6 && addr_is_link_local(&flow.dst) && r.hop && r.hop->dev != dev)
        return drop(s, DROP_OTHER_HOST); /* RFC 4007 9: of another link, whoever has it */
    if (is_probe(s))
        note_route(s, &r);
    return by_route(net, dev, s, f, &r);
}

/* ---- a burst ---- */

struct sorted {
    struct skbq local, forward;
};

static inline void put(struct sorted *to, struct skb *s, enum way way)
{
    if (way == FORWARD)
        skbq_add(&to->forward, s);
    else if (way == LOCAL)
        skbq_add(&to->local, s);
}

/* The plain packets of a burst, and their destinations: of a run of packets to the same one it stands there once. */
struct plain {
    struct skbq q;
    u32 keys;
    u8 key_of[SKBQ_MOST];
    struct ipaddr key[SKBQ_MOST]; /* of IPv4 the first four bytes */
    u32 value[SKBQ_MOST];
};

static inline bool same_key(const u8 *a, const u8 *b, const struct ip_family *f)
{
    return f == &ip_v4 ? load_le32(a) == load_le32(b)
                       : load_le64(a) == load_le64(b) && load_le64(a + 8) == load_le64(b + 8);
}

/* From where the plain packet before it came, and to where it went? Then it is plain, too. */
static inline bool is_next(const struct plain *p, const struct skb *s, const struct ip_family *f)
{
    if (!p->q.n || (s->flags & SKB_GROUP) || ip_has_options(s, f))
        return false;
    const u8 *a = ip_src_key(p->q.p[p->q.n - 1], f), *b = ip_src_key(s, f);
    bool same = load_le64(a) == load_le64(b);
    return f == &ip_v4 ? same : same && load_le64(a + 8) == load_le64(b + 8) && same_key(a + 16, b + 16, f);
}

static inline void add_next(struct plain *p, struct skb *s)
{
    p->key_of[p->q.n] = (u8)(p->keys - 1);
    skbq_add(&p->q, s);
}

static inline void add_plain(struct plain *p, struct skb *s, const struct ip_family *f)
{
    const u8 *dst = ip_dst_key(s, f);
    const u8 *last = p->key[p->keys ? p->keys - 1 : 0].b;
    if (!p->keys || !same_key(last, dst, f))
        memcpy(p->key[p->keys++].b, dst, f == &ip_v4 ? 4 : 16);
    add_next(p, s);
}

/* The hop that the table has for a plain packet; NULL: it wants a closer look. */
static inline struct hop *usual_hop(struct net *net, u32 value)
{
    if (unlikely(!value))
        return NULL;
    route_slot slot = route_at(net, value);
    if (unlikely(slot & ROUTE_IS_LIST))
        return NULL;
    struct route *r = route_pointer(slot);
    bool usual = r->key.type == ROUTE_UNICAST && !r->key.tos && r->hops == 1 && load_relaxed(&r->live);
    return likely(usual) ? &r->hop[0] : NULL;
}

/* What wants a closer look, or has several hops to choose from. */
static NOINLINE enum way find_way(struct net *net, struct netdev *dev, struct skb *s, u32 value,
                                  const struct ip_family *f)
{
    route_slot slot = value ? route_at(net, value) : 0;
    const struct route *r = slot & ROUTE_IS_LIST ? NULL : route_pointer(slot);
    if (!r || r->key.type != ROUTE_UNICAST || r->key.tos || r->hops < 2)
        return look_closely(net, dev, s, f);
    struct fib_flow flow = {.skb = s};
    s->route = (void *)multipath_hop(net, r, &flow);
    return s->route ? FORWARD : look_closely(net, dev, s, f);
}

/* Where packets come one at a time, they often go where others went a moment ago. */
#define MEMOS 4u
struct memo {
    struct ipaddr key; /* of IPv4 the first four bytes */
    u64 version;       /* of the main table, when the value was found there; 0: never */
    u32 value;
};
struct rx_memo {
    struct {
        struct memo at[IP_FAMILIES][MEMOS];
    } CACHE_ALIGNED cpu[CPU_MAX];
};

NET_SLOT(rx_memo, struct rx_memo, NULL, NULL);

static inline u32 find_again(struct net *net, struct fib_table *t, const struct ipaddr *key, const struct ip_family *f)
{
    u32 slot = key->b[f == &ip_v4 ? 3 : 15] % MEMOS;
    struct memo *m = &NET_GET(net, struct rx_memo, rx_memo)->cpu[cpu_id()].at[ip_index(f)][slot];
    u64 version = load_acquire(&t->version); /* before the table is asked */
    if (unlikely(m->version != version || !same_key(m->key.b, key->b, f))) {
        m->version = version;
        m->key = *key;
        lpm_find_burst(&t->lpm, key, sizeof(*key), 1, &m->value);
    }
    return m->value;
}

/* Each by its own; who wants a closer look goes out of the queue. */
static NOINLINE void part_ways(struct netdev *dev, struct plain *p, struct sorted *to, const struct ip_family *f)
{
    struct net *net = dev_net(dev);
    struct hop *hop = NULL;
    u32 n = 0;

    for (u32 i = 0, last = ~0u; i < p->q.n; i++) {
        struct skb *s = p->q.p[i];
        if (p->key_of[i] != last) {
            last = p->key_of[i];
            hop = usual_hop(net, p->value[last]);
        }
        s->route = hop;
        if (likely(hop))
            p->q.p[n++] = s;
        else
            put(to, s, find_way(net, dev, s, p->value[last], f));
    }
    p->q.n = n;
}

/* In p->q stay those that go on. */
static inline __attribute__((always_inline)) void find_ways(struct netdev *dev, struct fib_table *t, struct plain *p,
                                                            struct sorted *to, const struct ip_family *f)
{
    struct net *net = dev_net(dev);
    struct hop *hop = NULL;

    if (p->keys == 1)
        hop = usual_hop(net, p->value[0] = find_again(net, t, p->key, f));
    else
        lpm_find_burst(&t->lpm, p->key, sizeof(p->key[0]), p->keys, p->value);
    if (unlikely(!hop))
        part_ways(dev, p, to, f);
    else
        for (u32 i = 0; i < p->q.n; i++)
            p->q.p[i]->route = hop;
}

/* Is it for this station, or does only a promiscuous device show it? */
static inline bool is_for_us(const struct netdev *dev, struct skb *s)
{
    const struct eth_hdr *e = (const struct eth_hdr *)((const u8 *)s->buf + s->l2);
    if (likely(mac_eq(&e->dst, &dev->mac)))
        return true;
    if (!mac_is_multicast(&e->dst))
        return dev->type == DEV_TYPE_LOOPBACK;
    s->flags |= SKB_GROUP;
    return true;
}

/* The table to ask for plain packets; NULL: none is plain. */
static inline struct fib_table *plain_table(struct net *net, struct netdev *dev, const struct ip_family *f)
{
    if (!rule_plain(net, ip_index(f)) || !ip_conf(dev, f)->forwarding || (f == &ip_v4 && ip_rp_filter(dev)))
        return NULL;
    return fib_main(net, ip_index(f));
}

static NOINLINE void drop_broken(struct net *net, struct skb *s, const struct ip_family *f, enum drop_reason why)
{
    if (why != DROP_OTHER_HOST)
        COUNT(s, net, f, in_hdr_errors);
    skb_drop(s, why);
}

static inline __attribute__((always_inline)) void rx(struct netdev *dev, struct skbq *q, const struct ip_family *f)
{
    struct net *net = dev_net(dev);
    struct fib_table *t = plain_table(net, dev, f);
    const struct fib_filter *filter = fib_filter(net, ip_index(f));
    struct sorted to;
    struct plain p;

    to.local.n = to.forward.n = p.q.n = p.keys = 0;
    if (unlikely(skbq_probe(q)))
        t = NULL; /* the way that notes what it does */
    else
        COUNT_N(net, f, in_receives, q->n);
    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = q->p[i];
        enum drop_reason why = likely(is_for_us(dev, s)) ? ip_header_check(s, f) : DROP_OTHER_HOST;
        if (unlikely(why))
            drop_broken(net, s, f, why);
        else if (is_next(&p, s, f))
            add_next(&p, s);
        else if (likely(t && is_plain(filter, s, f)))
            add_plain(&p, s, f);
        else
            put(&to, s, look_closely(net, dev, s, f));
    }
    q->n = 0;
    if (p.q.n)
        find_ways(dev, t, &p, &to, f);
    if (unlikely(to.forward.n))
        ip_forward(dev, &to.forward, f);
    if (p.q.n)
        ip_forward(dev, &p.q, f);
    if (to.local.n)
        ip_local(dev, &to.local, f);
}

static void ip4_rx(struct netdev *dev, struct skbq *q)
{
    rx(dev, q, &ip_v4);
}

static void ip6_rx(struct netdev *dev, struct skbq *q)
{
    rx(dev, q, &ip_v6);
}

static inline bool passes(struct netdev *dev, const u8 *dst, const struct ip_family *f)
{
    return ip_conf(dev, f)->forwarding && !fib_maybe_local(fib_filter(dev_net(dev), ip_index(f)), ip_index(f), dst);
}

static bool ip4_passes(struct netdev *dev, const u8 *header)
{
    return passes(dev, ((const struct ip4_hdr *)header)->dst, &ip_v4);
}

static bool ip6_passes(struct netdev *dev, const u8 *header)
{
    return passes(dev, ((const struct ip6_hdr *)header)->dst.b, &ip_v6);
}

ETHERTYPE(ip4, ETH_IP4, ip4_rx, ip4_passes);
ETHERTYPE(ip6, ETH_IP6, ip6_rx, ip6_passes);

/* Router advertisements, sent (contract: ra.h). Linux leaves this to radvd.
 *
 * A message is built anew each time, from what `weir ra` said; that it fits was looked at when it was said. When the
 * next is due stands in the device; hosts that ask move it forward, never nearer than 3 s to the last.
 */
#include "net/ip/ra.h"

#include "lib/conf.h"
#include "lib/rand.h"
#include "lib/string.h"
#include "net/ip/header.h"
#include "net/ip/icmp.h"
#include "net/ip/ifaddr.h"
#include "net/ip/mcast.h"
#include "net/ip/neigh.h"
#include "net/ip/tend.h"
#include "net/skb/drop.h"
#include "net/skb/pool.h"

#define INITIAL          3u              /* RFC 4861 10: MAX_INITIAL_RTR_ADVERTISEMENTS */
#define INITIAL_INTERVAL (16 * NS_PER_S) /* MAX_INITIAL_RTR_ADVERT_INTERVAL */
#define DELAY            (3 * NS_PER_S)  /* MIN_DELAY_BETWEEN_RAS */
#define ANSWER_WITHIN    (NS_PER_S / 2)  /* MAX_RA_DELAY_TIME */
#define HOPS             255u

static const struct ipaddr all_nodes = {{0xff, 0x02, [15] = 1}};
static const struct ipaddr router_groups[] = {
    {{0xff, 0x01, [15] = 2}}, {{0xff, 0x02, [15] = 2}}, {{0xff, 0x05, [15] = 2}}};

struct ra {
    struct ra_conf conf;
    u64 next, last; /* ns; last 0: none was sent */
    u32 sent;
    bool asked; /* softirq: a host wants one */
};

void ra_defaults(struct ra_conf *c)
{
    *c = (struct ra_conf){.interval = 600, .lifetime = -1, .hop_limit = 64};
}

/* ---- the message ---- */

struct message {
    u8 b[RA_BYTES];
    u32 n;
    bool full;
};

static void put(struct message *m, const void *p, u32 n)
{
    if (n > sizeof(m->b) - m->n) {
        m->full = true;
        return;
    }
    memcpy(m->b + m->n, p, n);
    m->n += n;
}

static u32 lifetime_of(const struct ra_conf *c)
{
    return c->lifetime < 0 ? min(3 * c->interval, 9000u) : (u32)c->lifetime;
}

static void put_prefixes(struct message *m, const struct ra_conf *c)
{
    for (u32 i = 0; i < c->prefixes; i++) {
        const struct ra_prefix *p = &c->prefix[i];
        struct ndp_prefix o = {.type = NDP_OPT_PREFIX,
                               .len = 4,
                               .bits = p->p.bits,
                               .flags =
                                   (u8)((p->off_link ? 0 : NDP_PREFIX_ONLINK) | (p->no_autoconf ? 0 : NDP_PREFIX_AUTO)),
                               .valid = be32_of(p->valid),
                               .preferred = be32_of(p->preferred),
                               .prefix = addr_fill(&p->p.addr, p->p.bits, false)};
        put(m, &o, sizeof(o));
    }
}

static void put_routes(struct message *m, const struct ra_conf *c)
{
    for (u32 i = 0; i < c->routes; i++) {
        struct ndp_route o = {NDP_OPT_ROUTE, 3, c->route[i].p.bits, 0, be32_of(c->route[i].lifetime)};
        struct ipaddr a = addr_fill(&c->route[i].p.addr, o.bits, false);
        put(m, &o, sizeof(o));
        put(m, &a, sizeof(a));
    }
}

static void put_dns(struct message *m, const struct ra_conf *c)
{
    struct message names = {.n = 0};
    struct ndp_dns o = {NDP_OPT_RDNSS, (u8)(1 + 2 * c->servers), {0}, be32_of(3 * c->interval)};
    if (c->servers) {
        put(m, &o, sizeof(o));
        put(m, c->server, c->servers * (u32)sizeof(c->server[0]));
    }
    for (u32 i = 0; i < c->domains; i++) {
        for (const char *s = c->domain[i]; *s;) {
            u8 n = 0;
            while (s[n] && s[n] != '.')
                n++;
            put(&names, &n, 1);
            put(&names, s, n);
            s += n + (s[n] == '.');
        }
        put(&names, "", 1);
    }
    while (names.n % 8)
        put(&names, "", 1);
    o.type = NDP_OPT_DNSSL;
    o.len = (u8)(1 + names.n / 8);
    if (c->domains) {
        put(m, &o, sizeof(o));
        put(m, names.b, names.n);
    }
    m->full |= names.full;
}

static void build(const struct netdev *dev, const struct ra_conf *c, bool last, struct message *m)
{
    struct ndp_ra h = {.type = NDP_RA,
                       .hop_limit = (u8)c->hop_limit,
                       .flags = (u8)((c->managed ? NDP_RA_MANAGED : 0) | (c->other ? NDP_RA_OTHER : 0) | c->pref << 3),
                       .lifetime = be16_of((u16)(last ? 0 : lifetime_of(c))),
                       .reachable = be32_of(c->reachable),
                       .retrans = be32_of(c->retrans)};
    struct ndp_lladdr mac = {NDP_OPT_SOURCE, 1, dev->mac};
    struct ndp_mtu mtu = {NDP_OPT_MTU, 1, {0}, be32_of(c->mtu)};
    *m = (struct message){.n = 0};
    put(m, &h, sizeof(h));
    put(m, &mac, sizeof(mac));
    if (c->mtu)
        put(m, &mtu, sizeof(mtu));
    put_prefixes(m, c);
    put_routes(m, c);
    put_dns(m, c);
}

static bool send(struct netdev *dev, const struct ra_conf *c, bool last)
{
    const struct ifaddr *from = ifaddr_link_local(dev);
    struct ip_send how = {.dst = all_nodes, .dev = dev, .hops = HOPS};
    struct message m;
    if (!from || (from->flags & IFA_OPTIMISTIC) || !dev->carrier)
        return false;
    how.src = from->addr;
    build(dev, c, last, &m);
    softirq_off();
    struct skb *s = skb_alloc(skb_pool_of(dev_net(dev)));
    if (s) {
        memcpy(skb_put(s, m.n), m.b, m.n);
        icmp_send(dev_net(dev), s, &how);
    }
    softirq_on();
    return s;
}

/* ---- when ---- */

static u64 wait_after(const struct ra *r) /* RFC 4861 6.2.4 */
{
    u64 most = r->conf.interval * NS_PER_S, wait = most / 3 + rand_below(most - most / 3 + 1);
    return r->sent < INITIAL ? min(wait, INITIAL_INTERVAL) : wait;
}

static u64 dev_due(struct netdev *dev, struct ra *r, u64 now)
{
    if (!ip_conf(dev, &ip_v6)->forwarding) { /* RFC 4861 6.2.5 */
        if (r->sent && send(dev, &r->conf, true))
            r->sent = 0;
        r->next = now;
        return r->sent ? now + NS_PER_S : TEND_NEVER;
    }
    if (load_acquire(&r->asked)) {
        store_relaxed(&r->asked, false);
        u64 soon = now + rand_below(ANSWER_WITHIN + 1);
        r->next = min(r->next, r->last ? max(soon, r->last + DELAY) : soon);
    }
    if (r->next > now)
        return r->next;
    if (!send(dev, &r->conf, false))
        return r->next = now + NS_PER_S; /* when there is a link, and an address */
    r->sent = min(r->sent + 1, INITIAL);
    r->last = now;
    return r->next = now + wait_after(r);
}

/* A router is in the groups of routers, of each scope that there is, whether it advertises or not (RFC 4291 2.8). */
static void join_routers(struct netdev *dev)
{
    bool forwards = ip_conf(dev, &ip_v6)->forwarding && dev->type != DEV_TYPE_LOOPBACK;
    if (forwards == dev->ip->in_all_routers)
        return;
    for (u32 i = 0; i < ARRAY_LEN(router_groups); i++)
        if (!forwards)
            mcast_leave(dev, &router_groups[i]);
        else if (mcast_join(dev, &router_groups[i])) {
            while (i--)
                mcast_leave(dev, &router_groups[i]);
            return;
        }
    dev->ip->in_all_routers = forwards;
}

static u64 ra_due(struct net *net, u64 now)
{
    u64 next = TEND_NEVER;
    for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));) {
        if (dev->ip)
            join_routers(dev);
        if ((dev->flags & DEV_UP) && dev->ip && dev->ip->ra)
            next = min(next, dev_due(dev, dev->ip->ra, now));
    }
    return next;
}

TEND(ra, ra_due);

/* ---- who asks: softirq ---- */

static bool is_sound(struct skb *s) /* RFC 4861 6.1.1 */
{
    u32 at = skb_at(s, s->l4), n = s->len - at;
    const u8 *p = n >= sizeof(struct ndp_rs) ? skb_need(s, at, n) : NULL;
    if (!p || p[1] || ip6_at(s)->hops != HOPS)
        return false;
    for (u32 i = sizeof(struct ndp_rs), len; i < n; i += len) {
        if (!(len = ndp_opt_len(p + i, n - i)) || (p[i] == NDP_OPT_SOURCE && addr_is_any(&ip6_at(s)->src)))
            return false;
    }
    return true;
}

static void rs_rx(struct netdev *dev, struct skb *s)
{
    struct ra *r = load_acquire(&dev->ip->ra);
    if (!is_sound(s) || !r) {
        skb_drop(s, DROP_ICMP_TYPE);
        return;
    }
    if (!load_relaxed(&r->asked)) {
        store_release(&r->asked, true);
        tend_soon(dev_net(dev));
    }
    skb_free(s);
}

ICMP_TAKER(rs, IP_V6, NDP_RS, NDP_RS, rs_rx);

/* ---- configuration ---- */

const struct ra_conf *ra_of(const struct netdev *dev)
{
    return dev->ip && dev->ip->ra ? &dev->ip->ra->conf : NULL;
}

int ra_set(struct netdev *dev, const struct ra_conf *c)
{
    struct message m;
    conf_assert();
    if (dev->type == DEV_TYPE_LOOPBACK)
        return -EINVAL;
    build(dev, c, false, &m);
    if (m.full)
        return -EMSGSIZE;
    struct ra *r = dev->ip->ra ? dev->ip->ra : mem_zalloc(sizeof(*r));
    if (!r)
        return -ENOMEM;
    r->conf = *c;
    r->sent = 0; /* what is new is told as at the beginning */
    r->next = clock_ns();
    store_release(&dev->ip->ra, r);
    tend_soon(dev_net(dev));
    return 0;
}

int ra_off(struct netdev *dev)
{
    struct ra *r = dev->ip->ra;
    conf_assert();
    if (!r)
        return -ENOENT;
    if (r->sent && (dev->flags & DEV_UP))
        send(dev, &r->conf, true);
    store_release(&dev->ip->ra, NULL);
    rcu_barrier();
    mem_free(r);
    return 0;
}

void ra_dev_end(struct netdev *dev)
{
    mem_free(dev->ip->ra);
    dev->ip->ra = NULL;
}

/* Groups, and what routers are told of them (contract: mcast.h). Linux: igmp.c, mcast.c. What is sent: mcast_send.c.
 *
 * Reports are due by time, in the task that tends addresses; queries are looked at in softirq and heeded in the task.
 * Lists of sources are not kept: whole groups are joined.
 */
#include "net/ip/mcast.h"

#include "lib/conf.h"
#include "lib/rand.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/dev/updown.h"
#include "net/ip/header.h"
#include "net/ip/icmp.h"
#include "net/ip/mcast_send.h"
#include "net/ip/tend.h"
#include "net/skb/drop.h"

static const struct ipaddr all_hosts = {{[10] = 0xff, 0xff, 224, 0, 0, 1}};
static const struct ipaddr all_nodes = {{0xff, 0x02, [15] = 1}};

bool mcast_has(const struct netdev *dev, const struct ipaddr *group)
{
    for (const struct mcast *m = mcast_first(dev); m; m = mcast_next(m))
        if (addr_eq(&m->group, group))
            return true;
    return false;
}

#define UNSOLICITED   NS_PER_S         /* RFC 3376 8.11, RFC 3810 9.11 */
#define OLDER_PRESENT (260 * NS_PER_S) /* RFC 3376 8.12: 2 * 125 s + 10 s */

struct mcast_net {
    u32 qrv[IP_FAMILIES];
    bool link_local;
};
NET_SLOT(mcast_net, struct mcast_net, NULL, NULL);

SYSCTL(igmp_qrv, .name = "net.ipv4.igmp_qrv", SYSCTL_NET(mcast_net, struct mcast_net, qrv[IP_V4]), .low = 1, .high = 7,
       .def = 2, .help = "how often a change of membership is told");
SYSCTL(mld_qrv, .name = "net.ipv6.mld_qrv", SYSCTL_NET(mcast_net, struct mcast_net, qrv[IP_V6]), .low = 1, .high = 7,
       .def = 2, .help = "how often a change of membership is told");
SYSCTL(igmp_link_local, .name = "net.ipv4.igmp_link_local_mcast_reports",
       SYSCTL_NET(mcast_net, struct mcast_net, link_local), .high = 1, .def = 1,
       .help = "1: groups of 224.0.0.0/24 are told, too");

#define CONF(id, family, name_, most, help_)                                                                    \
    SYSCTL(id, .name = name_, SYSCTL_PER(struct ip_conf, group_version), .place = family, .list = ip_conf_list, \
           .high = most, .help = help_)
CONF(igmp_version, ip_conf4_place, "net.ipv4.conf.*.force_igmp_version", 3, "IGMP version; 0: as routers have it");
CONF(mld_version, ip_conf6_place, "net.ipv6.conf.*.force_mld_version", 2, "MLD version; 0: as routers have it");

static struct mcast_net *mcasts(const struct netdev *dev)
{
    return NET_GET(dev_net(dev), struct mcast_net, mcast_net);
}

static enum ip_index family_of(const struct ipaddr *group)
{
    return ip_family_of(group)->index;
}

static bool is_told(const struct netdev *dev, const struct ipaddr *g)
{
    if (dev->type == DEV_TYPE_LOOPBACK || !ip_net(dev_net(dev))->lo)
        return false;   /* no host */
    if (!ipaddr_is4(g)) /* RFC 3810 6: not all nodes, nor what does not leave the machine */
        return (g->b[1] & 15) > 1 && !((g->b[1] & 15) == 2 && load_be64(g->b + 8) == 1 && !load_be32(g->b + 4));
    bool link = !memcmp(g->b + ADDR4_AT, "\340\0\0", 3);
    return !(link && g->b[15] == 1) && (!link || mcasts(dev)->link_local);
}

/* 3 is told as 2 of MLD: the version whose reports have records. */
static u32 version(const struct netdev *dev, enum ip_index f, u64 now)
{
    i32 forced = ip_conf(dev, ip_family(f))->group_version, newest = f == IP_V4 ? 3 : 2;
    const struct mcast_query *q = &dev->ip->query[f];
    if (forced)
        return (u32)forced;
    if (q->until[1] > now)
        return 1;
    return f == IP_V4 && q->until[2] > now ? 2 : (u32)newest;
}

static void tell(struct netdev *dev, const struct ipaddr *group, enum group_record what, u64 now)
{
    enum ip_index f = family_of(group);
    mcast_send(dev, group, 1, version(dev, f, now), what);
}

/* ---- changes ---- */

static void tell_joined(struct netdev *dev, struct mcast *m)
{
    conf_assert();
    if (!is_told(dev, &m->group) || !(dev->flags & DEV_UP))
        return;
    m->reports = (u8)mcasts(dev)->qrv[family_of(&m->group)];
    m->report_at = clock_ns();
    m->changed = true;
    tend_soon(dev_net(dev));
}

void mcast_report_up(struct netdev *dev, enum ip_index f)
{
    for (struct mcast *m = mcast_first(dev); m; m = mcast_next(m))
        if (family_of(&m->group) == f)
            tell_joined(dev, m);
}

static void tell_left(struct netdev *dev, const struct mcast *m)
{
    conf_assert();
    if (!is_told(dev, &m->group) || !(dev->flags & DEV_UP) || dev->ip->left_n >= MCAST_LEFT)
        return;
    struct mcast_left *l = mem_alloc(sizeof(*l));
    if (!l)
        return; /* the routers find out by their next query */
    *l = (struct mcast_left){.next = dev->ip->left,
                             .group = m->group,
                             .report_at = clock_ns(),
                             .reports = (u8)mcasts(dev)->qrv[family_of(&m->group)]};
    dev->ip->left = l;
    dev->ip->left_n++;
    tend_soon(dev_net(dev));
}

/* ---- joining and leaving ---- */

int mcast_join(struct netdev *dev, const struct ipaddr *group)
{
    struct macaddr mac = mcast_mac(group);
    conf_assert();
    for (struct mcast *m = mcast_first(dev); m; m = mcast_next(m))
        if (addr_eq(&m->group, group)) {
            m->users++;
            return 0;
        }
    struct mcast *m = mem_alloc(sizeof(*m));
    int err = m ? dev_multicast_add(dev, &mac) : -ENOMEM;
    if (err) {
        mem_free(m);
        return err;
    }
    *m = (struct mcast){.next = dev->ip->groups, .group = *group, .users = 1};
    store_release(&dev->ip->groups, m);
    tell_joined(dev, m);
    return 0;
}

static void free_group(struct rcu_head *h)
{
    mem_free(container_of(h, struct mcast, rcu));
}

void mcast_leave(struct netdev *dev, const struct ipaddr *group)
{
    struct macaddr mac = mcast_mac(group);
    conf_assert();
    for (struct mcast **at = &dev->ip->groups, *m; (m = *at); at = &m->next)
        if (addr_eq(&m->group, group)) {
            if (--m->users)
                return;
            store_release(at, m->next);
            dev_multicast_del(dev, &mac);
            tell_left(dev, m);
            rcu_defer(&m->rcu, free_group);
            return;
        }
}

static void forget_left(struct netdev *dev)
{
    for (struct mcast_left *l; (l = dev->ip->left);) {
        dev->ip->left = l->next;
        mem_free(l);
    }
    dev->ip->left_n = 0;
}

int mcast_dev_begin(struct netdev *dev)
{
    if (!ip_net(dev_net(dev))->lo) /* a net that is no host */
        return 0;
    int err = mcast_join(dev, &all_hosts);
    return err ? err : mcast_join(dev, &all_nodes);
}

void mcast_dev_end(struct netdev *dev)
{
    forget_left(dev);
    for (struct mcast *m; (m = dev->ip->groups);) {
        dev->ip->groups = m->next;
        mem_free(m);
    }
}

/* ---- by time ---- */

static u64 joined_due(struct netdev *dev, u64 now)
{
    u64 next = TEND_NEVER;
    for (struct mcast *m = mcast_first(dev); m; m = mcast_next(m)) {
        if (m->reports && m->report_at <= now) {
            tell(dev, &m->group, m->changed ? GROUP_TO_EXCLUDE : GROUP_IS_EXCLUDE, now);
            m->report_at = now + rand_below(UNSOLICITED);
            m->changed &= --m->reports > 0;
        }
        if (m->reports)
            next = min(next, m->report_at);
    }
    return next;
}

static u64 left_due(struct netdev *dev, u64 now)
{
    u64 next = TEND_NEVER;
    for (struct mcast_left **at = &dev->ip->left, *l; (l = *at);) {
        if (mcast_has(dev, &l->group)) {
            l->reports = 0; /* it is back */
        } else if (l->report_at <= now) {
            tell(dev, &l->group, GROUP_TO_INCLUDE, now);
            l->report_at = now + rand_below(UNSOLICITED);
            l->reports = version(dev, family_of(&l->group), now) < (ipaddr_is4(&l->group) ? 3 : 2) ? 0 : l->reports - 1;
        }
        if (l->reports) {
            next = min(next, l->report_at);
            at = &l->next;
        } else {
            *at = l->next;
            dev->ip->left_n--;
            mem_free(l);
        }
    }
    return next;
}

/* All that are joined, in as few messages as hold them. */
static void tell_all(struct netdev *dev, enum ip_index f, u64 now)
{
    struct ipaddr some[MCAST_SEND_MOST];
    u32 n = 0;
    for (struct mcast *m = mcast_first(dev); m; m = mcast_next(m)) {
        if (family_of(&m->group) != f || !is_told(dev, &m->group))
            continue;
        some[n++] = m->group;
        if (n == MCAST_SEND_MOST) {
            mcast_send(dev, some, n, version(dev, f, now), GROUP_IS_EXCLUDE);
            n = 0;
        }
    }
    if (n)
        mcast_send(dev, some, n, version(dev, f, now), GROUP_IS_EXCLUDE);
}

static u64 mcast_due(struct net *net, u64 now)
{
    u64 next = TEND_NEVER;
    for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));) {
        if (!(dev->flags & DEV_UP) || !dev->ip)
            continue;
        for (enum ip_index f = 0; f < IP_FAMILIES; f++) {
            struct mcast_query *q = &dev->ip->query[f];
            if (q->general_at && q->general_at <= now) {
                q->general_at = 0;
                tell_all(dev, f, now);
            }
            if (q->general_at)
                next = min(next, q->general_at);
        }
        next = min(next, min(joined_due(dev, now), left_due(dev, now)));
    }
    return next;
}

TEND(mcast, mcast_due);

/* ---- queries ---- */

struct query {
    u32 version;         /* 0: it is none */
    u64 within;          /* ns */
    struct ipaddr group; /* any: of all */
};

/* RFC 3376 7.1: which version it is, its length says. The IPv4 packet's header has been looked at. */
static struct query read_igmp(struct skb *s)
{
    u32 at = skb_at(s, s->l4), n = be16_get(ip4_at(s)->len) - ip4_hlen(ip4_at(s));
    const struct igmp_hdr *h = n >= sizeof(*h) && n <= SKB_ROOM ? skb_need(s, at, n) : NULL;
    struct query q = {0};
    if (!h || h->type != IGMP_QUERY || csum_fold(csum_bytes(h, n)).raw)
        return q;
    q.group = addr_of4(h->group);
    if (n == sizeof(*h)) {
        q.version = h->code ? 2 : 1;
        q.within = h->code ? h->code * (NS_PER_S / 10) : 10 * NS_PER_S;
    } else if (n >= 12) {
        q.version = 3;
        q.within = igmp_float(h->code, 4) * (NS_PER_S / 10);
    }
    return q;
}

static struct query read_mld(struct skb *s) /* RFC 3810 8.1 */
{
    u32 at = skb_at(s, s->l4), n = s->len - at;
    const struct mld_hdr *h = skb_need(s, at, sizeof(*h));
    struct query q = {0};
    if (!h || h->code || ip6_at(s)->hops != 1 || !addr_is_link_local(&ip6_at(s)->src))
        return q;
    q.group = h->group;
    q.version = n == sizeof(*h) ? 1 : n >= 28 ? 2 : 0;
    q.within = (q.version == 1 ? be16_get(h->delay) : igmp_float(be16_get(h->delay), 12)) * NS_PER_MS;
    return q;
}

static void sooner(struct mcast *m, u64 when)
{
    if (m->reports && m->report_at <= when)
        return;
    m->reports = max(m->reports, (u8)1);
    m->report_at = when;
}

static void heed(struct netdev *dev, struct skb *s)
{
    enum ip_index f = s->type == ETH_IP4 ? IP_V4 : IP_V6;
    struct query q = f == IP_V4 ? read_igmp(s) : read_mld(s);
    struct mcast_query *of = &dev->ip->query[f];
    u64 now = clock_ns(), when = now + rand_below(q.within + 1);
    if (!q.version || !(dev->flags & DEV_UP))
        return;
    if (q.version < (f == IP_V4 ? 3 : 2))
        of->until[q.version] = now + OLDER_PRESENT;
    if (addr_is_any(&q.group)) {
        of->general_at = of->general_at ? min(of->general_at, when) : when;
        return;
    }
    for (struct mcast *m = mcast_first(dev); m; m = mcast_next(m))
        if (addr_eq(&m->group, &q.group) && is_told(dev, &m->group))
            sooner(m, when);
}

static void igmp_rx(struct netdev *dev, struct skbq *q, const struct ip_family *f)
{
    for (u32 i = 0; i < q->n; i++) {
        if (f == &ip_v4 && read_igmp(q->p[i]).version)
            tend_skb(dev, q->p[i], heed);
        else
            skb_drop(q->p[i], DROP_IGMP);
    }
    q->n = 0;
}

static void mld_rx(struct netdev *dev, struct skb *s)
{
    if (read_mld(s).version)
        tend_skb(dev, s, heed);
    else
        skb_drop(s, DROP_ICMP_TYPE);
}

L4(igmp, IP_IGMP, igmp_rx, .only = 4);
ICMP_TAKER(mld, IP_V6, MLD_QUERY, MLD_QUERY, mld_rx);

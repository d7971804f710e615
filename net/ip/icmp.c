/* ICMP and ICMPv6: errors out, echo and timestamp answered (RFC 792, RFC 4443, RFC 1812 4.3).
 *
 * An error quotes as much of the packet as fits into 576 bytes, or 1280 (RFC 1812 4.3.2.3, RFC 4443 2.4c). None is sent
 * about another error, a fragment that is not the first, what came to many, or what has no one sender. Two buckets
 * bound them: one of each peer, in a table of buckets that peers share by their keyed hash, and one of the machine, of
 * which only those take that their peer's lets pass.
 */
#include "net/ip/icmp.h"

#include "lib/hash.h"
#include "lib/rand.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/ip/ip_dev.h"
#include "net/ip/options.h"
#include "net/skb/cksum.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"
#include "net/skb/probe.h"

COUNTER(icmp_in_msgs, "Icmp.InMsgs", "messages that came in");
COUNTER(icmp_in_errors, "Icmp.InErrors", "broken ones of them");
COUNTER(icmp_in_csum, "Icmp.InCsumErrors", "of those, with a wrong checksum");
COUNTER(icmp_in_echos, "Icmp.InEchos", "echo requests that came in");
COUNTER(icmp_in_echo_reps, "Icmp.InEchoReps", "answers to echo requests that came in");
COUNTER(icmp_out_msgs, "Icmp.OutMsgs", "messages that were sent");
COUNTER(icmp_out_errors, "Icmp.OutErrors", "messages that could not be made");
COUNTER(icmp_out_global, "Icmp.OutRateLimitGlobal", "errors not sent: too many in all, of IPv6, too");
COUNTER(icmp_out_host, "Icmp.OutRateLimitHost", "errors not sent: too many to that peer");
COUNTER(icmp_out_redirects, "Icmp.OutRedirects", "senders that were told of a nearer gateway");
COUNTER(icmp_out_echo_reps, "Icmp.OutEchoReps", "answers to echo requests");
COUNTER(icmp6_in_msgs, "Icmp6.InMsgs", "messages that came in");
COUNTER(icmp6_in_errors, "Icmp6.InErrors", "broken ones of them");
COUNTER(icmp6_in_csum, "Icmp6.InCsumErrors", "of those, with a wrong checksum");
COUNTER(icmp6_in_echos, "Icmp6.InEchos", "echo requests that came in");
COUNTER(icmp6_in_echo_reps, "Icmp6.InEchoReplies", "answers to echo requests that came in");
COUNTER(icmp6_out_msgs, "Icmp6.OutMsgs", "messages that were sent");
COUNTER(icmp6_out_errors, "Icmp6.OutErrors", "messages that could not be made");
COUNTER(icmp6_out_host, "Icmp6.OutRateLimitHost", "errors not sent: too many to that peer");
COUNTER(icmp6_out_echo_reps, "Icmp6.OutEchoReplies", "answers to echo requests");

#define COUNT(net, f, what) ((f) == &ip_v4 ? count(net, icmp_##what) : count(net, icmp6_##what))

#define PEERS        1024u /* buckets */
#define ICMP_QUERIES 18u   /* the last type of IPv4 that asks or answers */

struct icmp_net {
    u32 msgs_per_s, burst;
    u64 ratelimit[IP_FAMILIES]; /* ns between two errors to a peer */
    u32 ratemask;               /* of IPv4: the types that this is for */
    bool echo_ignore_all[IP_FAMILIES], echo_ignore_broadcasts;
    struct hash_key key;
    struct spinlock lock; /* the buckets */
    struct bucket all, peer[PEERS];
};

static int start(struct net *net, void *slot)
{
    struct icmp_net *in = slot;
    rand_bytes(&in->key, sizeof(in->key));
    return 0;
}

NET_SLOT(icmp_net, struct icmp_net, start, NULL);

SYSCTL(icmp_msgs_per_sec, .name = "net.ipv4.icmp_msgs_per_sec", SYSCTL_NET(icmp_net, struct icmp_net, msgs_per_s),
       .def = 1000, .help = "ICMP errors a second in all");
SYSCTL(icmp_msgs_burst, .name = "net.ipv4.icmp_msgs_burst", SYSCTL_NET(icmp_net, struct icmp_net, burst), .def = 50,
       .help = "so many of them at once");
SYSCTL(icmp_ratelimit, .name = "net.ipv4.icmp_ratelimit", SYSCTL_NET(icmp_net, struct icmp_net, ratelimit[IP_V4]),
       .unit = NS_PER_MS, .def = 1000, .help = "ms between two ICMP errors to one peer; 0: no limit");
SYSCTL(icmp6_ratelimit, .name = "net.ipv6.icmp.ratelimit", SYSCTL_NET(icmp_net, struct icmp_net, ratelimit[IP_V6]),
       .unit = NS_PER_MS, .def = 1000, .help = "ms between two ICMPv6 errors to one peer; 0: no limit");
SYSCTL(icmp_ratemask, .name = "net.ipv4.icmp_ratemask", SYSCTL_NET(icmp_net, struct icmp_net, ratemask), .def = 6168,
       .help = "ICMP types that are limited, a bit for each");
SYSCTL(icmp_echo_ignore_all, .name = "net.ipv4.icmp_echo_ignore_all",
       SYSCTL_NET(icmp_net, struct icmp_net, echo_ignore_all[IP_V4]), .high = 1, .help = "1: answer no ping");
SYSCTL(icmp6_echo_ignore_all, .name = "net.ipv6.icmp.echo_ignore_all",
       SYSCTL_NET(icmp_net, struct icmp_net, echo_ignore_all[IP_V6]), .high = 1, .help = "1: answer no ping");
SYSCTL(icmp_echo_ignore_broadcasts, .name = "net.ipv4.icmp_echo_ignore_broadcasts",
       SYSCTL_NET(icmp_net, struct icmp_net, echo_ignore_broadcasts), .high = 1, .def = 1,
       .help = "1: answer no ping that went to many");

static struct icmp_net *icmp(struct net *net)
{
    return NET_GET(net, struct icmp_net, icmp_net);
}

/* ---- how many ---- */

static bool may_send(struct net *net, const struct ip_family *f, const struct ipaddr *to, u8 type)
{
    struct icmp_net *in = icmp(net);
    u64 now = clock_ns();
    if (f == &ip_v4 && !(type < 32 && in->ratemask >> type & 1))
        return true;
    struct bucket *peer = &in->peer[siphash13_fixed(&in->key, to, sizeof(*to)) % PEERS];
    u64 each = in->ratelimit[f->index], each_of_all = NS_PER_S / max(in->msgs_per_s, 1u);
    spin_lock(&in->lock);
    bool host = bucket_has(peer, each, 6, now); /* Linux: XRLIM_BURST_FACTOR */
    bool global = host && bucket_has(&in->all, each_of_all, max(in->burst, 1u), now);
    if (global) { /* whoever had too many spends nothing of the others' */
        bucket_take(peer, each);
        bucket_take(&in->all, each_of_all);
    }
    spin_unlock(&in->lock);
    if (!host)
        COUNT(net, f, out_host);
    else if (!global)
        count(net, icmp_out_global);
    return global;
}

/* ---- errors ---- */

/* Or too short to tell. */
static bool is_error(const struct skb *s, const struct ip_family *f)
{
    u32 at = skb_at(s, f == &ip_v4 ? (u32)s->l3 + ip4_hlen(ip4_at(s)) : s->l4);
    u8 type;
    if (f == &ip_v4 ? ip4_at(s)->proto != IP_ICMP : !(s->has & SKB_L4) || s->l4_proto != IP_ICMP6)
        return false;
    if (skb_read(s, at, &type, 1))
        return f == &ip_v4 || !(s->has & SKB_FRAGMENT); /* RFC 8200 4.5: the first of them has to have it */
    if (f == &ip_v6)
        return type < 128;
    return type != ICMP_ECHO && type != ICMP_ECHO_REPLY && !(type >= ICMP_TIMESTAMP && type <= ICMP_QUERIES);
}

/* RFC 4443 2.4e: what is sent to many is refused for its size, or for an option that wants it so. */
static bool many_may_be_told(const struct ip_family *f, enum icmp_error err)
{
    return f == &ip_v6 && (err == ICMP_ERR_TOO_BIG || err == ICMP_ERR_OPTION);
}

bool icmp_may_tell(struct skb *s, const struct ip_family *f, enum icmp_error err)
{
    struct ipaddr src = ip_addr(ip_src_key(s, f), f), dst = ip_addr(ip_dst_key(s, f), f);
    if (!(s->has & SKB_PARSED))
        skb_parse(s);
    bool many = (s->flags & SKB_GROUP) || addr_is_multicast(&dst) || addr_is_limited_broadcast(&dst);
    if (many && !many_may_be_told(f, err))
        return false;
    if (addr_is_any(&src) || addr_is_multicast(&src) || addr_is_limited_broadcast(&src))
        return false;
    if (addr_is_loopback(&src) && netdev_of(s)->type != DEV_TYPE_LOOPBACK)
        return false;
    if (ip_own_type(dev_net(netdev_of(s)), &src) == ROUTE_ANYCAST)
        return false; /* RFC 4291 2.6: nobody is called so */
    if (f == &ip_v4 && (be16_get(ip4_at(s)->frag) & IP4_OFFSET))
        return false;
    return !is_error(s, f);
}

/* The header, and behind it what was wrong, to be quoted. */
static struct skb *make(struct net *net, const struct skb *about, const struct ip_family *f, enum icmp_error err,
                        u32 arg, u32 options)
{
    struct skb *s = skb_alloc(skb_pool_of(net));
    u32 at = skb_at(about, about->l3), room = (f == &ip_v4 ? 576 : 1280) - f->header - options - ICMP_HLEN;
    u32 n = min(about->len - at, room);
    if (!s)
        return NULL;
    struct icmp_hdr *h = skb_put(s, ICMP_HLEN + n);
    *h = (struct icmp_hdr){.type = f->says[err].type, .code = f->says[err].code};
    if (f == &ip_v6 || err == ICMP_ERR_REDIRECT)
        store_be32(&h->id, arg);
    else if (err == ICMP_ERR_TOO_BIG)
        h->seq = be16_of((u16)arg);
    else if (err == ICMP_ERR_PARAM)
        *(u8 *)&h->id = (u8)arg;
    if (!skb_read(about, at, h + 1, n))
        return s;
    skb_free(s);
    return NULL;
}

static void fill_checksum(struct skb *s, const struct ip_family *f, const struct ipaddr *src, const struct ipaddr *dst)
{
    struct icmp_hdr *h = (struct icmp_hdr *)s->data; /* which is linear, whatever follows */
    u32 sum = 0;
    if (f == &ip_v6) {
        sum = csum_add(csum_bytes(src, 16), csum_bytes(dst, 16));
        sum = csum_add(sum, csum_add(csum_of_u32(s->len), csum_of_u32(IP_ICMP6)));
    }
    h->check = be16_of(0);
    h->check = csum_fold(csum_add(sum, skb_csum(s, 0, s->len)));
}

int icmp_send(struct net *net, struct skb *s, struct ip_send *how)
{
    const struct ip_family *f = ip_family_of(&how->dst);
    struct fib_result r;
    struct ipaddr src = how->src;

    how->proto = f->icmp;
    int err = addr_is_any(&src) ? ip_find_way(net, how, &r, &src) : 0;
    if (err) {
        COUNT(net, f, out_errors);
        skb_drop(s, DROP_IP_NO_ROUTE);
        return err;
    }
    how->src = src;
    if (how->options_n)
        options_answer(net, how->options, how->options_n, &src);
    fill_checksum(s, f, &src, &how->dst);
    COUNT(net, f, out_msgs);
    return ip_tx(net, s, how);
}

/* RFC 1812 4.3.2.5: of an error, internetwork control. */
static u8 tos_of(const struct skb *about, const struct ip_family *f)
{
    return f == &ip_v4 ? (ip_tos(about, f) & 0x1e) | 0xc0 : 0;
}

static void give_back(const struct skb *about, u8 options[OPTIONS4_MOST], struct ip_send *how)
{
    how->options = options;
    how->options_n = ip4_at(about)->ver_ihl != 0x45 ? (u8)options_take(about, options) : 0;
}

void icmp_redirect(struct netdev *dev, struct skb *about, const struct ipaddr *to)
{
    struct net *net = dev_net(dev);
    struct ip_send how = {.dst = ip_addr(ip_src_key(about, &ip_v4), &ip_v4), .dev = dev, .tos = tos_of(about, &ip_v4)};
    u8 options[OPTIONS4_MOST];
    give_back(about, options, &how);
    struct skb *s = make(net, about, &ip_v4, ICMP_ERR_REDIRECT, load_be32(ip_key(to)), how.options_n);
    how.src = addr_fill(&how.dst, 0, false);
    if (!s)
        return;
    count(net, icmp_out_redirects);
    icmp_send(net, s, &how);
}

void ip_refuse(struct skb *about, enum icmp_error err, u32 arg, enum drop_reason why)
{
    const struct ip_family *f = ip_family_of_skb(about);
    struct net *net = about->dev ? about->dev->net : NULL;

    if (unlikely(about->flags & SKB_PROBE)) {
        if (icmp_may_tell(about, f, err))
            probe_note(about, "icmp", "its sender is told: type %u, code %u", f->says[err].type, f->says[err].code);
        net = NULL;
    }
    if (net && icmp_may_tell(about, f, err)) {
        struct ipaddr dst = ip_addr(ip_dst_key(about, f), f);
        struct ip_send how = {.dst = ip_addr(ip_src_key(about, f), f), .mark = about->mark, .tos = tos_of(about, f)};
        u8 options[OPTIONS4_MOST];
        if (f == &ip_v4)
            give_back(about, options, &how);
        enum route_type own = ip_own_type(net, &dst);
        how.src = own == ROUTE_LOCAL || own == ROUTE_ANYCAST ? dst : addr_fill(&dst, 0, false);
        struct skb *s =
            may_send(net, f, &how.dst, f->says[err].type) ? make(net, about, f, err, arg, how.options_n) : NULL;
        if (s)
            icmp_send(net, s, &how);
    }
    skb_drop(about, why);
}

/* ---- what comes in ---- */

/* By its IP address: one that all on a link were shown may be for us alone. */
static bool is_to_many(struct netdev *dev, const struct skb *s, const struct ip_family *f)
{
    struct ipaddr dst = ip_addr(ip_dst_key(s, f), f);
    return (s->flags & SKB_GROUP) && !ip_is_local(dev_net(dev), &dst);
}

/* The request as it came, turned round: in its own buffer. */
static void answer(struct netdev *dev, struct skb *s, const struct ip_family *f, u8 type)
{
    struct ip_send how = {
        .src = ip_addr(ip_dst_key(s, f), f), .dst = ip_addr(ip_src_key(s, f), f), .tos = ip_tos(s, f)};
    if (is_to_many(dev, s, f) || !ip_is_local(dev_net(dev), &how.src))
        how.src = addr_fill(&how.src, 0, false);
    u8 options[OPTIONS4_MOST];
    if (addr_is_link_local(&how.dst) && f == &ip_v6)
        how.dev = dev;
    if (f == &ip_v4)
        give_back(s, options, &how);
    if (!skb_own_frags(s)) {
        skb_drop(s, DROP_NO_MEMORY);
        return;
    }
    skb_pull(s, skb_at(s, s->l4));
    struct icmp_hdr *h = skb_need(s, 0, ICMP_HLEN);
    h->type = type;
    s->has = 0;
    s->flags &= (u8) ~(SKB_GROUP | SKB_HASHED | SKB_VLAN);
    s->cksum = CKSUM_NONE;
    COUNT(dev_net(dev), f, out_echo_reps);
    icmp_send(dev_net(dev), s, &how);
}

static void echo(struct netdev *dev, struct skb *s, const struct ip_family *f)
{
    const struct icmp_net *in = icmp(dev_net(dev));
    bool many = is_to_many(dev, s, f);
    COUNT(dev_net(dev), f, in_echos);
    if (in->echo_ignore_all[f->index] || (many && f == &ip_v4 && in->echo_ignore_broadcasts))
        skb_drop(s, DROP_ICMP_TYPE);
    else
        answer(dev, s, f, f == &ip_v4 ? ICMP_ECHO_REPLY : ICMP6_ECHO_REPLY);
}

/* RFC 792 p. 16: ms since midnight UT, when it came and when it goes. */
static void timestamp(struct netdev *dev, struct skb *s)
{
    u32 at = skb_at(s, s->l4), len = ICMP_HLEN + 12;
    if (is_to_many(dev, s, &ip_v4) || s->len < at + ICMP_HLEN + 4 || !skb_own_frags(s)) {
        skb_drop(s, DROP_ICMP_TYPE);
        return;
    }
    skb_trim(s, at + len);
    if (s->len < at + len && skb_append(s, (u8[12]){0}, at + len - s->len)) {
        skb_drop(s, DROP_NO_MEMORY);
        return;
    }
    u8 *p = skb_need(s, at, len);
    if (!p) {
        skb_drop(s, DROP_NO_MEMORY);
        return;
    }
    p[1] = 0;
    u32 ms = (u32)(wall_ns() / NS_PER_MS % (24ull * 60 * 60 * 1000));
    store_be32(p + ICMP_HLEN + 4, ms);
    store_be32(p + ICMP_HLEN + 8, ms);
    answer(dev, s, &ip_v4, ICMP_TIMESTAMP_REPLY);
}

static void icmp_one(struct netdev *dev, struct skb *s, const struct ip_family *f)
{
    COUNT(dev_net(dev), f, in_msgs);
    if (!cksum_ok(s)) {
        COUNT(dev_net(dev), f, in_errors);
        COUNT(dev_net(dev), f, in_csum);
        skb_drop(s, DROP_L4_CSUM);
        return;
    }
    u8 type = *((const u8 *)s->buf + s->l4);
    if (type == (f == &ip_v4 ? ICMP_ECHO_REPLY : ICMP6_ECHO_REPLY))
        COUNT(dev_net(dev), f, in_echo_reps);
    SET_FOREACH(icmp_type, const struct icmp_taker, t)
        if (t->family == f->index && type >= t->from && type <= t->to) {
            t->rx(dev, s);
            return;
        }
    if (icmp_is_error(type, f)) {
        icmp_error_rx(dev, s, f);
    } else if (type == (f == &ip_v4 ? ICMP_ECHO : ICMP6_ECHO)) {
        echo(dev, s, f);
    } else if (f == &ip_v4 && type == ICMP_TIMESTAMP) {
        timestamp(dev, s);
    } else {
        skb_drop(s, DROP_ICMP_TYPE);
    }
}

static void icmp_error(struct net *net, const struct ip_error *e)
{
    SET_FOREACH(icmp_asker, const struct icmp_asker, a)
        a->error(net, e);
}

static void icmp_rx(struct netdev *dev, struct skbq *q, const struct ip_family *f)
{
    for (u32 i = 0; i < q->n; i++)
        if (q->p[i]->has & (SKB_ICMP | SKB_ICMP6))
            icmp_one(dev, q->p[i], f);
        else
            skb_drop(q->p[i], DROP_L4_HEADER);
    q->n = 0;
}

L4(icmp, IP_ICMP, icmp_rx, .error = icmp_error, .only = 4);
L4(icmp6, IP_ICMP6, icmp_rx, .error = icmp_error, .only = 6);

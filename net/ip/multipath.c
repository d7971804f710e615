/* Which of several hops a flow takes (contract: multipath.h).
 *
 *     fields       outer: src dst proto label sport dport      inner: the same, of what is in IPIP, 6in4 or GRE
 *     policy 0 L3  src dst [label proto]         of an ICMP error: of the packet that it quotes
 *     policy 1 L4  src dst proto sport dport     likewise
 *     policy 2     those of the inner packet [label proto], or else as 0
 *     policy 3     those that fib_multipath_hash_fields names
 *
 * Fragments have no ports, the first one neither, so that all of a datagram go one way. What this machine sends is
 * known by its flow alone. Headers are copied out to be looked at: a packet that comes here stays as it is.
 */
#include "net/ip/multipath.h"

#include "lib/hash.h"
#include "lib/rand.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/ip/header.h"
#include "net/ip/neigh.h"
#include "net/wire/icmp.h"

enum field { SRC = 0x1, DST = 0x2, PROTO = 0x4, LABEL = 0x8, SPORT = 0x10, DPORT = 0x20, ALL_FIELDS = 0xfff };
#define INNER_SHIFT 6u

#define FIELDS_L3  (SRC | DST)
#define FIELDS_L36 (SRC | DST | PROTO | LABEL) /* of IPv6 */
#define FIELDS_L4  (SRC | DST | PROTO | SPORT | DPORT)

#define EXTENSIONS 8u /* headers of a quoted or inner packet that are walked over */
#define LABEL_MASK 0xfffffu

struct multipath_net {
    struct hash_key key, drawn; /* drawn: where no seed is set */
    u32 seed;
    u32 policy[IP_FAMILIES], fields[IP_FAMILIES];
    u8 use_neigh;
};

static int start(struct net *net, void *slot)
{
    struct multipath_net *mn = slot;
    rand_bytes(&mn->drawn, sizeof(mn->drawn));
    mn->key = mn->drawn;
    return 0;
}

NET_SLOT(multipath_net, struct multipath_net, start, NULL);

static struct multipath_net *multipath(struct net *net)
{
    return NET_GET(net, struct multipath_net, multipath_net);
}

/* Machines with one seed choose alike. */
static void seed_changed(struct net *net, const char *star)
{
    struct multipath_net *mn = multipath(net);
    u64 s = mn->seed;
    struct hash_key from_seed = {{s * 0x9e3779b97f4a7c15, ~s * 0xc2b2ae3d27d4eb4f}};
    mn->key = s ? from_seed : mn->drawn;
}

/* ---- the headers ---- */

struct ends {
    struct ipaddr src, dst;
    be16 sport, dport;
    u32 label;
    u8 proto;
};

/* Over extension headers, at *off: what is behind them. False: a later fragment, or not there. */
static bool skip_extensions(const struct skb *s, u32 *off, u8 *next, bool *fragment)
{
    for (u32 i = 0; i < EXTENSIONS; i++) {
        u8 h[4];
        if (*next != IP_HOPOPTS && *next != IP_ROUTING && *next != IP_DSTOPTS && *next != IP_FRAGMENT)
            return true;
        if (skb_read(s, *off, h, sizeof(h)))
            return false;
        *fragment |= *next == IP_FRAGMENT;
        *off += *next == IP_FRAGMENT ? 8 : 8 * (h[1] + 1u);
        *next = h[0];
    }
    return false;
}

static void read_ports(const struct skb *s, u32 off, struct ends *e)
{
    be16 ports[2];
    if ((e->proto == IP_TCP || e->proto == IP_UDP) && !skb_read(s, off, ports, sizeof(ports))) {
        e->sport = ports[0];
        e->dport = ports[1];
    }
}

/* The IP header at off, and the ports behind it; *end: where it ends. False: there is none. */
static bool read_ends(const struct skb *s, u32 off, struct ends *e, u32 *end)
{
    union {
        struct ip4_hdr v4;
        struct ip6_hdr v6;
    } h;
    bool fragment = false;

    *e = (struct ends){.proto = 0};
    if (skb_read(s, off, &h, IP4_HLEN))
        return false;
    if (h.v4.ver_ihl >> 4 == 4 && (h.v4.ver_ihl & 15) >= 5) {
        e->src = addr_of4(h.v4.src);
        e->dst = addr_of4(h.v4.dst);
        e->proto = h.v4.proto;
        fragment = be16_get(h.v4.frag) & (IP4_MF | IP4_OFFSET);
        *end = off + (h.v4.ver_ihl & 15) * 4u;
    } else if (h.v4.ver_ihl >> 4 == 6 && !skb_read(s, off, &h, IP6_HLEN)) {
        e->src = h.v6.src;
        e->dst = h.v6.dst;
        e->label = be32_get(h.v6.ver_class_flow) & LABEL_MASK;
        e->proto = h.v6.next;
        *end = off + IP6_HLEN;
        if (!skip_extensions(s, end, &e->proto, &fragment))
            fragment = true;
    } else {
        return false;
    }
    if (!fragment)
        read_ports(s, *end, e);
    return true;
}

/* Of what this machine sends, or who is asked about, the flow is all that is known. */
static u32 outer_ends(const struct fib_flow *f, struct ends *e)
{
    u32 end = 0;
    if (!f->skb || !read_ends(f->skb, skb_at(f->skb, f->skb->l3), e, &end))
        *e = (struct ends){f->src, f->dst, f->sport, f->dport, 0, f->proto};
    return end;
}

/* Does it quote a packet? Linux: icmp_is_err, icmpv6_is_err. */
static bool quotes(u8 type, const struct ip_family *f)
{
    if (f == &ip_v6)
        return type >= ICMP6_UNREACH && type <= ICMP6_PARAM;
    return type == ICMP_UNREACH || type == ICMP_QUENCH || type == ICMP_REDIRECT || type == ICMP_TIME_EXCEEDED ||
           type == ICMP_PARAM;
}

/* An ICMP error's are those of the packet that it quotes. */
static void quoted_ends(const struct skb *s, u32 end, const struct ip_family *f, struct ends *e)
{
    struct ends quoted;
    u8 type;
    u32 inner;
    if (e->proto != f->icmp || !end || skb_read(s, end, &type, 1) || !quotes(type, f))
        return;
    if (read_ends(s, end + ICMP_HLEN, &quoted, &inner) && ip_family_of(&quoted.src) == f)
        *e = quoted;
}

/* What is in a tunnel whose outer IP header ends at `end`. */
static bool inner_ends(const struct skb *s, u32 end, u8 proto, struct ends *e)
{
    u8 gre[4];
    u32 inner;
    if (!s || !end)
        return false;
    if (proto == IP_GRE) { /* RFC 2784, RFC 2890: checksum, key and number are 4 bytes each */
        if (skb_read(s, end, gre, sizeof(gre)) || (gre[1] & 7))
            return false;
        u16 type = load_be16(gre + 2);
        if (type != ETH_IP4 && type != ETH_IP6)
            return false;
        end += 4 + 4u * ((gre[0] >> 7 & 1) + (gre[0] >> 5 & 1) + (gre[0] >> 4 & 1));
    } else if (proto != IP_IPIP && proto != IP_IPV6) {
        return false;
    }
    return read_ends(s, end, e, &inner);
}

/* ---- the hash ---- */

struct part {
    struct ipaddr low, high;
    u32 label;
    u16 low_port, high_port;
    u8 proto, unused[7];
};
static_assert(sizeof(struct part) == 48, "hashed without holes");

static void take_fields(struct part *p, const struct ends *e, u32 fields)
{
    static const struct ipaddr none = {{0}};
    const struct ipaddr *src = fields & SRC ? &e->src : &none, *dst = fields & DST ? &e->dst : &none;
    u16 sport = fields & SPORT ? e->sport.raw : 0, dport = fields & DPORT ? e->dport.raw : 0;
    int order = memcmp(src, dst, sizeof(*src));
    bool swap = order > 0 || (!order && sport > dport); /* both directions alike */
    *p = (struct part){.low = swap ? *dst : *src,
                       .high = swap ? *src : *dst,
                       .label = fields & LABEL ? e->label : 0,
                       .low_port = swap ? dport : sport,
                       .high_port = swap ? sport : dport,
                       .proto = fields & PROTO ? e->proto : 0};
}

static u32 hash_one(const struct hash_key *key, const struct ends *e, u32 fields)
{
    struct part p;
    take_fields(&p, e, fields);
    return (u32)siphash13_fixed(key, &p, sizeof(p));
}

static u32 fields_l3(const struct ends *e)
{
    return ipaddr_is4(&e->src) ? FIELDS_L3 : FIELDS_L36;
}

static u32 hash_custom(const struct multipath_net *mn, u32 fields, const struct ends *outer, const struct skb *s,
                       u32 end)
{
    struct part p[2];
    struct ends inner;
    memset(p, 0, sizeof(p));
    take_fields(&p[0], outer, fields);
    if (fields >> INNER_SHIFT && inner_ends(s, end, outer->proto, &inner))
        take_fields(&p[1], &inner, fields >> INNER_SHIFT);
    return (u32)siphash13_fixed(&mn->key, p, sizeof(p));
}

u32 multipath_hash(struct net *net, enum ip_index family, const struct fib_flow *f)
{
    const struct multipath_net *mn = multipath(net);
    struct ends e, inner;
    u32 end = outer_ends(f, &e), policy = load_relaxed(&mn->policy[family]);

    if (policy == MULTIPATH_CUSTOM)
        return hash_custom(mn, load_relaxed(&mn->fields[family]), &e, f->skb, end);
    if (policy == MULTIPATH_INNER && inner_ends(f->skb, end, e.proto, &inner))
        return hash_one(&mn->key, &inner, fields_l3(&inner));
    if (f->skb)
        quoted_ends(f->skb, end, ip_family(family), &e);
    return hash_one(&mn->key, &e, policy == MULTIPATH_L4 ? FIELDS_L4 : fields_l3(&e));
}

/* ---- the hop ---- */

/* Linux: fib_good_nh. A gateway that nobody has asked for is taken to be there. */
static bool answers(const struct hop *h)
{
    const struct neigh *n = h->has_via ? load_acquire(&h->neigh) : NULL;
    if (h->has_via && (!n || load_relaxed(&n->out)))
        n = neigh_find(h->dev, &h->via);
    return !n || (load_relaxed(&n->state) & NUD_KNOWN);
}

/* The one of the hash, or one behind it, whose gateway answers; else the first that does; NULL: none. */
static const struct hop *hop_that_answers(const struct route *r, u32 hash)
{
    const struct hop *first = NULL;
    for (u32 i = 0; i < r->hops; i++) {
        const struct hop *h = &r->hop[i];
        if (!hop_lives(h) || !answers(h))
            continue;
        if (hash >> 1 < load_relaxed(&h->upper))
            return h;
        first = first ? first : h;
    }
    return first;
}

const struct hop *multipath_hop_slow(struct net *net, const struct route *r, const struct fib_flow *f)
{
    enum ip_index family = (enum ip_index)r->key.family;
    u32 hash = multipath_hash(net, family, f);
    const struct hop *h =
        family == IP_V4 && load_relaxed(&multipath(net)->use_neigh) ? hop_that_answers(r, hash) : NULL;
    return h ? h : route_hop(r, hash);
}

/* ---- switches ---- */

#define FIELDS_HELP "of policy 3: 1 source, 2 destination, 4 protocol, 8 flow label, 16 and 32 ports; times 64: inner"

SYSCTL(hash_policy4, .name = "net.ipv4.fib_multipath_hash_policy",
       SYSCTL_NET(multipath_net, struct multipath_net, policy[IP_V4]), .high = 3,
       .help = "what tells flows apart: 0 addresses, 1 ports too, 2 inner addresses, 3 by fib_multipath_hash_fields");
SYSCTL(hash_policy6, .name = "net.ipv6.fib_multipath_hash_policy",
       SYSCTL_NET(multipath_net, struct multipath_net, policy[IP_V6]), .high = 3,
       .help = "what tells flows apart: 0 addresses, 1 ports too, 2 inner addresses, 3 by fib_multipath_hash_fields");
SYSCTL(hash_fields4, .name = "net.ipv4.fib_multipath_hash_fields",
       SYSCTL_NET(multipath_net, struct multipath_net, fields[IP_V4]), .low = 1, .high = ALL_FIELDS, .def = 7,
       .help = FIELDS_HELP);
SYSCTL(hash_fields6, .name = "net.ipv6.fib_multipath_hash_fields",
       SYSCTL_NET(multipath_net, struct multipath_net, fields[IP_V6]), .low = 1, .high = ALL_FIELDS, .def = 7,
       .help = FIELDS_HELP);
SYSCTL(hash_seed, .name = "net.ipv4.fib_multipath_hash_seed", SYSCTL_NET(multipath_net, struct multipath_net, seed),
       .high = UINT32_MAX, .changed = seed_changed, .help = "machines with one seed choose alike; 0: a random one");
SYSCTL(use_neigh, .name = "net.ipv4.fib_multipath_use_neigh",
       SYSCTL_NET(multipath_net, struct multipath_net, use_neigh), .high = 1,
       .help = "1: hops whose gateway does not answer are passed over");

/* ICMP errors that come in: whose packet each is about, and what it says of it (RFC 792, RFC 4443, RFC 1122 3.2.2).
 *
 * An error quotes the packet: its IP header, IPv6's extension headers, and at least 8 bytes more. The quoted source
 * must be an address of this machine, or the error is somebody else's and is dropped: what is quoted is all that a
 * stranger has to guess, so upper protocols look closer (ports, numbers). A router that says that a packet was too big
 * and not what would do is taken to mean the next plateau below it (RFC 1191 7.1).
 */
#include "net/ip/icmp.h"

#include "lib/stats.h"
#include "lib/string.h"
#include "net/ip/header.h"
#include "net/ip/pmtu.h"
#include "net/skb/drop.h"

COUNTER(icmp_in_unreachs, "Icmp.InDestUnreachs", "errors that came in: a destination is not reached");
COUNTER(icmp_in_times, "Icmp.InTimeExcds", "errors that came in: hops or time used up");
COUNTER(icmp_in_params, "Icmp.InParmProbs", "errors that came in: a header that cannot be");
COUNTER(icmp6_in_unreachs, "Icmp6.InDestUnreachs", "errors that came in: a destination is not reached");
COUNTER(icmp6_in_too_bigs, "Icmp6.InPktTooBigs", "errors that came in: longer than the MTU");
COUNTER(icmp6_in_times, "Icmp6.InTimeExcds", "errors that came in: hops or time used up");
COUNTER(icmp6_in_params, "Icmp6.InParmProblems", "errors that came in: a header that cannot be");

#define QUOTED      128u /* bytes behind the IP headers that upper protocols are shown */
#define EXTENSIONS  8u   /* extension headers that are walked over */
#define FRAG_NEEDED 4u   /* a code of IPv4's unreachable */

struct meaning {
    int err;
    bool hard;
};

/* By code; Linux: icmp_err_convert. */
static const struct meaning unreach4[] = {
    {-ENETUNREACH, false},  {-EHOSTUNREACH, false}, {-ENOPROTOOPT, true},  {-ECONNREFUSED, true},
    {-EMSGSIZE, false},     {-EOPNOTSUPP, false},   {-ENETUNREACH, true},  {-EHOSTDOWN, true},
    {-ENONET, true},        {-ENETUNREACH, true},   {-EHOSTUNREACH, true}, {-ENETUNREACH, false},
    {-EHOSTUNREACH, false}, {-EHOSTUNREACH, true},  {-EHOSTUNREACH, true}, {-EHOSTUNREACH, true},
};
static const struct meaning unreach6[] = {
    {-ENETUNREACH, false}, {-EACCES, true}, {-EHOSTUNREACH, false}, {-EHOSTUNREACH, false},
    {-ECONNREFUSED, true}, {-EACCES, true}, {-EACCES, true},
};

bool icmp_is_error(u8 type, const struct ip_family *f)
{
    if (f == &ip_v6)
        return type >= ICMP6_UNREACH && type <= ICMP6_PARAM;
    return type == ICMP_UNREACH || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAM;
}

static struct meaning by_code(const struct meaning *m, u32 n, u8 code)
{
    return code < n ? m[code] : (struct meaning){-EPROTO, true};
}

static struct meaning means4(struct net *net, struct ip_error *e, const struct icmp_hdr *h)
{
    if (e->type == ICMP_TIME_EXCEEDED) {
        count(net, icmp_in_times);
        return (struct meaning){-EHOSTUNREACH, false};
    }
    if (e->type == ICMP_PARAM) {
        count(net, icmp_in_params);
        return (struct meaning){-EPROTO, true};
    }
    count(net, icmp_in_unreachs);
    if (e->code == FRAG_NEEDED) /* RFC 1191 4 */
        e->info = be16_get(h->seq) ? be16_get(h->seq) : pmtu_plateau(e->length);
    return by_code(unreach4, ARRAY_LEN(unreach4), e->code);
}

static struct meaning means6(struct net *net, struct ip_error *e, const struct icmp_hdr *h)
{
    switch (e->type) {
    case ICMP6_UNREACH: count(net, icmp6_in_unreachs); return by_code(unreach6, ARRAY_LEN(unreach6), e->code);
    case ICMP6_TOO_BIG:
        count(net, icmp6_in_too_bigs);
        e->info = load_be32(&h->id);
        return (struct meaning){-EMSGSIZE, false};
    case ICMP6_TIME_EXCEEDED: count(net, icmp6_in_times); return (struct meaning){-EHOSTUNREACH, false};
    default: count(net, icmp6_in_params); return (struct meaning){-EPROTO, true};
    }
}

/* Over the quoted IPv6 header's extensions: where the protocol's own begins; 0: it is not there. */
static u32 behind_extensions(struct skb *s, u32 at, u8 *next)
{
    at += IP6_HLEN;
    for (u32 i = 0; i < EXTENSIONS; i++) {
        const u8 *h;
        if (*next != IP_HOPOPTS && *next != IP_ROUTING && *next != IP_DSTOPTS && *next != IP_FRAGMENT)
            return at;
        if (!(h = skb_need(s, at, 8)))
            return 0;
        if (*next == IP_FRAGMENT && (load_be16(h + 2) & ~7u)) /* not the first of them: no header follows */
            return 0;
        at += *next == IP_FRAGMENT ? 8 : 8 * (h[1] + 1u);
        *next = h[0];
    }
    return 0;
}

u32 icmp_quoted(struct skb *s, u32 at, struct ip_error *e)
{
    if (e->f == &ip_v6) {
        const struct ip6_hdr *h = skb_need(s, at, IP6_HLEN);
        if (!h || be32_get(h->ver_class_flow) >> 28 != 6)
            return 0;
        e->src = h->src;
        e->dst = h->dst;
        e->proto = h->next;
        e->length = be16_get(h->payload) + IP6_HLEN;
        return behind_extensions(s, at, &e->proto);
    }
    const struct ip4_hdr *h = skb_need(s, at, IP4_HLEN);
    if (!h || h->ver_ihl >> 4 != 4 || (h->ver_ihl & 15) < 5 || (be16_get(h->frag) & IP4_OFFSET))
        return 0;
    e->src = addr_of4(h->src);
    e->dst = addr_of4(h->dst);
    e->proto = h->proto;
    e->length = be16_get(h->len);
    return at + (h->ver_ihl & 15) * 4u;
}

static void tell(struct net *net, const struct ip_error *e)
{
    SET_FOREACH(l4, const struct l4, p)
        if (p->proto == e->proto && p->error)
            p->error(net, e);
    SET_FOREACH(ip_look, const struct ip_look, l)
        l->error(net, e);
}

void icmp_error_rx(struct netdev *dev, struct skb *s, const struct ip_family *f)
{
    struct net *net = dev_net(dev);
    u32 at = skb_at(s, s->l4);
    const struct icmp_hdr *h = skb_need(s, at, ICMP_HLEN);
    struct ip_error e = {.f = f, .by = ip_addr(ip_src_key(s, f), f), .hops = ip_hops(s, f), .index = dev->port.index};

    if (!h) {
        skb_drop(s, DROP_L4_HEADER);
        return;
    }
    const struct icmp_hdr head = *h; /* which moves where more is needed */
    u32 l4 = icmp_quoted(s, at + ICMP_HLEN, &e);
    e.len = l4 && l4 < s->len ? min(s->len - l4, QUOTED) : 0;
    e.l4 = e.len >= IP_ERROR_LEAST ? skb_need(s, l4, e.len) : NULL;
    e.type = head.type;
    e.code = head.code;
    struct meaning m = f == &ip_v4 ? means4(net, &e, &head) : means6(net, &e, &head);
    e.err = m.err;
    e.hard = m.hard;
    if (!e.l4 || !ip_is_local(net, &e.src) || (e.err == -EMSGSIZE && !pmtu_wanted(net, &e))) {
        skb_drop(s, DROP_ICMP_TYPE);
        return;
    }
    tell(net, &e);
    skb_free(s);
}

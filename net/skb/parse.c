/* The walk over the headers (contract: parse.h): eth, then ip4 or ip6 or arp, then l4. Each step makes its bytes safe,
 * notes what it found, and hands on where the next header is, `at` bytes behind data.
 *
 * Bounds: 2 VLAN tags (802.1ad), 8 extension headers of 2048 bytes together at most (what a linear part
 * holds): a chain that is longer is no honest packet's.
 */
#include "net/skb/parse.h"

#include "net/wire/arp.h"
#include "net/wire/icmp.h"
#include "net/wire/ip6.h"
#include "net/wire/tcp.h"
#include "net/wire/udp.h"

#define TAGS_MOST 4
#define EXTS_MOST 8

static u16 offset(const struct skb *s, u32 at)
{
    return (u16)(skb_off(s) + at);
}

/* ---- l4: `len` bytes of it are in the packet ---- */

static enum drop_reason parse_tcp(struct skb *s, u32 at, u32 len)
{
    const struct tcp_hdr *h = skb_need(s, at, TCP_HLEN);
    if (!h || !tcp_ok(h, len) || !skb_need(s, at, tcp_hlen(h)))
        return DROP_L4_HEADER;
    s->has |= SKB_TCP;
    return DROP_NOT;
}

static enum drop_reason parse_udp(struct skb *s, u32 at, u32 len)
{
    const struct udp_hdr *h = skb_need(s, at, UDP_HLEN);
    /* Of a fragment the rest is elsewhere; a datagram that is yet to be cut says the length of its first part. */
    if (!h || !udp_ok(h, s->has & SKB_FRAGMENT ? 0xffff : len))
        return DROP_L4_HEADER;
    s->has |= SKB_UDP;
    return DROP_NOT;
}

static enum drop_reason parse_l4(struct skb *s, u32 at, u32 len, u8 proto)
{
    if (s->has & SKB_LATER)
        return DROP_NOT;
    s->l4 = offset(s, at);
    s->has |= SKB_L4;
    switch (proto) {
    case IP_TCP: return len < TCP_HLEN ? DROP_L4_HEADER : parse_tcp(s, at, len);
    case IP_UDP: return len < UDP_HLEN ? DROP_L4_HEADER : parse_udp(s, at, len);
    case IP_ICMP:
    case IP_ICMP6:
        if (len < ICMP_HLEN || !skb_need(s, at, ICMP_HLEN))
            return DROP_L4_HEADER;
        s->has |= proto == IP_ICMP ? SKB_ICMP : SKB_ICMP6;
    }
    return DROP_NOT;
}

/* ---- l3 ---- */

/* RFC 791 3.1: kind, and but for the two of one byte a length that counts both. */
static enum drop_reason parse_ip4_options(struct skb *s, const u8 *p, u32 n)
{
    s->has |= SKB_IP_OPTS;
    for (u32 at = 0; at < n && p[at] != 0;) {
        if (p[at] == 1) {
            at++;
            continue;
        }
        if (n - at < 2 || p[at + 1] < 2 || p[at + 1] > n - at)
            return DROP_IP_HEADER;
        if (p[at] == 148)
            s->has |= SKB_ROUTER;
        if (p[at] == 131 || p[at] == 137)
            s->has |= SKB_ROUTE_HDR;
        at += p[at + 1];
    }
    return DROP_NOT;
}

static enum drop_reason parse_ip4(struct skb *s, u32 at)
{
    const struct ip4_hdr *h = skb_need(s, at, IP4_HLEN);
    if (!h)
        return DROP_IP_HEADER;
    if (h->ver_ihl >> 4 != 4 || ip4_hlen(h) < IP4_HLEN)
        return DROP_IP_HEADER;
    if (!ip4_ok(h, s->len - at))
        return DROP_IP_LENGTH;
    u32 hlen = ip4_hlen(h), len = be16_get(h->len) - hlen, frag = be16_get(h->frag);
    s->l3 = offset(s, at);
    s->has |= SKB_IP4;
    s->l4_proto = h->proto;
    if (hlen > IP4_HLEN) {
        h = skb_need(s, at, hlen);
        enum drop_reason why = h ? parse_ip4_options(s, (const u8 *)(h + 1), hlen - IP4_HLEN) : DROP_IP_HEADER;
        if (why)
            return why;
    }
    if (frag & IP4_FRAGMENT)
        s->has |= frag & IP4_OFFSET ? SKB_FRAGMENT | SKB_LATER : SKB_FRAGMENT;
    if ((frag & IP4_OFFSET) * 8 + len > 0xffff)
        return DROP_FRAG_RANGE;
    return parse_l4(s, at + hlen, len, s->l4_proto);
}

/* RFC 8200 4.5: what follows the fragment header is the first header of the part that was cut. */
static enum drop_reason parse_ip6_frag(struct skb *s, u32 at, u32 len, u8 *next)
{
    const struct ip6_frag *f = skb_need(s, at, sizeof(*f));
    if (!f)
        return DROP_IP6_EXT;
    u32 frag = be16_get(f->at), behind = len - (u32)sizeof(*f);
    if (s->has & SKB_FRAGMENT)
        return DROP_IP6_EXT;
    s->has |= SKB_FRAGMENT;
    if (frag & IP6_FRAG_OFFSET)
        s->has |= SKB_LATER;
    if ((frag & IP6_FRAG_OFFSET) + behind > 0xffff)
        return DROP_FRAG_RANGE;
    *next = f->next;
    return DROP_NOT;
}

static void note_ip6_ext(struct skb *s, u32 at, u8 kind, u32 hlen)
{
    s->has |= SKB_IP_OPTS;
    if (kind == IP_ROUTING)
        s->has |= SKB_ROUTE_HDR;
    if (kind != IP_HOPOPTS)
        return;
    const u8 *p = skb_need(s, at, hlen);
    if (!p)
        return;
    for (u32 i = 2; i + 1 < hlen; i += p[i] ? p[i + 1] + 2u : 1u)
        if (p[i] == 5) /* RFC 2711 */
            s->has |= SKB_ROUTER;
}

/* From the first extension header to what is none: *at and *len move on, s->l4_proto says what it is. */
static enum drop_reason parse_ip6_exts(struct skb *s, u32 *at, u32 *len, u8 next)
{
    for (unsigned n = 0; n <= EXTS_MOST; n++) {
        const struct ip6_ext *e;
        u8 kind = next;
        u32 hlen;
        s->l4_proto = next;
        if (n == EXTS_MOST && (kind == IP_FRAGMENT || ip6_is_ext(kind)))
            break;
        if (kind == IP_FRAGMENT) {
            hlen = sizeof(struct ip6_frag);
            enum drop_reason why = *len < hlen ? DROP_IP6_EXT : parse_ip6_frag(s, *at, *len, &next);
            if (why)
                return why;
        } else if (ip6_is_ext(kind) && !(s->has & SKB_LATER)) {
            if (*len < 8 || !(e = skb_need(s, *at, 8)))
                return DROP_IP6_EXT;
            hlen = ip6_ext_len(e, kind);
            next = e->next;
            if (hlen > *len || !skb_need(s, *at, hlen))
                return DROP_IP6_EXT;
            if (kind != IP_AH)
                note_ip6_ext(s, *at, kind, hlen);
        } else {
            return DROP_NOT;
        }
        *at += hlen;
        *len -= hlen;
    }
    return DROP_IP6_EXT;
}

static enum drop_reason parse_ip6(struct skb *s, u32 at)
{
    const struct ip6_hdr *h = skb_need(s, at, IP6_HLEN);
    if (!h || be32_get(h->ver_class_flow) >> 28 != 6)
        return DROP_IP_HEADER;
    if (!ip6_ok(h, s->len - at))
        return DROP_IP_LENGTH;
    u32 len = be16_get(h->payload);
    s->l3 = offset(s, at);
    s->has |= SKB_IP6;
    if (ipaddr_is4(&h->src) || ipaddr_is4(&h->dst))
        return DROP_V4MAPPED;
    at += IP6_HLEN;
    enum drop_reason why = parse_ip6_exts(s, &at, &len, h->next);
    return why ? why : parse_l4(s, at, len, s->l4_proto);
}

/* ---- l2 ---- */

enum drop_reason skb_parse(struct skb *s)
{
    s->has = SKB_PARSED;
    s->l2 = offset(s, 0);
    const struct eth_hdr *e = skb_need(s, 0, ETH_HLEN);
    if (!e)
        return DROP_ETH_SHORT;
    u32 at = ETH_HLEN;
    u16 type = be16_get(e->type);
    for (unsigned tags = 0; eth_is_vlan(type) && tags < TAGS_MOST; tags++) {
        const struct vlan_hdr *v = skb_need(s, at, VLAN_HLEN);
        if (!v)
            return DROP_VLAN_SHORT;
        s->has |= SKB_TAGGED;
        type = be16_get(v->type);
        at += VLAN_HLEN;
    }
    s->type = type;
    s->l3 = offset(s, at);
    switch (type) {
    case ETH_IP4: return parse_ip4(s, at);
    case ETH_IP6: return parse_ip6(s, at);
    case ETH_ARP: {
        const struct arp_hdr *a = skb_need(s, at, sizeof(*a));
        if (!a || !arp_ok(a, s->len - at))
            return DROP_ARP_HEADER;
        s->has |= SKB_ARP;
    }
    }
    return DROP_NOT;
}

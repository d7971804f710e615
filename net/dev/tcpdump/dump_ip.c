/* IPv4, IPv6 and their extension headers as text, and who prints what they carry.
 *
 * Addresses are printed with the ports of TCP and UDP, by those; for all others before them. A length that the packet
 * says of itself and that is not there on the wire is "truncated-ip"; what is behind its end (Ethernet's padding) is
 * not looked at. A length of 0 is that of a large packet which is yet to be cut.
 */
#include "lib/csum.h"
#include "lib/string.h"
#include "net/dev/tcpdump/dump.h"
#include "net/wire/eth.h"
#include "net/wire/ip6.h"

/* ---- ends and sums ---- */

void dump_ends(struct dump *d, const struct dump_ends *e)
{
    dump_text(d, "%pI > %pI: ", &e->src, &e->dst);
}

void dump_ends_ports(struct dump *d, const struct dump_ends *e, u16 sport, u16 dport)
{
    if (e->direct)
        dump_text(d, "%pI.%u > %pI.%u: ", &e->src, sport, &e->dst, dport);
    else
        dump_text(d, "%u > %u: ", sport, dport);
}

u16 dump_checksum(const struct dump_ends *e, const u8 *p, u32 n)
{
    u8 tail[8] = {0};
    u32 from = e->v6 ? 0 : 12;
    store_be32(tail, n);
    tail[7] = e->proto;
    u32 sum = csum_add(csum_bytes(tail, 8), csum_bytes(p, n));
    sum = csum_add(sum, csum_bytes(e->src.b + from, 16 - from));
    return be16_get(csum_fold(csum_add(sum, csum_bytes(e->dst.b + from, 16 - from))));
}

static const char *proto_name(u8 proto)
{
    switch (proto) {
    case IP_HOPOPTS: return "Options";
    case IP_ICMP: return "ICMP";
    case IP_IGMP: return "IGMP";
    case IP_IPIP: return "IPIP";
    case IP_TCP: return "TCP";
    case IP_UDP: return "UDP";
    case IP_IPV6: return "IPv6";
    case IP_ROUTING: return "Routing";
    case IP_FRAGMENT: return "Fragment";
    case IP_GRE: return "GRE";
    case IP_ESP: return "ESP";
    case IP_AH: return "AH";
    case IP_ICMP6: return "ICMPv6";
    case IP_OSPF: return "OSPF";
    case IP_PIM: return "PIM";
    case IP_VRRP: return "VRRP";
    case IP_SCTP: return "SCTP";
    default: return "unknown";
    }
}

/* ---- what IP carries ---- */

static void esp(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 0, 8);
    if (p)
        dump_text(d, "ESP(spi=0x%08x,seq=0x%x), length %u", load_be32(p), load_be32(p + 4), s->len);
    else
        dump_text(d, " [|esp]");
}

static void authenticated(struct dump *d, const struct dump_ends *e, const struct span *s);

static void carried(struct dump *d, const struct dump_ends *e, const struct span *s)
{
    switch (e->proto) {
    case IP_TCP: dump_tcp(d, e, s); break;
    case IP_UDP: dump_udp(d, e, s); break;
    case IP_ICMP: dump_icmp(d, s); break;
    case IP_ICMP6: dump_icmp6(d, e, s); break;
    case IP_IGMP: dump_igmp(d, s); break;
    case IP_ESP: esp(d, s); break;
    case IP_AH: authenticated(d, e, s); break;
    case IP_IPIP: dump_inner(d, ETH_IP4, s); break;
    case IP_IPV6: dump_inner(d, ETH_IP6, s); break;
    case IP_GRE: dump_gre(d, s); break;
    case IP_SCTP: dump_sctp(d, e, s); break;
    case IP_OSPF: dump_ospf(d, s); break;
    case IP_PIM: dump_pim(d, e, s); break;
    case IP_VRRP: dump_vrrp(d, e, s); break;
    case IP_NONE: dump_text(d, "no next header"); break;
    default: dump_text(d, " ip-proto-%u %u", e->proto, s->len);
    }
}

/* IPv4's; IPv6's is one of its extension headers. */
static void authenticated(struct dump *d, const struct dump_ends *e, const struct span *s)
{
    struct dump_ends behind = *e;
    u32 len = dump_ah(d, s);
    if (!len || !dump_enter(d))
        return;
    struct span in = span_behind(s, len);
    behind.proto = s->p[0];
    behind.direct = false;
    carried(d, &behind, &in);
    dump_leave(d);
}

static bool prints_ends(u8 proto)
{
    return proto == IP_TCP || proto == IP_UDP || proto == IP_SCTP;
}

/* ---- IPv4 ---- */

static void options4(struct dump *d, const u8 *p, u32 n)
{
    static const struct {
        u8 type;
        const char *name;
    } names[] = {{0, "EOL"}, {1, "NOP"}, {7, "RR"}, {68, "timestamp"}, {131, "LSRR"}, {137, "SSRR"}, {148, "RA"}};
    dump_text(d, ", options (");
    for (u32 at = 0, len; at < n; at += len) {
        const char *name = "unknown";
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
            name = names[i].type == p[at] ? names[i].name : name;
        len = p[at] <= 1 ? 1 : at + 1 < n ? p[at + 1] : 0;
        dump_text(d, at ? ",%s" : "%s", name);
        if (!len || len > n - at || (p[at] > 1 && len < 2)) {
            dump_text(d, " [bad length %u]", len);
            break;
        }
        if (!p[at])
            break;
    }
    dump_text(d, ")");
}

static void header4(struct dump *d, const struct ip4_hdr *h, const struct span *s)
{
    static const char *const ecn[] = {"", ",ECT(1)", ",ECT(0)", ",CE"};
    static const char *const flags[] = {"+", "DF", "rsvd"};
    u32 hlen = ip4_hlen(h), frag = be16_get(h->frag);
    dump_text(d, "(tos 0x%x%s, ttl %u, id %u, offset %u, flags [", h->tos, ecn[h->tos & IP_ECN], h->ttl,
              be16_get(h->id), (frag & IP4_OFFSET) * 8);
    dump_bits(d, frag >> 13, flags, 3, ", ");
    dump_text(d, "], proto %s (%u), length %u", proto_name(h->proto), h->proto, be16_get(h->len));
    if (hlen > IP4_HLEN && span_need(s, IP4_HLEN, hlen - IP4_HLEN))
        options4(d, s->p + IP4_HLEN, hlen - IP4_HLEN);
    if (span_need(s, 0, hlen)) {
        u16 off = be16_get(csum_fold(csum_bytes(s->p, hlen))), was = be16_get(h->check);
        if (off)
            dump_text(d, ", bad cksum %x (->%x)!", was, dump_right(was, off));
    }
    dump_text(d, ")\n    ");
}

static void body4(struct dump *d, const struct ip4_hdr *h, const struct span *s)
{
    u32 frag = be16_get(h->frag);
    struct dump_ends e = {.src = ipaddr_of4(h->src[0], h->src[1], h->src[2], h->src[3]),
                          .dst = ipaddr_of4(h->dst[0], h->dst[1], h->dst[2], h->dst[3]),
                          .proto = h->proto,
                          .ttl = h->ttl,
                          .direct = true,
                          .fragment = frag & IP4_FRAGMENT};
    if (frag & IP4_OFFSET) {
        dump_ends(d, &e);
        dump_text(d, "ip-proto-%u", h->proto);
        return;
    }
    if (!prints_ends(h->proto))
        dump_ends(d, &e);
    carried(d, &e, s);
}

void dump_ip4(struct dump *d, struct span s)
{
    const u8 *first = span_need(&s, 0, 1);
    const struct ip4_hdr *h = (const struct ip4_hdr *)span_need(&s, 0, IP4_HLEN);
    bool named = !d->form.link || d->depth;
    if (first && *first >> 4 != 4) {
        dump_text(d, "IP%u (invalid)", *first >> 4);
        return;
    }
    if (!h) {
        dump_text(d, "%s [|ip]", first && !d->form.link ? "IP " : "");
        return;
    }
    u32 hlen = ip4_hlen(h), len = be16_get(h->len);
    dump_text(d, "%s", named && !d->form.link ? "IP " : "");
    if (hlen < IP4_HLEN) {
        dump_text(d, "bad-hlen %u", hlen);
        return;
    }
    if (len < hlen && len) {
        dump_text(d, "bad-len %u", len);
        return;
    }
    if (!len) /* a large packet on its way to be cut: as many bytes as there are */
        len = s.len;
    if (s.len < len)
        dump_text(d, "truncated-ip - %u bytes missing! ", len - s.len);
    s = span_first(&s, len);
    if (d->form.verbose)
        header4(d, h, &s);
    if (!span_need(&s, 0, hlen)) {
        dump_text(d, " [|ip]");
        return;
    }
    struct span body = span_behind(&s, hlen);
    body.len = len - hlen; /* as it says of itself */
    body4(d, h, &body);
}

/* ---- IPv6 ---- */

/* The options of a hop-by-hop or destination header, n bytes of it with its head (RFC 8200 4.2). */
static void options6(struct dump *d, const u8 *p, u32 n)
{
    for (u32 at = 2, len; at < n; at += len) {
        len = p[at] && at + 1 < n ? 2u + p[at + 1] : 1;
        if (len > n - at) {
            dump_text(d, "[trunc] ");
            return;
        }
        if (!p[at])
            dump_text(d, "(pad1) ");
        else if (p[at] == 1)
            dump_text(d, "(padn) ");
        else if (p[at] == 5 && len == 4)
            dump_text(d, "(rtalert: 0x%04x) ", load_be16(p + at + 2));
        else if (p[at] == 0xc2 && len == 6)
            dump_text(d, "(jumbo: %u) ", load_be32(p + at + 2));
        else
            dump_text(d, "(opt_type 0x%02x: len=%u) ", p[at], len - 2);
    }
}

/* One extension header, if there is one: what follows it, and its length; 0: there is none, or it is cut. */
static u32 extension(struct dump *d, struct dump_ends *e, const struct span *s, bool *cut)
{
    const struct ip6_ext *x = (const struct ip6_ext *)span_need(s, 0, 8);
    const struct ip6_frag *f = (const struct ip6_frag *)x;
    *cut = false;
    if (!ip6_is_ext(e->proto) && e->proto != IP_FRAGMENT)
        return 0;
    e->direct = false;
    if (e->proto == IP_AH) {
        u32 ah = dump_ah(d, s);
        *cut = !ah;
        e->proto = s->n ? s->p[0] : e->proto;
        return ah;
    }
    u32 len = x && e->proto != IP_FRAGMENT ? ip6_ext_len(x, e->proto) : 8;
    const char *name = e->proto == IP_HOPOPTS    ? "HBH"
                       : e->proto == IP_DSTOPTS  ? "DSTOPT"
                       : e->proto == IP_FRAGMENT ? "frag"
                                                 : "srcrt";
    dump_text(d, "%s ", name);
    if (!x || !span_need(s, 0, len)) {
        dump_text(d, "[|%s]", name);
        *cut = true;
        return 0;
    }
    if (e->proto == IP_FRAGMENT) {
        u32 at = be16_get(f->at) & IP6_FRAG_OFFSET;
        if (d->form.verbose)
            dump_text(d, "(0x%08x:%u|%u)", be32_get(f->id), at, s->len - 8);
        else
            dump_text(d, "(%u|%u)", at, s->len - 8);
        e->fragment = true;
        *cut = at; /* what follows is the middle of something */
        dump_text(d, "%s", at ? "" : " ");
    }
    if (d->form.verbose && (e->proto == IP_HOPOPTS || e->proto == IP_DSTOPTS))
        options6(d, s->p, len);
    e->proto = x->next;
    return len;
}

static void header6(struct dump *d, const struct ip6_hdr *h)
{
    u32 flow = be32_get(h->ver_class_flow) & IP6_FLOW;
    dump_text(d, "(");
    if (ip6_class(h))
        dump_text(d, "class 0x%02x, ", ip6_class(h));
    if (flow)
        dump_text(d, "flowlabel 0x%05x, ", flow);
    dump_text(d, "hlim %u, next-header %s (%u) payload length: %u) ", h->hops,
              h->next == IP_NONE || h->next == IP_DSTOPTS ? "unknown" : proto_name(h->next), h->next,
              be16_get(h->payload));
}

static void body6(struct dump *d, struct dump_ends *e, struct span s)
{
    bool cut;
    if (!prints_ends(e->proto))
        dump_ends(d, e);
    for (u32 len; (len = extension(d, e, &s, &cut)) && !cut;)
        s = span_behind(&s, len);
    if (!cut)
        carried(d, e, &s);
}

void dump_ip6(struct dump *d, struct span s)
{
    const struct ip6_hdr *h = (const struct ip6_hdr *)span_need(&s, 0, IP6_HLEN);
    if (!h) {
        dump_text(d, " [|ip6]");
        return;
    }
    u32 version = be32_get(h->ver_class_flow) >> 28, len = be16_get(h->payload);
    dump_text(d, "%s", d->form.link ? "" : "IP6 ");
    if (version != 6) {
        dump_text(d, "version error: %u != 6", version);
        return;
    }
    if (!len && h->next != IP_NONE) /* a large packet on its way to be cut */
        len = s.len - IP6_HLEN;
    if (s.len < len + IP6_HLEN)
        dump_text(d, "truncated-ip6 - %u bytes missing!", len + IP6_HLEN - s.len);
    if (d->form.verbose)
        header6(d, h);
    s = span_first(&s, len + IP6_HLEN);
    struct dump_ends e = {.src = h->src, .dst = h->dst, .proto = h->next, .ttl = h->hops, .v6 = true, .direct = true};
    struct span body = span_behind(&s, IP6_HLEN);
    body.len = len;
    body6(d, &e, body);
}

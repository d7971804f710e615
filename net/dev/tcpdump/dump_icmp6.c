/* ICMPv6 as text (RFC 4443), with neighbour discovery (RFC 4861) and multicast listeners (RFC 2710, RFC 3810).
 *
 * In the short form the length stands last; in the long one it stands behind the name, where options follow on lines of
 * their own. Options are of 8 bytes and multiples; one of none, or one that is cut, ends them.
 *
 * "multicast listener reportmax resp delay" lacks a blank in tcpdump too: what compares lines wants it so.
 */
#include "lib/string.h"
#include "net/dev/tcpdump/dump.h"
#include "net/wire/icmp.h"
#include "net/wire/ip6.h"

enum {
    MLD_QUERY = 130,
    MLD_REPORT,
    MLD_DONE,
    RTR_SOLICIT,
    RTR_ADVERT,
    NBR_SOLICIT,
    NBR_ADVERT,
    REDIRECT,
    MLD2_REPORT = 143
};

#define MLD2_QUERY_LEN 28u /* and more; a query of MLDv1 has 24 bytes */

static const struct ipaddr *address(const struct span *s, u32 at)
{
    return (const struct ipaddr *)span_need(s, at, 16);
}

/* Where the packet that an error is about went. */
static const struct ipaddr *quoted_dst(const struct span *s)
{
    return address(s, ICMP_HLEN + 24);
}

static void port_unreachable(struct dump *d, const struct span *s, const struct ipaddr *dst)
{
    u8 next = s->p[ICMP_HLEN + 6];
    const u8 *ports = span_need(s, ICMP_HLEN + IP6_HLEN, 4);
    if (ports && (next == IP_TCP || next == IP_UDP))
        dump_text(d, ", %pI %s port %u", dst, next == IP_TCP ? "tcp" : "udp", load_be16(ports + 2));
}

static void unreachable(struct dump *d, const struct span *s, u8 code)
{
    static const char *const why[] = {
        "unreachable route",          " unreachable prohibited", "beyond scope",
        "unreachable address",        "unreachable port",        "source address failed ingress/egress policy",
        "reject route to destination"};
    const struct ipaddr *dst = quoted_dst(s);
    dump_text(d, "destination unreachable, ");
    if (code < ARRAY_LEN(why))
        dump_text(d, "%s", why[code]);
    else
        dump_text(d, "unknown unreach code (%u)", code);
    if (dst && code == 4)
        port_unreachable(d, s, dst);
    else if (dst)
        dump_text(d, " %pI", dst);
}

/* ---- neighbour discovery ---- */

static void option(struct dump *d, const u8 *p, u32 n)
{
    static const char *const names[] = {NULL,          "source link-address", "destination link-address",
                                        "prefix info", "redirected header",   "mtu"};
    static const char *const flags[] = {"router", "auto", "onlink"};
    bool known = p[0] < ARRAY_LEN(names) && p[0];
    dump_text(d, "\n\t  %s option (%u), length %u (%u): ", known ? names[p[0]] : "unknown", p[0], n, p[1]);
    if ((p[0] == 1 || p[0] == 2) && n >= 8)
        dump_text(d, "%pM", p + 2);
    if (p[0] == 5 && n >= 8)
        dump_text(d, " %u", load_be32(p + 4));
    if (p[0] != 3 || n < 32)
        return;
    dump_text(d, "%pI/%u%s, Flags [", (const struct ipaddr *)(p + 16), p[2], p[2] > 128 ? " (invalid)" : "");
    if (p[3] & 0x80)
        dump_text(d, p[3] & 0x40 ? "onlink, " : "onlink");
    dump_bits(d, p[3] >> 5 & 3, flags, p[3] & 0x60 || !(p[3] & 0x80) ? 2 : 0, ", ");
    dump_text(d, "], valid time ");
    dump_text(d, load_be32(p + 4) == ~0u ? "infinity" : "%us", load_be32(p + 4));
    dump_text(d, ", pref. time ");
    dump_text(d, load_be32(p + 8) == ~0u ? "infinity" : "%us", load_be32(p + 8));
}

static void options(struct dump *d, const struct span *s, u32 at)
{
    for (u32 n; d->form.verbose && at < s->len; at += n) {
        const u8 *p = span_need(s, at, 2);
        n = p ? p[1] * 8u : 0;
        if (!n || !span_need(s, at, n)) {
            dump_text(d, " [|icmp6]");
            return;
        }
        option(d, p, n);
    }
}

/* The length stands before the rest in long form, behind it in the short one. */
static void length(struct dump *d, const struct span *s)
{
    if (d->form.verbose)
        dump_text(d, ", length %u", s->len);
}

static void router_advert(struct dump *d, const struct span *s)
{
    static const char *const preferences[] = {"medium", "high", "reserved", "low"};
    static const char *const flags[] = {"ndproxy", NULL, NULL, "home agent", "other stateful", "managed"};
    const u8 *p = span_need(s, 0, 16);
    dump_text(d, "router advertisement");
    length(d, s);
    if (!p) {
        dump_text(d, " [|icmp6]");
        return;
    }
    if (!d->form.verbose)
        return;
    dump_text(d, "\n\thop limit %u, Flags [", p[4]);
    dump_bits(d, (u32)(p[5] >> 2), flags, 6, ", ");
    dump_text(d, "], pref %s, router lifetime %us, reachable time %ums, retrans timer %ums", preferences[p[5] >> 3 & 3],
              load_be16(p + 6), load_be32(p + 8), load_be32(p + 12));
    options(d, s, 16);
}

static void neighbour(struct dump *d, const struct span *s, u8 type)
{
    static const char *const flags[] = {"override", "solicited", "router"};
    const struct ipaddr *target = address(s, 8);
    dump_text(d, type == NBR_SOLICIT ? "neighbor solicitation" : "neighbor advertisement");
    length(d, s);
    if (!target) {
        dump_text(d, " [|icmp6]");
        return;
    }
    dump_text(d, ", %s %pI", type == NBR_SOLICIT ? "who has" : "tgt is", target);
    if (type == NBR_ADVERT && d->form.verbose) {
        bool any = false;
        dump_text(d, ", Flags [");
        for (u32 i = 3; i--;)
            if (s->p[4] >> (5 + i) & 1) {
                dump_text(d, "%s%s", any ? ", " : "", flags[i]);
                any = true;
            }
        dump_text(d, "%s]", any ? "" : "none");
    }
    options(d, s, 24);
}

static void redirect(struct dump *d, const struct span *s)
{
    const struct ipaddr *target = address(s, 8), *dst = address(s, 24);
    dump_text(d, "redirect");
    length(d, s);
    if (dst)
        dump_text(d, ", %pI to %pI", dst, target);
    else
        dump_text(d, " [|icmp6]");
    if (dst)
        options(d, s, 40);
}

static void listener(struct dump *d, const struct span *s, u8 type)
{
    const struct ipaddr *group = address(s, 8);
    if (type == MLD_QUERY && s->len >= MLD2_QUERY_LEN) {
        dump_text(d, "multicast listener query");
        dump_mld2_query(d, s);
        return;
    }
    dump_text(d, "multicast listener %s", type == MLD_QUERY ? "query" : type == MLD_REPORT ? "report" : "done");
    if (group)
        dump_text(d, "max resp delay: %u addr: %pI", load_be16(s->p + 4), group);
    else
        dump_text(d, " [|icmp6]");
}

/* ---- all ---- */

/* True: its length is told already, in long form. */
static void print_kind(struct dump *d, const struct span *s, const struct icmp_hdr *h)
{
    u32 id = be16_get(h->id), seq = be16_get(h->seq), word = load_be32(s->p + 4);
    const struct ipaddr *dst = quoted_dst(s);
    switch (h->type) {
    case ICMP6_UNREACH: unreachable(d, s, h->code); break;
    case ICMP6_TOO_BIG: dump_text(d, "packet too big, mtu %u", word); break;
    case ICMP6_TIME_EXCEEDED:
        dump_text(d, "time exceeded %s", h->code ? "in-reassembly" : "in-transit");
        if (dst)
            dump_text(d, " for %pI", dst);
        break;
    case ICMP6_PARAM: dump_text(d, "parameter problem, code %u - octet %u", h->code, word); break;
    case ICMP6_ECHO: dump_text(d, "echo request, id %u, seq %u", id, seq); break;
    case ICMP6_ECHO_REPLY: dump_text(d, "echo reply, id %u, seq %u", id, seq); break;
    case MLD_QUERY:
    case MLD_REPORT:
    case MLD_DONE: listener(d, s, h->type); break;
    case MLD2_REPORT:
        dump_text(d, "multicast listener report v2");
        dump_group_records(d, s, word & 0xffff, true);
        break;
    case RTR_SOLICIT:
        dump_text(d, "router solicitation");
        length(d, s);
        options(d, s, 8);
        break;
    case RTR_ADVERT: router_advert(d, s); break;
    case NBR_SOLICIT:
    case NBR_ADVERT: neighbour(d, s, h->type); break;
    case REDIRECT: redirect(d, s); break;
    default: dump_text(d, "type-#%u, code %u", h->type, h->code); length(d, s);
    }
}

static void print_sum(struct dump *d, const struct dump_ends *e, const struct span *s, const struct icmp_hdr *h)
{
    if (!d->form.verbose || e->fragment || s->n < s->len || !e->v6)
        return;
    u16 was = be16_get(h->check), off = dump_checksum(e, s->p, s->len);
    if (off)
        dump_text(d, "[bad icmp6 cksum 0x%04x -> 0x%04x!] ", was, dump_right(was, off));
    else
        dump_text(d, "[icmp6 sum ok] ");
}

void dump_icmp6(struct dump *d, const struct dump_ends *e, const struct span *s)
{
    const struct icmp_hdr *h = (const struct icmp_hdr *)span_need(s, 0, ICMP_HLEN);
    if (!h) {
        dump_text(d, "ICMP6 [|icmp6]");
        return;
    }
    print_sum(d, e, s, h);
    dump_text(d, "ICMP6, ");
    print_kind(d, s, h);
    bool cut = h->type >= RTR_ADVERT && h->type <= REDIRECT &&
               !address(s, h->type == REDIRECT     ? 24
                           : h->type == RTR_ADVERT ? 0
                                                   : 8);
    if (!d->form.verbose && !cut)
        dump_text(d, ", length %u", s->len);
}

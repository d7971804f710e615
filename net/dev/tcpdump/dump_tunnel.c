/* Packets within packets as text: GRE (RFC 2784, 2890; with PPP, RFC 2637), VXLAN (RFC 7348), MPLS (RFC 3032), AH
 * (RFC 4302), and the bound on how deep it is looked.
 *
 * What is inside is printed as if it had come by itself: behind GRE and MPLS on the same line, or in the long form on
 * one of its own; behind VXLAN always on a line of its own, since it is a whole frame.
 */
#include "net/dev/tcpdump/dump.h"
#include "net/wire/eth.h"

#define TEB 0x6558 /* an Ethernet frame within GRE */
#define PPP 0x880b

bool dump_enter(struct dump *d)
{
    if (d->depth >= DUMP_DEPTH) {
        dump_text(d, "more packets within packets than are printed");
        return false;
    }
    d->depth++;
    return true;
}

void dump_leave(struct dump *d)
{
    d->depth--;
}

void dump_inner(struct dump *d, u16 type, const struct span *s)
{
    if (!dump_enter(d))
        return;
    if (type == TEB)
        dump_frame(d, s);
    else if (type == PPP)
        dump_ppp(d, s);
    else if (!dump_ether(d, type, s))
        dump_text(d, "gre-proto-0x%x", type);
    dump_leave(d);
}

/* ---- GRE ---- */

#define GRE_SUM     0x8000u
#define GRE_ROUTING 0x4000u
#define GRE_KEY     0x2000u
#define GRE_SEQ     0x1000u
#define GRE_ACK     0x0080u

static void gre_flags(struct dump *d, u32 flags)
{
    static const struct {
        u32 bit;
        const char *name;
    } names[] = {{GRE_SUM, "checksum present"},  {GRE_ROUTING, "routing present"},   {GRE_KEY, "key present"},
                 {GRE_SEQ, "sequence# present"}, {0x0800, "source routing present"}, {GRE_ACK, "ack present"}};
    bool any = false;
    dump_text(d, ", Flags [");
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (flags & names[i].bit) {
            dump_text(d, "%s%s", any ? ", " : "", names[i].name);
            any = true;
        }
    dump_text(d, any ? "]" : "none]");
}

static const char *gre_proto(u16 proto)
{
    const char *known = dump_type_name(proto);
    return proto == TEB ? "TEB" : proto == PPP ? "PPP" : known ? known : "unknown";
}

/* The words behind the first one, by its flags; where they end, or 0: they are cut. */
static u32 gre_words(struct dump *d, const struct span *s, u32 flags, bool pptp)
{
    u32 at = 4;
    const u8 *p;
    if (!pptp && flags & (GRE_SUM | GRE_ROUTING)) {
        if (!(p = span_need(s, at, 4)))
            return 0;
        if (d->form.verbose)
            dump_text(d, ", sum 0x%x", load_be16(p));
        dump_text(d, ", off 0x%x", load_be16(p + 2));
        at += 4;
    }
    if (flags & GRE_KEY) {
        if (!(p = span_need(s, at, 4)))
            return 0;
        if (pptp)
            dump_text(d, ", call %u", load_be16(p + 2));
        else
            dump_text(d, ", key=0x%x", load_be32(p));
        at += 4;
    }
    if (flags & GRE_SEQ) {
        if (!(p = span_need(s, at, 4)))
            return 0;
        dump_text(d, ", seq %u", load_be32(p));
        at += 4;
    }
    if (pptp && flags & GRE_ACK) {
        if (!(p = span_need(s, at, 4)))
            return 0;
        dump_text(d, ", ack %u", load_be32(p));
        at += 4;
    }
    return at;
}

void dump_gre(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 0, 2);
    u32 flags = p ? load_be16(p) : 0, version = flags & 7;
    if (!p) {
        dump_text(d, " [|gre]");
        return;
    }
    dump_text(d, "GREv%u", version);
    if (version > 1) {
        dump_text(d, " ERROR: unknown-version");
        return;
    }
    if (d->form.verbose)
        gre_flags(d, flags);
    p = span_need(s, 2, 2);
    u32 at = p ? gre_words(d, s, flags, version) : 0;
    if (!at) {
        dump_text(d, " [|gre]");
        return;
    }
    u16 proto = load_be16(p);
    bool empty = version && !(flags & GRE_SEQ);
    if (empty)
        dump_text(d, ", no-payload");
    if (d->form.link)
        dump_text(d, ", proto %s (0x%04x)", gre_proto(proto), proto);
    dump_text(d, ", length %u", s->len);
    if (empty)
        return;
    dump_text(d, d->form.verbose ? "\n\t" : ": ");
    if (flags & GRE_ROUTING && !version) {
        dump_text(d, "source routes");
        return;
    }
    struct span in = span_behind(s, at);
    dump_inner(d, proto, &in);
}

/* ---- VXLAN ---- */

void dump_vxlan(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 0, 8);
    dump_text(d, "VXLAN");
    if (!p) {
        dump_text(d, s->len < 8 ? " (invalid)" : " [|vxlan]");
        return;
    }
    dump_text(d, ", flags [%s] (0x%02x), vni %u\n", p[0] & 8 ? "I" : "invalid", p[0], load_be32(p + 4) >> 8);
    struct span frame = span_behind(s, 8);
    dump_inner(d, TEB, &frame);
}

/* ---- MPLS ---- */

/* What stands behind the last label: the label says it, or the first byte does. */
static void mpls_payload(struct dump *d, u32 label, const struct span *s)
{
    const u8 *first = span_need(s, 0, 1);
    u16 type = label == 0                                  ? ETH_IP4
               : label == 2                                ? ETH_IP6
               : first && *first >= 0x45 && *first <= 0x4f ? ETH_IP4
               : first && *first >> 4 == 6                 ? ETH_IP6
                                                           : 0;
    if (!type)
        return;
    dump_text(d, d->form.verbose ? "\n\t" : " ");
    dump_inner(d, type, s);
}

void dump_mpls(struct dump *d, const struct span *s)
{
    static const char *const names[] = {"IPv4 explicit NULL", "router alert", "IPv6 explicit NULL", "implicit NULL"};
    u32 at = 0, entry = 0;
    dump_text(d, "MPLS");
    for (; !(entry & 0x100); at += 4) {
        const u8 *p = span_need(s, at, 4);
        if (!p) {
            dump_text(d, s->len < at + 4 ? " (invalid)" : " [|mpls]");
            return;
        }
        entry = load_be32(p);
        dump_text(d, at && d->form.verbose ? "\n\t(label %u" : " (label %u", entry >> 12);
        if (d->form.verbose && entry >> 12 < ARRAY_LEN(names))
            dump_text(d, " (%s)", names[entry >> 12]);
        dump_text(d, ", tc %u%s, ttl %u)", entry >> 9 & 7, entry & 0x100 ? ", [S]" : "", entry & 0xff);
    }
    struct span in = span_behind(s, at);
    mpls_payload(d, entry >> 12, &in);
}

/* ---- AH ---- */

u32 dump_ah(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 0, 8);
    u32 len = p ? (p[1] + 2u) * 4 : 0;
    dump_text(d, "AH(");
    if (p && d->form.verbose)
        dump_text(d, "length=%u(%u-bytes),", p[1], len);
    if (p)
        dump_text(d, "spi=0x%08x,", load_be32(p + 4));
    if (len < 12 || !span_need(s, 0, len)) {
        dump_text(d, " [|ah]");
        return 0;
    }
    dump_text(d, "seq=0x%x,icv=0x", load_be32(p + 8));
    for (u32 i = 12; i < len; i++)
        dump_text(d, "%02x", p[i]);
    dump_text(d, "): ");
    return len;
}

/* Who listens to which group, as text: IGMP (RFC 2236, RFC 3376), and the parts of ICMPv6 that are MLDv2 (RFC 3810).
 *
 * A group record is of the same shape in both: what it says, how many sources, the group, the sources. The short form
 * counts them, the long one names the groups, the longest (-vv) the sources.
 */
#include "lib/csum.h"
#include "net/dev/tcpdump/dump.h"

static struct ipaddr address_at(const u8 *p, bool v6)
{
    return v6 ? *(const struct ipaddr *)p : ipaddr_of4(p[0], p[1], p[2], p[3]);
}

/* ", 1 source(s)", or in the longest form " { 10.0.0.9 }". False: cut. */
static bool sources(struct dump *d, const struct span *s, u32 at, u32 count, bool v6)
{
    u32 width = v6 ? 16 : 4;
    if (!count || d->form.verbose < 2) {
        dump_text(d, ", %u source(s)", count);
        return true;
    }
    dump_text(d, " {");
    for (u32 i = 0; i < count; i++, at += width) {
        const u8 *p = span_need(s, at, width);
        if (!p)
            return false;
        struct ipaddr a = address_at(p, v6);
        dump_text(d, " %pI", &a);
    }
    dump_text(d, " }");
    return true;
}

void dump_group_records(struct dump *d, const struct span *s, u32 count, bool v6)
{
    static const char *const kinds[] = {NULL, "is_in", "is_ex", "to_in", "to_ex", "allow", "block"};
    u32 width = v6 ? 16 : 4, at = 8;
    dump_text(d, ", %u group record(s)", count);
    for (u32 i = 0; d->form.verbose && i < count; i++) {
        const u8 *p = span_need(s, at, 4 + width);
        if (!p) {
            dump_text(d, " [invalid number of groups]");
            return;
        }
        struct ipaddr group = address_at(p + 4, v6);
        u32 n = load_be16(p + 2);
        dump_text(d, " [gaddr %pI", &group);
        if (p[0] && p[0] < ARRAY_LEN(kinds))
            dump_text(d, " %s", kinds[p[0]]);
        else
            dump_text(d, " [v%u-report-#%u]", v6 ? 2 : 3, p[0]);
        if (!span_need(s, at + 4 + width, n * width)) {
            dump_text(d, " [invalid number of sources %u]", n);
            return;
        }
        sources(d, s, at + 4 + width, n, v6);
        dump_text(d, "]");
        at += 4 + width + n * width + p[1] * 4u;
    }
}

/* RFC 3376 4.1.1, RFC 3810 5.1.3: a number of `bits` bits as it stands, or a mantissa and a power. */
static u32 code_value(u32 code, u32 bits)
{
    u32 exp_at = bits - 4;
    if (!(code >> (bits - 1)))
        return code;
    return ((code & ((1u << exp_at) - 1)) | 1u << exp_at) << ((code >> exp_at & 7) + 3);
}

/* ---- MLD ---- */

void dump_mld2_query(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 0, 28);
    if (!p) {
        dump_text(d, " [|icmp6]");
        return;
    }
    struct ipaddr group = address_at(p + 8, true);
    u32 count = load_be16(p + 26);
    dump_text(d, " v2");
    if (d->form.verbose)
        dump_text(d, " [max resp delay=%u]", code_value(load_be16(p + 4), 16));
    dump_text(d, " [gaddr %pI", &group);
    if (d->form.verbose) {
        if (p[24] & 8)
            dump_text(d, " sflag");
        if (p[24] & 7)
            dump_text(d, " robustness=%u", p[24] & 7);
        dump_text(d, " qqi=%u", code_value(p[25], 8));
    }
    if (count)
        sources(d, s, 28, count, true);
    dump_text(d, "]");
}

/* ---- IGMP ---- */

static void query3(struct dump *d, const struct span *s, const u8 *p)
{
    u32 tenths = code_value(p[1], 8), count;
    const u8 *more = span_need(s, 8, 4);
    struct ipaddr group = address_at(p + 4, false);
    dump_text(d, "v3");
    if (p[1] != 100 && tenths < 600)
        dump_text(d, " [max resp time %u.%us]", tenths / 10, tenths % 10);
    else if (p[1] != 100)
        dump_text(d, tenths % 600 ? " [max resp time %um%us]" : " [max resp time %um]", tenths / 600, tenths / 10 % 60);
    if (!more) {
        dump_text(d, " [|igmp]");
        return;
    }
    count = load_be16(more + 2);
    if (!load_be32(p + 4))
        return;
    dump_text(d, " [gaddr %pI", &group);
    if (count)
        sources(d, s, 12, count, false);
    dump_text(d, "]");
}

static void query(struct dump *d, const struct span *s, const u8 *p)
{
    struct ipaddr group = address_at(p + 4, false);
    dump_text(d, "igmp query ");
    if (s->len >= 12) {
        query3(d, s, p);
        return;
    }
    dump_text(d, p[1] ? "v2" : "v1");
    if (p[1] && p[1] != 100)
        dump_text(d, " [max resp time %u]", p[1]);
    if (load_be32(p + 4))
        dump_text(d, " [gaddr %pI]", &group);
}

void dump_igmp(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 0, 8);
    if (d->form.quiet) {
        dump_text(d, "igmp");
        return;
    }
    if (!p) {
        dump_text(d, " [|igmp]");
        return;
    }
    struct ipaddr group = address_at(p + 4, false);
    switch (p[0]) {
    case 0x11: query(d, s, p); break;
    case 0x12: dump_text(d, "igmp v1 report %pI", &group); break;
    case 0x16: dump_text(d, "igmp v2 report %pI", &group); break;
    case 0x17: dump_text(d, "igmp leave %pI", &group); break;
    case 0x22:
        dump_text(d, "igmp v3 report");
        dump_group_records(d, s, load_be16(p + 6), false);
        break;
    default: dump_text(d, "igmp-%u", p[0]);
    }
    if (d->form.verbose && s->n == s->len && be16_get(csum_fold(csum_bytes(s->p, s->n))))
        dump_text(d, " bad igmp cksum %x!", load_be16(p + 2));
}

/* PIM as text (RFC 7761 4.9). Short: the kind of message; long: what it says, its groups and sources each on a line.
 *
 *     an address:  family, encoding, it        a group: family, encoding, flags, mask, it       a source: the same
 *
 * The checksum of a register is that of its head alone, or of all of it, as some have it. Times are written as 1m45s.
 */
#include "lib/csum.h"
#include "net/dev/tcpdump/dump.h"

enum { HELLO, REGISTER, REGISTER_STOP, JOIN_PRUNE, BOOTSTRAP, ASSERT, GRAFT, GRAFT_ACK, CANDIDATE };

static void print_seconds(struct dump *d, u32 s)
{
    static const struct {
        u32 of;
        char unit;
    } units[] = {{604800, 'w'}, {86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    if (!s)
        dump_text(d, "0s");
    for (u32 i = 0; i < ARRAY_LEN(units); i++) {
        if (s >= units[i].of)
            dump_text(d, "%u%c", s / units[i].of, units[i].unit);
        s %= units[i].of;
    }
}

/* Prints the address at `at`, whose head has so many bytes; the place behind it. 0: cut, or of no family known. */
static u32 address(struct dump *d, const struct span *s, u32 at, u32 head)
{
    const u8 *p = span_need(s, at, head);
    u32 width = p && p[0] == 1 ? 4 : p && p[0] == 2 ? 16 : 0;
    if (!width || p[1] || !span_need(s, at + head, width))
        return 0;
    const u8 *b = p + head;
    struct ipaddr a = width == 4 ? ipaddr_of4(b[0], b[1], b[2], b[3]) : *(const struct ipaddr *)b;
    dump_text(d, "%pI", &a);
    if (head == 4 && p[3] != width * 8)
        dump_text(d, "/%u", p[3]);
    return at + head + width;
}

static u32 unicast(struct dump *d, const struct span *s, u32 at)
{
    return address(d, s, at, 2);
}

static u32 group(struct dump *d, const struct span *s, u32 at)
{
    return address(d, s, at, 4);
}

static u32 source(struct dump *d, const struct span *s, u32 at)
{
    const u8 *flags = span_need(s, at + 2, 1);
    u32 behind = address(d, s, at, 4);
    if (behind && *flags & 7)
        dump_text(d, "(%s%s%s)", *flags & 4 ? "S" : "", *flags & 2 ? "W" : "", *flags & 1 ? "R" : "");
    return behind;
}

/* ---- messages; false: cut ---- */

static void option_value(struct dump *d, u16 type, const u8 *p, u32 n)
{
    if (type == 1 && n == 2) {
        print_seconds(d, load_be16(p));
    } else if (type == 2 && n == 4) {
        dump_text(d, "\n\t    T-bit=%u, LAN delay %ums, Override interval %ums", p[0] >> 7, load_be16(p) & 0x7fff,
                  load_be16(p + 2));
    } else if (type == 19 && n == 4) {
        dump_text(d, "%u", load_be32(p));
    } else if (type == 20 && n == 4) {
        dump_text(d, "0x%08x", load_be32(p));
    } else if (type == 21 && n == 4) {
        dump_text(d, "v%u", p[0]);
    } else if (type == 1 || type == 2 || type == 19 || type == 20 || type == 21) {
        dump_text(d, "[option length %u != %u] (invalid)", n, type == 1 ? 2u : 4u);
    } else if (type != 24 && n) {
        dump_text(d, "\n\t    0x0000:  ");
        for (u32 i = 0; i < n; i++)
            dump_text(d, i % 2 || !i ? "%02x" : " %02x", p[i]);
    }
}

static bool hello(struct dump *d, const struct span *s)
{
    for (u32 at = 4; at < s->len;) {
        const u8 *p = span_need(s, at, 4);
        if (!p)
            return false;
        u16 type = load_be16(p), n = load_be16(p + 2);
        const char *name = type == 1    ? "Hold Time"
                           : type == 2  ? "LAN Prune Delay"
                           : type == 19 ? "DR Priority"
                           : type == 20 ? "Generation ID"
                           : type == 21 ? "State Refresh Capability"
                           : type == 24 ? "Address List"
                                        : "Unknown";
        dump_text(d, "\n\t  %s Option (%u), length %u, Value: ", name, type, n);
        if (!span_need(s, at + 4, n))
            return false;
        option_value(d, type, p + 4, n);
        at += 4u + n;
    }
    return true;
}

static bool registered(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 4, 4);
    if (!p)
        return false;
    dump_text(d, ", Flags [ %s%s%s ]\n\t", p[0] & 0x80 ? "Border" : "", (p[0] & 0xc0) == 0xc0 ? ", " : "",
              p[0] & 0x40   ? "Null"
              : p[0] & 0x80 ? ""
                            : "none");
    struct span in = span_behind(s, 8);
    const u8 *first = span_need(&in, 0, 1);
    if (first && *first >> 4)
        dump_inner(d, *first >> 4 == 6 ? 0x86dd : 0x0800, &in);
    return true;
}

static bool sources(struct dump *d, const struct span *s, u32 *at, const char *what, u32 n)
{
    for (u32 i = 1; i <= n; i++) {
        dump_text(d, "\n\t      %s source #%u: ", what, i);
        *at = source(d, s, *at);
        if (!*at)
            return false;
    }
    return true;
}

static bool join_prune(struct dump *d, const struct span *s)
{
    dump_text(d, ", upstream-neighbor: ");
    u32 at = unicast(d, s, 4);
    const u8 *p = at ? span_need(s, at, 4) : NULL;
    if (!p)
        return false;
    u32 groups = p[1];
    dump_text(d, "\n\t  %u group(s), holdtime: ", groups);
    if (load_be16(p + 2) == 0xffff)
        dump_text(d, "infinite");
    else
        print_seconds(d, load_be16(p + 2));
    at += 4;
    for (u32 i = 1; i <= groups; i++) {
        dump_text(d, "\n\t    group #%u: ", i);
        at = group(d, s, at);
        p = at ? span_need(s, at, 4) : NULL;
        if (!p)
            return false;
        u32 joined = load_be16(p), pruned = load_be16(p + 2);
        dump_text(d, ", joined sources: %u, pruned sources: %u", joined, pruned);
        at += 4;
        if (!sources(d, s, &at, "joined", joined) || !sources(d, s, &at, "pruned", pruned))
            return false;
    }
    return true;
}

static bool assertion(struct dump *d, const struct span *s)
{
    dump_text(d, " group=");
    u32 at = group(d, s, 4);
    if (!at)
        return false;
    dump_text(d, " src=");
    at = unicast(d, s, at);
    const u8 *p = at ? span_need(s, at, 8) : NULL;
    if (!p)
        return false;
    dump_text(d, "%s pref=%u metric=%u", p[0] & 0x80 ? " RPT" : "", load_be32(p) & 0x7fffffff, load_be32(p + 4));
    return true;
}

static bool register_stop(struct dump *d, const struct span *s)
{
    dump_text(d, " group=");
    u32 at = group(d, s, 4);
    if (at)
        dump_text(d, " source=");
    return at && unicast(d, s, at);
}

static bool candidate(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 4, 4);
    if (!p)
        return false;
    dump_text(d, " prefix-cnt=%u prio=%u holdtime=", p[0], p[1]);
    print_seconds(d, load_be16(p + 2));
    dump_text(d, " RP=");
    u32 at = unicast(d, s, 8);
    for (u32 i = 0; at && i < p[0] && at < s->len; i++) {
        dump_text(d, " Group%u=", i);
        at = group(d, s, at);
    }
    return at;
}

/* Its groups and their RPs are a table, for which there is no place in a line. */
static bool bootstrap(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 4, 4);
    if (!p)
        return false;
    dump_text(d, " tag=%x hashmlen=%u BSRprio=%u BSR=", load_be16(p), p[2], p[3]);
    return unicast(d, s, 8);
}

static bool message(struct dump *d, u8 type, const struct span *s)
{
    switch (type) {
    case HELLO: return hello(d, s);
    case REGISTER: return registered(d, s);
    case REGISTER_STOP: return register_stop(d, s);
    case JOIN_PRUNE:
    case GRAFT:
    case GRAFT_ACK: return join_prune(d, s);
    case BOOTSTRAP: return bootstrap(d, s);
    case ASSERT: return assertion(d, s);
    case CANDIDATE: return candidate(d, s);
    default: return true;
    }
}

static bool is_right(const struct dump_ends *e, const struct span *s, u32 n)
{
    return !(e->v6 ? dump_checksum(e, s->p, n) : be16_get(csum_fold(csum_bytes(s->p, n))));
}

static void print_sum(struct dump *d, const struct dump_ends *e, const struct span *s, u8 type)
{
    u16 sum = load_be16(s->p + 2);
    bool whole = span_need(s, 0, s->len), head = type == REGISTER && span_need(s, 0, 8);
    dump_text(d, ", cksum 0x%04x ", sum);
    if (!sum || (!whole && !head))
        dump_text(d, "(unverified)");
    else
        dump_text(d, (head && is_right(e, s, 8)) || (whole && is_right(e, s, s->len)) ? "(correct)" : "(incorrect)");
}

void dump_pim(struct dump *d, const struct dump_ends *e, const struct span *s)
{
    static const char *const kinds[] = {"Hello",         "Register",    "Register Stop",
                                        "Join / Prune",  "Bootstrap",   "Assert",
                                        "Graft",         "Graft ACK",   "Candidate RP Advertisement",
                                        "Prune Refresh", "DF Election", "ECMP Redirect"};
    const u8 *p = span_need(s, 0, 1);
    if (!p) {
        dump_text(d, " [|pim]");
        return;
    }
    u8 type = *p & 15;
    const char *name = type < ARRAY_LEN(kinds) ? kinds[type] : "Unknown Type";
    dump_text(d, "PIMv%u", *p >> 4);
    if (*p >> 4 != 2 || !d->form.verbose) {
        dump_text(d, "%s%s, length %u", *p >> 4 == 2 ? ", " : "", *p >> 4 == 2 ? name : "", s->len);
        return;
    }
    dump_text(d, ", length %u\n\t%s", s->len, name);
    if (!span_need(s, 0, 4)) {
        dump_text(d, s->len < 2 ? "[length %u < 2] (invalid)" : " [|pimv2]", s->len);
        return;
    }
    print_sum(d, e, s, type);
    if (!message(d, type, s))
        dump_text(d, " [|pimv2]");
}

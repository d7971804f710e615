/* What routers say to each other, as text: OSPF (RFC 2328, RFC 5340), VRRP (RFC 3768, RFC 5798).
 *
 * The short form is who speaks and what kind of message it is; the long one shows of OSPF's what a neighbourhood fails
 * by (area, timers, mask, who is designated), and of VRRP's the addresses.
 */
#include "lib/csum.h"
#include "net/dev/tcpdump/dump.h"

static struct ipaddr ip4_at(const u8 *p)
{
    return ipaddr_of4(p[0], p[1], p[2], p[3]);
}

/* ---- OSPF ---- */

enum { OSPF_HELLO = 1, OSPF_DD };

static void ospf_options(struct dump *d, u32 v, bool v6)
{
    static const char *const two[] = {"MultiTopology", "External",       "Multicast", "NSSA",
                                      "Advertise",     "Demand Circuit", "Opaque",    "Up/Down"};
    static const char *const three[] = {"V6", "External", "Deprecated", "NSSA", "Router", "Demand Circuit"};
    dump_text(d, "\n\tOptions [");
    dump_bits(d, v, v6 ? three : two, v6 ? ARRAY_LEN(three) : ARRAY_LEN(two), ", ");
    dump_text(d, "]");
}

static void designated(struct dump *d, const u8 *p)
{
    struct ipaddr dr = ip4_at(p), backup = ip4_at(p + 4);
    if (load_be32(p))
        dump_text(d, "\n\t  Designated Router %pI", &dr);
    if (load_be32(p + 4))
        dump_text(d, ", Backup Designated Router %pI", &backup);
}

static void neighbours(struct dump *d, const struct span *s, u32 at)
{
    for (const u8 *p; (p = span_need(s, at, 4)); at += 4) {
        struct ipaddr a = ip4_at(p);
        dump_text(d, "\n\t    %pI", &a);
    }
}

static void ospf2_hello(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 24, 20);
    if (!p) {
        dump_text(d, " [|ospf2]");
        return;
    }
    struct ipaddr mask = ip4_at(p);
    ospf_options(d, p[6], false);
    dump_text(d, "\n\t  Hello Timer %us, Dead Timer %us, Mask %pI, Priority %u", load_be16(p + 4), load_be32(p + 8),
              &mask, p[7]);
    designated(d, p + 12);
    if (span_need(s, 44, 4))
        dump_text(d, "\n\t  Neighbor List:");
    neighbours(d, s, 44);
}

static void ospf3_hello(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 16, 20);
    if (!p) {
        dump_text(d, " [|ospf3]");
        return;
    }
    struct ipaddr id = ip4_at(p);
    ospf_options(d, load_be32(p + 4) & 0xffffff, true);
    dump_text(d, "\n\t  Hello Timer %us, Dead Timer %us, Interface-ID %pI, Priority %u", load_be16(p + 8),
              load_be16(p + 10), &id, p[4]);
    designated(d, p + 12);
    if (d->form.verbose > 1 && span_need(s, 36, 4)) {
        dump_text(d, "\n\t  Neighbor List:");
        neighbours(d, s, 36);
    }
}

static void dd_flags(struct dump *d, u8 flags)
{
    static const char *const names[] = {"Master", "More", "Init", "OOBResync"};
    bool any = false;
    dump_text(d, ", DD Flags [");
    for (u32 i = 4; i--;)
        if (flags >> i & 1) {
            dump_text(d, "%s%s", any ? ", " : "", names[i]);
            any = true;
        }
    dump_text(d, any ? "]" : "none]");
}

static void ospf2_dd(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 24, 8);
    if (!p) {
        dump_text(d, " [|ospf2]");
        return;
    }
    ospf_options(d, p[2], false);
    dd_flags(d, p[3]);
    dump_text(d, ", MTU: %u, Sequence: 0x%08x", load_be16(p), load_be32(p + 4));
}

static void ospf3_dd(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 16, 12);
    if (!p) {
        dump_text(d, " [|ospf3]");
        return;
    }
    ospf_options(d, load_be32(p) & 0xffffff, true);
    dd_flags(d, p[7]);
    dump_text(d, ", MTU %u, DD-Sequence 0x%08x", load_be16(p + 4), load_be32(p + 8));
}

static void ospf2_detail(struct dump *d, const struct span *s)
{
    static const char *const kinds[] = {"none", "simple", "MD5"};
    const u8 *p = span_need(s, 0, 24);
    if (!p) {
        dump_text(d, " [|ospf2]");
        return;
    }
    struct ipaddr router = ip4_at(p + 4), area = ip4_at(p + 8);
    u32 auth = load_be16(p + 14);
    dump_text(d, "\n\tRouter-ID %pI", &router);
    if (load_be32(p + 8))
        dump_text(d, ", Area %pI", &area);
    else
        dump_text(d, ", Backbone Area");
    dump_text(d, ", Authentication Type: %s (%u)", auth < ARRAY_LEN(kinds) ? kinds[auth] : "unknown", auth);
    if (p[1] == OSPF_HELLO)
        ospf2_hello(d, s);
    else if (p[1] == OSPF_DD)
        ospf2_dd(d, s);
}

static void ospf3_detail(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 0, 16);
    if (!p) {
        dump_text(d, " [|ospf3]");
        return;
    }
    struct ipaddr router = ip4_at(p + 4), area = ip4_at(p + 8);
    dump_text(d, "\n\tRouter-ID %pI", &router);
    if (load_be32(p + 8))
        dump_text(d, ", Area %pI", &area);
    else
        dump_text(d, ", Backbone Area");
    if (p[14])
        dump_text(d, ", Instance %u", p[14]);
    if (p[1] == OSPF_HELLO)
        ospf3_hello(d, s);
    else if (p[1] == OSPF_DD)
        ospf3_dd(d, s);
}

void dump_ospf(struct dump *d, const struct span *s)
{
    static const char *const kinds[] = {NULL, "Hello", "Database Description", "LS-Request", "LS-Update", "LS-Ack"};
    const u8 *p = span_need(s, 0, 4);
    if (!p) {
        dump_text(d, " [|ospf2]");
        return;
    }
    dump_text(d, "OSPFv%u, ", p[0]);
    bool known = p[1] && p[1] < ARRAY_LEN(kinds);
    if (known)
        dump_text(d, "%s, length %u", kinds[p[1]], s->len);
    else
        dump_text(d, "unknown LS-type %u, length %u", p[1], s->len);
    if (d->form.verbose && known && p[0] == 2)
        ospf2_detail(d, s);
    else if (d->form.verbose && known && p[0] == 3)
        ospf3_detail(d, s);
}

/* ---- VRRP ---- */

static void vrrp_addresses(struct dump *d, const struct dump_ends *e, const struct span *s, u32 count)
{
    u32 width = e->v6 ? 16 : 4, at = 8;
    dump_text(d, ", addrs");
    if (count != 1)
        dump_text(d, "(%u)", count);
    dump_text(d, ": ");
    for (u32 i = 0; i < count; i++, at += width) {
        const u8 *p = span_need(s, at, width);
        if (!p) {
            dump_text(d, " [|vrrp]");
            return;
        }
        struct ipaddr a = e->v6 ? *(const struct ipaddr *)p : ip4_at(p);
        dump_text(d, i ? ",%pI" : "%pI", &a);
    }
    const u8 *auth = span_need(s, at, 8);
    if (s->p[0] >> 4 != 2 || s->p[4] != 1 || !auth)
        return;
    u32 n = 0;
    while (n < 8 && auth[n])
        n++;
    dump_text(d, " auth \"");
    dump_string(d, auth, n);
    dump_text(d, "\"");
}

static void vrrp_detail(struct dump *d, const struct dump_ends *e, const struct span *s)
{
    u16 off = 0;
    if (s->n == s->len)
        off = s->p[0] >> 4 == 2 ? be16_get(csum_fold(csum_bytes(s->p, s->n))) : dump_checksum(e, s->p, s->n);
    if (off)
        dump_text(d, ", (bad vrrp cksum %x)", load_be16(s->p + 6));
    vrrp_addresses(d, e, s, s->p[3]);
}

/* "authtype simple, intvl 1s" or "intvl 100cs"; false: cut. */
static bool vrrp_interval(struct dump *d, const struct span *s, bool three)
{
    static const char *const kinds[] = {"none", "simple", "ah"};
    const u8 *auth = span_need(s, 4, 1), *p = span_need(s, three ? 4 : 5, three ? 2 : 1);
    if (!three && auth) {
        if (*auth < ARRAY_LEN(kinds))
            dump_text(d, ", authtype %s", kinds[*auth]);
        else
            dump_text(d, ", authtype unknown type (%u)", *auth);
    }
    if (p && three)
        dump_text(d, ", intvl %ucs", load_be16(p) & 0xfff);
    else if (p)
        dump_text(d, ", intvl %us", *p);
    return p;
}

void dump_vrrp(struct dump *d, const struct dump_ends *e, const struct span *s)
{
    const u8 *p = span_need(s, 0, 4);
    if (!p) {
        dump_text(d, " [|vrrp]");
        return;
    }
    u32 version = p[0] >> 4, type = p[0] & 15;
    dump_text(d, "VRRPv%u, ", version);
    if (type != 1) {
        dump_text(d, "unknown type (%u)", type);
        return;
    }
    dump_text(d, "Advertisement, ");
    if (e->ttl != 255)
        dump_text(d, "(ttl %u), ", e->ttl);
    dump_text(d, "vrid %u, prio %u", p[1], p[2]);
    if (!vrrp_interval(d, s, version == 3)) {
        dump_text(d, " [|vrrp]");
        return;
    }
    dump_text(d, ", length %u", s->len);
    if (d->form.verbose && span_need(s, 0, 8))
        vrrp_detail(d, e, s);
}

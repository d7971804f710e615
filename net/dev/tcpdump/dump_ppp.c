/* PPPoE (RFC 2516) and PPP within it (RFC 1661) as text: discovery with its tags; a session's packets, with a line for
 * those that negotiate it: LCP, IPCP, IPv6CP, PAP (RFC 1334), CHAP (RFC 1994).
 *
 * A protocol whose first byte is odd has one byte alone (RFC 1661 2).
 */
#include "lib/string.h"
#include "net/dev/tcpdump/dump.h"
#include "net/wire/eth.h"

#define PPPOE_HLEN 6u

/* ---- discovery ---- */

static const char *tag_name(u16 type)
{
    switch (type) {
    case 0x0101: return "Service-Name";
    case 0x0102: return "AC-Name";
    case 0x0103: return "Host-Uniq";
    case 0x0104: return "AC-Cookie";
    case 0x0105: return "Vendor-Specific";
    case 0x0110: return "Relay-Session-ID";
    case 0x0120: return "PPP-Max-Payload";
    case 0x0201: return "Service-Name-Error";
    case 0x0202: return "AC-System-Error";
    case 0x0203: return "Generic-Error";
    default: return NULL;
    }
}

static void tag_value(struct dump *d, const u8 *p, u32 n)
{
    bool text = true;
    for (u32 i = 0; i < n; i++)
        text &= char_is_print((char)p[i]);
    dump_text(d, text ? " \"" : " 0x");
    for (u32 i = 0; i < n; i++)
        dump_text(d, text ? "%c" : "%02x", p[i]);
    dump_text(d, text ? "\"" : "");
}

static void tags(struct dump *d, const struct span *s)
{
    for (u32 at = 0; at < s->len;) {
        const u8 *p = span_need(s, at, 4);
        u32 n = p ? load_be16(p + 2) : 0;
        if (!p || !span_need(s, at + 4, n)) {
            dump_text(d, " [|pppoe]");
            return;
        }
        u16 type = load_be16(p);
        const char *name = tag_name(type);
        if (!type)
            return;
        if (name)
            dump_text(d, " [%s", name);
        else
            dump_text(d, " [TAG-0x%x", type);
        if (n)
            tag_value(d, p + 4, n);
        dump_text(d, "]");
        at += 4 + n;
    }
}

static void code_name(struct dump *d, u8 code)
{
    const char *name = code == 0x09   ? "PADI"
                       : code == 0x07 ? "PADO"
                       : code == 0x19 ? "PADR"
                       : code == 0x65 ? "PADS"
                       : code == 0xa7 ? "PADT"
                                      : NULL;
    if (name)
        dump_text(d, "PPPoE %s", name);
    else if (code)
        dump_text(d, "PPPoE PAD-%x", code);
    else
        dump_text(d, "PPPoE ");
}

void dump_pppoe(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 0, PPPOE_HLEN);
    if (!p) {
        if (s->len < PPPOE_HLEN)
            dump_text(d, " (length %u < 6) (invalid)", s->len);
        else
            dump_text(d, " [|pppoe]");
        return;
    }
    struct span in = span_behind(s, PPPOE_HLEN);
    u32 len = load_be16(p + 4), session = load_be16(p + 2);
    code_name(d, p[1]);
    if (p[0] >> 4 != 1)
        dump_text(d, " [ver %u]", p[0] >> 4);
    if ((p[0] & 15) != 1)
        dump_text(d, " [type %u]", p[0] & 15);
    if (len > in.len)
        dump_text(d, " [len %u > %u!]", len, in.len);
    if (session)
        dump_text(d, " [ses 0x%x]", session);
    in = span_first(&in, len);
    if (p[1]) {
        tags(d, &in);
        return;
    }
    dump_text(d, " ");
    dump_ppp(d, &in);
}

/* ---- what negotiates a session: `s` begins behind the protocol ---- */

static const char *ppp_name(u16 proto)
{
    switch (proto) {
    case 0x0021: return "IP";
    case 0x0057: return "IP6";
    case 0xc021: return "LCP";
    case 0x8021: return "IPCP";
    case 0x8057: return "IP6CP";
    case 0xc023: return "PAP";
    case 0xc223: return "CHAP";
    default: return NULL;
    }
}

static void ppp_code(struct dump *d, const char *name, u8 code)
{
    dump_text(d, ", %s (0x%02x)", name, code);
}

static void control(struct dump *d, const char *proto, const struct span *s)
{
    static const char *const codes[] = {"Vendor-Extension", "Conf-Request", "Conf-Ack",   "Conf-Nack",
                                        "Conf-Reject",      "Term-Request", "Term-Ack",   "Code-Reject",
                                        "Prot-Reject",      "Echo-Request", "Echo-Reply", "Disc-Req"};
    const u8 *p = span_need(s, 0, 4);
    if (!p) {
        dump_text(d, "%s [|%s]", proto, proto);
        return;
    }
    dump_text(d, "%s", proto);
    ppp_code(d, p[0] < ARRAY_LEN(codes) ? codes[p[0]] : "Unknown Opcode", p[0]);
    dump_text(d, ", id %u, length %u", p[1], s->len + 2);
}

/* A length and so many bytes; the place behind, 0: cut. */
static u32 counted(struct dump *d, const struct span *s, u32 at, const char *name)
{
    const u8 *n = span_need(s, at, 1);
    if (!n || !span_need(s, at + 1, *n))
        return 0;
    dump_text(d, ", %s ", name);
    dump_string(d, n + 1, *n);
    return at + 1 + *n;
}

static void pap(struct dump *d, const struct span *s)
{
    static const char *const codes[] = {NULL, "Auth-Req", "Auth-ACK", "Auth-NACK"};
    const u8 *p = span_need(s, 0, 4);
    dump_text(d, "PAP");
    if (!p) {
        dump_text(d, " [|pap]");
        return;
    }
    bool known = p[0] && p[0] < ARRAY_LEN(codes);
    ppp_code(d, known ? codes[p[0]] : "unknown", p[0]);
    dump_text(d, ", id %u", p[1]);
    struct span in = span_first(s, load_be16(p + 2));
    u32 at = counted(d, &in, 4, p[0] == 1 ? "Peer" : "Msg");
    if (known && (!at || (p[0] == 1 && !counted(d, &in, at, "Name"))))
        dump_text(d, " [|pap]");
}

static void chap(struct dump *d, const struct span *s)
{
    static const char *const codes[] = {NULL, "Challenge", "Response", "Success", "Fail"};
    const u8 *p = span_need(s, 0, 4);
    dump_text(d, "CHAP");
    if (!p) {
        dump_text(d, " [|chap]");
        return;
    }
    ppp_code(d, p[0] && p[0] < ARRAY_LEN(codes) ? codes[p[0]] : "unknown", p[0]);
    dump_text(d, ", id %u", p[1]);
    struct span in = span_first(s, load_be16(p + 2));
    if (p[0] > 2) {
        dump_text(d, ", Msg ");
        dump_string(d, in.p + min(in.n, 4u), in.n - min(in.n, 4u));
        return;
    }
    const u8 *n = span_need(&in, 4, 1);
    if (!n || !span_need(&in, 5, *n)) {
        dump_text(d, " [|chap]");
        return;
    }
    dump_text(d, ", Value ");
    for (u32 i = 1; i <= *n; i++)
        dump_text(d, "%02x", n[i]);
    dump_text(d, ", Name ");
    dump_string(d, n + 1 + *n, in.n - 5 - *n);
}

static void ppp_payload(struct dump *d, u16 proto, const struct span *s)
{
    const char *name = ppp_name(proto);
    switch (proto) {
    case 0x0021: dump_inner(d, ETH_IP4, s); break;
    case 0x0057: dump_inner(d, ETH_IP6, s); break;
    case 0xc021:
    case 0x8021:
    case 0x8057: control(d, name, s); break;
    case 0xc023: pap(d, s); break;
    case 0xc223: chap(d, s); break;
    default: dump_text(d, "unknown PPP protocol (0x%04x) ", proto); dump_hex(d, s->p, s->n, false);
    }
}

void dump_ppp(struct dump *d, const struct span *s)
{
    struct span in = *s;
    const u8 *p = span_need(&in, 0, 2);
    if (p && p[0] == 0xff && p[1] == 3) { /* address and control, which PPPoE leaves out */
        in = span_behind(&in, 2);
        p = span_need(&in, 0, 2);
    }
    if (!p) {
        dump_text(d, " [|ppp]");
        return;
    }
    bool odd = p[0] & 1;
    u16 proto = odd ? p[0] : load_be16(p);
    struct span body = span_behind(&in, odd ? 1 : 2);
    const char *name = ppp_name(proto);
    if (d->form.link)
        dump_text(d, "%s (0x%04x), length %u%s", name ? name : "unknown", proto, s->len, name ? ": " : "");
    if (name || !d->form.link)
        ppp_payload(d, proto, &body);
}

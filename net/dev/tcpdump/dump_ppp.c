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

enum { LCP = 0xc021, IPCP = 0x8021, IP6CP = 0x8057 };

/* One option, n bytes with its head of two, told by its protocol and type; NULL: nobody knows it. */
static const char *option_name(u16 proto, u8 type)
{
    static const char *const lcp[] = {NULL,        "MRU",       "ACCM", "Auth-Prot", "Qual-Prot",
                                      "Magic-Num", "Link-Qual", "PFC",  "ACFC"};
    if (proto == LCP)
        return type < ARRAY_LEN(lcp) ? lcp[type] : type == 17 ? "MRRU" : NULL;
    if (proto == IP6CP)
        return type == 1 ? "Interface-ID" : NULL;
    return type == 3 ? "IP-Addr" : type == 0x81 ? "Pri-DNS" : type == 0x83 ? "Sec-DNS" : NULL;
}

static void lcp_value(struct dump *d, const u8 *p, u32 n)
{
    if ((p[0] == 1 || p[0] == 17) && n == 4) {
        dump_text(d, ": %u", load_be16(p + 2));
    } else if ((p[0] == 2 || p[0] == 5) && n == 6) {
        dump_text(d, ": 0x%08x", load_be32(p + 2));
    } else if (p[0] == 3 && n >= 4) {
        const char *name = ppp_name(load_be16(p + 2));
        dump_text(d, ": %s", name ? name : "unknown");
        if (load_be16(p + 2) == 0xc223 && n > 4)
            dump_text(d, ", %s",
                      p[4] == 5      ? "MD5"
                      : p[4] == 0x80 ? "MS-CHAPv1"
                      : p[4] == 0x81 ? "MS-CHAPv2"
                                     : "unknown");
    }
}

static void option(struct dump *d, u16 proto, const u8 *p, u32 n)
{
    const char *name = option_name(proto, p[0]);
    if (!name && proto == LCP) {
        dump_text(d, "\n\tunknown LCP option 0x%02x", p[0]);
        return;
    }
    dump_text(d, "\n\t  %s Option (0x%02x), length %u", name ? name : "unknown", p[0], n);
    if (proto == LCP) {
        lcp_value(d, p, n);
    } else if (name && proto == IPCP && n == 6) {
        struct ipaddr a = ipaddr_of4(p[2], p[3], p[4], p[5]);
        dump_text(d, ": %pI", &a);
    } else if (name && proto == IP6CP && n == 10) {
        dump_text(d, ": %04x:%04x:%04x:%04x", load_be16(p + 2), load_be16(p + 4), load_be16(p + 6), load_be16(p + 8));
    } else if (name) {
        dump_text(d, " (length bogus, should be = %u)", proto == IPCP ? 6u : 10u);
    } else {
        dump_text(d, "\n\t    0x0000:  ");
        for (u32 i = 2; i < n; i++)
            dump_text(d, i % 2 || i == 2 ? "%02x" : " %02x", p[i]);
    }
}

/* What stands behind a negotiation's head, which is there; `len` is what it says of its own length. */
static void control_detail(struct dump *d, u16 proto, const struct span *s, u32 len)
{
    u8 code = s->p[0];
    dump_text(d, "\n\tencoded length %u ", len);
    if (len < 4 || len > s->len) {
        dump_text(d, len < 4 ? "(< 4))" : "(> packet length %u))", s->len);
        return;
    }
    dump_text(d, "(=Option(s) length %u)", len - 4);
    struct span in = span_first(s, len);
    if (proto == LCP && code >= 9 && code <= 11 && span_need(&in, 4, 4))
        dump_text(d, "\n\t  Magic-Num 0x%08x", load_be32(in.p + 4));
    if (code < 1 || code > 4)
        return;
    for (u32 at = 4, n; span_need(&in, at, 2); at += n) {
        n = in.p[at + 1];
        if (n < 2) {
            dump_text(d, "\n\t  %s Option (0x%02x), length %u (length bogus, should be >= 2)",
                      option_name(proto, in.p[at]) ? option_name(proto, in.p[at]) : "unknown", in.p[at], n);
            return;
        }
        if (!span_need(&in, at, n))
            return;
        option(d, proto, in.p + at, n);
    }
}

static void control(struct dump *d, u16 number, const struct span *s)
{
    static const char *const codes[] = {"Vendor-Extension", "Conf-Request", "Conf-Ack",   "Conf-Nack",
                                        "Conf-Reject",      "Term-Request", "Term-Ack",   "Code-Reject",
                                        "Prot-Reject",      "Echo-Request", "Echo-Reply", "Disc-Req"};
    const char *proto = ppp_name(number);
    const u8 *p = span_need(s, 0, 4);
    if (!p) {
        dump_text(d, "%s [|%s]", proto, proto);
        return;
    }
    dump_text(d, "%s", proto);
    ppp_code(d, p[0] < ARRAY_LEN(codes) ? codes[p[0]] : "Unknown Opcode", p[0]);
    dump_text(d, ", id %u, length %u", p[1], s->len + 2);
    if (d->form.verbose)
        control_detail(d, number, s, load_be16(p + 2));
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
    switch (proto) {
    case 0x0021: dump_inner(d, ETH_IP4, s); break;
    case 0x0057: dump_inner(d, ETH_IP6, s); break;
    case LCP:
    case IPCP:
    case IP6CP: control(d, proto, s); break;
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

/* How hosts get their addresses, as text: BOOTP and DHCP (RFC 951, RFC 2131, RFC 2132), DHCPv6 (RFC 8415).
 *
 * Short: who asks, or what kind of message. Long: a line for each field that is not zero and for each option (DHCP), or
 * the options in brackets (DHCPv6). An option whose length does not fit its kind is shown as bytes.
 */
#include "net/dev/tcpdump/dump.h"

/* ---- DHCP ---- */

#define BOOTP_HLEN 236u
#define COOKIE     0x63825363u

enum kind { BYTES, ADDRS, TEXT, SECONDS, SHORT, BYTE, MESSAGE, REQUEST, CLIENT };

static const struct {
    u8 code;
    enum kind kind;
    const char *name;
} options[] = {
    {1, ADDRS, "Subnet-Mask"},
    {3, ADDRS, "Default-Gateway"},
    {6, ADDRS, "Domain-Name-Server"},
    {7, ADDRS, "LOG"},
    {12, TEXT, "Hostname"},
    {15, TEXT, "Domain-Name"},
    {17, TEXT, "RP"},
    {26, SHORT, "MTU"},
    {28, ADDRS, "BR"},
    {33, ADDRS, "Static-Route"},
    {42, ADDRS, "NTP"},
    {43, BYTES, "Vendor-Option"},
    {44, ADDRS, "Netbios-Name-Server"},
    {50, ADDRS, "Requested-IP"},
    {51, SECONDS, "Lease-Time"},
    {53, MESSAGE, "DHCP-Message"},
    {54, ADDRS, "Server-ID"},
    {55, REQUEST, "Parameter-Request"},
    {56, TEXT, "MSG"},
    {57, SHORT, "MSZ"},
    {58, SECONDS, "RN"},
    {59, SECONDS, "RB"},
    {60, TEXT, "Vendor-Class"},
    {61, CLIENT, "Client-ID"},
    {66, TEXT, "TFTP"},
    {67, TEXT, "BF"},
};

static struct ipaddr ip4_at(const u8 *p)
{
    return ipaddr_of4(p[0], p[1], p[2], p[3]);
}

static const char *option_name(u8 code, enum kind *kind)
{
    *kind = BYTES;
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (options[i].code == code) {
            *kind = options[i].kind;
            return options[i].name;
        }
    return "Unknown";
}

static void bytes(struct dump *d, const u8 *p, u32 n)
{
    for (u32 i = 0; i < n; i++)
        dump_text(d, "%02x", p[i]);
}

static void print_addrs(struct dump *d, const u8 *p, u32 n)
{
    for (u32 i = 0; i + 4 <= n; i += 4) {
        struct ipaddr a = ip4_at(p + i);
        dump_text(d, i ? ",%pI" : "%pI", &a);
    }
}

static void print_message(struct dump *d, u8 v)
{
    static const char *const kinds[] = {NULL,  "Discover", "Offer",   "Request", "Decline",
                                        "ACK", "NACK",     "Release", "Inform"};
    if (v && v < ARRAY_LEN(kinds))
        dump_text(d, "%s", kinds[v]);
    else
        dump_text(d, "%u", v);
}

/* Four names to a line. */
static void print_request(struct dump *d, const u8 *p, u32 n)
{
    enum kind kind;
    for (u32 i = 0; i < n; i++)
        dump_text(d, "%s%s (%u)", i % 4 ? ", " : "\n\t      ", option_name(p[i], &kind), p[i]);
}

static void print_value(struct dump *d, enum kind kind, const u8 *p, u32 n)
{
    if (kind == ADDRS && n && n % 4 == 0) {
        print_addrs(d, p, n);
    } else if (kind == TEXT) {
        dump_text(d, "\"");
        dump_string(d, p, n);
        dump_text(d, "\"");
    } else if (kind == SECONDS && n == 4) {
        dump_text(d, "%u", load_be32(p));
    } else if (kind == SHORT && n == 2) {
        dump_text(d, "%u", load_be16(p));
    } else if (kind == MESSAGE && n == 1) {
        print_message(d, *p);
    } else if (kind == REQUEST) {
        print_request(d, p, n);
    } else if (kind == CLIENT && n == 7 && *p == 1) {
        dump_text(d, "ether %pM", p + 1);
    } else {
        bytes(d, p, n);
    }
}

static void print_options(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, BOOTP_HLEN, 4);
    if (!p || load_be32(p) != COOKIE)
        return;
    dump_text(d, "\n\t  Vendor-rfc1048 Extensions\n\t    Magic Cookie 0x%08x", COOKIE);
    for (u32 at = BOOTP_HLEN + 4; (p = span_need(s, at, 1)) && *p != 255;) {
        enum kind kind;
        u8 code = *p;
        if (!code) {
            at++;
            continue;
        }
        p = span_need(s, at + 1, 1);
        if (!p || !span_need(s, at + 2, *p)) {
            dump_text(d, " [|bootp]");
            return;
        }
        u32 n = *p;
        dump_text(d, "\n\t    %s (%u), length %u: ", option_name(code, &kind), code, n);
        print_value(d, kind, p + 1, n);
        at += 2 + n;
    }
}

static void print_field(struct dump *d, const char *name, const u8 *p)
{
    struct ipaddr a = ip4_at(p);
    if (load_be32(p))
        dump_text(d, "\n\t  %s %pI", name, &a);
}

static void print_name(struct dump *d, const char *name, const u8 *p, u32 most)
{
    u32 n = 0;
    while (n < most && p[n])
        n++;
    if (!n)
        return;
    dump_text(d, "\n\t  %s \"", name);
    dump_string(d, p, n);
    dump_text(d, "\"");
}

static void dhcp_detail(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 0, 44);
    if (!p) {
        dump_text(d, " [|bootp]");
        return;
    }
    if (p[3])
        dump_text(d, ", hops %u", p[3]);
    if (load_be32(p + 4))
        dump_text(d, ", xid 0x%x", load_be32(p + 4));
    if (load_be16(p + 8))
        dump_text(d, ", secs %u", load_be16(p + 8));
    dump_text(d, ", Flags [%s]", p[10] & 0x80 ? "Broadcast" : "none");
    print_field(d, "Client-IP", p + 12);
    print_field(d, "Your-IP", p + 16);
    print_field(d, "Server-IP", p + 20);
    print_field(d, "Gateway-IP", p + 24);
    if (p[1] == 1 && p[2] == 6)
        dump_text(d, "\n\t  Client-Ethernet-Address %pM", p + 28);
    p = span_need(s, 44, BOOTP_HLEN - 44);
    if (!p) {
        dump_text(d, " [|bootp]");
        return;
    }
    print_name(d, "sname", p, 64);
    print_name(d, "file", p + 64, 128);
    print_options(d, s);
}

void dump_dhcp(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 0, 3);
    dump_text(d, "BOOTP/DHCP, ");
    if (!p) {
        dump_text(d, "[|bootp]");
        return;
    }
    dump_text(d, p[0] == 1 ? "Request" : p[0] == 2 ? "Reply" : "unknown (0x%02x)", p[0]);
    if (p[0] == 1 && p[1] == 1 && p[2] == 6) {
        const u8 *who = span_need(s, 28, 6);
        if (!who) {
            dump_text(d, " [|bootp]");
            return;
        }
        dump_text(d, " from %pM", who);
    }
    dump_text(d, ", length %u", s->len);
    if (d->form.verbose)
        dhcp_detail(d, s);
}

/* ---- DHCPv6 ---- */

static const char *option6_name(u32 type)
{
    static const char *const names[] = {NULL,      "client-ID",      "server-ID",  "IA_NA",        "IA_TA",
                                        "IA_ADDR", "option-request", "preference", "elapsed-time", "relay-message",
                                        NULL,      "authentication", NULL,         "status-code",  "rapid-commit"};
    const char *name = type < ARRAY_LEN(names) ? names[type] : NULL;
    switch (type) {
    case 18: return "interface-ID";
    case 23: return "DNS-server";
    case 24: return "DNS-search-list";
    case 25: return "IA_PD";
    case 26: return "IA_PD_prefix";
    default: return name;
    }
}

static void print_duid(struct dump *d, const u8 *p, u32 n)
{
    u32 type = n >= 2 ? load_be16(p) : 0;
    if (type == 1 && n >= 8) {
        dump_text(d, " hwaddr/time type %u time %u ", load_be16(p + 2), load_be32(p + 4));
        bytes(d, p + 8, n - 8);
    } else if (type == 2 && n >= 8) {
        dump_text(d, " vid ");
        bytes(d, p + 2, n - 2);
    } else if (type == 3 && n >= 4) {
        dump_text(d, " hwaddr type %u ", load_be16(p + 2));
        bytes(d, p + 4, n - 4);
    } else {
        dump_text(d, " type %u", type);
    }
}

static void print_options6(struct dump *d, const struct span *s, u32 at);

static void nested(struct dump *d, const struct span *s, u32 at)
{
    if (s->n <= at || !dump_enter(d))
        return;
    print_options6(d, s, at);
    dump_leave(d);
}

static void print_requested(struct dump *d, const u8 *p, u32 n)
{
    for (u32 i = 0; i + 2 <= n; i += 2) {
        const char *name = option6_name(load_be16(p + i));
        if (name)
            dump_text(d, " %s", name);
        else
            dump_text(d, " opt_%u", load_be16(p + i));
    }
}

/* The value of an option: all of s, which is there. */
static void print_option6(struct dump *d, u32 type, const struct span *s)
{
    const u8 *p = s->p;
    u32 n = s->n;
    if (type == 1 || type == 2) {
        print_duid(d, p, n);
    } else if ((type == 3 || type == 25) && n >= 12) {
        dump_text(d, " IAID:%u T1:%u T2:%u", load_be32(p), load_be32(p + 4), load_be32(p + 8));
        nested(d, s, 12);
    } else if (type == 5 && n >= 24) {
        dump_text(d, " %pI pltime:%u vltime:%u", (const struct ipaddr *)p, load_be32(p + 16), load_be32(p + 20));
        nested(d, s, 24);
    } else if (type == 26 && n >= 25) {
        dump_text(d, " %pI/%u pltime:%u vltime:%u", (const struct ipaddr *)(p + 9), p[8], load_be32(p),
                  load_be32(p + 4));
        nested(d, s, 25);
    } else if (type == 6) {
        print_requested(d, p, n);
    } else if (type == 7 && n == 1) {
        dump_text(d, " %u", *p);
    } else if (type == 8 && n == 2) {
        dump_text(d, " %u", load_be16(p));
    } else if (type == 9 && dump_enter(d)) {
        dump_text(d, " (");
        dump_dhcp6(d, s);
        dump_leave(d);
    } else if (type == 23 && n % 16 == 0) {
        for (u32 i = 0; i < n; i += 16)
            dump_text(d, " %pI", (const struct ipaddr *)(p + i));
    } else if (type != 14) {
        dump_text(d, " ");
        bytes(d, p, n);
    }
}

static void print_options6(struct dump *d, const struct span *s, u32 at)
{
    while (at < s->len) {
        const u8 *p = span_need(s, at, 4);
        u32 n = p ? load_be16(p + 2) : 0;
        if (!p || !span_need(s, at + 4, n)) {
            dump_text(d, "[|dhcp6ext]");
            return;
        }
        const char *name = option6_name(load_be16(p));
        if (name)
            dump_text(d, " (%s", name);
        else
            dump_text(d, " (opt_%u", load_be16(p));
        struct span value = span_behind(s, at + 4);
        value = span_first(&value, n);
        print_option6(d, load_be16(p), &value);
        dump_text(d, ")");
        at += 4 + n;
    }
}

void dump_dhcp6(struct dump *d, const struct span *s)
{
    static const char *const kinds[] = {NULL,        "solicit",     "advertise",  "request", "confirm",     "renew",
                                        "rebind",    "reply",       "release",    "decline", "reconfigure", "inf-req",
                                        "relay-fwd", "relay-reply", "leasequery", "lq-reply"};
    const u8 *p = span_need(s, 0, 4);
    dump_text(d, "dhcp6");
    if (!p) {
        dump_text(d, " [|dhcp6]");
        return;
    }
    bool relay = p[0] == 12 || p[0] == 13;
    if (p[0] && p[0] < ARRAY_LEN(kinds))
        dump_text(d, " %s", kinds[p[0]]);
    else
        dump_text(d, " msgtype-%u", p[0]);
    if (!d->form.verbose || !(p[0] && p[0] < ARRAY_LEN(kinds)))
        return;
    if (!relay) {
        dump_text(d, " (xid=%x", load_be32(p) & 0xffffff);
        print_options6(d, s, 4);
        dump_text(d, ")");
        return;
    }
    p = span_need(s, 2, 32);
    if (!p) {
        dump_text(d, " [|dhcp6]");
        return;
    }
    dump_text(d, " (linkaddr=%pI peeraddr=%pI", (const struct ipaddr *)p, (const struct ipaddr *)(p + 16));
    print_options6(d, s, 34);
    dump_text(d, ")");
}

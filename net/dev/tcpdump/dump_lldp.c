/* LLDP as text (IEEE 802.1AB 8). The short form is the name of the system that speaks, which is what one looks for at a
 * cable's end; the long one has a line or two for each of its items.
 *
 *     item: type 7 bits, length 9 bits, so many bytes; type 0 ends it
 */
#include "lib/string.h"
#include "net/dev/tcpdump/dump.h"

enum { END, CHASSIS, PORT, TTL, PORT_TEXT, NAME, TEXT, CAPABILITIES, MANAGEMENT, SOMEBODYS = 127 };

static const char *tlv_name(u32 type)
{
    static const char *const names[] = {"End",
                                        "Chassis ID",
                                        "Port ID",
                                        "Time to Live",
                                        "Port Description",
                                        "System Name",
                                        "System Description",
                                        "System Capabilities",
                                        "Management Address"};
    return type < ARRAY_LEN(names) ? names[type] : type == SOMEBODYS ? "Organization specific" : "Unknown";
}

static const char *subtype_name(u32 type, u8 kind)
{
    static const char *const chassis[] = {"Reserved",    "Chassis component", "Interface alias", "Port component",
                                          "MAC address", "Network address",   "Interface name",  "Local"};
    static const char *const port[] = {"Reserved",        "Interface alias", "Port component",   "MAC address",
                                       "Network Address", "Interface Name",  "Agent circuit ID", "Local"};
    return kind >= ARRAY_LEN(port) ? "Unknown" : type == CHASSIS ? chassis[kind] : port[kind];
}

/* n bytes, one at least: the kind of the name, and it. */
static void print_id(struct dump *d, u32 type, const u8 *p, u32 n)
{
    bool mac = *p == (type == CHASSIS ? 4 : 3), addr = *p == (type == CHASSIS ? 5 : 4);
    dump_text(d, "\n\t  Subtype %s (%u): ", subtype_name(type, *p), *p);
    if (mac && n == 7) {
        dump_text(d, "%pM", p + 1);
    } else if (addr && n == 6 && p[1] == 1) {
        struct ipaddr a = ipaddr_of4(p[2], p[3], p[4], p[5]);
        dump_text(d, "AFI IPv4 (1): %pI", &a);
    } else {
        dump_string(d, p + 1, n - 1);
    }
}

static void print_capabilities(struct dump *d, const u8 *p)
{
    static const char *const names[] = {"Other",  "Repeater",  "Bridge", "WLAN AP",
                                        "Router", "Telephone", "Docsis", "Station Only"};
    for (u32 i = 0; i < 2; i++) {
        u16 v = load_be16(p + 2 * i);
        dump_text(d, i ? "\n\t  Enabled Capabilities [" : "\n\t  System  Capabilities [");
        dump_bits(d, v, names, ARRAY_LEN(names), ", ");
        dump_text(d, "] (0x%04x)", v);
    }
}

/* A length, the family and the address; how interfaces are numbered, and this one's number (8.5.9). */
static void print_management(struct dump *d, const u8 *p, u32 n)
{
    static const char *const numbering[] = {NULL, "Unknown", "Interface Index", "System Port Number"};
    u32 len = n ? p[0] : 0;
    if (len < 2 || n < len + 6)
        return;
    dump_text(d, "\n\t  Management Address length %u, AFI ", len);
    if (p[1] == 1 && len == 5) {
        struct ipaddr a = ipaddr_of4(p[2], p[3], p[4], p[5]);
        dump_text(d, "IPv4 (1): %pI", &a);
    } else if (p[1] == 2 && len == 17) {
        dump_text(d, "IPv6 (2): %pI", (const struct ipaddr *)(p + 2));
    } else {
        dump_text(d, "Unknown (%u), no AF printer !", p[1]);
    }
    p += 1 + len;
    if (*p && *p < ARRAY_LEN(numbering))
        dump_text(d, "\n\t  %s Interface Numbering (%u): %u", numbering[*p], *p, load_be32(p + 1));
}

static void print_detail(struct dump *d, u32 type, const u8 *p, u32 n)
{
    if ((type == CHASSIS || type == PORT) && n) {
        print_id(d, type, p, n);
    } else if (type == TTL && n == 2) {
        dump_text(d, ": TTL %us", load_be16(p));
    } else if (type == NAME || type == PORT_TEXT) {
        dump_text(d, ": ");
        dump_string(d, p, n);
    } else if (type == TEXT) {
        dump_text(d, "\n\t  ");
        dump_string(d, p, n);
    } else if (type == CAPABILITIES && n == 4) {
        print_capabilities(d, p);
    } else if (type == MANAGEMENT) {
        print_management(d, p, n);
    } else if (type == SOMEBODYS && n >= 4) {
        dump_text(d, ": OUI 0x%06x, subtype %u", load_be32(p) >> 8, p[3]);
    }
}

void dump_lldp(struct dump *d, const struct span *s)
{
    dump_text(d, "LLDP, length %u", s->len);
    for (u32 at = 0;;) {
        const u8 *p = span_need(s, at, 2);
        u32 head = p ? load_be16(p) : 0, n = head & 0x1ff;
        if (p && d->form.verbose)
            dump_text(d, "\n\t%s TLV (%u), length %u", tlv_name(head >> 9), head >> 9, n);
        if (!p || !span_need(s, at + 2, n)) {
            dump_text(d, " [|lldp]");
            return;
        }
        if (d->form.verbose) {
            print_detail(d, head >> 9, p + 2, n);
        } else if (head >> 9 == NAME) {
            dump_text(d, ": ");
            dump_string(d, p + 2, n);
        }
        if (!head)
            return;
        at += 2 + n;
    }
}

/* What Ethernet carries besides IP: ARP (RFC 826), LLC with spanning tree; and who prints which type.
 *
 * What has no printer here is told by its header, and its bytes are shown. Of spanning trees there are Cisco's, one for
 * each VLAN, behind a SNAP header of its own, and those of several trees, of which the common one is printed.
 */
#include "lib/string.h"
#include "net/dev/tcpdump/dump.h"
#include "net/wire/arp.h"

#define RARP  0x8035
#define SLOW  0x8809
#define CISCO 0x00000cu
#define PVST  0x010bu /* a spanning tree for each VLAN */

/* IEEE 802.1AX 6.4.2: who is at either end, and in what state; what is behind these is not looked at. */
static void lacp(struct dump *d, const struct span *s)
{
    static const char *const names[] = {"Terminator", "Actor Information", "Partner Information",
                                        "Collector Information"};
    static const char *const flags[] = {"Activity",   "Timeout",      "Aggregation", "Synchronization",
                                        "Collecting", "Distributing", "Default",     "Expired"};
    for (u32 at = 2;;) {
        const u8 *p = span_need(s, at, 2);
        if (p)
            dump_text(d, "\n\t%s TLV (0x%02x), length %u", p[0] < ARRAY_LEN(names) ? names[p[0]] : "Unknown", p[0],
                      p[1]);
        if (!p || !span_need(s, at, p[1])) {
            dump_text(d, !p || s->len < at + p[1] ? "\n\t\t packet is too short" : " [|lacp]");
            return;
        }
        if ((p[0] == 1 || p[0] == 2) && p[1] == 20) {
            dump_text(d, "\n\t  System %pM, System Priority %u, Key %u, Port %u, Port Priority %u\n\t  State Flags [",
                      p + 4, load_be16(p + 2), load_be16(p + 10), load_be16(p + 14), load_be16(p + 12));
            dump_bits(d, p[16], flags, ARRAY_LEN(flags), ", ");
            dump_text(d, "]");
        } else if (p[0] == 3 && p[1] == 16) {
            dump_text(d, "\n\t  Max Delay %u", load_be16(p + 2));
        }
        if (!p[0] || p[1] < 2)
            return;
        at += p[1];
    }
}

/* IEEE 802.3 57A: LACP and its marker. */
static void slow(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 0, 2);
    if (!p) {
        dump_text(d, " [|slow]");
        return;
    }
    switch (p[0]) {
    case 1: dump_text(d, "LACPv%u, length %u", p[1], s->len); break;
    case 2: dump_text(d, "MARKERv%u, length %u", p[1], s->len); break;
    case 3: dump_text(d, "OAM, length %u", s->len); break;
    default: dump_text(d, "unknown (%u), length %u", p[0], s->len);
    }
    if (p[0] == 1 && d->form.verbose)
        lacp(d, s);
}

bool dump_ether(struct dump *d, u16 type, const struct span *s)
{
    switch (type) {
    case ETH_IP4: dump_ip4(d, *s); return true;
    case ETH_IP6: dump_ip6(d, *s); return true;
    case ETH_ARP:
    case RARP: dump_arp(d, s); return true;
    case ETH_LLDP: dump_lldp(d, s); return true;
    case ETH_MPLS: dump_mpls(d, s); return true;
    case ETH_PPPOE:
    case ETH_PPPOE_DISC: dump_pppoe(d, s); return true;
    case SLOW: slow(d, s); return true;
    default: return false;
    }
}

/* ---- ARP ---- */

static struct ipaddr ip_of(const u8 b[4])
{
    return ipaddr_of4(b[0], b[1], b[2], b[3]);
}

void dump_arp(struct dump *d, const struct span *s)
{
    const struct arp_hdr *a = (const struct arp_hdr *)span_need(s, 0, sizeof(*a));
    if (!a) {
        dump_text(d, " [|arp]");
        return;
    }
    struct ipaddr spa = ip_of(a->spa), tpa = ip_of(a->tpa);
    dump_text(d, "%s", d->form.link ? "" : "ARP, ");
    if (!arp_ok(a, s->n)) {
        dump_text(d, "hardware #%u (len %u), protocol 0x%04x (len %u), length %u", be16_get(a->hw), a->hw_len,
                  be16_get(a->proto), a->proto_len, s->len);
        return;
    }
    if (d->form.verbose)
        dump_text(d, "Ethernet (len 6), IPv4 (len 4), ");
    switch (be16_get(a->op)) {
    case ARP_REQUEST:
        dump_text(d, "Request who-has %pI", &tpa);
        if (!mac_is_zero(&a->tha) && !mac_is_broadcast(&a->tha))
            dump_text(d, " (%pM)", &a->tha);
        dump_text(d, " tell %pI", &spa);
        break;
    case ARP_REPLY: dump_text(d, "Reply %pI is-at %pM", &spa, &a->sha); break;
    case 3: dump_text(d, "Reverse Request who-is %pM tell %pM", &a->tha, &a->sha); break;
    case 4: dump_text(d, "Reverse Reply %pM at %pI", &a->tha, &tpa); break;
    case 8: dump_text(d, "Inverse Request who-is %pM tell %pM", &a->tha, &a->sha); break;
    case 9: dump_text(d, "Inverse Reply %pM at %pI", &a->sha, &spa); break;
    default: dump_text(d, "Unknown (%u)", be16_get(a->op));
    }
    dump_text(d, ", length %u", s->len);
}

/* ---- spanning tree (IEEE 802.1D 9.3) ---- */

static const char *const stp_flags[] = {"Topology change", "Proposal", NULL,        NULL,
                                        "Learn",           "Forward",  "Agreement", "Topology change ACK"};

static void bridge(struct dump *d, const u8 *p)
{
    dump_text(d, "%02x%02x.%pM", p[0], p[1], p + 2);
}

static void stp_time(struct dump *d, const char *name, const u8 *p)
{
    u32 v = load_be16(p);
    dump_text(d, "%s %u.%02us", name, v / 256, v % 256 * 100 / 256);
}

static void stp_detail(struct dump *d, const u8 *p)
{
    static const char *const roles[] = {"Unknown", "Alternate", "Root", "Designated"};
    stp_time(d, "\n\tmessage-age", p + 27);
    stp_time(d, ", max-age", p + 29);
    stp_time(d, ", hello-time", p + 31);
    stp_time(d, ", forwarding-delay", p + 33);
    dump_text(d, "\n\troot-id ");
    bridge(d, p + 5);
    dump_text(d, ", root-pathcost %u", load_be32(p + 13));
    if (p[3] == 2)
        dump_text(d, ", port-role %s", roles[p[4] >> 2 & 3]);
}

/* s begins behind the LLC header. */
static void stp(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 0, 4);
    if (!p) {
        dump_text(d, "STP [|stp]");
        return;
    }
    dump_text(d, "STP %s", p[2] == 0 ? "802.1d" : p[2] == 2 ? "802.1w" : p[2] == 3 ? "802.1s" : "Unknown STP protocol");
    if (p[3] == 0x80) {
        dump_text(d, ", Topology Change");
        return;
    }
    if ((p[3] != 0 && p[3] != 2) || p[2] > 3) {
        dump_text(d, ", Unknown BPDU type (0x%02x), length %u", p[3], s->len);
        return;
    }
    p = span_need(s, 0, 35);
    if (!p) {
        dump_text(d, " [|stp]");
        return;
    }
    bool trees = p[2] == 3; /* of several trees: this is the common one (IEEE 802.1Q 14) */
    dump_text(d, ", %s, %sFlags [", p[3] ? "Rapid STP" : "Config", trees ? "CIST " : "");
    dump_bits(d, p[4], stp_flags, 8, ", ");
    dump_text(d, "]");
    if (!trees) {
        dump_text(d, ", bridge-id ");
        bridge(d, p + 17);
        dump_text(d, ".%04x", load_be16(p + 25));
    }
    dump_text(d, ", length %u", s->len);
    if (d->form.verbose && !trees)
        stp_detail(d, p);
}

/* ---- LLC ---- */

static const char *sap_name(u8 sap)
{
    switch (sap & 0xfe) {
    case 0x42: return "STP";
    case 0xaa: return "SNAP";
    case 0xe0: return "IPX";
    case 0xf0: return "NetBeui";
    case 0xfe: return "OSI";
    case 0x06: return "IP";
    case 0x00: return "Null";
    case 0xfc: return "Global";
    default: return "Unknown";
    }
}

static void llc_header(struct dump *d, const u8 *p)
{
    dump_text(d, "LLC, dsap %s (0x%02x) %s, ssap %s (0x%02x) %s, ctrl 0x%02x", sap_name(p[0]), p[0] & 0xfe,
              p[0] & 1 ? "Group" : "Individual", sap_name(p[1]), p[1] & 0xfe, p[1] & 1 ? "Response" : "Command", p[2]);
}

/* SNAP (RFC 1042): an Ethernet type behind all, or somebody's own. */
static void snap(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 3, 5);
    if (!p) {
        dump_text(d, " [|snap]");
        return;
    }
    u32 oui = load_be32(p) >> 8, id = load_be16(p + 3);
    struct span behind = span_behind(s, 8);
    bool pvst = oui == CISCO && id == PVST;
    if (d->form.link && pvst)
        dump_text(d, "oui Cisco (0x%06x), pid PVST (0x%04x), length %u: ", oui, id, behind.len);
    else if (d->form.link)
        dump_text(d, "oui 0x%06x, pid 0x%04x, length %u: ", oui, id, behind.len);
    if (pvst)
        stp(d, &behind);
    else if (oui || !dump_ether(d, (u16)id, &behind))
        dump_text(d, "SNAP, oui 0x%06x, pid 0x%04x, length %u", oui, id, behind.len);
}

static void llc_other(struct dump *d, const struct span *s)
{
    if (!d->form.link) {
        llc_header(d, s->p);
        dump_text(d, ", ");
    }
    dump_text(d, "length %u", s->len);
}

u32 dump_llc(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, 0, 3);
    if (!p) {
        dump_text(d, " [|llc]");
        return 0;
    }
    if (d->form.link) {
        llc_header(d, p);
        dump_text(d, ": ");
    }
    if (p[0] == 0x42 && p[1] == 0x42 && p[2] == 3) {
        struct span behind = span_behind(s, 3);
        stp(d, &behind);
    } else if (p[0] == 0xaa && p[1] == 0xaa && p[2] == 3) {
        snap(d, s);
        return span_need(s, 0, 8) ? 8 : 3;
    } else {
        llc_other(d, s);
    }
    return (p[2] & 3) == 3 || s->n < 4 ? 3 : 4; /* what is numbered has two bytes of control */
}

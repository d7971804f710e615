/* UDP as text (RFC 768), with a line for those that live on its well-known ports: DNS, DHCP (RFC 2131), NTP (RFC 5905).
 *
 * Who listens on a port is guessed from its number: what lies there may be anything, and each printer says "[|name]"
 * where it makes no sense. The checksum is looked at in the long forms, where all of the datagram was captured.
 */
#include "lib/string.h"
#include "net/dev/tcpdump/dump.h"
#include "net/wire/udp.h"

/* BOOTP (RFC 951) as DHCP uses it. */
static void dhcp(struct dump *d, const struct span *s)
{
    static const char *const kinds[] = {NULL,  "Discover", "Offer",   "Request", "Decline",
                                        "ACK", "NACK",     "Release", "Inform"};
    const u8 *p = span_need(s, 0, 236);
    dump_text(d, "BOOTP/DHCP, ");
    if (!p) {
        dump_text(d, "[|bootp]");
        return;
    }
    dump_text(d, p[0] == 1 ? "Request" : p[0] == 2 ? "Reply" : "unknown (0x%02x)", p[0]);
    if (p[0] == 1 && p[1] == 1 && p[2] == 6)
        dump_text(d, " from %pM", p + 28);
    dump_text(d, ", length %u", s->len);
    if (!d->form.verbose)
        return;
    struct ipaddr yours = ipaddr_of4(p[16], p[17], p[18], p[19]);
    dump_text(d, ", xid 0x%x", load_be32(p + 4));
    if (load_be32(p + 16))
        dump_text(d, ", Your-IP %pI", &yours);
    for (u32 at = 240; span_need(s, at, 2) && s->p[at] != 255;) {
        u32 n = s->p[at] ? 2u + s->p[at + 1] : 1;
        if (s->p[at] == 53 && span_need(s, at, 3) && s->p[at + 2] && s->p[at + 2] < ARRAY_LEN(kinds))
            dump_text(d, ", DHCP-Message %s", kinds[s->p[at + 2]]);
        at += n;
    }
}

static void ntp(struct dump *d, const struct span *s)
{
    static const char *const modes[] = {"unspecified", "symmetric active", "symmetric passive", "Client",
                                        "Server",      "Broadcast",        "Control Message",   "Reserved"};
    const u8 *p = span_need(s, 0, 1);
    if (p)
        dump_text(d, "NTPv%u, %s, length %u", *p >> 3 & 7, modes[*p & 7], s->len);
    else
        dump_text(d, "NTP [|ntp]");
}

static bool either(u16 sport, u16 dport, u16 port)
{
    return sport == port || dport == port;
}

static void print_payload(struct dump *d, u16 sport, u16 dport, const struct span *s)
{
    if (!d->form.quiet && s->len) {
        if (either(sport, dport, 53) || either(sport, dport, 5353)) {
            dump_dns(d, s);
            return;
        }
        if (either(sport, dport, 67) || either(sport, dport, 68)) {
            dhcp(d, s);
            return;
        }
        if (either(sport, dport, 123)) {
            ntp(d, s);
            return;
        }
    }
    dump_text(d, "UDP, length %u", s->len);
}

static void print_sum(struct dump *d, const struct dump_ends *e, const struct span *s, const struct udp_hdr *h)
{
    if (d->form.verbose < (e->v6 ? 1 : 2) || d->form.quiet || e->fragment || s->n < s->len)
        return;
    u16 was = be16_get(h->check), off = dump_checksum(e, s->p, s->len);
    if (!was)
        dump_text(d, "[no cksum] ");
    else if (off)
        dump_text(d, "[bad udp cksum 0x%04x -> 0x%04x!] ", was, dump_right(was, off));
    else
        dump_text(d, "[udp sum ok] ");
}

void dump_udp(struct dump *d, const struct dump_ends *e, const struct span *s)
{
    const struct udp_hdr *h = (const struct udp_hdr *)span_need(s, 0, UDP_HLEN);
    if (!h) {
        if (e->direct)
            dump_ends(d, e);
        dump_text(d, " [|udp]");
        return;
    }
    u16 sport = be16_get(h->sport), dport = be16_get(h->dport);
    u32 len = be16_get(h->len);
    dump_ends_ports(d, e, sport, dport);
    if (len < UDP_HLEN && len) {
        dump_text(d, "truncated-udplength %u", len);
        return;
    }
    struct span whole = len ? span_first(s, len) : *s, payload = span_behind(&whole, UDP_HLEN);
    print_sum(d, e, &whole, h);
    if (len > s->len && !e->fragment)
        dump_text(d, "UDP, bad length %u > %u", len - UDP_HLEN, payload.len);
    else {
        payload.len = len ? len - UDP_HLEN : payload.len; /* as it says of itself: a fragment has less */
        print_payload(d, sport, dport, &payload);
    }
}

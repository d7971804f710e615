/* UDP as text (RFC 768), with a line for those that live on its well-known ports: DNS, DHCP of both families,
 * NTP, VXLAN.
 *
 * Who listens on a port is guessed from its number: what lies there may be anything, and each printer says "[|name]"
 * where it makes no sense. The checksum is looked at in the long forms, where all of the datagram was captured.
 */
#include "lib/string.h"
#include "net/dev/tcpdump/dump.h"
#include "net/wire/udp.h"

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
            dump_dhcp(d, s);
            return;
        }
        if (either(sport, dport, 123)) {
            dump_ntp(d, s);
            return;
        }
        if (either(sport, dport, 546) || either(sport, dport, 547)) {
            dump_dhcp6(d, s);
            return;
        }
        if (either(sport, dport, 4789)) {
            dump_vxlan(d, s);
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

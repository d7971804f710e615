/* ICMP as text (RFC 792, RFC 1122 3.2.2).
 *
 * An error quotes the packet that it is about: whom it was for and which port is read there, and in the long form that
 * packet is printed too, on a line of its own. What is quoted may end anywhere, and may be an error itself: so deep as
 * DUMP_DEPTH.
 */
#include "lib/csum.h"
#include "lib/string.h"
#include "net/dev/tcpdump/dump.h"
#include "net/wire/icmp.h"
#include "net/wire/ip4.h"

/* The header of the packet that an error is about; NULL: it is not there. */
static const struct ip4_hdr *quoted(const struct span *s)
{
    return (const struct ip4_hdr *)span_need(s, ICMP_HLEN, IP4_HLEN);
}

static void port_unreachable(struct dump *d, const struct span *s, const struct ip4_hdr *q, const struct ipaddr *dst)
{
    const u8 *ports = span_need(s, ICMP_HLEN + ip4_hlen(q), 4);
    u32 port = ports ? load_be16(ports + 2) : 0;
    if (!ports)
        dump_text(d, " [|icmp]");
    else if (q->proto == IP_TCP || q->proto == IP_UDP)
        dump_text(d, "%pI %s port %u unreachable", dst, q->proto == IP_TCP ? "tcp" : "udp", port);
    else
        dump_text(d, "%pI protocol %u port %u unreachable", dst, q->proto, port);
}

static void unreachable(struct dump *d, const struct span *s, const struct icmp_hdr *h)
{
    static const struct {
        const char *whom, *why;
    } text[16] = {{"net ", ""},
                  {"host ", ""},
                  {NULL, NULL},
                  {NULL, NULL},
                  {"", " - need to frag"},
                  {"", " - source route failed"},
                  {"net ", " - unknown"},
                  {"host ", " - unknown"},
                  {"", " - source host isolated"},
                  {"net ", " - admin prohibited"},
                  {"host ", " - admin prohibited"},
                  {"net ", " - tos prohibited"},
                  {"host ", " - tos prohibited"},
                  {"host ", " - admin prohibited filter"},
                  {"host ", " - host precedence violation"},
                  {"host ", " - precedence cutoff"}};
    const struct ip4_hdr *q = quoted(s);
    if (!q || h->code >= ARRAY_LEN(text)) {
        dump_text(d, q ? "unreachable - #%u" : " [|icmp]", h->code);
        return;
    }
    struct ipaddr dst = ipaddr_of4(q->dst[0], q->dst[1], q->dst[2], q->dst[3]);
    if (h->code == 2)
        dump_text(d, "%pI protocol %u unreachable", &dst, q->proto);
    else if (h->code == 3)
        port_unreachable(d, s, q, &dst);
    else
        dump_text(d, "%s%pI unreachable%s", text[h->code].whom, &dst, text[h->code].why);
    if (h->code == 4 && be16_get(h->seq))
        dump_text(d, " (mtu %u)", be16_get(h->seq));
}

static void redirect(struct dump *d, const struct span *s, const struct icmp_hdr *h)
{
    static const char *const what[] = {"net", "host", "tos net", "tos host"};
    const struct ip4_hdr *q = quoted(s);
    if (!q) {
        dump_text(d, " [|icmp]");
        return;
    }
    struct ipaddr dst = ipaddr_of4(q->dst[0], q->dst[1], q->dst[2], q->dst[3]);
    struct ipaddr to = ipaddr_of4(s->p[4], s->p[5], s->p[6], s->p[7]);
    if (h->code < 4)
        dump_text(d, "redirect %pI to %s %pI", &dst, what[h->code], &to);
    else
        dump_text(d, "redirect-#%u %pI to net %pI", h->code, &dst, &to);
}

static bool is_error(u8 type)
{
    return type == ICMP_UNREACH || type == ICMP_QUENCH || type == ICMP_REDIRECT || type == ICMP_TIME_EXCEEDED ||
           type == ICMP_PARAM;
}

static void print_kind(struct dump *d, const struct span *s, const struct icmp_hdr *h)
{
    u32 id = be16_get(h->id), seq = be16_get(h->seq);
    switch (h->type) {
    case ICMP_ECHO: dump_text(d, "echo request, id %u, seq %u", id, seq); break;
    case ICMP_ECHO_REPLY: dump_text(d, "echo reply, id %u, seq %u", id, seq); break;
    case ICMP_UNREACH: unreachable(d, s, h); break;
    case ICMP_REDIRECT: redirect(d, s, h); break;
    case ICMP_QUENCH: dump_text(d, "source quench"); break;
    case 9: dump_text(d, "router advertisement"); break;
    case 10: dump_text(d, "router solicitation"); break;
    case ICMP_TIME_EXCEEDED:
        if (h->code > 1)
            dump_text(d, "time exceeded-#%u", h->code);
        else
            dump_text(d, "%s", h->code ? "ip reassembly time exceeded" : "time exceeded in-transit");
        break;
    case ICMP_PARAM:
        if (h->code)
            dump_text(d, "parameter problem - code %u", h->code);
        else
            dump_text(d, "parameter problem - octet %u", s->p[4]);
        break;
    case ICMP_TIMESTAMP: dump_text(d, "time stamp query id %u seq %u", id, seq); break;
    case ICMP_TIMESTAMP_REPLY: dump_text(d, "time stamp reply id %u seq %u", id, seq); break;
    case 17: dump_text(d, "address mask request"); break;
    case 18: dump_text(d, "address mask reply"); break;
    default: dump_text(d, "type-#%u", h->type);
    }
}

static void print_sum(struct dump *d, const struct span *s, const struct icmp_hdr *h)
{
    if (s->n < s->len)
        return;
    u16 was = be16_get(h->check), off = be16_get(csum_fold(csum_bytes(s->p, s->len)));
    if (off)
        dump_text(d, " (wrong icmp cksum %x (->%x)!)", was, dump_right(was, off));
}

void dump_icmp(struct dump *d, const struct span *s)
{
    const struct icmp_hdr *h = (const struct icmp_hdr *)span_need(s, 0, ICMP_HLEN);
    if (!h) {
        dump_text(d, " [|icmp]");
        return;
    }
    dump_text(d, "ICMP ");
    print_kind(d, s, h);
    dump_text(d, ", length %u", s->len);
    if (!d->form.verbose)
        return;
    print_sum(d, s, h);
    if (is_error(h->type) && span_need(s, ICMP_HLEN, 1) && d->depth < DUMP_DEPTH) {
        bool link = d->form.link;
        struct span inner = span_behind(s, ICMP_HLEN);
        const struct ip4_hdr *q = quoted(s);
        if (q) /* it was longer once: that it is cut is no news */
            inner.len = max(inner.len, (u32)be16_get(q->len));
        dump_text(d, "\n\t");
        d->form.link = false;
        d->depth++;
        dump_ip4(d, inner);
        d->depth--;
        d->form.link = link;
    }
}

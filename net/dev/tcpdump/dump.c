/* A packet's line: its time, its link header, what it carries, and its bytes where they are asked for (contract:
 * dump.h).
 *
 * Text is collected in the dump and written in one piece at the end of the packet, or when it is too long for that.
 */
#include "net/dev/tcpdump/dump.h"

#include "lib/date.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"
#include "net/wire/eth.h"

typedef unsigned long long ull;

/* ---- collecting ---- */

static void flush(struct dump *d)
{
    if (d->n)
        out_raw(d->to, d->collected, d->n);
    d->n = 0;
}

static int collect(struct out *o, const char *p, size_t n)
{
    struct dump *d = container_of(o, struct dump, line);
    while (n) {
        u32 part = (u32)min(n, (size_t)(DUMP_LINE - d->n));
        memcpy(d->collected + d->n, p, part);
        d->n += part;
        p += part;
        n -= part;
        if (d->n == DUMP_LINE)
            flush(d);
    }
    return 0;
}

void dump_init(struct dump *d, struct out *to, const struct dump_form *form)
{
    memset(d, 0, sizeof(*d));
    out_init(&d->line, collect, NULL, false);
    d->to = to;
    d->form = *form;
    d->flows = mem_zalloc(DUMP_FLOWS * sizeof(*d->flows));
}

void dump_exit(struct dump *d)
{
    flush(d);
    mem_free(d->flows);
    d->flows = NULL;
}

static void sink(void *arg, const char *p, size_t n)
{
    collect(arg, p, n);
}

void dump_text(struct dump *d, const char *f, ...)
{
    va_list ap;
    va_start(ap, f);
    fmt_to_v(sink, &d->line, f, ap);
    va_end(ap);
}

/* ---- bytes ---- */

static char shown(u8 c)
{
    return c > ' ' && c <= '~' ? (char)c : '.';
}

void dump_hex(struct dump *d, const u8 *p, u32 n, bool text)
{
    for (u32 at = 0; at < n; at += 16) {
        char hex[41] = "", ascii[17] = "";
        u32 many = min(n - at, 16u), k = 0;
        for (u32 i = 0; i < many; i++) {
            k += (u32)fmt(hex + k, sizeof(hex) - k, i & 1 ? "%02x" : " %02x", p[at + i]);
            ascii[i] = shown(p[at + i]);
        }
        if (text)
            dump_text(d, "\n\t0x%04x: %-40s  %s", at, hex, ascii);
        else
            dump_text(d, "\n\t0x%04x: %s", at, hex);
    }
}

/* -A: as it stands, for people who read protocols of text. */
static void print_ascii(struct dump *d, const u8 *p, u32 n)
{
    dump_text(d, "\n");
    for (u32 i = 0; i < n; i++) {
        if (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')
            continue;
        bool plain = p[i] == '\t' || p[i] == '\n' || p[i] == ' ';
        dump_text(d, "%c", plain ? p[i] : shown(p[i]));
    }
}

void dump_string(struct dump *d, const u8 *p, u32 n)
{
    for (u32 i = 0; i < n; i++) {
        u8 c = p[i];
        if (c & 0x80)
            dump_text(d, "M-");
        c &= 0x7f;
        if (char_is_print((char)c))
            dump_text(d, "%c", c);
        else
            dump_text(d, "^%c", c ^ 0x40);
    }
}

void dump_bits(struct dump *d, u32 v, const char *const *names, u32 count, const char *between)
{
    bool any = false;
    for (u32 i = 0; i < count; i++)
        if (v >> i & 1 && names[i]) {
            dump_text(d, "%s%s", any ? between : "", names[i]);
            any = true;
        }
    if (!any)
        dump_text(d, "none");
}

/* ---- time ---- */

static void print_clock(struct dump *d, u64 ns)
{
    u64 s = ns / NS_PER_S;
    dump_text(d, "%02llu:%02llu:%02llu.%06llu ", (ull)(s / 3600 % 24), (ull)(s / 60 % 60), (ull)(s % 60),
              (ull)(ns % NS_PER_S / 1000));
}

/* The time since an earlier packet; of packets of several CPUs the later may come first. */
static void print_since(struct dump *d, u64 ns, u64 from)
{
    bool back = ns < from;
    dump_text(d, back ? "-" : " ");
    print_clock(d, back ? from - ns : ns - from);
}

static void print_time(struct dump *d, u64 ns)
{
    struct date date;
    ns -= ns % 1000;
    if (!d->first_ns)
        d->first_ns = d->last_ns = ns;
    switch (d->form.time) {
    case 0: print_clock(d, ns); break;
    case 1: break;
    case 2: dump_text(d, "%llu.%06llu ", (ull)(ns / NS_PER_S), (ull)(ns % NS_PER_S / 1000)); break;
    case 3: print_since(d, ns, d->last_ns); break;
    case 4:
        date_from_unix(&date, (i64)(ns / NS_PER_S));
        dump_text(d, "%04d-%02u-%02u ", (int)date.year, date.month, date.day);
        print_clock(d, ns);
        break;
    default: print_since(d, ns, d->first_ns); break;
    }
    d->last_ns = ns;
}

/* ---- the link header ---- */

const char *dump_type_name(u16 type)
{
    static const struct {
        u16 type;
        const char *name;
    } names[] = {
        {ETH_IP4, "IPv4"},           {ETH_ARP, "ARP"},           {0x8035, "Reverse ARP"},
        {ETH_IP6, "IPv6"},           {ETH_VLAN, "802.1Q"},       {ETH_QINQ, "802.1Q-QinQ"},
        {0x9100, "802.1Q-9100"},     {ETH_MPLS, "MPLS unicast"}, {ETH_PPPOE, "PPPoE S"},
        {ETH_PPPOE_DISC, "PPPoE D"}, {ETH_LLDP, "LLDP"},         {0x8808, "MPCP"},
        {0x9000, "Loopback"},        {0x8809, "Slow Protocols"}, {0x6558, "TEB"},
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].type == type)
            return names[i].name;
    return NULL;
}

static const char *type_name(u16 type)
{
    const char *name = dump_type_name(type);
    return name ? name : "Unknown";
}

static bool is_tag(u16 type)
{
    return eth_is_vlan(type) || type == 0x9100;
}

/* "02:.. > 02:.., ethertype IPv4 (0x0800), length 60: " */
static void print_header(struct dump *d, const u8 *p, u16 type, u32 length)
{
    dump_text(d, "%pM > %pM, ", p + 6, p);
    if (type < ETH_LENGTH)
        dump_text(d, "802.3, length %u: ", type);
    else if (!d->form.quiet)
        dump_text(d, "ethertype %s (0x%04x), length %u: ", type_name(type), type, length);
    else if (str_eq(type_name(type), "Unknown"))
        dump_text(d, "Unknown Ethertype (0x%04x), length %u: ", type, length);
    else
        dump_text(d, "%s, length %u: ", type_name(type), length);
}

static void print_tag(struct dump *d, u16 tci, u16 type)
{
    dump_text(d, "vlan %u, p %u%s, ", tci & VLAN_VID, tci >> VLAN_PCP_AT, tci & VLAN_DEI ? ", DEI" : "");
    if (type >= ETH_LENGTH)
        dump_text(d, "ethertype %s (0x%04x), ", type_name(type), type);
}

static bool wants_bytes(const struct dump *d)
{
    return d->form.hex || d->form.text; /* -A shows them once more */
}

/* A type that nobody here knows: its header, and its bytes. */
static void print_unknown(struct dump *d, const struct span *frame, u16 type, const struct span *s)
{
    if (!d->form.link)
        print_header(d, frame->p, type, frame->len);
    if (!wants_bytes(d) && !d->form.quiet)
        dump_hex(d, s->p, s->n, true);
}

/* How many bytes the link's header has. */
u32 dump_frame(struct dump *d, const struct span *frame)
{
    const u8 *p = span_need(frame, 0, ETH_HLEN);
    u32 at = ETH_HLEN;
    if (!p) {
        dump_text(d, " [|ether]");
        return 0;
    }
    u16 type = load_be16(p + 12);
    if (d->form.link)
        print_header(d, p, type, frame->len);
    while (is_tag(type)) {
        p = span_need(frame, at, VLAN_HLEN);
        if (!p) {
            dump_text(d, " [|vlan]");
            return at;
        }
        type = load_be16(p + 2);
        if (d->form.link)
            print_tag(d, load_be16(p), type);
        at += VLAN_HLEN;
    }
    struct span s = span_behind(frame, at);
    if (type < ETH_LENGTH) {
        s = span_first(&s, type);
        at += dump_llc(d, &s);
    } else if (!dump_ether(d, type, &s)) {
        print_unknown(d, frame, type, &s);
    }
    return at;
}

void dump_packet(struct dump *d, const struct dump_packet *p)
{
    struct span frame = {p->bytes, p->kept, max(p->len, p->kept)};
    d->depth = 0;
    print_time(d, p->wall_ns);
    u32 header = p->cooked ? dump_sll2(d, &frame, p->cooked) : dump_frame(d, &frame);
    if (d->form.hex || d->form.text) {
        u32 from = d->form.hex > 1 || d->form.text > 1 ? 0 : header;
        dump_hex(d, p->bytes + from, p->kept - from, d->form.text);
    } else if (d->form.ascii) {
        print_ascii(d, p->bytes + header, p->kept - header);
    }
    dump_text(d, "\n");
    flush(d);
}

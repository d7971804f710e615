/* From words to a frame (contract: why_packet.h).
 *
 * A table of words, each with who reads what follows it; afterwards what they say together is looked at once. Lengths
 * and checksums are right, as a sender's would be; what is not said of a packet is what a Linux host sends: TTL 64, a
 * window of 64240, an echo of sequence number 1. Nothing is asked of the stack: addresses are as they are written.
 */
#include "net/dev/why_packet.h"

#include "lib/csum.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/wire/arp.h"
#include "net/wire/icmp.h"
#include "net/wire/ip6.h"
#include "net/wire/tcp.h"
#include "net/wire/udp.h"

#define WINDOW 64240u

/* ---- words ---- */

struct words {
    struct why_packet *q;
    char **at, **end;
};

static int refuse(struct words *w, const char *f, ...) PRINTF(2, 3);

static int refuse(struct words *w, const char *f, ...)
{
    va_list ap;
    va_start(ap, f);
    fmt_v(w->q->why, sizeof(w->q->why), f, ap);
    va_end(ap);
    return -EINVAL;
}

static int number(struct words *w, const char *what, u32 low, u32 high, u32 *v)
{
    struct parse_bad bad;
    if (w->at == w->end)
        return refuse(w, "a number is wanted behind \"%s\"", what);
    int err = parse_u32(*w->at, low, high, v, &bad);
    return err ? refuse(w, "%s \"%s\": %s", what, *w->at, bad.why) : (w->at++, 0);
}

static int number16(struct words *w, const char *what, u32 high, u16 *to)
{
    u32 v;
    int err = number(w, what, 0, high, &v);
    if (!err)
        *to = (u16)v;
    return err;
}

static int number8(struct words *w, const char *what, u32 low, u8 *to)
{
    u32 v;
    int err = number(w, what, low, 255, &v);
    if (!err)
        *to = (u8)v;
    return err;
}

static int station(struct words *w, struct macaddr *to, bool *has)
{
    struct parse_bad bad;
    if (w->at == w->end)
        return refuse(w, "two MAC addresses are wanted behind \"ether\"");
    if (parse_mac(*w->at, to, &bad))
        return refuse(w, "\"%s\": %s", *w->at, bad.why);
    *has = true;
    w->at++;
    return 0;
}

static int address(struct words *w, bool v6, struct ipaddr *to)
{
    struct parse_bad bad;
    if (w->at == w->end)
        return refuse(w, "two addresses are wanted");
    if (parse_addr(*w->at, to, &bad))
        return refuse(w, "\"%s\": %s", *w->at, bad.why);
    if (ipaddr_is4(to) == v6)
        return refuse(w, "\"%s\" is not an address of IPv%u", *w->at, v6 ? 6 : 4);
    w->at++;
    return 0;
}

static bool is_ip(const struct why_packet *q)
{
    return q->has_type && !q->arp && (q->type == ETH_IP4 || q->type == ETH_IP6);
}

static int once(struct words *w, const char *word, u16 type)
{
    if (w->q->has_type)
        return refuse(w, "\"%s\": it is said already what the frame carries", word);
    w->q->has_type = true;
    w->q->type = type;
    return 0;
}

static int read_ether(struct words *w, const char *word)
{
    int err = station(w, &w->q->src, &w->q->has_src);
    return err ? err : station(w, &w->q->dst, &w->q->has_dst);
}

static int read_vlan(struct words *w, const char *word)
{
    if (w->q->tags == WHY_TAGS)
        return refuse(w, "a frame has %u tags at most", WHY_TAGS);
    int err = number16(w, word, VLAN_VID, &w->q->tag[w->q->tags]);
    w->q->tags += !err;
    return err;
}

static int read_type(struct words *w, const char *word)
{
    u32 type;
    int err = number(w, word, ETH_LENGTH, 0xffff, &type);
    return err ? err : once(w, word, (u16)type);
}

static int keyword(struct words *w, const char *word)
{
    if (w->at == w->end || !str_eq(*w->at, word))
        return refuse(w, "arp who-has IP tell IP");
    w->at++;
    return 0;
}

static int read_arp(struct words *w, const char *word)
{
    struct why_packet *q = w->q;
    int err = once(w, word, ETH_ARP);
    q->arp = true;
    err = err ? err : keyword(w, "who-has");
    err = err ? err : address(w, false, &q->to);
    err = err ? err : keyword(w, "tell");
    return err ? err : address(w, false, &q->from);
}

static int read_ip(struct words *w, const char *word)
{
    bool v6 = word[2];
    int err = once(w, word, v6 ? ETH_IP6 : ETH_IP4);
    err = err ? err : address(w, v6, &w->q->from);
    return err ? err : address(w, v6, &w->q->to);
}

static int proto(struct words *w, const char *word, u8 number)
{
    if (!is_ip(w->q))
        return refuse(w, "\"%s\": \"ip SRC DST\" or \"ip6 SRC DST\" is wanted before it", word);
    if (w->q->has_proto)
        return refuse(w, "\"%s\": it is said already what IP carries", word);
    w->q->proto = number;
    w->q->has_proto = true;
    return 0;
}

static int read_ports(struct words *w, const char *word)
{
    int err = proto(w, word, word[0] == 't' ? IP_TCP : IP_UDP);
    err = err ? err : number16(w, word, 0xffff, &w->q->sport);
    return err ? err : number16(w, word, 0xffff, &w->q->dport);
}

static int read_flag(struct words *w, const char *word)
{
    static const char *const names[] = {"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"};
    if (!w->q->has_proto || w->q->proto != IP_TCP)
        return refuse(w, "\"%s\": \"tcp SPORT DPORT\" is wanted before it", word);
    for (u32 i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(names[i], word))
            w->q->flags |= (u8)(1u << i);
    return 0;
}

static int read_icmp(struct words *w, const char *word)
{
    struct why_packet *q = w->q;
    bool v6 = q->type == ETH_IP6;
    int err = proto(w, word, v6 ? IP_ICMP6 : IP_ICMP);
    if (err)
        return err;
    q->has_icmp = true;
    if (w->at < w->end && (str_eq(*w->at, "echo") || str_eq(*w->at, "reply"))) {
        bool echo = **w->at == 'e';
        q->icmp_type = v6 ? (echo ? ICMP6_ECHO : ICMP6_ECHO_REPLY) : (echo ? ICMP_ECHO : ICMP_ECHO_REPLY);
        w->at++;
        return 0;
    }
    err = number8(w, word, 0, &q->icmp_type);
    if (!err && w->at < w->end && char_is_digit(**w->at))
        err = number8(w, "code", 0, &q->icmp_code);
    return err;
}

static int read_proto(struct words *w, const char *word)
{
    u8 n;
    int err = number8(w, word, 0, &n);
    return err ? err : proto(w, word, n);
}

static int read_ttl(struct words *w, const char *word)
{
    return is_ip(w->q) ? number8(w, word, 1, &w->q->ttl) : refuse(w, "\"%s\": it is a packet's of IP", word);
}

static int read_tos(struct words *w, const char *word)
{
    return is_ip(w->q) ? number8(w, word, 0, &w->q->tos) : refuse(w, "\"%s\": it is a packet's of IP", word);
}

static int read_mark(struct words *w, const char *word)
{
    return number(w, word, 0, UINT32_MAX, &w->q->mark);
}

static int read_len(struct words *w, const char *word)
{
    return number(w, word, ETH_HLEN, WHY_FRAME, &w->q->len);
}

static bool is_hex(char c)
{
    c = char_lower(c);
    return char_is_digit(c) || (c >= 'a' && c <= 'f');
}

static int read_hex(struct words *w, const char *word)
{
    struct why_packet *q = w->q;
    size_t bytes = 0;
    if (q->has_type || q->has_src || q->tags || q->len)
        return refuse(w, "hex is the whole frame: only \"mark\" goes with it");
    q->hex = w->at;
    for (; w->at < w->end; w->at++, q->hexes++) {
        size_t n = strlen(*w->at);
        for (size_t i = 0; i < n; i++)
            if (!is_hex((*w->at)[i]))
                return refuse(w, "hex \"%.24s\": two digits for each byte", *w->at);
        if (n % 2)
            return refuse(w, "hex \"%.24s\": two digits for each byte", *w->at);
        bytes += n / 2;
    }
    if (bytes < ETH_HLEN || bytes > WHY_FRAME)
        return refuse(w, "hex: a frame has %u to %u bytes", ETH_HLEN, WHY_FRAME);
    return 0;
}

static const struct {
    const char *word;
    int (*read)(struct words *w, const char *word);
} table[] = {
    {"ether", read_ether}, {"vlan", read_vlan}, {"type", read_type}, {"arp", read_arp},   {"ip", read_ip},
    {"ip6", read_ip},      {"tcp", read_ports}, {"udp", read_ports}, {"icmp", read_icmp}, {"proto", read_proto},
    {"ttl", read_ttl},     {"hops", read_ttl},  {"tos", read_tos},   {"mark", read_mark}, {"len", read_len},
    {"hex", read_hex},     {"fin", read_flag},  {"syn", read_flag},  {"rst", read_flag},  {"psh", read_flag},
    {"ack", read_flag},    {"urg", read_flag},  {"ece", read_flag},  {"cwr", read_flag},
};

static u32 headers(const struct why_packet *q)
{
    u32 n = ETH_HLEN + q->tags * VLAN_HLEN;
    if (q->arp)
        return n + (u32)sizeof(struct arp_hdr);
    if (is_ip(q))
        n += q->type == ETH_IP6 ? IP6_HLEN : IP4_HLEN;
    if (!q->has_proto)
        return n;
    return n + (q->has_icmp ? ICMP_HLEN : q->proto == IP_TCP ? TCP_HLEN : q->proto == IP_UDP ? UDP_HLEN : 0);
}

/* What the words say together. */
static int check(struct words *w)
{
    struct why_packet *q = w->q;
    if (q->hex)
        return 0;
    if (!q->has_type)
        return refuse(w, "what does the frame carry: ip, ip6, arp, type, or hex for all of it");
    if (q->len && q->len < headers(q))
        return refuse(w, "len %u: its headers alone have %u bytes", q->len, headers(q));
    if (is_ip(q) && q->len > ETH_HLEN + q->tags * VLAN_HLEN + 0xffff)
        return refuse(w, "len %u: more than a packet of IP holds", q->len);
    if (q->has_proto && q->proto == IP_TCP && !q->flags)
        q->flags = TCP_SYN;
    return 0;
}

int why_packet_parse(struct why_packet *q, char **words, int n)
{
    struct words w = {.q = q, .at = words, .end = words + n};
    *q = (struct why_packet){.ttl = 64};
    while (w.at < w.end) {
        const char *word = *w.at++;
        size_t i = 0;
        while (i < ARRAY_LEN(table) && !str_eq(table[i].word, word))
            i++;
        int err =
            i < ARRAY_LEN(table) ? table[i].read(&w, word) : refuse(&w, "\"%.40s\": not a word of a packet", word);
        if (err)
            return err;
    }
    return check(&w);
}

/* ---- the frame ---- */

static u32 pseudo(const struct why_packet *q, u8 proto, u32 len)
{
    u32 from = q->type == ETH_IP6 ? 0 : 12;
    u32 sum = csum_add(csum_bytes(q->from.b + from, 16 - from), csum_bytes(q->to.b + from, 16 - from));
    return csum_add(sum, csum_add(csum_of_u16(proto), csum_of_u32(len)));
}

/* The part that IP carries: n bytes at p, zeroed. */
static void build_l4(const struct why_packet *q, u8 *p, u32 n)
{
    if (q->has_icmp) {
        struct icmp_hdr *h = (struct icmp_hdr *)p;
        h->type = q->icmp_type;
        h->code = q->icmp_code;
        h->seq = be16_of(q->type == ETH_IP6 ? icmp6_has_id(h->type) : icmp_has_id(h->type));
        h->check = csum_fold(csum_add(q->type == ETH_IP6 ? pseudo(q, IP_ICMP6, n) : 0, csum_bytes(p, n)));
    } else if (q->proto == IP_TCP) {
        struct tcp_hdr *h = (struct tcp_hdr *)p;
        h->sport = be16_of(q->sport);
        h->dport = be16_of(q->dport);
        h->off = TCP_HLEN / 4 << 4;
        h->flags = q->flags;
        h->window = be16_of(WINDOW);
        h->check = csum_fold(csum_add(pseudo(q, IP_TCP, n), csum_bytes(p, n)));
    } else if (q->proto == IP_UDP) {
        struct udp_hdr *h = (struct udp_hdr *)p;
        h->sport = be16_of(q->sport);
        h->dport = be16_of(q->dport);
        h->len = be16_of((u16)n);
        h->check = csum_fold(csum_add(pseudo(q, IP_UDP, n), csum_bytes(p, n)));
        if (!h->check.raw)
            h->check = be16_of(0xffff);
    }
}

/* n bytes behind Ethernet's header. */
static void build_ip(const struct why_packet *q, u8 *p, u32 n)
{
    u8 proto = q->has_proto ? q->proto : IP_NONE;
    u32 hlen = IP4_HLEN;
    if (q->type == ETH_IP6) {
        struct ip6_hdr *h = (struct ip6_hdr *)p;
        h->ver_class_flow = be32_of(6u << 28 | (u32)q->tos << 20);
        h->payload = be16_of((u16)(n - IP6_HLEN));
        h->next = proto;
        h->hops = q->ttl;
        h->src = q->from;
        h->dst = q->to;
        hlen = IP6_HLEN;
    } else {
        struct ip4_hdr *h = (struct ip4_hdr *)p;
        *h = (struct ip4_hdr){.ver_ihl = 0x45, .tos = q->tos, .ttl = q->ttl, .proto = proto};
        h->len = be16_of((u16)n);
        h->frag = be16_of(IP4_DF);
        memcpy(h->src, q->from.b + 12, 4);
        memcpy(h->dst, q->to.b + 12, 4);
        h->check = csum_fold(csum_bytes(p, IP4_HLEN));
    }
    if (q->has_proto)
        build_l4(q, p + hlen, n - hlen);
}

static void build_arp(const struct why_packet *q, const struct macaddr *src, u8 *p)
{
    struct arp_hdr *a = (struct arp_hdr *)p;
    *a = (struct arp_hdr){.hw = be16_of(ARP_HW_ETHER), .proto = be16_of(ETH_IP4), .hw_len = 6, .proto_len = 4};
    a->op = be16_of(ARP_REQUEST);
    a->sha = *src;
    memcpy(a->spa, q->from.b + 12, 4);
    memcpy(a->tpa, q->to.b + 12, 4);
}

/* Whom a sender would address: the group's station, or ours. RFC 1112 6.4, RFC 2464 7. */
static struct macaddr default_dst(const struct why_packet *q, const struct macaddr *own)
{
    const u8 *to = q->to.b;
    if (q->arp || (q->type == ETH_IP4 && load_be32(to + 12) == 0xffffffff))
        return (struct macaddr){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    if (q->type == ETH_IP4 && to[12] >> 4 == 14)
        return (struct macaddr){{1, 0, 0x5e, to[13] & 0x7f, to[14], to[15]}};
    if (q->type == ETH_IP6 && to[0] == 0xff)
        return (struct macaddr){{0x33, 0x33, to[12], to[13], to[14], to[15]}};
    return *own;
}

static u8 hex_value(char c)
{
    c = char_lower(c);
    return (u8)(char_is_digit(c) ? c - '0' : c - 'a' + 10);
}

static u32 build_hex(const struct why_packet *q, u8 *frame)
{
    u32 n = 0;
    for (u32 i = 0; i < q->hexes; i++)
        for (const char *p = q->hex[i]; *p; p += 2)
            frame[n++] = (u8)(hex_value(p[0]) << 4 | hex_value(p[1]));
    return n;
}

u32 why_packet_build(const struct why_packet *q, const struct macaddr *own, u8 *frame)
{
    struct eth_hdr *eth = (struct eth_hdr *)frame;
    u32 at = 12, shortest = headers(q), len = q->len ? q->len : max(shortest, ETH_MIN);
    if (q->hex)
        return build_hex(q, frame);
    memset(frame, 0, len);
    eth->src = q->has_src ? q->src : (struct macaddr){{2, 0, 0, 0, 0, 2}};
    eth->dst = q->has_dst ? q->dst : default_dst(q, own);
    for (u32 i = 0; i < q->tags; i++, at += VLAN_HLEN) {
        store_be16(frame + at, i + 1 < q->tags ? ETH_QINQ : ETH_VLAN);
        store_be16(frame + at + 2, q->tag[i]);
    }
    store_be16(frame + at, q->type);
    if (q->arp)
        build_arp(q, &eth->src, frame + at + 2);
    else if (is_ip(q)) /* what is padded up to Ethernet's least is not IP's */
        build_ip(q, frame + at + 2, (q->len ? q->len : shortest) - at - 2);
    return len;
}

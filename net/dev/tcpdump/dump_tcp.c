/* TCP as text: flags, sequence numbers, options (RFC 9293 3.1, 3.2; RFC 7323, RFC 2018, RFC 7413).
 *
 * Numbers are counted from the start of the conversation, as far as it is known: the first packet with an ACK, or a
 * SYN, sets it. Conversations lie in a table of fixed size by a hash; one that meets another there takes its place, and
 * the other's numbers are printed in full once more.
 */
#include "lib/hash.h"
#include "lib/string.h"
#include "net/dev/tcpdump/dump.h"
#include "net/wire/tcp.h"

/* ---- conversations ---- */

/* Whose numbers are taken away: of this packet's sender, and of its receiver. */
struct relative {
    u32 seq, ack;
};

static bool swapped(const struct dump_ends *e, const struct tcp_hdr *h)
{
    u16 s = be16_get(h->sport), t = be16_get(h->dport);
    return s > t || (s == t && memcmp(&e->src, &e->dst, sizeof(e->src)) > 0);
}

static struct dump_flow *flow_of_packet(struct dump *d, const struct dump_flow *key)
{
    u32 sum = (u32)key->aport * 31 + key->bport;
    for (u32 i = 0; i < 16; i++)
        sum = sum * 31 + key->a.b[i] + 7u * key->b.b[i];
    return &d->flows[(sum ^ sum >> 16) % DUMP_FLOWS];
}

static bool same_flow(const struct dump_flow *f, const struct dump_flow *key)
{
    return f->used && f->aport == key->aport && f->bport == key->bport && !memcmp(&f->a, &key->a, sizeof(f->a)) &&
           !memcmp(&f->b, &key->b, sizeof(f->b));
}

/* The first packet with an ACK that is seen, and each SYN, begin a conversation: their own numbers are printed as they
 * are (*begins). */
static struct relative relative_of(struct dump *d, const struct dump_ends *e, const struct tcp_hdr *h, bool *begins)
{
    struct relative r = {0};
    bool turn = swapped(e, h);
    *begins = true;
    if (d->form.absolute || !(h->flags & TCP_ACK) || !d->flows)
        return r;
    struct dump_flow key = {.a = turn ? e->dst : e->src,
                            .b = turn ? e->src : e->dst,
                            .aport = be16_get(turn ? h->dport : h->sport),
                            .bport = be16_get(turn ? h->sport : h->dport)};
    struct dump_flow *f = flow_of_packet(d, &key);
    *begins = !same_flow(f, &key) || h->flags & TCP_SYN;
    if (*begins) {
        u32 seq = be32_get(h->seq), ack = be32_get(h->ack) - 1;
        *f = key;
        f->used = true;
        f->seq = turn ? ack : seq;
        f->ack = turn ? seq : ack;
    }
    r.seq = turn ? f->ack : f->seq;
    r.ack = turn ? f->seq : f->ack;
    return r;
}

/* ---- options ---- */

enum {
    OPT_END,
    OPT_NOP,
    OPT_MSS,
    OPT_SCALE,
    OPT_SACK_OK,
    OPT_SACK,
    OPT_STAMP = 8,
    OPT_MD5 = 19,
    OPT_UTO = 28,
    OPT_AO = 29,
    OPT_MPTCP = 30,
    OPT_FASTOPEN = 34,
    OPT_EXP1 = 253,
    OPT_EXP2 = 254
};

static const char *option_name(u8 kind)
{
    switch (kind) {
    case OPT_END: return "eol";
    case OPT_NOP: return "nop";
    case OPT_MSS: return "mss";
    case OPT_SCALE: return "wscale";
    case OPT_SACK_OK: return "sackOK";
    case OPT_SACK: return "sack";
    case OPT_STAMP: return "TS";
    case OPT_MD5: return "md5";
    case OPT_UTO: return "uto";
    case OPT_AO: return "tcp-ao";
    case OPT_MPTCP: return "mptcp";
    case OPT_FASTOPEN: return "tfo";
    case OPT_EXP1:
    case OPT_EXP2: return "exp";
    default: return NULL;
    }
}

static void print_bytes(struct dump *d, const char *before, const u8 *p, u32 n)
{
    dump_text(d, "%s", n ? before : "");
    for (u32 i = 0; i < n; i++)
        dump_text(d, "%02x", p[i]);
}

static void print_sack(struct dump *d, const u8 *p, u32 n, const struct relative *r)
{
    if (n % 8) {
        dump_text(d, " invalid sack");
        return;
    }
    dump_text(d, " %u ", n / 8);
    for (u32 i = 0; i < n; i += 8)
        dump_text(d, "{%u:%u}", load_be32(p + i) - r->ack, load_be32(p + i + 4) - r->ack);
}

/* n bytes of value. */
static void print_option(struct dump *d, u8 kind, const u8 *p, u32 n, const struct relative *r)
{
    const char *name = option_name(kind);
    if (name)
        dump_text(d, "%s", name);
    else
        dump_text(d, "unknown-%u", kind);
    if (kind == OPT_MSS && n == 2)
        dump_text(d, " %u", load_be16(p));
    else if (kind == OPT_SCALE && n == 1)
        dump_text(d, " %u", *p);
    else if (kind == OPT_STAMP && n == 8)
        dump_text(d, " val %u ecr %u", load_be32(p), load_be32(p + 4));
    else if (kind == OPT_SACK)
        print_sack(d, p, n, r);
    else if (kind == OPT_FASTOPEN)
        n ? print_bytes(d, "  cookie ", p, n) : dump_text(d, "  cookiereq");
    else if ((kind == OPT_EXP1 || kind == OPT_EXP2) && n >= 2)
        print_bytes(d, "-", p, n);
    else if (kind > OPT_NOP && kind != OPT_SACK_OK)
        print_bytes(d, " 0x", p, n);
}

/* False: they make no sense, and what follows is not to be believed. */
static bool print_options(struct dump *d, const u8 *p, u32 n, const struct relative *r)
{
    dump_text(d, ", options [");
    for (u32 at = 0, len; at < n; at += len) {
        u8 kind = p[at];
        dump_text(d, "%s", at ? "," : "");
        len = kind <= OPT_NOP ? 1 : at + 1 < n ? p[at + 1] : 0;
        if (!len || len > n - at || (kind > OPT_NOP && len < 2)) {
            dump_text(d, "[bad opt]%s", at ? "]" : "");
            return false;
        }
        print_option(d, kind, p + at + 2, len - (kind > OPT_NOP ? 2 : 1), r);
        if (kind == OPT_END)
            break;
    }
    dump_text(d, "]");
    return true;
}

/* ---- what it carries ---- */

static bool is_http(u16 port)
{
    return port == 80 || port == 8080 || port == 3128;
}

static bool begins_with(const struct span *s, const char *word)
{
    u32 n = (u32)strlen(word);
    return span_need(s, 0, n) && !memcmp(s->p, word, n);
}

static void print_http(struct dump *d, const struct span *s)
{
    static const char *const words[] = {"GET ",     "HEAD ",  "POST ",  "PUT ",    "DELETE ", "OPTIONS ",
                                        "CONNECT ", "TRACE ", "PATCH ", "HTTP/1.", "NOTIFY "};
    dump_text(d, ": HTTP");
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (!begins_with(s, words[i]))
            continue;
        u32 n = 0;
        while (n < s->n && s->p[n] != '\r' && s->p[n] != '\n')
            n++;
        dump_text(d, ": ");
        dump_string(d, s->p, n);
        return;
    }
}

static void print_payload(struct dump *d, const struct tcp_hdr *h, const struct span *s)
{
    u16 sport = be16_get(h->sport), dport = be16_get(h->dport);
    dump_text(d, ", length %u", s->len);
    if (s->len && (is_http(sport) || is_http(dport)))
        print_http(d, s);
    if (s->len > 2 && (sport == 53 || dport == 53)) {
        struct span dns = span_behind(s, s->n < 2 ? s->n : 2);
        dump_text(d, " ");
        dump_dns(d, &dns);
    }
}

/* ---- the header ---- */

static void print_sum(struct dump *d, const struct dump_ends *e, const struct span *s, const struct tcp_hdr *h)
{
    if (!d->form.verbose || e->fragment || s->n < s->len)
        return;
    u16 was = be16_get(h->check), off = dump_checksum(e, s->p, s->len);
    dump_text(d, ", cksum 0x%04x", was);
    if (off)
        dump_text(d, " (incorrect -> 0x%04x)", dump_right(was, off));
    else
        dump_text(d, " (correct)");
}

static void print_numbers(struct dump *d, const struct tcp_hdr *h, u32 payload, const struct relative *r)
{
    u32 seq = be32_get(h->seq) - r->seq;
    if (d->form.verbose > 1 || payload || h->flags & (TCP_SYN | TCP_FIN | TCP_RST)) {
        dump_text(d, ", seq %u", seq);
        if (payload)
            dump_text(d, ":%u", seq + payload);
    }
    if (h->flags & TCP_ACK)
        dump_text(d, ", ack %u", be32_get(h->ack) - r->ack);
    dump_text(d, ", win %u", be16_get(h->window));
    if (h->flags & TCP_URG)
        dump_text(d, ", urg %u", be16_get(h->urgent));
}

static void print_segment(struct dump *d, const struct dump_ends *e, const struct span *s, const struct tcp_hdr *h)
{
    static const char *const flags[] = {"F", "S", "R", "P", ".", "U", "E", "W"};
    u32 hlen = tcp_hlen(h);
    bool begins;
    struct relative shown = relative_of(d, e, h, &begins), none = {0};
    dump_text(d, "Flags [");
    dump_bits(d, h->flags, flags, 8, "");
    dump_text(d, "]");
    print_sum(d, e, s, h);
    print_numbers(d, h, s->len - hlen, begins ? &none : &shown);
    if (!span_need(s, 0, hlen)) {
        dump_text(d, " [|tcp]");
        return;
    }
    if (hlen > TCP_HLEN && !print_options(d, s->p + TCP_HLEN, hlen - TCP_HLEN, &shown))
        return;
    struct span payload = span_behind(s, hlen);
    print_payload(d, h, &payload);
}

void dump_tcp(struct dump *d, const struct dump_ends *e, const struct span *s)
{
    const struct tcp_hdr *h = (const struct tcp_hdr *)span_need(s, 0, TCP_HLEN);
    if (!span_need(s, 0, 4)) {
        if (e->direct)
            dump_text(d, "%pI > %pI: [|tcp]", &e->src, &e->dst);
        else
            dump_text(d, "[|tcp]");
        return;
    }
    dump_ends_ports(d, e, load_be16(s->p), load_be16(s->p + 2));
    if (!h) {
        dump_text(d, " [|tcp]");
        return;
    }
    u32 hlen = tcp_hlen(h);
    if (hlen < TCP_HLEN)
        dump_text(d, " tcp %u [bad hdr length %u - too short, < %u]", s->len - min(hlen, s->len), hlen, TCP_HLEN);
    else if (hlen > s->len)
        dump_text(d, "%s [bad hdr length %u - too long, > %u]", d->form.quiet ? "tcp 0" : "Flags", hlen, s->len);
    else if (d->form.quiet)
        dump_text(d, "tcp %u", s->len - hlen);
    else
        print_segment(d, e, s, h);
}

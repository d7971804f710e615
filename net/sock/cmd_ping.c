/* ping, ping6: echo requests, and what comes of them (Linux: iputils).
 *
 *     ping [-46Dfnq] [-c N] [-i S] [-I FROM] [-M HOW] [-p PATTERN] [-s N] [-t N] [-Q TOS] [-w S] [-W S] HOST
 *
 * Times are taken here, by a table of the requests that are out, not from what a stranger sends back in an answer.
 */
#include "lib/errno.h"
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/icmp.h"
#include "net/sock/host.h"
#include "net/wire/ip4.h"

#define OUT_MOST    8192u /* requests that are remembered: a power of two */
#define STAMPED     16u   /* bytes of data from which on times are told, as iputils needs room for one */
#define PATTERN     16u
#define SIZE_MOST   65507u
#define FLOOD_EVERY (10 * NS_PER_MS)
#define LINGER      (10 * NS_PER_S)

/* ---- words ---- */

struct words {
    struct host host;
    struct host_from from;
    unsigned family;
    u64 count, interval, linger, deadline; /* count, deadline 0: none; times in ns */
    u32 size;
    u8 ttl, tos, whole;
    u8 pattern[PATTERN];
    u32 pattern_n;
    bool has_interval, quiet, stamp, flood;
};

static bool read_pattern(struct words *w, const char *s)
{
    size_t n = strlen(s);
    if (!n || n > 2 * PATTERN || s[strspn(s, "0123456789abcdefABCDEF")])
        return false;
    for (size_t i = 0; i < n; i += 2) {
        char two[3] = {s[i], i + 1 < n ? s[i + 1] : 0};
        u64 v;
        if (parse_hex(two, &v, NULL))
            return false;
        w->pattern[w->pattern_n++] = (u8)v;
    }
    return true;
}

static bool read_whole(struct words *w, const char *s)
{
    static const char *const how[] = {[IP_MAY_CUT] = "dont", [IP_WHOLE] = "do", [IP_WHOLE_IF_FITS] = "want"};
    for (unsigned i = 0; i < ARRAY_LEN(how); i++)
        if (str_eq(s, how[i])) {
            w->whole = (u8)i;
            return true;
        }
    return false;
}

static void say(struct option_reader *o, const char *what)
{
    if (!o->bad)
        fmt(o->why, sizeof(o->why), "invalid argument: '%s'%s", o->value, what);
    o->bad = true;
}

static void read_option(struct words *w, struct option_reader *o, int ch)
{
    switch (ch) {
    case '4': w->family = 4; break;
    case '6': w->family = 6; break;
    case 'D': w->stamp = true; break;
    case 'f': w->flood = true; break;
    case 'n': break; /* addresses are never made names */
    case 'q': w->quiet = true; break;
    case 'c': w->count = option_number(o, 1, INT64_MAX); break;
    case 's': w->size = (u32)option_number(o, 0, SIZE_MOST); break;
    case 't': w->ttl = (u8)option_number(o, 1, 255); break;
    case 'Q': w->tos = (u8)option_number(o, 0, 255); break;
    case 'i':
        w->has_interval = true;
        if (!host_seconds(o->value, &w->interval))
            say(o, ": seconds are wanted, as 0.2");
        break;
    case 'W':
        if (!host_seconds(o->value, &w->linger))
            say(o, ": seconds are wanted");
        break;
    case 'w':
        if (!host_seconds(o->value, &w->deadline) || !w->deadline)
            say(o, ": seconds are wanted");
        break;
    case 'I':
        if (!host_parse_from(o->value, &w->from))
            say(o, ": an interface or an address of this machine is wanted");
        break;
    case 'M':
        if (!read_whole(w, o->value))
            say(o, ": do, want or dont");
        break;
    case 'p':
        if (!read_pattern(w, o->value))
            say(o, ": patterns must be specified as hex digits, 16 bytes at most");
        break;
    }
}

/* 0, or the status to end with. */
static int read_words(struct cmd_ctx *c, struct words *w, unsigned family, bool *end)
{
    struct option_reader o;
    const char *why;

    *end = true;
    *w =
        (struct words){.family = family, .interval = NS_PER_S, .linger = LINGER, .size = 56, .whole = IP_WHOLE_IF_FITS};
    option_start(&o, c, "46Dfnqc:i:I:M:p:Q:s:t:w:W:");
    for (int ch; (ch = option_next(&o)) > 0;)
        read_option(w, &o, ch);
    if (o.bad)
        return option_refuse(&o);
    if (o.at >= c->argc)
        return cmd_usage(c, "usage error: Destination address required");
    if (o.at + 1 < c->argc)
        return cmd_usage(c, "\"%s\": one destination is enough", c->argv[o.at + 1]);
    why = host_parse(c->argv[o.at], w->family, &w->host);
    if (why) {
        cmd_error(c, "%s: %s", c->argv[o.at], why);
        return 2;
    }
    if (!addr_is_any(&w->from.src) && ipaddr_is4(&w->from.src) != ipaddr_is4(&w->host.addr)) {
        cmd_error(c, "%pI: an address of the other family", &w->from.src);
        return 2;
    }
    if (w->flood && !w->has_interval)
        w->interval = 0;
    *end = false;
    return 0;
}

/* ---- act ---- */

struct sent {
    u64 at; /* ns; 0: none */
    u16 seq;
    bool answered;
};

struct ping {
    struct cmd_ctx *c;
    const struct words *w;
    struct sock *k;
    struct sock_to to;
    bool v6;
    u8 *packet, *got;
    struct sent *out;
    u64 begun, last; /* ns: the first was sent; something last happened */
    u64 sent, received, repeats, errors, corrupted;
    u64 sum, sum2, least, most, ewma; /* us */
    u64 acked, pipe;
};

static u32 length(const struct ping *p)
{
    return ICMP_HLEN + p->w->size;
}

static void fill(struct ping *p)
{
    const struct words *w = p->w;
    memset(p->packet, 0, ICMP_HLEN);
    for (u32 i = 0; i < w->size; i++)
        p->packet[ICMP_HLEN + i] = w->pattern_n ? w->pattern[i % w->pattern_n] : (u8)i;
}

static void complain(struct ping *p, int err)
{
    u32 mtu = 0;
    struct ipaddr src;
    if (err == -EMSGSIZE && !sock_source(p->k, &p->to, &src, &mtu))
        cmd_error(p->c, "local error: message too long, mtu=%u", mtu);
    else
        cmd_error(p->c, "sendmsg: %s", errno_text(err));
}

static void send_one(struct ping *p)
{
    u64 now = clock_ns();
    u16 seq = (u16)++p->sent;
    struct sent *o = &p->out[seq % OUT_MOST];

    store_be16(p->packet + 6, seq);
    *o = (struct sent){.at = now, .seq = seq};
    if (p->sent == 1)
        p->begun = now;
    p->last = now;
    int err = sock_send(p->k, &p->to, p->packet, length(p));
    if (err) {
        p->errors++;
        if (p->w->flood)
            out_text(p->c->out, "E");
        else if (!p->w->quiet)
            complain(p, err);
    } else if (p->w->flood && !p->w->quiet) {
        out_text(p->c->out, ".");
    }
}

/* How many are out, at most: the newest sent less this one. */
static void acknowledge(struct ping *p, u16 seq)
{
    u64 behind = (u16)((u16)p->sent - seq);
    if (behind <= 0x7fff)
        p->pipe = max(p->pipe, behind + 1);
}

static void take_time(struct ping *p, u64 us)
{
    p->sum += us;
    p->sum2 += us * us;
    p->least = p->received + p->repeats == 1 ? us : min(p->least, us);
    p->most = max(p->most, us);
    p->ewma = p->ewma ? p->ewma + us - p->ewma / 8 : us * 8;
}

/* ---- print ---- */

static void say_time(struct out *o, u64 us)
{
    if (us >= 99950)
        out_text(o, " time=%llu ms", (unsigned long long)(us + 500) / 1000);
    else if (us >= 9995)
        out_text(o, " time=%llu.%llu ms", (unsigned long long)(us + 50) / 1000,
                 (unsigned long long)(us + 50) / 100 % 10);
    else if (us >= 1000)
        out_text(o, " time=%llu.%02llu ms", (unsigned long long)(us + 5) / 1000,
                 (unsigned long long)(us + 5) / 10 % 100);
    else
        out_text(o, " time=0.%03llu ms", (unsigned long long)us);
}

static void say_stamp(struct ping *p)
{
    u64 us = wall_ns() / NS_PER_US;
    if (p->w->stamp)
        out_text(p->c->out, "[%llu.%06llu] ", (unsigned long long)us / 1000000, (unsigned long long)us % 1000000);
}

/* The first byte of data that is not as it was sent; ~0: all are. */
static u32 find_wrong(const struct ping *p, u32 n)
{
    for (u32 i = ICMP_HLEN; i < n; i++)
        if (p->got[i] != p->packet[i])
            return i;
    return ~0u;
}

static void heard(struct ping *p, const struct sock_from *from, u32 n)
{
    struct out *o = p->c->out;
    u16 seq = load_be16(p->got + 6);
    struct sent *out = &p->out[seq % OUT_MOST];
    bool known = out->at && out->seq == seq, again = known && out->answered;
    u64 us = known ? (from->stamp > out->at ? from->stamp - out->at : 0) / NS_PER_US : 0;
    u32 wrong = find_wrong(p, min(n, length(p)));

    acknowledge(p, seq);
    if (wrong != ~0u)
        p->corrupted++;
    if (again)
        p->repeats++;
    else
        p->received++;
    out->answered = known;
    if (known && p->w->size >= STAMPED)
        take_time(p, us);
    if (p->w->quiet)
        return;
    if (p->w->flood) {
        out_text(o, "\b \b");
        return;
    }
    say_stamp(p);
    out_text(o, "%u bytes from %pI: icmp_seq=%u ttl=%u", from->len, &from->addr, seq, from->hops);
    if (known && p->w->size >= STAMPED)
        say_time(o, us);
    if (from->len < length(p))
        out_text(o, " (truncated)");
    if (again)
        out_text(o, " (DUP!)");
    if (wrong != ~0u)
        out_text(o, "\nwrong data byte #%u should be 0x%x but was 0x%x", wrong - ICMP_HLEN, p->packet[wrong],
                 p->got[wrong]);
    out_text(o, "\n");
}

static void heard_error(struct ping *p, const struct sock_from *from, u32 n)
{
    char text[80];
    if (n < ICMP_HLEN)
        return;
    u16 seq = load_be16(p->got + 6);
    acknowledge(p, seq);
    p->errors++;
    if (p->w->quiet)
        return;
    if (p->w->flood) {
        out_text(p->c->out, "\bE");
        return;
    }
    host_error_text(text, sizeof(text), &from->error, p->v6);
    say_stamp(p);
    out_text(p->c->out, "From %pI icmp_seq=%u %s\n", &from->error.by, seq, text);
}

/* As %g has it: six digits that count, no zeros behind. */
static void say_loss(struct out *o, u64 lost, u64 of)
{
    char text[32];
    u64 millionths = lost * 100 * 1000000 / of;
    u32 whole = (u32)(millionths / 1000000), digits = whole >= 100 ? 3 : whole >= 10 ? 4 : 5;
    u64 cut = 1;
    for (u32 i = digits; i < 6; i++)
        cut *= 10;
    millionths = (millionths + cut / 2) / cut * cut;
    fmt(text, sizeof(text), "%llu.%06llu", (unsigned long long)millionths / 1000000,
        (unsigned long long)millionths % 1000000);
    size_t n = strlen(text);
    while (text[n - 1] == '0')
        text[--n] = 0;
    if (text[n - 1] == '.')
        text[--n] = 0;
    out_text(o, ", %s%% packet loss", text);
}

static u64 square_root(u64 v)
{
    u64 root = 0;
    for (u64 bit = 1ull << 31; bit; bit >>= 1)
        if ((root + bit) * (root + bit) <= v)
            root += bit;
    return root;
}

static void say_ms(struct out *o, const char *format, u64 us)
{
    out_text(o, format, (unsigned long long)us / 1000, (unsigned long long)us % 1000);
}

static void say_times(struct ping *p)
{
    struct out *o = p->c->out;
    u64 n = p->received + p->repeats, mean;
    const char *comma = "";
    if (p->received && p->w->size >= STAMPED) {
        mean = p->sum / n;
        say_ms(o, "rtt min/avg/max/mdev = %llu.%03llu", p->least);
        say_ms(o, "/%llu.%03llu", mean);
        say_ms(o, "/%llu.%03llu", p->most);
        say_ms(o, "/%llu.%03llu ms", square_root(p->sum2 / n > mean * mean ? p->sum2 / n - mean * mean : 0));
        comma = ", ";
    }
    if (p->pipe > 1) {
        out_text(o, "%spipe %llu", comma, (unsigned long long)p->pipe);
        comma = ", ";
    }
    if (p->received && (!p->w->interval || p->w->flood) && p->sent > 1) {
        out_text(o, "%s", comma);
        say_ms(o, "ipg/ewma %llu.%03llu", (p->last - p->begun) / NS_PER_US / (p->sent - 1));
        say_ms(o, "/%llu.%03llu ms", p->ewma / 8);
    }
    out_text(o, "\n");
}

static void say_summary(struct ping *p, const char *host)
{
    struct out *o = p->c->out;
    u64 lost = p->sent > p->received ? p->sent - p->received : 0;
    out_text(o, "\n--- %s ping statistics ---\n%llu packets transmitted, %llu received", host,
             (unsigned long long)p->sent, (unsigned long long)p->received);
    if (p->repeats)
        out_text(o, ", +%llu duplicates", (unsigned long long)p->repeats);
    if (p->corrupted)
        out_text(o, ", +%llu corrupted", (unsigned long long)p->corrupted);
    if (p->errors)
        out_text(o, ", +%llu errors", (unsigned long long)p->errors);
    if (p->sent) {
        say_loss(o, lost, p->sent);
        out_text(o, ", time %llums", (unsigned long long)((p->last - p->begun + NS_PER_MS / 2) / NS_PER_MS));
    }
    out_text(o, "\n");
    say_times(p);
}

static void say_header(struct ping *p, const char *host, const struct ipaddr *src)
{
    struct out *o = p->c->out;
    const struct words *w = p->w;
    if (w->pattern_n) {
        out_text(o, "PATTERN: 0x");
        for (u32 i = 0; i < w->pattern_n; i++)
            out_text(o, "%02x", w->pattern[i]);
        out_text(o, "\n");
    }
    out_text(o, p->v6 ? "PING %s(%pI) " : "PING %s (%pI) ", host, &w->host.addr);
    if (w->from.dev[0] || !addr_is_any(&w->from.src))
        out_text(o, "from %pI %s: ", src, w->from.dev);
    if (p->v6)
        out_text(o, "%u data bytes\n", w->size);
    else
        out_text(o, "%u(%u) bytes of data.\n", w->size, w->size + ICMP_HLEN + IP4_HLEN);
}

/* ---- the course of it ---- */

static bool all_sent(const struct ping *p)
{
    return p->w->count && p->sent >= p->w->count && !p->w->deadline;
}

/* When the next request is due; when all are out, when nothing is waited for any more. */
static u64 next_time(const struct ping *p)
{
    u64 wait = p->w->interval;
    if (all_sent(p))
        wait = p->received ? max(2 * p->most * NS_PER_US, p->w->interval) : p->w->linger;
    else if (p->w->flood)
        wait = max(p->w->interval, p->received < p->sent ? FLOOD_EVERY : 0);
    return p->last + wait;
}

static void run(struct ping *p)
{
    const struct words *w = p->w;
    u64 end = w->deadline ? clock_ns() + w->deadline : ~0ull, due = 0;

    for (;;) {
        struct sock_from from;
        u64 now = clock_ns();
        if (now >= end || (w->count && p->received + p->errors >= w->count) || out_failed(p->c->out))
            return;
        if (now >= due) {
            if (all_sent(p))
                return;
            send_one(p);
            due = next_time(p);
        }
        ssize n = sock_recv(p->k, p->got, length(p), &from, min(due, end));
        if (n == -EINTR)
            return;
        if (n < 0)
            continue;
        p->last = max(p->last, clock_ns());
        if (from.error.err)
            heard_error(p, &from, (u32)n);
        else if (n >= (ssize)ICMP_HLEN)
            heard(p, &from, (u32)n);
        if (w->flood)
            due = w->has_interval ? due : 0;
    }
}

static int begin(struct ping *p, const char *host)
{
    const struct words *w = p->w;
    const char *dev = w->from.dev[0] ? w->from.dev : w->host.dev;
    struct ipaddr src;
    u32 mtu;

    struct sock_how how = {.kind = SOCK_PING,
                           .families = p->v6 ? 1 << IP_V6 : 1 << IP_V4,
                           .local = w->from.src,
                           .errors = true,
                           .room = 8 * (length(p) + 256)};
    if (dev[0] && !(how.index = host_dev_index(p->c->net, dev))) {
        cmd_error(p->c, "unknown iface: %s", dev);
        return 2;
    }
    int err = sock_open(p->c->net, &how, &p->k);
    if (err) {
        cmd_error(p->c, "bind: %s", errno_text(err));
        return 2;
    }
    p->to = (struct sock_to){.addr = w->host.addr, .hops = w->ttl, .tos = w->tos, .whole = w->whole};
    err = sock_source(p->k, &p->to, &src, &mtu);
    if (err) {
        cmd_error(p->c, "connect: %s", errno_text(err));
        return 2;
    }
    say_header(p, host, &src);
    return 0;
}

static int ping(struct cmd_ctx *c, unsigned family)
{
    struct words w;
    bool end;
    int status = read_words(c, &w, family, &end);
    if (end)
        return status;
    struct ping p = {.c = c, .w = &w, .v6 = !ipaddr_is4(&w.host.addr)};
    p.packet = mem_alloc(length(&p));
    p.got = mem_alloc(length(&p));
    p.out = mem_zalloc(OUT_MOST * sizeof(*p.out));
    if (!p.packet || !p.got || !p.out)
        status = cmd_error(c, "no memory");
    else
        status = begin(&p, c->argv[c->argc - 1]);
    if (!status) {
        fill(&p);
        run(&p);
        say_summary(&p, c->argv[c->argc - 1]);
        status = !p.received || (w.deadline && p.received < w.count);
    }
    sock_close(p.k);
    mem_free(p.packet);
    mem_free(p.got);
    mem_free(p.out);
    return status;
}

static int cmd_ping(struct cmd_ctx *c)
{
    return ping(c, 0);
}

static int cmd_ping6(struct cmd_ctx *c)
{
    return ping(c, 6);
}

#define USAGE                                                                                                      \
    "[-46Dfnq] [-c COUNT] [-i SECONDS] [-I INTERFACE|ADDRESS] [-M do|want|dont] [-p PATTERN] [-Q TOS] [-s BYTES] " \
    "[-t TTL] [-w SECONDS] [-W SECONDS] ADDRESS"
CMD(ping, .name = "ping", .group = "network", .help = "is a host there, and how far is it", .usage = USAGE,
    .run = cmd_ping);
CMD(ping6, .name = "ping6", .group = "network", .help = "ping of IPv6", .usage = USAGE, .run = cmd_ping6);

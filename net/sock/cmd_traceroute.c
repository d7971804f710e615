/* traceroute: the routers on the way to a host (Linux: Dmitry Butskoy's).
 *
 *     traceroute [-46FInU] [-f FIRST] [-i DEV] [-m HOPS] [-N AT ONCE] [-p PORT] [-q QUERIES] [-s SOURCE] [-w S] ADDRESS
 * [BYTES]
 *
 * Probes have so many hops as the router is away that shall answer; up to 16 are out at once. UDP's go to a port each,
 * by which their errors are told apart; with -U all go to one port, so one at a time. Echo requests have numbers.
 */
#include "lib/errno.h"
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/icmp.h"
#include "net/sock/host.h"

#define HOPS_MOST    255u
#define QUERIES_MOST 10u
#define PORT         33434u
#define PORT_FIXED   53u
#define PAYLOAD_MOST 65000u

/* ---- words ---- */

struct words {
    struct host host;
    struct ipaddr src;
    char dev[PORT_NAME];
    unsigned family, first, most, queries, at_once;
    u32 port, size; /* size: of the packet; 0: the usual */
    u64 wait;       /* ns */
    bool icmp, fixed, whole, numeric;
};

static void read_option(struct words *w, struct option_reader *o, int ch)
{
    bool ok = true;
    switch (ch) {
    case '4': w->family = 4; break;
    case '6': w->family = 6; break;
    case 'F': w->whole = true; break;
    case 'I': w->icmp = true; break;
    case 'n': w->numeric = true; break;
    case 'U': w->fixed = true; break;
    case 'f': w->first = (unsigned)option_number(o, 1, HOPS_MOST); break;
    case 'm': w->most = (unsigned)option_number(o, 1, HOPS_MOST); break;
    case 'N': w->at_once = (unsigned)option_number(o, 1, 256); break;
    case 'p': w->port = (u32)option_number(o, 1, 65535); break;
    case 'q': w->queries = (unsigned)option_number(o, 1, QUERIES_MOST); break;
    case 'i': ok = o->value[0] && str_copy(w->dev, sizeof(w->dev), o->value) < sizeof(w->dev); break;
    case 's': ok = !parse_addr(o->value, &w->src, NULL); break;
    case 'w': ok = host_seconds(o->value, &w->wait) && w->wait; break;
    }
    if (!ok && !o->bad) {
        fmt(o->why, sizeof(o->why), "Bad option `-%c' (argument `%s')", ch, o->value);
        o->bad = true;
    }
}

static int read_words(struct cmd_ctx *c, struct words *w, bool *end)
{
    struct option_reader o;
    u64 size = 0;

    *end = true;
    *w = (struct words){.first = 1, .most = 30, .queries = 3, .at_once = 16, .wait = 5 * NS_PER_S};
    option_start(&o, c, "46FInUf:i:m:N:p:q:s:w:");
    for (int ch; (ch = option_next(&o)) > 0;)
        read_option(w, &o, ch);
    if (o.bad)
        return option_refuse(&o);
    if (o.at >= c->argc || o.at + 2 < c->argc)
        return cmd_usage(c, "Specify \"host\" missing argument.");
    const char *why = host_parse(c->argv[o.at], w->family, &w->host);
    if (why) {
        cmd_error(c, "%s: %s", c->argv[o.at], why);
        return 2;
    }
    if (w->first > w->most)
        return cmd_usage(c, "first hop out of range");
    if (o.at + 1 < c->argc && (!option_decimal(c->argv[o.at + 1], &size) || size > PAYLOAD_MOST))
        return cmd_usage(c, "too big packetlen %s specified", c->argv[o.at + 1]);
    w->size = (u32)size;
    if (!w->port)
        w->port = w->fixed ? PORT_FIXED : PORT;
    if (w->fixed)
        w->at_once = 1;
    if (!w->dev[0])
        str_copy(w->dev, sizeof(w->dev), w->host.dev);
    *end = false;
    return 0;
}

/* ---- act ---- */

struct probe {
    u64 sent, rtt; /* ns */
    struct ipaddr by;
    char note[12]; /* "!H" */
    bool done, answered, reached;
};

struct trace {
    struct cmd_ctx *c;
    const struct words *w;
    struct sock *k;
    bool v6;
    u32 header; /* bytes before the payload, IP's among them */
    u32 payload;
    u8 *packet;
    u32 n, next, shown; /* probes in all, sent, and printed */
    struct probe *probe;
};

static u32 index_of(const struct trace *t, const struct sock_from *from, const u8 *p, u32 n)
{
    if (t->w->fixed)
        return t->next - 1;
    u32 number = !t->w->icmp ? from->port - t->w->port : n >= ICMP_HLEN ? load_be16(p + 6) - 1u : ~0u;
    return number & 0xffff;
}

static void note(char *to, size_t size, const struct sock_error *e, bool v6)
{
    static const char *const four[] = {"!N", "!H", "!P", "",   NULL, "!S", "!N", "!H",
                                       "!N", "!X", "!X", "!N", "!H", "!X", "!V", "!C"};
    static const char *const six[] = {"!N", "!X", "!H", "!H", ""};
    const char *const *notes = v6 ? six : four;
    u32 n = v6 ? ARRAY_LEN(six) : ARRAY_LEN(four);
    bool unreach = e->type == (v6 ? ICMP6_UNREACH : ICMP_UNREACH);

    if (e->err == -EMSGSIZE)
        fmt(to, size, "!F-%u", e->info);
    else if (unreach && e->code < n && notes[e->code])
        str_copy(to, size, notes[e->code]);
    else if (unreach)
        fmt(to, size, "!<%u>", e->code);
    else
        str_copy(to, size, e->type == (v6 ? ICMP6_TIME_EXCEEDED : ICMP_TIME_EXCEEDED) ? "" : "!P");
}

static void heard(struct trace *t, const struct sock_from *from, const u8 *p, u32 n)
{
    u32 i = index_of(t, from, p, n);
    struct probe *pr = i < t->next ? &t->probe[i] : NULL;
    if (!pr || pr->done)
        return;
    pr->done = pr->answered = true;
    pr->rtt = from->stamp > pr->sent ? from->stamp - pr->sent : 0;
    pr->by = from->error.err ? from->error.by : from->addr;
    pr->reached = !from->error.err || from->error.type != (t->v6 ? ICMP6_TIME_EXCEEDED : ICMP_TIME_EXCEEDED);
    if (from->error.err)
        note(pr->note, sizeof(pr->note), &from->error, t->v6);
    if (pr->reached) /* nobody need ask further on */
        t->n = min(t->n, (i / t->w->queries + 1) * t->w->queries);
}

static int send_probe(struct trace *t)
{
    const struct words *w = t->w;
    struct probe *pr = &t->probe[t->next];
    struct sock_to to = {.addr = w->host.addr,
                         .hops = (u8)(w->first + t->next / w->queries),
                         .whole = w->whole ? IP_WHOLE : IP_MAY_CUT,
                         .port = (u16)(w->fixed ? w->port : w->port + t->next)};
    if (w->icmp)
        store_be16(t->packet + 6, (u16)(t->next + 1));
    pr->sent = clock_ns();
    t->next++;
    return sock_send(t->k, &to, t->packet, t->payload + (w->icmp ? ICMP_HLEN : 0));
}

/* ---- print ---- */

static void say_probe(struct trace *t, u32 i)
{
    struct out *o = t->c->out;
    const struct probe *pr = &t->probe[i];
    u32 query = i % t->w->queries;
    const struct probe *last = NULL;

    if (!query)
        out_text(o, "%2u ", t->w->first + i / t->w->queries);
    for (u32 j = i - query; j < i; j++)
        if (t->probe[j].answered)
            last = &t->probe[j];
    if (!pr->answered) {
        out_text(o, " *");
    } else {
        if (!last || !addr_eq(&last->by, &pr->by)) {
            out_text(o, " %pI", &pr->by);
            if (!t->w->numeric)
                out_text(o, " (%pI)", &pr->by);
        }
        u64 us = (pr->rtt + NS_PER_US / 2) / NS_PER_US;
        out_text(o, "  %llu.%03llu ms", (unsigned long long)us / 1000, (unsigned long long)us % 1000);
        if (pr->note[0])
            out_text(o, " %s", pr->note);
    }
    if (query + 1 == t->w->queries)
        out_text(o, "\n");
}

static void say_done(struct trace *t)
{
    for (; t->shown < min(t->next, t->n) && t->probe[t->shown].done; t->shown++)
        say_probe(t, t->shown);
}

/* ---- the course of it ---- */

/* Those that waited long enough are done; how many are out, and when the next of them is. */
static u32 look(struct trace *t, u64 now, u64 *until)
{
    u32 out = 0;
    *until = ~0ull;
    for (u32 i = t->shown; i < min(t->next, t->n); i++) {
        struct probe *pr = &t->probe[i];
        if (!pr->done && now >= pr->sent + t->w->wait)
            pr->done = true;
        if (pr->done)
            continue;
        out++;
        *until = min(*until, pr->sent + t->w->wait);
    }
    return out;
}

static int run(struct trace *t)
{
    u8 got[128];
    struct sock_from from;
    u64 until;

    while (t->shown < t->n && !out_failed(t->c->out)) {
        u32 out = look(t, clock_ns(), &until);
        say_done(t);
        if (t->next < t->n && out < t->w->at_once) {
            int err = send_probe(t);
            if (err) {
                out_text(t->c->out, "\n");
                return cmd_error(t->c, "send: %s", errno_text(err));
            }
            continue;
        }
        if (!out)
            continue;
        ssize n = sock_recv(t->k, got, sizeof(got), &from, until);
        if (n == -EINTR)
            return 130;
        if (n >= 0)
            heard(t, &from, got, (u32)n);
    }
    return 0;
}

static int begin(struct trace *t, const char *host)
{
    const struct words *w = t->w;
    struct sock_how how = {.kind = w->icmp ? SOCK_PING : SOCK_UDP,
                           .families = t->v6 ? 1 << IP_V6 : 1 << IP_V4,
                           .local = w->src,
                           .errors = true};
    struct sock_to to = {.addr = w->host.addr};
    struct ipaddr src;
    u32 mtu;

    if (w->dev[0] && !(how.index = host_dev_index(t->c->net, w->dev)))
        return cmd_error(t->c, "setting of the interface `%s': No such device", w->dev);
    int err = sock_open(t->c->net, &how, &t->k);
    if (err)
        return cmd_error(t->c, "bind: %s", errno_text(err));
    err = sock_source(t->k, &to, &src, &mtu);
    if (err)
        return cmd_error(t->c, "connect: %s", errno_text(err));
    out_text(t->c->out, "traceroute to %s (%pI), %u hops max, %u byte packets\n", host, &w->host.addr, w->most,
             t->header + t->payload);
    return 0;
}

static int cmd_traceroute(struct cmd_ctx *c)
{
    struct words w;
    bool end;
    int status = read_words(c, &w, &end);
    if (end)
        return status;
    struct trace t = {.c = c, .w = &w, .v6 = !ipaddr_is4(&w.host.addr), .n = (w.most - w.first + 1) * w.queries};
    t.header = (t.v6 ? 40 : 20) + 8;
    t.payload = !w.size ? 32 : w.size > t.header ? w.size - t.header : 0;
    t.packet = mem_alloc(t.payload + ICMP_HLEN);
    t.probe = mem_zalloc(t.n * sizeof(*t.probe));
    if (!t.packet || !t.probe) {
        status = cmd_error(c, "no memory");
    } else {
        memset(t.packet, 0, ICMP_HLEN);
        for (u32 i = 0; i < t.payload; i++)
            t.packet[(w.icmp ? ICMP_HLEN : 0) + i] = (u8)(0x40 + i % 0x40);
        u32 host = (u32)c->argc - 1 - (w.size ? 1 : 0);
        status = begin(&t, c->argv[host]);
        if (!status)
            status = run(&t);
    }
    sock_close(t.k);
    mem_free(t.packet);
    mem_free(t.probe);
    return status;
}

CMD(traceroute, .name = "traceroute", .group = "network", .help = "the routers on the way to a host",
    .usage = "[-46FInU] [-f FIRST_HOP] [-i DEV] [-m HOPS] [-N PROBES] [-p PORT] [-q QUERIES] [-s SOURCE] [-w SECONDS] "
             "ADDRESS [BYTES]",
    .run = cmd_traceroute);

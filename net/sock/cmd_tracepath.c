/* tracepath: the routers on the way to a host, and the largest packet that goes through whole (Linux: iputils).
 *
 *     tracepath [-46bn] [-m HOPS] [-l BYTES] [-p PORT] ADDRESS
 *
 * Probes are as long as the MTU that is known so far and nobody may cut them; each goes to a port of its own, so a late
 * answer is known as what it is.
 */
#include "lib/errno.h"
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/icmp.h"
#include "net/sock/host.h"

#define HOPS_MOST   255u
#define PORT        44444u
#define LARGEST     65535u
#define TRIES       3u
#define SENT_MOST   (HOPS_MOST * TRIES + 64u) /* 64: those that were longer than the MTU */
#define WAIT        NS_PER_S
#define HOST_COLUMN 52

/* ---- words ---- */

struct words {
    struct host host;
    unsigned family, most;
    u32 size, port; /* size: of a packet, IP's header and all */
    bool both;
};

static int read_words(struct cmd_ctx *c, struct words *w, bool *end)
{
    struct option_reader o;
    *end = true;
    *w = (struct words){.most = 30, .size = LARGEST, .port = PORT};
    option_start(&o, c, "46bnl:m:p:");
    for (int ch; (ch = option_next(&o)) > 0;)
        switch (ch) {
        case '4': w->family = 4; break;
        case '6': w->family = 6; break;
        case 'b': w->both = true; break;
        case 'n': break; /* addresses are never made names */
        case 'l': w->size = (u32)option_number(&o, 68, LARGEST); break;
        case 'm': w->most = (unsigned)option_number(&o, 1, HOPS_MOST); break;
        case 'p': w->port = (u32)option_number(&o, 1, 65535 - SENT_MOST); break;
        }
    if (o.bad)
        return option_refuse(&o);
    if (o.at + 1 != c->argc)
        return cmd_usage(c, o.at < c->argc ? "one destination is enough" : "which address?");
    const char *why = host_parse(c->argv[o.at], w->family, &w->host);
    if (why) {
        cmd_error(c, "%s: %s", c->argv[o.at], why);
        return 2;
    }
    *end = false;
    return 0;
}

/* ---- act ---- */

struct sent {
    u64 at; /* ns */
    u8 hops;
};

struct path {
    struct cmd_ctx *c;
    const struct words *w;
    struct sock *k;
    u8 *packet;
    bool v6;
    u32 header, mtu;
    u8 hops; /* of the probes just now */
    u32 n;   /* probes sent: a port each */
    struct sent *sent;
    int to, back; /* hops there and back; -1: not known */
};

enum answer { NOTHING, NEXT_HOP, SMALLER, END, INTERRUPTED };

/* How far an answer has come, by what its sender most likely began with. */
static int way_back(u8 hops)
{
    return hops <= 64 ? 65 - hops : hops <= 128 ? 129 - hops : 256 - hops;
}

static void say_host(struct path *p, u8 hops, const struct ipaddr *a)
{
    char text[2 * FMT_IPADDR_MAX + 4];
    fmt(text, sizeof(text), p->w->both ? "%pI (%pI)" : "%pI", a, a);
    out_text(p->c->out, "%2u:  %-*s", hops, HOST_COLUMN, text);
}

static enum answer says(struct path *p, const struct sock_from *from, const struct sent *sent)
{
    struct out *o = p->c->out;
    const struct sock_error *e = &from->error;
    u64 us = (from->stamp > sent->at ? from->stamp - sent->at : 0) / NS_PER_US;
    int back = way_back(from->hops);

    say_host(p, sent->hops, e->err ? &e->by : &from->addr);
    out_text(o, "%3llu.%03llums ", (unsigned long long)us / 1000, (unsigned long long)us % 1000);
    if (!e->err || e->err == -ECONNREFUSED) {
        out_text(o, "reached\n");
        p->to = sent->hops;
        p->back = back;
        return END;
    }
    if (e->err == -EMSGSIZE && e->info >= 68 && e->info < p->mtu) {
        out_text(o, "pmtu %u\n", e->info);
        p->mtu = e->info;
        return SMALLER;
    }
    if (e->type == (p->v6 ? ICMP6_TIME_EXCEEDED : ICMP_TIME_EXCEEDED)) {
        if (back != sent->hops)
            out_text(o, "asymm %2d ", back);
        out_text(o, "\n");
        return sent->hops == p->hops ? NEXT_HOP : NOTHING; /* a late one */
    }
    out_text(o, "%s\n", e->err == -EPROTO ? "!P" : e->err == -ENETUNREACH ? "!N" : e->err == -EACCES ? "!A" : "!H");
    return END;
}

static enum answer hear(struct path *p, u64 until)
{
    struct sock_from from;
    u8 got[8];
    for (;;) {
        ssize n = sock_recv(p->k, got, sizeof(got), &from, until);
        if (n < 0)
            return n == -EINTR ? INTERRUPTED : NOTHING;
        u32 i = (u32)from.port - p->w->port;
        enum answer a = i < p->n ? says(p, &from, &p->sent[i]) : NOTHING;
        if (a != NOTHING)
            return a;
    }
}

static enum answer probe(struct path *p, int *err)
{
    struct sock_to to = {.addr = p->w->host.addr, .hops = p->hops, .whole = IP_WHOLE};
    struct ipaddr src;
    u32 mtu = 0;

    if (p->n >= SENT_MOST)
        return END;
    to.port = (u16)(p->w->port + p->n);
    p->sent[p->n++] = (struct sent){clock_ns(), p->hops};
    *err = sock_send(p->k, &to, p->packet, p->mtu - p->header);
    if (*err == -EMSGSIZE && !sock_source(p->k, &to, &src, &mtu) && mtu < p->mtu) {
        out_text(p->c->out, "%2u?: %-32s pmtu %u\n", p->hops, "[LOCALHOST]", mtu);
        p->mtu = mtu;
        *err = 0;
        return SMALLER;
    }
    return *err ? END : hear(p, clock_ns() + WAIT);
}

static int run(struct path *p)
{
    int err = 0;
    for (unsigned hop = 1; hop <= p->w->most; hop++) {
        enum answer a = NOTHING;
        p->hops = (u8)hop;
        for (unsigned i = 0; i < TRIES && a != NEXT_HOP; i++) {
            a = probe(p, &err);
            if (err)
                return cmd_error(p->c, "%s", errno_text(err));
            if (a == INTERRUPTED)
                return 130;
            if (a == END)
                return 0;
            if (a == SMALLER)
                i = ~0u; /* from the first try again */
        }
        if (a == NOTHING)
            out_text(p->c->out, "%2u:  no reply\n", hop);
    }
    out_text(p->c->out, "     Too many hops: pmtu %u\n", p->mtu);
    return 0;
}

static void say_resume(struct path *p)
{
    struct out *o = p->c->out;
    out_text(o, "     Resume: pmtu %u ", p->mtu);
    if (p->to >= 0)
        out_text(o, "hops %d back %d ", p->to, p->back);
    out_text(o, "\n");
}

static int cmd_tracepath(struct cmd_ctx *c)
{
    struct words w;
    bool end;
    int status = read_words(c, &w, &end);
    if (end)
        return status;
    struct path p = {.c = c, .w = &w, .v6 = !ipaddr_is4(&w.host.addr), .mtu = w.size, .to = -1};
    struct sock_how how = {.kind = SOCK_UDP, .families = p.v6 ? 1 << IP_V6 : 1 << IP_V4, .errors = true};
    p.header = (p.v6 ? 40 : 20) + 8;
    if (w.host.dev[0] && !(how.index = host_dev_index(c->net, w.host.dev)))
        return cmd_error(c, "%s: No such device", w.host.dev);
    p.packet = mem_zalloc(w.size);
    p.sent = mem_zalloc(SENT_MOST * sizeof(*p.sent));
    int err = p.packet && p.sent ? sock_open(c->net, &how, &p.k) : -ENOMEM;
    status = err ? cmd_error(c, "%s", errno_text(err)) : run(&p);
    if (!status)
        say_resume(&p);
    sock_close(p.k);
    mem_free(p.packet);
    mem_free(p.sent);
    return status;
}

CMD(tracepath, .name = "tracepath", .group = "network", .help = "the way to a host, and its MTU",
    .usage = "[-46bn] [-l BYTES] [-m HOPS] [-p PORT] ADDRESS", .run = cmd_tracepath);

/* arping: who has an address on a link (Linux: iputils).
 *
 *     arping [-AbDfqU] [-c N] [-i S] [-w S] [-I DEV] [-s SOURCE] ADDRESS
 *
 * The first asks everybody; who has answered is asked alone, unless -b. -D looks whether the address is taken, -U and
 * -A tell the others that it is ours.
 */
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/ifaddr.h"
#include "net/sock/arp_ask.h"
#include "net/sock/host.h"

/* ---- words ---- */

struct words {
    struct host host;
    struct ipaddr src;
    char dev[PORT_NAME];
    u64 count, interval, deadline; /* 0: none; ns */
    bool tells, answers, all, probe, first, quiet, has_src;
};

static void read_option(struct words *w, struct option_reader *o, int ch)
{
    bool ok = true;
    switch (ch) {
    case 'A': w->tells = w->answers = true; break;
    case 'b': w->all = true; break;
    case 'D': w->probe = w->first = true; break;
    case 'f': w->first = true; break;
    case 'q': w->quiet = true; break;
    case 'U': w->tells = true; break;
    case 'c': w->count = option_number(o, 1, INT64_MAX); break;
    case 'i': ok = host_seconds(o->value, &w->interval) && w->interval; break;
    case 'w': ok = host_seconds(o->value, &w->deadline) && w->deadline; break;
    case 'I': ok = o->value[0] && str_copy(w->dev, sizeof(w->dev), o->value) < sizeof(w->dev); break;
    case 's': ok = w->has_src = !parse_addr(o->value, &w->src, NULL) && ipaddr_is4(&w->src); break;
    }
    if (!ok && !o->bad) {
        fmt(o->why, sizeof(o->why), "invalid argument: '%s'", o->value);
        o->bad = true;
    }
}

static int read_words(struct cmd_ctx *c, struct words *w, bool *end)
{
    struct option_reader o;
    *end = true;
    *w = (struct words){.interval = NS_PER_S};
    option_start(&o, c, "AbDfqUc:i:I:s:w:");
    for (int ch; (ch = option_next(&o)) > 0;)
        read_option(w, &o, ch);
    if (o.bad)
        return option_refuse(&o);
    if (o.at + 1 != c->argc)
        return cmd_usage(c, o.at < c->argc ? "one destination is enough" : "which address?");
    const char *why = host_parse(c->argv[o.at], 4, &w->host);
    if (why) {
        cmd_error(c, "%s: %s", c->argv[o.at], why);
        return 2;
    }
    *end = false;
    return 0;
}

/* ---- act ---- */

struct arping {
    struct cmd_ctx *c;
    const struct words *w;
    u32 index;
    char dev[PORT_NAME];
    struct arp_ask *ask;
    struct arp_ask_how how;
    struct macaddr mac; /* of who answered */
    u64 sent, sent_all, heard, heard_all, requests, at;
};

/* The device, or the only one that is up; and the address to ask from. */
static bool choose_dev(struct arping *a)
{
    const struct words *w = a->w;
    unsigned found = 0;
    for (struct netdev *dev = NULL; (dev = netdev_walk(a->c->net, dev));) {
        bool fits = w->dev[0] ? str_eq(dev->port.name, w->dev) : (dev->flags & DEV_UP) && dev->type == DEV_TYPE_ETHER;
        if (!fits)
            continue;
        found++;
        a->index = dev->port.index;
        str_copy(a->dev, sizeof(a->dev), dev->port.name);
        rcu_enter();
        const struct ifaddr *own = ifaddr_source(dev, &ip_v4, &w->host.addr, SCOPE_LINK);
        a->how.src = w->probe     ? ipaddr_of4(0, 0, 0, 0)
                     : w->has_src ? w->src
                     : w->tells   ? w->host.addr
                     : own        ? own->addr
                                  : ipaddr_of4(0, 0, 0, 0);
        rcu_exit();
    }
    return found == 1;
}

static void heard(struct arping *a, const struct arp_heard *h)
{
    struct out *o = a->c->out;
    u64 us = (h->stamp > a->at ? h->stamp - a->at : 0) / NS_PER_US;
    a->heard++;
    a->heard_all += h->to_all;
    a->requests += !h->reply;
    a->mac = h->mac;
    if (!a->w->all && !a->w->probe && !a->w->tells)
        a->how.to = &a->mac;
    if (a->w->quiet)
        return;
    const u8 *m = h->mac.b;
    out_text(o, "%s %s from %pI [%02X:%02X:%02X:%02X:%02X:%02X]  %llu.%03llums\n", h->to_all ? "Broadcast" : "Unicast",
             h->reply ? "reply" : "request", &a->w->host.addr, m[0], m[1], m[2], m[3], m[4], m[5],
             (unsigned long long)us / 1000, (unsigned long long)us % 1000);
}

static int run(struct arping *a)
{
    const struct words *w = a->w;
    u64 end = w->deadline ? clock_ns() + w->deadline : ~0ull, due = 0;

    for (;;) {
        struct arp_heard h;
        u64 now = clock_ns();
        if (now >= end || (w->first && a->heard) || out_failed(a->c->out))
            return 0;
        if (now >= due) {
            if (w->count && a->sent >= w->count)
                return 0;
            if (arp_ask_send(a->ask, &a->how))
                return cmd_error(a->c, "%s: the interface is gone", a->dev);
            a->sent++;
            a->sent_all += !a->how.to;
            a->at = now;
            due = now + w->interval;
        }
        int n = arp_ask_next(a->ask, &h, min(due, end));
        if (n == -EINTR)
            return 0;
        if (n > 0)
            heard(a, &h);
    }
}

static void say_summary(struct arping *a)
{
    struct out *o = a->c->out;
    out_text(o, "Sent %llu probes (%llu broadcast(s))\nReceived %llu response(s)", (unsigned long long)a->sent,
             (unsigned long long)a->sent_all, (unsigned long long)a->heard);
    if (a->requests)
        out_text(o, " (%llu request(s)%s", (unsigned long long)a->requests, a->heard_all ? "" : ")");
    if (a->heard_all)
        out_text(o, "%s%llu broadcast(s))", a->requests ? ", " : " (", (unsigned long long)a->heard_all);
    out_text(o, "\n");
}

static int cmd_arping(struct cmd_ctx *c)
{
    struct words w;
    bool end;
    int status = read_words(c, &w, &end);
    if (end)
        return status;
    struct arping a = {.c = c, .w = &w};
    if (!choose_dev(&a)) {
        if (w.dev[0])
            cmd_error(c, "Interface \"%s\" is not there", w.dev);
        else
            cmd_error(c, "Suitable device could not be determined. Please, use option -I.");
        return 2;
    }
    a.how.reply = w.answers;
    a.ask = arp_ask_open(c->net, a.index, &w.host.addr);
    if (!a.ask)
        return cmd_error(c, "no memory");
    if (!w.quiet)
        out_text(c->out, "ARPING %pI from %pI %s\n", &w.host.addr, &a.how.src, a.dev);
    status = run(&a);
    arp_ask_close(a.ask);
    if (status)
        return status;
    if (!w.quiet)
        say_summary(&a);
    return w.probe ? a.heard != 0 : w.tells ? 0 : !a.heard;
}

CMD(arping, .name = "arping", .group = "network", .help = "who has an IPv4 address on a link",
    .usage = "[-AbDfqU] [-c COUNT] [-i SECONDS] [-I DEV] [-s SOURCE] [-w SECONDS] ADDRESS", .run = cmd_arping);

/* udhcpc (busybox) and dhclient (ISC): both start the one client there is, wait for it, and tell of it as their name
 * has it; it goes on in the background. Their leases: /var/lib/dhcp/dhclient.leases.
 *
 *     udhcpc -i IF [-bfnqR] [-t TRIES] [-T SECONDS]        dhclient [-1rvx] IF
 */
#include "apps/dhcpc/dhcpc.h"
#include "lib/date.h"
#include "lib/errno.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/string.h"

/* ---- words ---- */

struct words {
    char dev[LINK_NAME];
    struct dhcpc_how how;
    bool isc, stop, release, foreground, background, verbose;
};

static void read_option(struct words *w, struct option_reader *o, int ch)
{
    switch (ch) {
    case 'b': w->background = true; break;
    case 'f': w->foreground = true; break;
    case 'n': w->how.give_up = true; break;
    case 'q': w->how.once = true; break;
    case 'R': w->release = true; break;
    case 't': w->how.tries = (u32)option_number(o, 1, 1000000); break;
    case 'T': w->how.every = option_number(o, 1, 3600) * NS_PER_S; break;
    case '1': w->how.give_up = true; break;
    case 'r': w->stop = w->release = true; break;
    case 'x': w->stop = true; break;
    case 'v': w->verbose = true; break;
    case 'i':
        if (!o->value[0] || str_copy(w->dev, sizeof(w->dev), o->value) >= sizeof(w->dev)) {
            fmt(o->why, sizeof(o->why), "\"%.40s\" is no interface's name", o->value);
            o->bad = true;
        }
        break;
    }
}

static int read_words(struct cmd_ctx *c, struct words *w, bool isc, bool *end)
{
    struct option_reader o;

    *end = true;
    *w = (struct words){.isc = isc};
    if (isc)
        w->how = (struct dhcpc_how){.tries = 0};
    else
        w->how = (struct dhcpc_how){.tries = 3, .every = 3 * NS_PER_S};
    option_start(&o, c, isc ? "1rvx" : "bfi:nqRt:T:");
    for (int ch; (ch = option_next(&o)) > 0;)
        read_option(w, &o, ch);
    if (o.bad)
        return option_refuse(&o);
    if (isc && o.at < c->argc && str_copy(w->dev, sizeof(w->dev), c->argv[o.at++]) >= sizeof(w->dev))
        return cmd_usage(c, "\"%s\" is no interface's name", c->argv[o.at - 1]);
    if (o.at < c->argc)
        return cmd_usage(c, "\"%s\": one interface at a time", c->argv[o.at]);
    if (!w->dev[0])
        return cmd_usage(c, isc ? "which interface?" : "which interface? (-i IF)");
    if (isc && w->how.give_up) {
        w->how.tries = 5;
        w->how.every = 6 * NS_PER_S;
    }
    *end = false;
    return 0;
}

/* ---- print ---- */

static void say_busybox(struct out *o, u32 type, const struct dhcpc_notice *n)
{
    switch (type) {
    case DHCPC_EVENT_DISCOVER: out_text(o, "udhcpc: broadcasting discover\n"); break;
    case DHCPC_EVENT_REQUEST:
        out_text(o, "udhcpc: broadcasting select for %pI, server %pI\n", &n->addr, &n->server);
        break;
    case DHCPC_EVENT_RENEW: out_text(o, "udhcpc: sending renew to server %pI\n", &n->server); break;
    case DHCPC_EVENT_ACK:
        out_text(o, "udhcpc: lease of %pI obtained from %pI, lease time %u\n", &n->addr, &n->server, n->seconds);
        break;
    case DHCPC_EVENT_NAK: out_text(o, "udhcpc: received DHCP NAK from %pI\n", &n->server); break;
    case DHCPC_EVENT_DECLINE: out_text(o, "udhcpc: declined %pI: %pM has it already\n", &n->addr, &n->mac); break;
    case DHCPC_EVENT_EXPIRED: out_text(o, "udhcpc: lease lost, entering init state\n"); break;
    case DHCPC_EVENT_RELEASE: out_text(o, "udhcpc: unicasting a release of %pI to %pI\n", &n->addr, &n->server); break;
    }
}

static void say_isc(struct out *o, const char *dev, u32 type, const struct dhcpc_notice *n)
{
    switch (type) {
    case DHCPC_EVENT_DISCOVER:
        out_text(o, "DHCPDISCOVER on %s to 255.255.255.255 port 67 interval %u\n", dev, n->seconds);
        break;
    case DHCPC_EVENT_OFFER: out_text(o, "DHCPOFFER of %pI from %pI\n", &n->addr, &n->server); break;
    case DHCPC_EVENT_REQUEST:
        out_text(o, "DHCPREQUEST for %pI on %s to 255.255.255.255 port 67\n", &n->addr, dev);
        break;
    case DHCPC_EVENT_RENEW: out_text(o, "DHCPREQUEST for %pI on %s to %pI port 67\n", &n->addr, dev, &n->server); break;
    case DHCPC_EVENT_ACK: out_text(o, "DHCPACK of %pI from %pI\n", &n->addr, &n->server); break;
    case DHCPC_EVENT_NAK: out_text(o, "DHCPNAK from %pI\n", &n->server); break;
    case DHCPC_EVENT_DECLINE:
        out_text(o, "DHCPDECLINE of %pI on %s to 255.255.255.255 port 67: %pM has it\n", &n->addr, dev, &n->mac);
        break;
    case DHCPC_EVENT_BOUND: out_text(o, "bound to %pI -- renewal in %u seconds.\n", &n->addr, n->seconds); break;
    case DHCPC_EVENT_RELEASE:
        out_text(o, "DHCPRELEASE of %pI on %s to %pI port 67\n", &n->addr, dev, &n->server);
        break;
    }
}

/* ---- act ---- */

struct watch {
    struct cmd_ctx *c;
    const struct words *w;
    struct follower f;
    u32 index;
};

static void say(struct watch *t, u32 type, const struct dhcpc_notice *n)
{
    if (!t->w->isc)
        say_busybox(t->c->out, type, n);
    else if (t->w->verbose)
        say_isc(t->c->out, t->w->dev, type, n);
}

/* The next event of this interface: its type; -EINTR. */
static int next_event(struct watch *t)
{
    struct event e;
    struct dhcpc_notice n;
    for (;;) {
        int got = follow_read(&t->f, &e, &n, sizeof(n), ~0ull);
        if (got < 0)
            return got;
        if (n.index != t->index)
            continue;
        say(t, e.type, &n);
        return (int)e.type;
    }
}

static int follow(struct watch *t)
{
    const struct words *w = t->w;
    for (;;) {
        switch (next_event(t)) {
        case -EINTR: return -EINTR;
        case DHCPC_EVENT_BOUND:
            if (!w->foreground || w->how.once)
                return 0;
            break;
        case DHCPC_EVENT_FAILED:
            if (w->how.give_up)
                return w->isc ? cmd_error(t->c, "No DHCPOFFERS received.") : cmd_error(t->c, "no lease, failing");
            if (w->background) {
                out_text(t->c->out, "udhcpc: no lease, forking to background\n");
                return 0;
            }
            break;
        case DHCPC_EVENT_ENDED: return 1;
        }
    }
}

static void stop(struct watch *t, struct dhcpc *d, bool release)
{
    struct event e;
    struct dhcpc_notice n;
    dhcpc_stop(d, release);
    while (follow_read(&t->f, &e, &n, sizeof(n), 1) > 0) /* what it did for that */
        if (n.index == t->index)
            say(t, e.type, &n);
}

static int start(struct watch *t)
{
    const struct words *w = t->w;
    int err;
    struct dhcpc *d = dhcpc_find(t->c->net, w->dev);
    if (d) /* anew, as it is told now; the address stays meanwhile */
        dhcpc_stop(d, false);
    if (!w->isc)
        out_text(t->c->out, "udhcpc: started, v" WEIR_VERSION "\n");
    d = dhcpc_start(t->c->net, w->dev, &w->how, &err, NULL);
    if (!d)
        return cmd_error(t->c, "%s: %s", w->dev, err == -EINVAL ? "DHCP is for Ethernet" : errno_text(err));
    int status = follow(t);
    if (status != -EINTR) {
        dhcpc_put(d);
        return status;
    }
    task_interrupt_clear(); /* its end is waited for */
    stop(t, d, w->release);
    return 130;
}

static int run(struct cmd_ctx *c, bool isc)
{
    struct words w;
    struct link link;
    bool end;
    int status = read_words(c, &w, isc, &end);
    if (end)
        return status;
    struct watch t = {.c = c, .w = &w};
    struct notify_feed *feed = dhcpc_feed(c->net);
    if (!link_find(c->net, w.dev, &link))
        return cmd_error(c, "%s: %s", w.dev, errno_text(-ENODEV));
    if (!feed)
        return cmd_error(c, "no memory");
    t.index = link.index;
    follow_start(&t.f, feed);
    struct dhcpc *d = w.stop ? dhcpc_find(c->net, w.dev) : NULL;
    if (!w.stop)
        status = start(&t);
    else if (d)
        stop(&t, d, w.release);
    else
        status = cmd_error(c, "%s: no client runs there", w.dev);
    follow_end(&t.f);
    return status;
}

static int cmd_udhcpc(struct cmd_ctx *c)
{
    return run(c, false);
}

static int cmd_dhclient(struct cmd_ctx *c)
{
    return run(c, true);
}

CMD(udhcpc, .name = "udhcpc", .group = "network", .help = "an address by DHCP",
    .usage = "-i IF [-bfnqR] [-t TRIES] [-T SECONDS]", .run = cmd_udhcpc);
CMD(dhclient, .name = "dhclient", .group = "network", .help = "an address by DHCP", .usage = "[-1rvx] IF",
    .run = cmd_dhclient);

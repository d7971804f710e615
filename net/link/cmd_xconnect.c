/* weir xconnect: two devices joined as by a cable.
 *
 *     weir xconnect eth0 eth1        joins them, and brings both up
 *     weir xconnect del eth0         parts eth0 from whichever it is joined to; both stay up
 *     weir xconnect [-j]             which are joined
 *
 * They are joined before they are brought up: a device that learns when it is up that all frames are wanted may be deaf
 * for a while.
 */
#include "lib/cmd.h"
#include "lib/conf.h"
#include "lib/option.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/link/xconnect.h"

/* ---- words ---- */

struct request {
    enum { HELP, LIST, JOIN, PART } what;
    const char *a, *b;
};

static int read_words(struct cmd_ctx *c, struct request *q)
{
    struct option_reader o;
    bool json = false;

    *q = (struct request){.what = HELP};
    for (option_start(&o, c, "j"); option_next(&o) > 0;)
        json = true;
    if (o.bad)
        return option_refuse(&o);
    char **word = c->argv + o.at;
    int n = c->argc - o.at;
    q->what = LIST;
    if (n) {
        bool part = str_eq(word[0], "del");
        if (n != 2)
            return cmd_usage(c, part ? "one device is wanted behind \"del\"" : "two devices are wanted");
        *q = (struct request){.what = part ? PART : JOIN, .a = word[part], .b = word[1]};
    }
    c->out->json = json;
    return 0;
}

/* ---- act ---- */

static struct netdev *find(struct cmd_ctx *c, const char *name)
{
    struct netdev *dev = netdev_find(c->net, name);
    if (!dev)
        cmd_error(c, "\"%s\": there is no such device", name);
    return dev;
}

static int bring_up(struct cmd_ctx *c, struct netdev *dev)
{
    int err = dev_up(dev);
    return err ? cmd_error(c, "%s: does not come up (error %d)", dev->port.name, -err) : 0;
}

static int join(struct cmd_ctx *c, const struct request *q)
{
    struct netdev *a = find(c, q->a), *b = a ? find(c, q->b) : NULL;
    if (!b)
        return 1;
    if (a == b)
        return cmd_error(c, "%s: a device is not joined to itself", q->a);
    if (xconnect_join(a, b)) {
        const struct netdev *taken = a->handler ? a : b;
        return cmd_error(c, "%s: is taken already; if it is joined, \"weir xconnect del %s\" parts it",
                         taken->port.name, taken->port.name);
    }
    int failed = bring_up(c, a);
    return bring_up(c, b) || failed;
}

static int part(struct cmd_ctx *c, const struct request *q)
{
    struct netdev *a = find(c, q->a);
    if (!a)
        return 1;
    return xconnect_part(a) ? cmd_error(c, "%s: is not joined to another device", q->a) : 0;
}

/* ---- print ---- */

struct pair {
    u32 index; /* of the first; 0 begins */
    char a[PORT_NAME], b[PORT_NAME];
};

/* Each pair once, by the one with the lower number; a copy, since printing waits for whoever reads. */
static bool next_pair(struct net *net, struct pair *p)
{
    bool found = false;
    conf_enter();
    for (struct netdev *dev = NULL; !found && (dev = netdev_next(net, dev));) {
        const struct netdev *peer = xconnect_peer(dev);
        if (!peer || dev->port.index <= p->index || dev->port.index > peer->port.index)
            continue;
        found = true;
        p->index = dev->port.index;
        str_copy(p->a, sizeof(p->a), dev->port.name);
        str_copy(p->b, sizeof(p->b), peer->port.name);
    }
    conf_leave();
    return found;
}

static void print(struct cmd_ctx *c)
{
    struct out *o = c->out;
    out_array(o, NULL);
    for (struct pair p = {0}; next_pair(c->net, &p);) {
        out_object(o, NULL);
        out_str(o, "ifname", "%s ", p.a);
        out_str(o, "peer", "%s\n", p.b);
        out_end(o);
    }
    out_end(o);
}

static int cmd_xconnect(struct cmd_ctx *c)
{
    struct request q;
    int status = read_words(c, &q);
    if (status)
        return status;
    switch (q.what) {
    case JOIN:
    case PART:
        conf_enter();
        status = q.what == JOIN ? join(c, &q) : part(c, &q);
        conf_leave();
        return status;
    case LIST: print(c); return 0;
    case HELP: break;
    }
    return 0;
}

static void dump(struct cmd_ctx *c)
{
    for (struct pair p = {0}; next_pair(c->net, &p);)
        out_text(c->out, "weir xconnect %s %s\n", p.a, p.b);
}

static void complete(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    conf_enter();
    for (const struct netdev *dev = NULL; (dev = netdev_next(c->net, dev));)
        offer(arg, dev->port.name);
    conf_leave();
    if (c->argc - c->words == 1)
        offer(arg, "del");
}

CMD(xconnect, .name = "weir xconnect", .help = "join two devices as by a cable", .usage = "[-j] | IF IF | del IF",
    .group = "network", .dump_rank = 20, .run = cmd_xconnect, .dump = dump, .complete = complete);

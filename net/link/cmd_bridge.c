/* bridge link: ports of bridges, as iproute2's.
 *
 *     bridge [-d] [-j [-p]] link [show [dev] IF]
 *     bridge link set dev IF [state 0|3|disabled|forwarding] [hairpin|learning|flood|mcast_flood|bcast_flood|isolated
 *                            on|off]
 *
 * A state that was set stays until another is: Linux forgets it when the device goes down.
 */
#include "lib/conf.h"
#include "lib/errno.h"
#include "lib/iproute.h"
#include "lib/string.h"
#include "net/dev/link_show.h"
#include "net/link/bridge_show.h"

static int refuse(struct ip_words *w, int err)
{
    return err ? ip_fail(w, IP_WRONG, "RTNETLINK answers: %s", errno_text(err)) : 0;
}

static int help(struct cmd_ctx *c)
{
    out_text(c->err, "Usage: %s %s\n", c->cmd->name, c->cmd->usage);
    return IP_WRONG;
}

/* ---- bridge link: words ---- */

struct port_request {
    const char *dev;
    u32 mask, flags;
};

static void read_state(struct ip_words *w, struct port_request *q)
{
    const char *word = ip_value(w);
    bool off = word && (str_eq(word, "0") || str_eq(word, "disabled"));
    bool on = word && (str_eq(word, "3") || str_eq(word, "forwarding"));
    static const char *const others[] = {"1", "2", "4", "listening", "learning", "blocking"};

    if (word && ip_among(word, others, ARRAY_LEN(others)))
        ip_invalid(w, word, "without a spanning tree a port is disabled or forwarding");
    else if (word && !off && !on)
        ip_fail(w, IP_WRONG, "Error: invalid STP port state");
    q->mask |= BRIDGE_OFF;
    q->flags = off ? q->flags | BRIDGE_OFF : q->flags & ~BRIDGE_OFF;
}

static void read_flag(struct ip_words *w, const char *word, u32 flag, struct port_request *q)
{
    const char *value = ip_value(w);
    bool on = value && str_eq(value, "on");
    if (value && !on && !str_eq(value, "off"))
        ip_fail(w, IP_WRONG, "Error: argument of \"%s\" must be one of \"off\", \"on\", not \"%s\"", word, value);
    q->mask |= flag;
    q->flags = on ? q->flags | flag : q->flags & ~flag;
}

static bool port_has_not(const char *word)
{
    static const char *const words[] = {
        "cost",         "priority",         "guard",          "fastleave",   "root_block", "learning_sync",
        "mcast_router", "mcast_to_unicast", "neigh_suppress", "vlan_tunnel", "locked",     "hwmode",
        "backup_port",  "nobackup_port",    "self",
    };
    return ip_among(word, words, ARRAY_LEN(words));
}

static void read_port(struct ip_words *w, struct port_request *q)
{
    for (const char *word; (word = ip_word(w));) {
        u32 flag = bridge_flag_of(word);
        if (str_eq(word, "dev"))
            q->dev = ip_value(w);
        else if (str_eq(word, "state"))
            read_state(w, q);
        else if (flag)
            read_flag(w, word, flag, q);
        else if (port_has_not(word))
            ip_invalid(w, word, "no port of a bridge here has it");
        else if (!str_eq(word, "master"))
            ip_fail(w, IP_WRONG, "Error: what is \"%s\"? Try \"bridge link help\".", word);
    }
    if (!w->status && !q->dev)
        ip_fail(w, IP_WRONG, "Device is a required argument.");
}

/* ---- bridge link: act, print ---- */

static int set_port(struct ip_words *w, const struct port_request *q)
{
    struct bridge_seen p;
    conf_enter();
    struct netdev *dev = netdev_find(w->c->net, q->dev);
    bool is_port = dev && bridge_see(dev, &p);
    if (is_port)
        bridge_port_set(dev, q->mask, q->flags);
    conf_leave();
    if (!dev)
        return ip_fail(w, IP_WRONG, "Cannot find bridge device \"%s\"", q->dev);
    return refuse(w, is_port ? 0 : -EOPNOTSUPP);
}

static void show_port(struct ip_words *w, struct netdev *dev)
{
    struct out *o = w->c->out;
    struct bridge_seen p = {0};
    char master[PORT_NAME];

    conf_enter();
    bool is = bridge_see(dev, &p);
    if (is)
        str_copy(master, sizeof(master), p.br->port.name);
    conf_leave();
    if (!is)
        return;
    out_object(o, NULL);
    link_show_who(o, dev);
    out_u64(o, "mtu", "mtu %llu ", dev->mtu);
    out_str(o, "master", "master %s ", master);
    out_str(o, "state", "state %s ", bridge_state_name(&p));
    out_u64(o, "priority", "priority %llu ", BRIDGE_PRIORITY);
    out_u64(o, "cost", "cost %llu ", bridge_port_cost(dev));
    if (w->details) {
        out_text(o, "%s    ", w->newline);
        bridge_show_flags(o, &p, ~0u);
    }
    out_text(o, "\n");
    out_end(o);
}

static int show_ports(struct ip_words *w)
{
    const char *word = ip_word(w), *name = word && str_eq(word, "dev") ? ip_value(w) : word;
    struct netdev *dev = name ? netdev_hold(w->c->net, name) : NULL;

    if (name && !dev)
        ip_fail(w, IP_WRONG, "Cannot find device \"%s\"", name);
    if (w->status)
        return w->status;
    out_array(w->c->out, NULL);
    if (dev) {
        show_port(w, dev);
        netdev_put(dev);
    } else {
        while ((dev = netdev_walk(w->c->net, dev)))
            show_port(w, dev);
    }
    out_end(w->c->out);
    return 0;
}

static int cmd_bridge_link(struct cmd_ctx *c)
{
    static const char *const verbs[] = {"set", "show", "lst", "list", "help"};
    struct port_request q = {0};
    struct ip_words w;
    int status = ip_begin(&w, c), verb = status ? -1 : ip_verb(&w, verbs, ARRAY_LEN(verbs), 1);

    if (!verb)
        read_port(&w, &q);
    if (w.status)
        return w.status;
    return verb == 4 ? help(c) : verb ? show_ports(&w) : set_port(&w, &q);
}

/* ---- dump ---- */

static void dump_ports(struct cmd_ctx *c)
{
    struct bridge_seen p;
    for (struct netdev *dev = NULL; (dev = netdev_walk(c->net, dev));) {
        conf_enter();
        bool is = bridge_see(dev, &p);
        conf_leave();
        if (!is || p.flags == BRIDGE_USUAL)
            continue;
        out_text(c->out, "bridge link set dev ");
        out_word(c->out, dev->port.name);
        out_text(c->out, p.flags & BRIDGE_OFF ? " state disabled " : " ");
        bridge_show_flags(c->out, &p, p.flags ^ BRIDGE_USUAL);
        out_text(c->out, "\n");
    }
}

static void complete(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    int nth = c->argc - c->words;
    if (nth == 1) {
        offer(arg, "show");
        offer(arg, "set");
    }
    for (const struct netdev *dev = NULL; nth > 1 && (dev = netdev_next(c->net, dev));)
        offer(arg, dev->port.name);
}

CMD(bridge_link, .name = "bridge link", .least = 1, .group = "network", .help = "ports of bridges: show and set them",
    .usage = "[show [dev] IF] | set dev IF [state disabled|forwarding] [hairpin|learning|flood|mcast_flood|bcast_flood|"
             "isolated on|off]",
    .dump_rank = 11, .run = cmd_bridge_link, .dump = dump_ports, .complete = complete);

/* ip link: devices, and how they are set.
 *
 *     ip [-s [-s]] [-d] [-br] [-o] [-j [-p]] link [show] [[dev] IF] [up] [type TYPE] [master IF]
 *     ip link add [link IF] [name] NAME [mtu N] [address MAC] ... type TYPE ...     net/dev/link_add.c
 *     ip link del [dev] IF [type TYPE]
 *     ip link set [dev] IF [up | down] [mtu N] [address MAC] [name NEW] [alias TEXT] [txqueuelen N]
 *                          [promisc | allmulticast | multicast on | off] [master IF | nomaster] [type TYPE ...]
 *
 * A line of several settings is done in the order in which Linux does them, and ends at the first that is refused. What
 * iproute2 knows and a device here does not have is refused by name.
 */
#include "lib/conf.h"
#include "lib/fmt.h"
#include "lib/iproute.h"
#include "lib/string.h"
#include "net/dev/link_show.h"
#include "net/dev/link_type.h"
#include "net/dev/master.h"
#include "net/dev/updown.h"
#include "net/wire/eth.h"

/* ---- words ---- */

enum verb { ADD, SET, DELETE, SHOW, LST, LIST, HELP };
static const char *const verbs[] = {"add", "set", "delete", "show", "lst", "list", "help"};

#define NONE (-1) /* not spoken of */

struct request {
    const char *dev, *name, *alias;
    const char *master; /* NULL: not spoken of */
    bool nomaster;
    const struct link_type *type; /* NULL: any */
    bool ports;                   /* any that is a port of another */
    bool up_alone;
    int up, promisc, allmulti, multicast; /* 0, 1 or NONE */
    i64 mtu, qlen;                        /* or NONE */
    bool has_mac;
    struct macaddr mac;
    u64 own[LINK_WORDS / sizeof(u64)]; /* what the words behind "type NAME" became */
};

/* What iproute2 sets and nothing here has. */
static bool is_elsewhere(const char *word)
{
    static const char *const words[] = {
        "arp",  "dynamic",     "trailers",     "carrier",   "group",        "netns",        "link-netns",
        "link", "vf",          "link-netnsid", "xdp",       "xdpgeneric",   "xdpdrv",       "xdpoffload",
        "vrf",  "addrgenmode", "protodown",    "index",     "numtxqueues",  "numrxqueues",  "broadcast",
        "brd",  "state",       "gso_max_size", "parentdev", "gso_max_segs", "gro_max_size", "protodown_reason",
    };
    return ip_among(word, words, ARRAY_LEN(words));
}

static void read_dev(struct ip_words *w, struct request *q, const char *word)
{
    if (str_eq(word, "dev"))
        word = ip_value(w);
    if (word && q->dev)
        ip_fail(w, IP_WRONG, "Error: either \"dev\" is duplicate, or \"%s\" is a garbage.", word);
    q->dev = word;
}

static void read_switch(struct ip_words *w, const char *keyword, int *to)
{
    bool on = false;
    ip_on_off(w, keyword, &on);
    *to = on;
}

static void read_number(struct ip_words *w, const char *keyword, i64 *to)
{
    if (*to != NONE && w->at < w->c->argc)
        ip_duplicate(w, keyword, w->c->argv[w->at]);
    else
        ip_i64(w, keyword, INT_MIN, UINT32_MAX, to);
    if (*to == NONE)
        *to = UINT32_MAX; /* -1 is a large number, as in the kernel */
}

static void read_name(struct ip_words *w, struct request *q)
{
    q->name = ip_value(w);
    if (q->name && !dev_name_ok(q->name))
        ip_invalid(w, q->name, "\"name\" not a valid ifname");
}

static void read_alias(struct ip_words *w, struct request *q)
{
    q->alias = ip_value(w);
    if (q->alias && strlen(q->alias) >= DEV_ALIAS)
        ip_invalid(w, q->alias, "\"alias\" too long");
}

static void read_master(struct ip_words *w, struct request *q, const char *word)
{
    q->nomaster = *word == 'n';
    q->master = q->nomaster ? NULL : ip_value(w);
}

/* What follows is the type's, to the end. */
static void read_type_words(struct ip_words *w, struct request *q)
{
    const char *word = ip_value(w);
    if (!word)
        return;
    q->type = link_type_find(word);
    if (!q->type || !q->type->set)
        ip_answer(w, -EOPNOTSUPP);
    else
        q->type->words(w, q->own);
}

static void read_set(struct ip_words *w, struct request *q)
{
    for (const char *word; (word = ip_word(w));) {
        if (str_eq(word, "up") || str_eq(word, "down")) {
            q->up = word[0] == 'u';
        } else if (str_eq(word, "mtu")) {
            read_number(w, "mtu", &q->mtu);
        } else if (str_eq(word, "txqueuelen") || str_eq(word, "txqlen") || str_eq(word, "qlen")) {
            read_number(w, "txqueuelen", &q->qlen);
        } else if (str_eq(word, "address")) {
            ip_lladdr(w, &q->mac);
            q->has_mac = true;
        } else if (str_eq(word, "promisc")) {
            read_switch(w, word, &q->promisc);
        } else if (str_eq(word, "allmulticast")) {
            read_switch(w, word, &q->allmulti);
        } else if (str_eq(word, "multicast")) {
            read_switch(w, word, &q->multicast);
        } else if (str_eq(word, "name")) {
            read_name(w, q);
        } else if (str_eq(word, "alias")) {
            read_alias(w, q);
        } else if (str_eq(word, "master") || str_eq(word, "nomaster")) {
            read_master(w, q, word);
        } else if (str_eq(word, "type")) {
            read_type_words(w, q);
        } else if (is_elsewhere(word)) {
            ip_invalid(w, word, "no device here has it");
        } else {
            read_dev(w, q, word);
        }
    }
    if (!w->status && !q->dev)
        ip_fail(w, IP_WRONG, "Not enough information: \"dev\" argument is required.");
}

/* Of what type devices are to be: one that no device can have is none's. */
static void read_type(struct ip_words *w, struct request *q)
{
    static const struct link_type none = {0};
    const char *word = ip_value(w);
    q->ports = word && str_eq(word, "bridge_slave");
    if (word && !q->ports && !(q->type = link_type_find(word)))
        q->type = &none;
}

static void read_show(struct ip_words *w, struct request *q)
{
    for (const char *word; (word = ip_word(w));) {
        if (str_eq(word, "up"))
            q->up_alone = true;
        else if (str_eq(word, "type"))
            read_type(w, q);
        else if (str_eq(word, "master") || str_eq(word, "nomaster"))
            read_master(w, q, word);
        else if (is_elsewhere(word))
            ip_invalid(w, word, "no device here has it");
        else
            read_dev(w, q, word);
    }
}

/* ---- act; under conf_lock ---- */

static int set_mtu(struct ip_words *w, struct netdev *dev, i64 mtu)
{
    if (mtu < dev->mtu_least || mtu > INT_MAX)
        return ip_fail(w, IP_REFUSED, "Error: mtu less than device minimum.");
    if (mtu > dev->mtu_most)
        return ip_fail(w, IP_REFUSED, "Error: mtu greater than device maximum.");
    return ip_answer(w, dev_set_mtu(dev, (u32)mtu));
}

static int set_master(struct ip_words *w, struct netdev *dev, const struct request *q)
{
    struct netdev *master = q->master ? netdev_find(w->c->net, q->master) : NULL;
    const char *why = NULL;

    if (q->master && !master)
        return ip_invalid(w, q->master, "Device does not exist\n");
    int err = q->master || q->nomaster ? master_choose(dev, master, &why) : 0;
    return why ? ip_fail(w, IP_REFUSED, "Error: %s.", why) : ip_answer(w, err);
}

/* What its own type takes: "ip link set br0 type bridge ..." */
static int set_own(struct ip_words *w, struct netdev *dev, const struct request *q)
{
    const char *why = NULL;
    if (!q->type)
        return 0;
    int err = dev->kind == q->type ? q->type->set(dev, q->own, &why) : -EOPNOTSUPP;
    return why ? ip_fail(w, IP_REFUSED, "Error: %s.", why) : ip_answer(w, err);
}

static void set_switches(struct netdev *dev, const struct request *q)
{
    if (q->multicast != NONE)
        dev_set_multicast(dev, q->multicast);
    if (q->allmulti != NONE)
        dev_ask_allmulti(dev, q->allmulti);
    if (q->promisc != NONE)
        dev_ask_promisc(dev, q->promisc);
}

static int set(struct ip_words *w, const struct request *q)
{
    struct netdev *dev = netdev_find(w->c->net, q->dev);
    int status = 0;

    if (!dev)
        return ip_fail(w, 1, "Cannot find device \"%s\"", q->dev);
    if (q->has_mac)
        status = ip_answer(w, dev_set_mac(dev, &q->mac));
    if (!status && q->mtu != NONE)
        status = set_mtu(w, dev, q->mtu);
    if (!status && q->name)
        status = ip_answer(w, dev_rename(dev, q->name));
    if (status)
        return status;
    if (q->alias)
        dev_set_alias(dev, q->alias);
    set_switches(dev, q);
    status = set_master(w, dev, q);
    if (!status && q->up == 1)
        status = ip_answer(w, dev_up(dev));
    else if (!status && !q->up)
        dev_down(dev);
    if (!status && q->qlen != NONE)
        dev_set_tx_queue_len(dev, (u32)q->qlen);
    return status ? status : set_own(w, dev, q);
}

static int delete (struct ip_words *w, const struct request *q)
{
    struct netdev *dev = q->dev ? netdev_find(w->c->net, q->dev) : NULL;

    if (!q->dev)
        return ip_fail(w, IP_WRONG, "Not enough information: \"dev\" argument is required.");
    if (!dev)
        return ip_fail(w, 1, "Cannot find device \"%s\"", q->dev);
    if (q->type && dev->kind != q->type)
        return ip_answer(w, -EINVAL);
    if (!dev->kind)
        return ip_answer(w, -EOPNOTSUPP);
    link_del(dev);
    return 0;
}

/* ---- print ---- */

static void show_one(struct ip_words *w, struct netdev *dev)
{
    struct out *o = w->c->out;

    out_object(o, NULL);
    if (w->brief) {
        link_show_brief(o, dev, true);
    } else {
        link_show_head(w, dev, LINK_SHOW);
        link_show_stats(w, dev, w->newline);
    }
    out_text(o, "\n");
    out_end(o);
}

static bool is_meant(const struct request *q, const struct netdev *dev)
{
    conf_enter(); /* a master goes with its name */
    const struct netdev *m = dev->master;
    bool right = q->master ? m && str_eq(m->port.name, q->master) : q->nomaster ? !m : !q->ports || m;
    conf_leave();
    return right && (!q->up_alone || (dev->flags & DEV_UP)) && (!q->type || q->type == dev->kind);
}

static bool has_master(struct ip_words *w, const struct request *q)
{
    conf_enter();
    bool there = !q->master || netdev_find(w->c->net, q->master);
    conf_leave();
    if (!there)
        ip_invalid(w, q->master, "Device does not exist\n");
    return there;
}

static int show(struct ip_words *w, const struct request *q)
{
    if (!has_master(w, q))
        return w->status;
    struct out *o = w->c->out;
    struct netdev *dev = q->dev ? netdev_hold(w->c->net, q->dev) : NULL;

    if (q->dev && !dev)
        return ip_fail(w, 1, "Device \"%s\" does not exist.", q->dev);
    out_array(o, NULL);
    for (dev = dev ? dev : netdev_walk(w->c->net, NULL); dev && !out_failed(o);
         dev = q->dev ? NULL : netdev_walk(w->c->net, dev)) {
        if (is_meant(q, dev))
            show_one(w, dev);
        if (q->dev)
            netdev_put(dev);
    }
    if (dev)
        netdev_put(dev);
    out_end(o);
    return 0;
}

static int help(struct cmd_ctx *c)
{
    out_text(c->err, "Usage: ip link %s\n", c->cmd->usage);
    return IP_WRONG;
}

static int cmd_link(struct cmd_ctx *c)
{
    struct request q = {.up = NONE, .promisc = NONE, .allmulti = NONE, .multicast = NONE, .mtu = NONE, .qlen = NONE};
    struct ip_words w;
    int status = ip_begin(&w, c), verb = status ? -1 : ip_verb(&w, verbs, ARRAY_LEN(verbs), SHOW);

    if (verb == ADD)
        return link_add(&w);
    if (verb == SET)
        read_set(&w, &q);
    else if (verb != HELP)
        read_show(&w, &q);
    if (w.status)
        return w.status;
    switch (verb) {
    case HELP: return help(c);
    case SET:
    case DELETE:
        conf_enter();
        status = verb == SET ? set(&w, &q) : delete (&w, &q);
        conf_leave();
        return status;
    default: return show(&w, &q);
    }
}

/* ---- dump: what is not as it was when the device came ---- */

static bool renamed(const struct netdev *dev)
{
    return !dev->kind && !str_eq(dev->port.name, dev->first.name); /* one that is made is made with the name it has */
}

static void say_rename(struct out *o, const char *from, const char *to)
{
    out_text(o, "ip link set dev ");
    out_word(o, from);
    out_text(o, " name ");
    out_word(o, to);
    out_text(o, "\n");
}

/* Names may have been exchanged: whose first name another has now steps aside before any gets its own. */
static void dump_names(struct cmd_ctx *c)
{
    char aside[PORT_NAME];
    for (unsigned step = 0; step < 2; step++)
        for (const struct netdev *dev = NULL; (dev = netdev_next(c->net, dev));) {
            bool steps = renamed(dev) && netdev_find(c->net, dev->first.name);
            fmt(aside, sizeof(aside), "rename%u", dev->port.index);
            if (!step && steps)
                say_rename(c->out, dev->first.name, aside);
            if (step && renamed(dev))
                say_rename(c->out, steps ? aside : dev->first.name, dev->port.name);
        }
}

/* Does it stand upon ports: a master, or a VLAN on one? */
static bool on_ports(const struct netdev *dev)
{
    while (dev && dev->level && dev->iflink)
        dev = netdev_at(dev_net(dev), dev->iflink);
    return dev && dev->kind && dev->kind->take;
}

static void dump_one(struct out *text, const struct netdev *dev)
{
    const char *down = on_ports(dev) && dev->iflink ? " down" : ""; /* it came up with the one below, a line before */
    if (!mac_eq(&dev->mac, &dev->perm_mac))
        out_text(text, " address %pM", &dev->mac);
    if (dev->mtu != dev->first.mtu || (dev->level && dev->iflink))
        out_text(text, " mtu %u", dev->mtu);
    if (dev->tx_queue_len != dev->first.tx_queue_len)
        out_text(text, " txqueuelen %u", dev->tx_queue_len);
    if (dev->alias[0]) {
        out_text(text, " alias ");
        out_word(text, dev->alias);
    }
    out_text(text, "%s%s%s%s", dev->asks_promisc ? " promisc on" : "", dev->asks_allmulti ? " allmulticast on" : "",
             dev->flags & (DEV_MULTICAST | DEV_LOOPBACK) ? "" : " multicast off", dev->flags & DEV_UP ? " up" : down);
}

static void dump_ports(struct cmd_ctx *c, const struct netdev *master)
{
    for (const struct netdev *dev = NULL; (dev = netdev_next(c->net, dev));)
        if (dev->master == master) {
            out_text(c->out, "ip link set dev ");
            out_word(c->out, dev->port.name);
            out_text(c->out, " master ");
            out_word(c->out, master->port.name);
            out_text(c->out, "\n");
        }
}

static void dump_settings(struct cmd_ctx *c, const struct netdev *dev)
{
    char text[1280]; /* an alias of quotes alone is four times as long */
    struct out_mem settings;

    out_mem_init(&settings, text, sizeof(text), false);
    dump_one(&settings.out, dev);
    if (!out_mem_len(&settings))
        return;
    out_text(c->out, "ip link set dev ");
    out_word(c->out, dev->port.name);
    out_text(c->out, "%s\n", text);
}

/* All are made in the order of their numbers, so that they have the same order again; what stands upon ports is set
 * from the ground up, when those are as they shall be. */
static void dump(struct cmd_ctx *c)
{
    dump_names(c);
    for (const struct netdev *dev = NULL; (dev = netdev_next(c->net, dev));) {
        link_add_dump(c->out, c->net, dev);
        if (!on_ports(dev))
            dump_settings(c, dev);
    }
    for (u8 level = 1; level <= DEV_LEVELS; level++)
        for (const struct netdev *dev = NULL; (dev = netdev_next(c->net, dev));)
            if (dev->level == level && on_ports(dev)) {
                dump_ports(c, dev);
                dump_settings(c, dev);
            }
}

static void complete(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    static const char *const settings[] = {"dev",       "up",     "down",       "mtu",     "address",
                                           "name",      "alias",  "txqueuelen", "promisc", "allmulticast",
                                           "multicast", "master", "nomaster"};
    int nth = c->argc - c->words;

    for (unsigned i = 0; nth == 1 && i < ARRAY_LEN(verbs); i++)
        if (i == SET || i == SHOW)
            offer(arg, verbs[i]);
    for (const struct netdev *dev = NULL; nth > 1 && (dev = netdev_next(c->net, dev));)
        offer(arg, dev->port.name);
    for (unsigned i = 0; nth > 1 && i < ARRAY_LEN(settings); i++)
        offer(arg, settings[i]);
}

CMD(link, .name = "ip link", .least = 1, .group = "network", .help = "network devices: show and set them",
    .usage = "[show] [[dev] IF] [up] [type TYPE] [master IF] | add [link IF] [name] NAME ... type TYPE ... | del [dev] "
             "IF | set "
             "[dev] IF [up|down] [mtu N] [address MAC] [name NEW] [alias TEXT]"
             " [txqueuelen N] [promisc|allmulticast|multicast on|off] [master IF|nomaster] [type TYPE ...]",
    .dump_rank = 10, .run = cmd_link, .dump = dump, .complete = complete);

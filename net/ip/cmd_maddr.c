/* ip maddress: groups that devices have joined, of the link and of either family.
 *
 *     ip [-4 | -6] [-j [-p]] maddr [show] [[dev] IF]
 *
 * Who wants a group joins it by himself (net/ip/mcast.h): there is nothing to add or to delete. What is shown is a copy
 * that was made under conf_lock.
 */
#include "lib/conf.h"
#include "lib/fmt.h"
#include "lib/iproute.h"
#include "lib/string.h"
#include "net/ip/mcast.h"

enum verb { ADD, DELETE, SHOW, LST, LIST, HELP };
static const char *const verbs[] = {"add", "delete", "show", "lst", "list", "help"};

struct copies {
    u32 macs, groups;
    struct dev_mac *mac;
    struct mcast *group;
};

/* False: no memory. */
static bool copy(const struct netdev *dev, struct copies *c)
{
    *c = (struct copies){0};
    u32 n = 0;
    for (const struct mcast *m = dev->ip ? mcast_first(dev) : NULL; m; m = mcast_next(m))
        n++;
    c->mac = mem_alloc((dev->multicast_n + 1) * sizeof(*c->mac));
    c->group = mem_alloc((n + 1) * sizeof(*c->group));
    if (!c->mac || !c->group)
        return false;
    LIST_FOREACH(&dev->multicast, struct dev_mac, link, m)
        if (c->macs < dev->multicast_n)
            c->mac[c->macs++] = *m;
    for (const struct mcast *m = n ? mcast_first(dev) : NULL; m; m = mcast_next(m))
        c->group[c->groups++] = *m;
    return true;
}

static void show_users(struct out *o, u32 users)
{
    if (users > 1)
        out_u64(o, "users", " users %llu", users);
    out_text(o, "\n");
}

static void show_groups(const struct ip_words *w, const struct copies *c, bool v4)
{
    struct out *o = w->c->out;
    for (u32 i = 0; i < c->groups; i++) {
        const struct mcast *m = &c->group[i];
        if (ipaddr_is4(&m->group) != v4)
            continue;
        out_object(o, NULL);
        out_str(o, "family", "\t%-5s ", v4 ? "inet" : "inet6");
        out_fmt(o, "address", "%pI", &m->group);
        show_users(o, m->users);
        out_end(o);
    }
}

static void show_dev(const struct ip_words *w, const struct netdev *dev, const struct copies *c)
{
    struct out *o = w->c->out;
    out_object(o, NULL);
    out_u64(o, "ifindex", "%llu:", dev->port.index);
    out_str(o, "ifname", "\t%s\n", dev->port.name);
    out_array(o, "maddr");
    for (u32 i = 0; i < c->macs && !w->family; i++) {
        out_object(o, NULL);
        out_text(o, "\tlink  ");
        out_fmt(o, "link", "%pM", &c->mac[i].mac);
        show_users(o, c->mac[i].users);
        out_end(o);
    }
    if (w->family != 6)
        show_groups(w, c, true);
    if (w->family != 4)
        show_groups(w, c, false);
    out_end(o);
    out_end(o);
}

static int show(struct ip_words *w, const char *only)
{
    out_array(w->c->out, NULL);
    for (struct netdev *dev = netdev_walk(w->c->net, NULL); dev; dev = netdev_walk(w->c->net, dev)) {
        struct copies c;
        if (only && !str_eq(only, dev->port.name))
            continue;
        conf_enter();
        bool ok = copy(dev, &c);
        conf_leave();
        if (ok)
            show_dev(w, dev, &c);
        mem_free(c.mac);
        mem_free(c.group);
    }
    out_end(w->c->out);
    return 0;
}

static int cmd_maddr(struct cmd_ctx *c)
{
    const char *dev = NULL;
    struct ip_words w;
    int status = ip_begin(&w, c), verb = status ? -1 : ip_verb(&w, verbs, ARRAY_LEN(verbs), SHOW);
    if (verb < 0)
        return w.status;
    if (verb == ADD || verb == DELETE)
        return ip_fail(&w, 1, "ip maddress %s: who wants a group joins it by himself; there is nothing to configure",
                       verbs[verb]);
    if (verb == HELP) {
        out_text(c->err, "Usage: ip maddress %s\n", c->cmd->usage);
        return IP_WRONG;
    }
    for (const char *word; (word = ip_word(&w));) {
        if (str_eq(word, "dev"))
            word = ip_value(&w);
        if (word && dev)
            ip_duplicate(&w, "dev", word);
        dev = word;
    }
    return w.status ? w.status : show(&w, dev);
}

CMD(maddr, .name = "ip maddress", .least = 1, .group = "network", .help = "groups that devices have joined",
    .usage = "[show] [[dev] IF]", .run = cmd_maddr);

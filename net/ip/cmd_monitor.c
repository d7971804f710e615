/* ip monitor [all | link | address | route | neigh | nexthop]: what happens, as it happens, until Ctrl-C.
 *
 * Several may be named; without any, or with `all`, it is all, each line behind the name of what it is about. An event
 * of a device says which one it is about, and how that is when it is shown; the others are shown as they were. Who
 * reads too slowly is told how many events he missed.
 */
#include "lib/conf.h"
#include "lib/string.h"
#include "net/dev/link_show.h"
#include "net/ip/addr_show.h"
#include "net/ip/fib.h"
#include "net/ip/neigh_show.h"
#include "net/ip/nexthop_show.h"
#include "net/ip/route_show.h"

union notice {
    struct dev_notice link;
    struct ifaddr_notice addr;
    struct fib_notice route;
    struct neigh_notice neigh;
    struct nexthop_notice nexthop;
};

/* The device's name, as it is now; "": it is gone. */
static void name_of(struct net *net, u32 index, char name[PORT_NAME])
{
    conf_enter();
    const struct netdev *dev = netdev_at(net, index);
    str_copy(name, PORT_NAME, dev ? dev->port.name : "");
    conf_leave();
}

static void show_link(struct ip_words *w, u32 type, const union notice *n)
{
    struct out *o = w->c->out;
    struct netdev *dev = type == DEV_EVENT_GONE ? NULL : netdev_hold(w->c->net, n->link.name);

    if (type == DEV_EVENT_ANNOUNCE || (!dev && type != DEV_EVENT_GONE))
        return; /* renamed or gone since: an event of its own says so */
    out_object(o, NULL);
    if (dev) {
        link_show_head(w, dev, LINK_SHOW_EVENT);
        netdev_put(dev);
    } else {
        out_bool(o, "deleted", "Deleted ", true);
        out_u64(o, "ifindex", "%llu: ", n->link.index);
        out_str(o, "ifname", "%s", n->link.name);
    }
    out_text(o, "\n");
    out_end(o);
}

static bool is_of(const struct ip_words *w, const struct ipaddr *a)
{
    return !w->family || ip_family_of(a)->af == w->family;
}

static void show_addr(struct ip_words *w, u32 type, const union notice *n)
{
    struct addr_shown s = {.a = n->addr.a, .index = n->addr.index};
    if (!is_of(w, &s.a.addr))
        return;
    name_of(w->c->net, s.index, s.dev);
    if (type == IFADDR_EVENT_GONE)
        out_text(w->c->out, "Deleted ");
    addr_show(w, &s, true);
}

static void show_route(struct ip_words *w, u32 type, const union notice *n)
{
    char names[FIB_NOTICE_HOPS][PORT_NAME];
    struct hop_shown hops[FIB_NOTICE_HOPS];
    struct rt_names tables = {.net = w->c->net};
    struct route_shown s = {.prefix = n->route.prefix,
                            .key = n->route.key,
                            .table = n->route.table,
                            .hops = min(n->route.hops, FIB_NOTICE_HOPS),
                            .hop = hops,
                            .deleted = type == FIB_EVENT_GONE};
    if (!is_of(w, &s.prefix.addr))
        return;
    for (u32 i = 0; i < s.hops; i++) {
        name_of(w->c->net, n->route.hop[i].index, names[i]);
        hops[i] = (struct hop_shown){.dev = names[i],
                                     .via = n->route.hop[i].via,
                                     .weight = n->route.hop[i].weight,
                                     .flags = n->route.hop[i].flags};
    }
    route_show(w, &tables, &s);
    rt_names_end(&tables);
}

static void show_neigh(struct ip_words *w, u32 type, const union notice *n)
{
    struct neigh_shown s = {.addr = n->neigh.addr,
                            .mac = n->neigh.mac,
                            .index = n->neigh.index,
                            .state = n->neigh.state,
                            .flags = n->neigh.flags};
    if (!is_of(w, &s.addr))
        return;
    name_of(w->c->net, s.index, s.dev);
    neigh_show(w, &s, false, type == NEIGH_EVENT_GONE);
}

static void show_nexthop(struct ip_words *w, u32 type, const union notice *n)
{
    struct nexthop_shown s = n->nexthop.n;
    s.member = n->nexthop.member;
    s.members = min(s.members, NEXTHOP_NOTICE_MEMBERS);
    if (w->family && s.af != w->family)
        return;
    nexthop_show(w, &s, NULL, type == NEXTHOP_EVENT_GONE);
    out_text(w->c->out, "\n");
}

static const struct kind {
    const char *word, *label;
    struct notify_feed *(*feed)(struct net *net);
    void (*show)(struct ip_words *w, u32 type, const union notice *n);
} kinds[] = {{"link", "[LINK]", netdev_feed, show_link},
             {"address", "[ADDR]", ifaddr_feed, show_addr},
             {"route", "[ROUTE]", fib_feed, show_route},
             {"neigh", "[NEIGH]", neigh_feed, show_neigh},
             {"nexthop", "[NEXTHOP]", nexthop_feed, show_nexthop}};

static void follow(struct ip_words *w, const struct kind *const *kind, unsigned n, bool label)
{
    struct follower f[ARRAY_LEN(kinds)];
    union notice notice;
    struct event e;
    int i;

    for (unsigned k = 0; k < n; k++)
        follow_start(&f[k], kind[k]->feed(w->c->net));
    while (!out_failed(w->c->out) && (i = follow_any(f, n, ~0ull)) >= 0 &&
           follow_read(&f[i], &e, &notice, sizeof(notice), ~0ull) > 0) {
        if (e.lost)
            out_text(w->c->err, "ip monitor: %llu events were missed\n", (unsigned long long)e.lost);
        if (label)
            out_text(w->c->out, "%s", kind[i]->label);
        kind[i]->show(w, e.type, &notice);
    }
    for (unsigned k = 0; k < n; k++)
        follow_end(&f[k]);
}

static int cmd_monitor(struct cmd_ctx *c)
{
    const struct kind *kind[ARRAY_LEN(kinds)];
    bool chosen[ARRAY_LEN(kinds)] = {false}, all = false;
    struct ip_words w;
    int status = ip_begin(&w, c);
    unsigned n = 0, words = 0;

    if (status)
        return status;
    for (const char *word; (word = ip_word(&w)); words++) {
        bool known = str_eq(word, "all");
        all |= known;
        for (unsigned i = 0; i < ARRAY_LEN(kinds) && !known; i++) {
            known = ip_is(word, kinds[i].word);
            chosen[i] |= known;
        }
        if (str_eq(word, "rule"))
            return ip_invalid(&w, word, "nothing is told of it");
        if (!known)
            return ip_fail(&w, IP_WRONG, "Argument \"%s\" is unknown, try \"ip monitor help\".", word);
    }
    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++)
        if (chosen[i] || all || !words)
            kind[n++] = &kinds[i];
    follow(&w, kind, n, all);
    return 0;
}

CMD(monitor, .name = "ip monitor", .least = 2, .group = "network", .help = "what happens to devices, addresses, routes",
    .usage = "[all | link | address | route | neigh | nexthop] ...", .run = cmd_monitor);

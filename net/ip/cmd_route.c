/* ip route: what is done with packets to a prefix.
 *
 *     ip [-4 | -6] route add | append | prepend | replace | change | del [TYPE] P [via [inet6] A] [dev IF] [src A]
 *         [metric N] [table T] [proto P] [scope S] [tos N] [onlink] [mtu [lock] N] [advmss N] [hoplimit N] [initcwnd N]
 *         [initrwnd N] [nexthop via A [dev IF] [weight N] [onlink]] ... | nhid N
 *     ip [-d] [-o] [-j [-p]] route [show] [[root | match | exact] P] [table T | all] [dev IF] [via A] [proto P] ...
 *     ip [-s] route flush ...      ip route save ...: the commands that make them again      ip route get: route_ask.c
 *     ip [-6] route show | flush cache: what is known beside them (route_cache.c)
 *
 * Printing holds no lock: routes are read some at a time, counted, and given back.
 */
#include "lib/conf.h"
#include "lib/iproute.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/nexthop_show.h"
#include "net/ip/route_ask.h"
#include "net/ip/route_cache.h"
#include "net/ip/route_dump.h"
#include "net/ip/route_filter.h"
#include "net/ip/route_show.h"
#include "net/ip/route_words.h"

enum verb { LIST, LST, SHOW, ADD, CHANGE, REPLACE, PREPEND, APPEND, DELETE, GET, FLUSH, SAVE, HELP };
static const char *const verbs[] = {"list",   "lst",    "show", "add",   "change", "replace", "prepend",
                                    "append", "delete", "get",  "flush", "save",   "help"};

/* ---- act: one route; under conf_lock ---- */

/* What is not said. */
static void defaults(struct route_words *r, enum verb verb)
{
    struct route_key *k = &r->key;
    u8 type = k->type;
    bool gateway = r->nexthops || k->nhid || (r->hops && r->hop[0].has_via);

    k->family = r->family == 6 ? IP_V6 : IP_V4;
    if (!r->has_table)
        r->table = type == ROUTE_LOCAL || type == ROUTE_BROADCAST || type == ROUTE_ANYCAST ? TABLE_LOCAL : TABLE_MAIN;
    if (verb == DELETE)
        return;
    if (!r->has_scope && k->family == IP_V4)
        k->scope = type == ROUTE_LOCAL                                                           ? SCOPE_HOST
                   : type == ROUTE_BROADCAST || type == ROUTE_MULTICAST || type == ROUTE_ANYCAST ? SCOPE_LINK
                   : (!type || type == ROUTE_UNICAST) && !gateway                                ? SCOPE_LINK
                                                                                                 : SCOPE_GLOBAL;
    if (!r->has_type)
        k->type = ROUTE_UNICAST;
    if (!r->has_proto)
        k->proto = PROTO_BOOT;
    if (k->family == IP_V6) {
        k->scope = SCOPE_GLOBAL;
        k->tos = 0;
        if (!k->metric)
            k->metric = 1024;
        r->dst.addr = addr_fill(&r->dst.addr, r->dst.bits, false);
    }
}

static bool has_hops(u8 type)
{
    return type < ROUTE_BLACKHOLE;
}

static int refused(struct ip_words *w, const struct route_refusal *no)
{
    return no->why ? ip_fail(w, IP_REFUSED, "Error: %s.", no->why) : ip_answer(w, no->err);
}

/* The hops' devices by their names. */
static int find_devices(struct ip_words *w, const struct route_words *r, struct hop *hop)
{
    for (u32 i = 0; i < r->hops; i++) {
        const struct hop_words *from = &r->hop[i];
        hop[i] = (struct hop){.via = from->has_via ? from->via : addr_fill(&r->dst.addr, 0, false),
                              .dev = from->dev ? netdev_find(w->c->net, from->dev) : NULL,
                              .weight = from->weight,
                              .flags = from->flags};
        if (from->dev && !hop[i].dev)
            return ip_fail(w, 1, "Cannot find device \"%s\"", from->dev);
    }
    return 0;
}

static int check(struct ip_words *w, const struct route_words *r, const struct route_want *want, struct hop *hop)
{
    struct route_refusal no = {0};
    if (route_check(w->c->net, &r->dst, want, &no))
        return refused(w, &no);
    if (!has_hops(want->key.type)) {
        bool at_lo = r->hops == 1 && want->key.family == IP_V6 && hop[0].dev && hop[0].dev->type == DEV_TYPE_LOOPBACK;
        return !r->hops || at_lo ? 0 : ip_answer(w, -EINVAL);
    }
    if (!r->hops)
        return ip_answer(w, -ENODEV);
    for (u32 i = 0; i < r->hops; i++)
        if (hop_check(w->c->net, r->table, &want->key, &hop[i], &no))
            return refused(w, &no);
    return 0;
}

static enum fib_how how_of(enum verb verb, enum ip_index family)
{
    switch (verb) {
    case APPEND: return family == IP_V6 ? FIB_JOIN : FIB_APPEND;
    case PREPEND: return family == IP_V6 ? FIB_JOIN : FIB_PREPEND;
    case REPLACE: return FIB_REPLACE;
    case CHANGE: return FIB_CHANGE;
    default: return FIB_NEW;
    }
}

static int add_as(struct ip_words *w, const struct route_words *r, enum verb verb, const struct route_want *want)
{
    struct fib_table *t = fib_table(w->c->net, r->key.family, r->table, true);
    int err = t ? fib_add(t, &r->dst, want, how_of(verb, r->key.family)) : -ENOMEM;
    if (err == -ENOENT && r->key.family == IP_V6)
        return ip_fail(w, IP_REFUSED, "Error: Can not replace route - no match found.");
    return ip_answer(w, err);
}

/* By a next hop object. */
static int add_by(struct ip_words *w, const struct route_words *r, enum verb verb)
{
    struct route_want want = {.key = r->key};
    struct route_refusal no = {0};
    if (r->hops)
        return ip_fail(w, IP_REFUSED, "Error: Nexthop specification and nexthop id are mutually exclusive.");
    struct hop *room = mem_alloc(ROUTE_HOPS * sizeof(*room));
    if (!room)
        return ip_answer(w, -ENOMEM);
    if (route_check(w->c->net, &r->dst, &want, &no) || nexthop_route(w->c->net, r->key.nhid, &want, room, &no))
        refused(w, &no);
    else
        add_as(w, r, verb, &want);
    mem_free(room);
    return w->status;
}

static int add(struct ip_words *w, const struct route_words *r, enum verb verb, struct hop *hop)
{
    struct route_want want = {.key = r->key, .hops = (u16)r->hops, .hop = hop};
    if (r->key.nhid)
        return add_by(w, r, verb);
    int status = check(w, r, &want, hop);
    if (status)
        return status;
    if (!has_hops(want.key.type))
        want.hops = 0;
    return add_as(w, r, verb, &want);
}

static int del(struct ip_words *w, const struct route_words *r, const struct hop *hop)
{
    struct fib_match m = {.has_tos = r->key.family == IP_V4,
                          .has_type = r->has_type,
                          .has_scope = r->has_scope && r->key.family == IP_V4,
                          .has_proto = r->has_proto,
                          .has_metric = r->key.metric,
                          .has_prefsrc = r->has_src,
                          .one = r->hops == 1 && !r->nexthops,
                          .key = r->key,
                          .hops = (u16)r->hops,
                          .hop = hop};
    struct hop any;
    if (m.one) { /* whatever its weight */
        any = *hop;
        any.weight = 0;
        m.hop = &any;
    }
    struct fib_table *t = fib_table(w->c->net, r->key.family, r->table, false);
    return ip_answer(w, t ? fib_del(t, &r->dst, &m) : -ESRCH);
}

static int change_with(struct ip_words *w, struct route_words *r, enum verb verb, struct hop *hop)
{
    struct hop few[HOP_WORDS_FEW];
    hop = hop ? hop : few;
    conf_enter();
    int status = find_devices(w, r, hop);
    if (!status)
        status = verb == DELETE ? del(w, r, hop) : add(w, r, verb, hop);
    conf_leave();
    return status;
}

static int change(struct ip_words *w, struct rt_names *names, enum verb verb)
{
    struct route_words r;
    struct hop *hop = NULL;

    if (route_words_read(w, names, &r)) {
        if (!r.has_dst) {
            out_text(w->c->err, "Usage: ip route %s\n", w->c->cmd->usage);
            w->status = IP_WRONG;
        } else if (r.hops > ROUTE_HOPS) {
            ip_answer(w, -ENOSPC);
        } else if (r.hops > HOP_WORDS_FEW && !(hop = mem_alloc(r.hops * sizeof(*hop)))) {
            ip_answer(w, -ENOMEM);
        } else {
            defaults(&r, verb);
            change_with(w, &r, verb, hop);
        }
    }
    mem_free(hop);
    route_words_end(&r);
    return w->status;
}

/* ---- act: all of them, some at a time ---- */

struct reading {
    struct ip_words *w;
    struct rt_names *names;
    const struct route_filter *f;
    void (*fn)(struct reading *rd, struct fib_table *t, const struct fib_entry *e); /* no lock held */
    u32 n;                                                                          /* fn's own */
    struct fib_cursor at;
    struct fib_entry some[FIB_ENTRIES];
    u32 had;
};

/* The next of them, when the last are given back. */
static u32 read_more(struct reading *rd, struct fib_table *t)
{
    conf_enter();
    for (u32 i = 0; i < rd->had; i++)
        route_put(rd->some[i].r);
    rd->had = fib_read(t, &rd->at, rd->some);
    conf_leave();
    return rd->had;
}

static void read_table_of(struct reading *rd, struct fib_table *t)
{
    rd->at = (struct fib_cursor){0};
    while (read_more(rd, t))
        for (u32 i = 0; i < rd->had && !out_failed(rd->w->c->out); i++)
            if (route_filter_fits(rd->f, &rd->some[i].prefix, rd->some[i].r))
                rd->fn(rd, t, &rd->some[i]);
}

static struct fib_table *next_table(struct net *net, enum ip_index family, const struct fib_table *last)
{
    conf_enter();
    struct fib_table *t = fib_next(net, family, last);
    conf_leave();
    return t;
}

static void read_all(struct reading *rd)
{
    for (enum ip_index i = 0; i < IP_FAMILIES; i++)
        for (struct fib_table *t = NULL; (t = next_table(rd->w->c->net, i, t));)
            if ((!rd->f->family || ip_family(i)->af == rd->f->family) && (rd->f->all || t->id == rd->f->table))
                read_table_of(rd, t);
}

static void show_one(struct reading *rd, struct fib_table *t, const struct fib_entry *e)
{
    struct route_shown s = {.prefix = e->prefix, .key = e->r->key, .table = t->id, .hide = rd->f->hide};
    struct hop_shown few[ROUTE_SHOW_HOPS], *hops = route_show_hops(&s, e->r, few);
    if (hops)
        route_show(rd->w, rd->names, &s);
    if (hops != few)
        mem_free(hops);
}

/* Does its neighbour in the list stand under the same prefix, and is of the same rank? */
static bool is_beside(const struct reading *rd, const struct fib_entry *e, int step)
{
    const struct fib_entry *o = e + step;
    return o >= rd->some && o < rd->some + rd->had && o->prefix.bits == e->prefix.bits &&
           addr_eq(&o->prefix.addr, &e->prefix.addr) && o->r->key.tos == e->r->key.tos &&
           o->r->key.metric == e->r->key.metric;
}

/* Those with gateways come behind those without, which they need, and then those by an object: the first of several
 * takes its place again. */
enum turn { BARE, GATEWAYS, OBJECTS };

static enum turn turn_of(const struct route *r)
{
    return r->key.nhid ? OBJECTS : route_has_gateway(r) ? GATEWAYS : BARE;
}

static void dump_one(struct reading *rd, struct fib_table *t, const struct fib_entry *e, enum turn turn)
{
    bool gateway = turn != BARE, before = is_beside(rd, e, -1), after = is_beside(rd, e, 1);
    if (turn_of(e->r) != turn || !route_dumps(e->r))
        return;
    route_dump(rd->w->c->out, rd->names, t, e,
               !before && !after                           ? "add"
               : gateway && !before && t->family == &ip_v4 ? "prepend"
                                                           : "append");
}

static void dump_bare(struct reading *rd, struct fib_table *t, const struct fib_entry *e)
{
    dump_one(rd, t, e, BARE);
}

static void dump_gateways(struct reading *rd, struct fib_table *t, const struct fib_entry *e)
{
    dump_one(rd, t, e, GATEWAYS);
}

static void dump_objects(struct reading *rd, struct fib_table *t, const struct fib_entry *e)
{
    dump_one(rd, t, e, OBJECTS);
}

/* Are the table and the device there? */
static int check_filter(struct ip_words *w, const struct route_filter *f)
{
    conf_enter();
    bool table = f->all || fib_table(w->c->net, f->family == 6 ? IP_V6 : IP_V4, f->table, false);
    bool dev = !f->dev || netdev_find(w->c->net, f->dev);
    conf_leave();
    if (!dev)
        return ip_fail(w, 1, "Cannot find device \"%s\"", f->dev);
    return table ? 0
                 : ip_fail(w, IP_REFUSED, "Error: %s: FIB table does not exist.\nDump terminated",
                           f->family == 6 ? "ipv6" : "ipv4");
}

static int read_with(struct ip_words *w, struct rt_names *names, const struct route_filter *f, u32 *n,
                     void (*fn)(struct reading *, struct fib_table *, const struct fib_entry *))
{
    struct reading *rd = mem_zalloc(sizeof(*rd));
    if (!rd)
        return ip_answer(w, -ENOMEM);
    rd->w = w;
    rd->names = names;
    rd->f = f;
    rd->fn = fn;
    read_all(rd);
    if (n)
        *n = rd->n;
    mem_free(rd);
    return 0;
}

static bool is_meant(const void *f, const struct ipprefix *p, const struct route *r)
{
    return route_filter_fits(f, p, r);
}

static void show_cached(struct ip_words *w, struct rt_names *names, const struct route_filter *f)
{
    for (enum ip_index i = 0; i < IP_FAMILIES; i++)
        if (!f->family || f->family == ip_family(i)->af)
            route_cache_show(w, names, i, f->hide, is_meant, f);
}

/* All that fit as commands; with the objects, where those that use them need them. */
static int dump_all(struct ip_words *w, struct rt_names *names, const struct route_filter *f, bool objects)
{
    read_with(w, names, f, NULL, dump_bare);
    read_with(w, names, f, NULL, dump_gateways);
    if (objects)
        nexthop_dump(w->c->net, w->c->out);
    return read_with(w, names, f, NULL, dump_objects);
}

static int show(struct ip_words *w, struct rt_names *names, enum verb verb)
{
    struct route_filter f;
    route_filter_read(w, names, &f);
    if (w->status || check_filter(w, &f))
        return w->status;
    if (verb == SAVE)
        return dump_all(w, names, &f, false);
    out_array(w->c->out, NULL);
    if (f.cached)
        show_cached(w, names, &f);
    else
        read_with(w, names, &f, NULL, show_one);
    out_end(w->c->out);
    return w->status;
}

/* ---- flush ---- */

static int remove_one(struct fib_table *t, const struct fib_entry *e)
{
    struct fib_match m = {.has_tos = true,
                          .has_type = true,
                          .has_scope = true,
                          .has_proto = true,
                          .has_metric = true,
                          .has_prefsrc = true,
                          .key = e->r->key,
                          .hops = e->r->hops,
                          .hop = e->r->hop};
    conf_enter();
    int err = fib_del(t, &e->prefix, &m);
    conf_leave();
    return err;
}

static void flush_one(struct reading *rd, struct fib_table *t, const struct fib_entry *e)
{
    if (rd->w->stats > 1)
        show_one(rd, t, e);
    rd->n += !remove_one(t, e);
}

static int flush(struct ip_words *w, struct rt_names *names)
{
    struct route_filter f;
    u32 n = 0;
    if (w->at == w->c->argc)
        return ip_fail(w, 1, "\"ip route flush\" requires arguments.");
    route_filter_read(w, names, &f);
    if (w->status || f.cached)
        return w->status ? w->status : route_cache_flush(w, f.family == 6 ? IP_V6 : IP_V4);
    conf_enter();
    bool dev = !f.dev || netdev_find(w->c->net, f.dev);
    conf_leave();
    if (!dev)
        return ip_fail(w, 1, "Cannot find device \"%s\"", f.dev);
    read_with(w, names, &f, &n, flush_one);
    if (w->stats && n)
        out_text(w->c->out, "\n*** Round 1, deleting %u entries ***\n*** Flush is complete after 1 round ***\n", n);
    else if (w->stats)
        out_text(w->c->out, "Nothing to flush.\n");
    return w->status;
}

/* ---- the command ---- */

static int run(struct ip_words *w, struct rt_names *names, enum verb verb)
{
    switch (verb) {
    case HELP: out_text(w->c->err, "Usage: ip route %s\n", w->c->cmd->usage); return IP_WRONG;
    case GET: return route_ask(w, names);
    case FLUSH: return flush(w, names);
    case SHOW:
    case LIST:
    case LST:
    case SAVE: return show(w, names, verb);
    default: return change(w, names, verb);
    }
}

static int cmd_route(struct cmd_ctx *c)
{
    struct rt_names names = {.net = c->net};
    struct ip_words w;
    int status = ip_begin(&w, c), verb = status ? -1 : ip_verb(&w, verbs, ARRAY_LEN(verbs), LIST);

    if (verb < 0)
        return w.status;
    status = run(&w, &names, (enum verb)verb);
    rt_names_end(&names);
    return status;
}

static void dump(struct cmd_ctx *c)
{
    static const struct route_filter all = {.all = true};
    struct rt_names names = {.net = c->net};
    struct ip_words w = {.c = c};
    dump_all(&w, &names, &all, true);
    rt_names_end(&names);
}

static void complete(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    static const char *const words[] = {"default", "via",   "dev",         "src",      "metric",  "table",  "proto",
                                        "scope",   "mtu",   "advmss",      "onlink",   "nexthop", "weight", "blackhole",
                                        "root",    "match", "unreachable", "prohibit", "throw",   "local"};
    int nth = c->argc - c->words;
    for (unsigned i = 0; nth == 1 && i < ARRAY_LEN(verbs); i++)
        if (i != LST && i != LIST && i != HELP)
            offer(arg, verbs[i]);
    for (const struct netdev *dev = NULL; nth > 1 && (dev = netdev_next(c->net, dev));)
        offer(arg, dev->port.name);
    for (unsigned i = 0; nth > 1 && i < ARRAY_LEN(words); i++)
        offer(arg, words[i]);
}

CMD(route, .name = "ip route", .least = 1, .group = "network", .help = "routes: show, set and ask for them",
    .usage = "[show] [[root|match|exact] P] [table T|all] [dev IF] [via A] [proto P] [scope S] [type T] [src A] |"
             " add|append|prepend|replace|change|del [TYPE] P [via [inet6] A] [dev IF] [src A] [metric N] [table T]"
             " [proto P] [scope S] [tos N] [onlink] [mtu|advmss|hoplimit [lock] N] [initcwnd N] [initrwnd N]"
             " [nexthop via A [dev IF] [weight N] [onlink]] ... [nhid N] | get [fibmatch] A [from A] [iif IF] [oif IF] "
             "[mark N]"
             " [tos N] [uid N] [ipproto P] [sport N] [dport N] | flush ... | save ...",
    .dump_rank = 30, .run = cmd_route, .dump = dump, .complete = complete);

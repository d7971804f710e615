/* Exceptions from routes, shown and forgotten (contract: route_cache.h).
 *
 * They are copied while their lock is held, and printed then. One whose route is not what its destination has any more
 * is not shown: no packet goes by it.
 */
#include "net/ip/route_cache.h"

#include "lib/conf.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/ip/addr.h"
#include "net/ip/exception.h"
#include "net/ip/rule.h"

struct copy {
    struct ipprefix prefix;
    struct route_key key;
    struct route_asked says;
    u32 table;
    struct ipaddr via;
    char dev[PORT_NAME];
};

struct copies {
    struct net *net;
    bool (*is_meant)(const void *arg, const struct ipprefix *p, const struct route *r);
    const void *arg;
    u32 n, room;
    struct copy *at;
};

/* The hop of the route that leads there which has this exception; NULL: none has it. */
static const struct hop *find_hop(struct net *net, const struct exception *e, u32 *table)
{
    struct fib_flow flow = {.dst = e->dst, .src = addr_fill(&e->dst, 0, false)};
    struct fib_result r;
    if (fib_lookup(net, ip_family_of(&e->dst)->index, &flow, &r))
        return NULL;
    *table = r.table->id;
    for (u32 i = 0; i < r.route->hops; i++)
        if (exception_find(net, &r.route->hop[i], &e->dst) == e)
            return &r.route->hop[i];
    return NULL;
}

static void copy_one(const struct exception *e, void *arg)
{
    struct copies *c = arg;
    struct copy to = {.prefix = {e->dst, (u8)ipaddr_bits(&e->dst)}, .says.cached = true};
    struct exception_view v;
    if (c->n >= c->room || !c->is_meant(c->arg, &to.prefix, &e->route))
        return;
    const struct hop *hop = find_hop(c->net, e, &to.table);
    if (!hop || !exception_view(c->net, hop, &e->dst, &v))
        return;
    route_show_exception(&to.says, &v);
    to.key = v.key;
    to.via = v.via;
    str_copy(to.dev, sizeof(to.dev), hop->dev->port.name);
    c->at[c->n++] = to;
}

int route_cache_show(struct ip_words *w, struct rt_names *names, enum ip_index family, u32 hide,
                     bool (*is_meant)(const void *arg, const struct ipprefix *p, const struct route *r),
                     const void *arg)
{
    struct copies c = {.net = w->c->net, .is_meant = is_meant, .arg = arg};
    c.room = exception_count(c.net);
    if (c.room && !(c.at = mem_alloc(c.room * sizeof(*c.at))))
        return ip_answer(w, -ENOMEM);
    exception_walk(c.net, family, copy_one, &c);
    for (u32 i = 0; i < c.n && !out_failed(w->c->out); i++) {
        struct hop_shown hop = {.dev = c.at[i].dev, .via = c.at[i].via, .weight = 1};
        struct route_shown s = {.prefix = c.at[i].prefix,
                                .key = c.at[i].key,
                                .table = c.at[i].table,
                                .hide = hide,
                                .asked = &c.at[i].says,
                                .hops = 1,
                                .hop = &hop};
        route_show(w, names, &s);
    }
    mem_free(c.at);
    return 0;
}

int route_cache_flush(struct ip_words *w, enum ip_index family)
{
    exception_flush(w->c->net, family);
    if (w->stats)
        out_text(w->c->out, "*** IPv%u routing cache is flushed.\n", ip_family(family)->af);
    return 0;
}

/* ---- net.ipv4.route.flush, net.ipv6.route.flush: whatever is written ---- */

static int flush4(struct net *net, const char *star, const char *text)
{
    exception_flush(net, IP_V4);
    return 0;
}

static int flush6(struct net *net, const char *star, const char *text)
{
    exception_flush(net, IP_V6);
    return 0;
}

SYSCTL(route_flush4, .name = "net.ipv4.route.flush", .type = SYSCTL_CALL, .access = SYSCTL_WO, .store = flush4,
       .help = "written: what is known of ways beside the tables is forgotten");
SYSCTL(route_flush6, .name = "net.ipv6.route.flush", .type = SYSCTL_CALL, .access = SYSCTL_WO, .store = flush6,
       .help = "written: what is known of ways beside the tables is forgotten");

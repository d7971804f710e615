/* Routes as objects (contract: route.h): found by what they are, and given back.
 *
 * A route is found by the bytes of its key and its hops, so that a table of a million prefixes through a few gateways
 * has a few of them. Never looked for on the packet path.
 */
#include "net/ip/route.h"

#include "lib/conf.h"
#include "lib/hash.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/ip_dev.h"
#include "net/ip/neigh.h"

static struct route_net *routes(struct net *net)
{
    return NET_GET(net, struct route_net, route_net);
}

static int start(struct net *net, void *slot)
{
    struct route_net *rn = slot;
    int err = htab_init(&rn->routes, 16);
    if (err)
        return err;
    err = htab_init(&rn->numbers, 16);
    if (err)
        htab_free(&rn->routes);
    list_init(&rn->lists);
    return err;
}

static void end(struct net *net, void *slot)
{
    struct route_net *rn = slot;
    if (PLAT_DEBUG && htab_count(&rn->routes))
        panic("a net ended before its routes");
    htab_free(&rn->numbers);
    htab_free(&rn->routes);
    mem_free(rn->slots);
}

NET_SLOT(route_net, struct route_net, start, end);

/* ---- routes ---- */

static u64 hash_of(const struct route_want *w)
{
    u64 h = hash_bytes(&w->key, sizeof(w->key), 0);
    for (u32 i = 0; i < w->hops; i++) {
        const struct hop *hop = &w->hop[i];
        h = hash_pair(h, hash_bytes(&hop->via, sizeof(hop->via), (uintptr_t)hop->dev));
        h = hash_pair(h, (u64)hop->weight << 8 | (hop->flags & HOP_ONLINK));
    }
    return h;
}

static bool same_hop(const struct hop *a, const struct hop *b)
{
    return a->dev == b->dev && a->weight == b->weight && !((a->flags ^ b->flags) & HOP_ONLINK) &&
           addr_eq(&a->via, &b->via);
}

static bool same(const struct hnode *n, const void *key)
{
    const struct route *r = container_of(n, struct route, node);
    const struct route_want *w = key;
    if (r->hops != w->hops || memcmp(&r->key, &w->key, sizeof(r->key)))
        return false;
    for (u32 i = 0; i < r->hops; i++)
        if (!same_hop(&r->hop[i], &w->hop[i]))
            return false;
    return true;
}

/* Is nothing sent by it for now? */
static bool is_skipped(const struct hop *h)
{
    const struct ip_family *f = ip_family((enum ip_index)h->route->key.family);
    return (h->flags & HOP_DEAD) || ((h->flags & HOP_LINKDOWN) && ip_ignores_linkdown(h->dev, f));
}

/* Upper bounds in 31 bits, by weight, over those that live; rounded as Linux rounds them. */
static void share(struct route *r)
{
    u64 all = 0, below = 0;
    u16 live = 0;
    for (u32 i = 0; i < r->hops; i++)
        if (!is_skipped(&r->hop[i])) {
            all += r->hop[i].weight;
            live++;
        }
    for (u32 i = 0; i < r->hops; i++) {
        struct hop *h = &r->hop[i];
        u32 upper = 0; /* no hash is below it */
        if (!is_skipped(h)) {
            below += h->weight;
            upper = (u32)(((below << 31) + all / 2) / all);
        }
        store_relaxed(&h->upper, upper);
    }
    store_relaxed(&r->live, live);
}

static void find_state(struct hop *h)
{
    h->flags &= HOP_ONLINK;
    if (!(h->dev->flags & DEV_UP))
        h->flags |= HOP_DEAD;
    if (!load_relaxed(&h->dev->carrier) && h->route->key.type != ROUTE_LOCAL) /* we are here without one, too */
        h->flags |= HOP_LINKDOWN;
}

static struct route *new_route(struct net *net, const struct route_want *w)
{
    struct route *r = mem_zalloc(sizeof(*r) + w->hops * sizeof(struct hop));
    if (!r)
        return NULL;
    r->net = net;
    r->refs = 1;
    r->serial = ++routes(net)->serial;
    r->ident = ++routes(net)->last_ident;
    r->key = w->key;
    r->hops = w->hops;
    for (u32 i = 0; i < w->hops; i++) {
        struct hop *h = &r->hop[i];
        *h = (struct hop){.route = r,
                          .dev = w->hop[i].dev,
                          .via = w->hop[i].via,
                          .weight = w->hop[i].weight,
                          .flags = w->hop[i].flags & HOP_ONLINK,
                          .has_via = !addr_is_any(&w->hop[i].via)};
        netdev_get(h->dev);
        find_state(h);
    }
    share(r);
    return r;
}

static void free_route(struct route *r)
{
    for (u32 i = 0; i < r->hops; i++) {
        if (r->hop[i].neigh)
            neigh_put(r->hop[i].neigh);
        netdev_put(r->hop[i].dev);
    }
    mem_free(r);
}

static struct route **recent(struct route_net *rn, const struct ipaddr *via)
{
    return &rn->recent[load_be32(via->b + 12) % ARRAY_LEN(rn->recent)];
}

/* The one that is so, or a new one, counted. */
static struct route *find_or_make(struct route_net *rn, struct net *net, const struct route_want *w, int *err)
{
    u64 hash = hash_of(w);
    struct hnode *n = htab_find(&rn->routes, hash, same, w);
    if (n) {
        struct route *r = container_of(n, struct route, node);
        route_hold(r);
        return r;
    }
    *err = -ENOMEM;
    struct route *r = new_route(net, w);
    if (!r)
        return NULL;
    *err = htab_insert(&rn->routes, &r->node, hash);
    if (!*err)
        return r;
    free_route(r);
    return NULL;
}

struct route *route_get(struct net *net, const struct route_want *w, int *err)
{
    conf_assert();
    struct route_net *rn = routes(net);
    if (!w->hops)
        return find_or_make(rn, net, w, err);
    struct route **at = recent(rn, &w->hop[0].via), *r = *at;
    if (r && same(&r->node, w))
        route_hold(r);
    else if ((r = find_or_make(rn, net, w, err)))
        *at = r;
    return r;
}

static void route_gone(struct rcu_head *h)
{
    free_route(container_of(h, struct route, rcu));
}

void route_put(struct route *r)
{
    conf_assert();
    if (--r->refs)
        return;
    if (r->hops && *recent(routes(r->net), &r->hop[0].via) == r)
        *recent(routes(r->net), &r->hop[0].via) = NULL;
    htab_remove(&routes(r->net)->routes, &r->node);
    rcu_defer(&r->rcu, route_gone);
}

const struct hop *route_hop(const struct route *r, u32 hash)
{
    hash >>= 1;
    for (u32 i = 0; i < r->hops; i++)
        if (hash < load_relaxed(&r->hop[i].upper))
            return &r->hop[i];
    return NULL; /* in the midst of a change, or all are dead */
}

bool route_dev(struct route *r, const struct netdev *dev, bool up)
{
    bool any = !r->hops;
    conf_assert();
    for (u32 i = 0; i < r->hops; i++) {
        struct hop *h = &r->hop[i];
        if (h->dev == dev) {
            find_state(h);
            h->flags = up ? h->flags & (u8)~HOP_DEAD : h->flags | HOP_DEAD;
        }
        any |= !(h->flags & HOP_DEAD);
    }
    share(r);
    return any;
}

void route_carrier(struct route *r)
{
    conf_assert();
    for (u32 i = 0; i < r->hops; i++) {
        u8 dead = r->hop[i].flags & HOP_DEAD;
        find_state(&r->hop[i]);
        r->hop[i].flags |= dead;
    }
    share(r);
}

struct walk {
    void (*fn)(struct route *r, void *arg);
    void *arg;
};

static void each(struct hnode *n, void *arg)
{
    struct walk *w = arg;
    w->fn(container_of(n, struct route, node), w->arg);
}

void route_walk(struct net *net, void (*fn)(struct route *r, void *arg), void *arg)
{
    struct walk w = {fn, arg};
    u64 at = 0;
    conf_assert();
    do {
        rcu_enter();
        at = htab_walk(&routes(net)->routes, at, each, &w);
        rcu_exit();
    } while (at);
}

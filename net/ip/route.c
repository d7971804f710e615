/* Routes as objects (contract: route.h): found by what they are, numbered, and given back.
 *
 * A route is found by the bytes of its key and its hops, so that a table of a million prefixes through a few gateways
 * has a few of them. In tables stand numbers, one for a route under prefixes of one length; a number is given anew only
 * after a grace period: a reader may have it from a table that it has just left. Never looked for on the packet path.
 */
#include "net/ip/route.h"

#include "lib/conf.h"
#include "lib/hash.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/neigh.h"

#define FIRST_SLOTS 64u

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

/* ---- numbers ---- */

static void free_slots(struct rcu_head *h)
{
    mem_free(container_of(h, struct route_slots, rcu));
}

/* The free ones of `from` on are a list. Under the lock. */
static void chain(struct route_net *rn, struct route_slots *s, u32 from)
{
    for (u32 i = s->size; i-- > max(from, 1u);) { /* 0 is nobody's */
        s->at[i] = rn->unused;
        rn->unused = i;
    }
}

static int more_slots(struct route_net *rn)
{
    struct route_slots *old = rn->slots;
    u32 had = old ? old->size : 0, size = had ? had * 2 : FIRST_SLOTS;
    struct route_slots *s = mem_zalloc(sizeof(*s) + size * sizeof(route_slot));
    if (!s)
        return -ENOMEM;
    s->size = size;
    if (old)
        memcpy(s->at, old->at, had * sizeof(route_slot));
    chain(rn, s, had);
    store_release(&rn->slots, s);
    if (old)
        rcu_defer(&old->rcu, free_slots);
    return 0;
}

static u32 take_number(struct route_net *rn, route_slot is)
{
    softirq_off();
    spin_lock(&rn->lock);
    u32 n = 0;
    if (rn->unused || !more_slots(rn)) {
        n = rn->unused;
        rn->unused = (u32)rn->slots->at[n];
        store_release(&rn->slots->at[n], is);
    }
    spin_unlock(&rn->lock);
    softirq_on();
    return n;
}

static void give_number(struct route_net *rn, u32 n) /* no reader has it any more */
{
    spin_lock(&rn->lock);
    rn->slots->at[n] = rn->unused;
    rn->unused = n;
    spin_unlock(&rn->lock);
}

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

/* Upper bounds in 31 bits, by weight, over those that live. */
static void share(struct route *r)
{
    u64 all = 0, below = 0;
    u16 live = 0;
    for (u32 i = 0; i < r->hops; i++)
        if (!(r->hop[i].flags & HOP_DEAD)) {
            all += r->hop[i].weight;
            live++;
        }
    for (u32 i = 0; i < r->hops; i++) {
        struct hop *h = &r->hop[i];
        u32 upper = 0; /* no hash is below it */
        if (!(h->flags & HOP_DEAD)) {
            below += h->weight;
            upper = (u32)((below << 31) / all);
        }
        store_relaxed(&h->upper, upper);
    }
    store_relaxed(&r->live, live);
}

static struct route *new_route(struct net *net, const struct route_want *w)
{
    struct route *r = mem_zalloc(sizeof(*r) + w->hops * sizeof(struct hop));
    if (!r)
        return NULL;
    r->net = net;
    r->refs = 1;
    r->serial = ++routes(net)->serial;
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
        if (!(h->dev->flags & DEV_UP))
            h->flags |= HOP_DEAD;
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

struct route *route_get(struct net *net, const struct route_want *w, int *err)
{
    conf_assert();
    struct route_net *rn = routes(net);
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

static void route_gone(struct rcu_head *h)
{
    free_route(container_of(h, struct route, rcu));
}

void route_put(struct route *r)
{
    conf_assert();
    if (--r->refs)
        return;
    htab_remove(&routes(r->net)->routes, &r->node);
    rcu_defer(&r->rcu, route_gone);
}

const struct hop *route_hop(const struct route *r, u32 hash)
{
    if (likely(r->hops == 1))
        return load_relaxed(&r->live) ? &r->hop[0] : NULL;
    if (!load_relaxed(&r->live))
        return NULL;
    hash >>= 1;
    for (u32 i = 0; i < r->hops; i++)
        if (hash < load_relaxed(&r->hop[i].upper))
            return &r->hop[i];
    return NULL; /* in the midst of a change */
}

bool route_dev(struct route *r, const struct netdev *dev, bool up)
{
    conf_assert();
    for (u32 i = 0; i < r->hops; i++)
        if (r->hop[i].dev == dev)
            r->hop[i].flags = up ? r->hop[i].flags & (u8)~HOP_DEAD : r->hop[i].flags | HOP_DEAD;
    share(r);
    return r->live || !r->hops;
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

/* ---- numbers of what stands in tables ---- */

struct number { /* of a route under prefixes of one length */
    struct hnode node;
    struct rcu_head rcu;
    struct net *net;
    struct route *r;
    u32 bits, value, refs;
};

static bool same_number(const struct hnode *n, const void *key)
{
    const struct number *a = container_of(n, struct number, node), *b = key;
    return a->r == b->r && a->bits == b->bits;
}

static u64 number_hash(const struct route *r, u32 bits)
{
    return hash_pair((uintptr_t)r, bits);
}

static u32 number_of_one(struct route_net *rn, struct route *r, unsigned bits)
{
    struct number key = {.r = r, .bits = bits}, *n;
    u64 hash = number_hash(r, bits);
    struct hnode *found = htab_find(&rn->numbers, hash, same_number, &key);
    if (found) {
        n = container_of(found, struct number, node);
        n->refs++;
        route_put(r);
        return n->value;
    }
    n = mem_alloc(sizeof(*n));
    if (!n)
        return 0;
    *n = (struct number){.net = r->net, .r = r, .bits = bits, .refs = 1};
    n->value = take_number(rn, (u64)(uintptr_t)r << 16 | bits);
    if (n->value && !htab_insert(&rn->numbers, &n->node, hash))
        return n->value;
    if (n->value) {
        softirq_off();
        give_number(rn, n->value);
        softirq_on();
    }
    mem_free(n);
    return 0;
}

static u32 number_of_list(struct net *net, struct route *const *r, u32 n, unsigned bits)
{
    struct route_list *l = mem_alloc(sizeof(*l) + n * sizeof(l->r[0]));
    if (!l)
        return 0;
    l->net = net;
    l->n = n;
    memcpy(l->r, r, n * sizeof(l->r[0]));
    l->value = take_number(routes(net), (u64)(uintptr_t)l << 16 | ROUTE_IS_LIST | bits);
    if (l->value)
        return l->value;
    mem_free(l);
    return 0;
}

u32 route_number(struct net *net, struct route *const *r, u32 n, unsigned bits)
{
    conf_assert();
    return n == 1 ? number_of_one(routes(net), r[0], bits) : number_of_list(net, r, n, bits);
}

static void number_gone(struct rcu_head *h)
{
    struct number *n = container_of(h, struct number, rcu);
    give_number(routes(n->net), n->value);
    mem_free(n);
}

static void list_gone(struct rcu_head *h)
{
    struct route_list *l = container_of(h, struct route_list, rcu);
    give_number(routes(l->net), l->value);
    mem_free(l);
}

void route_number_put(struct net *net, u32 value)
{
    route_slot s = route_at(net, value);
    conf_assert();
    if (s & ROUTE_IS_LIST) {
        struct route_list *l = route_pointer(s);
        for (u32 i = 0; i < l->n; i++)
            route_put(l->r[i]); /* readers have a grace period with them, too */
        rcu_defer(&l->rcu, list_gone);
        return;
    }
    struct number key = {.r = route_pointer(s), .bits = route_bits(s)};
    struct hnode *found = htab_find(&routes(net)->numbers, number_hash(key.r, key.bits), same_number, &key);
    struct number *n = container_of(found, struct number, node);
    if (--n->refs)
        return;
    htab_remove(&routes(net)->numbers, &n->node);
    route_put(n->r);
    rcu_defer(&n->rcu, number_gone);
}

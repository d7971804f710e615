/* Exceptions from routes, each for one destination (contract: exception.h).
 *
 * An exception never changes while readers have it: what is new of it is another one in its place. One whose time has
 * come is found once more, and is then made anew of what still holds, or goes; a timer takes out those that nobody asks
 * for. A gateway that does not answer is given up at once: the route's own is asked again.
 */
#include "net/ip/exception.h"

#include "lib/hash.h"
#include "lib/rand.h"
#include "lib/timer.h"
#include "net/ip/addr.h"
#include "net/ip/neigh.h"

#define AGE_EVERY (60 * NS_PER_S)

struct exception_net {
    struct htab h;
    struct hash_key key;
    struct spinlock lock; /* all below, and to change h */
    struct list order;
    struct timer age;
    struct net *net;
};

static void age(struct timer *t);

static int start(struct net *net, void *slot)
{
    struct exception_net *x = slot;
    x->net = net;
    rand_bytes(&x->key, sizeof(x->key));
    list_init(&x->order);
    timer_init(&x->age, age);
    return htab_init(&x->h, 16);
}

static void end(struct net *net, void *slot)
{
    struct exception_net *x = slot;
    timer_cancel_wait(&x->age);
    if (PLAT_DEBUG && htab_count(&x->h))
        panic("a net ended before its exceptions");
    htab_free(&x->h);
}

NET_SLOT(exception_net, struct exception_net, start, end);

static struct exception_net *exceptions(struct net *net)
{
    return NET_GET(net, struct exception_net, exception_net);
}

u32 exception_count(struct net *net)
{
    return (u32)htab_count(&exceptions(net)->h);
}

/* ---- finding ---- */

struct exception_key {
    struct ipaddr dst;
    const struct hop *of;
};

static bool same(const struct hnode *n, const void *key)
{
    const struct exception *e = container_of(n, struct exception, node);
    const struct exception_key *k = key;
    return e->of == k->of && e->serial == k->of->route->serial && addr_eq(&e->dst, &k->dst);
}

static u64 hash_of(const struct exception_net *x, const struct exception_key *k)
{
    return siphash13_fixed(&x->key, k, sizeof(*k));
}

static struct exception *find(struct exception_net *x, const struct hop *hop, const struct ipaddr *dst)
{
    struct exception_key k = {*dst, hop};
    struct hnode *n = htab_find(&x->h, hash_of(x, &k), same, &k);
    return n ? container_of(n, struct exception, node) : NULL;
}

/* ---- what still holds of one ---- */

static bool gateway_fails(const struct exception *e)
{
    const struct neigh *n = load_acquire(&e->route.hop[0].neigh);
    return e->via_until && n && !load_relaxed(&n->out) && load_relaxed(&n->state) == NUD_FAILED;
}

static bool has_mtu(const struct exception *e, u64 now)
{
    return now < e->mtu_until;
}

static bool has_via(const struct exception *e, u64 now)
{
    return now < e->via_until && !gateway_fails(e);
}

static bool holds(const struct exception *e, u64 now)
{
    return (!e->mtu_until || has_mtu(e, now)) && (!e->via_until || has_via(e, now));
}

const struct exception *exception_find(struct net *net, const struct hop *hop, const struct ipaddr *dst)
{
    const struct exception *e = find(exceptions(net), hop, dst);
    u64 now = clock_ns();
    return e && (has_mtu(e, now) || has_via(e, now)) ? e : NULL;
}

bool exception_view(struct net *net, const struct hop *hop, const struct ipaddr *dst, struct exception_view *v)
{
    const struct exception *e = exception_find(net, hop, dst);
    u64 now = clock_ns();
    if (!e)
        return false;
    bool mtu = has_mtu(e, now), via = has_via(e, now);
    *v = (struct exception_view){.key = mtu ? e->route.key : hop->route->key,
                                 .via = via ? e->route.hop[0].via : hop->via,
                                 .redirected = via,
                                 .until = max(mtu ? e->mtu_until : 0, via ? e->via_until : 0)};
    v->key.proto = via ? PROTO_REDIRECT : hop->route->key.proto;
    return true;
}

/* ---- coming and going: under the lock ---- */

static void free_exception(struct rcu_head *h)
{
    struct exception *e = container_of(h, struct exception, rcu);
    struct hop *hop = &e->route.hop[0];
    if (hop->neigh)
        neigh_put(hop->neigh);
    netdev_put(hop->dev);
    mem_free(e);
}

static void take_out(struct exception_net *x, struct exception *e)
{
    htab_remove(&x->h, &e->node);
    list_del(&e->order);
    rcu_defer(&e->rcu, free_exception);
}

static void put_in(struct exception_net *x, struct exception *e)
{
    struct exception_key k = {e->dst, e->of};
    if (htab_count(&x->h) >= EXCEPTIONS_MOST)
        take_out(x, container_of(x->order.next, struct exception, order));
    if (htab_insert(&x->h, &e->node, hash_of(x, &k))) {
        rcu_defer(&e->rcu, free_exception);
        return;
    }
    list_add_tail(&x->order, &e->order);
    if (!timer_pending(&x->age))
        timer_arm(&x->age, clock_ns() + AGE_EVERY);
}

/* As hop is, with nothing that is otherwise yet; NULL: no memory. */
static struct exception *new_exception(struct net *net, const struct hop *hop, const struct ipaddr *dst)
{
    struct exception *e = mem_zalloc(sizeof(*e) + sizeof(struct hop));
    if (!e)
        return NULL;
    e->of = hop;
    e->serial = hop->route->serial;
    e->dst = *dst;
    list_init(&e->order);
    e->route.net = net;
    e->route.refs = 1;
    e->route.key = hop->route->key;
    e->route.hops = e->route.live = 1;
    e->route.hop[0] = (struct hop){.route = &e->route,
                                   .dev = hop->dev,
                                   .via = hop->via,
                                   .has_via = hop->has_via,
                                   .weight = 1,
                                   .flags = load_relaxed(&hop->flags) & HOP_ONLINK};
    netdev_get(hop->dev);
    return e;
}

static void set_mtu(struct exception *e, u32 mtu, bool lock, u64 until)
{
    struct route_key *k = &e->route.key;
    k->metrics[METRIC_MTU] = mtu;
    k->locked |= lock ? 1u << METRIC_MTU : 0;
    e->mtu_until = until;
}

static void set_via(struct exception *e, const struct ipaddr *via, u64 until)
{
    e->route.hop[0].via = *via;
    e->route.hop[0].has_via = !addr_is_any(via);
    e->route.key.proto = PROTO_REDIRECT;
    e->via_until = until;
}

/* Another one for hop, with what holds of the one that is there, if there is. */
static struct exception *make_anew(struct net *net, const struct hop *hop, const struct ipaddr *dst,
                                   const struct exception *old, u64 now)
{
    struct exception *e = new_exception(net, hop, dst);
    if (!e || !old)
        return e;
    const struct route_key *k = &old->route.key;
    if (has_mtu(old, now))
        set_mtu(e, k->metrics[METRIC_MTU], k->locked >> METRIC_MTU & 1, old->mtu_until);
    if (has_via(old, now))
        set_via(e, &old->route.hop[0].via, old->via_until);
    return e;
}

static void replace(struct exception_net *x, struct exception *old, struct exception *e)
{
    if (old)
        take_out(x, old);
    if (e)
        put_in(x, e);
}

/* Not all of it holds any more. */
static NOINLINE const struct hop *renew(struct net *net, const struct hop *hop, const struct ipaddr *dst)
{
    struct exception_net *x = exceptions(net);
    u64 now = clock_ns();
    spin_lock(&x->lock);
    struct exception *old = find(x, hop, dst), *e = NULL;
    if (old && (has_mtu(old, now) || has_via(old, now)))
        e = make_anew(net, hop, dst, old, now);
    replace(x, old, e);
    spin_unlock(&x->lock);
    return e ? &e->route.hop[0] : hop;
}

const struct hop *exception_hop(struct net *net, const struct hop *hop, const struct ipaddr *dst)
{
    struct exception_net *x = exceptions(net);
    if (likely(!htab_count(&x->h)))
        return hop;
    struct exception *e = find(x, hop, dst);
    if (!e)
        return hop;
    return likely(holds(e, clock_ns())) ? &e->route.hop[0] : renew(net, hop, dst);
}

void exception_mtu(struct net *net, const struct hop *hop, const struct ipaddr *dst, u32 mtu, bool lock, u64 until)
{
    struct exception_net *x = exceptions(net);
    spin_lock(&x->lock);
    struct exception *old = find(x, hop, dst), *e = make_anew(net, hop, dst, old, clock_ns());
    if (e) {
        set_mtu(e, mtu, lock, until);
        replace(x, old, e);
    }
    spin_unlock(&x->lock);
}

void exception_via(struct net *net, const struct hop *hop, const struct ipaddr *dst, const struct ipaddr *via,
                   u64 until)
{
    struct exception_net *x = exceptions(net);
    spin_lock(&x->lock);
    struct exception *old = find(x, hop, dst), *e = make_anew(net, hop, dst, old, clock_ns());
    if (e) {
        set_via(e, via, until);
        replace(x, old, e);
    }
    spin_unlock(&x->lock);
}

/* ---- all of them ---- */

static void age(struct timer *t)
{
    struct exception_net *x = container_of(t, struct exception_net, age);
    u64 now = clock_ns();
    spin_lock(&x->lock);
    LIST_FOREACH_SAFE(&x->order, struct exception, order, e)
        if (!has_mtu(e, now) && !has_via(e, now))
            take_out(x, e);
    bool more = htab_count(&x->h);
    spin_unlock(&x->lock);
    if (more)
        timer_arm(t, now + AGE_EVERY);
}

void exception_flush(struct net *net, enum ip_index f)
{
    struct exception_net *x = exceptions(net);
    softirq_off();
    spin_lock(&x->lock);
    LIST_FOREACH_SAFE(&x->order, struct exception, order, e)
        if (ip_family_of(&e->dst)->index == f)
            take_out(x, e);
    spin_unlock(&x->lock);
    softirq_on();
}

void exception_dev_down(struct netdev *dev)
{
    struct exception_net *x = exceptions(dev_net(dev));
    softirq_off();
    spin_lock(&x->lock);
    LIST_FOREACH_SAFE(&x->order, struct exception, order, e)
        if (e->route.hop[0].dev == dev)
            take_out(x, e);
    spin_unlock(&x->lock);
    softirq_on();
}

void exception_walk(struct net *net, enum ip_index f, void (*fn)(const struct exception *e, void *arg), void *arg)
{
    struct exception_net *x = exceptions(net);
    softirq_off();
    spin_lock(&x->lock);
    LIST_FOREACH(&x->order, struct exception, order, e)
        if (ip_family_of(&e->dst)->index == f)
            fn(e, arg);
    spin_unlock(&x->lock);
    softirq_on();
}

/* Tables of routes (contract: fib.h).
 *
 * lib/lpm holds, for each prefix, the number of what stands under it (route.h). A change makes the new set of routes
 * and its number, publishes it by one store into the trie, and gives the old one back: no reader meets half of it.
 */
#include "net/ip/fib.h"

#include "lib/conf.h"
#include "lib/hash.h"
#include "lib/string.h"
#include "net/ip/addr.h"

#define FEED_BYTES 16384u

struct fib_net {
    struct fib_table *tables[IP_FAMILIES]; /* by id; other slots' inits make some before this one's */
    struct notify_feed feed;
};

static int start(struct net *net, void *slot)
{
    struct fib_net *fn = slot;
    return notify_init(&fn->feed, FEED_BYTES);
}

static void end(struct net *net, void *slot)
{
    struct fib_net *fn = slot;
    for (enum ip_index i = 0; i < IP_FAMILIES; i++) {
        for (struct fib_table *t; (t = fn->tables[i]);) {
            fn->tables[i] = t->next;
            if (PLAT_DEBUG && t->prefixes)
                panic("a net ended before its routes in table %u", t->id);
            lpm_free(&t->lpm);
            mem_free(t);
        }
        mem_free(fib_view(net, i)->filter);
    }
    notify_exit(&fn->feed);
}

NET_SLOT(fib_net, struct fib_net, start, end);
NET_SLOT(fib_views, struct fib_views, NULL, NULL);

static struct fib_net *fib(struct net *net)
{
    return NET_GET(net, struct fib_net, fib_net);
}

struct notify_feed *fib_feed(struct net *net)
{
    return &fib(net)->feed;
}

/* ---- tables ---- */

static struct fib_table *new_table(struct net *net, enum ip_index family, u32 id)
{
    struct fib_table *t = mem_zalloc(sizeof(*t));
    if (!t)
        return NULL;
    if (lpm_init(&t->lpm, ip_family(family)->bits)) {
        mem_free(t);
        return NULL;
    }
    t->net = net;
    t->family = ip_family(family);
    t->id = id;
    t->version = 1;
    return t;
}

static void show_packets(struct fib_view *v, struct fib_table *t)
{
    if (t->id == TABLE_MAIN)
        store_release(&v->main, t);
    if (t->id == TABLE_LOCAL)
        store_release(&v->local, t);
}

struct fib_table *fib_table(struct net *net, enum ip_index family, u32 id, bool make)
{
    struct fib_table **at = &fib(net)->tables[family], *t;
    while ((t = *at) && t->id < id)
        at = &t->next;
    if ((t && t->id == id) || !make)
        return t && t->id == id ? t : NULL;
    struct fib_table *made = new_table(net, family, id);
    if (made) {
        made->next = t;
        *at = made;
        show_packets(fib_view(net, family), made);
    }
    return made;
}

struct fib_table *fib_next(struct net *net, enum ip_index family, const struct fib_table *last)
{
    return last ? last->next : fib(net)->tables[family];
}

/* ---- is an address one of ours ---- */

static void free_filter(struct rcu_head *h)
{
    mem_free(container_of(h, struct fib_filter, rcu));
}

/* A prefix that holds more than an address: whoever asks is told to look, but for those whose packets no device brings.
 */
static bool is_wide(const struct fib_table *t, const struct lpm_route *r)
{
    if (r->bits == t->family->bits)
        return false;
    return t->family == &ip_v4 ? r->key[0] != 127 : r->key[0] != 0xff;
}

/* Anew, from what is in the table of local ones. Without memory the old one stays, with the new bits in it. */
static void renew_filter(struct fib_table *t)
{
    struct fib_filter **at = &fib_view(t->net, t->family->index)->filter, *old = *at, *f = mem_zalloc(sizeof(*f));
    struct fib_filter *to = f ? f : old;
    bool wide = false;

    for (struct lpm_route r = {.bits = ~0u}; to && lpm_next(&t->lpm, &r);) {
        u32 bit = fib_filter_bit(t->family->index, r.key);
        store_relaxed(&to->word[bit / 64], to->word[bit / 64] | 1ull << bit % 64);
        wide |= is_wide(t, &r);
    }
    for (u32 i = 0; wide && i < FIB_FILTER_BITS / 64; i++)
        store_relaxed(&to->word[i], ~0ull);
    if (!f)
        return;
    store_release(at, f);
    if (old)
        rcu_defer(&old->rcu, free_filter);
}

/* One more: it must be found from the moment on at which it is in the table. False: no memory. */
static bool widen_filter(struct fib_table *t, const struct lpm_route *r)
{
    struct fib_filter **at = &fib_view(t->net, t->family->index)->filter, *f = *at;
    if (!f) {
        f = mem_zalloc(sizeof(*f));
        if (!f)
            return false;
        store_release(at, f);
    }
    u32 bit = fib_filter_bit(t->family->index, r->key);
    store_relaxed(&f->word[bit / 64], f->word[bit / 64] | 1ull << bit % 64);
    for (u32 i = 0; is_wide(t, r) && i < FIB_FILTER_BITS / 64; i++)
        store_relaxed(&f->word[i], ~0ull);
    return true;
}

/* ---- what stands under a prefix ---- */

struct under {
    u32 value, n;
    struct route *r[FIB_UNDER + 1];
};

static void copy_under(struct under *to, const struct under *u) /* few of them, mostly */
{
    to->value = u->value;
    to->n = u->n;
    memcpy(to->r, u->r, u->n * sizeof(u->r[0]));
}

static void read_under(struct fib_table *t, const u8 *key, unsigned bits, struct under *u)
{
    struct route *one, *const *all;
    u->value = lpm_get(&t->lpm, key, bits);
    u->n = u->value ? route_all(route_at(t->net, u->value), &all, &one) : 0;
    if (u->n)
        memcpy(u->r, all, u->n * sizeof(all[0]));
}

static void tell(struct fib_table *t, const struct ipprefix *p, const struct route *r, enum fib_event what)
{
    if (!notify_is_followed(&fib(t->net)->feed))
        return;
    struct fib_notice n = {.table = t->id, .prefix = *p, .key = r->key, .hops = r->hops};
    for (u32 i = 0; i < min(r->hops, FIB_NOTICE_HOPS); i++) {
        const struct hop *h = &r->hop[i];
        n.hop[i].index = h->dev->port.index;
        n.hop[i].via = h->via;
        n.hop[i].weight = h->weight;
        n.hop[i].flags = h->flags;
    }
    notify_publish(&fib(t->net)->feed, what, &n, sizeof(n));
}

/* u->r replaces what stood there: u->value. The routes' references are the table's afterwards, or given back. */
static int write_under(struct fib_table *t, const u8 *key, unsigned bits, const struct under *was, struct under *u)
{
    struct lpm_route lr = {.bits = bits};
    bool local = t->id == TABLE_LOCAL;
    int err = 0;

    memcpy(lr.key, key, t->family->bits / 8);
    u->value = u->n ? route_number(t->net, u->r, u->n, bits) : 0;
    if (u->n && (!u->value || (local && !widen_filter(t, &lr))))
        err = -ENOMEM;
    softirq_off();
    spin_lock(&t->lock);
    if (!err)
        err = u->value ? lpm_insert(&t->lpm, key, bits, u->value) : lpm_remove(&t->lpm, key, bits);
    store_release(&t->version, t->version + 1);
    spin_unlock(&t->lock);
    softirq_on();
    if (err) {
        if (u->value)
            route_number_put(t->net, u->value);
        else
            for (u32 i = 0; i < u->n; i++)
                route_put(u->r[i]);
        return err;
    }
    t->prefixes = t->prefixes + !was->value - !u->value;
    t->routes = t->routes + u->n - was->n;
    if (was->value)
        route_number_put(t->net, was->value);
    if (local && !u->value)
        renew_filter(t);
    return 0;
}

static void hold_all(struct under *u, const struct route *but)
{
    for (u32 i = 0; i < u->n; i++)
        if (u->r[i] != but)
            route_hold(u->r[i]);
}

/* ---- changing ---- */

static bool stands_before(const struct route_key *a, const struct route_key *b)
{
    return a->tos != b->tos ? a->tos > b->tos : a->metric < b->metric;
}

static bool same_rank(const struct route_key *a, const struct route_key *b)
{
    return a->tos == b->tos && a->metric == b->metric;
}

/* Puts r, which is counted, where it belongs; *replaced: what it took the place of. */
static int place(struct under *u, struct route *r, enum fib_how how, struct route **replaced)
{
    u32 first = 0, last;
    *replaced = NULL;
    while (first < u->n && stands_before(&u->r[first]->key, &r->key))
        first++;
    for (last = first; last < u->n && same_rank(&u->r[last]->key, &r->key); last++)
        if (u->r[last] == r && (last != first || (how != FIB_REPLACE && how != FIB_CHANGE)))
            return -EEXIST;
    if (how == FIB_NEW && last > first)
        return -EEXIST;
    if (how == FIB_CHANGE && last == first)
        return -ENOENT;
    if (last > first && (how == FIB_REPLACE || how == FIB_CHANGE)) {
        *replaced = u->r[first];
        u->r[first] = r;
        return 0;
    }
    if (u->n == FIB_UNDER)
        return -ENOSPC;
    u32 at = how == FIB_APPEND || how == FIB_JOIN ? last : first;
    memmove(&u->r[at + 1], &u->r[at], (u->n - at) * sizeof(u->r[0]));
    u->r[at] = r;
    u->n++;
    return 0;
}

static bool has_gateways(const struct hop *h, u32 n)
{
    for (u32 i = 0; i < n; i++)
        if (addr_is_any(&h[i].via))
            return false;
    return n;
}

/* A route of IPv6 with some hops more, or one fewer, in the place of the i-th. */
static int change_hops(struct fib_table *t, const struct ipprefix *p, const struct under *was, u32 i,
                       const struct hop *hop, u32 hops)
{
    struct route_want w = {.key = was->r[i]->key, .hops = (u16)hops, .hop = hop};
    struct under u;
    int err = hops > ROUTE_HOPS ? -ENOSPC : 0;
    struct route *r = err ? NULL : route_get(t->net, &w, &err);
    if (!r)
        return err;
    copy_under(&u, was);
    u.r[i] = r;
    hold_all(&u, r);
    err = write_under(t, p->addr.b + t->family->at, p->bits, was, &u);
    if (!err)
        tell(t, p, r, FIB_EVENT_REPLACED);
    return err;
}

/* The hops of w behind those of the i-th; -EEXIST: it has one of them. */
static int join(struct fib_table *t, const struct ipprefix *p, const struct under *was, u32 i,
                const struct route_want *w)
{
    const struct route *r = was->r[i];
    for (u32 a = 0; a < r->hops; a++)
        for (u32 b = 0; b < w->hops; b++)
            if (r->hop[a].dev == w->hop[b].dev && addr_eq(&r->hop[a].via, &w->hop[b].via))
                return -EEXIST;
    struct hop *all = mem_alloc((r->hops + w->hops) * sizeof(*all));
    if (!all)
        return -ENOMEM;
    memcpy(all, r->hop, r->hops * sizeof(*all));
    memcpy(all + r->hops, w->hop, w->hops * sizeof(*all));
    int err = change_hops(t, p, was, i, all, r->hops + w->hops);
    mem_free(all);
    return err;
}

/* Which of them a route that is appended joins; -1: none. */
static int sibling(const struct under *u, const struct route_want *w)
{
    for (u32 i = 0; !w->key.nhid && has_gateways(w->hop, w->hops) && i < u->n; i++)
        if (same_rank(&u->r[i]->key, &w->key) && !u->r[i]->key.nhid && has_gateways(u->r[i]->hop, u->r[i]->hops))
            return (int)i;
    return -1;
}

int fib_add(struct fib_table *t, const struct ipprefix *p, const struct route_want *w, enum fib_how how)
{
    const u8 *key = p->addr.b + t->family->at;
    struct under was, u;
    struct route *replaced;
    int err = 0;

    conf_assert();
    read_under(t, key, p->bits, &was);
    copy_under(&u, &was);
    int with = how == FIB_JOIN ? sibling(&was, w) : -1;
    if (with >= 0)
        return join(t, p, &was, (u32)with, w);
    struct route *r = route_get(t->net, w, &err);
    if (!r)
        return err;
    err = place(&u, r, how, &replaced);
    if (err || replaced == r) {
        route_put(r);
        return err;
    }
    hold_all(&u, r);
    err = write_under(t, key, p->bits, &was, &u);
    if (!err)
        tell(t, p, r, replaced ? FIB_EVENT_REPLACED : FIB_EVENT_NEW);
    return err;
}

static bool hop_is(const struct hop *h, const struct hop *m)
{
    return (!m->dev || h->dev == m->dev) && (addr_is_any(&m->via) || addr_eq(&h->via, &m->via)) &&
           (!m->weight || h->weight == m->weight);
}

static int hop_meant(const struct route *r, const struct fib_match *m)
{
    for (u32 i = 0; i < r->hops; i++)
        if (hop_is(&r->hop[i], m->hop))
            return (int)i;
    return -1;
}

static bool is_meant(const struct route *r, const struct fib_match *m)
{
    const struct route_key *k = &r->key;
    if ((m->has_tos && k->tos != m->key.tos) || (m->has_type && k->type != m->key.type) ||
        (m->has_scope && k->scope != m->key.scope) || (m->has_proto && k->proto != m->key.proto) ||
        (m->has_metric && k->metric != m->key.metric) || (m->has_prefsrc && !addr_eq(&k->prefsrc, &m->key.prefsrc)) ||
        (m->key.nhid && k->nhid != m->key.nhid) || (m->hops && !m->one && r->hops != m->hops) || r->hops < m->hops)
        return false;
    if (m->one && k->family == IP_V6)
        return hop_meant(r, m) >= 0;
    for (u32 i = 0; i < m->hops; i++)
        if (!hop_is(&r->hop[i], &m->hop[i]))
            return false;
    return true;
}

/* Takes the i-th of them out. */
static int remove_at(struct fib_table *t, const struct ipprefix *p, const struct under *was, u32 i)
{
    struct under u;
    struct route *r = was->r[i];

    copy_under(&u, was);
    memmove(&u.r[i], &u.r[i + 1], (u.n - i - 1) * sizeof(u.r[0]));
    u.n--;
    hold_all(&u, NULL);
    route_hold(r); /* to tell of it */
    int err = write_under(t, p->addr.b + t->family->at, p->bits, was, &u);
    if (!err)
        tell(t, p, r, FIB_EVENT_GONE);
    route_put(r);
    return err;
}

static int remove_hop(struct fib_table *t, const struct ipprefix *p, const struct under *was, u32 i, u32 at)
{
    const struct route *r = was->r[i];
    struct hop *left = mem_alloc(r->hops * sizeof(*left));
    if (!left)
        return -ENOMEM;
    memcpy(left, r->hop, at * sizeof(*left));
    memcpy(left + at, r->hop + at + 1, (r->hops - at - 1) * sizeof(*left));
    int err = change_hops(t, p, was, i, left, r->hops - 1u);
    mem_free(left);
    return err;
}

int fib_del(struct fib_table *t, const struct ipprefix *p, const struct fib_match *m)
{
    struct under was;
    conf_assert();
    read_under(t, p->addr.b + t->family->at, p->bits, &was);
    for (u32 i = 0; i < was.n; i++)
        if (is_meant(was.r[i], m))
            return m->one && t->family == &ip_v6 && was.r[i]->hops > 1 && !addr_is_any(&m->hop->via)
                       ? remove_hop(t, p, &was, i, (u32)hop_meant(was.r[i], m))
                       : remove_at(t, p, &was, i);
    return -ESRCH;
}

/* ---- readers ---- */

u32 fib_find_shorter(struct fib_table *t, const u8 *key, unsigned below)
{
    u32 value = 0;
    softirq_off();
    spin_lock(&t->lock);
    while (!value && below-- > 0)
        value = lpm_get(&t->lpm, key, below);
    spin_unlock(&t->lock);
    softirq_on();
    return value;
}

static bool fits(const struct route *r, u8 tos)
{
    return (!r->key.tos || r->key.tos == tos) && (!r->hops || load_relaxed(&r->live));
}

struct route *fib_find(struct fib_table *t, const u8 *key, u8 tos, unsigned *bits)
{
    for (u32 value = lpm_find(&t->lpm, key); value; value = fib_find_shorter(t, key, *bits)) {
        route_slot s = route_at(t->net, value);
        struct route *one, *const *all;
        u32 n = route_all(s, &all, &one);
        *bits = route_bits(s);
        for (u32 i = 0; i < n; i++)
            if (likely(fits(all[i], tos)))
                return all[i];
    }
    return NULL;
}

int fib_walk(struct fib_table *t, int (*fn)(struct fib_table *t, const struct ipprefix *p, struct route *r, void *arg),
             void *arg)
{
    int status = 0;
    conf_assert();
    for (struct lpm_route lr = {.bits = ~0u}; !status && lpm_next(&t->lpm, &lr);) {
        struct ipprefix p = {.bits = (u8)lr.bits};
        struct under u;
        if (t->family == &ip_v4)
            p.addr = addr_of4(lr.key);
        else
            memcpy(p.addr.b, lr.key, sizeof(p.addr.b));
        read_under(t, lr.key, lr.bits, &u);
        hold_all(&u, NULL);
        for (u32 i = 0; i < u.n; i++) {
            status = status ? status : fn(t, &p, u.r[i], arg);
            route_put(u.r[i]);
        }
    }
    return status;
}

static int remove_this(struct fib_table *t, const struct ipprefix *p, struct route *r, void *arg)
{
    struct under was;
    read_under(t, p->addr.b + t->family->at, p->bits, &was);
    for (u32 i = 0; i < was.n; i++)
        if (was.r[i] == r)
            return remove_at(t, p, &was, i) == -ENOMEM ? -ENOMEM : 0;
    return 0;
}

/* ---- with the addresses, and at the end ---- */

struct preferred {
    const struct ipaddr *addr;
    bool any;
};

static void look_for(struct route *r, void *arg)
{
    struct preferred *p = arg;
    p->any |= addr_eq(&r->key.prefsrc, p->addr);
}

static int remove_preferring(struct fib_table *t, const struct ipprefix *p, struct route *r, void *arg)
{
    const struct preferred *gone = arg;
    return addr_eq(&r->key.prefsrc, gone->addr) ? remove_this(t, p, r, arg) : 0;
}

void fib_addr_gone(struct net *net, const struct ipaddr *a)
{
    if (!ipaddr_is4(a))
        return;
    struct fib_table *local = fib_table(net, IP_V4, TABLE_LOCAL, false), *t = fib_table(net, IP_V4, TABLE_MAIN, false);
    struct preferred p = {.addr = a};
    unsigned bits;
    rcu_enter();
    bool ours = local && fib_find(local, ip_key(a), 0, &bits); /* another device has it, too */
    rcu_exit();
    if (ours || !t)
        return;
    route_walk(net, look_for, &p);
    if (p.any)
        fib_walk(t, remove_preferring, &p);
}

void fib_end(struct net *net)
{
    for (enum ip_index i = 0; i < IP_FAMILIES; i++)
        for (struct fib_table *t = NULL; (t = fib_next(net, i, t));)
            fib_walk(t, remove_this, NULL);
}

/* ---- with the devices ---- */

struct change {
    const struct netdev *dev;
    bool died; /* a route has no hop left */
};

static void hop_dies(struct route *r, void *arg)
{
    struct change *c = arg;
    c->died |= !route_dev(r, c->dev, false);
}

static void lives_again(struct route *r, void *arg)
{
    route_dev(r, arg, true);
}

static bool is_dead(const struct route *r)
{
    for (u32 i = 0; i < r->hops; i++)
        if (!(r->hop[i].flags & HOP_DEAD))
            return false;
    return r->hops;
}

static int remove_dead(struct fib_table *t, const struct ipprefix *p, struct route *r, void *arg)
{
    return is_dead(r) ? remove_this(t, p, r, NULL) : 0;
}

static int remove_of(struct fib_table *t, const struct ipprefix *p, struct route *r, void *arg)
{
    return r->key.nhid == *(const u32 *)arg ? remove_this(t, p, r, NULL) : 0;
}

int fib_del_nexthop(struct net *net, u32 nhid)
{
    int err = 0;
    for (enum ip_index i = 0; !err && i < IP_FAMILIES; i++)
        for (struct fib_table *t = NULL; !err && (t = fib_next(net, i, t));)
            err = fib_walk(t, remove_of, &nhid);
    return err;
}

void fib_dev_down(struct net *net, struct netdev *dev)
{
    struct change c = {.dev = dev};
    route_walk(net, hop_dies, &c);
    for (enum ip_index i = 0; c.died && i < IP_FAMILIES; i++)
        for (struct fib_table *t = NULL; (t = fib_next(net, i, t));)
            fib_walk(t, remove_dead, NULL);
}

void fib_dev_up(struct net *net, struct netdev *dev)
{
    route_walk(net, lives_again, dev);
}

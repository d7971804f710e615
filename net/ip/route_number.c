/* Numbers of what stands in tables (contract: route.h), one for a route under prefixes of one length, or for a list.
 *
 * A number is given anew only after a grace period: a reader may have it from a table that it has just left. Where a
 * route takes the place of another under all prefixes at once, their numbers stay and what stands behind them changes:
 * so a next hop of a million routes is replaced by a few stores. No number is ever changed by a reader.
 */
#include "net/ip/route.h"

#include "lib/conf.h"
#include "lib/hash.h"
#include "lib/string.h"

#define FIRST_SLOTS 64u

static struct route_net *routes(struct net *net)
{
    return NET_GET(net, struct route_net, route_net);
}

/* ---- slots ---- */

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

/* ---- numbers ---- */

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
    return hash_pair(r->ident, bits);
}

static struct number **recent(struct route_net *rn, const struct route *r, u32 bits)
{
    return &rn->recent_number[(r->ident * 29 + bits) % ARRAY_LEN(rn->recent_number)];
}

/* The one that there is; NULL: none. */
static struct number *find_number(struct route_net *rn, struct route *r, u32 bits)
{
    struct number key = {.r = r, .bits = bits}, **at = recent(rn, r, bits), *n = *at;
    if (n && n->r == r && n->bits == bits)
        return n;
    struct hnode *found = htab_find(&rn->numbers, number_hash(r, bits), same_number, &key);
    return found ? (*at = container_of(found, struct number, node)) : NULL;
}

static u32 number_of_one(struct route_net *rn, struct route *r, unsigned bits)
{
    struct number *n = find_number(rn, r, bits);
    if (n) {
        n->refs++;
        route_put(r);
        return n->value;
    }
    n = mem_alloc(sizeof(*n));
    if (!n)
        return 0;
    *n = (struct number){.net = r->net, .r = r, .bits = bits, .refs = 1};
    n->value = take_number(rn, (u64)(uintptr_t)r << 16 | bits);
    if (n->value && !htab_insert(&rn->numbers, &n->node, number_hash(r, bits)))
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
    list_init(&l->all);
    l->n = n;
    memcpy(l->r, r, n * sizeof(l->r[0]));
    l->value = take_number(routes(net), (u64)(uintptr_t)l << 16 | ROUTE_IS_LIST | bits);
    if (l->value) {
        list_add(&routes(net)->lists, &l->all);
        return l->value;
    }
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
        list_del(&l->all);
        for (u32 i = 0; i < l->n; i++)
            route_put(l->r[i]); /* readers have a grace period with them, too */
        rcu_defer(&l->rcu, list_gone);
        return;
    }
    struct number *n = find_number(routes(net), route_pointer(s), route_bits(s));
    if (--n->refs)
        return;
    *recent(routes(net), n->r, n->bits) = NULL;
    htab_remove(&routes(net)->numbers, &n->node);
    route_put(n->r);
    rcu_defer(&n->rcu, number_gone);
}

/* ---- others in their places ---- */

static struct route *changed(const struct route_change *c, u32 n, const struct route *r)
{
    for (u32 i = 0; i < n; i++)
        if (c[i].from == r)
            return c[i].to;
    return NULL;
}

/* The list with others in it; *same: there is none to change. NULL, not the same: no memory. */
static struct route_list *changed_list(const struct route_list *l, const struct route_change *c, u32 n, bool *same)
{
    struct route_list *to = NULL;
    *same = true;
    for (u32 i = 0; i < l->n; i++)
        *same &= !changed(c, n, l->r[i]);
    if (*same || !(to = mem_alloc(sizeof(*to) + l->n * sizeof(l->r[0]))))
        return NULL;
    memcpy(to, l, sizeof(*to) + l->n * sizeof(l->r[0]));
    list_init(&to->all);
    for (u32 i = 0; i < to->n; i++) {
        struct route *r = changed(c, n, l->r[i]);
        to->r[i] = r ? r : l->r[i];
    }
    return to;
}

/* New lists for all that change, in *made. */
static int make_lists(struct route_net *rn, const struct route_change *c, u32 n, struct list *made)
{
    bool same;
    LIST_FOREACH(&rn->lists, struct route_list, all, l) {
        struct route_list *to = changed_list(l, c, n, &same);
        if (!to && !same)
            return -ENOMEM;
        if (to)
            list_add_tail(made, &to->all);
    }
    return 0;
}

static void old_list_gone(struct rcu_head *h) /* its number lives on */
{
    mem_free(container_of(h, struct route_list, rcu));
}

static void swap_list(struct route_net *rn, struct route_list *to)
{
    route_slot was = rn->slots->at[to->value];
    struct route_list *from = route_pointer(was);
    for (u32 i = 0; i < to->n; i++)
        route_hold(to->r[i]);
    store_release(&rn->slots->at[to->value], (u64)(uintptr_t)to << 16 | (was & 0xffff));
    list_add(&rn->lists, &to->all);
    list_del(&from->all);
    for (u32 i = 0; i < from->n; i++)
        route_put(from->r[i]);
    rcu_defer(&from->rcu, old_list_gone);
}

struct swap {
    struct route_net *rn;
    const struct route_change *c;
    u32 n;
};

static void swap_number(struct hnode *h, void *arg)
{
    const struct swap *s = arg;
    struct number *n = container_of(h, struct number, node);
    struct route *from = n->r, *to = changed(s->c, s->n, from);
    if (!to)
        return;
    n->r = to;
    route_hold(to);
    store_release(&s->rn->slots->at[n->value], (u64)(uintptr_t)to << 16 | n->bits);
    route_put(from);
}

int route_swap(struct net *net, const struct route_change *c, u32 n)
{
    struct swap s = {routes(net), c, n};
    LIST_HEAD(made);
    u64 at = 0;

    conf_assert();
    int err = make_lists(s.rn, c, n, &made);
    for (u32 i = 0; !err && i < n; i++)
        c[i].to->ident = c[i].from->ident; /* which the numbers are found by */
    LIST_FOREACH_SAFE(&made, struct route_list, all, l) {
        list_del(&l->all);
        if (err)
            mem_free(l);
        else
            swap_list(s.rn, l);
    }
    while (!err) {
        rcu_enter();
        at = htab_walk(&s.rn->numbers, at, swap_number, &s);
        rcu_exit();
        if (!at)
            break;
    }
    return err;
}

/* Policy rules (contract: rule.h): an array by priority, replaced as a whole by whoever changes it.
 *
 * A device is meant by its name, as it is when the rule is asked: it may come later than the rule, or be renamed. Where
 * a jump goes and which table a rule names is settled when the array is made, so that asking allocates and searches
 * nothing. A packet is asked for one by one; bursts of plain ones do not come here (rx.c).
 */
#include "net/ip/rule.h"

#include "lib/conf.h"
#include "lib/string.h"
#include "net/ip/addr.h"

struct rules {
    struct rcu_head rcu;
    u32 n;
    struct {
        struct rule r;
        struct fib_table *table; /* of RULE_LOOKUP; NULL: it was never made */
        u32 next;                /* of RULE_GOTO: where it goes on; n: the rule is not there */
    } at[];
};

struct rule_net {
    struct rules *rules[IP_FAMILIES];
};
NET_SLOT_USE(rule_net);

#define DEFAULT_GROUP 0 /* all devices here are in it */

static const struct rule first_ones[] = {
    {.priority = 0,
     .action = RULE_LOOKUP,
     .table = TABLE_LOCAL,
     .suppress_bits = -1,
     .suppress_group = -1,
     .proto = PROTO_KERNEL},
    {.priority = 32766,
     .action = RULE_LOOKUP,
     .table = TABLE_MAIN,
     .suppress_bits = -1,
     .suppress_group = -1,
     .proto = PROTO_KERNEL},
    {.priority = 32767,
     .action = RULE_LOOKUP,
     .table = TABLE_DEFAULT,
     .suppress_bits = -1,
     .suppress_group = -1,
     .proto = PROTO_KERNEL},
};

static struct rules *make(struct net *net, enum ip_index family, u32 n)
{
    struct rules *s = mem_zalloc(sizeof(*s) + n * sizeof(s->at[0]));
    if (s)
        s->n = n;
    return s;
}

static bool same_rule(const struct rule *a, const struct rule *b)
{
    return a->priority == b->priority && a->action == b->action && a->not == b->not &&a->has_from == b->has_from &&
           a->has_to == b->has_to && a->has_uid == b->has_uid && addr_eq(&a->from.addr, &b->from.addr) &&
           a->from.bits == b->from.bits && addr_eq(&a->to.addr, &b->to.addr) && a->to.bits == b->to.bits &&
           str_eq(a->iif, b->iif) && str_eq(a->oif, b->oif) && a->mark == b->mark && a->mark_mask == b->mark_mask &&
           a->tos == b->tos && a->ipproto == b->ipproto && !memcmp(a->sport, b->sport, sizeof(a->sport)) &&
           !memcmp(a->dport, b->dport, sizeof(a->dport)) && !memcmp(a->uid, b->uid, sizeof(a->uid)) &&
           a->suppress_bits == b->suppress_bits && a->suppress_group == b->suppress_group && a->table == b->table &&
           a->target == b->target;
}

/* What is known of each rule from the others. */
static int settle(struct net *net, enum ip_index family, struct rules *s, bool *plain)
{
    u32 usual = family == IP_V4 ? 3 : 2, as_usual = 0;
    for (u32 i = 0; i < s->n; i++) {
        struct rule *r = &s->at[i].r;
        if (r->action == RULE_LOOKUP && !(s->at[i].table = fib_table(net, family, r->table, true)))
            return -ENOMEM;
        if (r->action == RULE_GOTO)
            for (s->at[i].next = i + 1; s->at[i].next < s->n && s->at[s->at[i].next].r.priority < r->target;)
                s->at[i].next++;
        as_usual += i < usual && same_rule(r, &first_ones[i]);
    }
    *plain = s->n == usual && as_usual == usual;
    return 0;
}

static void free_rules(struct rcu_head *h)
{
    mem_free(container_of(h, struct rules, rcu));
}

static struct rules **rules_of(struct net *net, enum ip_index family)
{
    return &NET_GET(net, struct rule_net, rule_net)->rules[family];
}

static int publish(struct net *net, enum ip_index family, struct rules *s)
{
    struct rules **at = rules_of(net, family), *old = *at;
    if (!s)
        return -ENOMEM;
    bool plain;
    int err = settle(net, family, s, &plain);
    if (err) {
        mem_free(s);
        return err;
    }
    store_release(at, s);
    store_release(&fib_view(net, family)->plain, plain);
    if (old)
        rcu_defer(&old->rcu, free_rules);
    return 0;
}

int rule_start(struct net *net)
{
    for (enum ip_index f = 0; f < IP_FAMILIES; f++) {
        struct rules *s = make(net, f, f == IP_V4 ? 3 : 2);
        for (u32 i = 0; s && i < s->n; i++)
            s->at[i].r = first_ones[i];
        int err = publish(net, f, s);
        if (err)
            return err;
    }
    return 0;
}

static void end(struct net *net, void *slot)
{
    struct rule_net *rn = slot;
    for (enum ip_index f = 0; f < IP_FAMILIES; f++)
        mem_free(rn->rules[f]);
}

NET_SLOT(rule_net, struct rule_net, NULL, end);

/* ---- changing ---- */

int rule_add(struct net *net, enum ip_index family, const struct rule *r)
{
    struct rules *old = *rules_of(net, family);
    u32 at = 0;

    conf_assert();
    if (!old)
        return -EOPNOTSUPP;
    if (r->action == RULE_GOTO && r->target <= r->priority)
        return -EINVAL;
    for (u32 i = 0; i < old->n; i++) {
        if (same_rule(&old->at[i].r, r))
            return -EEXIST;
        at += old->at[i].r.priority <= r->priority;
    }
    if (old->n == RULES_MOST)
        return -ENOSPC;
    struct rules *s = make(net, family, old->n + 1);
    for (u32 i = 0; s && i < s->n; i++)
        s->at[i].r = i == at ? *r : old->at[i - (i > at)].r;
    return publish(net, family, s);
}

static int remove_at(struct net *net, enum ip_index family, u32 at)
{
    struct rules *old = *rules_of(net, family), *s = make(net, family, old->n - 1);
    for (u32 i = 0; s && i < s->n; i++)
        s->at[i].r = old->at[i + (i >= at)].r;
    return publish(net, family, s);
}

/* Is `r` all that `m` says? */
static bool is_meant(const struct rule *r, const struct rule *m, bool any_priority)
{
    return (any_priority || r->priority == m->priority) && (!m->action || r->action == m->action) &&
           (!m->not || r->not ) &&
           (!m->has_from || (r->has_from && r->from.bits == m->from.bits && addr_eq(&r->from.addr, &m->from.addr))) &&
           (!m->has_to || (r->has_to && r->to.bits == m->to.bits && addr_eq(&r->to.addr, &m->to.addr))) &&
           (!m->iif[0] || str_eq(r->iif, m->iif)) && (!m->oif[0] || str_eq(r->oif, m->oif)) &&
           (!m->mark || r->mark == m->mark) && (!m->mark_mask || r->mark_mask == m->mark_mask) &&
           (!m->tos || r->tos == m->tos) && (!m->ipproto || r->ipproto == m->ipproto) &&
           (!m->sport[1] || !memcmp(r->sport, m->sport, sizeof(r->sport))) &&
           (!m->dport[1] || !memcmp(r->dport, m->dport, sizeof(r->dport))) &&
           (!m->has_uid || (r->has_uid && !memcmp(r->uid, m->uid, sizeof(r->uid)))) &&
           (m->suppress_bits < 0 || r->suppress_bits == m->suppress_bits) &&
           (m->suppress_group < 0 || r->suppress_group == m->suppress_group) && (!m->table || r->table == m->table) &&
           (!m->target || r->target == m->target);
}

int rule_del(struct net *net, enum ip_index family, const struct rule *m, bool any_priority)
{
    const struct rules *s = *rules_of(net, family);
    conf_assert();
    for (u32 i = 0; s && i < s->n; i++)
        if (is_meant(&s->at[i].r, m, any_priority))
            return remove_at(net, family, i);
    return -ENOENT;
}

int rule_flush(struct net *net, enum ip_index family)
{
    struct rules *old = *rules_of(net, family);
    u32 n = 0;
    conf_assert();
    if (!old)
        return -EOPNOTSUPP;
    for (u32 i = 0; i < old->n; i++)
        n += !old->at[i].r.priority;
    struct rules *s = make(net, family, n);
    for (u32 i = 0; s && i < n; i++) /* they stand first */
        s->at[i].r = old->at[i].r;
    return publish(net, family, s);
}

u32 rule_free_priority(struct net *net, enum ip_index family)
{
    const struct rules *s = *rules_of(net, family);
    for (u32 i = 0; s && i < s->n; i++)
        if (s->at[i].r.priority)
            return s->at[i].r.priority - 1;
    return 0;
}

bool rule_ready(struct net *net)
{
    return *rules_of(net, IP_V6);
}

u32 rule_count(struct net *net, enum ip_index family)
{
    const struct rules *s = *rules_of(net, family);
    return s ? s->n : 0;
}

const struct rule *rule_at(struct net *net, enum ip_index family, u32 i)
{
    return &(*rules_of(net, family))->at[i].r;
}

/* ---- asking ---- */

static bool is_dev(const char *name, const struct netdev *dev)
{
    return dev && str_eq(dev->port.name, name);
}

static bool in_range(const u16 range[2], be16 port)
{
    return (!range[0] && !range[1]) || (be16_get(port) >= range[0] && be16_get(port) <= range[1]);
}

static bool matches(const struct rule *r, const struct fib_flow *f)
{
    bool yes = (!r->has_from || prefix_has(&r->from, &f->src)) && (!r->has_to || prefix_has(&r->to, &f->dst)) &&
               !((f->mark ^ r->mark) & r->mark_mask) && (!r->tos || r->tos == f->tos) &&
               (!r->ipproto || r->ipproto == f->proto) && in_range(r->sport, f->sport) &&
               in_range(r->dport, f->dport) && (!r->has_uid || (f->uid >= r->uid[0] && f->uid <= r->uid[1])) &&
               (!r->iif[0] || is_dev(r->iif, f->in)) && (!r->oif[0] || is_dev(r->oif, f->out));
    return yes != r->not ;
}

static const struct hop *hop_by(struct net *net, const struct route *r, const struct fib_flow *f)
{
    for (u32 i = 0; f->out && i < r->hops; i++)
        if (r->hop[i].dev == f->out && hop_lives(&r->hop[i]))
            return &r->hop[i];
    return f->out ? NULL : multipath_hop(net, r, f);
}

static int says(const struct route *r)
{
    switch (r->key.type) {
    case ROUTE_BLACKHOLE: return -EINVAL;
    case ROUTE_UNREACHABLE: return -EHOSTUNREACH;
    case ROUTE_PROHIBIT: return -EACCES;
    default: return 0;
    }
}

/* Groups are on each link (the routes ff00::/8). */
static bool leads_out(const struct fib_table *t, const struct route *r, const struct fib_flow *f)
{
    bool by_link = r->key.type == ROUTE_UNICAST || r->key.type == ROUTE_MULTICAST;
    return !r->hops ? t->family == &ip_v4 : !by_link || hop_by(t->net, r, f);
}

/* The first route of the longest prefix that leads out by the device that was asked for: another device's is none. */
static struct route *find_by(struct fib_table *t, const u8 *key, const struct fib_flow *f, unsigned *bits)
{
    for (u32 value = lpm_find(&t->lpm, key); value; value = fib_find_shorter(t, key, *bits)) {
        route_slot s = route_at(t->net, value);
        struct route *one, *const *all;
        u32 n = route_all(s, &all, &one);
        *bits = route_bits(s);
        for (u32 i = 0; i < n; i++)
            if ((!all[i]->key.tos || all[i]->key.tos == f->tos) && leads_out(t, all[i], f))
                return all[i];
    }
    return NULL;
}

/* A table's answer; -EAGAIN: it has none. */
static int ask_table(struct fib_table *t, const struct rule *rule, const struct fib_flow *f, struct fib_result *res)
{
    const u8 *key = f->dst.b + t->family->at;
    struct route *r = f->out ? find_by(t, key, f, &res->bits) : fib_find(t, key, f->tos, &res->bits);
    if (!r || r->key.type == ROUTE_THROW || (i32)res->bits <= rule->suppress_bits)
        return -EAGAIN;
    res->route = r;
    res->table = t;
    res->hop = r->hops ? (r->key.type == ROUTE_UNICAST ? hop_by(t->net, r, f) : &r->hop[0]) : NULL;
    if (res->hop && rule->suppress_group == DEFAULT_GROUP)
        return -EAGAIN;
    return r->hops && !res->hop ? -EAGAIN : says(r);
}

int fib_lookup(struct net *net, enum ip_index family, const struct fib_flow *f, struct fib_result *res)
{
    const struct rules *s = load_acquire(rules_of(net, family));
    int err;

    for (u32 i = 0; s && i < s->n; i++) {
        const struct rule *r = &s->at[i].r;
        if (!matches(r, f))
            continue;
        switch ((enum rule_action)r->action) {
        case RULE_LOOKUP:
            err = ask_table(s->at[i].table, r, f, res);
            if (err != -EAGAIN)
                return err;
            break;
        case RULE_GOTO: i = s->at[i].next - 1; break;
        case RULE_NOP: break;
        case RULE_BLACKHOLE: return -EINVAL;
        case RULE_UNREACHABLE: return -ENETUNREACH; /* as on Linux: a route's is -EHOSTUNREACH */
        case RULE_PROHIBIT: return -EACCES;
        }
    }
    return -ENETUNREACH;
}

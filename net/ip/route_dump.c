/* A route as the command that makes it again (contract: route_dump.h).
 *
 * A gateway that is on no link any more, though it was when the route was made, is said to be `onlink`; a preferred
 * source that went is left out: what is printed can be done.
 */
#include "net/ip/route_dump.h"

#include "lib/conf.h"
#include "net/ip/addr.h"
#include "net/ip/hop_check.h"
#include "net/ip/ip.h"

static bool counts(const struct route *r, const struct hop *h)
{
    return !(h->flags & HOP_DEAD) || (r->key.scope == SCOPE_HOST && r->key.family == IP_V4);
}

static u32 live(const struct route *r)
{
    u32 n = 0;
    for (u32 i = 0; i < r->hops; i++)
        n += counts(r, &r->hop[i]);
    return n;
}

bool route_dumps(const struct route *r)
{
    u8 by = r->key.proto;
    return by != PROTO_KERNEL && by != PROTO_RA && by != PROTO_REDIRECT && (!r->hops || live(r));
}

bool route_has_gateway(const struct route *r)
{
    for (u32 i = 0; i < r->hops; i++)
        if (r->hop[i].has_via)
            return true;
    return false;
}

static void dump_hop(struct out *o, struct fib_table *t, const struct route *r, const struct hop *h)
{
    bool reached = true;
    if (h->has_via) {
        out_text(o, " via %s%pI", ip_family_of(&h->via) == t->family ? "" : "inet6 ", &h->via);
        conf_enter();
        reached = !(h->flags & HOP_ONLINK) && hop_is_reached(t->net, t->id, &r->key, h);
        conf_leave();
    }
    out_text(o, " dev ");
    out_word(o, h->dev->port.name);
    out_text(o, "%s", reached && !(h->flags & HOP_ONLINK) ? "" : " onlink");
}

static void dump_hops(struct out *o, struct fib_table *t, const struct route *r)
{
    bool many = live(r) > 1;
    for (u32 i = 0; i < r->hops; i++) {
        if (!counts(r, &r->hop[i]))
            continue;
        out_text(o, "%s", many ? " nexthop" : "");
        dump_hop(o, t, r, &r->hop[i]);
        if (many)
            out_text(o, " weight %u", r->hop[i].weight);
    }
}

static u8 usual_scope(const struct route *r)
{
    switch (r->key.type) {
    case ROUTE_LOCAL: return SCOPE_HOST;
    case ROUTE_BROADCAST:
    case ROUTE_ANYCAST:
    case ROUTE_MULTICAST: return SCOPE_LINK;
    case ROUTE_UNICAST: return r->hops == 1 && !r->key.nhid && !r->hop[0].has_via ? SCOPE_LINK : SCOPE_GLOBAL;
    default: return SCOPE_GLOBAL;
    }
}

static u32 usual_table(u8 type)
{
    return type == ROUTE_LOCAL || type == ROUTE_BROADCAST || type == ROUTE_ANYCAST ? TABLE_LOCAL : TABLE_MAIN;
}

static void dump_metrics(struct out *o, const struct route_key *k)
{
    static const char *const names[ROUTE_METRICS] = {[METRIC_MTU] = "mtu",
                                                     [METRIC_ADVMSS] = "advmss",
                                                     [METRIC_INITCWND] = "initcwnd",
                                                     [METRIC_INITRWND] = "initrwnd",
                                                     [METRIC_HOPLIMIT] = "hoplimit"};
    for (u32 i = 0; i < ROUTE_METRICS; i++)
        if (k->metrics[i] || k->locked >> i & 1)
            out_text(o, " %s %s%u", names[i], k->locked >> i & 1 ? "lock " : "", k->metrics[i]);
}

static bool is_local(struct net *net, const struct ipaddr *a)
{
    rcu_enter();
    bool yes = ip_is_local(net, a);
    rcu_exit();
    return yes;
}

void route_dump(struct out *o, struct rt_names *names, struct fib_table *t, const struct fib_entry *e, const char *verb)
{
    const struct route_key *k = &e->r->key;
    bool v4 = t->family == &ip_v4;
    u8 type = k->nhid ? k->said : k->type;
    char buf[RT_NAME];

    out_text(o, "ip %sroute %s ", v4 ? "" : "-6 ", verb);
    if (type != ROUTE_UNICAST)
        out_text(o, "%s ", rt_type_name(type, buf));
    if (e->prefix.bits)
        out_text(o, "%pI/%u", &e->prefix.addr, e->prefix.bits);
    else
        out_text(o, "default");
    if (k->tos)
        out_text(o, " tos 0x%02x", k->tos);
    if (k->metric)
        out_text(o, " metric %u", k->metric);
    if (t->id != usual_table(k->type))
        out_text(o, " table %s", rt_table_name(names, t->id, buf));
    if (k->proto != PROTO_BOOT)
        out_text(o, " proto %s", rt_proto_name(k->proto, buf));
    if (v4 && k->scope != usual_scope(e->r))
        out_text(o, " scope %s", rt_scope_name(k->scope, buf));
    if (!addr_is_any(&k->prefsrc) &&
        (is_local(t->net, &k->prefsrc) || (k->type == ROUTE_LOCAL && addr_eq(&k->prefsrc, &e->prefix.addr))))
        out_text(o, " src %pI", &k->prefsrc);
    dump_metrics(o, k);
    if (k->nhid)
        out_text(o, " nhid %u", k->nhid);
    else
        dump_hops(o, t, e->r);
    out_text(o, "\n");
}

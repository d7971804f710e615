/* One route as iproute2 shows it (contract: route_show.h).
 *
 * The order of words is iproute2's, and so is what is left out: what was asked for by name, the table where it is the
 * main one, who made it where that was `boot`, a scope that is global. IPv6 has no scopes, but always a metric and a
 * preference; a route of it that leads nowhere is said to lead to lo. Of IPv4 `get` shows the route made for one
 * packet.
 */
#include "net/ip/route_show.h"

#include "lib/fmt.h"
#include "net/ip/addr.h"
#include "net/ip/exception.h"
#include "net/ip/fib.h"
#include "net/ip/nexthop_show.h"

struct hop_shown *route_show_hops(struct route_shown *s, const struct route *r, struct hop_shown *room)
{
    if (r->hops > ROUTE_SHOW_HOPS && !(room = mem_alloc(r->hops * sizeof(*room))))
        return NULL;
    for (u32 i = 0; i < r->hops; i++) {
        const struct hop *h = &r->hop[i];
        room[i] = (struct hop_shown){.dev = h->dev->port.name,
                                     .via = h->via,
                                     .weight = h->weight,
                                     .flags = hop_lives(h) ? h->flags : h->flags | HOP_DEAD};
    }
    s->hops = r->hops;
    s->hop = room;
    return room;
}

void route_show_exception(struct route_asked *a, const struct exception_view *v)
{
    u64 now = clock_ns();
    a->expires = true;
    a->redirected = v->redirected;
    a->left = (u32)(v->until > now ? (v->until - now) / NS_PER_S : 0);
}

static void show_dst(struct out *o, const struct route_shown *s)
{
    const struct ipprefix *p = &s->prefix;
    if (!s->asked && !p->bits)
        out_str(o, "dst", "%s ", "default");
    else if (s->asked || p->bits == ipaddr_bits(&p->addr))
        out_fmt(o, "dst", "%pI", &p->addr);
    else
        out_fmt(o, "dst", "%pI/%u", &p->addr, p->bits);
    if (s->asked || p->bits)
        out_text(o, " ");
    if (s->asked && s->asked->from) {
        out_text(o, "from ");
        out_fmt(o, "from", "%pI", s->asked->from);
        out_text(o, " ");
    }
}

static void show_via(struct out *o, const struct route_shown *s, const struct hop_shown *h)
{
    if (addr_is_any(&h->via))
        return;
    if (ip_family_of(&h->via)->index == s->key.family) {
        out_text(o, "via ");
        out_fmt(o, "gateway", "%pI", &h->via);
    } else {
        out_object(o, "via");
        out_str(o, "family", "via %s ", ip_family_of(&h->via)->name);
        out_fmt(o, "host", "%pI", &h->via);
        out_end(o);
    }
    out_text(o, " ");
}

static void show_flags(struct out *o, const struct hop_shown *h)
{
    out_array(o, "flags");
    if (h && (h->flags & HOP_DEAD))
        out_str(o, NULL, "%s ", "dead");
    if (h && (h->flags & HOP_ONLINK))
        out_str(o, NULL, "%s ", "onlink");
    if (h && (h->flags & HOP_LINKDOWN))
        out_str(o, NULL, "%s ", "linkdown");
    out_end(o);
}

static void show_one_hop(struct out *o, const struct route_shown *s)
{
    bool v6 = s->key.family == IP_V6;
    if (s->hops == 1 && !(s->hide & HIDE_VIA))
        show_via(o, s, &s->hop[0]);
    if (s->hide & HIDE_DEV)
        return;
    if (s->asked && s->asked->local)
        out_str(o, "dev", "dev %s ", "lo");
    else if (s->hops == 1)
        out_str(o, "dev", "dev %s ", s->hop[0].dev);
    else if (!s->hops && (v6 || s->key.nhid))
        out_str(o, "dev", "dev %s ", "lo");
}

/* Of which table, by whom, how far it reaches. */
static void show_origin(const struct ip_words *w, struct rt_names *names, const struct route_shown *s)
{
    struct out *o = w->c->out;
    char buf[RT_NAME];
    bool chosen = s->asked && s->key.family == IP_V4; /* Linux makes a route for the one packet */
    if ((w->details || s->table != TABLE_MAIN) && !(s->hide & HIDE_TABLE))
        out_str(o, "table", "table %s ", rt_table_name(names, s->table, buf));
    if (chosen)
        return;
    if ((w->details || s->key.proto != PROTO_BOOT) && !(s->hide & HIDE_PROTO))
        out_str(o, "protocol", "proto %s ", rt_proto_name(s->key.proto, buf));
    if ((w->details || s->key.scope != SCOPE_GLOBAL) && !(s->hide & HIDE_SCOPE))
        out_str(o, "scope", "scope %s ", rt_scope_name(s->key.scope, buf));
}

static void show_source(struct out *o, const struct route_shown *s)
{
    const struct ipaddr *src = s->asked ? s->asked->src : addr_is_any(&s->key.prefsrc) ? NULL : &s->key.prefsrc;
    if (!src || (s->hide & HIDE_SRC))
        return;
    out_text(o, "src ");
    out_fmt(o, "prefsrc", "%pI", src);
    out_text(o, " ");
}

static void show_metrics(struct out *o, const struct route_key *k)
{
    static const struct {
        enum route_metric which;
        const char *key, *name;
    } names[] = {{METRIC_MTU, "mtu", "mtu "},
                 {METRIC_ADVMSS, "advmss", "advmss "},
                 {METRIC_HOPLIMIT, "hoplimit", "hoplimit "},
                 {METRIC_INITCWND, "initcwnd", "initcwnd "},
                 {METRIC_INITRWND, "initrwnd", "initrwnd "}};
    bool any = false;
    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        if (!k->metrics[names[i].which])
            continue;
        if (!any) {
            out_array(o, "metrics");
            out_object(o, NULL);
        }
        any = true;
        out_text(o, "%s%s", names[i].name, k->locked >> names[i].which & 1 ? "lock " : "");
        out_u64(o, names[i].key, "%llu ", k->metrics[names[i].which]);
    }
    if (any) {
        out_end(o);
        out_end(o);
    }
}

static void show_hops(const struct ip_words *w, const struct route_shown *s)
{
    struct out *o = w->c->out;
    out_array(o, "nexthops");
    for (u32 i = 0; i < s->hops; i++) {
        out_object(o, NULL);
        out_text(o, "%s\tnexthop ", w->newline);
        show_via(o, s, &s->hop[i]);
        out_str(o, "dev", "dev %s ", s->hop[i].dev);
        out_u64(o, "weight", "weight %llu ", s->hop[i].weight);
        show_flags(o, &s->hop[i]);
        out_end(o);
    }
    out_end(o);
}

static void show_left(struct out *o, const struct route_asked *a)
{
    if (a->expires)
        out_u64(o, "expires", "expires %llusec ", a->left);
}

static void show_cache(const struct ip_words *w, const struct route_shown *s)
{
    const struct route_asked *a = s->asked;
    const struct {
        bool on;
        const char *name;
    } flags[] = {{a->redirect, "redirect"},
                 {a->local || a->broadcast, "local"},
                 {a->broadcast, "brd"},
                 {a->multicast, "mc"},
                 {a->redirected, "redirected"}};
    struct out *o = w->c->out;
    const char *how = "<%s";

    out_text(o, "%s    cache ", w->newline);
    out_array(o, "cache");
    for (unsigned i = 0; i < ARRAY_LEN(flags); i++)
        if (flags[i].on) {
            out_str(o, NULL, how, flags[i].name);
            how = ",%s";
        }
    if (*how == ',')
        out_text(o, "> ");
    out_end(o);
    show_left(o, a);
    show_metrics(o, &s->key);
    if (a->iif)
        out_str(o, "iif", "iif %s ", a->iif);
}

static void show_asked(struct out *o, const struct route_shown *s)
{
    const struct route_asked *a = s->asked;
    if (a->mark)
        out_u64(o, "mark", "mark %llu ", a->mark);
    if (!a->iif && !a->cached && s->key.family == IP_V4)
        out_u64(o, "uid", "uid %llu ", a->uid);
}

/* The object that the hops are of, as it is now. */
static void show_object(const struct ip_words *w, u32 id)
{
    struct nexthop_shown *s = nexthop_copy(w->c->net, id);
    if (s && s->id == id) {
        out_text(w->c->out, "\n\tnh_info ");
        nexthop_show(w, s, "nh_info", false);
    }
    mem_free(s);
}

void route_show(const struct ip_words *w, struct rt_names *names, const struct route_shown *s)
{
    struct out *o = w->c->out;
    bool v6 = s->key.family == IP_V6, chosen = s->asked && !v6;
    char buf[RT_NAME];

    out_object(o, NULL);
    if (s->deleted)
        out_bool(o, "deleted", "Deleted ", true);
    if (s->key.type != ROUTE_UNICAST || w->details)
        out_str(o, "type", "%s ", rt_type_name(s->key.type, buf));
    show_dst(o, s);
    if (s->key.nhid && !s->asked)
        out_u64(o, "nhid", "nhid %llu ", s->key.nhid);
    if (s->key.tos && !(s->hide & HIDE_TOS)) {
        fmt(buf, sizeof(buf), "0x%02x", s->key.tos);
        out_str(o, "tos", "tos %s ", buf);
    }
    show_one_hop(o, s);
    show_origin(w, names, s);
    show_source(o, s);
    if ((v6 || s->key.metric) && !chosen && !(s->hide & HIDE_METRIC))
        out_u64(o, "metric", "metric %llu ", s->key.metric);
    show_flags(o, s->hops == 1 && !chosen ? &s->hop[0] : NULL);
    if (s->asked)
        show_asked(o, s);
    if (chosen) {
        show_cache(w, s);
    } else {
        if (s->asked)
            show_left(o, s->asked);
        show_metrics(o, &s->key);
    }
    if (v6 && s->asked && s->asked->iif)
        out_str(o, "iif", "iif %s ", s->asked->iif);
    if (v6)
        out_str(o, "pref", "pref %s", "medium");
    if (s->key.nhid && w->details)
        show_object(w, s->key.nhid);
    if (s->hops > 1)
        show_hops(w, s);
    out_text(o, "\n");
    out_end(o);
}

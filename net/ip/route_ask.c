/* ip route get: which way a packet would go (contract: route_ask.h).
 *
 *     ip route get [fibmatch] [to] A [from A] [iif IF] [oif IF] [mark N] [tos N] [uid N] [ipproto P] [sport N] [dport
 * N]
 *
 * The tables and rules are asked as for a packet, and nothing is changed. With iif it is one that came in there and has
 * to be forwarded; fibmatch shows the route that was found in place of what becomes of the one packet.
 */
#include "net/ip/route_ask.h"

#include "lib/conf.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/exception.h"
#include "net/ip/ifaddr.h"
#include "net/ip/ip.h"
#include "net/ip/route_show.h"
#include "net/ip/route_words.h"

/* ---- words ---- */

struct request {
    bool has_dst, has_from, fibmatch;
    struct ipaddr dst, from;
    const char *iif, *oif;
    u32 mark, uid, sport, dport;
    u8 tos, proto;
};

static void read_dst(struct ip_words *w, struct request *q, const char *word)
{
    struct ipprefix p;
    if (str_eq(word, "to"))
        word = ip_value(w);
    if (!ip_prefix(w, word, q->has_dst ? ip_family_of(&q->dst)->af : w->family, &p))
        return;
    q->dst = p.addr;
    q->has_dst = true;
    unsigned whole = ipaddr_bits(&p.addr);
    if (p.bits != whole)
        out_text(w->c->err, "Warning: /%u as prefix is invalid, only /%u (or none) is supported.\n", p.bits, whole);
}

static void read_from(struct ip_words *w, struct request *q)
{
    q->has_from = ip_addr(w, ip_value(w), q->has_dst ? ip_family_of(&q->dst)->af : w->family, &q->from);
}

static void read_proto(struct ip_words *w, struct request *q)
{
    const char *word = ip_value(w);
    if (word && !rt_ipproto_of(word, &q->proto))
        ip_invalid(w, word, "Invalid \"ipproto\" value\n");
}

static void read_words(struct ip_words *w, struct request *q)
{
    for (const char *word; (word = ip_word(w));) {
        if (route_word_is_tos(word))
            route_word_tos(w, &q->tos);
        else if (str_eq(word, "from"))
            read_from(w, q);
        else if (str_eq(word, "iif"))
            q->iif = ip_value(w);
        else if (str_eq(word, "oif") || str_eq(word, "dev"))
            q->oif = ip_value(w);
        else if (str_eq(word, "mark"))
            ip_u32(w, "invalid mark value\n", 0, UINT32_MAX, &q->mark);
        else if (str_eq(word, "uid"))
            ip_u32(w, "invalid UID\n", 0, UINT32_MAX, &q->uid);
        else if (str_eq(word, "ipproto"))
            read_proto(w, q);
        else if (str_eq(word, "sport"))
            ip_u32(w, "invalid sport\n", 0, 65535, &q->sport);
        else if (str_eq(word, "dport"))
            ip_u32(w, "invalid dport\n", 0, 65535, &q->dport);
        else if (str_eq(word, "fibmatch"))
            q->fibmatch = true;
        else if (str_eq(word, "vrf") || str_eq(word, "notify") || str_eq(word, "connected"))
            ip_invalid(w, word, "it cannot be asked for here");
        else
            read_dst(w, q, word);
    }
    if (!w->status && !q->has_dst)
        ip_fail(w, 1, "need at least a destination address");
}

/* ---- act ---- */

struct answer {
    struct fib_result r;
    struct ipaddr src;
    bool has_src;
    struct route_asked says;
    struct hop_shown hop;
    const struct netdev *dev; /* counted; NULL: none */
    struct route_key key;     /* the route's, or of the exception from it */
    struct ipaddr via;        /* any: none */
    bool many;
};

static struct netdev *find(struct ip_words *w, const char *name)
{
    struct netdev *dev = name ? netdev_find(w->c->net, name) : NULL;
    if (name && !dev)
        ip_fail(w, 1, "Cannot find device \"%s\"", name);
    return dev;
}

static const struct netdev *loopback(struct net *net)
{
    return ip_net(net)->lo;
}

static bool is_own(struct net *net, const struct ipaddr *a)
{
    return ip_is_local(net, a);
}

/* What this machine sends. */
static int ask_out(struct net *net, const struct request *q, struct fib_flow *f, struct answer *a)
{
    const struct ip_family *family = ip_family_of(&q->dst);
    if (q->has_from && !addr_is_any(&q->from) && !is_own(net, &q->from))
        return -ENETUNREACH;
    int err = fib_lookup(net, family->index, f, &a->r);
    if (err)
        return err;
    const struct route_key *k = &a->r.route->key;
    const struct hop *h = a->r.hop;
    const struct netdev *dev = h ? h->dev : loopback(net);
    a->says.local = k->type == ROUTE_LOCAL;
    a->says.broadcast = k->type == ROUTE_BROADCAST || addr_is_limited_broadcast(&q->dst);
    a->says.multicast = addr_is_multicast(&q->dst);
    a->many = a->says.broadcast || a->says.multicast;
    a->dev = dev;
    if (q->has_from && family == &ip_v4)
        return 0;
    const struct ipaddr *to = family == &ip_v4 && h && h->has_via && ipaddr_is4(&h->via) ? &h->via : &q->dst;
    const struct ifaddr *s = dev ? ifaddr_source(dev, family, to, SCOPE_LINK) : NULL;
    a->has_src = !addr_is_any(&k->prefsrc) || a->says.local || s;
    a->src = !addr_is_any(&k->prefsrc) ? k->prefsrc : a->says.local ? q->dst : s ? s->addr : (struct ipaddr){{0}};
    return 0;
}

/* Whatever else is known of the way there. */
static void note_exception(struct net *net, const struct hop *h, const struct ipaddr *dst, struct answer *a)
{
    struct exception_view v;
    if (!h || !exception_view(net, h, dst, &v))
        return;
    route_show_exception(&a->says, &v);
    a->key = v.key;
    a->via = v.via;
}

/* What came in by a device and wants to go on. */
static int ask_in(struct net *net, struct fib_flow *f, struct answer *a)
{
    const struct ip_family *family = ip_family_of(&f->dst);
    bool nobody = family == &ip_v4 && addr_is_any(&f->dst);
    if (nobody || addr_is_loopback(&f->dst) || addr_is_loopback(&f->src) ||
        (family == &ip_v4 && addr_is_multicast(&f->dst)))
        return family == &ip_v4 ? -EINVAL : -ENETUNREACH; /* no link brings it */
    int err = fib_lookup(net, family->index, f, &a->r);
    if (err)
        return err;
    a->says.local = a->r.route->key.type == ROUTE_LOCAL;
    a->says.broadcast = a->r.route->key.type == ROUTE_BROADCAST;
    a->many = a->says.broadcast;
    a->dev = a->r.hop && !a->says.broadcast ? a->r.hop->dev : loopback(net);
    if (a->says.local || a->says.broadcast)
        return 0;
    if (!ip_conf(f->in, family)->forwarding)
        return -EHOSTUNREACH;
    a->src = a->r.route->key.prefsrc;
    a->has_src = family == &ip_v6 && !addr_is_any(&a->src);
    a->says.redirect = family == &ip_v4 && a->dev == f->in &&
                       (ip_conf(f->in, family)->send_redirects || ip_conf_all(f->in, family)->send_redirects);
    return 0;
}

static int ask(struct ip_words *w, const struct request *q, struct answer *a)
{
    struct net *net = w->c->net;
    const struct netdev *in = find(w, q->iif), *out = w->status ? NULL : find(w, q->oif);
    if (w->status)
        return w->status;
    struct fib_flow f = {.src = q->has_from                       ? q->from
                                : ip_family_of(&q->dst) == &ip_v4 ? ipaddr_of4(0, 0, 0, 0)
                                                                  : (struct ipaddr){{0}},
                         .dst = q->dst,
                         .mark = q->mark,
                         .uid = q->uid,
                         .in = in,
                         .out = out,
                         .sport = be16_of((u16)q->sport),
                         .dport = be16_of((u16)q->dport),
                         .tos = q->tos,
                         .proto = q->proto};
    if (in && !in->ip)
        return ip_answer(w, -ENODEV);
    rcu_enter();
    int err = in ? ask_in(net, &f, a) : ask_out(net, q, &f, a);
    if (!err) {
        route_hold(a->r.route);
        a->key = a->r.route->key;
        a->via = a->r.hop ? a->r.hop->via : addr_fill(&q->dst, 0, false);
        if (!in)
            note_exception(net, a->r.hop, &q->dst, a);
    }
    if (!err && a->dev)
        netdev_get((struct netdev *)a->dev);
    rcu_exit();
    return ip_answer(w, err);
}

/* ---- print ---- */

/* Linux keeps local routes in the main table until there are rules of one's own. */
static u32 hide_of(struct net *net, const struct ipaddr *dst, const struct answer *a)
{
    bool main = a->r.table->id == TABLE_LOCAL && ipaddr_is4(dst) && rule_plain(net, IP_V4);
    return main ? HIDE_TABLE : 0;
}

static void show_match(struct ip_words *w, struct rt_names *names, const struct request *q, const struct answer *a)
{
    struct route_shown s = {.prefix = {addr_fill(&q->dst, a->r.bits, false), (u8)a->r.bits},
                            .key = a->r.route->key,
                            .table = a->r.table->id,
                            .hide = hide_of(w->c->net, &q->dst, a)};
    struct hop_shown few[ROUTE_SHOW_HOPS], *hops = route_show_hops(&s, a->r.route, few);
    if (hops)
        route_show(w, names, &s);
    if (hops != few)
        mem_free(hops);
}

static void show_way(struct ip_words *w, struct rt_names *names, const struct request *q, struct answer *a)
{
    static const struct ipaddr any6 = {{0}};
    struct route_shown s = {.prefix = {q->dst, (u8)a->r.bits},
                            .key = a->key,
                            .table = a->r.table->id,
                            .hide = hide_of(w->c->net, &q->dst, a),
                            .asked = &a->says};
    bool v6 = ip_family_of(&q->dst) == &ip_v6;

    a->says.from = q->has_from ? &q->from : v6 ? &any6 : NULL;
    a->says.src = a->has_src ? &a->src : NULL;
    a->says.iif = q->iif;
    a->says.mark = v6 ? 0 : q->mark; /* Linux does not say it */
    a->says.uid = q->uid;
    if (a->dev) {
        a->hop = (struct hop_shown){.dev = a->dev->port.name, .weight = 1};
        if (!a->many)
            a->hop.via = a->via;
        s.hop = &a->hop;
        s.hops = 1;
    }
    if (a->many)
        s.key.type = a->says.multicast ? ROUTE_MULTICAST : ROUTE_BROADCAST;
    route_show(w, names, &s);
}

int route_ask(struct ip_words *w, struct rt_names *names)
{
    struct request q = {0};
    struct answer a = {0};

    read_words(w, &q);
    if (w->status)
        return w->status;
    conf_enter();
    int status = ask(w, &q, &a);
    conf_leave();
    if (status)
        return status;
    out_array(w->c->out, NULL);
    if (q.fibmatch)
        show_match(w, names, &q, &a);
    else
        show_way(w, names, &q, &a);
    out_end(w->c->out);
    conf_enter();
    route_put(a.r.route);
    conf_leave();
    if (a.dev)
        netdev_put((struct netdev *)a.dev);
    return 0;
}

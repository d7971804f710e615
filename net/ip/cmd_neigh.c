/* ip neighbour: MAC addresses of stations on links.
 *
 *     ip [-4 | -6] [-s] [-j [-p]] neigh [show] [[to] P] [dev IF] [nud STATE]
 *     ip neigh add | change | replace A lladdr MAC dev IF [nud STATE] [router]
 *     ip neigh del A dev IF      ip neigh get A dev IF      ip [-s [-s]] neigh flush [[to] P] [dev IF] [nud STATE]
 *
 *     ip neigh add | replace | del proxy A dev IF [router]      ip neigh show proxy [dev IF]: whom a device answers for
 *
 * What is shown is a copy that was made under conf_lock.
 */
#include "lib/conf.h"
#include "lib/iproute.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/neigh_proxy.h"
#include "net/ip/neigh_show.h"

enum verb { ADD, CHANGE, REPLACE, DELETE, GET, SHOW, LST, LIST, FLUSH, HELP };
static const char *const verbs[] = {"add",  "change", "replace", "delete", "get",
                                    "show", "lst",    "list",    "flush",  "help"};

/* ---- words ---- */

struct request {
    bool has_addr, has_mac, has_state, has_to, router, proxy;
    struct ipaddr addr;
    struct macaddr mac;
    struct ipprefix to;
    const char *dev;
    u8 state; /* to be; of those that are shown, any of these */
};

static bool is_elsewhere(const char *word)
{
    return str_eq(word, "vrf") || str_eq(word, "managed") || str_eq(word, "use") || str_eq(word, "extern_learn") ||
           str_eq(word, "protocol") || str_eq(word, "nomaster") || str_eq(word, "master") || str_eq(word, "unused");
}

static void read_state(struct ip_words *w, struct request *q)
{
    const char *word = ip_value(w);
    u8 state = 0;
    if (word && !neigh_state_of(word, &state))
        ip_fail(w, IP_WRONG, "Error: argument \"%s\" is wrong: nud state is bad", word);
    q->state = q->has_state ? q->state | state : state;
    q->has_state = true;
}

static void read_change(struct ip_words *w, struct request *q)
{
    for (const char *word; (word = ip_word(w));) {
        if (str_eq(word, "lladdr")) {
            ip_lladdr(w, &q->mac);
            q->has_mac = true;
        } else if (str_eq(word, "nud")) {
            q->has_state = false;
            read_state(w, q);
        } else if (str_eq(word, "router")) {
            q->router = true;
        } else if (str_eq(word, "proxy")) {
            q->proxy = q->has_addr = ip_addr(w, ip_value(w), w->family, &q->addr);
        } else if (str_eq(word, "dev")) {
            q->dev = ip_value(w);
        } else if (is_elsewhere(word)) {
            ip_invalid(w, word, "no neighbour here has it");
        } else {
            if (str_eq(word, "to"))
                word = ip_value(w);
            if (word && q->has_addr)
                ip_fail(w, IP_WRONG, "Error: either \"to\" is duplicate, or \"%s\" is a garbage.", word);
            q->has_addr = ip_addr(w, word, w->family, &q->addr);
        }
    }
}

static void read_show(struct ip_words *w, struct request *q)
{
    for (const char *word; (word = ip_word(w));) {
        if (str_eq(word, "dev")) {
            q->dev = ip_value(w);
        } else if (str_eq(word, "nud")) {
            read_state(w, q);
        } else if (str_eq(word, "proxy")) {
            q->proxy = true;
        } else if (is_elsewhere(word)) {
            ip_invalid(w, word, "no neighbour here has it");
        } else {
            if (str_eq(word, "to"))
                word = ip_value(w);
            q->has_to = ip_prefix(w, word, w->family, &q->to) && q->to.bits;
        }
    }
}

/* ---- act: one of them; under conf_lock ---- */

/* States that begin something, or end it, are the protocol's own. */
static bool may_be_set(u8 state)
{
    return state == NUD_PERMANENT || state == NUD_REACHABLE || state == NUD_STALE || state == NUD_DELAY ||
           state == NUD_NOARP || state == NUD_FAILED;
}

static int set(struct ip_words *w, const struct request *q, enum verb verb, struct netdev *dev)
{
    u8 state = q->has_state ? q->state : NUD_PERMANENT;
    if (!may_be_set(state))
        return ip_fail(w, IP_WRONG, "Error: argument \"nud\" is wrong: a neighbour cannot be put into that state");
    softirq_off();
    struct neigh *n = neigh_find(dev, &q->addr);
    bool known = n && (n->state & NUD_KNOWN), none = !n;
    int err = n && verb == ADD ? -EEXIST : !n && verb == CHANGE ? -ENOENT : 0;
    bool no_mac = !err && !q->has_mac && !known && state != NUD_FAILED;
    if (!err && !no_mac && !n && !(n = neigh_get(dev, &q->addr, NULL)))
        err = -ENOBUFS;
    if (!err && !no_mac)
        err = neigh_update(n, q->has_mac && state != NUD_FAILED ? &q->mac : NULL, state,
                           NEIGH_OVERRIDE | NEIGH_ADMIN | (q->router || none ? NEIGH_ROUTERS : 0), q->router);
    softirq_on();
    return no_mac ? ip_fail(w, IP_REFUSED, "Error: No link layer address given.") : ip_answer(w, err);
}

static int set_proxy(struct ip_words *w, const struct request *q, enum verb verb, struct netdev *dev)
{
    if (q->has_mac || q->has_state)
        return ip_fail(w, IP_WRONG, "Error: argument \"%s\" is wrong: a proxy has none", q->has_mac ? "lladdr" : "nud");
    if (addr_is_multicast(&q->addr) || addr_is_any(&q->addr))
        return ip_answer(w, -EINVAL);
    if (verb == DELETE)
        return ip_answer(w, neigh_proxy_del(dev, &q->addr));
    if (verb == CHANGE && !neigh_proxy_find(dev, &q->addr))
        return ip_answer(w, -ENOENT);
    return ip_answer(w, neigh_proxy_add(dev, &q->addr, q->router));
}

static int change(struct ip_words *w, const struct request *q, enum verb verb)
{
    if (!q->dev || !q->has_addr)
        return ip_fail(w, IP_WRONG, "Device and destination are required arguments.");
    struct netdev *dev = netdev_find(w->c->net, q->dev);
    if (!dev || !dev->ip)
        return ip_fail(w, 1, "Cannot find device \"%s\"", q->dev);
    if (q->proxy)
        return set_proxy(w, q, verb, dev);
    return verb == DELETE ? ip_answer(w, neigh_del(dev, &q->addr)) : set(w, q, verb, dev);
}

/* ---- act: what is shown, copied ---- */

struct copies {
    u32 n, room;
    struct neigh_shown *at;
};

static void copy_one(struct neigh *n, void *arg)
{
    struct copies *c = arg;
    if (c->n < c->room) /* those that came in this moment may not have any */
        neigh_copy(&c->at[c->n++], n);
}

static bool before(const struct neigh_shown *a, const struct neigh_shown *b)
{
    int cmp = memcmp(&a->addr, &b->addr, sizeof(a->addr));
    return a->index != b->index ? a->index < b->index : cmp < 0;
}

/* The greatest of the first n sinks from `at` to its place (heap sort). */
static void sift(struct neigh_shown *a, u32 at, u32 n)
{
    for (u32 child; (child = 2 * at + 1) < n; at = child) {
        child += child + 1 < n && before(&a[child], &a[child + 1]);
        if (!before(&a[at], &a[child]))
            return;
        struct neigh_shown t = a[at];
        a[at] = a[child];
        a[child] = t;
    }
}

static void sort(struct neigh_shown *a, u32 n)
{
    for (u32 i = n / 2; i-- > 0;)
        sift(a, i, n);
    for (u32 i = n; i-- > 1;) {
        struct neigh_shown t = a[0];
        a[0] = a[i];
        a[i] = t;
        sift(a, 0, i);
    }
}

/* All of a family, by device and address; false: no memory. */
static bool copy(struct net *net, enum ip_index f, struct copies *c)
{
    conf_enter();
    *c = (struct copies){.room = neigh_count(net, f) + 16};
    c->at = mem_alloc(c->room * sizeof(c->at[0]));
    if (c->at)
        neigh_walk(net, f, copy_one, c);
    conf_leave();
    if (c->at)
        sort(c->at, c->n);
    return c->at;
}

static bool is_meant(const struct request *q, const struct neigh_shown *s)
{
    return (!q->dev || str_eq(q->dev, s->dev)) &&
           (!q->has_to || (ip_family_of(&q->to.addr) == ip_family_of(&s->addr) && prefix_has(&q->to, &s->addr))) &&
           (q->state == 0xff || (s->state & q->state));
}

/* ---- print ---- */

typedef void each_fn(struct ip_words *w, const struct request *q, const struct neigh_shown *s, void *arg);

static int each(struct ip_words *w, const struct request *q, each_fn *fn, void *arg)
{
    for (enum ip_index f = 0; f < IP_FAMILIES; f++) {
        struct copies c;
        if (w->family && ip_family(f)->af != w->family)
            continue;
        if (!copy(w->c->net, f, &c))
            return ip_answer(w, -ENOMEM);
        for (u32 i = 0; i < c.n && !out_failed(w->c->out); i++)
            if (is_meant(q, &c.at[i]))
                fn(w, q, &c.at[i], arg);
        mem_free(c.at);
    }
    return w->status;
}

static void show_one(struct ip_words *w, const struct request *q, const struct neigh_shown *s, void *arg)
{
    neigh_show(w, s, q->dev, false);
}

/* Proxies, by device: few, and shown under conf_lock. */
static void each_proxy(struct ip_words *w, const struct request *q,
                       void (*fn)(struct out *o, const struct netdev *dev, const struct neigh_proxy *p, bool hide_dev))
{
    conf_enter();
    for (enum ip_index f = 0; f < IP_FAMILIES; f++)
        for (struct netdev *dev = NULL; (dev = netdev_next(w->c->net, dev));)
            if (dev->ip && (!w->family || ip_family(f)->af == w->family) && (!q->dev || str_eq(q->dev, dev->port.name)))
                for (const struct neigh_proxy *p = neigh_proxy_first(dev, f); p; p = neigh_proxy_next(p))
                    if (!q->has_to || prefix_has(&q->to, &p->addr))
                        fn(w->c->out, dev, p, q->dev);
    conf_leave();
}

static void show_proxy(struct out *o, const struct netdev *dev, const struct neigh_proxy *p, bool hide_dev)
{
    out_object(o, NULL);
    out_fmt(o, "dst", "%pI", &p->addr);
    out_text(o, " ");
    if (!hide_dev)
        out_str(o, "dev", "dev %s ", dev->port.name);
    if (p->router) {
        out_text(o, "router ");
        out_null(o, "router");
    }
    out_text(o, "proxy ");
    out_null(o, "proxy");
    out_array(o, "state");
    out_end(o);
    out_text(o, "\n");
    out_end(o);
}

static bool has_device(struct ip_words *w, const struct request *q)
{
    conf_enter();
    bool there = !q->dev || netdev_find(w->c->net, q->dev);
    conf_leave();
    if (!there)
        ip_fail(w, 1, "Cannot find device \"%s\"", q->dev);
    return there;
}

static int show(struct ip_words *w, struct request *q)
{
    if (!q->has_state)
        q->state = 0xff & ~NUD_NOARP;
    if (!has_device(w, q))
        return w->status;
    out_array(w->c->out, NULL);
    if (q->proxy)
        each_proxy(w, q, show_proxy);
    else
        each(w, q, show_one, NULL);
    out_end(w->c->out);
    return w->status;
}

static int get(struct ip_words *w, const struct request *q)
{
    struct neigh_shown s;
    if (!q->dev || !q->has_addr)
        return ip_fail(w, 1, "Device and address are required arguments.");
    conf_enter();
    struct netdev *dev = netdev_find(w->c->net, q->dev);
    rcu_enter();
    struct neigh *n = dev && dev->ip ? neigh_find(dev, &q->addr) : NULL;
    if (n)
        neigh_copy(&s, n);
    rcu_exit();
    conf_leave();
    if (!dev)
        return ip_fail(w, 1, "Cannot find device \"%s\"", q->dev);
    if (!n)
        return ip_fail(w, IP_REFUSED, "Error: Neighbour entry not found.");
    out_array(w->c->out, NULL);
    neigh_show(w, &s, false, false);
    out_end(w->c->out);
    return 0;
}

static void flush_one(struct ip_words *w, const struct request *q, const struct neigh_shown *s, void *arg)
{
    u32 *n = arg;
    if (w->stats > 1)
        neigh_show(w, s, q->dev, false);
    conf_enter();
    struct netdev *dev = netdev_find(w->c->net, s->dev);
    *n += dev && dev->ip && !neigh_del(dev, &s->addr);
    conf_leave();
}

static int flush(struct ip_words *w, struct request *q)
{
    u32 n = 0;
    if (w->at == w->c->words + 1)
        return ip_fail(w, 1, "Flush requires arguments.");
    if (q->proxy)
        return ip_fail(w, 1, "Proxies are deleted one by one.");
    if (!q->has_state)
        q->state = 0xff & ~(NUD_PERMANENT | NUD_NOARP);
    if (!has_device(w, q) || each(w, q, flush_one, &n))
        return w->status;
    if (w->stats && n)
        out_text(w->c->out, "\n*** Round 1, deleting %u entries ***\n*** Flush is complete after 1 round ***\n", n);
    else if (w->stats)
        out_text(w->c->out, "Nothing to flush.\n");
    return 0;
}

/* ---- the command ---- */

static int run(struct ip_words *w, struct request *q, enum verb verb)
{
    switch (verb) {
    case HELP: out_text(w->c->err, "Usage: ip neigh %s\n", w->c->cmd->usage); return IP_WRONG;
    case FLUSH: return flush(w, q);
    case GET: return get(w, q);
    case SHOW:
    case LST:
    case LIST: return show(w, q);
    default: break;
    }
    conf_enter();
    int status = change(w, q, verb);
    conf_leave();
    return status;
}

static int cmd_neigh(struct cmd_ctx *c)
{
    struct request q = {0};
    struct ip_words w;
    int status = ip_begin(&w, c), verb = status ? -1 : ip_verb(&w, verbs, ARRAY_LEN(verbs), SHOW);
    if (verb < 0)
        return w.status;
    if (verb <= GET)
        read_change(&w, &q);
    else if (verb != HELP)
        read_show(&w, &q);
    return w.status ? w.status : run(&w, &q, (enum verb)verb);
}

static void dump_one(struct ip_words *w, const struct request *q, const struct neigh_shown *s, void *arg)
{
    out_text(w->c->out, "ip neigh replace %pI lladdr %pM dev ", &s->addr, &s->mac);
    out_word(w->c->out, s->dev);
    out_text(w->c->out, " nud permanent%s\n", s->flags & NEIGH_ROUTER ? " router" : "");
}

static void dump_proxy(struct out *o, const struct netdev *dev, const struct neigh_proxy *p, bool hide_dev)
{
    out_text(o, "ip neigh replace proxy %pI dev ", &p->addr);
    out_word(o, dev->port.name);
    out_text(o, "%s\n", p->router ? " router" : "");
}

static void dump(struct cmd_ctx *c)
{
    const struct request q = {.state = NUD_PERMANENT};
    struct ip_words w = {.c = c};
    each_proxy(&w, &q, dump_proxy);
    each(&w, &q, dump_one, NULL);
}

static void complete(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    static const char *const words[] = {"dev",   "lladdr", "nud",   "permanent", "reachable",
                                        "stale", "router", "proxy", "to"};
    int nth = c->argc - c->words;
    for (unsigned i = 0; nth == 1 && i < ARRAY_LEN(verbs); i++)
        if (i != LST && i != LIST && i != HELP)
            offer(arg, verbs[i]);
    for (const struct netdev *dev = NULL; nth > 1 && (dev = netdev_next(c->net, dev));)
        offer(arg, dev->port.name);
    for (unsigned i = 0; nth > 1 && i < ARRAY_LEN(words); i++)
        offer(arg, words[i]);
}

CMD(neigh, .name = "ip neighbour", .least = 1, .group = "network", .help = "MAC addresses of stations on links",
    .usage =
        "[show] [[to] P] [dev IF] [nud STATE] [proxy] | add|change|replace A lladdr MAC dev IF [nud STATE] [router]"
        " | add|change|replace|del proxy A dev IF [router]"
        " | del A dev IF | get A dev IF | flush [[to] P] [dev IF] [nud STATE]",
    .dump_rank = 25, .run = cmd_neigh, .dump = dump, .complete = complete);

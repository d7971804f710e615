/* ip address: addresses of devices.
 *
 *     ip [-4 | -6] [-s] [-d] [-br] [-o] [-j [-p]] addr [show] [[dev] IF] [FILTER ...]
 *     ip addr add | change | replace A/P dev IF [peer A/P] [broadcast A | + | -] [label L] [scope S] [metric N]
 *                                    [valid_lft T] [preferred_lft T] [nodad] [noprefixroute]
 *     ip addr del A/P dev IF      ip [-s [-s]] addr flush [dev IF] [FILTER ...]
 *     FILTER: to P, scope S, label PATTERN, up, primary, secondary, permanent, dynamic, [-]deprecated, [-]tentative
 *
 * What is shown is a copy that was made under conf_lock, a device at a time.
 */
#include "lib/conf.h"
#include "lib/iproute.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/dev/link_show.h"
#include "net/ip/addr.h"
#include "net/ip/addr_show.h"
#include "net/ip/route.h"
#include "net/ip/rt_names.h"

/* ---- words ---- */

enum verb { ADD, CHANGE, REPLACE, DELETE, SHOW, LST, LIST, FLUSH, SAVE, HELP };
static const char *const verbs[] = {"add", "change", "replace", "delete", "show",
                                    "lst", "list",   "flush",   "save",   "help"};

enum broadcast { BRD_NONE, BRD_ONES, BRD_ZEROS, BRD_SAID };

struct request {
    const char *dev, *label;
    bool has_addr, has_bits, has_peer, has_scope;
    struct ipprefix addr, peer;
    enum broadcast brd;
    struct ipaddr broadcast;
    u8 scope;
    u32 metric, flags;
    u32 valid, preferred; /* s; UINT32_MAX: for ever */
    /* of those that are shown or flushed */
    bool up, has_to;
    struct ipprefix to;
    u32 set, clear; /* flags that it has, or has not */
};

static void read_scope(struct ip_words *w, struct request *q)
{
    const char *word = ip_value(w);
    if (word && !rt_scope_of(word, &q->scope))
        ip_invalid(w, word, "invalid scope value.");
    q->has_scope = true;
}

static void read_lifetime(struct ip_words *w, const char *keyword, u32 *to)
{
    const char *word = ip_value(w);
    char why[32] = "";
    if (!word || str_eq(word, "forever"))
        return;
    str_append(why, sizeof(why), keyword);
    str_append(why, sizeof(why), " value");
    if (parse_u32(word, 0, UINT32_MAX, to, NULL))
        ip_invalid(w, word, why);
}

static void read_broadcast(struct ip_words *w, struct request *q)
{
    const char *word = ip_value(w);
    if (word && q->brd)
        ip_duplicate(w, "broadcast", word);
    else if (word && (str_eq(word, "+") || str_eq(word, "-")))
        q->brd = *word == '+' ? BRD_ONES : BRD_ZEROS;
    else if (word && ip_addr(w, word, q->has_addr ? ip_family_of(&q->addr.addr)->af : w->family, &q->broadcast))
        q->brd = BRD_SAID;
}

static void read_local(struct ip_words *w, struct request *q, const char *word)
{
    if (word && q->has_addr) {
        ip_fail(w, IP_WRONG, "Error: either \"local\" is duplicate, or \"%s\" is a garbage.", word);
        return;
    }
    q->has_addr = word && ip_prefix(w, word, w->family, &q->addr);
    q->has_bits = word && strchr(word, '/');
}

static bool is_elsewhere(const char *word)
{
    return str_eq(word, "anycast") || str_eq(word, "home") || str_eq(word, "mngtmpaddr") || str_eq(word, "autojoin") ||
           str_eq(word, "optimistic") || str_eq(word, "proto");
}

static void read_change(struct ip_words *w, struct request *q)
{
    for (const char *word; (word = ip_word(w));) {
        if (str_eq(word, "peer") || str_eq(word, "remote")) {
            word = ip_value(w);
            q->has_peer = word && ip_prefix(w, word, w->family, &q->peer);
        } else if (ip_is(word, "broadcast") || str_eq(word, "brd")) {
            read_broadcast(w, q);
        } else if (str_eq(word, "scope")) {
            read_scope(w, q);
        } else if (str_eq(word, "dev")) {
            q->dev = ip_value(w);
        } else if (str_eq(word, "label")) {
            q->label = ip_value(w);
        } else if (str_eq(word, "metric") || str_eq(word, "priority") || str_eq(word, "preference")) {
            ip_u32(w, "\"metric\" value is invalid\n", 0, UINT32_MAX, &q->metric);
        } else if (str_eq(word, "valid_lft")) {
            read_lifetime(w, word, &q->valid);
            if (!w->status && !q->valid)
                ip_fail(w, 1, "valid_lft is zero");
        } else if (str_eq(word, "preferred_lft")) {
            read_lifetime(w, word, &q->preferred);
        } else if (str_eq(word, "nodad")) {
            q->flags |= IFA_NODAD;
        } else if (str_eq(word, "noprefixroute")) {
            q->flags |= IFA_NOPREFIXROUTE;
        } else if (is_elsewhere(word)) {
            ip_invalid(w, word, "no address here has it");
        } else {
            read_local(w, q, str_eq(word, "local") ? ip_value(w) : word);
        }
    }
}

static bool read_flag(struct request *q, const char *word)
{
    static const struct {
        const char *word;
        u32 flag;
    } flags[] = {{"secondary", IFA_SECONDARY}, {"temporary", IFA_SECONDARY},        {"permanent", IFA_PERMANENT},
                 {"nodad", IFA_NODAD},         {"deprecated", IFA_DEPRECATED},      {"tentative", IFA_TENTATIVE},
                 {"dadfailed", IFA_DADFAILED}, {"noprefixroute", IFA_NOPREFIXROUTE}};
    bool not = *word == '-';
    for (unsigned i = 0; i < ARRAY_LEN(flags); i++)
        if (str_eq(word + not, flags[i].word)) {
            *(not ? &q->clear : &q->set) |= flags[i].flag;
            return true;
        }
    if (!str_eq(word, "primary") && !str_eq(word, "dynamic"))
        return false;
    q->clear |= *word == 'p' ? IFA_SECONDARY : IFA_PERMANENT;
    return true;
}

static void read_show_dev(struct ip_words *w, struct request *q, const char *word)
{
    if (str_eq(word, "dev"))
        word = ip_value(w);
    if (word && q->dev)
        ip_fail(w, IP_WRONG, "Error: either \"dev\" is duplicate, or \"%s\" is a garbage.", word);
    q->dev = word;
}

static void read_show(struct ip_words *w, struct request *q)
{
    for (const char *word; (word = ip_word(w));) {
        if (str_eq(word, "to")) {
            word = ip_value(w);
            q->has_to = word && ip_prefix(w, word, w->family, &q->to);
            if (q->has_to)
                w->family = ip_family_of(&q->to.addr)->af;
        } else if (str_eq(word, "scope")) {
            read_scope(w, q);
        } else if (str_eq(word, "up")) {
            q->up = true;
        } else if (str_eq(word, "label")) {
            q->label = ip_value(w);
        } else if (str_eq(word, "master") || str_eq(word, "vrf") || str_eq(word, "type") || str_eq(word, "nomaster")) {
            ip_invalid(w, word, "no device here has it");
        } else if (!read_flag(q, word)) {
            read_show_dev(w, q, word);
        }
    }
}

/* ---- act: one address; under conf_lock ---- */

static u8 scope_of(const struct ipaddr *a)
{
    bool v4 = ipaddr_is4(a);
    if (addr_is_loopback(a))
        return SCOPE_HOST;
    if (!v4 && addr_is_link_local(a))
        return SCOPE_LINK;
    return !v4 && a->b[0] == 0xfe && a->b[1] >> 6 == 3 ? SCOPE_SITE : SCOPE_GLOBAL;
}

static u64 until(u32 seconds)
{
    return seconds == UINT32_MAX ? IFA_FOREVER : clock_ns() + seconds * NS_PER_S;
}

/* What the words come to; the status. */
static int make(struct ip_words *w, struct request *q, struct ifaddr *a)
{
    const struct ipprefix *net = q->has_peer ? &q->peer : &q->addr;
    bool v4 = ipaddr_is4(&q->addr.addr);

    if (q->has_peer && v4 != ipaddr_is4(&q->peer.addr))
        return ip_fail(w, 1, "Error: %s prefix is expected rather than \"%pI\".", v4 ? "inet" : "inet6", &net->addr);
    if (!v4 && q->brd)
        return ip_fail(w, 1, "Broadcast can be set only for IPv4 addresses");
    if (q->preferred > q->valid)
        return ip_fail(w, 1, "preferred_lft is greater than valid_lft");
    if (v4 && (q->flags & IFA_NODAD)) {
        out_text(w->c->err, "Warning: nodad option can be set only for IPv6 addresses\n");
        q->flags &= ~IFA_NODAD;
    }
    if (q->label && strlen(q->label) >= sizeof(a->label))
        return ip_fail(w, IP_REFUSED, "Error: Attribute failed policy validation.");
    *a = (struct ifaddr){.addr = q->addr.addr,
                         .peer = net->addr,
                         .broadcast = q->brd == BRD_SAID ? q->broadcast : ipaddr_of4(0, 0, 0, 0),
                         .bits = net->bits,
                         .scope = v4 && q->has_scope ? q->scope : scope_of(&q->addr.addr),
                         .flags = q->flags | (q->preferred ? 0 : IFA_DEPRECATED),
                         .metric = q->metric,
                         .valid_until = until(q->valid),
                         .preferred_until = until(q->preferred)};
    if ((q->brd == BRD_ONES || q->brd == BRD_ZEROS) && net->bits <= 30)
        a->broadcast = addr_fill(&net->addr, net->bits, q->brd == BRD_ONES);
    if (v4)
        str_copy(a->label, sizeof(a->label), q->label ? q->label : q->dev);
    return 0;
}

static int refused(struct ip_words *w, const struct ifaddr *a, int err)
{
    bool v4 = ipaddr_is4(&a->addr);
    if (err == -EEXIST)
        return ip_fail(w, IP_REFUSED,
                       v4 ? "Error: ipv4: Address already assigned." : "Error: ipv6: address already assigned.");
    if (err == -EINVAL && !v4 && addr_is_multicast(&a->addr))
        return ip_fail(w, IP_REFUSED,
                       "Error: ipv6: Cannot assign multicast address without \"IFA_F_MCAUTOJOIN\" flag.");
    if (err == -EINVAL && !v4)
        return ip_fail(w, IP_REFUSED, "Error: ipv6: Invalid address.");
    if (err == -EDOM)
        return ip_fail(w, IP_REFUSED, "Error: ipv4: Invalid scope value.");
    return ip_answer(w, err);
}

static int add(struct ip_words *w, struct request *q, enum verb verb, struct netdev *dev)
{
    struct ifaddr a;
    int status = make(w, q, &a);
    if (status)
        return status;
    int err = verb == ADD ? -ENOENT : ifaddr_change(dev, &a);
    return refused(w, &a, err == -ENOENT ? ifaddr_add(dev, &a) : err);
}

static int del(struct ip_words *w, const struct request *q, struct netdev *dev)
{
    const struct ipprefix *net = q->has_peer ? &q->peer : &q->addr;
    bool v4 = ipaddr_is4(&q->addr.addr), any = v4 && !q->has_bits && !q->has_peer;
    if (any)
        out_text(w->c->err,
                 "Warning: Executing wildcard deletion to stay compatible with old scripts.\n"
                 "         Explicitly specify the prefix length (%pI/32) to avoid this warning.\n"
                 "         This special behaviour is likely to disappear in further releases,\n"
                 "         fix your scripts!\n",
                 &q->addr.addr);
    struct ifaddr *a = ifaddr_find(dev, &q->addr.addr, any ? -1 : net->bits);
    if (!a || (q->has_peer && !addr_same_bits(&a->peer, &net->addr, a->bits)) ||
        (q->label && !str_eq(q->label, a->label)))
        return ip_fail(w, IP_REFUSED, v4 ? "Error: ipv4: Address not found." : "Error: ipv6: address not found.");
    return ip_answer(w, ifaddr_del(dev, a));
}

static int change(struct ip_words *w, struct request *q, enum verb verb)
{
    if (!q->dev)
        return ip_fail(w, 1, "Not enough information: \"dev\" argument is required.");
    if (!q->has_addr)
        return ip_answer(w, -EOPNOTSUPP);
    struct netdev *dev = netdev_find(w->c->net, q->dev);
    if (!dev || !dev->ip)
        return ip_fail(w, 1, "Cannot find device \"%s\"", q->dev);
    return verb == DELETE ? del(w, q, dev) : add(w, q, verb, dev);
}

/* ---- act: what is shown, copied ---- */

struct copies {
    u32 n, all; /* of those that are meant; of all of the device */
    struct addr_shown *at;
};

static bool is_meant(const struct request *q, const struct ifaddr *a)
{
    u32 flags = addr_flags(a, clock_ns());
    return (!q->has_to || (ip_family_of(&q->to.addr) == ip_family_of(&a->addr) && prefix_has(&q->to, &a->addr))) &&
           (!q->has_scope || a->scope == q->scope) && (flags & q->set) == q->set && !(flags & q->clear) &&
           (!q->label || !a->label[0] || str_match(q->label, a->label));
}

static u32 count(const struct netdev *dev)
{
    u32 n = 0;
    for (enum ip_index f = 0; dev->ip && f < IP_FAMILIES; f++)
        for (const struct ifaddr *a = ifaddr_first(dev, ip_family(f)); a; a = ifaddr_next(a))
            n++;
    return n;
}

/* False: no memory. */
static bool copy(const struct ip_words *w, const struct request *q, const struct netdev *dev, struct copies *c)
{
    *c = (struct copies){.all = count(dev)};
    if (c->all && !(c->at = mem_alloc(c->all * sizeof(c->at[0]))))
        return false;
    for (enum ip_index f = 0; c->all && f < IP_FAMILIES; f++)
        for (const struct ifaddr *a = ifaddr_first(dev, ip_family(f)); a; a = ifaddr_next(a))
            if ((!w->family || ip_family(f)->af == w->family) && is_meant(q, a)) {
                struct addr_shown *s = &c->at[c->n++];
                s->a = *a;
                s->index = dev->port.index;
                str_copy(s->dev, sizeof(s->dev), dev->port.name);
            }
    return true;
}

/* ---- print ---- */

static void show_dev(struct ip_words *w, const struct request *q, struct netdev *dev, const struct copies *c)
{
    struct out *o = w->c->out;

    out_object(o, NULL);
    if (w->brief) {
        link_show_brief(o, dev, false);
    } else if (!w->oneline && !q->label) {
        link_show_head(w, dev, LINK_SHOW_ADDR);
        out_text(o, "\n");
    }
    out_array(o, "addr_info");
    for (u32 i = 0; i < c->n; i++)
        w->brief ? addr_show_brief(w, &c->at[i]) : addr_show(w, &c->at[i], w->oneline);
    out_end(o);
    if (w->brief)
        out_text(o, "\n");
    else if (!w->oneline)
        link_show_stats(w, dev, "");
    if (w->stats && !w->brief && !w->oneline)
        out_text(o, "\n");
    out_end(o);
}

static int show_one(struct ip_words *w, const struct request *q, struct netdev *dev)
{
    bool filters = q->has_to || q->has_scope || q->label || q->set || q->clear || w->family;
    struct copies c;

    if (q->up && !(dev->flags & DEV_UP))
        return 0;
    conf_enter();
    bool ok = copy(w, q, dev, &c);
    conf_leave();
    if (!ok)
        return ip_fail(w, 1, "no memory");
    if (c.n || !filters || (!c.all && !w->family))
        show_dev(w, q, dev, &c);
    mem_free(c.at);
    return 0;
}

static int show(struct ip_words *w, const struct request *q)
{
    struct netdev *dev = q->dev ? netdev_hold(w->c->net, q->dev) : NULL;

    if (q->dev && !dev)
        return ip_fail(w, 1, "Device \"%s\" does not exist.", q->dev);
    out_array(w->c->out, NULL);
    for (dev = dev ? dev : netdev_walk(w->c->net, NULL); dev && !w->status && !out_failed(w->c->out);
         dev = q->dev ? NULL : netdev_walk(w->c->net, dev)) {
        show_one(w, q, dev);
        if (q->dev)
            netdev_put(dev);
    }
    if (dev && !q->dev)
        netdev_put(dev);
    out_end(w->c->out);
    return w->status;
}

/* ---- flush ---- */

/* All that are meant of a device, once; those of them that went with another are not missed. */
static int flush_once(struct ip_words *w, const struct request *q, struct netdev *dev, struct copies *c)
{
    if (!copy(w, q, dev, c))
        return -ENOMEM;
    for (u32 i = 0; i < c->n; i++) {
        struct ifaddr *a = ifaddr_find(dev, &c->at[i].a.addr, c->at[i].a.bits);
        int err = a ? ifaddr_del(dev, a) : 0;
        if (err)
            return err;
    }
    return 0;
}

static void tell_flushed(struct ip_words *w, u32 rounds, u32 n)
{
    if (n)
        out_text(w->c->out, "\n*** Round %u, deleting %u addresses ***\n", rounds, n);
    else if (rounds == 1)
        out_text(w->c->out, "Nothing to flush.\n");
    else
        out_text(w->c->out, "*** Flush is complete after %u round%s ***\n", rounds - 1, rounds > 2 ? "s" : "");
}

/* One round over all devices; how many, or -errno. */
static int flush_round(struct ip_words *w, const struct request *q)
{
    int n = 0, err = 0;
    for (struct netdev *dev = netdev_walk(w->c->net, NULL); dev; dev = netdev_walk(w->c->net, dev)) {
        struct copies c = {0};
        if (err || (q->dev && !str_eq(q->dev, dev->port.name)))
            continue;
        conf_enter();
        err = flush_once(w, q, dev, &c);
        conf_leave();
        for (u32 i = 0; i < c.n && w->stats > 1; i++)
            addr_show(w, &c.at[i], true);
        n += (int)c.n;
        mem_free(c.at);
    }
    return err ? err : n;
}

static int flush(struct ip_words *w, const struct request *q)
{
    int n = 1;
    if (w->at == w->c->words + 1)
        return ip_fail(w, 1, "Flush requires arguments.");
    conf_enter();
    bool there = !q->dev || netdev_find(w->c->net, q->dev);
    conf_leave();
    if (!there)
        return ip_fail(w, 1, "Device \"%s\" does not exist.", q->dev);
    for (u32 rounds = 1; n > 0 && rounds < 10; rounds++) {
        n = flush_round(w, q);
        if (n >= 0 && w->stats)
            tell_flushed(w, rounds, (u32)n);
    }
    return ip_answer(w, n < 0 ? n : 0);
}

static int help(struct cmd_ctx *c)
{
    out_text(c->err, "Usage: ip address %s\n", c->cmd->usage);
    return IP_WRONG;
}

static int cmd_addr(struct cmd_ctx *c)
{
    struct request q = {.valid = UINT32_MAX, .preferred = UINT32_MAX};
    struct ip_words w;
    int status = ip_begin(&w, c), verb = status ? -1 : ip_verb(&w, verbs, ARRAY_LEN(verbs), SHOW);

    if (verb == HELP)
        return help(c);
    if (verb == SAVE)
        return ip_fail(&w, 1, "ip address save: the commands that make the addresses again are in `dump`");
    if (verb >= 0)
        verb <= DELETE ? read_change(&w, &q) : read_show(&w, &q);
    if (w.status)
        return w.status;
    if (verb == FLUSH)
        return flush(&w, &q);
    if (verb > DELETE)
        return show(&w, &q);
    conf_enter();
    status = change(&w, &q, (enum verb)verb);
    conf_leave();
    return status;
}

/* ---- dump: what somebody added ---- */

static void dump_seconds(struct out *o, const char *keyword, u64 until_ns)
{
    u64 now = clock_ns();
    if (until_ns != IFA_FOREVER)
        out_text(o, " %s %llu", keyword,
                 (unsigned long long)(until_ns > now ? (until_ns - now - 1) / NS_PER_S + 1 : 0));
}

static void dump_one(struct out *o, const struct netdev *dev, const struct ifaddr *a)
{
    char name[RT_NAME];
    out_text(o, "ip addr add %pI", &a->addr);
    if (addr_eq(&a->addr, &a->peer))
        out_text(o, "/%u", a->bits);
    else
        out_text(o, " peer %pI/%u", &a->peer, a->bits);
    if (ipaddr_is4(&a->addr) && !addr_is_any(&a->broadcast))
        out_text(o, " broadcast %pI", &a->broadcast);
    out_text(o, " dev ");
    out_word(o, dev->port.name);
    if (a->label[0] && !str_eq(a->label, dev->port.name)) {
        out_text(o, " label ");
        out_word(o, a->label);
    }
    if (a->scope != scope_of(&a->addr))
        out_text(o, " scope %s", rt_scope_name(a->scope, name));
    if (a->metric)
        out_text(o, " metric %u", a->metric);
    dump_seconds(o, "valid_lft", a->valid_until);
    dump_seconds(o, "preferred_lft", a->preferred_until);
    out_text(o, "%s%s\n", a->flags & IFA_NODAD ? " nodad" : "", a->flags & IFA_NOPREFIXROUTE ? " noprefixroute" : "");
}

static void dump(struct cmd_ctx *c)
{
    struct ip_words w = {.c = c};
    const struct request all = {0};
    struct copies copies;

    for (struct netdev *dev = netdev_walk(c->net, NULL); dev; dev = netdev_walk(c->net, dev)) {
        conf_enter();
        bool ok = copy(&w, &all, dev, &copies);
        conf_leave();
        u32 n4 = 0;
        for (u32 i = 0; ok && i < copies.n; i++)
            n4 += ipaddr_is4(&copies.at[i].a.addr);
        for (u32 i = 0; ok && i < copies.n; i++) { /* of IPv6 the one that was added last stands first */
            const struct ifaddr *a = &copies.at[i < n4 ? i : copies.n - 1 - (i - n4)].a;
            if (!a->proto && a->valid_until > clock_ns())
                dump_one(c->out, dev, a);
        }
        mem_free(copies.at);
    }
}

static void complete(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    static const char *const words[] = {"dev",       "broadcast",     "peer", "label", "scope", "metric",
                                        "valid_lft", "preferred_lft", "to",   "up",    "nodad", "noprefixroute"};
    int nth = c->argc - c->words;
    for (unsigned i = 0; nth == 1 && i < ARRAY_LEN(verbs); i++)
        if (i != SAVE && i != LST && i != HELP)
            offer(arg, verbs[i]);
    for (const struct netdev *dev = NULL; nth > 1 && (dev = netdev_next(c->net, dev));)
        offer(arg, dev->port.name);
    for (unsigned i = 0; nth > 1 && i < ARRAY_LEN(words); i++)
        offer(arg, words[i]);
}

CMD(addr, .name = "ip address", .least = 1, .group = "network", .help = "addresses of devices: show and set them",
    .usage = "[show] [[dev] IF] [FILTER ...] | add|change|replace A/P dev IF [peer A/P] [broadcast A|+|-] [label L]"
             " [scope S] [metric N] [valid_lft T] [preferred_lft T] [nodad] [noprefixroute] | del A/P dev IF"
             " | flush [dev IF] [FILTER ...]",
    .dump_rank = 20, .run = cmd_addr, .dump = dump, .complete = complete);

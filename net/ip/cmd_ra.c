/* weir ra: what a router advertises to the hosts of a LAN (Linux leaves it to radvd).
 *
 *     weir ra eth1 prefix 2001:db8:1::/64 valid 86400 preferred 14400 rdnss 2001:db8:1::1 dnssl lan.example
 *     weir ra eth1 off
 *     weir ra [DEV]                what is advertised, as the commands that say so
 *
 * Each says all of a device: what stood there before is gone. Words behind "prefix" up to the next one that is not its
 * own are that prefix's; likewise "lifetime" behind "route".
 */
#include "lib/cmd.h"
#include "lib/conf.h"
#include "lib/errno.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/dev/netdev.h"
#include "net/ip/addr.h"
#include "net/ip/ra.h"

/* ---- words ---- */

struct request {
    enum { SHOW, SET, OFF } what;
    const char *dev; /* NULL: all */
    struct ra_conf conf;
};

struct words {
    struct cmd_ctx *c;
    int at;
    struct ra_conf *conf;
    int status;
};

static const char *value(struct words *w)
{
    const char *word = w->c->argv[w->at++];
    if (w->at < w->c->argc)
        return w->c->argv[w->at++];
    w->status = cmd_usage(w->c, "a value is wanted behind \"%s\"", word);
    return NULL;
}

static void number(struct words *w, u32 low, u32 high, u32 *v)
{
    struct parse_bad bad;
    const char *what = w->c->argv[w->at], *s = value(w);
    if (s && parse_u32(s, low, high, v, &bad))
        w->status = cmd_usage(w->c, "%s \"%s\": %s", what, s, bad.why);
}

static void seconds(struct words *w, u32 *v) /* a lifetime */
{
    if (w->at + 1 < w->c->argc && str_eq(w->c->argv[w->at + 1], "forever")) {
        w->at += 2;
        *v = NDP_FOREVER;
        return;
    }
    number(w, 0, NDP_FOREVER - 1, v);
}

static void too_many(struct words *w, const char *what)
{
    w->status = cmd_usage(w->c, "so many of \"%s\" do not fit", what);
}

static bool prefix(struct words *w, struct ipprefix *p)
{
    struct parse_bad bad = {0};
    const char *s = value(w);
    if (!s)
        return false;
    if (parse_prefix(s, p, &bad) || ipaddr_is4(&p->addr))
        w->status = cmd_usage(w->c, "\"%s\": %s", s, bad.why ? bad.why : "an IPv6 prefix is wanted");
    return !w->status;
}

static void read_prefix(struct words *w)
{
    struct ra_prefix p = {.valid = 86400, .preferred = 14400}; /* radvd's */
    if (w->conf->prefixes == RA_MOST)
        return too_many(w, "prefix");
    if (!prefix(w, &p.p))
        return;
    while (!w->status && w->at < w->c->argc) {
        const char *word = w->c->argv[w->at];
        if (str_eq(word, "valid")) {
            seconds(w, &p.valid);
        } else if (str_eq(word, "preferred")) {
            seconds(w, &p.preferred);
        } else if (str_eq(word, "off-link") || str_eq(word, "no-autoconf")) {
            *(str_eq(word, "off-link") ? &p.off_link : &p.no_autoconf) = true;
            w->at++;
        } else {
            break;
        }
    }
    if (!w->status && p.preferred > p.valid)
        w->status = cmd_usage(w->c, "preferred %u: it is longer than valid %u", p.preferred, p.valid);
    w->conf->prefix[w->conf->prefixes++] = p;
}

static void read_route(struct words *w)
{
    struct ra_route r = {.lifetime = 1800};
    if (w->conf->routes == RA_MOST)
        return too_many(w, "route");
    if (!prefix(w, &r.p))
        return;
    if (w->at < w->c->argc && str_eq(w->c->argv[w->at], "lifetime"))
        seconds(w, &r.lifetime);
    w->conf->route[w->conf->routes++] = r;
}

static void read_server(struct words *w)
{
    struct parse_bad bad = {0};
    if (w->conf->servers == RA_MOST)
        return too_many(w, "rdnss");
    const char *s = value(w);
    struct ipaddr *a = &w->conf->server[w->conf->servers++];
    if (s && (parse_addr(s, a, &bad) || ipaddr_is4(a) || addr_is_any(a) || addr_is_multicast(a)))
        w->status = cmd_usage(w->c, "rdnss \"%s\": %s", s, bad.why ? bad.why : "an IPv6 address is wanted");
}

static bool is_name(const char *s)
{
    size_t label = 0, all = strlen(s);
    for (; *s; s++) {
        bool letter =
            (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || *s == '-' || *s == '_';
        if (!letter && (*s != '.' || !label))
            return false;
        label = letter ? label + 1 : 0;
        if (label > 63)
            return false;
    }
    return label && all < 253;
}

static void read_domain(struct words *w)
{
    if (w->conf->domains == RA_DOMAINS)
        return too_many(w, "dnssl");
    const char *s = value(w);
    if (s && !is_name(s))
        w->status = cmd_usage(w->c, "dnssl \"%s\": it is no name of a domain", s);
    else if (s)
        str_copy(w->conf->domain[w->conf->domains++], sizeof(w->conf->domain[0]), s);
}

static const char *const prefs[] = {"medium", "high", NULL, "low"}; /* by enum ndp_pref */

static void read_pref(struct words *w)
{
    const char *s = value(w);
    if (!s)
        return;
    for (u32 i = 0; i < ARRAY_LEN(prefs); i++)
        if (prefs[i] && str_eq(s, prefs[i])) {
            w->conf->pref = (u8)i;
            return;
        }
    w->status = cmd_usage(w->c, "pref \"%s\": low, medium or high is wanted", s);
}

static void read_lifetime(struct words *w)
{
    u32 v = 0;
    number(w, 0, 9000, &v); /* RFC 4861 6.2.1 */
    w->conf->lifetime = v;
}

static void read_word(struct words *w)
{
    struct ra_conf *k = w->conf;
    const char *word = w->c->argv[w->at];
    if (str_eq(word, "prefix")) {
        read_prefix(w);
    } else if (str_eq(word, "route")) {
        read_route(w);
    } else if (str_eq(word, "rdnss")) {
        read_server(w);
    } else if (str_eq(word, "dnssl")) {
        read_domain(w);
    } else if (str_eq(word, "mtu")) {
        number(w, 1280, 65535, &k->mtu);
    } else if (str_eq(word, "lifetime")) {
        read_lifetime(w);
    } else if (str_eq(word, "interval")) {
        number(w, 4, 1800, &k->interval);
    } else if (str_eq(word, "hop-limit")) {
        number(w, 0, 255, &k->hop_limit);
    } else if (str_eq(word, "reachable")) {
        number(w, 0, 3600000, &k->reachable);
    } else if (str_eq(word, "retrans")) {
        number(w, 0, 3600000, &k->retrans);
    } else if (str_eq(word, "pref")) {
        read_pref(w);
    } else if (str_eq(word, "managed") || str_eq(word, "other")) {
        *(str_eq(word, "managed") ? &k->managed : &k->other) = true;
        w->at++;
    } else {
        w->status = cmd_usage(w->c, "\"%s\": no such word", word);
    }
}

static int read_words(struct cmd_ctx *c, struct request *q)
{
    struct words w = {.c = c, .at = c->words, .conf = &q->conf};
    *q = (struct request){.what = SHOW};
    ra_defaults(&q->conf);
    if (w.at < c->argc && str_eq(c->argv[w.at], "show"))
        w.at++;
    else if (w.at + 1 < c->argc)
        q->what = str_eq(c->argv[w.at + 1], "off") && w.at + 2 == c->argc ? OFF : SET;
    if (w.at < c->argc)
        q->dev = c->argv[w.at++];
    while (q->what == SET && !w.status && w.at < c->argc)
        read_word(&w);
    if (q->what == SHOW && w.at < c->argc)
        return cmd_usage(c, "\"%s\": one device is enough", c->argv[w.at]);
    return w.status;
}

/* ---- act ---- */

static int act(struct cmd_ctx *c, const struct request *q)
{
    struct netdev *dev = netdev_find(c->net, q->dev);
    if (!dev)
        return cmd_error(c, "\"%s\": there is no such device", q->dev);
    if (q->what == OFF)
        return ra_off(dev) ? cmd_error(c, "%s: it advertises nothing", q->dev) : 0;
    int err = ra_set(dev, &q->conf);
    if (err == -EMSGSIZE)
        return cmd_error(c, "%s: one message does not hold as much as that", q->dev);
    return err ? cmd_error(c, "%s: %s", q->dev, errno_text(err)) : 0;
}

/* ---- print ---- */

static void print_seconds(struct out *o, const char *word, u32 s)
{
    if (s == NDP_FOREVER)
        out_text(o, " %s forever", word);
    else
        out_text(o, " %s %u", word, s);
}

static void print_lists(struct out *o, const struct ra_conf *k)
{
    for (u32 i = 0; i < k->prefixes; i++) {
        const struct ra_prefix *p = &k->prefix[i];
        out_text(o, " prefix %pI/%u", &p->p.addr, p->p.bits);
        print_seconds(o, "valid", p->valid);
        print_seconds(o, "preferred", p->preferred);
        out_text(o, "%s%s", p->off_link ? " off-link" : "", p->no_autoconf ? " no-autoconf" : "");
    }
    for (u32 i = 0; i < k->routes; i++) {
        out_text(o, " route %pI/%u", &k->route[i].p.addr, k->route[i].p.bits);
        print_seconds(o, "lifetime", k->route[i].lifetime);
    }
    for (u32 i = 0; i < k->servers; i++)
        out_text(o, " rdnss %pI", &k->server[i]);
    for (u32 i = 0; i < k->domains; i++)
        out_text(o, " dnssl %s", k->domain[i]);
}

/* As the command that makes it. What stands behind a prefix or a route would be theirs: the others go first. */
static void print(struct out *o, const char *dev, const struct ra_conf *k)
{
    out_text(o, "weir ra ");
    out_word(o, dev);
    out_text(o, " interval %u", k->interval);
    if (k->lifetime >= 0)
        out_text(o, " lifetime %u", (u32)k->lifetime);
    if (k->mtu)
        out_text(o, " mtu %u", k->mtu);
    if (k->hop_limit != 64)
        out_text(o, " hop-limit %u", k->hop_limit);
    if (k->reachable)
        out_text(o, " reachable %u", k->reachable);
    if (k->retrans)
        out_text(o, " retrans %u", k->retrans);
    if (k->pref != NDP_PREF_MEDIUM)
        out_text(o, " pref %s", prefs[k->pref]);
    out_text(o, "%s%s", k->managed ? " managed" : "", k->other ? " other" : "");
    print_lists(o, k);
    out_text(o, "\n");
}

/* A copy of each, since printing waits for whoever reads. */
static int print_all(struct cmd_ctx *c, const char *name)
{
    struct ra_conf *k = mem_alloc(sizeof(*k));
    bool found = !name;
    if (!k)
        return cmd_error(c, "%s", errno_text(-ENOMEM));
    for (struct netdev *dev = NULL; (dev = netdev_walk(c->net, dev));) {
        if (name && !str_eq(name, dev->port.name))
            continue;
        found = true;
        conf_enter();
        bool has = ra_of(dev);
        if (has)
            *k = *ra_of(dev);
        conf_leave();
        if (has)
            print(c->out, dev->port.name, k);
    }
    mem_free(k);
    return found ? 0 : cmd_error(c, "\"%s\": there is no such device", name);
}

static int cmd_ra(struct cmd_ctx *c)
{
    struct request *q = mem_alloc(sizeof(*q));
    if (!q)
        return cmd_error(c, "%s", errno_text(-ENOMEM));
    int status = read_words(c, q);
    if (!status && q->what == SHOW) {
        status = print_all(c, q->dev);
    } else if (!status) {
        conf_enter();
        status = act(c, q);
        conf_leave();
    }
    mem_free(q);
    return status;
}

static void dump(struct cmd_ctx *c)
{
    print_all(c, NULL);
}

static void complete(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    static const char *const words[] = {"prefix",    "route",     "rdnss",   "dnssl", "mtu",     "lifetime", "interval",
                                        "hop-limit", "reachable", "retrans", "pref",  "managed", "other",    "off"};
    if (c->argc - c->words == 1) {
        offer(arg, "show");
        for (struct netdev *dev = NULL; (dev = netdev_walk(c->net, dev));)
            offer(arg, dev->port.name);
        return;
    }
    for (u32 i = 0; i < ARRAY_LEN(words); i++)
        offer(arg, words[i]);
}

CMD(ra, .name = "weir ra", .help = "advertise this router to the hosts of a LAN (IPv6)",
    .usage = "[show] [DEV] | DEV off | DEV [prefix P [valid S] [preferred S] [off-link] [no-autoconf]]...\n"
             "         [route P [lifetime S]]... [rdnss A]... [dnssl NAME]... [mtu N] [lifetime S] [interval S]\n"
             "         [hop-limit N] [reachable MS] [retrans MS] [pref low|medium|high] [managed] [other]",
    .group = "network", .dump_rank = 40, .run = cmd_ra, .dump = dump, .complete = complete);

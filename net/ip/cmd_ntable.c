/* ip ntable: times and bounds of the tables of neighbours, which are sysctls, too (net.ipv4.neigh.*, net.ipv6.neigh.*).
 *
 *     ip [-4 | -6] [-j] ntable [show] [dev IF] [name arp_cache | ndisc_cache]
 *     ip ntable change name NAME [dev IF] [thresh1 N] [thresh2 N] [thresh3 N] [gc_int MS] [base_reachable MS]
 *         [retrans MS] [gc_stale MS] [delay_probe MS] [queue N] [ucast_probes N] [mcast_probes N] [locktime MS]
 *
 * Without a device it is what devices begin with. A queue is counted in frames of QUEUE_FRAME bytes. All words are read
 * into a copy, which is checked and put in as a whole.
 */
#include "lib/conf.h"
#include "lib/iproute.h"
#include "lib/string.h"
#include "net/ip/ip_dev.h"
#include "net/ip/neigh_table.h"

#define QUEUE_FRAME 2100u /* about what Linux accounts for one of Ethernet's */
#define MOST_MS     1000000000

enum verb { CHANGE, SHOW, LST, LIST, HELP };
static const char *const verbs[] = {"change", "show", "lst", "list", "help"};
static const char *const names[IP_FAMILIES] = {"arp_cache", "ndisc_cache"};

struct request {
    const char *dev, *name;
    enum ip_index family;
    u32 set; /* a bit of each that was said */
    i64 value[16];
};

/* In the order of the words of iproute2's show. */
enum field {
    THRESH1,
    THRESH2,
    THRESH3,
    GC_INT,
    TABLE_FIELDS,
    BASE_REACHABLE = TABLE_FIELDS,
    RETRANS,
    GC_STALE,
    DELAY_PROBE,
    QUEUE,
    UCAST_PROBES,
    MCAST_PROBES,
    LOCKTIME,
    FIELDS
};

static const struct {
    const char *name;
    i64 low, high;
} fields[FIELDS] = {[THRESH1] = {"thresh1", 1, 1 << 24},
                    [THRESH2] = {"thresh2", 1, 1 << 24},
                    [THRESH3] = {"thresh3", 1, 1 << 24},
                    [GC_INT] = {"gc_int", 1000, MOST_MS},
                    [BASE_REACHABLE] = {"base_reachable", 1, MOST_MS},
                    [RETRANS] = {"retrans", 1, MOST_MS},
                    [GC_STALE] = {"gc_stale", 1, MOST_MS},
                    [DELAY_PROBE] = {"delay_probe", 1, MOST_MS},
                    [QUEUE] = {"queue", 0, 500000},
                    [UCAST_PROBES] = {"ucast_probes", 0, 1000},
                    [MCAST_PROBES] = {"mcast_probes", 1, 1000},
                    [LOCKTIME] = {"locktime", 0, MOST_MS}};

/* ---- words ---- */

static void read_name(struct ip_words *w, struct request *q)
{
    q->name = ip_value(w);
    for (q->family = 0; q->name && q->family < IP_FAMILIES; q->family++)
        if (str_eq(q->name, names[q->family]))
            return;
}

static void read_field(struct ip_words *w, struct request *q, const char *word)
{
    for (u32 i = 0; i < FIELDS; i++)
        if (str_eq(word, fields[i].name)) {
            ip_i64(w, word, fields[i].low, fields[i].high, &q->value[i]);
            q->set |= 1u << i;
            return;
        }
    if (str_eq(word, "app_probes") || str_eq(word, "anycast_delay") || str_eq(word, "proxy_delay") ||
        str_eq(word, "proxy_queue"))
        ip_invalid(w, word, "no table here has it");
    else
        ip_invalid(w, word, "unknown");
}

static void read_words(struct ip_words *w, struct request *q, enum verb verb)
{
    for (const char *word; (word = ip_word(w));) {
        if (str_eq(word, "dev"))
            q->dev = ip_value(w);
        else if (str_eq(word, "name"))
            read_name(w, q);
        else if (verb == CHANGE)
            read_field(w, q, word);
        else
            ip_invalid(w, word, "unknown");
    }
    if (!w->status && verb == CHANGE && !q->name)
        ip_fail(w, IP_WRONG, "Error: argument \"NAME\" is required");
}

/* ---- act ---- */

static void set(struct ip_words *w, const struct request *q, struct neigh_conf *c)
{
    struct neigh_net *nn = neighs(w->c->net);
    u64 *const times[FIELDS] = {
        [GC_INT] = &nn->gc_every[q->family], [BASE_REACHABLE] = &c->base_reachable, [RETRANS] = &c->retrans,
        [GC_STALE] = &c->gc_stale,           [DELAY_PROBE] = &c->delay_first_probe, [LOCKTIME] = &c->locktime};
    u32 *const numbers[FIELDS] = {[THRESH1] = &nn->thresh[q->family][0], [THRESH2] = &nn->thresh[q->family][1],
                                  [THRESH3] = &nn->thresh[q->family][2], [QUEUE] = &c->unres_qlen_bytes,
                                  [UCAST_PROBES] = &c->ucast_solicit,    [MCAST_PROBES] = &c->mcast_solicit};
    for (u32 i = 0; i < FIELDS; i++)
        if (q->set >> i & 1 && times[i])
            store_relaxed(times[i], (u64)q->value[i] * NS_PER_MS);
        else if (q->set >> i & 1)
            store_relaxed(numbers[i], (u32)q->value[i] * (i == QUEUE ? QUEUE_FRAME : 1));
}

static int change(struct ip_words *w, const struct request *q) /* under conf_lock */
{
    struct netdev *dev = q->dev ? netdev_find(w->c->net, q->dev) : NULL;
    if (q->dev && (!dev || !dev->ip))
        return ip_fail(w, IP_WRONG, "Error: argument \"%s\" is wrong: \"DEV\" is invalid", q->dev);
    if (q->family == IP_FAMILIES)
        return ip_answer(w, -ENOENT);
    if (dev && q->set & ((1u << TABLE_FIELDS) - 1))
        return ip_fail(w, IP_WRONG, "Error: a device has no thresholds and no gc_int of its own");
    set(w, q, dev ? &dev->ip->neigh[q->family] : &ip_net(w->c->net)->neigh[q->family]);
    return 0;
}

/* ---- print ---- */

static void show_one(struct ip_words *w, enum ip_index f, const char *dev, const struct neigh_conf *c)
{
    struct out *o = w->c->out;
    const struct neigh_net *nn = neighs(w->c->net);
    out_object(o, NULL);
    out_str(o, "family", "%s ", ip_family(f)->name);
    out_str(o, "name", "%s ", names[f]);
    out_text(o, "%s    ", w->newline);
    if (dev) {
        out_str(o, "dev", "dev %s ", dev);
    } else {
        out_u64(o, "thresh1", "thresh1 %llu ", nn->thresh[f][0]);
        out_u64(o, "thresh2", "thresh2 %llu ", nn->thresh[f][1]);
        out_u64(o, "thresh3", "thresh3 %llu ", nn->thresh[f][2]);
        out_u64(o, "gc_interval", "gc_int %llu ", nn->gc_every[f] / NS_PER_MS);
    }
    out_text(o, "%s    ", w->newline);
    out_u64(o, "base_reachable", "base_reachable %llu ", c->base_reachable / NS_PER_MS);
    out_u64(o, "retrans", "retrans %llu ", c->retrans / NS_PER_MS);
    out_text(o, "%s    ", w->newline);
    out_u64(o, "gc_stale", "gc_stale %llu ", c->gc_stale / NS_PER_MS);
    out_u64(o, "delay_probe", "delay_probe %llu ", c->delay_first_probe / NS_PER_MS);
    out_u64(o, "queue", "queue %llu ", c->unres_qlen_bytes / QUEUE_FRAME);
    out_text(o, "%s    ", w->newline);
    out_u64(o, "ucast_probes", "ucast_probes %llu ", c->ucast_solicit);
    out_u64(o, "mcast_probes", "mcast_probes %llu ", c->mcast_solicit);
    out_text(o, "%s    ", w->newline);
    out_u64(o, "locktime", "locktime %llu ", c->locktime / NS_PER_MS);
    out_text(o, "\n\n");
    out_end(o);
}

static int show(struct ip_words *w, const struct request *q) /* under conf_lock */
{
    struct net *net = w->c->net;
    if (q->dev && !netdev_find(net, q->dev))
        return ip_fail(w, IP_WRONG, "Error: argument \"%s\" is wrong: \"DEV\" is invalid", q->dev);
    out_array(w->c->out, NULL);
    for (enum ip_index f = 0; f < IP_FAMILIES; f++) {
        if ((w->family && ip_family(f)->af != w->family) || (q->name && f != q->family))
            continue;
        if (!q->dev)
            show_one(w, f, NULL, &ip_net(net)->neigh[f]);
        for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));)
            if (dev->ip && (!q->dev || str_eq(q->dev, dev->port.name)))
                show_one(w, f, dev->port.name, &dev->ip->neigh[f]);
    }
    out_end(w->c->out);
    return 0;
}

/* ---- the command ---- */

static int cmd_ntable(struct cmd_ctx *c)
{
    struct request q = {0};
    struct ip_words w;
    int status = ip_begin(&w, c), verb = status ? -1 : ip_verb(&w, verbs, ARRAY_LEN(verbs), SHOW);
    if (verb < 0)
        return w.status;
    if (verb == HELP) {
        out_text(c->err, "Usage: ip ntable %s\n", c->cmd->usage);
        return IP_WRONG;
    }
    read_words(&w, &q, (enum verb)verb);
    if (w.status)
        return w.status;
    conf_enter();
    status = verb == CHANGE ? change(&w, &q) : show(&w, &q);
    conf_leave();
    return status;
}

static void complete(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    int nth = c->argc - c->words;
    if (nth == 1) {
        offer(arg, "show");
        offer(arg, "change");
        return;
    }
    for (u32 i = 0; i < FIELDS; i++)
        offer(arg, fields[i].name);
    for (u32 i = 0; i < IP_FAMILIES; i++)
        offer(arg, names[i]);
    for (const struct netdev *dev = NULL; (dev = netdev_next(c->net, dev));)
        offer(arg, dev->port.name);
}

CMD(ntable, .name = "ip ntable", .least = 2, .group = "network", .help = "times and bounds of the tables of neighbours",
    .usage = "[show] [dev IF] [name arp_cache|ndisc_cache] | change name NAME [dev IF] [thresh1 N] [thresh2 N]"
             " [thresh3 N] [gc_int MS] [base_reachable MS] [retrans MS] [gc_stale MS] [delay_probe MS] [queue N]"
             " [ucast_probes N] [mcast_probes N] [locktime MS]",
    .run = cmd_ntable, .complete = complete);

/* bridge fdb: tables of stations, as iproute2's.
 *
 *     bridge [-s] [-j [-p]] fdb [show] [br BR] [[brport|dev] IF] [dynamic] [state STATE]
 *     bridge fdb add|append|replace MAC dev IF [master|self] [local|permanent|static|temp|dynamic] [sticky]
 *     bridge fdb del MAC dev IF [master|self]       bridge fdb get MAC br BR | dev IF       bridge fdb flush dev BR
 *
 * "self" is the bridge's own table: what a card lets in for itself is not chosen here. There are no VLANs within a
 * bridge, so an entry of one is refused, as Linux's with vlan_filtering 0. What is shown is a copy that was made under
 * conf_lock, by device and address; addresses of groups that a device lets in are "self permanent". `flush` forgets
 * what was learnt, and nothing that was said by words.
 */
#include "lib/conf.h"
#include "lib/errno.h"
#include "lib/iproute.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/link/bridge.h"
#include "net/link/fdb.h"
#include "net/wire/eth.h"

static int refuse(struct ip_words *w, int err)
{
    return err ? ip_fail(w, IP_WRONG, "RTNETLINK answers: %s", errno_text(err)) : 0;
}

static int help(struct cmd_ctx *c)
{
    out_text(c->err, "Usage: %s %s\n", c->cmd->name, c->cmd->usage);
    return IP_WRONG;
}

/* Held; NULL: there is no such device, which is said. */
static struct netdev *dev_named(struct ip_words *w, const char *name, const char *what)
{
    struct netdev *dev = netdev_hold(w->c->net, name);
    if (!dev)
        ip_fail(w, IP_WRONG, "Cannot find %sdevice \"%s\"", what, name);
    return dev;
}

/* ---- bridge fdb: words ---- */

enum verb { ADD, APPEND, REPLACE, DELETE, GET, SHOW, LST, LIST, FLUSH, HELP };
static const char *const verbs[] = {"add",  "append", "replace", "delete", "get",
                                    "show", "lst",    "list",    "flush",  "help"};

struct request {
    const char *dev, *br, *address;
    struct macaddr mac;
    bool self, master, dynamic_alone, has_kind;
    enum fdb_kind kind;
    bool sticky;
    const char *state; /* shown alone; NULL: any */
};

static void read_vlan(struct ip_words *w)
{
    i64 id = 0;
    ip_i64(w, "vlan", 0, INT32_MAX, &id);
    if (!w->status && id >= 4095)
        ip_fail(w, IP_WRONG, "Error: invalid vlan id.");
    else if (!w->status)
        refuse(w, -EINVAL);
}

static bool read_kind(struct request *q, const char *word)
{
    static const struct {
        const char *word;
        enum fdb_kind kind;
    } kinds[] = {{"local", FDB_LOCAL},
                 {"permanent", FDB_LOCAL},
                 {"static", FDB_STATIC},
                 {"temp", FDB_STATIC},
                 {"dynamic", FDB_LEARNT}};
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq(word, kinds[i].word)) {
            q->kind = kinds[i].kind;
            return q->has_kind = true;
        }
    return false;
}

static void read_address(struct ip_words *w, struct request *q, const char *word)
{
    if (str_eq(word, "to"))
        word = ip_value(w);
    if (word && q->address)
        ip_fail(w, IP_WRONG, "Error: either \"to\" is duplicate, or \"%s\" is a garbage.", word);
    q->address = word;
}

static bool entry_has_not(const char *word)
{
    static const char *const words[] = {"use", "router", "extern_learn", "dst",    "port",
                                        "vni", "nhid",   "via",          "src_vni"};
    return ip_among(word, words, ARRAY_LEN(words));
}

static void read_entry(struct ip_words *w, struct request *q)
{
    for (const char *word; (word = ip_word(w));) {
        if (str_eq(word, "dev") || str_eq(word, "brport"))
            q->dev = ip_value(w);
        else if (str_eq(word, "br"))
            q->br = ip_value(w);
        else if (str_eq(word, "self") || str_eq(word, "master"))
            *(*word == 's' ? &q->self : &q->master) = true;
        else if (str_eq(word, "vlan"))
            read_vlan(w);
        else if (str_eq(word, "sticky"))
            q->sticky = true;
        else if (entry_has_not(word))
            ip_invalid(w, word, "no entry of a bridge's table here has it");
        else if (!read_kind(q, word))
            read_address(w, q, word);
    }
    if (!w->status && q->address && parse_mac(q->address, &q->mac, NULL))
        ip_fail(w, IP_WRONG, "Invalid mac address %s", q->address);
}

static void read_show(struct ip_words *w, struct request *q)
{
    static const char *const states[] = {"permanent", "static", "temp", "noarp", "reachable", "stale", "all"};
    for (const char *word; (word = ip_word(w));) {
        if (str_eq(word, "br") || str_eq(word, "master"))
            q->br = ip_value(w);
        else if (str_eq(word, "dynamic"))
            q->dynamic_alone = true;
        else if (str_eq(word, "vlan"))
            read_vlan(w);
        else if (str_eq(word, "state")) {
            q->state = ip_value(w);
            if (q->state && !ip_among(q->state, states, ARRAY_LEN(states)))
                ip_fail(w, IP_WRONG, "Error: invalid state");
        } else {
            q->dev = str_eq(word, "dev") || str_eq(word, "brport") ? ip_value(w) : word;
        }
    }
}

/* ---- bridge fdb: act; under conf_lock ---- */

/* The table that an entry is to be in, and its port. 0 or -errno. */
static int table_of(const struct request *q, struct netdev *dev, struct fdb **f, struct bridge_port **port)
{
    struct bridge_seen p;
    if (bridge_is(dev) && !q->master) {
        *f = bridge_fdb(dev);
        return 0;
    }
    if (!q->master || !bridge_see(dev, &p))
        return -EOPNOTSUPP;
    *f = bridge_fdb(p.br);
    *port = bridge_port_of(dev);
    return 0;
}

static int change(const struct request *q, enum verb verb, struct netdev *dev)
{
    struct bridge_port *port = NULL;
    struct fdb *f = NULL;
    int err = table_of(q, dev, &f, &port);
    enum fdb_kind kind = q->has_kind ? q->kind : FDB_LOCAL;

    if (err || verb == DELETE)
        return err ? err : fdb_del(f, &q->mac, port);
    if (!mac_is_station(&q->mac) || (!port && kind != FDB_LOCAL) || (q->sticky && kind != FDB_STATIC))
        return -EINVAL;
    return fdb_set(f, &q->mac, port, kind, (u8)(FDB_USER | (q->sticky ? FDB_STICKY : 0)),
                   verb == ADD ? FDB_ADD : FDB_REPLACE);
}

static int do_change(struct ip_words *w, const struct request *q, enum verb verb)
{
    if (!q->dev || !q->address)
        return ip_fail(w, IP_WRONG, "Device and address are required arguments.");
    conf_enter();
    struct netdev *dev = netdev_find(w->c->net, q->dev);
    int err = dev ? change(q, verb, dev) : 0;
    conf_leave();
    if (!dev)
        return ip_fail(w, IP_WRONG, "Cannot find device \"%s\"", q->dev);
    if (err == -EOPNOTSUPP && !q->master)
        return ip_fail(w, IP_WRONG,
                       "Error: what a device lets in for itself is not chosen here; its bridge's table: "
                       "\"master\".");
    return refuse(w, err);
}

static int flush(struct ip_words *w, const struct request *q)
{
    if (!q->dev)
        return ip_fail(w, IP_WRONG, "Device is a required argument.");
    conf_enter();
    struct netdev *dev = netdev_find(w->c->net, q->dev);
    bool is = dev && bridge_is(dev);
    if (is)
        bridge_forget(dev);
    conf_leave();
    if (!dev)
        return ip_fail(w, IP_WRONG, "Cannot find bridge device \"%s\"", q->dev);
    return refuse(w, is ? 0 : -EOPNOTSUPP);
}

/* ---- bridge fdb: what is shown of one device, copied ---- */

struct shown {
    struct macaddr mac;
    u8 kind, flags;
    bool self; /* a group's, which the device lets in */
    u32 used, seen;
};

struct copies {
    u32 n, room;
    struct shown *at;
    const struct bridge_port *port;
    char br[PORT_NAME]; /* whose table it is; "": of none */
};

static void copy_entry(struct fdb_entry *e, void *arg)
{
    struct copies *c = arg;
    if (c->n < c->room && load_acquire(&e->port) == c->port) /* those that came in this moment may have no room */
        c->at[c->n++] = (struct shown){.mac = e->mac,
                                       .kind = load_relaxed(&e->kind),
                                       .flags = e->flags,
                                       .used = load_relaxed(&e->used),
                                       .seen = load_relaxed(&e->seen)};
}

static bool before(const struct shown *a, const struct shown *b)
{
    return a->self != b->self ? b->self : memcmp(&a->mac, &b->mac, sizeof(a->mac)) < 0;
}

/* The greatest of the first n sinks from `at` to its place (heap sort). */
static void sift(struct shown *a, u32 at, u32 n)
{
    for (u32 child; (child = 2 * at + 1) < n; at = child) {
        child += child + 1 < n && before(&a[child], &a[child + 1]);
        if (!before(&a[at], &a[child]))
            return;
        struct shown t = a[at];
        a[at] = a[child];
        a[child] = t;
    }
}

static void sort(struct shown *a, u32 n)
{
    for (u32 i = n / 2; i-- > 0;)
        sift(a, i, n);
    for (u32 i = n; i-- > 1;) {
        struct shown t = a[0];
        a[0] = a[i];
        a[i] = t;
        sift(a, 0, i);
    }
}

/* What the bridge's table says of dev, by address, then its groups; under conf_lock. False: no memory. */
static bool copy(const struct netdev *dev, struct copies *c)
{
    struct bridge_seen p;
    *c = (struct copies){.port = bridge_port_of(dev)};
    const struct netdev *br = bridge_see(dev, &p) ? p.br : bridge_is(dev) ? dev : NULL;
    struct fdb *f = br ? bridge_fdb(br) : NULL;

    c->room = (f ? (u32)htab_count(&f->tab) + 16 : 0) + dev->multicast_n;
    c->at = mem_alloc((c->room + 1) * sizeof(c->at[0]));
    if (!c->at)
        return false;
    LIST_FOREACH(&dev->multicast, struct dev_mac, link, m)
        c->at[c->n++] = (struct shown){.mac = m->mac, .kind = FDB_LOCAL, .self = true};
    if (f) {
        str_copy(c->br, sizeof(c->br), br->port.name);
        fdb_walk(f, copy_entry, c);
    }
    sort(c->at, c->n);
    return true;
}

static bool is_meant(const struct request *q, const struct shown *s)
{
    if (q->dynamic_alone && s->kind == FDB_LOCAL)
        return false;
    if (!q->state || str_eq(q->state, "all"))
        return true;
    return str_eq(q->state, "permanent")   ? s->kind == FDB_LOCAL
           : str_eq(q->state, "reachable") ? s->kind == FDB_LEARNT
                                           : s->kind == FDB_STATIC && !str_eq(q->state, "stale");
}

/* ---- bridge fdb: print ---- */

static u64 seconds_since(u32 tick)
{
    i32 ticks = (i32)(fdb_tick(clock_ns()) - tick);
    return ((u64)(u32)max(ticks, 0) << FDB_TICK) / NS_PER_S;
}

static void show_entry(struct ip_words *w, const struct copies *c, const struct shown *s, const char *dev)
{
    static const char *const states[] = {[FDB_LEARNT] = "", [FDB_STATIC] = "static", [FDB_LOCAL] = "permanent"};
    struct out *o = w->c->out;

    out_object(o, NULL);
    out_fmt(o, "mac", "%pM", &s->mac);
    out_text(o, " ");
    if (dev)
        out_str(o, "ifname", "dev %s ", dev);
    if (w->stats && !s->self) {
        out_u64(o, "used", "used %llu", seconds_since(s->used));
        out_u64(o, "updated", "/%llu ", seconds_since(s->seen));
    }
    out_array(o, "flags");
    if (s->self)
        out_str(o, NULL, "%s ", "self");
    if (s->flags & FDB_STICKY)
        out_str(o, NULL, "%s ", "sticky");
    out_end(o);
    if (!s->self)
        out_str(o, "master", "master %s ", c->br);
    out_str(o, "state", "%s", states[s->kind]);
    out_text(o, "\n");
    out_end(o);
}

static void show_dev(struct ip_words *w, const struct request *q, struct netdev *dev)
{
    char name[PORT_NAME];
    struct copies c;

    conf_enter();
    bool copied = copy(dev, &c);
    str_copy(name, sizeof(name), dev->port.name);
    conf_leave();
    if (!copied) {
        refuse(w, -ENOMEM);
        return;
    }
    for (u32 i = 0; i < c.n && !out_failed(w->c->out); i++)
        if (is_meant(q, &c.at[i]) && (!q->br || str_eq(q->br, c.br)))
            show_entry(w, &c, &c.at[i], q->dev ? NULL : name);
    mem_free(c.at);
}

static int show(struct ip_words *w, const struct request *q)
{
    struct netdev *br = q->br ? dev_named(w, q->br, "bridge ") : NULL;
    struct netdev *dev = q->dev && !w->status ? dev_named(w, q->dev, "") : NULL;

    out_array(w->c->out, NULL);
    if (dev && !w->status)
        show_dev(w, q, dev);
    while (!q->dev && !w->status && (dev = netdev_walk(w->c->net, dev)))
        show_dev(w, q, dev);
    out_end(w->c->out);
    if (dev)
        netdev_put(dev);
    if (br)
        netdev_put(br);
    return w->status;
}

/* The table that dev has, or is a port of; NULL: neither. */
static struct fdb *table_at(const struct netdev *dev)
{
    struct bridge_seen p;
    return bridge_see(dev, &p) ? bridge_fdb(p.br) : bridge_is(dev) ? bridge_fdb(dev) : NULL;
}

static int get(struct ip_words *w, const struct request *q)
{
    const char *name = q->br ? q->br : q->dev;
    struct copies c = {.room = 1};
    char at[PORT_NAME];
    struct shown s;

    if (!name || !q->address)
        return ip_fail(w, IP_WRONG, "Device or master and address are required arguments.");
    c.at = &s;
    conf_enter();
    struct netdev *dev = netdev_find(w->c->net, name);
    struct fdb *f = dev ? table_at(dev) : NULL;
    rcu_enter();
    struct fdb_entry *e = f ? fdb_find(f, &q->mac) : NULL;
    if (e) {
        const struct netdev *br = bridge_is(dev) ? dev : dev->master;
        c.port = load_acquire(&e->port);
        str_copy(c.br, sizeof(c.br), br->port.name);
        str_copy(at, sizeof(at), c.port ? bridge_port_dev(c.port)->port.name : c.br);
        copy_entry(e, &c);
    }
    rcu_exit();
    conf_leave();
    if (!dev)
        return ip_fail(w, IP_WRONG, "Cannot find %sdevice \"%s\"", q->br ? "bridge " : "", name);
    if (!c.n)
        return ip_fail(w, 254, "Error: Fdb entry not found.");
    out_array(w->c->out, NULL);
    show_entry(w, &c, &s, at);
    out_end(w->c->out);
    return 0;
}

static int cmd_bridge_fdb(struct cmd_ctx *c)
{
    struct request q = {0};
    struct ip_words w;
    int status = ip_begin(&w, c), verb = status ? -1 : ip_verb(&w, verbs, ARRAY_LEN(verbs), SHOW);

    if (verb == SHOW || verb == LST || verb == LIST)
        read_show(&w, &q);
    else if (verb != HELP)
        read_entry(&w, &q);
    if (w.status)
        return w.status;
    switch (verb) {
    case HELP: return help(c);
    case GET: return get(&w, &q);
    case FLUSH: return flush(&w, &q);
    case ADD:
    case APPEND:
    case REPLACE:
    case DELETE: return do_change(&w, &q, (enum verb)verb);
    default: return show(&w, &q);
    }
}

/* ---- dump ---- */

static void dump_entries(struct cmd_ctx *c)
{
    struct copies k;
    for (struct netdev *dev = NULL; (dev = netdev_walk(c->net, dev));) {
        conf_enter();
        bool copied = copy(dev, &k);
        conf_leave();
        if (!copied)
            continue;
        for (u32 i = 0; i < k.n; i++) {
            const struct shown *s = &k.at[i];
            if (!(s->flags & FDB_USER) || s->kind == FDB_LEARNT)
                continue;
            out_text(c->out, "bridge fdb add %pM dev ", &s->mac);
            out_word(c->out, dev->port.name);
            out_text(c->out, "%s%s%s\n", k.port ? " master" : " self", s->kind == FDB_STATIC ? " static" : " permanent",
                     s->flags & FDB_STICKY ? " sticky" : "");
        }
        mem_free(k.at);
    }
}

static void complete(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    int nth = c->argc - c->words;
    if (nth == 1) {
        offer(arg, "show");
        offer(arg, "add");
    }
    for (const struct netdev *dev = NULL; nth > 1 && (dev = netdev_next(c->net, dev));)
        offer(arg, dev->port.name);
}

CMD(bridge_fdb, .name = "bridge fdb", .least = 1, .group = "network", .help = "stations that bridges know",
    .usage = "[show] [br BR] [[brport] IF] [dynamic] [state STATE] | add|append|replace|del MAC dev IF [master|self] "
             "[permanent|static|dynamic] [sticky] | get MAC br BR | flush dev BR",
    .dump_rank = 12, .run = cmd_bridge_fdb, .dump = dump_entries, .complete = complete);

/* `ip link add br0 type bridge ...`: the words, what is shown of a bridge and of its ports, and its files under
 * /sys/class/net (contract: net/dev/link_type.h).
 *
 * What Linux's bridges have and these do not (a spanning tree, VLANs within, groups that are followed) is refused by
 * name where it would be switched on, and shown as off.
 */
#include "lib/conf.h"
#include "lib/file.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/dev/link_type.h"
#include "net/link/bridge_show.h"
#include "net/link/fdb.h"

#define CENTISECOND (NS_PER_S / 100)
#define MOST_MOST   (1u << 20)

/* ---- words ---- */

struct words {
    bool has_ageing, has_most, flush;
    u32 ageing; /* centiseconds */
    u32 most;
};
static_assert(sizeof(struct words) <= LINK_WORDS, "they fit a request");

static void read_number(struct ip_words *w, const char *keyword, u32 low, u32 high, u32 *to)
{
    char why[40] = "invalid ";
    str_append(why, sizeof(why), keyword);
    ip_u32(w, why, low, high, to);
}

/* What is off and stays so. */
static bool read_off(struct ip_words *w, const char *word)
{
    static const struct {
        const char *word, *why;
    } never[] = {{"stp_state", "there is no spanning tree here"},
                 {"vlan_filtering", "there are no VLANs within a bridge here: make a bridge of VLANs for each"},
                 {"mcast_snooping", "groups are not followed here: their frames go to all ports"},
                 {"mcast_querier", "groups are not followed here: their frames go to all ports"},
                 {"group_fwd_mask", "frames to 01:80:c2:00:00:0x never pass here"}};
    u32 i = 0, v = 0;
    while (i < ARRAY_LEN(never) && !str_eq(word, never[i].word))
        i++;
    if (i == ARRAY_LEN(never))
        return false;
    read_number(w, word, 0, UINT32_MAX, &v);
    if (v)
        ip_invalid(w, word, never[i].why);
    return true;
}

static bool is_elsewhere(const char *word)
{
    static const char *const words[] = {
        "forward_delay",
        "hello_time",
        "max_age",
        "priority",
        "group_address",
        "no_linklocal_learn",
        "vlan_protocol",
        "vlan_default_pvid",
        "vlan_stats_enabled",
        "vlan_stats_per_port",
        "mcast_vlan_snooping",
        "mcast_router",
        "mcast_hash_max",
        "mcast_stats_enabled",
        "nf_call_iptables",
        "nf_call_ip6tables",
        "nf_call_arptables",
    };
    return ip_among(word, words, ARRAY_LEN(words));
}

static void bridge_words(struct ip_words *w, void *own)
{
    struct words *q = own;
    for (const char *word; (word = ip_word(w));) {
        if (str_eq(word, "ageing_time") || str_eq(word, "ageing")) {
            read_number(w, "ageing_time", 0, UINT32_MAX, &q->ageing);
            q->has_ageing = true;
        } else if (str_eq(word, "fdb_max_learned")) {
            read_number(w, word, 1, MOST_MOST, &q->most);
            q->has_most = true;
        } else if (str_eq(word, "fdb_flush")) {
            q->flush = true;
        } else if (is_elsewhere(word)) {
            ip_invalid(w, word, "no bridge here has it");
        } else if (!read_off(w, word)) {
            ip_fail(w, 1, "bridge: unknown command \"%s\"?", word);
        }
    }
}

/* ---- act ---- */

static int type_set(struct netdev *dev, const void *own, const char **why)
{
    const struct words *q = own;
    struct fdb *f = bridge_fdb(dev);
    if (q->has_ageing)
        fdb_set_ageing(f, q->ageing * CENTISECOND);
    if (q->has_most)
        store_relaxed(&f->most, q->most);
    if (q->flush)
        bridge_forget(dev);
    return 0;
}

static int type_add(struct net *net, const struct link_request *q, struct netdev **made, const char **why)
{
    struct netdev *dev = bridge_new();
    char pattern[PORT_NAME];
    if (!dev)
        return -ENOMEM;
    dev->kind = q->type;
    int err = netdev_add(net, dev, link_name(q, pattern));
    if (err) {
        netdev_free(dev);
        return err;
    }
    *made = dev;
    return type_set(dev, q->own, why);
}

/* ---- print ---- */

static u32 ageing_of(const struct netdev *dev)
{
    return (u32)(bridge_fdb(dev)->ageing_ns / CENTISECOND);
}

static void show_id(struct out *o, const char *key, const char *text, const struct macaddr *m)
{
    const u8 *b = m->b;
    out_text(o, "%s ", text);
    out_fmt(o, key, "8000.%x:%x:%x:%x:%x:%x", b[0], b[1], b[2], b[3], b[4], b[5]);
    out_text(o, " ");
}

static void type_show(const struct ip_words *w, const struct netdev *dev)
{
    const struct fdb *f = bridge_fdb(dev);
    struct out *o = w->c->out;

    out_u64(o, "ageing_time", "ageing_time %llu ", ageing_of(dev));
    out_u64(o, "stp_state", "stp_state %llu ", 0);
    out_u64(o, "priority", "priority %llu ", 32768);
    out_u64(o, "vlan_filtering", "vlan_filtering %llu ", 0);
    show_id(o, "bridge_id", "bridge_id", &dev->mac);
    show_id(o, "root_id", "designated_root", &dev->mac);
    out_str(o, "group_addr", "group_address %s ", "01:80:c2:00:00:00");
    out_u64(o, "mcast_snooping", "mcast_snooping %llu ", 0);
    out_u64(o, "fdb_n_learned", "fdb_n_learned %llu ", load_relaxed(&f->learnt));
    out_u64(o, "fdb_max_learned", "fdb_max_learned %llu ", load_relaxed(&f->most));
}

static void type_dump(struct out *o, struct net *net, const struct netdev *dev)
{
    const struct fdb *f = bridge_fdb(dev);
    out_text(o, "name ");
    out_word(o, dev->port.name);
    out_text(o, " type bridge");
    if (f->ageing_ns != FDB_AGEING)
        out_text(o, " ageing_time %u", ageing_of(dev));
    if (f->most != FDB_MOST)
        out_text(o, " fdb_max_learned %u", f->most);
}

/* ---- its ports ---- */

static const struct {
    u32 flag;
    const char *word, *file;
} flags[] = {{BRIDGE_HAIRPIN, "hairpin", "hairpin_mode"},
             {BRIDGE_LEARNING, "learning", "learning"},
             {BRIDGE_FLOOD, "flood", "unicast_flood"},
             {BRIDGE_MCAST_FLOOD, "mcast_flood", "multicast_flood"},
             {BRIDGE_BCAST_FLOOD, "bcast_flood", "broadcast_flood"},
             {BRIDGE_ISOLATED, "isolated", "isolated"}};

u32 bridge_flag_of(const char *word)
{
    for (u32 i = 0; i < ARRAY_LEN(flags); i++)
        if (str_eq(word, flags[i].word))
            return flags[i].flag;
    return 0;
}

const char *bridge_state_name(const struct bridge_seen *p)
{
    return p->forwards ? "forwarding" : "disabled";
}

u32 bridge_port_cost(const struct netdev *dev)
{
    u32 speed = load_relaxed(&dev->speed);
    return speed >= 10000 ? 2 : speed >= 1000 ? 4 : speed >= 100 ? 19 : 100;
}

void bridge_show_flags(struct out *o, const struct bridge_seen *p, u32 which)
{
    for (u32 i = 0; i < ARRAY_LEN(flags); i++) {
        if (!(which & flags[i].flag))
            continue;
        out_text(o, "%s %s ", flags[i].word, p->flags & flags[i].flag ? "on" : "off");
        out_bool(o, flags[i].word, NULL, p->flags & flags[i].flag);
    }
}

static bool see(const struct netdev *dev, struct bridge_seen *p)
{
    conf_enter();
    bool is = bridge_see(dev, p);
    conf_leave();
    return is;
}

static void show_port(const struct ip_words *w, struct netdev *dev)
{
    struct out *o = w->c->out;
    struct bridge_seen p;

    if (!see(dev, &p))
        return;
    out_str(o, "state", "state %s ", bridge_state_name(&p));
    out_u64(o, "priority", "priority %llu ", BRIDGE_PRIORITY);
    out_u64(o, "cost", "cost %llu ", bridge_port_cost(dev));
    bridge_show_flags(o, &p, BRIDGE_HAIRPIN | BRIDGE_LEARNING | BRIDGE_FLOOD);
    out_text(o, "port_no ");
    out_fmt(o, "no", "0x%x", p.number);
    out_text(o, " ");
    bridge_show_flags(o, &p, BRIDGE_MCAST_FLOOD | BRIDGE_BCAST_FLOOD | BRIDGE_ISOLATED);
}

LINK_TYPE(bridge, .name = "bridge", .usage = "[ageing_time CENTISECONDS] [fdb_max_learned N] [fdb_flush]",
          .words = bridge_words, .add = type_add, .del = bridge_del, .show = type_show, .dump = type_dump,
          .set = type_set, .take = bridge_take, .let_go = bridge_let_go, .show_port = show_port);

/* ---- /sys/class/net/IF/bridge, and /sys/class/net/IF/brport ---- */

static void list_devs(struct file_req *r, bool (*is)(const struct netdev *dev),
                      void (*offer)(void *arg, const char *name), void *arg)
{
    for (struct netdev *dev = NULL; (dev = netdev_walk(r->net, dev));)
        if (is(dev))
            offer(arg, dev->port.name);
}

static int ageing_show(struct file_req *r)
{
    struct netdev *dev = netdev_hold(r->net, r->star[0]);
    bool is = dev && bridge_is(dev);
    if (is)
        out_text(r->out, "%u\n", ageing_of(dev));
    if (dev)
        netdev_put(dev);
    return is ? 0 : -ENOENT;
}

static int ageing_store(struct file_req *r)
{
    struct netdev *dev = netdev_find(r->net, r->star[0]);
    char text[16];
    size_t n = r->len - (r->len && r->data[r->len - 1] == '\n');
    u32 v;
    if (!dev || !bridge_is(dev))
        return -ENOENT;
    if (n >= sizeof(text))
        return -EINVAL;
    str_copy_n(text, sizeof(text), r->data, n);
    if (parse_u32(text, 0, UINT32_MAX, &v, NULL))
        return -EINVAL;
    fdb_set_ageing(bridge_fdb(dev), v * CENTISECOND);
    return 0;
}

static void bridges(struct file_req *r, int depth, void (*offer)(void *arg, const char *name), void *arg)
{
    list_devs(r, bridge_is, offer, arg);
}
FILE_VIEW(bridge_ageing, .path = "/sys/class/net/*/bridge/ageing_time", .show = ageing_show, .store = ageing_store,
          .list = bridges);

static int stp_show(struct file_req *r)
{
    struct netdev *dev = netdev_hold(r->net, r->star[0]);
    bool is = dev && bridge_is(dev);
    if (is)
        out_text(r->out, "0\n");
    if (dev)
        netdev_put(dev);
    return is ? 0 : -ENOENT;
}
FILE_VIEW(bridge_stp, .path = "/sys/class/net/*/bridge/stp_state", .show = stp_show, .list = bridges);

static bool is_port(const struct netdev *dev)
{
    return bridge_port_of(dev);
}

static int brport_show(struct file_req *r)
{
    struct netdev *dev = netdev_hold(r->net, r->star[0]);
    struct bridge_seen p;
    bool is = dev && see(dev, &p), found = false;

    for (u32 i = 0; is && i < ARRAY_LEN(flags); i++)
        if (str_eq(r->star[1], flags[i].file)) {
            out_text(r->out, "%u\n", !!(p.flags & flags[i].flag));
            found = true;
        }
    if (dev)
        netdev_put(dev);
    return found ? 0 : -ENOENT;
}

static void brport_list(struct file_req *r, int depth, void (*offer)(void *arg, const char *name), void *arg)
{
    if (!depth)
        list_devs(r, is_port, offer, arg);
    for (u32 i = 0; depth && i < ARRAY_LEN(flags); i++)
        offer(arg, flags[i].file);
}
FILE_VIEW(bridge_port, .path = "/sys/class/net/*/brport/*", .show = brport_show, .list = brport_list);

/* One device as iproute2 shows it (contract: link_show.h).
 *
 * Columns of statistics are as wide as iproute2 6.1 makes them: wider where a number asks for it, and then in all four
 * lines. A device that is down has no queues, and no discipline: "noop".
 */
#include "net/dev/link_show.h"

#include "lib/conf.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "net/dev/link_type.h"

static const struct macaddr broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

static bool is_up(const struct netdev *dev)
{
    return dev->flags & DEV_UP;
}

const char *link_state(const struct netdev *dev)
{
    if (!is_up(dev))
        return "DOWN";
    if (!dev->carrier)
        return dev->iflink ? "LOWERLAYERDOWN" : "DOWN";
    return dev->no_carrier ? "UNKNOWN" : "UP";
}

/* The one below, or the other half: "" and true where there is none. */
static bool look_below(const struct netdev *dev, char name[PORT_NAME])
{
    bool up = true;
    name[0] = 0;
    if (!dev->iflink)
        return true;
    conf_enter();
    const struct netdev *below = netdev_at(dev_net(dev), dev->iflink);
    if (below) {
        str_copy(name, PORT_NAME, below->port.name);
        up = is_up(below);
    }
    conf_leave();
    return up;
}

/* What others count on (a capture, a bridge) shows in promiscuity alone. */
u32 link_flags(const struct netdev *dev)
{
    u32 f = dev->flags & ~(DEV_PROMISC | DEV_ALLMULTI);
    return f | (dev->asks_promisc ? DEV_PROMISC : 0) | (dev->asks_allmulti ? DEV_ALLMULTI : 0);
}

static void show_flags(struct out *o, const struct netdev *dev, bool below_up)
{
    u32 f = link_flags(dev);
    const struct {
        bool on;
        const char *name;
    } flags[] = {
        {is_up(dev) && !dev->carrier, "NO-CARRIER"},
        {f & DEV_LOOPBACK, "LOOPBACK"},
        {f & DEV_BROADCAST, "BROADCAST"},
        {f & DEV_MULTICAST, "MULTICAST"},
        {f & DEV_NOARP, "NOARP"},
        {f & DEV_ALLMULTI, "ALLMULTI"},
        {f & DEV_PROMISC, "PROMISC"},
        {f & DEV_UP, "UP"},
        {is_up(dev) && dev->carrier, "LOWER_UP"},
        {!below_up, "M-DOWN"},
    };
    const char *how = "%s";

    out_array(o, "flags");
    out_text(o, "<");
    for (unsigned i = 0; i < ARRAY_LEN(flags); i++)
        if (flags[i].on) {
            out_str(o, NULL, how, flags[i].name);
            how = ",%s";
        }
    out_text(o, "> ");
    out_end(o);
}

/* What it is a port of: the type of that, its name if somebody wants it; NULL: nobody's. */
static const struct link_type *look_above(const struct netdev *dev, char name[PORT_NAME])
{
    conf_enter();
    const struct netdev *master = dev->master;
    const struct link_type *kind = master ? master->kind : NULL;
    if (name)
        str_copy(name, PORT_NAME, master ? master->port.name : "");
    conf_leave();
    return kind;
}

static void show_kind(const struct ip_words *w, struct netdev *dev)
{
    const struct link_type *master = look_above(dev, NULL);
    struct out *o = w->c->out;

    if (!dev->kind && !master)
        return;
    out_object(o, "linkinfo");
    if (dev->kind) {
        out_text(o, "%s", w->newline);
        out_str(o, "info_kind", "    %s ", dev->kind->name);
    }
    if (dev->kind && dev->kind->show) {
        out_object(o, "info_data");
        dev->kind->show(w, dev);
        out_end(o);
    }
    if (master) {
        out_text(o, "%s    %s_slave ", w->newline, master->name);
        out_str(o, "info_slave_kind", NULL, master->name);
        out_object(o, "info_slave_data");
        master->show_port(w, dev);
        out_end(o);
    }
    out_end(o);
}

static void show_details(const struct ip_words *w, struct netdev *dev)
{
    struct out *o = w->c->out;

    out_u64(o, "promiscuity", " promiscuity %llu ", dev->promisc);
    out_u64(o, "allmulti", " allmulti %llu ", dev->allmulti);
    out_u64(o, "min_mtu", "minmtu %llu ", dev->mtu_least);
    out_u64(o, "max_mtu", "maxmtu %llu ", dev->mtu_most);
    show_kind(w, dev);
    out_u64(o, "num_tx_queues", "numtxqueues %llu ", max(dev->txqs_most, (u16)1));
    out_u64(o, "num_rx_queues", "numrxqueues %llu ", max(dev->rxqs_most, (u16)1));
    if (dev->bus)
        out_str(o, "parentdev", "parentdev %s ", dev->bus);
}

/* "eth0.10@eth0", by `how`; is what stands behind the @ up? */
static bool show_name(struct out *o, const struct netdev *dev, const char *how)
{
    char below[PORT_NAME], text[2 * PORT_NAME];
    bool up = look_below(dev, below);

    fmt(text, sizeof(text), below[0] ? "%s@%s" : "%s", dev->port.name, below);
    if (o->json && below[0])
        out_str(o, "link", NULL, below);
    out_str(o, "ifname", how, o->json ? dev->port.name : text);
    return up;
}

void link_show_who(struct out *o, struct netdev *dev)
{
    out_u64(o, "ifindex", "%llu: ", dev->port.index);
    show_flags(o, dev, show_name(o, dev, "%s: "));
}

void link_show_head(const struct ip_words *w, struct netdev *dev, enum link_show how)
{
    struct out *o = w->c->out;
    char master[PORT_NAME];

    link_show_who(o, dev);
    out_u64(o, "mtu", "mtu %llu ", dev->mtu);
    out_str(o, "qdisc", "qdisc %s ", dev->been_up ? dev->qdisc : "noop");
    if (look_above(dev, master))
        out_str(o, "master", "master %s ", master);
    out_str(o, "operstate", "state %s ", link_state(dev));
    if (how == LINK_SHOW)
        out_str(o, "linkmode", "mode %s ", "DEFAULT");
    out_str(o, "group", "group %s ", "default");
    if (how != LINK_SHOW_EVENT)
        out_u64(o, "txqlen", "qlen %llu", dev->tx_queue_len);
    if (how == LINK_SHOW_ADDR && w->family && !w->details)
        return;
    out_text(o, "%s", w->newline);
    out_str(o, "link_type", "    link/%s ", dev->type == DEV_TYPE_LOOPBACK ? "loopback" : "ether");
    out_fmt(o, "address", "%pM", &dev->mac);
    out_text(o, " brd ");
    out_fmt(o, "broadcast", "%pM", dev->type == DEV_TYPE_LOOPBACK ? &dev->mac : &broadcast);
    if (w->details)
        show_details(w, dev);
    if (dev->alias[0]) {
        out_text(o, "%s", w->newline);
        out_str(o, "ifalias", "    alias %s", dev->alias);
    }
}

void link_show_brief(struct out *o, const struct netdev *dev, bool link)
{
    bool below_up = show_name(o, dev, "%-16s ");
    out_str(o, "operstate", "%-14s ", link_state(dev));
    if (!link)
        return;
    out_fmt(o, "address", "%pM", &dev->mac);
    out_text(o, " ");
    show_flags(o, dev, below_up);
}

/* ---- statistics ---- */

#define COLUMNS 7

struct lines { /* of which the first two are shown with -s, all four with -s -s */
    u64 rx[COLUMNS], tx[COLUMNS], rx_errors[COLUMNS], tx_errors[COLUMNS];
};

static u32 digits(u64 v)
{
    u32 n = 1;
    for (; v >= 10; v /= 10)
        n++;
    return n;
}

static void make_room(u32 width[COLUMNS], const u64 *v)
{
    for (u32 i = 0; i < COLUMNS; i++)
        width[i] = max(width[i], digits(v[i]));
}

static void numbers(struct out *o, const u32 width[COLUMNS], const u64 *v, u32 from, u32 to)
{
    out_text(o, "    %*s", from ? (int)width[0] + 1 : 0, "");
    for (u32 i = from; i < to; i++)
        out_text(o, "%*llu ", (int)width[i], (unsigned long long)v[i]);
}

static void text_stats(const struct ip_words *w, const char *first, const struct lines *l, bool errors)
{
    static const char *const tx_names[] = {"bytes", "packets", "errors", "dropped", "carrier", "collsns", ""};
    static const char *const rx_names[] = {"bytes", "packets", "errors", "dropped", "missed", "mcast", ""};
    u32 width[COLUMNS] = {10, 7, 6, 7, 7, 7, 10};
    struct out *o = w->c->out;

    make_room(width, l->rx);
    make_room(width, l->tx);
    if (errors) {
        make_room(width, l->rx_errors);
        make_room(width, l->tx_errors);
    }
    for (unsigned tx = 0; tx < 2; tx++) {
        const char *const *name = tx ? tx_names : rx_names;
        out_text(o, "%s    %s: ", tx ? w->newline : first, tx ? "TX" : "RX");
        for (u32 i = 0; i < COLUMNS; i++)
            out_text(o, "%*s%s", (int)width[i] - (i ? 0 : 4), name[i], i + 1 < COLUMNS ? " " : w->newline);
        numbers(o, width, tx ? l->tx : l->rx, 0, 6);
        if (!errors)
            continue;
        static const char *const rx_errors[] = {"length", "crc", "frame", "fifo", "overrun"};
        static const char *const tx_errors[] = {"aborted", "fifo", "window", "heartbt", "transns"};
        out_text(o, "%s    %s errors:%*s", w->newline, tx ? "TX" : "RX", (int)width[0] - 10, "");
        for (u32 i = 0; i < 5; i++)
            out_text(o, " %*s", (int)width[i + 1], tx ? tx_errors[i] : rx_errors[i]);
        out_text(o, "%s", w->newline);
        numbers(o, width, tx ? l->tx_errors : l->rx_errors, 1, 6);
    }
}

static void json_numbers(struct out *o, const u64 *v, const char *const *name, u32 from)
{
    for (u32 i = from; i < 6; i++)
        out_u64(o, name[i], NULL, v[i]);
}

static void json_stats(struct out *o, const struct lines *l, bool errors)
{
    static const char *const rx[] = {"bytes", "packets", "errors", "dropped", "over_errors", "multicast"};
    static const char *const tx[] = {"bytes", "packets", "errors", "dropped", "carrier_errors", "collisions"};
    static const char *const rx_errors[] = {
        "", "length_errors", "crc_errors", "frame_errors", "fifo_errors", "missed_errors"};
    static const char *const tx_errors[] = {
        "", "aborted_errors", "fifo_errors", "window_errors", "heartbeat_errors", "carrier_changes"};
    u64 in[COLUMNS], in_errors[COLUMNS];

    for (u32 i = 0; i < COLUMNS; i++) { /* JSON has missed and overrun the other way round */
        in[i] = i == 4 ? l->rx_errors[5] : l->rx[i];
        in_errors[i] = i == 5 ? l->rx[4] : l->rx_errors[i];
    }
    out_object(o, "stats64");
    out_object(o, "rx");
    json_numbers(o, in, rx, 0);
    if (errors)
        json_numbers(o, in_errors, rx_errors, 1);
    out_end(o);
    out_object(o, "tx");
    json_numbers(o, l->tx, tx, 0);
    if (errors)
        json_numbers(o, l->tx_errors, tx_errors, 1);
    out_end(o);
    out_end(o);
}

void link_show_stats(const struct ip_words *w, struct netdev *dev, const char *first)
{
    struct dev_total t;

    if (!w->stats)
        return;
    netdev_fetch(dev);
    netdev_total(dev, &t);
    struct hw_stats h = dev->hw;
    struct lines l = {
        .rx = {t.s.rx_bytes, t.s.rx_packets, h.rx_errors, t.rx_dropped, h.rx_missed, t.s.multicast},
        .tx = {t.s.tx_bytes, t.s.tx_packets, h.tx_errors, t.tx_dropped, h.tx_carrier, h.collisions},
        .rx_errors = {0, h.rx_length, h.rx_crc, h.rx_frame, h.rx_fifo, 0},
        .tx_errors = {0, h.tx_aborted, h.tx_fifo, 0, 0, dev->carrier_changes},
    };
    if (w->c->out->json)
        json_stats(w->c->out, &l, w->stats > 1);
    else
        text_stats(w, first, &l, w->stats > 1);
}

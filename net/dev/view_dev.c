/* /proc/net/dev, and /sys/class/net/IF of the device itself: what it is, how it is set, its counts.
 *
 * One table for each folder: a name, and how its value is shown and stored. Writable are those that Linux's are; what
 * they change stands in the dump of `ip link`, gro_flush_timeout and napi_defer_hard_irqs apart, which dump themselves.
 * What nobody knows while the device is down cannot be read then (EINVAL), as on Linux.
 */
#include "lib/file.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/dev/dump_view.h"
#include "net/dev/link_show.h"
#include "net/dev/updown.h"

typedef unsigned long long ull;

/* ---- /proc/net/dev ---- */

static void proc_line(struct out *o, struct netdev *dev)
{
    struct dev_total t;
    const struct hw_stats *h = &dev->hw;

    netdev_fetch(dev);
    netdev_total(dev, &t);
    ull rx_drop = t.rx_dropped + h->rx_missed, rx_frame = h->rx_length + h->rx_crc + h->rx_frame;
    ull tx_carrier = h->tx_carrier + h->tx_aborted;
    out_text(o, "%6s: %7llu %7llu %4llu %4llu %4llu %5llu %10d %9llu ", dev->port.name, (ull)t.s.rx_bytes,
             (ull)t.s.rx_packets, (ull)h->rx_errors, rx_drop, (ull)h->rx_fifo, rx_frame, 0, (ull)t.s.multicast);
    out_text(o, "%8llu %7llu %4llu %4llu %4llu %5llu %7llu %10d\n", (ull)t.s.tx_bytes, (ull)t.s.tx_packets,
             (ull)h->tx_errors, (ull)t.tx_dropped, (ull)h->tx_fifo, (ull)h->collisions, tx_carrier, 0);
}

static int proc_show(struct file_req *r)
{
    out_text(r->out, "Inter-|   Receive                                                |  Transmit\n"
                     " face |bytes    packets errs drop fifo frame compressed multicast"
                     "|bytes    packets errs drop fifo colls carrier compressed\n");
    for (struct netdev *dev = NULL; (dev = netdev_walk(r->net, dev));)
        proc_line(r->out, dev);
    return 0;
}
FILE_VIEW(net_dev, .path = "/proc/net/dev", .show = proc_show);

/* ---- what it is ---- */

static bool is_up(const struct netdev *dev)
{
    return dev->flags & DEV_UP;
}

static int show_address(struct out *o, const struct netdev *dev)
{
    out_text(o, "%pM\n", &dev->mac);
    return 0;
}

static int show_broadcast(struct out *o, const struct netdev *dev)
{
    out_text(o, dev->type == DEV_TYPE_LOOPBACK ? "00:00:00:00:00:00\n" : "ff:ff:ff:ff:ff:ff\n");
    return 0;
}

static int show_addr_len(struct out *o, const struct netdev *dev)
{
    out_text(o, "6\n");
    return 0;
}

static int show_type(struct out *o, const struct netdev *dev)
{
    out_text(o, "%u\n", dev->type);
    return 0;
}

static int show_index(struct out *o, const struct netdev *dev)
{
    out_text(o, "%u\n", dev->port.index);
    return 0;
}

static int show_iflink(struct out *o, const struct netdev *dev)
{
    out_text(o, "%u\n", dev->iflink ? dev->iflink : dev->port.index);
    return 0;
}

static int show_operstate(struct out *o, const struct netdev *dev)
{
    for (const char *at = link_state(dev); *at; at++)
        out_text(o, "%c", char_lower(*at));
    out_text(o, "\n");
    return 0;
}

static int show_carrier(struct out *o, const struct netdev *dev)
{
    if (!is_up(dev))
        return -EINVAL;
    out_text(o, "%d\n", dev->carrier);
    return 0;
}

static int show_carrier_changes(struct out *o, const struct netdev *dev)
{
    out_text(o, "%u\n", dev->carrier_changes);
    return 0;
}

static int show_speed(struct out *o, const struct netdev *dev)
{
    if (!is_up(dev))
        return -EINVAL;
    out_text(o, "%d\n", dev->speed && dev->carrier ? (int)dev->speed : -1);
    return 0;
}

static int show_duplex(struct out *o, const struct netdev *dev)
{
    if (!is_up(dev))
        return -EINVAL;
    out_text(o, "%s\n", dev->speed && dev->carrier ? "full" : "unknown");
    return 0;
}

/* ---- how it is set ---- */

static int show_mtu(struct out *o, const struct netdev *dev)
{
    out_text(o, "%u\n", dev->mtu);
    return 0;
}

static int store_mtu(struct netdev *dev, const char *text)
{
    u32 mtu;
    return parse_u32(text, 0, UINT32_MAX, &mtu, NULL) ? -EINVAL : dev_set_mtu(dev, mtu);
}

static int show_flags(struct out *o, const struct netdev *dev)
{
    out_text(o, "0x%x\n", dev->flags);
    return 0;
}

static int store_flags(struct netdev *dev, const char *text)
{
    u32 f;
    int err = parse_u32(text, 0, UINT32_MAX, &f, NULL) ? -EINVAL : 0;
    if (err)
        return err;
    dev_ask_promisc(dev, f & DEV_PROMISC);
    dev_ask_allmulti(dev, f & DEV_ALLMULTI);
    dev_set_multicast(dev, f & DEV_MULTICAST);
    if (f & DEV_UP)
        return dev_up(dev);
    dev_down(dev);
    return 0;
}

static int show_queue_len(struct out *o, const struct netdev *dev)
{
    out_text(o, "%u\n", dev->tx_queue_len);
    return 0;
}

static int store_queue_len(struct netdev *dev, const char *text)
{
    u32 len;
    if (parse_u32(text, 0, UINT32_MAX, &len, NULL))
        return -EINVAL;
    dev_set_tx_queue_len(dev, len);
    return 0;
}

static int show_alias(struct out *o, const struct netdev *dev)
{
    if (dev->alias[0])
        out_text(o, "%s\n", dev->alias);
    return 0;
}

static int store_alias(struct netdev *dev, const char *text)
{
    if (strlen(text) >= DEV_ALIAS)
        return -EINVAL;
    dev_set_alias(dev, text);
    return 0;
}

static int show_gro_flush(struct out *o, const struct netdev *dev)
{
    out_text(o, "%llu\n", (ull)dev->gro_flush_timeout);
    return 0;
}

static int store_gro_flush(struct netdev *dev, const char *text)
{
    u64 ns;
    if (parse_u64(text, 0, UINT64_MAX, &ns, NULL))
        return -EINVAL;
    store_relaxed(&dev->gro_flush_timeout, ns);
    return 0;
}

static int show_defer(struct out *o, const struct netdev *dev)
{
    out_text(o, "%u\n", dev->defer_hard_irqs);
    return 0;
}

static int store_defer(struct netdev *dev, const char *text)
{
    u32 n;
    if (parse_u32(text, 0, INT_MAX, &n, NULL))
        return -ERANGE;
    store_relaxed(&dev->defer_hard_irqs, n);
    return 0;
}

/* ---- the folder ---- */

static const struct attr {
    const char *name;
    int (*show)(struct out *o, const struct netdev *dev);
    int (*store)(struct netdev *dev, const char *text); /* NULL: it is read-only */
} attrs[] = {
    {"addr_len", show_addr_len, NULL},
    {"address", show_address, NULL},
    {"broadcast", show_broadcast, NULL},
    {"carrier", show_carrier, NULL},
    {"carrier_changes", show_carrier_changes, NULL},
    {"duplex", show_duplex, NULL},
    {"flags", show_flags, store_flags},
    {"gro_flush_timeout", show_gro_flush, store_gro_flush},
    {"ifalias", show_alias, store_alias},
    {"ifindex", show_index, NULL},
    {"iflink", show_iflink, NULL},
    {"mtu", show_mtu, store_mtu},
    {"napi_defer_hard_irqs", show_defer, store_defer},
    {"operstate", show_operstate, NULL},
    {"speed", show_speed, NULL},
    {"tx_queue_len", show_queue_len, store_queue_len},
    {"type", show_type, NULL},
};

static void list_devs(struct net *net, void (*offer)(void *arg, const char *name), void *arg)
{
    for (struct netdev *dev = NULL; (dev = netdev_walk(net, dev));)
        offer(arg, dev->port.name);
}

static void list_attrs(bool writable, void (*offer)(void *arg, const char *name), void *arg)
{
    for (unsigned i = 0; i < ARRAY_LEN(attrs); i++)
        if (writable == !!attrs[i].store)
            offer(arg, attrs[i].name);
}

static void list_fixed(struct file_req *r, int depth, void (*offer)(void *arg, const char *name), void *arg)
{
    if (depth)
        list_attrs(false, offer, arg);
    else
        list_devs(r->net, offer, arg);
}

static void list_writable(struct file_req *r, int depth, void (*offer)(void *arg, const char *name), void *arg)
{
    if (depth)
        list_attrs(true, offer, arg);
    else
        list_devs(r->net, offer, arg);
}

static const struct attr *attr_of(const struct file_req *r)
{
    const struct attr *a = attrs;
    while (!str_eq(a->name, r->star[1]))
        a++;
    return a;
}

static int attr_show(struct file_req *r)
{
    struct netdev *dev = netdev_hold(r->net, r->star[0]);
    int err = dev ? attr_of(r)->show(r->out, dev) : -ENOENT;
    if (dev)
        netdev_put(dev);
    return err;
}

static int attr_store(struct file_req *r)
{
    struct netdev *dev = netdev_find(r->net, r->star[0]);
    char text[DEV_ALIAS + 1];
    size_t n = r->len;

    while (n && char_is_space(r->data[n - 1]))
        n--;
    if (n >= sizeof(text))
        return -EINVAL;
    str_copy_n(text, sizeof(text), r->data, n);
    return dev ? attr_of(r)->store(dev, text) : -ENOENT;
}

static void dump(struct out *o)
{
    for (struct netdev *dev = NULL; (dev = netdev_walk(net_first, dev));) {
        if (dev->gro_flush_timeout) {
            out_text(o, "echo %llu", (ull)dev->gro_flush_timeout);
            dump_view(o, dev, "gro_flush_timeout");
        }
        if (dev->defer_hard_irqs) {
            out_text(o, "echo %u", dev->defer_hard_irqs);
            dump_view(o, dev, "napi_defer_hard_irqs");
        }
    }
}

FILE_VIEW(sys_dev, .path = "/sys/class/net/*/*", .show = attr_show, .list = list_fixed);
FILE_VIEW(sys_dev_set, .path = "/sys/class/net/*/*", .show = attr_show, .store = attr_store, .list = list_writable,
          .dump = dump);

/* ---- statistics ---- */

#define TOTAL(member) false, offsetof(struct dev_total, member)
#define CHIP(member)  true, offsetof(struct hw_stats, member)

static const struct {
    const char *name;
    bool hw;
    size_t at;
} counts[] = {
    {"collisions", CHIP(collisions)},      {"multicast", TOTAL(s.multicast)},
    {"rx_bytes", TOTAL(s.rx_bytes)},       {"rx_crc_errors", CHIP(rx_crc)},
    {"rx_dropped", TOTAL(rx_dropped)},     {"rx_errors", CHIP(rx_errors)},
    {"rx_fifo_errors", CHIP(rx_fifo)},     {"rx_frame_errors", CHIP(rx_frame)},
    {"rx_length_errors", CHIP(rx_length)}, {"rx_missed_errors", CHIP(rx_missed)},
    {"rx_packets", TOTAL(s.rx_packets)},   {"tx_aborted_errors", CHIP(tx_aborted)},
    {"tx_bytes", TOTAL(s.tx_bytes)},       {"tx_carrier_errors", CHIP(tx_carrier)},
    {"tx_dropped", TOTAL(tx_dropped)},     {"tx_errors", CHIP(tx_errors)},
    {"tx_fifo_errors", CHIP(tx_fifo)},     {"tx_packets", TOTAL(s.tx_packets)},
};

/* What Linux has there and nothing counts: no frame is compressed, no window is used, nobody has such a chip. */
static const char *const none[] = {"rx_compressed", "rx_nohandler",        "rx_over_errors",
                                   "tx_compressed", "tx_heartbeat_errors", "tx_window_errors"};

static void list_counts(struct file_req *r, int depth, void (*offer)(void *arg, const char *name), void *arg)
{
    if (!depth)
        list_devs(r->net, offer, arg);
    for (unsigned i = 0; depth && i < ARRAY_LEN(counts); i++)
        offer(arg, counts[i].name);
    for (unsigned i = 0; depth && i < ARRAY_LEN(none); i++)
        offer(arg, none[i]);
}

static int count_show(struct file_req *r)
{
    struct netdev *dev = netdev_hold(r->net, r->star[0]);
    struct dev_total t;
    u64 v = 0;

    if (!dev)
        return -ENOENT;
    netdev_fetch(dev);
    netdev_total(dev, &t);
    for (unsigned i = 0; i < ARRAY_LEN(counts); i++)
        if (str_eq(counts[i].name, r->star[1]))
            v = *(const u64 *)((counts[i].hw ? (const char *)&dev->hw : (const char *)&t) + counts[i].at);
    netdev_put(dev);
    out_text(r->out, "%llu\n", (ull)v);
    return 0;
}
FILE_VIEW(sys_statistics, .path = "/sys/class/net/*/statistics/*", .show = count_show, .list = list_counts);

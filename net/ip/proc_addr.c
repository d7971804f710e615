/* /proc/net/if_inet6, igmp and igmp6: addresses and groups of devices, in Linux's text.
 *
 * The lines of a device are made under conf_lock, into memory, and handed on without it: who reads may be slow. Of a
 * device with more than fit there the last are missing. Timers and reporters of groups are those of a host that has not
 * been asked: 0.
 */
#include "lib/conf.h"
#include "lib/file.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/ifaddr.h"
#include "net/ip/mcast.h"
#include "net/ip/route.h"

/* Each device, under conf_lock, into memory of which the reader is shown what there is then. */
struct text {
    struct out_mem mem;
    char buf[65536];
};

static int show_devices(struct file_req *r, void (*fn)(struct out *o, const struct netdev *dev))
{
    struct text *t = mem_alloc(sizeof(*t));
    if (!t)
        return -ENOMEM;
    for (struct netdev *dev = r->net ? netdev_walk(r->net, NULL) : NULL; dev; dev = netdev_walk(r->net, dev)) {
        out_mem_init(&t->mem, t->buf, sizeof(t->buf), false);
        conf_enter();
        if (dev->ip)
            fn(&t->mem.out, dev);
        conf_leave();
        out_raw(r->out, t->buf, min(out_mem_len(&t->mem), sizeof(t->buf) - 1));
    }
    mem_free(t);
    return 0;
}

static void put_hex(struct out *o, const struct ipaddr *a)
{
    for (unsigned i = 0; i < sizeof(a->b); i++)
        out_text(o, "%02x", a->b[i]);
}

static u8 scope_of(const struct ifaddr *a) /* in IPv6's own numbers */
{
    switch (a->scope) {
    case SCOPE_HOST: return 0x10;
    case SCOPE_LINK: return 0x20;
    case SCOPE_SITE: return 0x40;
    default: return 0;
    }
}

static void addrs6(struct out *o, const struct netdev *dev)
{
    for (const struct ifaddr *a = ifaddr_first(dev, &ip_v6); a; a = ifaddr_next(a)) {
        put_hex(o, &a->addr);
        out_text(o, " %02x %02x %02x %02x %8s\n", dev->port.index, a->bits, scope_of(a), a->flags & 0xff,
                 dev->port.name);
    }
}

static u32 count(const struct netdev *dev, bool v4)
{
    u32 n = 0;
    for (const struct mcast *m = mcast_first(dev); m; m = mcast_next(m))
        n += ipaddr_is4(&m->group) == v4;
    return n;
}

static void groups4(struct out *o, const struct netdev *dev)
{
    u32 n = count(dev, true);
    if (!n)
        return;
    out_text(o, "%u\t%-10s: %5u %7s\n", dev->port.index, dev->port.name, n, "V3");
    for (const struct mcast *m = mcast_first(dev); m; m = mcast_next(m))
        if (ipaddr_is4(&m->group))
            out_text(o, "\t\t\t\t%08X %5u 0:00000000\t\t0\n", load_le32(m->group.b + ADDR4_AT), m->users);
}

static void groups6(struct out *o, const struct netdev *dev)
{
    for (const struct mcast *m = mcast_first(dev); m; m = mcast_next(m))
        if (!ipaddr_is4(&m->group)) {
            out_text(o, "%-4u %-15s ", dev->port.index, dev->port.name);
            put_hex(o, &m->group);
            out_text(o, " %5u %08X 0\n", m->users, 0x4);
        }
}

static int if_inet6_show(struct file_req *r)
{
    return show_devices(r, addrs6);
}

static int igmp_show(struct file_req *r)
{
    out_text(r->out, "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n");
    return show_devices(r, groups4);
}

static int igmp6_show(struct file_req *r)
{
    return show_devices(r, groups6);
}

FILE_VIEW(net_if_inet6, .path = "/proc/net/if_inet6", .show = if_inet6_show);
FILE_VIEW(net_igmp, .path = "/proc/net/igmp", .show = igmp_show);
FILE_VIEW(net_igmp6, .path = "/proc/net/igmp6", .show = igmp6_show);

/* IP with the devices: what its parts do when one comes, is up, goes down, and goes; in the order in which they need
 * each other. */
#include "net/ip/ip.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/ip/addr.h"
#include "net/ip/dad.h"
#include "net/ip/fib.h"
#include "net/ip/ifaddr.h"
#include "net/ip/mcast.h"
#include "net/ip/mcast_report.h"
#include "net/ip/neigh.h"
#include "net/ip/ra.h"
#include "net/ip/reasm.h"
#include "net/ip/slaac.h"
#include "net/ip/tend.h"
#include "net/wire/eth.h"

static const struct ifaddr own4 = {.addr = {{[10] = 0xff, 0xff, 127, 0, 0, 1}},
                                   .peer = {{[10] = 0xff, 0xff, 127, 0, 0, 1}},
                                   .broadcast = {{[10] = 0xff, 0xff}},
                                   .bits = 8,
                                   .scope = SCOPE_HOST,
                                   .proto = IFAPROT_LO,
                                   .valid_until = IFA_FOREVER,
                                   .preferred_until = IFA_FOREVER,
                                   .label = "lo"};
static const struct ifaddr own6 = {.addr = {{[15] = 1}},
                                   .peer = {{[15] = 1}},
                                   .broadcast = {{[10] = 0xff, 0xff}},
                                   .bits = 128,
                                   .scope = SCOPE_HOST,
                                   .proto = IFAPROT_LO,
                                   .flags = IFA_NOPREFIXROUTE,
                                   .valid_until = IFA_FOREVER,
                                   .preferred_until = IFA_FOREVER};

static int begin(struct netdev *dev)
{
    int err = ip_dev_begin(dev);
    err = err ? err : mcast_dev_begin(dev);
    return err ? err : tend_start(dev_net(dev));
}

static void have(struct netdev *dev, const struct ifaddr *a)
{
    int err = ifaddr_add(dev, a);
    if (err && err != -EEXIST)
        log_write(LOG_ERR, "%s: %pI: %s", dev->port.name, &a->addr, errno_text(err));
}

static void up6(struct netdev *dev)
{
    if (ip_conf(dev, &ip_v6)->disabled)
        return;
    if (dev->type == DEV_TYPE_LOOPBACK) {
        have(dev, &own6);
    } else if (!ip_conf(dev, &ip_v6)->slaac.addr_gen_mode && !mac_is_zero(&dev->mac)) {
        struct ifaddr a = own6;
        a.addr = a.peer = addr_link_local(&dev->mac);
        a.bits = 64;
        a.scope = SCOPE_LINK;
        a.proto = IFAPROT_LL;
        a.flags = 0;
        have(dev, &a);
    }
    slaac_dev_up(dev);
}

/* The addresses that a device has whenever it is up: the loopback one its own, the others one for their link. A net
 * without a loopback device joins devices, and is no host. */
static void up(struct netdev *dev)
{
    ifaddr_dev_up(dev);
    if (!ip_net(dev_net(dev))->lo)
        return;
    if (dev->type == DEV_TYPE_LOOPBACK)
        have(dev, &own4);
    mcast_report_up(dev, IP_V4); /* of IPv6 when there is an address to do it from: net/ip/dad.c */
    up6(dev);
}

static void down(struct netdev *dev)
{
    ifaddr_dev_down(dev);
    slaac_dev_down(dev);
    neigh_dev_down(dev);
    reasm_dev_down(dev);
}

static void end(struct netdev *dev)
{
    if (!dev->ip)
        return;
    neigh_dev_down(dev); /* those that were added while it was down */
    tend_dev_end(dev);
    slaac_dev_end(dev);
    ra_dev_end(dev);
    ifaddr_dev_end(dev);
    mcast_report_end(dev);
    mcast_dev_end(dev);
    ip_dev_end(dev);
}

static void other_mac(struct netdev *dev)
{
    neigh_dev_mac(dev);
    dad_announce(dev);
}

static void change(struct netdev *dev, enum dev_change what)
{
    if (what == DEV_CHANGE_UP)
        up(dev);
    else if (what == DEV_CHANGE_DOWN)
        down(dev);
    else if (what == DEV_CHANGE_MAC)
        other_mac(dev);
    else if (what == DEV_CHANGE_ANNOUNCE)
        dad_announce(dev);
}

NETDEV_WATCH(ip, .begin = begin, .change = change, .end = end);

/* ---- disable_ipv6 ---- */

static void disable(struct netdev *dev)
{
    struct ifaddr *a;
    if (dev->flags & DEV_UP)
        slaac_dev_forget(dev);
    while ((a = ifaddr_first(dev, &ip_v6)))
        ifaddr_del(dev, a);
}

static void disabled(struct net *net, const char *star)
{
    struct ip_net *in = ip_net(net);
    bool all = str_eq(star, "all");
    for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));) {
        struct ip_conf *c = &dev->ip->conf[IP_V6];
        if (!all && !str_eq(star, dev->port.name))
            continue;
        if (all)
            c->disabled = in->all[IP_V6].disabled;
        if (c->disabled)
            disable(dev);
        else if (dev->flags & DEV_UP)
            up6(dev);
    }
}

SYSCTL(disable_ipv6, .name = "net.ipv6.conf.*.disable_ipv6", SYSCTL_PER(struct ip_conf, disabled),
       .place = ip_conf6_place, .list = ip_conf_list, .high = 1, .changed = disabled,
       .help = "1: no IPv6 address, and none is taken");

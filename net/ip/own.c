/* The addresses that a device has of itself, whenever it is up: the loopback one 127.0.0.1 and ::1, the others one for
 * their link (contract: own.h); and the switch disable_ipv6.
 *
 * Linux: init_loopback, addrconf_dev_config. What routers advertise is asked for once there is an address to ask from.
 */
#include "net/ip/own.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/ip/addr.h"
#include "net/ip/fib.h"
#include "net/ip/ifaddr.h"
#include "net/ip/slaac.h"
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

static void have(struct netdev *dev, const struct ifaddr *a)
{
    int err = ifaddr_add(dev, a);
    if (err && err != -EEXIST)
        log_write(LOG_ERR, "%s: %pI: %s", dev->port.name, &a->addr, errno_text(err));
}

/* Groups are reached by each link itself (Linux: addrconf_add_mroute). */
static void have_groups(struct netdev *dev, bool add)
{
    struct hop hop = {.dev = dev, .weight = 1};
    const struct route_key key = {.family = IP_V6, .type = ROUTE_MULTICAST, .proto = PROTO_KERNEL, .metric = 256};
    const struct route_want w = {.key = key, .hops = 1, .hop = &hop};
    const struct fib_match m = {.has_type = true, .has_metric = true, .key = key, .hops = 1, .hop = &hop};
    const struct ipprefix p = {{{0xff}}, 8};
    struct fib_table *t = fib_table(dev_net(dev), IP_V6, TABLE_LOCAL, true);
    int err = !t ? -ENOMEM : add ? fib_add(t, &p, &w, FIB_APPEND) : fib_del(t, &p, &m);
    if (err && err != -EEXIST && err != -ESRCH)
        log_write(LOG_ERR, "%s: ff00::/8: %s", dev->port.name, errno_text(err));
}

static void up6(struct netdev *dev)
{
    if (ip_conf(dev, &ip_v6)->disabled)
        return;
    if (dev->type != DEV_TYPE_LOOPBACK)
        have_groups(dev, true);
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

void own_up(struct netdev *dev)
{
    if (!ip_net(dev_net(dev))->lo)
        return;
    if (dev->type == DEV_TYPE_LOOPBACK)
        have(dev, &own4);
    up6(dev);
}

/* ---- disable_ipv6 ---- */

static void disable(struct netdev *dev)
{
    struct ifaddr *a;
    if (dev->flags & DEV_UP)
        slaac_dev_forget(dev);
    while ((a = ifaddr_first(dev, &ip_v6)))
        ifaddr_del(dev, a);
    have_groups(dev, false);
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

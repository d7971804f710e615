/* IP with the devices: what its parts do when one comes, is up, goes down, and goes; in the order in which they need
 * each other. */
#include "net/ip/ip.h"

#include "lib/errno.h"
#include "net/ip/addr.h"
#include "net/ip/fib.h"
#include "net/ip/ifaddr.h"
#include "net/ip/mcast.h"
#include "net/ip/neigh.h"
#include "net/ip/reasm.h"
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
    return err ? err : mcast_dev_begin(dev);
}

static void have(struct netdev *dev, const struct ifaddr *a)
{
    int err = ifaddr_add(dev, a);
    if (err && err != -EEXIST)
        log_write(LOG_ERR, "%s: %pI: %s", dev->port.name, &a->addr, errno_text(err));
}

/* The addresses that a device has whenever it is up: the loopback one its own, the others one for their link. A net
 * without a loopback device joins devices, and is no host. */
static void up(struct netdev *dev)
{
    ifaddr_dev_up(dev);
    if (!ip_net(dev_net(dev))->lo)
        return;
    if (dev->type == DEV_TYPE_LOOPBACK) {
        have(dev, &own4);
        have(dev, &own6);
    } else if (!ip_conf(dev, &ip_v6)->disabled && !mac_is_zero(&dev->mac)) {
        struct ifaddr a = own6;
        a.addr = a.peer = addr_link_local(&dev->mac);
        a.bits = 64;
        a.scope = SCOPE_LINK;
        a.proto = IFAPROT_LL;
        a.flags = 0;
        have(dev, &a);
    }
}

static void down(struct netdev *dev)
{
    ifaddr_dev_down(dev);
    neigh_dev_down(dev);
    reasm_dev_down(dev);
}

static void end(struct netdev *dev)
{
    if (!dev->ip)
        return;
    ifaddr_dev_end(dev);
    mcast_dev_end(dev);
    ip_dev_end(dev);
}

NETDEV_WATCH(ip, .begin = begin, .up = up, .down = down, .mac = neigh_dev_mac, .end = end);

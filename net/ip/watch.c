/* IP with the devices: what its parts do when one comes, is up, goes down, and goes; in the order in which they need
 * each other.
 *
 * Above all other files of net/ip, which is why nothing includes it: it is found by the set of those who watch devices.
 */
#include "net/ip/dad.h"
#include "net/ip/exception.h"
#include "net/ip/ifaddr.h"
#include "net/ip/mcast.h"
#include "net/ip/neigh.h"
#include "net/ip/neigh_proxy.h"
#include "net/ip/nexthop.h"
#include "net/ip/own.h"
#include "net/ip/ra.h"
#include "net/ip/reasm.h"
#include "net/ip/slaac.h"
#include "net/ip/tend.h"

static int begin(struct netdev *dev)
{
    int err = ip_dev_begin(dev);
    err = err ? err : mcast_dev_begin(dev);
    return err ? err : tend_start(dev_net(dev));
}

static void up(struct netdev *dev)
{
    ifaddr_dev_up(dev);
    mcast_report_up(dev, IP_V4); /* of IPv6 when there is an address to do it from: net/ip/dad.c */
    own_up(dev);
}

static void down(struct netdev *dev)
{
    nexthop_dev_gone(dev_net(dev), dev);
    ifaddr_dev_down(dev);
    slaac_dev_down(dev);
    exception_dev_down(dev);
    neigh_dev_down(dev);
    reasm_dev_down(dev);
}

static void end(struct netdev *dev)
{
    if (!dev->ip)
        return;
    exception_dev_down(dev);
    neigh_dev_down(dev); /* those that were added while it was down */
    tend_dev_end(dev);
    slaac_dev_end(dev);
    ra_dev_end(dev);
    ifaddr_dev_end(dev);
    neigh_proxy_dev_end(dev);
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
    else if (what == DEV_CHANGE_CARRIER)
        tend_soon(dev_net(dev)); /* net/ip/carrier.c */
    else if (what == DEV_CHANGE_MAC)
        other_mac(dev);
    else if (what == DEV_CHANGE_ANNOUNCE)
        dad_announce(dev);
}

NETDEV_WATCH(ip, .begin = begin, .change = change, .end = end);

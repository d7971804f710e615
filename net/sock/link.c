/* Interfaces, as applications see them (contract: link.h). */
#include "net/sock/link.h"

#include "lib/string.h"
#include "net/ip/ip_dev.h"

static void fill(struct link *l, const struct netdev *dev)
{
    static_assert(LINK_NAME == PORT_NAME, "the same names");
    *l = (struct link){.index = dev->port.index,
                       .mtu = dev->mtu,
                       .mac = dev->mac,
                       .up = dev->flags & DEV_UP,
                       .carrier = dev->carrier,
                       .ether = dev->type == DEV_TYPE_ETHER};
    str_copy(l->name, sizeof(l->name), dev->port.name);
}

bool link_find(struct net *net, const char *name, struct link *l)
{
    struct netdev *dev = netdev_hold(net, name);
    if (!dev)
        return false;
    fill(l, dev);
    netdev_put(dev);
    return true;
}

bool link_next(struct net *net, u32 *index, struct link *l)
{
    struct netdev *dev = NULL;
    while ((dev = netdev_walk(net, dev)))
        if (dev->port.index > *index) {
            fill(l, dev);
            *index = l->index;
            netdev_put(dev);
            return true;
        }
    return false;
}

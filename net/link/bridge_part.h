/* Internal to net/link. A bridge and its ports: what the packet path (bridge.c) and those who change them share. */
#ifndef NET_LINK_BRIDGE_PART_H
#define NET_LINK_BRIDGE_PART_H

#include "net/link/bridge.h"
#include "net/link/fdb.h"

struct bridge;

struct bridge_port {
    struct netdev *dev; /* NULL: no port, but a way (below) */
    struct bridge *br;
    u32 flags; /* BRIDGE_LEARNING ... */
    u32 number;
};

/* Where a frame goes, if not to one port. A frame that is flooded leaves by ports that have the way's flag. */
enum bridge_way { WAY_HERE, WAY_UNKNOWN, WAY_GROUP, WAY_ALL, WAY_LINK, WAY_SOURCE, WAYS };

struct bridge {
    struct netdev *dev;
    struct bridge_port way[WAYS];
    struct fdb fdb;
    u32 ports_end; /* behind the last port that there is */
    struct bridge_port *port[BRIDGE_PORTS];
    bool follows;          /* it is up, and its carrier is that of its ports */
    bool own_mac, own_mtu; /* it was given them */
};

static inline struct bridge *bridge_of(const struct netdev *dev)
{
    return dev->priv;
}

static inline bool bridge_port_can(const struct bridge_port *p)
{
    return (load_relaxed(&p->dev->flags) & DEV_UP) && load_relaxed(&p->dev->carrier) &&
           !(load_relaxed(&p->flags) & BRIDGE_OFF);
}

static inline bool bridge_port_forwards(const struct bridge_port *p)
{
    return bridge_port_can(p) && (load_relaxed(&p->br->dev->flags) & DEV_UP);
}

void bridge_rx(struct netdev *dev, struct skbq *q); /* the handler of ports */
void bridge_tx(struct netdev *dev, struct skbq *q);

#endif

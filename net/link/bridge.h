/* Bridges: devices whose ports are others, joined as by a switch. Linux: net/bridge.
 *
 *     ip link add br0 type bridge; ip link set eth0 master br0; ip link set eth1 master br0; ip link set br0 up
 *
 *     eth0 -> GRO -> dev_rx -> bridge_rx --+--> the port of its station: dev_tx(eth1)
 *                                          +--> nobody knows, a group, everybody: dev_tx(all ports but that one)
 *                                          +--> here (its own address, a group, everybody): dev_rx(br0)
 *     this machine: dev_tx(br0) -> bridge_tx -> the same, from no port
 *
 * Nothing of a packet is changed: tags of VLANs stay where they are, and what is large stays large until a port must
 * cut it. A bridge has the lowest address of its ports and the least MTU of theirs, until it is given its own. It has a
 * link while a port can forward: one that is up, has a link and was not disabled.
 *
 * There is no spanning tree, so a port forwards at once, and frames to 01:80:c2:00:00:0x never pass: they are of the
 * link that they came by (IEEE 802.1D 7.12.6), for the port's own protocols. There are no VLANs within a bridge: who
 * wants them makes a bridge of VLANs, one for each. Groups are not followed (mcast_snooping 0): frames to them go to
 * all ports.
 */
#ifndef NET_LINK_BRIDGE_H
#define NET_LINK_BRIDGE_H

#include "net/dev/netdev.h"
#include "net/link/fdb.h"

#define BRIDGE_PORTS 255u

/* What is set of a port, by Linux's words. */
#define BRIDGE_HAIRPIN     0x01u /* frames may leave by the port that they came by */
#define BRIDGE_LEARNING    0x02u
#define BRIDGE_FLOOD       0x04u /* those to stations that nobody knows leave by it, */
#define BRIDGE_MCAST_FLOOD 0x08u /* those to groups, */
#define BRIDGE_BCAST_FLOOD 0x10u /* those to everybody */
#define BRIDGE_ISOLATED    0x20u /* nothing passes between two such ports */
#define BRIDGE_OFF         0x40u /* state disabled */
#define BRIDGE_USUAL       (BRIDGE_LEARNING | BRIDGE_FLOOD | BRIDGE_MCAST_FLOOD | BRIDGE_BCAST_FLOOD)

/* Tasks, under conf_lock, all. */
struct netdev *bridge_new(void); /* not added yet; NULL: no memory */
void bridge_del(struct netdev *dev);
bool bridge_is(const struct netdev *dev);
struct fdb *bridge_fdb(const struct netdev *br);

/* -ELOOP: it is a bridge; -EINVAL: no Ethernet; -EBUSY: it has a handler or VLANs, or stands upon br; -EMLINK; -ENOSPC:
 * there are BRIDGE_PORTS; -ENOMEM */
int bridge_take(struct netdev *br, struct netdev *dev, const char **why);
void bridge_let_go(struct netdev *dev);

struct bridge_seen { /* a port, as it is now */
    struct netdev *br, *dev;
    u32 flags, number;
    bool forwards;
};
bool bridge_see(const struct netdev *dev, struct bridge_seen *p); /* false: it is no port of a bridge */
void bridge_port_set(struct netdev *dev, u32 mask, u32 flags);    /* of a port */
struct bridge_port *bridge_port_of(const struct netdev *dev);     /* for the table of stations; NULL likewise */
struct netdev *bridge_port_dev(const struct bridge_port *p);
void bridge_forget(struct netdev *br); /* all that was learnt */

/* ---- what net/link/bridge.c, the packet path, and net/link/bridge_port.c share; nobody else's ---- */

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

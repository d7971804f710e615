/* A bridge as a device, and its ports (contract: bridge.h): how they come and go, and what it takes over from them.
 *
 * Ports stand in an array that readers walk: a place is filled by one store and emptied by one. Who lets a port go
 * waits until nobody is in its handler, takes out what the table says of it, waits again, and frees it.
 */
#include "net/link/bridge.h"

#include "lib/conf.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "net/dev/master.h"
#include "net/dev/updown.h"
#include "net/wire/eth.h"

bool bridge_is(const struct netdev *dev)
{
    return dev->ops->tx == bridge_tx;
}

struct fdb *bridge_fdb(const struct netdev *br)
{
    return &bridge_of(br)->fdb;
}

struct bridge_port *bridge_port_of(const struct netdev *dev)
{
    return load_acquire(&dev->handler) == bridge_rx ? dev->handler_data : NULL;
}

struct netdev *bridge_port_dev(const struct bridge_port *p)
{
    return p->dev;
}

static struct bridge_port *next_port(const struct bridge *br, u32 *at)
{
    struct bridge_port *p = NULL;
    while (!p && *at < load_acquire(&br->ports_end))
        p = load_acquire(&br->port[(*at)++]);
    return p;
}
#define EACH_PORT(br, p) \
    u32 at_##p = 0;      \
    for (struct bridge_port * p; (p = next_port(br, &at_##p));)

/* ---- as its ports are ---- */

static bool any_can(const struct bridge *br)
{
    bool any = false;
    EACH_PORT(br, p)
    any |= bridge_port_can(p);
    return any;
}

static void follow_carrier(struct bridge *br)
{
    bool on;
    if (!load_acquire(&br->follows))
        return;
    do { /* a driver may tell of another port just now */
        on = any_can(br);
        netdev_carrier(br->dev, on);
    } while (on != any_can(br));
}

static void take_mac(struct bridge *br)
{
    const struct macaddr *least = NULL;
    if (br->own_mac)
        return;
    EACH_PORT(br, p)
    if (!least || memcmp(&p->dev->mac, least, sizeof(*least)) < 0)
        least = &p->dev->mac;
    if (!least || mac_eq(least, &br->dev->mac))
        return;
    br->dev->mac = br->dev->perm_mac = *least;
    netdev_tell(br->dev, DEV_CHANGE_MAC);
}

static void take_mtu(struct bridge *br)
{
    u32 least = 0;
    if (br->own_mtu)
        return;
    EACH_PORT(br, p)
    least = least ? min(least, p->dev->mtu) : p->dev->mtu;
    least = max(least ? least : ETH_MTU, br->dev->mtu_least);
    if (least == br->dev->mtu)
        return;
    br->dev->mtu = br->dev->first.mtu = least; /* not configured: it is not dumped */
    netdev_tell(br->dev, DEV_CHANGE_MTU);
}

/* ---- its own addresses, and its ports': in the table, as this machine's ---- */

static bool is_ours(const struct bridge *br, const struct macaddr *m)
{
    bool ours = mac_eq(m, &br->dev->mac);
    EACH_PORT(br, p)
    ours |= mac_eq(m, &p->dev->mac);
    return ours;
}

static bool is_no_more_ours(const struct fdb_entry *e, const void *br)
{
    return e->kind == FDB_LOCAL && !(e->flags & FDB_USER) && !is_ours(br, &e->mac);
}

static void enter_one(struct bridge *br, const struct macaddr *m, struct bridge_port *port)
{
    rcu_enter();
    const struct fdb_entry *e = fdb_find(&br->fdb, m);
    bool there = e && e->kind == FDB_LOCAL;
    rcu_exit();
    if (!there && fdb_set(&br->fdb, m, port, FDB_LOCAL, 0, FDB_REPLACE))
        log_write(LOG_WARN, "%s: no memory for its own address: its frames go to all ports", br->dev->port.name);
}

static void enter_ours(struct bridge *br)
{
    fdb_flush(&br->fdb, is_no_more_ours, br);
    EACH_PORT(br, p)
    enter_one(br, &p->dev->mac, p);
    enter_one(br, &br->dev->mac, NULL);
}

static void follow_ports(struct bridge *br)
{
    take_mac(br);
    take_mtu(br);
    enter_ours(br);
    follow_carrier(br);
}

/* ---- ports ---- */

static int may_take(const struct netdev *br, const struct netdev *dev)
{
    if (bridge_is(dev))
        return -ELOOP;
    if (dev->type != DEV_TYPE_ETHER)
        return -EINVAL;
    return dev->handler || dev->vlans ? -EBUSY : 0;
}

static u32 free_place(const struct bridge *br)
{
    u32 at = 0;
    while (at < BRIDGE_PORTS && br->port[at])
        at++;
    return at;
}

int bridge_take(struct netdev *br_dev, struct netdev *dev, const char **why)
{
    struct bridge *br = bridge_of(br_dev);
    u32 place = free_place(br);
    int err = may_take(br_dev, dev);
    if (!err && place == BRIDGE_PORTS)
        err = -ENOSPC;
    struct bridge_port *p = err ? NULL : mem_alloc(sizeof(*p));
    if (!p)
        return err ? err : -ENOMEM;
    *p = (struct bridge_port){.dev = dev, .br = br, .flags = BRIDGE_USUAL, .number = place + 1};
    err = master_set(dev, br_dev);
    if (!err) {
        err = dev_set_handler(dev, bridge_rx, p);
        if (err)
            master_clear(dev);
    }
    if (err) {
        mem_free(p);
        return err;
    }
    netdev_get(dev);
    store_release(&br->port[place], p);
    store_release(&br->ports_end, max(br->ports_end, place + 1));
    dev_promisc(dev, 1);
    follow_ports(br);
    return 0;
}

static bool is_of(const struct fdb_entry *e, const void *port)
{
    return load_relaxed(&e->port) == port;
}

static bool is_learnt_of(const struct fdb_entry *e, const void *port)
{
    return e->kind == FDB_LEARNT && is_of(e, port);
}

void bridge_let_go(struct netdev *dev)
{
    struct bridge_port *p = bridge_port_of(dev);
    struct bridge *br = p->br;

    dev_promisc(dev, -1);
    store_release(&br->port[p->number - 1], NULL);
    dev_set_handler(dev, NULL, NULL); /* nobody learns from it any more */
    fdb_flush(&br->fdb, is_of, p);
    rcu_barrier();
    mem_free(p);
    master_clear(dev);
    follow_ports(br);
    netdev_put(dev);
}

bool bridge_see(const struct netdev *dev, struct bridge_seen *seen)
{
    const struct bridge_port *p = bridge_port_of(dev);
    conf_assert();
    if (p)
        *seen = (struct bridge_seen){p->br->dev, p->dev, p->flags, p->number, bridge_port_forwards(p)};
    return p;
}

void bridge_port_set(struct netdev *dev, u32 mask, u32 flags)
{
    struct bridge_port *p = bridge_port_of(dev);
    conf_assert();
    store_relaxed(&p->flags, (p->flags & ~mask) | (flags & mask));
    if (p->flags & BRIDGE_OFF)
        fdb_flush(&p->br->fdb, is_learnt_of, p);
    follow_carrier(p->br);
}

static bool is_learnt(const struct fdb_entry *e, const void *unused)
{
    return e->kind == FDB_LEARNT;
}

void bridge_forget(struct netdev *br)
{
    fdb_flush(bridge_fdb(br), is_learnt, NULL);
}

/* ---- who changes ---- */

static void port_changed(struct bridge_port *p, enum dev_change what)
{
    switch (what) {
    case DEV_CHANGE_UP:
    case DEV_CHANGE_DOWN:
    case DEV_CHANGE_CARRIER:
        if (!bridge_port_can(p))
            fdb_flush(&p->br->fdb, is_learnt_of, p);
        follow_carrier(p->br);
        break;
    case DEV_CHANGE_MTU: take_mtu(p->br); break;
    case DEV_CHANGE_MAC:
        take_mac(p->br);
        enter_ours(p->br);
        break;
    default: break;
    }
}

static void changed(struct netdev *dev, enum dev_change what)
{
    if (bridge_is(dev) && what == DEV_CHANGE_MAC)
        enter_ours(bridge_of(dev));
    if (what == DEV_CHANGE_CARRIER) /* told in softirqs too: the port may go meanwhile */
        rcu_enter();
    struct bridge_port *p = bridge_port_of(dev);
    if (p)
        port_changed(p, what);
    if (what == DEV_CHANGE_CARRIER)
        rcu_exit();
}

static void ends(struct netdev *dev)
{
    if (bridge_port_of(dev))
        bridge_let_go(dev);
}

NETDEV_WATCH(bridge, .change = changed, .end = ends);

/* ---- the device ---- */

static int bridge_open(struct netdev *dev)
{
    store_release(&bridge_of(dev)->follows, true);
    follow_carrier(bridge_of(dev));
    return 0;
}

static void bridge_stop(struct netdev *dev)
{
    store_release(&bridge_of(dev)->follows, false);
    netdev_carrier(dev, false);
}

static int bridge_set_mac(struct netdev *dev, const struct macaddr *m)
{
    bridge_of(dev)->own_mac = true;
    dev->perm_mac = (struct macaddr){{0}}; /* it was configured, whatever it is: it is dumped */
    return 0;
}

static int bridge_set_mtu(struct netdev *dev, u32 mtu)
{
    bridge_of(dev)->own_mtu = true;
    dev->first.mtu = 0; /* likewise */
    return 0;
}

static void bridge_counters(struct netdev *dev, dev_tell *tell, void *arg)
{
    const struct fdb *f = bridge_fdb(dev);
    tell(arg, "fdb_learnt", load_relaxed(&f->learnt));
    tell(arg, "fdb_moves", load_relaxed(&f->counts.moves));
    tell(arg, "fdb_full", load_relaxed(&f->counts.full));
    tell(arg, "rx_own_address", load_relaxed(&f->counts.own));
}

static void bridge_free(struct netdev *dev)
{
    fdb_exit(bridge_fdb(dev));
}

static const struct netdev_ops bridge_ops = {.driver = "bridge",
                                             .open = bridge_open,
                                             .stop = bridge_stop,
                                             .tx = bridge_tx,
                                             .set_mac = bridge_set_mac,
                                             .set_mtu = bridge_set_mtu,
                                             .counters = bridge_counters,
                                             .free = bridge_free};

struct netdev *bridge_new(void)
{
    static const u32 flag[WAYS] = {
        [WAY_UNKNOWN] = BRIDGE_FLOOD, [WAY_GROUP] = BRIDGE_MCAST_FLOOD, [WAY_ALL] = BRIDGE_BCAST_FLOOD};
    struct netdev *dev = netdev_new(&bridge_ops, sizeof(struct bridge), 0, 0);
    if (!dev)
        return NULL;
    struct bridge *br = bridge_of(dev);
    br->dev = dev;
    for (u32 i = 0; i < WAYS; i++)
        br->way[i] = (struct bridge_port){.br = br, .flags = flag[i]};
    if (fdb_init(&br->fdb)) {
        netdev_free(dev);
        return NULL;
    }
    netdev_choose_mac(dev);
    dev->mtu_most = 65535;
    dev->level = 1;
    dev->features = dev->fixed = DEV_F_TX_CSUM | DEV_F_SG | DEV_F_TSO4 | DEV_F_TSO6 | DEV_F_ECN | DEV_F_USO |
                                 DEV_F_GSO | DEV_F_VLAN_TX; /* a port does the same itself where its device cannot */
    str_copy(dev->qdisc, sizeof(dev->qdisc), "noqueue");
    enter_ours(br);
    return dev;
}

void bridge_del(struct netdev *dev)
{
    EACH_PORT(bridge_of(dev), p)
    bridge_let_go(p->dev);
    dev_down(dev);
    netdev_get(dev);
    netdev_del(dev);
    fdb_exit(bridge_fdb(dev)); /* here: who has the last reference may not wait for a timer */
    netdev_put(dev);
}

/* A network device: what drivers give, what the stack knows of it, and the table of them all.
 *
 *     probe:   struct netdev *dev = netdev_new(&my_ops, sizeof(struct mine), rx queues, tx queues);
 *              dev->mac, mtu_most, hw_features ... ; err = netdev_add(dev, "eth%u");       visible, down
 *     remove:  netdev_del(dev);                                                            down, gone, freed
 *
 *     user:    dev_up(dev) -> ops->open        dev_down(dev) -> ops->stop                  net/dev/updown.h
 *
 * Configuration is changed by tasks under conf_lock. Readers on the packet path take fields as they are: each change is
 * one store. A device pointer is good within a softirq round; netdev_get and netdev_put for longer: the last put frees.
 */
#ifndef NET_DEV_NETDEV_H
#define NET_DEV_NETDEV_H

#include "lib/ipaddr.h"
#include "lib/list.h"
#include "lib/net.h"
#include "lib/plat.h"
#include "lib/set.h"
#include "net/dev/flags.h"
#include "net/dev/watch.h"
#include "net/skb/drop.h"
#include "net/wire/eth.h"

struct ip_dev;
struct link_type;
struct napi;
struct netdev;
struct dev_rss;
struct rps;
struct txq;
struct vlans;
struct xps;

struct dev_pause { /* flow control of Ethernet (IEEE 802.3 31B): agreed on with the peer, or as it is said */
    bool autoneg, rx, tx;
};

typedef void dev_tell(void *arg, const char *name, u64 value);

struct netdev_ops {
    const char *driver;
    int (*open)(struct netdev *dev);  /* (required) 0: packets flow in and out from here on; task */
    void (*stop)(struct netdev *dev); /* (required) when it returns none does, and none is held; task */
    /* (optional) A device without rings or queues (netdev_new: none) takes the whole burst, as it is, at once, and has
     * no xmit nor reap. Softirq; consumes q. */
    void (*tx)(struct netdev *dev, struct skbq *q);
    /* (required) Takes from the front of q what the ring has room for, tells the device once, and returns how many,
     * with their bytes; q itself stays as it is. Under the queue's lock, softirqs off. What is handed over is fit for
     * the device: dev_tx has seen to checksums and sizes. */
    u32 (*xmit)(struct netdev *dev, unsigned queue, struct skbq *q, u32 *bytes);
    /* (required) Frees what the device is done with: how many, with their bytes. Likewise under the queue's lock. */
    u32 (*reap)(struct netdev *dev, unsigned queue, u32 *bytes);
    /* (optional) Somebody waits for room: the device's interrupt for it is wanted, until reap finds something. NULL:
     * xmit has sent what it took when it returns. Likewise. */
    void (*tx_wait)(struct netdev *dev, unsigned queue);
    void (*rx_mode)(struct netdev *dev); /* (optional) flags or the lists of addresses changed; task */
    void (*set_vlan)(struct netdev *dev, u16 id, bool on); /* (with DEV_F_VLAN_FILTER) dev->vids changed, up; task */
    int (*set_mac)(struct netdev *dev, const struct macaddr *m); /* (optional) NULL: it cannot be changed; task */
    int (*set_mtu)(struct netdev *dev, u32 mtu);                 /* (optional) NULL: nothing to be done; task */
    int (*set_features)(struct netdev *dev, u32 features);       /* (optional) task */
    /* (optional, both or none) Pause frames: as they are now; how they shall be. Task. */
    void (*pause)(struct netdev *dev, struct dev_pause *now);
    int (*set_pause)(struct netdev *dev, const struct dev_pause *p);
    int (*set_rss)(struct netdev *dev, const struct dev_rss *r); /* (with dev->rss) it shall be so, up; task */
    void (*tx_timeout)(struct netdev *dev, unsigned queue); /* (optional) the ring has not moved for 5 s; softirq */
    void (*announced)(struct netdev *dev);                  /* (optional) as the host wished; task */
    void (*stats)(struct netdev *dev);                      /* (optional) fetches what the hardware counts; task */
    /* (optional) What the driver counts besides, each by a name that stays; task, under conf_lock. */
    void (*counters)(struct netdev *dev, dev_tell *tell, void *arg);
    /* (optional) So many queues each way from the next open on, as many as there are at most; task, not open. */
    void (*set_queues)(struct netdev *dev, u16 n);
    void (*free)(struct netdev *dev); /* (optional) before the memory goes */
};

struct dev_stats { /* one CPU's */
    u64 rx_packets, rx_bytes, multicast;
    u64 tx_packets, tx_bytes;
} CACHE_ALIGNED;

struct hw_stats { /* what the hardware counts, or the driver instead of it; not per CPU */
    u64 rx_errors, rx_missed, rx_crc, rx_length, rx_fifo, rx_frame;
    u64 tx_errors, tx_aborted, tx_carrier, tx_fifo, collisions, interrupts;
};

struct txq_kept {                 /* of a transmit queue, while the device is down too */
    u64 packets, bytes, timeouts; /* under the queue's lock */
    u64 hold;                     /* of its byte limit (net/dev/dql.h), as it was set; 0: it was not */
    u32 least, most;              /* likewise */
} CACHE_ALIGNED;

/* As it was when it was added: what differs from this was configured, and is dumped. */
struct dev_first {
    char name[PORT_NAME];
    u32 mtu, wanted, tx_queue_len, rx_ring, tx_ring, rx_usecs;
    u16 queues;
    bool adaptive_rx;
};

#define DEV_ALIAS 256

/* Devices that stand upon each other: each is a call more on the way in, and the stack there has an end. */
#define DEV_LEVELS 4

#define DEV_MACS 64 /* in each list of further addresses */

struct dev_mac {
    struct list link;
    struct macaddr mac;
    u32 users;
};

/* Who takes packets before the protocols do: a bridge's port, a VLAN, two devices joined. Consumes q. */
typedef void rx_handler(struct netdev *dev, struct skbq *q);

struct netdev {
    struct skb_port port; /* net, index, name, drops: what skb->dev points at */
    const struct netdev_ops *ops;
    void *priv;
    struct list link; /* in the net's table */
    u32 refs;
    bool gone; /* out of the table */
    enum dev_type type;

    /* ---- conf_lock to write ---- */
    u32 flags;
    u32 features, hw_features, fixed; /* on now; could be changed; of those on, which could not */
    u32 wanted;                       /* asked for: what of it depends on something that is off is on again with that */
    u32 mtu, mtu_least, mtu_most;
    u32 tx_queue_len;
    u32 rx_ring, tx_ring, ring_least, ring_most; /* descriptors, from the next open on; 0: there is nothing to choose */
    struct macaddr mac, perm_mac;
    u32 promisc, allmulti;            /* how many want it */
    bool asks_promisc, asks_allmulti; /* is the administrator one of them */
    char alias[DEV_ALIAS];
    struct list multicast; /* struct dev_mac */
    u32 multicast_n;
    u32 *vids; /* with DEV_F_VLAN_FILTER: a bit for each VLAN (802.1Q) that is wanted; NULL: none was yet */
    u32 vids_n;
    rx_handler *handler;
    void *handler_data;
    bool joined;       /* its handler sends frames on as they came: nobody will ask for their checksums */
    rx_handler *steer; /* who chooses the CPU before dev_rx: net/dev/rps.h; NULL: it is handled where it came */
    struct rps *rps;
    rx_handler *spread; /* who chooses the queue that a packet leaves by: net/dev/xps.h; NULL: its flow alone */
    struct xps *xps;
    u16 rxqs, txqs; /* in use */
    u16 rxqs_most, txqs_most;
    const struct link_type *kind; /* what `ip link add` made it: net/dev/link_type.h; NULL: a driver's, or lo */
    u32 iflink;                   /* index of the device that it stands upon, or is one with (Linux: iflink); 0: none */
    u8 level;                     /* how many devices there are between it and the ground: at most DEV_LEVELS */
    struct netdev *master;        /* the one that it is a port of: net/dev/master.h; NULL: nobody's */
    bool no_carrier;              /* whether it has a link nobody can know: shown as UNKNOWN */
    struct vlans *vlans;          /* that stand upon it: net/link/vlan.h; NULL: none */
    u64 gro_flush_timeout;        /* ns */
    u32 defer_hard_irqs;
    bool adaptive_rx;
    bool threaded; /* polled by tasks: net/dev/napi_thread.h */
    u32 rx_usecs;  /* between interrupts, or polls in their place, while not adaptive */
    char qdisc[PORT_NAME];
    struct dev_rss *rss;    /* net/dev/rss.h: how the device spreads flows; the driver's; NULL: it does not */
    bool been_up;           /* until then it has no queueing discipline, says Linux: "noop" */
    struct dev_pause pause; /* as asked for, */
    bool pause_asked;       /* if that was done */
    struct dev_first first;

    /* ---- what net/dev/keeper.h is asked for ---- */
    const char *broken; /* why it must begin anew; NULL: it need not */
    bool announce;
    u32 resets;

    struct ip_dev *ip; /* net/ip's */
    u32 tending;       /* its packets that wait for a task of net/ip */
    const char *bus;   /* where it is: "0000:00:03.0"; NULL: nowhere */
    u32 taps;          /* who look on: net/dev/tap.h; 0: the packet path need not ask further */

    bool carrier;
    u32 carrier_changes, speed; /* Mbit/s, both ways at once; 0: nobody knows */
    struct napi *napis;         /* by next_of_dev */
    struct txq *txq;            /* txqs_most */
    struct txq_kept *tx_kept;   /* likewise */
    struct hw_stats hw;
    struct dev_stats *stats[CPU_MAX];
};

static inline struct netdev *netdev_of(const struct skb *s)
{
    return container_of(s->dev, struct netdev, port);
}

static inline struct net *dev_net(const struct netdev *dev)
{
    return dev->port.net;
}

struct netdev *netdev_new(const struct netdev_ops *ops, size_t priv, u16 rxqs, u16 txqs); /* NULL: no memory */
#define DEV_FRAME_MORE \
    (ETH_HLEN + 2 * VLAN_HLEN) /* what the MTU does not count: 802.1ad, and a customer's tag within */

/* The longest frame that a driver hands up, but for those that a device merged. An MTU below the usual one bounds what
 * we send and not what others may. */
static inline u32 dev_rx_longest(const struct netdev *dev)
{
    return max(load_relaxed(&dev->mtu), ETH_MTU) + DEV_FRAME_MORE;
}

/* Both under conf_lock, as drivers are called (drivers/driver.c). */
int netdev_add(struct net *net, struct netdev *dev, const char *name); /* "eth%u": the first free number. -EEXIST */
void netdev_del(struct netdev *dev);  /* down already (dev_down): out of the table; freed with the last reference */
void netdev_free(struct netdev *dev); /* one that was never added */

struct netdev *netdev_find(struct net *net, const char *name); /* within a softirq round, or under conf_lock */
struct netdev *netdev_at(struct net *net, u32 index);
struct netdev *netdev_next(struct net *net, const struct netdev *last); /* by index; NULL: the first; under conf_lock */
/* The same for who may wait while he looks at one, and so does not hold conf_lock: the one returned is held, `last` is
 * let go. Who ends early lets go the one that he has. net NULL: who looks at files without a stack sees none. Task. */
struct netdev *netdev_walk(struct net *net, struct netdev *last);
struct netdev *netdev_hold(struct net *net, const char *name); /* NULL, or held: netdev_put. Task. */
static inline void netdev_get(struct netdev *dev)
{
    atomic_add_relaxed(&dev->refs, 1);
}
void netdev_put(struct netdev *dev);

static inline bool netdev_wants_vlan(const struct netdev *dev, u32 id)
{
    return dev->vids && (dev->vids[id / 32] >> id % 32 & 1);
}

void netdev_choose_mac(struct netdev *dev); /* a station's address by lot, administered locally */

/* The driver's word: the link came or went. Any context but an interrupt's. */
void netdev_carrier(struct netdev *dev, bool on);

/* So many more, or fewer, look on at dev; NULL: at all, and those to come. Under conf_lock; net/dev/tap.h alone. */
void netdev_tapped(struct net *net, struct netdev *dev, int taps);

struct dev_total {
    struct dev_stats s;
    u64 rx_dropped, tx_dropped;
};
void netdev_total(struct netdev *dev,
                  struct dev_total *t); /* all CPUs' together; drops by the way in and the way out */

void netdev_fetch(struct netdev *dev); /* what the hardware has counted is in dev->hw afterwards; task */

#endif

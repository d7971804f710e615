/* VLANs (contract: vlan.h): which device has which tag, the way in and out, and how a VLAN follows the one below.
 *
 *     lower->vlans -> part[protocol][id / 512] -> [id % 512] -> the VLAN
 *
 * The table is changed under conf_lock, entry by entry, and read in softirqs; it goes with the last VLAN, when nobody
 * reads it any more. A burst is cut into runs of the same VLAN, which keeps the order of each.
 */
#include "net/link/vlan.h"

#include "lib/conf.h"
#include "lib/errno.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "net/dev/rx.h"
#include "net/dev/tap.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/skb/probe.h"
#include "net/skb/vlan.h"
#include "net/wire/eth.h"

#define PART   512u
#define PARTS  (4096 / PART)
#define PLACES (2 * 4096u)
#define FEATURES \
    (DEV_F_SG | DEV_F_TX_CSUM | DEV_F_TSO4 | DEV_F_TSO6 | DEV_F_ECN | DEV_F_USO | DEV_F_GSO) /* as the one below */

struct vlans {
    u32 n;
    struct netdev **part[2 * PARTS];
};

struct vlan {
    struct netdev *dev, *lower;
    struct vlan_how how;
    bool follows;                 /* it is up, and its carrier is that of the one below */
    bool own_mac;                 /* it was given one */
    bool asked_all, asked_groups; /* of the one below: all frames; those of all groups */
    struct list groups;           /* struct dev_mac: asked for there */
};

static struct vlan *vlan_of(const struct netdev *dev)
{
    return dev->priv;
}

/* ---- the table ---- */

static u32 place_of(u16 proto, u32 id)
{
    return (proto == ETH_QINQ ? 4096u : 0) + id;
}

static struct netdev *at(const struct vlans *t, u32 place)
{
    struct netdev **part = t ? load_acquire(&t->part[place / PART]) : NULL;
    return part ? load_acquire(&part[place % PART]) : NULL;
}

/* The first from there on; NULL: there is none. */
static struct netdev *next(const struct netdev *lower, u32 place)
{
    const struct vlans *t = load_acquire(&lower->vlans);
    struct netdev *dev = NULL;

    while (t && !dev && place < PLACES) {
        dev = at(t, place);
        place = dev || load_relaxed(&t->part[place / PART]) ? place + 1 : (place | (PART - 1)) + 1;
    }
    return dev;
}

static struct netdev *next_of(const struct netdev *lower, const struct netdev *last)
{
    const struct vlan_how *how = last ? &vlan_of(last)->how : NULL;
    return next(lower, how ? place_of(how->proto, how->id) + 1 : 0);
}

/* There is a place for it afterwards. -ENOMEM */
static int make_place(struct netdev *lower, u32 place)
{
    struct vlans *t = lower->vlans ? lower->vlans : mem_zalloc(sizeof(*t));
    if (!t)
        return -ENOMEM;
    if (!t->part[place / PART]) {
        struct netdev **part = mem_zalloc(PART * sizeof(struct netdev *));
        if (!part && !lower->vlans)
            mem_free(t);
        if (!part)
            return -ENOMEM;
        store_release(&t->part[place / PART], part);
    }
    store_release(&lower->vlans, t);
    return 0;
}

/* The table, if there is nothing in it any more: out of reach; the caller waits, and frees it. */
static struct vlans *take_table(struct netdev *lower)
{
    struct vlans *t = lower->vlans;
    if (!t || t->n)
        return NULL;
    store_release(&lower->vlans, NULL);
    return t;
}

static void free_table(struct vlans *t)
{
    for (u32 i = 0; t && i < ARRAY_LEN(t->part); i++)
        mem_free(t->part[i]);
    mem_free(t);
}

/* ---- the way in ---- */

/* Whose it is: a VLAN; dev itself, the tag of no VLAN gone; NULL: it was dropped. */
static struct netdev *owner(struct netdev *dev, struct skb *s)
{
    if (!(s->flags & SKB_VLAN) && !vlan_take(s)) {
        skb_drop(s, DROP_VLAN_SHORT);
        return NULL;
    }
    u32 id = s->vlan_tci & VLAN_VID;
    struct netdev *to = at(load_acquire(&dev->vlans), place_of(s->vlan_type, id));
    enum drop_reason why = to ? to->flags & DEV_UP ? DROP_NOT : DROP_DEV_DOWN : id ? DROP_VLAN_UNKNOWN : DROP_NOT;
    if (unlikely(why)) {
        skb_drop(s, why);
        return NULL;
    }
    s->flags &= (u8)~SKB_VLAN;
    if (!to)
        return dev;
    s->priority = vlan_of(to)->how.ingress[s->vlan_tci >> VLAN_PCP_AT];
    s->dev = &to->port;
    return to;
}

static void hand_on(struct netdev *dev, struct netdev *to, struct skbq *run)
{
    if (!run->n)
        return;
    if (to == dev) {
        dev_rx_untagged(dev, run);
        return;
    }
    if (skbq_probe(run)) {
        probe_note(run->p[0], "vlan", "tag of %s", to->port.name);
        dev_rx(to, run);
        return;
    }
    struct dev_stats *stats = to->stats[cpu_id()];
    u64 bytes = 0;
    for (u32 i = 0; i < run->n; i++)
        bytes += run->p[i]->len - ETH_HLEN; /* as Linux, which has passed the header here */
    stats_add(&stats->rx_packets, run->n);
    stats_add(&stats->rx_bytes, bytes);
    dev_rx(to, run);
}

/* Frames with a tag, among the bytes or beside them. */
static void vlan_rx(struct netdev *dev, struct skbq *q)
{
    struct netdev *last = NULL;
    struct skbq run;

    run.n = 0;
    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = q->p[i];
        struct netdev *to = owner(dev, s);
        if (!to)
            continue;
        if (to != last) {
            hand_on(dev, last, &run);
            run.n = 0;
        }
        last = to;
        skbq_add(&run, s);
    }
    hand_on(dev, last, &run);
    q->n = 0;
}

ETHERTYPE(vlan, ETH_VLAN, vlan_rx, NULL);
ETHERTYPE(qinq, ETH_QINQ, vlan_rx, NULL);

/* ---- the way out ---- */

static u16 tag_for(const struct vlan_how *how, u32 priority)
{
    for (u32 i = 0; i < how->egress_n; i++)
        if (how->egress[i].priority == priority)
            return (u16)(how->id | how->egress[i].tag << VLAN_PCP_AT);
    return how->id;
}

static void vlan_tx(struct netdev *dev, struct skbq *q)
{
    const struct vlan *v = vlan_of(dev);
    struct dev_stats *stats = dev->stats[cpu_id()];
    u64 bytes = 0;
    u32 n = 0;

    if (unlikely(load_acquire(&dev->taps)))
        tap_show_out(dev, q, 0, clock_ns());
    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = q->p[i];
        u32 len = s->len;
        if (unlikely(s->flags & SKB_VLAN) && !vlan_put(s)) { /* one beside the bytes is the outermost */
            skb_drop(s, DROP_HARD_HEADER);
            continue;
        }
        s->flags |= SKB_VLAN;
        s->vlan_type = v->how.proto;
        s->vlan_tci = tag_for(&v->how, s->priority);
        bytes += len;
        q->p[n++] = s;
    }
    q->n = n;
    if (skbq_probe(q)) {
        probe_note(q->p[0], "vlan", "tagged by %s, out by %s", dev->port.name, v->lower->port.name);
    } else {
        stats_add(&stats->tx_packets, n);
        stats_add(&stats->tx_bytes, bytes);
    }
    dev_tx(v->lower, q);
}

/* ---- what it wants of the one below ---- */

static struct dev_mac *find(struct list *l, const struct macaddr *m)
{
    LIST_FOREACH(l, struct dev_mac, link, g)
        if (mac_eq(&g->mac, m))
            return g;
    return NULL;
}

static void ask_group(struct vlan *v, const struct macaddr *m)
{
    struct dev_mac *g = mem_alloc(sizeof(*g));
    if (!g || dev_multicast_add(v->lower, m)) {
        log_write(LOG_WARN, "%s: no memory for a group's address: its frames may not come in", v->dev->port.name);
        mem_free(g);
        return;
    }
    g->mac = *m;
    list_add_tail(&v->groups, &g->link);
}

static void ask_groups(struct vlan *v, bool up)
{
    LIST_FOREACH_SAFE(&v->groups, struct dev_mac, link, g)
        if (!up || !find(&v->dev->multicast, &g->mac)) {
            dev_multicast_del(v->lower, &g->mac);
            list_del(&g->link);
            mem_free(g);
        }
    if (!up)
        return;
    LIST_FOREACH(&v->dev->multicast, struct dev_mac, link, m)
        if (!find(&v->groups, &m->mac))
            ask_group(v, &m->mac);
}

static void ask(struct vlan *v)
{
    const struct netdev *dev = v->dev;
    bool all = v->follows && ((dev->flags & DEV_PROMISC) || !mac_eq(&dev->mac, &v->lower->mac));
    bool groups = v->follows && (dev->flags & DEV_ALLMULTI);

    if (all != v->asked_all)
        dev_promisc(v->lower, all ? 1 : -1);
    if (groups != v->asked_groups)
        dev_allmulti(v->lower, groups ? 1 : -1);
    v->asked_all = all;
    v->asked_groups = groups;
    ask_groups(v, v->follows);
}

static void vlan_rx_mode(struct netdev *dev)
{
    ask(vlan_of(dev));
}

/* ---- up and down, and as the one below ---- */

static void follow_carrier(struct vlan *v)
{
    bool on;
    do { /* the driver may tell of another just now */
        on = load_relaxed(&v->lower->carrier);
        netdev_carrier(v->dev, on);
    } while (on != load_acquire(&v->lower->carrier));
}

static int vlan_open(struct netdev *dev)
{
    struct vlan *v = vlan_of(dev);
    if (!(v->lower->flags & DEV_UP))
        return -ENETDOWN;
    store_release(&v->follows, true);
    follow_carrier(v);
    return 0;
}

static void vlan_stop(struct netdev *dev)
{
    struct vlan *v = vlan_of(dev);
    store_release(&v->follows, false);
    ask(v);
    netdev_carrier(dev, false);
}

static int vlan_set_mtu(struct netdev *dev, u32 mtu)
{
    return mtu > vlan_of(dev)->lower->mtu ? -ERANGE : 0;
}

static int vlan_set_mac(struct netdev *dev, const struct macaddr *m)
{
    vlan_of(dev)->own_mac = true;
    return 0;
}

static void vlan_free(struct netdev *dev)
{
    if (vlan_of(dev)->lower)
        netdev_put(vlan_of(dev)->lower);
}

static const struct netdev_ops vlan_ops = {.driver = "802.1Q VLAN Support",
                                           .open = vlan_open,
                                           .stop = vlan_stop,
                                           .tx = vlan_tx,
                                           .rx_mode = vlan_rx_mode,
                                           .set_mac = vlan_set_mac,
                                           .set_mtu = vlan_set_mtu,
                                           .free = vlan_free};

static void take_mac(struct vlan *v)
{
    if (v->own_mac) {
        ask(v);
        return;
    }
    v->dev->mac = v->dev->perm_mac = v->lower->mac;
    netdev_tell(v->dev, DEV_CHANGE_MAC);
}

static void take_features(struct vlan *v)
{
    u32 features = v->lower->features & FEATURES;
    if (features == v->dev->features)
        return;
    v->dev->fixed = features;
    store_relaxed(&v->dev->features, features);
    netdev_tell(v->dev, DEV_CHANGE_FEATURES);
}

static void come_up(struct netdev *dev)
{
    int err = dev_up(dev);
    if (err)
        log_write(LOG_WARN, "%s: does not come up: %s", dev->port.name, errno_text(err));
}

static void follow(struct vlan *v, enum dev_change what)
{
    switch (what) {
    case DEV_CHANGE_UP: come_up(v->dev); break;
    case DEV_CHANGE_DOWN: dev_down(v->dev); break;
    case DEV_CHANGE_CARRIER:
        if (load_acquire(&v->follows))
            follow_carrier(v);
        break;
    case DEV_CHANGE_MTU:
        if (v->dev->mtu > v->lower->mtu)
            dev_set_mtu(v->dev, v->lower->mtu);
        break;
    case DEV_CHANGE_MAC: take_mac(v); break;
    case DEV_CHANGE_FEATURES: take_features(v); break;
    case DEV_CHANGE_ANNOUNCE: netdev_tell(v->dev, what); break; /* its addresses moved along */
    }
}

static void changed(struct netdev *dev, enum dev_change what)
{
    if (vlan_is(dev) && what == DEV_CHANGE_MAC)
        ask(vlan_of(dev)); /* its own */
    for (struct netdev *v = NULL; (v = next_of(dev, v));)
        follow(vlan_of(v), what);
}

/* ---- coming and going ---- */

bool vlan_is(const struct netdev *dev)
{
    return dev->ops == &vlan_ops;
}

struct netdev *vlan_lower(const struct netdev *dev)
{
    return vlan_of(dev)->lower;
}

const struct vlan_how *vlan_how(const struct netdev *dev)
{
    return &vlan_of(dev)->how;
}

static int may_be(const struct netdev *lower, const struct vlan_how *how, const char **why)
{
    if (lower->type != DEV_TYPE_ETHER) {
        *why = "8021q: VLANs not supported on device";
        return -EOPNOTSUPP;
    }
    if (at(lower->vlans, place_of(how->proto, how->id))) {
        *why = "8021q: VLAN device already exists";
        return -EEXIST;
    }
    if (lower->handler)
        return -EBUSY;
    return lower->level >= DEV_LEVELS ? -EMLINK : 0;
}

static struct netdev *make(struct netdev *lower, const struct vlan_how *how, const struct link_type *kind)
{
    struct netdev *dev = netdev_new(&vlan_ops, sizeof(struct vlan), 0, 0);
    if (!dev)
        return NULL;
    struct vlan *v = vlan_of(dev);
    v->dev = dev;
    v->lower = lower;
    netdev_get(lower);
    v->how = *how;
    list_init(&v->groups);
    dev->kind = kind;
    dev->iflink = lower->port.index;
    dev->level = (u8)(lower->level + 1);
    dev->mac = lower->mac;
    dev->mtu = lower->mtu;
    dev->mtu_least = 0;
    dev->mtu_most = 65535;
    dev->features = dev->fixed = lower->features & FEATURES;
    str_copy(dev->qdisc, sizeof(dev->qdisc), "noqueue");
    return dev;
}

/* Whether a card that sifts tags lets this one in; those of 802.1ad it does not know, and lets in. */
static int filter(struct netdev *dev, bool in)
{
    const struct vlan *v = vlan_of(dev);
    if (v->how.proto != ETH_VLAN)
        return 0;
    if (in)
        return dev_vlan_add(v->lower, v->how.id);
    dev_vlan_del(v->lower, v->how.id);
    return 0;
}

int vlan_add(struct netdev *lower, const char *name, const struct vlan_how *how, const struct link_type *kind,
             struct netdev **made, const char **why)
{
    u32 place = place_of(how->proto, how->id);
    int err = may_be(lower, how, why);
    if (err)
        return err;
    struct netdev *dev = make(lower, how, kind);
    if (!dev)
        return -ENOMEM;
    err = make_place(lower, place);
    if (!err)
        err = filter(dev, true);
    if (!err)
        err = netdev_add(dev_net(lower), dev, name);
    if (err) {
        filter(dev, false);
        struct vlans *t = take_table(lower);
        rcu_barrier();
        free_table(t);
        netdev_free(dev);
        return err;
    }
    lower->vlans->n++;
    store_release(&lower->vlans->part[place / PART][place % PART], dev);
    *made = dev;
    return 0;
}

void vlan_del(struct netdev *dev)
{
    struct vlan *v = vlan_of(dev);
    struct netdev *lower = v->lower;
    struct vlans *t = lower->vlans;
    u32 place = place_of(v->how.proto, v->how.id);

    dev_down(dev);
    store_release(&t->part[place / PART][place % PART], NULL);
    filter(dev, false);
    t->n--;
    t = take_table(lower);
    netdev_del(dev); /* which waits until nobody reads the table as it was */
    free_table(t);
}

/* The one below goes. */
static void lower_ends(struct netdev *lower)
{
    for (struct netdev *dev; (dev = next(lower, 0));)
        vlan_del(dev);
}

NETDEV_WATCH(vlan, .change = changed, .end = lower_ends);

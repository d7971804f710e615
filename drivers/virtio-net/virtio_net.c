/* virtio-net (virtio 1.2, 5.1), over PCI and mmio: probe, up and down, what it can.
 *
 *     probe  looks at the device once (address, MTU, what it can) and resets it again
 *     open   reset, features, queues, buffers, DRIVER_OK, pairs; stop  the reverse, ending in a reset
 *
 * Features that depend on others are asked for only with them (5.1.3.1), and frames merged by the host only where a
 * frame may lie in several buffers: one of 64 KiB is never wanted for each frame.
 */
#include "drivers/virtio-net/virtio_net.h"

#include "lib/fmt.h"
#include "lib/string.h"
#include "net/dev/keeper.h"
#include "net/dev/updown.h"
#include "net/wire/eth.h"

#define RING_USUAL 256u
#define RING_MOST  1024u
#define RING_LEAST 64u
#define WANTED                                                                                                   \
    (VIRTIO_RING_FEATURES | NET_F_CSUM | NET_F_GUEST_CSUM | NET_F_MTU | NET_F_MAC | NET_F_GUEST_TSO4 |           \
     NET_F_GUEST_TSO6 | NET_F_GUEST_ECN | NET_F_HOST_TSO4 | NET_F_HOST_TSO6 | NET_F_HOST_ECN | NET_F_MRG_RXBUF | \
     NET_F_STATUS | NET_F_CTRL_VQ | NET_F_CTRL_RX | NET_F_CTRL_VLAN | NET_F_GUEST_ANNOUNCE | NET_F_MQ |          \
     NET_F_CTRL_MAC_ADDR | NET_F_RSS)

static struct vnet *vnet_of(const struct netdev *dev)
{
    return dev->priv;
}

/* ---- what the device says of itself ---- */

static bool has(const struct vnet *vn, u64 feature)
{
    return (vn->v.features & feature) != 0;
}

/* What it offers, less what hangs on something that it does not. */
static u64 wanted(u64 wish, u64 offered)
{
    u64 merged = NET_F_GUEST_TSO4 | NET_F_GUEST_TSO6 | NET_F_GUEST_ECN;
    u64 f = wish & offered;
    if (!(f & NET_F_MRG_RXBUF) || !(f & NET_F_GUEST_CSUM))
        f &= ~merged;
    if (!(f & (NET_F_GUEST_TSO4 | NET_F_GUEST_TSO6)))
        f &= ~NET_F_GUEST_ECN;
    if (!(f & NET_F_CSUM))
        f &= ~(NET_F_HOST_TSO4 | NET_F_HOST_TSO6 | NET_F_HOST_ECN);
    if (!(f & (NET_F_HOST_TSO4 | NET_F_HOST_TSO6)))
        f &= ~NET_F_HOST_ECN;
    if (!(f & NET_F_CTRL_VQ))
        f &= ~(NET_F_CTRL_RX | NET_F_CTRL_VLAN | NET_F_GUEST_ANNOUNCE | NET_F_MQ | NET_F_CTRL_MAC_ADDR | NET_F_RSS);
    return f;
}

static u16 config16(struct vnet *vn, unsigned off)
{
    u8 b[2];
    return virtio_config(&vn->v, off, b, 2) ? 0 : load_le16(b);
}

static u32 features_of(const struct vnet *vn)
{
    u32 f = DEV_F_SG | DEV_F_GSO | DEV_F_GRO;
    f |= has(vn, NET_F_CSUM) ? DEV_F_TX_CSUM : 0;
    f |= has(vn, NET_F_GUEST_CSUM) ? DEV_F_RX_CSUM : 0;
    f |= has(vn, NET_F_HOST_TSO4) ? DEV_F_TSO4 : 0;
    f |= has(vn, NET_F_HOST_TSO6) ? DEV_F_TSO6 : 0;
    f |= has(vn, NET_F_HOST_ECN) ? DEV_F_ECN : 0;
    f |= has(vn, NET_F_GUEST_TSO4 | NET_F_GUEST_TSO6) ? DEV_F_LRO : 0;
    return f;
}

static void look_at_link(struct vnet *vn)
{
    u16 status = has(vn, NET_F_STATUS) ? config16(vn, CFG_STATUS) : STATUS_LINK_UP;
    netdev_carrier(vn->dev, status & STATUS_LINK_UP);
}

static void config_changed(struct work *w)
{
    struct vnet *vn = container_of(w, struct vnet, config_work);
    if (!vn->open)
        return;
    look_at_link(vn);
    if (virtio_needs_reset(&vn->v))
        dev_broken(vn->dev, "the device asks for a reset");
    else if (has(vn, NET_F_GUEST_ANNOUNCE) && (config16(vn, CFG_STATUS) & STATUS_ANNOUNCE))
        dev_ask_announce(vn->dev);
}

static void config_irq(void *arg)
{
    struct vnet *vn = arg;
    work_raise(SOFTIRQ_NET_TX, &vn->config_work);
}

/* ---- up and down ---- */

static void rx_irq(void *arg)
{
    struct vnet_pair *p = arg;
    virtq_irq_off(p->rx);
    p->napi.interrupts++;
    napi_schedule(&p->napi);
}

static void tx_irq(void *arg)
{
    struct vnet_pair *p = arg;
    virtq_irq_off(p->tx);
    p->napi.interrupts++;
    napi_schedule(&p->napi);
}

static int open_pair(struct vnet *vn, u16 i)
{
    struct vnet_pair *p = &vn->pair[i];
    u16 rx = (u16)(2 * i), tx = (u16)(2 * i + 1);
    unsigned cpu = i % cpu_count();
    int err = virtio_queue(&vn->v, rx, (u16)vn->dev->rx_ring, 2);
    if (!err)
        err = virtio_queue(&vn->v, tx, (u16)vn->dev->tx_ring, SKB_FRAGS + 1);
    if (err)
        return err;
    p->rx = vn->v.vq[rx];
    p->tx = vn->v.vq[tx];
    virtq_irq_off(p->rx);
    virtq_irq_off(p->tx);
    err = virtio_irq_queue(&vn->v, rx, cpu, rx_irq, p);
    return err ? err : virtio_irq_queue(&vn->v, tx, cpu, tx_irq, p);
}

static int open_ctrl(struct vnet *vn)
{
    if (!has(vn, NET_F_CTRL_VQ))
        return 0;
    u16 i = (u16)(has(vn, NET_F_MQ | NET_F_RSS) ? 2 * vn->pairs_most : 2);
    int err = virtio_queue(&vn->v, i, 16, 0);
    if (err)
        return err;
    vn->ctrl = vn->v.vq[i];
    virtq_irq_off(vn->ctrl); /* asked, not told */
    return 0;
}

/* As Linux has them, with the device's name in place of virtio's: eth0-config, eth0-input.0, eth0-output.0 ... */
static void name_irqs(struct vnet *vn)
{
    const char *dev = vn->dev->port.name;
    for (u32 i = 0; i < ARRAY_LEN(vn->irq_names); i++) {
        char *text = vn->irq_text[i];
        if (i < 2)
            fmt(text, sizeof(vn->irq_text[i]), "%s%s", dev, i ? "-config" : "");
        else
            fmt(text, sizeof(vn->irq_text[i]), "%s-%s.%u", dev, i % 2 ? "output" : "input", i / 2 - 1);
        vn->irq_names[i] = text;
    }
    vn->v.irq_names = vn->irq_names;
}

static int open_queues(struct vnet *vn)
{
    name_irqs(vn);
    int err = virtio_features(&vn->v, wanted(vn->wanted, vn->v.transport->features_get(&vn->v)));
    if (!err)
        err = virtio_irqs(&vn->v, 2u * vn->pairs);
    for (u16 i = 0; i < vn->pairs && !err; i++)
        err = open_pair(vn, i);
    return err ? err : open_ctrl(vn);
}

/* The exact reverse of open, from wherever that got to. */
static void close_all(struct vnet *vn)
{
    vn->open = false;
    work_cancel(&vn->config_work);
    virtio_reset(&vn->v); /* the device touches nothing of ours from here on */
    for (u16 i = 0; i < vn->pairs; i++) {
        struct vnet_pair *p = &vn->pair[i];
        vnet_empty(p);
        p->rx_kicks += p->rx ? p->rx->kicks : 0;
        p->tx_kicks += p->tx ? p->tx->kicks : 0;
        p->rx = p->tx = NULL;
    }
    virtio_close(&vn->v);
    vn->ctrl = NULL;
}

/* A device that sifts tags lets none in that it was not told of (5.1.6.5.3), but for who listens (promiscuous). A
 * priority without a VLAN is always welcome. */
static int tell_vlans(struct vnet *vn)
{
    int err = has(vn, NET_F_CTRL_VLAN) ? vnet_set_vlan(vn, 0, true) : 0;
    for (u32 id = 1; id < 4095 && vn->dev->vids_n && !err; id++)
        if (netdev_wants_vlan(vn->dev, id))
            err = vnet_set_vlan(vn, (u16)id, true);
    return err;
}

static void set_vlan(struct netdev *dev, u16 id, bool on)
{
    if (id && vnet_set_vlan(vnet_of(dev), id, on))
        log_write(LOG_WARN, "%s: the device refuses VLAN %u", dev->port.name, id);
}

static int vnet_open(struct netdev *dev)
{
    struct vnet *vn = vnet_of(dev);
    int err = virtio_open(vn->bus, &vn->v);
    if (!err)
        err = open_queues(vn);
    if (err) {
        close_all(vn);
        return err;
    }
    virtio_irq_config(&vn->v, config_irq, vn);
    for (u16 i = 0; i < vn->pairs; i++)
        vnet_fill(&vn->pair[i]);
    virtio_ready(&vn->v);
    vn->open = true;
    if (has(vn, NET_F_RSS))
        err = vnet_set_rss(vn, &vn->rss, vn->pairs);
    else if (has(vn, NET_F_MQ) && vn->pairs > 1)
        err = vnet_set_pairs(vn, vn->pairs);
    if (!err)
        err = vnet_set_mac(vn, &dev->mac);
    if (!err)
        err = tell_vlans(vn);
    if (err) {
        close_all(vn);
        return err;
    }
    for (u16 i = 0; i < vn->pairs; i++) {
        virtq_kick(vn->pair[i].rx);
        napi_on(&vn->pair[i].napi);
    }
    look_at_link(vn);
    return 0;
}

static void vnet_stop(struct netdev *dev)
{
    struct vnet *vn = vnet_of(dev);
    for (u16 i = 0; i < vn->pairs; i++)
        napi_off(&vn->pair[i].napi);
    close_all(vn);
}

static int set_mac(struct netdev *dev, const struct macaddr *m)
{
    struct vnet *vn = vnet_of(dev);
    return vn->open ? vnet_set_mac(vn, m) : 0;
}

/* What the host does on the way in is agreed on when the device begins: a change of it makes it begin anew. */
static int set_features(struct netdev *dev, u32 features)
{
    struct vnet *vn = vnet_of(dev);
    u64 off = (features & DEV_F_RX_CSUM ? 0 : NET_F_GUEST_CSUM) |
              (features & DEV_F_LRO ? 0 : NET_F_GUEST_TSO4 | NET_F_GUEST_TSO6 | NET_F_GUEST_ECN);
    u64 now = wanted(vn->able & ~off, vn->able);
    if (now == vn->wanted)
        return 0;
    vn->wanted = now;
    return dev_restart(dev);
}

static int set_rss(struct netdev *dev, const struct dev_rss *r)
{
    struct vnet *vn = vnet_of(dev);
    return vnet_set_rss(vn, r, vn->pairs);
}

static void set_queues(struct netdev *dev, u16 n)
{
    vnet_of(dev)->pairs = n;
}

static void counters(struct netdev *dev, dev_tell *tell, void *arg)
{
    const struct vnet *vn = vnet_of(dev);
    char name[40];
    for (u16 i = 0; i < dev->txqs_most; i++) {
        const struct vnet_pair *p = &vn->pair[i];
        fmt(name, sizeof(name), "rx_queue_%u_kicks", i);
        tell(arg, name, p->rx_kicks + (p->rx ? p->rx->kicks : 0));
        fmt(name, sizeof(name), "tx_queue_%u_kicks", i);
        tell(arg, name, p->tx_kicks + (p->tx ? p->tx->kicks : 0));
    }
}

static void tx_timeout(struct netdev *dev, unsigned queue)
{
    dev_broken(dev, "a transmit ring that does not move");
}

static void announced(struct netdev *dev)
{
    vnet_announce_ack(vnet_of(dev));
}

static void free_vnet(struct netdev *dev)
{
    struct vnet *vn = vnet_of(dev);
    if (vn->ctrl_mem)
        page_free(vn->ctrl_mem, 0);
}

static const struct netdev_ops vnet_ops = {
    .driver = "virtio_net",
    .open = vnet_open,
    .stop = vnet_stop,
    .xmit = vnet_xmit,
    .reap = vnet_reap,
    .tx_wait = vnet_tx_wait,
    .rx_mode = vnet_rx_mode,
    .set_vlan = set_vlan,
    .set_mac = set_mac,
    .set_features = set_features,
    .set_queues = set_queues,
    .set_rss = set_rss,
    .counters = counters,
    .tx_timeout = tx_timeout,
    .announced = announced,
    .free = free_vnet,
};

/* ---- probe ---- */

/* Of a device that spreads flows by a hash of its own: its bounds within ours, and a key by lot. One that we have no
 * use for (a table or a key too short) is let be. */
static void look_at_rss(struct vnet *vn)
{
    u8 c[7];
    if (!has(vn, NET_F_RSS) || virtio_config(&vn->v, CFG_RSS, c, sizeof(c)))
        return;
    u32 table = min((u32)load_le16(c + 1), RSS_TABLE);
    vn->rss.hash_able = vn->rss.hash = load_le32(c + 3) & RSS_ALL;
    if (!table || c[0] < RSS_KEY || !vn->rss.hash) {
        vn->able &= ~NET_F_RSS;
        vn->wanted = vn->able;
        return;
    }
    vn->rss.table_n = (u16)(1u << log2_floor(table));
    vn->rss.key_n = RSS_KEY;
    entropy_read(vn->rss.key, RSS_KEY);
    vn->dev->rss = &vn->rss;
}

/* How many descriptors: both ways alike, and never more than the smaller queue has. */
static void look_at_rings(struct vnet *vn)
{
    struct netdev *dev = vn->dev;
    u32 rx = vn->v.transport->queue_size(&vn->v, 0), tx = vn->v.transport->queue_size(&vn->v, 1);
    u32 most = min(max(min(rx, tx), 1u), RING_MOST);
    dev->ring_most = 1u << log2_floor(most);
    dev->ring_least = min(dev->ring_most, RING_LEAST);
    dev->rx_ring = dev->tx_ring = min(dev->ring_most, RING_USUAL);
}

/* Looks, and lets it be. */
static int look(struct vnet *vn)
{
    struct netdev *dev = vn->dev;
    int err = virtio_open(vn->bus, &vn->v);
    if (!err)
        err = virtio_features(&vn->v, wanted(WANTED, vn->v.transport->features_get(&vn->v)));
    if (!err && has(vn, NET_F_MAC))
        err = virtio_config(&vn->v, CFG_MAC, &dev->mac, sizeof(dev->mac));
    if (err)
        goto out;
    vn->able = vn->wanted = vn->v.features;
    vn->mergeable = has(vn, NET_F_MRG_RXBUF);
    vn->pairs_most = has(vn, NET_F_MQ | NET_F_RSS) ? config16(vn, CFG_PAIRS) : 1;
    if (!vn->pairs_most || vn->pairs_most > 0x8000)
        err = -EPROTO;
    u16 mtu = has(vn, NET_F_MTU) ? config16(vn, CFG_MTU) : 0;
    dev->mtu_most = vn->mergeable ? 65535 - ETH_HLEN : SKB_ROOM - ETH_HLEN - VLAN_HLEN;
    if (mtu >= ETH_MTU_LEAST) {
        dev->mtu_most = min(dev->mtu_most, (u32)mtu);
        dev->mtu = min(dev->mtu_most, 1500u);
    }
    dev->hw_features = features_of(vn);
    dev->fixed = has(vn, NET_F_CTRL_VLAN) ? DEV_F_VLAN_FILTER : 0;
    dev->features = dev->hw_features | dev->fixed;
    look_at_rings(vn);
    look_at_rss(vn);
out:
    virtio_close(&vn->v);
    return err;
}

/* Without an address of its own the device gets one from us (5.1.4.2). */
static void choose_mac(struct netdev *dev)
{
    if (!mac_is_station(&dev->mac))
        netdev_choose_mac(dev);
}

static int vnet_probe(struct bus_dev *bus)
{
    struct netdev *dev = netdev_new(&vnet_ops, sizeof(struct vnet), 1, (u16)min(cpu_count(), VNET_PAIRS));
    if (!dev)
        return -ENOMEM;
    struct vnet *vn = vnet_of(dev);
    vn->dev = dev;
    vn->bus = bus;
    dev->bus = bus->name;
    work_init(&vn->config_work, config_changed);
    int err = (vn->ctrl_mem = page_alloc(0)) ? look(vn) : -ENOMEM;
    if (err)
        goto fail;
    vn->pairs = (u16)min(min((u32)vn->pairs_most, cpu_count()), VNET_PAIRS);
    dev->rxqs = dev->rxqs_most = dev->txqs = dev->txqs_most = vn->pairs;
    rss_fill(&vn->rss, vn->pairs);
    choose_mac(dev);
    for (u16 i = 0; i < vn->pairs; i++) {
        vn->pair[i].vn = vn;
        vn->pair[i].index = i;
        napi_add(dev, &vn->pair[i].napi, &vnet_napi, i);
    }
    err = netdev_add(net_first, dev, "eth%u");
    if (err)
        goto fail;
    bus->driver_data = dev;
    return 0;

fail:
    netdev_free(dev);
    return err;
}

static void vnet_remove(struct bus_dev *bus)
{
    struct netdev *dev = bus->driver_data;
    struct vnet *vn = vnet_of(dev);
    dev_down(dev);
    for (u16 i = 0; i < vn->pairs; i++)
        napi_del(&vn->pair[i].napi);
    netdev_del(dev);
}

static const struct bus_id vnet_ids[] = {VIRTIO_IDS(1, 0x1000){0}};

DRIVER(virtio_net, .name = "virtio_net", .ids = vnet_ids, .probe = vnet_probe, .remove = vnet_remove);

/* virtio-net's command queue (virtio 1.2, 5.1.6.5): filters, address, pairs, announcements.
 *
 * A command is one buffer of two parts, {class, command, data} to the device and one byte of answer back, in a page of
 * its own; a task sends it and waits, for a bounded time. A device that does not answer is a broken one. What it
 * refuses is the caller's to do without.
 */
#include "drivers/virtio-net/virtio_net.h"

#include "lib/string.h"

#define CTRL_RX       0
#define RX_PROMISC    0
#define RX_ALLMULTI   1
#define CTRL_MAC      1
#define MAC_TABLE     0
#define MAC_ADDR      1
#define CTRL_VLAN     2
#define VLAN_ADD      0
#define VLAN_DEL      1
#define CTRL_ANNOUNCE 3
#define CTRL_MQ       4
#define MQ_PAIRS      0
#define MQ_RSS        1

#define ANSWER_AT  4000u /* in the page, behind the longest command */
#define ANSWER_OK  0
#define TRIES      1000
#define TABLE_MOST 64 /* QEMU's MAC table has as many; beyond: all of them */

/* n bytes of data stand behind the two of class and command already. */
static int command(struct vnet *vn, u8 class, u8 what, u32 n)
{
    u8 *page = vn->ctrl_mem;
    struct virtq_seg seg[] = {{bus_dma(page), 2 + n}, {bus_dma(page + ANSWER_AT), 1}};
    u32 len;

    if (!vn->ctrl)
        return -EOPNOTSUPP;
    page[0] = class;
    page[1] = what;
    page[ANSWER_AT] = 0xff;
    int err = virtq_add(vn->ctrl, seg, 1, 1, page);
    if (err)
        return err;
    virtq_kick(vn->ctrl);
    for (int i = 0; i < TRIES; i++) {
        if (virtq_get(vn->ctrl, &len))
            return page[ANSWER_AT] == ANSWER_OK ? 0 : -EIO;
        if (vn->ctrl->broken)
            break;
        if (i > 10)
            task_sleep(NS_PER_MS);
        else
            task_yield();
    }
    virtq_break(vn->ctrl, "a command that is not answered");
    return -EIO;
}

static u8 *data(struct vnet *vn)
{
    return (u8 *)vn->ctrl_mem + 2;
}

int vnet_set_pairs(struct vnet *vn, u16 pairs)
{
    store_le16(data(vn), pairs);
    return command(vn, CTRL_MQ, MQ_PAIRS, 2);
}

/* {kinds (their bits are those of rss.h), mask of the table, queue of what has no such hash, table, pairs, key's
 * length, key} */
int vnet_set_rss(struct vnet *vn, const struct dev_rss *r, u16 pairs)
{
    u8 *p = data(vn);
    store_le32(p, r->hash);
    store_le16(p + 4, (u16)(r->table_n - 1));
    store_le16(p + 6, 0);
    p += 8;
    for (u32 i = 0; i < r->table_n; i++, p += 2)
        store_le16(p, r->table[i]);
    store_le16(p, pairs);
    p[2] = r->key_n;
    memcpy(p + 3, r->key, r->key_n);
    return command(vn, CTRL_MQ, MQ_RSS, (u32)(p + 3 + r->key_n - data(vn)));
}

int vnet_set_vlan(struct vnet *vn, u16 id, bool on)
{
    store_le16(data(vn), id);
    return command(vn, CTRL_VLAN, on ? VLAN_ADD : VLAN_DEL, 2);
}

int vnet_announce_ack(struct vnet *vn)
{
    return command(vn, CTRL_ANNOUNCE, 0, 0);
}

static int set_switch(struct vnet *vn, u8 which, bool on)
{
    *data(vn) = on;
    return command(vn, CTRL_RX, which, 1);
}

static bool has(const struct vnet *vn, u64 feature)
{
    return (vn->v.features & feature) != 0;
}

/* {count, addresses} of stations and of groups. Our own is none of the stations, where it can be told by itself; of
 * more groups than there is room for none is. */
static int set_table(struct vnet *vn, const struct macaddr *own)
{
    const struct netdev *dev = vn->dev;
    u32 stations = !has(vn, NET_F_CTRL_MAC_ADDR), groups = dev->multicast_n > TABLE_MOST ? 0 : dev->multicast_n;
    u8 *p = data(vn);
    store_le32(p, stations);
    p += 4;
    if (stations) {
        memcpy(p, own, sizeof(*own));
        p += sizeof(*own);
    }
    store_le32(p, groups);
    p += 4;
    if (groups)
        LIST_FOREACH(&dev->multicast, struct dev_mac, link, m) {
            memcpy(p, &m->mac, sizeof(m->mac));
            p += sizeof(m->mac);
        }
    return command(vn, CTRL_MAC, MAC_TABLE, (u32)(p - data(vn)));
}

int vnet_set_mac(struct vnet *vn, const struct macaddr *m)
{
    if (!has(vn, NET_F_CTRL_MAC_ADDR))
        return has(vn, NET_F_CTRL_RX) ? set_table(vn, m) : 0;
    memcpy(data(vn), m, sizeof(*m));
    return command(vn, CTRL_MAC, MAC_ADDR, sizeof(*m));
}

/* A device without these commands lets everything in. */
void vnet_rx_mode(struct netdev *dev)
{
    struct vnet *vn = dev->priv;
    if (!has(vn, NET_F_CTRL_RX))
        return;
    bool many = dev->multicast_n > TABLE_MOST, all = dev->flags & DEV_ALLMULTI;
    int err = set_switch(vn, RX_PROMISC, dev->flags & DEV_PROMISC);
    if (!err)
        err = set_switch(vn, RX_ALLMULTI, all || many);
    if (!err)
        err = set_table(vn, &dev->mac);
    if (err)
        log_write(LOG_WARN, "%s: the device refuses a filter", dev->port.name);
}

/* Internal to drivers/virtio-net. The device as the driver has it (virtio 1.2, 5.1): pairs of queues, and the queue for
 * commands.
 *
 *     queue 2i: receive pair i    queue 2i + 1: transmit pair i    queue 2 * most: commands
 *
 * The device lives, from reset to DRIVER_OK, only while the interface is up: taking it down and up again is also what
 * mends a device that asks for a reset or was caught lying.
 */
#ifndef DRIVERS_VIRTIO_NET_H
#define DRIVERS_VIRTIO_NET_H

#include "drivers/virtio/virtio.h"
#include "lib/work.h"
#include "net/dev/napi.h"
#include "net/dev/rss.h"

#define NET_F_CSUM           (1ull << 0)
#define NET_F_GUEST_CSUM     (1ull << 1)
#define NET_F_MTU            (1ull << 3)
#define NET_F_MAC            (1ull << 5)
#define NET_F_GUEST_TSO4     (1ull << 7)
#define NET_F_GUEST_TSO6     (1ull << 8)
#define NET_F_GUEST_ECN      (1ull << 9)
#define NET_F_HOST_TSO4      (1ull << 11)
#define NET_F_HOST_TSO6      (1ull << 12)
#define NET_F_HOST_ECN       (1ull << 13)
#define NET_F_MRG_RXBUF      (1ull << 15)
#define NET_F_STATUS         (1ull << 16)
#define NET_F_CTRL_VQ        (1ull << 17)
#define NET_F_CTRL_RX        (1ull << 18)
#define NET_F_CTRL_VLAN      (1ull << 19)
#define NET_F_GUEST_ANNOUNCE (1ull << 21)
#define NET_F_MQ             (1ull << 22)
#define NET_F_CTRL_MAC_ADDR  (1ull << 23)

#define NET_F_RSS (1ull << 60)

struct vnet_hdr { /* 5.1.6; with VERSION_1 num_buffers is always there */
    u8 flags, gso;
    u16 hdr_len, gso_size, csum_start, csum_offset, num_buffers;
} PACKED;

#define HDR_NEEDS_CSUM 1u
#define HDR_DATA_VALID 2u

#define HDR_GSO_NONE 0u
#define HDR_GSO_TCP4 1u
#define HDR_GSO_TCP6 4u
#define HDR_GSO_ECN  0x80u

#define CFG_MAC    0
#define CFG_STATUS 6
#define CFG_PAIRS  8
#define CFG_MTU    10
#define CFG_RSS    17 /* longest key 1, longest table 2, kinds of hash 4 */

#define STATUS_LINK_UP  1u
#define STATUS_ANNOUNCE 2u

#define VNET_PAIRS 16u

struct vnet;

struct vnet_pair {
    struct napi napi;
    struct vnet *vn;
    struct virtq *rx, *tx; /* while it is up */
    u16 index;
    u64 rx_kicks, tx_kicks; /* of the queues that were there before */
    bool large;             /* large frames come: each entry of the ring has a large buffer behind the first */
    u32 small;              /* frames since the last large one */
};

struct vnet {
    struct virtio v;
    struct bus_dev *bus;
    struct netdev *dev;
    u16 pairs, pairs_most; /* in use; that the device has */
    bool mergeable, open;
    struct dev_rss rss;      /* with NET_F_RSS */
    struct work config_work; /* the configuration changed */
    struct virtq *ctrl;
    void *ctrl_mem;   /* a page for commands and their answers */
    u64 able, wanted; /* features; less those that are switched off */
    char irq_text[2 + 2 * VNET_PAIRS][PORT_NAME + 16];
    const char *irq_names[2 + 2 * VNET_PAIRS];
    struct vnet_pair pair[VNET_PAIRS];
};

/* ---- virtio_ctrl.c: tasks; 0 or -errno ---- */
int vnet_set_pairs(struct vnet *vn, u16 pairs);
int vnet_set_rss(struct vnet *vn, const struct dev_rss *r, u16 pairs); /* in place of vnet_set_pairs */
int vnet_set_mac(struct vnet *vn, const struct macaddr *m);
void vnet_rx_mode(struct netdev *dev);
int vnet_set_vlan(struct vnet *vn, u16 id, bool on);
int vnet_announce_ack(struct vnet *vn);

/* ---- virtio_ring.c ---- */
extern const struct napi_ops vnet_napi;
u32 vnet_xmit(struct netdev *dev, unsigned queue, struct skbq *q, u32 *bytes);
u32 vnet_reap(struct netdev *dev, unsigned queue, u32 *bytes);
void vnet_tx_wait(struct netdev *dev, unsigned queue);
void vnet_fill(struct vnet_pair *p);  /* at open: all that there is room for */
void vnet_empty(struct vnet_pair *p); /* after a reset: buffers and packets go back */

#endif

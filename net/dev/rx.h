/* The way in behind the driver: from pieces in a ring to skbs, and from there to whoever takes them.
 *
 *     rx_skbs      rxbufs -> skbs (behind XDP's place)
 *     gro_rx       segments -> large packets (net/dev/gro.h)
 *     dev_rx       the device's handler (a bridge, a VLAN, two devices joined), then the protocol of the
 *                  Ethernet type: ETHERTYPE(ip4, 0x0800, ip4_rx)                          Linux: netif_receive_skb
 *
 * A burst that dev_rx hands to a protocol has packets of that type alone, in the order in which they came.
 */
#ifndef NET_DEV_RX_H
#define NET_DEV_RX_H

#include "lib/set.h"
#include "net/dev/netdev.h"
#include "net/dev/rxbuf.h"

struct ethertype {
    u16 type;                                       /* enum eth_type */
    void (*rx)(struct netdev *dev, struct skbq *q); /* consumes q: all of that type, l3 set, data at the frame */
    /* (optional) Does what has this header, of which 40 bytes are there, go on to others, most probably? */
    bool (*passes)(struct netdev *dev, const u8 *header);
};
#define ETHERTYPE(id, type_, rx_, passes_)                                \
    static const struct ethertype ethertype_##id = {type_, rx_, passes_}; \
    SET_ADD(ethertype, ethertype_##id)

/* Frames of up to RX_BURST pieces; adds to q what became an skb, counts as dropped what could not, counts as received
 * all. Stamp: `now`. */
u64 rx_skbs(struct netdev *dev, u16 queue, const struct rxbuf *b, u32 pieces, u64 now, struct skbq *q);

bool dev_passes_on(struct netdev *dev, u16 type, const u8 *header); /* as `passes` says of that type */

/* In a softirq round. All of dev; consumes q. */
void dev_rx(struct netdev *dev, struct skbq *q);
/* Of packets that dev_rx had, and whose tag meant nothing but a priority (VLAN 0) and is gone: to the protocols. */
void dev_rx_untagged(struct netdev *dev, struct skbq *q);
u64 dev_rx_processed(struct net *net, unsigned cpu); /* packets that dev_rx had there */

/* From the poll of one queue of dev: dev_rx, here or on the CPU that the packet's flow is given to (net/dev/rps.h). */
static inline void dev_rx_steered(struct netdev *dev, struct skbq *q)
{
    rx_handler *steer = load_acquire(&dev->steer);
    if (unlikely(steer))
        steer(dev, q);
    else
        dev_rx(dev, q);
}

#endif

/* What a network device is and can, as words of bits: flags and types by Linux's numbers, features by our own. Part of
 * netdev.h. */
#ifndef NET_DEV_FLAGS_H
#define NET_DEV_FLAGS_H

/* dev->flags: Linux's numbers */
#define DEV_UP        0x0001u
#define DEV_BROADCAST 0x0002u
#define DEV_LOOPBACK  0x0008u
#define DEV_NOARP     0x0080u
#define DEV_PROMISC   0x0100u
#define DEV_ALLMULTI  0x0200u
#define DEV_MULTICAST 0x1000u

enum dev_type { /* Linux's numbers: /sys/class/net/X/type */
                DEV_TYPE_ETHER = 1,
                DEV_TYPE_LOOPBACK = 772,
};

/* dev->features */
#define DEV_F_RX_CSUM     0x0001u
#define DEV_F_TX_CSUM     0x0002u
#define DEV_F_SG          0x0004u
#define DEV_F_TSO4        0x0008u
#define DEV_F_TSO6        0x0010u
#define DEV_F_GSO         0x0020u
#define DEV_F_GRO         0x0040u
#define DEV_F_VLAN_RX     0x0080u /* takes the tag out */
#define DEV_F_VLAN_TX     0x0100u /* puts it in */
#define DEV_F_LRO         0x0800u /* frames that the host merged come as they are */
#define DEV_F_USO         0x1000u
#define DEV_F_ECN         0x2000u /* TSO of a segment with CWR */
#define DEV_F_UDP_GRO     0x4000u /* Linux: rx-udp-gro-forwarding */
#define DEV_F_VLAN_FILTER 0x8000u /* lets in only tags of VLANs that it was told of (dev->vids) */

#endif

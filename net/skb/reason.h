/* Every reason for which a packet is dropped, one line of meaning each in drop.c. DROP_NOT is no reason: 0, go on. */
#ifndef NET_SKB_REASON_H
#define NET_SKB_REASON_H

enum drop_reason {
    DROP_NOT,
    /* the way in */
    DROP_NO_MEMORY,
    DROP_RX_ERROR,
    DROP_RX_TRUNCATED,
    DROP_DEV_DOWN,
    DROP_BACKLOG_FULL,
    DROP_FLOW_LIMIT,
    DROP_XDP,
    DROP_XDP_ABORTED,
    DROP_NO_HANDLER,
    DROP_OTHER_HOST,
    DROP_VLAN_UNKNOWN,
    /* headers */
    DROP_ETH_SHORT,
    DROP_VLAN_SHORT,
    DROP_ARP_HEADER,
    DROP_IP_HEADER,
    DROP_IP_LENGTH,
    DROP_IP_CSUM,
    DROP_IP6_EXT,
    DROP_L4_HEADER,
    DROP_L4_CSUM,
    DROP_V4MAPPED,
    DROP_FRAG_RANGE,
    /* the way out */
    DROP_TX_DOWN,
    DROP_TX_NO_CARRIER,
    DROP_TX_TOO_LONG,
    DROP_TX_RESET,
    DROP_TX_RING,
    DROP_QDISC_FULL,
    DROP_GSO,
    DROP_HARD_HEADER,
    DROP_LOOP,

    DROP_REASONS
};

#endif

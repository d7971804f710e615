/* The tag of a VLAN (802.1Q, 802.1ad): among a packet's bytes, or beside them (SKB_VLAN, vlan_tci, vlan_type).
 *
 *     | dst | src | 8100 | tci | type | ...     vlan_take ->     | dst | src | type | ...   + vlan_tci, vlan_type
 *                                             <- vlan_put
 *
 * data is at the Ethernet header. Only the addresses move, so offsets of what lies behind the tag stay right; what a
 * parse found is not known any more (`has`).
 */
#ifndef NET_SKB_VLAN_H
#define NET_SKB_VLAN_H

#include "net/skb/skb.h"

/* The outermost tag comes out of the bytes, of a packet that has none beside them and whose type says that there is
 * one. False: the packet is too short, or no memory; yours still. */
bool vlan_take(struct skb *s);

/* The tag beside the bytes goes among them. False: no room in front, or no memory; yours still, as it was. */
bool vlan_put(struct skb *s);

#endif

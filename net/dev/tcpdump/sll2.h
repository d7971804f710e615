/* Linux's cooked capture, version 2 (LINUX_SLL2): what tcpdump makes of frames when they come from all devices at once.
 *
 *     0 protocol 2   2 zero 2   4 ifindex 4   8 hardware 2   10 way 1   11 address length 1   12 sender's address 8
 *
 * and then what the link's header was before. Where a frame had an IEEE 802.3 length, the protocol is 4 (LLC).
 */
#ifndef NET_DEV_TCPDUMP_SLL2_H
#define NET_DEV_TCPDUMP_SLL2_H

#include "net/wire/eth.h"

#define SLL2_HLEN 20u
#define SLL2_MORE 6u /* by so much longer than Ethernet's */

struct sll2_from {
    u32 ifindex;
    u16 hardware; /* enum dev_type */
    u8 way;       /* CBPF_HOST ... CBPF_OUTGOING */
};

/* An Ethernet frame of `kept` bytes, 14 at least, as one of kept + SLL2_MORE. */
void sll2_build(u8 *to, const struct sll2_from *from, const u8 *frame, u32 kept);
/* The header of p, as Ethernet's at p + SLL2_MORE, nobody the receiver: for filters. `kept` gets what it overwrites. */
void sll2_as_ether(u8 *p, u8 kept[SLL2_HLEN]);

static inline u32 sll2_ifindex(const u8 *p)
{
    return load_be32(p + 4);
}

#endif

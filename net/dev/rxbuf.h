/* What a driver hands up before there is an skb (contract 3): a piece of a frame where the device put it, and what the
 * device says of it. XDP sees these; the skb is made behind it (net/dev/rx.h).
 *
 *     struct rxbuf b[RX_BURST]; ... n = fill(b); napi_rx(napi, b, n);
 *
 * A frame of several buffers is several of these in a row, all but the last with RXBUF_MORE; what is known of the frame
 * stands in the first. The buffer's reference goes with it.
 */
#ifndef NET_DEV_RXBUF_H
#define NET_DEV_RXBUF_H

#include "net/skb/buf.h"

#define RX_BURST 64u

#define RXBUF_MORE     0x01u
#define RXBUF_VERIFIED 0x02u /* the device has checked the checksum */
#define RXBUF_PARTIAL  0x04u /* csum_start, csum_offset: to be filled in by whoever sends it on to a wire */
#define RXBUF_VLAN     0x08u /* vlan_tci: the tag that the device took out */
#define RXBUF_ECN      0x10u /* gso: the first segment had CWR */

struct rxbuf {
    struct skb_buf *buf;
    u16 off, len; /* of this piece, from the start of the buffer */
    u8 flags;
    u8 gso; /* enum skb_gso: the host merged it */
    u16 gso_size;
    u16 csum_start; /* from the start of the frame */
    u16 csum_offset;
    u16 vlan_tci, vlan_type;
};
static_assert(sizeof(struct rxbuf) == 24, "three words");

/* A piece of which nothing more is said, in two stores: what drivers do for each frame. What the third word holds is
 * for a flag to tell. */
static inline void rxbuf_set(struct rxbuf *b, struct skb_buf *buf, u16 off, u16 len, u8 flags)
{
    static_assert(offsetof(struct rxbuf, off) == 8 && offsetof(struct rxbuf, len) == 10 &&
                      offsetof(struct rxbuf, flags) == 12,
                  "in the second word");
    u64 *word = (u64 *)b;
    word[0] = (u64)buf;
    word[1] = off | (u32)len << 16 | (u64)flags << 32;
}

/* Is anything more said of it? */
static inline bool rxbuf_says(const struct rxbuf *b)
{
    static_assert(offsetof(struct rxbuf, gso) == offsetof(struct rxbuf, flags) + 1, "side by side");
    return load_le16(&b->flags) != 0;
}

#endif

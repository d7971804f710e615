/* Internal to drivers/e1000. The rings: what the chip and the driver hand each other.
 *
 *     receive      next ......... fill          the chip's, each with a buffer; the rest waits to be filled again
 *     transmit     clean ........ next          the chip's; what lies between is freed burst by burst
 *
 * Indices run freely and are masked where they meet a ring; sizes are powers of two, 64 to 4096. One place of each ring
 * stays empty: full and empty look the same to the chip.
 */
#ifndef DRIVERS_E1000_E1000_RING_H
#define DRIVERS_E1000_E1000_RING_H

#include "drivers/e1000/e1000_hw.h"
#include "net/dev/rxbuf.h"
#include "net/skb/pool.h"

#define RING_LEAST 64u
#define RING_MOST  4096u
#define RX_PIECES  8u /* of a frame: 16 KiB */

struct rx_ring { /* whoever polls */
    struct e1000_desc *desc;
    struct skb **buf; /* by place: the buffer's own skb, not made yet */
    u64 dma;          /* what makes a buffer's address that of its first byte for the chip */
    u32 mask, next, fill, batch;
    u32 longest;    /* bytes of a frame that are taken */
    u32 part;       /* pieces at next of a frame whose end had not come when it was looked at */
    bool lost;      /* in the middle of a frame that was given up */
    bool verifies;  /* the chip looks at checksums, and the device says that it shall */
    u64 bad, longs; /* frames dropped: broken, or longer than the MTU allows */
    struct skb_pool *pool;
};

struct tx_burst { /* at the place where it begins */
    u32 end, packets, bytes;
    u32 odd; /* of them with more than one place, or none */
};

struct tx_ring {
    struct e1000_desc *desc;
    struct skb **skb; /* by place: whose last piece stands there; NULL otherwise */
    struct tx_burst *burst;
    u64 dma;
    u32 mask;
    u64 context;     /* the checksum context that the chip has: its first word; 0: none */
    u32 next, clean; /* all under the queue's lock; looked at without it: is there anything to reap? */
};

int rx_ring_start(struct rx_ring *r, struct skb_pool *pool, u32 size); /* -ENOMEM; empty still */
void rx_ring_end(struct rx_ring *r);                                   /* the chip is stopped */
/* How many pieces of whole frames, into b[RX_BURST], of at most `budget` frames; *frames: how many frames they were,
 * those that were dropped included. */
u32 rx_ring_take(struct rx_ring *r, struct rxbuf *b, u32 budget, u32 *frames);
bool rx_ring_fill(struct rx_ring *r); /* true: the chip is to be told r->fill */

static inline bool rx_ring_wants(const struct rx_ring *r) /* enough buffers that telling the chip pays */
{
    return r->mask - (r->fill - r->next) >= r->batch;
}

/* Has something come that was not looked at yet? */
static inline bool rx_ring_ready(const struct rx_ring *r)
{
    u32 at = r->next + r->part;
    return at != r->fill && (load_relaxed(&r->desc[at & r->mask].word) & RXD_DD);
}

static inline bool rx_ring_dry(const struct rx_ring *r) /* so few buffers that a long frame may find none */
{
    return r->fill - r->next <= 2 * RX_PIECES;
}

int tx_ring_start(struct tx_ring *t, u32 size); /* -ENOMEM */
void tx_ring_end(struct tx_ring *t);            /* empty */
/* As netdev_ops.xmit, but for telling the chip. */
u32 tx_ring_put(struct tx_ring *t, struct skbq *q, u32 *bytes);
/* Frees what the chip is done with; where there is a reason, all, and drops it by that. How many packets. */
u32 tx_ring_reap(struct tx_ring *t, enum drop_reason why, u32 *bytes);

static inline bool tx_ring_ready(const struct tx_ring *t)
{
    u32 clean = load_relaxed(&t->clean);
    return clean != load_acquire(&t->next) &&
           (load_relaxed(&t->desc[(t->burst[clean & t->mask].end - 1) & t->mask].word) & TXD_DD);
}

#endif

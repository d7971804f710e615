/* Receive side scaling: by which queue a device hands up a flow, chosen by the device's own hash of it (Toeplitz, with
 * a key) through a table of queues. `ethtool -x`, `-X`; of which fields, `-n` and `-N`.
 *
 * A device that can do it has its struct netdev point at one of these from the probe on. The hash is the device's
 * alone: skb->hash is ours, keyed by SipHash and the same for both directions of a flow, and whoever needs it computes
 * it. So a device is not asked to report its hash: that would be bytes to read with each frame that nobody uses.
 */
#ifndef NET_DEV_RSS_H
#define NET_DEV_RSS_H

#include "lib/base.h"

#define RSS_TABLE   128u
#define RSS_KEY     40u
#define RSS_WEIGHTS 64u

/* Of what it can make a hash: the addresses alone, and with the ports. */
#define RSS_IP4  0x01u
#define RSS_TCP4 0x02u
#define RSS_UDP4 0x04u
#define RSS_IP6  0x08u
#define RSS_TCP6 0x10u
#define RSS_UDP6 0x20u
#define RSS_ALL  0x3fu

struct dev_rss {
    u32 hash_able, hash; /* of what the device can; of what it does */
    u16 table_n;         /* entries, a power of two up to RSS_TABLE */
    u8 key_n;            /* bytes, up to RSS_KEY */
    u16 table[RSS_TABLE];
    u8 key[RSS_KEY];
    /* ---- what was asked for, as words; equal 0 and no weights: nothing, queues take turns ---- */
    u32 start, equal, weights;
    u32 weight[RSS_WEIGHTS];
    bool key_asked;
};

static inline bool rss_is_default(const struct dev_rss *r)
{
    return !r->equal && !r->weights;
}

void rss_fill(struct dev_rss *r, u32 queues); /* the table, as asked for; a sum of weights of 1 .. table_n */

#endif

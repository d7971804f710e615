/* Generic receive offload: segments of a flow that came in a row become one packet, before anybody looks at them.
 *
 *     rx_skbs -> gro_rx -> dev_rx     what cannot become larger passes at once, at the price of a look at two fields
 *                |   ^
 *                v   |                when it can grow no more, when the round of polls ends, or after
 *                held                 gro_flush_timeout; one packet for each flow, 128 at most, each with what the next
 *                                     segment must be
 *
 * What went in comes out again, bit for bit, when gso_cut cuts it: segments join only where all bytes of their headers
 * are those that cutting will make. A segment joins when Ethernet, tags and IP header are the same but for length and
 * IPv4's id and checksum, when ids count up (or, with DF, all stay the same), when its checksums are right and written
 * as a sender would write them, and when the protocol says that it is the next one. Its bytes are not copied: they
 * become a fragment.
 *
 * Order within a flow never changes: what cannot join sends on before itself what is held of its flow. What ends a row
 * (a shorter segment, PSH, FIN) joins and is not held. Fragments of datagrams and what no parse can read are never
 * held, and send on what is held between the same addresses.
 *
 * What a card has not verified would have to be summed up. That is done for what ends here; what only goes on, to another
 * card or by IP's table (dev_passes_on), is cheaper as it came.
 *
 * A protocol is one file that ends in GRO(id, ops).
 */
#ifndef NET_DEV_GRO_H
#define NET_DEV_GRO_H

#include "lib/set.h"
#include "net/dev/netdev.h"

struct gro;
struct gro_ops;

#define GRO_LEN_MOST 65535u /* from IP's header on: what IP can say */
#define GRO_SETS     16u
#define GRO_WAYS     8u
#define GRO_HINTS    1024u

/* One packet that is held. Headers are at the same place in all its segments. */
struct gro_held {
    struct skb *s; /* NULL: this place is free */
    const struct gro_ops *ops;
    u32 next;         /* the protocol's: TCP's sequence number that is to come */
    u32 born;         /* counts up: who was there first */
    u32 since;        /* ms */
    u16 l3, l4, hlen; /* from the start of the frame; all headers' bytes */
    u16 mss, segs;    /* payload of each but the last; how many */
    u16 id;           /* IPv4's, of the first */
    u8 ids;           /* how they go on: IDS_ANY ... */
    bool grown;
};

enum gro_fit { GRO_NOT, GRO_JOINS, GRO_ENDS };

struct gro_ops {
    u8 proto;      /* enum ip_proto, below 64 */
    u16 check;     /* offset of the checksum in its header */
    u32 feature;   /* DEV_F_...: without it on the device this protocol is left alone */
    u8 gso4, gso6; /* enum skb_gso of what is made */
    /* (required) May h->s, one packet with `len` bytes from its header at l4 on, be the first of a row? Sets
     * h->hlen and h->next. The headers are linear, fragments and IPv4 options are out of the question. */
    bool (*begins)(struct gro_held *h, u32 len);
    /* (required) Is s the next of the row? Its header at l4 is linear and as long as the others. All else is right
     * already: when this says yes s becomes part, and what the protocol must remember of it has been noted. */
    enum gro_fit (*follows)(struct gro_held *h, const struct skb *s, u32 payload);
    /* (optional) The row is complete: its header shall tell so. Lengths of IP and the checksum are not its business. */
    void (*complete)(struct skb *s, const struct gro_held *h);
};
#define GRO(id, ops) SET_ADD(gro, ops)

static inline void *gro_l4(const struct gro_held *h, const struct skb *s)
{
    return s->data + h->l4;
}

/* Of each napi, and its owner's: softirq, but for the first two. */
struct gro *gro_new(struct netdev *dev); /* NULL: no memory */
void gro_free(struct gro *g);            /* what is held is dropped; NULL is allowed */

/* Consumes q, which came just now, at `now`. */
void gro_rx(struct gro *g, struct skbq *q, u64 now);
/* Sends on all that is held; or what came before this millisecond (Linux: jiffy). */
void gro_flush(struct gro *g);
void gro_flush_old(struct gro *g, u64 now);
u32 gro_holds(const struct gro *g); /* how many */

#endif

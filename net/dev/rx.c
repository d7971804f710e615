/* The way in behind the driver (contract: rx.h).
 *
 * Nothing is parsed here but the Ethernet type: a device whose handler joins it to another one hands its packets on as
 * they came. A frame whose pieces do not fit the first buffer's array of fragments, or whose device says what cannot
 * be, is dropped by name.
 */
#include "net/dev/rx.h"

#include "lib/stats.h"
#include "lib/string.h"
#include "net/dev/tap.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"
#include "net/skb/probe.h"
#include "net/wire/eth.h"

/* ---- from pieces to packets ---- */

static void describe(struct skb *s, const struct rxbuf *b)
{
    if (b->flags & RXBUF_VERIFIED)
        s->cksum = CKSUM_VERIFIED;
    if (b->flags & RXBUF_PARTIAL) {
        s->cksum = CKSUM_PARTIAL;
        s->csum_start = (u16)(skb_off(s) + b->csum_start);
        s->csum_offset = b->csum_offset;
        s->flags |= SKB_DODGY;
    }
    if (b->flags & RXBUF_VLAN) {
        s->flags |= SKB_VLAN;
        s->vlan_tci = b->vlan_tci;
        s->vlan_type = b->vlan_type;
    }
    s->gso = b->gso;
    s->gso_size = b->gso_size;
    if (b->gso)
        s->flags |= SKB_DODGY | (b->flags & RXBUF_ECN ? SKB_GSO_ECN : 0);
}

/* Adds the further pieces of the frame that begins at b; how many it has in all. False: more than a packet holds; what
 * did not fit is gone. */
static NOINLINE bool join_pieces(struct skb *s, const struct rxbuf *b, u32 pieces, u32 *in_all)
{
    struct skb_frag *f = skb_frag(s);
    u32 n = 1, len = s->len;

    for (; (b[n - 1].flags & RXBUF_MORE) && n < pieces; n++) {
        skb_init_frag(b[n].buf);
        if (likely(n <= SKB_FRAGS)) {
            f[n - 1] = (struct skb_frag){b[n].buf, b[n].off, b[n].len};
            len += b[n].len;
        } else {
            skb_buf_put(b[n].buf);
        }
    }
    *in_all = n;
    s->len = len;
    s->frags = (u8)min(n - 1, SKB_FRAGS);
    return n - 1 <= SKB_FRAGS;
}

/* The skb of one piece, with what every frame has. */
static inline struct skb *begin(struct netdev *dev, const struct rxbuf *b, u32 queue, u64 now)
{
    struct skb *s = &b->buf->skb;
    skb_init_at(s, b->buf, (u8 *)b->buf + b->off, b->len, &dev->port, (u16)(queue + 1), now);
    return s;
}

u64 rx_skbs(struct netdev *dev, u16 queue, const struct rxbuf *b, u32 pieces, u64 now, struct skbq *q)
{
    struct dev_stats *stats = dev->stats[cpu_id()];
    u64 bytes = 0;
    struct skb **to = q->p + q->n;

    for (const struct rxbuf *end = b + pieces; b < end; b++) {
        struct skb *s = begin(dev, b, queue, now);
        if (unlikely(rxbuf_says(b))) {
            u32 in_all;
            describe(s, b);
            bool fits = join_pieces(s, b, (u32)(end - b), &in_all);
            b += in_all - 1;
            if (unlikely(!fits)) {
                skb_drop(s, DROP_RX_TRUNCATED);
                continue;
            }
        }
        if (unlikely(s->len < ETH_HLEN)) {
            skb_drop(s, DROP_ETH_SHORT);
            continue;
        }
        bytes += s->len;
        *to++ = s;
    }
    u32 n = (u32)(to - q->p) - q->n;
    q->n += n;
    stats_add(&stats->rx_packets, n);
    stats_add(&stats->rx_bytes, bytes);
    return bytes;
}

/* ---- to whoever takes them ---- */

struct rx_net {
    struct {
        u64 processed;
    } CACHE_ALIGNED cpu[CPU_MAX];
};

NET_SLOT(rx_net, struct rx_net, NULL, NULL);

u64 dev_rx_processed(struct net *net, unsigned cpu)
{
    return load_relaxed(&NET_GET(net, struct rx_net, rx_net)->cpu[cpu].processed);
}

static const struct ethertype *find(u16 type)
{
    SET_FOREACH(ethertype, const struct ethertype, e)
        if (e->type == type)
            return e;
    return NULL;
}

bool dev_passes_on(struct netdev *dev, u16 type, const u8 *header)
{
    const struct ethertype *e = find(type);
    return e && e->passes && e->passes(dev, header);
}

/* What stands at the Ethernet header; l2, l3 and type are known from here on. */
static inline u16 type_of(struct netdev *dev, struct skb *s, bool first)
{
    const struct eth_hdr *h = skb_need(s, 0, ETH_HLEN);
    if (unlikely(!h))
        return 0;
    s->l2 = (u16)skb_off(s);
    s->l3 = (u16)(s->l2 + ETH_HLEN);
    s->type = be16_get(h->type);
    if (first && mac_is_multicast(&h->dst))
        stats_add(&dev->stats[cpu_id()]->multicast, 1);
    return unlikely(s->flags & SKB_VLAN) ? s->vlan_type : s->type; /* beside the bytes as among them: net/link/vlan.h */
}

static NOINLINE void note_type(const struct skb *probe, u16 type, bool known)
{
    probe_note(probe, "dev_rx", "Ethernet type 0x%04x: %s", type,
               known ? "its protocol takes it" : "no protocol takes it");
}

static void hand_on(struct netdev *dev, u16 type, struct skbq *run)
{
    const struct ethertype *e = find(type);
    if (skbq_probe(run))
        note_type(run->p[0], type, e);
    if (e)
        e->rx(dev, run);
    else
        skbq_drop(run, DROP_NO_HANDLER);
}

static NOINLINE void hand_on_part(struct netdev *dev, u16 type, struct skb *const *s, u32 n)
{
    struct skbq run;
    run.n = n;
    memcpy(run.p, s, n * sizeof(*s));
    hand_on(dev, type, &run);
}

/* Runs of the same type, each as a burst of its own; mostly that is all of them. `first`: they were not counted as this
 * device's yet. */
static inline void to_protocols(struct netdev *dev, struct skbq *q, bool first)
{
    u32 from = 0;
    u16 last = 0;

    for (u32 i = 0; i < q->n; i++) {
        u16 type = type_of(dev, q->p[i], first);
        if (unlikely(type != last && i > from)) {
            hand_on_part(dev, last, q->p + from, i - from);
            from = i;
        }
        last = type;
    }
    if (unlikely(from))
        hand_on_part(dev, last, q->p + from, q->n - from);
    else if (q->n)
        hand_on(dev, last, q);
    q->n = 0;
}

/* Out of line, so that packets pay for it with a look at their burst alone. */
static NOINLINE void rx_probe(struct netdev *dev, struct skbq *q)
{
    rx_handler *handler = load_acquire(&dev->handler);
    probe_note(q->p[0], "dev_rx", "in by %s, %u bytes%s", dev->port.name, q->p[0]->len,
               handler ? ", to its handler" : "");
    if (handler)
        handler(dev, q);
    else
        to_protocols(dev, q, false); /* nor is it counted */
}

void dev_rx(struct netdev *dev, struct skbq *q)
{
    rx_handler *handler = load_acquire(&dev->handler);

    if (skbq_probe(q)) {
        rx_probe(dev, q);
        return;
    }
    stats_add(&NET_GET(dev_net(dev), struct rx_net, rx_net)->cpu[cpu_id()].processed, q->n);
    if (unlikely(load_acquire(&dev->taps)))
        tap_show_in(dev, q);
    if (handler)
        handler(dev, q);
    else
        to_protocols(dev, q, true);
}

void dev_rx_untagged(struct netdev *dev, struct skbq *q)
{
    to_protocols(dev, q, false);
}

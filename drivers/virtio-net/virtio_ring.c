/* virtio-net's rings: what comes in, what goes out (virtio 1.2, 5.1.6).
 *
 * A receive buffer is an skb_buf: the header lies in its headroom, so that the frame begins at SKB_DATA.
 *
 *     | skb | headroom ....... [hdr 12] | room 2048 ...... |
 *                              ^ what the device gets      ^
 *
 * A frame that did not fit goes on in further buffers (num_buffers), from the same place on. What is sent has its
 * header in its own headroom. Nothing that the device says is believed: lengths, counts and offsets are held against
 * the frame, and what does not fit is dropped by name; ids are the virtqueue's to check.
 */
#include "drivers/virtio-net/virtio_net.h"

#include "lib/string.h"
#include "net/dev/keeper.h"
#include "net/dev/tx.h"
#include "net/skb/pool.h"

#define HDR      ((u32)sizeof(struct vnet_hdr))
#define BUF_AT   (SKB_DATA - HDR)
#define FILL     32u /* buffers taken at once */
#define OOM_WAIT (10 * NS_PER_MS)

static struct vnet *vnet_of(const struct netdev *dev)
{
    return dev->priv;
}

static struct vnet_pair *pair_of(struct napi *n)
{
    return container_of(n, struct vnet_pair, napi);
}

/* ---- the way in ---- */

static struct skb_buf *buf_of(struct skb *s)
{
    return container_of(s, struct skb_buf, skb);
}

/* As many as there is room for; the device is told once. False: the pool is empty. */
static bool refill(struct vnet_pair *p)
{
    struct skb_pool *pool = skb_pool_of(dev_net(p->vn->dev));
    struct virtq *vq = p->rx;
    bool had = true;

    while (vq->free && had && !vq->broken) {
        struct virtq_seg seg[FILL];
        struct skb *s[FILL];
        u32 want = min((u32)vq->free, FILL), n = skb_pool_take(pool, s, want, __func__);
        had = n == want;
        for (u32 i = 0; i < n; i++)
            seg[i] = (struct virtq_seg){bus_dma((u8 *)buf_of(s[i]) + BUF_AT), HDR + SKB_ROOM};
        u32 added = virtq_add_burst(vq, seg, (void *const *)s, n, true);
        if (unlikely(added < n))
            skb_pool_give_many(pool, s + added, n - added);
    }
    virtq_kick(vq);
    return had;
}

void vnet_fill(struct vnet_pair *p)
{
    softirq_off();
    refill(p);
    softirq_on();
}

/* What the header says of the frame, into its first piece; false: it cannot be. */
static bool describe(struct rxbuf *b, const struct vnet_hdr *h, u32 frame_len)
{
    if (h->flags & HDR_NEEDS_CSUM) {
        if ((u32)h->csum_start + h->csum_offset + 2 > frame_len)
            return false;
        b->flags |= RXBUF_PARTIAL;
        b->csum_start = h->csum_start;
        b->csum_offset = h->csum_offset;
    } else if (h->flags & HDR_DATA_VALID) {
        b->flags |= RXBUF_VERIFIED;
    }
    switch (h->gso & ~HDR_GSO_ECN) {
    case HDR_GSO_NONE: return true;
    case HDR_GSO_TCP4: b->gso = GSO_TCP4; break;
    case HDR_GSO_TCP6: b->gso = GSO_TCP6; break;
    default: return false;
    }
    if (h->gso & HDR_GSO_ECN)
        b->flags |= RXBUF_ECN;
    b->gso_size = h->gso_size;
    return h->gso_size != 0 && (b->flags & RXBUF_PARTIAL);
}

static void give_back(const struct rxbuf *b, u32 n)
{
    for (u32 i = 0; i < n; i++)
        skb_pool_give(&b[i].buf->skb);
}

static const struct virtq_done *next(struct vnet_pair *p)
{
    struct vnet_came *c = &p->came;
    if (c->at == c->n) {
        c->n = virtq_get_burst(p->rx, c->done, RX_BURST);
        c->at = 0;
    }
    return c->at < c->n ? &c->done[c->at++] : NULL;
}

/* The further buffers of a frame, behind the first at b; how many pieces there are in all, 0: it is not whole. */
static u32 gather(struct vnet_pair *p, struct rxbuf *b, u32 want, u32 *frame_len)
{
    const struct virtq_done *d = NULL;
    bool fits = want <= SKB_FRAGS + 1;
    u32 n = 1;

    for (u32 i = 1; i < want && (d = next(p)); i++) {
        if (!fits) {
            skb_pool_give(d->token);
            continue;
        }
        b[n - 1].flags |= RXBUF_MORE;
        b[n++] = (struct rxbuf){.buf = buf_of(d->token), .off = (u16)BUF_AT, .len = (u16)d->len};
        *frame_len += d->len;
    }
    if (fits && d)
        return n;
    give_back(b + 1, n - 1);
    return 0;
}

/* One frame into b, where there is room for all its pieces: how many those were; 0: it was bad, and is gone. */
static u32 frame(struct vnet_pair *p, const struct virtq_done *d, struct rxbuf *b)
{
    struct skb_buf *buf = buf_of(d->token);
    const struct vnet_hdr *h = (const struct vnet_hdr *)((u8 *)buf + BUF_AT);
    u32 pieces = 1, frame_len = d->len - HDR;
    enum drop_reason why = DROP_RX_ERROR;

    *b = (struct rxbuf){.buf = buf, .off = (u16)SKB_DATA, .len = (u16)frame_len};
    if (likely(d->len >= HDR)) {
        if (unlikely(h->num_buffers > 1) && p->vn->mergeable)
            pieces = gather(p, b, h->num_buffers, &frame_len);
        if (!pieces)
            why = DROP_RX_TRUNCATED;
        else if (likely(!h->flags && !h->gso) || describe(b, h, frame_len))
            return pieces;
    }
    drop_count(dev_net(p->vn->dev), &p->vn->dev->port, why, 1);
    give_back(b, max(pieces, 1u));
    return 0;
}

/* Hands up what came, in bursts; how many frames, bad ones too. What the budget leaves is there the next time. */
static u32 receive(struct vnet_pair *p, u32 budget)
{
    struct rxbuf b[RX_BURST + SKB_FRAGS + 1];
    const struct virtq_done *d;
    u32 frames = 0, pieces = 0;

    while (frames < budget && pieces < RX_BURST && (d = next(p))) {
        pieces += frame(p, d, b + pieces);
        frames++;
    }
    if (pieces)
        napi_rx(&p->napi, b, pieces);
    return frames;
}

static u32 vnet_poll(struct napi *n, u32 budget)
{
    struct vnet_pair *p = pair_of(n);
    u32 done = 0;

    txq_poll(n->dev, p->index);
    for (u32 some = 1; some && done < budget; done += some)
        some = receive(p, budget - done);
    if (p->rx->free >= FILL && !refill(p) && p->rx->free == p->rx->size)
        napi_later(n, clock_ns() + OOM_WAIT); /* nothing can come that would bring us back here */
    if (unlikely(p->rx->broken || p->tx->broken))
        dev_broken(n->dev, p->rx->broken ? p->rx->broken : p->tx->broken);
    return done;
}

static bool vnet_irq_on(struct napi *n)
{
    struct vnet_pair *p = pair_of(n);
    bool more = virtq_irq_on(p->rx);
    if (n->dev->txq[p->index].waited)
        more |= virtq_irq_on(p->tx);
    return more;
}

static void vnet_irq_off(struct napi *n)
{
    virtq_irq_off(pair_of(n)->rx);
    virtq_irq_off(pair_of(n)->tx);
}

const struct napi_ops vnet_napi = {.poll = vnet_poll, .irq_on = vnet_irq_on, .irq_off = vnet_irq_off};

/* ---- the way out ---- */

static NOINLINE void write_offloads(struct vnet_hdr *h, const struct skb *s)
{
    if (s->cksum == CKSUM_PARTIAL) {
        h->flags = HDR_NEEDS_CSUM;
        h->csum_start = (u16)(s->csum_start - skb_off(s));
        h->csum_offset = s->csum_offset;
    }
    if (s->gso) {
        h->gso = (u8)((s->gso == GSO_TCP4 ? HDR_GSO_TCP4 : HDR_GSO_TCP6) | (s->flags & SKB_GSO_ECN ? HDR_GSO_ECN : 0));
        h->gso_size = s->gso_size;
        h->hdr_len = (u16)(s->csum_start - skb_off(s) + 20);
    }
}

/* Its header in front of it, where it can be: false: no room, or no memory. */
static inline bool prepare(struct skb *s)
{
    if (unlikely(skb_headroom(s) < HDR || skb_shared(s)) && (!skb_own(s) || skb_headroom(s) < HDR))
        return false;
    u8 *h = s->data - HDR;
    store_le64(h, 0);
    store_le32(h + 8, 0);
    if (unlikely(s->cksum == CKSUM_PARTIAL || s->gso))
        write_offloads((struct vnet_hdr *)h, s);
    return true;
}

static struct virtq_seg front(const struct skb *s)
{
    return (struct virtq_seg){bus_dma(s->data - HDR), HDR + s->linear};
}

/* A packet with fragments: 0, -ENOSPC, -EIO. */
static int add_pieces(struct virtq *vq, struct skb *s)
{
    struct virtq_seg seg[SKB_FRAGS + 1];
    u32 n = 1;

    seg[0] = front(s);
    for (const struct skb_frag *f = skb_frag(s); n <= s->frags; n++, f++)
        seg[n] = (struct virtq_seg){bus_dma((u8 *)f->buf + f->off), f->len};
    return virtq_add(vq, seg, n, 0, s);
}

/* The packets in one piece from here on, up to one that is not: how many the ring took. */
static u32 add_plain(struct virtq *vq, struct skb *const *p, u32 most)
{
    struct virtq_seg seg[SKBQ_MOST];
    u32 n = 0;

    while (n < most && !p[n]->frags && prepare(p[n])) {
        seg[n] = front(p[n]);
        n++;
    }
    return virtq_add_burst(vq, seg, (void *const *)p, n, false);
}

u32 vnet_xmit(struct netdev *dev, unsigned queue, struct skbq *q, u32 *bytes)
{
    struct virtq *vq = vnet_of(dev)->pair[queue].tx;
    u32 at = 0;

    while (at < q->n) {
        struct skb *s = q->p[at];
        u32 n = add_plain(vq, q->p + at, q->n - at);
        for (u32 i = 0; i < n; i++)
            *bytes += q->p[at + i]->len;
        at += n;
        if (n)
            continue;
        if (unlikely(!prepare(s))) {
            skb_drop(s, DROP_HARD_HEADER);
            at++;
            continue;
        }
        if (add_pieces(vq, s))
            break;
        *bytes += s->len;
        at++;
    }
    virtq_kick(vq);
    return at;
}

u32 vnet_reap(struct netdev *dev, unsigned queue, u32 *bytes)
{
    struct virtq *vq = vnet_of(dev)->pair[queue].tx;
    struct virtq_done done[SKBQ_MOST];
    u32 all = 0, n;
    struct skbq q;

    do {
        n = virtq_get_burst(vq, done, SKBQ_MOST);
        for (u32 i = 0; i < n; i++) {
            q.p[i] = done[i].token;
            *bytes += q.p[i]->len;
        }
        q.n = n;
        skbq_free(&q);
        all += n;
    } while (n == SKBQ_MOST);
    return all;
}

void vnet_tx_wait(struct netdev *dev, unsigned queue)
{
    struct vnet_pair *p = &vnet_of(dev)->pair[queue];
    if (virtq_irq_on(p->tx))
        napi_schedule(&p->napi);
}

/* ---- the end ---- */

void vnet_empty(struct vnet_pair *p)
{
    struct skb *s;
    softirq_off();
    for (; p->came.at < p->came.n; p->came.at++)
        skb_pool_give(p->came.done[p->came.at].token);
    while (p->rx && (s = virtq_detach(p->rx)))
        skb_pool_give(s);
    while (p->tx && (s = virtq_detach(p->tx)))
        skb_free(s);
    softirq_on();
}

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
        struct skb *s[FILL];
        u32 want = min((u32)vq->free, FILL), n = skb_pool_take(pool, s, want, __func__);
        had = n == want;
        for (u32 i = 0; i < n; i++) {
            struct virtq_seg seg = {bus_dma((u8 *)buf_of(s[i]) + BUF_AT), HDR + SKB_ROOM};
            if (unlikely(virtq_add(vq, &seg, 0, 1, s[i])))
                skb_pool_give(s[i]);
        }
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

/* The further buffers of a frame, behind the first at b; how many pieces there are in all, 0: it was dropped. */
static u32 gather(struct vnet_pair *p, struct rxbuf *b, u32 want, u32 *frame_len)
{
    u32 n = 1, len;
    struct skb *s = NULL;
    bool fits = want <= SKB_FRAGS + 1;

    for (u32 i = 1; i < want && (s = virtq_get(p->rx, &len)); i++) {
        b[fits ? n : 0].flags |= RXBUF_MORE;
        if (!fits) {
            skb_pool_give(s);
            continue;
        }
        b[n++] = (struct rxbuf){.buf = buf_of(s), .off = (u16)BUF_AT, .len = (u16)len};
        *frame_len += len;
    }
    for (u32 i = 0; i + 1 < n; i++)
        b[i].flags |= RXBUF_MORE;
    b[n - 1].flags &= (u8)~RXBUF_MORE;
    return fits && (want == 1 || s) ? n : 0;
}

/* One frame into b, where there is room for all its pieces: how many those were; 0: it was bad, and is gone. */
static u32 frame(struct vnet_pair *p, struct rxbuf *b, struct skb *s, u32 len)
{
    struct skb_buf *buf = buf_of(s);
    const struct vnet_hdr *h = (const struct vnet_hdr *)((u8 *)buf + BUF_AT);
    u32 pieces = 1, frame_len = len - HDR;

    *b = (struct rxbuf){.buf = buf, .off = (u16)SKB_DATA, .len = (u16)(len - HDR)};
    if (likely(len >= HDR)) {
        if (unlikely(p->vn->mergeable && h->num_buffers > 1))
            pieces = gather(p, b, h->num_buffers, &frame_len);
        if (pieces && (likely(!h->flags && !h->gso) || describe(b, h, frame_len)))
            return pieces;
    }
    drop_count(dev_net(p->vn->dev), &p->vn->dev->port, pieces ? DROP_RX_ERROR : DROP_RX_TRUNCATED, 1);
    give_back(b, max(pieces, 1u));
    return 0;
}

static u32 receive(struct vnet_pair *p, u32 budget)
{
    struct rxbuf b[RX_BURST + SKB_FRAGS + 1];
    u32 frames = 0, pieces = 0, len;
    struct skb *s;

    while (frames < budget && pieces < RX_BURST && (s = virtq_get(p->rx, &len))) {
        u32 n = frame(p, b + pieces, s, len);
        pieces += n;
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
    while (done < budget) {
        u32 some = receive(p, budget - done);
        done += some;
        if (!some)
            break;
    }
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

static void write_header(struct vnet_hdr *h, const struct skb *s)
{
    *h = (struct vnet_hdr){0};
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

/* The packet into the ring: 0, -ENOSPC, or it can never be sent. */
static int add(struct virtq *vq, struct skb *s)
{
    struct virtq_seg seg[SKB_FRAGS + 1];
    u32 n = 1;

    if (unlikely(skb_headroom(s) < HDR || skb_shared(s)) && (!skb_own(s) || skb_headroom(s) < HDR))
        return -ENOMEM;
    write_header((struct vnet_hdr *)(s->data - HDR), s);
    seg[0] = (struct virtq_seg){bus_dma(s->data - HDR), HDR + s->linear};
    for (const struct skb_frag *f = skb_frag(s); n <= s->frags; n++, f++)
        seg[n] = (struct virtq_seg){bus_dma((u8 *)f->buf + f->off), f->len};
    return virtq_add(vq, seg, n, 0, s);
}

u32 vnet_xmit(struct netdev *dev, unsigned queue, struct skbq *q, u32 *bytes)
{
    struct virtq *vq = vnet_of(dev)->pair[queue].tx;
    u32 n;

    for (n = 0; n < q->n; n++) {
        struct skb *s = q->p[n];
        int err = add(vq, s);
        if (unlikely(err == -ENOSPC || err == -EIO))
            break;
        if (unlikely(err))
            skb_drop(s, DROP_HARD_HEADER);
        else
            *bytes += s->len;
    }
    virtq_kick(vq);
    return n;
}

u32 vnet_reap(struct netdev *dev, unsigned queue, u32 *bytes)
{
    struct virtq *vq = vnet_of(dev)->pair[queue].tx;
    u32 n = 0, len;
    struct skbq q;
    struct skb *s;

    do {
        q.n = 0;
        while (q.n < SKBQ_MOST && (s = virtq_get(vq, &len))) {
            *bytes += s->len;
            skbq_add(&q, s);
        }
        n += q.n;
        skbq_free(&q);
    } while (s);
    return n;
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
    while (p->rx && (s = virtq_detach(p->rx)))
        skb_pool_give(s);
    while (p->tx && (s = virtq_detach(p->tx)))
        skb_free(s);
    softirq_on();
}

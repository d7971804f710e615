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

#define LARGE     1u   /* in the token of an entry that has a large buffer behind the first */
#define SMALL_RUN 256u /* so many small frames since the last large one */

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

static struct skb *skb_of(void *token)
{
    return (struct skb *)((uintptr_t)token & ~(uintptr_t)LARGE);
}

static struct virtq_seg place_of(struct skb *s)
{
    return (struct virtq_seg){bus_dma((u8 *)buf_of(s) + BUF_AT), HDR + SKB_ROOM};
}

static u32 add_plain_ones(struct virtq *vq, struct skb *const *s, u32 n)
{
    return virtq_add_alike(vq, (void *const *)s, n, BUF_AT - offsetof(struct skb_buf, skb), HDR + SKB_ROOM);
}

/* Each with a large buffer behind it; where those are used up, without one. */
static u32 add_large_ones(struct vnet_pair *p, struct skb *const *s, u32 n)
{
    struct skb_pool *pool = skb_large_pool_of(dev_net(p->vn->dev));
    struct skb *large[FILL];
    struct virtq_seg seg[2 * FILL];
    void *token[FILL];
    u32 got = skb_pool_take(pool, large, n, __func__);

    for (u32 i = 0; i < got; i++) {
        seg[2 * i] = place_of(s[i]);
        seg[2 * i + 1] = (struct virtq_seg){bus_dma((u8 *)large[i] + SKB_START), SKB_LARGE_ROOM};
        s[i]->next = large[i];
        token[i] = (u8 *)s[i] + LARGE;
    }
    u32 added = virtq_add_pairs(p->rx, seg, token, got);
    if (unlikely(added < got)) {
        skb_pool_give_many(pool, large + added, got - added);
        return added;
    }
    return added + add_plain_ones(p->rx, s + added, n - added);
}

/* Entries that the ring wants; large ones in a part of it alone, for the memory that they hold. */
static u32 room(const struct vnet_pair *p)
{
    const struct virtq *vq = p->rx;
    u32 kept = p->large ? vq->size - max(vq->size / 4u, min((u32)vq->size, 16u)) : 0;
    return vq->free > kept ? vq->free - kept : 0;
}

/* As many as there is room for. False: the pool is empty. */
static inline bool put_buffers(struct vnet_pair *p)
{
    struct skb_pool *pool = skb_pool_of(dev_net(p->vn->dev));
    u32 want, n, added = 1;
    bool had = true;

    while (added && had && (want = min(room(p), FILL))) {
        struct skb *s[FILL];
        n = skb_pool_take(pool, s, want, __func__);
        had = n == want;
        added = p->large ? add_large_ones(p, s, n) : add_plain_ones(p->rx, s, n);
        if (unlikely(added < n))
            skb_pool_give_many(pool, s + added, n - added);
    }
    return had;
}

static bool refill(struct vnet_pair *p)
{
    bool had = put_buffers(p);
    virtq_kick(p->rx); /* the device is told once */
    return had;
}

void vnet_fill(struct vnet_pair *p)
{
    p->small = SMALL_RUN;
    p->large = false;
    softirq_off();
    put_buffers(p); /* the device is told when it may look: not before DRIVER_OK (3.1.1) */
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

/* What came of one frame so far. */
struct gathered {
    struct rxbuf *b; /* n of them, each with RXBUF_MORE */
    u32 n, len;
    bool much; /* more than a packet holds: the rest was given back */
};

static void give_entry(void *token)
{
    struct skb *s = skb_of(token);
    if ((uintptr_t)token & LARGE)
        skb_pool_give(s->next);
    skb_pool_give(s);
}

/* An entry that came back: its buffers that were written to become pieces behind the others. */
static inline void gather(struct gathered *g, const struct virtq_done *d)
{
    struct rxbuf *b = g->b + g->n;
    struct skb *s = skb_of(d->token), *large = (uintptr_t)d->token & LARGE ? s->next : NULL;
    u32 off = g->n ? BUF_AT : SKB_DATA, left = g->n ? d->len : d->len - min(d->len, HDR);
    u32 n = min(left, (u32)SKB_END - off);

    if (unlikely(g->n >= SKB_FRAGS)) {
        g->much = true;
        give_entry(d->token);
        return;
    }
    g->len += left;
    rxbuf_set(b++, buf_of(s), (u16)off, (u16)n, RXBUF_MORE);
    left -= n;
    if (left)
        rxbuf_set(b++, buf_of(large), (u16)SKB_START, (u16)left, RXBUF_MORE);
    else if (large)
        skb_pool_give(large);
    g->n = (u32)(b - g->b);
}

/* The frame that begins with done[*at] of n, into b, where there is room for all its pieces: how many those were; 0: it
 * was bad, and is gone. */
static NOINLINE u32 frame(struct vnet_pair *p, const struct virtq_done *done, u32 n, u32 *at, struct rxbuf *b)
{
    struct vnet_hdr h = *(const struct vnet_hdr *)((u8 *)buf_of(skb_of(done[*at].token)) + BUF_AT); /* read once */
    u32 entries = p->vn->mergeable ? max((u32)h.num_buffers, 1u) : 1;
    enum drop_reason why = done[*at].len < HDR ? DROP_RX_ERROR : DROP_NOT;
    struct gathered g = {.b = b};

    for (; entries; entries--) {
        struct virtq_done further = {NULL, 0};
        const struct virtq_done *d = *at < n ? &done[(*at)++] : &further;
        if (d == &further && !virtq_get_burst(p->rx, &further, 1))
            break;
        gather(&g, d);
    }
    b[g.n - 1].flags = 0;
    if (!why && (entries || g.much))
        why = DROP_RX_TRUNCATED;
    else if (!why && !describe(b, &h, g.len))
        why = DROP_RX_ERROR;
    else if (!why && !b->gso && g.len > dev_rx_longest(p->vn->dev))
        why = DROP_RX_TRUNCATED;
    if (g.n > 1)
        p->small = 0;
    if (likely(!why))
        return g.n;
    drop_count(dev_net(p->vn->dev), &p->vn->dev->port, why, 1);
    for (u32 i = 0; i < g.n; i++)
        skb_pool_give(&b[i].buf->skb);
    return 0;
}

/* In one buffer, of fair length, and nothing said of it. */
static inline bool is_plain(const struct virtq_done *d, u32 longest)
{
    const u8 *h = (const u8 *)d->token + (BUF_AT - offsetof(struct skb_buf, skb));
    return !((uintptr_t)d->token & LARGE) && d->len - HDR <= longest && !load_le16(h) &&
           load_le16(h + offsetof(struct vnet_hdr, num_buffers)) <= 1;
}

/* Those of the n from the first on that are plain, into b: how many. */
static inline u32 plain_ones(const struct virtq_done *d, u32 n, struct rxbuf *b, u32 longest)
{
    const struct virtq_done *end = d + n, *at;
    for (at = d; at < end && is_plain(at, longest); at++, b++)
        rxbuf_set(b, buf_of(at->token), (u16)SKB_DATA, (u16)(at->len - HDR), 0);
    return (u32)(at - d);
}

/* Hands up what came, in a burst; how many frames, bad ones too. What the budget leaves is there the next time. */
static u32 receive(struct vnet_pair *p, u32 budget, bool *drained)
{
    struct rxbuf b[RX_BURST + SKB_FRAGS + 1];
    struct virtq_done done[RX_BURST];
    u32 most = min(budget, RX_BURST), n = virtq_get_burst(p->rx, done, most), frames = 0, pieces = 0;
    u32 longest = dev_rx_longest(p->vn->dev);

    *drained = n < most;
    for (u32 at = 0; at < n;) {
        u32 plain = plain_ones(done + at, n - at, b + pieces, longest);
        at += plain;
        pieces += plain;
        frames += plain;
        if (likely(at == n))
            break;
        pieces += frame(p, done, n, &at, b + pieces);
        frames++;
        if (pieces >= RX_BURST) {
            napi_rx(&p->napi, b, pieces);
            pieces = 0;
        }
    }
    if (pieces)
        napi_rx(&p->napi, b, pieces);
    return frames;
}

/* Large frames want large buffers; small ones among themselves do not. */
static void choose(struct vnet_pair *p, u32 frames)
{
    p->small = min(p->small + frames, SMALL_RUN);
    p->large = p->small < SMALL_RUN && p->vn->mergeable && p->rx->indirect_most;
}

static u32 vnet_poll(struct napi *n, u32 budget)
{
    struct vnet_pair *p = pair_of(n);
    bool drained = false;
    u32 done = 0;

    txq_poll(n->dev, p->index);
    while (done < budget && !drained)
        done += receive(p, budget - done, &drained);
    choose(p, done);
    if (room(p) >= min((u32)p->rx->size / 8, FILL) && !refill(p) && p->rx->free == p->rx->size)
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
    if (unlikely(skb_off(s) < SKB_START + HDR || skb_shared(s)) && (!skb_own(s) || skb_headroom(s) < HDR))
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
static u32 add_plain(struct virtq *vq, struct skb *const *p, u32 most, u32 *bytes)
{
    struct virtq_seg seg[SKBQ_MOST];
    u32 n, room = min(most, (u32)vq->free), sum = 0;

    for (n = 0; n < room; n++) {
        struct skb *s = p[n];
        if (s->frags || !prepare(s))
            break;
        u32 len = s->linear;
        seg[n] = (struct virtq_seg){bus_dma(s->data - HDR), HDR + len};
        sum += len;
    }
    *bytes += sum;
    return virtq_add_burst(vq, seg, (void *const *)p, n, false);
}

u32 vnet_xmit(struct netdev *dev, unsigned queue, struct skbq *q, u32 *bytes)
{
    struct virtq *vq = vnet_of(dev)->pair[queue].tx;
    u32 at = 0;

    while (at < q->n) {
        struct skb *s = q->p[at];
        u32 n = add_plain(vq, q->p + at, q->n - at, bytes);
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
    u32 all = 0, n, sum = 0;
    struct skbq q;

    do {
        n = virtq_get_burst(vq, done, SKBQ_MOST);
        for (u32 i = 0; i < n; i++) {
            struct skb *s = q.p[i] = done[i].token;
            sum += s->len;
        }
        q.n = n;
        skbq_free(&q);
        all += n;
    } while (n == SKBQ_MOST);
    *bytes += sum;
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
    void *token;
    softirq_off();
    while (p->rx && (token = virtq_detach(p->rx)))
        give_entry(token);
    while (p->tx && (token = virtq_detach(p->tx)))
        skb_free(token);
    softirq_on();
}

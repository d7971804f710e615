/* The rings (contract: e1000_ring.h).
 *
 * What a burst costs is one tail write; what a packet costs is in rx_ring_take's and tx_ring_put's loops, which hold
 * the common packet alone: received in one good piece; sent from one piece with nothing to be done to it. All else is
 * in functions of its own.
 *
 * The device is a stranger: a descriptor is read once, into a word, and that word is judged. Lengths beyond the buffer,
 * frames without end and broken ones are dropped and counted; what has no "done" mark is not looked at further.
 *
 * A frame of many pieces is handed up when all of it is there. Sent bursts are marked done at their last descriptor
 * alone (RS), and freed together.
 */
#include "drivers/e1000/e1000_ring.h"

#include "lib/string.h"
#include "net/skb/cksum.h"
#include "net/skb/gso.h"

/* The memory of `size` descriptors, zeroed. Pages lie at physical addresses that are a constant away (bus.h). */
static unsigned order_of(u32 size)
{
    return log2_floor(max((u32)(size * sizeof(struct e1000_desc)), 4096u)) - 12;
}

static struct e1000_desc *descriptors(u32 size, u64 *dma)
{
    struct e1000_desc *d = page_alloc(order_of(size));
    if (!d)
        return NULL;
    memset(d, 0, size * sizeof(*d));
    *dma = bus_dma(d) - (u64)d;
    return d;
}

/* ---- receiving ---- */

int rx_ring_start(struct rx_ring *r, struct skb_pool *pool, u32 size)
{
    *r = (struct rx_ring){.mask = size - 1, .batch = min(size / 4, 32u), .pool = pool};
    r->desc = descriptors(size, &r->dma);
    r->buf = mem_zalloc(size * sizeof(r->buf[0]));
    if (r->desc && r->buf)
        return 0;
    rx_ring_end(r);
    return -ENOMEM;
}

void rx_ring_end(struct rx_ring *r)
{
    softirq_off();
    for (; r->next != r->fill; r->next++)
        skb_pool_give(r->buf[r->next & r->mask]);
    softirq_on();
    if (r->desc)
        page_free(r->desc, order_of(r->mask + 1));
    mem_free(r->buf);
    r->desc = NULL;
    r->buf = NULL;
}

/* Buffers for places at .. at + n, which do not go round. How many there were. */
static u32 fill_run(struct rx_ring *r, u32 at, u32 n)
{
    u32 got = skb_pool_take(r->pool, r->buf + at, n, "e1000");
    struct skb *const *from = r->buf + at;
    u64 move = r->dma + SKB_DATA;
    struct e1000_desc *d = r->desc + at;

    for (const struct e1000_desc *end = d + got; d != end; d++)
        *d = (struct e1000_desc){.addr = (u64)*from++ + move};
    return got;
}

bool rx_ring_fill(struct rx_ring *r)
{
    u32 free = r->mask - (r->fill - r->next), was = r->fill;
    while (free) {
        u32 at = r->fill & r->mask, want = min(free, r->mask + 1 - at), got = fill_run(r, at, want);
        r->fill += got;
        free -= got;
        if (got < want)
            break;
    }
    return r->fill != was;
}

static inline u64 word_at(const struct rx_ring *r, u32 at)
{
    return load_acquire(&r->desc[at & r->mask].word);
}

/* Broken, or what cannot be. */
static bool is_bad(u64 word)
{
    u32 len = (u16)word;
    return !len || len > SKB_ROOM || (word & RXD_ERRORS);
}

/* What the chip says of a frame stands in its last descriptor. */
static void describe(const struct rx_ring *r, struct rxbuf *first, u64 word)
{
    if (r->verifies && !(word & (RXD_IXSM | RXD_TCPE | RXD_IPE)) && (word & RXD_TCPCS))
        first->flags |= RXBUF_VERIFIED;
    if (word & RXD_VP) {
        first->flags |= RXBUF_VLAN;
        first->vlan_tci = (u16)(word >> RXD_VLAN_AT);
        first->vlan_type = 0x8100;
    }
}

static void drop_pieces(struct rx_ring *r, u32 n)
{
    while (n--)
        skb_pool_give(r->buf[r->next++ & r->mask]);
}

enum seen { SEEN_PART, SEEN_WHOLE, SEEN_BAD };

/* The frame at r->next: its pieces into b, how many into *n. One that does not end where a frame must is bad, and so is
 * what comes until one ends. */
static enum seen look(struct rx_ring *r, struct rxbuf *b, u32 *n)
{
    bool bad = r->lost, ends = false;
    u32 total = 0;
    u64 word = 0;

    for (*n = 0; !ends && *n < RX_PIECES; ++*n) {
        u32 at = r->next + *n;
        word = at == r->fill ? 0 : word_at(r, at);
        if (!(word & RXD_DD)) {
            r->part = *n;
            return SEEN_PART;
        }
        rxbuf_set(&b[*n], container_of(r->buf[at & r->mask], struct skb_buf, skb), SKB_DATA, (u16)word, 0);
        b[*n].flags = RXBUF_MORE;
        total += (u16)word;
        bad |= is_bad(word);
        ends = word & RXD_EOP;
    }
    r->lost = !ends;
    if (bad || !ends) {
        r->bad++;
        return SEEN_BAD;
    }
    if (total > r->longest) {
        r->longs++;
        return SEEN_BAD;
    }
    b[*n - 1].flags = 0;
    describe(r, b, word);
    return SEEN_WHOLE;
}

/* The frame at r->next, whatever it is; adds its pieces to b. False: it is not all there. */
static NOINLINE bool take_odd(struct rx_ring *r, struct rxbuf *b, u32 *pieces)
{
    struct rxbuf found[RX_PIECES];
    u32 n;

    switch (look(r, found, &n)) {
    case SEEN_PART: return false;
    case SEEN_BAD: drop_pieces(r, n); return true;
    case SEEN_WHOLE: break;
    }
    memcpy(b + *pieces, found, n * sizeof(found[0]));
    *pieces += n;
    r->next += n;
    return true;
}

/* Frames of one good piece each, the common ones, up to `most` and to the ring's end; how many. */
static u32 take_plain(struct rx_ring *r, struct rxbuf *b, u32 most)
{
    u32 at = r->next & r->mask, whole = min(r->longest, SKB_ROOM), n = 0;
    const struct e1000_desc *d = r->desc + at;
    struct skb *const *from = r->buf + at;

    most = min(min(most, r->mask + 1 - at), r->fill - r->next);
    for (; n < most; n++, d++, b++) {
        u64 word = load_acquire(&d->word);
        if ((u32)(word >> 32 & RXD_LOOK >> 32) != RXD_PLAIN >> 32 || (u16)word - 1u >= whole)
            break;
        struct skb_buf *buf = container_of(from[n], struct skb_buf, skb);
        prefetch((u8 *)buf + SKB_DATA);
        rxbuf_set(b, buf, SKB_DATA, (u16)word, 0);
    }
    r->next += n;
    return n;
}

u32 rx_ring_take(struct rx_ring *r, struct rxbuf *b, u32 budget, u32 *frames)
{
    u32 pieces = 0, done = 0;

    r->part = 0;
    while (done < budget) {
        u32 n = likely(!r->lost) ? take_plain(r, b + pieces, min(budget - done, RX_BURST - pieces)) : 0;
        if (unlikely(r->verifies))
            for (u32 i = 0; i < n; i++)
                describe(r, &b[pieces + i], word_at(r, r->next - n + i));
        done += n;
        pieces += n;
        if (done == budget || r->next == r->fill)
            break;
        if (n && !(r->next & r->mask)) /* round the ring's end */
            continue;
        if (!(word_at(r, r->next) & RXD_DD) || pieces + RX_PIECES > RX_BURST || !take_odd(r, b, &pieces))
            break;
        done++;
    }
    *frames = done;
    return pieces;
}

/* ---- sending ---- */

int tx_ring_start(struct tx_ring *t, u32 size)
{
    *t = (struct tx_ring){.mask = size - 1};
    t->desc = descriptors(size, &t->dma);
    t->skb = mem_zalloc(size * sizeof(t->skb[0]));
    t->burst = mem_zalloc(size * sizeof(t->burst[0]));
    if (t->desc && t->skb && t->burst)
        return 0;
    tx_ring_end(t);
    return -ENOMEM;
}

void tx_ring_end(struct tx_ring *t)
{
    if (t->desc)
        page_free(t->desc, order_of(t->mask + 1));
    mem_free(t->skb);
    mem_free(t->burst);
    t->desc = NULL;
    t->skb = NULL;
    t->burst = NULL;
}

/* The commonest packet: one piece, nothing to be done to it. */
static inline bool is_plain(const struct skb *s)
{
    u32 how = skb_how(s);
    return !(how & (SKB_VLAN << 24 | 0xff00ffu)) && (u8)(how >> 8) != CKSUM_PARTIAL;
}

static u32 put(struct tx_ring *t, u32 at, u64 addr, u64 word)
{
    t->desc[at & t->mask] = (struct e1000_desc){.addr = addr, .word = word};
    t->skb[at & t->mask] = NULL;
    return at + 1;
}

static u64 l4_context(const struct skb *s)
{
    u64 start = s->csum_start - skb_off(s);
    return start << CTX_TUCSS_AT | (start + s->csum_offset) << CTX_TUCSO_AT;
}

/* To be cut by the chip, which counts the lengths up itself: the context that tells how. False: it cannot be.
 *
 * Where the pieces would all be of the same length QEMU sends one more behind them, of headers alone: to the peer a
 * second ACK or FIN. Pieces of a byte less leave a rest. */
static bool put_cut(struct tx_ring *t, u32 *at, struct skb *s, u64 *word)
{
    u64 hlen = gso_hand_over(s), l3 = skb_at(s, s->l3), l4 = skb_at(s, s->l4);
    if (!hlen || hlen > CTX_MOST)
        return false;
    bool v4 = s->gso == GSO_TCP4;
    u64 payload = s->len - hlen, mss = s->gso_size - (payload % s->gso_size == 0 && s->gso_size > 1);
    u64 ip = l3 | (v4 ? (l3 + 10) << CTX_IPCSO_AT | (l4 - 1) << CTX_IPCSE_AT : l3 << CTX_IPCSO_AT);
    *at = put(t, *at, ip | l4_context(s),
              payload | CTX_TCP | (v4 ? CTX_IP4 : 0) | TXD_TSE | TXD_DEXT | hlen << CTX_HDRLEN_AT | mss << CTX_MSS_AT);
    *word |= TXD_DEXT | TXD_DATA | TXD_TSE | TXD_TXSM | (v4 ? TXD_IXSM : 0);
    return true;
}

/* A checksum to be filled in: by the chip where its offsets reach, which keeps the last context. */
static bool put_sum(struct tx_ring *t, u32 *at, struct skb *s, u64 *word)
{
    u32 start = s->csum_start - skb_off(s), field = start + s->csum_offset;
    if (start > CTX_MOST || field > CTX_MOST || field + 2 > s->len)
        return cksum_finish(s);
    u64 context = l4_context(s);
    if (context != t->context)
        *at = put(t, *at, context, CTX_TCP | TXD_DEXT);
    t->context = context;
    *word |= TXD_DEXT | TXD_DATA | TXD_TXSM;
    return true;
}

/* One that is not plain; there is room for it. Where the next one stands: at the same place if it was dropped. */
static NOINLINE u32 put_odd(struct tx_ring *t, u32 at, struct skb *s)
{
    u64 word = TXD_IFCS;
    u32 first = at;

    if (s->flags & SKB_VLAN)
        word |= TXD_VLE | (u64)s->vlan_tci << TXD_VLAN_AT;
    if (s->gso ? !put_cut(t, &at, s, &word) : s->cksum == CKSUM_PARTIAL && !put_sum(t, &at, s, &word)) {
        skb_drop(s, DROP_GSO);
        return first;
    }
    at = put(t, at, (u64)s->data + t->dma, word | s->linear);
    for (u32 i = 0; i < s->frags; i++) {
        const struct skb_frag *f = &skb_frag(s)[i];
        if (f->len)
            at = put(t, at, (u64)f->buf + f->off + t->dma, word | f->len);
    }
    t->desc[(at - 1) & t->mask].word |= TXD_EOP;
    t->skb[(at - 1) & t->mask] = s;
    return at;
}

/* Plain ones from the front of p, up to n, to the ring's end and to the first that is not; how many. */
static u32 put_plain(struct tx_ring *t, u32 at, struct skb *const *p, u32 n, u32 *bytes)
{
    struct skb **to = t->skb + (at & t->mask);
    struct e1000_desc *d = t->desc + (at & t->mask);
    u64 move = t->dma;
    u32 sum = 0, i = 0;

    n = min(n, t->mask + 1 - (at & t->mask));
    for (; i < n; i++) {
        struct skb *s = p[i];
        u32 len = s->len;
        if (!is_plain(s))
            break;
        *d++ = (struct e1000_desc){(u64)s->data + move, len | TXD_EOP | TXD_IFCS};
        to[i] = s;
        sum += len;
    }
    *bytes += sum;
    return i;
}

u32 tx_ring_put(struct tx_ring *t, struct skbq *q, u32 *bytes)
{
    u32 first = t->next, at = first, end = t->clean + t->mask, n = 0, odd = 0, sum = 0;

    while (n < q->n) {
        u32 some = put_plain(t, at, q->p + n, min(q->n - n, end - at), &sum);
        n += some;
        at += some;
        if (some)
            continue;
        struct skb *s = q->p[n];
        u32 len = s->len;
        if (end - at < 2u + s->frags)
            break;
        u32 next = put_odd(t, at, s);
        sum += next != at ? len : 0;
        at = next;
        odd++;
        n++;
    }
    if (at != first) {
        t->desc[(at - 1) & t->mask].word |= TXD_RS;
        t->burst[first & t->mask] = (struct tx_burst){at, n, sum, odd};
        store_release(&t->next, at);
    }
    *bytes += sum;
    return n;
}

/* Those of a burst at places at .. end, which do not go round; the array is used up. */
static void let_go(struct skb **p, u32 n, bool gaps, enum drop_reason why)
{
    u32 kept = 0;
    if (gaps) {
        for (u32 i = 0; i < n; i++)
            if (p[i])
                p[kept++] = p[i];
        n = kept;
    }
    if (likely(!why)) {
        skb_free_many(p, n);
        return;
    }
    for (u32 i = 0; i < n; i++)
        skb_drop(p[i], why);
}

u32 tx_ring_reap(struct tx_ring *t, enum drop_reason why, u32 *bytes)
{
    u32 at = t->clean, next = t->next, packets = 0;

    while (at != next) {
        const struct tx_burst b = t->burst[at & t->mask];
        if (!why && !(load_acquire(&t->desc[(b.end - 1) & t->mask].word) & TXD_DD))
            break;
        packets += b.packets;
        *bytes += b.bytes;
        while (at != b.end) {
            u32 n = min(b.end - at, t->mask + 1 - (at & t->mask));
            let_go(t->skb + (at & t->mask), n, b.odd, why);
            at += n;
        }
    }
    store_relaxed(&t->clean, at);
    return packets;
}

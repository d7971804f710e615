/* The split ring (virtio 1.2, 2.7): a descriptor table, a ring of heads to the device, a ring of heads back.
 *
 *     avail: u16 flags, idx, ring[size], used_event         used: u16 flags, idx, {u32 id, len}[size], avail_event
 *
 * Free descriptors are chained through slot[].next, out of the device's reach: its copy of `next` is never read back.
 */
#include "drivers/bus.h"
#include "drivers/virtio/virtq_ring.h"
#include "lib/atomic.h"

#define AVAIL_NO_INTERRUPT 1u
#define USED_NO_NOTIFY     1u

struct used_elem {
    u32 id, len;
};

static u16 *avail_idx(const struct virtq *vq)
{
    return vq->avail + 1;
}

static u16 *avail_ring(const struct virtq *vq)
{
    return vq->avail + 2;
}

static u16 *used_event(const struct virtq *vq) /* ours: when we want an interrupt */
{
    return vq->avail + 2 + vq->size;
}

static u16 *used_idx(const struct virtq *vq)
{
    return vq->used + 1;
}

static const struct used_elem *used_ring(const struct virtq *vq)
{
    return (const struct used_elem *)(vq->used + 2);
}

static u16 *avail_event(const struct virtq *vq) /* the device's: when it wants a kick */
{
    return vq->used + 2 + 4 * vq->size;
}

/* Length, flags and the next one are a word, which counts up along the table. */
static void fill_table(struct virtq_desc *table, const struct virtq_seg *seg, unsigned out, unsigned n)
{
    u64 flags = (u64)DESC_NEXT << 32 | 1ull << 48;
    for (unsigned i = 0; i < n; i++, flags += 1ull << 48) {
        if (i == out)
            flags |= (u64)DESC_WRITE << 32;
        table[i].addr = seg[i].addr;
        store_le64(&table[i].len, seg[i].len | flags);
    }
    table[n - 1].flags_or_id &= (u16)~DESC_NEXT;
}

static void fill_chain(struct virtq *vq, u16 head, const struct virtq_seg *seg, unsigned out, unsigned n)
{
    u16 at = head;
    for (unsigned i = 0; i < n; i++) {
        u16 next = vq->slot[at].next;
        vq->desc[at] =
            (struct virtq_desc){.addr = seg[i].addr,
                                .len = seg[i].len,
                                .flags_or_id = (u16)((i >= out ? DESC_WRITE : 0) | (i + 1 < n ? DESC_NEXT : 0)),
                                .next_or_flags = next};
        at = next;
    }
    vq->free_head = at;
}

static void publish(struct virtq *vq, u16 head)
{
    avail_ring(vq)[vq->avail_idx & (vq->size - 1)] = head;
    vq->avail_idx++;
    store_release(avail_idx(vq), vq->avail_idx); /* the entry before the index that shows it (2.7.13.3) */
}

/* n more stand in the ring, up to `at`. */
static inline void added(struct virtq *vq, unsigned n, u32 free_head, u32 at)
{
    vq->free_head = (u16)free_head;
    vq->free = (u16)(vq->free - n);
    vq->avail_idx = (u16)at;
    store_release(avail_idx(vq), (u16)at); /* the entries before the index that shows them (2.7.13.3) */
}

static inline __attribute__((always_inline)) void add_burst(struct virtq *vq, const struct virtq_seg *seg,
                                                            void *const *token, unsigned n, bool write)
{
    struct virtq_slot *slot = vq->slot;
    struct virtq_desc *desc = vq->desc;
    u16 *ring = avail_ring(vq);
    u32 mask = vq->size - 1u, at = vq->avail_idx, head = vq->free_head;

    for (const struct virtq_seg *end = seg + n; seg < end; seg++) {
        struct virtq_slot *s = &slot[head];
        u32 next = s->next, len = seg->len;
        s->token = *token++;
        virtq_slot_single(s, write ? len : 0);
        desc[head].addr = seg->addr;
        store_le64(&desc[head].len, len | (write ? (u64)DESC_WRITE << 32 : 0)); /* and no next one */
        ring[at++ & mask] = (u16)head;
        head = next;
    }
    added(vq, n, head, at);
}

void virtq_split_add_burst(struct virtq *vq, const struct virtq_seg *seg, void *const *token, unsigned n, bool write)
{
    if (write)
        add_burst(vq, seg, token, n, true);
    else
        add_burst(vq, seg, token, n, false);
}

void virtq_split_add_alike(struct virtq *vq, void *const *token, unsigned n, u32 off, u32 len)
{
    struct virtq_slot *slot = vq->slot;
    struct virtq_desc *desc = vq->desc;
    u16 *ring = avail_ring(vq);
    u32 mask = vq->size - 1u, at = vq->avail_idx, head = vq->free_head;
    u64 move = bus_dma(NULL) + off, word = len | (u64)DESC_WRITE << 32;

    for (void *const *end = token + n; token < end; token++) {
        u32 next = slot[head].next;
        slot[head].token = *token;
        virtq_slot_single(&slot[head], len);
        desc[head].addr = (u64)*token + move;
        store_le64(&desc[head].len, word);
        ring[at++ & mask] = (u16)head;
        head = next;
    }
    added(vq, n, head, at);
}

void virtq_split_add_pairs(struct virtq *vq, const struct virtq_seg *seg, void *const *token, unsigned n)
{
    struct virtq_slot *slot = vq->slot;
    u16 *ring = avail_ring(vq);
    u32 mask = vq->size - 1u, most = vq->indirect_most, at = vq->avail_idx, head = vq->free_head;

    for (const struct virtq_seg *end = seg + 2 * (size_t)n; seg < end; seg += 2) {
        struct virtq_slot *s = &slot[head];
        struct virtq_desc *table = vq->indirect + (size_t)head * most, *d = &vq->desc[head];
        u32 next = s->next;
        table[0].addr = seg[0].addr;
        store_le64(&table[0].len, seg[0].len | (u64)(DESC_NEXT | DESC_WRITE) << 32 | 1ull << 48);
        table[1].addr = seg[1].addr;
        store_le64(&table[1].len, seg[1].len | (u64)DESC_WRITE << 32);
        d->addr = bus_dma(table);
        store_le64(&d->len, 2 * sizeof(*table) | (u64)DESC_INDIRECT << 32);
        s->token = *token++;
        virtq_slot_single(s, seg[0].len + seg[1].len);
        ring[at++ & mask] = (u16)head;
        head = next;
    }
    added(vq, n, head, at);
}

u16 virtq_split_add(struct virtq *vq, const struct virtq_seg *seg, unsigned out, unsigned in, bool indirect)
{
    u16 head = vq->free_head;
    unsigned n = out + in;

    if (indirect) {
        struct virtq_desc *table = vq->indirect + (size_t)head * vq->indirect_most;
        fill_table(table, seg, out, n);
        vq->free_head = vq->slot[head].next;
        vq->desc[head].addr = bus_dma(table);
        store_le64(&vq->desc[head].len, n * sizeof(*table) | (u64)DESC_INDIRECT << 32);
        n = 1;
    } else {
        fill_chain(vq, head, seg, out, n);
    }
    vq->slot[head].descs = (u16)n;
    vq->free = (u16)(vq->free - n);
    publish(vq, head);
    return head;
}

bool virtq_split_kick_due(struct virtq *vq)
{
    u16 now = vq->avail_idx, old = vq->kicked_idx;

    if (now == old)
        return false;
    vq->kicked_idx = now;
    if (vq->event_idx)
        return virtq_event_passed(load_relaxed(avail_event(vq)), now, old);
    return !(load_relaxed(vq->used) & USED_NO_NOTIFY);
}

/* The last slot of a chain: slot[].next still leads through it as it was linked. */
static NOINLINE struct virtq_slot *last_of(struct virtq_slot *slot, struct virtq_slot *s)
{
    for (u16 n = s->descs; n > 1; n--)
        s = &slot[s->next];
    return s;
}

unsigned virtq_split_get_burst(struct virtq *vq, struct virtq_done *done, unsigned most)
{
    const struct used_elem *ring = used_ring(vq);
    struct virtq_slot *slot = vq->slot;
    u32 size = vq->size, at = vq->used_idx, head = vq->free_head, free = vq->free;
    u32 ready = (u16)(load_acquire(used_idx(vq)) - at);

    if (unlikely(ready > size)) {
        virtq_break(vq, "used index that jumps");
        return 0;
    }
    most = min(ready, most);
    for (const struct virtq_done *end = done + most; done < end; done++) {
        const struct used_elem *e = &ring[at++ & (size - 1)];
        u32 id = load_relaxed(&e->id), len = load_relaxed(&e->len); /* once: the device may change them under us */
        struct virtq_slot *s = &slot[id];
        void *token;
        if (unlikely(id >= size || !(token = s->token) || len > s->writable)) {
            virtq_believes(vq, s, id, len); /* says why not */
            return most - (unsigned)(end - done);
        }
        s->token = NULL;
        done->token = token;
        done->len = len;
        if (unlikely(s->descs > 1)) {
            free += s->descs - 1u;
            s = last_of(slot, s);
        }
        s->next = (u16)head;
        head = id;
    }
    vq->used_idx = (u16)at;
    vq->free_head = (u16)head;
    vq->free = (u16)(free + most);
    return most;
}

bool virtq_split_pending(const struct virtq *vq)
{
    return load_acquire(used_idx(vq)) != vq->used_idx;
}

/* With the event index the flag is ignored (2.7.7.1): an event half the ring behind is as good as never. */
void virtq_split_irq_off(struct virtq *vq)
{
    if (vq->event_idx)
        store_relaxed(used_event(vq), (u16)(vq->used_idx - 1 - vq->size));
    else
        store_relaxed(vq->avail, AVAIL_NO_INTERRUPT);
}

void virtq_split_irq_on(struct virtq *vq)
{
    if (vq->event_idx)
        store_relaxed(used_event(vq), vq->used_idx);
    else
        store_relaxed(vq->avail, (u16)0);
}

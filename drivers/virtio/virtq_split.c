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

static void fill_table(struct virtq_desc *table, const struct virtq_seg *seg, unsigned out, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        table[i] = (struct virtq_desc){.addr = seg[i].addr,
                                       .len = seg[i].len,
                                       .flags_or_id = (u16)((i >= out ? DESC_WRITE : 0) | (i + 1 < n ? DESC_NEXT : 0)),
                                       .next_or_flags = (u16)(i + 1)};
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

u16 virtq_split_add(struct virtq *vq, const struct virtq_seg *seg, unsigned out, unsigned in, bool indirect)
{
    u16 head = vq->free_head;
    unsigned n = out + in;

    if (indirect) {
        struct virtq_desc *table = vq->indirect + (size_t)head * vq->indirect_most;
        fill_table(table, seg, out, n);
        vq->free_head = vq->slot[head].next;
        vq->desc[head] =
            (struct virtq_desc){.addr = bus_dma(table), .len = (u32)(n * sizeof(*table)), .flags_or_id = DESC_INDIRECT};
        n = 1;
    } else {
        fill_chain(vq, head, seg, out, n);
    }
    vq->slot[head].descs = (u16)n;
    vq->free = (u16)(vq->free - n);
    avail_ring(vq)[vq->avail_idx & (vq->size - 1)] = head;
    vq->avail_idx++;
    store_release(avail_idx(vq), vq->avail_idx); /* the entry before the index that shows it (2.7.13.3) */
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

/* The chain goes back to the free list as it was linked: slot[].next still leads through it. */
static void free_chain(struct virtq *vq, u16 head)
{
    u16 last = head, n = vq->slot[head].descs;
    for (u16 i = 1; i < n; i++)
        last = vq->slot[last].next;
    vq->slot[last].next = vq->free_head;
    vq->free_head = head;
    vq->free = (u16)(vq->free + n);
}

void *virtq_split_get(struct virtq *vq, u32 *len)
{
    u16 ready = (u16)(load_acquire(used_idx(vq)) - vq->used_idx);

    if (!ready)
        return NULL;
    if (unlikely(ready > vq->size)) {
        virtq_break(vq, "used index that jumps");
        return NULL;
    }
    const struct used_elem *e = &used_ring(vq)[vq->used_idx & (vq->size - 1)];
    u32 id = load_relaxed(&e->id), n = load_relaxed(&e->len); /* read once: the device may change them under us */
    void *token = virtq_take(vq, id, n);
    if (unlikely(!token))
        return NULL;
    free_chain(vq, (u16)id);
    vq->used_idx++;
    *len = n;
    return token;
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

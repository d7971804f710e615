/* The packed ring (virtio 1.2, 2.8): one table, read and written by both sides in turn.
 *
 *     flags bit 7 (AVAIL) and bit 15 (USED): an entry is the device's when AVAIL equals our wrap bit and USED does not;
 *     it is ours again when both equal the wrap bit under which we look. The wrap bits flip at the end of the table.
 *
 *     event areas: u16 off_wrap (entry, and its wrap bit in bit 15), u16 flags (0 always, 1 never, 2 at off_wrap)
 *
 * Ids and ring positions are apart: a buffer's id is taken from the free list of slots and comes back in the used
 * entry.
 */
#include "drivers/bus.h"
#include "drivers/virtio/virtq_ring.h"
#include "lib/atomic.h"

#define PACKED_AVAIL (1u << 7)
#define PACKED_USED  (1u << 15)

#define EVENT_ENABLE  0u
#define EVENT_DISABLE 1u
#define EVENT_DESC    2u

static u16 ours_to_device(bool wrap)
{
    return wrap ? PACKED_AVAIL : PACKED_USED;
}

static void advance_avail(struct virtq *vq)
{
    if (++vq->avail_idx == vq->size) {
        vq->avail_idx = 0;
        vq->avail_wrap = !vq->avail_wrap;
    }
}

void virtq_packed_add_burst(struct virtq *vq, const struct virtq_seg *seg, void *const *token, unsigned n, bool write)
{
    struct virtq_slot *slot = vq->slot;
    u32 at = vq->avail_idx, id = vq->free_head, size = vq->size, writable = write ? ~0u : 0;
    u32 flags = ours_to_device(vq->avail_wrap) | (writable & DESC_WRITE);

    for (unsigned i = 0; i < n; i++) {
        struct virtq_slot *s = &slot[id];
        struct virtq_desc *d = &vq->desc[at];
        u32 next = s->next, len = seg[i].len;
        s->token = token[i];
        s->writable = len & writable;
        s->descs = 1;
        d->addr = seg[i].addr;
        d->len = len;
        d->flags_or_id = (u16)id;
        store_release(&d->next_or_flags, (u16)flags);
        id = next;
        if (unlikely(++at == size)) {
            at = 0;
            vq->avail_wrap = !vq->avail_wrap;
            flags ^= PACKED_AVAIL | PACKED_USED;
        }
    }
    vq->avail_idx = (u16)at;
    vq->free_head = (u16)id;
    vq->free = (u16)(vq->free - n);
    vq->added = (u16)(vq->added + n);
}

/* Writes the chain's entries; the first one's flags go last, so that the device sees all of it or none. */
static void fill_ring(struct virtq *vq, u16 id, const struct virtq_seg *seg, unsigned out, unsigned n, u16 extra)
{
    u16 first = vq->avail_idx, first_flags = 0;

    for (unsigned i = 0; i < n; i++) {
        struct virtq_desc *d = &vq->desc[vq->avail_idx];
        u16 flags =
            (u16)(ours_to_device(vq->avail_wrap) | extra | (i >= out ? DESC_WRITE : 0) | (i + 1 < n ? DESC_NEXT : 0));
        d->addr = seg[i].addr;
        d->len = seg[i].len;
        d->flags_or_id = id;
        if (i == 0)
            first_flags = flags;
        else
            d->next_or_flags = flags;
        advance_avail(vq);
    }
    store_release(&vq->desc[first].next_or_flags, first_flags);
}

u16 virtq_packed_add(struct virtq *vq, const struct virtq_seg *seg, unsigned out, unsigned in, bool indirect)
{
    u16 id = vq->free_head;
    unsigned n = out + in;

    vq->free_head = vq->slot[id].next;
    if (indirect) {
        struct virtq_desc *table = vq->indirect + (size_t)id * vq->indirect_most;
        for (unsigned i = 0; i < n; i++) /* 2.8.7: in a table only WRITE counts */
            table[i] = (struct virtq_desc){
                .addr = seg[i].addr, .len = seg[i].len, .next_or_flags = (u16)(i >= out ? DESC_WRITE : 0)};
        struct virtq_seg whole = {bus_dma(table), (u32)(n * sizeof(*table))};
        n = 1;
        fill_ring(vq, id, &whole, 1, 1, DESC_INDIRECT);
    } else {
        fill_ring(vq, id, seg, out, n, 0);
    }
    vq->slot[id].descs = (u16)n;
    vq->free = (u16)(vq->free - n);
    vq->added = (u16)(vq->added + n);
    return id;
}

bool virtq_packed_kick_due(struct virtq *vq)
{
    u16 added = vq->added;
    u16 flags = load_acquire(vq->used + 1);

    if (!added)
        return false;
    vq->added = 0;
    if (!vq->event_idx || flags != EVENT_DESC)
        return flags != EVENT_DISABLE;
    /* Bring the event into our lap: a different wrap bit means that it lies one lap behind. */
    u16 off_wrap = load_relaxed(vq->used);
    u16 event = (u16)((off_wrap & 0x7fff) - ((off_wrap >> 15) == vq->avail_wrap ? 0 : vq->size));
    return virtq_event_passed(event, vq->avail_idx, (u16)(vq->avail_idx - added));
}

static bool used_at(const struct virtq *vq)
{
    u16 flags = load_acquire(&vq->desc[vq->used_idx].next_or_flags);
    bool avail = flags & PACKED_AVAIL, used = flags & PACKED_USED;
    return avail == used && used == vq->used_wrap;
}

bool virtq_packed_pending(const struct virtq *vq)
{
    return used_at(vq);
}

unsigned virtq_packed_get_burst(struct virtq *vq, struct virtq_done *done, unsigned most)
{
    struct virtq_slot *slot = vq->slot;
    u32 at = vq->used_idx, head = vq->free_head, free = vq->free, size = vq->size;
    u32 back = vq->used_wrap ? PACKED_AVAIL | PACKED_USED : 0;
    unsigned n = 0;

    for (; n < most; n++) {
        const struct virtq_desc *d = &vq->desc[at];
        if ((load_acquire(&d->next_or_flags) & (PACKED_AVAIL | PACKED_USED)) != back)
            break;
        u32 id = load_relaxed(&d->flags_or_id), len = load_relaxed(&d->len); /* once, as in the split ring */
        struct virtq_slot *s = &slot[id];
        if (unlikely(!virtq_believes(vq, s, id, len)))
            return n;
        done[n] = (struct virtq_done){s->token, len};
        s->token = NULL;
        s->next = (u16)head;
        head = id;
        free += s->descs;
        at += s->descs;
        if (unlikely(at >= size)) {
            at -= size;
            back ^= PACKED_AVAIL | PACKED_USED;
        }
    }
    vq->used_idx = (u16)at;
    vq->used_wrap = back;
    vq->free_head = (u16)head;
    vq->free = (u16)free;
    return n;
}

void virtq_packed_irq_off(struct virtq *vq)
{
    store_relaxed(vq->avail + 1, (u16)EVENT_DISABLE);
}

void virtq_packed_irq_on(struct virtq *vq)
{
    if (!vq->event_idx) {
        store_release(vq->avail + 1, (u16)EVENT_ENABLE);
        return;
    }
    store_relaxed(vq->avail, (u16)(vq->used_idx | (u32)vq->used_wrap << 15));
    store_release(vq->avail + 1, (u16)EVENT_DESC);
}

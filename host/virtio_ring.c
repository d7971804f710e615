/* The device's side of the virtqueues: takes buffers, gives them back, asks whether to interrupt. See virtio_dev.h.
 *
 * Written from the specification's device requirements (2.7, 2.8), apart from the driver's files, so that the two check
 * each other.
 */
#include "host/virtio_dev.h"
#include "lib/atomic.h"
#include "lib/byteorder.h"

#define NEXT     1u
#define WRITE    2u
#define INDIRECT 4u
#define AVAIL    0x80u
#define USED     0x8000u

static bool packed(const struct host_virtio *d)
{
    return d->accepted & VIRTIO_F_RING_PACKED;
}

static void add_seg(struct host_virtio_chain *c, const struct virtq_desc *e, u16 flags)
{
    if (c->n < HOST_VIRTIO_SEGS)
        c->seg[c->n++] = (struct host_virtio_seg){(u8 *)e->addr, e->len, flags & WRITE};
}

static void follow(struct host_virtio_chain *c, const struct virtq_desc *table, u16 at, unsigned most)
{
    for (unsigned i = 0; i < most; i++) {
        add_seg(c, &table[at], table[at].flags_or_id);
        if (!(table[at].flags_or_id & NEXT))
            return;
        at = table[at].next_or_flags;
    }
}

static bool pop_split(struct host_virtio_queue *q, struct host_virtio_chain *c)
{
    if (load_acquire(&q->driver[1]) == q->next)
        return false;
    c->id = q->driver[2 + q->next % q->size];
    q->next++;
    const struct virtq_desc *e = &q->desc[c->id];
    if (e->flags_or_id & INDIRECT)
        follow(c, (const struct virtq_desc *)e->addr, 0, e->len / sizeof(*e));
    else
        follow(c, q->desc, c->id, q->size);
    return true;
}

static bool pop_packed(struct host_virtio_queue *q, struct host_virtio_chain *c)
{
    const struct virtq_desc *e = &q->desc[q->next];
    u16 flags = load_acquire(&e->next_or_flags);
    if (!!(flags & AVAIL) != q->next_wrap || !!(flags & USED) == q->next_wrap)
        return false;
    if (flags & INDIRECT) {
        const struct virtq_desc *table = (const struct virtq_desc *)e->addr;
        for (unsigned i = 0; i < e->len / sizeof(*table); i++)
            add_seg(c, &table[i], table[i].next_or_flags);
    }
    for (;;) {
        e = &q->desc[q->next];
        flags = e->next_or_flags;
        c->id = e->flags_or_id;
        c->descs++;
        if (!(flags & INDIRECT))
            add_seg(c, e, flags);
        if (++q->next == q->size) {
            q->next = 0;
            q->next_wrap = !q->next_wrap;
        }
        if (!(flags & NEXT))
            return true;
    }
}

static bool pop(struct host_virtio *d, struct host_virtio_queue *q, struct host_virtio_chain *c)
{
    c->n = c->descs = 0;
    return packed(d) ? pop_packed(q, c) : pop_split(q, c);
}

/* Asks for a kick at the very next buffer, and no sooner. */
static void ask_for_kick(struct host_virtio *d, struct host_virtio_queue *q)
{
    if (!packed(d)) {
        q->device[2 + 4 * q->size] = q->next;
        return;
    }
    q->device[0] = (u16)(q->next | (u32)q->next_wrap << 15);
    store_release(&q->device[1], (u16)2);
}

bool host_virtio_pop(struct host_virtio *d, u16 i, struct host_virtio_chain *c)
{
    struct host_virtio_queue *q = &d->q[i];
    if (pop(d, q, c))
        return true;
    if (!(d->accepted & VIRTIO_F_EVENT_IDX))
        return false;
    ask_for_kick(d, q);
    atomic_fence();
    return pop(d, q, c);
}

void host_virtio_push(struct host_virtio *d, u16 i, const struct host_virtio_chain *c, u32 written)
{
    struct host_virtio_queue *q = &d->q[i];
    if (!packed(d)) {
        u8 *e = (u8 *)(q->device + 2) + 8 * (q->used % q->size);
        store_le32(e, c->id);
        store_le32(e + 4, written);
        q->used++;
        store_release(&q->device[1], q->used);
        return;
    }
    struct virtq_desc *e = &q->desc[q->used];
    e->flags_or_id = c->id;
    e->len = written;
    store_release(&e->next_or_flags, (u16)(q->used_wrap ? AVAIL | USED : 0));
    q->used = (u16)(q->used + c->descs);
    q->pushed += c->descs;
    if (q->used >= q->size) {
        q->used = (u16)(q->used - q->size);
        q->used_wrap = !q->used_wrap;
    }
}

static bool wanted_split(struct host_virtio *d, struct host_virtio_queue *q)
{
    u16 old = q->told;
    q->told = q->used;
    if (old == q->used)
        return false;
    if (!(d->accepted & VIRTIO_F_EVENT_IDX))
        return !(q->driver[0] & 1);
    u16 event = q->driver[2 + q->size];
    return (u16)(q->used - event - 1) < (u16)(q->used - old);
}

/* Is the entry that the driver named among the `pushed` ones behind us? */
static bool wanted_packed(struct host_virtio_queue *q)
{
    u32 pushed = q->pushed;
    q->pushed = 0;
    if (!pushed || q->driver[1] == 1)
        return false;
    if (q->driver[1] == 0)
        return true;
    u32 now = q->used + (q->used_wrap ? 0u : q->size); /* a position on two laps */
    u32 event = (q->driver[0] & 0x7fffu) + (q->driver[0] >> 15 ? 0u : q->size);
    u32 behind = (now + 2u * q->size - event - 1) % (2u * q->size);
    return behind < pushed;
}

void host_virtio_irq(struct host_virtio *d, u16 i)
{
    struct host_virtio_queue *q = &d->q[i];
    if (!(packed(d) ? wanted_packed(q) : wanted_split(d, q)))
        return;
    d->irqs++;
    d->isr |= 1;
    host_dev_irq(&d->host, d->host.dev.irq_msi ? q->vector : 0);
}

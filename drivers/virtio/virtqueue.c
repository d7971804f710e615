/* Virtqueues: memory, slots, and the choice between split and packed. See virtqueue.h for the contract.
 *
 * The two ring forms stand in virtq_split.c and virtq_packed.c behind virtq_ring.h; here is what they share.
 *
 * Memory of a queue is one allocation, laid out as
 *
 *     desc[size]   driver area   device area   slot[size]   indirect[size][indirect_most]
 *
 * with the first three aligned as 2.6 and 2.8.10 ask (16, 4, 4; we give each a cache line).
 */
#include "drivers/virtio/virtqueue.h"

#include "drivers/bus.h"
#include "drivers/virtio/virtq_ring.h"
#include "lib/plat.h"
#include "lib/string.h"

static size_t driver_area(const struct virtq_shape *s)
{
    return round_up(s->packed ? 4 : 6 + 2ull * s->size, CACHE_LINE);
}

static size_t device_area(const struct virtq_shape *s)
{
    return round_up(s->packed ? 4 : 6 + 8ull * s->size, CACHE_LINE);
}

static void slots_link(struct virtq *vq)
{
    for (u16 i = 0; i < vq->size; i++)
        vq->slot[i] = (struct virtq_slot){.next = (u16)(i + 1)};
    vq->free = vq->size;
    vq->free_head = 0;
}

int virtq_init(struct virtq *vq, const struct virtq_shape *shape)
{
    u16 size = shape->size;
    if (!size || size > 32768 || (!shape->packed && !is_pow2(size)))
        return -EINVAL;

    size_t desc = round_up(sizeof(struct virtq_desc) * size, CACHE_LINE);
    size_t slots = round_up(sizeof(struct virtq_slot) * size, CACHE_LINE);
    size_t tables = sizeof(struct virtq_desc) * size * shape->indirect_most;
    size_t all = desc + driver_area(shape) + device_area(shape) + slots + tables;
    unsigned order = all <= 4096 ? 0 : log2_floor((all - 1) / 4096) + 1;
    char *mem = page_alloc(order);
    if (!mem)
        return -ENOMEM;
    *vq = (struct virtq){.size = size,
                         .index = shape->index,
                         .packed = shape->packed,
                         .event_idx = shape->event_idx,
                         .indirect_most = shape->indirect_most,
                         .mem = mem,
                         .mem_order = order};
    vq->desc = (struct virtq_desc *)mem;
    vq->avail = (u16 *)(mem += desc);
    vq->used = (u16 *)(mem += driver_area(shape));
    vq->slot = (struct virtq_slot *)(mem += device_area(shape));
    vq->indirect = shape->indirect_most ? (struct virtq_desc *)(mem + slots) : NULL;
    virtq_anew(vq);
    return 0;
}

void virtq_anew(struct virtq *vq)
{
    memset(vq->mem, 0, (size_t)((char *)vq->slot - (char *)vq->mem));
    vq->avail_idx = vq->kicked_idx = vq->used_idx = vq->added = 0;
    vq->avail_wrap = vq->used_wrap = true;
    vq->broken = NULL;
    slots_link(vq);
}

void virtq_free(struct virtq *vq)
{
    if (vq->mem)
        page_free(vq->mem, vq->mem_order);
    *vq = (struct virtq){0};
}

struct virtq_where virtq_where(const struct virtq *vq)
{
    return (struct virtq_where){bus_dma(vq->desc), bus_dma(vq->avail), bus_dma(vq->used)};
}

/* There is room. */
static void add_chain(struct virtq *vq, const struct virtq_seg *seg, unsigned out, unsigned in, bool indirect,
                      void *token)
{
    u16 id = vq->packed ? virtq_packed_add(vq, seg, out, in, indirect) : virtq_split_add(vq, seg, out, in, indirect);
    u32 writable = 0;
    for (unsigned i = out; i < out + in; i++)
        writable += seg[i].len;
    vq->slot[id].token = token;
    vq->slot[id].writable = writable;
}

static NOINLINE int try_chain(struct virtq *vq, const struct virtq_seg *seg, unsigned out, unsigned in, void *token)
{
    unsigned n = out + in;
    bool indirect = n > 1 && n <= vq->indirect_most;

    if (!n || !token || (!indirect && n > vq->size))
        return -EINVAL;
    if (vq->broken)
        return -EIO;
    if (vq->free < (indirect ? 1 : n))
        return -ENOSPC;
    add_chain(vq, seg, out, in, indirect, token);
    return 0;
}

int virtq_add(struct virtq *vq, const struct virtq_seg *seg, unsigned out, unsigned in, void *token)
{
    if (out + in == 1 && token && vq->free)
        return virtq_add_burst(vq, seg, &token, 1, in) ? 0 : -EIO;
    return try_chain(vq, seg, out, in, token);
}

unsigned virtq_add_burst(struct virtq *vq, const struct virtq_seg *seg, void *const *token, unsigned n, bool write)
{
    n = min(n, (unsigned)vq->free);
    if (vq->packed)
        virtq_packed_add_burst(vq, seg, token, n, write);
    else
        virtq_split_add_burst(vq, seg, token, n, write);
    return n;
}

unsigned virtq_add_alike(struct virtq *vq, void *const *token, unsigned n, u32 off, u32 len)
{
    n = min(n, (unsigned)vq->free);
    if (!vq->packed) {
        virtq_split_add_alike(vq, token, n, off, len);
        return n;
    }
    for (unsigned i = 0; i < n; i++)
        virtq_packed_add_burst(vq, &(struct virtq_seg){bus_dma((u8 *)token[i] + off), len}, token + i, 1, true);
    return n;
}

unsigned virtq_add_pairs(struct virtq *vq, const struct virtq_seg *seg, void *const *token, unsigned n)
{
    n = min(n, (unsigned)vq->free);
    if (!vq->packed)
        virtq_split_add_pairs(vq, seg, token, n);
    else
        for (unsigned i = 0; i < n; i++)
            add_chain(vq, seg + 2 * (size_t)i, 0, 2, true, token[i]);
    return n;
}

bool virtq_kick(struct virtq *vq)
{
    bus_fence(); /* what we published before what the device asks for (2.7.13.4, 2.8.21.3) */
    bool due = vq->packed ? virtq_packed_kick_due(vq) : virtq_split_kick_due(vq);
    if (!due || vq->broken)
        return false;
    vq->kicks++;
    vq->notify(vq);
    return true;
}

unsigned virtq_get_burst(struct virtq *vq, struct virtq_done *done, unsigned most)
{
    if (unlikely(vq->broken))
        return 0;
    return vq->packed ? virtq_packed_get_burst(vq, done, most) : virtq_split_get_burst(vq, done, most);
}

void *virtq_get(struct virtq *vq, u32 *len)
{
    struct virtq_done done;
    if (!virtq_get_burst(vq, &done, 1))
        return NULL;
    *len = done.len;
    return done.token;
}

void virtq_irq_off(struct virtq *vq)
{
    if (vq->packed)
        virtq_packed_irq_off(vq);
    else
        virtq_split_irq_off(vq);
}

bool virtq_irq_on(struct virtq *vq)
{
    if (vq->packed)
        virtq_packed_irq_on(vq);
    else
        virtq_split_irq_on(vq);
    bus_fence(); /* the request to be told before the look whether it is too late for that */
    return !vq->broken && (vq->packed ? virtq_packed_pending(vq) : virtq_split_pending(vq));
}

void *virtq_detach(struct virtq *vq)
{
    for (u16 i = 0; i < vq->size; i++) {
        void *token = vq->slot[i].token;
        if (token) {
            vq->slot[i].token = NULL;
            return token;
        }
    }
    return NULL;
}

/* Internal to drivers/virtio. */
/* What each ring form gives to virtqueue.c: virtq_split.c and virtq_packed.c, one function for one.
 *
 * The caller has checked room and health before `add`, and that the queue is not broken before `get`. A burst keeps in
 * registers what each of its buffers needs, and tells the device once. `get`, `pending` and `kick_due` are the only
 * ones that read what the device wrote; each reads a word once.
 */
#ifndef DRIVERS_VIRTIO_VIRTQ_RING_H
#define DRIVERS_VIRTIO_VIRTQ_RING_H

#include "drivers/virtio/virtq.h"

/* Has the buffer with this id come back, and were `len` bytes written, as the device says? Judged by what we know of it
 * (s, slot number id), never by what the device says of itself. False: it lies, and the queue is broken. */
static inline bool virtq_believes(struct virtq *vq, const struct virtq_slot *s, u32 id, u32 len)
{
    if (unlikely(id >= vq->size || !s->token)) {
        virtq_break(vq, "buffer id that is not in flight");
        return false;
    }
    if (unlikely(len > s->writable)) {
        virtq_break(vq, "length beyond the buffer");
        return false;
    }
    return true;
}

u16 virtq_split_add(struct virtq *vq, const struct virtq_seg *seg, unsigned out, unsigned in, bool indirect);
bool virtq_split_kick_due(struct virtq *vq);
void virtq_split_add_burst(struct virtq *vq, const struct virtq_seg *seg, void *const *token, unsigned n, bool write);
unsigned virtq_split_get_burst(struct virtq *vq, struct virtq_done *done, unsigned most);
bool virtq_split_pending(const struct virtq *vq);
void virtq_split_irq_off(struct virtq *vq);
void virtq_split_irq_on(struct virtq *vq);

void virtq_split_add_alike(struct virtq *vq, void *const *token, unsigned n, u32 off, u32 len);
void virtq_split_add_pairs(struct virtq *vq, const struct virtq_seg *seg, void *const *token, unsigned n);

u16 virtq_packed_add(struct virtq *vq, const struct virtq_seg *seg, unsigned out, unsigned in, bool indirect);
bool virtq_packed_kick_due(struct virtq *vq);
void virtq_packed_add_burst(struct virtq *vq, const struct virtq_seg *seg, void *const *token, unsigned n, bool write);
unsigned virtq_packed_get_burst(struct virtq *vq, struct virtq_done *done, unsigned most);
bool virtq_packed_pending(const struct virtq *vq);
void virtq_packed_irq_off(struct virtq *vq);
void virtq_packed_irq_on(struct virtq *vq);

#endif

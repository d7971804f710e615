/* A virtqueue: buffers to the device, and back. Split and packed rings, event index, indirect tables
 * (virtio 1.2, 2.6-2.8).
 *
 *     virtq_add(vq, seg, out, in, token)      one buffer chain: `out` segments the device reads, then `in` it writes
 *     virtq_kick(vq)                          once after a burst of adds; tells the device only if it wants to be told
 *     while ((token = virtq_get(vq, &len)))   what came back; len is how much the device says that it wrote
 *     if (virtq_irq_on(vq)) ... poll again    re-arms the interrupt; true: more came back meanwhile
 *
 * The device is a stranger. An id that is not in flight, a length beyond the buffer, a used index that jumps: the queue
 * is `broken` from then on, with the reason; virtq_get gives NULL, virtq_add -EIO, and the owner resets the device and
 * takes his tokens back with virtq_detach. Nothing the device writes is ever used as an index or length unchecked;
 * everything the driver needs to know about a buffer is kept in `slot`, out of the device's reach.
 *
 * One owner at a time: the caller serialises (NAPI: the CPU that polls). No locks in here.
 */
#ifndef DRIVERS_VIRTIO_VIRTQUEUE_H
#define DRIVERS_VIRTIO_VIRTQUEUE_H

#include "drivers/virtio/virtq.h"

/* What the transport needs to tell the device where a queue lies. */
struct virtq_where {
    u64 desc, driver, device;
};

struct virtq_shape {
    u16 size; /* split: a power of 2; <= 32768 */
    u16 index;
    bool packed, event_idx;
    u16 indirect_most;
};

int virtq_init(struct virtq *vq, const struct virtq_shape *shape); /* 0, -EINVAL, -ENOMEM */
void virtq_anew(struct virtq *vq); /* as after virtq_init, in the same memory; what was in flight is forgotten */
void virtq_free(struct virtq *vq); /* the device must have been reset before */
struct virtq_where virtq_where(const struct virtq *vq);

int virtq_add(struct virtq *vq, const struct virtq_seg *seg, unsigned out, unsigned in, void *token); /* 0, -ENOSPC,
    -EIO, -EINVAL: more segments than the ring could ever hold */
/* The packet path's way: n buffers of one segment each, token[i] (never NULL) for seg[i]; the first so many were added.
 */
unsigned virtq_add_burst(struct virtq *vq, const struct virtq_seg *seg, void *const *token, unsigned n, bool write);
/* n buffers for the device to write to that are all alike: `len` bytes, `off` behind their tokens. */
unsigned virtq_add_alike(struct virtq *vq, void *const *token, unsigned n, u32 off, u32 len);
/* Buffers of two segments each for the device to write to, seg[2i] and seg[2i + 1]; of queues with indirect tables. */
unsigned virtq_add_pairs(struct virtq *vq, const struct virtq_seg *seg, void *const *token, unsigned n);
unsigned virtq_get_burst(struct virtq *vq, struct virtq_done *done, unsigned most); /* how many came back */
bool virtq_kick(struct virtq *vq);                                                  /* true: the device was told */
void *virtq_get(struct virtq *vq, u32 *len);
void virtq_irq_off(struct virtq *vq);
bool virtq_irq_on(struct virtq *vq);  /* true: something is there already, poll on */
void *virtq_detach(struct virtq *vq); /* after a reset: takes back one buffer in flight; NULL when none is left */

#endif

/* Internal to drivers/virtio. */
/* What each ring form gives to virtqueue.c: virtq_split.c and virtq_packed.c, one function for one.
 *
 * The caller has checked room and health before `add`, and that the queue is not broken before `get`. `get`, `pending`
 * and `kick_due` are the only ones that read what the device wrote; each reads a word once.
 */
#ifndef DRIVERS_VIRTIO_VIRTQ_RING_H
#define DRIVERS_VIRTIO_VIRTQ_RING_H

#include "drivers/virtio/virtq.h"

u16 virtq_split_add(struct virtq *vq, const struct virtq_seg *seg, unsigned out, unsigned in, bool indirect);
bool virtq_split_kick_due(struct virtq *vq);
void *virtq_split_get(struct virtq *vq, u32 *len);
bool virtq_split_pending(const struct virtq *vq);
void virtq_split_irq_off(struct virtq *vq);
void virtq_split_irq_on(struct virtq *vq);

u16 virtq_packed_add(struct virtq *vq, const struct virtq_seg *seg, unsigned out, unsigned in, bool indirect);
bool virtq_packed_kick_due(struct virtq *vq);
void *virtq_packed_get(struct virtq *vq, u32 *len);
bool virtq_packed_pending(const struct virtq *vq);
void virtq_packed_irq_off(struct virtq *vq);
void virtq_packed_irq_on(struct virtq *vq);

#endif

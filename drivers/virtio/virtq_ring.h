/* Internal to drivers/virtio. */
/* What each ring form gives to virtqueue.c. Callers have checked room and health; `get` and `pending` are the only ones
 * that read what the device wrote. */
#ifndef DRIVERS_VIRTIO_VIRTQ_RING_H
#define DRIVERS_VIRTIO_VIRTQ_RING_H

#include "drivers/virtio/virtqueue.h"

#define DESC_NEXT     1u
#define DESC_WRITE    2u
#define DESC_INDIRECT 4u

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

/* virtqueue.c's, for both */
void virtq_break(struct virtq *vq, const char *why);
void *virtq_take(struct virtq *vq, u32 id, u32 len);

/* 2.7.10: is `event` among the entries from `old` up to, not including, `now`? All free-running. */
static inline bool virtq_event_passed(u16 event, u16 now, u16 old)
{
    return (u16)(now - event - 1) < (u16)(now - old);
}

#endif

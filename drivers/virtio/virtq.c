/* What both ring forms share: a buffer that comes back is checked against what we know of it, never against what the
 * device says of itself. See virtq.h.
 *
 * A queue that broke stays broken until its owner has reset the device and made the queue anew.
 */
#include "drivers/virtio/virtq.h"

void virtq_break(struct virtq *vq, const char *why)
{
    if (!vq->broken)
        vq->broken = why;
}

void *virtq_take(struct virtq *vq, u32 id, u32 len)
{
    if (unlikely(id >= vq->size || !vq->slot[id].token)) {
        virtq_break(vq, "buffer id that is not in flight");
        return NULL;
    }
    struct virtq_slot *s = &vq->slot[id];
    if (unlikely(len > s->writable)) {
        virtq_break(vq, "length beyond the buffer");
        return NULL;
    }
    void *token = s->token;
    s->token = NULL;
    vq->gets++;
    return token;
}

/* What becomes of a queue whose device is not to be trusted: it stays broken until its owner has reset the device and
 * made the queue anew. See virtq.h.
 */
#include "drivers/virtio/virtq.h"

void virtq_break(struct virtq *vq, const char *why)
{
    if (!vq->broken)
        vq->broken = why;
    vq->free = 0;
}

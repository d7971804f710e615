/* The virtqueue as an object: rings, slots, and what both ring forms need of it. The ground that virtq_split.c and
 * virtq_packed.c stand on; virtqueue.h on top of them is what drivers use.
 *
 * The rings are shared with the device, which may write anything there at any time; `slot` and the counters are ours.
 */
#ifndef DRIVERS_VIRTIO_VIRTQ_H
#define DRIVERS_VIRTIO_VIRTQ_H

#include "lib/base.h"
#include "lib/byteorder.h"

#define DESC_NEXT     1u
#define DESC_WRITE    2u
#define DESC_INDIRECT 4u

struct virtq_desc { /* split 2.7.5 and packed 2.8.13: 16 bytes both */
    u64 addr;
    u32 len;
    u16 flags_or_id;   /* split: flags; packed: buffer id */
    u16 next_or_flags; /* split: next; packed: flags */
};

struct virtq_seg {
    u64 addr; /* as the device sees it: bus_dma() */
    u32 len;
};

struct virtq_done {
    void *token;
    u32 len; /* bytes that the device says it wrote, at most those it might */
};

struct virtq_slot {
    void *token;  /* NULL: not in flight */
    u32 writable; /* bytes that the device may write */
    u16 descs;    /* ring entries that the buffer takes */
    u16 next;     /* split: the free list; packed: the list of free ids */
};

/* Of one segment: two fields in a store; `next` means nothing until it is back. */
static inline void virtq_slot_single(struct virtq_slot *s, u32 writable)
{
    static_assert(offsetof(struct virtq_slot, writable) == 8 && offsetof(struct virtq_slot, descs) == 12, "a word");
    store_le64(&s->writable, writable | 1ull << 32);
}

struct virtq {
    u16 size, index;
    bool packed, event_idx;
    u16 indirect_most; /* segments that fit one indirect table; 0: none */
    u16 free;          /* ring entries left; 0 for good when it broke */
    u16 free_head;     /* split: first free descriptor; packed: first free id */
    u16 avail_idx;     /* split: free-running; packed: next entry to fill */
    u16 kicked_idx;    /* avail_idx at the last kick that was considered */
    u16 used_idx;      /* split: free-running; packed: next entry to look at */
    u16 added;         /* since the last kick (packed) */
    bool avail_wrap, used_wrap;
    const char *broken; /* why the device is not trusted any more */

    /* the rings, shared with the device */
    struct virtq_desc *desc;
    u16 *avail;                  /* split: flags, idx, ring[size], used_event; packed: the driver's event area */
    u16 *used;                   /* split: flags, idx, {id, len}[size], avail_event; packed: the device's event area */
    struct virtq_desc *indirect; /* size tables of indirect_most */
    struct virtq_slot *slot;

    void (*notify)(struct virtq *vq);
    void *arg; /* the transport's */

    void *mem; /* of all of the above */
    unsigned mem_order;
    u64 kicks;
};

/* The device is not to be trusted any more; the first reason stays, and there is no room for anything. */
void virtq_break(struct virtq *vq, const char *why);

/* 2.7.10: is `event` among the entries from `old` up to, not including, `now`? All free-running. */
static inline bool virtq_event_passed(u16 event, u16 now, u16 old)
{
    return (u16)(now - event - 1) < (u16)(now - old);
}

#endif

/* Bounded queues of pointers between CPUs, without locks.
 *
 *     struct ring_spsc r;  void *slots[256];
 *     ring_spsc_init(&r, slots, 256);                       size: a power of two
 *     if (!ring_spsc_push(&r, p)) ... full: p is still the caller's
 *     unsigned n = ring_spsc_pop(&r, out, 64);              up to 64, in order; ownership goes with the pointer
 *
 * spsc: one producer and one consumer at a time, each on any CPU: no atomic instruction but ordered loads and stores.
 * mpsc: any number of producers, in any context, interrupts too; one consumer. A place is taken by one compare-and-swap
 * and filled by a store; a consumer that meets a place not yet filled stops before it, so a producer that is
 * interrupted in between delays those behind it, and loses nothing. Order is kept for each producer.
 *
 *          head (consumer)             tail (producer)          both only grow; the slot is index & mask
 *            v                           v
 *     ..... [x] [x] [x] [x] [x] [x] [x] ...                     tail - head <= size
 *
 * Pointers are never NULL. Neither wakes anybody: that is the owner's, after a push onto what ring_*_empty said of.
 */
#ifndef LIB_RING_H
#define LIB_RING_H

#include "lib/atomic.h"
#include "lib/base.h"

struct ring_spsc {
    void **slots;
    u32 mask;
    /* Each side has a line of its own, with its last look at the other's index: it looks again only when it must. */
    struct {
        u32 tail, head_seen;
    } CACHE_ALIGNED producer;
    struct {
        u32 head, tail_seen;
    } CACHE_ALIGNED consumer;
};

static inline void ring_spsc_init(struct ring_spsc *r, void **slots, u32 size)
{
    *r = (struct ring_spsc){.slots = slots, .mask = size - 1};
}

/* Pushes as many of n as there is room for, and says how many. One publication for all of them. */
static inline u32 ring_spsc_push_many(struct ring_spsc *r, void *const *p, u32 n)
{
    u32 tail = r->producer.tail, room = r->mask + 1 - (tail - r->producer.head_seen);

    if (room < n) {
        r->producer.head_seen = load_acquire(&r->consumer.head);
        room = r->mask + 1 - (tail - r->producer.head_seen);
    }
    n = min(n, room);
    for (u32 i = 0; i < n; i++)
        r->slots[(tail + i) & r->mask] = p[i];
    store_release(&r->producer.tail, tail + n);
    return n;
}

static inline bool ring_spsc_push(struct ring_spsc *r, void *p)
{
    return ring_spsc_push_many(r, &p, 1);
}

static inline u32 ring_spsc_pop(struct ring_spsc *r, void **out, u32 most)
{
    u32 head = r->consumer.head, n = r->consumer.tail_seen - head;

    if (n < most) {
        r->consumer.tail_seen = load_acquire(&r->producer.tail);
        n = r->consumer.tail_seen - head;
    }
    n = min(n, most);
    for (u32 i = 0; i < n; i++)
        out[i] = r->slots[(head + i) & r->mask];
    store_release(&r->consumer.head, head + n);
    return n;
}

/* By anyone; what it says may be old. */
static inline u32 ring_spsc_count(const struct ring_spsc *r)
{
    u32 head = load_acquire(&r->consumer.head);
    return load_acquire(&r->producer.tail) - head;
}

struct ring_mpsc {
    void **slots; /* NULL: free, or taken and not yet filled */
    u32 mask;
    u32 tail CACHE_ALIGNED; /* places taken so far */
    u32 head CACHE_ALIGNED; /* places emptied so far */
};

static inline void ring_mpsc_init(struct ring_mpsc *r, void **slots, u32 size)
{
    *r = (struct ring_mpsc){.slots = slots, .mask = size - 1};
    for (u32 i = 0; i < size; i++)
        slots[i] = NULL;
}

static inline bool ring_mpsc_push(struct ring_mpsc *r, void *p)
{
    u32 tail;

    do {
        tail = load_relaxed(&r->tail);
        /* acquire: the consumer emptied the slot before it moved head. Signed: head may have passed our old tail. */
        if ((i32)(tail - load_acquire(&r->head)) > (i32)r->mask)
            return false;
    } while (!atomic_cas(&r->tail, tail, tail + 1));
    store_release(&r->slots[tail & r->mask], p);
    return true;
}

static inline u32 ring_mpsc_pop(struct ring_mpsc *r, void **out, u32 most)
{
    u32 head = r->head, n = 0;

    for (; n < most; n++) {
        void **slot = &r->slots[(head + n) & r->mask];
        void *p = load_acquire(slot);
        if (!p)
            break;
        store_relaxed(slot, NULL);
        out[n] = p;
    }
    store_release(&r->head, head + n);
    return n;
}

static inline u32 ring_mpsc_count(const struct ring_mpsc *r)
{
    u32 head = load_acquire(&r->head);
    return load_acquire(&r->tail) - head;
}

#endif

/* drivers/virtio: a burst of 32 buffers of one segment added, told, given back by a device that does no more than that,
 * and reaped. ns for one buffer, the device's part included. */
#include "drivers/virtio/virtq.h"
#include "drivers/virtio/virtqueue.h"
#include "lib/atomic.h"
#include "tests/bench/bench.h"

#define BURST  32
#define ROUNDS 1000

static struct virtq vq;
static u16 done; /* split: free-running; packed: entry */
static bool wrap;
static u8 buffers[BURST][64];

static void notify(struct virtq *q)
{
}

/* Gives back what is there, in order. */
static void device(void)
{
    for (unsigned i = 0; i < BURST; i++) {
        if (!vq.packed) {
            u32 *e = (u32 *)(vq.used + 2) + 2 * (done & (vq.size - 1u));
            e[0] = vq.avail[2 + (done & (vq.size - 1u))];
            e[1] = 60;
            store_release(&vq.used[1], ++done);
            continue;
        }
        struct virtq_desc *d = &vq.desc[done];
        d->len = 60;
        store_release(&d->next_or_flags, (u16)(wrap ? 0x8080 : 0));
        if (++done == vq.size) {
            done = 0;
            wrap = !wrap;
        }
    }
}

static void bursts(void *arg)
{
    struct virtq_done back[BURST];
    struct virtq_seg seg[BURST];
    void *token[BURST];

    for (unsigned i = 0; i < BURST; i++) {
        seg[i] = (struct virtq_seg){(u64)buffers[i], 64};
        token[i] = buffers[i];
    }
    for (unsigned r = 0; r < ROUNDS; r++) {
        virtq_add_burst(&vq, seg, token, BURST, true);
        virtq_kick(&vq);
        device();
        bench_keep(virtq_get_burst(&vq, back, BURST));
    }
}

static void measure_virtq(void)
{
    for (unsigned packed = 0; packed < 2; packed++) {
        struct virtq_shape shape = {.size = 256, .packed = packed, .event_idx = true};
        if (virtq_init(&vq, &shape))
            return;
        vq.notify = notify;
        done = 0;
        wrap = true;
        bench_ns(packed ? "virtq packed, add and reap" : "virtq split, add and reap", BURST * ROUNDS, bursts, NULL);
        virtq_free(&vq);
    }
}

BENCH(virtq);

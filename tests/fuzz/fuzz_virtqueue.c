/* A hostile device against the driver's side of a virtqueue: the input is what both sides do, step by step.
 *
 * Whatever the device writes into the rings, no token may come back that is not in flight, none twice, and a length
 * never exceeds its buffer. AddressSanitizer watches the rest.
 */
#include "drivers/virtio/virtqueue.h"
#include "lib/string.h"

#define TOKENS 64

struct input {
    const u8 *p, *end;
};

static u32 next(struct input *in, unsigned bytes)
{
    u32 v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= (u32)(in->p < in->end ? *in->p++ : 0) << 8 * i;
    return v;
}

static void notify(struct virtq *vq)
{
}

static bool flying[TOKENS];
static u8 memory[TOKENS][64];

static void add(struct virtq *vq, struct input *in)
{
    unsigned t = next(in, 1) % TOKENS, out = next(in, 1) % 4, write = next(in, 1) % 4;
    struct virtq_seg seg[8];
    for (unsigned i = 0; i < out + write; i++)
        seg[i] = (struct virtq_seg){(u64)memory[t] + 8 * i, 8};
    if (!flying[t] && virtq_add(vq, seg, out, write, memory[t]) == 0)
        flying[t] = true;
}

static void get(struct virtq *vq)
{
    u32 len;
    u8 *p = virtq_get(vq, &len);
    if (!p)
        return;
    size_t t = (size_t)(p - memory[0]) / sizeof(memory[0]);
    if (t >= TOKENS || p != memory[t] || !flying[t] || len > sizeof(memory[0]))
        __builtin_trap();
    flying[t] = false;
}

/* The device's own memory: anything it may write, anywhere in it. */
static void harm(struct virtq *vq, struct input *in)
{
    u16 v = (u16)next(in, 2);
    unsigned at = next(in, 2);
    if (vq->packed && at & 1)
        memcpy((u8 *)vq->desc + at / 2 % (vq->size * 8u) * 2, &v, 2);
    else if (vq->packed)
        vq->used[at / 2 % 2] = v;
    else
        vq->used[at % (3u + 4u * vq->size)] = v;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct input in = {p, p + n};
    struct virtq vq;
    u8 how = (u8)next(&in, 1);
    struct virtq_shape shape = {
        .size = (u16)(1u << (how >> 4 & 7)), .packed = how & 1, .event_idx = how & 2, .indirect_most = how & 4 ? 6 : 0};
    memset(flying, 0, sizeof(flying));
    if (virtq_init(&vq, &shape))
        return 0;
    vq.notify = notify;
    while (in.p < in.end) {
        switch (next(&in, 1) % 6) {
        case 0: add(&vq, &in); break;
        case 1: virtq_kick(&vq); break;
        case 2: get(&vq); break;
        case 3: virtq_irq_on(&vq); break;
        case 4: virtq_irq_off(&vq); break;
        default: harm(&vq, &in);
        }
    }
    while (virtq_detach(&vq)) {
    }
    virtq_free(&vq);
    return 0;
}

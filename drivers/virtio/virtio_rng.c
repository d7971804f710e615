/* virtio-rng (virtio 1.2, 5.4): bytes from the host's generator into ours.
 *
 * One request at boot and one each RESEED_NS while the machine is awake for other reasons; each answer is credited as
 * full entropy up to what the device says that it wrote. The host sees all of our memory anyway: trusting its bytes
 * costs nothing that was not lost already, and entropy.c mixes them with what else there is.
 */
#include "drivers/virtio/virtio.h"

#include "lib/atomic.h"
#include "lib/plat.h"
#include "lib/string.h"
#include "lib/timer.h"

#define SEED_BYTES 64
#define RESEED_NS  (300 * NS_PER_S)

struct rng {
    struct virtio v;
    u8 *buf; /* SEED_BYTES, the device's while asked */
    struct timer reseed;
};

static void ask(struct rng *r)
{
    struct virtq_seg seg = {bus_dma(r->buf), SEED_BYTES};
    if (r->v.vq[0] && !virtq_add(r->v.vq[0], &seg, 0, 1, r))
        virtq_kick(r->v.vq[0]);
}

/* Interrupt context: 64 bytes are mixed in, and that is all there is to do. */
static void answered(void *arg)
{
    struct rng *r = arg;
    u32 len;

    if (!virtq_get(r->v.vq[0], &len))
        return;
    entropy_add("virtio-rng", r->buf, len, len * 8);
    memset(r->buf, 0, SEED_BYTES);
    timer_arm(&r->reseed, clock_ns() + RESEED_NS);
}

/* Its bytes are a luxury: nothing is asked of it any more. */
static void changed(void *arg)
{
    struct rng *r = arg;
    if (!virtio_needs_reset(&r->v))
        return;
    virtq_break(r->v.vq[0], "the device wants a reset");
    log_write(LOG_WARN, "%s: virtio-rng wants a reset, and gives no more", r->v.dev->name);
}

static void reseed(struct timer *t)
{
    ask(container_of(t, struct rng, reseed));
}

static int rng_start(struct rng *r)
{
    int err = virtio_features(&r->v, VIRTIO_RING_FEATURES);
    if (!err)
        err = virtio_irqs(&r->v, 1);
    if (!err)
        err = virtio_queue(&r->v, 0, 8, 0);
    if (!err)
        err = virtio_irq_queue(&r->v, 0, 0, answered, r);
    virtio_irq_config(&r->v, changed, r);
    return err;
}

static int rng_probe(struct bus_dev *dev)
{
    struct rng *r = mem_zalloc(sizeof(*r));
    if (!r)
        return -ENOMEM;
    int err = virtio_open(dev, &r->v);
    if (err)
        goto free_rng;
    err = -ENOMEM;
    r->buf = mem_alloc(SEED_BYTES);
    if (!r->buf)
        goto close;
    err = rng_start(r);
    if (err)
        goto free_buf;
    timer_init(&r->reseed, reseed);
    dev->driver_data = r;
    virtio_ready(&r->v);
    ask(r);
    return 0;

free_buf:
    virtio_fail(&r->v);
    mem_free(r->buf);
close:
    virtio_close(&r->v);
free_rng:
    mem_free(r);
    return err;
}

static void rng_remove(struct bus_dev *dev)
{
    struct rng *r = dev->driver_data;
    timer_cancel_wait(&r->reseed); /* no question is asked after this unless an answer arms it again, */
    virtio_close(&r->v);           /* and after this none comes, */
    timer_cancel_wait(&r->reseed); /* so that this one is the last */
    mem_free(r->buf);
    mem_free(r);
}

static const struct bus_id rng_ids[] = {VIRTIO_IDS(4, 0x1005){0}};

DRIVER(virtio_rng, .name = "virtio-rng", .early = true, .ids = rng_ids, .probe = rng_probe, .remove = rng_remove);

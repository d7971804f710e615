/* The life of a virtio device, the same over PCI and mmio. See virtio.h for the order of calls.
 *
 * Every wait for the device is bounded: one that does not come out of reset, or whose configuration never settles, is
 * given up with -EIO and told on the console by whoever probes it. Interrupt vectors: with MSI-X, 0 is the
 * configuration's and 1.. are the queues'; without, one line serves all and the ISR register says for whom.
 */
#include "drivers/virtio/virtio.h"

#include "lib/atomic.h"
#include "lib/plat.h"
#include "lib/string.h"

#define RESET_TRIES      1000 /* 1 ms apart at most; a device in QEMU is there at once */
#define GENERATION_TRIES 100

int virtio_reset(struct virtio *v)
{
    v->transport->status_set(v, 0);
    for (int i = 0; i < RESET_TRIES; i++) {
        if (v->transport->status_get(v) == 0)
            return 0;
        task_sleep(NS_PER_MS);
    }
    return -EIO;
}

static void status_or(struct virtio *v, u8 bits)
{
    v->transport->status_set(v, v->transport->status_get(v) | bits);
}

int virtio_open(struct bus_dev *dev, struct virtio *v)
{
    *v = (struct virtio){.dev = dev, .transport = dev->kind == BUS_PCI ? &virtio_pci : &virtio_mmio};
    int err = v->transport->open(v);
    if (err)
        return err;
    bus_master(dev, true);
    err = virtio_reset(v);
    if (err)
        return err;
    status_or(v, VIRTIO_ACKNOWLEDGE);
    status_or(v, VIRTIO_DRIVER);
    return 0;
}

int virtio_features(struct virtio *v, u64 wanted)
{
    u64 offered = v->transport->features_get(v);
    u64 chosen = offered & (wanted | VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM);

    if (!(chosen & VIRTIO_F_VERSION_1))
        return -ENODEV; /* legacy only */
    v->transport->features_set(v, chosen);
    status_or(v, VIRTIO_FEATURES_OK);
    if (!(v->transport->status_get(v) & VIRTIO_FEATURES_OK))
        return -EIO;
    v->features = chosen;
    return 0;
}

static void call(const struct virtio_irq *q)
{
    void (*fn)(void *arg) = load_acquire(&q->fn);
    if (fn)
        fn(q->arg);
}

static void set_irq(struct virtio_irq *q, void (*fn)(void *arg), void *arg)
{
    q->arg = arg;
    store_release(&q->fn, fn); /* it may interrupt already */
}

static void call_queues(struct virtio *v, unsigned from)
{
    for (unsigned i = from; i < v->queues; i++)
        call(&v->irq[i]);
}

static bool config_irq(void *arg)
{
    struct virtio *v = arg;
    call(&v->config_irq);
    return true;
}

static bool queue_irq(void *arg)
{
    call(arg);
    return true;
}

/* Vector n serves queue n - 1, the last one also all queues beyond it. */
static bool last_irq(void *arg)
{
    struct virtio *v = arg;
    call_queues(v, v->vectors - 2);
    return true;
}

/* One message for all: it does not say what for. */
static bool only_irq(void *arg)
{
    struct virtio *v = arg;
    call_queues(v, 0);
    return config_irq(v);
}

static bool line_irq(void *arg)
{
    struct virtio *v = arg;
    u8 what = v->transport->irq_ack(v);
    if (what & VIRTIO_ISR_QUEUE)
        call_queues(v, 0);
    if (what & VIRTIO_ISR_CONFIG)
        config_irq(v);
    return what;
}

static const char *irq_name(const struct virtio *v, unsigned i)
{
    return v->irq_names ? v->irq_names[i] : v->dev->name;
}

int virtio_irqs(struct virtio *v, unsigned queues)
{
    int got = bus_irq_setup(v->dev, 1 + min(queues, (unsigned)VIRTIO_QUEUES));
    if (got < 0)
        return got;
    v->vectors = (unsigned)got;
    v->msix = v->dev->irq_msi;
    if (!v->msix)
        return bus_irq_request(v->dev, 0, irq_name(v, 0), line_irq, v);

    int err = bus_irq_request(v->dev, 0, irq_name(v, got > 1), got == 1 ? only_irq : config_irq, v);
    for (unsigned i = 1; !err && i < v->vectors; i++) {
        bool last = i + 1 == v->vectors;
        err = bus_irq_request(v->dev, i, irq_name(v, i + 1), last ? last_irq : queue_irq,
                              last ? (void *)v : &v->irq[i - 1]);
    }
    return err ? err : v->transport->config_vector(v, 0);
}

void virtio_irq_config(struct virtio *v, void (*fn)(void *arg), void *arg)
{
    set_irq(&v->config_irq, fn, arg);
}

static u16 vector_of(const struct virtio *v, u16 queue)
{
    return v->msix ? (u16)min(queue + 1u, v->vectors - 1) : VIRTIO_NO_VECTOR;
}

int virtio_queue(struct virtio *v, u16 i, u16 size_most, u16 indirect_most)
{
    if (i >= VIRTIO_QUEUES || v->vq[i])
        return -EINVAL;
    u16 size = min(v->transport->queue_size(v, i), size_most);
    bool packed = v->features & VIRTIO_F_RING_PACKED;
    if (!size)
        return -ENXIO;
    if (!packed) /* 2.7: a power of 2; an honest device offers one, and we may take less */
        size = (u16)(1u << log2_floor(size));

    struct virtq *vq = mem_zalloc(sizeof(*vq));
    if (!vq)
        return -ENOMEM;
    struct virtq_shape shape = {.size = size,
                                .index = i,
                                .packed = packed,
                                .event_idx = v->features & VIRTIO_F_EVENT_IDX,
                                .indirect_most = v->features & VIRTIO_F_INDIRECT_DESC ? indirect_most : 0};
    int err = virtq_init(vq, &shape);
    if (err)
        goto free_vq;
    vq->arg = v;
    err = v->transport->queue_start(v, vq, vector_of(v, i));
    if (err)
        goto free_rings;
    v->vq[i] = vq;
    v->queues = max(v->queues, (u16)(i + 1));
    return 0;

free_rings:
    virtq_free(vq);
free_vq:
    mem_free(vq);
    return err;
}

int virtio_irq_queue(struct virtio *v, u16 i, unsigned cpu, void (*fn)(void *arg), void *arg)
{
    if (i >= v->queues)
        return -EINVAL;
    set_irq(&v->irq[i], fn, arg);
    return v->msix && i + 1u < v->vectors ? bus_irq_affinity(v->dev, i + 1u, cpu) : 0;
}

int virtio_queue_stop(struct virtio *v, u16 i)
{
    if (i >= v->queues || !v->vq[i])
        return -EINVAL;
    if (!(v->features & VIRTIO_F_RING_RESET))
        return -EOPNOTSUPP;
    v->transport->queue_reset(v, i);
    for (int n = 0; n < RESET_TRIES; n++) {
        if (v->transport->queue_is_reset(v, i)) {
            virtq_break(v->vq[i], "stopped");
            return 0;
        }
        task_sleep(NS_PER_MS);
    }
    return -EIO;
}

int virtio_queue_again(struct virtio *v, u16 i)
{
    if (i >= v->queues || !v->vq[i])
        return -EINVAL;
    virtq_anew(v->vq[i]);
    int err = v->transport->queue_start(v, v->vq[i], vector_of(v, i));
    if (err)
        virtq_break(v->vq[i], "not started again");
    return err;
}

void virtio_ready(struct virtio *v)
{
    status_or(v, VIRTIO_DRIVER_OK);
}

void virtio_fail(struct virtio *v)
{
    status_or(v, VIRTIO_FAILED);
}

void virtio_close(struct virtio *v)
{
    if (virtio_reset(v))
        log_write(LOG_ERR, "%s: does not come out of reset", v->dev->name);
    bus_master(v->dev, false); /* whatever it believes: it reaches our memory no more */
    bus_irq_release(v->dev);
    for (unsigned i = 0; i < v->queues; i++) {
        if (!v->vq[i])
            continue;
        virtq_free(v->vq[i]);
        mem_free(v->vq[i]);
        v->vq[i] = NULL;
    }
    v->queues = 0;
}

bool virtio_needs_reset(struct virtio *v)
{
    return v->transport->status_get(v) & VIRTIO_NEEDS_RESET;
}

int virtio_config(struct virtio *v, unsigned off, void *p, unsigned n)
{
    for (int i = 0; i < GENERATION_TRIES; i++) {
        u8 before = v->transport->generation(v);
        for (unsigned k = 0; k < n; k++)
            ((u8 *)p)[k] = v->transport->config_read(v, off + k);
        if (v->transport->generation(v) == before)
            return 0;
    }
    memset(p, 0, n);
    return -EIO;
}

/* Virtio over a fixed window of registers (virtio 1.2, 4.2): microvm and Firecracker-like machines.
 *
 * Only version 2; version 1 is the legacy layout and is refused, and so is device id 0 (an empty place). One interrupt
 * line serves all queues. Where the windows lie is found by kernel/pci.c's sibling for mmio and told as BAR 0.
 */
#include "drivers/virtio/virtio.h"

#include "lib/plat.h"

#define R_MAGIC        0x000
#define R_VERSION      0x004
#define R_DEVICE_ID    0x008
#define R_FEATURES     0x010
#define R_FEATURES_SEL 0x014
#define R_ACCEPT       0x020
#define R_ACCEPT_SEL   0x024
#define R_QUEUE_SEL    0x030
#define R_QUEUE_MAX    0x034
#define R_QUEUE_SIZE   0x038
#define R_QUEUE_READY  0x044
#define R_NOTIFY       0x050
#define R_IRQ_STATUS   0x060
#define R_IRQ_ACK      0x064
#define R_STATUS       0x070
#define R_QUEUE_DESC   0x080
#define R_QUEUE_DRIVER 0x090
#define R_QUEUE_DEVICE 0x0a0
#define R_QUEUE_RESET  0x0c0 /* since 1.2 */
#define R_GENERATION   0x0fc
#define R_CONFIG       0x100

#define MAGIC 0x74726976u /* "virt" */

static int mmio_open(struct virtio *v)
{
    int err = bus_map(v->dev, 0, &v->common);
    if (err)
        return err;
    if (v->common.size < R_CONFIG || bus_read32(&v->common, R_MAGIC) != MAGIC ||
        bus_read32(&v->common, R_DEVICE_ID) == 0)
        return -ENODEV;
    u32 version = bus_read32(&v->common, R_VERSION);
    if (version == 2)
        return 0;
    log_write(LOG_WARN, "%s: version %u, wanted is 2 (QEMU: -global virtio-mmio.force-legacy=false)", v->dev->name,
              version);
    return -ENODEV;
}

static u8 mmio_status_get(struct virtio *v)
{
    return (u8)bus_read32(&v->common, R_STATUS);
}

static void mmio_status_set(struct virtio *v, u8 status)
{
    bus_write32(&v->common, R_STATUS, status);
}

static u64 mmio_features_get(struct virtio *v)
{
    bus_write32(&v->common, R_FEATURES_SEL, 0);
    u64 low = bus_read32(&v->common, R_FEATURES);
    bus_write32(&v->common, R_FEATURES_SEL, 1);
    return low | (u64)bus_read32(&v->common, R_FEATURES) << 32;
}

static void mmio_features_set(struct virtio *v, u64 f)
{
    bus_write32(&v->common, R_ACCEPT_SEL, 0);
    bus_write32(&v->common, R_ACCEPT, (u32)f);
    bus_write32(&v->common, R_ACCEPT_SEL, 1);
    bus_write32(&v->common, R_ACCEPT, (u32)(f >> 32));
}

static u8 mmio_generation(struct virtio *v)
{
    return (u8)bus_read32(&v->common, R_GENERATION);
}

static u8 mmio_config_read(struct virtio *v, unsigned off)
{
    return bus_read8(&v->common, R_CONFIG + (u64)off);
}

static u16 mmio_queue_size(struct virtio *v, u16 i)
{
    bus_write32(&v->common, R_QUEUE_SEL, i);
    u32 most = bus_read32(&v->common, R_QUEUE_MAX);
    return (u16)min(most, 32768u);
}

static void notify(struct virtq *vq)
{
    struct virtio *v = vq->arg;
    bus_write32(&v->common, R_NOTIFY, vq->index);
}

static void write64(struct virtio *v, unsigned off, u64 x)
{
    bus_write32(&v->common, off, (u32)x);
    bus_write32(&v->common, off + 4, (u32)(x >> 32));
}

static int mmio_queue_start(struct virtio *v, struct virtq *vq, u16 vector)
{
    struct virtq_where at = virtq_where(vq);

    (void)vector; /* one line for all */
    vq->notify = notify;
    bus_write32(&v->common, R_QUEUE_SEL, vq->index);
    if (bus_read32(&v->common, R_QUEUE_READY))
        return -EIO;
    bus_write32(&v->common, R_QUEUE_SIZE, vq->size);
    write64(v, R_QUEUE_DESC, at.desc);
    write64(v, R_QUEUE_DRIVER, at.driver);
    write64(v, R_QUEUE_DEVICE, at.device);
    bus_write32(&v->common, R_QUEUE_READY, 1);
    return 0;
}

static void mmio_queue_reset(struct virtio *v, u16 i)
{
    bus_write32(&v->common, R_QUEUE_SEL, i);
    bus_write32(&v->common, R_QUEUE_RESET, 1);
}

static bool mmio_queue_is_reset(struct virtio *v, u16 i)
{
    bus_write32(&v->common, R_QUEUE_SEL, i);
    return bus_read32(&v->common, R_QUEUE_RESET) == 0;
}

static int mmio_config_vector(struct virtio *v, u16 vector)
{
    return 0; /* there are none */
}

static u8 mmio_irq_ack(struct virtio *v)
{
    u32 why = bus_read32(&v->common, R_IRQ_STATUS);
    why = why == ~0u ? 0 : why & (VIRTIO_ISR_QUEUE | VIRTIO_ISR_CONFIG);
    if (why)
        bus_write32(&v->common, R_IRQ_ACK, why);
    return (u8)why;
}

const struct virtio_transport virtio_mmio = {
    .open = mmio_open,
    .status_get = mmio_status_get,
    .status_set = mmio_status_set,
    .features_get = mmio_features_get,
    .features_set = mmio_features_set,
    .generation = mmio_generation,
    .config_read = mmio_config_read,
    .queue_size = mmio_queue_size,
    .queue_start = mmio_queue_start,
    .queue_reset = mmio_queue_reset,
    .queue_is_reset = mmio_queue_is_reset,
    .config_vector = mmio_config_vector,
    .irq_ack = mmio_irq_ack,
};

/* Virtio over PCI, the modern way (virtio 1.2, 4.1): registers found through vendor capabilities, in any BAR.
 *
 * Transitional devices are used through their modern half; a device that is legacy alone is refused. Offsets and
 * lengths of the capabilities are checked against the BAR before anything is mapped.
 */
#include "drivers/virtio/virtio.h"

#define CAP_VENDOR 0x09

/* 4.1.4: the capability */
#define CAP_LEN        2
#define CAP_TYPE       3
#define CAP_BAR        4
#define CAP_OFFSET     8
#define CAP_LENGTH     12
#define CAP_MULTIPLIER 16

enum cap_type { CAP_COMMON = 1, CAP_NOTIFY = 2, CAP_ISR = 3, CAP_DEVICE = 4 };

/* 4.1.4.3: the common configuration */
#define C_DEVICE_SELECT  0x00
#define C_DEVICE_FEATURE 0x04
#define C_DRIVER_SELECT  0x08
#define C_DRIVER_FEATURE 0x0c
#define C_CONFIG_VECTOR  0x10
#define C_STATUS         0x14
#define C_GENERATION     0x15
#define C_QUEUE_SELECT   0x16
#define C_QUEUE_SIZE     0x18
#define C_QUEUE_VECTOR   0x1a
#define C_QUEUE_ENABLE   0x1c
#define C_QUEUE_NOTIFY   0x1e
#define C_QUEUE_DESC     0x20
#define C_QUEUE_DRIVER   0x28
#define C_QUEUE_DEVICE   0x30
#define C_LENGTH         0x38
#define C_QUEUE_RESET    0x3a /* since 1.2 */

#define CAPS_MOST 16 /* vendor capabilities looked at */

/* Maps [offset, offset + length) of the BAR that the capability names; r->size 0 when it makes no sense. */
static int map_cap(struct virtio *v, unsigned cap, u32 least, struct bus_regs *r)
{
    u8 bar = (u8)bus_cfg_read(v->dev, cap + CAP_BAR, 1);
    u64 offset = bus_cfg_read(v->dev, cap + CAP_OFFSET, 4);
    u64 length = bus_cfg_read(v->dev, cap + CAP_LENGTH, 4);

    if (bar >= BUS_BARS || length < least || offset + length > v->dev->bar[bar].size)
        return -EPROTO;
    int err = bus_map(v->dev, bar, r);
    if (err)
        return err;
    r->base = (char *)r->base + offset;
    r->size = length;
    return 0;
}

static int take_cap(struct virtio *v, unsigned cap)
{
    unsigned type = bus_cfg_read(v->dev, cap + CAP_TYPE, 1);

    if (bus_cfg_read(v->dev, cap + CAP_LEN, 1) < 16 || cap + CAP_MULTIPLIER + 4 > 256)
        return 0;
    if (type == CAP_COMMON && !v->common.size)
        return map_cap(v, cap, C_LENGTH, &v->common);
    if (type == CAP_ISR && !v->isr.size)
        return map_cap(v, cap, 1, &v->isr);
    if (type == CAP_DEVICE && !v->config.size)
        return map_cap(v, cap, 0, &v->config);
    if (type == CAP_NOTIFY && !v->notify.size) {
        v->notify_multiplier = bus_cfg_read(v->dev, cap + CAP_MULTIPLIER, 4);
        return map_cap(v, cap, 2, &v->notify);
    }
    return 0;
}

static int pci_open(struct virtio *v)
{
    unsigned cap = 0;
    for (int i = 0; i < CAPS_MOST && (cap = bus_cap(v->dev, CAP_VENDOR, cap)); i++) {
        int err = take_cap(v, cap);
        if (err)
            return err;
    }
    return v->common.size && v->notify.size && v->isr.size ? 0 : -ENODEV;
}

static u8 pci_status_get(struct virtio *v)
{
    return bus_read8(&v->common, C_STATUS);
}

static void pci_status_set(struct virtio *v, u8 status)
{
    bus_write8(&v->common, C_STATUS, status);
}

static u64 pci_features_get(struct virtio *v)
{
    bus_write32(&v->common, C_DEVICE_SELECT, 0);
    u64 low = bus_read32(&v->common, C_DEVICE_FEATURE);
    bus_write32(&v->common, C_DEVICE_SELECT, 1);
    return low | (u64)bus_read32(&v->common, C_DEVICE_FEATURE) << 32;
}

static void pci_features_set(struct virtio *v, u64 f)
{
    bus_write32(&v->common, C_DRIVER_SELECT, 0);
    bus_write32(&v->common, C_DRIVER_FEATURE, (u32)f);
    bus_write32(&v->common, C_DRIVER_SELECT, 1);
    bus_write32(&v->common, C_DRIVER_FEATURE, (u32)(f >> 32));
}

static u8 pci_generation(struct virtio *v)
{
    return bus_read8(&v->common, C_GENERATION);
}

static u8 pci_config_read(struct virtio *v, unsigned off)
{
    return bus_read8(&v->config, off);
}

static u16 pci_queue_size(struct virtio *v, u16 i)
{
    bus_write16(&v->common, C_QUEUE_SELECT, i);
    return bus_read16(&v->common, C_QUEUE_SIZE);
}

static void notify(struct virtq *vq)
{
    struct virtio *v = vq->arg;
    bus_write16(&v->notify, v->notify_off[vq->index], vq->index);
}

static void write64(struct virtio *v, unsigned off, u64 x)
{
    bus_write32(&v->common, off, (u32)x);
    bus_write32(&v->common, off + 4, (u32)(x >> 32));
}

static int pci_queue_start(struct virtio *v, struct virtq *vq, u16 vector)
{
    struct virtq_where at = virtq_where(vq);

    bus_write16(&v->common, C_QUEUE_SELECT, vq->index);
    u64 off = (u64)bus_read16(&v->common, C_QUEUE_NOTIFY) * v->notify_multiplier;
    if (off + 2 > v->notify.size)
        return -EPROTO;
    v->notify_off[vq->index] = (u32)off;
    vq->notify = notify;
    bus_write16(&v->common, C_QUEUE_SIZE, vq->size);
    bus_write16(&v->common, C_QUEUE_VECTOR, vector);
    if (bus_read16(&v->common, C_QUEUE_VECTOR) != vector)
        return -EIO; /* the device ran out of vectors (4.1.5.1.3) */
    write64(v, C_QUEUE_DESC, at.desc);
    write64(v, C_QUEUE_DRIVER, at.driver);
    write64(v, C_QUEUE_DEVICE, at.device);
    bus_write16(&v->common, C_QUEUE_ENABLE, 1);
    return 0;
}

static void pci_queue_reset(struct virtio *v, u16 i)
{
    bus_write16(&v->common, C_QUEUE_SELECT, i);
    bus_write16(&v->common, C_QUEUE_RESET, 1);
}

static bool pci_queue_is_reset(struct virtio *v, u16 i)
{
    bus_write16(&v->common, C_QUEUE_SELECT, i);
    return bus_read16(&v->common, C_QUEUE_RESET) == 0;
}

static int pci_config_vector(struct virtio *v, u16 vector)
{
    bus_write16(&v->common, C_CONFIG_VECTOR, vector);
    return bus_read16(&v->common, C_CONFIG_VECTOR) == vector ? 0 : -EIO;
}

static u8 pci_irq_ack(struct virtio *v)
{
    u8 isr = bus_read8(&v->isr, 0);
    return isr == 0xff ? 0 : isr & (VIRTIO_ISR_QUEUE | VIRTIO_ISR_CONFIG); /* all ones: it is gone */
}

const struct virtio_transport virtio_pci = {
    .open = pci_open,
    .status_get = pci_status_get,
    .status_set = pci_status_set,
    .features_get = pci_features_get,
    .features_set = pci_features_set,
    .generation = pci_generation,
    .config_read = pci_config_read,
    .queue_size = pci_queue_size,
    .queue_start = pci_queue_start,
    .queue_reset = pci_queue_reset,
    .queue_is_reset = pci_queue_is_reset,
    .config_vector = pci_config_vector,
    .irq_ack = pci_irq_ack,
};

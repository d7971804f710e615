/* The device's side of virtio: registers over PCI and mmio. The rings stand in virtio_ring.c. See virtio_dev.h.
 *
 * PCI: four vendor capabilities from 0x40 on, all in BAR 4: common at 0, ISR at 0x1000, device configuration at 0x2000,
 * notify at 0x3000 with a multiplier of 4.
 */
#include "host/virtio_dev.h"

#include "lib/byteorder.h"
#include "lib/string.h"

#define AT_ISR    0x1000
#define AT_CONFIG 0x2000
#define AT_NOTIFY 0x3000

static u32 cfg_read(void *arg, unsigned off, unsigned size)
{
    struct host_virtio *d = arg;
    u32 v = 0;
    if (off + size <= sizeof(d->space))
        memcpy(&v, d->space + off, size);
    return v;
}

static void cfg_write(void *arg, unsigned off, unsigned size, u32 v)
{
    struct host_virtio *d = arg;
    if (off + size <= sizeof(d->space))
        memcpy(d->space + off, &v, size);
}

static void queue_reset(struct host_virtio *d, u16 i)
{
    if (i >= HOST_VIRTIO_QUEUES)
        return;
    u16 most = d->q[i].size_most;
    d->q[i] = (struct host_virtio_queue){
        .size = most, .size_most = most, .vector = VIRTIO_NO_VECTOR, .next_wrap = true, .used_wrap = true};
}

static void device_reset(struct host_virtio *d)
{
    d->accepted = 0;
    d->status = 0;
    d->isr = 0;
    d->config_vector = VIRTIO_NO_VECTOR;
    for (u16 i = 0; i < HOST_VIRTIO_QUEUES; i++)
        queue_reset(d, i);
}

static void status_write(struct host_virtio *d, u8 status)
{
    if (!status) {
        device_reset(d);
        return;
    }
    if (status & VIRTIO_FEATURES_OK && d->accepted & ~d->offered)
        status &= (u8)~VIRTIO_FEATURES_OK;
    d->status = status;
}

static void queue_enable(struct host_virtio *d)
{
    struct host_virtio_queue *q = &d->q[d->queue_sel % HOST_VIRTIO_QUEUES];
    q->desc = (struct virtq_desc *)q->desc_at;
    q->driver = (u16 *)q->driver_at;
    q->device = (u16 *)q->device_at;
    q->ready = true;
}

static void notified(struct host_virtio *d, u32 q)
{
    if (q >= HOST_VIRTIO_QUEUES || !d->q[q].ready || !(d->status & VIRTIO_DRIVER_OK) || !d->host.master)
        return;
    d->kicks++;
    if (d->kick)
        d->kick(d, (u16)q);
}

static void put_half(u64 *to, bool high, u32 v)
{
    *to = high ? (*to & 0xffffffffu) | (u64)v << 32 : (*to & ~0xffffffffull) | v;
}

static u32 common_read(struct host_virtio *d, u64 off)
{
    struct host_virtio_queue *q = d->queue_sel < HOST_VIRTIO_QUEUES ? &d->q[d->queue_sel] : NULL;
    switch (off) {
    case 0x04: return d->device_sel < 2 ? (u32)(d->offered >> 32 * d->device_sel) : 0;
    case 0x10: return d->config_vector;
    case 0x14: return d->status;
    case 0x15: return 0;
    case 0x18: return q ? q->size : 0;
    case 0x1a: return q ? q->vector : VIRTIO_NO_VECTOR;
    case 0x1e: return d->queue_sel;
    case 0x3a: return d->holds; /* a reset that never ends */
    default: return 0;
    }
}

static void common_write(struct host_virtio *d, u64 off, u32 v)
{
    struct host_virtio_queue *q = &d->q[d->queue_sel % HOST_VIRTIO_QUEUES];
    switch (off) {
    case 0x00: d->device_sel = v; break;
    case 0x08: d->driver_sel = v; break;
    case 0x0c: put_half(&d->accepted, d->driver_sel, v); break;
    case 0x10: d->config_vector = v < d->host.vectors ? (u16)v : VIRTIO_NO_VECTOR; break;
    case 0x14: status_write(d, (u8)v); break;
    case 0x16: d->queue_sel = (u16)v; break;
    case 0x18: q->size = (u16)v; break;
    case 0x1a: q->vector = v < d->host.vectors ? (u16)v : VIRTIO_NO_VECTOR; break;
    case 0x1c: queue_enable(d); break;
    case 0x20: put_half(&q->desc_at, false, v); break;
    case 0x24: put_half(&q->desc_at, true, v); break;
    case 0x28: put_half(&q->driver_at, false, v); break;
    case 0x2c: put_half(&q->driver_at, true, v); break;
    case 0x30: put_half(&q->device_at, false, v); break;
    case 0x34: put_half(&q->device_at, true, v); break;
    case 0x3a: queue_reset(d, d->queue_sel); break;
    default: break;
    }
}

static u32 pci_read(void *arg, unsigned bar, u64 off, unsigned size)
{
    struct host_virtio *d = arg;
    if (bar != 4)
        return ~0u;
    if (off < AT_ISR)
        return common_read(d, off);
    if (off == AT_ISR) {
        u8 isr = d->isr;
        d->isr = 0;
        return isr;
    }
    if (off >= AT_CONFIG && off - AT_CONFIG < sizeof(d->config))
        return d->config[off - AT_CONFIG];
    return 0;
}

static void pci_write(void *arg, unsigned bar, u64 off, unsigned size, u32 v)
{
    struct host_virtio *d = arg;
    if (bar == 4 && off < AT_ISR)
        common_write(d, off, v);
    else if (bar == 4 && off >= AT_NOTIFY)
        notified(d, (u32)(off - AT_NOTIFY) / 4);
}

static u32 mmio_read(void *arg, unsigned bar, u64 off, unsigned size)
{
    struct host_virtio *d = arg;
    struct host_virtio_queue *q = d->queue_sel < HOST_VIRTIO_QUEUES ? &d->q[d->queue_sel] : NULL;
    switch (off) {
    case 0x000: return 0x74726976;
    case 0x004: return 2;
    case 0x008: return d->type;
    case 0x010: return d->device_sel < 2 ? (u32)(d->offered >> 32 * d->device_sel) : 0;
    case 0x034: return q ? q->size_most : 0;
    case 0x044: return q && q->ready;
    case 0x060: return d->isr;
    case 0x070: return d->status;
    case 0x0c0: return d->holds;
    default: break;
    }
    return off >= 0x100 && off - 0x100 < sizeof(d->config) ? d->config[off - 0x100] : 0;
}

static void mmio_write(void *arg, unsigned bar, u64 off, unsigned size, u32 v)
{
    struct host_virtio *d = arg;
    struct host_virtio_queue *q = &d->q[d->queue_sel % HOST_VIRTIO_QUEUES];
    switch (off) {
    case 0x014: d->device_sel = v; break;
    case 0x020: put_half(&d->accepted, d->driver_sel, v); break;
    case 0x024: d->driver_sel = v; break;
    case 0x030: d->queue_sel = (u16)v; break;
    case 0x038: q->size = (u16)v; break;
    case 0x044: queue_enable(d); break;
    case 0x050: notified(d, v); break;
    case 0x064: d->isr &= (u8)~v; break;
    case 0x070: status_write(d, (u8)v); break;
    case 0x080: put_half(&q->desc_at, false, v); break;
    case 0x084: put_half(&q->desc_at, true, v); break;
    case 0x090: put_half(&q->driver_at, false, v); break;
    case 0x094: put_half(&q->driver_at, true, v); break;
    case 0x0a0: put_half(&q->device_at, false, v); break;
    case 0x0a4: put_half(&q->device_at, true, v); break;
    case 0x0c0: queue_reset(d, d->queue_sel); break;
    default: break;
    }
}

void host_virtio_config_irq(struct host_virtio *d, u8 status)
{
    d->status |= status;
    d->isr |= VIRTIO_ISR_CONFIG;
    d->irqs++;
    host_dev_irq(&d->host, d->host.dev.irq_msi ? d->config_vector : 0);
}

static const struct host_dev_ops pci_ops = {cfg_read, cfg_write, pci_read, pci_write};
static const struct host_dev_ops mmio_ops = {cfg_read, cfg_write, mmio_read, mmio_write};

static u8 put_cap(struct host_virtio *d, u8 at, u8 type, u32 offset, u32 length)
{
    u8 *c = d->space + at;
    c[0] = 0x09;
    c[1] = (u8)(at + 24);
    c[2] = type == 2 ? 20 : 16;
    c[3] = type;
    c[4] = 4; /* the BAR */
    store_le32(c + 8, offset);
    store_le32(c + 12, length);
    store_le32(c + 16, type == 2 ? 4 : 0);
    return (u8)(at + 24);
}

static void put_caps(struct host_virtio *d)
{
    static const struct {
        u8 type;
        u32 offset, length;
    } caps[] = {{1, 0, 0x3c}, {3, AT_ISR, 4}, {4, AT_CONFIG, 64}, {2, AT_NOTIFY, 4 * HOST_VIRTIO_QUEUES}};
    u8 at = 0x40, last = 0;

    d->space[0x06] = 0x10;
    d->space[0x34] = at;
    for (unsigned i = 0; i < ARRAY_LEN(caps); i++) {
        last = at;
        at = put_cap(d, at, caps[i].type, caps[i].offset, caps[i].length);
    }
    d->space[last + 1] = 0;
}

void host_virtio_init(struct host_virtio *d, enum bus_kind kind, u16 type, u64 features)
{
    bool pci = kind == BUS_PCI;

    *d = (struct host_virtio){.type = type, .offered = features | VIRTIO_F_VERSION_1};
    d->host = (struct host_dev){.ops = pci ? &pci_ops : &mmio_ops, .arg = d, .vectors = pci ? 4 : 0};
    d->host.dev = (struct bus_dev){.kind = kind, .vendor = VIRTIO_VENDOR, .device = (u16)(pci ? 0x1040 + type : type)};
    memcpy(d->host.dev.name, "fake", 5);
    d->host.dev.bar[pci ? 4 : 0].size = pci ? 0x4000 : 0x200;
    for (int i = 0; i < HOST_VIRTIO_QUEUES; i++)
        d->q[i].size_most = 16;
    device_reset(d);
    if (pci)
        put_caps(d);
}

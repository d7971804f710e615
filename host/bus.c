/* drivers/bus.h for fake devices: every access is a call into the fake. See bus.h.
 *
 * A region's base is not memory: it is 1 + the BAR's number in the high bits and the offset in the low ones, so that
 * drivers may add offsets to it (virtio's capabilities do) and a driver that dereferences it crashes at once.
 */
#include "host/bus.h"

#include "lib/atomic.h"

#define BAR_SHIFT 40
#define OFF_MASK  ((1ull << BAR_SHIFT) - 1)

static struct host_dev *host_dev(struct bus_dev *dev)
{
    return container_of(dev, struct host_dev, dev);
}

u32 bus_cfg_read(struct bus_dev *dev, unsigned off, unsigned size)
{
    struct host_dev *d = host_dev(dev);
    if (dev->kind != BUS_PCI || off > 4096 - size)
        return ~0u >> (32 - 8 * size);
    return d->ops->cfg_read(d->arg, off, size);
}

void bus_cfg_write(struct bus_dev *dev, unsigned off, unsigned size, u32 v)
{
    struct host_dev *d = host_dev(dev);
    if (dev->kind == BUS_PCI && off <= 4096 - size)
        d->ops->cfg_write(d->arg, off, size, v);
}

void bus_master(struct bus_dev *dev, bool on)
{
    host_dev(dev)->master = on;
}

int bus_map(struct bus_dev *dev, unsigned bar, struct bus_regs *r)
{
    if (bar >= BUS_BARS || !dev->bar[bar].size)
        return -ENODEV;
    *r = (struct bus_regs){.base = (void *)((u64)(bar + 1) << BAR_SHIFT),
                           .size = dev->bar[bar].size,
                           .port = dev->bar[bar].port,
                           .dev = dev};
    return 0;
}

/* An offset may be a stranger's: no sum that could wrap. */
static bool is_within(const struct bus_regs *r, u64 off, unsigned size)
{
    return size <= r->size && off <= r->size - size;
}

static u32 region_read(const struct bus_regs *r, u64 off, unsigned size)
{
    struct host_dev *d = host_dev(r->dev);
    u64 at = (u64)r->base + off;
    if (!is_within(r, off, size))
        return ~0u;
    return d->ops->read(d->arg, (unsigned)(at >> BAR_SHIFT) - 1, at & OFF_MASK, size);
}

static void region_write(const struct bus_regs *r, u64 off, unsigned size, u32 v)
{
    struct host_dev *d = host_dev(r->dev);
    u64 at = (u64)r->base + off;
    if (is_within(r, off, size))
        d->ops->write(d->arg, (unsigned)(at >> BAR_SHIFT) - 1, at & OFF_MASK, size, v);
}

u8 bus_read8(const struct bus_regs *r, u64 off)
{
    return (u8)region_read(r, off, 1);
}

u16 bus_read16(const struct bus_regs *r, u64 off)
{
    return (u16)region_read(r, off, 2);
}

u32 bus_read32(const struct bus_regs *r, u64 off)
{
    return region_read(r, off, 4);
}

void bus_write8(const struct bus_regs *r, u64 off, u8 v)
{
    region_write(r, off, 1, v);
}

void bus_write16(const struct bus_regs *r, u64 off, u16 v)
{
    region_write(r, off, 2, v);
}

void bus_write32(const struct bus_regs *r, u64 off, u32 v)
{
    region_write(r, off, 4, v);
}

const u64 bus_dma_base; /* a fake device has our addresses */

void bus_fence(void)
{
    atomic_fence();
}

int bus_irq_setup(struct bus_dev *dev, unsigned want)
{
    struct host_dev *d = host_dev(dev);
    unsigned most = min(d->vectors, (unsigned)HOST_VECTORS);
    if (!want)
        return -EINVAL;
    dev->irq_msi = most > 0;
    dev->irqs = most ? min(want, most) : 1;
    return (int)dev->irqs;
}

int bus_irq_request(struct bus_dev *dev, unsigned i, const char *name, bool (*fn)(void *arg), void *arg)
{
    struct host_dev *d = host_dev(dev);
    (void)name;
    if (i >= dev->irqs)
        return -EINVAL;
    d->irq[i].arg = arg;
    d->irq[i].fn = fn;
    return 0;
}

int bus_irq_affinity(struct bus_dev *dev, unsigned i, unsigned cpu)
{
    if (i >= dev->irqs)
        return -EINVAL;
    host_dev(dev)->irq[i].cpu = cpu;
    return 0;
}

void bus_irq_release(struct bus_dev *dev)
{
    struct host_dev *d = host_dev(dev);
    for (unsigned i = 0; i < dev->irqs; i++)
        d->irq[i].fn = NULL;
    dev->irqs = 0;
}

bool host_dev_irq(struct host_dev *d, unsigned i)
{
    return i < d->dev.irqs && d->irq[i].fn && d->irq[i].fn(d->irq[i].arg);
}

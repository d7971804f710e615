/* All that a driver sees of the machine: configuration space, registers, DMA addresses, interrupts.
 *
 * kernel/bus.c answers for real functions (PCI, virtio-mmio), host/bus.c for fake devices, so that drivers are
 * unit-tested and fuzzed hosted (contract 7). A driver keeps to this order:
 *
 *     probe(dev):  bus_map(dev, bar, &regs) -> reset the device -> bus_irq_setup(dev, n) -> bus_irq_request(dev, i,
 * ...)
 *                  -> bus_master(dev, true) -> let it run
 *
 * Whatever a device says (lengths, indices, capabilities) is a stranger's word: checked before it is used. Registers
 * that read as all ones mean that the device is gone.
 *
 * DMA: memory of page_alloc and mem_alloc is physically contiguous and reachable by devices (no IOMMU);
 * bus_dma gives the address that the device uses. x86 keeps caches coherent.
 */
#ifndef DRIVERS_BUS_H
#define DRIVERS_BUS_H

#include "lib/base.h"

enum bus_kind {
    BUS_PCI,
    BUS_VIRTIO_MMIO, /* one virtio device behind a fixed window: no configuration space, BAR 0 is the window */
};

struct driver;

#define BUS_BARS 6

struct bus_bar {
    u64 base; /* 0: none, or left unassigned */
    u64 size;
    bool port, wide, prefetch; /* I/O ports; 64-bit; prefetchable */
};

struct bus_dev {
    char name[16]; /* "0000:00:02.0", "virtio-mmio.3" */
    enum bus_kind kind;
    u16 vendor, device, subvendor, subdevice; /* of BUS_VIRTIO_MMIO: device is virtio's device id */
    u32 class_rev;                            /* class << 8 | revision */
    u8 intx_pin;                              /* 0 none, 1 A ... 4 D */
    struct bus_bar bar[BUS_BARS];
    const struct driver *driver; /* who took it, or NULL */
    void *driver_data;
    unsigned irqs; /* granted by bus_irq_setup */
    bool irq_msi;  /* messages: edge, never shared */
    u32 gsi;       /* BUS_VIRTIO_MMIO: its line */
    void *ground;  /* the implementation's: kernel/bus_irq.c keeps its interrupts there */
};

const char *bus_driver_name(const struct bus_dev *dev); /* who took it; NULL: nobody */

/* ---- configuration space (PCI; of other kinds all reads are ~0) ---- */
u32 bus_cfg_read(struct bus_dev *dev, unsigned off, unsigned size); /* size 1, 2, 4; off + size <= 4096 */
void bus_cfg_write(struct bus_dev *dev, unsigned off, unsigned size, u32 v);
void bus_master(struct bus_dev *dev, bool on);

/* ---- registers ---- */
struct bus_regs {
    void *base; /* the implementation's */
    u64 size;
    bool port;
    struct bus_dev *dev;
};

int bus_map(struct bus_dev *dev, unsigned bar, struct bus_regs *r); /* 0, -ENODEV: no such BAR, -ENOMEM */
u8 bus_read8(const struct bus_regs *r, u64 off);                    /* off beyond the region reads ~0 */
u16 bus_read16(const struct bus_regs *r, u64 off);
u32 bus_read32(const struct bus_regs *r, u64 off);
void bus_write8(const struct bus_regs *r, u64 off, u8 v);
void bus_write16(const struct bus_regs *r, u64 off, u16 v);
void bus_write32(const struct bus_regs *r, u64 off, u32 v);

/* ---- DMA ---- */
extern const u64 bus_dma_base; /* what an address has more than the device's */

/* What was written before is there for the device before we read, behind it, what the device wrote. */
void bus_fence(void);

static inline u64 bus_dma(const void *p)
{
    return (u64)p - bus_dma_base;
}

/* ---- interrupts ----
 * `want` vectors of MSI-X, else one of MSI, else the INTx line; returns how many were granted (>= 1) or -errno.
 * Handlers run in interrupt context: they mask, note and schedule, no more. On a shared line (dev->irq_msi false) the
 * handler first asks its device whether it was meant and returns false if not. */
int bus_irq_setup(struct bus_dev *dev, unsigned want);
int bus_irq_request(struct bus_dev *dev, unsigned i, const char *name, bool (*fn)(void *arg), void *arg);
int bus_irq_affinity(struct bus_dev *dev, unsigned i, unsigned cpu);
void bus_irq_release(struct bus_dev *dev); /* all of them; no handler runs after it returned */

/* ---- PCI capabilities: bounded walks, whatever the device says ---- */
unsigned bus_cap(struct bus_dev *dev, u8 id, unsigned after); /* offset of the next capability `id` behind `after` (0:
                                                                 from the start); 0: none */

#endif

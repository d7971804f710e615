/* Interrupts for drivers/bus.h: MSI-X, else MSI, else the line.
 *
 * What a device was granted hangs on dev->ground, from the first bus_irq_setup on: a driver that releases its vectors
 * and asks for them again has the numbers that it had, where they are free, and the CPUs that a person chose for them.
 * Messages are written into the device by the functions given to kernel/irq.c, which calls them again when the affinity
 * changes: an entry of the MSI-X table is masked while it is rewritten, and MSI is disabled meanwhile, so no
 * half-written message is ever sent.
 *
 *     MSI-X table (PCI 3.0, 6.8.2), 16 bytes an entry:   address low | address high | data | control, bit 0: masked
 */
#include "drivers/bus.h"
#include "kernel/irq.h"
#include "kernel/pci.h"
#include "lib/plat.h"

#define CFG_COMMAND     0x04
#define COMMAND_NO_INTX 0x400u

#define CAP_MSI  0x05
#define CAP_MSIX 0x11

#define MSI_CONTROL   2
#define MSI_ENABLE    1u
#define MSI_64        0x80u
#define MSI_MANY      0x70u /* how many messages are enabled: we use one */
#define MSIX_CONTROL  2
#define MSIX_ENABLE   0x8000u
#define MSIX_MASK_ALL 0x4000u
#define MSIX_SIZE     0x7ffu
#define MSIX_TABLE    4
#define MSIX_ENTRY    16
#define ENTRY_CONTROL 12
#define VECTORS_MOST  64

struct granted {
    struct bus_dev *dev;
    unsigned cap; /* of MSI or MSI-X; 0: the line */
    bool msix;
    struct bus_regs table; /* MSI-X */
    unsigned count;        /* 0: released */
    struct vector_of {
        struct granted *g;
        unsigned i;
        int irq;    /* < 0: not requested */
        int before; /* the number that it had; < 0: none yet */
        u64 chosen; /* the CPUs that a person chose, when it was released; 0: nobody did */
        void *arg;
    } v[VECTORS_MOST];
};

static void intx(struct bus_dev *dev, bool on)
{
    u32 c = bus_cfg_read(dev, CFG_COMMAND, 2);
    bus_cfg_write(dev, CFG_COMMAND, 2, on ? c & ~COMMAND_NO_INTX : c | COMMAND_NO_INTX);
}

static struct granted *grant(struct bus_dev *dev, unsigned count)
{
    struct granted *g = dev->ground;
    if (!g) {
        g = mem_zalloc(sizeof(*g));
        if (!g)
            return NULL;
        g->dev = dev;
        for (unsigned i = 0; i < VECTORS_MOST; i++)
            g->v[i] = (struct vector_of){.g = g, .i = i, .irq = -1, .before = -1};
        dev->ground = g;
    }
    g->cap = 0;
    g->msix = false;
    g->count = count;
    dev->irqs = count;
    return g;
}

/* Maps the vector table; false when the capability makes no sense. */
static bool table_open(struct bus_dev *dev, unsigned cap, unsigned entries, struct bus_regs *r)
{
    u32 where = bus_cfg_read(dev, cap + MSIX_TABLE, 4);
    unsigned bar = where & 7;
    u64 off = where & ~7u, size = (u64)entries * MSIX_ENTRY;

    if (bar >= BUS_BARS || off + size > dev->bar[bar].size || bus_map(dev, bar, r))
        return false;
    r->base = (char *)r->base + off;
    r->size = size;
    return !r->port;
}

static int msix_setup(struct bus_dev *dev, unsigned want)
{
    unsigned cap = bus_cap(dev, CAP_MSIX, 0);
    struct bus_regs table;
    if (!cap)
        return 0;
    u32 control = bus_cfg_read(dev, cap + MSIX_CONTROL, 2);
    unsigned entries = (control & MSIX_SIZE) + 1;
    if (!table_open(dev, cap, entries, &table))
        return 0;
    struct granted *g = grant(dev, min(min(want, entries), (unsigned)VECTORS_MOST));
    if (!g)
        return -ENOMEM;
    g->cap = cap;
    g->msix = true;
    g->table = table;
    bus_cfg_write(dev, cap + MSIX_CONTROL, 2, control | MSIX_ENABLE | MSIX_MASK_ALL);
    for (unsigned i = 0; i < entries; i++) /* each by itself, so that the mask over all can go */
        bus_write32(&table, i * MSIX_ENTRY + ENTRY_CONTROL, 1);
    bus_cfg_write(dev, cap + MSIX_CONTROL, 2, (control | MSIX_ENABLE) & ~MSIX_MASK_ALL);
    return (int)g->count;
}

static int msi_setup(struct bus_dev *dev)
{
    unsigned cap = bus_cap(dev, CAP_MSI, 0);
    if (!cap)
        return 0;
    struct granted *g = grant(dev, 1);
    if (!g)
        return -ENOMEM;
    g->cap = cap;
    return 1;
}

int bus_irq_setup(struct bus_dev *dev, unsigned want)
{
    const struct granted *had = dev->ground;
    if (!want || (had && had->count))
        return -EINVAL;
    int got = msix_setup(dev, want);
    if (!got)
        got = msi_setup(dev);
    dev->irq_msi = got > 0;
    if (got) {
        if (got > 0)
            intx(dev, false);
        return got;
    }
    if (dev->kind == BUS_PCI && !dev->intx_pin)
        return -ENXIO;
    return grant(dev, 1) ? 1 : -ENOMEM;
}

static void msix_write(void *arg, u64 addr, u32 data)
{
    struct vector_of *v = arg;
    u64 at = (u64)v->i * MSIX_ENTRY;

    bus_write32(&v->g->table, at + ENTRY_CONTROL, 1);
    bus_write32(&v->g->table, at, (u32)addr);
    bus_write32(&v->g->table, at + 4, (u32)(addr >> 32));
    bus_write32(&v->g->table, at + 8, data);
    bus_write32(&v->g->table, at + ENTRY_CONTROL, 0);
}

static void msi_write(void *arg, u64 addr, u32 data)
{
    struct vector_of *v = arg;
    struct bus_dev *dev = v->g->dev;
    unsigned cap = v->g->cap;
    u32 control = bus_cfg_read(dev, cap + MSI_CONTROL, 2) & ~(MSI_ENABLE | MSI_MANY);

    bus_cfg_write(dev, cap + MSI_CONTROL, 2, control);
    bus_cfg_write(dev, cap + 4, 4, (u32)addr);
    if (control & MSI_64)
        bus_cfg_write(dev, cap + 8, 4, (u32)(addr >> 32));
    bus_cfg_write(dev, cap + (control & MSI_64 ? 12 : 8), 2, data);
    bus_cfg_write(dev, cap + MSI_CONTROL, 2, control | MSI_ENABLE);
}

static int line_request(struct bus_dev *dev, const char *name, irq_fn *fn, void *arg)
{
    unsigned flags = IRQ_EDGE | IRQ_HIGH;
    int gsi = (int)dev->gsi;

    if (dev->kind == BUS_PCI) {
        const struct pci_function *f = container_of(dev, struct pci_function, dev);
        gsi = irq_intx(f->root_slot, f->root_pin + 1u, f->irq_line, &flags);
        intx(dev, true);
    }
    return gsi < 0 ? gsi : irq_request_gsi((u32)gsi, flags | IRQ_SHARED, name, fn, arg);
}

int bus_irq_request(struct bus_dev *dev, unsigned i, const char *name, bool (*fn)(void *arg), void *arg)
{
    struct granted *g = dev->ground;
    if (!g || i >= g->count)
        return -EINVAL;
    struct vector_of *v = &g->v[i];
    int irq;
    if (g->cap)
        irq = irq_request_msi(name, fn, arg, v->before, g->msix ? msix_write : msi_write, v);
    else
        irq = line_request(dev, name, fn, arg);
    if (irq < 0)
        return irq;
    v->irq = v->before = irq;
    v->arg = arg;
    if (v->chosen && !irq_affinity_chosen(irq)) /* who shares a line may have another by now */
        irq_affinity_choose(irq, v->chosen);
    return 0;
}

int bus_irq_affinity(struct bus_dev *dev, unsigned i, unsigned cpu)
{
    struct granted *g = dev->ground;
    if (!g || i >= g->count || g->v[i].irq < 0)
        return -EINVAL;
    return irq_affinity_chosen(g->v[i].irq) ? 0 : irq_affinity(g->v[i].irq, cpu);
}

static void messages_off(struct granted *g)
{
    unsigned at = g->cap + (g->msix ? MSIX_CONTROL : MSI_CONTROL);
    u32 control = bus_cfg_read(g->dev, at, 2);
    bus_cfg_write(g->dev, at, 2, control & ~(g->msix ? MSIX_ENABLE : MSI_ENABLE));
}

void bus_irq_release(struct bus_dev *dev)
{
    struct granted *g = dev->ground;
    if (!g || !g->count)
        return;
    if (g->cap)
        messages_off(g);
    for (struct vector_of *v = g->v; v < g->v + g->count; v++) {
        if (v->irq < 0)
            continue;
        v->chosen = irq_affinity_chosen(v->irq);
        irq_free(v->irq, v->arg);
        v->irq = -1;
    }
    g->count = 0;
    dev->irqs = 0;
}

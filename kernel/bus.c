/* drivers/bus.h on the bare machine: configuration space, registers in memory and ports, DMA addresses.
 *
 * A PCI function is the bus_dev at the head of its struct pci_function; a virtio-mmio window has no configuration
 * space. Interrupts stand in kernel/bus_irq.c. Accesses outside a region read ones and write nothing: a device's word
 * for the size of its own registers may be wrong, and ours is the one that counts.
 */
#include "drivers/bus.h"

#include "kernel/cpuid.h"
#include "kernel/direct.h"
#include "kernel/pci.h"
#include "kernel/vm.h"
#include "kernel/x86.h"
#include "lib/atomic.h"
#include "lib/plat.h"

#define CFG_COMMAND    0x04
#define COMMAND_MASTER 4u
#define PORT_POST      0x80 /* reading it does nothing */

static struct pci_function *function(struct bus_dev *dev)
{
    return container_of(dev, struct pci_function, dev);
}

u32 bus_cfg_read(struct bus_dev *dev, unsigned off, unsigned size)
{
    if (dev->kind != BUS_PCI || off + size > 4096)
        return ~0u >> (32 - 8 * size);
    return pci_cfg_read(function(dev)->bdf, off, size);
}

void bus_cfg_write(struct bus_dev *dev, unsigned off, unsigned size, u32 v)
{
    if (dev->kind == BUS_PCI && off + size <= 4096)
        pci_cfg_write(function(dev)->bdf, off, size, v);
}

void bus_master(struct bus_dev *dev, bool on)
{
    u32 c = bus_cfg_read(dev, CFG_COMMAND, 2);
    bus_cfg_write(dev, CFG_COMMAND, 2, on ? c | COMMAND_MASTER : c & ~COMMAND_MASTER);
}

/* QEMU's TCG leaves fences out of what it makes for a machine of one CPU (up to 8.0 mfence, until today a locked
 * instruction), though its devices run beside that CPU. A card that stopped for good under a flood, now and then, is
 * put down to that, which was not proven; with this it has not stopped again. Reading a port has QEMU take a lock,
 * which is a fence to the processor beneath. */
void bus_fence(void)
{
    atomic_fence();
    if (unlikely(cpu_features.hypervisor_name[0] == 'T') && cpu_count() == 1)
        inb(PORT_POST);
}

int bus_map(struct bus_dev *dev, unsigned bar, struct bus_regs *r)
{
    if (bar >= BUS_BARS || !dev->bar[bar].size || !dev->bar[bar].base)
        return -ENODEV;
    const struct bus_bar *b = &dev->bar[bar];
    void *base = b->port ? (void *)b->base : vm_map_io(b->base, b->size, VM_UNCACHED);
    if (!base)
        return -ENOMEM;
    *r = (struct bus_regs){.base = base, .size = b->size, .port = b->port, .dev = dev};
    return 0;
}

u8 bus_read8(const struct bus_regs *r, u64 off)
{
    if (unlikely(off >= r->size))
        return 0xff;
    return r->port ? inb((u16)((u64)r->base + off)) : *(volatile u8 *)((u8 *)r->base + off);
}

u16 bus_read16(const struct bus_regs *r, u64 off)
{
    if (unlikely(off >= r->size || r->size - off < 2))
        return 0xffff;
    return r->port ? inw((u16)((u64)r->base + off)) : *(volatile u16 *)((u8 *)r->base + off);
}

u32 bus_read32(const struct bus_regs *r, u64 off)
{
    if (unlikely(off >= r->size || r->size - off < 4))
        return ~0u;
    return r->port ? inl((u16)((u64)r->base + off)) : *(volatile u32 *)((u8 *)r->base + off);
}

void bus_write8(const struct bus_regs *r, u64 off, u8 v)
{
    if (unlikely(off >= r->size))
        return;
    if (r->port)
        outb((u16)((u64)r->base + off), v);
    else
        *(volatile u8 *)((u8 *)r->base + off) = v;
}

void bus_write16(const struct bus_regs *r, u64 off, u16 v)
{
    if (unlikely(off >= r->size || r->size - off < 2))
        return;
    if (r->port)
        outw((u16)((u64)r->base + off), v);
    else
        *(volatile u16 *)((u8 *)r->base + off) = v;
}

void bus_write32(const struct bus_regs *r, u64 off, u32 v)
{
    if (unlikely(off >= r->size || r->size - off < 4))
        return;
    if (r->port)
        outl((u16)((u64)r->base + off), v);
    else
        *(volatile u32 *)((u8 *)r->base + off) = v;
}

const u64 bus_dma_base = VM_DIRECT; /* memory that is given to devices comes from page_alloc and mem_alloc */

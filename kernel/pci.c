/* Configuration space of the real machine, and the windows in which functions get their addresses. See pci.h.
 *
 * ECAM where MCFG names it for the bus, otherwise ports CF8/CFC, under a lock with interrupts off: the two ports are
 * one register pair for all CPUs. Segment 0 alone: a machine with more has not been seen, and its functions are not
 * listed.
 *
 * Windows for what firmware left unassigned (qboot assigns nothing): below 4 GiB from above the RAM and the ECAM up to
 * the I/O APIC, above 4 GiB behind the last RAM, and ports from 0xc000, where no chipset function of pc or q35 sits. A
 * bridge that the DSDT tells of has its own window.
 */
#include "kernel/pci.h"

#include "kernel/acpi.h"
#include "kernel/bootinfo.h"
#include "kernel/cpuid.h"
#include "kernel/vm.h"
#include "kernel/x86.h"
#include "lib/plat.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define CONFIG_ENABLE  0x80000000u

#define MEM32_FIRST 0xc0000000ull
#define MEM32_END   0xfe000000ull /* below I/O APIC (fec), HPET (fed), local APIC (fee), and microvm's virtio (feb) */
#define IO_FIRST    0xc000
#define IO_END      0x10000

static struct pci_scan scan; /* fixed after pci_init */
static struct spinlock ports_lock;
static u8 *ecam;
static u8 ecam_first, ecam_last; /* buses that it serves */
static bool ports;               /* CF8/CFC answers */

static volatile void *ecam_at(u16 bdf, unsigned off)
{
    unsigned bus = bdf >> 8;
    if (!ecam || bus < ecam_first || bus > ecam_last)
        return NULL;
    return ecam + ((u64)(bdf - ((u16)ecam_first << 8)) << 12) + off;
}

static u32 ones(unsigned size)
{
    return ~0u >> (32 - 8 * size);
}

u32 pci_cfg_read(u16 bdf, unsigned off, unsigned size)
{
    volatile void *p = ecam_at(bdf, off);
    if (p)
        return size == 1 ? *(volatile u8 *)p : size == 2 ? *(volatile u16 *)p : *(volatile u32 *)p;
    if (!ports || off >= 256)
        return ones(size);
    u64 flags = spin_lock_irq(&ports_lock);
    outl(CONFIG_ADDRESS, CONFIG_ENABLE | (u32)bdf << 8 | (off & ~3u));
    u32 v = inl(CONFIG_DATA) >> 8 * (off & 3);
    spin_unlock_irq(&ports_lock, flags);
    return v & ones(size);
}

void pci_cfg_write(u16 bdf, unsigned off, unsigned size, u32 v)
{
    volatile void *p = ecam_at(bdf, off);
    if (p) {
        if (size == 1)
            *(volatile u8 *)p = (u8)v;
        else if (size == 2)
            *(volatile u16 *)p = (u16)v;
        else
            *(volatile u32 *)p = v;
        return;
    }
    if (!ports || off >= 256)
        return;
    u64 flags = spin_lock_irq(&ports_lock);
    outl(CONFIG_ADDRESS, CONFIG_ENABLE | (u32)bdf << 8 | (off & ~3u));
    if (size == 1)
        outb((u16)(CONFIG_DATA + (off & 3)), (u8)v);
    else if (size == 2)
        outw((u16)(CONFIG_DATA + (off & 2)), (u16)v);
    else
        outl(CONFIG_DATA, v);
    spin_unlock_irq(&ports_lock, flags);
}

static u32 scan_read(void *arg, u16 bdf, unsigned off, unsigned size)
{
    return pci_cfg_read(bdf, off, size);
}

static void scan_write(void *arg, u16 bdf, unsigned off, unsigned size, u32 v)
{
    pci_cfg_write(bdf, off, size, v);
}

static void open_ecam(void)
{
    for (u32 i = 0; i < acpi.ecams; i++) {
        const struct acpi_ecam *e = &acpi.ecam[i];
        if (e->segment != 0 || e->first_bus > 0)
            continue;
        size_t n = ((size_t)e->last_bus - e->first_bus + 1) << 20;
        ecam = vm_map_io(e->base, n, VM_UNCACHED);
        ecam_first = e->first_bus;
        ecam_last = e->last_bus;
        if (ecam)
            return;
    }
}

/* The register pair keeps what is written to it where there is a host bridge behind it. */
static void open_ports(void)
{
    outl(CONFIG_ADDRESS, CONFIG_ENABLE);
    ports = inl(CONFIG_ADDRESS) == CONFIG_ENABLE;
    outl(CONFIG_ADDRESS, 0);
}

static void set_windows(void)
{
    u64 low = MEM32_FIRST, high = 4 * GIB;

    if (acpi.bridge.ecam) { /* it has no ports, and its upper window is far away */
        scan.mem32 = (struct pci_window){acpi.bridge.first, acpi.bridge.end};
        return;
    }
    for (u32 i = 0; i < bootinfo.regions; i++) {
        const struct boot_region *r = &bootinfo.region[i];
        u64 end = r->base + r->size;
        if (r->base < MEM32_END && end > low && end <= MEM32_END)
            low = end;
        if (r->type == BOOT_RAM && end > high)
            high = end;
    }
    for (u32 i = 0; i < acpi.ecams; i++) {
        u64 end = acpi.ecam[i].base + (((u64)acpi.ecam[i].last_bus - acpi.ecam[i].first_bus + 1) << 20);
        if (end > low && end <= MEM32_END)
            low = end;
    }
    scan.io = (struct pci_window){IO_FIRST, IO_END};
    scan.mem32 = (struct pci_window){low, MEM32_END};
    scan.mem64 = (struct pci_window){round_up(high, GIB), 1ull << min(cpu_features.phys_bits, (u8)38)};
}

/* What firmware placed inside our windows is not given out again: each window begins behind it. */
static void windows_after_firmware(void)
{
    for (unsigned k = 0; k < scan.count; k++) {
        for (unsigned i = 0; i < BUS_BARS; i++) {
            const struct bus_bar *b = &scan.fn[k].dev.bar[i];
            struct pci_window *w = b->port ? &scan.io : b->base < 4 * GIB ? &scan.mem32 : &scan.mem64;
            if (b->base && b->base < w->end && b->base + b->size > w->next)
                w->next = min(b->base + b->size, w->end);
        }
    }
}

void pci_init(void)
{
    open_ecam();
    open_ports();
    if (!ecam && !ports)
        return;
    scan.access = (struct pci_access){scan_read, scan_write, NULL};
    set_windows();
    preempt_off(); /* a BAR does not answer while it is sized: nobody is to draw on a screen behind it meanwhile */
    pci_scan(&scan);
    preempt_on();
    windows_after_firmware();
    pci_assign(&scan);
    if (scan.beyond)
        log_write(LOG_WARN, "pci: %u functions beyond the first %u are not used", scan.beyond, PCI_FUNCTIONS);
    if (scan.unassigned)
        log_write(LOG_WARN, "pci: no room for %u address ranges", scan.unassigned);
}

unsigned pci_count(void)
{
    return scan.count;
}

struct pci_function *pci_at(unsigned i)
{
    return &scan.fn[i];
}

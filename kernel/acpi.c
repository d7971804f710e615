/* ACPI on this machine: finds the root pointer, reads the tables by acpi_table.c, and fills in what a PC without ACPI
 * has. The registers that tables name (reset, power, PM timer) are read and written here. No AML is run.
 *
 * Called once at bring-up (acpi_init); `acpi` is constant afterwards, and read without a lock by all.
 */
#include "kernel/acpi.h"

#include "kernel/bootinfo.h"
#include "kernel/vm.h"
#include "kernel/x86.h"
#include "lib/plat.h"

#define ONE_CPU "one CPU runs: without a MADT nothing tells of others"

struct acpi_info acpi;

static const u8 *map_table(void *arg, u64 phys, size_t n)
{
    return vm_map_io(phys, n, VM_CACHED);
}

/* The first KiB of the EBDA, then the BIOS's own area. */
static u64 search_bios_areas(void)
{
    const u8 *bda = vm_map_io(0x40e, 2, VM_CACHED);
    u64 ebda = bda ? (u64)(bda[0] | bda[1] << 8) << 4 : 0;
    const struct {
        u64 at;
        size_t n;
    } area[] = {{ebda >= 0x400 && ebda < 0xa0000 ? ebda : 0, 1024}, {0xe0000, 0x20000}};
    for (unsigned i = 0; i < ARRAY_LEN(area); i++) {
        const u8 *p = area[i].at ? vm_map_io(area[i].at, area[i].n, VM_CACHED) : NULL;
        ssize at = p ? acpi_rsdp_find(p, area[i].n) : -1;
        if (at >= 0)
            return area[i].at + (u64)at;
    }
    return 0;
}

static void plain_pc(void)
{
    acpi.pic = true;
    acpi.lapic_addr = 0xfee00000;
    acpi.ioapics = 1;
    acpi.ioapic[0] = (struct acpi_ioapic){.addr = 0xfec00000};
    acpi.overrides = 1;
    acpi.override[0] = (struct acpi_override){.isa = 0, .gsi = 2};
    acpi.i8042_present = true;
}

void acpi_init(void)
{
    u64 rsdp = bootinfo.rsdp;

    if (!rsdp)
        rsdp = search_bios_areas();
    if (!rsdp || acpi_read(&acpi, rsdp, map_table, NULL)) {
        acpi.found = false;
        plain_pc();
        log_write(LOG_INFO, "acpi: none%s: local APIC, I/O APIC and PIT as in a PC; " ONE_CPU,
                  rsdp ? " that is sound" : "");
        return;
    }
    if (!acpi.madt) {
        plain_pc();
        log_write(LOG_WARN, "acpi: no MADT: local APIC and I/O APIC as in a PC; " ONE_CPU);
    }
    log_write(LOG_INFO, "acpi: %s: %u tables, %u CPUs (%u disabled), %u I/O APICs%s%s%s", acpi.oem, acpi.tables,
              acpi.cpus, acpi.cpus_disabled, acpi.ioapics, acpi.ecams ? ", ECAM" : "", acpi.hpet_addr ? ", HPET" : "",
              acpi.pm_timer.addr ? ", PM timer" : "");
    if (acpi.bad || acpi.lost)
        log_write(LOG_WARN, "acpi: %u tables were unsound, %u entries could not be used", acpi.bad, acpi.lost);
}

u64 acpi_gas_read(const struct acpi_gas *g)
{
    unsigned bits = g->access ? 4u << g->access : g->bits;
    if (!g->addr)
        return 0;
    if (g->space == ACPI_PORT)
        return bits <= 8 ? inb((u16)g->addr) : bits <= 16 ? inw((u16)g->addr) : inl((u16)g->addr);
    volatile void *p = vm_map_io(g->addr, 8, VM_UNCACHED);
    if (!p)
        return 0;
    return bits <= 8    ? *(volatile u8 *)p
           : bits <= 16 ? *(volatile u16 *)p
           : bits <= 32 ? *(volatile u32 *)p
                        : *(volatile u64 *)p;
}

void acpi_gas_write(const struct acpi_gas *g, u64 v)
{
    unsigned bits = g->access ? 4u << g->access : g->bits;
    if (!g->addr)
        return;
    if (g->space == ACPI_PORT) {
        if (bits <= 8)
            outb((u16)g->addr, (u8)v);
        else if (bits <= 16)
            outw((u16)g->addr, (u16)v);
        else
            outl((u16)g->addr, (u32)v);
        return;
    }
    volatile void *p = vm_map_io(g->addr, 8, VM_UNCACHED);
    if (!p)
        return;
    if (bits <= 8)
        *(volatile u8 *)p = (u8)v;
    else if (bits <= 16)
        *(volatile u16 *)p = (u16)v;
    else if (bits <= 32)
        *(volatile u32 *)p = (u32)v;
    else
        *(volatile u64 *)p = v;
}

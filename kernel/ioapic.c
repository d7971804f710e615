/* I/O APICs. A chip has an index register and a data window; each of its inputs has a redirection entry of 64 bits:
 *
 *     63-56 destination   16 masked   15 level   14 remote IRR   13 active low   10-8 delivery (0: fixed)   7-0 vector
 *
 * Entries are written with the mask set first and the low half last, so that no half-written one fires. What an input
 * means (ISA line, PCI pin) is irq.c's to know.
 */
#include "kernel/ioapic.h"

#include "kernel/acpi.h"
#include "kernel/vm.h"
#include "lib/plat.h"

#define REG_VERSION 0x01
#define REG_ENTRY   0x10
#define MASKED      0x10000u
#define LEVEL       0x8000u
#define LOW         0x2000u
#define INPUTS_MAX  240

static struct chip {
    volatile u32 *regs;
    u32 gsi_base, inputs;
    struct spinlock lock; /* interrupts off: index and window are two accesses */
    u32 low[INPUTS_MAX];  /* the low halves as written: reading them back costs two accesses more */
} chips[ACPI_IOAPICS];
static unsigned chip_count;

static u32 read_reg(struct chip *c, u32 reg)
{
    c->regs[0] = reg;
    return c->regs[4];
}

static void write_reg(struct chip *c, u32 reg, u32 v)
{
    c->regs[0] = reg;
    c->regs[4] = v;
}

static struct chip *find_chip(u32 gsi)
{
    for (unsigned i = 0; i < chip_count; i++)
        if (gsi - chips[i].gsi_base < chips[i].inputs)
            return &chips[i];
    return NULL;
}

bool ioapic_has(u32 gsi)
{
    return find_chip(gsi) != NULL;
}

unsigned ioapic_pin(u32 gsi)
{
    const struct chip *c = find_chip(gsi);
    return c ? gsi - c->gsi_base : 0;
}

u32 ioapic_inputs(void)
{
    u32 n = 0;
    for (unsigned i = 0; i < chip_count; i++)
        n = max(n, chips[i].gsi_base + chips[i].inputs);
    return n;
}

void ioapic_route(u32 gsi, u32 apic_id, unsigned vector, bool level, bool low)
{
    struct chip *c = find_chip(gsi);
    if (!c)
        return;
    u32 pin = gsi - c->gsi_base;
    u64 flags = spin_lock_irq(&c->lock);
    u32 masked = c->low[pin] & MASKED;
    c->low[pin] = vector | (level ? LEVEL : 0) | (low ? LOW : 0) | masked;
    write_reg(c, REG_ENTRY + 2 * pin, MASKED | (c->low[pin] & ~0xffu) | vector);
    write_reg(c, REG_ENTRY + 2 * pin + 1, apic_id << 24);
    if (!masked)
        write_reg(c, REG_ENTRY + 2 * pin, c->low[pin]);
    spin_unlock_irq(&c->lock, flags);
}

void ioapic_mask(u32 gsi, bool masked)
{
    struct chip *c = find_chip(gsi);
    if (!c)
        return;
    u32 pin = gsi - c->gsi_base;
    u64 flags = spin_lock_irq(&c->lock);
    u32 v = masked ? c->low[pin] | MASKED : c->low[pin] & ~MASKED;
    if (v != c->low[pin]) {
        c->low[pin] = v;
        write_reg(c, REG_ENTRY + 2 * pin, v);
    }
    spin_unlock_irq(&c->lock, flags);
}

void ioapic_init(void)
{
    for (u32 i = 0; i < acpi.ioapics; i++) {
        struct chip *c = &chips[chip_count];
        c->regs = vm_map_io(acpi.ioapic[i].addr, 4096, VM_UNCACHED);
        u32 version = c->regs ? read_reg(c, REG_VERSION) : ~0u;
        if (version == ~0u) {
            log_write(LOG_WARN, "ioapic: nothing answers at %lx", acpi.ioapic[i].addr);
            continue;
        }
        c->gsi_base = acpi.ioapic[i].gsi_base;
        c->inputs = min((version >> 16 & 0xff) + 1, (u32)INPUTS_MAX);
        for (u32 pin = 0; pin < c->inputs; pin++) {
            c->low[pin] = MASKED;
            write_reg(c, REG_ENTRY + 2 * pin, MASKED);
        }
        chip_count++;
    }
}

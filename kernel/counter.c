/* HPET, ACPI PM timer and PIT as plain counters.
 *
 * The HPET's main counter is started, its comparators and legacy routing are left off. The PIT's channel 0 runs freely
 * through 65536 (mode 2) and interrupts nobody: its line stays masked. None of the three is ever used for interrupts;
 * those come from the local APICs.
 */
#include "kernel/counter.h"

#include "kernel/acpi.h"
#include "kernel/vm.h"
#include "kernel/x86.h"

#define PM_HZ     3579545
#define PIT_HZ    1193182
#define PIT_LOOKS 1000

#define HPET_CAPS       0x00 /* bits 63-32: femtoseconds a tick; bit 13: the counter has 64 bits */
#define HPET_CONFIG     0x10
#define HPET_COUNTER    0xf0
#define HPET_ENABLE     1u
#define HPET_PERIOD_MAX 100000000u /* fs: 10 MHz is the least that the specification allows */

static volatile u8 *hpet;

static u64 hpet_read(void)
{
    return counter_hpet.mask == ~0ull ? *(volatile u64 *)(hpet + HPET_COUNTER) : *(volatile u32 *)(hpet + HPET_COUNTER);
}

static u64 pm_read(void)
{
    return acpi_gas_read(&acpi.pm_timer) & counter_pm.mask;
}

/* Counts down; latched, so that both bytes belong together. */
static u64 pit_read(void)
{
    outb(0x43, 0x00);
    u32 low = inb(0x40);
    return 0xffff - (low | (u32)inb(0x40) << 8);
}

struct counter counter_hpet = {.name = "hpet", .read = hpet_read, .carries = true};
struct counter counter_pm = {.name = "acpi_pm", .read = pm_read, .carries = true};
struct counter counter_pit = {.name = "pit", .read = pit_read, .mask = 0xffff, .hz = PIT_HZ};

static void hpet_find(void)
{
    hpet = acpi.hpet_addr ? vm_map_io(acpi.hpet_addr, 4096, VM_UNCACHED) : NULL;
    if (!hpet)
        return;
    u64 caps = *(volatile u64 *)(hpet + HPET_CAPS);
    u32 period = (u32)(caps >> 32);
    if (!period || period > HPET_PERIOD_MAX)
        return; /* nothing answers there */
    counter_hpet.mask = caps & 1u << 13 ? ~0ull : 0xffffffffull;
    *(volatile u64 *)(hpet + HPET_CONFIG) |= HPET_ENABLE;
    counter_hpet.hz = (1000000000000000ull + period / 2) / period;
}

static void pm_find(void)
{
    if (!acpi.pm_timer.addr)
        return;
    counter_pm.mask = acpi.pm_timer_32bit ? 0xffffffff : 0xffffff;
    for (u64 first = pm_read(), i = 0; i < 100; i++) /* a dead port reads the same for ever */
        if (pm_read() != first) {
            counter_pm.hz = PM_HZ;
            return;
        }
}

void counter_init(void)
{
    hpet_find();
    pm_find();
    outb(0x43, 0x34); /* channel 0, both bytes, mode 2, binary */
    outb(0x40, 0);
    outb(0x40, 0);
}

/* Ports where there is no PIT read the same for ever. One that is there counts on between two readings. */
static bool pit_runs(void)
{
    u64 first = pit_read();
    for (unsigned i = 0; i < PIT_LOOKS; i++)
        if (pit_read() != first)
            return true;
    return false;
}

struct counter *counter_best(void)
{
    return counter_hpet.hz ? &counter_hpet : counter_pm.hz ? &counter_pm : pit_runs() ? &counter_pit : NULL;
}

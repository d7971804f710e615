/* The table of contents of a CPU other than the first: what each module prepares for it, and starts on it. */
#include "kernel/bring_up.h"

#include "kernel/apic.h"
#include "kernel/bootinfo.h"
#include "kernel/irq.h"
#include "kernel/softirq.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/watchdog.h"
#include "lib/fmt.h"
#include "lib/timer.h"

void bring_up_first(void)
{
    watchdog_init_cpu();
}

int bring_up_cpu(unsigned cpu)
{
    static bool done[CPU_MAX];
    if (done[cpu])
        return 0;
    int err = irq_init_cpu(cpu);
    err = err ? err : task_init_cpu(cpu);
    err = err ? err : softirq_init_cpu(cpu);
    err = err ? err : timer_cpu_start(cpu);
    done[cpu] = !err;
    return err;
}

u64 bring_up_idle_stack(unsigned cpu)
{
    return task_idle_stack(cpu);
}

void bring_up_time_cpu(void)
{
    apic_timer_mode(true);
    time_init_cpu();
    watchdog_init_cpu();
}

void bring_up_idle(void)
{
    task_idle();
}

void bring_up_distrust(unsigned cpu, u64 cycles)
{
    char why[64];
    fmt(why, sizeof(why), "CPU %u is %lu cycles behind", cpu, cycles);
    time_tsc_distrust(why);
}

u64 bring_up_low_page(void)
{
    for (u64 page = 0x8000; page < 0x90000; page += 0x1000) {
        bool ram = false, other = false;
        for (u32 i = 0; i < bootinfo.regions; i++) {
            const struct boot_region *r = &bootinfo.region[i];
            bool all = page >= r->base && page + 0x1000 <= r->base + r->size;
            bool some = page < r->base + r->size && page + 0x1000 > r->base;
            ram |= all && r->type == BOOT_RAM;
            other |= some && r->type != BOOT_RAM;
        }
        if (ram && !other)
            return page;
    }
    return 0;
}

/* The source of clock_ns: how fast it runs, and the change from one to another. For kernel/time.c and smp.c. */
#ifndef KERNEL_CLOCK_H
#define KERNEL_CLOCK_H

#include "lib/base.h"

struct clock_rates {
    u64 tsc_hz;
    u64 apic_hz;                 /* of the local APIC's timer as apic.c divides it; 0: TSC-deadline mode */
    u64 tsc_per_ns, apic_per_ns; /* ticks << 32 */
    u64 ns_per_tsc;              /* << 32: as first measured, so that what was counted by it never goes back */
    bool apic_fine;              /* seen over a long stretch: clock_apic_seen need not be called any more */
    const char *by;              /* who said it: "hpet", "kvm-clock", "cpuid" */
    u64 measured_ns;             /* over how long; 0: told, not measured */
};

extern struct clock_rates clock_rates;

void clock_init(void);                  /* the first CPU: interrupts on meanwhile, halts; then clock_ns runs */
void clock_calibration_interrupt(void); /* the timer's vector while clock_init measures */
bool clock_running(void);
int clock_use(const char *name);          /* by its name: 0, or -ENOENT. On the CPU that calls clock_maintain */
void clock_tsc_distrust(const char *why); /* the next best instead, if there is one. The same */
/* The APIC timer counted so far while the TSC counted so far, or so many cycles less. */
void clock_apic_seen(u64 ticks, u64 cycles, u64 unsure);

void clock_panic(void); /* from now on clock_ns waits for nobody */

const char *clock_source(void);     /* "tsc", "hpet", "acpi_pm": as Linux names them */
const char *clock_calibrated(void); /* "1000.000 MHz, measured against hpet in 2 ms" */
u64 clock_tsc_hz(void);

/* A difference of rdtsc in nanoseconds. */
static inline u64 clock_tsc_ns(u64 cycles)
{
    return (u64)((unsigned __int128)cycles * clock_rates.ns_per_tsc >> 32);
}

/* Interrupts off, from the timer of the first CPU: measures again over the long stretch since boot, keeps a counter
 * that wraps from being lost, checks the TSC against another; when it wants to be called next. */
u64 clock_maintain(u64 now);

#endif

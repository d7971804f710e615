/* Counters that run at a rate that is known without measuring: HPET, ACPI PM timer, PIT. For kernel/clock.c.
 *
 * They calibrate the TSC and the local APIC's timer; the first two can also carry clock_ns, extended to 64 bits.
 */
#ifndef KERNEL_COUNTER_H
#define KERNEL_COUNTER_H

#include "lib/base.h"

struct counter {
    const char *name; /* Linux's: "hpet", "acpi_pm", "pit" */
    u64 hz;           /* 0: the machine has none */
    u64 mask;         /* bits that count */
    u64 (*read)(void);
    bool carries; /* may be the source of clock_ns: it wraps late enough to be watched */
    u64 seen;     /* the last reading as 64 bits, while it carries: kernel/clock_scale.c */
};

extern struct counter counter_hpet, counter_pm, counter_pit;

void counter_init(void);            /* after acpi_init: finds them */
struct counter *counter_best(void); /* what to measure against; NULL: nothing here counts */

#endif

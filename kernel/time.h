/* Time: clock_ns, wall_ns, and one timer interrupt per CPU for all who want one.
 *
 * Sources are told in order of trust: the TSC when it is invariant or a hypervisor gives it, and the CPUs' agree; else
 * the HPET; else the ACPI PM timer; else the TSC all the same. The TSC's rate comes from who knows it (KVM's clock,
 * CPUID 15h) or is measured against HPET, PM timer or PIT while the CPU halts, and is refined once a longer stretch
 * has passed.
 */
#ifndef KERNEL_TIME_H
#define KERNEL_TIME_H

#include "kernel/clock.h"
#include "kernel/time_use.h"
#include "lib/base.h"

/* ---- bring-up ---- */
void time_init(void); /* the first CPU, after apic and irq: measures, chooses; clock_ns runs from here on (before: 0) */
void time_init_cpu(void);                /* each other CPU: its timer */
void time_tsc_distrust(const char *why); /* changes over to the next source. The first CPU */
int time_use_source(const char *name);   /* "tsc", "hpet", "acpi_pm": from now on; 0, or -ENOENT: not here. Task */

/* ---- wall time (any) ---- */
void wall_init(void);   /* time_init alone: reads the hardware clock */
void wall_set(u64 ns);  /* at once */
void wall_slew(i64 ns); /* little by little: 500 us a second; replaces a slew that still runs */
void wall_to_rtc(void); /* writes the hardware clock (task) */

/* ---- what the timer interrupt serves ----
 * Interrupts off, this CPU. The earliest deadline of all is armed; ~0 is none. */
enum time_event {
    TIME_WHEEL,    /* clock_arm: raises SOFTIRQ_TIMER */
    TIME_TASK,     /* slices and sleepers */
    TIME_RCU,      /* a grace period that wants help */
    TIME_WATCHDOG, /* once in some seconds */
    TIME_PROFILE,  /* the sampling profiler */
    TIME_CLOCK,    /* clock_maintain: the first CPU */
    TIME_EVENTS,
};
void time_event_set(enum time_event e, u64 when_ns);
/* What happens then, in interrupt context; returns the next deadline. f is what was interrupted. At bring-up. */
struct trap_frame;
void time_event_handler(enum time_event e, u64 (*fn)(u64 now, const struct trap_frame *f));
void time_interrupt(const struct trap_frame *f); /* VECTOR_TIMER; f: what was interrupted */
void time_idle(void);                            /* the idle task, before it halts: arms exactly what is wanted */

/* ---- the sampling profiler ----
 * While it is on, `fn` is called in interrupt context each `period_ns` on every CPU that is not idle (an idle CPU is
 * called when it wakes). NULL: off. Task context. */
void time_profile(u64 period_ns, void (*fn)(const struct trap_frame *f));
void time_profile_wake(void); /* interrupts off: this CPU is idle no more */

/* ---- where the CPUs' time goes: what each says is kernel/time_use.h's ---- */
void time_used(unsigned cpu, u64 ns[TIME_USES]); /* any */

#endif

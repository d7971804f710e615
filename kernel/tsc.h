/* The time stamp counter: who knows its rate, whether it can be trusted, whether two CPUs' agree. */
#ifndef KERNEL_TSC_H
#define KERNEL_TSC_H

#include "lib/base.h"

/* Its rate as a hypervisor or the CPU tells it, and who did; 0: nobody knows. */
u64 tsc_told_hz(const char **by);

/* Does it run at one rate whatever the CPU does? Invariant by CPUID, or given by a hypervisor. */
bool tsc_steady(void);

/* Both CPUs of a pair at once, interrupts off: `first` prepares and returns the verdict once the other has run it too;
 * the worst that one was behind the other, in cycles. 0: they agree. */
u64 tsc_compare(bool first);

#endif

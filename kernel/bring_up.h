/* Internal to kernel. What another CPU needs of every module before and when it starts, in order. */
#ifndef KERNEL_BRING_UP_H
#define KERNEL_BRING_UP_H

#include "lib/base.h"

void bring_up_first(void); /* the first CPU, before others: it is watched from now on */
int bring_up_cpu(
    unsigned cpu); /* the starter: tables, idle task, softirq stack, wheel; 0 or -ENOMEM. May be repeated */
u64 bring_up_idle_stack(unsigned cpu);
void bring_up_time_cpu(void); /* the other CPU, after its APIC: timer, watchdog */
void bring_up_idle(void) NORETURN;
void bring_up_distrust(unsigned cpu, u64 cycles); /* its TSC is so far behind */
u64 bring_up_low_page(void); /* physical address of a page of RAM below 1 MiB, to be borrowed; 0: there is none */

#endif

/* Internal to kernel/smp. What smp_start.c and smp.c want of each other. */
#ifndef KERNEL_SMP_START_H
#define KERNEL_SMP_START_H

#include "lib/base.h"

void smp_count_in(unsigned cpu); /* it is up: it may be kicked, called and stopped */

#endif

/* Who is stuck: a CPU that has not changed tasks, or not taken its timer interrupt, for watchdog_ns is told about on
 * the console with its backtrace, once per incident. Each CPU looks at itself and at its neighbour, a few times in that
 * span; an idle one once. */
#ifndef KERNEL_WATCHDOG_H
#define KERNEL_WATCHDOG_H

#include "lib/base.h"

extern u64 watchdog_ns; /* 10 s; tests take less */

void watchdog_init_cpu(void); /* each CPU, once it runs tasks */
u64 watchdog_incidents(void);

#endif

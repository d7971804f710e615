/* Shares of CPU time between two looks, and how mpstat and sar write them. */
#ifndef KERNEL_CPU_USE_H
#define KERNEL_CPU_USE_H

#include "lib/base.h"
#include "lib/out.h"

/* In hundredths of a percent of the time between the looks. Together they are 10000, but for rounding. What tasks do
 * counts as "usr": they are what programs are elsewhere. */
struct cpu_share {
    u32 task, softirq, irq, idle;
};

/* Nanoseconds spent: task, softirq, irq, idle (enum time_use). A clock that stood still is all idle. */
struct cpu_share cpu_share_of(const u64 before[4], const u64 after[4]);

void cpu_share_head(struct out *o, const char *when);
void cpu_share_row(struct out *o, const char *when, const char *cpu, struct cpu_share s); /* cpu: "all", "0" */

/* "12.50" for 1250, right-aligned to `width`. */
void hundredths_put(struct out *o, unsigned width, u64 v);

#endif

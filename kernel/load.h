/* Load averages, as Linux counts them: tasks that run or are ready, over 1, 5 and 15 minutes. */
#ifndef KERNEL_LOAD_H
#define KERNEL_LOAD_H

#include "lib/base.h"

#define LOAD_PERIOD_NS (5 * NS_PER_S)

struct load {
    u32 avg[3]; /* in 1/65536 of a task */
};

void load_step(struct load *l, u32 ready); /* pure: `ready` tasks, once in each period */
void load_start(void);                     /* the machine: from now on, once in each period; task, after softirq_init */
size_t load_text(char *p, size_t n, u32 avg); /* "0.52" */

#endif

/* Changing stacks: kernel/switch.S. */
#ifndef KERNEL_SWITCH_H
#define KERNEL_SWITCH_H

#include "lib/base.h"

void task_switch(u64 *save, u64 load);                /* interrupts off */
void task_first(void);                                /* what a new task's stack returns to; calls task_begin */
void stack_call(void (*fn)(void), u64 top);           /* fn on another stack, and back */
void stack_leave(void (*fn)(void), u64 top) NORETURN; /* and not back */

#endif

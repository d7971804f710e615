/* Quiescent states: what the scheduler, softirqs and interrupts tell RCU. kernel/rcu.c answers.
 *
 * A leaf, so that those who tell stand below RCU, which stands on them. A CPU is quiescent when it changes tasks, when
 * it is idle, and when an interrupt or a softirq round ends above a task that is no reader. Interrupts are off in all.
 */
#ifndef KERNEL_QUIESCENT_H
#define KERNEL_QUIESCENT_H

#include "lib/base.h"

void rcu_quiescent(void);  /* this CPU holds no reference now */
void rcu_idle_enter(void); /* from now on this CPU holds none, */
void rcu_idle_exit(void);  /* and from now on it may again */

#endif

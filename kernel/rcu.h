/* RCU by quiescent states: who tells it what. Users know rcu_enter, rcu_defer and kin of lib/plat.h alone.
 *
 * A CPU is quiescent when it changes tasks, when it is idle, and when an interrupt or a softirq round ends above a task
 * that is no reader. Idle CPUs are not woken for a grace period.
 */
#ifndef KERNEL_RCU_H
#define KERNEL_RCU_H

#include "lib/base.h"

void rcu_init(void);           /* after softirq_init */
void rcu_online(unsigned cpu); /* it takes part from now on; called on it */
void rcu_quiescent(void);      /* interrupts off: this CPU holds no reference now */
void rcu_idle_enter(void);     /* interrupts off: from now on this CPU holds none, */
void rcu_idle_exit(void);      /* and from now on it may again */
bool rcu_is_idle(void);
u64 rcu_clock_due(u64 now); /* interrupts off, from the timer: hurries who holds a grace period up; when next */

struct rcu_stats {
    u64 grace_periods, deferred, run, forced; /* forced: CPUs that had to be asked */
    u64 waiting;
};
void rcu_stats(struct rcu_stats *s);

#endif

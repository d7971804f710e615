/* RCU by quiescent states: its bring-up and figures. Users know rcu_enter, rcu_defer and kin of lib/plat.h alone; who
 * tells it of quiescent states, kernel/quiescent.h. Idle CPUs are not woken for a grace period.
 */
#ifndef KERNEL_RCU_H
#define KERNEL_RCU_H

#include "lib/base.h"

void rcu_init(void);           /* after softirq_init */
void rcu_online(unsigned cpu); /* it takes part from now on; called on it */
struct rcu_stats {
    u64 grace_periods, deferred, run, forced; /* forced: CPUs that had to be asked */
    u64 waiting;
};
void rcu_stats(struct rcu_stats *s);

#endif

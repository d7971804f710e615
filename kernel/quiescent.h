/* Quiescent states: what the scheduler, softirqs and interrupts tell RCU. kernel/rcu.c answers.
 *
 * A leaf, so that those who tell stand below RCU, which stands on them. A CPU is quiescent when it changes tasks, when
 * it is idle, and when an interrupt or a softirq round ends above a task that is no reader. Interrupts are off in all.
 */
#ifndef KERNEL_QUIESCENT_H
#define KERNEL_QUIESCENT_H

#include "lib/plat.h"

extern u64 rcu_holdouts; /* CPUs that the present grace period waits for; kernel/rcu.c's */
void rcu_pass(void);     /* for below: this CPU is one of them, and holds it up no more */

/* This CPU holds no reference now. */
static inline void rcu_quiescent(void)
{
    if (unlikely(load_relaxed(&rcu_holdouts) >> cpu_id() & 1))
        rcu_pass();
}

/* From now on this CPU holds none, */
static inline void rcu_idle_enter(void)
{
    store_release(&this_cpu()->rcu_quiescent, 1);
    atomic_fence();
    rcu_quiescent();
}

/* and from now on it may again. */
static inline void rcu_idle_exit(void)
{
    if (!this_cpu()->rcu_quiescent)
        return;
    store_relaxed(&this_cpu()->rcu_quiescent, 0);
    atomic_fence();
}

#endif

/* The idle task of each CPU: whatever is left, softirqs and tasks, then sleep until an interrupt.
 *
 * It looks with interrupts off and halts by the one instruction that allows them again, so that no wake-up falls
 * between the look and the halt. Going to sleep is a quiescent state, and asleep the CPU is one (kernel/quiescent.h);
 * the timer is armed for exactly what is wanted, so a machine with nothing to do is left alone.
 */
#include "kernel/idle.h"

#include "kernel/quiescent.h"
#include "kernel/softirq.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/x86.h"

void idle_main(void *arg)
{
    for (;;) {
        cli();
        rcu_idle_exit();
        softirq_take_remote();
        if (softirq_waiting())
            softirq_run();
        if (this_cpu()->need_resched) {
            task_change();
            sti();
            continue;
        }
        rcu_idle_enter();
        if (softirq_waiting()) { /* the grace period that waited for us */
            sti();
            continue;
        }
        time_use(TIME_USE_IDLE);
        time_idle();
        sti_hlt();
    }
}

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
    struct cpu *c = this_cpu();
    cli();
    time_use(TIME_USE_IDLE);
    task_look(); /* who was made ready here before this CPU could be told: its own ksoftirqd */
    for (;;) {
        cli();
        softirq_take_remote(); /* a kick that came while a task had softirqs off has only woken us */
        if (unlikely(c->softirq_pending | c->need_resched)) { /* else the interrupt that woke us has done it all */
            rcu_idle_exit();
            if (softirq_waiting())
                softirq_run();
            if (c->need_resched) {
                task_change();
                sti();
                continue;
            }
        }
        rcu_idle_enter();
        if (softirq_waiting()) { /* the grace period that waited for us */
            sti();
            continue;
        }
        time_idle();
        sti_hlt();
    }
}

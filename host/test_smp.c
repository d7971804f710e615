/* A function on every CPU at once, for tests (host/test_smp.h).
 *
 * smp_run's tasks meet at a barrier before they begin, so that on threads they truly run together.
 * Never used outside tests.
 */
#include "host/test_smp.h"
#include "host/ground.h"
#include "lib/plat.h"

#include <sched.h>

static struct {
    void (*fn)(void *arg);
    void *arg;
    struct task *caller;
    unsigned running; /* atomic */
    unsigned arrived; /* atomic */
    unsigned turn;    /* atomic: barriers passed */
} smp;

void smp_relax(void)
{
    task_yield();
    if (host_ground.threads > 1)
        sched_yield(); /* the other may be a thread that has no processor now */
}

void smp_barrier(void)
{
    unsigned turn = load_acquire(&smp.turn);
    if (atomic_add(&smp.arrived, 1) == cpu_count()) {
        store_relaxed(&smp.arrived, 0);
        store_release(&smp.turn, turn + 1);
        return;
    }
    while (load_acquire(&smp.turn) == turn)
        smp_relax();
}

static void run_one(void *arg)
{
    smp_barrier();
    smp.fn(smp.arg);
    if (!atomic_sub(&smp.running, 1))
        task_wake(smp.caller);
}

void smp_run(void (*fn)(void *arg), void *arg)
{
    smp.fn = fn;
    smp.arg = arg;
    smp.caller = task_self();
    store_release(&smp.running, cpu_count());
    for (unsigned i = 0; i < cpu_count(); i++)
        if (!task_start("smp", run_one, NULL, TASK_NORMAL, (int)i))
            panic("smp_run: no task on CPU %u", i);
    while (load_acquire(&smp.running))
        task_park(~0ull);
}

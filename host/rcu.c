/* Read-copy-update by quiescent states, between the CPUs of a hosted Weir.
 *
 * Each CPU has a phase: even while it is idle, odd while it works, and it moves on whenever nothing on that CPU can
 * hold a pointer it read: between tasks, and at the end of the outermost reader, softirq or softirq_off of a task. A
 * batch of callbacks waits until each CPU was idle or has moved on from the phase that was seen after the batch was
 * closed. One batch waits at a time, the next gathers.
 *
 * With one thread every end of a step is quiescent for all, so there a callback runs at the end of the step.
 *
 * Never waits for a reader: who defers too much is held back by nobody, as in the kernel.
 */
#include "host/ground.h"

void rcu_init(struct cpu *c)
{
    c->rcu.phase = 1;
    c->rcu.next_end = &c->rcu.next;
}

static void move_phase(struct cpu *c, u64 by)
{
    __atomic_fetch_add(&c->rcu.phase, by, __ATOMIC_SEQ_CST);
}

void rcu_quiet(struct cpu *c)
{
    move_phase(c, 2);
}

void rcu_idle(struct cpu *c, bool idle)
{
    move_phase(c, 1);
    if (PLAT_DEBUG && (load_relaxed(&c->rcu.phase) & 1) == idle)
        panic("rcu: CPU %u is idle and is not", (unsigned)(c - host_cpu_block));
}

void host_rcu_exit(void)
{
    struct cpu *c = cpu_here();
    if (!c->in_softirq && !c->off && !host_rcu_depth)
        rcu_quiet(c);
}

bool rcu_waiting(struct cpu *c)
{
    return c->rcu.wait || c->rcu.next;
}

static bool all_moved_on(struct cpu *c)
{
    for (unsigned i = 0; i < host_ground.cpus; i++) {
        u64 phase = __atomic_load_n(&host_cpu_block[i].rcu.phase, __ATOMIC_SEQ_CST);
        if ((c->rcu.seen[i] & 1) && phase == c->rcu.seen[i])
            return false;
    }
    return true;
}

static bool run_batch(struct cpu *c)
{
    struct rcu_head *h = c->rcu.wait;
    c->rcu.wait = NULL;
    c->in_softirq = true;
    while (h) {
        struct rcu_head *next = h->next;
        h->fn(h);
        store_release(&c->rcu.done, c->rcu.done + 1);
        h = next;
    }
    c->in_softirq = false;
    return true;
}

bool rcu_step(struct cpu *c)
{
    if (!c->rcu.wait && c->rcu.next) {
        c->rcu.wait = c->rcu.next;
        c->rcu.next = NULL;
        c->rcu.next_end = &c->rcu.next;
        for (unsigned i = 0; i < host_ground.cpus; i++)
            c->rcu.seen[i] = __atomic_load_n(&host_cpu_block[i].rcu.phase, __ATOMIC_SEQ_CST);
        if (host_ground.threads == 1)
            return run_batch(c); /* the one thread is between tasks */
        rcu_quiet(c);
    }
    return c->rcu.wait && all_moved_on(c) && run_batch(c);
}

void rcu_defer(struct rcu_head *h, void (*fn)(struct rcu_head *))
{
    struct cpu *c = cpu_here();
    h->next = NULL;
    h->fn = fn;
    *c->rcu.next_end = h;
    c->rcu.next_end = &h->next;
    /* A full barrier: the writer's unpublishing stands before the phases are looked at. */
    __atomic_fetch_add(&c->rcu.deferred, 1, __ATOMIC_SEQ_CST);
}

void rcu_barrier(void)
{
    u64 until[CPU_MAX];
    for (unsigned i = 0; i < host_ground.cpus; i++)
        until[i] = load_acquire(&host_cpu_block[i].rcu.deferred);
    for (unsigned i = 0; i < host_ground.cpus; i++)
        while (load_acquire(&host_cpu_block[i].rcu.done) < until[i])
            task_yield();
}

/* RCU: memory that readers may still look at is freed when none can.
 *
 * Each CPU has three lists of what was deferred on it:
 *
 *     next  --a grace period is asked for-->  wait  --it has ended-->  done  --SOFTIRQ_RCU calls-->
 *
 * A grace period starts with all CPUs that are not idle as `holdouts`; each takes its bit out when it is quiescent, the
 * last one ends the period and raises SOFTIRQ_RCU where somebody waits. Nothing polls: only when a period lasts longer
 * than FORCE_NS does a waiting CPU's timer ask the holdouts to interrupt what they do, since a task that computes alone
 * on a tickless CPU would not pass by here.
 *
 * Idle: a CPU says so in its own word and looks at holdouts then; who starts a period writes holdouts and looks at the
 * words then; with a fence between in both, one of them sees the other. So an idle CPU is never woken.
 *
 * Lock order: rcu.lock is innermost but for the APIC; interrupts off.
 */
#include "kernel/rcu.h"

#include "kernel/quiescent.h"
#include "kernel/smp.h"
#include "kernel/softirq.h"
#include "kernel/time.h"
#include "kernel/x86.h"
#include "lib/plat.h"
#include "lib/wait.h"

#define FORCE_NS     (2 * NS_PER_MS)
#define FORCE_MAX_NS (64 * NS_PER_MS)
#define BATCH        256             /* callbacks in a run: the softirq's budget is looked at between */
#define DEFER_NS     (1 * NS_PER_MS) /* a task that goes on without softirqs is interrupted after it */

struct rcu_list {
    struct rcu_head *first, **end;
};

struct rcu_cpu { /* its CPU's alone, interrupts off */
    struct rcu_list next, wait, done;
    u64 wait_gp; /* the period that `wait` waits for */
    u64 held;    /* in all three: read by rcu_barrier from afar */
    u64 deferred, run;
    u64 force_ns; /* how long to wait before asking again */
} CACHE_ALIGNED;

static struct {
    struct spinlock lock;
    u64 started, completed, wanted; /* numbers of periods: running while started > completed */
    u64 online, waiters;            /* CPUs */
    u64 forced;
} rcu;
u64 rcu_holdouts CACHE_ALIGNED; /* read by all at each quiescent state */

static struct rcu_cpu cpus[CPU_MAX];

static void list_clear(struct rcu_list *l)
{
    l->first = NULL;
    l->end = &l->first;
}

static void list_move(struct rcu_list *to, struct rcu_list *from)
{
    if (!from->first)
        return;
    *to->end = from->first;
    to->end = from->end;
    list_clear(from);
}

/* ---- grace periods: all with rcu.lock ---- */

static bool is_idle(unsigned cpu)
{
    return load_relaxed(&cpu_table[cpu]->rcu_quiescent) != 0;
}

/* Takes idle CPUs out of the holdouts; true when none is left. */
static bool pass_idle(void)
{
    atomic_fence();
    for (u64 left = rcu_holdouts; left; left &= left - 1) {
        unsigned cpu = (unsigned)__builtin_ctzll(left);
        if (is_idle(cpu))
            store_relaxed(&rcu_holdouts, rcu_holdouts & ~(1ull << cpu));
    }
    return rcu_holdouts == 0;
}

/* Starts what is wanted; a period without holdouts ends at once. Returns who is to be told of ends. */
static u64 advance(void)
{
    u64 tell = 0;
    for (;;) {
        if (rcu.started > rcu.completed) {
            if (rcu_holdouts)
                return tell;
            rcu.completed = rcu.started;
            tell |= rcu.waiters;
            rcu.waiters = 0;
        }
        if (rcu.wanted <= rcu.completed)
            return tell;
        rcu.started++;
        store_relaxed(&rcu_holdouts, rcu.online);
        pass_idle();
    }
}

static void tell_waiters(u64 cpu_bits)
{
    unsigned me = cpu_id();
    for (; cpu_bits; cpu_bits &= cpu_bits - 1) {
        unsigned cpu = (unsigned)__builtin_ctzll(cpu_bits);
        if (cpu == me)
            softirq_mark(SOFTIRQ_RCU); /* our caller looks at its softirqs */
        else
            softirq_raise_on(cpu, SOFTIRQ_RCU);
    }
}

void rcu_pass(void)
{
    spin_lock(&rcu.lock);
    store_relaxed(&rcu_holdouts, rcu_holdouts & ~(1ull << cpu_id()));
    u64 tell = advance();
    store_release(&rcu.lock.locked, 0); /* no look at need_resched here: our caller is the scheduler */
    this_cpu()->preempt -= PREEMPT_ONE;
    tell_waiters(tell);
}

/* ---- this CPU's lists ---- */

void rcu_defer(struct rcu_head *h, void (*fn)(struct rcu_head *))
{
    h->next = NULL;
    h->fn = fn;
    u64 flags = irq_save();
    struct rcu_cpu *rc = &cpus[cpu_id()];
    bool first = !rc->next.first;
    *rc->next.end = h;
    rc->next.end = &h->next;
    store_relaxed(&rc->held, rc->held + 1);
    rc->deferred++;
    if (first && !rc->wait.first) {
        softirq_mark(SOFTIRQ_RCU); /* at the next occasion; the timer is one if there is none */
        time_event_set(TIME_RCU, clock_ns() + DEFER_NS);
    }
    irq_restore(flags);
}

/* `next` asks for a period that starts after now. */
static void ask(struct rcu_cpu *rc)
{
    list_move(&rc->wait, &rc->next);
    spin_lock(&rcu.lock);
    rc->wait_gp = rcu.started + 1;
    rcu.wanted = max(rcu.wanted, rc->wait_gp);
    rcu.waiters |= 1ull << cpu_id();
    u64 tell = advance();
    spin_unlock(&rcu.lock);
    tell_waiters(tell);
    rc->force_ns = FORCE_NS;
    time_event_set(TIME_RCU, clock_ns() + rc->force_ns);
}

static void softirq(void)
{
    struct rcu_cpu *rc = &cpus[cpu_id()];
    struct rcu_head *batch = NULL, **end = &batch;
    unsigned n = 0;
    u64 flags = irq_save();
    if (rc->wait.first && load_acquire(&rcu.completed) >= rc->wait_gp)
        list_move(&rc->done, &rc->wait);
    if (!rc->wait.first) {
        if (rc->next.first)
            ask(rc);
        else
            time_event_set(TIME_RCU, ~0ull);
    } else { /* somebody else's period ended, or a timer ran out */
        spin_lock(&rcu.lock);
        rcu.waiters |= 1ull << cpu_id();
        spin_unlock(&rcu.lock);
        if (load_acquire(&rcu.completed) >= rc->wait_gp)
            softirq_mark(SOFTIRQ_RCU);
    }
    for (; rc->done.first && n < BATCH; n++) {
        *end = rc->done.first;
        rc->done.first = rc->done.first->next;
        end = &(*end)->next;
    }
    *end = NULL;
    if (!rc->done.first)
        list_clear(&rc->done);
    else
        softirq_mark(SOFTIRQ_RCU);
    irq_restore(flags);
    while (batch) {
        struct rcu_head *h = batch;
        batch = h->next;
        h->fn(h);
    }
    flags = irq_save();
    store_relaxed(&rc->held, rc->held - n);
    rc->run += n;
    irq_restore(flags);
}

static u64 timer(u64 now, const struct trap_frame *f)
{
    struct rcu_cpu *rc = &cpus[cpu_id()];
    if (!rc->wait.first) {
        if (rc->next.first)
            softirq_mark(SOFTIRQ_RCU);
        return ~0ull;
    }
    spin_lock(&rcu.lock);
    if (rcu.started > rcu.completed)
        pass_idle();
    u64 tell = advance(), ask_them = rcu_holdouts & ~(1ull << cpu_id());
    spin_unlock(&rcu.lock);
    tell_waiters(tell);
    for (; ask_them; ask_them &= ask_them - 1, atomic_add_relaxed(&rcu.forced, 1))
        smp_resched((unsigned)__builtin_ctzll(ask_them)); /* the way out of that interrupt is a quiescent state */
    rc->force_ns = min(rc->force_ns * 2, FORCE_MAX_NS);
    return now + rc->force_ns;
}

/* ---- barrier ---- */

static MUTEX(barrier_one);
static struct rcu_head barrier_head[CPU_MAX];
static u32 barrier_left;
static WAITQ(barrier_wait);

static void barrier_reached(struct rcu_head *h)
{
    if (!atomic_sub(&barrier_left, 1))
        waitq_wake_all(&barrier_wait);
}

static void barrier_enter(void *arg) /* on each CPU, in interrupt context */
{
    rcu_defer(&barrier_head[cpu_id()], barrier_reached);
}

static bool barrier_done(void *arg)
{
    return load_acquire(&barrier_left) == 0;
}

void rcu_barrier(void)
{
    u64 who = 0;
    u32 n = 0;
    mutex_lock(&barrier_one);
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        if (load_acquire(&cpus[cpu].held)) {
            who |= 1ull << cpu;
            n++;
        }
    store_release(&barrier_left, n);
    if (n)
        smp_call(who, barrier_enter, NULL);
    waitq_wait_deaf(&barrier_wait, barrier_done, NULL);
    mutex_unlock(&barrier_one);
}

/* ---- bring-up, figures ---- */

void rcu_online(unsigned cpu)
{
    u64 flags = spin_lock_irq(&rcu.lock);
    rcu.online |= 1ull << cpu;
    spin_unlock_irq(&rcu.lock, flags);
}

void rcu_init(void)
{
    for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
        list_clear(&cpus[cpu].next);
        list_clear(&cpus[cpu].wait);
        list_clear(&cpus[cpu].done);
    }
    softirq_set(SOFTIRQ_RCU, softirq);
    time_event_handler(TIME_RCU, timer);
    rcu_online(0);
}

void rcu_stats(struct rcu_stats *s)
{
    *s = (struct rcu_stats){.grace_periods = load_relaxed(&rcu.completed), .forced = load_relaxed(&rcu.forced)};
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
        s->deferred += load_relaxed(&cpus[cpu].deferred);
        s->run += load_relaxed(&cpus[cpu].run);
        s->waiting += load_relaxed(&cpus[cpu].held);
    }
}

/* Who is stuck.
 *
 * Each CPU looks five times in watchdog_ns while it runs tasks, and every watchdog_ns while it is idle:
 *
 *     at itself     a change of tasks has been due for watchdog_ns and none came: somebody holds a spin lock, or a
 *                   softirq does not end. The interrupt that looks shows where, in its frame.
 *     at the next   its looks have stopped: it has interrupts off. An NMI asks it where it is.
 *
 * A task that computes for ever is not stuck: others get their slices. It is asked for nothing here. One CPU alone
 * cannot see itself with interrupts off.
 */
#include "kernel/watchdog.h"

#include "kernel/backtrace.h"
#include "kernel/smp.h"
#include "kernel/softirq.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/trap_frame.h"
#include "lib/plat.h"

u64 watchdog_ns = 10 * NS_PER_S;

static struct watch {
    u64 looked; /* when this CPU's timer looked last */
    u64 idle;   /* was it idle then: it looks rarely */
    u64 asked;  /* since when a change of tasks is due; 0: it came */
    u64 seen;   /* task_last_look when it was asked for */
    bool told, told_next;
} CACHE_ALIGNED watches[CPU_MAX];

static u64 incidents;

u64 watchdog_incidents(void)
{
    return load_relaxed(&incidents);
}

static void print_line(void *arg, const char *line)
{
    log_write(LOG_ERR, "  %s", line);
}

static void tell_self(const struct trap_frame *f, u64 for_ns)
{
    bool softirq = preempt_count() & SOFTIRQ_MASK;
    atomic_add(&incidents, 1);
    log_write(LOG_ERR, "watchdog: CPU %u stuck for %llu ms in %s%s, preempt %x:", cpu_id(), for_ns / NS_PER_MS,
              softirq ? "a softirq above " : "", task_name(task_self()), preempt_count() & ~IRQ_MASK);
    backtrace_walk(f->rip, f->rbp, 16, print_line, NULL);
}

/* An NMI asked this CPU where it is. */
static void tell_where(const struct trap_frame *f)
{
    log_write(LOG_ERR, "CPU %u, task %s, preempt %x:", cpu_id(), task_name(task_self()), preempt_count());
    backtrace_walk(f->rip, f->rbp, 16, print_line, NULL);
}

/* A change of tasks is asked for, and missed when it has not come after watchdog_ns. */
static void look_at_self(struct watch *w, u64 now, const struct trap_frame *f)
{
    u64 seen = task_last_look(cpu_id());
    if (!w->asked || seen != w->seen) {
        w->asked = now;
        w->seen = seen;
        w->told = false;
    } else if (now - w->asked >= watchdog_ns && !w->told) {
        w->told = true;
        tell_self(f, now - w->asked);
    }
    this_cpu()->need_resched = 1;
}

static void look_at_next(struct watch *w, u64 now)
{
    unsigned next = (cpu_id() + 1) % cpu_count();
    const struct watch *n = &watches[next];
    u64 looked = load_relaxed(&n->looked), most = watchdog_ns + (load_relaxed(&n->idle) ? watchdog_ns : 0);
    if (next == cpu_id() || !looked || now < looked || now - looked < most) {
        w->told_next = false;
        return;
    }
    if (w->told_next)
        return;
    w->told_next = true;
    atomic_add(&incidents, 1);
    log_write(LOG_ERR, "watchdog: CPU %u has not taken its timer for %llu ms:", next, (now - looked) / NS_PER_MS);
    if (!smp_probe(next))
        log_write(LOG_ERR, "watchdog: CPU %u does not answer an NMI either", next);
}

static u64 timer(u64 now, const struct trap_frame *f)
{
    struct watch *w = &watches[cpu_id()];
    bool idle = task_is_idle() && !(preempt_count() & SOFTIRQ_MASK);
    look_at_next(w, now);
    if (idle)
        w->asked = 0;
    else
        look_at_self(w, now, f);
    store_relaxed(&w->idle, idle);
    store_relaxed(&w->looked, now);
    return now + (idle ? watchdog_ns : watchdog_ns / 5);
}

void watchdog_init_cpu(void)
{
    time_event_handler(TIME_WATCHDOG, timer);
    smp_on_probe(tell_where);
    u64 flags = irq_save();
    u64 now = clock_ns();
    watches[cpu_id()] = (struct watch){.looked = now, .idle = 1};
    time_event_set(TIME_WATCHDOG, now + watchdog_ns);
    irq_restore(flags);
}

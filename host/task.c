/* Tasks as coroutines: start, park, wake, sleep, end.
 *
 *              task_start              task_park, task_sleep
 *     (none) ------------> READY <---> RUNNING ------------> PARKED
 *                            ^            |                     |
 *                            |            | fn returned         | task_wake, or its time came
 *                            |            v                     |
 *                            |       freed by the idle loop     |
 *                            +----------------------------------+
 *
 * The ready are run by priority, within one the first come first. A wake of a task that is not parked is remembered,
 * once. main is such a task too, on its thread's own stack; while it waits for time to pass (ADVANCING) a wake is only
 * remembered.
 *
 * Never moves a task to another CPU, and never takes the CPU from one.
 */
#include "host/ground.h"
#include "host/host.h"
#include "lib/fmt.h"

#include <stdlib.h>

struct task task_main;

static struct cpu *cpu_of(const struct task *t)
{
    return &host_cpu_block[t->cpu];
}

void task_init(void)
{
    struct cpu *c = &host_cpu_block[0];
    task_main = (struct task){.state = TASK_RUNNING, .prio = TASK_NORMAL, .name = "main", .until = ~0ull};
    list_init(&task_main.ready);
    list_init(&task_main.sleeper);
    list_init(&task_main.all);
    c->current = &task_main;
}

/* cpu.lock held. */
static void make_ready(struct cpu *c, struct task *t)
{
    list_del(&t->sleeper);
    t->state = TASK_READY;
    list_add_tail(&c->ready[t->prio], &t->ready);
}

static void task_entry(void *arg)
{
    struct task *t = arg;
    context_enter();
    t->fn(t->arg);
    softirq_may_sleep("end of a task");
    cpu_here()->ended = true;
    cpu_leave(t, true);
    panic("task %s: runs after its end", t->name);
}

/* The CPU with the fewest tasks, the first of several. */
static unsigned least_loaded(void)
{
    unsigned best = 0;
    for (unsigned i = 1; i < host_ground.cpus; i++)
        if (load_relaxed(&host_cpu_block[i].task_count) < load_relaxed(&host_cpu_block[best].task_count))
            best = i;
    return best;
}

struct task *task_start(const char *name, void (*fn)(void *), void *arg, enum task_prio prio, int cpu)
{
    if (mem_may_fail())
        return NULL;
    struct task *t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    if (context_make(&t->ctx, task_entry, t)) {
        free(t);
        return NULL;
    }
    t->fn = fn;
    t->arg = arg;
    t->prio = prio;
    t->cpu = cpu < 0 ? least_loaded() : (unsigned)cpu;
    t->until = ~0ull;
    fmt(t->name, sizeof(t->name), "%s", name);
    list_init(&t->sleeper);
    struct cpu *c = cpu_of(t);
    spin_take(&c->lock);
    list_add_tail(&c->tasks, &t->all);
    store_relaxed(&c->task_count, c->task_count + 1);
    make_ready(c, t);
    spin_unlock(&c->lock);
    if (t->cpu != host_cpu)
        cpu_kick(t->cpu);
    return t;
}

static void task_free(struct cpu *c, struct task *t)
{
    console_forget(t);
    spin_take(&c->lock);
    list_del(&t->all);
    store_relaxed(&c->task_count, c->task_count - 1);
    spin_unlock(&c->lock);
    context_free(&t->ctx);
    free(t);
}

struct task *task_self(void)
{
    return cpu_here()->current;
}

const char *task_name(const struct task *t)
{
    return t->name;
}

bool task_run_next(struct cpu *c)
{
    struct list *n = NULL;
    spin_take(&c->lock);
    for (int p = 0; p < TASK_PRIOS && !n; p++)
        n = list_pop(&c->ready[p]);
    struct task *t = n ? container_of(n, struct task, ready) : NULL;
    if (t)
        t->state = TASK_RUNNING;
    spin_unlock(&c->lock);
    if (!t)
        return false;
    c->current = t;
    cpu_enter(t);
    c->current = NULL;
    if (c->ended)
        task_free(c, t);
    c->ended = false;
    return true;
}

/* cpu.lock held. The earliest first; of the same time, the first come. */
static void sleep_until(struct cpu *c, struct task *t, u64 until)
{
    t->until = until;
    if (until == ~0ull)
        return;
    struct list *at = c->sleepers.prev;
    while (at != &c->sleepers && container_of(at, struct task, sleeper)->until > until)
        at = at->prev;
    list_add(at, &t->sleeper);
}

bool task_park(u64 until_ns)
{
    softirq_may_sleep("task_park");
    struct cpu *c = cpu_here();
    struct task *t = c->current;
    spin_take(&c->lock);
    if (!t->woken) {
        t->state = TASK_PARKED;
        sleep_until(c, t, until_ns);
        spin_unlock(&c->lock);
        cpu_leave(t, false);
        spin_take(&c->lock);
    }
    bool woken = t->woken;
    t->woken = false;
    spin_unlock(&c->lock);
    return woken;
}

void task_sleep(u64 ns)
{
    u64 now = clock_ns();
    task_park(ns < ~0ull - now ? now + ns : ~0ull);
}

void task_yield(void)
{
    softirq_may_sleep("task_yield");
    struct cpu *c = cpu_here();
    struct task *t = c->current;
    spin_take(&c->lock);
    make_ready(c, t);
    spin_unlock(&c->lock);
    cpu_leave(t, false);
}

void task_wake(struct task *t)
{
    struct cpu *c = cpu_of(t);
    spin_take(&c->lock);
    t->woken = true;
    if (t->state == TASK_PARKED)
        make_ready(c, t);
    spin_unlock(&c->lock);
    if (t->cpu != host_cpu)
        cpu_kick(t->cpu);
}

void task_interrupt(struct task *t)
{
    store_release(&t->interrupted, true);
    task_wake(t);
}

bool task_interrupted(void)
{
    return load_acquire(&task_self()->interrupted);
}

void task_interrupt_clear(void)
{
    store_release(&task_self()->interrupted, false);
}

void task_wake_due(struct cpu *c, u64 now)
{
    spin_take(&c->lock);
    while (!list_empty(&c->sleepers)) {
        struct task *t = container_of(c->sleepers.next, struct task, sleeper);
        if (t->until > now)
            break;
        make_ready(c, t);
    }
    spin_unlock(&c->lock);
}

u64 task_next_due(struct cpu *c)
{
    spin_take(&c->lock);
    u64 next = list_empty(&c->sleepers) ? ~0ull : container_of(c->sleepers.next, struct task, sleeper)->until;
    spin_unlock(&c->lock);
    return next;
}

void task_wait_advance(void)
{
    softirq_may_sleep("host_clock_advance");
    if (task_self() != &task_main)
        panic("host_clock_advance: main alone moves the clock");
    struct cpu *c = &host_cpu_block[0];
    spin_take(&c->lock);
    task_main.state = TASK_ADVANCING;
    spin_unlock(&c->lock);
    cpu_leave(&task_main, false);
}

void task_end_advance(void)
{
    struct cpu *c = &host_cpu_block[0];
    host_ground.advance_to = ~0ull;
    spin_take(&c->lock);
    make_ready(c, &task_main);
    spin_unlock(&c->lock);
}

void task_end_all(struct cpu *c)
{
    LIST_FOREACH_SAFE(&c->tasks, struct task, all, t)
        task_free(c, t);
}

unsigned host_tasks(void (*tell)(const char *name, const char *state))
{
    static const char *const states[] = {"ready", "running", "parked", "waits for time to pass"};
    unsigned n = 0;
    for (unsigned i = 0; i < host_ground.cpus; i++) {
        struct cpu *c = &host_cpu_block[i];
        LIST_FOREACH(&c->tasks, struct task, all, t) {
            n++;
            if (tell)
                tell(t->name, states[t->state]);
        }
    }
    return n;
}

const char *task_overflown(const void *address)
{
    for (unsigned i = 0; i < host_ground.cpus; i++)
        LIST_FOREACH(&host_cpu_block[i].tasks, struct task, all, t)
            if (context_guards(&t->ctx, address))
                return t->name;
    return NULL;
}

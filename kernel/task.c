/* Tasks: their life, their sleep, their turn on the CPU. See the picture in task.h; the rules of turns are runq.c's.
 *
 * Each CPU has a run queue, a heap of sleepers by deadline, and an idle task that is in neither. All of a CPU's tasks
 * are guarded by its lock, taken with interrupts off. The lock is held across task_switch and let go by whoever is
 * switched to: the counter of preemption (of the CPU, not of the task) stands at exactly 1 there.
 *
 * A dead task is on its own stack until it was switched away from; its successor gives it to rcu_defer, so that
 * task_find's readers may still look at it.
 *
 * Never moves a task to another CPU. Never sleeps with a spin lock held: that panics.
 */
#include "kernel/task.h"

#include "kernel/quiescent.h"
#include "kernel/runq.h"
#include "kernel/smp.h"
#include "kernel/switch.h"
#include "kernel/time.h"
#include "kernel/vm.h"
#include "kernel/x86.h"
#include "lib/fmt.h"
#include "lib/list.h"
#include "lib/string.h"

#define STACK_FILL 0x6b6361747320656eull /* what a stack holds where it was never used */

struct task {
    u64 sp; /* while it is not running */
    struct runq_node turn;
    struct heap_node sleep; /* in the CPU's sleepers, by deadline */
    u8 state;               /* enum task_state */
    bool idle, woken, interrupted;
    u32 cpu, id;
    char name[TASK_NAME];
    void (*fn)(void *);
    void *arg;
    u64 stack, stack_size; /* its lowest address; a guard page lies below */
    u64 on_ns, cpu_ns;     /* when it got the CPU; what it used before */
    u64 start_ns, ready_ns, wait_max_ns;
    u64 switches, preempted;
    struct list all;
    struct rcu_head rcu;
};

struct task_cpu {
    struct spinlock lock;
    struct runq q;
    struct heap sleepers;
    struct task *idle, *dead; /* dead: who was switched away from for the last time */
    u64 last_look;
    u32 tasks;
} CACHE_ALIGNED;

static struct task_cpu cpus[CPU_MAX];
static struct spinlock all_lock; /* tasks alone; all_tasks, next_id */
static LIST_HEAD(all_tasks);
static u32 next_id = 1;
static struct task main_task;
static void (*idle_main)(void *); /* what each CPU does when it has nothing to do */

static struct task_cpu *my_cpu(void)
{
    return &cpus[cpu_id()];
}

struct task *task_self(void)
{
    return this_cpu()->task;
}

const char *task_name(const struct task *t)
{
    return t ? t->name : "none";
}

u32 task_id(const struct task *t)
{
    return t->id;
}

/* ---- the turn ---- */

static void free_task(struct rcu_head *h)
{
    struct task *t = container_of(h, struct task, rcu);
    vm_stack_free((void *)t->stack, t->stack_size);
    mem_free(t);
}

/* The first that runs on the stack of who was switched to: the lock that the predecessor took is let go. */
static inline void finish_switch(void)
{
    struct task_cpu *tc = my_cpu();
    struct task *dead = tc->dead;
    tc->dead = NULL;
    store_release(&tc->lock.locked, 0);
    this_cpu()->preempt -= PREEMPT_ONE;
    if (unlikely(dead))
        rcu_defer(&dead->rcu, free_task);
}

static void account_stop(struct task *t, u64 now)
{
    t->cpu_ns += now - t->on_ns;
    if (unlikely(*(const u64 *)t->stack != STACK_FILL))
        panic("task %s (%u) has used up its stack", t->name, t->id);
}

static void account_start(struct task *t, u64 now)
{
    t->state = TASK_RUNNING;
    t->on_ns = now;
    t->switches++;
    if (!t->idle && now - t->ready_ns > t->wait_max_ns)
        t->wait_max_ns = now - t->ready_ns;
}

static u64 min_sleeper(const struct task_cpu *tc, u64 turn)
{
    struct heap_node *first = heap_first(&tc->sleepers);
    return first && first->key < turn ? first->key : turn;
}

/* When this CPU's lock-guarded things want the timer: the end of a slice, the first sleeper. */
static u64 min_deadline(struct task_cpu *tc, u64 now)
{
    return min_sleeper(tc, runq_deadline(&tc->q, now));
}

/* Gives the CPU to who is due. The CPU's lock is held (once, interrupts off) and is let go on return. The caller has
 * put the present task where it belongs, and says so by `why`: RUNQ_GONE; else it goes back among the ready. */
static void change_locked(struct task_cpu *tc, enum runq_why why, u64 now)
{
    struct cpu *c = this_cpu();
    struct task *from = c->task;
    if (unlikely(c->preempt != PREEMPT_ONE))
        panic("task %s sleeps where it may not (preempt %x)", from->name, c->preempt - PREEMPT_ONE);
    c->need_resched = 0;
    tc->last_look = now;
    rcu_quiescent();
    struct runq_node *n = runq_change(&tc->q, why, now);
    struct task *to = n ? container_of(n, struct task, turn) : tc->idle;
    time_event_set(TIME_TASK, min_sleeper(tc, tc->q.look));
    if (to != from) {
        account_stop(from, now);
        if (why != RUNQ_GONE) {
            from->state = TASK_READY;
            from->ready_ns = now;
            from->preempted++;
        }
        account_start(to, now);
        if (to->idle != from->idle)
            time_use(to->idle ? TIME_USE_IDLE : TIME_USE_TASK);
        if (from->idle)
            time_profile_wake();
        c->task = to;
        task_switch(&from->sp, to->sp);
    }
    finish_switch();
}

void task_change(void)
{
    struct task_cpu *tc = my_cpu();
    spin_lock(&tc->lock);
    change_locked(tc, this_cpu()->task->idle ? RUNQ_GONE : RUNQ_BACK, clock_ns());
}

void preempt_resched(void)
{
    if (preempt_count() || !irqs_on())
        return;
    u64 flags = irq_save();
    if (this_cpu()->need_resched && this_cpu()->task)
        task_change();
    irq_restore(flags);
}

void task_switch_due(void)
{
    if (this_cpu()->need_resched && !preempt_count() && this_cpu()->task)
        task_change();
}

void task_preempt_point(void)
{
    if (unlikely(this_cpu()->need_resched))
        preempt_resched();
}

void task_yield(void)
{
    u64 flags = irq_save();
    struct task_cpu *tc = my_cpu();
    spin_lock(&tc->lock);
    change_locked(tc, RUNQ_YIELD, clock_ns());
    irq_restore(flags);
}

/* ---- sleeping and waking ---- */

/* t, of the locked CPU tc, becomes ready. Whoever runs there is told when that changes something for it: it must make
 * room, or its slice ends sooner. */
static void make_ready(struct task_cpu *tc, struct task *t, u64 now)
{
    u64 before = runq_deadline(&tc->q, now);
    if (t->sleep.in)
        heap_del(&tc->sleepers, &t->sleep);
    t->state = TASK_READY;
    t->ready_ns = now;
    runq_add(&tc->q, &t->turn, true, now);
    bool due = runq_due(&tc->q, now);
    if (!due && runq_deadline(&tc->q, now) >= before)
        return;
    if (t->cpu != cpu_id())
        smp_resched(t->cpu);
    else if (due)
        this_cpu()->need_resched = 1;
    else
        time_event_set(TIME_TASK, min_deadline(tc, now));
}

static void wake(struct task *t, bool interrupt)
{
    struct task_cpu *tc = &cpus[t->cpu];
    u64 now = clock_ns();
    u64 flags = spin_lock_irq(&tc->lock);
    t->woken = true;
    t->interrupted = t->interrupted || interrupt;
    if (t->state == TASK_PARKED)
        make_ready(tc, t, now);
    spin_unlock_irq(&tc->lock, flags); /* changes tasks, if that is due and allowed here */
}

void task_wake(struct task *t)
{
    wake(t, false);
}

void task_interrupt(struct task *t)
{
    wake(t, true);
}

bool task_interrupted(void)
{
    return load_relaxed(&task_self()->interrupted);
}

void task_interrupt_clear(void)
{
    store_relaxed(&task_self()->interrupted, false);
}

bool task_park(u64 until_ns)
{
    struct task *t = task_self();
    u64 flags = irq_save();
    struct task_cpu *tc = my_cpu();
    spin_lock(&tc->lock);
    u64 now = t->woken ? 0 : clock_ns();
    if (!t->woken && until_ns > now) {
        t->state = TASK_PARKED;
        if (until_ns != ~0ull)
            heap_add(&tc->sleepers, &t->sleep, until_ns);
        change_locked(tc, RUNQ_GONE, now);
        spin_lock(&tc->lock);
    }
    bool woken = t->woken;
    t->woken = false;
    store_release(&tc->lock.locked, 0);
    irq_restore(flags);
    preempt_on();
    return woken;
}

void task_sleep(u64 ns)
{
    u64 now = clock_ns();
    task_park(now + ns < now ? ~0ull - 1 : now + ns);
}

static u64 timer(u64 now, const struct trap_frame *f)
{
    struct task_cpu *tc = my_cpu();
    if (!this_cpu()->task)
        return ~0ull;
    spin_lock(&tc->lock);
    for (struct heap_node *n; (n = heap_first(&tc->sleepers)) && n->key <= now;)
        make_ready(tc, container_of(n, struct task, sleep), now);
    if (runq_due(&tc->q, now))
        this_cpu()->need_resched = 1;
    u64 when = min_deadline(tc, now);
    spin_unlock(&tc->lock);
    return when;
}

void task_look(void)
{
    struct task_cpu *tc = my_cpu();
    if (!this_cpu()->task)
        return;
    u64 now = clock_ns();
    spin_lock(&tc->lock);
    if (runq_due(&tc->q, now))
        this_cpu()->need_resched = 1;
    time_event_set(TIME_TASK, min_deadline(tc, now));
    spin_unlock(&tc->lock);
}

/* ---- life ---- */

static void end_task(void)
{
    struct task *t = task_self();
    spin_lock(&all_lock);
    list_del(&t->all);
    spin_unlock(&all_lock);
    cli();
    struct task_cpu *tc = my_cpu();
    spin_lock(&tc->lock);
    t->state = TASK_DEAD;
    tc->dead = t;
    tc->tasks--;
    change_locked(tc, RUNQ_GONE, clock_ns());
    panic("task %s came back from the dead", t->name);
}

void task_begin(void) /* called by task_first, on the new stack */
{
    finish_switch();
    sti();
    struct task *t = task_self();
    t->fn(t->arg);
    end_task();
}

static void fill_stack(u64 low, u64 high)
{
    for (u64 *p = (u64 *)low; p < (u64 *)high; p++)
        *p = STACK_FILL;
}

static void enter_list(struct task *t)
{
    spin_lock(&all_lock);
    t->id = next_id++;
    list_add_tail(&all_tasks, &t->all);
    spin_unlock(&all_lock);
}

/* A task that is in no queue yet; its stack returns into task_first. */
static struct task *new_task(const char *name, void (*fn)(void *), void *arg, enum task_prio prio, unsigned cpu)
{
    struct task *t = mem_zalloc(sizeof(*t));
    void *stack = vm_stack_alloc(TASK_STACK);
    if (!t || !stack) {
        if (stack)
            vm_stack_free(stack, TASK_STACK);
        mem_free(t);
        return NULL;
    }
    t->stack = (u64)stack;
    t->stack_size = TASK_STACK;
    fill_stack(t->stack, t->stack + TASK_STACK);
    u64 *sp = (u64 *)(t->stack + TASK_STACK) - 2;
    *sp = (u64)task_first;
    t->sp = (u64)(sp - 6); /* what task_switch takes off */
    t->turn.prio = (u8)prio;
    t->state = TASK_PARKED;
    t->cpu = cpu;
    t->fn = fn;
    t->arg = arg;
    t->start_ns = clock_ns();
    str_copy(t->name, sizeof(t->name), name);
    enter_list(t);
    return t;
}

static unsigned quietest_cpu(void)
{
    unsigned best = 0;
    for (unsigned cpu = 1; cpu < cpu_count(); cpu++)
        if (load_relaxed(&cpus[cpu].tasks) < load_relaxed(&cpus[best].tasks))
            best = cpu;
    return best;
}

struct task *task_start(const char *name, void (*fn)(void *), void *arg, enum task_prio prio, int cpu)
{
    unsigned on = cpu >= 0 ? (unsigned)cpu : quietest_cpu();
    struct task *t = new_task(name, fn, arg, prio, on);
    if (!t)
        return NULL;
    struct task_cpu *tc = &cpus[on];
    u64 now = clock_ns();
    u64 flags = spin_lock_irq(&tc->lock);
    tc->tasks++;
    make_ready(tc, t, now);
    spin_unlock_irq(&tc->lock, flags);
    return t;
}

bool task_is_idle(void)
{
    return this_cpu()->task == my_cpu()->idle;
}

int task_init_cpu(unsigned cpu)
{
    char name[TASK_NAME];
    fmt(name, sizeof(name), "idle/%u", cpu);
    struct task *t = new_task(name, idle_main, NULL, TASK_LOW, cpu);
    if (!t)
        return -ENOMEM;
    t->idle = true;
    cpus[cpu].idle = t;
    return 0;
}

u64 task_idle_stack(unsigned cpu)
{
    return cpus[cpu].idle->stack + TASK_STACK - 16;
}

void task_idle(void)
{
    struct task *t = my_cpu()->idle;
    t->state = TASK_RUNNING;
    t->on_ns = clock_ns();
    this_cpu()->task = t;
    idle_main(NULL);
    panic("idle has ended");
}

void task_init(u64 stack, size_t size, void (*idle)(void *))
{
    idle_main = idle;
    time_event_handler(TIME_TASK, timer);
    struct task *t = &main_task;
    u64 now = clock_ns(), here = (u64)__builtin_frame_address(0) - 512;
    str_copy(t->name, sizeof(t->name), "main");
    t->state = TASK_RUNNING;
    t->turn.prio = TASK_NORMAL;
    t->stack = stack;
    t->stack_size = size;
    fill_stack(stack, here); /* what lies below is not in use */
    enter_list(t);
    if (task_init_cpu(0))
        panic("no memory for tasks");
    cpus[0].tasks = 1;
    runq_add(&cpus[0].q, &t->turn, false, now);
    runq_change(&cpus[0].q, RUNQ_GONE, now);
    t->start_ns = t->on_ns = now;
    this_cpu()->task = t;
}

/* ---- who is there ---- */

static size_t stack_used(const struct task *t)
{
    const u64 *p = (const u64 *)t->stack, *end = (const u64 *)(t->stack + t->stack_size);
    while (p < end && *p == STACK_FILL)
        p++;
    return (size_t)((const u8 *)end - (const u8 *)p);
}

static void tell(const struct task *t, void (*fn)(const struct task_info *, void *), void *arg)
{
    u64 now = clock_ns(), on = load_relaxed(&t->on_ns);
    bool running = t->state == TASK_RUNNING;
    struct task_info info = {.id = t->id,
                             .name = t->name,
                             .prio = (enum task_prio)t->turn.prio,
                             .state = (enum task_state)t->state,
                             .idle = t->idle,
                             .cpu = t->cpu,
                             .cpu_ns = load_relaxed(&t->cpu_ns) + (running && now > on ? now - on : 0),
                             .start_ns = t->start_ns,
                             .switches = t->switches,
                             .preempted = t->preempted,
                             .wait_max_ns = t->wait_max_ns,
                             .stack_size = t->stack_size,
                             .stack_used = stack_used(t)};
    fn(&info, arg);
}

void task_walk(void (*fn)(const struct task_info *info, void *arg), void *arg)
{
    spin_lock(&all_lock);
    for (unsigned idle = 2; idle-- > 0;)
        LIST_FOREACH(&all_tasks, struct task, all, t)
            if (t->idle == (idle == 1))
                tell(t, fn, arg);
    spin_unlock(&all_lock);
}

struct task *task_find(u32 id)
{
    struct task *found = NULL;
    spin_lock(&all_lock);
    LIST_FOREACH(&all_tasks, struct task, all, t)
        if (t->id == id)
            found = t;
    spin_unlock(&all_lock);
    return found;
}

u32 task_ready_count(unsigned cpu)
{
    const struct runq *q = &cpus[cpu].q;
    return runq_ready(q) + (load_relaxed(&q->running) != NULL);
}

const char *task_state_name(enum task_state s)
{
    static const char *const names[] = {"R", "R", "S", "X"};
    return names[s];
}

bool task_stack_guard(const struct task *t, u64 addr)
{
    return t && t->stack && addr < t->stack && addr >= t->stack - VM_PAGE;
}

void task_stack_bounds(const struct task *t, u64 *low, u64 *high)
{
    *low = t ? t->stack : 0;
    *high = t ? t->stack + t->stack_size : 0;
}

u64 task_last_look(unsigned cpu)
{
    return load_relaxed(&cpus[cpu].last_look);
}

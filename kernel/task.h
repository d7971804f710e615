/* Tasks beyond lib/plat.h: the scheduler's own words, and who runs for how long.
 *
 * One run queue per CPU; a task stays on its CPU. Within a priority the CPU is shared fairly by time used; a slice is
 * TASK_SLICE_NS, and who wakes after sleeping goes before who used more. A higher priority goes first, but does not
 * starve the lower: a priority that has waited TASK_PATIENCE_NS gets one slice, then waits again (so a HIGH task that
 * spins leaves NORMAL ones about a sixth of the CPU, and LOW ones about a twentieth).
 *
 *                 task_start
 *                     v     picked
 *     task_wake --> READY <---------> RUNNING --fn returned--> DEAD (freed by who runs next)
 *         ^                slice, HIGH    |
 *         +------------- PARKED <---------+ task_park, task_sleep
 *
 * Lock order: a run queue's lock is the innermost, taken with interrupts off; two are never held at once.
 */
#ifndef KERNEL_TASK_H
#define KERNEL_TASK_H

#include "lib/base.h"
#include "lib/plat.h"

#define TASK_NAME        16
#define TASK_STACK       (16 * KIB) /* above a guard page */
#define TASK_SLICE_NS    (4 * NS_PER_MS)
#define TASK_PATIENCE_NS (20 * NS_PER_MS) /* of TASK_NORMAL; of TASK_LOW four times that */

enum task_state { TASK_READY, TASK_RUNNING, TASK_PARKED, TASK_DEAD };

/* ---- bring-up ---- */
/* The first CPU: what runs now, on this stack, becomes the task "main". idle: what a CPU does that has nothing to do.
 */
void task_init(u64 stack, size_t size, void (*idle)(void *));
int task_init_cpu(unsigned cpu);   /* the first CPU, for another: its idle task; 0 or -ENOMEM */
u64 task_idle_stack(unsigned cpu); /* top of that task's stack: what the CPU starts on */
void task_idle(void) NORETURN;     /* another CPU, when it is up: becomes its idle task */
void task_begin(void);             /* kernel/switch.S alone */

/* ---- for interrupts ---- */
void task_change(void);        /* interrupts off, the idle task: gives the CPU to who is ready */
void task_switch_due(void);    /* interrupts off, on the way out of an interrupt: changes tasks if due and allowed */
void task_look(void);          /* interrupts off: another CPU changed our run queue */
void task_preempt_point(void); /* task: in long loops of kernel tasks: gives way if a change is due */
bool task_is_idle(void);       /* does this CPU's idle task run? */

/* ---- who is there ---- */
struct task_info {
    u32 id; /* 1 is "main"; never used again */
    const char *name;
    enum task_prio prio;
    enum task_state state;
    bool idle;
    unsigned cpu;
    u64 cpu_ns;                    /* time used */
    u64 start_ns;                  /* clock_ns of its start */
    u64 switches;                  /* how often it got the CPU, */
    u64 preempted;                 /* and how often it lost it unasked */
    u64 wait_max_ns;               /* longest from ready to running */
    size_t stack_size, stack_used; /* high-water mark */
};

/* Calls fn for every task, idle tasks first, then by id. fn may not sleep. Task context. */
void task_walk(void (*fn)(const struct task_info *info, void *arg), void *arg);
u32 task_id(const struct task *t);
struct task *task_find(u32 id);                 /* for kill -INT and tests; the pointer is good under rcu_enter alone */
u32 task_ready_count(unsigned cpu);             /* running and ready, idle not counted: load */
const char *task_state_name(enum task_state s); /* "R", "R", "S", "X" */

/* Does addr lie in the guard page below this task's stack? For the double-fault report. */
bool task_stack_guard(const struct task *t, u64 addr);
void task_stack_bounds(const struct task *t, u64 *low, u64 *high); /* for backtraces */

/* When this CPU last changed tasks or found nothing better: what the watchdog looks at. */
u64 task_last_look(unsigned cpu);

#endif

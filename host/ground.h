/* Internal to host.
 *
 * The state of the ground, and what its files ask of each other.
 *
 * Locks: cpu.lock guards a CPU's queues and the state of its tasks, and is taken last; idle.lock (host/cpu.c) guards
 * who is asleep and the jump of virtual time, and is taken before it.
 */
#ifndef HOST_GROUND_H
#define HOST_GROUND_H

#include "host/context.h"
#include "lib/list.h"
#include "lib/plat.h"

enum task_state { TASK_READY, TASK_RUNNING, TASK_PARKED, TASK_ADVANCING };

struct task {
    struct list ready;   /* cpu.ready[prio] */
    struct list sleeper; /* cpu.sleepers, the earliest first */
    struct list all;     /* cpu.tasks, in the order of their start */
    enum task_state state;
    bool woken;       /* a wake that was not taken yet */
    bool interrupted; /* atomic */
    u64 until;        /* when a sleeper is due, ns */
    struct context ctx;
    void (*fn)(void *);
    void *arg;
    enum task_prio prio;
    unsigned cpu;
    char name[32];
};

struct cpu {
    struct spinlock lock;
    struct list ready[TASK_PRIOS];
    struct list sleepers;
    struct list tasks;
    unsigned task_count;

    /* Its own thread's, but for the atomics. */
    struct task *current; /* NULL between tasks */
    u64 timer_at;         /* atomic: clock_arm's, ~0 none */
    u32 pending;          /* atomic: softirqs raised */
    unsigned off;         /* depth of softirq_off */
    bool in_softirq;
    bool ended; /* the task that came back to the idle loop did so for the last time */
    struct rcu_cpu {
        u64 phase;                         /* atomic: even while idle; moves at each quiescent state */
        struct rcu_head *next, **next_end; /* deferred since the batch that waits */
        struct rcu_head *wait;             /* waits for all CPUs to move on from `seen` */
        u64 seen[CPU_MAX];
        u64 deferred, done; /* atomic: callbacks ever */
    } rcu;
} CACHE_ALIGNED;

extern struct cpu host_cpu_block[CPU_MAX];
extern struct host_ground {
    unsigned cpus, threads;
    bool real;
    u64 seed;
    u64 now;        /* atomic: virtual time, ns */
    u64 advance_to; /* where main wants to go; ~0: it does not */
    u64 real_zero;  /* CLOCK_MONOTONIC at the start */
    i64 wall;       /* wall_ns minus clock_ns */
} host_ground;

static inline struct cpu *cpu_here(void)
{
    return &host_cpu_block[host_cpu];
}

/* cpu.c */
void cpu_leave(struct task *t, bool last); /* from t to the idle loop; returns when t runs again */
bool cpu_has_work(struct cpu *c);          /* at the present time */
void cpu_enter(struct task *t);            /* from the idle loop to t; returns when t has left */

/* task.c */
extern struct task task_main;
void task_init(void);              /* main, on CPU 0 */
bool task_run_next(struct cpu *c); /* false: none was ready */
void task_wake_due(struct cpu *c, u64 now);
u64 task_next_due(struct cpu *c);
void task_end_all(struct cpu *c);
void task_wait_advance(void); /* main: until task_end_advance */
void task_end_advance(void);
const char *task_overflown(const void *address); /* name of the task whose guard that is, or NULL */

/* softirq.c */
void softirq_start(void);
bool softirq_run(struct cpu *c); /* false: none was pending */
void softirq_may_sleep(const char *what);

/* clock.c */
void clock_start(void);
void clock_due(struct cpu *c); /* timers and sleepers of this CPU */
u64 clock_next(struct cpu *c);

/* rcu.c */
void rcu_init(struct cpu *c);
bool rcu_step(struct cpu *c); /* true when callbacks ran */
bool rcu_waiting(struct cpu *c);
void rcu_quiet(struct cpu *c);
void rcu_idle(struct cpu *c, bool idle);

/* console.c */
void console_start(void);
int console_fd(void);                      /* to poll while idle; -1: nobody waits for it */
void console_ready(void);                  /* what was polled for has come */
void console_forget(const struct task *t); /* it ends */

/* entropy.c */
void entropy_start(void);

/* mem.c */
bool mem_may_fail(void); /* counts an allocation; true: it shall fail */

#endif

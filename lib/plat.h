/* What the stack asks of its machine. The whole of it.
 *
 * lib/, net/ and apps/ stand on this header alone. kernel/plat.c answers for the bare machine, host/plat.c for a
 * Linux program; the linker chooses, never the preprocessor. The inline half (this_cpu, spin locks, PLAT_DEBUG)
 * is "plat_cpu.h", found through -Ikernel or -Ihost; PLAT_DEBUG, a constant for `if (PLAT_DEBUG)`, comes from the
 * Makefile.
 *
 * Contexts (design, contract 5). A function says which may call it:
 *   any     interrupt handlers too
 *   softirq softirq and tasks
 *   task    tasks alone: it may sleep
 */
#ifndef LIB_PLAT_H
#define LIB_PLAT_H

#include "lib/base.h"
#include "plat_cpu.h"

/* ---- memory (softirq) ----
 * Both return NULL when there is none: callers cope. Contents are undefined (debug builds poison them). */
void *mem_alloc(size_t size) MUST_USE; /* aligned to 16, and to 64 from 64 bytes up */
void *mem_zalloc(size_t size) MUST_USE;
void mem_free(void *p);                    /* NULL is allowed */
void *page_alloc(unsigned order) MUST_USE; /* 2^order pages of 4 KiB, aligned to their size, physically contiguous */
void page_free(void *p, unsigned order);
u64 mem_total(void); /* bytes that there are for all of this: pools take their bounds from it */

/* Pools of objects of one size, for what comes and goes all the time. A pool is the machine's and is never freed: who
 * asks for its name again, another `struct net` say, gets the same one and must ask for the same size. Size at most 16
 * KiB; aligned as mem_alloc's. `name` stays. NULL: too large, or no place for one more. */
struct slab;
struct slab *slab_new(const char *name, size_t size) MUST_USE;
void *slab_alloc(struct slab *s) MUST_USE;
void slab_free(struct slab *s, void *p);                                 /* NULL is allowed */
unsigned slab_alloc_bulk(struct slab *s, void **p, unsigned n) MUST_USE; /* how many of n there were */
void slab_free_bulk(struct slab *s, void **p, unsigned n);               /* none of them NULL */

/* ---- time (any) ---- */
u64 clock_ns(void);          /* monotonic since boot, on and across CPUs */
u64 wall_ns(void);           /* nanoseconds since 1970 UTC */
void plat_wall_set(u64 ns);  /* task: what wall_ns says now; the hardware clock is set too, where there is one */
void clock_arm(u64 when_ns); /* raise SOFTIRQ_TIMER on this CPU no later than just after `when_ns`; the earliest of
                                several calls counts until it has fired; ~0 means never. Caller has softirqs off. */

/* ---- processors ---- */
/* cpu_id() and cpu_count() are in plat_cpu.h: inline. CPU_MAX bounds every per-CPU array. */
void cpu_kick(unsigned cpu); /* make `cpu` look at its pending softirqs now (any) */

/* ---- reclamation: RCU by quiescent states ----
 * A reader runs between rcu_enter and rcu_exit (both inline, may nest, may not sleep); softirq context is a reader by
 * itself. What a reader can reach is not freed before all readers that could have seen it are gone. */
struct rcu_head {
    struct rcu_head *next;
    void (*fn)(struct rcu_head *);
};
void rcu_defer(struct rcu_head *h, void (*fn)(struct rcu_head *)); /* any but interrupt; fn runs in softirq context */
void rcu_barrier(void); /* task: returns when all earlier rcu_defer have run */

/* ---- bottom halves ---- */
enum softirq {
    SOFTIRQ_TIMER,
    SOFTIRQ_NET_TX,
    SOFTIRQ_NET_RX,
    SOFTIRQ_RCU,
    SOFTIRQ_COUNT,
};
typedef void softirq_fn(void);
softirq_fn *softirq_set(enum softirq nr, softirq_fn *fn); /* once, at bring-up; what was there, for a test that borrows
    it and gives it back */
void softirq_raise(enum softirq nr);                      /* any: on this CPU, soon */
void softirq_raise_on(unsigned cpu, enum softirq nr);     /* any: on that CPU, with a kick when it is another */
void softirq_off(void);                                   /* task: no softirq on this CPU until softirq_on; nests */
void softirq_on(void);                                    /* runs what was raised meanwhile */

/* ---- tasks ----
 * A task stays on the CPU that it was started on. */
struct task;
enum task_prio { TASK_HIGH, TASK_NORMAL, TASK_LOW, TASK_PRIOS };
struct task *task_start(const char *name, void (*fn)(void *), void *arg, enum task_prio prio, int cpu); /* cpu -1: any.
    NULL when there is no memory. The task ends when fn returns, and frees itself. */
struct task *task_self(void);
const char *task_name(const struct task *t);
void task_yield(void);
void task_sleep(u64 ns);             /* task: at least that long, or until task_wake */
void task_wake(struct task *t);      /* any: one wake is remembered for a task that is not asleep yet */
bool task_park(u64 until_ns);        /* task: until task_wake, or that clock_ns (~0: for ever); true when woken */
void task_interrupt(struct task *t); /* any: Ctrl-C; wakes it and task_interrupted() is true until it is read by
                                        task_interrupt_clear */
bool task_interrupted(void);
void task_interrupt_clear(void);

/* ---- code made at run time (task): writable until sealed, then executable and read-only ---- */
void *exec_alloc(size_t size) MUST_USE;
int exec_seal(void *p, size_t size);
void exec_free(void *p, size_t size);

/* ---- entropy ---- */
void entropy_read(void *p, size_t n); /* softirq: strong bytes; panics when asked before the generator was seeded */
void entropy_add(const char *source, const void *p, size_t n, unsigned bits); /* any: what a device or a person gave;
    `bits` is how much of it a stranger cannot know */

/* ---- words ---- */
enum log_level { LOG_EMERG, LOG_ALERT, LOG_CRIT, LOG_ERR, LOG_WARN, LOG_NOTICE, LOG_INFO, LOG_DEBUG };
void log_write(enum log_level level, const char *fmt, ...) PRINTF(2, 3); /* any; one line, no newline needed */
ssize console_read(void *p, size_t n, u64 until_ns); /* task: what was typed, at least 1 byte; 0 at until_ns; -EINTR */
void console_owner(struct task *t); /* any: from now on Ctrl-C is no byte: what was typed before it is dropped, t is
    interrupted at once, and its console_read says -EINTR. NULL: nobody's */
void console_write(const void *p, size_t n); /* task: waits for room; loses nothing */

/* ---- the end ---- */
void panic(const char *fmt, ...) NORETURN PRINTF(1, 2); /* any */
void plat_poweroff(void);                               /* task; returns only when the machine cannot */
void plat_reboot(void);

#endif

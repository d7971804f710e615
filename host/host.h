/* The ground under a hosted Weir, as a test, a benchmark, a fuzz target or a program holds it.
 *
 * A ground is CPUs with their tasks and softirqs, one clock, memory that is accounted for, a console. A program has one
 * ground at a time. It stands from the first instruction of main(): one CPU, virtual time zero, seed 1. Who wants
 * another calls host_stop and host_start.
 *
 * The thread that calls host_start is a task itself ("main", on CPU 0): it may park, sleep and wait as any other. Its
 * code runs until it does so, or asks for a step (host_run, host_clock_advance); nothing else runs meanwhile, unless
 * there are threads.
 *
 * A step, on each CPU, until nothing is left to do at the present time:
 *     softirqs that were raised -> one task, the most urgent, first come first served -> softirqs -> rcu_defer's
 * Virtual time moves only when every CPU is idle, and then to the next timer or sleeper. So the same calls with the
 * same seed give the same bytes. When main itself parks, time moves on until it is woken; that nothing is left that
 * could wake it is a panic which names the tasks.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "lib/base.h"

struct host_config {
    unsigned cpus; /* 0 is 1 */
    bool threads;  /* a pthread for each CPU; otherwise one thread is all CPUs in turn, always in the same order */
    bool real;     /* time is the machine's, randomness the kernel's, the console stdin and stdout */
    u64 seed;
};
void host_start(const struct host_config *c);
void host_stop(void); /* ends all tasks where they stand */

/* ---- time: main alone ---- */
void host_run(void);                  /* all that can be done at the present time */
void host_clock_advance(u64 ns);      /* the same, over a span of time; a real clock is waited for */
void host_clock_set(u64 ns);          /* virtual: not before the present; what is due runs at the next step */
u64 host_clock_next(void);            /* when the next timer or sleeper is due, or now if a step has work; ~0: never */
void host_wall_set(u64 ns_from_1970); /* what wall_ns says now; 2026-01-01 at the start of a ground */

/* ---- memory: debug builds ---- */
void host_mem_fail_at(u64 n); /* the n-th allocation from now, 1 the next, gives NULL; one only. 0: none */
bool host_mem_failed(void);   /* has it happened since? A loop over all n ends when it has not */
u64 host_mem_count(void);     /* allocations since the program began */
size_t host_mem_live(void);   /* blocks and pages not yet freed */
/* Calls `tell` for up to `most` blocks that were allocated since the count was `since` and live still. */
void host_mem_walk(u64 since, unsigned most, void (*tell)(const void *p, size_t size, const void *who));

/* ---- tasks ---- */
unsigned host_tasks(void (*tell)(const char *name,
                                 const char *state)); /* those that live, main apart; tell may be NULL */

/* ---- console and log: virtual ---- */
void host_console_type(const void *p, size_t n); /* as if typed */
size_t host_console_take(char *p, size_t size);  /* what was written since, NUL-terminated; what does not fit stays */
void host_console_patience(size_t n);            /* after n bytes more the person types Ctrl-C, and again; 0: never */
const char *host_log(void);                      /* the last lines logged, each "<level>text\n" */
void host_log_to_stderr(bool yes);               /* as well */
ssize host_stdin_read(void *p, size_t n);        /* real: waits as a task does; 0 at the end, -EINTR, -EIO */
void host_console_raw(void); /* real: every key as it is typed, Ctrl-C too, until the program ends */
enum host_power { HOST_POWER_ON, HOST_POWER_OFF, HOST_POWER_REBOOT };
enum host_power host_power_asked(void); /* in real time plat_poweroff ends the program; in virtual time it returns */

/* ---- entropy: virtual ---- */
u64 host_entropy_added(void); /* bits that devices were credited with */

/* ---- the end ---- */
struct host_death {
    enum { DEATH_NONE, DEATH_PANIC, DEATH_SIGNAL, DEATH_EXIT } how; /* NONE: fn returned */
    int code;                                                       /* of the signal or exit */
    char words[256];                                                /* of the panic */
};
/* Runs fn in a child process, a copy of this one: what it changes is gone afterwards. One thread. A stack overflow is
 * a panic with the words "stack overflow in TASK". */
void host_die(void (*fn)(void *arg), void *arg, struct host_death *death);
/* Programs' own mains: faults are told as panics are; of a stack overflow, whose. A library does not do that. */
void host_catch_faults(void);
void host_at_death(void (*fn)(void)); /* before the last words of a panic or fault: to put a terminal right */
/* For the signal handlers and the sanitizer's last words: a line that says what was going on. NULL: nothing. */
void host_crash_context(const char *what);

#endif

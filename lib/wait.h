/* Waiting: a queue of tasks, a mutex, a condition; made of task_park, task_wake and a spin lock, so alike everywhere.
 *
 * The pattern for a wait queue: the waker changes the state first and wakes then; the waiter enters itself first and
 * looks then.
 *
 *     waker, any context             waiter, task context
 *     ------------------             --------------------
 *     store_release(&ready, 1);      struct waiter w;
 *     waitq_wake_all(&q);            waitq_enter(&q, &w);
 *                                    while (!load_acquire(&ready) && !err)
 *                                        err = waitq_park(&q, &w, until);
 *                                    waitq_leave(&q, &w);
 *
 * or, for a plain predicate, waitq_wait(&q, is_ready, arg, until).
 *
 * Lock order: a waitq's lock is inside all others of its user and outside the scheduler's. A mutex is taken by tasks
 * alone, is handed over in order of arrival, and may be held while sleeping; it does not nest.
 */
#ifndef LIB_WAIT_H
#define LIB_WAIT_H

#include "lib/base.h"
#include "lib/list.h"
#include "lib/plat.h"

struct waitq {
    struct spinlock lock; /* interrupts off: wakers come from any context */
    struct list waiters;  /* struct waiter, in order of arrival */
};

struct waiter { /* lives on the stack of who waits */
    struct list node;
    struct task *task;
    bool woken; /* under the queue's lock: set by wake_one for exactly one */
};

#define WAITQ(name) struct waitq name = {{0}, {&(name).waiters, &(name).waiters}}

void waitq_init(struct waitq *q);
void waitq_enter(struct waitq *q, struct waiter *w);
/* Sleeps until woken: 0, -ETIMEDOUT at until_ns (~0: never), -EINTR after task_interrupt. May return 0 for no reason.
 */
int waitq_park(struct waitq *q, struct waiter *w, u64 until_ns);
/* True when a wake_one was spent on w that it did not take by waitq_park: if w gives up, it passes it on itself. */
void waitq_leave(struct waitq *q, struct waiter *w);
int waitq_wait(struct waitq *q, bool (*ready)(void *arg), void *arg, u64 until_ns);
/* The same for what must come and be waited for: deaf to task_interrupt, which stays for the next wait that is not. */
void waitq_wait_deaf(struct waitq *q, bool (*ready)(void *arg), void *arg);
unsigned waitq_wake_one(struct waitq *q); /* any; the one that waits longest and was not woken yet; how many: 0 or 1 */
unsigned waitq_wake_all(struct waitq *q); /* any */
/* The last word of who works on what holds the queue: sets *ended and wakes all in one. Who waited for it by
 * waitq_wait_deaf may free q. */
void waitq_end(struct waitq *q, bool *ended);

struct mutex {
    struct task *owner; /* NULL: free */
    struct waitq q;
};

#define MUTEX(name) struct mutex name = {NULL, {{0}, {&(name).q.waiters, &(name).q.waiters}}}

void mutex_init(struct mutex *m);
void mutex_lock(struct mutex *m);       /* task; panics when the caller has it already */
bool mutex_trylock(struct mutex *m);    /* task */
void mutex_unlock(struct mutex *m);     /* by its owner */
bool mutex_held(const struct mutex *m); /* by the caller: for asserts */

struct cond {
    struct waitq q;
};

#define COND(name) struct cond name = {{{0}, {&(name).q.waiters, &(name).q.waiters}}}

void cond_init(struct cond *c);
/* Lets go of m, sleeps, takes m again. 0, -ETIMEDOUT, -EINTR; look at the state again in any case. */
int cond_wait(struct cond *c, struct mutex *m, u64 until_ns);
void cond_signal(struct cond *c);    /* any */
void cond_broadcast(struct cond *c); /* any */

#endif

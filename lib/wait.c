/* Wait queues, mutexes and conditions over task_park and task_wake. See the pattern in wait.h.
 *
 * Who parks may be woken for no reason (task_wake remembers one wake for whatever was slept on before), so every sleep
 * here stands in a loop around a look at the state. A wake-up of one is not lost when the one gives up at that very
 * moment: it passes it on as it leaves. It never allocates.
 */
#include "lib/wait.h"

/* ---- queue ---- */

void waitq_init(struct waitq *q)
{
    q->lock = (struct spinlock){0};
    list_init(&q->waiters);
}

void waitq_enter(struct waitq *q, struct waiter *w)
{
    w->task = task_self();
    w->woken = false;
    u64 flags = spin_lock_irq(&q->lock);
    list_add_tail(&q->waiters, &w->node);
    spin_unlock_irq(&q->lock, flags);
}

int waitq_park(struct waitq *q, struct waiter *w, u64 until_ns)
{
    /* The wake of an interrupt may have been taken already, by a wait that ended in what it waited for. */
    bool woken = !task_interrupted() && task_park(until_ns), interrupted = task_interrupted();
    u64 flags = spin_lock_irq(&q->lock);
    woken |= w->woken;
    if (!interrupted) /* who gives up keeps it, so that waitq_leave passes it on */
        w->woken = false;
    spin_unlock_irq(&q->lock, flags);
    if (interrupted)
        return -EINTR;
    return woken || clock_ns() < until_ns ? 0 : -ETIMEDOUT;
}

void waitq_leave(struct waitq *q, struct waiter *w)
{
    u64 flags = spin_lock_irq(&q->lock);
    list_del(&w->node);
    bool pass = w->woken;
    spin_unlock_irq(&q->lock, flags);
    if (pass)
        waitq_wake_one(q);
}

int waitq_wait(struct waitq *q, bool (*ready)(void *arg), void *arg, u64 until_ns)
{
    struct waiter w;
    int err = 0;
    if (ready(arg))
        return 0;
    waitq_enter(q, &w);
    bool is_ready; /* asked once a round: to be ready may mean to have taken something */
    while (!(is_ready = ready(arg)) && !err)
        err = waitq_park(q, &w, until_ns);
    waitq_leave(q, &w);
    return is_ready ? 0 : err;
}

void waitq_wait_deaf(struct waitq *q, bool (*ready)(void *arg), void *arg)
{
    struct waiter w;
    waitq_enter(q, &w); /* even when it is ready already: to leave is to wait for waitq_end to be out of here */
    while (!ready(arg)) {
        task_park(~0ull);
        u64 flags = spin_lock_irq(&q->lock);
        w.woken = false;
        spin_unlock_irq(&q->lock, flags);
    }
    waitq_leave(q, &w);
}

unsigned waitq_wake_one(struct waitq *q)
{
    unsigned n = 0;
    u64 flags = spin_lock_irq(&q->lock);
    LIST_FOREACH(&q->waiters, struct waiter, node, w)
        if (!n && !w->woken) {
            w->woken = true;
            task_wake(w->task); /* with the lock held: w lives on its stack */
            n = 1;
        }
    spin_unlock_irq(&q->lock, flags);
    return n;
}

unsigned waitq_wake_all(struct waitq *q)
{
    unsigned n = 0;
    u64 flags = spin_lock_irq(&q->lock);
    LIST_FOREACH(&q->waiters, struct waiter, node, w) {
        task_wake(w->task);
        n++;
    }
    spin_unlock_irq(&q->lock, flags);
    return n;
}

void waitq_end(struct waitq *q, bool *ended)
{
    u64 flags = spin_lock_irq(&q->lock);
    store_release(ended, true);
    LIST_FOREACH(&q->waiters, struct waiter, node, w)
        task_wake(w->task);
    spin_unlock_irq(&q->lock, flags);
}

/* ---- mutex: handed over in order of arrival ---- */

void mutex_init(struct mutex *m)
{
    m->owner = NULL;
    waitq_init(&m->q);
}

bool mutex_trylock(struct mutex *m)
{
    return atomic_cas(&m->owner, NULL, task_self());
}

void mutex_lock(struct mutex *m)
{
    struct task *me = task_self();
    if (likely(mutex_trylock(m)))
        return;
    if (load_relaxed(&m->owner) == me)
        panic("mutex_lock: task %s has it already", task_name(me));
    struct waiter w = {.task = me};
    u64 flags = spin_lock_irq(&m->q.lock);
    if (mutex_trylock(m)) { /* let go between the two looks */
        spin_unlock_irq(&m->q.lock, flags);
        return;
    }
    list_add_tail(&m->q.waiters, &w.node);
    spin_unlock_irq(&m->q.lock, flags);
    while (load_acquire(&m->owner) != me)
        task_park(~0ull);
    /* Who handed it over may still hold the queue's lock, and w is on our stack. */
    flags = spin_lock_irq(&m->q.lock);
    spin_unlock_irq(&m->q.lock, flags);
}

void mutex_unlock(struct mutex *m)
{
    if (load_relaxed(&m->owner) != task_self())
        panic("mutex_unlock: task %s has it not", task_name(task_self()));
    u64 flags = spin_lock_irq(&m->q.lock);
    struct list *n = list_pop(&m->q.waiters);
    struct task *next = n ? container_of(n, struct waiter, node)->task : NULL;
    store_release(&m->owner, next);
    if (next)
        task_wake(next);
    spin_unlock_irq(&m->q.lock, flags);
}

bool mutex_held(const struct mutex *m)
{
    return load_relaxed(&m->owner) == task_self();
}

/* ---- condition ---- */

void cond_init(struct cond *c)
{
    waitq_init(&c->q);
}

int cond_wait(struct cond *c, struct mutex *m, u64 until_ns)
{
    struct waiter w;
    waitq_enter(&c->q, &w);
    mutex_unlock(m);
    int err = waitq_park(&c->q, &w, until_ns);
    waitq_leave(&c->q, &w);
    mutex_lock(m);
    return err;
}

void cond_signal(struct cond *c)
{
    waitq_wake_one(&c->q);
}

void cond_broadcast(struct cond *c)
{
    waitq_wake_all(&c->q);
}

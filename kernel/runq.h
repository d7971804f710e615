/* The run queue of one CPU: who is ready, and who goes next. Pure: no clock, no lock, no CPU of its own, so that its
 * fairness is tested hosted over hours of made-up time.
 *
 * Within a priority, who used least goes first; who slept is lifted to at most one slice behind the others, so that it
 * goes soon but cannot live on what it saved. A higher priority goes first. While a lower one waits it is owed time, at
 * 1/5 (NORMAL) or 1/20 (LOW) of the waiting; when that makes a slice, it gets it, and is not pushed aside before it has
 * used it up. So no priority starves another, however it sleeps and wakes.
 */
#ifndef KERNEL_RUNQ_H
#define KERNEL_RUNQ_H

#include "lib/base.h"
#include "lib/heap.h"

#define RUNQ_PRIOS    3
#define RUNQ_SLICE_NS (4 * NS_PER_MS)
#define RUNQ_LOOK_NS  (50 * NS_PER_US) /* no deadline is nearer: a bound on interrupts by the scheduler */
#define RUNQ_WAKE_NS  (1 * NS_PER_MS)  /* who wakes pushes aside who used more than this beyond it */

struct runq_node { /* in each task */
    struct heap_node heap;
    u64 used; /* ns of CPU, within its priority's count */
    u8 prio;  /* 0 is the highest */
};

struct runq {
    struct heap ready[RUNQ_PRIOS];
    u32 count[RUNQ_PRIOS];
    u8 waiting;                 /* a bit for each priority of which one is ready, */
    u8 owing;                   /* and that is owed anything */
    u64 used_least[RUNQ_PRIOS]; /* never falls: where a sleeper is lifted to */
    u64 owed[RUNQ_PRIOS];       /* ns */
    u64 last;                   /* when time was last accounted */
    u64 slice_end;              /* of who runs */
    u64 look;                   /* runq_deadline as of the last change */
    struct runq_node *running;  /* NULL: idle */
    bool granted;               /* it runs for what it is owed, before a higher one */
};

void runq_add(struct runq *q, struct runq_node *n, bool woken, u64 now); /* n becomes ready; woken: it slept */
/* The running one, if there is one, stops, and who is due runs: NULL when nobody is ready. q->look says when the new
 * one is to be looked at by runq_due. */
enum runq_why {
    RUNQ_GONE,  /* who stops is in no queue any more; nobody ran */
    RUNQ_BACK,  /* it is ready still, and may be who is due */
    RUNQ_YIELD, /* the same, but another of its priority, if one is ready, goes first */
};
struct runq_node *runq_change(struct runq *q, enum runq_why why, u64 now);

bool runq_due(struct runq *q, u64 now);     /* should the running one make room for another now? */
u64 runq_deadline(struct runq *q, u64 now); /* when runq_due may become true by time alone; ~0: never */

static inline u32 runq_ready(const struct runq *q)
{
    return q->count[0] + q->count[1] + q->count[2];
}

#endif

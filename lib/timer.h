/* Timers: a function called at a time, in softirq context, on the CPU where it was armed.
 *
 *     timer_init(&c->rto, rto_fires);                      once; fn gets the timer: container_of() finds its owner
 *     timer_arm(&c->rto, clock_ns() + 200 * NS_PER_MS);    pending or not: it is one timer, the last word counts
 *     timer_cancel(&c->rto);                               true: it was pending and will not fire
 *
 * A timer never fires before its time. It fires as soon after it as the machine's alarm goes off; where more than
 * TIMER_EXACT timers stand within the same 16.4 us, up to 16.4 us later. Timers of the same time fire in the order they
 * were armed in. Arming, arming anew and cancelling cost the same however many are pending; arming anew for a later
 * time (a retransmission timer, pushed back by every acknowledgement) is one store.
 *
 * Contexts: all may be called anywhere, interrupt handlers too, but for timer_cancel_wait. Calls for one timer are
 * serialised by its owner; against its own firing, on whatever CPU, they are safe. fn runs with no lock held and may
 * arm, cancel and free any timer, its own too. A timer that is armed while it is pending on another CPU for an earlier
 * time stays there; otherwise it comes to this CPU.
 *
 * Before the memory of a timer is freed: timer_cancel_wait, or timer_cancel and rcu_defer (softirq context is a
 * reader).
 *
 * For the platform: timer_cpu_start for every CPU but 0 before anything is armed there, and timer_softirq as the
 * function of SOFTIRQ_TIMER. A platform without softirqs calls timer_run and timer_next itself.
 */
#ifndef LIB_TIMER_H
#define LIB_TIMER_H

#include "lib/base.h"
#include "lib/list.h"

#define TIMER_EXACT 64           /* timers looked at one by one, to find the next or those due within a tick */
#define TIMER_MAX   (~0ull >> 2) /* ns, 146 years: what is later is never reached */

struct timer {
    struct list node; /* in a slot of its CPU's wheel; alone when not pending */
    u64 when;         /* ns, of clock_ns */
    void (*fn)(struct timer *t);
    u32 cpu; /* whose wheel it is on, or was on last */
};

void timer_init(struct timer *t, void (*fn)(struct timer *t));
void timer_arm(struct timer *t, u64 when_ns);
bool timer_cancel(struct timer *t); /* fn may be running, still, on another CPU */
/* The same, and returns when fn is not running. Not from fn itself, nor with a lock held that fn takes, nor from an
 * interrupt handler. */
bool timer_cancel_wait(struct timer *t);

/* By the owner; what it says may be old where the timer fires on another CPU. */
static inline bool timer_pending(const struct timer *t)
{
    return !list_empty(&t->node);
}

/* ---- for the platform ---- */
int timer_cpu_start(unsigned cpu); /* 0 or -ENOMEM. CPU 0 needs none. Where there is a wheel, nothing pending on it, its
                                      time begins anew at 0: for tests, of which each starts from nothing. */
void timer_cpu_stop(unsigned cpu); /* gives its memory back; nothing is pending there, and it is not CPU 0 */
void timer_softirq(void);          /* fires what is due, sets the alarm for the next */
/* Of this CPU: fires what is due at `now`. Firing and moving together are at most `budget`; true: work is left. */
bool timer_run(u64 now, unsigned budget);
u64 timer_next(void); /* of this CPU: when timer_run next has something to do; ~0: never */

#endif

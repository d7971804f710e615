/* From a counter's ticks to nanoseconds that never go back, while the counter may be changed for another.
 *
 *     ns = base_ns + ((ticks - base) * mult >> 32)          the product has 128 bits: it overflows in no lifetime
 *
 *     seq even   `now` holds; who read it and finds seq unchanged has a right time
 *     seq odd    a change is under way: `now` is in pieces, `before` is whole
 *
 * A reader waits for the end of a change, however long the writer's processor is taken away by whoever lends it: the
 * writer has interrupts off and waits for nobody. Only who runs above the writer (an NMI), or after he was stopped (a
 * panic), may not wait: he is given the time by `before`, which may be a little later than what others read after the
 * change, and is the one exception to "never back".
 *
 * One change at a time. Beside counters it knows nothing of the machine, and is tested hosted.
 */
#ifndef KERNEL_CLOCK_SCALE_H
#define KERNEL_CLOCK_SCALE_H

#include "kernel/counter.h"
#include "kernel/x86.h"
#include "lib/atomic.h"

struct clock_line {
    struct counter *counter; /* NULL: the TSC */
    u64 base, base_ns;       /* ticks and time of one moment */
    u64 mult;                /* ns a tick << 32; 0: the clock does not run yet and stands at 0 */
};

struct clock_scale {
    u32 seq;
    struct clock_line now, before;
} CACHE_ALIGNED;

/* From now on time runs by `counter`; it goes on from where it stands. Interrupts off. */
void clock_scale_change(struct clock_scale *s, struct counter *counter, u64 mult);
u64 clock_scale_slow(const struct clock_scale *s, bool may_wait); /* whatever the counter and the state */

static inline u64 clock_line_ns(const struct clock_line *l, u64 ticks)
{
    return l->base_ns + (u64)((unsigned __int128)(ticks - l->base) * l->mult >> 32);
}

/* The time, if the TSC carries it and nothing changes: else false. */
static inline bool clock_scale_quick(const struct clock_scale *s, u64 *ns)
{
    u32 seq = load_acquire(&s->seq);
    if (unlikely(seq & 1 || s->now.counter))
        return false;
    u64 ticks = rdtsc_ordered();
    *ns = clock_line_ns(&s->now, ticks);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return likely((i64)(ticks - s->now.base) >= 0 && load_relaxed(&s->seq) == seq);
}

#endif

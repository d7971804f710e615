/* Reading and changing the scale of time: see the picture in clock_scale.h. */
#include "kernel/clock_scale.h"

#include "lib/plat.h"

#define TRIES         5
#define SETTLE_CYCLES 1000

/* Bits beyond the counter's own: from its last reading, which is never older than half a wrap (clock_maintain). */
static u64 read_extended(struct counter *c)
{
    u64 last = load_acquire(&c->seen);
    u64 ahead = (c->read() - last) & c->mask;
    if (ahead > c->mask / 2)
        return last; /* another CPU read later and was faster */
    if (ahead)
        atomic_cas(&c->seen, last, last + ahead);
    return last + ahead;
}

static u64 read_counter(struct counter *c)
{
    return c ? read_extended(c) : rdtsc_ordered();
}

u64 clock_scale_slow(const struct clock_scale *s, bool may_wait)
{
    for (;;) {
        u32 seq = load_acquire(&s->seq);
        if (seq & 1 && may_wait) {
            cpu_pause();
            continue;
        }
        struct clock_line l = seq & 1 ? s->before : s->now;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (load_relaxed(&s->seq) != seq)
            continue; /* before a counter is asked that may not be the one */
        u64 ticks = read_counter(l.counter);
        if ((i64)(ticks - l.base) < 0)
            ticks = l.base;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (load_relaxed(&s->seq) == seq)
            return clock_line_ns(&l, ticks);
    }
}

/* The old counter and the new one at one moment: of a few tries the one that took least, since the processor may be
 * taken away between the two, and what passes there is lost to the clock. */
static u64 read_both(struct counter *old, struct counter *new, u64 *base)
{
    u64 best = 0, least = ~0ull;
    for (unsigned i = 0; i < TRIES; i++) {
        u64 at = read_counter(old), then = read_counter(new), took = read_counter(old) - at;
        if (took < least) {
            least = took;
            best = at;
            *base = then;
        }
    }
    return best;
}

/* A reader's TSC may be read a moment after his last look at seq: let that moment pass, so that all that was read by
 * `before` is older than what is read next. */
static void settle(void)
{
    for (u64 from = rdtsc_ordered(); rdtsc() - from < SETTLE_CYCLES;)
        cpu_pause();
}

void clock_scale_change(struct clock_scale *s, struct counter *c, u64 mult)
{
    struct clock_line l = {.counter = c, .mult = mult};
    struct counter *old = s->now.counter;
    if (c && c != old)
        store_release(&c->seen, c->read()); /* its own: who still reads the old one is not misled */
    s->before = s->now;
    store_release(&s->seq, s->seq + 1);
    atomic_fence();
    settle();
    u64 at = c == old ? (l.base = read_counter(old)) : read_both(old, c, &l.base);
    if ((i64)(at - s->before.base) < 0)
        at = s->before.base;
    if (s->before.mult)
        l.base_ns = clock_line_ns(&s->before, at);
    s->now = l;
    store_release(&s->seq, s->seq + 1);
}

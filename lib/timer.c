/* The timer wheel (contract: lib/timer.h).
 *
 * One wheel for each CPU. A tick is 2^14 ns. Eight levels of 64 slots. The next 64 ticks are level 0's, one slot each,
 * which goes round. For others read the number of a tick in base 64: a timer stands on the level of the highest digit
 * in which its tick differs from the wheel's, in the slot of that digit.
 *
 *     wheel's tick   .. 0 0 5 3 9
 *     timer's tick   .. 0 0 5 8 1          level 1: this one, slot 8: one slot, 64 ticks
 *                             ^            level 7: one slot, 2^42 ticks
 *
 * So everything above level 0 comes before everything on the level above it, a level's slots come in order, and no slot
 * ever holds two turns of the wheel: the next busy slot is found with a bit mask for each level. When the wheel's tick
 * comes to the first of a slot's ticks, the slot's timers move to lower levels, at most once for each level. Where
 * nothing is due, time is jumped over: an idle CPU has no tick. Before when nothing above level 0 need be looked at is
 * kept (`above`), for what comes soon stands on level 0.
 *
 * `when` stays exact to the nanosecond; the slot only says where to look. A timer that is armed anew for later stays in
 * its slot and is put where it belongs when the slot's turn comes.
 *
 * A run has a budget; what is left over keeps the wheel's tick where it is, so that the next run goes on there.
 * The clock is never read here but in timer_softirq.
 */
#include "lib/timer.h"
#include "lib/plat.h"

#define TICK_SHIFT     14 /* 16.384 us */
#define DIGIT          6
#define SLOTS          (1u << DIGIT)
#define LEVELS         8
#define SOFTIRQ_BUDGET 512 /* about 50 us of firing before others have their turn */

struct wheel {
    struct spinlock lock;
    bool running;      /* in timer_run: it will look for the next alarm at its end */
    u64 tick;          /* everything before it has fired */
    u64 above;         /* no busy slot above level 0 begins before this tick; it may be earlier than need be */
    u64 above_due;     /* no timer above level 0 is due before it, ns; may be early, too; 0: not known */
    u64 alarm;         /* the earliest that clock_arm was told since it last went off, ns; 0: nothing */
    struct timer *now; /* whose fn is running, for timer_cancel_wait; never followed */
    u64 busy[LEVELS];  /* bit clear: the slot is empty and its head may be anything. Set: it may still be empty */
    struct list slot[LEVELS][SLOTS];
};

static struct wheel first_wheel CACHE_ALIGNED;
static struct wheel *wheels[CPU_MAX] = {&first_wheel};

static unsigned digit(u64 tick, unsigned level)
{
    return (unsigned)(tick >> DIGIT * level) & (SLOTS - 1);
}

/* The busy slots of level 0 in order, the wheel's own first. */
static u64 soon(const struct wheel *w)
{
    unsigned own = digit(w->tick, 0);
    return w->busy[0] >> own | w->busy[0] << (-own & (SLOTS - 1));
}

/* Puts t where its time belongs; what is already due goes to the slot of the wheel's own tick. down: it comes from a
 * level above, and was armed before all that stand there. */
static inline void place(struct wheel *w, struct timer *t, bool down)
{
    u64 tick = max(t->when >> TICK_SHIFT, w->tick);
    unsigned level = tick - w->tick < SLOTS ? 0 : log2_floor(tick ^ w->tick) / DIGIT, at = digit(tick, level);
    struct list *slot = &w->slot[level][at];

    if (!(w->busy[level] >> at & 1)) {
        w->busy[level] |= 1ull << at;
        list_init(slot);
    }
    if (down)
        list_add(slot, &t->node);
    else
        list_add_tail(slot, &t->node);
    if (level) {
        w->above = min(w->above, tick >> DIGIT * level << DIGIT * level);
        w->above_due = min(w->above_due, t->when);
    }
}

/* The slot if a timer is in it, else NULL. */
static struct list *busy_slot(struct wheel *w, unsigned level, unsigned at)
{
    if (!(w->busy[level] >> at & 1))
        return NULL;
    if (!list_empty(&w->slot[level][at]))
        return &w->slot[level][at];
    w->busy[level] &= ~(1ull << at); /* all were cancelled */
    return NULL;
}

/* Goes through the busy slots after *tick in order, from *level on; *tick becomes the first tick of the slot. */
static struct list *next_slot(struct wheel *w, unsigned *level, u64 *tick)
{
    for (; *level < LEVELS; ++*level) {
        if (!w->busy[*level])
            continue;
        u64 later = w->busy[*level] & ~((2ull << digit(*tick, *level)) - 1);
        for (; later; later &= later - 1) {
            unsigned at = (unsigned)__builtin_ctzll(later), above = DIGIT * (*level + 1);
            struct list *slot = busy_slot(w, *level, at);
            if (!slot)
                continue;
            *tick = *tick >> above << above | (u64)at << DIGIT * *level;
            return slot;
        }
    }
    return NULL;
}

/* Lets the machine know, unless it will come early enough. */
static void set_alarm(struct wheel *w, u64 when)
{
    if (w->running || when == ~0ull || (w->alarm && w->alarm <= when))
        return;
    w->alarm = when ? when : 1;
    clock_arm(when);
}

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
    *t = (struct timer){.fn = fn};
    list_init(&t->node);
}

void timer_arm(struct timer *t, u64 when_ns)
{
    unsigned cpu = cpu_id();
    struct wheel *w = wheels[t->cpu];

    when_ns = min(when_ns, TIMER_MAX);
    u64 flags = spin_lock_irq(&w->lock);
    if (!list_empty(&t->node)) {
        if (when_ns >= t->when) {
            t->when = when_ns;
            spin_unlock_irq(&w->lock, flags);
            return;
        }
        list_del(&t->node);
    }
    if (t->cpu != cpu) {
        spin_unlock_irq(&w->lock, flags);
        if (!wheels[cpu])
            panic("timer: CPU %u has no wheel: timer_cpu_start was not called", cpu);
        w = wheels[t->cpu = cpu];
        flags = spin_lock_irq(&w->lock);
    }
    t->when = when_ns;
    place(w, t, false);
    set_alarm(w, when_ns);
    spin_unlock_irq(&w->lock, flags);
}

bool timer_cancel(struct timer *t)
{
    struct wheel *w = wheels[t->cpu];
    u64 flags = spin_lock_irq(&w->lock);
    bool was_pending = !list_empty(&t->node);

    list_del(&t->node);
    spin_unlock_irq(&w->lock, flags);
    return was_pending;
}

/* fn may arm it anew, and the wheel may call fn again before we have the lock: it is over when, under the lock, it is
 * neither pending nor running. */
bool timer_cancel_wait(struct timer *t)
{
    struct wheel *w = wheels[t->cpu];
    bool was_pending = false;

    for (;;) {
        u64 flags = spin_lock_irq(&w->lock);
        bool running = load_acquire(&w->now) == t;
        was_pending |= !list_empty(&t->node);
        list_del(&t->node);
        spin_unlock_irq(&w->lock, flags);
        if (!running)
            return was_pending;
        while (load_acquire(&w->now) == t)
            cpu_pause();
    }
}

/* Calls t's function, with the lock dropped. t may be gone afterwards. */
static void fire(struct wheel *w, struct timer *t, u64 *flags)
{
    list_del(&t->node);
    store_relaxed(&w->now, t);
    spin_unlock_irq(&w->lock, *flags);
    t->fn(t);
    store_release(&w->now, NULL);
    *flags = spin_lock_irq(&w->lock);
}

/* Of the slot's first TIMER_EXACT timers the one with the least `when`, the first of equals. *all: there are no more.
 */
static struct timer *earliest(struct list *slot, bool *all)
{
    struct timer *best = NULL;
    unsigned looked = 0;

    *all = true;
    LIST_FOREACH(slot, struct timer, node, t) {
        if (looked++ == TIMER_EXACT) {
            *all = false;
            break;
        }
        if (!best || t->when < best->when)
            best = t;
    }
    return best;
}

/* Empties a slot whose ticks the wheel has come to: fires what is due, puts the rest where it belongs by now. */
static bool empty_slot(struct wheel *w, unsigned level, u64 now, unsigned *budget, u64 *flags)
{
    struct list *slot;

    while ((slot = busy_slot(w, level, digit(w->tick, level)))) {
        struct timer *t = container_of(level ? slot->prev : slot->next, struct timer, node);
        if (!*budget)
            return false;
        --*budget;
        if (level == 0 && t->when <= now) {
            fire(w, t, flags);
        } else {
            list_del(&t->node);
            place(w, t, level);
        }
    }
    return true;
}

/* Fires, in order, what is due in the tick that is not over. */
static bool fire_in_tick(struct wheel *w, u64 now, unsigned *budget, u64 *flags)
{
    struct list *slot;
    bool all;

    while ((slot = busy_slot(w, 0, digit(w->tick, 0)))) {
        struct timer *t = earliest(slot, &all);
        if (t->when > now)
            break;
        if (!*budget)
            return false;
        --*budget;
        fire(w, t, flags);
    }
    return true;
}

/* The highest level with a slot of which this tick is the first: only there, and below, can the wheel's own slots be
 * busy above level 0. */
static unsigned first_level(u64 tick)
{
    return tick ? min((unsigned)__builtin_ctzll(tick) / DIGIT, LEVELS - 1u) : LEVELS - 1u;
}

static void find_above(struct wheel *w)
{
    unsigned level = 1;
    u64 tick = w->tick;
    w->above = next_slot(w, &level, &tick) ? tick : ~0ull;
    w->above_due = 0;
}

/* The wheel has come to a slot above level 0. False: the budget is used up. */
static NOINLINE bool come_down(struct wheel *w, u64 now, unsigned *budget, u64 *flags)
{
    for (unsigned level = first_level(w->tick); level > 0; level--)
        if (!empty_slot(w, level, now, budget, flags))
            return false;
    find_above(w);
    return true;
}

/* Moves the wheel on to the tick of `now`. False: the budget is used up. */
static bool advance(struct wheel *w, u64 now, unsigned *budget, u64 *flags)
{
    u64 target = now >> TICK_SHIFT;

    for (;;) {
        if (unlikely(w->tick >= w->above) && !come_down(w, now, budget, flags))
            return false;
        u64 busy = soon(w), next = min(w->above, max(w->tick, target));
        if (busy)
            next = min(next, w->tick + (unsigned)__builtin_ctzll(busy));
        w->tick = next;
        if (unlikely(next == w->above))
            continue;
        if (next >= target)
            return fire_in_tick(w, now, budget, flags);
        if (!empty_slot(w, 0, now, budget, flags))
            return false;
    }
}

/* The wheel is locked. */
static bool run(struct wheel *w, u64 now, unsigned budget, u64 *flags)
{
    w->running = true;
    w->alarm = 0;
    if (now >= w->above_due) /* what it was of has moved away */
        w->above_due = 0;
    bool done = advance(w, min(now, TIMER_MAX), &budget, flags);
    w->running = false;
    return !done;
}

bool timer_run(u64 now, unsigned budget)
{
    struct wheel *w = wheels[cpu_id()];
    u64 flags = spin_lock_irq(&w->lock);
    bool more = run(w, now, budget, &flags);
    spin_unlock_irq(&w->lock, flags);
    return more;
}

/* The slot begins at `tick`: *best becomes the least `when` in it and before. False: it is too long to be sure of more
 * than that the wheel is to look there. */
static bool find_in(struct list *slot, u64 tick, u64 *best)
{
    bool all;
    u64 when = earliest(slot, &all)->when;
    *best = min(*best, all ? when : min(when, tick << TICK_SHIFT));
    return all;
}

/* Above level 0, in the order of the slots, until none can hold anything earlier than what was found. */
static NOINLINE u64 find_above_zero(struct wheel *w)
{
    unsigned level = 1;
    u64 tick = w->tick, best = ~0ull;
    struct list *slot;

    while ((slot = next_slot(w, &level, &tick)) && tick << TICK_SHIFT < best)
        if (!find_in(slot, tick, &best))
            break;
    return best;
}

/* When there is something to do: not later. Early where a timer above level 0 was cancelled or pushed back meanwhile.
 */
static u64 find_next(struct wheel *w)
{
    u64 best = ~0ull, tick = w->tick;

    if (unlikely(tick >= w->above)) {
        for (unsigned level = first_level(tick); level > 0; level--)
            if (busy_slot(w, level, digit(tick, level)))
                return tick << TICK_SHIFT; /* a run that had no budget left */
        find_above(w);
    }
    for (u64 busy = soon(w); busy; busy &= busy - 1) {
        u64 at = tick + (unsigned)__builtin_ctzll(busy);
        struct list *slot = busy_slot(w, 0, digit(at, 0));
        if (!slot)
            continue;
        /* Of the tick that has begun, what is too much to look at is due at its end. */
        if (at << TICK_SHIFT >= best || !find_in(slot, at + (at == tick), &best))
            break;
    }
    if (w->above > best >> TICK_SHIFT)
        return best;
    if (!w->above_due)
        w->above_due = find_above_zero(w);
    return min(best, w->above_due);
}

u64 timer_next(void)
{
    struct wheel *w = wheels[cpu_id()];
    u64 flags = spin_lock_irq(&w->lock);
    w->above_due = 0; /* exactly */
    u64 next = find_next(w);

    spin_unlock_irq(&w->lock, flags);
    return next;
}

void timer_softirq(void)
{
    struct wheel *w = wheels[cpu_id()];

    if (!w)
        return;
    u64 now = clock_ns(), flags = spin_lock_irq(&w->lock);
    bool more = run(w, now, SOFTIRQ_BUDGET, &flags);
    if (likely(!more))
        set_alarm(w, find_next(w));
    spin_unlock_irq(&w->lock, flags);
    if (unlikely(more))
        softirq_raise(SOFTIRQ_TIMER);
}

int timer_cpu_start(unsigned cpu)
{
    struct wheel *w = wheels[cpu];

    if (w) {
        *w = (struct wheel){.tick = 0};
        return 0;
    }
    w = mem_zalloc(sizeof(*w));
    if (!w)
        return -ENOMEM;
    store_release(&wheels[cpu], w);
    return 0;
}

void timer_cpu_stop(unsigned cpu)
{
    mem_free(atomic_swap(&wheels[cpu], NULL));
}

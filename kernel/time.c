/* One timer per CPU for all who want one, and the account of where the CPU's time goes.
 *
 * Each CPU keeps a deadline for each enum time_event; the APIC timer is armed for the earliest. A deadline that moves
 * nearer arms it anew; one that moves away is left to fire in vain, unless the CPU goes idle: then time_idle arms it
 * exactly, so that a sleeping machine is woken for nothing that nobody wants. Whether that is due is noted when a
 * deadline moves, for a CPU goes idle far more often.
 */
#include "kernel/time.h"

#include "kernel/apic.h"
#include "kernel/clock.h"
#include "kernel/smp.h"
#include "kernel/x86.h"
#include "lib/plat.h"
#include "lib/timer.h"

#define FAR_NS      (60 * NS_PER_S)
#define LEAST_TICKS 8

struct time_cpu {
    u64 when[TIME_EVENTS];
    u64 armed;                                /* what the timer is set to; ~0: stopped */
    u64 armed_tsc, armed_ticks, armed_unsure; /* unsure: cycles within which the two were one */
    u64 least;                                /* while inside: of what was seen, and of what is set meanwhile */
    bool inside;                              /* the interrupt arms at its end */
    bool stale; /* the deadline that the timer is set to is not wanted any more, or not by an idle CPU */
} CACHE_ALIGNED;

static struct time_cpu cpus[CPU_MAX];
static u64 profile_ns; /* 0: off */
static void (*profile_fn)(const struct trap_frame *f);

static u64 (*event_handlers[TIME_EVENTS])(u64 now, const struct trap_frame *f);

void time_event_handler(enum time_event e, u64 (*fn)(u64 now, const struct trap_frame *f))
{
    store_release(&event_handlers[e], fn);
}

/* ---- arming ---- */

/* How fast has it been counting? */
static void learn_rate(struct time_cpu *t)
{
    u64 now = rdtsc(), left = t->armed == ~0ull ? 0 : apic_timer_count();
    if (left)
        clock_apic_seen(t->armed_ticks - left, now - t->armed_tsc, t->armed_unsure + rdtsc() - now);
}

static void set_timer(struct time_cpu *t, u64 when, u64 now)
{
    if (unlikely(!clock_rates.apic_fine))
        learn_rate(t);
    t->armed = when;
    if (when == ~0ull) {
        apic_timer_stop();
        return;
    }
    u64 ns = when > now ? when - now : 0;
    ns = min(ns, FAR_NS);
    if (apic_timer_deadline()) {
        apic_timer_deadline_set(rdtsc() + (u64)((unsigned __int128)ns * clock_rates.tsc_per_ns >> 32) + 1);
        return;
    }
    u64 ticks = (u64)((unsigned __int128)ns * clock_rates.apic_per_ns >> 32) + 1;
    ticks = max(ticks, (u64)LEAST_TICKS);
    t->armed_ticks = min(ticks, (u64)0xffffffff);
    t->armed_tsc = rdtsc();
    apic_timer_count_set((u32)t->armed_ticks);
    if (unlikely(!clock_rates.apic_fine))
        t->armed_unsure = rdtsc() - t->armed_tsc;
}

static u64 earliest(const struct time_cpu *t)
{
    u64 when = ~0ull;
    for (unsigned e = 0; e < TIME_EVENTS; e++)
        when = min(when, t->when[e]);
    return when;
}

static NOINLINE void set_sooner(struct time_cpu *t, u64 when)
{
    if (t->inside)
        t->least = min(t->least, when);
    else if (clock_running())
        set_timer(t, when, clock_ns());
}

void time_event_set(enum time_event e, u64 when_ns)
{
    struct time_cpu *t = &cpus[cpu_id()];
    u64 was = t->when[e], armed = t->armed;
    t->when[e] = when_ns;
    if (when_ns < armed)
        set_sooner(t, when_ns);
    else if (was == armed)
        t->stale = true;
}

/* An idle CPU takes it back. */
static void set_profile(u64 when_ns)
{
    time_event_set(TIME_PROFILE, when_ns);
    cpus[cpu_id()].stale = true;
}

void time_idle(void)
{
    struct time_cpu *t = &cpus[cpu_id()];
    if (likely(!t->stale))
        return;
    if (unlikely(!clock_rates.apic_fine))
        learn_rate(t);
    t->stale = !clock_rates.apic_fine;
    t->when[TIME_PROFILE] = ~0ull;
    u64 when = earliest(t);
    if (when != t->armed)
        set_timer(t, when, clock_ns());
}

void clock_arm(u64 when_ns)
{
    u64 flags = irq_save();
    struct time_cpu *t = &cpus[cpu_id()];
    if (when_ns < t->when[TIME_WHEEL] || when_ns == ~0ull)
        time_event_set(TIME_WHEEL, when_ns);
    irq_restore(flags);
}

/* ---- firing ---- */

static u64 wheel(u64 now, const struct trap_frame *f)
{
    softirq_raise(SOFTIRQ_TIMER);
    return ~0ull;
}

static u64 profile(u64 now, const struct trap_frame *f)
{
    void (*fn)(const struct trap_frame *) = load_acquire(&profile_fn);
    u64 ns = load_relaxed(&profile_ns);
    if (!fn || !ns || this_cpu()->use_before == TIME_USE_IDLE)
        return ~0ull; /* idle: time_profile_wake goes on */
    fn(f);
    return now + ns;
}

void time_interrupt(const struct trap_frame *f)
{
    struct time_cpu *t = &cpus[cpu_id()];
    if (unlikely(!clock_running())) {
        clock_calibration_interrupt();
        return;
    }
    u64 now = clock_ns();
    t->inside = true;
    t->armed = t->least = ~0ull;
    for (unsigned e = 0; e < TIME_EVENTS; e++) {
        if (unlikely(t->when[e] <= now)) {
            t->when[e] = ~0ull;
            t->when[e] = event_handlers[e](now, f);
        }
        t->least = min(t->least, t->when[e]);
    }
    t->inside = false;
    t->stale = t->when[TIME_PROFILE] != ~0ull || !clock_rates.apic_fine;
    if (t->least != ~0ull)
        set_timer(t, t->least, now);
}

/* ---- the profiler ---- */

static void profile_start(void *arg)
{
    u64 ns = load_relaxed(&profile_ns);
    set_profile(ns ? clock_ns() + ns : ~0ull);
}

void time_profile(u64 period_ns, void (*fn)(const struct trap_frame *f))
{
    store_relaxed(&profile_ns, fn ? period_ns : 0);
    store_release(&profile_fn, fn);
    smp_call(~0ull, profile_start, NULL);
}

void time_profile_wake(void)
{
    struct time_cpu *t = &cpus[cpu_id()];
    u64 ns = load_relaxed(&profile_ns);
    if (unlikely(ns) && t->when[TIME_PROFILE] == ~0ull)
        set_profile(clock_ns() + ns);
}

/* ---- the account ---- */

void time_used(unsigned cpu, u64 ns[TIME_USES])
{
    const struct cpu *c = cpu_table[cpu];
    u64 since = load_relaxed(&c->use_tsc), now = rdtsc();
    for (unsigned i = 0; i < TIME_USES; i++)
        ns[i] = clock_tsc_ns(load_relaxed(&c->used[i]));
    if (now > since) /* what it does at present counts too: an idle CPU changes for hours not */
        ns[load_relaxed(&c->use)] += clock_tsc_ns(now - since);
}

/* ---- the source: the first CPU looks after it ---- */

static u64 maintain(u64 now, const struct trap_frame *f)
{
    return clock_maintain(now);
}

void time_tsc_distrust(const char *why)
{
    u64 flags = irq_save();
    clock_tsc_distrust(why);
    time_event_set(TIME_CLOCK, clock_ns() + NS_PER_S); /* before it wraps unseen */
    irq_restore(flags);
}

struct use {
    const char *name;
    int err;
};

static void use_here(void *arg)
{
    struct use *u = arg;
    u->err = clock_use(u->name);
    time_event_set(TIME_CLOCK, clock_ns() + NS_PER_S);
}

int time_use_source(const char *name)
{
    struct use u = {.name = name};
    smp_call(1, use_here, &u);
    return u.err;
}

/* ---- bring-up ---- */

void time_init_cpu(void)
{
    struct time_cpu *t = &cpus[cpu_id()];
    for (unsigned e = 0; e < TIME_EVENTS; e++)
        t->when[e] = ~0ull;
    t->armed = ~0ull;
    this_cpu()->use = TIME_USE_TASK;
    this_cpu()->use_tsc = rdtsc();
}

void time_init(void)
{
    time_event_handler(TIME_WHEEL, wheel);
    time_event_handler(TIME_PROFILE, profile);
    time_event_handler(TIME_CLOCK, maintain);
    time_init_cpu();
    clock_init();
    apic_timer_mode(true);
    clock_rates.apic_fine = apic_timer_deadline();
    wall_init();
    softirq_set(SOFTIRQ_TIMER, timer_softirq);
    u64 flags = irq_save();
    time_event_set(TIME_CLOCK, clock_maintain(clock_ns()));
    irq_restore(flags);
}

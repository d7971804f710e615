/* One timer per CPU for all who want one, and the account of where the CPU's time goes.
 *
 * Each CPU keeps a deadline for each enum time_event; the APIC timer is armed for the earliest. A deadline that moves
 * nearer arms it anew; one that moves away is left to fire in vain, unless the CPU goes idle: then time_idle arms it
 * exactly, so that a sleeping machine is woken for nothing that nobody wants.
 *
 * The account: a CPU does one of four things (enum time_use), and says at each change what it does next.
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
    u64 armed; /* what the timer is set to; ~0: stopped */
    u64 armed_tsc, armed_ticks;
    bool inside;            /* the interrupt arms at its end */
    enum time_use use, was; /* was: before the interrupt */
    u64 use_tsc;            /* since when */
    u64 used[TIME_USES];    /* TSC cycles */
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

/* Before it is set anew: how fast has it been counting? */
static void learn_rate(struct time_cpu *t)
{
    u64 cycles = rdtsc() - t->armed_tsc;
    u64 left = t->armed == ~0ull || cycles < clock_rates.tsc_hz / 10 ? 0 : apic_timer_count();
    if (left)
        clock_apic_seen(t->armed_ticks - left, cycles);
}

static void set_timer(struct time_cpu *t, u64 when)
{
    if (!clock_rates.apic_fine && !apic_timer_deadline())
        learn_rate(t);
    t->armed = when;
    if (when == ~0ull) {
        apic_timer_stop();
        return;
    }
    u64 now = clock_ns();
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
}

static u64 earliest(const struct time_cpu *t)
{
    u64 when = ~0ull;
    for (unsigned e = 0; e < TIME_EVENTS; e++)
        when = min(when, t->when[e]);
    return when;
}

void time_event_set(enum time_event e, u64 when_ns)
{
    struct time_cpu *t = &cpus[cpu_id()];
    t->when[e] = when_ns;
    if (when_ns < t->armed && !t->inside && clock_running())
        set_timer(t, when_ns);
}

void time_idle(void)
{
    struct time_cpu *t = &cpus[cpu_id()];
    t->when[TIME_PROFILE] = ~0ull;
    u64 when = earliest(t);
    if (when != t->armed)
        set_timer(t, when);
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

static bool take(struct time_cpu *t, enum time_event e, u64 now)
{
    if (t->when[e] > now)
        return false;
    t->when[e] = ~0ull;
    return true;
}

static void profile(struct time_cpu *t, u64 now, const struct trap_frame *f)
{
    void (*fn)(const struct trap_frame *) = load_acquire(&profile_fn);
    u64 ns = load_relaxed(&profile_ns);
    if (!fn || !ns)
        return;
    if (t->was == TIME_USE_IDLE)
        return; /* time_profile_wake goes on */
    fn(f);
    t->when[TIME_PROFILE] = now + ns;
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
    t->armed = ~0ull;
    if (take(t, TIME_WHEEL, now))
        softirq_raise(SOFTIRQ_TIMER);
    if (take(t, TIME_PROFILE, now))
        profile(t, now, f);
    if (earliest(t) <= now)
        for (unsigned e = 0; e < TIME_EVENTS; e++)
            if (event_handlers[e] && take(t, (enum time_event)e, now))
                t->when[e] = event_handlers[e](now, f);
    t->inside = false;
    u64 when = earliest(t);
    if (when < t->armed)
        set_timer(t, when);
}

/* ---- the profiler ---- */

static void profile_start(void *arg)
{
    u64 ns = load_relaxed(&profile_ns);
    time_event_set(TIME_PROFILE, ns ? clock_ns() + ns : ~0ull);
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
        time_event_set(TIME_PROFILE, clock_ns() + ns);
}

/* ---- the account ---- */

enum time_use time_use(enum time_use what)
{
    struct time_cpu *t = &cpus[cpu_id()];
    enum time_use was = t->use;
    if (was == what)
        return was;
    u64 now = rdtsc();
    store_relaxed(&t->used[was], t->used[was] + (now - t->use_tsc));
    t->use_tsc = now;
    t->use = what;
    if (what == TIME_USE_IRQ)
        t->was = was;
    return was;
}

void time_used(unsigned cpu, u64 ns[TIME_USES])
{
    const struct time_cpu *t = &cpus[cpu];
    u64 since = load_relaxed(&t->use_tsc), now = rdtsc();
    for (unsigned i = 0; i < TIME_USES; i++)
        ns[i] = clock_tsc_ns(load_relaxed(&t->used[i]));
    if (now > since) /* what it does at present counts too: an idle CPU changes for hours not */
        ns[load_relaxed(&t->use)] += clock_tsc_ns(now - since);
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
    t->use = TIME_USE_TASK;
    t->use_tsc = rdtsc();
}

void time_init(void)
{
    time_init_cpu();
    clock_init();
    apic_timer_mode(true);
    wall_init();
    softirq_set(SOFTIRQ_TIMER, timer_softirq);
    time_event_handler(TIME_CLOCK, maintain);
    u64 flags = irq_save();
    time_event_set(TIME_CLOCK, clock_maintain(clock_ns()));
    irq_restore(flags);
}

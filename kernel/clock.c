/* clock_ns: nanoseconds since boot from the best counter there is: which it is, how fast it runs, that it stays right.
 * How ticks become time, and how one counter follows another without time going back, is clock_scale.h's.
 *
 * Measuring: the local APIC's timer is started with a guess, the CPU halts until it fires, and a counter of known rate
 * tells afterwards how long that was, how fast the TSC ran, and the APIC timer. The first guess is far too short for
 * most machines and gives the second. Nothing spins, and no interrupt of HPET or PIT is needed.
 *
 * Once a longer stretch has passed (REFINE_NS), the rate is measured over all of it: by then the error of reading the
 * two counters one after the other is below one in a million.
 */
#include "kernel/clock.h"

#include "kernel/apic.h"
#include "kernel/clock_scale.h"
#include "kernel/tsc.h"
#include "kernel/x86.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

#define MEASURE_NS  (2 * NS_PER_MS)
#define REFINE_NS   (1 * NS_PER_S)
#define CHECK_NS    (30 * NS_PER_S)
#define READ_TRIES  5
#define SURE_PPM    20    /* a rate is believed when its readings leave no more open than this */
#define SPINS_PER_S 20000 /* 50 us */
#define FINE        5000  /* parts, to one of which the APIC timer's rate is to be known */
#define FIRST_COUNT 20000 /* of the APIC timer: 20 us to 1 ms */
#define PPM_ALARM   2000  /* TSC against another counter: beyond it, it is not a clock */

static struct clock_scale scale;
static bool panicked; /* who changes the scale may have been stopped */
struct clock_rates clock_rates;
static struct counter *against;     /* what the TSC is measured and checked against */
static u64 start_tsc, start_unsure; /* read together at boot */
static u64 start_ref;
static bool refined;
static char calibrated[80];
static u32 calibration_fired;

static u64 mult_of(u64 hz)
{
    return div128(NS_PER_S >> 32, NS_PER_S << 32, hz);
}

/* a * b / c with 128 bits between. */
static u64 mul_div(u64 a, u64 b, u64 c)
{
    unsigned __int128 p = (unsigned __int128)a * b;
    return div128((u64)(p >> 64), (u64)p, c);
}

/* ---- reading ---- */

u64 clock_ns(void)
{
    u64 ns;
    if (likely(clock_scale_quick(&scale, &ns)))
        return ns;
    return clock_scale_slow(&scale, preempt_count() < NMI_ONE && !load_relaxed(&panicked));
}

void clock_panic(void)
{
    store_relaxed(&panicked, true);
}

/* ---- changing ---- */

static struct spinlock change_lock;

static void change_scale(struct counter *c, u64 hz)
{
    u64 flags = spin_lock_irq(&change_lock);
    clock_scale_change(&scale, c, mult_of(hz));
    spin_unlock_irq(&change_lock, flags);
}

bool clock_running(void)
{
    return scale.now.mult != 0;
}

void clock_tsc_distrust(const char *why)
{
    struct counter *c = counter_hpet.hz ? &counter_hpet : counter_pm.hz ? &counter_pm : NULL;
    if (scale.now.counter)
        return;
    if (!c) {
        log_write(LOG_WARN, "clock: TSC is not to be trusted (%s), but there is nothing better", why);
        return;
    }
    change_scale(c, c->hz);
    log_write(LOG_WARN, "clock: TSC is not to be trusted (%s): %s from now on", why, c->name);
}

int clock_use(const char *name)
{
    struct counter *const all[] = {NULL, &counter_hpet, &counter_pm};
    for (unsigned i = 0; i < ARRAY_LEN(all); i++)
        if (str_eq(name, all[i] ? all[i]->name : "tsc") && (!all[i] || all[i]->hz)) {
            change_scale(all[i], all[i] ? all[i]->hz : clock_rates.tsc_hz);
            return 0;
        }
    return -ENOENT;
}

/* ---- measuring ---- */

struct reading {
    u64 tsc, ref;
    u64 unsure; /* cycles within which the counter was read */
};

/* TSC and counter at one moment: of a few tries the one whose reading took least. An emulator may stop anywhere in it,
 * so the reading says how far it may be off. */
static struct reading read_together(const struct counter *c)
{
    struct reading best = {.unsure = ~0ull};
    for (unsigned i = 0; i < READ_TRIES; i++) {
        u64 before = rdtsc_ordered(), ref = c->read(), after = rdtsc_ordered();
        if (after - before < best.unsure)
            best = (struct reading){.tsc = before + (after - before) / 2, .ref = ref, .unsure = after - before};
    }
    return best;
}

void clock_calibration_interrupt(void)
{
    store_relaxed(&calibration_fired, 1);
}

/* Halts until the APIC timer has counted down from n. */
static void halt_for(u32 n)
{
    u64 flags = irq_save();
    store_relaxed(&calibration_fired, 0);
    apic_timer_count_set(n);
    while (!load_relaxed(&calibration_fired)) {
        sti_hlt();
        cli();
    }
    irq_restore(flags);
}

static void measure(const struct counter *c)
{
    struct reading from = read_together(c), to;
    u64 count = FIRST_COUNT, counted = 0, ns;
    for (unsigned tries = 0;; tries++) {
        halt_for((u32)count);
        counted += count;
        to = read_together(c);
        ns = mul_div((to.ref - from.ref) & c->mask, NS_PER_S, c->hz);
        if (ns >= MEASURE_NS * 3 / 4 || tries > 20)
            break;
        /* At this rate so much more; at most ten times what it was, so that a short first look cannot mislead far. */
        u64 more = ns ? mul_div(counted, MEASURE_NS - ns, ns) : 10 * count;
        more = min(more, 10 * counted);
        count = max(more, (u64)1000);
    }
    ns = ns ? ns : 1;
    clock_rates.tsc_hz = mul_div(to.tsc - from.tsc, NS_PER_S, ns);
    clock_rates.by = c->name;
    clock_rates.measured_ns = ns;
}

struct ticks {
    u64 tsc, count;
};

static struct ticks read_ticks(void)
{
    u64 before = rdtsc_ordered(), count = apic_timer_count(), after = rdtsc_ordered();
    return (struct ticks){.tsc = before + (after - before) / 2, .count = count};
}

/* The APIC timer against the TSC, both running: what a halt tells of it holds the time of waking up, too. A coarse
 * look, in which the CPU spins: clock_apic_seen makes it fine as soon as a longer stretch is there to be had. */
static void measure_apic(void)
{
    u64 flags = irq_save();
    apic_timer_count_set(~0u);
    struct ticks from = read_ticks();
    while (rdtsc() - from.tsc < clock_rates.tsc_hz / SPINS_PER_S)
        cpu_pause();
    struct ticks to = read_ticks();
    apic_timer_count_set(0);
    irq_restore(flags);
    clock_rates.apic_hz = mul_div(from.count - to.count, clock_rates.tsc_hz, to.tsc - from.tsc);
}

void clock_apic_seen(u64 ticks, u64 cycles, u64 unsure)
{
    if (clock_rates.apic_fine || ticks < FINE || unsure > cycles / FINE)
        return;
    u64 hz = mul_div(ticks, clock_rates.tsc_hz, cycles);
    if (hz < clock_rates.apic_hz / 2 || hz > clock_rates.apic_hz * 2)
        return;
    clock_rates.apic_fine = true;
    store_relaxed(&clock_rates.apic_per_ns, mul_div(hz, 1ull << 32, NS_PER_S));
    clock_rates.apic_hz = hz;
}

/* Who knows the TSC's rate without measuring: a hypervisor, or the CPU. */
static bool told_rate(void)
{
    const char *by;
    u64 hz = tsc_told_hz(&by);
    if (!hz)
        return false;
    clock_rates.tsc_hz = hz;
    clock_rates.by = by;
    return true;
}

static void describe(void)
{
    u64 khz = clock_rates.tsc_hz / 1000;
    int n = fmt(calibrated, sizeof(calibrated), "%lu.%03lu MHz", khz / 1000, khz % 1000);
    if (clock_rates.measured_ns)
        fmt(calibrated + n, sizeof(calibrated) - (size_t)n, ", measured against %s in %llu.%llu ms", clock_rates.by,
            clock_rates.measured_ns / NS_PER_MS, clock_rates.measured_ns / (NS_PER_MS / 10) % 10);
    else
        fmt(calibrated + n, sizeof(calibrated) - (size_t)n, ", as %s tells", clock_rates.by);
}

void clock_init(void)
{
    counter_init();
    struct counter *c = counter_best();
    if (!c)
        panic("clock: this machine has no HPET, PM timer or PIT to measure time by");
    measure(c);
    if (told_rate())
        clock_rates.measured_ns = 0;
    measure_apic();
    struct reading r = read_together(c);
    against = c;
    start_tsc = r.tsc;
    start_unsure = r.unsure;
    start_ref = r.ref;
    clock_rates.ns_per_tsc = mult_of(clock_rates.tsc_hz);
    clock_rates.tsc_per_ns = mul_div(clock_rates.tsc_hz, 1ull << 32, NS_PER_S);
    clock_rates.apic_per_ns = mul_div(clock_rates.apic_hz, 1ull << 32, NS_PER_S);
    describe();
    if (tsc_steady() || !c->carries)
        change_scale(NULL, clock_rates.tsc_hz);
    else
        change_scale(against, against->hz);
}

/* ---- keeping it right ---- */

/* The TSC's rate over all of the time since boot; 0 when the readings leave too much open. How often the counter has
 * wrapped meanwhile is known from the TSC itself: it would have to be wrong by half a wrap to mislead. */
static u64 long_rate(u64 *ns)
{
    struct reading r = read_together(against);
    u64 cycles = r.tsc - start_tsc;
    u64 expected = mul_div(cycles, against->hz, clock_rates.tsc_hz);
    u64 off = (r.ref - start_ref - expected) & against->mask;
    u64 ticks = expected + off - (off > against->mask / 2 ? against->mask + 1 : 0); /* a mask of all ones: + 0 */
    *ns = mul_div(ticks, NS_PER_S, against->hz);
    if (!*ns || !cycles || mul_div(r.unsure + start_unsure, 1000000, cycles) > SURE_PPM)
        return 0;
    return mul_div(cycles, NS_PER_S, *ns);
}

static void compare(u64 hz)
{
    u64 off = hz > clock_rates.tsc_hz ? hz - clock_rates.tsc_hz : clock_rates.tsc_hz - hz;
    u64 ppm = mul_div(off, 1000000, clock_rates.tsc_hz);
    if (scale.now.counter)
        return;
    if (ppm > PPM_ALARM && !against->carries)
        return; /* the PIT wraps too soon to judge that */
    if (ppm > PPM_ALARM) {
        char why[64];
        fmt(why, sizeof(why), "%lu ppm off %s", ppm, against->name);
        clock_tsc_distrust(why);
    } else if (!refined && clock_rates.measured_ns) {
        clock_rates.tsc_hz = hz;
        change_scale(NULL, hz);
        log_write(LOG_DEBUG, "clock: TSC refined to %lu.%03lu MHz (%lu ppm)", hz / 1000000, hz / 1000 % 1000, ppm);
    }
}

u64 clock_maintain(u64 now)
{
    u64 ns, hz = long_rate(&ns);
    if (scale.now.counter)
        clock_ns(); /* takes note of the high bits */
    if (ns >= REFINE_NS && hz) {
        compare(hz);
        refined = true;
    }
    u64 next = refined ? CHECK_NS : REFINE_NS + NS_PER_MS;
    const struct counter *c = scale.now.counter;
    u64 half_wrap_ns = !c || c->mask == ~0ull ? ~0ull : mul_div(c->mask / 2, NS_PER_S, c->hz);
    return now + min(next, half_wrap_ns);
}

/* ---- what it is ---- */

const char *clock_source(void)
{
    return scale.now.counter ? scale.now.counter->name : "tsc";
}

const char *clock_calibrated(void)
{
    return calibrated;
}

u64 clock_tsc_hz(void)
{
    return clock_rates.tsc_hz;
}

/* clock_ns never goes back, on any CPU or across; sleeps and timers are never early; an idle machine sleeps. */
#include "kernel/clock.h"
#include "kernel/irq.h"
#include "kernel/time.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/timer.h"
#include "tests/guest/crew.h"

#define READS 10000000u /* on all CPUs together */

static u64 newest CACHE_ALIGNED;
static u64 backward, worst;

/* What any CPU read before may not be later than what this one reads now. */
static void read_clock(unsigned i)
{
    u64 last = 0;
    for (unsigned n = READS / cpu_count(); n; n--) {
        u64 before = load_acquire(&newest), now = clock_ns();
        if (now < before || now < last) {
            atomic_add(&backward, 1);
            worst = max(worst, max(before, last) - now);
        }
        if (now > before)
            atomic_cas(&newest, before, now);
        last = now;
    }
}

TEST(time_never_goes_back)
{
    newest = backward = worst = 0;
    crew_run(cpu_count(), read_clock);
    CHECK_EQ(backward, 0);
    CHECK_EQ(worst, 0);
}

/* The same while the source is changed under the readers. */
static void read_clock_less(unsigned i)
{
    u64 last = 0, end = clock_ns() + 40 * NS_PER_MS;
    for (u64 now = 0; now < end; last = now) {
        u64 before = load_acquire(&newest);
        now = clock_ns();
        if (now < before || now < last) {
            atomic_add(&backward, 1);
            worst = max(worst, max(before, last) - now);
        }
        if (now > before)
            atomic_cas(&newest, before, now);
    }
}

TEST(time_source_may_change)
{
    static const char *const sources[] = {"hpet", "acpi_pm", "tsc"};
    struct crew c;
    unsigned changes = 0;
    newest = backward = worst = 0;
    crew_start(&c, cpu_count(), -1, TASK_NORMAL, read_clock_less);
    for (unsigned i = 0; i < 12; i++) {
        u64 from = clock_ns();
        if (time_use_source(sources[i % 3]))
            continue;
        CHECK_STR(clock_source(), sources[i % 3]);
        changes++;
        task_sleep(2 * NS_PER_MS);
        CHECK_LE(from, clock_ns());
        CHECK_LT(clock_ns() - from, 5 * NS_PER_S);
    }
    crew_wait(&c);
    CHECK_LE(4, changes);
    CHECK_EQ(time_use_source("sundial"), -ENOENT);
    CHECK_EQ(backward, 0);
    CHECK_EQ(worst, 0);
}

TEST(time_sleep_is_never_short)
{
    for (unsigned i = 0; i < 60; i++) {
        u64 ns = 1 + test_rand() % (i % 3 ? 300 * NS_PER_US : 5 * NS_PER_MS), from = clock_ns();
        task_sleep(ns);
        CHECK_LE(ns, clock_ns() - from);
    }
}

TEST(time_wall_moves_with_clock)
{
    u64 wall = wall_ns(), clock = clock_ns();
    task_sleep(3 * NS_PER_MS);
    u64 wall_passed = wall_ns() - wall, clock_passed = clock_ns() - clock;
    CHECK_LE(wall_passed, clock_passed + NS_PER_MS);
    CHECK_LE(3 * NS_PER_MS, wall_passed + 100 * NS_PER_US);
    wall_set(1000 * NS_PER_S);
    CHECK_LE(1000 * NS_PER_S, wall_ns());
    CHECK_LT(wall_ns(), 1010 * NS_PER_S);
    wall_slew(-(i64)NS_PER_S);
    u64 last = wall_ns();
    for (unsigned i = 0; i < 1000; i++) { /* slower, but never back */
        u64 now = wall_ns();
        CHECK_LE(last, now);
        last = now;
    }
    wall_set(wall + (clock_ns() - clock));
}

#define TIMERS 40

static struct deadline {
    struct timer timer;
    u64 when;
    bool fired;
} deadlines[TIMERS];
static u32 fired, early;

static void deadline_fires(struct timer *t)
{
    struct deadline *d = container_of(t, struct deadline, timer);
    if (clock_ns() < d->when)
        atomic_add(&early, 1);
    d->fired = true;
    atomic_add(&fired, 1);
}

TEST(time_wheel_fires_on_time)
{
    fired = early = 0;
    for (unsigned i = 0; i < TIMERS; i++) {
        struct deadline *d = &deadlines[i];
        timer_init(&d->timer, deadline_fires);
        d->fired = false;
        d->when = clock_ns() + test_rand() % (20 * NS_PER_MS);
        timer_arm(&d->timer, d->when);
    }
    for (unsigned i = 0; i < 1000 && load_acquire(&fired) < TIMERS; i++)
        task_sleep(NS_PER_MS);
    CHECK_EQ(fired, TIMERS);
    CHECK_EQ(early, 0);
}

TEST(time_idle_machine_sleeps)
{
    u64 count[2] = {0};
    task_sleep(1200 * NS_PER_MS); /* what the bring-up still wanted is over */
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
            count[i] += irq_total(cpu);
        if (!i)
            task_sleep(2 * NS_PER_S);
    }
    CHECK_LT(count[1] - count[0], 20);
}

TEST(time_use_adds_up)
{
    u64 from[TIME_USES], to[TIME_USES], sum = 0, start = clock_ns();
    time_used(0, from);
    task_sleep(20 * NS_PER_MS);
    time_used(0, to);
    u64 passed = clock_ns() - start;
    for (unsigned i = 0; i < TIME_USES; i++) {
        CHECK_LE(from[i], to[i] + NS_PER_US);
        sum += to[i] - from[i];
    }
    CHECK_LE(sum, passed + NS_PER_MS);
    CHECK_LE(passed, sum + 5 * NS_PER_MS);
}

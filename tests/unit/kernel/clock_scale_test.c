/* The clock's scale with counters that the test moves, and a writer who is stopped in the middle of a change: a fake
 * counter's read() is where he stands, and what other CPUs do meanwhile is done there. */
#include "kernel/clock_scale.h"

#include "lib/check.h"
#include <pthread.h>
#include <sched.h>

#define ONE_NS (1ull << 32) /* mult: a tick is a nanosecond */

static u64 ticks_a, ticks_b;
static void (*meanwhile)(void);

static u64 read_a(void)
{
    void (*fn)(void) = meanwhile;
    meanwhile = NULL; /* once */
    if (fn)
        fn();
    return ticks_a;
}

static u64 read_b(void)
{
    return ticks_b & 0xffffff;
}

static struct counter a, b;
static struct clock_scale scale;

static void start(u64 at_a, u64 at_b)
{
    a = (struct counter){.name = "a", .hz = NS_PER_S, .mask = ~0ull, .read = read_a};
    b = (struct counter){.name = "b", .hz = NS_PER_S, .mask = 0xffffff, .read = read_b};
    ticks_a = at_a;
    ticks_b = at_b;
    meanwhile = NULL;
    scale = (struct clock_scale){0};
    clock_scale_change(&scale, &a, ONE_NS);
}

static u64 now(void)
{
    return clock_scale_slow(&scale, true);
}

/* From one counter to another, whatever each of them stands at: time goes on from where it stood. */
TEST(clock_scale_goes_on_from_counter_to_counter)
{
    static const u64 at[] = {0, 5, 1000, 0x7fffff, 0x800000, 0xfffff0, 0x1000000, 1ull << 40, 1ull << 63, ~0ull - 100};
    for (unsigned i = 0; i < ARRAY_LEN(at); i++)
        for (unsigned k = 0; k < ARRAY_LEN(at); k++) {
            start(at[i], at[k]);
            CHECK_EQ(now(), 0);
            ticks_a += 100;
            CHECK_EQ(now(), 100);
            clock_scale_change(&scale, &b, ONE_NS);
            CHECK_EQ(now(), 100);
            ticks_b += 50;
            CHECK_EQ(now(), 150);
            for (unsigned n = 0; n < 10; n++, ticks_b += 0x700000)
                CHECK_EQ(now(), 150 + n * 0x700000ull); /* over the wrap */
            u64 then = now();
            clock_scale_change(&scale, &a, 2 * ONE_NS);
            CHECK_EQ(now(), then);
            ticks_a += 50;
            CHECK_EQ(now(), then + 100);
        }
}

static u64 seen_by_nmi;

static void nmi_reads(void)
{
    CHECK_EQ(scale.seq & 1, 1); /* the change is under way */
    seen_by_nmi = clock_scale_slow(&scale, false);
}

/* Who cannot wait has the time by the old scale, whole, from the middle of the change. */
TEST(clock_scale_nmi_in_a_change)
{
    start(1000, 70000);
    ticks_a += 500;
    CHECK_EQ(now(), 500);
    seen_by_nmi = 0;
    meanwhile = nmi_reads;
    clock_scale_change(&scale, &b, 3 * ONE_NS);
    CHECK_EQ(seen_by_nmi, 500);
    ticks_b += 10;
    CHECK_EQ(now(), 530);
}

static u64 read_by_other;
static u32 started, returned;
static pthread_t other;

static void *other_cpu(void *arg)
{
    store_release(&started, 1);
    read_by_other = now();
    store_release(&returned, 1);
    return NULL;
}

/* The writer's processor is away for long: the other one has started, and is given every chance to return. */
static void other_reads(void)
{
    CHECK_EQ(pthread_create(&other, NULL, other_cpu, NULL), 0);
    while (!load_acquire(&started))
        sched_yield();
    for (unsigned i = 0; i < 20000; i++) {
        sched_yield();
        CHECK_EQ(load_acquire(&returned), 0);
    }
    ticks_a += 37 * NS_PER_MS; /* the clock that is left runs on */
}

TEST(clock_scale_reader_outwaits_the_writer)
{
    start(1000, 70000);
    ticks_a += 500;
    started = returned = 0;
    meanwhile = other_reads;
    clock_scale_change(&scale, &b, ONE_NS);
    u64 after = now();
    CHECK_EQ(pthread_join(other, NULL), 0);
    CHECK_EQ(after, 500 + 37 * NS_PER_MS);
    CHECK_EQ(read_by_other, after);
}

/* A reader is stopped before he has read the old counter; the scale is changed twice before he goes on. */
static void changes_twice(void)
{
    clock_scale_change(&scale, &b, ONE_NS);
    ticks_b += 40;
    clock_scale_change(&scale, NULL, 0); /* a TSC that stands still */
}

TEST(clock_scale_writer_outruns_a_reader)
{
    start(1000, 70000);
    ticks_a += 500;
    meanwhile = changes_twice;
    CHECK_EQ(now(), 540);
}

/* Virtual time: it stands, it moves to what is due and no further, and one alarm a CPU raises SOFTIRQ_TIMER. */
#include "host/host.h"
#include "lib/check.h"
#include "lib/plat.h"

static u64 fired[16];
static unsigned fired_count;

static void note_time(void)
{
    if (fired_count < ARRAY_LEN(fired))
        fired[fired_count++] = clock_ns();
}

static void arm(u64 when)
{
    softirq_off();
    clock_arm(when);
    softirq_on();
}

/* From who has it: lib/timer, as far as the ground is concerned. */
static void take(enum softirq nr, void (*fn)(void))
{
    softirq_set(nr, NULL);
    softirq_set(nr, fn);
}

static void begin(void)
{
    fired_count = 0;
    take(SOFTIRQ_TIMER, note_time);
}

TEST(clock_starts_at_zero_and_stands_still)
{
    CHECK_EQ(clock_ns(), 0);
    CHECK_EQ(wall_ns(), 1767225600 * NS_PER_S); /* 2026-01-01 */
    host_run();
    CHECK_EQ(clock_ns(), 0);
    host_clock_advance(1234);
    CHECK_EQ(clock_ns(), 1234);
    CHECK_EQ(wall_ns(), 1767225600 * NS_PER_S + 1234);
    host_wall_set(5 * NS_PER_S);
    host_clock_advance(1);
    CHECK_EQ(wall_ns(), 5 * NS_PER_S + 1);
}

TEST(clock_arm_keeps_the_earliest_until_it_fired)
{
    begin();
    arm(100);
    arm(50);
    arm(70);
    arm(~0ull);
    CHECK_EQ(host_clock_next(), 50);
    host_clock_advance(200);
    CHECK_EQ(fired_count, 1);
    CHECK_EQ(fired[0], 50);
    CHECK_EQ(host_clock_next(), ~0ull);
    arm(300);
    host_clock_advance(99);
    CHECK_EQ(fired_count, 1);
    host_clock_advance(1);
    CHECK_EQ(fired_count, 2);
    CHECK_EQ(fired[1], 300);
}

TEST(clock_arm_in_the_past_fires_at_once)
{
    begin();
    host_clock_advance(10);
    arm(3);
    host_run();
    CHECK_EQ(fired_count, 1);
    CHECK_EQ(clock_ns(), 10);
}

static void arm_again(void)
{
    note_time();
    if (fired_count < 10)
        clock_arm(clock_ns() + 7);
}

TEST(clock_advance_passes_every_alarm_on_the_way)
{
    begin();
    take(SOFTIRQ_TIMER, arm_again);
    arm(7);
    host_clock_advance(1000);
    CHECK_EQ(fired_count, 10);
    for (unsigned i = 0; i < 10; i++)
        CHECK_EQ(fired[i], 7 * (i + 1));
    CHECK_EQ(clock_ns(), 1000);
}

TEST(clock_set_makes_all_due_at_once)
{
    begin();
    arm(10);
    host_clock_set(100);
    CHECK_EQ(fired_count, 0);
    host_run();
    CHECK_EQ(fired_count, 1);
    CHECK_EQ(fired[0], 100);
}

static void go_back(void *arg)
{
    host_clock_set(100);
    host_clock_set(99);
}

static void advance_in_task(void *arg)
{
    host_clock_advance(1);
}

static void start_advancing_task(void *arg)
{
    task_start("cheeky", advance_in_task, NULL, TASK_NORMAL, -1);
    host_run();
}

TEST(clock_panics)
{
    struct host_death death;
    host_die(go_back, NULL, &death);
    CHECK_STR(death.words, "host_clock_set: time does not go back");
    host_die(start_advancing_task, NULL, &death);
    CHECK_STR(death.words, "host_clock_advance: main alone moves the clock");
}

/* ---- the same seed gives the same bytes, another seed others ---- */

static u64 history;

static void mix(u64 v)
{
    history = (history ^ v) * 0x100000001b3 + (history >> 29);
}

static void wander(void *arg)
{
    u64 me = (u64)(uintptr_t)arg;
    for (unsigned i = 0; i < 50; i++) {
        u8 r;
        entropy_read(&r, 1);
        mix(me << 8 | r);
        if (r & 1)
            task_sleep(r);
        else
            task_yield();
        mix(clock_ns());
    }
}

static u64 run_history(u64 seed)
{
    host_stop();
    host_start(&(struct host_config){.seed = seed});
    history = seed;
    for (uintptr_t i = 0; i < 5; i++)
        task_start("wanderer", wander, (void *)i, (enum task_prio)(i % TASK_PRIOS), -1);
    host_clock_advance(100000);
    CHECK_EQ(host_tasks(NULL), 0);
    return history - seed;
}

TEST(clock_and_tasks_and_entropy_are_determined_by_the_seed)
{
    u64 first = run_history(7), again = run_history(7), other = run_history(8);
    CHECK_EQ(first, again);
    CHECK_NE(first, other);
}

/* ---- real time ---- */

TEST(clock_real_time_moves_by_itself)
{
    host_stop();
    host_start(&(struct host_config){.real = true});
    u64 before = clock_ns(), wall = wall_ns();
    task_sleep(2 * NS_PER_MS);
    CHECK_LE(before + 2 * NS_PER_MS, clock_ns());
    CHECK_LE(wall + 2 * NS_PER_MS, wall_ns());
    CHECK_LE(1767225600 * NS_PER_S, wall);
    u64 a, b;
    entropy_read(&a, sizeof(a));
    entropy_read(&b, sizeof(b));
    CHECK_NE(a, b);
    begin();
    arm(clock_ns() + NS_PER_MS);
    host_clock_advance(5 * NS_PER_MS);
    CHECK_EQ(fired_count, 1);
}

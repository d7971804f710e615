/* The way in on real CPUs: flows steered between them while that is changed, floods beside tasks that spin, floods
 * beside a device with little to say. What is waited for comes, or the test does not end. */
#include "lib/check.h"
#include "lib/net.h"
#include "net/dev/backlog.h"
#include "net/dev/napi_thread.h"
#include "net/dev/rps.h"
#include "net/skb/pool.h"
#include "tests/guest/crew.h"
#include "tests/unit/net/dev/spring.h"

#define ENDLESS 0x40000000u

static struct spring *s;
static u32 stop, changes;

static void flow(struct spring *from, u32 n)
{
    softirq_off();
    spring_flow(from, n);
    softirq_on();
}

static void settle(struct spring *from)
{
    while (load_relaxed(&from->credit) || spring_ended(from) != load_relaxed(&from->made))
        task_sleep(NS_PER_MS);
}

/* ---- order ---- */

static void pour_or_change(unsigned i)
{
    u64 lot = i + 1, all = ~0ull >> (64 - cpu_count());
    while (!load_acquire(&stop)) {
        lot = lot * 6364136223846793005ull + 1442695040888963407ull;
        u32 r = (u32)(lot >> 33);
        if (i) {
            if (load_relaxed(&s->credit) < 300)
                flow(s, r % 100 + 1);
            task_sleep(1000);
            continue;
        }
        CHECK_EQ(rps_set(s->dev, 0, r % 4 ? r >> 8 & all : 0, r >> 20 & 511), 0);
        if (r % 8 == 1)
            CHECK_EQ(napi_set_threaded(s->dev, r >> 9 & 1), 0);
        store_relaxed(&changes, changes + 1);
        task_sleep(100 * NS_PER_US);
    }
}

TEST(steer_order_is_kept_while_all_is_changed)
{
    struct crew crew;
    s = spring_new(net_first, "spring%u", 64);
    s->whole = false; /* a backlog may be full */
    stop = changes = 0;
    crew_start(&crew, cpu_count() + 1, -1, TASK_NORMAL, pour_or_change);
    while (spring_ended(s) < 200000 || load_relaxed(&changes) < 200)
        task_sleep(NS_PER_MS);
    store_release(&stop, 1);
    crew_wait(&crew);
    CHECK_EQ(rps_set(s->dev, 0, 0, 0), 0);
    while (load_relaxed(&s->credit))
        task_sleep(NS_PER_MS);
    backlog_drain(net_first);
    CHECK_EQ(spring_wrong(s), 0);
    CHECK_EQ(rps_generations(s->dev, 0), 1);
    spring_end(s);
}

/* ---- everybody gets on ---- */

static u64 turns[CPU_MAX];

static void spin(unsigned i)
{
    while (!load_acquire(&stop))
        store_relaxed(&turns[i], turns[i] + 1);
}

static void flood_beside_spinners(bool threaded)
{
    struct spring *quiet = spring_new(net_first, "spring%u", 4);
    struct crew crew;
    u64 turn = 0;
    s = spring_new(net_first, "spring%u", 64);
    s->whole = false;
    stop = 0;
    CHECK_EQ(napi_set_threaded(s->dev, threaded), 0);
    if (cpu_count() > 1)
        CHECK_EQ(rps_set(s->dev, 0, ~0ull >> (64 - cpu_count()), 0), 0);
    crew_start(&crew, cpu_count(), -1, TASK_NORMAL, spin);
    flow(s, ENDLESS);
    for (unsigned i = 0; i < 5; i++) { /* all of them come on again and again, and so do we */
        u64 packets = spring_ended(s);
        flow(quiet, 100);
        while (spring_ended(s) < packets + 10000 || spring_ended(quiet) != quiet->made || load_relaxed(&quiet->credit))
            task_sleep(NS_PER_MS);
        for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
            turn = load_relaxed(&turns[cpu]);
            while (load_relaxed(&turns[cpu]) < turn + 1000)
                task_sleep(NS_PER_MS);
        }
    }
    store_release(&stop, 1);
    crew_wait(&crew);
    spring_end(s);
    CHECK_EQ(spring_wrong(quiet), 0);
    settle(quiet);
    spring_end(quiet);
}

TEST(steer_flood_spinners_and_a_quiet_device)
{
    flood_beside_spinners(false);
}

TEST(steer_flood_in_a_task_beside_spinners)
{
    flood_beside_spinners(true);
}

/* ---- a packet at a time, thousands of times: a wake-up that is lost leaves it where it is ---- */

TEST(steer_no_wakeup_is_lost)
{
    s = spring_new(net_first, "spring%u", 16);
    CHECK_EQ(rps_set(s->dev, 0, ~0ull >> (64 - cpu_count()), 0), 0);
    for (u32 i = 1; i <= 20000; i++) {
        if (i == 10000)
            CHECK_EQ(napi_set_threaded(s->dev, true), 0);
        flow(s, 1);
        for (u32 turn = 0; spring_ended(s) != i; turn++)
            if (turn > 100)
                task_sleep(NS_PER_MS / 10);
    }
    CHECK_EQ(spring_wrong(s), 0);
    spring_end(s);
}

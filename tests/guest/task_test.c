/* Tasks: parking and waking without losing a wake, turns without starving anyone, ends without leaks. */
#include "kernel/page.h"
#include "kernel/softirq.h"
#include "kernel/task.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/string.h"
#include "lib/timer.h"
#include "tests/guest/crew.h"

TEST(task_wake_is_remembered)
{
    task_wake(task_self());
    CHECK(task_park(~0ull));
    u64 from = clock_ns();
    CHECK(!task_park(from + NS_PER_MS));
    CHECK_LE(NS_PER_MS, clock_ns() - from);
    CHECK(!task_park(from)); /* past already */
}

TEST(task_interrupt_wakes)
{
    task_interrupt(task_self());
    CHECK(task_interrupted());
    CHECK(task_park(~0ull));
    CHECK(task_interrupted());
    task_interrupt_clear();
    CHECK(!task_interrupted());
}

/* ---- wakes: two tasks that park for each other, on one CPU and on two ---- */

#define ROUNDS 5000

static struct {
    struct task *task[2];
    u32 turn, players, through;
} table;

static void plays(unsigned nr)
{
    unsigned i = atomic_add(&table.players, 1) - 1;
    store_release(&table.task[i], task_self());
    while (!load_acquire(&table.task[1 - i]))
        task_yield();
    for (unsigned n = 0; n < ROUNDS; n++) {
        while (load_acquire(&table.turn) % 2 != i)
            if (!task_park(clock_ns() + 5 * NS_PER_S)) {
                CHECK(!"a wake was lost");
                return;
            }
        store_release(&table.turn, table.turn + 1);
        task_wake(table.task[1 - i]);
    }
    atomic_add(&table.through, 1);
    while (load_acquire(&table.through) < 2) /* the other one's last wake is still to come: we must be there */
        task_yield();
}

static void play_on(int first, int second)
{
    struct crew c, d;
    table.task[0] = table.task[1] = NULL;
    table.turn = table.players = table.through = 0;
    crew_start(&c, 1, first, TASK_NORMAL, plays);
    crew_start(&d, 1, second, TASK_NORMAL, plays);
    crew_wait(&c);
    crew_wait(&d);
    CHECK_EQ(table.turn, 2 * ROUNDS);
}

TEST(task_wakes_on_one_cpu)
{
    play_on(0, 0);
}

TEST(task_wakes_across_cpus)
{
    if (cpu_count() < 2) {
        test_skip("one CPU");
        return;
    }
    play_on(0, 1);
}

/* Many wakers and timeouts at one sleeper: it never sleeps on with a wake behind it. */
static struct {
    struct task *sleeper;
    u32 work, stop;
} storm;

static void wakes(unsigned i)
{
    u64 x = i + 1;
    for (unsigned n = 0; n < 3000; n++) {
        atomic_add(&storm.work, 1);
        task_wake(storm.sleeper);
        x = x * 6364136223846793005ull + 1442695040888963407ull;
        if (x >> 60 == 0)
            task_sleep(x >> 40 & 0xffff);
    }
}

TEST(task_wake_storm)
{
    struct crew c;
    u32 done = 0, all = 3 * 3000;
    storm.sleeper = task_self();
    storm.work = 0;
    crew_start(&c, 3, -1, TASK_NORMAL, wakes);
    while (done < all) {
        u32 work = atomic_swap(&storm.work, 0);
        done += work;
        if (!work && !task_park(clock_ns() + 5 * NS_PER_S) && !load_acquire(&storm.work)) {
            CHECK(!"a wake was lost");
            break;
        }
    }
    crew_wait(&c);
    task_park(clock_ns()); /* what is left of remembered wakes */
    CHECK_EQ(done, all);
}

/* ---- spinners ---- */

static struct {
    u32 stop;
    u64 count[8];
} spin CACHE_ALIGNED;

static void spins(unsigned i)
{
    while (!load_relaxed(&spin.stop))
        spin.count[i]++;
}

static u32 ticks;

static void tick(struct timer *t)
{
    atomic_add(&ticks, 1);
    if (!load_relaxed(&spin.stop))
        timer_arm(t, clock_ns() + NS_PER_MS);
}

/* A task that spins for ever, of each priority, on this test's own CPU: the test, softirqs and timers go on. */
static void beside_spinner(int prio)
{
    struct crew c;
    struct timer t;
    spin.stop = 0;
    ticks = 0;
    crew_start(&c, 1, (int)cpu_id(), prio, spins);
    timer_init(&t, tick);
    timer_arm(&t, clock_ns() + NS_PER_MS);
    u64 from = clock_ns();
    unsigned turns = 0;
    while (clock_ns() - from < 300 * NS_PER_MS) {
        task_sleep(NS_PER_MS);
        turns++;
    }
    store_relaxed(&spin.stop, 1);
    crew_wait(&c);
    timer_cancel_wait(&t);
    CHECK_LE(5, turns);
    CHECK_LE(20, ticks);
}

TEST(task_spinner_low_stops_nobody)
{
    beside_spinner(TASK_LOW);
}

TEST(task_spinner_normal_stops_nobody)
{
    beside_spinner(TASK_NORMAL);
}

TEST(task_spinner_high_stops_nobody)
{
    beside_spinner(TASK_HIGH);
}

static u64 cpu_of[4];

static void note_time(const struct task_info *info, void *arg)
{
    unsigned *n = arg;
    if (str_eq(info->name, "crew") && *n < 4)
        cpu_of[(*n)++] = info->cpu_ns;
}

TEST(task_slices_are_fair)
{
    struct crew c;
    unsigned n = 0;
    spin.stop = 0;
    crew_start(&c, 3, (int)(cpu_count() - 1), TASK_NORMAL, spins);
    task_sleep(400 * NS_PER_MS);
    task_walk(note_time, &n);
    store_relaxed(&spin.stop, 1);
    crew_wait(&c);
    CHECK_EQ(n, 3);
    u64 most = 0, least = ~0ull;
    for (unsigned i = 0; i < n; i++) {
        most = max(most, cpu_of[i]);
        least = min(least, cpu_of[i]);
    }
    CHECK_LT(0, least);
    CHECK_LE(most, 3 * least); /* a host that lets the CPU wait meanwhile charges it to one of them */
}

static void spins_high(unsigned i)
{
    spins(7);
}

TEST(task_higher_goes_first)
{
    struct crew low, high;
    spin.stop = 0;
    spin.count[0] = spin.count[7] = 0;
    crew_start(&low, 1, (int)cpu_id(), TASK_LOW, spins);
    crew_start(&high, 1, (int)cpu_id(), TASK_HIGH, spins_high);
    task_sleep(400 * NS_PER_MS);
    store_relaxed(&spin.stop, 1);
    crew_wait(&low);
    crew_wait(&high);
    CHECK_LT(0, spin.count[0]); /* but the low one is not starved */
    CHECK_LT(5 * spin.count[0], spin.count[7]);
}

/* ---- ends ---- */

static void returns(unsigned i)
{
}

TEST(task_ends_leave_nothing)
{
    struct page_info before, after;
    crew_run(40, returns); /* what is kept for reuse is kept now */
    rcu_barrier();
    page_info(&before);
    for (unsigned i = 0; i < 5; i++)
        crew_run(40, returns);
    rcu_barrier();
    page_info(&after);
    CHECK_LE(before.free, after.free + 64);
}

static void find_self(const struct task_info *info, void *arg)
{
    if (info->id == task_id(task_self())) {
        *(unsigned *)arg += 1;
        CHECK_LT(info->stack_used, info->stack_size);
        CHECK_LT(0, info->stack_used);
        CHECK_EQ(info->state, TASK_RUNNING);
    }
}

TEST(task_walk_tells_of_me)
{
    unsigned found = 0;
    task_walk(find_self, &found);
    CHECK_EQ(found, 1);
    CHECK(task_find(task_id(task_self())) == task_self());
    CHECK(!task_find(0));
}

static void count_unbegun(const struct task_info *info, void *arg)
{
    if (!strncmp(info->name, "ksoftirqd/", 10) && !info->switches)
        ++*(unsigned *)arg;
}

/* Also of a CPU that was not there yet when its own was made ready: what is left to it would never be done. */
TEST(task_every_ksoftirqd_has_begun)
{
    unsigned unbegun = 0;
    task_sleep(10 * NS_PER_MS);
    task_walk(count_unbegun, &unbegun);
    CHECK_EQ(unbegun, 0);
}

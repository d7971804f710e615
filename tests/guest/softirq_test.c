/* Softirqs: run soon, never while they are off, on the CPU asked for; a flood of them shares the CPU with tasks. */
#include "kernel/softirq.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "tests/guest/crew.h"

static u32 ran, ran_on, flood;
static u64 flood_ns;

static void handler(void)
{
    atomic_add(&ran, 1);
    store_release(&ran_on, cpu_id() + 1);
    if (!(preempt_count() & SOFTIRQ_MASK))
        CHECK(!"outside of softirq context");
    if (load_relaxed(&flood)) { /* work that never ends */
        u64 end = clock_ns() + flood_ns;
        while (clock_ns() < end)
            cpu_pause();
        softirq_raise(SOFTIRQ_NET_RX);
    }
}

TEST(softirq_runs_at_once_or_when_on)
{
    softirq_fn *had = softirq_set(SOFTIRQ_NET_RX, handler);
    ran = flood = 0;
    softirq_raise(SOFTIRQ_NET_RX);
    CHECK_EQ(ran, 1);
    softirq_off();
    softirq_off();
    softirq_raise(SOFTIRQ_NET_RX);
    softirq_raise(SOFTIRQ_NET_RX);
    CHECK_EQ(ran, 1);
    softirq_on();
    CHECK_EQ(ran, 1);
    softirq_on();
    CHECK_EQ(ran, 2); /* raised twice, run once */
    CHECK_EQ(preempt_count(), 0);
    softirq_set(SOFTIRQ_NET_RX, had);
}

TEST(softirq_with_interrupts_off_comes_after)
{
    softirq_fn *had = softirq_set(SOFTIRQ_NET_RX, handler);
    ran = flood = 0;
    u64 flags = irq_save();
    softirq_raise(SOFTIRQ_NET_RX);
    CHECK_EQ(ran, 0);
    irq_restore(flags);
    for (unsigned i = 0; i < 1000 && !load_acquire(&ran); i++)
        task_sleep(NS_PER_MS);
    CHECK_EQ(ran, 1);
    softirq_set(SOFTIRQ_NET_RX, had);
}

TEST(softirq_raised_on_each_cpu)
{
    softirq_fn *had = softirq_set(SOFTIRQ_NET_RX, handler);
    flood = 0;
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
        store_release(&ran_on, 0);
        softirq_raise_on(cpu, SOFTIRQ_NET_RX);
        for (unsigned i = 0; i < 1000 && !load_acquire(&ran_on); i++)
            task_sleep(NS_PER_MS);
        CHECK_EQ(ran_on, cpu + 1);
    }
    softirq_set(SOFTIRQ_NET_RX, had);
}

static u64 worked;

static void works(unsigned i)
{
    u64 end = clock_ns() + 300 * NS_PER_MS;
    while (clock_ns() < end)
        worked++;
}

/* Packets without end on a CPU: its tasks still get their share, and so do the packets. */
TEST(softirq_flood_shares_the_cpu)
{
    struct crew c;
    unsigned cpu = cpu_count() - 1;
    u64 deferred = softirq_deferred(cpu);
    softirq_fn *had = softirq_set(SOFTIRQ_NET_RX, handler);
    ran = 0;
    worked = 0;
    flood_ns = 100 * NS_PER_US;
    store_relaxed(&flood, 1);
    softirq_raise_on(cpu, SOFTIRQ_NET_RX);
    u64 from = clock_ns();
    crew_start(&c, 1, (int)cpu, TASK_NORMAL, works);
    crew_wait(&c);
    u64 took = clock_ns() - from;
    store_relaxed(&flood, 0);
    task_sleep(20 * NS_PER_MS);
    CHECK_LT(0, worked);
    CHECK_LT(took, 5 * NS_PER_S); /* it got its turn, and not at the very end */
    CHECK_LE(100, ran);
    CHECK_LE(1, softirq_deferred(cpu) - deferred);
    softirq_set(SOFTIRQ_NET_RX, had);
}

static u32 enough;
static u64 spun[CPU_MAX];

static void spins(unsigned i)
{
    while (!load_acquire(&enough))
        store_relaxed(&spun[cpu_id()], spun[cpu_id()] + 1);
}

static bool all_went_on(const u64 was_spun[CPU_MAX], const u64 was_ran[CPU_MAX])
{
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        if (load_relaxed(&spun[cpu]) == was_spun[cpu] || softirq_count(SOFTIRQ_NET_RX, cpu) == was_ran[cpu])
            return false;
    return true;
}

/* On each CPU a softirq that raises itself for ever and a task that spins: both go on, and so do the console, which
 * takes more than its ring holds, and the task that writes to it, for as often as one looks. */
TEST(softirq_flood_spinner_and_console_go_on)
{
    u64 was_spun[CPU_MAX], was_ran[CPU_MAX];
    struct crew c;
    softirq_fn *had = softirq_set(SOFTIRQ_NET_RX, handler);
    flood_ns = 50 * NS_PER_US;
    store_release(&enough, 0);
    store_relaxed(&flood, 1);
    crew_start(&c, cpu_count(), -1, TASK_NORMAL, spins);
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        softirq_raise_on(cpu, SOFTIRQ_NET_RX);
    for (unsigned turn = 0; turn < 10; turn++) {
        for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
            was_spun[cpu] = load_relaxed(&spun[cpu]);
            was_ran[cpu] = softirq_count(SOFTIRQ_NET_RX, cpu);
        }
        unsigned tries = 0;
        while (!all_went_on(was_spun, was_ran) && tries++ < 2000)
            task_sleep(NS_PER_MS);
        CHECK_LT(tries, 2000);
        for (unsigned line = 0; line < 10; line++)
            console_write("# a flood, a spinner, and the console that tells of them\n", 57);
    }
    store_relaxed(&flood, 0);
    store_release(&enough, 1);
    crew_wait(&c);
    softirq_set(SOFTIRQ_NET_RX, had);
}

static void works_a_while(void)
{
    u64 end = clock_ns() + 200 * NS_PER_US;
    while (clock_ns() < end)
        cpu_pause();
}

TEST(softirq_time_is_counted)
{
    u64 rx = softirq_ns(SOFTIRQ_NET_RX, cpu_id()), tx = softirq_ns(SOFTIRQ_NET_TX, cpu_id());
    softirq_fn *had = softirq_set(SOFTIRQ_NET_RX, works_a_while);
    for (unsigned i = 0; i < 10; i++)
        softirq_raise(SOFTIRQ_NET_RX);
    softirq_set(SOFTIRQ_NET_RX, had);
    CHECK_LE(10 * 199 * NS_PER_US, softirq_ns(SOFTIRQ_NET_RX, cpu_id()) - rx);
    CHECK_EQ(softirq_ns(SOFTIRQ_NET_TX, cpu_id()), tx);
}

TEST(softirq_latency_is_counted)
{
    u64 bucket[SOFTIRQ_BUCKETS], before = 0, after = 0;
    softirq_fn *had = softirq_set(SOFTIRQ_NET_TX, works_a_while);
    softirq_latency(SOFTIRQ_NET_TX, cpu_id(), bucket);
    for (unsigned i = 0; i < SOFTIRQ_BUCKETS; i++)
        before += bucket[i];
    for (unsigned i = 0; i < 10; i++)
        softirq_raise(SOFTIRQ_NET_TX);
    softirq_set(SOFTIRQ_NET_TX, had);
    softirq_latency(SOFTIRQ_NET_TX, cpu_id(), bucket);
    for (unsigned i = 0; i < SOFTIRQ_BUCKETS; i++)
        after += bucket[i];
    CHECK_EQ(after - before, 10);
}

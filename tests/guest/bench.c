/* Figures of the machine itself, for tests/bench/guest.py: hidden tests (kernel/guest_test.c) that print a line each,
 *
 *     # bench NAME: N in T ns
 *
 * They are run under QEMU's -icount shift=0, where a nanosecond is one instruction, so T/N is instructions a round.
 * Where the machine halts between, the clock jumps: there the plugin counts from bench_from to bench_to
 * (tests/bench/insn.py).
 */
#include "kernel/smp.h"
#include "kernel/softirq.h"
#include "lib/check.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/timer.h"

#define ROUNDS 10000u

static void tell(const char *name, unsigned rounds, u64 ns)
{
    char line[96];
    console_write(line, fmt(line, sizeof(line), "# bench %s: %u in %llu ns\n", name, rounds, (unsigned long long)ns));
}

static void slab_rounds(const char *name, size_t size)
{
    mem_free(mem_alloc(size)); /* the magazine is warm */
    u64 began = clock_ns();
    for (unsigned i = 0; i < ROUNDS; i++) {
        void *p = mem_alloc(size);
        __asm__ volatile("" : "+r"(p)); /* it is used */
        mem_free(p);
    }
    tell(name, ROUNDS, clock_ns() - began);
}

TEST(selftest_bench_slab)
{
    slab_rounds("slab_64", 64);
    slab_rounds("slab_2048", 2048);
}

TEST(selftest_bench_pool)
{
    struct slab *s = slab_new("bench", 128);
    void *burst[64];

    slab_free(s, slab_alloc(s));
    u64 began = clock_ns();
    for (unsigned i = 0; i < ROUNDS; i++)
        slab_free(s, slab_alloc(s));
    tell("pool", ROUNDS, clock_ns() - began);
    began = clock_ns();
    for (unsigned i = 0; i < ROUNDS; i++)
        slab_free_bulk(s, burst, slab_alloc_bulk(s, burst, 32));
    tell("pool_bulk", ROUNDS * 32, clock_ns() - began);
    began = clock_ns();
    for (unsigned i = 0; i < ROUNDS; i++)
        slab_free_bulk(s, burst, slab_alloc_bulk(s, burst, 64)); /* more than a magazine holds */
    tell("pool_bulk_64", ROUNDS * 64, clock_ns() - began);
}

TEST(selftest_bench_page)
{
    page_free(page_alloc(0), 0);
    u64 began = clock_ns();
    for (unsigned i = 0; i < ROUNDS; i++)
        page_free(page_alloc(0), 0);
    tell("page", ROUNDS, clock_ns() - began);
}

static bool other_ended;

static void yield_for_ever(void *arg)
{
    while (!load_acquire((bool *)arg))
        task_yield();
    store_release(&other_ended, true);
}

TEST(selftest_bench_switch)
{
    static bool stop;
    struct task *t = task_start("other", yield_for_ever, &stop, TASK_NORMAL, (int)cpu_id());

    CHECK(t);
    task_yield();
    u64 began = clock_ns();
    for (unsigned i = 0; i < ROUNDS; i++)
        task_yield(); /* there and back: two changes */
    tell("switch", 2 * ROUNDS, clock_ns() - began);
    store_release(&stop, true);
    while (!load_acquire(&other_ended))
        task_sleep(NS_PER_MS);
}

/* ---- interrupts ---- */

static u32 ran;

static void count_run(void)
{
    ran++;
}

TEST(selftest_bench_softirq)
{
    softirq_set(SOFTIRQ_NET_TX, count_run);
    ran = 0;
    u64 began = clock_ns();
    for (unsigned i = 0; i < ROUNDS; i++)
        softirq_raise(SOFTIRQ_NET_TX);
    tell("softirq", ROUNDS, clock_ns() - began);
    CHECK_EQ(ran, ROUNDS);
}

/* A message to this CPU, which it takes at irq_restore: in, the end of interrupt, a softirq, out. */
TEST(selftest_bench_interrupt)
{
    softirq_set(SOFTIRQ_NET_TX, count_run);
    ran = 0;
    u64 began = clock_ns();
    for (unsigned i = 0; i < ROUNDS; i++) {
        u64 flags = irq_save();
        softirq_mark(SOFTIRQ_NET_TX);
        smp_kick(cpu_id());
        irq_restore(flags);
    }
    tell("interrupt", ROUNDS, clock_ns() - began);
    CHECK_EQ(ran, ROUNDS);
}

#define HALTS 1000u

void bench_from(void);
void bench_to(void);

NOINLINE void bench_from(void)
{
    __asm__ volatile("");
}

NOINLINE void bench_to(void)
{
    __asm__ volatile("");
}

static unsigned left;
static struct task *sleeper;

static void again(struct timer *t)
{
    if (left--)
        timer_arm(t, t->when + 100 * NS_PER_US);
    else
        task_wake(sleeper);
}

/* From the halt by the timer's interrupt into the wheel, where a timer fires and is armed anew, and back to the halt.
 */
TEST(selftest_bench_idle_timer)
{
    struct timer t;
    timer_init(&t, again);
    sleeper = task_self();
    left = HALTS;
    timer_arm(&t, clock_ns() + 100 * NS_PER_US);
    bench_from();
    task_park(~0ull);
    bench_to();
    tell("idle_timer", HALTS, 0);
}

/* A task sleeps, the CPU halts, the timer wakes both. */
TEST(selftest_bench_idle_sleep)
{
    task_sleep(NS_PER_MS);
    bench_from();
    for (unsigned i = 0; i < HALTS; i++)
        task_sleep(100 * NS_PER_US);
    bench_to();
    tell("idle_sleep", HALTS, 0);
}

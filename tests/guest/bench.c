/* Figures of the machine itself, for tests/bench/guest.py: hidden tests (kernel/guest_test.c) that print a line each,
 *
 *     # bench NAME: N in T ns
 *
 * They are run under QEMU's -icount shift=0, where a nanosecond is one instruction, so T/N is instructions a round.
 */
#include "lib/check.h"
#include "lib/fmt.h"
#include "lib/plat.h"

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

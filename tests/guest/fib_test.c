/* Routes change on one CPU while all look them up, in tasks and in softirqs: none ever meets half of a change. */
#include "lib/check.h"
#include "lib/plat.h"
#include "tests/guest/crew.h"
#include "tests/unit/net/ip/fib_torture.h"

static struct fib_table *table;
static u32 stop, looks, wrong;
static u64 softirq_seed;

static void look(u64 *seed)
{
    if (!fib_torture_look(table, seed))
        atomic_add(&wrong, 1);
}

static void reads(unsigned i)
{
    u64 seed = i;
    while (!load_relaxed(&stop)) {
        for (u32 n = 0; n < 64; n++)
            look(&seed);
        atomic_add(&looks, 64);
        if (seed % 4 == 0)
            softirq_raise(SOFTIRQ_NET_RX);
        if (seed % 32 == 1)
            task_sleep(seed >> 40 & 0xfff);
    }
}

static void softirq_reads(void)
{
    u64 seed = load_relaxed(&softirq_seed);
    for (u32 n = 0; n < 16; n++)
        look(&seed);
    store_relaxed(&softirq_seed, seed);
}

static void writes(unsigned i)
{
    for (u32 round = 0; round < 150; round++) {
        fib_torture_write(table, round);
        task_sleep(20 * NS_PER_US);
    }
}

TEST(fib_torture)
{
    struct crew readers, writer;
    stop = looks = wrong = 0;
    table = fib_torture_begin(net_first);
    softirq_fn *had = softirq_set(SOFTIRQ_NET_RX, softirq_reads);
    crew_start(&readers, 2 * cpu_count(), -1, TASK_NORMAL, reads);
    crew_start(&writer, 1, -1, TASK_NORMAL, writes);
    crew_wait(&writer);
    store_release(&stop, 1);
    crew_wait(&readers);
    softirq_set(SOFTIRQ_NET_RX, had);
    CHECK_EQ(wrong, 0);
    CHECK_LT(0, looks);
    CHECK(table->lpm.direct && table->lpm.wide);
    fib_torture_end(table);
    rcu_barrier();
}

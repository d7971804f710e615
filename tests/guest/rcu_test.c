/* RCU torture: readers on every CPU, in tasks and softirqs, against writers that replace and poison what is read. */
#include "kernel/rcu.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "tests/guest/crew.h"

#define MAGIC  0x1122334455667788ull
#define POISON 0xddddddddddddddddull

struct thing {
    struct rcu_head rcu;
    u64 magic;
    u64 copy;
};

static struct thing *shown; /* what readers see */
static u32 stop, freed, made, torn;

static void thing_free(struct rcu_head *h)
{
    struct thing *t = container_of(h, struct thing, rcu);
    t->magic = t->copy = POISON;
    mem_free(t);
    atomic_add(&freed, 1);
}

static struct thing *thing_new(u64 v)
{
    struct thing *t = mem_alloc(sizeof(*t));
    if (t)
        t->magic = MAGIC ^ v, t->copy = v;
    return t;
}

static void look(unsigned spins)
{
    rcu_enter();
    struct thing *t = load_acquire(&shown);
    for (unsigned i = 0; i < spins; i++)
        if ((load_relaxed(&t->magic) ^ load_relaxed(&t->copy)) != MAGIC)
            atomic_add(&torn, 1);
    rcu_exit();
}

static void reads(unsigned i)
{
    u64 x = i + 1;
    while (!load_relaxed(&stop)) {
        x = x * 6364136223846793005ull + 1442695040888963407ull;
        look(1 + (x >> 58));
        if (x >> 61 == 0)
            softirq_raise(SOFTIRQ_NET_RX);
        if (x >> 56 == 1)
            task_sleep(x >> 40 & 0xfff);
    }
}

static void softirq_reads(void)
{
    struct thing *t = load_acquire(&shown);
    for (unsigned i = 0; t && i < 20; i++)
        if ((load_relaxed(&t->magic) ^ load_relaxed(&t->copy)) != MAGIC)
            atomic_add(&torn, 1);
}

static void writes(unsigned i)
{
    for (unsigned n = 0; n < 3000; n++) {
        struct thing *t = thing_new((u64)n << 8 | i);
        if (!t)
            continue;
        struct thing *old = atomic_swap(&shown, t);
        rcu_defer(&old->rcu, thing_free);
        atomic_add(&made, 1);
        if (n % 256 == 0)
            rcu_barrier();
        if (n % 32 == 0)
            task_sleep(30 * NS_PER_US);
    }
}

TEST(rcu_torture)
{
    struct crew readers, writers;
    stop = freed = made = torn = 0;
    shown = thing_new(0);
    softirq_fn *had = softirq_set(SOFTIRQ_NET_RX, softirq_reads);
    crew_start(&readers, 2 * cpu_count(), -1, TASK_NORMAL, reads);
    crew_start(&writers, 2, -1, TASK_NORMAL, writes);
    crew_wait(&writers);
    store_release(&stop, 1);
    crew_wait(&readers);
    softirq_set(SOFTIRQ_NET_RX, had);
    rcu_barrier();
    CHECK_EQ(torn, 0);
    CHECK_LT(0, made);
    CHECK_EQ(freed, made);
    struct thing *last = atomic_swap(&shown, NULL);
    mem_free(last);
}

/* A reader on another CPU holds a grace period up, and nothing but that. */
static u32 reader_in, reader_out;
static struct rcu_head marker;
static u32 marker_seen;

static void marker_runs(struct rcu_head *h)
{
    store_release(&marker_seen, 1 + load_acquire(&reader_out));
}

static void holds(unsigned i)
{
    rcu_enter();
    store_release(&reader_in, 1);
    u64 end = clock_ns() + 30 * NS_PER_MS;
    while (clock_ns() < end)
        cpu_pause();
    store_release(&reader_out, 1);
    rcu_exit();
}

TEST(rcu_waits_for_a_reader)
{
    struct crew c;
    if (cpu_count() < 2) {
        test_skip("one CPU");
        return;
    }
    reader_in = reader_out = marker_seen = 0;
    crew_start(&c, 1, cpu_id() ? 0 : 1, TASK_NORMAL, holds);
    while (!load_acquire(&reader_in))
        task_yield();
    rcu_defer(&marker, marker_runs);
    rcu_barrier();
    CHECK_EQ(marker_seen, 2);
    crew_wait(&c);
}

/* A task that computes alone on its CPU passes no quiescent state by itself: it is asked. */
static void computes(unsigned i)
{
    while (!load_relaxed(&stop))
        compiler_fence();
}

TEST(rcu_is_not_held_up_by_a_spinner)
{
    struct crew c;
    stop = 0;
    crew_start(&c, cpu_count(), -1, TASK_LOW, computes);
    for (unsigned i = 0; i < 5; i++) {
        marker_seen = 0;
        rcu_defer(&marker, marker_runs);
        rcu_barrier();
        CHECK(marker_seen);
    }
    store_relaxed(&stop, 1);
    crew_wait(&c);
}

TEST(rcu_leaves_idle_cpus_asleep)
{
    struct rcu_stats before, after;
    task_sleep(20 * NS_PER_MS);
    rcu_stats(&before);
    for (unsigned i = 0; i < 20; i++) {
        rcu_defer(&marker, marker_runs);
        rcu_barrier();
    }
    rcu_stats(&after);
    CHECK_LE(20, after.run - before.run);
    CHECK_LE(after.forced - before.forced, 2);
    CHECK_EQ(after.waiting, 0);
}

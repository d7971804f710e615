/* The ground with several CPUs: in one thread here, in four under ThreadSanitizer, where these tests mean most. */
#include "host/host.h"
#include "host/test_smp.h"
#include "lib/check.h"
#include "lib/plat.h"

#define ROUNDS     2000
#define RCU_ROUNDS 20000

static unsigned counter;

static void count_atomically(void *arg)
{
    for (unsigned i = 0; i < ROUNDS; i++)
        atomic_add_relaxed(&counter, 1);
}

TEST(smp_atomics_lose_nothing)
{
    CHECK_LT(1, cpu_count());
    counter = 0;
    smp_run(count_atomically, NULL);
    CHECK_EQ(counter, ROUNDS * cpu_count());
}

static struct {
    struct spinlock lock;
    unsigned a, b; /* equal whenever the lock is free */
} pair;

static void change_pair(void *arg)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        u64 flags = spin_lock_irq(&pair.lock);
        CHECK_EQ(pair.a, pair.b);
        pair.a++;
        pair.b++;
        spin_unlock_irq(&pair.lock, flags);
        if (i % 64 == 0)
            smp_relax();
    }
}

TEST(smp_spin_lock_excludes)
{
    pair.a = pair.b = 0;
    smp_run(change_pair, NULL);
    CHECK_EQ(pair.a, ROUNDS * cpu_count());
}

static void meet(void *arg)
{
    unsigned *at = arg;
    for (unsigned i = 1; i <= 100; i++) {
        smp_barrier();
        at[cpu_id()] = i;
        smp_barrier();
        for (unsigned c = 0; c < cpu_count(); c++)
            CHECK_EQ(at[c], i);
    }
}

TEST(smp_barrier_keeps_all_together)
{
    unsigned at[CPU_MAX] = {0};
    smp_run(meet, at);
}

/* ---- wakes between CPUs: a token goes round, and none is lost ---- */

static struct ring_member {
    struct task *task;
    unsigned tokens; /* atomic */
} ring[4];

static void pass_token(void *arg)
{
    struct ring_member *me = arg, *next = &ring[(me - ring + 1) % 4];
    for (unsigned i = 0; i < 500; i++) {
        while (!load_acquire(&me->tokens))
            task_park(~0ull);
        atomic_sub(&me->tokens, 1);
        atomic_add(&next->tokens, 1);
        if (next != ring || i < 499) /* the first has ended by then */
            task_wake(next->task);
    }
}

TEST(smp_wakes_are_not_lost)
{
    for (unsigned i = 0; i < 4; i++)
        ring[i].tokens = 0;
    for (unsigned i = 0; i < 4; i++)
        ring[i].task = task_start("ring", pass_token, &ring[i], TASK_NORMAL, (int)(i % cpu_count()));
    atomic_add(&ring[0].tokens, 1); /* nobody reads the others' tasks before this */
    task_wake(ring[0].task);
    host_run();
    CHECK_EQ(host_tasks(NULL), 0);
    CHECK_EQ(ring[0].tokens, 1);
}

/* ---- softirqs raised on another CPU ---- */

static unsigned seen_on[CPU_MAX];

static void note_cpu(void)
{
    atomic_add_relaxed(&seen_on[cpu_id()], 1);
}

static void raise_everywhere(void *arg)
{
    for (unsigned i = 0; i < 100; i++)
        for (unsigned c = 0; c < cpu_count(); c++)
            softirq_raise_on(c, SOFTIRQ_NET_RX);
}

TEST(smp_softirq_runs_where_it_was_raised)
{
    softirq_set(SOFTIRQ_NET_RX, note_cpu);
    smp_run(raise_everywhere, NULL);
    host_run();
    for (unsigned c = 0; c < cpu_count(); c++)
        CHECK_LE(1, seen_on[c]);
    unsigned before = seen_on[1];
    softirq_raise_on(1, SOFTIRQ_NET_RX);
    host_run();
    CHECK_EQ(seen_on[1], before + 1);
    softirq_set(SOFTIRQ_NET_RX, NULL);
}

/* ---- RCU: readers never see what was freed, and everything is freed ---- */

struct version {
    struct rcu_head rcu;
    u64 value, twice; /* twice == 2 * value while it may be read */
};

static struct version *current_version;
static unsigned freed;

static void free_version(struct rcu_head *h)
{
    struct version *v = container_of(h, struct version, rcu);
    v->value = v->twice = 1;
    mem_free(v);
    atomic_add_relaxed(&freed, 1);
}

static struct version *new_version(u64 value)
{
    struct version *v = mem_alloc(sizeof(*v));
    if (v) {
        v->value = value;
        v->twice = 2 * value;
    }
    return v;
}

static void linger(void)
{
    for (unsigned i = 0; i < 30; i++)
        cpu_pause();
}

/* Each CPU reads all the time, lingering; CPU 0 and 1 replace as well. */
static void read_and_replace(void *arg)
{
    for (unsigned i = 0; i < RCU_ROUNDS; i++) {
        rcu_enter();
        struct version *v = load_acquire(&current_version);
        u64 value = v->value;
        rcu_enter(); /* readers nest */
        linger();
        CHECK_EQ(v->twice, 2 * value);
        rcu_exit();
        linger();
        CHECK_EQ(v->value, value);
        rcu_exit();
        if (cpu_id() < 2 && i % 8 == 0) {
            struct version *fresh = new_version(i + 2);
            struct version *old = atomic_swap(&current_version, fresh);
            rcu_defer(&old->rcu, free_version);
        }
        if (i % 16 == 15)
            smp_relax();
    }
}

TEST(smp_rcu_frees_nothing_that_is_read)
{
    freed = 0;
    current_version = new_version(1);
    smp_run(read_and_replace, NULL);
    rcu_barrier();
    CHECK_EQ(freed, RCU_ROUNDS / 8 * 2);
    mem_free(current_version);
}

static void defer_then_barrier(void *arg)
{
    unsigned *done = arg;
    for (unsigned i = 0; i < 50; i++) {
        struct version *v = new_version(1);
        rcu_defer(&v->rcu, free_version);
        rcu_barrier();
    }
    atomic_add(done, 1);
}

TEST(smp_rcu_barriers_on_all_cpus_at_once)
{
    unsigned done = 0;
    freed = 0;
    smp_run(defer_then_barrier, &done);
    CHECK_EQ(done, cpu_count());
    CHECK_EQ(freed, 50 * cpu_count());
}

/* ---- virtual time stands still until all CPUs are idle ---- */

static void sleep_by_cpu(void *arg)
{
    u64 *woke = arg;
    for (unsigned i = 1; i <= 20; i++) {
        u64 at = clock_ns();
        task_sleep(10 + cpu_id());
        CHECK_EQ(clock_ns(), at + 10 + cpu_id());
    }
    woke[cpu_id()] = clock_ns();
}

TEST(smp_virtual_time_is_one)
{
    u64 woke[CPU_MAX] = {0};
    for (unsigned i = 0; i < cpu_count(); i++)
        CHECK(task_start("sleeper", sleep_by_cpu, woke, TASK_NORMAL, (int)i) != NULL);
    host_clock_advance(1000);
    CHECK_EQ(clock_ns(), 1000);
    for (unsigned i = 0; i < cpu_count(); i++)
        CHECK_EQ(woke[i], 20 * (10 + i));
}

/* ---- memory from all CPUs ---- */

static void allocate(void *arg)
{
    for (unsigned i = 1; i < 200; i++) {
        u8 *p = mem_alloc(i), *page = page_alloc(0);
        if (!p || !page)
            panic("no memory");
        p[i - 1] = page[4095] = (u8)i;
        mem_free(p);
        page_free(page, 0);
    }
}

TEST(smp_memory_is_accounted_for)
{
    size_t live = host_mem_live();
    smp_run(allocate, NULL);
    CHECK_EQ(host_mem_live(), live);
}

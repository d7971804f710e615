/* The run queue over made-up time: who gets how much, and how long anyone waits. */
#include "kernel/runq.h"
#include "lib/check.h"

struct sim_task {
    struct runq_node n;
    u64 run_ns;   /* works so long, */
    u64 sleep_ns; /* then sleeps so long; 0: spins for ever */
    u64 left, wake_at, got, ready_at, wait_max;
    bool ready, asleep;
};

static void make_ready(struct runq *q, struct sim_task *t, bool woken, u64 now)
{
    t->ready = true;
    t->asleep = false;
    t->ready_at = now;
    runq_add(q, &t->n, woken, now);
}

static struct sim_task *run_next(struct runq *q, struct sim_task *cur, u64 now)
{
    if (cur) {
        cur->ready = true;
        cur->ready_at = now;
    }
    struct runq_node *n = runq_change(q, cur ? RUNQ_BACK : RUNQ_GONE, now);
    CHECK_EQ(q->look, runq_deadline(q, now)); /* the short way says the same */
    struct sim_task *t = n ? container_of(n, struct sim_task, n) : NULL;
    if (t) {
        t->ready = false;
        t->wait_max = max(t->wait_max, now - t->ready_at);
    }
    return t;
}

/* Steps from event to event: a deadline of the queue, a wake-up, an end of work. */
static void simulate(struct sim_task *t, unsigned n, u64 end)
{
    struct runq q = {0};
    struct sim_task *cur = NULL;
    u64 now = 0;
    for (unsigned i = 0; i < n; i++) {
        t[i].left = t[i].run_ns;
        make_ready(&q, &t[i], true, 0);
    }
    unsigned steps = 0;
    while (now < end && ++steps < 3000000) {
        if (!cur || runq_due(&q, now))
            cur = run_next(&q, cur, now);
        u64 next = cur ? runq_deadline(&q, now) : ~0ull;
        if (cur && cur->sleep_ns)
            next = min(next, now + cur->left);
        for (unsigned i = 0; i < n; i++)
            if (t[i].asleep)
                next = min(next, t[i].wake_at);
        next = min(next, end);
        CHECK(next > now || next == end);
        if (cur) {
            cur->got += next - now;
            cur->left -= min(cur->left, next - now);
        }
        now = next;
        if (cur && cur->sleep_ns && !cur->left) {
            cur->asleep = true;
            cur->wake_at = now + cur->sleep_ns;
            cur->left = cur->run_ns;
            cur = NULL;
        }
        for (unsigned i = 0; i < n; i++)
            if (t[i].asleep && t[i].wake_at <= now)
                make_ready(&q, &t[i], true, now);
    }
    CHECK(now >= end);
}

#define SPIN(p)             \
    {                       \
        .n = {.prio = (p) } \
    }
#define NAP(p, run, sleep_)                                       \
    {                                                             \
        .n = {.prio = (p)}, .run_ns = (run), .sleep_ns = (sleep_) \
    }

TEST(runq_equal_shares)
{
    struct sim_task t[] = {SPIN(1), SPIN(1), SPIN(1), SPIN(1)};
    simulate(t, 4, NS_PER_S);
    for (unsigned i = 0; i < 4; i++) {
        CHECK_LE(245 * NS_PER_MS, t[i].got);
        CHECK_LE(t[i].got, 255 * NS_PER_MS);
        CHECK_LE(t[i].wait_max, 20 * NS_PER_MS);
    }
}

TEST(runq_high_leaves_a_sixth)
{
    struct sim_task t[] = {SPIN(0), SPIN(1)};
    simulate(t, 2, 10 * NS_PER_S);
    CHECK_LE(1500 * NS_PER_MS, t[1].got);
    CHECK_LE(t[1].got, 1800 * NS_PER_MS);
    CHECK_LE(t[1].wait_max, 30 * NS_PER_MS);
    CHECK_LE(t[0].wait_max, 5 * NS_PER_MS);
}

TEST(runq_all_three)
{
    struct sim_task t[] = {SPIN(0), SPIN(1), SPIN(2)};
    simulate(t, 3, 10 * NS_PER_S);
    CHECK_LE(6 * NS_PER_S, t[0].got);
    CHECK_LE(1200 * NS_PER_MS, t[1].got);
    CHECK_LE(300 * NS_PER_MS, t[2].got);
    CHECK_LE(t[2].wait_max, 120 * NS_PER_MS);
}

/* A HIGH task that sleeps for moments must not keep NORMAL from its part by waking again at once. */
TEST(runq_naps_do_not_starve)
{
    struct sim_task t[] = {NAP(0, 10 * NS_PER_MS, NS_PER_US), SPIN(1)};
    simulate(t, 2, 5 * NS_PER_S);
    CHECK_LE(700 * NS_PER_MS, t[1].got);
    CHECK_LE(3500 * NS_PER_MS, t[0].got);
}

TEST(runq_waker_goes_soon)
{
    struct sim_task t[] = {SPIN(1), SPIN(1), NAP(1, 100 * NS_PER_US, 10 * NS_PER_MS),
                           NAP(0, 50 * NS_PER_US, 7 * NS_PER_MS)};
    simulate(t, 4, 5 * NS_PER_S);
    CHECK_LE(t[2].wait_max, 5 * NS_PER_MS);
    CHECK_LE(t[3].wait_max, 1 * NS_PER_MS);
    CHECK_LE(40 * NS_PER_MS, t[2].got);
}

/* One that ran alone for long is not shut out by one that slept meanwhile. */
TEST(runq_no_debt_of_long_ago)
{
    struct sim_task t[] = {SPIN(1), NAP(1, 2 * NS_PER_S, 10 * NS_PER_S)};
    simulate(t, 2, 20 * NS_PER_S);
    CHECK_LE(t[0].wait_max, 10 * NS_PER_MS);
}

TEST(runq_random_mixtures)
{
    for (unsigned round = 0; round < 200; round++) {
        struct sim_task t[12];
        unsigned n = 2 + (unsigned)(test_rand() % 11);
        for (unsigned i = 0; i < n; i++) {
            bool spins = test_rand() % 2;
            t[i] = (struct sim_task){.n = {.prio = (u8)(test_rand() % 3)},
                                     .run_ns = NS_PER_US + test_rand() % (20 * NS_PER_MS),
                                     .sleep_ns = spins ? 0 : 1 + test_rand() % (5 * NS_PER_MS)};
        }
        simulate(t, n, NS_PER_S);
        for (unsigned i = 0; i < n; i++) {
            u64 bound = t[i].n.prio == 2 ? 1200 * NS_PER_MS : 400 * NS_PER_MS;
            CHECK_LT(t[i].wait_max, bound);
            CHECK_LT(0, t[i].got);
        }
    }
}

/* Who yields lets another of its priority go first, and none of a lower one; nobody is left out. */
TEST(runq_yield_goes_round)
{
    struct runq q = {0};
    struct runq_node n[4] = {{.prio = 1}, {.prio = 1}, {.prio = 1}, {.prio = 2}};
    unsigned turns[4] = {0};
    for (unsigned i = 0; i < 4; i++)
        runq_add(&q, &n[i], true, 0);
    struct runq_node *cur = runq_change(&q, RUNQ_GONE, 0);
    for (u64 now = 1; now <= 3000; now++) {
        struct runq_node *last = cur;
        turns[cur - n]++;
        cur = runq_change(&q, RUNQ_YIELD, now);
        CHECK(cur != last);
    }
    CHECK_EQ(turns[3], 0);
    for (unsigned i = 0; i < 3; i++) {
        CHECK_LE(500, turns[i]);
        CHECK_LE(turns[i], 2000);
    }
    for (unsigned i = 1; i < 3; i++) /* alone it stays */
        CHECK(runq_change(&q, RUNQ_GONE, 3000) != NULL);
    CHECK(runq_change(&q, RUNQ_YIELD, 3001) != &n[3]);
}

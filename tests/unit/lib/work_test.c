/* lib/work.c: who came first is served first, nobody twice, and nobody is lost when many come from everywhere. */
#include "host/host.h"
#include "host/test_smp.h"
#include "lib/check.h"
#include "lib/work.h"

#define MANY  64
#define TURNS 500

static struct job {
    struct work work;
    int name;
} jobs[MANY];
static int order[MANY];
static int ran;

static void note(struct work *w)
{
    order[ran++] = container_of(w, struct job, work)->name;
}

static struct work *job(int name, void (*fn)(struct work *w))
{
    work_init(&jobs[name].work, fn);
    jobs[name].name = name;
    return &jobs[name].work;
}

TEST(work_runs_in_the_order_it_came)
{
    work_start();
    ran = 0;
    softirq_off();
    for (int i = 0; i < 5; i++)
        work_raise(SOFTIRQ_NET_TX, job(i, note));
    work_raise(SOFTIRQ_NET_TX, &jobs[2].work); /* it is entered already */
    CHECK_EQ(ran, 0);
    softirq_on();
    CHECK_EQ(ran, 5);
    for (int i = 0; i < 5; i++)
        CHECK_EQ(order[i], i);
}

static void note_and_again(struct work *w)
{
    note(w);
    if (ran < 4)
        work_raise(SOFTIRQ_NET_TX, w);
}

TEST(work_may_raise_itself)
{
    work_start();
    ran = 0;
    softirq_off();
    work_raise(SOFTIRQ_NET_TX, job(0, note_and_again));
    work_raise(SOFTIRQ_NET_TX, job(1, note));
    softirq_on();
    CHECK_EQ(ran, 4);
    CHECK_EQ(order[1], 1); /* behind who was there before */
    CHECK_EQ(order[3], 0);
}

TEST(work_cancelled_does_not_run_and_the_others_keep_their_order)
{
    work_start();
    ran = 0;
    softirq_off();
    for (int i = 0; i < 5; i++)
        work_raise(SOFTIRQ_NET_TX, job(i, note));
    work_cancel(&jobs[3].work);
    work_cancel(&jobs[0].work);
    work_cancel(&jobs[0].work);
    softirq_on();
    CHECK_EQ(ran, 3);
    CHECK_EQ(order[0], 1);
    CHECK_EQ(order[1], 2);
    CHECK_EQ(order[2], 4);
    softirq_off();
    work_raise(SOFTIRQ_NET_TX, &jobs[3].work); /* it is not entered any more */
    softirq_on();
    CHECK_EQ(ran, 4);
}

TEST(work_taken_is_the_takers)
{
    softirq_off();
    for (int i = 0; i < 3; i++)
        work_add(cpu_id(), SOFTIRQ_NET_RX, job(i, note));
    const struct work *w = work_take(SOFTIRQ_NET_RX);
    for (int i = 0; i < 3; i++, w = w->next)
        CHECK(w == &jobs[i].work);
    CHECK(!w);
    CHECK(!work_take(SOFTIRQ_NET_RX));
    softirq_on();
}

/* ---- from everywhere ---- */

static struct work theirs[CPU_MAX][TURNS];
static u32 taken;

static void take_all(void)
{
    for (struct work *w = work_take(SOFTIRQ_NET_RX); w; w = w->next)
        atomic_add_relaxed(&taken, 1);
}

static void add_everywhere(void *arg)
{
    for (unsigned i = 0; i < TURNS; i++)
        work_add(i % cpu_count(), SOFTIRQ_NET_RX, &theirs[cpu_id()][i]);
}

TEST(smp_work_is_not_lost)
{
    taken = 0;
    softirq_set(SOFTIRQ_NET_RX, take_all);
    smp_run(add_everywhere, NULL);
    host_run();
    CHECK_EQ(taken, TURNS * cpu_count());
    softirq_set(SOFTIRQ_NET_RX, NULL);
}

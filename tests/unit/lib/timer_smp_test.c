/* Timers that all CPUs arm and cancel: each life of a timer ends once, by firing or by being cancelled. */
#include "host/host.h"
#include "host/test_smp.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/timer.h"

#define TIMERS 32
#define ROUNDS 1500

static struct shared {
    struct spinlock owner; /* serialises arm and cancel, as the contract wants it */
    struct timer timer;
    u64 armed, cancelled; /* owner */
    u64 fired;            /* atomic */
    u64 when;             /* atomic: the earliest that its present life may end by firing */
} shared[TIMERS];

static void fires(struct timer *t)
{
    struct shared *s = container_of(t, struct shared, timer);
    CHECK_LE(load_acquire(&s->when), clock_ns());
    atomic_add(&s->fired, 1);
}

static u64 next_rand(u64 *state)
{
    *state = *state * 6364136223846793005 + 1442695040888963407;
    return *state >> 33;
}

static void arm_and_cancel(void *arg)
{
    u64 state = cpu_id() + 1;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct shared *s = &shared[next_rand(&state) % TIMERS];
        u64 ns = next_rand(&state) % (NS_PER_MS << next_rand(&state) % 8), what = next_rand(&state) % 8;
        softirq_off();
        spin_lock(&s->owner);
        s->cancelled += timer_cancel_wait(&s->timer);
        if (what) {
            s->armed++;
            store_release(&s->when, clock_ns() + ns);
            timer_arm(&s->timer, clock_ns() + ns);
        }
        spin_unlock(&s->owner);
        softirq_on();
        if (what == 1)
            task_sleep(ns / 4);
    }
}

TEST(smp_timers_end_each_life_once)
{
    for (unsigned i = 0; i < TIMERS; i++)
        timer_init(&shared[i].timer, fires);
    smp_run(arm_and_cancel, NULL);
    host_clock_advance(NS_PER_S);
    u64 fired = 0;
    for (unsigned i = 0; i < TIMERS; i++) {
        CHECK_EQ(shared[i].armed, shared[i].fired + shared[i].cancelled);
        CHECK(!timer_pending(&shared[i].timer));
        fired += shared[i].fired;
    }
    CHECK_LT(100, fired); /* both ends are met often */
    CHECK_EQ(host_clock_next(), ~0ull);
}

/* ---- freed right after timer_cancel_wait, by a CPU that it may be running on or not ---- */

struct brief {
    struct timer timer;
    u64 magic;
};

#define MAGIC 0x6272696566

static void checks_magic(struct timer *t)
{
    CHECK_EQ(container_of(t, struct brief, timer)->magic, MAGIC);
}

static struct brief *handed[CPU_MAX]; /* atomic: armed by one CPU, taken down by the next */

static void take_down(struct brief *b)
{
    if (!b)
        return;
    timer_cancel_wait(&b->timer);
    b->magic = 0;
    mem_free(b);
}

static void arm_and_hand_on(void *arg)
{
    unsigned next = (cpu_id() + 1) % cpu_count();
    for (unsigned i = 0; i < ROUNDS / 4; i++) {
        struct brief *b = mem_alloc(sizeof(*b));
        if (!b)
            panic("no memory");
        b->magic = MAGIC;
        timer_init(&b->timer, checks_magic);
        timer_arm(&b->timer, clock_ns() + i % 3);
        take_down(atomic_swap(&handed[next], b));
        take_down(atomic_swap(&handed[cpu_id()], NULL));
        if (i % 4 == 0)
            task_sleep(2);
    }
}

TEST(smp_timers_are_freed_after_cancel_wait)
{
    smp_run(arm_and_hand_on, NULL);
    for (unsigned i = 0; i < cpu_count(); i++)
        take_down(handed[i]);
}

/* ---- one that arms itself anew each time, at once: after timer_cancel_wait it neither runs nor is pending ---- */

static struct {
    struct timer timer;
    bool running;            /* atomic */
    u32 left;                /* how often it goes on */
    u32 round, begun, ended; /* atomic: rounds */
} again;

static void goes_on(struct timer *t)
{
    store_release(&again.running, true);
    store_release(&again.begun, load_acquire(&again.round));
    if (again.left && again.left--)
        timer_arm(t, clock_ns());
    store_release(&again.running, false);
}

static void cancel_what_goes_on(void *arg)
{
    for (u32 i = 1; i <= ROUNDS; i++) {
        smp_barrier();
        if (cpu_id() == 0) {
            store_release(&again.round, i);
            again.left = 500;
            timer_arm(&again.timer, clock_ns());
        }
        while (cpu_id() == 1 && load_acquire(&again.begun) < i)
            smp_relax();
        if (cpu_id() == 1) {
            timer_cancel_wait(&again.timer);
            CHECK(!load_acquire(&again.running));
            CHECK(!timer_pending(&again.timer));
            store_release(&again.ended, i);
        }
        while (load_acquire(&again.ended) < i)
            smp_relax();
    }
}

TEST(smp_timers_that_arm_themselves_end_by_cancel_wait)
{
    timer_init(&again.timer, goes_on);
    smp_run(cancel_what_goes_on, NULL);
}

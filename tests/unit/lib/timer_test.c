/* lib/timer.c against a plain array of times: whatever is armed, armed anew, cancelled and advanced, exactly what is
 * due fires, once, in time and never early. */
#include "host/host.h"
#include "host/test_smp.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/string.h"
#include "lib/timer.h"

#define TIMERS 300
#define TICK   16384ull

struct probe {
    struct timer t;
    u64 due;   /* what the model knows; ~0: not pending */
    u64 fired; /* how often in this advance */
    u64 order; /* number in the sequence of firings */
};

static struct probe probes[TIMERS];
static u64 now, fired_total;
static u64 last_when; /* of the timer that fired last in this run */
static bool in_order;

static void probe_fires(struct timer *t)
{
    struct probe *p = container_of(t, struct probe, t);

    CHECK_LE(p->due, now); /* never early, and never when it is not pending */
    if (p->due < last_when)
        in_order = false;
    last_when = p->due;
    p->due = ~0ull;
    p->fired++;
    p->order = fired_total++;
}

static void start(void)
{
    CHECK_EQ(timer_cpu_start(cpu_id()), 0);
    memset(probes, 0, sizeof(probes));
    for (unsigned i = 0; i < TIMERS; i++) {
        timer_init(&probes[i].t, probe_fires);
        probes[i].due = ~0ull;
    }
    now = 0;
    fired_total = 0;
}

static void finish(void)
{
    for (unsigned i = 0; i < TIMERS; i++)
        timer_cancel(&probes[i].t);
    CHECK(timer_next() == ~0ull);
    CHECK_EQ(timer_cpu_start(cpu_id()), 0);
}

static void arm(struct probe *p, u64 when)
{
    timer_arm(&p->t, when);
    p->due = min(when, TIMER_MAX);
}

static u64 least_due(void)
{
    u64 least = ~0ull;
    for (unsigned i = 0; i < TIMERS; i++)
        least = min(least, probes[i].due);
    return least;
}

/* Runs the wheel at `to`; afterwards nothing due may be left, but for a crowd within the running tick. */
static void advance(u64 to, unsigned budget)
{
    now = to;
    in_order = true;
    last_when = 0;
    while (timer_run(now, budget))
        last_when = 0; /* runs cut short may begin anew with what was armed meanwhile */
    for (unsigned i = 0; i < TIMERS; i++)
        if (probes[i].due != ~0ull && probes[i].due <= now)
            CHECK(probes[i].due / TICK == now / TICK); /* a crowd: at its tick's end */
}

/* Spans from nothing to years, all magnitudes alike. */
static u64 random_span(void)
{
    return test_rand() & ((1ull << test_rand() % 48) - 1);
}

TEST(timer_random_operations)
{
    start();
    for (int op = 0; op < 1000000; op++) {
        u64 to;
        struct probe *p = &probes[test_rand() % TIMERS];
        switch (test_rand() % 8) {
        case 0:
            CHECK_EQ(timer_cancel(&p->t), p->due != ~0ull);
            p->due = ~0ull;
            break;
        case 1: /* from alarm to alarm */
            to = min(timer_next(), now + NS_PER_S);
            advance(max(now, to), 1 + (unsigned)(test_rand() % 50));
            CHECK(timer_next() <= least_due() || timer_next() <= (now / TICK + 1) * TICK);
            break;
        case 2: /* or by a leap */
            if (test_rand() % 16 == 0)
                advance(now + random_span(), 1 + (unsigned)(test_rand() % 50));
            break;
        default: arm(p, now + random_span()); break;
        }
        CHECK_EQ(timer_pending(&p->t), p->due != ~0ull);
    }
    finish();
}

/* Followed alarm by alarm, a wheel with few timers fires each exactly at its time, in order. */
TEST(timer_is_exact)
{
    start();
    for (int round = 0; round < 2000; round++) {
        for (unsigned i = 0; i < 40; i++)
            arm(&probes[i], now + random_span());
        for (unsigned i = 0; i < 40; i += 3)
            arm(&probes[i], probes[i].due + random_span()); /* pushed back */
        for (int steps = 0; steps < 40; steps++) {
            u64 due = least_due(), next = timer_next();
            CHECK(next == due);
            if (due == ~0ull)
                break;
            u64 before = fired_total;
            advance(due, 1000);
            CHECK(fired_total > before && in_order);
        }
    }
    finish();
}

TEST(timer_same_time_keeps_order_of_arming)
{
    start();
    for (u64 round = 0; round < 50; round++) {
        u64 when = now + 1 + random_span();
        u64 first = fired_total;
        for (unsigned i = 0; i < 60; i++)
            arm(&probes[(i * 7) % 60], when);
        advance(when - 1, 1000);
        CHECK_EQ(fired_total, first);
        advance(when, 1000);
        for (unsigned i = 0; i < 60; i++)
            CHECK_EQ(probes[(i * 7) % 60].order, first + i);
    }
    finish();
}

/* A crowd in one tick is late by no more than the tick, and the look for the next alarm is bounded. */
/* Armed for the same time from afar, when it is near, and at any distance between. */
TEST(timer_same_time_keeps_order_from_any_distance)
{
    start();
    for (unsigned round = 0; round < 200; round++) {
        u64 when = now + 40 * NS_PER_MS + test_rand() % NS_PER_MS, step = 40 * NS_PER_MS / TIMERS;
        u64 before = fired_total;
        for (unsigned i = 0; i < TIMERS; i++) {
            arm(&probes[i], when);
            advance(now + step - 1, 1 + (unsigned)(test_rand() % 5));
        }
        advance(when, 1000);
        advance((when / TICK + 1) * TICK, 1000); /* what was too much for the tick itself */
        for (unsigned i = 0; i < TIMERS; i++)
            CHECK_EQ(probes[i].order, before + i);
    }
    finish();
}

TEST(timer_crowd_in_a_tick)
{
    start();
    for (unsigned i = 0; i < TIMERS; i++)
        arm(&probes[i], 100 * TICK + test_rand() % TICK);
    u64 steps = 0;
    while (fired_total < TIMERS && steps++ < 2 * TIMERS)
        advance(max(now + 1, timer_next()), 1000);
    CHECK_EQ(fired_total, TIMERS);
    CHECK_LE(now, 101 * TICK);
    finish();
}

TEST(timer_budget_bounds_a_run)
{
    start();
    for (unsigned i = 0; i < TIMERS; i++)
        arm(&probes[i], 5 * NS_PER_S + i);
    now = 6 * NS_PER_S;
    unsigned runs = 0;
    u64 before = 0;
    while (timer_run(now, 10)) {
        CHECK_LE(fired_total - before, 10);
        before = fired_total;
        CHECK(++runs < 10 * TIMERS / 10);
        CHECK(timer_next() <= now); /* so that an alarm would come at once */
    }
    CHECK_EQ(fired_total, TIMERS);
    CHECK(timer_next() == ~0ull);
    finish();
}

static struct timer again;
static unsigned again_count;

static void arms_itself(struct timer *t)
{
    if (++again_count < 1000)
        timer_arm(t, now); /* due at once: only the budget ends the run */
}

TEST(timer_that_arms_itself_cannot_hold_the_cpu)
{
    start();
    again_count = 0;
    timer_init(&again, arms_itself);
    now = NS_PER_S;
    timer_arm(&again, now);
    CHECK(timer_run(now, 10));
    CHECK_LE(again_count, 10);
    while (timer_run(now, 10))
        ;
    CHECK_EQ(again_count, 1000);
    finish();
}

static void cancels_others(struct timer *t)
{
    (void)t;
    for (unsigned i = 0; i < TIMERS; i++) {
        CHECK_EQ(timer_cancel(&probes[i].t), probes[i].due != ~0ull);
        probes[i].due = ~0ull;
    }
    arm(&probes[3], now + 7);
}

TEST(timer_callback_may_cancel_and_arm_others)
{
    for (u64 when = 1000; when < 1ull << 40; when *= 37) {
        start();
        timer_init(&again, cancels_others);
        timer_arm(&again, when);
        for (unsigned i = 0; i < 50; i++)
            arm(&probes[i], when + i);
        advance(when + 49, 1000);
        CHECK_EQ(fired_total, 0);
        advance(when + 57, 1000);
        CHECK_EQ(fired_total, 1);
        finish();
    }
}

static void frees_itself(struct timer *t)
{
    mem_free(t);
    fired_total++;
}

TEST(timer_callback_may_free_its_timer)
{
    start();
    for (unsigned i = 0; i < 100; i++) {
        struct timer *t = mem_alloc(sizeof(*t));
        timer_init(t, frees_itself);
        timer_arm(t, i * 3000);
    }
    now = NS_PER_S;
    while (timer_run(now, 7))
        ;
    CHECK_EQ(fired_total, 100);
    finish();
}

TEST(timer_ends_of_time)
{
    start();
    arm(&probes[0], 0); /* long past */
    arm(&probes[1], ~0ull);
    arm(&probes[2], TIMER_MAX - 1);
    CHECK_EQ(timer_next(), 0);
    advance(0, 10);
    CHECK_EQ(fired_total, 1);
    CHECK(timer_next() == TIMER_MAX - 1);
    arm(&probes[3], 5); /* past, armed when the wheel is further */
    advance(NS_PER_S, 10);
    CHECK_EQ(fired_total, 2);
    arm(&probes[4], 17);
    CHECK_LE(timer_next(), NS_PER_S);
    advance(NS_PER_S, 10);
    CHECK_EQ(fired_total, 3);
    advance(TIMER_MAX - 2, 10);
    CHECK_EQ(fired_total, 3);
    advance(TIMER_MAX - 1, 10);
    CHECK_EQ(fired_total, 4);
    CHECK(timer_cancel_wait(&probes[1].t));
    probes[1].due = ~0ull;
    finish();
}

/* The idle machine: one alarm for one timer, however far away. */
TEST(timer_far_timer_costs_one_alarm)
{
    start();
    arm(&probes[0], 3600 * NS_PER_S + 12345);
    arm(&probes[1], 7200 * NS_PER_S + 99);
    arm(&probes[2], 7200 * NS_PER_S + 99);
    unsigned alarms = 0;
    while (timer_next() != ~0ull) {
        alarms++;
        advance(timer_next(), 100);
    }
    CHECK_EQ(alarms, 2);
    CHECK_EQ(fired_total, 3);
    finish();
}

static u64 fired_at[3];

static void notes_time(struct timer *t)
{
    fired_at[fired_total++ % 3] = clock_ns();
    if (fired_total < 3)
        timer_arm(t, clock_ns() + NS_PER_MS + fired_total);
}

/* Under the platform's own alarm and softirq, in virtual time. */
TEST(timer_follows_the_clock)
{
    struct timer t;

    fired_total = 0;
    timer_init(&t, notes_time);
    u64 at = clock_ns() + 12345;
    timer_arm(&t, at);
    CHECK(host_clock_next() == at);
    host_clock_advance(12344);
    CHECK_EQ(fired_total, 0);
    host_clock_advance(1);
    CHECK_EQ(fired_total, 1);
    host_clock_advance(10 * NS_PER_MS);
    CHECK_EQ(fired_total, 3);
    CHECK_EQ(fired_at[0], at);
    CHECK_EQ(fired_at[1], at + NS_PER_MS + 1);
    CHECK_EQ(fired_at[2], at + 2 * NS_PER_MS + 3);
    CHECK(!timer_pending(&t));
}

/* ---- each CPU arms its own, and cancels those of the next ---- */

#define EACH   8
#define ROUNDS 400

static struct shared_timer {
    struct timer t;
    struct spinlock lock; /* arming and cancelling are the owner's to serialise: here the owner is a lock */
    u32 fired, armed, cancelled;
} shared[4][EACH];

static void shared_fires(struct timer *t)
{
    struct shared_timer *s = container_of(t, struct shared_timer, t);
    CHECK_LE(t->when, clock_ns());
    atomic_add(&s->fired, 1);
}

static void arm_and_cancel(void *arg)
{
    unsigned me = cpu_id() % 4, other = (me + 1) % 4;
    for (u64 round = 0; round < ROUNDS; round++) {
        struct shared_timer *mine = &shared[me][round % EACH], *theirs = &shared[other][round * 3 % EACH];
        spin_lock(&mine->lock);
        mine->cancelled += timer_cancel_wait(&mine->t);
        mine->armed++;
        timer_arm(&mine->t, clock_ns() + round % 5 * 1000);
        spin_unlock(&mine->lock);
        smp_relax();
        spin_lock(&theirs->lock);
        theirs->cancelled += timer_cancel_wait(&theirs->t);
        spin_unlock(&theirs->lock);
        softirq_raise(SOFTIRQ_TIMER);
        smp_relax();
    }
}

TEST(smp_timer_fires_or_is_cancelled)
{
    for (unsigned c = 0; c < 4; c++)
        for (unsigned i = 0; i < EACH; i++) {
            shared[c][i] = (struct shared_timer){.fired = 0};
            timer_init(&shared[c][i].t, shared_fires);
        }
    smp_run(arm_and_cancel, NULL);
    host_clock_advance(NS_PER_MS);
    for (unsigned c = 0; c < 4; c++)
        for (unsigned i = 0; i < EACH; i++) {
            CHECK(!timer_pending(&shared[c][i].t));
            CHECK_EQ(shared[c][i].armed, shared[c][i].fired + shared[c][i].cancelled);
        }
}

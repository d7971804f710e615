/* lib/timer with few and with a million timers pending. Target: to arm 10 ns with 1M pending. */
#include "lib/plat.h"
#include "lib/timer.h"
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST  1000000
#define BATCH 10000

static struct timer *pending, *fresh;
static u32 *order; /* timers in random order */
static u64 *when;  /* a time for each, 100 to 200 s away */
static unsigned count, turn;

static void never(struct timer *t)
{
    bench_keep(t->when);
}

static u64 random_when(void)
{
    return 100 * NS_PER_S + bench_rand() % (100 * NS_PER_S);
}

static void arm_fresh(void *arg)
{
    for (unsigned i = 0; i < BATCH; i++)
        timer_arm(&fresh[i], when[i]);
}

static void cancel_fresh(void *arg)
{
    for (unsigned i = 0; i < BATCH; i++)
        timer_cancel(&fresh[i]);
}

/* Any of those pending, to any time: cold memory, and it moves from slot to slot. */
static void rearm_random(void *arg)
{
    for (unsigned i = 0; i < BATCH; i++, turn++)
        timer_arm(&pending[order[turn % count]], when[(turn * 7) % count]);
}

/* As a retransmission timer is: pushed back a little. */
static void rearm_later(void *arg)
{
    static u64 by;
    by += 1000;
    for (unsigned i = 0; i < BATCH; i++, turn++)
        timer_arm(&pending[order[turn % count]], 210 * NS_PER_S + by);
}

static void cancel_random(void *arg)
{
    for (unsigned i = 0; i < BATCH; i++, turn++)
        timer_cancel(&pending[order[turn % count]]);
}

static void arm_all(void *arg)
{
    for (unsigned i = 0; i < count; i++)
        timer_arm(&pending[i], when[i]);
}

static void look_for_next(void *arg)
{
    for (unsigned i = 0; i < 100; i++)
        bench_keep(timer_next());
}

static void with(unsigned n)
{
    char name[80];

    timer_cpu_start(cpu_id());
    count = n;
    turn = 0;
    for (unsigned i = 0; i < n; i++) {
        timer_init(&pending[i], never);
        order[i] = i;
    }
    for (unsigned i = 0; i < BATCH; i++)
        timer_init(&fresh[i], never);
    for (unsigned i = n - 1; i > 0; i--) {
        u32 j = (u32)(bench_rand() % (i + 1)), t = order[i];
        order[i] = order[j], order[j] = t;
    }
    arm_all(NULL);
    snprintf(name, sizeof(name), "timer arm, %u pending", n);
    bench_ns_fresh(name, BATCH, cancel_fresh, arm_fresh, NULL);
    snprintf(name, sizeof(name), "timer cancel, %u pending", n);
    bench_ns_fresh(name, BATCH, arm_fresh, cancel_fresh, NULL);
    snprintf(name, sizeof(name), "timer next, %u pending", n);
    bench_ns(name, 100, look_for_next, NULL);
    snprintf(name, sizeof(name), "timer arm anew at random, %u pending", n);
    bench_ns(name, BATCH, rearm_random, NULL);
    snprintf(name, sizeof(name), "timer cancel at random, %u pending", n);
    bench_ns_fresh(name, BATCH, n <= BATCH ? arm_all : NULL, cancel_random, NULL);
    arm_all(NULL);
    snprintf(name, sizeof(name), "timer push back, %u pending", n);
    bench_ns(name, BATCH, rearm_later, NULL);

    u64 t = bench_clock();
    while (timer_run(220 * NS_PER_S, 512))
        ;
    snprintf(name, sizeof(name), "timer fire, %u pending", n);
    bench_value(name, (double)(bench_clock() - t) / n, "ns");
}

static void measure_timer(void)
{
    pending = malloc(MOST * sizeof(*pending));
    fresh = malloc(BATCH * sizeof(*fresh));
    when = malloc(MOST * sizeof(*when));
    order = malloc(MOST * sizeof(*order));
    for (unsigned i = 0; i < MOST; i++)
        when[i] = random_when();
    with(1000);
    with(MOST);
    timer_cpu_start(cpu_id());
    free(pending);
    free(fresh);
    free(when);
    free(order);
}

BENCH(timer);

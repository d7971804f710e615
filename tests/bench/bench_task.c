/* What the hosted ground costs: a step of a coroutine, a task from start to end, an alarm and the jump of time to it.
 */
#include "host/host.h"
#include "lib/plat.h"
#include "tests/bench/bench.h"

#define TURNS 100000

static void yield_often(void *arg)
{
    for (unsigned i = 0; i < TURNS; i++)
        task_yield();
}

static void two_yield(void *arg)
{
    for (unsigned i = 0; i < 2; i++)
        if (!task_start("yielder", yield_often, NULL, TASK_NORMAL, -1))
            panic("no memory");
    host_run();
}

static void end_at_once(void *arg)
{
}

static void start_and_end(void *arg)
{
    for (unsigned i = 0; i < TURNS; i++) {
        if (!task_start("brief", end_at_once, NULL, TASK_NORMAL, -1))
            panic("no memory");
        host_run();
    }
}

static void sleep_often(void *arg)
{
    for (unsigned i = 0; i < TURNS; i++)
        task_sleep(1000);
}

static void measure_hosted_task(void)
{
    bench_ns("hosted task: to the idle loop and into the next", 2 * TURNS, two_yield, NULL);
    bench_ns("hosted task: start, run, end", TURNS, start_and_end, NULL);
    bench_ns("hosted task: sleep, virtual time jumps, wake", TURNS, sleep_often, NULL);
}

BENCH(hosted_task);

/* Time: a clock that the test moves, or the machine's.
 *
 * Virtual time stands still while anything runs and is moved by host/cpu.c when all is idle. On each CPU there is one
 * alarm (clock_arm), under which lib/timer keeps its wheel, and the list of the sleeping tasks.
 *
 * Never calls a timer's function: it raises SOFTIRQ_TIMER.
 */
#include "host/ground.h"
#include "host/host.h"

#include <time.h>

#define WALL_AT_START (1767225600ll * 1000000000ll) /* 2026-01-01T00:00:00Z */

static u64 machine_clock(clockid_t which)
{
    struct timespec ts;
    clock_gettime(which, &ts);
    return (u64)ts.tv_sec * NS_PER_S + (u64)ts.tv_nsec;
}

void clock_start(void)
{
    host_ground.real_zero = machine_clock(CLOCK_MONOTONIC);
    host_ground.wall = host_ground.real ? (i64)machine_clock(CLOCK_REALTIME) : WALL_AT_START;
}

u64 clock_ns(void)
{
    if (host_ground.real)
        return machine_clock(CLOCK_MONOTONIC) - host_ground.real_zero;
    return load_acquire(&host_ground.now);
}

u64 wall_ns(void)
{
    return clock_ns() + (u64)host_ground.wall;
}

void plat_wall_set(u64 ns)
{
    host_wall_set(ns);
}

void host_wall_set(u64 ns)
{
    host_ground.wall = (i64)(ns - clock_ns());
}

void clock_arm(u64 when_ns)
{
    struct cpu *c = cpu_here();
    if (when_ns < c->timer_at)
        store_release(&c->timer_at, when_ns);
}

void clock_due(struct cpu *c)
{
    u64 now = clock_ns();
    if (c->timer_at <= now) {
        store_release(&c->timer_at, ~0ull);
        softirq_raise(SOFTIRQ_TIMER);
    }
    task_wake_due(c, now);
}

u64 clock_next(struct cpu *c)
{
    u64 alarm = load_acquire(&c->timer_at), sleeper = task_next_due(c);
    return min(alarm, sleeper);
}

u64 host_clock_next(void)
{
    u64 next = ~0ull;
    for (unsigned i = 0; i < host_ground.cpus; i++) {
        struct cpu *c = &host_cpu_block[i];
        u64 at = cpu_has_work(c) ? clock_ns() : clock_next(c);
        next = min(next, at);
    }
    return next;
}

void host_clock_advance(u64 ns)
{
    if (host_ground.real) {
        u64 until = clock_ns() + ns;
        do
            task_yield();
        while (clock_ns() < until && (task_park(until), clock_ns() < until));
        return;
    }
    u64 now = host_ground.now;
    host_ground.advance_to = ns < ~0ull - now ? now + ns : ~0ull - 1;
    task_wait_advance();
}

void host_run(void)
{
    host_clock_advance(0);
}

void host_clock_set(u64 ns)
{
    if (host_ground.real || ns < host_ground.now || ns == ~0ull)
        panic("host_clock_set: time does not go back");
    store_release(&host_ground.now, ns);
}

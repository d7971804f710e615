/* Who is stuck is told of: a task that holds a spin lock for ever, a softirq that does not end, a CPU with interrupts
 * off. And who merely computes is not. */
#include "kernel/smp.h"
#include "kernel/watchdog.h"
#include "kernel/x86.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "tests/guest/crew.h"

#define STUCK_NS (400 * NS_PER_MS)

static void restart(void *arg)
{
    watchdog_init_cpu();
}

static void set_span(u64 ns)
{
    watchdog_ns = ns;
    smp_call(~0ull, restart, NULL);
}

static void spin_for(u64 ns)
{
    for (u64 end = clock_ns() + ns; clock_ns() < end;)
        cpu_pause();
}

static void holds_a_lock(unsigned i)
{
    preempt_off();
    spin_for(STUCK_NS);
    preempt_on();
}

static void computes(unsigned i)
{
    spin_for(STUCK_NS);
}

static void has_interrupts_off(unsigned i)
{
    u64 flags = irq_save();
    spin_for(STUCK_NS);
    irq_restore(flags);
}

/* How many incidents were told while this ran on the last CPU. */
static u64 incidents_of(void (*fn)(unsigned i))
{
    struct crew c;
    u64 before = watchdog_incidents();
    set_span(100 * NS_PER_MS);
    crew_start(&c, 1, (int)(cpu_count() - 1), TASK_NORMAL, fn);
    crew_wait(&c);
    set_span(10 * NS_PER_S);
    return watchdog_incidents() - before;
}

TEST(watchdog_sees_a_held_lock)
{
    CHECK_EQ(incidents_of(holds_a_lock), 1);
}

TEST(watchdog_leaves_a_computing_task_alone)
{
    CHECK_EQ(incidents_of(computes), 0);
}

TEST(watchdog_sees_interrupts_off)
{
    if (cpu_count() < 2) {
        test_skip("one CPU");
        return;
    }
    CHECK_LE(1, incidents_of(has_interrupts_off));
}

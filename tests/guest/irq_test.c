/* Interrupts: requested, delivered, moved between CPUs while they come, taken back; calls and probes between CPUs. */
#include "kernel/apic.h"
#include "kernel/irq.h"
#include "kernel/smp.h"
#include "kernel/x86.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/string.h"

static u32 seen, seen_on;
static u64 message_addr;
static u32 message_data;

static bool handler(void *arg)
{
    atomic_add(&seen, 1);
    store_release(&seen_on, cpu_id() + 1);
    return true;
}

static void write_message(void *dev, u64 addr, u32 data)
{
    message_addr = addr;
    message_data = data;
}

/* What the device would do: send its message. */
static void send_message(void)
{
    apic_ipi(message_addr >> 12 & 0xff, message_data & 0xff);
}

static bool comes(u32 count)
{
    for (unsigned i = 0; i < 2000 && load_acquire(&seen) != count; i++)
        task_sleep(100 * NS_PER_US);
    return load_acquire(&seen) == count;
}

TEST(irq_message_follows_its_affinity)
{
    u64 cpus;
    seen = 0;
    int irq = irq_request_msi("test", handler, &seen, -1, write_message, NULL);
    CHECK_LE(IRQ_MSI, irq);
    for (unsigned round = 0; round < 2; round++)
        for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
            CHECK_EQ(irq_affinity(irq, cpu), 0);
            CHECK_EQ(irq_effective_cpu(irq), cpu);
            CHECK_EQ(irq_affinity_get(irq, &cpus), 0);
            CHECK_EQ(cpus, 1ull << cpu);
            u32 before = seen;
            send_message();
            CHECK(comes(before + 1));
            CHECK_EQ(seen_on, cpu + 1);
        }
    CHECK_EQ(irq_affinity(irq, cpu_count()), -EINVAL);
    CHECK_EQ(irq_affinity_mask(irq, 0), -EINVAL);
    irq_free(irq, &seen);
    CHECK_EQ(irq_affinity(irq, 0), -ENOENT);
    u32 before = seen;
    u64 unexpected = 0, now = 0;
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        unexpected += irq_local_count(IRQ_LOCAL_UNEXPECTED, cpu);
    send_message(); /* a device that was not told */
    task_sleep(5 * NS_PER_MS);
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        now += irq_local_count(IRQ_LOCAL_UNEXPECTED, cpu);
    CHECK_EQ(seen, before);
    CHECK_EQ(now, unexpected + 1);
}

#define MANY 300

TEST(irq_vectors_run_out_and_come_back)
{
    static int irqs[MANY];
    unsigned got = 0;
    for (unsigned i = 0; i < MANY; i++) {
        irqs[i] = irq_request_msi("many", handler, &irqs[i], -1, write_message, NULL);
        got += irqs[i] >= 0;
    }
    CHECK_LE(100, got);
    for (unsigned i = 0; i < MANY; i++)
        irq_free(irqs[i], &irqs[i]);
    int again = irq_request_msi("again", handler, &again, -1, write_message, NULL);
    CHECK_LE(0, again);
    irq_free(again, &again);
}

/* ---- a line: the PIT's, at 2 kHz ---- */

static void pit_rate(u16 divisor)
{
    outb(0x43, 0x34);
    outb(0x40, (u8)divisor);
    outb(0x40, (u8)(divisor >> 8));
}

TEST(irq_line_moves_while_it_fires)
{
    seen = 0;
    int irq = irq_request_isa(0, "pit", handler, &seen);
    if (irq < 0) {
        test_skip("no line from the PIT");
        return;
    }
    CHECK_EQ(irq_request_isa(0, "second", handler, &irq), -EBUSY); /* not shared */
    pit_rate(596);
    for (unsigned i = 0; i < 12; i++) {
        unsigned cpu = i % cpu_count();
        CHECK_EQ(irq_affinity(irq, cpu), 0);
        task_sleep(2 * NS_PER_MS);
        u32 before = load_acquire(&seen);
        for (unsigned n = 0; n < 2000 && load_acquire(&seen) < before + 3; n++)
            task_sleep(NS_PER_MS);
        CHECK_LE(before + 3, seen);
        CHECK_EQ(seen_on, cpu + 1);
    }
    irq_mask(irq);
    task_sleep(2 * NS_PER_MS);
    u32 before = seen;
    task_sleep(5 * NS_PER_MS);
    CHECK_EQ(seen, before);
    irq_unmask(irq);
    for (unsigned n = 0; n < 2000 && load_acquire(&seen) == before; n++)
        task_sleep(NS_PER_MS);
    CHECK_LT(before, seen);
    irq_free(irq, &seen);
    before = seen;
    task_sleep(5 * NS_PER_MS);
    CHECK_EQ(seen, before);
    pit_rate(0);
}

static void ask_again(const struct irq_info *info, void *arg)
{
    u64 cpus;
    unsigned *n = arg;

    if (irq_affinity_get(info->irq, &cpus) == 0 && str_eq(info->names[0], "walk"))
        ++*n;
}

/* Who is told may wait, a pipe's writer for one: so no lock is held meanwhile. */
TEST(irq_walk_holds_no_lock)
{
    unsigned n = 0;
    int irq = irq_request_msi("walk", handler, &n, -1, write_message, NULL);
    CHECK_LE(IRQ_MSI, irq);
    irq_walk(ask_again, &n);
    CHECK_EQ(n, 1);
    irq_free(irq, &n);
}

/* What a person chose is told apart from what a driver did; and who asks again has his number, if it is free. */
TEST(irq_chosen_and_number_again)
{
    unsigned a, b, c, last = cpu_count() - 1;
    int first = irq_request_msi("first", handler, &a, -1, write_message, NULL);
    int second = irq_request_msi("second", handler, &b, -1, write_message, NULL);

    CHECK_EQ(irq_affinity(second, last), 0);
    CHECK_EQ(irq_affinity_chosen(second), 0);
    CHECK_EQ(irq_affinity_choose(second, 1ull << last), 0);
    CHECK_EQ(irq_affinity_chosen(second), 1ull << last);
    CHECK_EQ(irq_affinity_choose(second, 0), -EINVAL);
    irq_free(first, &a);
    irq_free(second, &b);
    CHECK_EQ(irq_affinity_chosen(second), 0);
    CHECK_EQ(irq_affinity_choose(second, 1), -ENOENT);
    CHECK_EQ(irq_request_msi("second", handler, &b, second, write_message, NULL), second);
    int third = irq_request_msi("third", handler, &c, second, write_message, NULL);
    CHECK(third >= IRQ_MSI && third != second);
    irq_free(third, &c);
    irq_free(second, &b);
}

TEST(irq_no_such_line)
{
    CHECK_EQ(irq_request_gsi(255, IRQ_EDGE, "none", handler, NULL), -ENXIO);
    irq_free(-1, NULL);
    irq_free(IRQ_MAX, NULL);
}

/* ---- between CPUs ---- */

static u64 called;

static void call(void *arg)
{
    atomic_or(&called, 1ull << cpu_id());
    if (irqs_on())
        CHECK(!"a call runs with interrupts off");
}

TEST(smp_call_reaches_all)
{
    for (unsigned i = 0; i < 50; i++) {
        called = 0;
        smp_call(~0ull, call, NULL);
        CHECK_EQ(called, smp_online());
        called = 0;
        smp_call(1ull << (cpu_count() - 1), call, NULL);
        CHECK_EQ(called, 1ull << (cpu_count() - 1));
    }
}

TEST(smp_probe_is_answered)
{
    if (cpu_count() < 2) {
        test_skip("one CPU");
        return;
    }
    CHECK(smp_probe(cpu_id() ? 0 : 1));
    CHECK(!smp_probe(cpu_id()));
    CHECK(!smp_probe(CPU_MAX - 1));
}

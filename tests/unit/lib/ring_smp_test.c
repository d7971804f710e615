/* Rings between CPUs: nothing is lost or doubled, and each producer's order is kept. */
#include "host/test_smp.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/ring.h"

#define SIZE  64
#define ITEMS 20000u

/* An item is its number and its producer: never NULL. */
static void *item(unsigned cpu, unsigned n)
{
    return (void *)(uintptr_t)((n + 1) << 8 | cpu);
}

static struct ring_spsc spsc;
static struct ring_mpsc mpsc;
static void *slots[SIZE];

static void produce_one(unsigned cpu)
{
    for (unsigned n = 0; n < ITEMS;) {
        void *some[7];
        unsigned count = min(ITEMS - n, 1 + n % 7);
        for (unsigned i = 0; i < count; i++)
            some[i] = item(cpu, n + i);
        unsigned done = ring_spsc_push_many(&spsc, some, count);
        n += done;
        if (done < count)
            smp_relax();
    }
}

static void spsc_side(void *arg)
{
    unsigned n = 0;
    if (cpu_id() == 1)
        produce_one(1);
    while (cpu_id() == 0 && n < ITEMS) {
        void *out[16];
        unsigned got = ring_spsc_pop(&spsc, out, 1 + n % 16);
        for (unsigned i = 0; i < got; i++)
            CHECK_EQ((uintptr_t)out[i], (uintptr_t)item(1, n + i));
        n += got;
        if (!got)
            smp_relax();
    }
}

TEST(smp_ring_spsc)
{
    ring_spsc_init(&spsc, slots, SIZE);
    smp_run(spsc_side, NULL);
    CHECK_EQ(ring_spsc_count(&spsc), 0);
}

static void consume_all(void)
{
    unsigned next[CPU_MAX] = {0}, left = ITEMS * (cpu_count() - 1);
    while (left) {
        void *out[16];
        unsigned got = ring_mpsc_pop(&mpsc, out, 16);
        for (unsigned i = 0; i < got; i++) {
            unsigned cpu = (uintptr_t)out[i] & 0xff;
            CHECK_EQ((uintptr_t)out[i], (uintptr_t)item(cpu, next[cpu]));
            next[cpu]++;
        }
        left -= got;
        if (!got)
            smp_relax();
    }
}

static void mpsc_side(void *arg)
{
    if (cpu_id() == 0) {
        consume_all();
        return;
    }
    for (unsigned n = 0; n < ITEMS;)
        if (ring_mpsc_push(&mpsc, item(cpu_id(), n)))
            n++;
        else
            smp_relax();
}

TEST(smp_ring_mpsc)
{
    ring_mpsc_init(&mpsc, slots, SIZE);
    smp_run(mpsc_side, NULL);
    CHECK_EQ(ring_mpsc_count(&mpsc), 0);
}

/* lib/ring.h: order, bounds and wrap against a plain count; and between CPUs. */
#include "host/test_smp.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/ring.h"

static void *nth(u64 i)
{
    return (void *)(uintptr_t)(i + 1);
}

TEST(ring_spsc_keeps_order_and_bound)
{
    struct ring_spsc r;
    void *slots[16], *out[32], *in[32];
    u64 pushed = 0, popped = 0;

    ring_spsc_init(&r, slots, 16);
    r.producer.tail = r.producer.head_seen = r.consumer.head = r.consumer.tail_seen = 0xfffffff0; /* soon wraps */
    for (int round = 0; round < 20000; round++) {
        u32 n = (u32)(test_rand() % 20);
        for (u32 i = 0; i < n; i++)
            in[i] = nth(pushed + i);
        u32 took = ring_spsc_push_many(&r, in, n);
        CHECK_EQ(took, min(n, 16 - (u32)(pushed - popped)));
        pushed += took;
        CHECK_EQ(ring_spsc_count(&r), pushed - popped);
        u32 most = (u32)(test_rand() % 20), got = ring_spsc_pop(&r, out, most);
        CHECK_EQ(got, min(most, (u32)(pushed - popped)));
        for (u32 i = 0; i < got; i++)
            CHECK(out[i] == nth(popped + i));
        popped += got;
    }
    while (ring_spsc_push(&r, nth(pushed)))
        pushed++;
    CHECK_EQ(pushed - popped, 16);
}

TEST(ring_mpsc_keeps_order_and_bound)
{
    struct ring_mpsc r;
    void *slots[8], *out[16];
    u64 pushed = 0, popped = 0;

    ring_mpsc_init(&r, slots, 8);
    r.head = r.tail = 0xfffffff8;
    for (int round = 0; round < 20000; round++) {
        for (u64 n = test_rand() % 12; n; n--) {
            bool fits = pushed - popped < 8;
            CHECK_EQ(ring_mpsc_push(&r, nth(pushed)), fits);
            pushed += fits;
        }
        CHECK_EQ(ring_mpsc_count(&r), pushed - popped);
        u32 most = (u32)(test_rand() % 12), got = ring_mpsc_pop(&r, out, most);
        CHECK_EQ(got, min(most, (u32)(pushed - popped)));
        for (u32 i = 0; i < got; i++)
            CHECK(out[i] == nth(popped + i));
        popped += got;
    }
}

/* A producer interrupted between taking its place and filling it. */
TEST(ring_mpsc_stops_before_an_unfilled_place)
{
    struct ring_mpsc r;
    void *slots[4], *out[4];

    ring_mpsc_init(&r, slots, 4);
    CHECK(ring_mpsc_push(&r, nth(0)));
    r.tail++; /* taken */
    CHECK(ring_mpsc_push(&r, nth(2)));
    CHECK_EQ(ring_mpsc_pop(&r, out, 4), 1);
    CHECK_EQ(ring_mpsc_pop(&r, out, 4), 0);
    store_release(&slots[1], nth(1)); /* filled */
    CHECK_EQ(ring_mpsc_pop(&r, out, 4), 2);
    CHECK(out[0] == nth(1) && out[1] == nth(2));
}

#define EACH 20000

static struct ring_spsc shared_spsc;
static struct ring_mpsc shared_mpsc;

static void produce(bool (*push)(void *p), u64 me)
{
    for (u64 i = 0; i < EACH; i++)
        while (!push(nth(me << 32 | i)))
            smp_relax();
}

static bool push_spsc(void *p)
{
    return ring_spsc_push(&shared_spsc, p);
}

static bool push_mpsc(void *p)
{
    return ring_mpsc_push(&shared_mpsc, p);
}

/* Each producer's own order is kept, and nothing is lost. */
static void consume(u32 n, void **out, u64 *next)
{
    for (u32 i = 0; i < n; i++) {
        u64 v = (u64)(uintptr_t)out[i] - 1;
        CHECK_LT(v >> 32, cpu_count());
        CHECK_EQ((u32)v, next[v >> 32]++);
    }
    if (!n)
        smp_relax();
}

static void use_spsc(void *arg)
{
    void *out[10];
    u64 next[CPU_MAX] = {0};
    if (cpu_id() == 1)
        produce(push_spsc, 1);
    while (cpu_id() == 0 && next[1] < EACH)
        consume(ring_spsc_pop(&shared_spsc, out, 10), out, next);
}

static void use_mpsc(void *arg)
{
    void *out[10];
    u64 next[CPU_MAX] = {0}, total = 0;
    if (cpu_id())
        produce(push_mpsc, cpu_id());
    while (cpu_id() == 0 && total < EACH * (cpu_count() - 1)) {
        u32 n = ring_mpsc_pop(&shared_mpsc, out, 10);
        consume(n, out, next);
        total += n;
    }
}

TEST(smp_ring_spsc)
{
    void *slots[64];
    ring_spsc_init(&shared_spsc, slots, 64);
    smp_run(use_spsc, NULL);
    CHECK_EQ(ring_spsc_count(&shared_spsc), 0);
}

TEST(smp_ring_mpsc)
{
    void *slots[64];
    ring_mpsc_init(&shared_mpsc, slots, 64);
    smp_run(use_mpsc, NULL);
    CHECK_EQ(ring_mpsc_count(&shared_mpsc), 0);
}

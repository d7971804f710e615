/* lib/ring.h: order, bounds and wrap against a plain count; and real threads, which the race detector watches. */
#include <pthread.h>

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

#define EACH      20000
#define PRODUCERS 3

static struct ring_spsc shared_spsc;
static struct ring_mpsc shared_mpsc;

static void *produce_spsc(void *arg)
{
    for (u64 i = 0; i < EACH; i++)
        while (!ring_spsc_push(&shared_spsc, nth(i)))
            cpu_pause();
    return arg;
}

static void *produce_mpsc(void *arg)
{
    u64 me = (u64)(uintptr_t)arg;
    for (u64 i = 0; i < EACH; i++)
        while (!ring_mpsc_push(&shared_mpsc, nth(me << 32 | i)))
            cpu_pause();
    return arg;
}

TEST(ring_spsc_threads)
{
    pthread_t t;
    void *slots[64], *out[10];
    u64 next = 0;

    ring_spsc_init(&shared_spsc, slots, 64);
    CHECK_EQ(pthread_create(&t, NULL, produce_spsc, NULL), 0);
    while (next < EACH) {
        u32 n = ring_spsc_pop(&shared_spsc, out, 10);
        for (u32 i = 0; i < n; i++)
            CHECK(out[i] == nth(next++));
        if (!n)
            cpu_pause();
    }
    pthread_join(t, NULL);
    CHECK_EQ(ring_spsc_pop(&shared_spsc, out, 10), 0);
}

TEST(ring_mpsc_threads)
{
    pthread_t t[PRODUCERS];
    void *slots[64], *out[10];
    u64 next[PRODUCERS] = {0}, total = 0;

    ring_mpsc_init(&shared_mpsc, slots, 64);
    for (u64 i = 0; i < PRODUCERS; i++)
        CHECK_EQ(pthread_create(&t[i], NULL, produce_mpsc, (void *)(uintptr_t)i), 0);
    while (total < EACH * PRODUCERS) {
        u32 n = ring_mpsc_pop(&shared_mpsc, out, 10);
        for (u32 i = 0; i < n; i++) {
            u64 v = (u64)(uintptr_t)out[i] - 1;
            CHECK_LT(v >> 32, PRODUCERS);
            CHECK_EQ((u32)v, next[v >> 32]++); /* each producer's own order */
        }
        total += n;
        if (!n)
            cpu_pause();
    }
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(t[i], NULL);
    CHECK_EQ(ring_mpsc_pop(&shared_mpsc, out, 10), 0);
}

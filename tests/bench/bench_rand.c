/* lib/rand: single numbers and long requests. */
#include "lib/rand.h"
#include "tests/bench/bench.h"

#define TIMES 10000

static void words(void *arg)
{
    for (int i = 0; i < TIMES; i++)
        bench_keep(rand_u64());
}

static void below(void *arg)
{
    for (int i = 0; i < TIMES; i++)
        bench_keep(rand_below(64512));
}

static void long_request(void *arg)
{
    static u8 buf[65536];
    rand_bytes(buf, sizeof(buf));
    bench_keep(buf[65535]);
}

static void measure_rand(void)
{
    bench_ns("rand 64 bits", TIMES, words, NULL);
    bench_ns("rand below 64512", TIMES, below, NULL);
    bench_ns("rand 64 KiB, a KiB", 64, long_request, NULL);
}

BENCH(rand);

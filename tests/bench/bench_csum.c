/* lib/csum: whole packets, headers, and mending. Targets: 1500 B in 60 ns. */
#include "lib/csum.h"
#include "tests/bench/bench.h"

#define TIMES 10000

static u8 packet[1600];
static size_t size;

static void sum(void *arg)
{
    for (int i = 0; i < TIMES; i++)
        bench_keep(csum_bytes(packet + (i & 1) * 2, size));
}

static void mend(void *arg)
{
    be16 check = {1};
    for (u32 i = 0; i < TIMES; i++)
        check = csum_replace32(check, be32_of(i), be32_of(i * 7));
    bench_keep(check.raw);
}

static void measure_csum(void)
{
    for (size_t i = 0; i < sizeof(packet); i++)
        packet[i] = (u8)bench_rand();
    size = 1500;
    bench_ns("csum 1500 B", TIMES, sum, NULL);
    size = 64;
    bench_ns("csum 64 B", TIMES, sum, NULL);
    size = 40;
    bench_ns("csum 40 B", TIMES, sum, NULL);
    size = 20;
    bench_ns("csum 20 B", TIMES, sum, NULL);
    bench_ns("csum replace 32 bits", TIMES, mend, NULL);
}

BENCH(csum);

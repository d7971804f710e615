/* lib/hash: keys as tables have them. In a burst the processor works on several hashes at once; in a chain, where each
 * key depends on the hash before, it cannot. */
#include "lib/hash.h"
#include "tests/bench/bench.h"

#define TIMES 10000

static u8 keys[64][64];
static struct hash_key key;

static void burst_36(void *arg)
{
    u64 sum = 0;
    for (int i = 0; i < TIMES; i++)
        sum += siphash13_fixed(&key, keys[i % 64], 36);
    bench_keep(sum);
}

static void chain_36(void *arg)
{
    u64 h = 0;
    for (int i = 0; i < TIMES; i++)
        h = siphash13_fixed(&key, keys[h % 64], 36);
    bench_keep(h);
}

static void burst_16(void *arg)
{
    u64 sum = 0;
    for (int i = 0; i < TIMES; i++)
        sum += siphash13_fixed(&key, keys[i % 64], 16);
    bench_keep(sum);
}

static void careful_36(void *arg)
{
    u64 sum = 0;
    for (int i = 0; i < TIMES; i++)
        sum += siphash24(&key, keys[i % 64], 36);
    bench_keep(sum);
}

static void unkeyed_36(void *arg)
{
    u64 sum = 0;
    for (int i = 0; i < TIMES; i++)
        sum += hash_bytes(keys[i % 64], 36, 1);
    bench_keep(sum);
}

static void measure_hash(void)
{
    key = (struct hash_key){{bench_rand(), bench_rand()}};
    for (int i = 0; i < 64; i++)
        for (int j = 0; j < 64; j++)
            keys[i][j] = (u8)bench_rand();
    bench_ns("hash siphash13 36 B, burst", TIMES, burst_36, NULL);
    bench_ns("hash siphash13 36 B, chain", TIMES, chain_36, NULL);
    bench_ns("hash siphash13 16 B, burst", TIMES, burst_16, NULL);
    bench_ns("hash siphash24 36 B, burst", TIMES, careful_36, NULL);
    bench_ns("hash unkeyed 36 B, burst", TIMES, unkeyed_36, NULL);
}

BENCH(hash);

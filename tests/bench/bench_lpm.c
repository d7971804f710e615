/* lib/lpm with a full table: lengths as in the Internet's of 2023, addresses at random, 256 next hops, destinations
 * within the routes. Targets: 900k IPv4 routes, bursts of 32, 1M destinations 8 ns, insertion 2 us, 64 MiB; 128k IPv6
 * routes 25 ns. */
#include "host/host.h"
#include "lib/byteorder.h"
#include "lib/lpm.h"
#include "lib/string.h"
#include "tests/bench/bench.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#define BURST 32
#define KEYS  (1u << 20)

struct share {
    unsigned bits, permille;
};
static const struct share shares4[] = {{24, 595}, {23, 100}, {22, 112}, {21, 50}, {20, 45}, {19, 26}, {18, 14},
                                       {17, 8},   {16, 14},  {15, 2},   {14, 2},  {13, 1},  {12, 1},  {32, 10},
                                       {29, 8},   {28, 5},   {27, 3},   {26, 2},  {25, 2}};
static const struct share shares6[] = {{48, 460}, {32, 140}, {44, 100}, {40, 100}, {36, 100}, {29, 70}, {64, 30}};

static struct lpm l;
static struct lpm_route *route;
static unsigned routes, key_bytes;
static u8 *keys;

static unsigned random_bits(const struct share *share)
{
    u64 x = bench_rand() % 1000;
    for (; x >= share->permille; share++)
        x -= share->permille;
    return share->bits;
}

static void make_route(struct lpm_route *r)
{
    store_be64(r->key, bench_rand());
    store_be64(r->key + 8, bench_rand());
    if (key_bytes == 4) {
        r->bits = random_bits(shares4);
        u32 address = (1u << 24) + (u32)(bench_rand() % (222u << 24));
        if (r->bits > 24)
            address = 10u << 24 | (u32)(bench_rand() & 0x3ff) << 8 | (u32)(bench_rand() & 0xff);
        store_be32(r->key, address);
    } else {
        r->bits = random_bits(shares6);
        r->key[0] = 0x20 | (r->key[0] & 0x0f);
        r->key[1] &= 0x1f;
    }
}

/* An address within one of the routes. */
static void make_key(u8 *key)
{
    const struct lpm_route *r = &route[bench_rand() % routes];
    for (unsigned i = 0; i < key_bytes; i++) {
        u8 noise = (u8)bench_rand();
        if (8 * i >= r->bits)
            key[i] = noise;
        else if (8 * i + 8 > r->bits)
            key[i] = (u8)(r->key[i] & 0xff00 >> (r->bits - 8 * i)) | (noise & 0xff >> (r->bits - 8 * i));
        else
            key[i] = r->key[i];
    }
}

static void find_bursts(void *arg)
{
    u32 value[BURST];
    for (unsigned i = 0; i < KEYS; i += BURST) {
        lpm_find_burst(&l, keys + i * key_bytes, key_bytes, BURST, value);
        bench_keep(value[0] + value[BURST - 1]);
    }
}

static void find_one_by_one(void *arg)
{
    for (unsigned i = 0; i < KEYS; i++)
        bench_keep(lpm_find(&l, keys + i * key_bytes));
}

/* Routes go and come back, as they do from a neighbour. */
static void flap(void *arg)
{
    static unsigned turn;
    for (unsigned i = 0; i < 1000; i++, turn++) {
        const struct lpm_route *r = &route[turn * 7919ull % routes];
        u32 value = lpm_get(&l, r->key, r->bits);
        if (value && (lpm_remove(&l, r->key, r->bits) || lpm_insert(&l, r->key, r->bits, value)))
            abort();
    }
    host_run();
}

static void with(unsigned n, unsigned bytes, const char *what)
{
    char name[80];

    routes = n;
    key_bytes = bytes;
    for (unsigned i = 0; i < n; i++)
        make_route(&route[i]);
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    if (lpm_init(&l, 8 * bytes))
        abort();
    u64 start = bench_clock();
    for (unsigned i = 0; i < n; i++) {
        if (lpm_insert(&l, route[i].key, route[i].bits, 1 + (i & 0xff)))
            abort();
        if (i % 64 == 0)
            host_run(); /* a grace period passes */
    }
    host_run();
    snprintf(name, sizeof(name), "lpm insert, %s", what);
    bench_value(name, (double)(bench_clock() - start) / n, "ns");
    size_t held = mallinfo2().uordblks + mallinfo2().hblkhd - before;
    for (unsigned i = 0; i < KEYS; i++)
        make_key(keys + i * bytes);
    snprintf(name, sizeof(name), "lpm burst of 32, %s", what);
    bench_ns(name, KEYS, find_bursts, NULL);
    snprintf(name, sizeof(name), "lpm one by one, %s", what);
    bench_ns(name, KEYS, find_one_by_one, NULL);
    for (unsigned i = 1024; i < KEYS; i++)
        memcpy(keys + i * bytes, keys + i % 1024 * bytes, bytes);
    snprintf(name, sizeof(name), "lpm burst of 32, 1024 dsts, %s", what);
    bench_ns(name, KEYS, find_bursts, NULL);
    snprintf(name, sizeof(name), "lpm remove + insert, %s", what);
    bench_ns(name, 1000, flap, NULL);
    snprintf(name, sizeof(name), "lpm memory, %s", what);
    bench_value(name, (double)l.bytes / (double)MIB, "MiB");
    snprintf(name, sizeof(name), "lpm memory with malloc's, %s", what);
    if (held >= l.bytes) /* a small table's comes out of what malloc had kept */
        bench_value(name, (double)held / (double)MIB, "MiB");
    lpm_free(&l);
}

static void measure_lpm(void)
{
    /* What is aligned shall come out of the heap, which takes back what it leaves over; a mapping would keep it. */
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    route = malloc(900000 * sizeof(*route));
    keys = malloc(KEYS * LPM_KEY_MOST);
    with(3, 4, "3 IPv4");
    with(1000, 4, "1k IPv4");
    with(10000, 4, "10k IPv4");
    with(900000, 4, "900k IPv4, no popcnt");
    with(128000, 16, "128k IPv6, no popcnt");
    if (__builtin_cpu_supports("popcnt"))
        lpm_use_popcnt();
    with(900000, 4, "900k IPv4");
    with(128000, 16, "128k IPv6");
    free(route);
    free(keys);
}

BENCH(lpm);

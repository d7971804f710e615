/* lib/htab as a table of connections: 36-byte keys, SipHash-1-3 in every figure, bursts of 32, every key found.
 * Targets: 20 ns with 100k entries, 40 ns with 1M; insertion and removal together 100 ns. */
#include "lib/hash.h"
#include "lib/htab.h"
#include "lib/string.h"
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

#define BURST  32
#define BURSTS 31250 /* 1M packets */
#define KEY    36

struct flow {
    struct hnode node;
    u8 key[KEY];
    u64 packets[10];
} CACHE_ALIGNED;

static struct htab t;
static struct hash_key secret;
static struct flow *flows;
static u8 (*wanted)[KEY];
static unsigned count, turn;

static bool same_flow(const struct hnode *n, const void *key)
{
    return mem_eq_fixed(container_of(n, struct flow, node)->key, key, KEY);
}

static inline u64 hash_of(const u8 *key)
{
    return siphash13_fixed(&secret, key, KEY);
}

static void find_bursts(void *arg)
{
    struct hnode *found[BURST];
    u64 hash[BURST];
    for (unsigned b = 0; b < BURSTS; b++) {
        u8(*keys)[KEY] = &wanted[b * BURST];
        for (unsigned i = 0; i < BURST; i++)
            hash[i] = hash_of(keys[i]);
        htab_find_burst(&t, BURST, hash, same_flow, keys, KEY, found);
        for (unsigned i = 0; i < BURST; i++)
            container_of(found[i], struct flow, node)->packets[0]++;
    }
}

static void find_one_by_one(void *arg)
{
    for (unsigned i = 0; i < BURSTS * BURST; i++)
        container_of(htab_find(&t, hash_of(wanted[i]), same_flow, wanted[i]), struct flow, node)->packets[0]++;
}

static void miss_bursts(void *arg)
{
    struct hnode *found[BURST];
    u64 hash[BURST];
    for (unsigned b = 0; b < BURSTS; b++) {
        u8(*keys)[KEY] = &wanted[b * BURST];
        for (unsigned i = 0; i < BURST; i++)
            hash[i] = hash_of(keys[i]) + 0x9e3779b97f4a7c15; /* as if of other keys */
        htab_find_burst(&t, BURST, hash, same_flow, keys, KEY, found);
        bench_keep((uintptr_t)found[b % BURST]);
    }
}

/* A new flow: looked up with its burst and not found, entered; and removed again, so that each run finds the same. */
static void come_and_go(void *arg)
{
    static struct flow fresh[BURST];
    struct hnode *found[BURST];
    u64 hash[BURST];
    for (unsigned b = 0; b < BURSTS / 16; b++) {
        for (unsigned i = 0; i < BURST; i++) {
            memcpy(fresh[i].key, wanted[b * BURST + i], KEY);
            fresh[i].key[35] ^= 0x55;
            hash[i] = hash_of(fresh[i].key);
        }
        htab_find_burst(&t, BURST, hash, same_flow, fresh[0].key, sizeof(fresh[0]), found);
        for (unsigned i = 0; i < BURST; i++)
            if (found[i] || htab_insert(&t, &fresh[i].node, hash[i]))
                abort();
        for (unsigned i = 0; i < BURST; i++)
            htab_remove(&t, &fresh[i].node);
    }
}

/* A flow that has been quiet for long ends and another begins, one at a time: all memory cold. */
static void replace(void *arg)
{
    for (unsigned i = 0; i < BURSTS; i++, turn++) {
        struct flow *f = &flows[turn * 7919ull % count];
        htab_remove(&t, &f->node);
        store_le32(f->key, turn);
        u64 h = hash_of(f->key);
        if (!htab_find(&t, h, same_flow, f->key) && htab_insert(&t, &f->node, h))
            abort();
    }
}

static void name_keys(void)
{
    for (unsigned i = 0; i < BURST * BURSTS; i++)
        memcpy(wanted[i], flows[bench_rand() % count].key, KEY);
}

static void with(unsigned n, const char *size)
{
    char name[80];

    count = n;
    flows = aligned_alloc(CACHE_LINE, n * sizeof(*flows));
    if (htab_init(&t, 16) || !flows)
        abort();
    for (unsigned i = 0; i < n; i++) {
        flows[i] = (struct flow){.packets = {0}};
        store_le64(flows[i].key, i);
        store_le64(flows[i].key + 16, bench_rand());
    }
    u64 start = bench_clock();
    for (unsigned i = 0; i < n; i++)
        if (htab_insert(&t, &flows[i].node, hash_of(flows[i].key)))
            abort();
    snprintf(name, sizeof(name), "htab fill from empty to %s", size);
    bench_value(name, (double)(bench_clock() - start) / n, "ns");
    name_keys();
    snprintf(name, sizeof(name), "htab hit, burst, %s", size);
    bench_ns(name, BURST * BURSTS, find_bursts, NULL);
    snprintf(name, sizeof(name), "htab hit, one by one, %s", size);
    bench_ns(name, BURST * BURSTS, find_one_by_one, NULL);
    snprintf(name, sizeof(name), "htab miss, burst, %s", size);
    bench_ns(name, BURST * BURSTS, miss_bursts, NULL);
    snprintf(name, sizeof(name), "htab new flow: miss, insert, remove, %s", size);
    bench_ns(name, BURSTS / 16 * BURST, come_and_go, NULL);
    snprintf(name, sizeof(name), "htab cold remove, look up, insert, %s", size);
    bench_ns(name, BURSTS, replace, NULL);
    snprintf(name, sizeof(name), "htab memory of the table, %s", size);
    bench_value(name, (double)(sizeof(struct htab_bucket) << t.table->bits) / n, "bytes/entry");
    htab_free(&t);
    free(flows);
}

static void measure_htab(void)
{
    secret = (struct hash_key){{bench_rand(), bench_rand()}};
    wanted = malloc(sizeof(*wanted) * BURST * BURSTS);
    with(1000, "1k");
    with(100000, "100k");
    with(1000000, "1M");
    free(wanted);
}

BENCH(htab);

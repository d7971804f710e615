/* lib/lpm.c against a list that is searched from end to end: random prefixes of every length, inserted and removed,
 * asked for at random and at every boundary, in both families; without memory; and by readers on other CPUs. */
#include "host/host.h"
#include "host/test_smp.h"
#include "lib/byteorder.h"
#include "lib/check.h"
#include "lib/hash.h"
#include "lib/lpm.h"
#include "lib/plat.h"
#include "lib/string.h"

#include <stdlib.h>

#define MOST 3000

static struct lpm l;
static struct lpm_route list[MOST];
static unsigned count;

static void mask_key(u8 *key, unsigned bits)
{
    for (unsigned i = 0; i < LPM_KEY_MOST; i++)
        if (8 * i >= bits)
            key[i] = 0;
        else if (8 * i + 8 > bits)
            key[i] &= (u8)(0xff00 >> (bits - 8 * i));
}

static bool covers(const struct lpm_route *r, const u8 *key)
{
    u8 masked[LPM_KEY_MOST];
    memcpy(masked, key, LPM_KEY_MOST);
    mask_key(masked, r->bits);
    return memcmp(masked, r->key, LPM_KEY_MOST) == 0;
}

static u32 search(const u8 *key)
{
    const struct lpm_route *best = NULL;
    for (unsigned i = 0; i < count; i++)
        if ((!best || list[i].bits > best->bits) && covers(&list[i], key))
            best = &list[i];
    return best ? best->value : 0;
}

static struct lpm_route *exact(const u8 *key, unsigned bits)
{
    for (unsigned i = 0; i < count; i++)
        if (list[i].bits == bits && memcmp(list[i].key, key, LPM_KEY_MOST) == 0)
            return &list[i];
    return NULL;
}

/* Keys with few different bytes near each other, so that prefixes nest and meet. `spread`: how many bits are random. */
static void random_key(u8 *key, unsigned key_bits, unsigned spread)
{
    memset(key, 0, LPM_KEY_MOST);
    for (unsigned i = 0; i < key_bits / 8; i++)
        key[i] = (u8)(test_rand() & test_rand() & ((1u << spread) - 1));
    if (test_rand() % 4 == 0)
        key[test_rand() % (key_bits / 8)] = (u8)test_rand();
}

static void insert(const u8 *key, unsigned bits, u32 value)
{
    u8 noise[LPM_KEY_MOST];
    for (unsigned i = 0; i < LPM_KEY_MOST; i++)
        noise[i] = (u8)test_rand();
    struct lpm_route r = {.bits = bits, .value = value};
    memcpy(r.key, key, LPM_KEY_MOST);
    mask_key(r.key, bits);
    for (unsigned i = 0; 8 * i < bits; i++) { /* bits behind the length do not matter */
        unsigned behind = 8 * i + 8 > bits ? 0xff >> (bits - 8 * i) : 0;
        noise[i] = (u8)(r.key[i] | (noise[i] & behind));
    }
    CHECK_EQ(lpm_insert(&l, noise, bits, value), 0);
    struct lpm_route *known = exact(r.key, bits);
    if (known)
        known->value = value;
    else
        list[count++] = r;
}

static void remove_nth(unsigned n)
{
    CHECK_EQ(lpm_remove(&l, list[n].key, list[n].bits), 0);
    CHECK_EQ(lpm_get(&l, list[n].key, list[n].bits), 0);
    list[n] = list[--count];
}

static void check_key(const u8 *key)
{
    u32 want = search(key), got = lpm_find(&l, key);
    if (got != want)
        test_failed(__FILE__, __LINE__, "%llx %llx: %u, not %u", (unsigned long long)load_be64(key),
                    (unsigned long long)load_be64(key + 8), got, want);
}

/* The first and the last address of a prefix, and those beside it. */
static void check_boundaries(const struct lpm_route *r)
{
    u8 first[LPM_KEY_MOST], last[LPM_KEY_MOST];
    unsigned bytes = l.bits / 8;
    memcpy(first, r->key, LPM_KEY_MOST);
    memcpy(last, r->key, LPM_KEY_MOST);
    for (unsigned i = 0; i < bytes; i++)
        if (8 * i >= r->bits)
            last[i] = 255;
        else if (8 * i + 8 > r->bits)
            last[i] |= (u8)(0xff >> (r->bits - 8 * i));
    check_key(first);
    check_key(last);
    for (unsigned i = bytes; i-- && !first[i]--;)
        ;
    for (unsigned i = bytes; i-- && !++last[i];)
        ;
    check_key(first);
    check_key(last);
}

static void check_bursts(unsigned key_bits, unsigned spread)
{
    u8 keys[LPM_BURST][LPM_KEY_MOST];
    u32 value[LPM_BURST];
    for (unsigned round = 0; round < 4; round++) {
        for (unsigned i = 0; i < LPM_BURST; i++) {
            random_key(keys[i], key_bits, spread);
            if (i % 3 == 0 && count)
                memcpy(keys[i], list[test_rand() % count].key, key_bits / 8 - 1);
        }
        unsigned n = round ? (unsigned)(test_rand() % LPM_BURST) : LPM_BURST;
        l.cached = round % 2 ? MIB : 0; /* key by key, and all together */
        lpm_find_burst(&l, keys, LPM_KEY_MOST, n, value);
        for (unsigned i = 0; i < n; i++)
            CHECK_EQ(value[i], search(keys[i]));
    }
}

static int by_address(const struct lpm_route *a, const struct lpm_route *b)
{
    int d = memcmp(a->key, b->key, LPM_KEY_MOST);
    return d ? d : (int)a->bits - (int)b->bits;
}

/* Every prefix once, in order, with its value. */
static void check_order(void)
{
    struct lpm_route r = {.bits = ~0u}, before = {.bits = 0};
    unsigned n = 0;
    while (lpm_next(&l, &r)) {
        CHECK(n == 0 || by_address(&before, &r) < 0);
        const struct lpm_route *e = exact(r.key, r.bits);
        CHECK(e && e->value == r.value);
        before = r;
        n++;
    }
    CHECK_EQ(n, count);
    CHECK_EQ(l.count, count);
}

static bool wide;

static void random_operations(unsigned key_bits, unsigned spread, unsigned most, unsigned ops, unsigned direct_at)
{
    u8 key[LPM_KEY_MOST];
    if (getenv("TEST_LONG"))
        ops *= 10; /* more than 10^7 lookups in all */
    CHECK_EQ(lpm_init(&l, key_bits), 0);
    l.direct_at = direct_at;
    if (wide)
        l.wide_at = 2 * direct_at;
    count = 0;
    for (unsigned op = 0; op < ops; op++) {
        random_key(key, key_bits, spread);
        bool fill = op / (most * 2) % 2 == 0;
        if (count < most && (!count || (fill ? test_rand() % 8 : test_rand() % 8 == 0)))
            insert(key, (unsigned)(test_rand() % (key_bits + 1)), 1 + (u32)(test_rand() % 5));
        else
            remove_nth((unsigned)(test_rand() % count));
        for (unsigned i = 0; i < 8; i++) {
            random_key(key, key_bits, spread);
            check_key(key);
        }
        if (count)
            check_boundaries(&list[test_rand() % count]);
        if (op % 64 == 0) {
            check_bursts(key_bits, spread);
            host_run(); /* what was deferred */
        }
        if (op % 1000 == 0)
            check_order();
    }
    for (unsigned i = 0; i < count; i++)
        check_boundaries(&list[i]);
    while (count)
        remove_nth(0);
    CHECK_EQ(l.root, 0);
    CHECK_EQ(l.whole, 0);
    host_run();
    CHECK_EQ(l.bytes, LPM_CHUNKS * sizeof(void *) + l.chunks * (u64)(LPM_CHUNK_NODES * sizeof(struct lpm_node)) +
                          (l.direct ? 262144 : 0) + (l.wide ? 4 * MIB : 0));
    lpm_free(&l);
}

TEST(lpm_32_bits_nested)
{
    random_operations(32, 2, 60, 30000, ~0u);
}

TEST(lpm_32_bits_many)
{
    random_operations(32, 5, 500, 12000, ~0u);
}

TEST(lpm_32_bits_with_direct_table)
{
    random_operations(32, 2, 60, 12000, 1);
    random_operations(32, 8, 300, 8000, 100);
}

/* Many prefixes behind few first 16 bits: blocks of the wide table, and nodes behind them, come and go. */
TEST(lpm_32_bits_with_wide_table)
{
    wide = true;
    random_operations(32, 2, 100, 12000, 2);
    random_operations(32, 4, 400, 6000, 50);
    wide = false;
}

TEST(lpm_128_bits)
{
    random_operations(128, 2, 100, 15000, ~0u);
    random_operations(128, 8, 300, 5000, 50);
}

/* Few long prefixes near each other: buckets fill, become nodes, and are left by all but one. */
TEST(lpm_128_bits_in_buckets)
{
    random_operations(128, 1, 12, 12000, ~0u);
    random_operations(128, 2, 24, 8000, 4);
}

TEST(lpm_popcnt_finds_the_same)
{
    if (!__builtin_cpu_supports("popcnt")) {
        test_skip("this processor has no popcnt");
        return;
    }
    lpm_use_popcnt();
    random_operations(32, 8, 400, 3000, 200);
    random_operations(128, 5, 200, 2000, ~0u);
}

/* Every key of one /16, so that each place of each shape of node is met; with every length from 0 to 32 nested. */
TEST(lpm_all_addresses_of_a_16)
{
    u8 key[LPM_KEY_MOST] = {10, 1};
    CHECK_EQ(lpm_init(&l, 32), 0);
    count = 0;
    for (unsigned bits = 0; bits <= 32; bits++) {
        store_be32(key, 0x0a01a5c3);
        insert(key, bits, 100 + bits);
    }
    for (unsigned step = 0; step < 12; step++) {
        for (u32 low = 0; low < 65536; low++) {
            store_be32(key, 0x0a010000 | low);
            u32 differs = low ^ 0xa5c3, want;
            if (step < 6) {
                want = differs ? (u32)__builtin_clz(differs) : 32;
                while (!lpm_get(&l, (u8[]){10, 1, 0xa5, 0xc3}, want))
                    want--;
                CHECK_EQ(lpm_find(&l, key), 100 + want);
            } else if (low % 16 == step) {
                check_key(key);
            }
        }
        store_be32(key, 0x0a01a5c3);
        if (step < 5) {
            mask_key(key, 17 + 3 * step);
            remove_nth((unsigned)(exact(key, 17 + 3 * step) - list));
        } else {
            for (unsigned i = 0; i < 40; i++) { /* more runs than a sparse node has */
                store_be32(key, 0x0a010000 | (u32)(test_rand() & 0xffff));
                insert(key, 17 + (unsigned)(test_rand() % 16), 1 + i % 7);
            }
        }
    }
    lpm_free(&l);
}

TEST(lpm_refuses_nonsense)
{
    u8 key[LPM_KEY_MOST] = {10};
    CHECK_EQ(lpm_init(&l, 32), 0);
    CHECK_EQ(lpm_insert(&l, key, 33, 1), -EINVAL);
    CHECK_EQ(lpm_insert(&l, key, 8, 0), -EINVAL);
    CHECK_EQ(lpm_insert(&l, key, 8, LPM_VALUE_MAX + 1), -EINVAL);
    CHECK_EQ(lpm_remove(&l, key, 8), -ENOENT);
    CHECK_EQ(lpm_remove(&l, key, 0), -ENOENT);
    CHECK_EQ(lpm_insert(&l, key, 24, LPM_VALUE_MAX), 0);
    CHECK_EQ(lpm_remove(&l, key, 8), -ENOENT);
    CHECK_EQ(lpm_remove(&l, key, 25), -ENOENT);
    CHECK_EQ(lpm_remove(&l, key, 32), -ENOENT);
    CHECK_EQ(lpm_remove(&l, key, 33), -EINVAL);
    CHECK_EQ(lpm_find(&l, key), LPM_VALUE_MAX);
    lpm_free(&l);
    lpm_free(&l);
}

/* A handful of routes, both families: under 256 KiB. */
TEST(lpm_is_small_when_there_is_little)
{
    struct lpm six;
    u8 key[LPM_KEY_MOST] = {0x20, 0x01, 0x0d, 0xb8};
    CHECK_EQ(lpm_init(&l, 32), 0);
    CHECK_EQ(lpm_init(&six, 128), 0);
    CHECK_EQ(lpm_insert(&l, key, 0, 1) | lpm_insert(&l, key, 24, 2) | lpm_insert(&l, key, 32, 3), 0);
    CHECK_EQ(lpm_insert(&six, key, 0, 1) | lpm_insert(&six, key, 64, 2) | lpm_insert(&six, key, 128, 3), 0);
    CHECK_LT(l.bytes + six.bytes, 256 * KIB);
    lpm_free(&l);
    lpm_free(&six);
}

/* Any allocation fails: the change is refused and nothing has changed, or it is done. */
static void without_memory(unsigned key_bits, unsigned spread)
{
    u8 key[LPM_KEY_MOST];
    unsigned refused = 0;
    for (u64 nth = 1; nth <= 2; nth++) {
        host_mem_fail_at(nth);
        CHECK_EQ(lpm_init(&l, key_bits), -ENOMEM);
    }
    CHECK_EQ(lpm_init(&l, key_bits), 0);
    l.direct_at = 50;
    l.wide_at = 100;
    count = 0;
    for (unsigned op = 0; op < 4000; op++) {
        random_key(key, key_bits, spread);
        unsigned bits = 1 + (unsigned)(test_rand() % key_bits);
        bool add = count < 200 && test_rand() % 4;
        unsigned n = count ? (unsigned)(test_rand() % count) : 0;
        if (!add && !count)
            continue;
        host_mem_fail_at(1 + test_rand() % 8);
        int err = add ? lpm_insert(&l, key, bits, 9) : lpm_remove(&l, list[n].key, list[n].bits);
        host_mem_fail_at(0);
        refused += err == -ENOMEM;
        CHECK(err == 0 || err == -ENOMEM);
        if (!err && !add)
            list[n] = list[--count];
        mask_key(key, bits);
        if (!err && add) {
            struct lpm_route *known = exact(key, bits), *r = known ? known : &list[count++];
            r->bits = bits, r->value = 9;
            memcpy(r->key, key, LPM_KEY_MOST);
        }
        if (op % 16 == 0)
            check_order();
        for (unsigned i = 0; i < 8; i++) {
            random_key(key, key_bits, spread);
            check_key(key);
        }
    }
    CHECK_LE(100, refused);
    CHECK(l.direct && (l.wide || key_bits == 128));
    lpm_free(&l);
}

TEST(lpm_without_memory)
{
    without_memory(32, 4);
    without_memory(128, 2);
}

/* ---- readers on other CPUs, while the first changes routes around and above them ---- */

static bool torture_over;

/* 10.x.0.0/16 always leads to 1000 + x; what else comes and goes leads, within them, to x as well: 2000 + x. */
static void torture_write(void)
{
    u8 key[LPM_KEY_MOST] = {10};
    for (u32 round = 0; round < 400; round++) {
        for (u32 i = 0; i < 24; i++) {
            store_be32(key, 0x0a000000 | hash_u64(i) % 16 << 16 | (hash_u64(round / 2 * 24 + i) & 0xffff));
            unsigned bits = 17 + hash_u64(i + round / 2) % 16;
            if (round % 2 == 0)
                CHECK_EQ(lpm_insert(&l, key, bits, 2000 + key[1]), 0);
            else
                CHECK(lpm_remove(&l, key, bits) != -ENOMEM);
        }
        u8 other[4] = {10, 0x80};
        if (round % 2 == 0)
            CHECK_EQ(lpm_insert(&l, other, 9 + round % 7, 7) | lpm_insert(&l, other, round % 8, 8), 0);
        else
            CHECK_EQ(lpm_remove(&l, other, 9 + (round - 1) % 7) | lpm_remove(&l, other, (round - 1) % 8), 0);
        smp_relax();
    }
}

static void torture_read(void)
{
    u8 keys[32][4];
    u32 value[32];
    u64 seed = cpu_id();
    while (!load_acquire(&torture_over)) {
        for (u32 i = 0; i < 32; i++) {
            seed = hash_u64(seed + 1);
            store_be32(keys[i], 0x0a000000 | (seed & 0xfffff));
        }
        rcu_enter();
        lpm_find_burst(&l, keys, 4, 32, value);
        u32 one = lpm_find(&l, keys[0]);
        rcu_exit();
        for (u32 i = 0; i < 32; i++)
            CHECK(value[i] == 1000u + keys[i][1] || value[i] == 2000u + keys[i][1]);
        CHECK(one == 1000u + keys[0][1] || one == 2000u + keys[0][1]);
        smp_relax();
    }
}

static void torture(void *arg)
{
    if (cpu_id() == 0) {
        torture_write();
        store_release(&torture_over, true);
    } else {
        torture_read();
    }
}

TEST(smp_lpm_readers_see_before_or_after)
{
    static const u32 made[][2] = {{~0u, ~0u}, {1, ~0u}, {18, 40}}; /* the last while they look */
    for (u32 tables = 0; tables < ARRAY_LEN(made); tables++) {
        CHECK_EQ(lpm_init(&l, 32), 0);
        l.direct_at = made[tables][0];
        l.cached = 0;
        l.wide_at = made[tables][1];
        for (u32 x = 0; x < 16; x++)
            CHECK_EQ(lpm_insert(&l, (u8[]){10, (u8)x, 0, 0}, 16, 1000 + x), 0);
        torture_over = false;
        smp_run(torture, NULL);
        lpm_free(&l);
    }
}

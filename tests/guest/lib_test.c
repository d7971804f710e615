/* What lib/ and kernel/mem.S compute when they are built for the bare machine: the hosted tests go through every case,
 * these only show that the other flags, and the other memory functions, come to the same. */
#include "lib/check.h"
#include "lib/cmd.h"
#include "lib/csum.h"
#include "lib/hash.h"
#include "lib/htab.h"
#include "lib/lpm.h"
#include "lib/plat.h"
#include "lib/rand.h"
#include "lib/string.h"
#include "lib/sysctl.h"

#define ROOM 400

/* By pointers that the compiler cannot see through, so that the functions themselves are called. */
static void *(*volatile copy)(void *, const void *, size_t);
static void *(*volatile move)(void *, const void *, size_t);
static void *(*volatile set)(void *, int, size_t);

static void fill_random(u8 *p)
{
    for (unsigned i = 0; i < ROOM; i++)
        p[i] = (u8)test_rand();
}

TEST(lib_copies)
{
    u8 a[ROOM], b[ROOM];
    copy = memcpy;
    for (unsigned n = 0; n <= 300; n++) {
        fill_random(a);
        fill_random(b);
        u8 before = b[n % 16], after = b[n % 16 + n + 1];
        copy(b + n % 16 + 1, a + n % 7, n);
        bool same = true;
        for (unsigned i = 0; i < n; i++)
            same &= b[n % 16 + 1 + i] == a[n % 7 + i];
        CHECK(same && b[n % 16] == before && b[n % 16 + n + 1] == after);
    }
}

TEST(lib_moves_and_sets)
{
    u8 a[ROOM], b[ROOM];
    move = memmove;
    set = memset;
    for (unsigned n = 0; n <= 300; n++) {
        unsigned from = (unsigned)(test_rand() % 90), to = (unsigned)(test_rand() % 90);
        fill_random(a);
        for (unsigned i = 0; i < ROOM; i++)
            b[i] = a[i];
        move(a + to, a + from, n);
        bool same = true;
        for (unsigned i = 0; i < ROOM; i++)
            same &= a[i] == (i >= to && i < to + n ? b[i - to + from] : b[i]);
        CHECK(same);
        set(a + to, 0x5a, n);
        for (unsigned i = 0; i < n; i++)
            same &= a[to + i] == 0x5a;
        CHECK(same && strnlen((const char *)a, ROOM) <= ROOM);
    }
    CHECK_EQ(strlen("weir"), 4);
}

TEST(lib_hashes_and_sums)
{
    static const struct hash_key key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
    u8 text[63], block[64];
    for (unsigned i = 0; i < sizeof(text); i++)
        text[i] = (u8)i;
    CHECK(siphash24(&key, text, 63) == 0x958a324ceb064572);
    CHECK(siphash13(&key, text, 63) == 0x9d199062b7bbb3a8);
    CHECK_EQ(be16_get(csum_fold(csum_bytes(text, 63))), 0x1c3b);
    chacha20_block(&(struct chacha_key){{0}}, 0, (const u32[3]){0}, block);
    CHECK(load_be64(block) == 0x76b8e0ada0f13d90 && load_be64(block + 56) == 0xc387b669b2ee6586);
}

struct object {
    struct hnode node;
    u64 key;
};

static bool same_key(const struct hnode *n, const void *key)
{
    return container_of(n, struct object, node)->key == *(const u64 *)key;
}

/* Objects at the kernel's addresses, whose highest bits are set. */
TEST(lib_htab)
{
    struct htab t;
    struct object *o = mem_alloc(500 * sizeof(*o));
    CHECK(o && htab_init(&t, 16) == 0);
    for (u64 i = 0; i < 500; i++) {
        o[i].key = i;
        CHECK_EQ(htab_insert(&t, &o[i].node, hash_u64(i)), 0);
    }
    rcu_enter();
    for (u64 i = 0; i < 1000; i++)
        CHECK(htab_find(&t, hash_u64(i), same_key, &i) == (i < 500 ? &o[i].node : NULL));
    rcu_exit();
    for (u64 i = 0; i < 500; i++)
        htab_remove(&t, &o[i].node);
    rcu_barrier();
    htab_free(&t);
    mem_free(o);
}

TEST(lib_lpm)
{
    struct lpm l;
    u8 keys[4][4] = {{10, 1, 2, 3}, {10, 1, 9, 9}, {10, 200, 0, 0}, {192, 0, 2, 1}};
    u32 value[4];
    CHECK_EQ(lpm_init(&l, 32), 0);
    CHECK_EQ(lpm_insert(&l, (u8[]){10, 0, 0, 0}, 8, 1) | lpm_insert(&l, (u8[]){10, 1, 0, 0}, 16, 2), 0);
    CHECK_EQ(lpm_insert(&l, (u8[]){10, 1, 2, 0}, 25, 3), 0);
    rcu_enter();
    lpm_find_burst(&l, keys, 4, 4, value);
    rcu_exit();
    CHECK(value[0] == 3 && value[1] == 2 && value[2] == 1 && value[3] == 0);
    lpm_free(&l);
}

/* The machine has commands and tunables that the hosted program has not: there, too, each name stands once. */
TEST(lib_names_are_unique)
{
    SET_FOREACH(cmd, const struct cmd, a) {
        SET_FOREACH(cmd, const struct cmd, b) {
            if (a != b && str_eq(a->name, b->name))
                test_failed(__FILE__, __LINE__, "two commands are called %s", a->name);
        }
    }
    SET_FOREACH(sysctl, const struct sysctl, a) {
        SET_FOREACH(sysctl, const struct sysctl, b) {
            if (a != b && str_eq(a->name, b->name))
                test_failed(__FILE__, __LINE__, "two tunables are called %s", a->name);
        }
    }
}

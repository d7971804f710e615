/* lib/htab.c against a plain array: whatever is entered and removed, however the table grows and shrinks, what is in it
 * is found, once; also with bad hashes, without memory, and by readers on other CPUs. */
#include "host/host.h"
#include "host/test_smp.h"
#include "lib/check.h"
#include "lib/hash.h"
#include "lib/htab.h"
#include "lib/plat.h"
#include "lib/string.h"

#define OBJECTS 4000

struct object {
    struct hnode node;
    u64 key;
    bool in;
    u32 walked;
    struct rcu_head rcu;
};

static struct object objects[OBJECTS];
static struct htab t;

static bool same_key(const struct hnode *n, const void *key)
{
    return container_of(n, struct object, node)->key == *(const u64 *)key;
}

static u64 good_hash(u64 key)
{
    static const struct hash_key secret = {{1, 2}};
    return siphash13_fixed(&secret, &key, sizeof(key));
}

static struct object *find(u64 key, u64 hash)
{
    struct hnode *n = htab_find(&t, hash, same_key, &key);
    return n ? container_of(n, struct object, node) : NULL;
}

static void start(u64 room)
{
    memset(objects, 0, sizeof(objects));
    for (u64 i = 0; i < OBJECTS; i++)
        objects[i].key = i * 3;
    CHECK_EQ(htab_init(&t, room), 0);
}

static void check_bursts(void)
{
    struct hnode *found[HTAB_BURST];
    u64 keys[HTAB_BURST], hashes[HTAB_BURST];
    for (u64 first = 0; first < 2 * OBJECTS; first += HTAB_BURST - 1) {
        for (u64 i = 0; i < HTAB_BURST; i++) {
            keys[i] = (first + i) * 3 / 2; /* every third is nobody's key */
            hashes[i] = good_hash(keys[i]);
        }
        htab_find_burst(&t, HTAB_BURST, hashes, same_key, keys, sizeof(keys[0]), found);
        for (u64 i = 0; i < HTAB_BURST; i++) {
            struct object *o = keys[i] % 3 == 0 && keys[i] / 3 < OBJECTS ? &objects[keys[i] / 3] : NULL;
            CHECK(found[i] == (o && o->in ? &o->node : NULL));
        }
    }
}

static void count_walked(struct hnode *n, void *arg)
{
    container_of(n, struct object, node)->walked++;
}

static void check_walk(void)
{
    u64 at = 0, count = 0;
    do
        at = htab_walk(&t, at, count_walked, NULL);
    while (at);
    for (u64 i = 0; i < OBJECTS; i++) {
        CHECK_EQ(objects[i].walked, objects[i].in);
        count += objects[i].in;
        objects[i].walked = 0;
    }
    CHECK_EQ(htab_count(&t), count);
}

static void change(struct object *o)
{
    if (o->in)
        htab_remove(&t, &o->node);
    else
        CHECK_EQ(htab_insert(&t, &o->node, good_hash(o->key)), 0);
    o->in = !o->in;
}

/* Fills and empties in waves, so that the table grows and shrinks again and again. */
TEST(htab_against_an_array)
{
    u32 least_bits = ~0u, most_bits = 0;
    start(16);
    for (u32 op = 0; op < 1000000; op++) {
        struct object *o = &objects[test_rand() % OBJECTS];
        bool fill = op / 40000 % 2 == 0;
        if (o->in != fill || test_rand() % 8 == 0)
            change(o);
        o = &objects[test_rand() % OBJECTS];
        CHECK(find(o->key, good_hash(o->key)) == (o->in ? o : NULL));
        CHECK(!find(o->key + 1, good_hash(o->key + 1)));
        if (op % 10007 == 0) {
            check_walk();
            check_bursts();
        }
        if (op % 100 == 0)
            host_run(); /* what was deferred */
        least_bits = min(least_bits, t.table->bits);
        most_bits = max(most_bits, t.table->bits);
    }
    CHECK_EQ(least_bits, 3);
    CHECK_LE(9, most_bits);
    htab_free(&t);
}

/* At each step of a growth and of a shrinkage everything is found and walked. */
TEST(htab_every_step_of_a_resize)
{
    start(16);
    for (u64 i = 0; i < 700; i++) {
        change(&objects[i]);
        for (u64 j = 0; j <= i + 1; j++)
            CHECK(find(objects[j].key, good_hash(objects[j].key)) == (j <= i ? &objects[j] : NULL));
        check_walk();
    }
    for (u64 i = 0; i < 700; i++) {
        change(&objects[i]);
        for (u64 j = 0; j < 700; j++)
            CHECK(find(objects[j].key, good_hash(objects[j].key)) == (j > i ? &objects[j] : NULL));
        check_walk();
    }
    htab_free(&t);
}

/* A walk in pieces while others change the table: who stays is given once, who comes or goes at most once. */
TEST(htab_walk_while_it_changes)
{
    for (int round = 0; round < 60; round++) {
        start(16);
        for (u64 i = 0; i < 1000; i++)
            change(&objects[i]);
        u64 at = 0, next = round & 1 ? 1000 : 100;
        do {
            at = htab_walk(&t, at, count_walked, NULL);
            for (int i = 0; i < 40; i++) {
                struct object *o = &objects[next];
                bool grow = round & 1;
                if (grow ? next < OBJECTS : next < 1000)
                    change(o), next++;
            }
            host_run();
        } while (at);
        for (u64 i = 0; i < OBJECTS; i++) {
            bool stays = i < 100 || (round & 1 && i < 1000);
            CHECK(stays ? objects[i].walked == 1 : objects[i].walked <= 1);
        }
        htab_free(&t);
    }
}

static void remove_walked(struct hnode *n, void *arg)
{
    struct object *o = container_of(n, struct object, node);
    CHECK(o->in);
    change(o);
}

TEST(htab_walk_may_remove)
{
    start(16);
    for (u64 i = 0; i < OBJECTS; i++)
        change(&objects[i]);
    u64 at = 0;
    do
        at = htab_walk(&t, at, remove_walked, NULL);
    while (at);
    CHECK_EQ(htab_count(&t), 0);
    htab_free(&t);
}

/* All of one hash: the table says so instead of growing for ever, and what is in it stays found. */
TEST(htab_one_hash_for_all)
{
    u64 in = 0;
    start(1000);
    while (in < OBJECTS && htab_insert(&t, &objects[in].node, 0x8000000000000000) == 0)
        in++;
    CHECK_LE(7 * 32, in);
    CHECK_LT(in, 7 * 33);
    for (u64 i = 0; i < in; i++)
        CHECK(find(objects[i].key, 0x8000000000000000) == &objects[i]);
    CHECK(!find(1, 0x8000000000000000));
    for (u64 i = 0; i < in; i += 2)
        htab_remove(&t, &objects[i].node);
    for (u64 i = 0; i < in; i++)
        CHECK(find(objects[i].key, 0x8000000000000000) == (i & 1 ? &objects[i] : NULL));
    /* with neighbours that would have room, at the end of the hashes: round to the first bucket */
    for (u64 i = in; i < in + 20; i++)
        CHECK_EQ(htab_insert(&t, &objects[i].node, ~0ull), 0);
    for (u64 i = in; i < in + 20; i++)
        CHECK(find(objects[i].key, ~0ull) == &objects[i]);
    u64 at = 0;
    do
        at = htab_walk(&t, at, count_walked, NULL);
    while (at);
    for (u64 i = 0; i < in + 20; i++)
        CHECK_EQ(objects[i].walked, i & 1 || i >= in);
    htab_free(&t);
}

/* Where the next table has no memory, the old goes on, and another attempt is made later. */
TEST(htab_goes_on_without_memory)
{
    for (u64 nth = 1; nth <= 3; nth++) {
        start(16);
        host_mem_fail_at(nth);
        for (u64 i = 0; i < 1000; i++)
            change(&objects[i]);
        CHECK(host_mem_failed());
        CHECK_EQ(t.no_memory, 1);
        CHECK_LE(7, t.table->bits);
        check_walk();
        htab_free(&t);
    }
    host_mem_fail_at(1);
    CHECK_EQ(htab_init(&t, 16), -ENOMEM);
    host_mem_fail_at(2);
    CHECK_EQ(htab_init(&t, 16), -ENOMEM);
    htab_free(&t);
}

TEST(htab_same_key_twice)
{
    start(16);
    objects[1].key = objects[0].key;
    change(&objects[0]);
    change(&objects[1]);
    CHECK_EQ(htab_count(&t), 2);
    struct object *o = find(objects[0].key, good_hash(objects[0].key));
    CHECK(o == &objects[0] || o == &objects[1]);
    change(o);
    CHECK(find(objects[0].key, good_hash(objects[0].key)) == &objects[o == &objects[0]]);
    htab_free(&t);
}

/* ---- readers on other CPUs, while the first fills and empties the table: those that stay are always found ---- */

#define STAYING 300
#define WAVES   6

static bool torture_over;

static void leaves_for_good(struct rcu_head *h)
{
    struct object *o = container_of(h, struct object, rcu);
    o->key |= 1ull << 63; /* a reader that still saw it would not find its key */
    o->in = false;
}

static void torture_write(void)
{
    for (u32 wave = 0; wave < WAVES; wave++) {
        for (u64 i = STAYING; i < OBJECTS; i++) {
            struct object *o = &objects[i];
            if (load_acquire(&o->in))
                continue;
            o->key = i * 3;
            o->in = true;
            CHECK_EQ(htab_insert(&t, &o->node, good_hash(o->key)), 0);
            if (i % 64 == 0)
                smp_relax();
        }
        for (u64 i = STAYING; i < OBJECTS; i++) {
            htab_remove(&t, &objects[i].node);
            rcu_defer(&objects[i].rcu, leaves_for_good);
            if (i % 64 == 0)
                smp_relax();
        }
        while (load_acquire(&objects[OBJECTS - 1].in))
            smp_relax();
    }
}

static void torture_read(void)
{
    struct hnode *found[32];
    u64 keys[32], hashes[32], seed = cpu_id();
    while (!load_acquire(&torture_over)) {
        for (u32 i = 0; i < 32; i++) {
            seed = hash_u64(seed + 1);
            keys[i] = seed % STAYING * 3;
            hashes[i] = good_hash(keys[i]);
        }
        rcu_enter();
        htab_find_burst(&t, 32, hashes, same_key, keys, sizeof(keys[0]), found);
        for (u32 i = 0; i < 32; i++)
            CHECK(found[i] == &objects[keys[i] / 3].node);
        u64 other = (STAYING + seed % (OBJECTS - STAYING)) * 3;
        struct hnode *n = htab_find(&t, good_hash(other), same_key, &other);
        if (n)
            CHECK_EQ(container_of(n, struct object, node)->key, other); /* not gone while we stand here */
        rcu_exit();
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

TEST(smp_htab_readers_miss_nothing)
{
    start(16);
    torture_over = false;
    for (u64 i = 0; i < STAYING; i++)
        change(&objects[i]);
    smp_run(torture, NULL);
    CHECK_EQ(htab_count(&t), STAYING);
    htab_free(&t);
}

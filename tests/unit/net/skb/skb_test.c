/* Packets: taken, given back, cloned, copied; bytes in one piece and in many; against a plain array of bytes. */
#include "net/skb/skb.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/csum.h"
#include "lib/reclaim.h"
#include "lib/string.h"
#include "net/skb/drop.h"
#include "net/skb/pool.h"

static struct net *net;
static struct skb_pool *pool;

static void start(void)
{
    net = net_new();
    pool = skb_pool_of(net);
}

static void end(void)
{
    CHECK_EQ(skb_pool_used(pool), 0);
    net_free(net);
}

static void fill(u8 *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (u8)test_rand();
}

/* n bytes in pieces of random size, the first of them linear. */
static struct skb *in_pieces(const u8 *p, u32 n, u32 linear)
{
    struct skb *s = skb_alloc(pool);
    memcpy(skb_put(s, min(n, linear)), p, min(n, linear));
    for (u32 at = min(n, linear); at < n;) {
        struct skb *f = skb_alloc(pool);
        u32 some = min((u32)(test_rand() % SKB_ROOM) + 1, n - at);
        if (n > 30000)
            some = min(n - at, SKB_ROOM - (u32)(test_rand() % 500));
        memcpy((u8 *)f->buf + SKB_DATA, p + at, some);
        CHECK(skb_add_frag(s, f->buf, SKB_DATA, some));
        at += some;
    }
    return s;
}

static void same(const struct skb *s, const u8 *p, u32 n)
{
    static u8 out[70000];
    CHECK_EQ(s->len, n);
    CHECK_EQ(skb_read(s, 0, out, n), 0);
    CHECK_MEM(out, p, n);
    u32 sum = s->linear;
    for (u32 i = 0; i < s->frags; i++)
        sum += s->buf->frag[i].len;
    CHECK_EQ(sum, n);
}

TEST(skb_comes_and_goes)
{
    start();
    struct skb *s = skb_alloc(pool);
    CHECK_EQ(s->len, 0);
    CHECK_EQ(skb_headroom(s), SKB_HEADROOM);
    CHECK_EQ(skb_tailroom(s), SKB_ROOM);
    CHECK_EQ((uintptr_t)s->data % 16, 0);
    memset(skb_put(s, 100), 1, 100);
    CHECK(skb_push(s, 14) == s->data);
    CHECK_EQ(s->len, 114);
    skb_pull(s, 20);
    CHECK_EQ(s->len, 94);
    CHECK_EQ(skb_headroom(s), SKB_HEADROOM + 6);
    CHECK_EQ(skb_pool_used(pool), 1);
    skb_free(s);
    end();
}

/* What was freed last comes first, while it is warm. */
TEST(skb_pool_is_last_in_first_out)
{
    start();
    struct skb *a = skb_alloc(pool), *b = skb_alloc(pool);
    skb_free(a);
    skb_free(b);
    CHECK(skb_alloc(pool) == b);
    CHECK(skb_alloc(pool) == a);
    skb_free(a);
    skb_free(b);
    end();
}

TEST(skb_pool_is_bounded_and_recovers)
{
    static struct skb *all[1000];
    start();
    pool->most = 3 * pool->per_block;
    u32 n = 0;
    while (n < ARRAY_LEN(all) && (all[n] = skb_alloc(pool)))
        n++;
    CHECK_EQ(n, pool->most);
    CHECK_EQ(pool->cache[0]->refused, 1);
    skb_free(all[--n]);
    CHECK((all[n] = skb_alloc(pool)) != NULL);
    n++;
    while (n)
        skb_free(all[--n]);
    CHECK_EQ(pool->carved, pool->most);
    CHECK_EQ(skb_pool_shrink(pool), 3 * pool->per_block);
    CHECK_EQ(pool->carved, 0);
    struct skb *s = skb_alloc(pool);
    CHECK(s != NULL);
    CHECK_EQ(skb_pool_shrink(pool), 0); /* one of the block is out */
    skb_free(s);
    end();
}

/* Through the LIFO into the depot and back: each object once. */
TEST(skb_pool_chunks)
{
    static struct skb *all[2000];
    start();
    for (int round = 0; round < 3; round++) {
        for (u32 i = 0; i < ARRAY_LEN(all); i++) {
            all[i] = skb_alloc(pool);
            all[i]->mark = i;
        }
        for (u32 i = 0; i < ARRAY_LEN(all); i++)
            CHECK_EQ(all[i]->mark, i);
        for (u32 i = 0; i < ARRAY_LEN(all); i++)
            skb_free(all[(i * 7 + (u32)round) % ARRAY_LEN(all)]);
        CHECK_EQ(pool->idle + pool->cache[0]->n, pool->carved);
    }
    CHECK_EQ(pool->carved, 2000 / pool->per_block * pool->per_block);
    end();
}

/* What lies idle goes back when the machine asks, and what is in hands stays good. */
TEST(skb_pool_gives_back_what_lies_idle)
{
    static struct skb *all[2000];
    start();
    net_first = net;
    softirq_off();
    for (u32 i = 0; i < ARRAY_LEN(all); i++)
        all[i] = skb_alloc(pool);
    for (u32 i = 1; i < ARRAY_LEN(all); i++)
        skb_free(all[i]);
    CHECK_LE(2000 - pool->per_block, pool->carved);
    softirq_on();
    reclaim_ask();
    host_run();
    softirq_off();
    CHECK_LE(1, pool->carved);
    CHECK_LE(pool->carved, pool->per_block);
    CHECK_EQ(skb_pool_used(pool), 1);
    skb_free(all[0]);
    all[0] = skb_alloc(pool);
    CHECK(all[0] != NULL);
    skb_free(all[0]);
    softirq_on();
    net_first = NULL;
    end();
}

TEST(skb_no_memory_is_null_and_leaks_nothing)
{
    for (u64 n = 1;; n++) {
        host_mem_fail_at(n);
        struct net *m = net_new();
        struct skb *s = m ? skb_alloc(skb_pool_of(m)) : NULL;
        struct skb *c = s ? skb_clone(s) : NULL;
        if (c)
            skb_free(c);
        if (s)
            skb_free(s);
        net_free(m);
        if (!host_mem_failed())
            break;
    }
    host_mem_fail_at(0);
}

/* ---- what debug builds catch ---- */

static void free_twice(void *arg)
{
    start();
    struct skb *s = skb_alloc(pool);
    skb_free(s);
    skb_free(s);
}

static void write_after_free(void *arg)
{
    start();
    struct skb *s = skb_alloc(pool);
    u8 *p = skb_put(s, 10);
    skb_free(s);
    p[3] = 7;
    CHECK(skb_alloc(pool) != NULL);
}

static void taken_here(void)
{
    for (int i = 0; i < 17; i++)
        CHECK(skb_alloc(pool) != NULL);
}

static void never_freed(void *arg)
{
    start();
    host_log_to_stderr(false);
    taken_here();
    struct skb *other = skb_alloc(pool);
    skb_free(other);
    net_free(net);
}

TEST(skb_misuse_is_told)
{
    struct host_death d;
    host_die(free_twice, NULL, &d);
    CHECK_EQ(d.how, DEATH_PANIC);
    CHECK(strstr(d.words, "given back twice, taken in free_twice") != NULL);
    host_die(write_after_free, NULL, &d);
    CHECK_EQ(d.how, DEATH_PANIC);
    CHECK(strstr(d.words, "written to after it was given back") != NULL);
    host_die(never_freed, NULL, &d);
    CHECK_EQ(d.how, DEATH_PANIC);
    CHECK(strstr(d.words, "17 skbs never freed, taken in taken_here") != NULL);
}

/* ---- bytes ---- */

TEST(skb_bytes_against_an_array)
{
    static u8 model[65536], out[65536];
    start();
    for (int round = 0; round < 300; round++) {
        u32 n = (u32)(test_rand() % (round % 3 ? 4000 : 60000)) + 1;
        fill(model, n);
        struct skb *s = in_pieces(model, n, (u32)(test_rand() % SKB_ROOM) + 1);
        same(s, model, n);
        for (int i = 0; i < 10; i++) {
            u32 off = (u32)(test_rand() % n), len = (u32)(test_rand() % (n - off)) + 1;
            CHECK_EQ(skb_read(s, off, out, len), 0);
            CHECK_MEM(out, model + off, len);
            CHECK_EQ(csum_fold(skb_csum(s, off, len)).raw, csum_fold(csum_bytes(model + off, len)).raw);
            u8 *p = skb_need(s, off % 1024, len % 1024);
            if (off % 1024 + len % 1024 <= n) {
                CHECK(p != NULL);
                CHECK_MEM(p, model + off % 1024, len % 1024);
            } else {
                CHECK(p == NULL);
            }
            fill(model + off, len);
            CHECK_EQ(skb_write(s, off, model + off, len), 0);
        }
        same(s, model, n);
        CHECK_EQ(skb_read(s, n, out, 1), -EFAULT);
        CHECK(skb_need(s, ~0u, 2) == NULL);
        u32 left = (u32)(test_rand() % (n + 1));
        skb_trim(s, left);
        same(s, model, left);
        if (left + 1000 <= n && !skb_append(s, model + left, 1000))
            same(s, model, left + 1000);
        skb_free(s);
        CHECK_EQ(skb_pool_used(pool), 0);
    }
    end();
}

TEST(skb_need_moves_the_linear_part_and_its_offsets)
{
    static u8 model[3000];
    start();
    fill(model, sizeof(model));
    struct skb *s = skb_alloc(pool);
    skb_put(s, 1500);
    skb_pull(s, 1400); /* 100 left, far behind */
    memcpy(s->data, model, 100);
    s->l3 = (u16)(skb_off(s) + 14);
    struct skb *f = skb_alloc(pool);
    memcpy((u8 *)f->buf + SKB_DATA, model + 100, 1900);
    CHECK(skb_add_frag(s, f->buf, SKB_DATA, 1900));
    u8 *p = skb_need(s, 0, 1800);
    CHECK(p != NULL);
    CHECK_MEM(p, model, 1800);
    CHECK_EQ(skb_at(s, s->l3), 14);
    same(s, model, 2000);
    CHECK(skb_need(s, 0, SKB_ROOM + 1) == NULL);
    skb_free(s);
    end();
}

TEST(skb_clones_share_until_written)
{
    static u8 model[5000], other[5000];
    start();
    fill(model, sizeof(model));
    memcpy(other, model, sizeof(model));
    struct skb *a = in_pieces(model, sizeof(model), 300);
    struct skb *b = skb_clone(a), *c = skb_clone(b);
    CHECK(a->data == b->data && b->data == c->data);
    CHECK(skb_shared(a) && skb_shared(b));
    fill(other + 100, 4000);
    CHECK_EQ(skb_write(b, 100, other + 100, 4000), 0);
    same(a, model, sizeof(model));
    same(b, other, sizeof(model));
    same(c, model, sizeof(model));
    skb_free(a); /* the buffer's own goes first */
    same(c, model, sizeof(model));
    CHECK(!skb_shared(c));
    CHECK(skb_own(c));
    memcpy(skb_push(c, 14), other, 14);
    struct skb *d = skb_copy(c);
    skb_free(c);
    CHECK_EQ(d->len, sizeof(model) + 14);
    skb_pull(d, 14);
    same(d, model, sizeof(model));
    skb_free(b);
    skb_free(d);
    end();
}

/* The first one writes, twice, and its clones go before it and after it. */
TEST(skb_first_one_leaves_its_clones)
{
    static u8 model[5000], other[5000];
    fill(model, sizeof(model));
    for (u32 order = 0; order < 4; order++) {
        start();
        struct skb *a = in_pieces(model, sizeof(model), 300), *b = skb_clone(a);
        memcpy(other, model, sizeof(model));
        fill(other + 100, 4000);
        CHECK_EQ(skb_write(a, 100, other + 100, 4000), 0);
        struct skb *c = skb_clone(a);
        CHECK(skb_own(a));
        memcpy(skb_push(a, 14), other, 14);
        skb_trim(a, 500);
        same(b, model, sizeof(model));
        same(c, other, sizeof(model));
        struct skb *all[] = {a, b, c};
        for (u32 i = 0; i < 3; i++)
            skb_free(all[order & 1 ? 2 - i : (i + order / 2) % 3]);
        end();
    }
}

/* ---- drops ---- */

TEST(skb_drops_are_counted_and_kept)
{
    static struct skb_port port = {.name = "eth7"};
    struct drop_record r;
    start();
    CHECK_EQ(skb_port_start(&port, net), 0);
    host_clock_advance(5 * NS_PER_MS);
    for (u8 i = 0; i < 200; i++) {
        struct skb *s = skb_alloc(pool);
        *(u8 *)skb_put(s, 60) = i;
        s->dev = &port;
        skb_drop(s, i % 2 ? DROP_QDISC_FULL : DROP_IP_CSUM);
    }
    CHECK_EQ(drop_read(net, &port, DROP_QDISC_FULL, 0), 100);
    CHECK_EQ(drop_read(net, &port, DROP_IP_CSUM, 0), 100);
    CHECK_EQ(drop_read(net, NULL, DROP_IP_CSUM, 0), 0);
    CHECK(drop_last(net, 0, 0, &r));
    CHECK_EQ(r.why, DROP_QDISC_FULL);
    CHECK_EQ(r.at, 5 * NS_PER_MS);
    CHECK_EQ(r.len, 60);
    CHECK_EQ(r.kept, 60);
    CHECK_EQ(r.bytes[0], 199);
    CHECK_STR(r.port, "eth7");
    CHECK(drop_last(net, 0, 62, &r));
    CHECK_EQ(r.bytes[0], 137);
    CHECK(!drop_last(net, 0, 63, &r));
    CHECK_EQ(drop_read(net, NULL, DROP_IP_CSUM, 0), 0);
    skb_port_end(&port);
    CHECK_EQ(drop_read(net, NULL, DROP_IP_CSUM, 0), 100);
    end();
}

TEST(skb_every_reason_has_words)
{
    for (int i = 0; i < DROP_REASONS; i++) {
        CHECK(drop_name((enum drop_reason)i) && drop_meaning((enum drop_reason)i));
        for (int j = 0; j < i; j++)
            CHECK(strcmp(drop_name((enum drop_reason)i), drop_name((enum drop_reason)j)) != 0);
    }
    CHECK_STR(drop_name(DROP_REASONS), "?");
}

/* ---- keeping ---- */

static int parked, gone;

static void count_park(struct skb *s)
{
    atomic_add_relaxed(&parked, 1); /* tests of several CPUs run through this as well */
}

static enum drop_reason count_unpark(struct skb *s)
{
    atomic_add_relaxed(&parked, -1);
    return load_relaxed(&gone) ? DROP_TX_DOWN : DROP_NOT;
}

PARK(test, count_park, count_unpark);

TEST(skb_park_takes_references_once)
{
    start();
    struct skb *s = skb_alloc(pool);
    skb_park(s);
    skb_park(s);
    CHECK_EQ(parked, 1);
    struct skb *c = skb_clone(s); /* has none of its own */
    skb_free(c);
    CHECK_EQ(parked, 1);
    CHECK_EQ(skb_unpark(s), DROP_NOT);
    CHECK_EQ(skb_unpark(s), DROP_NOT);
    CHECK_EQ(parked, 0);
    gone = 1;
    skb_park(s);
    CHECK_EQ(skb_unpark(s), DROP_TX_DOWN);
    skb_park(s);
    skb_free(s);
    CHECK_EQ(parked, 0);
    gone = 0;
    end();
}

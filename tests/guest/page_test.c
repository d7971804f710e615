/* The page allocator: blocks are whole, aligned, apart; what was taken comes back; and what panics is tested by
 * selftests (tests/harness). */
#include "kernel/page.h"

#include "kernel/vm.h"
#include "lib/check.h"
#include "lib/net.h"
#include "lib/plat.h"
#include "lib/string.h"
#include "net/skb/pool.h"
#include "net/skb/skb.h"

#define BLOCKS 64

struct held {
    u64 *p;
    unsigned order;
};

static void fill(const struct held *h, u64 v)
{
    u64 words = (PAGE_SIZE << h->order) / 8;
    h->p[0] = h->p[words / 2] = h->p[words - 1] = v;
}

static bool filled(const struct held *h, u64 v)
{
    u64 words = (PAGE_SIZE << h->order) / 8;
    return h->p[0] == v && h->p[words / 2] == v && h->p[words - 1] == v;
}

TEST(page_blocks_are_aligned_and_apart)
{
    struct held held[BLOCKS] = {{NULL, 0}};
    struct page_info before, after;

    page_info(&before);
    for (int round = 0; round < 4000; round++) {
        struct held *h = &held[test_rand() % BLOCKS];
        if (h->p) {
            CHECK(filled(h, (u64)h));
            page_free(h->p, h->order);
            h->p = NULL;
            continue;
        }
        h->order = test_rand() % 5;
        h->p = page_alloc(h->order);
        if (!h->p)
            continue;
        CHECK_EQ((u64)h->p & ((PAGE_SIZE << h->order) - 1), 0);
        CHECK_LE(1 * MIB, vm_to_phys(h->p));
        fill(h, (u64)h);
    }
    for (unsigned i = 0; i < BLOCKS; i++)
        if (held[i].p)
            page_free(held[i].p, held[i].order);
    page_info(&after);
    CHECK_EQ(after.free, before.free);
    CHECK_LT(before.allocs, after.allocs);
}

TEST(page_memory_runs_out_and_comes_back)
{
    struct page_info before, after;
    unsigned order = 8; /* 1 MiB */
    void **list = NULL, **p;
    u64 taken = 0;

    page_info(&before);
    if (before.total > 256 * MIB / PAGE_SIZE)
        return test_skip("takes too long with so much memory");
    while ((p = page_alloc(order))) {
        *p = list;
        list = p;
        taken++;
    }
    CHECK_LT(before.free / 2, taken << order);
    CHECK(page_alloc(PAGE_ORDERS - 1) == NULL);
    CHECK(page_alloc(PAGE_ORDERS) == NULL);
    page_info(&after);
    CHECK_LT(before.failures, after.failures);
    CHECK_LE(after.low_water, after.free);
    while (list) {
        void **next = *list;
        page_free(list, order);
        list = next;
    }
    page_info(&after);
    CHECK_LE(before.free, after.free); /* who kept memory idle may have given it back meanwhile */
    CHECK_LE(before.blocks[order + 1], after.blocks[order + 1]); /* buddies found each other */
}

/* Packets' memory that lies idle is there for others when there is no more. */
TEST(page_memory_of_idle_packets_comes_back)
{
    struct skb_pool *pool = skb_pool_of(net_first);
    struct skb *taken = NULL, *s;
    void **list = NULL, **p;

    softirq_off();
    for (u32 i = 0; i < 4000 && (s = skb_alloc(pool)); i++) {
        s->next = taken;
        taken = s;
    }
    u32 carved = pool->carved;
    for (; taken; taken = s) {
        s = taken->next;
        skb_free(taken);
    }
    softirq_on();
    CHECK_LT(500, carved);
    while ((p = page_alloc(0))) {
        *p = list;
        list = p;
    }
    while (!(p = page_alloc(4))) /* 64 KiB in one piece, which are the pool's; or the test does not end */
        task_sleep(NS_PER_MS);
    CHECK_LT(pool->carved, carved);
    page_free(p, 4);
    while (list) {
        void **next = *list;
        page_free(list, 0);
        list = next;
    }
}

TEST(page_info_adds_up)
{
    struct page_info i;
    u64 sum = 0;
    page_info(&i);
    for (unsigned o = 0; o < PAGE_ORDERS; o++)
        sum += i.blocks[o] << o;
    CHECK_EQ(sum + i.stored, i.free);
    CHECK_LE(i.free, i.total);
    CHECK_LE(i.total * PAGE_SIZE, page_ram());
    CHECK_LE(page_ram() / 8 * 7, i.total * PAGE_SIZE + 2 * MIB);
}

/* mem_alloc and pools: sizes, alignment, counters; several tasks at once; red zones in debug builds. */
#include "kernel/slab.h"

#include "kernel/mem_fail.h"
#include "kernel/page.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/string.h"

#define HELD   200
#define OTHERS 8 /* objects that the rest of the system may have taken or given meanwhile */

static void add_live(const struct slab_info *i, void *arg)
{
    *(u64 *)arg += i->live;
}

static u64 live(void)
{
    u64 n = 0;
    slab_walk(add_live, &n);
    return n;
}

static size_t some_size(void)
{
    u64 kind = test_rand() % 16;
    return kind == 0 ? test_rand() % 40000 : kind < 4 ? test_rand() % 4096 : test_rand() % 300;
}

TEST(slab_objects_are_aligned_and_apart)
{
    static struct {
        u8 *p;
        size_t size;
    } held[HELD];
    u64 before = live();

    for (unsigned round = 0; round < 20000; round++) {
        unsigned i = test_rand() % HELD;
        if (held[i].p) {
            if (held[i].size)
                CHECK(held[i].p[0] == (u8)i && held[i].p[held[i].size - 1] == (u8)i);
            mem_free(held[i].p);
            held[i].p = NULL;
            continue;
        }
        held[i].size = some_size();
        held[i].p = mem_alloc(held[i].size);
        if (!held[i].p)
            continue;
        CHECK_EQ((u64)held[i].p % (held[i].size >= 64 ? 64 : 16), 0);
        memset(held[i].p, (int)i, held[i].size);
    }
    for (unsigned i = 0; i < HELD; i++) {
        mem_free(held[i].p);
        held[i].p = NULL;
    }
    CHECK_LE(live(), before + OTHERS);
}

TEST(slab_zalloc_is_zero)
{
    static const u8 zero[5000];
    for (size_t size = 1; size <= sizeof(zero); size = size * 3 / 2 + 1) {
        u8 *p = mem_alloc(size);
        CHECK(p);
        memset(p, 0xff, size);
        mem_free(p);
        p = mem_zalloc(size);
        CHECK(p && memcmp(p, zero, size) == 0);
        mem_free(p);
    }
}

/* Pages that one of 5 pages took, and that came back. */
static bool takes_five_and_gives_five(void)
{
    struct page_info before, during, after;
    page_info(&before);
    void *p = mem_alloc(5 * PAGE_SIZE - 64); /* a red zone fits behind it */
    CHECK(p);
    page_info(&during);
    mem_free(p);
    page_info(&after);
    return before.free - during.free == 5 && after.free == before.free;
}

TEST(slab_large_ones_give_back_what_is_over)
{
    bool once = false;
    for (int i = 0; i < 100 && !once; i++) /* the other CPUs' pages come and go, now and then */
        once = takes_five_and_gives_five();
    CHECK(once);
    CHECK(mem_alloc(1ull << 40) == NULL);
    CHECK(mem_alloc(~0ull) == NULL);
}

struct find {
    const char *name;
    struct slab_info info;
};

static void find(const struct slab_info *i, void *arg)
{
    struct find *f = arg;
    if (strcmp(i->name, f->name) == 0)
        f->info = *i;
}

TEST(slab_pools_count)
{
    struct slab *s = slab_new("test-pool", 72);
    void *p[50];
    struct find f = {.name = "test-pool"};

    CHECK(s);
    CHECK(slab_new("test-pool", 72) == s);
    for (unsigned i = 0; i < ARRAY_LEN(p); i++)
        CHECK(p[i] = slab_alloc(s));
    slab_walk(find, &f);
    CHECK_EQ(f.info.live, ARRAY_LEN(p));
    CHECK_EQ(f.info.size, 72);
    CHECK_LE(f.info.live, f.info.objects);
    CHECK_LE(f.info.objects * f.info.slot, f.info.pages * PAGE_SIZE);
    for (unsigned i = 0; i < ARRAY_LEN(p); i++)
        slab_free(s, p[i]);
    slab_free(s, NULL);
    slab_walk(find, &f);
    CHECK_EQ(f.info.live, 0);
    CHECK(slab_new("too large", 64 * KIB) == NULL);
}

/* More at once than a magazine holds, and each count on the way there. */
TEST(slab_in_bulk)
{
    struct slab *s = slab_new("test-bulk", 48);
    static u64 *p[300];
    struct find f = {.name = "test-bulk"};

    CHECK(s);
    if (!s)
        return;
    for (unsigned n = 0; n <= ARRAY_LEN(p); n += 1 + n / 16) {
        CHECK_EQ(slab_alloc_bulk(s, (void **)p, n), n);
        for (unsigned i = 0; i < n; i++)
            p[i][0] = p[i][5] = i;
        slab_walk(find, &f);
        CHECK_EQ(f.info.live, n);
        bool whole = true;
        for (unsigned i = 0; i < n; i++)
            whole &= p[i][0] == i && p[i][5] == i && (u64)p[i] % 16 == 0;
        CHECK(whole);
        slab_free_bulk(s, (void **)p, n);
    }
    slab_walk(find, &f);
    CHECK_EQ(f.info.live, 0);
    CHECK_LE(300, f.info.allocs);
    if (!PLAT_DEBUG)
        return;
    mem_fail_at(5);
    CHECK_EQ(slab_alloc_bulk(s, (void **)p, 10), 4);
    mem_fail_at(0);
    slab_free_bulk(s, (void **)p, 4);
}

static u32 done, wrong;

/* Objects wander between CPUs: each task frees what another one allocated. */
static void *swapped[16];

static void churn(void *arg)
{
    u64 seed = (u64)arg;
    for (unsigned i = 0; i < 5000; i++) {
        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        size_t size = 16 + (seed >> 33) % 500;
        u64 *p = mem_alloc(size);
        if (p)
            *p = ~(u64)p;
        p = atomic_swap(&swapped[seed >> 60], p);
        if (p && *p != ~(u64)p)
            atomic_add(&wrong, 1);
        mem_free(p);
        if (i % 512 == 0)
            task_yield();
    }
    atomic_add(&done, 1);
}

TEST(slab_on_all_cpus_at_once)
{
    u64 before = live();
    unsigned n = 0;

    done = wrong = 0;
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        for (u64 i = 0; i < 2; i++)
            n += task_start("churn", churn, (void *)(i + cpu * 2 + 1), TASK_NORMAL, (int)cpu) != NULL;
    CHECK_EQ(n, cpu_count() * 2);
    while (load_acquire(&done) < n)
        task_sleep(NS_PER_MS);
    for (unsigned i = 0; i < ARRAY_LEN(swapped); i++)
        mem_free(atomic_swap(&swapped[i], NULL));
    CHECK_EQ(wrong, 0);
    rcu_barrier(); /* the tasks' own memory */
    CHECK_LE(live(), before + OTHERS);
}

TEST(slab_fails_on_demand)
{
    if (!PLAT_DEBUG)
        return test_skip("debug builds alone");
    void *p = mem_alloc(100);
    CHECK(p);
    mem_free(p);
    mem_fail_at(2);
    void *a = mem_alloc(100), *b = mem_alloc(100), *c = mem_alloc(100);
    mem_fail_at(0);
    CHECK(a && !b && c);
    mem_free(a);
    mem_free(c);
    mem_fail_at(1);
    CHECK(page_alloc(0) == NULL);
    CHECK(mem_failed());
    mem_fail_at(0);
}

/* Memory of the hosted ground: alignment, poison, the account, the allocation that fails, code at run time. */
#include "host/host.h"
#include "lib/check.h"
#include "lib/plat.h"

static bool all_bytes(const u8 *p, size_t n, u8 v)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != v)
            return false;
    return true;
}

TEST(mem_alignment_and_poison)
{
    for (size_t size = 0; size < 300; size++) {
        u8 *p = mem_alloc(size), *z = mem_zalloc(size);
        size_t align = size >= 64 ? 64 : 16;
        CHECK(p && z && p != z);
        CHECK_EQ((uintptr_t)p % align, 0);
        CHECK_EQ((uintptr_t)z % align, 0);
        CHECK(size >= 64 || (uintptr_t)p % 32); /* no more than promised */
        CHECK(all_bytes(p, size, 0xa5));
        CHECK(all_bytes(z, size, 0));
        mem_free(p);
        mem_free(z);
    }
    mem_free(NULL);
    page_free(NULL, 3);
    CHECK(mem_alloc(SIZE_MAX - 8) == NULL);
}

TEST(mem_pages_are_aligned_to_their_size)
{
    for (unsigned order = 0; order < 8; order++) {
        u8 *p = page_alloc(order);
        CHECK(p != NULL);
        CHECK_EQ((uintptr_t)p % (4096ull << order), 0);
        CHECK(all_bytes(p, 4096ull << order, 0xa5));
        page_free(p, order);
    }
}

static unsigned told;
static size_t told_size;

static void tell(const void *p, size_t size, const void *who)
{
    told++;
    told_size += size;
    CHECK(p && who);
}

TEST(mem_is_accounted_for)
{
    size_t live = host_mem_live();
    u64 since = host_mem_count();
    void *a = mem_alloc(100), *b = page_alloc(1), *c = exec_alloc(4096);
    CHECK_EQ(host_mem_live(), live + 3);
    host_mem_walk(since, 10, tell);
    CHECK_EQ(told, 3);
    CHECK_EQ(told_size, 100 + 8192 + 4096);
    host_mem_walk(since, 1, tell);
    CHECK_EQ(told, 4);
    host_mem_walk(since + 1, 10, tell);
    CHECK_EQ(told, 6);
    mem_free(a);
    page_free(b, 1);
    exec_free(c, 4096);
    CHECK_EQ(host_mem_live(), live);
}

/* The pattern of a test that fails every allocation in turn. */
static int build_three(void **out)
{
    out[0] = mem_alloc(10);
    out[1] = out[0] ? page_alloc(0) : NULL;
    out[2] = out[1] ? exec_alloc(10) : NULL;
    if (out[2])
        return 0;
    page_free(out[1], 0);
    mem_free(out[0]);
    return -ENOMEM;
}

TEST(mem_fails_at_the_nth_and_only_there)
{
    size_t live = host_mem_live();
    void *out[3];
    unsigned n = 1;
    for (;; n++) {
        host_mem_fail_at(n);
        int err = build_three(out);
        CHECK_EQ(err, host_mem_failed() ? -ENOMEM : 0);
        if (!err)
            break;
        CHECK_EQ(host_mem_live(), live);
    }
    CHECK_EQ(n, 4);
    host_mem_fail_at(0);
    page_free(out[1], 0);
    mem_free(out[0]);
    exec_free(out[2], 10);
}

TEST(mem_pools)
{
    struct slab *s = slab_new("mem_test", 100);
    size_t live = host_mem_live();
    void *p[8], *one = slab_alloc(s);

    CHECK(s && one);
    CHECK(slab_new("mem_test", 100) == s);
    CHECK(slab_new("too large", 64 * KIB) == NULL);
    CHECK_EQ((uintptr_t)one % 64, 0);
    CHECK(all_bytes(one, 100, 0xa5));
    host_mem_fail_at(5);
    CHECK_EQ(slab_alloc_bulk(s, p, 8), 4);
    host_mem_fail_at(0);
    CHECK_EQ(host_mem_live(), live + 5);
    slab_free_bulk(s, p, 4);
    slab_free(s, one);
    slab_free(s, NULL);
    CHECK_EQ(host_mem_live(), live);
}

TEST(mem_code_is_writable_then_executable)
{
    static const u8 code[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov $42, %eax; ret */
    void *p = exec_alloc(sizeof(code));
    CHECK(p != NULL);
    __builtin_memcpy(p, code, sizeof(code));
    CHECK_EQ(exec_seal(p, sizeof(code)), 0);
    int (*fn)(void);
    __builtin_memcpy(&fn, &p, sizeof(fn));
    CHECK_EQ(fn(), 42);
    exec_free(p, sizeof(code));
}

/* ---- what must not be done ---- */

static void free_pages_twice(void *arg)
{
    void *p = page_alloc(2);
    page_free(p, 2);
    page_free(p, 2);
}

static void free_wrong_order(void *arg)
{
    page_free(page_alloc(2), 1);
}

static void free_into_another_pool(void *arg)
{
    slab_free(slab_new("mem_test b", 40), slab_alloc(slab_new("mem_test a", 24)));
}

static void free_of_a_pool(void *arg)
{
    mem_free(slab_alloc(slab_new("mem_test a", 24)));
}

static void another_size(void *arg)
{
    CHECK(slab_new("mem_test a", 24) != slab_new("mem_test a", 25));
}

static void write_sealed(void *arg)
{
    u8 *p = exec_alloc(100);
    if (!exec_seal(p, 100))
        *(volatile u8 *)p = 1;
}

static void run_unsealed(void *arg)
{
    u8 *p = exec_alloc(100);
    void (*fn)(void);
    __builtin_memcpy(&fn, &p, sizeof(fn));
    *p = 0xc3;
    fn();
}

TEST(mem_wrong_use_ends_the_program)
{
    static void (*const cases[])(void *) = {free_pages_twice, free_wrong_order, free_into_another_pool,
                                            free_of_a_pool,   another_size,     write_sealed,
                                            run_unsealed};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct host_death death;
        host_die(cases[i], NULL, &death);
        CHECK_EQ(death.how, i < 5 ? DEATH_PANIC : DEATH_SIGNAL);
    }
}

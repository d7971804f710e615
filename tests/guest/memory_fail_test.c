/* A work load on memory, pools, stacks, tasks, run-time code, interrupts, files and tables in which each allocation
 * fails in turn: nothing crashes, and nothing stays behind. Debug builds alone.
 *
 * Each failure is had several times. What is made once and stays (a page table, a stack that is kept for the next, the
 * rest of the system's own) grows the first time; what leaks grows every time. */
#include "kernel/irq.h"
#include "kernel/mem_fail.h"
#include "kernel/page.h"
#include "kernel/slab.h"
#include "kernel/vm.h"
#include "lib/check.h"
#include "lib/file.h"
#include "lib/htab.h"
#include "lib/lpm.h"
#include "lib/out.h"
#include "lib/string.h"

#define TRIES 4 /* that all must grow */
#define MOST  1000

static u32 ran;

static void small_task(void *arg)
{
    void *p = mem_alloc(3000);
    mem_free(p);
    atomic_add(&ran, 1);
}

static bool on_interrupt(void *arg)
{
    return true;
}

static void no_message(void *dev, u64 addr, u32 data)
{
}

static void use_memory(void)
{
    void *a = mem_alloc(100), *b = mem_zalloc(9000), *c = page_alloc(3), *burst[8];
    struct slab *s = slab_new("test-fail", 200);

    slab_free_bulk(s, burst, slab_alloc_bulk(s, burst, ARRAY_LEN(burst)));
    mem_free(a);
    mem_free(b);
    page_free(c, 3);
}

static void use_pages(void)
{
    void *stack = vm_stack_alloc(12 * KIB), *code = exec_alloc(10000);

    if (stack)
        vm_stack_free(stack, 12 * KIB);
    if (code)
        CHECK_EQ(exec_seal(code, 10000), 0);
    exec_free(code, 10000);
}

static void use_tables(void)
{
    struct htab t;
    struct lpm l;
    struct hnode n[40];

    if (htab_init(&t, 4) == 0) {
        bool in[ARRAY_LEN(n)];
        for (unsigned i = 0; i < ARRAY_LEN(n); i++)
            in[i] = htab_insert(&t, &n[i], i * 0x9e3779b97f4a7c15) == 0;
        for (unsigned i = 0; i < ARRAY_LEN(n); i++)
            if (in[i])
                htab_remove(&t, &n[i]);
        rcu_barrier();
        htab_free(&t);
    }
    if (lpm_init(&l, 32) == 0) {
        (void)lpm_insert(&l, (u8[]){10, 0, 0, 0}, 8, 1);
        (void)lpm_insert(&l, (u8[]){10, 1, 2, 0}, 25, 2);
        lpm_free(&l);
    }
}

static void use_machine(void)
{
    struct out o;
    char *text;
    size_t n;

    u32 before = load_acquire(&ran);
    bool started = task_start("small", small_task, NULL, TASK_NORMAL, -1);
    while (started && load_acquire(&ran) == before)
        task_sleep(NS_PER_MS);
    int irq = irq_request_msi("test", on_interrupt, &ran, -1, no_message, NULL);
    if (irq >= 0)
        irq_free(irq, &ran);
    out_null_init(&o);
    file_read(NULL, "/proc/interrupts", &o);
    if (file_load(NULL, "/proc/meminfo", 64 * KIB, &text, &n) == 0)
        mem_free(text);
}

static void work(void)
{
    use_memory();
    use_pages();
    use_tables();
    use_machine();
    rcu_barrier(); /* tasks that have ended */
}

static struct held {
    u64 objects, pages; /* in somebody's hands; not in a pool's */
} held;

static void add_pool(const struct slab_info *i, void *arg)
{
    struct held *h = arg;
    h->objects += i->live;
    h->pages -= i->pages;
}

static struct held look(void)
{
    struct page_info info;
    page_info(&info);
    struct held h = {0, info.total - info.free};
    slab_walk(add_pool, &h);
    return h;
}

/* Does the work with its nth allocation failing; false when it has fewer. */
static bool work_without(u64 nth)
{
    mem_fail_at(nth);
    work();
    bool failed = mem_failed();
    mem_fail_at(0);
    return failed;
}

/* Is more held after each of several rounds? */
static bool leaks(u64 nth, bool *failed)
{
    *failed = work_without(nth);
    held = look();
    for (int i = 0; i < TRIES; i++) {
        struct held before = held;
        work_without(nth);
        held = look();
        if (held.objects <= before.objects && held.pages <= before.pages)
            return false;
    }
    return true;
}

TEST(memory_fails_everywhere_and_nothing_leaks)
{
    if (!PLAT_DEBUG)
        return test_skip("debug builds alone");
    bool failed = true;
    u64 nth = 0;

    work();
    while (failed && nth < MOST)
        if (leaks(++nth, &failed))
            test_failed(__FILE__, __LINE__, "it leaks when allocation %llu of the work fails", (unsigned long long)nth);
    CHECK(!failed);
    CHECK_LT(25, nth);
}

/* The test itself sees a leak of one object, and of one page. */
TEST(memory_leaks_are_seen)
{
    static void *leaked[2 * TRIES + 2];
    unsigned n = 0;

    struct held first = look();
    for (unsigned i = 0; i < TRIES; i++) {
        leaked[n++] = mem_alloc(100);
        leaked[n++] = page_alloc(0);
    }
    struct held last = look();
    CHECK_LE(first.objects + TRIES, last.objects);
    CHECK_LE(first.pages + TRIES, last.pages);
    for (unsigned i = 0; i < n; i += 2) {
        mem_free(leaked[i]);
        page_free(leaked[i + 1], 0);
    }
}

/* A work load on memory, stacks, tasks, run-time code and interrupts in which each allocation fails in turn: nothing
 * crashes, and nothing stays behind. Debug builds alone. */
#include "kernel/irq.h"
#include "kernel/mem_fail.h"
#include "kernel/page.h"
#include "kernel/slab.h"
#include "kernel/vm.h"
#include "lib/check.h"
#include "lib/file.h"
#include "lib/out.h"
#include "lib/plat.h"

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
    void *a = mem_alloc(100), *b = mem_zalloc(9000), *c = page_alloc(3);
    void *stack = vm_stack_alloc(12 * KIB), *code = exec_alloc(10000);

    mem_free(a);
    mem_free(b);
    page_free(c, 3);
    if (stack)
        vm_stack_free(stack, 12 * KIB);
    if (code)
        CHECK_EQ(exec_seal(code, 10000), 0);
    exec_free(code, 10000);
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
    use_machine();
}

static void add_live(const struct slab_info *i, void *arg)
{
    *(u64 *)arg += i->live;
}

static u64 live(void)
{
    u64 n = 0;
    rcu_barrier(); /* tasks that have ended */
    slab_walk(add_live, &n);
    return n;
}

TEST(memory_fails_everywhere_and_nothing_leaks)
{
    if (!PLAT_DEBUG)
        return test_skip("debug builds alone");
    u64 nth = 0, before;
    bool failed;

    work(); /* what is made once and stays */
    before = live();
    do {
        mem_fail_at(++nth);
        work();
        failed = mem_failed();
        mem_fail_at(0);
    } while (failed && nth < 1000);
    CHECK(!failed);
    CHECK_LT(10, nth);
    CHECK_LE(live(), before + nth / 4); /* less than one for each way: the rest of the system lives on */
}

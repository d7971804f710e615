/* Ways to die, one for each kind of report: tests/system/death_test.py asks for each by name and reads what the console
 * says. Like all tests whose names begin with selftest_, they run only when asked for. */
#include "kernel/page.h"
#include "kernel/slab.h"
#include "kernel/smp.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/string.h"

static NOINLINE u64 deeper(volatile u64 *above)
{
    volatile u64 here[32];
    here[0] = above ? above[0] + 1 : 0;
    return here[0] > 1000000 ? 0 : deeper(here) + here[0];
}

static void dig(void *arg)
{
    deeper(arg);
}

/* The page table's view of a stack that was used up: a task of its own, so that its name must be found. */
TEST(selftest_die_overflow)
{
    task_start("digger", dig, NULL, TASK_NORMAL, -1);
    task_sleep(5 * NS_PER_S);
}

TEST(selftest_die_overflow_on_cpu_1)
{
    task_start("digger", dig, NULL, TASK_NORMAL, 1);
    task_sleep(5 * NS_PER_S);
}

static void dig_in_softirq(void)
{
    deeper(NULL);
}

TEST(selftest_die_overflow_softirq)
{
    softirq_set(SOFTIRQ_NET_TX, dig_in_softirq);
    softirq_raise(SOFTIRQ_NET_TX);
    task_sleep(5 * NS_PER_S);
}

static struct spinlock shared;
static volatile unsigned plain_locks;

static NOINLINE void lock_in_softirq(void)
{
    spin_lock(&shared);
    spin_unlock(&shared);
}

static NOINLINE void lock_plainly(void)
{
    spin_lock(&shared);
    plain_locks = 1; /* unlike the one above: the compiler makes one of two that are alike */
    spin_unlock(&shared);
}

static void softirq_locks(void)
{
    softirq_set(SOFTIRQ_NET_TX, lock_in_softirq);
    softirq_raise(SOFTIRQ_NET_TX);
    task_sleep(20 * NS_PER_MS);
}

TEST(selftest_die_lock_of_softirq_and_task)
{
    softirq_off(); /* that is well */
    lock_plainly();
    softirq_on();
    spin_unlock_irq(&shared, spin_lock_irq(&shared));
    softirq_locks();
    lock_plainly();
}

TEST(selftest_die_lock_of_task_and_softirq)
{
    lock_plainly();
    softirq_locks();
}

TEST(selftest_die_null)
{
    volatile u64 nothing = 0;
    *(volatile u8 *)(nothing + 8) = 1;
}

TEST(selftest_die_opcode)
{
    __builtin_trap();
}

static NOINLINE void smash(volatile char *p, size_t n)
{
    while (n--)
        p[n] = 'x';
}

static NOINLINE void smashed(void)
{
    char small[16];
    smash(small, sizeof(small) + 24); /* the canary, no further than the saved registers */
}

TEST(selftest_die_smashed)
{
    smashed();
}

static NORETURN void spin(void *arg)
{
    for (;;)
        cpu_pause();
}

/* The others are busy with interrupts off when this one panics. */
static NORETURN void spin_deaf(void *arg)
{
    irq_save();
    spin(arg);
}

TEST(selftest_die_while_others_are_deaf)
{
    for (unsigned cpu = 1; cpu < cpu_count(); cpu++)
        task_start("deaf", spin_deaf, NULL, TASK_HIGH, (int)cpu);
    task_sleep(50 * NS_PER_MS);
    panic("the others hear NMIs alone");
}

static void panic_here(void *arg)
{
    panic("all at once");
}

TEST(selftest_die_all_at_once)
{
    for (unsigned cpu = 1; cpu < cpu_count(); cpu++)
        task_start("lemming", panic_here, NULL, TASK_HIGH, (int)cpu);
    panic_here(NULL);
}

static void panic_in_nmi(const struct trap_frame *f)
{
    panic("in an NMI");
}

/* The other CPU is busy with interrupts off and is asked where it is: it dies of the question. */
TEST(selftest_die_in_nmi)
{
    task_start("deaf", spin_deaf, NULL, TASK_HIGH, 1);
    task_sleep(50 * NS_PER_MS);
    smp_on_probe(panic_in_nmi);
    smp_probe(1);
    task_sleep(5 * NS_PER_S);
}

static char flood[4096];

/* Holds the console's lock nearly always, and the serial port's often. */
static void writes(void *arg)
{
    for (;;)
        console_write(flood, sizeof(flood));
}

static void logs(void *arg)
{
    for (;;)
        log_write(LOG_ERR, "water over the weir");
}

/* The others hold whatever locks console and log have when this one panics, and never let go. */
TEST(selftest_die_in_a_flood)
{
    memset(flood, '.', sizeof(flood));
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        task_start("writes", writes, NULL, TASK_NORMAL, (int)cpu);
    for (unsigned cpu = 1; cpu < cpu_count(); cpu++)
        task_start("logs", logs, NULL, TASK_NORMAL, (int)cpu);
    task_sleep(100 * NS_PER_MS);
    panic("under water");
}

/* ---- sleeping where it may not be ---- */

TEST(selftest_die_asleep_as_reader)
{
    rcu_enter();
    task_sleep(NS_PER_MS);
}

TEST(selftest_die_asleep_without_softirqs)
{
    softirq_off();
    task_sleep(NS_PER_MS);
}

static void sleeps(void)
{
    task_sleep(NS_PER_MS);
}

TEST(selftest_die_asleep_in_softirq)
{
    softirq_set(SOFTIRQ_NET_TX, sleeps);
    softirq_raise(SOFTIRQ_NET_TX);
}

/* What the report itself needs is broken: who runs. */
TEST(selftest_die_twice)
{
    irq_save(); /* an interrupt would be the first to trip over it */
    this_cpu()->task = (struct task *)64;
    panic("the first");
}

TEST(selftest_die_bad_frame)
{
    *(volatile u64 *)__builtin_frame_address(0) = 0x1234567890abcdef;
    panic("frames lead nowhere");
}

TEST(selftest_die_double_free)
{
    void *p = mem_alloc(4 * PAGE_SIZE);
    mem_free(p);
    mem_free(p);
}

TEST(selftest_die_double_free_small) /* debug builds */
{
    void *p = mem_alloc(100);
    mem_free(p);
    mem_free(p);
}

TEST(selftest_die_overrun) /* debug builds */
{
    char *p = mem_alloc(100);
    memset(p, 0, 101);
    mem_free(p);
}

TEST(selftest_die_use_after_free) /* debug builds */
{
    char *volatile p = mem_alloc(100);
    mem_free(p);
    p[50] = 1;
    for (unsigned i = 0; i < 1000; i++)
        CHECK(mem_alloc(100));
}

TEST(selftest_die_page_use_after_free) /* debug builds */
{
    char *volatile p = page_alloc(0);
    page_free(p, 0);
    p[2000] = 1;
    for (unsigned i = 0; i < 1000; i++)
        CHECK(page_alloc(0));
}

TEST(selftest_die_page_double_free)
{
    void *p = page_alloc(0);
    page_free(p, 0);
    page_free(p, 0);
}

TEST(selftest_die_page_inside)
{
    page_free((char *)page_alloc(0) + 64, 0);
}

TEST(selftest_die_page_of_a_pool)
{
    page_free((void *)((u64)mem_alloc(16) & ~(PAGE_SIZE - 1)), 0);
}

TEST(selftest_die_pool_double_free) /* debug builds; in bulk */
{
    struct slab *s = slab_new("selftest", 40);
    void *p[3] = {slab_alloc(s), slab_alloc(s), NULL};
    p[2] = p[0];
    slab_free_bulk(s, p, 3);
}

TEST(selftest_die_other_pool) /* debug builds */
{
    slab_free(slab_new("selftest b", 40), slab_alloc(slab_new("selftest a", 40)));
}

TEST(selftest_die_inside_object) /* debug builds */
{
    mem_free((char *)mem_alloc(100) + 16);
}

TEST(selftest_die_pool_size)
{
    CHECK(slab_new("selftest", 40) != slab_new("selftest", 48));
}

TEST(selftest_die_mem_free_of_a_pool)
{
    mem_free(slab_alloc(slab_new("selftest", 40)));
}

TEST(selftest_die_wrong_order)
{
    page_free(page_alloc(1), 0);
}

TEST(selftest_die_not_ours)
{
    static u64 ours[4];
    mem_free(ours);
}

/* Tasks of the hosted ground: order, parking and waking, sleeping, Ctrl-C, ends. */
#include "host/host.h"
#include "lib/check.h"
#include "lib/plat.h"

#include <stdio.h>
#include <string.h>

static char told[4096];

static void tell(const char *what)
{
    size_t n = strlen(told);
    snprintf(told + n, sizeof(told) - n, "%s ", what);
}

static void say_twice(void *arg)
{
    tell(arg);
    task_yield();
    tell(arg);
}

TEST(task_order_is_priority_then_first_come)
{
    told[0] = 0;
    task_start("a", say_twice, "a", TASK_LOW, -1);
    task_start("b", say_twice, "b", TASK_NORMAL, -1);
    task_start("c", say_twice, "c", TASK_NORMAL, -1);
    task_start("d", say_twice, "d", TASK_HIGH, -1);
    CHECK_STR(told, "");
    host_run();
    CHECK_STR(told, "d d b c b c a a ");
    CHECK_EQ(host_tasks(NULL), 0);
}

struct sleeper {
    u64 ns;
    const char *name;
};

static void sleep_and_tell(void *arg)
{
    struct sleeper *s = arg;
    task_sleep(s->ns);
    CHECK_EQ(clock_ns(), s->ns);
    tell(s->name);
}

TEST(task_sleep_orders_by_time_then_by_who_slept_first)
{
    static struct sleeper s[] = {{30, "c"}, {10, "a"}, {20, "b1"}, {20, "b2"}, {1000 * NS_PER_S, "late"}};
    told[0] = 0;
    for (size_t i = 0; i < ARRAY_LEN(s); i++)
        task_start(s[i].name, sleep_and_tell, &s[i], TASK_NORMAL, -1);
    host_clock_advance(9);
    CHECK_STR(told, "");
    CHECK_EQ(host_clock_next(), 10);
    host_clock_advance(1);
    CHECK_STR(told, "a ");
    host_clock_advance(20);
    CHECK_STR(told, "a b1 b2 c ");
    CHECK_EQ(clock_ns(), 30);
    host_clock_advance(2000 * NS_PER_S);
    CHECK_STR(told, "a b1 b2 c late ");
    CHECK_EQ(clock_ns(), 30 + 2000 * NS_PER_S);
    CHECK_EQ(host_clock_next(), ~0ull);
}

TEST(task_main_sleeps_like_any_other)
{
    static struct sleeper s = {5, "other"};
    told[0] = 0;
    task_start("other", sleep_and_tell, &s, TASK_NORMAL, -1);
    task_sleep(7);
    CHECK_EQ(clock_ns(), 7);
    CHECK_STR(told, "other ");
    CHECK(!task_park(9));
    CHECK_EQ(clock_ns(), 9);
}

static void park_thrice(void *arg)
{
    bool *results = arg;
    for (int i = 0; i < 3; i++)
        results[i] = task_park(i == 2 ? 100 : ~0ull);
}

TEST(task_wake_is_remembered_once)
{
    bool results[3] = {false, false, true};
    struct task *t = task_start("parker", park_thrice, results, TASK_NORMAL, -1);
    task_wake(t); /* before it ran at all: its first park returns at once */
    task_wake(t); /* the same wake */
    host_run();
    CHECK(results[0]);
    CHECK(!results[1]);
    task_wake(t);
    host_run();
    CHECK(results[1]);
    CHECK_EQ(host_tasks(NULL), 1);
    host_clock_advance(100); /* the third ends by itself */
    CHECK(!results[2]);
    CHECK_EQ(host_tasks(NULL), 0);
}

static void wake_main(void *arg)
{
    task_wake(arg);
}

TEST(task_wake_of_main_while_time_passes_is_kept_for_its_next_park)
{
    task_start("waker", wake_main, task_self(), TASK_NORMAL, -1);
    host_clock_advance(50);
    CHECK_EQ(clock_ns(), 50);
    CHECK(task_park(70));
    CHECK_EQ(clock_ns(), 50);
}

static void wait_for_interrupt(void *arg)
{
    unsigned *state = arg;
    while (!task_interrupted())
        task_park(~0ull);
    *state = 1;
    task_interrupt_clear();
    CHECK(!task_interrupted());
    task_park(~0ull);
    *state = 2;
}

TEST(task_interrupt_stays_until_it_is_cleared)
{
    unsigned state = 0;
    struct task *t = task_start("command", wait_for_interrupt, &state, TASK_NORMAL, -1);
    host_run();
    task_wake(t); /* a wake alone is no interrupt */
    host_run();
    CHECK_EQ(state, 0);
    task_interrupt(t);
    host_run();
    CHECK_EQ(state, 1);
    task_wake(t);
    host_run();
    CHECK_EQ(state, 2);
}

static void start_another(void *arg)
{
    unsigned *left = arg;
    if ((*left)--)
        CHECK(task_start("next", start_another, left, TASK_NORMAL, -1) != NULL);
}

TEST(task_stacks_are_used_again)
{
    unsigned left = 10000;
    task_start("first", start_another, &left, TASK_NORMAL, -1);
    host_run();
    CHECK_EQ(left, ~0u);
    CHECK_EQ(host_tasks(NULL), 0);
}

TEST(task_start_fails_when_there_is_no_memory)
{
    host_mem_fail_at(1);
    CHECK(task_start("none", start_another, NULL, TASK_NORMAL, -1) == NULL);
    CHECK(host_mem_failed());
    CHECK_EQ(host_tasks(NULL), 0);
}

/* ---- what must not be done ---- */

static void park_with_softirqs_off(void *arg)
{
    softirq_off();
    task_park(1);
}

static void park_as_reader(void *arg)
{
    rcu_enter();
    task_sleep(1);
}

static void park_with_lock(void *arg)
{
    struct spinlock l = {0};
    spin_lock(&l);
    task_yield();
}

static void park_for_ever(void *arg)
{
    task_park(~0ull);
}

static unsigned deeper(unsigned n)
{
    volatile char frame[2000];
    for (size_t i = 0; i < sizeof(frame); i++)
        frame[i] = (char)n;
    return n ? deeper(n - 1) + (unsigned)frame[n % sizeof(frame)] : 0;
}

static void overflow(void *arg)
{
    deeper(100000);
}

static void overflow_in_task(void *arg)
{
    task_start("deep", overflow, NULL, TASK_NORMAL, -1);
    host_run();
}

TEST(task_panics)
{
    static const struct {
        void (*fn)(void *);
        const char *words;
    } cases[] = {
        {park_with_softirqs_off, "task_park: with softirqs off"},
        {park_as_reader, "task_park: as a reader of RCU"},
        {park_with_lock, "task_yield: with 1 spin locks held"},
        {park_for_ever, "host: main waits, and nothing is left that could wake it"},
        {overflow_in_task, "stack overflow in deep"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct host_death death;
        host_die(cases[i].fn, NULL, &death);
        CHECK_EQ(death.how, DEATH_PANIC);
        CHECK_STR(death.words, cases[i].words);
    }
}

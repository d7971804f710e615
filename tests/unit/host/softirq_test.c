/* Softirqs of the hosted ground: when they run, in which order, and what the brackets hold back. */
#include "host/host.h"
#include "lib/check.h"
#include "lib/fmt.h"
#include "lib/plat.h"

static char order[64];
static unsigned at;

static void note_timer(void)
{
    order[at++] = 't';
}

static void note_tx(void)
{
    order[at++] = 'x';
}

static void note_rx(void)
{
    order[at++] = 'r';
    if (at == 1)
        softirq_raise(SOFTIRQ_NET_TX); /* another round */
}

static void note_for_ever(void)
{
    order[at++ % 8] = 'e';
    if (at < 100)
        softirq_raise(SOFTIRQ_NET_RX);
}

/* From who has it: lib/timer, as far as the ground is concerned. */
static void take(enum softirq nr, void (*fn)(void))
{
    softirq_set(nr, NULL);
    softirq_set(nr, fn);
}

static void begin(void)
{
    at = 0;
    for (size_t i = 0; i < sizeof(order); i++)
        order[i] = 0;
    take(SOFTIRQ_TIMER, note_timer);
    take(SOFTIRQ_NET_TX, note_tx);
    take(SOFTIRQ_NET_RX, note_rx);
}

TEST(softirq_runs_at_the_end_of_the_step_in_order_of_number)
{
    begin();
    softirq_raise(SOFTIRQ_NET_RX);
    softirq_raise(SOFTIRQ_TIMER);
    softirq_raise(SOFTIRQ_NET_RX);
    CHECK_STR(order, "");
    host_run();
    CHECK_STR(order, "tr");
    host_run();
    CHECK_STR(order, "tr");
}

TEST(softirq_raised_by_a_softirq_runs_in_the_next_round)
{
    begin();
    softirq_raise(SOFTIRQ_NET_RX);
    host_run();
    CHECK_STR(order, "rx");
}

TEST(softirq_off_nests_and_the_outermost_on_runs_them)
{
    begin();
    softirq_off();
    softirq_raise(SOFTIRQ_TIMER);
    softirq_off();
    softirq_on();
    CHECK_STR(order, "");
    softirq_on();
    CHECK_STR(order, "t");
}

static void see_softirq_first(void *arg)
{
    order[at++] = 'T';
    softirq_raise(SOFTIRQ_TIMER);
    task_yield();
    order[at++] = 'T';
}

TEST(softirq_runs_before_the_next_task)
{
    begin();
    task_start("one", see_softirq_first, NULL, TASK_NORMAL, -1);
    task_start("two", see_softirq_first, NULL, TASK_NORMAL, -1);
    host_run();
    CHECK_STR(order, "TtTtTT");
}

static void count_turns(void *arg)
{
    unsigned *seen = arg;
    for (unsigned i = 0; i < 3; i++) {
        seen[i] = at;
        task_yield();
    }
}

TEST(softirq_that_raises_itself_for_long_lets_tasks_have_turns)
{
    unsigned seen[3];
    at = 0;
    softirq_set(SOFTIRQ_NET_RX, note_for_ever);
    softirq_raise(SOFTIRQ_NET_RX);
    task_start("turns", count_turns, seen, TASK_LOW, -1);
    host_run();
    CHECK_EQ(at, 100);
    CHECK_LT(seen[0], 100);
    CHECK_LT(seen[0], seen[1]);
    CHECK_LT(seen[1], seen[2]);
}

/* ---- what must not be done ---- */

static void park_in_softirq(void)
{
    task_sleep(1);
}

static void do_park_in_softirq(void *arg)
{
    softirq_set(SOFTIRQ_NET_RX, park_in_softirq);
    softirq_raise(SOFTIRQ_NET_RX);
    host_run();
}

static void on_without_off(void *arg)
{
    softirq_on();
}

static void leave_off(void)
{
    softirq_off();
}

static void do_leave_off(void *arg)
{
    softirq_set(SOFTIRQ_NET_RX, leave_off);
    softirq_raise(SOFTIRQ_NET_RX);
    host_run();
}

static void set_twice(void *arg)
{
    softirq_set(SOFTIRQ_NET_RX, leave_off);
    softirq_set(SOFTIRQ_NET_RX, park_in_softirq);
}

/* ---- locks that both sides take ---- */

static struct spinlock shared;

static NOINLINE void lock_in_softirq(void)
{
    spin_lock(&shared);
    spin_unlock(&shared);
}

static NOINLINE void lock_plainly(void)
{
    spin_lock(&shared);
    spin_unlock(&shared);
}

static void softirq_locks(void)
{
    softirq_set(SOFTIRQ_NET_RX, lock_in_softirq);
    softirq_raise(SOFTIRQ_NET_RX);
    host_run();
}

static void softirq_then_task(void *arg)
{
    softirq_locks();
    lock_plainly();
}

static void task_then_softirq(void *arg)
{
    lock_plainly();
    softirq_locks();
}

static NOINLINE void try_in_task(void)
{
    if (spin_trylock(&shared))
        spin_unlock(&shared);
}

static void softirq_then_try(void *arg)
{
    softirq_locks();
    try_in_task();
}

static void task_keeps_off(void *arg)
{
    softirq_locks();
    softirq_off();
    lock_plainly();
    try_in_task();
    softirq_on();
    spin_unlock_irq(&shared, spin_lock_irq(&shared));
    softirq_locks();
}

TEST(softirq_lock_of_two_sides_panics)
{
    static const struct {
        void (*fn)(void *);
        const char *task;
    } cases[] = {
        {softirq_then_task, "lock_plainly"}, {task_then_softirq, "lock_plainly"}, {softirq_then_try, "try_in_task"}};
    struct host_death death;
    char words[160];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        host_die(cases[i].fn, NULL, &death);
        CHECK_EQ(death.how, DEATH_PANIC);
        fmt(words, sizeof(words), "a spin lock: softirqs take it (lock_in_softirq), and tasks with softirqs on (%s)",
            cases[i].task);
        CHECK_STR(death.words, words);
    }
    host_die(task_keeps_off, NULL, &death);
    CHECK_EQ(death.how, DEATH_NONE);
}

/* ---- the rest ---- */

TEST(softirq_panics)
{
    static const struct {
        void (*fn)(void *);
        const char *words;
    } cases[] = {
        {do_park_in_softirq, "task_park: in a softirq"},
        {on_without_off, "softirq_on: without softirq_off"},
        {do_leave_off, "softirq: left 0 readers and 1 softirq_off behind"},
        {set_twice, "softirq_set: 2 is taken"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct host_death death;
        host_die(cases[i].fn, NULL, &death);
        CHECK_EQ(death.how, DEATH_PANIC);
        CHECK_STR(death.words, cases[i].words);
    }
}

/* RCU on one CPU: what is deferred runs at the end of the step, in order, as softirqs do; a barrier waits for it. */
#include "host/host.h"
#include "lib/check.h"
#include "lib/plat.h"

static char order[32];
static unsigned at;

struct late {
    struct rcu_head rcu;
    char name;
    struct late *again; /* deferred by this one */
};

static void note(struct rcu_head *h)
{
    struct late *l = container_of(h, struct late, rcu);
    order[at++] = l->name;
    order[at] = 0;
    if (l->again)
        rcu_defer(&l->again->rcu, note);
}

static void begin(void)
{
    at = 0;
    order[0] = 0;
}

TEST(rcu_defer_runs_at_the_end_of_the_step_in_order)
{
    struct late c = {.name = 'c'}, a = {.name = 'a', .again = &c}, b = {.name = 'b'};
    begin();
    rcu_defer(&a.rcu, note);
    rcu_enter();
    rcu_enter();
    rcu_exit();
    rcu_defer(&b.rcu, note);
    rcu_exit();
    CHECK_STR(order, "");
    host_run();
    CHECK_STR(order, "abc");
}

TEST(rcu_barrier_waits_for_what_was_deferred_before)
{
    struct late a = {.name = 'a'}, b = {.name = 'b'};
    begin();
    rcu_barrier(); /* for nothing */
    rcu_defer(&a.rcu, note);
    rcu_defer(&b.rcu, note);
    rcu_barrier();
    CHECK_STR(order, "ab");
}

static void defer_two(void *arg)
{
    struct late *l = arg;
    rcu_defer(&l[0].rcu, note);
    order[at++] = 'T';
    rcu_defer(&l[1].rcu, note);
    order[at++] = 'T';
    task_yield();
    order[at++] = 'T';
    order[at] = 0;
}

TEST(rcu_defer_of_a_task_runs_before_the_next_task)
{
    struct late l[2] = {{.name = 'a'}, {.name = 'b'}}, m[2] = {{.name = 'c'}, {.name = 'd'}};
    begin();
    task_start("one", defer_two, l, TASK_NORMAL, -1);
    task_start("two", defer_two, m, TASK_NORMAL, -1);
    host_run();
    CHECK_STR(order, "TTabTTcdTT");
}

static void sleep_in_callback(struct rcu_head *h)
{
    task_sleep(1);
}

static void do_sleep_in_callback(void *arg)
{
    struct late l;
    rcu_defer(&l.rcu, sleep_in_callback);
    host_run();
}

TEST(rcu_callback_must_not_sleep)
{
    struct host_death death;
    host_die(do_sleep_in_callback, NULL, &death);
    CHECK_STR(death.words, "task_park: in a softirq");
}

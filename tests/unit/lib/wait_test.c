/* Waiting: queues, mutexes, conditions; their order, their ends, and that no wake and no interrupt is lost. */
#include "host/host.h"
#include "host/test_smp.h"
#include "lib/check.h"
#include "lib/wait.h"

#include <string.h>

static WAITQ(queue);
static bool ready; /* atomic */
static char order[32];
static unsigned at;

static bool is_ready(void *arg)
{
    return load_acquire(&ready);
}

static void note(char c)
{
    order[at++] = c;
    order[at] = 0;
}

static void begin(void)
{
    at = 0;
    order[0] = 0;
    store_release(&ready, false);
}

static void wait_one(void *arg)
{
    struct waiter w;
    waitq_enter(&queue, &w);
    CHECK_EQ(waitq_park(&queue, &w, ~0ull), 0);
    waitq_leave(&queue, &w);
    note(*(const char *)arg);
}

TEST(waitq_wakes_one_the_longest_waiting_first_or_all)
{
    begin();
    for (unsigned i = 0; i < 5; i++)
        task_start("waiter", wait_one, &"abcde"[i], TASK_NORMAL, -1);
    host_run();
    CHECK_EQ(waitq_wake_one(&queue), 1);
    CHECK_EQ(waitq_wake_one(&queue), 1); /* before the first has run: another */
    host_run();
    CHECK_STR(order, "ab");
    CHECK_EQ(waitq_wake_all(&queue), 3);
    host_run();
    CHECK_STR(order, "abcde");
    CHECK_EQ(waitq_wake_one(&queue), 0);
    CHECK_EQ(waitq_wake_all(&queue), 0);
}

static int result;

static void wait_until_100(void *arg)
{
    result = waitq_wait(&queue, is_ready, NULL, 100);
    note('.');
}

TEST(waitq_wait_ends_in_time)
{
    begin();
    task_start("waiter", wait_until_100, NULL, TASK_NORMAL, -1);
    host_clock_advance(99);
    waitq_wake_all(&queue); /* for nothing */
    host_run();
    CHECK_STR(order, "");
    host_clock_advance(1);
    CHECK_STR(order, ".");
    CHECK_EQ(result, -ETIMEDOUT);
    store_release(&ready, true);
    CHECK_EQ(waitq_wait(&queue, is_ready, NULL, 0), 0); /* no wait at all */
}

TEST(waitq_wait_ends_at_an_interrupt)
{
    begin();
    struct task *t = task_start("waiter", wait_until_100, NULL, TASK_NORMAL, -1);
    host_run();
    task_interrupt(t);
    host_run();
    CHECK_EQ(result, -EINTR);
}

/* The interrupt comes together with what is waited for; the next wait must end by it, though its wake is gone. */
static void wait_twice(void *arg)
{
    CHECK_EQ(waitq_wait(&queue, is_ready, NULL, ~0ull), 0);
    store_release(&ready, false);
    result = waitq_wait(&queue, is_ready, NULL, ~0ull);
    note('.');
}

TEST(waitq_wait_loses_no_interrupt)
{
    begin();
    struct task *t = task_start("waiter", wait_twice, NULL, TASK_NORMAL, -1);
    host_run();
    task_interrupt(t);
    store_release(&ready, true);
    waitq_wake_all(&queue);
    host_run();
    CHECK_STR(order, ".");
    CHECK_EQ(result, -EINTR);
}

static void wait_deaf(void *arg)
{
    waitq_wait_deaf(&queue, is_ready, NULL);
    note(task_interrupted() ? 'i' : '-');
}

TEST(waitq_wait_deaf_hears_no_interrupt_but_keeps_it)
{
    begin();
    struct task *t = task_start("waiter", wait_deaf, NULL, TASK_NORMAL, -1);
    host_run();
    task_interrupt(t);
    host_run();
    task_interrupt(t);
    waitq_wake_all(&queue);
    host_run();
    CHECK_STR(order, "");
    store_release(&ready, true);
    waitq_wake_one(&queue);
    host_run();
    CHECK_STR(order, "i");
}

static bool is_ready_and_noted(void *arg)
{
    note(list_empty(&queue.waiters) ? 'e' : 'q');
    return load_acquire(&ready);
}

static void wait_for_end(void *arg)
{
    waitq_wait_deaf(&queue, is_ready_and_noted, NULL);
    note('.');
}

/* Whether waitq_end was before or is still to come, who waits for it stands in the queue, and takes its lock to go. */
TEST(waitq_end_lets_go_of_the_queue)
{
    begin();
    task_start("waiter", wait_for_end, NULL, TASK_NORMAL, -1);
    host_run();
    waitq_end(&queue, &ready);
    host_run();
    CHECK_STR(order, "qq.");
    task_start("waiter", wait_for_end, NULL, TASK_NORMAL, -1);
    host_run();
    CHECK_STR(order, "qq.q.");
}

/* One that gives up just as a wake is spent on it hands it on. */
static void wait_to_10(void *arg)
{
    struct waiter w;
    waitq_enter(&queue, &w);
    result = waitq_park(&queue, &w, 10);
    task_yield(); /* here it is woken, too late */
    waitq_leave(&queue, &w);
}

TEST(waitq_wake_is_passed_on_by_who_gives_up)
{
    begin();
    task_start("hasty", wait_to_10, NULL, TASK_NORMAL, -1);
    task_start("patient", wait_one, "p", TASK_LOW, -1);
    host_clock_advance(9);
    host_clock_set(10);
    task_yield();
    task_yield(); /* "hasty" has timed out, and stands in the queue still */
    CHECK_EQ(waitq_wake_one(&queue), 1);
    host_run();
    CHECK_EQ(result, -ETIMEDOUT);
    CHECK_STR(order, "p");
}

/* ---- mutex ---- */

static struct mutex mutex;

static void lock_and_note(void *arg)
{
    mutex_lock(&mutex);
    CHECK(mutex_held(&mutex));
    note(*(const char *)arg);
    task_sleep(10);
    mutex_unlock(&mutex);
    CHECK(!mutex_held(&mutex));
}

TEST(mutex_is_handed_over_in_order_of_arrival)
{
    begin();
    mutex_init(&mutex);
    mutex_lock(&mutex);
    CHECK(!mutex_trylock(&mutex));
    for (unsigned i = 0; i < 4; i++)
        task_start("locker", lock_and_note, &"abcd"[i], i == 3 ? TASK_HIGH : TASK_NORMAL, -1);
    host_clock_advance(5);
    CHECK_STR(order, "");
    mutex_unlock(&mutex);
    CHECK(!mutex_trylock(&mutex)); /* it belongs to the first that waits already */
    host_clock_advance(15);
    CHECK_STR(order, "da"); /* d was started last and ran first */
    host_clock_advance(100);
    CHECK_STR(order, "dabc");
    CHECK(mutex_trylock(&mutex));
    mutex_unlock(&mutex);
}

static void lock_twice(void *arg)
{
    mutex_init(&mutex);
    mutex_lock(&mutex);
    mutex_lock(&mutex);
}

static void unlock_free(void *arg)
{
    mutex_init(&mutex);
    mutex_unlock(&mutex);
}

TEST(mutex_panics)
{
    struct host_death death;
    host_die(lock_twice, NULL, &death);
    CHECK_STR(death.words, "mutex_lock: task main has it already");
    host_die(unlock_free, NULL, &death);
    CHECK_STR(death.words, "mutex_unlock: task main has it not");
}

/* ---- many CPUs ---- */

#define ROUNDS 300

static struct {
    struct mutex lock;
    struct cond changed;
    unsigned inside, items, taken;
} store;

static void exclude(void *arg)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        mutex_lock(&store.lock);
        CHECK_EQ(store.inside++, 0);
        if (i % 16 == 0)
            task_yield();
        store.inside--;
        store.items++;
        mutex_unlock(&store.lock);
    }
}

TEST(smp_mutex_excludes)
{
    memset(&store, 0, sizeof(store));
    mutex_init(&store.lock);
    smp_run(exclude, NULL);
    CHECK_EQ(store.items, ROUNDS * cpu_count());
}

/* Half of the CPUs make, half take; a wake that is lost hangs. */
static void make_or_take(void *arg)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        mutex_lock(&store.lock);
        if (cpu_id() % 2) {
            store.items++;
            cond_signal(&store.changed);
        } else {
            while (!store.items)
                CHECK_EQ(cond_wait(&store.changed, &store.lock, ~0ull), 0);
            store.items--;
            store.taken++;
        }
        mutex_unlock(&store.lock);
    }
}

TEST(smp_cond_loses_no_signal)
{
    memset(&store, 0, sizeof(store));
    mutex_init(&store.lock);
    cond_init(&store.changed);
    smp_run(make_or_take, NULL);
    CHECK_EQ(store.items, 0);
    CHECK_EQ(store.taken, ROUNDS * (cpu_count() / 2));
}

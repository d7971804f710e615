/* Mutex, condition and wait queue between CPUs. */
#include "lib/check.h"
#include "lib/wait.h"
#include "tests/guest/crew.h"

#define ROUNDS 2000

static MUTEX(lock);
static u64 guarded, inside;

static void adds(unsigned i)
{
    for (unsigned n = 0; n < ROUNDS; n++) {
        mutex_lock(&lock);
        CHECK_EQ(++inside, 1);
        CHECK(mutex_held(&lock));
        guarded++;
        if (n % 64 == i)
            task_sleep(10 * NS_PER_US);
        if (n % 16 == 0)
            task_yield();
        inside--;
        mutex_unlock(&lock);
    }
}

TEST(wait_mutex_excludes)
{
    guarded = inside = 0;
    crew_run(6, adds);
    CHECK_EQ(guarded, 6 * ROUNDS);
    CHECK(mutex_trylock(&lock));
    mutex_unlock(&lock);
}

/* ---- a bounded buffer ---- */

static COND(not_empty);
static COND(not_full);
static u32 buffer[4], held, sum_in, sum_out;

static void passes(unsigned i)
{
    for (u32 n = 1; n <= ROUNDS; n++) {
        mutex_lock(&lock);
        if (i % 2) {
            while (held == ARRAY_LEN(buffer))
                cond_wait(&not_full, &lock, ~0ull);
            buffer[held++] = n;
            sum_in += n;
            cond_signal(&not_empty);
        } else {
            while (!held)
                cond_wait(&not_empty, &lock, ~0ull);
            sum_out += buffer[--held];
            cond_signal(&not_full);
        }
        mutex_unlock(&lock);
    }
}

TEST(wait_cond_passes_all)
{
    held = sum_in = sum_out = 0;
    crew_run(8, passes);
    CHECK_EQ(held, 0);
    CHECK_EQ(sum_in, sum_out);
}

TEST(wait_cond_times_out)
{
    static COND(never);
    u64 from = clock_ns();
    mutex_lock(&lock);
    CHECK_EQ(cond_wait(&never, &lock, from + NS_PER_MS), -ETIMEDOUT);
    CHECK(mutex_held(&lock));
    task_interrupt(task_self());
    CHECK_EQ(cond_wait(&never, &lock, ~0ull), -EINTR);
    task_interrupt_clear();
    mutex_unlock(&lock);
}

/* ---- wake one: as many pass as there were wakes, though some give up ---- */

static WAITQ(gate);
static u32 tickets, passed;

static bool take_ticket(void *arg)
{
    u32 n;
    while ((n = load_acquire(&tickets))) /* a lost race with another one is no empty box */
        if (atomic_cas(&tickets, n, n - 1))
            return true;
    return false;
}

static void enters(unsigned i)
{
    for (unsigned n = 0; n < 200; n++)
        while (waitq_wait(&gate, take_ticket, NULL, i % 2 ? clock_ns() + 50 * NS_PER_US : ~0ull))
            ;
    atomic_add(&passed, 200);
}

TEST(wait_wake_one_is_not_lost)
{
    struct crew c;
    passed = tickets = 0;
    crew_start(&c, 4, -1, TASK_NORMAL, enters);
    u64 end = clock_ns() + 60 * NS_PER_S;
    for (u32 n = 0; n < 4 * 200; n++) {
        atomic_add(&tickets, 1);
        waitq_wake_one(&gate);
        if (n % 8 == 0)
            task_sleep(20 * NS_PER_US);
    }
    while (load_acquire(&passed) < 800 && clock_ns() < end)
        task_sleep(NS_PER_MS);
    CHECK_EQ(passed, 800);
    crew_wait(&c);
}

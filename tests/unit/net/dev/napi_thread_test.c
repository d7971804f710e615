/* Polling by tasks: who polls, and that switching to and fro under load loses and reorders nothing. */
#include "net/dev/napi_thread.h"

#include "host/host.h"
#include "host/test_smp.h"
#include "lib/check.h"
#include "lib/file.h"
#include "lib/string.h"
#include "net/dev/rps.h"
#include "net/skb/pool.h"
#include "tests/unit/net/dev/spring.h"

char *getenv(const char *name);

static struct net *net;
static struct spring *s;

static void start(void)
{
    net = net_first = net_new();
    s = spring_new(net, "eth%u", 16);
    host_run();
}

static void end(void)
{
    CHECK_EQ(spring_ended(s), s->made);
    CHECK_EQ(spring_wrong(s), 0);
    spring_end(s);
    host_run();
    CHECK_EQ(host_tasks(NULL), 2); /* the keeper, and who tends addresses */
    CHECK_EQ(skb_pool_used(skb_pool_of(net)), 0);
    net_free(net);
}

static void flow(u32 n)
{
    softirq_off();
    spring_flow(s, n);
    softirq_on();
}

static u32 named;

static void look_at_name(const char *name, const char *state)
{
    named += str_eq(name, "napi/eth0-0");
}

TEST(napi_thread_polls)
{
    start();
    flow(100);
    CHECK_EQ(spring_ended(s), 100); /* softirq: before softirq_on returned */
    CHECK_EQ(napi_set_threaded(s->dev, true), 0);
    flow(500);
    CHECK_EQ(spring_ended(s), 100); /* the task's turn has not come */
    host_run();
    CHECK_EQ(spring_ended(s), 600);
    host_tasks(look_at_name);
    CHECK_EQ(named, 1);
    CHECK_EQ(napi_set_threaded(s->dev, false), 0);
    flow(100);
    CHECK_EQ(spring_ended(s), 700);
    end();
}

TEST(napi_thread_file)
{
#define PATH "/sys/class/net/eth0/threaded"
    start();
    CHECK_EQ(file_write(net, PATH, "1\n", 2, false), 0);
    CHECK(s->dev->threaded);
    CHECK_EQ(file_write(net, PATH, "2\n", 2, false), -EINVAL);
    CHECK_EQ(file_write(net, PATH, "10", 2, false), -EINVAL);
    CHECK(s->dev->threaded);
    CHECK_EQ(file_write(net, PATH, "0", 1, false), 0);
    CHECK(!s->dev->threaded);
    CHECK_EQ(file_write(net, "/sys/class/net/eth1/threaded", "0", 1, false), -ENOENT);
    end();
}

/* ---- under load ---- */

static u32 rounds_left; /* atomic */

static void pour(u64 lot)
{
    while (load_relaxed(&rounds_left)) {
        lot = lot * 6364136223846793005ull + 1442695040888963407ull;
        if (load_relaxed(&s->credit) < 300) {
            flow((u32)(lot >> 33) % 200 + 1);
            atomic_sub(&rounds_left, load_relaxed(&rounds_left) ? 1 : 0);
        }
        smp_relax();
    }
}

static void switch_to_and_fro(u64 lot)
{
    while (load_relaxed(&rounds_left)) {
        lot = lot * 6364136223846793005ull + 1442695040888963407ull;
        CHECK_EQ(napi_set_threaded(s->dev, lot >> 40 & 1), 0);
        for (u64 i = lot >> 33 & 7; i; i--)
            smp_relax();
    }
}

static void work(void *arg)
{
    if (cpu_id() == 3)
        switch_to_and_fro(3);
    else
        pour(cpu_id() + 1);
}

TEST(smp_napi_thread_switched_under_load)
{
    start();
    rounds_left = getenv("TEST_LONG") ? 30000 : 1500;
    smp_run(work, NULL);
    host_run();
    while (spring_ended(s) < s->made || load_relaxed(&s->credit))
        task_sleep(NS_PER_MS);
    CHECK_LT(50000, s->made);
    end();
}

/* A packet at a time, over and over: one wake-up that is lost, and it stays where it is. */
static void one_at_a_time(void *arg)
{
    const u32 rounds = getenv("TEST_LONG") ? 100000 : 5000;
    if (cpu_id() == 1)
        for (u32 i = 1; i <= rounds; i++) {
            flow(1);
            while (spring_ended(s) != i)
                smp_relax();
            if (i % 100 == 0)
                CHECK_EQ(napi_set_threaded(s->dev, i / 100 & 1), 0);
            if (i % 1000 == 0)
                CHECK_EQ(rps_set(s->dev, 0, i / 1000 & 15, 0), 0);
        }
}

TEST(smp_napi_no_wakeup_is_lost)
{
    start();
    smp_run(one_at_a_time, NULL);
    end();
}

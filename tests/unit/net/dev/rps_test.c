/* Steering between four CPUs: where flows go, that each stays in order whatever is changed, what is dropped, and what
 * the files say of it. */
#include "net/dev/rps.h"

#include "host/host.h"
#include "host/test_smp.h"
#include "lib/check.h"
#include "lib/file.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/dev/backlog.h"
#include "net/dev/rx.h"
#include "net/skb/pool.h"
#include "tests/unit/net/dev/spring.h"

char *getenv(const char *name);

static struct net *net;
static struct spring *s;

static void start(u32 flows)
{
    net = net_first = net_new();
    s = spring_new(net, "eth%u", flows);
    CHECK_EQ(sysctl_set(net, "net.core.netdev_max_backlog", "1000000"), 0);
    host_run();
}

static void end(void)
{
    CHECK_EQ(spring_wrong(s), 0);
    spring_end(s);
    host_run();
    CHECK_EQ(skb_pool_used(skb_pool_of(net)), 0);
    net_free(net);
}

static void flow(u32 n)
{
    softirq_off();
    spring_flow(s, n);
    softirq_on();
}

static void set(u64 cpus, u32 flows)
{
    CHECK_EQ(rps_set(s->dev, 0, cpus, flows), 0);
}

/* The text of a view, or its error. */
static char text[4096];

static int take_text(struct out *o, const char *p, size_t n)
{
    size_t had = strlen(text);
    str_copy_n(text + had, sizeof(text) - had, p, n);
    return 0;
}

static const char *read_file(const char *path)
{
    struct out o;
    text[0] = '\0';
    out_init(&o, take_text, NULL, false);
    int err = file_read(net, path, &o);
    CHECK_EQ(err, 0);
    return text;
}

/* ---- where flows go ---- */

TEST(smp_rps_off_is_where_it_came)
{
    start(16);
    flow(500);
    host_run();
    CHECK_EQ(s->ended[0], 500);
    CHECK_EQ(dev_rx_processed(net, 0), 500);
    CHECK_EQ(rps_generations(s->dev, 0), 0);
    end();
}

TEST(smp_rps_spreads_flows)
{
    u16 on[SPRING_FLOWS];
    start(SPRING_FLOWS);
    set(0xf, 0);
    flow(5000);
    host_run();
    for (unsigned cpu = 0; cpu < 4; cpu++)
        CHECK_LT(5000 / 8, s->ended[cpu]);
    memcpy(on, s->on, sizeof(on));
    flow(5000);
    host_run();
    CHECK_EQ(spring_ended(s), 10000);
    CHECK_MEM(on, s->on, sizeof(on)); /* each where it was */
    set(0x6, 0);
    flow(5000);
    host_run();
    for (u32 i = 0; i < SPRING_FLOWS; i++)
        CHECK(s->on[i] == 1 || s->on[i] == 2);
    end();
}

/* Whoever is woken is woken once for all that comes until he has looked. */
TEST(smp_rps_kicks_once)
{
    struct backlog_seen seen;
    start(64);
    set(0x2, 0);
    flow(1000); /* sixteen bursts */
    host_run();
    backlog_seen(net, 1, &seen);
    CHECK_EQ(s->ended[1], 1000);
    CHECK_LE(1, seen.woken);
    end();
}

/* ---- nothing overtakes ---- */

static u32 rounds_left; /* atomic */

static void pour(void *arg)
{
    u64 lot = cpu_id() + 1;
    while (load_relaxed(&rounds_left)) {
        lot = lot * 6364136223846793005ull + 1442695040888963407ull;
        if (load_relaxed(&s->credit) < 300) {
            flow((u32)(lot >> 33) % 200 + 1);
            atomic_sub(&rounds_left, load_relaxed(&rounds_left) ? 1 : 0);
        }
        smp_relax();
    }
}

static void change(void *arg)
{
    static const u32 flows[] = {0, 1, 256, 512, 4096, 32768};
    u64 lot = 7;
    while (load_relaxed(&rounds_left)) {
        lot = lot * 6364136223846793005ull + 1442695040888963407ull;
        u64 r = lot >> 33;
        set(r % 5 ? r >> 4 & 0xf : 0, flows[(r >> 8) % ARRAY_LEN(flows)]);
        for (u64 i = r >> 16 & 15; i; i--)
            smp_relax();
    }
}

static void pour_or_change(void *arg)
{
    if (cpu_id() == 3)
        change(arg);
    else
        pour(arg);
}

static void pour_while_changing(u32 rounds)
{
    rounds_left = rounds;
    smp_run(pour_or_change, NULL);
    host_run();
    while (spring_ended(s) < s->made || load_relaxed(&s->credit)) /* threads may still be at it */
        task_sleep(NS_PER_MS);
    host_run();
}

TEST(smp_rps_keeps_order_while_changed)
{
    start(64);
    pour_while_changing(getenv("TEST_LONG") ? 100000 : 2000);
    CHECK_EQ(spring_ended(s), s->made);
    CHECK_LT(100000, s->made);
    for (unsigned cpu = 0; cpu < 4; cpu++)
        CHECK_LT(0, s->ended[cpu]);
    set(0, 0);
    CHECK_EQ(rps_generations(s->dev, 0), 1); /* the others are gone with their last packet */
    end();
}

/* The same where packets are lost in full backlogs, and with the flow limit. */
TEST(smp_rps_keeps_order_while_losing)
{
    start(64);
    s->whole = false;
    CHECK_EQ(sysctl_set(net, "net.core.netdev_max_backlog", "50"), 0);
    CHECK_EQ(sysctl_set(net, "net.core.flow_limit_cpu_bitmap", "6"), 0);
    rounds_left = 1000;
    smp_run(pour_or_change, NULL);
    host_run();
    spring_end(s);
    u64 dropped = 0;
    for (unsigned cpu = 0; cpu < 4; cpu++) {
        struct backlog_seen seen;
        backlog_seen(net, cpu, &seen);
        dropped += seen.dropped;
        CHECK_EQ(seen.input + seen.process, 0);
    }
    CHECK_EQ(skb_pool_used(skb_pool_of(net)), 0);
    CHECK_LT(0, dropped);
    net_free(net);
}

/* ---- too much ---- */

/* Backlogs of CPU 1 fill, since it does not run meanwhile. */
TEST(rps_backlog_is_bounded)
{
    net = net_first = net_new();
    struct skbq q = {0};
    struct skb_port *port;
    s = spring_new(net, "eth%u", 1);
    port = &s->dev->port;
    CHECK_EQ(sysctl_set(net, "net.core.netdev_max_backlog", "9"), 0);
    softirq_off();
    for (u32 i = 0; i < 30; i++) {
        struct skb *p = skb_alloc(skb_pool_of(net));
        p->dev = port;
        skb_put(p, 60);
        skbq_add(&q, p);
    }
    u64 tail = backlog_put(net, 0, &q);
    CHECK_EQ(tail, 10); /* as Linux: one more than it says */
    CHECK_EQ(q.n, 0);
    CHECK_EQ(drop_read(net, port, DROP_BACKLOG_FULL, 0), 20);
    struct backlog_seen seen;
    backlog_seen(net, 0, &seen);
    CHECK_EQ(seen.input, 10);
    CHECK_STR(read_file("/proc/net/softnet_stat"),
              "00000000 00000014 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
              "0000000a 00000000 0000000a 00000000\n");
    softirq_on();
    host_run();
    CHECK_EQ(backlog_head(net, 0), 10);
    s->wrong[0] = 0; /* not its packets */
    end();
}

/* A flow that fills the backlog alone loses; one that sends a packet now and then does not. */
TEST(rps_flow_limit)
{
    net = net_first = net_new();
    s = spring_new(net, "eth%u", 1);
    CHECK_EQ(sysctl_set(net, "net.core.netdev_max_backlog", "1000"), 0);
    CHECK_EQ(sysctl_set(net, "net.core.flow_limit_table_len", "1000"), -EINVAL);
    CHECK_EQ(sysctl_set(net, "net.core.flow_limit_table_len", "1024"), 0);
    CHECK_EQ(sysctl_set(net, "net.core.flow_limit_cpu_bitmap", "2"), -EOVERFLOW);
    CHECK_EQ(sysctl_set(net, "net.core.flow_limit_cpu_bitmap", "x"), -EINVAL);
    CHECK_EQ(sysctl_set(net, "net.core.flow_limit_cpu_bitmap", "1"), 0);
    u32 lost[2] = {0};
    softirq_off();
    for (u32 i = 0; i < 900; i++) {
        struct skb *p = skb_alloc(skb_pool_of(net));
        struct skbq q = {.n = 1, .p = {p}};
        u64 before = drop_read(net, &s->dev->port, DROP_FLOW_LIMIT, 0);
        p->dev = &s->dev->port;
        skb_put(p, 60);
        p->hash = i % 10 ? 77 : 1000 + i / 10 % 10; /* ten small flows beside a large one */
        p->flags |= SKB_HASHED;
        backlog_put(net, 0, &q);
        lost[i % 10 == 0] += drop_read(net, &s->dev->port, DROP_FLOW_LIMIT, 0) > before;
    }
    /* From the 501st on; of 128 in a row it may have 64. */
    CHECK_EQ(lost[1], 0);
    CHECK_LT(250, lost[0]);
    struct backlog_seen seen;
    backlog_seen(net, 0, &seen);
    CHECK_EQ(seen.limited, lost[0]);
    CHECK_EQ(seen.dropped, lost[0]);
    softirq_on();
    host_run();
    s->wrong[0] = 0;
    end();
}

/* ---- files ---- */

#define QUEUE "/sys/class/net/eth0/queues/rx-0/"

TEST(rps_files)
{
    static const struct {
        const char *file, *write;
        int err;
        const char *read;
    } cases[] = {
        {"rps_cpus", "", 0, "0\n"},
        {"rps_cpus", "1\n", 0, "1\n"},
        {"rps_cpus", "0,00000001", 0, "1\n"},
        {"rps_cpus", "3\n", -EOVERFLOW, "1\n"},
        {"rps_cpus", "1-2", -EINVAL, "1\n"},
        {"rps_cpus", "0", 0, "0\n"},
        {"rps_flow_cnt", "", 0, "0\n"},
        {"rps_flow_cnt", "1000\n", 0, "1024\n"},
        {"rps_flow_cnt", "-1", -EINVAL, "1024\n"},
        {"rps_flow_cnt", "1 2", -EINVAL, "1024\n"},
        {"rps_flow_cnt", "9999999999", -EINVAL, "1024\n"},
        {"rps_flow_cnt", "1", 0, "1\n"},
        {"rps_flow_cnt", "0", 0, "0\n"},
    };
    net = net_first = net_new();
    s = spring_new(net, "eth%u", 1);
    for (u32 i = 0; i < ARRAY_LEN(cases); i++) {
        char path[80];
        str_copy(path, sizeof(path), QUEUE);
        str_append(path, sizeof(path), cases[i].file);
        if (*cases[i].write)
            CHECK_EQ(file_write(net, path, cases[i].write, strlen(cases[i].write), false), cases[i].err);
        CHECK_STR(read_file(path), cases[i].read);
    }
    struct file_stat st;
    CHECK_EQ(file_stat(net, "/sys/class/net/eth0/queues/rx-1/rps_cpus", &st), -ENOENT);
    CHECK_EQ(file_stat(net, "/sys/class/net/eth0/queues/tx-0/rps_cpus", &st), -ENOENT);
    CHECK_EQ(file_stat(net, "/sys/class/net/eth0/queues/rx-00/rps_cpus", &st), -ENOENT);
    CHECK_EQ(sysctl_set(net, "net.core.rps_sock_flow_entries", "30000"), 0);
    CHECK_STR(read_file("/proc/sys/net/core/rps_sock_flow_entries"), "32768\n");
    CHECK_EQ(sysctl_set(net, "net.core.rps_sock_flow_entries", "536870913"), -EINVAL);
    end();
}

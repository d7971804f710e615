/* drops and dropwatch: counts by reason, interface and CPU, the last headers, and drops as they happen. */
#include "host/host.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/skb/drop.h"
#include "net/skb/pool.h"
#include "tests/unit/net/dev/fake_dev.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/net/skb/packet.h"

static struct net *net;
static struct fake_dev *f;

static void start(void)
{
    net = net_new();
    f = fake_dev_new(net, "eth%u");
    host_run();
}

static void end(void)
{
    host_run();
    CHECK_EQ(skb_pool_used(skb_pool_of(net)), 0);
    net_free(net);
}

static void drop(const struct packet *p, enum drop_reason why, bool with_dev)
{
    static u8 frame[2048];
    softirq_off();
    struct skb *s = packet_skb(skb_pool_of(net), frame, packet_build(p, frame), 0);
    s->dev = with_dev ? &f->dev->port : NULL;
    skb_drop(s, why);
    softirq_on();
}

#define HEAD "REASON           INTERFACE              DROPS  MEANING\n"

TEST(cmd_drops_counts)
{
    start();
    TYPED(net, {"drops", 0, HEAD}, {"drops -j", 0, "[]\n"});
    drop(&(struct packet){.payload = 20}, DROP_L4_CSUM, true);
    drop(&(struct packet){.payload = 20}, DROP_L4_CSUM, true);
    drop(&(struct packet){.payload = 20}, DROP_LOOP, false);
    TYPED(net,
          {"drops", 0,
           HEAD "L4_CSUM          eth0                       2  the checksum of its TCP, UDP or ICMP part is wrong\n"
                "LOOP             -                          1  it went through stacked interfaces too often\n"},
          {"drops -c eth0", 0,
           "REASON           INTERFACE              DROPS       CPU0   MEANING\n"
           "L4_CSUM          eth0                       2           2  the checksum of its TCP, UDP or ICMP part is"
           " wrong\n"},
          {"drops -", 0,
           HEAD "LOOP             -                          1  it went through stacked interfaces too often\n"},
          {"drops -jc eth0", 0,
           "[{\"reason\":\"L4_CSUM\",\"ifname\":\"eth0\",\"drops\":2,\"cpus\":[2],"
           "\"meaning\":\"the checksum of its TCP, UDP or ICMP part is wrong\"}]\n"},
          {"drops foo", 1, "drops: \"foo\": there is no such device\n"});
    CHECK_EQ(typed(net, "drops -a eth0 | wc -l"), 0);
    u64 lines = 0;
    typed_said[strcspn(typed_said, "\n")] = 0;
    CHECK_EQ(parse_u64(typed_said, 0, 1000, &lines, NULL), 0);
    CHECK_EQ(lines, DROP_REASONS); /* the heading, and each reason but the one that is none */
    fake_dev_end(f);
    TYPED(net,
          {"drops", 0, /* the interface is gone, its drops are not */
           HEAD "L4_CSUM          -                          2  the checksum of its TCP, UDP or ICMP part is wrong\n"
                "LOOP             -                          1  it went through stacked interfaces too often\n"});
    end();
}

TEST(cmd_drops_last)
{
    start();
    drop(&(struct packet){.payload = 20, .src = 1, .dst = 2, .sport = 1234, .dport = 80}, DROP_L4_CSUM, true);
    host_clock_advance(1500 * NS_PER_MS);
    drop(
        &(struct packet){
            .v6 = true, .udp = true, .tags = 1, .payload = 4, .src = 3, .dst = 4, .sport = 53, .dport = 99},
        DROP_QDISC_FULL, false);
    host_clock_advance(NS_PER_MS);
    CHECK_EQ(typed(net, "drops -l"), 0);
    char *second = strchr(typed_said, '\n') + 1;
    CHECK(str_starts(typed_said, "     0.001000 s  -  QDISC_FULL  70 bytes  "));
    CHECK(strstr(typed_said, " vlan "));
    CHECK(strstr(typed_said, " udp 53 > 99\n"));
    CHECK(str_starts(second, "     1.501000 s  eth0  L4_CSUM  74 bytes  "));
    CHECK(str_ends(second, " tcp 1234 > 80\n"));
    CHECK_EQ(typed(net, "drops -l -n 1 | wc -l"), 0);
    CHECK_STR(typed_said, "1\n");
    CHECK_EQ(typed(net, "drops -l eth0 -j"), 0);
    CHECK(str_starts(typed_said,
                     "[{\"age_ns\":1501000000,\"ifname\":\"eth0\",\"reason\":\"L4_CSUM\",\"len\":74,\"header\":\""));
    fake_dev_end(f);
    end();
}

static void task(void *arg)
{
    typed(net, arg);
}

TEST(cmd_dropwatch_tells_as_it_happens)
{
    start();
    drop(&(struct packet){.payload = 20}, DROP_L4_CSUM, true); /* before: not told */
    task_start("watch", task, "dropwatch -c 4", TASK_NORMAL, 0);
    host_run();
    host_clock_advance(NS_PER_S);
    drop_count(net, &f->dev->port, DROP_L4_CSUM, 2);
    host_clock_advance(NS_PER_S);
    fake_dev_end(f); /* its counts are told once */
    host_clock_advance(NS_PER_S);
    drop_count(net, NULL, DROP_LOOP, 2);
    host_clock_advance(NS_PER_S);
    CHECK_STR(typed_said, "Kernel monitoring activated.\nIssue Ctrl-C to stop monitoring\n"
                          "2 drops at L4_CSUM (eth0) [software]\n2 drops at LOOP (no interface) [software]\n");
    end();
}

TEST(cmd_dropwatch_ends_by_an_interrupt)
{
    start();
    struct task *t = task_start("watch", task, "dropwatch", TASK_NORMAL, 0);
    host_run();
    task_interrupt(t);
    host_run();
    CHECK_STR(typed_said, "Kernel monitoring activated.\nIssue Ctrl-C to stop monitoring\n");
    fake_dev_end(f);
    end();
}

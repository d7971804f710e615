/* Next hop objects: what goes with what, what is told, what is dumped; and readers while they are replaced. */
#include "net/ip/nexthop.h"

#include "host/host.h"
#include "host/test_smp.h"
#include "lib/cmd.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/rule.h"
#include "tests/unit/net/ip/router.h"

static char monitored[2048];

static void monitor(void *net)
{
    static struct out_mem out;
    static char *words[] = {(char *)"ip", (char *)"monitor", (char *)"nexthop", NULL};
    out_mem_init(&out, monitored, sizeof(monitored), false);
    struct cmd_ctx c = {.net = net, .out = &out.out, .err = &out.out, .argc = 3, .argv = words};
    cmd_run(&c);
}

TEST(nexthop_changes_are_told)
{
    struct router r;
    router_start_full(&r);
    struct task *t = task_start("monitor", monitor, r.net, TASK_NORMAL, 0);
    host_run();
    TYPED(r.net, {"ip nexthop add id 1 via 10.1.0.2 dev eth0; ip nexthop add id 2 group 1,3", 0, ""});
    host_run();
    TYPED(r.net, {"ip nexthop del id 1", 0, ""});
    host_run();
    task_interrupt(t);
    host_run();
    CHECK_STR(monitored, "id 1 via 10.1.0.2 dev eth0 scope link \n"
                         "id 2 group 1,3 \n"
                         "Deleted id 2 group 1,3 \n"
                         "Deleted id 1 via 10.1.0.2 dev eth0 scope link \n");
    router_end(&r);
}

TEST(nexthop_dump_makes_the_same_again)
{
    struct router r;
    router_start_full(&r);
    TYPED(r.net, {"ip route add 10.8.8.8 dev eth0; ip nexthop add id 7 via 10.8.8.8 dev eth0 proto static", 0, ""},
          {"ip nexthop add id 3 group 7,4; ip -6 nexthop add id 9 dev eth1; ip nexthop add id 4 blackhole", 0, ""},
          {"ip route add 10.50.0.0/16 nhid 3 metric 5; ip route add 10.51.0.0/16 nhid 4", 0, ""},
          {"ip -6 route add 2001:db8:50::/48 nhid 9", 0, ""});
    CHECK_EQ(typed(r.net, "dump"), 0);
    const char *from = strstr(typed_said, "ip route add 10.8.8.8"), *to = from ? strstr(from, "ip rule") : NULL;
    CHECK(from && !to);
    CHECK(from && !strncmp(from,
                           "ip route add 10.8.8.8/32 dev eth0\n"
                           "ip nexthop add id 4 blackhole\n"
                           "ip nexthop add id 7 via 10.8.8.8 dev eth0 proto static\n"
                           "ip -6 nexthop add id 9 dev eth1\n"
                           "ip nexthop add id 3 group 7,4\n"
                           "ip route add 10.50.0.0/16 metric 5 nhid 3\n"
                           "ip route add 10.51.0.0/16 nhid 4\n"
                           "ip -6 route add 2001:db8:50::/48 metric 1024 nhid 9\n",
                           300));
    router_end(&r);
}

/* A link that is lost takes its objects, and they do not come back with it. */
TEST(nexthop_goes_with_the_carrier)
{
    struct router r;
    router_start_full(&r);
    TYPED(r.net, {"ip nexthop add id 1 via 10.1.0.2 dev eth0; ip nexthop add id 2 via 10.2.0.2 dev eth1", 0, ""},
          {"ip nexthop add id 3 group 1/2; ip route add 10.50.0.0/16 nhid 3; ip route add 10.51.0.0/16 nhid 2", 0, ""});
    netdev_carrier(r.eth1->dev, false);
    host_run();
    TYPED(r.net, {"ip nexthop", 0, "id 1 via 10.1.0.2 dev eth0 scope link \nid 3 group 1 \n"},
          {"ip route show root 10.48.0.0/12", 0, "10.50.0.0/16 nhid 3 via 10.1.0.2 dev eth0 \n"},
          {"ip nexthop add id 2 via 10.2.0.2 dev eth1", 2, "Error: Carrier for nexthop device is down.\n"});
    netdev_carrier(r.eth1->dev, true);
    host_run();
    TYPED(r.net, {"ip nexthop", 0, "id 1 via 10.1.0.2 dev eth0 scope link \nid 3 group 1 \n"});
    router_end(&r);
}

/* ---- readers while objects and routes are replaced ---- */

static struct router torn;
static bool torture_over;

static void set_hop(bool second, u32 id)
{
    struct nexthop_want w = {
        .id = id,
        .replace = true,
        .hop = {.dev = second ? torn.eth1->dev : torn.eth0->dev, .via = ipaddr_of4(10, second ? 2 : 1, 0, 2)}};
    struct route_refusal no;
    conf_enter();
    CHECK_EQ(nexthop_set(torn.net, &w, &no), 0);
    conf_leave();
}

/* 10.50.0.0/16 by object 1, and by a list of two routes; 10.51.0.0/16 by a group, whose routes come and go. */
static void torture_write(void)
{
    struct fib_table *t = fib_table(torn.net, IP_V4, TABLE_MAIN, false);
    for (u32 i = 0; i < 300; i++) {
        struct ipprefix p = {ipaddr_of4(10, 51, (u8)(i / 2 * 8), 0), 21};
        struct route_want w = {.key = {.family = IP_V4, .type = ROUTE_UNICAST, .prefsrc = ipaddr_of4(0, 0, 0, 0)}};
        struct fib_match m = {.has_tos = false};
        struct hop room[4];
        struct route_refusal no;
        set_hop(i & 1, 1);
        set_hop(i & 2, 2);
        conf_enter();
        CHECK_EQ(nexthop_route(torn.net, 9, &w, room, &no), 0);
        CHECK_EQ(i % 2 ? fib_del(t, &p, &m) : fib_add(t, &p, &w, FIB_NEW), 0);
        conf_leave();
        smp_relax();
    }
}

static void torture_read(void)
{
    u64 seed = cpu_id();
    while (!load_acquire(&torture_over)) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        struct fib_flow f = {.src = ipaddr_of4(10, 1, 0, 2),
                             .dst = ipaddr_of4(10, 50 + (seed >> 40 & 1), (u8)(seed >> 48), (u8)(seed >> 56))};
        struct fib_result r = {0};
        rcu_enter();
        CHECK_EQ(fib_lookup(torn.net, IP_V4, &f, &r), 0);
        CHECK(r.hop && r.hop->dev == (r.hop->via.b[13] == 2 ? torn.eth1->dev : torn.eth0->dev));
        CHECK(r.route && r.route->key.nhid == (f.dst.b[13] == 50 ? 1 : 9));
        rcu_exit();
        smp_relax();
    }
}

static void torture(void *arg)
{
    if (cpu_id() == 0) {
        torture_write();
        store_release(&torture_over, true);
    } else {
        torture_read();
    }
}

TEST(smp_nexthop_readers_see_before_or_after)
{
    router_start_full(&torn);
    set_hop(false, 1);
    set_hop(true, 2);
    TYPED(torn.net, {"ip nexthop add id 9 group 1,3/2; ip route add 10.51.0.0/16 nhid 9", 0, ""},
          {"ip route add 10.50.0.0/16 nhid 1; ip route add 10.50.0.0/16 nhid 1 metric 9", 0, ""});
    torture_over = false;
    smp_run(torture, NULL);
    router_end(&torn);
}

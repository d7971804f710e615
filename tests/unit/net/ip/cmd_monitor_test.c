/* ip -batch: lines from what is read and from files, as iproute2 does them; ip monitor: what is told of changes. */
#include "lib/cmd.h"
#include "lib/string.h"
#include "tests/unit/net/ip/router.h"

TEST(ip_batch_does_lines_as_iproute2)
{
    struct router r;
    router_start_full(&r);
    TYPED(
        r.net,
        {"printf 'route add 10.5.0.0/16 via 10.1.0.2\\n# nothing\\n\\nroute add \"10.6.0.0/16\" dev eth1 # x\\n' | "
         "ip -batch -",
         0, ""},
        {"ip route show root 10.4.0.0/14", 0, "10.5.0.0/16 via 10.1.0.2 dev eth0 \n10.6.0.0/16 dev eth1 scope link \n"},
        {"printf 'route add 10.5.0.0/16 via 10.1.0.2\\nroute add 10.7.0.0/16 dev eth1' | ip -b -", 1,
         "RTNETLINK answers: File exists\nCommand failed -:1\n"},
        {"printf 'route add 10.5.0.0/16 via 10.1.0.2\\nroute add 10.7.0.0/16 dev eth1' | ip -force -b -", 1,
         "RTNETLINK answers: File exists\nCommand failed -:1\n"},
        {"echo 'route show 10.7.0.0/16' > /tmp/batch; ip -d -b /tmp/batch; rm /tmp/batch", 0,
         "unicast 10.7.0.0/16 dev eth1 proto boot scope link \n"},
        {"echo 'route add 10.8.0.0/33' | ip -b -", 1, NULL}, {"echo 'route add 10.8./16' | ip -b -", 1, NULL},
        {"echo 'route add 1.2.3.4.5/32 dev eth1' | ip -b -", 1, NULL},
        {"ip -b /tmp/nosuch", 1, "Cannot open file \"/tmp/nosuch\" for reading: No such file or directory\n"},
        {"echo 'foo' | ip -b -", 1, "Object \"foo\" is unknown, try \"ip help\".\nCommand failed -:1\n"},
        {"echo 'route \"foo' | ip -b -", 1, "Unterminated quoted string\nCommand failed -:1\n"},
        {"echo '-b /tmp/x' | ip -b -", 1, NULL}, {"ip foo", 1, "Object \"foo\" is unknown, try \"ip help\".\n"});
    router_end(&r);
}

/* More than is read at once: lines are cut anywhere, and turn from one object to another and back. */
TEST(ip_batch_goes_on_over_what_is_read_at_once)
{
    struct router r;
    router_start_full(&r);
    TYPED(r.net,
          {"for i in 1 2 3 4 5 6 7 8 9; do for k in 1 2 3 4 5 6 7 8 9; do for m in 1 2; do "
           "echo \"route add 10.5$i.$k$m.0/255.255.255.0   via\t10.1.0.$m\"; "
           "echo \"  neigh add 10.1.$i$k.$m lladdr 02:00:00:00:0$i:$k$m dev eth0\"; done; done; done > /tmp/batch",
           0, ""},
          {"ip -b /tmp/batch; rm /tmp/batch", 0, ""}, {"ip route show root 10.48.0.0/12 | wc -l", 0, "162\n"},
          {"ip neigh show nud permanent | wc -l", 0, "162\n"},
          {"ip route show 10.59.92.0/24", 0, "10.59.92.0/24 via 10.1.0.2 dev eth0 \n"});
    router_end(&r);
}

static char monitored[4096];

static void monitor(void *net)
{
    static struct out_mem out;
    static char *words[] = {(char *)"ip", (char *)"monitor", (char *)"addr", (char *)"route", (char *)"neigh", NULL};
    out_mem_init(&out, monitored, sizeof(monitored), false);
    struct cmd_ctx c = {.net = net, .out = &out.out, .err = &out.out, .argc = 5, .argv = words};
    cmd_run(&c);
}

TEST(ip_monitor_tells_of_addresses_routes_and_neighbours)
{
    struct router r;
    router_start_full(&r);
    struct task *t = task_start("monitor", monitor, r.net, TASK_NORMAL, 0);
    host_run();
    TYPED(r.net, {"ip addr add 10.3.0.1/32 dev eth1", 0, ""});
    host_run();
    TYPED(r.net, {"ip route add 10.9.0.0/16 via 10.1.0.2", 0, ""});
    host_run();
    TYPED(r.net, {"ip route del 10.9.0.0/16", 0, ""});
    host_run();
    TYPED(r.net, {"ip neigh add 10.1.0.5 lladdr 02:00:00:00:00:05 dev eth0; ip neigh del 10.1.0.5 dev eth0", 0, ""});
    host_run();
    task_interrupt(t);
    host_run();
    CHECK(strstr(monitored,
                 "3: eth1    inet 10.3.0.1/32 scope global eth1\n       valid_lft forever preferred_lft forever\n"));
    CHECK(strstr(monitored, "local 10.3.0.1 dev eth1 table local proto kernel scope host src 10.3.0.1 \n"));
    CHECK(strstr(monitored, "\n10.9.0.0/16 via 10.1.0.2 dev eth0 \nDeleted 10.9.0.0/16 via 10.1.0.2 dev eth0 \n"));
    CHECK(strstr(monitored, "\n10.1.0.5 dev eth0 lladdr 02:00:00:00:00:05 PERMANENT \n"));
    CHECK(strstr(monitored, "\nDeleted 10.1.0.5 dev eth0 "));
    router_end(&r);
}

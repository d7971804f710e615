/* ip neighbour and ip maddress: what is shown, set and said, compared with iproute2 6.1 on Linux. */
#include "lib/string.h"
#include "tests/unit/net/ip/router.h"

#define N5  "10.1.0.5 dev eth0 lladdr 02:00:00:00:00:05 PERMANENT \n"
#define N6  "10.1.0.6 dev eth0 lladdr 02:00:00:00:00:06 REACHABLE \n"
#define N7  "10.1.0.7 dev eth0 lladdr 02:00:00:00:00:07 STALE \n"
#define N10 "10.1.0.10 dev eth0 FAILED \n"
#define V5  "2001:db8:1::5 dev eth0 lladdr 02:00:00:00:00:05 router PERMANENT \n"

static void some(struct router *r)
{
    router_start_full(r);
    TYPED(r->net, {"ip neigh flush dev eth0 nud all; ip neigh flush dev eth1 nud all", 0, ""},
          {"ip neigh add 10.1.0.5 lladdr 02:00:00:00:00:05 dev eth0", 0, ""},
          {"ip neigh add 10.1.0.6 lladdr 02:00:00:00:00:06 dev eth0 nud reachable", 0, ""},
          {"ip neigh add 10.1.0.7 lladdr 02:00:00:00:00:07 dev eth0 nud stale", 0, ""},
          {"ip neigh add 10.1.0.10 lladdr 02:00:00:00:00:09 dev eth0 nud failed", 0, ""},
          {"ip neigh add 2001:db8:1::5 lladdr 02:00:00:00:00:05 dev eth0 router", 0, ""});
}

TEST(cmd_neigh_shows_as_iproute2)
{
    struct router r;
    some(&r);
    TYPED(
        r.net, {"ip neigh", 0, N5 N6 N7 N10 V5}, {"ip -4 n", 0, N5 N6 N7 N10}, {"ip -6 neigh show", 0, V5},
        {"ip neigh show nud stale", 0, N7}, {"ip neigh show nud stale nud permanent", 0, N5 N7 V5},
        {"ip neigh show 10.1.0.5", 0, N5}, {"ip neigh show to 10.1.0.0/29", 0, N5 N6 N7},
        {"ip neigh show dev eth0 nud stale", 0, "10.1.0.7 lladdr 02:00:00:00:00:07 STALE \n"},
        {"ip neigh get 10.1.0.5 dev eth0", 0, N5},
        {"ip -s neigh show 10.1.0.5", 0,
         "10.1.0.5 dev eth0 lladdr 02:00:00:00:00:05  used 0/10/0probes 0 PERMANENT \n"},
        {"ip -j neigh show 2001:db8:1::5", 0,
         "[{\"dst\":\"2001:db8:1::5\",\"dev\":\"eth0\",\"lladdr\":\"02:00:00:00:00:05\",\"router\":null,\"state\":["
         "\"PERMANENT\"]}]\n"},
        {"ip -j -p -s neigh show 10.1.0.5", 0,
         "[ {\n        \"dst\": \"10.1.0.5\",\n        \"dev\": \"eth0\",\n        \"lladdr\": \"02:00:00:00:00:05\",\n"
         "        \"used\": 0,\n        \"confirmed\": 10,\n        \"updated\": 0,\n        \"probes\": 0,\n"
         "        \"state\": [ \"PERMANENT\" ]\n    } ]\n"});
    router_end(&r);
}

TEST(cmd_neigh_says_what_is_wrong_as_iproute2)
{
    struct router r;
    some(&r);
    TYPED(r.net, {"ip neigh add 10.1.0.5 lladdr 02:00:00:00:00:05 dev eth0", 2, "RTNETLINK answers: File exists\n"},
          {"ip neigh add 10.1.0.9 dev eth0", 2, "Error: No link layer address given.\n"},
          {"ip neigh add 10.1.0.11 lladdr 02:00:00:00:00:09 dev eth0 nud foo", 255,
           "Error: argument \"foo\" is wrong: nud state is bad\n"},
          {"ip neigh add 10.1.0.16 lladdr 02:00:00:00:00:09", 255, "Device and destination are required arguments.\n"},
          {"ip neigh add lladdr 02:00:00:00:00:09 dev eth0", 255, "Device and destination are required arguments.\n"},
          {"ip neigh add 10.1.0.16 lladdr 02:00:00:00:00:09 dev nosuch", 1, "Cannot find device \"nosuch\"\n"},
          {"ip neigh add foo lladdr 02:00:00:00:00:09 dev eth0", 1,
           "Error: any valid address is expected rather than \"foo\".\n"},
          {"ip neigh add 10.1.0.16 lladdr 02:00:00:00:00:09 dev eth0 nud probe", 255,
           "Error: argument \"nud\" is wrong: a neighbour cannot be put into that state\n"},
          {"ip neigh add proxy 10.1.0.16 dev eth0 lladdr 02:00:00:00:00:09", 255,
           "Error: argument \"lladdr\" is wrong: a proxy has none\n"},
          {"ip neigh add proxy ff02::1 dev eth0", 2, "RTNETLINK answers: Invalid argument\n"},
          {"ip neigh del proxy 2001:db8:1::99 dev eth0", 2, "RTNETLINK answers: No such file or directory\n"},
          {"ip neigh add proxy 2001:db8:1::99", 255, "Device and destination are required arguments.\n"},
          {"ip neigh flush proxy", 1, "Proxies are deleted one by one.\n"},
          {"ip neigh change 10.1.0.77 lladdr 02:00:00:00:00:09 dev eth0", 2,
           "RTNETLINK answers: No such file or directory\n"},
          {"ip neigh show foo", 1, "Error: any valid prefix is expected rather than \"foo\".\n"},
          {"ip neigh show dev nosuch", 1, "Cannot find device \"nosuch\"\n"},
          {"ip neigh show nud foo", 255, "Error: argument \"foo\" is wrong: nud state is bad\n"},
          {"ip neigh get 10.1.0.99 dev eth0", 2, "Error: Neighbour entry not found.\n"},
          {"ip neigh get 10.1.0.99", 1, "Device and address are required arguments.\n"},
          {"ip neigh del 10.1.0.99 dev eth0", 2, "RTNETLINK answers: No such file or directory\n"},
          {"ip neigh del 10.1.0.5", 255, "Device and destination are required arguments.\n"},
          {"ip neigh flush", 1, "Flush requires arguments.\n"},
          {"ip neigh flush dev nosuch", 1, "Cannot find device \"nosuch\"\n"},
          {"ip neigh foo", 255, "Command \"foo\" is unknown, try \"ip neighbour help\".\n"},
          {"ip neigh", 0, N5 N6 N7 N10 V5});
    router_end(&r);
}

TEST(cmd_neigh_changes_and_flushes)
{
    struct router r;
    some(&r);
    TYPED(r.net, {"ip neigh change 10.1.0.5 lladdr 02:00:00:00:00:55 dev eth0", 0, ""},
          {"ip neigh replace 10.1.0.78 lladdr 02:00:00:00:00:78 dev eth0", 0, ""},
          {"dump | grep neigh", 0,
           "ip neigh replace 10.1.0.5 lladdr 02:00:00:00:00:55 dev eth0 nud permanent\n"
           "ip neigh replace 10.1.0.78 lladdr 02:00:00:00:00:78 dev eth0 nud permanent\n"
           "ip neigh replace 2001:db8:1::5 lladdr 02:00:00:00:00:05 dev eth0 nud permanent router\n"},
          {"ip -s -s neigh flush dev eth0", 0,
           "10.1.0.6 lladdr 02:00:00:00:00:06  used 0/0/0probes 0 REACHABLE \n"
           "10.1.0.7 lladdr 02:00:00:00:00:07  used 0/10/0probes 0 STALE \n10.1.0.10  used 0/10/0probes 0 FAILED \n"
           "\n*** Round 1, deleting 3 entries ***\n*** Flush is complete after 1 round ***\n"},
          {"ip neigh del 10.1.0.5 dev eth0", 0, ""},
          {"ip neigh", 0, "10.1.0.78 dev eth0 lladdr 02:00:00:00:00:78 PERMANENT \n" V5},
          {"ip -s neigh flush dev eth0 nud permanent", 0,
           "\n*** Round 1, deleting 2 entries ***\n*** Flush is complete after 1 round ***\n"},
          {"ip -s neigh flush dev eth0", 0, "Nothing to flush.\n"});
    router_end(&r);
}

TEST(cmd_maddr_shows_as_iproute2)
{
    struct router r;
    router_start_full(&r);
    TYPED(r.net,
          {"ip -4 maddr", 0, "1:\tlo\n\tinet  224.0.0.1\n2:\teth0\n\tinet  224.0.0.1\n3:\teth1\n\tinet  224.0.0.1\n"},
          {"ip -6 -j maddr show dev lo", 0, NULL},
          {"ip maddr add 33:33:00:00:00:01 dev eth0", 1,
           "ip maddress add: who wants a group joins it by himself; there is nothing to configure\n"});
    CHECK_EQ(typed(r.net, "ip maddr show eth0"), 0);
    CHECK(strstr(typed_said, "2:\teth0\n\tlink  "));
    CHECK(strstr(typed_said, "\tlink  01:00:5e:00:00:01\n"));
    CHECK(strstr(typed_said, "\tinet  224.0.0.1\n\tinet6 ff02::1:ff00:1 users 2\n"));
    router_end(&r);
}

/* They stayed for ever when the device went without having been up. */
TEST(cmd_neigh_of_a_device_that_is_down_goes_with_it)
{
    struct router r;
    router_start(&r);
    TYPED(r.net, {"ip link set eth1 down", 0, ""}, {"ip neigh add 10.1.0.5 lladdr 02:00:00:00:00:05 dev eth1", 0, ""},
          {"ip neigh", 0, "10.1.0.5 dev eth1 lladdr 02:00:00:00:00:05 PERMANENT \n"});
    fake_dev_end(r.eth1);
    host_run();
    TYPED(r.net, {"ip neigh", 0, ""});
    r.eth1 = fake_dev_new(r.net, "eth%u");
    TYPED(r.net, {"ip neigh add 10.1.0.5 lladdr 02:00:00:00:00:05 dev lo", 0, ""}); /* which goes with the net */
    router_end(&r);
}

TEST(cmd_neigh_proxy)
{
    struct router r;
    router_start(&r);
    TYPED(r.net, {"ip -6 neigh add proxy 2001:db8::5 dev eth0", 0, ""},
          {"ip -6 neigh add proxy 2001:db8::5 dev eth0", 0, ""}, /* as on Linux: it is there */
          {"ip neigh add proxy 10.1.0.5 dev eth1; ip neigh add proxy 2001:db8::6 dev eth1 router", 0, ""},
          {"ip neigh show proxy", 0,
           "10.1.0.5 dev eth1 proxy \n2001:db8::5 dev eth0 proxy \n2001:db8::6 dev eth1 router proxy \n"},
          {"ip -6 neigh show proxy dev eth0", 0, "2001:db8::5 proxy \n"},
          {"ip -j neigh show proxy 2001:db8::6", 0,
           "[{\"dst\":\"2001:db8::6\",\"dev\":\"eth1\",\"router\":null,\"proxy\":null,\"state\":[]}]\n"},
          {"ip neigh show", 0, ""}, {"ip maddr show dev eth0", 0, NULL});
    CHECK(str_match("*ff02::1:ff00:5*", typed_said));
    TYPED(r.net, {"dump", 0, NULL});
    CHECK(str_match("*\nip neigh replace proxy 10.1.0.5 dev eth1\n*", typed_said));
    CHECK(str_match("*\nip neigh replace proxy 2001:db8::6 dev eth1 router\n*", typed_said));
    TYPED(r.net, {"ip neigh del proxy 2001:db8::5 dev eth0; ip neigh del proxy 10.1.0.5 dev eth1", 0, ""},
          {"ip neigh show proxy", 0, "2001:db8::6 dev eth1 router proxy \n"}, {"ip maddr show dev eth0", 0, NULL});
    CHECK(!str_match("*ff02::1:ff00:5*", typed_said));
    router_end(&r);
}

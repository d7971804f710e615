/* ip address: what is shown, changed and dumped, compared with iproute2 6.1 on Linux. */
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/ip/ip_dev.h"
#include "tests/unit/net/ip/router.h"

#define LO                                                                        \
    "1: lo: <LOOPBACK> mtu 65536 qdisc noop state DOWN group default qlen 1000\n" \
    "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n"
#define LINK    "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo state UP group default qlen 1000\n"
#define MAC     "    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n"
#define LINK1   "3: eth1: <BROADCAST,MULTICAST> mtu 1500 qdisc pfifo state DOWN group default qlen 1000\n" MAC
#define FOREVER "       valid_lft forever preferred_lft forever\n"
#define LL      "    inet6 fe80::ff:fe00:1/64 scope link \n" FOREVER

TEST(cmd_addr_shows_as_iproute2)
{
    struct router r;
    router_start(&r);
    TYPED(r.net, {"ip link set eth1 down", 0, ""}, {"ip addr", 0, LO LINK MAC LL LINK1},
          {"ip addr add 10.1.0.1/24 dev eth0", 0, ""},
          {"ip addr add 10.1.0.1/24 dev eth0", 2, "Error: ipv4: Address already assigned.\n"},
          {"ip addr add 10.1.0.2/24 brd + dev eth0 label eth0:1", 0, ""},
          {"ip addr add 10.9.0.1 peer 10.9.0.2/30 dev eth0 valid_lft 100 preferred_lft 50", 0, ""},
          {"ip addr add 2001:db8::2/64 dev eth0 metric 77 noprefixroute", 0, ""},
          {"ip addr add 2001:db8::5 peer 2001:db8::6/128 dev eth0 nodad", 0, ""},
          {"ip addr add 10.4.0.1/24 brd - scope link dev eth0 metric 7", 0, ""});
#define A4 "    inet 10.4.0.1/24 metric 7 brd 10.4.0.0 scope link eth0\n" FOREVER
#define A1 "    inet 10.1.0.1/24 scope global eth0\n" FOREVER
#define A9 "    inet 10.9.0.1 peer 10.9.0.2/30 scope global dynamic eth0\n       valid_lft 100sec preferred_lft 50sec\n"
#define A2 "    inet 10.1.0.2/24 brd 10.1.0.255 scope global secondary eth0:1\n" FOREVER
#define A6                                                                     \
    "    inet6 2001:db8::5 peer 2001:db8::6/128 scope global nodad \n" FOREVER \
    "    inet6 2001:db8::2/64 metric 77 scope global optimistic tentative noprefixroute \n" FOREVER
    TYPED(
        r.net, {"ip addr show eth0", 0, LINK MAC A4 A1 A9 A2 A6 LL}, {"ip -4 a s eth0", 0, LINK A4 A1 A9 A2},
        {"ip -6 addr show dev eth0", 0, LINK A6 LL}, {"ip -6 addr", 0, LINK A6 LL},
        {"ip addr show to 10.1.0.0/16", 0, LINK A1 A2}, {"ip addr show scope link", 0, LO LINK MAC A4 LL LINK1},
        {"ip addr show dynamic dev eth0", 0, LINK MAC A9}, {"ip addr show secondary up", 0, LINK MAC A2},
        {"ip addr show deprecated", 0, LO LINK1},
        {"ip -br addr", 0,
         "lo               DOWN           \n"
         "eth0             UP             10.4.0.1/24 metric 7 10.1.0.1/24 10.9.0.1 peer 10.9.0.2/30 10.1.0.2/24 "
         "2001:db8::5 peer 2001:db8::6/128 2001:db8::2/64 metric 77 fe80::ff:fe00:1/64 \n"
         "eth1             DOWN           \n"},
        {"ip -o -4 addr show primary", 0,
         "2: eth0    inet 10.4.0.1/24 metric 7 brd 10.4.0.0 scope link eth0\\" FOREVER
         "2: eth0    inet 10.1.0.1/24 scope global eth0\\" FOREVER
         "2: eth0    inet 10.9.0.1 peer 10.9.0.2/30 scope global dynamic eth0\\       valid_lft 100sec "
         "preferred_lft 50sec\n"},
        {"ip -j addr show eth0 to 10.0.0.0/8 secondary", 0,
         "[{\"ifindex\":2,\"ifname\":\"eth0\",\"flags\":[\"BROADCAST\",\"MULTICAST\",\"UP\",\"LOWER_UP\"],\"mtu\":1500,"
         "\"qdisc\":\"pfifo\",\"operstate\":\"UP\",\"group\":\"default\",\"txqlen\":1000,\"addr_info\":[{\"family\":"
         "\"inet\",\"local\":\"10.1.0.2\",\"prefixlen\":24,\"broadcast\":\"10.1.0.255\",\"scope\":\"global\","
         "\"secondary\":true,\"label\":\"eth0:1\",\"valid_life_time\":4294967295,\"preferred_life_time\":"
         "4294967295}]}]\n"},
        {"ip -j -br -4 addr show eth0 dynamic", 0,
         "[{\"ifname\":\"eth0\",\"operstate\":\"UP\",\"addr_info\":[{\"local\":\"10.9.0.1\",\"address\":\"10.9.0.2\","
         "\"prefixlen\":30}]}]\n"});
    CHECK_EQ(typed(r.net, "ip -s addr show eth0"), 0);
    CHECK(strstr(typed_said, "preferred_lft forever\n    RX:  bytes packets errors"));
    host_clock_advance(60 * NS_PER_S);
    TYPED(r.net, {"ip addr show deprecated eth0", 0,
                  LINK MAC "    inet 10.9.0.1 peer 10.9.0.2/30 scope global deprecated dynamic eth0\n"
                           "       valid_lft 40sec preferred_lft 0sec\n"});
    router_end(&r);
}

TEST(cmd_addr_says_what_is_wrong_as_iproute2)
{
    struct router r;
    router_start(&r);
    TYPED(
        r.net, {"ip addr show nosuch", 1, "Device \"nosuch\" does not exist.\n"},
        {"ip addr show dev eth0 eth1", 255, "Error: either \"dev\" is duplicate, or \"eth1\" is a garbage.\n"},
        {"ip addr foo", 255, "Command \"foo\" is unknown, try \"ip address help\".\n"},
        {"ip addr add 10.5.0.1/24", 1, "Not enough information: \"dev\" argument is required.\n"},
        {"ip addr add dev eth0", 2, "RTNETLINK answers: Operation not supported\n"},
        {"ip addr add 1.2.3.4.5 dev eth0", 1, "Error: any valid prefix is expected rather than \"1.2.3.4.5\".\n"},
        {"ip addr add 1.2.3.4/33 dev eth0", 1, "Error: any valid prefix is expected rather than \"1.2.3.4/33\".\n"},
        {"ip addr add ff02::5/64 dev eth0", 2,
         "Error: ipv6: Cannot assign multicast address without \"IFA_F_MCAUTOJOIN\" flag.\n"},
        {"ip addr add ::/64 dev eth0", 2, "Error: ipv6: Invalid address.\n"},
        {"ip -6 addr add 1.2.3.4/24 dev eth0", 1, "Error: inet6 prefix is expected rather than \"1.2.3.4/24\".\n"},
        {"ip -4 addr add 2001::1/24 dev eth0", 1, "Error: inet prefix is expected rather than \"2001::1/24\".\n"},
        {"ip addr add 10.6.0.1/24 10.6.0.2/24 dev eth0", 255,
         "Error: either \"local\" is duplicate, or \"10.6.0.2/24\" is a garbage.\n"},
        {"ip addr add 10.6.0.1/24 dev nosuch", 1, "Cannot find device \"nosuch\"\n"},
        {"ip addr add 10.6.0.1/24 dev eth0 label eth0:waytoolongname1", 2,
         "Error: Attribute failed policy validation.\n"},
        {"ip addr add 10.6.0.1/24 dev eth0 valid_lft 0", 1, "valid_lft is zero\n"},
        {"ip addr add 10.6.0.1/24 dev eth0 valid_lft 10 preferred_lft 20", 1,
         "preferred_lft is greater than valid_lft\n"},
        {"ip addr add 10.6.0.1/24 dev eth0 valid_lft x", 255, "Error: argument \"x\" is wrong: valid_lft value\n"},
        {"ip addr add 2001:db8:1::1/64 brd + dev eth0", 1, "Broadcast can be set only for IPv4 addresses\n"},
        {"ip addr add 10.6.0.1/24 dev eth0 nodad", 0, "Warning: nodad option can be set only for IPv6 addresses\n"},
        {"ip addr add 10.6.0.3/24 dev eth0 scope foo", 255, "Error: argument \"foo\" is wrong: invalid scope value.\n"},
        {"ip addr add 10.6.0.3/24 dev eth0 scope 33", 2, "Error: ipv4: Invalid scope value.\n"},
        {"ip addr add 10.6.0.3/24 dev eth0 brd x", 1, "Error: inet address is expected rather than \"x\".\n"},
        {"ip addr add 10.6.0.3/24 dev eth0 brd", 255, "Command line is not complete. Try option \"help\"\n"},
        {"ip addr add 10.6.0.3/24 dev eth0 home", 255, "Error: argument \"home\" is wrong: no address here has it\n"},
        {"ip addr del 10.99.0.1/24 dev eth0", 2, "Error: ipv4: Address not found.\n"},
        {"ip addr del 10.6.0.1/25 dev eth0", 2, "Error: ipv4: Address not found.\n"},
        {"ip addr del 2001:db8::99/64 dev eth0", 2, "Error: ipv6: address not found.\n"},
        {"ip addr flush", 1, "Flush requires arguments.\n"},
        {"ip addr flush dev nosuch", 1, "Device \"nosuch\" does not exist.\n"},
        {"ip -s addr flush dev eth0 scope host", 0, "Nothing to flush.\n"});
    router_end(&r);
}

TEST(cmd_addr_changes_and_deletes)
{
    struct router r;
    router_start(&r);
    TYPED(r.net, {"ip addr add 10.1.0.1/24 dev eth0", 0, ""}, {"ip addr add 10.1.0.2/24 dev eth0", 0, ""},
          {"ip addr change 10.1.0.1/24 dev eth0 valid_lft 200 preferred_lft 100", 0, ""},
          {"ip addr replace 10.77.0.1/24 dev eth0", 0, ""},
          {"ip addr replace 10.77.0.1/24 dev eth0 valid_lft 2000 preferred_lft 0", 0, ""},
          {"ip -4 addr show eth0", 0,
           LINK "    inet 10.1.0.1/24 scope global dynamic eth0\n       valid_lft 200sec preferred_lft 100sec\n"
                "    inet 10.77.0.1/24 scope global deprecated dynamic eth0\n"
                "       valid_lft 2000sec preferred_lft 0sec\n"
                "    inet 10.1.0.2/24 scope global secondary eth0\n" FOREVER},
          {"ip addr del 10.77.0.1 dev eth0", 0,
           "Warning: Executing wildcard deletion to stay compatible with old scripts.\n"
           "         Explicitly specify the prefix length (10.77.0.1/32) to avoid this warning.\n"
           "         This special behaviour is likely to disappear in further releases,\n"
           "         fix your scripts!\n"},
          {"ip addr del 10.1.0.1/24 dev eth0", 0, ""}, {"ip -4 addr show eth0", 0, ""},
          {"ip a a 127.0.0.5/8 dev eth0", 0, ""}, {"ip a a 10.1.1.1/31 brd + dev eth0", 0, ""},
          {"ip a a 10.1.3.1/24 brd 10.1.3.77 dev eth0", 0, ""},
          {"ip -4 a s eth0", 0,
           LINK "    inet 127.0.0.5/8 scope host eth0\n" FOREVER "    inet 10.1.1.1/31 scope global eth0\n" FOREVER
                "    inet 10.1.3.1/24 brd 10.1.3.77 scope global eth0\n" FOREVER},
          {"ip -s -s -4 addr flush dev eth0 scope host", 0,
           "2: eth0    inet 127.0.0.5/8 scope host eth0\n" FOREVER
           "\n*** Round 1, deleting 1 addresses ***\n*** Flush is complete after 1 round ***\n"},
          {"ip addr flush dev eth0", 0, ""}, {"ip addr show eth0", 0, LINK MAC});
    router_end(&r);
}

TEST(cmd_addr_dump_makes_the_same_again)
{
    static char first[16384];
    struct router r, again;
    router_start(&r);
    TYPED(r.net, {"ip addr add 10.1.0.1/24 brd + dev eth0", 0, ""}, {"ip addr add 10.1.0.9/24 dev eth0", 0, ""},
          {"ip addr add 10.2.0.1 peer 10.2.0.9/30 dev eth0 scope link label x metric 5 valid_lft 70 preferred_lft 60",
           0, ""},
          {"ip addr add 2001:db8::1/64 dev eth1", 0, ""},
          {"ip addr add 2001:db8::2/64 dev eth1 nodad noprefixroute", 0, ""},
          {"dump | grep addr", 0,
           "ip addr add 10.2.0.1 peer 10.2.0.9/30 dev eth0 label x scope link metric 5 valid_lft 70 preferred_lft 60\n"
           "ip addr add 10.1.0.1/24 broadcast 10.1.0.255 dev eth0\nip addr add 10.1.0.9/24 dev eth0\n"
           "ip addr add 2001:db8::1/64 dev eth1\nip addr add 2001:db8::2/64 dev eth1 nodad noprefixroute\n"});
    str_copy(first, sizeof(first), typed_said);
    router_start(&again);
    CHECK_EQ(typed(again.net, first), 0);
    TYPED(again.net, {"dump | grep addr", 0, first});
    router_end(&again);
    router_end(&r);
}

/* ip route get: lines and what iproute2 6.1 says to them on Linux 6.18, in a namespace with the same devices. */
#include "lib/string.h"
#include "tests/unit/net/ip/router.h"

static const struct typed cmd_route_get_lines[] = {
    {"ip route get 8.8.8.8", 0,
     "8.8.8.8 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n"
     "    cache \n"},
    {"ip -d route get 8.8.8.8", 0,
     "unicast 8.8.8.8 via 10.1.0.2 dev eth0 table main src 10.1.0.1 uid 0 \n"
     "    cache \n"},
    {"ip -o route get 8.8.8.8", 0, "8.8.8.8 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \\    cache \n"},
    {"ip route get 10.1.0.77", 0,
     "10.1.0.77 dev eth0 src 10.1.0.1 uid 0 \n"
     "    cache \n"},
    {"ip route get 10.1.0.1", 0,
     "local 10.1.0.1 dev lo src 10.1.0.1 uid 0 \n"
     "    cache <local> \n"},
    {"ip route get 10.1.0.255", 0,
     "broadcast 10.1.0.255 dev eth0 src 10.1.0.1 uid 0 \n"
     "    cache <local,brd> \n"},
    {"ip route get 127.0.0.1", 0,
     "local 127.0.0.1 dev lo src 127.0.0.1 uid 0 \n"
     "    cache <local> \n"},
    {"ip route get 203.0.113.1", 2, "RTNETLINK answers: Invalid argument\n"},
    {"ip route get 203.0.114.1", 2, "RTNETLINK answers: No route to host\n"},
    {"ip route get 203.0.115.1", 2, "RTNETLINK answers: Permission denied\n"},
    {"ip route get 203.0.116.1", 2, "RTNETLINK answers: Network is unreachable\n"},
    {"ip route get 10.10.0.1", 0,
     "10.10.0.1 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n"
     "    cache \n"},
    {"ip route get 10.11.0.1", 0,
     "10.11.0.1 via 10.1.0.9 dev eth0 src 10.1.0.1 uid 0 \n"
     "    cache mtu 1400 advmss 9 \n"},
    {"ip route get 255.255.255.255", 0,
     "broadcast 255.255.255.255 dev eth0 src 10.1.0.1 uid 0 \n"
     "    cache <local,brd> \n"},
    {"ip route get 8.8.8.8 from 10.1.0.1", 0,
     "8.8.8.8 from 10.1.0.1 via 10.1.0.2 dev eth0 uid 0 \n"
     "    cache \n"},
    {"ip route get 8.8.8.8 from 9.9.9.9", 2, "RTNETLINK answers: Network is unreachable\n"},
    {"ip route get 8.8.8.8 from 9.9.9.9 iif eth1", 2, "RTNETLINK answers: No route to host\n"},
    {"ip route get 10.2.0.9 from 10.1.0.5 iif eth0", 2, "RTNETLINK answers: No route to host\n"},
    {"sysctl -w net.ipv4.ip_forward=1", 0, "net.ipv4.ip_forward = 1\n"},
    {"ip route get 10.2.0.9 from 10.1.0.5 iif eth0", 0,
     "10.2.0.9 from 10.1.0.5 dev eth1 \n"
     "    cache iif eth0 \n"},
    {"ip route get 10.1.0.1 from 10.1.0.5 iif eth0", 0,
     "local 10.1.0.1 from 10.1.0.5 dev lo \n"
     "    cache <local> iif eth0 \n"},
    {"ip route get 10.1.0.77 from 10.1.0.5 iif eth0", 0,
     "10.1.0.77 from 10.1.0.5 dev eth0 \n"
     "    cache <redirect> iif eth0 \n"},
    {"ip route get 203.0.114.1 from 10.1.0.5 iif eth0", 2, "RTNETLINK answers: No route to host\n"},
    {"ip route get 203.0.113.1 from 10.1.0.5 iif eth0", 2, "RTNETLINK answers: Invalid argument\n"},
    {"ip route get 8.8.8.8 oif eth1", 0,
     "8.8.8.8 via 10.2.0.2 dev eth1 src 10.2.0.1 uid 0 \n"
     "    cache \n"},
    {"ip route get 8.8.8.8 oif nosuch", 1, "Cannot find device \"nosuch\"\n"},
    {"ip route get 8.8.8.8 mark 5", 0,
     "8.8.8.8 via 10.1.0.2 dev eth0 src 10.1.0.1 mark 5 uid 0 \n"
     "    cache \n"},
    {"ip route get 8.8.8.8 ipproto tcp sport 5 dport 80", 0,
     "8.8.8.8 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n"
     "    cache \n"},
    {"ip route get 8.8.8.8 ipproto 17 dport 53 uid 5 tos 0x10", 0,
     "8.8.8.8 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 5 \n"
     "    cache \n"},
    {"ip route get fibmatch 8.8.8.8", 0, "default via 10.1.0.2 dev eth0 \n"},
    {"ip route get fibmatch 10.10.0.1", 0,
     "10.10.0.0/16 proto static \n"
     "\tnexthop via 10.1.0.2 dev eth0 weight 1 \n"
     "\tnexthop via 10.2.0.2 dev eth1 weight 3 \n"},
    {"ip route get fibmatch 10.1.0.1", 0, "local 10.1.0.1 dev eth0 proto kernel scope host src 10.1.0.1 \n"},
    {"ip route get to 8.8.8.8", 0,
     "8.8.8.8 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n"
     "    cache \n"},
    {"ip route get", 1, "need at least a destination address\n"},
    {"ip route get foo", 1, "Error: any valid prefix is expected rather than \"foo\".\n"},
    {"ip route get 8.8.8.8 foo", 1, "Error: inet prefix is expected rather than \"foo\".\n"},
    {"ip route get 8.8.8.8 8.8.8.9", 0,
     "8.8.8.9 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n"
     "    cache \n"},
    {"ip -j -p route get 8.8.8.8", 0,
     "[ {\n"
     "        \"dst\": \"8.8.8.8\",\n"
     "        \"gateway\": \"10.1.0.2\",\n"
     "        \"dev\": \"eth0\",\n"
     "        \"prefsrc\": \"10.1.0.1\",\n"
     "        \"flags\": [ ],\n"
     "        \"uid\": 0,\n"
     "        \"cache\": [ ]\n"
     "    } ]\n"},
    {"ip -j -p route get 10.1.0.1", 0,
     "[ {\n"
     "        \"type\": \"local\",\n"
     "        \"dst\": \"10.1.0.1\",\n"
     "        \"dev\": \"lo\",\n"
     "        \"prefsrc\": \"10.1.0.1\",\n"
     "        \"flags\": [ ],\n"
     "        \"uid\": 0,\n"
     "        \"cache\": [ \"local\" ]\n"
     "    } ]\n"},
    {"ip -j -p route get 10.2.0.9 from 10.1.0.5 iif eth0", 0,
     "[ {\n"
     "        \"dst\": \"10.2.0.9\",\n"
     "        \"from\": \"10.1.0.5\",\n"
     "        \"dev\": \"eth1\",\n"
     "        \"flags\": [ ],\n"
     "        \"cache\": [ ],\n"
     "        \"iif\": \"eth0\"\n"
     "    } ]\n"},
    {"ip -j -p route get fibmatch 10.10.0.1", 0,
     "[ {\n"
     "        \"dst\": \"10.10.0.0/16\",\n"
     "        \"protocol\": \"static\",\n"
     "        \"flags\": [ ],\n"
     "        \"nexthops\": [ {\n"
     "                \"gateway\": \"10.1.0.2\",\n"
     "                \"dev\": \"eth0\",\n"
     "                \"weight\": 1,\n"
     "                \"flags\": [ ]\n"
     "            },{\n"
     "                \"gateway\": \"10.2.0.2\",\n"
     "                \"dev\": \"eth1\",\n"
     "                \"weight\": 3,\n"
     "                \"flags\": [ ]\n"
     "            } ]\n"
     "    } ]\n"},
    {"ip -s route show", 0,
     "default via 10.1.0.2 dev eth0 \n"
     "default via 10.2.0.2 dev eth1 metric 50 \n"
     "10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1 \n"
     "10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 \n"
     "10.10.0.0/16 proto static \n"
     "\tnexthop via 10.1.0.2 dev eth0 weight 1 \n"
     "\tnexthop via 10.2.0.2 dev eth1 weight 3 \n"
     "10.11.0.0/16 via 10.1.0.9 dev eth0 mtu 1400 advmss 9 \n"
     "blackhole 203.0.113.0/24 \n"
     "unreachable 203.0.114.0/24 \n"
     "prohibit 203.0.115.0/24 \n"
     "throw 203.0.116.0/24 \n"}};

/* With rules of one's own, by which Linux has a table of local routes. */
static const struct typed cmd_route_get_more[] = {
    {"ip route add 10.60.0.0/16 tos 0x10 dev eth1 src 10.1.0.1", 0, ""},
    {"ip route get 10.60.1.1 tos 0x10", 0,
     "10.60.1.1 tos 0x10 dev eth1 src 10.1.0.1 uid 0 \n"
     "    cache \n"},
    {"ip route get fibmatch 10.1.0.1", 0, "local 10.1.0.1 dev eth0 proto kernel scope host src 10.1.0.1 \n"},
    {"ip rule add from 10.41.0.0/16 lookup 100", 0, ""},
    {"ip route get fibmatch 10.1.0.1", 0,
     "local 10.1.0.1 dev eth0 table local proto kernel scope host src 10.1.0.1 \n"},
    {"sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1", 0, ""},
    {"ip route get 10.1.0.255 from 10.2.0.5 iif eth1", 0,
     "broadcast 10.1.0.255 from 10.2.0.5 dev lo table local \n"
     "    cache <local,brd> iif eth1 \n"},
    {"ip route get 0.0.0.0 from 10.2.0.5 iif eth1", 2, "RTNETLINK answers: Invalid argument\n"},
    {"ip route get ::1 from 2001:db8:2::5 iif eth1", 2, "RTNETLINK answers: Network is unreachable\n"},
    {"ip route add 2001:db8:60::/48 dev eth0 src 2001:db8:2::1", 0, ""},
    {"ip route get 2001:db8:60::1 from 2001:db8:2::5 iif eth1", 0,
     "2001:db8:60::1 from 2001:db8:2::5 dev eth0 src 2001:db8:2::1 metric 1024 iif eth1 pref medium\n"},
    {"ip route add 2001:db8:99::/48 dev eth1", 0, ""}, /* of the main table: what it says of a gateway counts */
    {"ip route add 2001:db8:61::/48 via 2001:db8:99::1 dev eth0 onlink table 200", 2,
     "Error: Nexthop has invalid gateway or device mismatch.\n"}};

TEST(cmd_route_get_with_rules)
{
    struct router r;
    router_start_full(&r);
    typed_table(r.net, cmd_route_get_more, ARRAY_LEN(cmd_route_get_more));
    router_end(&r);
}

TEST(cmd_route_get_is_as_on_linux)
{
    struct router r;
    router_start_get(&r);
    typed_table(r.net, cmd_route_get_lines, ARRAY_LEN(cmd_route_get_lines));
    router_end(&r);
}

/* ip -6 route: lines and what iproute2 6.1 says to them on Linux 6.18, in a namespace with the same devices. */
#include "lib/string.h"
#include "tests/unit/net/ip/router.h"

static const struct typed cmd_route_of_ipv6_lines[] = {
    {"ip -6 route", 0,
     "2001:db8:1::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "2001:db8:2::/64 dev eth1 proto kernel metric 256 pref medium\n"
     "fe80::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "fe80::/64 dev eth1 proto kernel metric 256 pref medium\n"},
    {"ip -6 route show table local", 0,
     "local ::1 dev lo proto kernel metric 0 pref medium\n"
     "local 2001:db8:1::1 dev eth0 proto kernel metric 0 pref medium\n"
     "local 2001:db8:2::1 dev eth1 proto kernel metric 0 pref medium\n"
     "local fe80::ff:fe00:1 dev eth0 proto kernel metric 0 pref medium\n"
     "local fe80::ff:fe00:1 dev eth1 proto kernel metric 0 pref medium\n"
     "multicast ff00::/8 dev eth0 proto kernel metric 256 pref medium\n"
     "multicast ff00::/8 dev eth1 proto kernel metric 256 pref medium\n"},
    {"ip -6 route add default via 2001:db8:1::2", 0, ""},
    {"ip -6 route add default via 2001:db8:1::2", 2, "RTNETLINK answers: File exists\n"},
    {"ip -6 route add default via 2001:db8:1::3 metric 2", 0, ""},
    {"ip -6 route add default via fe80::5", 2, "Error: Egress device not specified.\n"},
    {"ip -6 route add default via fe80::5 dev eth0 metric 3", 0, ""},
    {"ip route add 2001:db8:9::/48 via 2001:db8:1::2 dev eth0 proto static", 0, ""},
    {"ip route append 2001:db8:9::/48 via 2001:db8:2::2 dev eth1", 0, ""},
    {"ip route append 2001:db8:9::/48 via 2001:db8:2::2 dev eth1", 2, "RTNETLINK answers: File exists\n"},
    {"ip route add 2001:db8:a::/48 dev eth0 mtu 1400 hoplimit 7", 0, ""},
    {"ip route add blackhole 2001:db8:b::/48", 0, ""},
    {"ip route add unreachable 2001:db8:c::/48", 0, ""},
    {"ip route add 2001:db8:d::/48 nexthop via 2001:db8:1::2 nexthop via 2001:db8:2::2 weight 2", 0, ""},
    {"ip route add 2001:db8:e::1/128 dev eth0 src 2001:db8:1::1", 0, ""},
    {"ip route add 2001:db8:e::/48 via 2001:db9::1", 2, "RTNETLINK answers: No route to host\n"},
    {"ip route add 2001:db8:e::/48 via 2001:db9::1 dev eth0", 2, "RTNETLINK answers: No route to host\n"},
    {"ip route add 2001:db8:e::/48 via 2001:db9::1 dev eth0 onlink", 0, ""},
    {"ip route add 2001:db8:f::/48 via 2001:db8:1::1", 2, "Error: Gateway can not be a local address.\n"},
    {"ip route add 2001:db8:f::/48 dev nosuch", 1, "Cannot find device \"nosuch\"\n"},
    {"ip route add 2001:db8:f::/48", 2, "RTNETLINK answers: No such device\n"},
    {"ip route add 2001:db8:f::1/48 dev eth0", 0, ""},
    {"ip route add 2001:db8:f::/48 dev eth0 src 2001:db9::9", 2, "Error: Invalid source address.\n"},
    {"ip route add 2001:db8:f::/48 via 10.1.0.2", 1, "Error: inet6 address is expected rather than \"10.1.0.2\".\n"},
    {"ip route add 10.99.0.0/16 via 2001:db8:1::2", 1,
     "Error: inet address is expected rather than \"2001:db8:1::2\".\n"},
    {"ip -6 route", 0,
     "2001:db8:1::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "2001:db8:2::/64 dev eth1 proto kernel metric 256 pref medium\n"
     "2001:db8:9::/48 proto static metric 1024 pref medium\n"
     "\tnexthop via 2001:db8:1::2 dev eth0 weight 1 \n"
     "\tnexthop via 2001:db8:2::2 dev eth1 weight 1 \n"
     "2001:db8:a::/48 dev eth0 metric 1024 mtu 1400 hoplimit 7 pref medium\n"
     "blackhole 2001:db8:b::/48 dev lo metric 1024 pref medium\n"
     "unreachable 2001:db8:c::/48 dev lo metric 1024 pref medium\n"
     "2001:db8:d::/48 metric 1024 pref medium\n"
     "\tnexthop via 2001:db8:1::2 dev eth0 weight 1 \n"
     "\tnexthop via 2001:db8:2::2 dev eth1 weight 2 \n"
     "2001:db8:e::1 dev eth0 src 2001:db8:1::1 metric 1024 pref medium\n"
     "2001:db8:e::/48 via 2001:db9::1 dev eth0 metric 1024 onlink pref medium\n"
     "2001:db8:f::/48 dev eth0 metric 1024 pref medium\n"
     "fe80::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "fe80::/64 dev eth1 proto kernel metric 256 pref medium\n"
     "default via 2001:db8:1::3 dev eth0 metric 2 pref medium\n"
     "default via fe80::5 dev eth0 metric 3 pref medium\n"
     "default via 2001:db8:1::2 dev eth0 metric 1024 pref medium\n"},
    {"ip -6 -d route", 0,
     "unicast 2001:db8:1::/64 dev eth0 proto kernel scope global metric 256 pref medium\n"
     "unicast 2001:db8:2::/64 dev eth1 proto kernel scope global metric 256 pref medium\n"
     "unicast 2001:db8:9::/48 proto static scope global metric 1024 pref medium\n"
     "\tnexthop via 2001:db8:1::2 dev eth0 weight 1 \n"
     "\tnexthop via 2001:db8:2::2 dev eth1 weight 1 \n"
     "unicast 2001:db8:a::/48 dev eth0 proto boot scope global metric 1024 mtu 1400 hoplimit 7 pref medium\n"
     "blackhole 2001:db8:b::/48 dev lo proto boot scope global metric 1024 pref medium\n"
     "unreachable 2001:db8:c::/48 dev lo proto boot scope global metric 1024 pref medium\n"
     "unicast 2001:db8:d::/48 proto boot scope global metric 1024 pref medium\n"
     "\tnexthop via 2001:db8:1::2 dev eth0 weight 1 \n"
     "\tnexthop via 2001:db8:2::2 dev eth1 weight 2 \n"
     "unicast 2001:db8:e::1 dev eth0 proto boot scope global src 2001:db8:1::1 metric 1024 pref medium\n"
     "unicast 2001:db8:e::/48 via 2001:db9::1 dev eth0 proto boot scope global metric 1024 onlink pref medium\n"
     "unicast 2001:db8:f::/48 dev eth0 proto boot scope global metric 1024 pref medium\n"
     "unicast fe80::/64 dev eth0 proto kernel scope global metric 256 pref medium\n"
     "unicast fe80::/64 dev eth1 proto kernel scope global metric 256 pref medium\n"
     "unicast default via 2001:db8:1::3 dev eth0 proto boot scope global metric 2 pref medium\n"
     "unicast default via fe80::5 dev eth0 proto boot scope global metric 3 pref medium\n"
     "unicast default via 2001:db8:1::2 dev eth0 proto boot scope global metric 1024 pref medium\n"},
    {"ip -6 -j -p -d route show 2001:db8:9::/48", 0,
     "[ {\n"
     "        \"type\": \"unicast\",\n"
     "        \"dst\": \"2001:db8:9::/48\",\n"
     "        \"protocol\": \"static\",\n"
     "        \"scope\": \"global\",\n"
     "        \"metric\": 1024,\n"
     "        \"flags\": [ ],\n"
     "        \"pref\": \"medium\",\n"
     "        \"nexthops\": [ {\n"
     "                \"gateway\": \"2001:db8:1::2\",\n"
     "                \"dev\": \"eth0\",\n"
     "                \"weight\": 1,\n"
     "                \"flags\": [ ]\n"
     "            },{\n"
     "                \"gateway\": \"2001:db8:2::2\",\n"
     "                \"dev\": \"eth1\",\n"
     "                \"weight\": 1,\n"
     "                \"flags\": [ ]\n"
     "            } ]\n"
     "    } ]\n"},
    {"ip -6 route replace 2001:db8:9::/48 via 2001:db8:1::9", 0, ""},
    {"ip -6 route change 2001:db8:99::/48 via 2001:db8:1::9", 2, "Error: Can not replace route - no match found.\n"},
    {"ip -6 route show 2001:db8:9::/48", 0, "2001:db8:9::/48 via 2001:db8:1::9 dev eth0 metric 1024 pref medium\n"},
    {"ip -6 route del 2001:db8:d::/48 via 2001:db8:1::2", 0, ""},
    {"ip -6 route show 2001:db8:d::/48", 0, "2001:db8:d::/48 via 2001:db8:2::2 dev eth1 metric 1024 pref medium\n"},
    {"ip -6 route del 2001:db8:99::/48", 2, "RTNETLINK answers: No such process\n"},
    {"ip -6 route del default", 0, ""},
    {"ip -6 route show default", 0,
     "default via fe80::5 dev eth0 metric 3 pref medium\n"
     "default via 2001:db8:1::2 dev eth0 metric 1024 pref medium\n"},
    {"ip -6 route show root 2001:db8::/32", 0,
     "2001:db8:1::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "2001:db8:2::/64 dev eth1 proto kernel metric 256 pref medium\n"
     "2001:db8:9::/48 via 2001:db8:1::9 dev eth0 metric 1024 pref medium\n"
     "2001:db8:a::/48 dev eth0 metric 1024 mtu 1400 hoplimit 7 pref medium\n"
     "blackhole 2001:db8:b::/48 dev lo metric 1024 pref medium\n"
     "unreachable 2001:db8:c::/48 dev lo metric 1024 pref medium\n"
     "2001:db8:d::/48 via 2001:db8:2::2 dev eth1 metric 1024 pref medium\n"
     "2001:db8:e::1 dev eth0 src 2001:db8:1::1 metric 1024 pref medium\n"
     "2001:db8:e::/48 via 2001:db9::1 dev eth0 metric 1024 onlink pref medium\n"
     "2001:db8:f::/48 dev eth0 metric 1024 pref medium\n"},
    {"ip -6 route show match 2001:db8:9::1", 0,
     "2001:db8:9::/48 via 2001:db8:1::9 dev eth0 metric 1024 pref medium\n"
     "default via fe80::5 dev eth0 metric 3 pref medium\n"
     "default via 2001:db8:1::2 dev eth0 metric 1024 pref medium\n"},
    {"ip -6 route show table all", 0,
     "2001:db8:1::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "2001:db8:2::/64 dev eth1 proto kernel metric 256 pref medium\n"
     "2001:db8:9::/48 via 2001:db8:1::9 dev eth0 metric 1024 pref medium\n"
     "2001:db8:a::/48 dev eth0 metric 1024 mtu 1400 hoplimit 7 pref medium\n"
     "blackhole 2001:db8:b::/48 dev lo metric 1024 pref medium\n"
     "unreachable 2001:db8:c::/48 dev lo metric 1024 pref medium\n"
     "2001:db8:d::/48 via 2001:db8:2::2 dev eth1 metric 1024 pref medium\n"
     "2001:db8:e::1 dev eth0 src 2001:db8:1::1 metric 1024 pref medium\n"
     "2001:db8:e::/48 via 2001:db9::1 dev eth0 metric 1024 onlink pref medium\n"
     "2001:db8:f::/48 dev eth0 metric 1024 pref medium\n"
     "fe80::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "fe80::/64 dev eth1 proto kernel metric 256 pref medium\n"
     "default via fe80::5 dev eth0 metric 3 pref medium\n"
     "default via 2001:db8:1::2 dev eth0 metric 1024 pref medium\n"
     "local ::1 dev lo table local proto kernel metric 0 pref medium\n"
     "local 2001:db8:1::1 dev eth0 table local proto kernel metric 0 pref medium\n"
     "local 2001:db8:2::1 dev eth1 table local proto kernel metric 0 pref medium\n"
     "local fe80::ff:fe00:1 dev eth0 table local proto kernel metric 0 pref medium\n"
     "local fe80::ff:fe00:1 dev eth1 table local proto kernel metric 0 pref medium\n"
     "multicast ff00::/8 dev eth0 table local proto kernel metric 256 pref medium\n"
     "multicast ff00::/8 dev eth1 table local proto kernel metric 256 pref medium\n"},
    {"ip -6 route get 2001:db8:1::77", 0,
     "2001:db8:1::77 from :: dev eth0 proto kernel src 2001:db8:1::1 metric 256 pref medium\n"},
    {"ip -6 route get 2001:db8:a::77", 0,
     "2001:db8:a::77 from :: dev eth0 src 2001:db8:1::1 metric 1024 mtu 1400 hoplimit 7 pref medium\n"},
    {"ip -6 route get 2001:db8:1::1", 0,
     "local 2001:db8:1::1 from :: dev lo table local proto kernel src 2001:db8:1::1 metric 0 pref medium\n"},
    {"ip -6 route get ::1", 0, "local ::1 from :: dev lo table local proto kernel src ::1 metric 0 pref medium\n"},
    {"ip -6 route get 2001:db8:b::1", 2, "RTNETLINK answers: Invalid argument\n"},
    {"ip -6 route get 2001:db8:c::1", 2, "RTNETLINK answers: No route to host\n"},
    {"ip -6 route get fe80::9 oif eth0", 0,
     "fe80::9 from :: dev eth0 proto kernel src fe80::ff:fe00:1 metric 256 pref medium\n"},
    {"ip -6 route get fibmatch 2001:db8:a::77", 0,
     "2001:db8:a::/48 dev eth0 metric 1024 mtu 1400 hoplimit 7 pref medium\n"},
    {"ip -6 -j -p route get 2001:db8:a::77", 0,
     "[ {\n"
     "        \"dst\": \"2001:db8:a::77\",\n"
     "        \"from\": \"::\",\n"
     "        \"dev\": \"eth0\",\n"
     "        \"prefsrc\": \"2001:db8:1::1\",\n"
     "        \"metric\": 1024,\n"
     "        \"flags\": [ ],\n"
     "        \"metrics\": [ {\n"
     "                \"mtu\": 1400,\n"
     "                \"hoplimit\": 7\n"
     "            } ],\n"
     "        \"pref\": \"medium\"\n"
     "    } ]\n"},
    {"ip -6 route flush default", 0, ""},
    {"ip -6 route get 2001:4860::1", 2, "RTNETLINK answers: Network is unreachable\n"},
    {"ip route show table 9", 2,
     "Error: ipv4: FIB table does not exist.\n"
     "Dump terminated\n"}};

TEST(cmd_route_of_ipv6_is_as_on_linux)
{
    struct router r;
    router_start_full(&r);
    typed_table(r.net, cmd_route_of_ipv6_lines, ARRAY_LEN(cmd_route_of_ipv6_lines));
    router_end(&r);
}

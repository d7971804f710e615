/* ip nexthop: lines and what iproute2 6.1 says to them on Linux 6.18, in a namespace with the same devices. */
#include "lib/string.h"
#include "tests/unit/net/ip/router.h"

static const struct typed first_lines[] = {
    {"ip nexthop", 0, ""},
    {"ip nexthop add id 1 via 10.1.0.2 dev eth0", 0, ""},
    {"ip nexthop add id 1 via 10.1.0.2 dev eth0", 2, "RTNETLINK answers: File exists\n"},
    {"ip nexthop add id 2 via 10.2.0.2 dev eth1 proto static", 0, ""},
    {"ip nexthop add id 3 dev eth1", 0, ""},
    {"ip nexthop add id 4 blackhole", 0, ""},
    {"ip nexthop add id 5 via 2001:db8:1::2 dev eth0", 0, ""},
    {"ip nexthop add id 6 via fe80::1 dev eth1 onlink", 0, ""},
    {"ip nexthop add id 7 via 10.9.9.9 dev eth0 onlink", 0, ""},
    {"ip nexthop add id 8 via 10.9.9.9 dev eth0", 2, "Error: Nexthop has invalid gateway.\n"},
    {"ip nexthop add id 9 via 10.1.0.3", 2,
     "Error: Device attribute required for non-blackhole and non-fdb nexthops.\n"},
    {"ip nexthop add id 9 dev eth9", 255,
     "Error: argument \"eth9\" is wrong: Device does not exist\n"
     "\n"},
    {"ip nexthop add id 0 dev eth0", 0, ""},
    {"ip nexthop add via 10.1.0.7 dev eth0", 0, ""},
    {"ip nexthop add via 10.1.0.8 dev eth0", 0, ""},
    {"ip -6 nexthop add id 20 dev eth0", 0, ""},
    {"ip -6 nexthop add id 21 blackhole", 0, ""},
    {"ip nexthop add id 10 group 1/2", 2, "RTNETLINK answers: File exists\n"},
    {"ip nexthop add id 11 group 1,3/2,1", 0, ""},
    {"ip nexthop add id 12 group 1/99", 2, "Error: Invalid nexthop id.\n"},
    {"ip nexthop add id 12 group 1/1", 2, "Error: Nexthop id can not be used twice in a group.\n"},
    {"ip nexthop add id 12 group 10/2", 0, ""},
    {"ip nexthop add id 12 group 1/4", 2,
     "Error: Blackhole nexthop can not be used in a group with more than 1 path.\n"},
    {"ip nexthop add id 12 group 4", 2, "RTNETLINK answers: File exists\n"},
    {"ip nexthop add id 13 group 1/5", 0, ""},
    {"ip nexthop add id 15 group 1,0", 255,
     "Error: argument \"0\" is wrong: \"weight\" is invalid\n"
     "\n"},
    {"ip nexthop add id 15 group 1,256", 0, ""},
    {"ip nexthop add id 15 group 1,257/2", 255,
     "Error: argument \"257\" is wrong: \"weight\" is invalid\n"
     "\n"},
    {"ip nexthop add id 15 group foo", 255,
     "Error: argument \"foo\" is wrong: \"group\" value is invalid\n"
     "\n"},
    {"ip nexthop add id 15 group 1 type mpath", 2, "RTNETLINK answers: File exists\n"},
    {"ip nexthop add id 16 group 1 type foo", 255,
     "Error: argument \"foo\" is wrong: \"type\" value is invalid\n"
     "\n"},
    {"ip nexthop add id 16 group 1 via 10.1.0.2", 2, "Error: Invalid family for group.\n"},
    {"ip nexthop add id 16 group 1 dev eth0", 2, "Error: Invalid family for group.\n"},
    {"ip nexthop add id 16 blackhole dev eth0", 2,
     "Error: Blackhole attribute can not be used with gateway, oif, encap or fdb.\n"},
    {"ip nexthop add id 16 blackhole via 10.1.0.2", 2,
     "Error: Blackhole attribute can not be used with gateway, oif, encap or fdb.\n"},
    {"ip nexthop add id 16", 2, "Error: Invalid address family.\n"},
    {"ip nexthop add id foo", 255, "Error: argument \"foo\" is wrong: invalid id value\n"},
    {"ip nexthop add id 16 via foo dev eth0", 1, "Error: any valid address is expected rather than \"foo\".\n"},
    {"ip nexthop add id 16 via 10.1.0.2 dev eth0 scope link", 255, "Error: argument \"scope\" is wrong: \n"},
    {"ip nexthop add id 16 foo", 255, "Error: argument \"foo\" is wrong: \n"},
    {"ip nexthop add id 16 via 10.1.0.2 dev eth0 proto foo", 255,
     "Error: argument \"foo\" is wrong: \"protocol\" value is invalid\n"
     "\n"},
    {"ip nexthop add", 2, "Error: Invalid address family.\n"},
    {"ip nexthop foo", 255, "Command \"foo\" is unknown, try \"ip nexthop help\".\n"},
    {"ip nexthop", 0,
     "id 1 via 10.1.0.2 dev eth0 scope link \n"
     "id 2 via 10.2.0.2 dev eth1 scope link proto static \n"
     "id 3 dev eth1 scope host \n"
     "id 4 blackhole \n"
     "id 5 via 2001:db8:1::2 dev eth0 scope link \n"
     "id 6 via fe80::1 dev eth1 scope link onlink \n"
     "id 7 via 10.9.9.9 dev eth0 scope link onlink \n"
     "id 8 dev eth0 scope host \n"
     "id 9 via 10.1.0.7 dev eth0 scope link \n"
     "id 10 via 10.1.0.8 dev eth0 scope link \n"
     "id 11 group 1,3/2 \n"
     "id 12 group 10/2 \n"
     "id 13 group 1/5 \n"
     "id 15 group 1,256 \n"
     "id 20 dev eth0 scope link \n"
     "id 21 blackhole \n"},
    {"ip -d nexthop", 0,
     "id 1 via 10.1.0.2 dev eth0 scope link proto unspec \n"
     "id 2 via 10.2.0.2 dev eth1 scope link proto static \n"
     "id 3 dev eth1 scope host proto unspec \n"
     "id 4 scope global blackhole proto unspec \n"
     "id 5 via 2001:db8:1::2 dev eth0 scope link proto unspec \n"
     "id 6 via fe80::1 dev eth1 scope link proto unspec onlink \n"
     "id 7 via 10.9.9.9 dev eth0 scope link proto unspec onlink \n"
     "id 8 dev eth0 scope host proto unspec \n"
     "id 9 via 10.1.0.7 dev eth0 scope link proto unspec \n"
     "id 10 via 10.1.0.8 dev eth0 scope link proto unspec \n"
     "id 11 group 1,3/2 scope global proto unspec \n"
     "id 12 group 10/2 scope global proto unspec \n"
     "id 13 group 1/5 scope global proto unspec \n"
     "id 15 group 1,256 scope global proto unspec \n"
     "id 20 dev eth0 scope link proto unspec \n"
     "id 21 scope global blackhole proto unspec \n"},
    {"ip -j nexthop", 0,
     "[{\"id\":1,\"gateway\":\"10.1.0.2\",\"dev\":\"eth0\",\"scope\":\"link\",\"flags\":[]},{\"id\":2,\"gateway\":\"10."
     "2.0.2\",\"dev\":\"eth1\",\"scope\":\"link\",\"protocol\":\"static\",\"flags\":[]},{\"id\":3,\"dev\":\"eth1\","
     "\"scope\":\"host\",\"flags\":[]},{\"id\":4,\"blackhole\":null,\"flags\":[]},{\"id\":5,\"gateway\":\"2001:db8:1::"
     "2\",\"dev\":\"eth0\",\"scope\":\"link\",\"flags\":[]},{\"id\":6,\"gateway\":\"fe80::1\",\"dev\":\"eth1\","
     "\"scope\":\"link\",\"flags\":[\"onlink\"]},{\"id\":7,\"gateway\":\"10.9.9.9\",\"dev\":\"eth0\",\"scope\":"
     "\"link\",\"flags\":[\"onlink\"]},{\"id\":8,\"dev\":\"eth0\",\"scope\":\"host\",\"flags\":[]},{\"id\":9,"
     "\"gateway\":\"10.1.0.7\",\"dev\":\"eth0\",\"scope\":\"link\",\"flags\":[]},{\"id\":10,\"gateway\":\"10.1.0.8\","
     "\"dev\":\"eth0\",\"scope\":\"link\",\"flags\":[]},{\"id\":11,\"group\":[{\"id\":1,\"weight\":3},{\"id\":2}],"
     "\"flags\":[]},{\"id\":12,\"group\":[{\"id\":10},{\"id\":2}],\"flags\":[]},{\"id\":13,\"group\":[{\"id\":1},{"
     "\"id\":5}],\"flags\":[]},{\"id\":15,\"group\":[{\"id\":1,\"weight\":256}],\"flags\":[]},{\"id\":20,\"dev\":"
     "\"eth0\",\"scope\":\"link\",\"flags\":[]},{\"id\":21,\"blackhole\":null,\"flags\":[]}]\n"},
    {"ip -j -p nexthop show id 11", 0,
     "[ {\n"
     "        \"id\": 11,\n"
     "        \"group\": [ {\n"
     "                \"id\": 1,\n"
     "                \"weight\": 3\n"
     "            },{\n"
     "                \"id\": 2\n"
     "            } ],\n"
     "        \"flags\": [ ]\n"
     "    } ]\n"},
    {"ip -o nexthop", 0,
     "id 1 via 10.1.0.2 dev eth0 scope link \n"
     "id 2 via 10.2.0.2 dev eth1 scope link proto static \n"
     "id 3 dev eth1 scope host \n"
     "id 4 blackhole \n"
     "id 5 via 2001:db8:1::2 dev eth0 scope link \n"
     "id 6 via fe80::1 dev eth1 scope link onlink \n"
     "id 7 via 10.9.9.9 dev eth0 scope link onlink \n"
     "id 8 dev eth0 scope host \n"
     "id 9 via 10.1.0.7 dev eth0 scope link \n"
     "id 10 via 10.1.0.8 dev eth0 scope link \n"
     "id 11 group 1,3/2 \n"
     "id 12 group 10/2 \n"
     "id 13 group 1/5 \n"
     "id 15 group 1,256 \n"
     "id 20 dev eth0 scope link \n"
     "id 21 blackhole \n"},
    {"ip -4 nexthop", 0,
     "id 1 via 10.1.0.2 dev eth0 scope link \n"
     "id 2 via 10.2.0.2 dev eth1 scope link proto static \n"
     "id 3 dev eth1 scope host \n"
     "id 4 blackhole \n"
     "id 7 via 10.9.9.9 dev eth0 scope link onlink \n"
     "id 8 dev eth0 scope host \n"
     "id 9 via 10.1.0.7 dev eth0 scope link \n"
     "id 10 via 10.1.0.8 dev eth0 scope link \n"},
    {"ip -6 nexthop", 0,
     "id 5 via 2001:db8:1::2 dev eth0 scope link \n"
     "id 6 via fe80::1 dev eth1 scope link onlink \n"
     "id 20 dev eth0 scope link \n"
     "id 21 blackhole \n"},
    {"ip nexthop show id 99", 2, "RTNETLINK answers: No such file or directory\n"},
    {"ip nexthop get id 99", 2, "RTNETLINK answers: No such file or directory\n"},
    {"ip nexthop get id 1", 0, "id 1 via 10.1.0.2 dev eth0 scope link \n"},
    {"ip nexthop show dev eth1", 0,
     "id 2 via 10.2.0.2 dev eth1 scope link proto static \n"
     "id 3 dev eth1 scope host \n"
     "id 6 via fe80::1 dev eth1 scope link onlink \n"},
    {"ip nexthop show dev eth9", 255,
     "Error: argument \"eth9\" is wrong: Device does not exist\n"
     "\n"},
    {"ip nexthop show groups", 0,
     "id 11 group 1,3/2 \n"
     "id 12 group 10/2 \n"
     "id 13 group 1/5 \n"
     "id 15 group 1,256 \n"},
    {"ip nexthop show group", 0,
     "id 11 group 1,3/2 \n"
     "id 12 group 10/2 \n"
     "id 13 group 1/5 \n"
     "id 15 group 1,256 \n"},

    {"ip nexthop show foo", 255, "Error: argument \"foo\" is wrong: \n"},
    {"ip nexthop show id 10", 0, "id 10 via 10.1.0.8 dev eth0 scope link \n"},
    {"ip route add 10.50.0.0/16 nhid 1", 0, ""},
    {"ip route add 10.51.0.0/16 nhid 10", 0, ""},
    {"ip route add 10.52.0.0/16 nhid 99", 2, "Error: Nexthop id does not exist.\n"},
    {"ip route add 10.52.0.0/16 nhid 4", 0, ""},
    {"ip route add 10.53.0.0/16 nhid 5", 0, ""},
    {"ip route add 10.54.0.0/16 nhid 14", 2, "Error: Nexthop id does not exist.\n"},
    {"ip route add 10.55.0.0/16 nhid 1 via 10.1.0.2", 2,
     "Error: Nexthop specification and nexthop id are mutually exclusive.\n"},
    {"ip route add 10.56.0.0/16 nhid 1 dev eth0", 2,
     "Error: Nexthop specification and nexthop id are mutually exclusive.\n"},
    {"ip route add 10.57.0.0/16 nhid 3", 0, ""},
    {"ip route add 10.58.0.0/16 nhid 13", 0, ""},
    {"ip route add 10.59.0.0/16 nhid 11 metric 5 proto static src 10.1.0.1", 0, ""},
    {"ip route add 2001:db8:50::/48 nhid 5", 0, ""},
    {"ip route add 2001:db8:51::/48 nhid 14", 2, "Error: Nexthop id does not exist.\n"},
    {"ip route add 2001:db8:52::/48 nhid 1", 2, "Error: IPv6 routes can not use an IPv4 nexthop.\n"},
    {"ip route add 2001:db8:53::/48 nhid 21", 0, ""},
    {"ip route add 2001:db8:54::/48 nhid 10", 2, "Error: IPv6 routes can not use an IPv4 nexthop.\n"},
    {"ip route add 2001:db8:54::/48 nhid 4", 2, "Error: IPv6 routes can not use an IPv4 nexthop.\n"},
    {"ip route add 10.60.0.0/16 nhid 21", 0, ""},
    {"ip route add blackhole 10.61.0.0/16 nhid 1", 0, ""},
    {"ip route", 0,
     "10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1 \n"
     "10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 \n"
     "10.50.0.0/16 nhid 1 via 10.1.0.2 dev eth0 \n"
     "10.51.0.0/16 nhid 10 via 10.1.0.8 dev eth0 \n"
     "blackhole 10.52.0.0/16 nhid 4 dev lo \n"
     "10.53.0.0/16 nhid 5 via inet6 2001:db8:1::2 dev eth0 \n"
     "10.57.0.0/16 nhid 3 dev eth1 \n"
     "10.58.0.0/16 nhid 13 \n"
     "\tnexthop via 10.1.0.2 dev eth0 weight 1 \n"
     "\tnexthop via inet6 2001:db8:1::2 dev eth0 weight 1 \n"
     "10.59.0.0/16 nhid 11 proto static src 10.1.0.1 metric 5 \n"
     "\tnexthop via 10.1.0.2 dev eth0 weight 3 \n"
     "\tnexthop via 10.2.0.2 dev eth1 weight 1 \n"
     "blackhole 10.60.0.0/16 nhid 21 dev lo \n"
     "blackhole 10.61.0.0/16 nhid 1 via 10.1.0.2 dev eth0 \n"},
    {"ip -6 route", 0,
     "2001:db8:1::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "2001:db8:2::/64 dev eth1 proto kernel metric 256 pref medium\n"
     "2001:db8:50::/48 nhid 5 via 2001:db8:1::2 dev eth0 metric 1024 pref medium\n"
     "blackhole 2001:db8:53::/48 nhid 21 dev lo metric 1024 pref medium\n"
     "fe80::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "fe80::/64 dev eth1 proto kernel metric 256 pref medium\n"},
    {"ip -d route show 10.50.0.0/16", 0,
     "unicast 10.50.0.0/16 nhid 1 via 10.1.0.2 dev eth0 proto boot scope global \n"
     "\tnh_info id 1 via 10.1.0.2 dev eth0 scope link proto unspec \n"},
    {"ip -d route show 10.51.0.0/16", 0,
     "unicast 10.51.0.0/16 nhid 10 via 10.1.0.8 dev eth0 proto boot scope global \n"
     "\tnh_info id 10 via 10.1.0.8 dev eth0 scope link proto unspec \n"},
    {"ip -j -p route show 10.51.0.0/16", 0,
     "[ {\n"
     "        \"dst\": \"10.51.0.0/16\",\n"
     "        \"nhid\": 10,\n"
     "        \"gateway\": \"10.1.0.8\",\n"
     "        \"dev\": \"eth0\",\n"
     "        \"flags\": [ ]\n"
     "    } ]\n"},
    {"ip -j -p route show 10.50.0.0/16", 0,
     "[ {\n"
     "        \"dst\": \"10.50.0.0/16\",\n"
     "        \"nhid\": 1,\n"
     "        \"gateway\": \"10.1.0.2\",\n"
     "        \"dev\": \"eth0\",\n"
     "        \"flags\": [ ]\n"
     "    } ]\n"},
    {"ip -j -p -6 route show 2001:db8:51::/48", 0, "[ ]\n"},
    {"ip route get 10.50.0.1", 0,
     "10.50.0.1 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n"
     "    cache \n"},
    {"ip route get 10.52.0.1", 2, "RTNETLINK answers: Invalid argument\n"},
    {"ip -6 route get 2001:db8:53::1", 2, "RTNETLINK answers: Invalid argument\n"},
    {"ip route get fibmatch 10.51.0.1", 0, "10.51.0.0/16 nhid 10 via 10.1.0.8 dev eth0 \n"},
    {"ip -6 route get 2001:db8:50::1", 0,
     "2001:db8:50::1 from :: via 2001:db8:1::2 dev eth0 src 2001:db8:1::1 metric 1024 pref medium\n"},
    {"ip -6 route get fibmatch 2001:db8:51::1", 2, "RTNETLINK answers: Network is unreachable\n"},
    {"ip nexthop replace id 1 via 10.1.0.9 dev eth0", 0, ""},
    {"ip route", 0,
     "10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1 \n"
     "10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 \n"
     "10.50.0.0/16 nhid 1 via 10.1.0.9 dev eth0 \n"
     "10.51.0.0/16 nhid 10 via 10.1.0.8 dev eth0 \n"
     "blackhole 10.52.0.0/16 nhid 4 dev lo \n"
     "10.53.0.0/16 nhid 5 via inet6 2001:db8:1::2 dev eth0 \n"
     "10.57.0.0/16 nhid 3 dev eth1 \n"
     "10.58.0.0/16 nhid 13 \n"
     "\tnexthop via 10.1.0.9 dev eth0 weight 1 \n"
     "\tnexthop via inet6 2001:db8:1::2 dev eth0 weight 1 \n"
     "10.59.0.0/16 nhid 11 proto static src 10.1.0.1 metric 5 \n"
     "\tnexthop via 10.1.0.9 dev eth0 weight 3 \n"
     "\tnexthop via 10.2.0.2 dev eth1 weight 1 \n"
     "blackhole 10.60.0.0/16 nhid 21 dev lo \n"
     "blackhole 10.61.0.0/16 nhid 1 via 10.1.0.9 dev eth0 \n"},
    {"ip nexthop replace id 1 group 2", 2, "Error: Can not replace a nexthop with a nexthop group.\n"},
    {"ip nexthop replace id 10 via 10.1.0.2 dev eth0", 0, ""},
    {"ip nexthop replace id 10 group 2/3", 2, "Error: Can not replace a nexthop with a nexthop group.\n"},
    {"ip route show 10.51.0.0/16", 0, "10.51.0.0/16 nhid 10 via 10.1.0.2 dev eth0 \n"},
    {"ip nexthop replace id 1 blackhole", 2,
     "Error: Blackhole nexthop can not be a member of a group with more than one path.\n"},
    {"ip nexthop replace id 2 blackhole", 2,
     "Error: Blackhole nexthop can not be a member of a group with more than one path.\n"},
    {"ip nexthop replace id 1 via 2001:db8:1::7 dev eth0", 0, ""},
    {"ip nexthop del id 3", 0, ""},
    {"ip nexthop", 0,
     "id 1 via 2001:db8:1::7 dev eth0 scope link \n"
     "id 2 via 10.2.0.2 dev eth1 scope link proto static \n"
     "id 4 blackhole \n"
     "id 5 via 2001:db8:1::2 dev eth0 scope link \n"
     "id 6 via fe80::1 dev eth1 scope link onlink \n"
     "id 7 via 10.9.9.9 dev eth0 scope link onlink \n"
     "id 8 dev eth0 scope host \n"
     "id 9 via 10.1.0.7 dev eth0 scope link \n"
     "id 10 via 10.1.0.2 dev eth0 scope link \n"
     "id 11 group 1,3/2 \n"
     "id 12 group 10/2 \n"
     "id 13 group 1/5 \n"
     "id 15 group 1,256 \n"
     "id 20 dev eth0 scope link \n"
     "id 21 blackhole \n"},
    {"ip route", 0,
     "10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1 \n"
     "10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 \n"
     "10.50.0.0/16 nhid 1 via inet6 2001:db8:1::7 dev eth0 \n"
     "10.51.0.0/16 nhid 10 via 10.1.0.2 dev eth0 \n"
     "blackhole 10.52.0.0/16 nhid 4 dev lo \n"
     "10.53.0.0/16 nhid 5 via inet6 2001:db8:1::2 dev eth0 \n"
     "10.58.0.0/16 nhid 13 \n"
     "\tnexthop via inet6 2001:db8:1::7 dev eth0 weight 1 \n"
     "\tnexthop via inet6 2001:db8:1::2 dev eth0 weight 1 \n"
     "10.59.0.0/16 nhid 11 proto static src 10.1.0.1 metric 5 \n"
     "\tnexthop via inet6 2001:db8:1::7 dev eth0 weight 3 \n"
     "\tnexthop via 10.2.0.2 dev eth1 weight 1 \n"
     "blackhole 10.60.0.0/16 nhid 21 dev lo \n"
     "blackhole 10.61.0.0/16 nhid 1 via inet6 2001:db8:1::7 dev eth0 \n"},
    {"ip nexthop del id 77", 2, "RTNETLINK answers: No such file or directory\n"},
    {"ip nexthop del", 2, "Error: Nexthop id is missing.\n"},

    {"ip nexthop flush dev eth9", 255,
     "Error: argument \"eth9\" is wrong: Device does not exist\n"
     "\n"},
    {"ip route del 10.50.0.0/16 nhid 2", 2, "RTNETLINK answers: No such process\n"},
    {"ip route del 10.50.0.0/16 nhid 1", 0, ""},
    {"ip route change 10.51.0.0/16 nhid 2", 0, ""},
    {"ip route replace 10.51.0.0/16 via 10.1.0.2", 0, ""},
    {"ip route show 10.51.0.0/16", 0, "10.51.0.0/16 via 10.1.0.2 dev eth0 \n"},

    {"ip nexthop flush", 0, "Flushed 15 nexthops\n"},
    {"ip nexthop", 0, ""},
    {"ip route", 0,
     "10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1 \n"
     "10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 \n"
     "10.51.0.0/16 via 10.1.0.2 dev eth0 \n"},
    {"ip -6 route", 0,
     "2001:db8:1::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "2001:db8:2::/64 dev eth1 proto kernel metric 256 pref medium\n"
     "fe80::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "fe80::/64 dev eth1 proto kernel metric 256 pref medium\n"},
};

static const struct typed more_lines[] = {
    {"ip nexthop add id 1 via 10.1.0.2 dev eth0", 0, ""},
    {"ip nexthop add id 2 via 10.2.0.2 dev eth1 proto static", 0, ""},
    {"ip nexthop add id 4 blackhole", 0, ""},
    {"ip nexthop add id 5 via 2001:db8:1::2 dev eth0", 0, ""},
    {"ip nexthop add id 11 group 1,3/2", 0, ""},
    {"ip nexthop add id 12 group 1/11", 2, "Error: Hash-threshold group can not be a nexthop within a group.\n"},
    {"ip nexthop add id 12 group 1/11/1", 2, "Error: Nexthop id can not be used twice in a group.\n"},
    {"ip nexthop add id 12 group 1/4/1", 2, "Error: Nexthop id can not be used twice in a group.\n"},
    {"ip -4 nexthop add id 12 group 1", 2, "Error: Invalid family for group.\n"},
    {"ip nexthop add id 12 group 4", 0, ""},
    {"ip nexthop add id 13 group 1/1/99", 2, "Error: Nexthop id can not be used twice in a group.\n"},
    {"ip nexthop replace via 10.1.0.5 dev eth0", 2, "Error: Replace requires nexthop id.\n"},
    {"ip nexthop replace id 11 via 10.1.0.5 dev eth0", 2, "Error: Can not replace a nexthop group with a nexthop.\n"},
    {"ip nexthop replace id 30 via 10.1.0.5 dev eth0", 0, ""},
    {"ip nexthop replace id 11 group 2/5", 0, ""},
    {"ip nexthop replace id 11 group 11", 2, "Error: Hash-threshold group can not be a nexthop within a group.\n"},
    {"ip nexthop replace id 12 group 1/2", 0, ""},
    {"ip nexthop append id 30 via 10.1.0.5 dev eth0", 255, "Command \"append\" is unknown, try \"ip nexthop help\".\n"},
    {"ip nexthop change id 30 via 10.1.0.5 dev eth0", 255, "Command \"change\" is unknown, try \"ip nexthop help\".\n"},

    {"ip nexthop add id 32 via 2001:db8:1::1 dev eth0", 2, "Error: Gateway can not be a local address.\n"},
    {"ip nexthop add id 33 via fe80::9 dev lo", 2, "Error: Egress device can not be loopback device for this route.\n"},
    {"ip nexthop add id 33 dev lo", 0, ""},
    {"ip nexthop add id 34 via inet6 fe80::9 dev eth0", 0, ""},
    {"ip nexthop add id 35 via 224.0.0.1 dev eth0", 2, "Error: Nexthop has invalid gateway.\n"},
    {"ip -6 nexthop add id 36 via 10.1.0.2 dev eth0", 1,
     "Error: inet6 address is expected rather than \"10.1.0.2\".\n"},
    {"ip nexthop add id 38 blackhole onlink", 2,
     "Error: Invalid flags for nexthop - PERVASIVE and ONLINK can not be set.\n"},
    {"ip nexthop add id 38 onlink", 2, "Error: Invalid address family.\n"},
    {"ip nexthop add id 39 dev eth0 onlink", 2, "Error: ONLINK flag can not be set for nexthop without a gateway.\n"},
    {"ip nexthop add id 40 group 1/2 proto bgp", 0, ""},

    {"ip nexthop add id 42 id 43 dev eth0", 0, ""},
    {"ip nexthop add id -1 dev eth0", 255, "Error: argument \"-1\" is wrong: invalid id value\n"},
    {"ip nexthop add id 4294967295 dev eth0", 0, ""},
    {"ip nexthop del id 4294967295", 0, ""},
    {"ip route add 10.40.0.0/16 tos 0x10 nhid 1", 0, ""},
    {"ip route add 10.41.0.0/16 nhid 11 table 7 mtu 1400", 0, ""},
    {"ip route add 10.42.0.0/16 nhid 1 scope host", 2, "Error: Route with host scope can not have a gateway.\n"},
    {"ip route add 10.42.0.0/16 nhid 11 scope host", 2,
     "Error: Route with host scope can not have multiple nexthops.\n"},
    {"ip route add 10.42.0.0/16 nhid 1 scope link", 0, ""},
    {"ip route add 10.43.0.0/16 nhid foo", 255,
     "Error: argument \"foo\" is wrong: \"id\" value is invalid\n"
     "\n"},
    {"ip route add 10.44.0.0/16 nhid 0", 2, "RTNETLINK answers: No such device\n"},
    {"ip route add 10.45.0.0/16 nhid 11 nexthop via 10.1.0.2", 2,
     "Error: Nexthop specification and nexthop id are mutually exclusive.\n"},
    {"ip route add 2001:db8:60::/48 nhid 5", 0, ""},
    {"ip route append 2001:db8:60::/48 via 2001:db8:1::9", 0, ""},
    {"ip route append 10.40.0.0/16 tos 0x10 nhid 2", 0, ""},
    {"ip route append 10.40.0.0/16 tos 0x10 nhid 2", 2, "RTNETLINK answers: File exists\n"},
    {"ip route show table all 10.40.0.0/14", 0, ""},
    {"ip route show root 10.40.0.0/14", 0,
     "10.40.0.0/16 nhid 1 tos 0x10 via 10.1.0.2 dev eth0 \n"
     "10.40.0.0/16 nhid 2 tos 0x10 via 10.2.0.2 dev eth1 \n"
     "10.42.0.0/16 nhid 1 via 10.1.0.2 dev eth0 scope link \n"},
    {"ip route show table 7", 0,
     "10.41.0.0/16 nhid 11 mtu 1400 \n"
     "\tnexthop via 10.2.0.2 dev eth1 weight 1 \n"
     "\tnexthop via inet6 2001:db8:1::2 dev eth0 weight 1 \n"},
    {"ip -6 route show 2001:db8:60::/48", 0,
     "2001:db8:60::/48 nhid 5 via 2001:db8:1::2 dev eth0 metric 1024 pref medium\n"
     "2001:db8:60::/48 via 2001:db8:1::9 dev eth0 metric 1024 pref medium\n"},
    {"ip -d route show table 7", 0,
     "unicast 10.41.0.0/16 nhid 11 proto boot scope global mtu 1400 \n"
     "\tnh_info id 11 group 2/5 scope global proto unspec \n"
     "\tnexthop via 10.2.0.2 dev eth1 weight 1 \n"
     "\tnexthop via inet6 2001:db8:1::2 dev eth0 weight 1 \n"},
    {"ip -d -j -p route show table 7", 0,
     "[ {\n"
     "        \"type\": \"unicast\",\n"
     "        \"dst\": \"10.41.0.0/16\",\n"
     "        \"nhid\": 11,\n"
     "        \"protocol\": \"boot\",\n"
     "        \"scope\": \"global\",\n"
     "        \"flags\": [ ],\n"
     "        \"metrics\": [ {\n"
     "                \"mtu\": 1400\n"
     "            } ],\n"
     "        \"nh_info\": {\n"
     "            \"id\": 11,\n"
     "            \"group\": [ {\n"
     "                    \"id\": 2\n"
     "                },{\n"
     "                    \"id\": 5\n"
     "                } ],\n"
     "            \"scope\": \"global\",\n"
     "            \"protocol\": \"unspec\",\n"
     "            \"flags\": [ ]\n"
     "        },\n"
     "        \"nexthops\": [ {\n"
     "                \"gateway\": \"10.2.0.2\",\n"
     "                \"dev\": \"eth1\",\n"
     "                \"weight\": 1,\n"
     "                \"flags\": [ ]\n"
     "            },{\n"
     "                \"via\": {\n"
     "                    \"family\": \"inet6\",\n"
     "                    \"host\": \"2001:db8:1::2\"\n"
     "                },\n"
     "                \"dev\": \"eth0\",\n"
     "                \"weight\": 1,\n"
     "                \"flags\": [ ]\n"
     "            } ]\n"
     "    } ]\n"},
    {"ip -d -o route show table 7", 0,
     "unicast 10.41.0.0/16 nhid 11 proto boot scope global mtu 1400 \n"
     "\tnh_info id 11 group 2/5 scope global proto unspec \\\tnexthop via 10.2.0.2 dev eth1 weight 1 \\\tnexthop via "
     "inet6 2001:db8:1::2 dev eth0 weight 1 \n"},
    {"ip -d -6 route show 2001:db8:60::/48", 0,
     "unicast 2001:db8:60::/48 nhid 5 via 2001:db8:1::2 dev eth0 proto boot scope global metric 1024 pref medium\n"
     "\tnh_info id 5 via 2001:db8:1::2 dev eth0 scope link proto unspec \n"
     "unicast 2001:db8:60::/48 via 2001:db8:1::9 dev eth0 proto boot scope global metric 1024 pref medium\n"},
    {"ip -j -p -d route show 10.42.0.0/16", 0,
     "[ {\n"
     "        \"type\": \"unicast\",\n"
     "        \"dst\": \"10.42.0.0/16\",\n"
     "        \"nhid\": 1,\n"
     "        \"gateway\": \"10.1.0.2\",\n"
     "        \"dev\": \"eth0\",\n"
     "        \"protocol\": \"boot\",\n"
     "        \"scope\": \"link\",\n"
     "        \"flags\": [ ],\n"
     "        \"nh_info\": {\n"
     "            \"id\": 1,\n"
     "            \"gateway\": \"10.1.0.2\",\n"
     "            \"dev\": \"eth0\",\n"
     "            \"scope\": \"link\",\n"
     "            \"protocol\": \"unspec\",\n"
     "            \"flags\": [ ]\n"
     "        }\n"
     "    } ]\n"},
    {"ip nexthop replace id 5 via 10.1.0.7 dev eth0", 2, "Error: IPv6 routes can not use an IPv4 nexthop.\n"},

    {"ip -6 nexthop replace id 5 blackhole", 2,
     "Error: Blackhole nexthop can not be a member of a group with more than one path.\n"},
    {"ip -6 route show 2001:db8:60::/48", 0,
     "2001:db8:60::/48 nhid 5 via 2001:db8:1::2 dev eth0 metric 1024 pref medium\n"
     "2001:db8:60::/48 via 2001:db8:1::9 dev eth0 metric 1024 pref medium\n"},
    {"ip nexthop del id 2", 0, ""},
    {"ip nexthop", 0,
     "id 1 via 10.1.0.2 dev eth0 scope link \n"
     "id 4 blackhole \n"
     "id 5 via 2001:db8:1::2 dev eth0 scope link \n"
     "id 11 group 5 \n"
     "id 12 group 1 \n"
     "id 30 via 10.1.0.5 dev eth0 scope link \n"
     "id 33 dev lo scope host \n"
     "id 34 via fe80::9 dev eth0 scope link \n"
     "id 40 group 1 proto bgp \n"
     "id 43 dev eth0 scope host \n"},
    {"ip route show root 10.40.0.0/14", 0,
     "10.40.0.0/16 nhid 1 tos 0x10 via 10.1.0.2 dev eth0 \n"
     "10.42.0.0/16 nhid 1 via 10.1.0.2 dev eth0 scope link \n"},
    {"ip route show table 7", 0, "10.41.0.0/16 nhid 11 via inet6 2001:db8:1::2 dev eth0 mtu 1400 \n"},
    {"ip link set eth0 down", 0, ""},
    {"ip nexthop", 0,
     "id 4 blackhole \n"
     "id 33 dev lo scope host \n"},
    {"ip route", 0, "10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 \n"},

    {"ip nexthop flush", 0, "Flushed 2 nexthops\n"},
    {"ip nexthop flush", 0, "Nothing to flush\n"},
    {"ip nexthop flush id 99", 1, "RTNETLINK answers: No such file or directory\n"},
    {"ip nexthop list dev eth0", 0, ""},
    {"ip nexthop add id 50 dev eth0", 2, "Error: Nexthop device is not up.\n"},
    {"ip nexthop add id 50 via 10.1.0.2 dev eth0", 2, "Error: Nexthop device is not up.\n"},
    {"ip link set eth0 up", 0, ""},
    {"ip nexthop add id 50 via 10.1.0.2 dev eth0", 0, ""},
    {"ip nexthop add id 51 via 10.2.0.2 dev eth1 proto 77", 0, ""},
    {"ip nexthop show proto 77", 0, "id 51 via 10.2.0.2 dev eth1 scope link proto 77 \n"},
    {"ip nexthop flush proto 77", 0, "Flushed 1 nexthops\n"},
    {"ip -s nexthop flush id 50", 0, ""},
    {"ip nexthop", 0, ""},
    {"ip nexthop list id 3", 2, "RTNETLINK answers: No such file or directory\n"},
    {"ip nexthop get id 4", 2, "RTNETLINK answers: No such file or directory\n"},
    {"ip route show 10.70.0.0/16", 0, ""},
};

TEST(cmd_nexthop_is_as_on_linux)
{
    struct router r;
    router_start_full(&r);
    typed_table(r.net, first_lines, ARRAY_LEN(first_lines));
    router_end(&r);
}

TEST(cmd_nexthop_goes_with_what_it_needs)
{
    struct router r;
    router_start_full(&r);
    typed_table(r.net, more_lines, ARRAY_LEN(more_lines));
    router_end(&r);
}

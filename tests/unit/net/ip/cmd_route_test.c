/* ip route: lines and what iproute2 6.1 says to them on Linux 6.18, in a namespace with the same devices. */
#include "lib/string.h"
#include "tests/unit/net/ip/router.h"

static const struct typed cmd_route_lines[] = {
    {"ip route", 0,
     "10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1 \n"
     "10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 \n"},
    {"ip -6 route", 0,
     "2001:db8:1::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "2001:db8:2::/64 dev eth1 proto kernel metric 256 pref medium\n"
     "fe80::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "fe80::/64 dev eth1 proto kernel metric 256 pref medium\n"},
    {"ip route show table local", 0,
     "local 10.1.0.1 dev eth0 proto kernel scope host src 10.1.0.1 \n"
     "broadcast 10.1.0.255 dev eth0 proto kernel scope link src 10.1.0.1 \n"
     "local 10.2.0.1 dev eth1 proto kernel scope host src 10.2.0.1 \n"
     "broadcast 10.2.0.255 dev eth1 proto kernel scope link src 10.2.0.1 \n"
     "local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1 \n"
     "local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1 \n"
     "broadcast 127.255.255.255 dev lo proto kernel scope link src 127.0.0.1 \n"},
    {"ip -6 route show table local", 0,
     "local ::1 dev lo proto kernel metric 0 pref medium\n"
     "local 2001:db8:1::1 dev eth0 proto kernel metric 0 pref medium\n"
     "local 2001:db8:2::1 dev eth1 proto kernel metric 0 pref medium\n"
     "local fe80::ff:fe00:1 dev eth0 proto kernel metric 0 pref medium\n"
     "local fe80::ff:fe00:1 dev eth1 proto kernel metric 0 pref medium\n"
     "multicast ff00::/8 dev eth0 proto kernel metric 256 pref medium\n"
     "multicast ff00::/8 dev eth1 proto kernel metric 256 pref medium\n"},
    {"ip route add default via 10.1.0.2", 0, ""},
    {"ip route add default via 10.1.0.2", 2, "RTNETLINK answers: File exists\n"},
    {"ip route add default via 10.1.0.3 metric 100", 0, ""},
    {"ip route add 10.9.0.0/16 via 10.1.0.2 dev eth0", 0, ""},
    {"ip route add 10.9.1.0/24 dev eth0", 0, ""},
    {"ip route add 10.9.1.1 dev eth0 src 10.1.0.1 metric 5 proto static mtu 1400 advmss 1300 initcwnd 10 initrwnd "
     "20 hoplimit 9",
     0, ""},
    {"ip route add 10.9.2.0/24 dev eth0 mtu lock 1400", 0, ""},
    {"ip route add 10.9.3.0/24 tos 0x10 via 10.1.0.2", 0, ""},
    {"ip route add 10.9.3.0/24 tos 0x08 via 10.1.0.2", 0, ""},
    {"ip route add blackhole 203.0.113.0/24", 0, ""},
    {"ip route add unreachable 203.0.114.0/24 metric 9", 0, ""},
    {"ip route add prohibit 203.0.115.0/24 proto 77", 0, ""},
    {"ip route add throw 203.0.116.0/24 table 77", 0, ""},
    {"ip route add local 203.0.117.0/24 dev lo", 0, ""},
    {"ip route add broadcast 203.0.118.255 dev eth0", 0, ""},
    {"ip route add multicast 224.5.0.0/24 dev eth0", 0, ""},
    {"ip route add 10.10.0.0/16 proto static nexthop via 10.1.0.2 dev eth0 weight 1 nexthop via 10.2.0.2 dev eth1 "
     "weight 3",
     0, ""},
    {"ip route add 10.11.0.0/16 via 192.0.2.1 dev eth0 onlink", 0, ""},
    {"ip route add 10.12.0.0/16 via inet6 fe80::1 dev eth0", 0, ""},
    {"ip route add 10.13.0.0/16 via 192.0.2.1", 2, "Error: Nexthop has invalid gateway.\n"},
    {"ip route add 10.13.0.0/16 via 192.0.2.1 dev eth0", 2, "Error: Nexthop has invalid gateway.\n"},
    {"ip route add 10.13.0.0/16 via 10.1.0.1", 0, ""},
    {"ip route add 10.13.0.0/16 dev nosuch", 1, "Cannot find device \"nosuch\"\n"},
    {"ip route add 10.13.0.0/16", 2, "RTNETLINK answers: No such device\n"},
    {"ip route add 10.13.0.1/16 dev eth0", 2, "Error: Invalid prefix for given prefix length.\n"},
    {"ip route add 10.13.0.0/16 dev eth0 src 9.9.9.9", 2, "Error: Invalid prefsrc address.\n"},
    {"ip route add 10.13.0.0/16 table foo dev eth0", 255,
     "Error: argument \"foo\" is wrong: \"table\" value is invalid\n"
     "\n"},
    {"ip route add 10.13.0.0/16 table 100 dev eth0", 0, ""},
    {"ip route add 10.13.0.0/16 proto foo dev eth0", 255,
     "Error: argument \"foo\" is wrong: \"protocol\" value is invalid\n"
     "\n"},
    {"ip route add 10.13.0.0/16 scope foo dev eth0", 255,
     "Error: argument \"foo\" is wrong: invalid \"scope\" value\n"
     "\n"},
    {"ip route add 10.13.0.0/16 metric foo dev eth0", 255,
     "Error: argument \"foo\" is wrong: \"metric\" value is invalid\n"
     "\n"},
    {"ip route add 10.13.0.0/16 via foo", 1, "Error: inet address is expected rather than \"foo\".\n"},
    {"ip route add foo via 10.1.0.2", 1, "Error: any valid prefix is expected rather than \"foo\".\n"},
    {"ip route add 10.13.0.0/33 via 10.1.0.2", 1,
     "Error: any valid prefix is expected rather than \"10.13.0.0/33\".\n"},
    {"ip route add 10.13.0.0/16 10.14.0.0/16 via 10.1.0.2", 255,
     "Error: either \"to\" is duplicate, or \"10.14.0.0/16\" is a garbage.\n"},
    {"ip route add 10.13.0.0/16 dev eth0 dev eth1", 2, "RTNETLINK answers: File exists\n"},
    {"ip route add 10.14.0.0/16 via 10.1.0.2 scope link", 2, "Error: Nexthop has invalid gateway.\n"},
    {"ip route add 10.14.0.0/16 dev eth0 scope host", 0, ""},
    {"ip route add 10.14.0.0/16 via 10.1.0.2 tos 0x13", 2, "Error: Invalid dsfield (tos): ECN bits must be 0.\n"},
    {"ip route add 10.14.0.0/16 via 10.1.0.2 dev eth1", 2, "Error: Nexthop has invalid gateway.\n"},
    {"ip route add 10.14.0.0/16 nexthop via 10.1.0.2 nexthop via 10.2.0.2 weight 0", 255,
     "Error: argument \"0\" is wrong: \"weight\" is invalid\n"
     "\n"},
    {"ip route add 10.14.0.0/16 nexthop via 10.1.0.2 weight 257", 255,
     "Error: argument \"257\" is wrong: \"weight\" is invalid\n"
     "\n"},
    {"ip route add 10.14.0.0/16 nexthop via 10.1.0.2 weight 256", 2, "RTNETLINK answers: File exists\n"},
    {"ip route add 10.14.1.0/24 nexthop via 10.1.0.2 foo", 255,
     "Error: \"nexthop\" or end of line is expected instead of \"foo\"\n"},
    {"ip route add 10.14.1.0/24 nexthop foo", 255,
     "Error: \"nexthop\" or end of line is expected instead of \"foo\"\n"},
    {"ip route add 10.14.1.0/24 foo", 255, "Error: either \"to\" is duplicate, or \"foo\" is a garbage.\n"},
    {"ip route append 10.9.1.0/24 dev eth1", 0, ""},
    {"ip route append 10.9.1.0/24 dev eth1", 2, "RTNETLINK answers: File exists\n"},
    {"ip route prepend 10.9.1.0/24 dev lo", 0, ""},
    {"ip route", 0,
     "default via 10.1.0.2 dev eth0 \n"
     "default via 10.1.0.3 dev eth0 metric 100 \n"
     "10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1 \n"
     "10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 \n"
     "10.9.0.0/16 via 10.1.0.2 dev eth0 \n"
     "10.9.1.0/24 dev lo scope link \n"
     "10.9.1.0/24 dev eth0 scope link \n"
     "10.9.1.0/24 dev eth1 scope link \n"
     "10.9.1.1 dev eth0 proto static scope link src 10.1.0.1 metric 5 mtu 1400 advmss 1300 hoplimit 9 initcwnd 10 "
     "initrwnd 20 \n"
     "10.9.2.0/24 dev eth0 scope link mtu lock 1400 \n"
     "10.9.3.0/24 tos 0x10 via 10.1.0.2 dev eth0 \n"
     "10.9.3.0/24 tos 0x08 via 10.1.0.2 dev eth0 \n"
     "10.10.0.0/16 proto static \n"
     "\tnexthop via 10.1.0.2 dev eth0 weight 1 \n"
     "\tnexthop via 10.2.0.2 dev eth1 weight 3 \n"
     "10.11.0.0/16 via 192.0.2.1 dev eth0 onlink \n"
     "10.12.0.0/16 via inet6 fe80::1 dev eth0 \n"
     "10.13.0.0/16 via 10.1.0.1 dev eth0 \n"
     "10.14.0.0/16 dev eth0 scope host \n"
     "blackhole 203.0.113.0/24 \n"
     "unreachable 203.0.114.0/24 metric 9 \n"
     "prohibit 203.0.115.0/24 proto 77 \n"
     "multicast 224.5.0.0/24 dev eth0 scope link \n"},
    {"ip route replace 10.9.1.0/24 via 10.2.0.9", 0, ""},
    {"ip route replace 10.9.1.0/24 via 10.2.0.9", 0, ""},
    {"ip route replace 10.9.1.0/24 via 10.2.0.10", 0, ""},
    {"ip route change 10.9.1.0/24 via 10.2.0.11", 0, ""},
    {"ip route change 10.9.77.0/24 via 10.2.0.11", 2, "RTNETLINK answers: No such file or directory\n"},
    {"ip route show 10.9.1.0/24", 0,
     "10.9.1.0/24 via 10.2.0.11 dev eth1 \n"
     "10.9.1.0/24 dev eth0 scope link \n"
     "10.9.1.0/24 dev eth1 scope link \n"},
    {"ip route show root 10.9.0.0/16", 0,
     "10.9.0.0/16 via 10.1.0.2 dev eth0 \n"
     "10.9.1.0/24 via 10.2.0.11 dev eth1 \n"
     "10.9.1.0/24 dev eth0 scope link \n"
     "10.9.1.0/24 dev eth1 scope link \n"
     "10.9.1.1 dev eth0 proto static scope link src 10.1.0.1 metric 5 mtu 1400 advmss 1300 hoplimit 9 initcwnd 10 "
     "initrwnd 20 \n"
     "10.9.2.0/24 dev eth0 scope link mtu lock 1400 \n"
     "10.9.3.0/24 tos 0x10 via 10.1.0.2 dev eth0 \n"
     "10.9.3.0/24 tos 0x08 via 10.1.0.2 dev eth0 \n"},
    {"ip route show match 10.9.1.1", 0,
     "default via 10.1.0.2 dev eth0 \n"
     "default via 10.1.0.3 dev eth0 metric 100 \n"
     "10.9.0.0/16 via 10.1.0.2 dev eth0 \n"
     "10.9.1.0/24 via 10.2.0.11 dev eth1 \n"
     "10.9.1.0/24 dev eth0 scope link \n"
     "10.9.1.0/24 dev eth1 scope link \n"
     "10.9.1.1 dev eth0 proto static scope link src 10.1.0.1 metric 5 mtu 1400 advmss 1300 hoplimit 9 initcwnd 10 "
     "initrwnd 20 \n"},
    {"ip route show exact 10.9.0.0/16", 0, "10.9.0.0/16 via 10.1.0.2 dev eth0 \n"},
    {"ip route show default", 0,
     "default via 10.1.0.2 dev eth0 \n"
     "default via 10.1.0.3 dev eth0 metric 100 \n"},
    {"ip route show dev eth0", 0,
     "default via 10.1.0.2 \n"
     "default via 10.1.0.3 metric 100 \n"
     "10.1.0.0/24 proto kernel scope link src 10.1.0.1 \n"
     "10.9.0.0/16 via 10.1.0.2 \n"
     "10.9.1.0/24 scope link \n"
     "10.9.1.1 proto static scope link src 10.1.0.1 metric 5 mtu 1400 advmss 1300 hoplimit 9 initcwnd 10 initrwnd "
     "20 \n"
     "10.9.2.0/24 scope link mtu lock 1400 \n"
     "10.9.3.0/24 tos 0x10 via 10.1.0.2 \n"
     "10.9.3.0/24 tos 0x08 via 10.1.0.2 \n"
     "10.11.0.0/16 via 192.0.2.1 onlink \n"
     "10.12.0.0/16 via inet6 fe80::1 \n"
     "10.13.0.0/16 via 10.1.0.1 \n"
     "10.14.0.0/16 scope host \n"
     "multicast 224.5.0.0/24 scope link \n"},
    {"ip route show via 10.1.0.2", 0,
     "default dev eth0 \n"
     "10.9.0.0/16 dev eth0 \n"
     "10.9.3.0/24 tos 0x10 dev eth0 \n"
     "10.9.3.0/24 tos 0x08 dev eth0 \n"},
    {"ip route show proto static", 0,
     "10.9.1.1 dev eth0 scope link src 10.1.0.1 metric 5 mtu 1400 advmss 1300 hoplimit 9 initcwnd 10 initrwnd 20 \n"
     "10.10.0.0/16 \n"
     "\tnexthop via 10.1.0.2 dev eth0 weight 1 \n"
     "\tnexthop via 10.2.0.2 dev eth1 weight 3 \n"},
    {"ip route show proto kernel", 0,
     "10.1.0.0/24 dev eth0 scope link src 10.1.0.1 \n"
     "10.2.0.0/24 dev eth1 scope link src 10.2.0.1 \n"},
    {"ip route show scope link", 0,
     "10.1.0.0/24 dev eth0 proto kernel src 10.1.0.1 \n"
     "10.2.0.0/24 dev eth1 proto kernel src 10.2.0.1 \n"
     "10.9.1.0/24 dev eth0 \n"
     "10.9.1.0/24 dev eth1 \n"
     "10.9.1.1 dev eth0 proto static src 10.1.0.1 metric 5 mtu 1400 advmss 1300 hoplimit 9 initcwnd 10 initrwnd 20 "
     "\n"
     "10.9.2.0/24 dev eth0 mtu lock 1400 \n"
     "multicast 224.5.0.0/24 dev eth0 \n"},
    {"ip route show type blackhole", 0, "blackhole 203.0.113.0/24 \n"},
    {"ip route show src 10.1.0.1", 0,
     "10.1.0.0/24 dev eth0 proto kernel scope link \n"
     "10.9.1.1 dev eth0 proto static scope link metric 5 mtu 1400 advmss 1300 hoplimit 9 initcwnd 10 initrwnd 20 "
     "\n"},
    {"ip route show table 77", 0, "throw 203.0.116.0/24 \n"},
    {"ip route show table all", 0,
     "throw 203.0.116.0/24 table 77 \n"
     "10.13.0.0/16 dev eth0 table 100 scope link \n"
     "default via 10.1.0.2 dev eth0 \n"
     "default via 10.1.0.3 dev eth0 metric 100 \n"
     "10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1 \n"
     "10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 \n"
     "10.9.0.0/16 via 10.1.0.2 dev eth0 \n"
     "10.9.1.0/24 via 10.2.0.11 dev eth1 \n"
     "10.9.1.0/24 dev eth0 scope link \n"
     "10.9.1.0/24 dev eth1 scope link \n"
     "10.9.1.1 dev eth0 proto static scope link src 10.1.0.1 metric 5 mtu 1400 advmss 1300 hoplimit 9 initcwnd 10 "
     "initrwnd 20 \n"
     "10.9.2.0/24 dev eth0 scope link mtu lock 1400 \n"
     "10.9.3.0/24 tos 0x10 via 10.1.0.2 dev eth0 \n"
     "10.9.3.0/24 tos 0x08 via 10.1.0.2 dev eth0 \n"
     "10.10.0.0/16 proto static \n"
     "\tnexthop via 10.1.0.2 dev eth0 weight 1 \n"
     "\tnexthop via 10.2.0.2 dev eth1 weight 3 \n"
     "10.11.0.0/16 via 192.0.2.1 dev eth0 onlink \n"
     "10.12.0.0/16 via inet6 fe80::1 dev eth0 \n"
     "10.13.0.0/16 via 10.1.0.1 dev eth0 \n"
     "10.14.0.0/16 dev eth0 scope host \n"
     "blackhole 203.0.113.0/24 \n"
     "unreachable 203.0.114.0/24 metric 9 \n"
     "prohibit 203.0.115.0/24 proto 77 \n"
     "multicast 224.5.0.0/24 dev eth0 scope link \n"
     "local 10.1.0.1 dev eth0 table local proto kernel scope host src 10.1.0.1 \n"
     "broadcast 10.1.0.255 dev eth0 table local proto kernel scope link src 10.1.0.1 \n"
     "local 10.2.0.1 dev eth1 table local proto kernel scope host src 10.2.0.1 \n"
     "broadcast 10.2.0.255 dev eth1 table local proto kernel scope link src 10.2.0.1 \n"
     "local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1 \n"
     "local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1 \n"
     "broadcast 127.255.255.255 dev lo table local proto kernel scope link src 127.0.0.1 \n"
     "local 203.0.117.0/24 dev lo table local scope host \n"
     "broadcast 203.0.118.255 dev eth0 table local scope link \n"
     "2001:db8:1::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "2001:db8:2::/64 dev eth1 proto kernel metric 256 pref medium\n"
     "fe80::/64 dev eth0 proto kernel metric 256 pref medium\n"
     "fe80::/64 dev eth1 proto kernel metric 256 pref medium\n"
     "local ::1 dev lo table local proto kernel metric 0 pref medium\n"
     "local 2001:db8:1::1 dev eth0 table local proto kernel metric 0 pref medium\n"
     "local 2001:db8:2::1 dev eth1 table local proto kernel metric 0 pref medium\n"
     "local fe80::ff:fe00:1 dev eth0 table local proto kernel metric 0 pref medium\n"
     "local fe80::ff:fe00:1 dev eth1 table local proto kernel metric 0 pref medium\n"
     "multicast ff00::/8 dev eth0 table local proto kernel metric 256 pref medium\n"
     "multicast ff00::/8 dev eth1 table local proto kernel metric 256 pref medium\n"},
    {"ip route show table 100", 0, "10.13.0.0/16 dev eth0 scope link \n"},
    {"ip route show table 200", 2,
     "Error: ipv4: FIB table does not exist.\n"
     "Dump terminated\n"},
    {"ip route show metric 5", 0,
     "10.9.1.1 dev eth0 proto static scope link src 10.1.0.1 mtu 1400 advmss 1300 hoplimit 9 initcwnd 10 initrwnd "
     "20 \n"},
    {"ip route show tos 0x10", 0, "10.9.3.0/24 via 10.1.0.2 dev eth0 \n"},
    {"ip -d route show 10.9.1.0/24", 0,
     "unicast 10.9.1.0/24 via 10.2.0.11 dev eth1 proto boot scope global \n"
     "unicast 10.9.1.0/24 dev eth0 proto boot scope link \n"
     "unicast 10.9.1.0/24 dev eth1 proto boot scope link \n"},
    {"ip -d route show 10.9.0.0/16", 0, "unicast 10.9.0.0/16 via 10.1.0.2 dev eth0 proto boot scope global \n"},
    {"ip -d route show 10.10.0.0/16", 0,
     "unicast 10.10.0.0/16 proto static scope global \n"
     "\tnexthop via 10.1.0.2 dev eth0 weight 1 \n"
     "\tnexthop via 10.2.0.2 dev eth1 weight 3 \n"},
    {"ip -d route show 203.0.113.0/24", 0, "blackhole 203.0.113.0/24 proto boot scope global \n"},
    {"ip -s route show", 0,
     "default via 10.1.0.2 dev eth0 \n"
     "default via 10.1.0.3 dev eth0 metric 100 \n"
     "10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1 \n"
     "10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 \n"
     "10.9.0.0/16 via 10.1.0.2 dev eth0 \n"
     "10.9.1.0/24 via 10.2.0.11 dev eth1 \n"
     "10.9.1.0/24 dev eth0 scope link \n"
     "10.9.1.0/24 dev eth1 scope link \n"
     "10.9.1.1 dev eth0 proto static scope link src 10.1.0.1 metric 5 mtu 1400 advmss 1300 hoplimit 9 initcwnd 10 "
     "initrwnd 20 \n"
     "10.9.2.0/24 dev eth0 scope link mtu lock 1400 \n"
     "10.9.3.0/24 tos 0x10 via 10.1.0.2 dev eth0 \n"
     "10.9.3.0/24 tos 0x08 via 10.1.0.2 dev eth0 \n"
     "10.10.0.0/16 proto static \n"
     "\tnexthop via 10.1.0.2 dev eth0 weight 1 \n"
     "\tnexthop via 10.2.0.2 dev eth1 weight 3 \n"
     "10.11.0.0/16 via 192.0.2.1 dev eth0 onlink \n"
     "10.12.0.0/16 via inet6 fe80::1 dev eth0 \n"
     "10.13.0.0/16 via 10.1.0.1 dev eth0 \n"
     "10.14.0.0/16 dev eth0 scope host \n"
     "blackhole 203.0.113.0/24 \n"
     "unreachable 203.0.114.0/24 metric 9 \n"
     "prohibit 203.0.115.0/24 proto 77 \n"
     "multicast 224.5.0.0/24 dev eth0 scope link \n"},
    {"ip -o route show", 0,
     "default via 10.1.0.2 dev eth0 \n"
     "default via 10.1.0.3 dev eth0 metric 100 \n"
     "10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1 \n"
     "10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 \n"
     "10.9.0.0/16 via 10.1.0.2 dev eth0 \n"
     "10.9.1.0/24 via 10.2.0.11 dev eth1 \n"
     "10.9.1.0/24 dev eth0 scope link \n"
     "10.9.1.0/24 dev eth1 scope link \n"
     "10.9.1.1 dev eth0 proto static scope link src 10.1.0.1 metric 5 mtu 1400 advmss 1300 hoplimit 9 initcwnd 10 "
     "initrwnd 20 \n"
     "10.9.2.0/24 dev eth0 scope link mtu lock 1400 \n"
     "10.9.3.0/24 tos 0x10 via 10.1.0.2 dev eth0 \n"
     "10.9.3.0/24 tos 0x08 via 10.1.0.2 dev eth0 \n"
     "10.10.0.0/16 proto static \\\tnexthop via 10.1.0.2 dev eth0 weight 1 \\\tnexthop via 10.2.0.2 dev eth1 "
     "weight 3 \n"
     "10.11.0.0/16 via 192.0.2.1 dev eth0 onlink \n"
     "10.12.0.0/16 via inet6 fe80::1 dev eth0 \n"
     "10.13.0.0/16 via 10.1.0.1 dev eth0 \n"
     "10.14.0.0/16 dev eth0 scope host \n"
     "blackhole 203.0.113.0/24 \n"
     "unreachable 203.0.114.0/24 metric 9 \n"
     "prohibit 203.0.115.0/24 proto 77 \n"
     "multicast 224.5.0.0/24 dev eth0 scope link \n"},
    {"ip -j route show", 0,
     "[{\"dst\":\"default\",\"gateway\":\"10.1.0.2\",\"dev\":\"eth0\",\"flags\":[]},{\"dst\":\"default\","
     "\"gateway\":\"10.1.0.3\",\"dev\":\"eth0\",\"metric\":100,\"flags\":[]},{\"dst\":\"10.1.0.0/"
     "24\",\"dev\":\"eth0\",\"protocol\":\"kernel\",\"scope\":\"link\",\"prefsrc\":\"10.1.0.1\",\"flags\":[]},{"
     "\"dst\":\"10.2.0.0/"
     "24\",\"dev\":\"eth1\",\"protocol\":\"kernel\",\"scope\":\"link\",\"prefsrc\":\"10.2.0.1\",\"flags\":[]},{"
     "\"dst\":\"10.9.0.0/16\",\"gateway\":\"10.1.0.2\",\"dev\":\"eth0\",\"flags\":[]},{\"dst\":\"10.9.1.0/"
     "24\",\"gateway\":\"10.2.0.11\",\"dev\":\"eth1\",\"flags\":[]},{\"dst\":\"10.9.1.0/"
     "24\",\"dev\":\"eth0\",\"scope\":\"link\",\"flags\":[]},{\"dst\":\"10.9.1.0/"
     "24\",\"dev\":\"eth1\",\"scope\":\"link\",\"flags\":[]},{\"dst\":\"10.9.1.1\",\"dev\":\"eth0\",\"protocol\":"
     "\"static\",\"scope\":\"link\",\"prefsrc\":\"10.1.0.1\",\"metric\":5,\"flags\":[],\"metrics\":[{\"mtu\":1400,"
     "\"advmss\":1300,\"hoplimit\":9,\"initcwnd\":10,\"initrwnd\":20}]},{\"dst\":\"10.9.2.0/"
     "24\",\"dev\":\"eth0\",\"scope\":\"link\",\"flags\":[],\"metrics\":[{\"mtu\":1400}]},{\"dst\":\"10.9.3.0/"
     "24\",\"tos\":\"0x10\",\"gateway\":\"10.1.0.2\",\"dev\":\"eth0\",\"flags\":[]},{\"dst\":\"10.9.3.0/"
     "24\",\"tos\":\"0x08\",\"gateway\":\"10.1.0.2\",\"dev\":\"eth0\",\"flags\":[]},{\"dst\":\"10.10.0.0/"
     "16\",\"protocol\":\"static\",\"flags\":[],\"nexthops\":[{\"gateway\":\"10.1.0.2\",\"dev\":\"eth0\","
     "\"weight\":1,\"flags\":[]},{\"gateway\":\"10.2.0.2\",\"dev\":\"eth1\",\"weight\":3,\"flags\":[]}]},{\"dst\":"
     "\"10.11.0.0/16\",\"gateway\":\"192.0.2.1\",\"dev\":\"eth0\",\"flags\":[\"onlink\"]},{\"dst\":\"10.12.0.0/"
     "16\",\"via\":{\"family\":\"inet6\",\"host\":\"fe80::1\"},\"dev\":\"eth0\",\"flags\":[]},{\"dst\":\"10.13.0.0/"
     "16\",\"gateway\":\"10.1.0.1\",\"dev\":\"eth0\",\"flags\":[]},{\"dst\":\"10.14.0.0/"
     "16\",\"dev\":\"eth0\",\"scope\":\"host\",\"flags\":[]},{\"type\":\"blackhole\",\"dst\":\"203.0.113.0/"
     "24\",\"flags\":[]},{\"type\":\"unreachable\",\"dst\":\"203.0.114.0/"
     "24\",\"metric\":9,\"flags\":[]},{\"type\":\"prohibit\",\"dst\":\"203.0.115.0/"
     "24\",\"protocol\":\"77\",\"flags\":[]},{\"type\":\"multicast\",\"dst\":\"224.5.0.0/"
     "24\",\"dev\":\"eth0\",\"scope\":\"link\",\"flags\":[]}]\n"},
    {"ip -j -p -d route show 10.10.0.0/16", 0,
     "[ {\n"
     "        \"type\": \"unicast\",\n"
     "        \"dst\": \"10.10.0.0/16\",\n"
     "        \"protocol\": \"static\",\n"
     "        \"scope\": \"global\",\n"
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
    {"ip -j -p -d route show 10.9.1.1", 0,
     "[ {\n"
     "        \"type\": \"unicast\",\n"
     "        \"dst\": \"10.9.1.1\",\n"
     "        \"dev\": \"eth0\",\n"
     "        \"protocol\": \"static\",\n"
     "        \"scope\": \"link\",\n"
     "        \"prefsrc\": \"10.1.0.1\",\n"
     "        \"metric\": 5,\n"
     "        \"flags\": [ ],\n"
     "        \"metrics\": [ {\n"
     "                \"mtu\": 1400,\n"
     "                \"advmss\": 1300,\n"
     "                \"hoplimit\": 9,\n"
     "                \"initcwnd\": 10,\n"
     "                \"initrwnd\": 20\n"
     "            } ]\n"
     "    } ]\n"},
    {"ip -j -p route show 10.12.0.0/16", 0,
     "[ {\n"
     "        \"dst\": \"10.12.0.0/16\",\n"
     "        \"via\": {\n"
     "            \"family\": \"inet6\",\n"
     "            \"host\": \"fe80::1\"\n"
     "        },\n"
     "        \"dev\": \"eth0\",\n"
     "        \"flags\": [ ]\n"
     "    } ]\n"},
    {"ip -j -p route show 203.0.113.0/24", 0,
     "[ {\n"
     "        \"type\": \"blackhole\",\n"
     "        \"dst\": \"203.0.113.0/24\",\n"
     "        \"flags\": [ ]\n"
     "    } ]\n"},
    {"ip route del 10.9.99.0/24", 2, "RTNETLINK answers: No such process\n"},
    {"ip route del 10.9.1.0/24 via 10.2.0.99", 2, "RTNETLINK answers: No such process\n"},
    {"ip route del 10.9.1.0/24 dev eth0", 0, ""},
    {"ip route del 10.9.1.0/24", 0, ""},
    {"ip route del default", 0, ""},
    {"ip route del default", 0, ""},
    {"ip route del default", 2, "RTNETLINK answers: No such process\n"},
    {"ip route del blackhole 203.0.113.0/24", 0, ""},
    {"ip route del 203.0.114.0/24", 0, ""},
    {"ip route del 10.10.0.0/16 nexthop via 10.1.0.2", 2, "RTNETLINK answers: No such process\n"},
    {"ip route del 10.10.0.0/16 nexthop via 10.1.0.2 dev eth0 weight 1 nexthop via 10.2.0.2 dev eth1 weight 3", 0, ""},
    {"ip route foo", 255, "Command \"foo\" is unknown, try \"ip route help\".\n"},
    {"ip route show foo", 1, "Error: any valid prefix is expected rather than \"foo\".\n"},
    {"ip route show root foo", 1, "Error: any valid prefix is expected rather than \"foo\".\n"},
    {"ip route show dev nosuch", 1, "Cannot find device \"nosuch\"\n"},
    {"ip route show table foo", 255,
     "Error: argument \"foo\" is wrong: table id value is invalid\n"
     "\n"},
    {"ip route flush", 1, "\"ip route flush\" requires arguments.\n"},
    {"ip -s route flush root 10.9.0.0/16", 0,
     "\n"
     "*** Round 1, deleting 6 entries ***\n"
     "*** Flush is complete after 1 round ***\n"},
    {"ip -s -s route flush table 77", 0,
     "throw 203.0.116.0/24 \n"
     "\n"
     "*** Round 1, deleting 1 entries ***\n"
     "*** Flush is complete after 1 round ***\n"},
    {"ip route flush table 77", 0, ""},
    {"ip route flush table all proto static", 0, ""},
    {"ip route flush 10.77.0.0/16", 0, ""},
    {"ip route flush cache", 0, ""},
    {"ip route show", 0,
     "10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1 \n"
     "10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 \n"
     "10.11.0.0/16 via 192.0.2.1 dev eth0 onlink \n"
     "10.12.0.0/16 via inet6 fe80::1 dev eth0 \n"
     "10.13.0.0/16 via 10.1.0.1 dev eth0 \n"
     "10.14.0.0/16 dev eth0 scope host \n"
     "prohibit 203.0.115.0/24 proto 77 \n"
     "multicast 224.5.0.0/24 dev eth0 scope link \n"},
    {"ip route del 10.1.0.0/24", 0, ""},
    {"ip route show", 0,
     "10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 \n"
     "10.11.0.0/16 via 192.0.2.1 dev eth0 onlink \n"
     "10.12.0.0/16 via inet6 fe80::1 dev eth0 \n"
     "10.13.0.0/16 via 10.1.0.1 dev eth0 \n"
     "10.14.0.0/16 dev eth0 scope host \n"
     "prohibit 203.0.115.0/24 proto 77 \n"
     "multicast 224.5.0.0/24 dev eth0 scope link \n"},
    {"ip route flush table main", 0, ""},
    {"ip route show", 0, ""}};

TEST(cmd_route_is_as_on_linux)
{
    struct router r;
    router_start_full(&r);
    typed_table(r.net, cmd_route_lines, ARRAY_LEN(cmd_route_lines));
    router_end(&r);
}

/* What the transcripts do not have: names of tables, values at their ends, what is refused by name. */
TEST(cmd_route_refuses_by_name)
{
    struct router r;
    router_start_full(&r);
    TYPED(r.net,
          {"ip route add 10.9.0.0/16 dev eth0 realms 5", 255,
           "Error: argument \"realms\" is wrong: no route here has it\n"},
          {"ip -6 route add 2001:db8:9::/48 dev eth0 pref high", 255,
           "Error: argument \"high\" is wrong: routes here have no preference but medium\n"},
          {"ip route add 10.9.0.0/16 nexthop via 10.1.0.2 realms 5", 255,
           "Error: \"nexthop\" or end of line is expected instead of \"realms\"\n"},
          {"ip route add 10/8 via 10.1.0.2 metric 4294967295", 0, ""},
          {"ip route add 11.0.0.0/255.0.0.0 via 10.1.0.2 table 4294967295", 0, ""},
          {"ip route", 0,
           "10.0.0.0/8 via 10.1.0.2 dev eth0 metric 4294967295 \n"
           "10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1 \n"
           "10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 \n"},
          {"ip route show table 4294967295", 0, "11.0.0.0/8 via 10.1.0.2 dev eth0 \n"});
    router_end(&r);
}

TEST(cmd_route_dump_makes_the_same_again)
{
    static char first[16384];
    struct router r, again;
    router_start_get(&r);
    TYPED(
        r.net, {"ip route add 192.0.2.0/24 dev eth0 scope link; ip route add 198.51.100.0/24 via 192.0.2.7", 0, ""},
        {"ip route add 5.0.0.0/8 via 192.0.2.9 dev eth0; ip route del 192.0.2.0/24", 0, ""},
        {"ip route append 10.10.0.0/16 dev eth1; ip route add 6.0.0.0/8 via inet6 fe80::9 dev eth1", 0, ""},
        {"ip -6 route add 2001:db8:9::/48 via 2001:db8:1::2; ip -6 route append 2001:db8:9::/48 via 2001:db8:2::2", 0,
         ""},
        {"ip route add 7.0.0.0/8 dev eth1 table 9 src 10.1.0.1 proto static scope host mtu lock 1300 tos 0x10", 0, ""},
        {"ip route add 8.0.0.0/8 nexthop via 10.1.0.2 nexthop via 10.2.0.2 onlink dev eth1", 0, ""},
        {"ip -6 route add blackhole 2001:db8:a::/48; ip route save", 0,
         "ip route append 10.10.0.0/16 dev eth1\n"
         "ip route add blackhole 203.0.113.0/24\n"
         "ip route add unreachable 203.0.114.0/24\n"
         "ip route add prohibit 203.0.115.0/24\n"
         "ip route add throw 203.0.116.0/24\n"
         "ip route add default via 10.1.0.2 dev eth0\n"
         "ip route add default metric 50 via 10.2.0.2 dev eth1\n"
         "ip route add 5.0.0.0/8 via 192.0.2.9 dev eth0 onlink\n"
         "ip route add 6.0.0.0/8 via inet6 fe80::9 dev eth1\n"
         "ip route add 8.0.0.0/8 nexthop via 10.1.0.2 dev eth0 weight 1 nexthop via 10.2.0.2 dev eth1 onlink weight 1\n"
         "ip route prepend 10.10.0.0/16 proto static nexthop via 10.1.0.2 dev eth0 weight 1 nexthop via 10.2.0.2 dev "
         "eth1 weight 3\n"
         "ip route add 10.11.0.0/16 mtu 1400 advmss 9 via 10.1.0.9 dev eth0\n"
         "ip route add 198.51.100.0/24 via 192.0.2.7 dev eth0 onlink\n"},
        {"dump | grep route", 0, NULL});
    str_copy(first, sizeof(first), typed_said);
    router_start_full(&again);
    CHECK_EQ(typed(again.net, first), 0);
    TYPED(again.net, {"dump | grep route", 0, first});
    router_end(&again);
    router_end(&r);
}

/* Found when it was asked for the other device: the second route under a prefix was never tried. */
TEST(cmd_route_get_by_a_device_tries_all_routes)
{
    struct router r;
    router_start_full(&r);
    TYPED(r.net, {"ip route add default via 10.1.0.2; ip route add default via 10.2.0.2 metric 50", 0, ""},
          {"ip route get 8.8.8.8 oif eth1", 0, "8.8.8.8 via 10.2.0.2 dev eth1 src 10.2.0.1 uid 0 \n    cache \n"});
    router_end(&r);
}

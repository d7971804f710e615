/* What net-tools and /proc/net show of IP, compared with Linux 6.18 in a namespace with the same devices. */
#include "lib/string.h"
#include "tests/unit/net/ip/router.h"

static const struct typed lines[] = {
    {"route add default gw 10.1.0.2", 0, ""},
    {"route add -net 10.9.0.0 netmask 255.255.0.0 gw 10.1.0.2 metric 5", 0, ""},
    {"route add -host 10.8.0.1 dev eth0", 0, ""},
    {"route add -net 10.7.0.0/16 eth1", 0, ""},
    {"route add -net 10.6.0.0/16 reject", 0, ""},
    {"ip route add blackhole 203.0.113.0/24", 0, ""},
    {"ip route add 10.10.0.0/16 nexthop via 10.1.0.2 nexthop via 10.2.0.3", 0, ""},
    {"cat /proc/net/route", 0,
     "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                        "
     "                               \n"
     "eth0\t00000000\t0200010A\t0003\t0\t0\t0\t00000000\t0\t0\t0                                                 "
     "                              \n"
     "eth0\t0000010A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0                                                 "
     "                              \n"
     "eth1\t0000020A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0                                                 "
     "                              \n"
     "*\t0000060A\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0                                                    "
     "                              \n"
     "eth1\t0000070A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0                                                 "
     "                              \n"
     "eth0\t0100080A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0                                                 "
     "                              \n"
     "eth0\t0000090A\t0200010A\t0003\t0\t0\t5\t0000FFFF\t0\t0\t0                                                 "
     "                              \n"
     "eth0\t00000A0A\t0200010A\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0                                                 "
     "                              \n"
     "*\t007100CB\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0                                                    "
     "                              \n"},
    {"route -n", 0,
     "Kernel IP routing table\n"
     "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
     "0.0.0.0         10.1.0.2        0.0.0.0         UG    0      0        0 eth0\n"
     "10.1.0.0        0.0.0.0         255.255.255.0   U     0      0        0 eth0\n"
     "10.2.0.0        0.0.0.0         255.255.255.0   U     0      0        0 eth1\n"
     "10.6.0.0        -               255.255.0.0     !     0      -        0 -\n"
     "10.7.0.0        0.0.0.0         255.255.0.0     U     0      0        0 eth1\n"
     "10.8.0.1        0.0.0.0         255.255.255.255 UH    0      0        0 eth0\n"
     "10.9.0.0        10.1.0.2        255.255.0.0     UG    5      0        0 eth0\n"
     "10.10.0.0       10.1.0.2        255.255.0.0     UG    0      0        0 eth0\n"
     "203.0.113.0     0.0.0.0         255.255.255.0   U     0      0        0 *\n"},
    {"route", 0,
     "Kernel IP routing table\n"
     "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
     "default         10.1.0.2        0.0.0.0         UG    0      0        0 eth0\n"
     "10.1.0.0        0.0.0.0         255.255.255.0   U     0      0        0 eth0\n"
     "10.2.0.0        0.0.0.0         255.255.255.0   U     0      0        0 eth1\n"
     "10.6.0.0        -               255.255.0.0     !     0      -        0 -\n"
     "10.7.0.0        0.0.0.0         255.255.0.0     U     0      0        0 eth1\n"
     "10.8.0.1        0.0.0.0         255.255.255.255 UH    0      0        0 eth0\n"
     "10.9.0.0        10.1.0.2        255.255.0.0     UG    5      0        0 eth0\n"
     "10.10.0.0       10.1.0.2        255.255.0.0     UG    0      0        0 eth0\n"
     "203.0.113.0     0.0.0.0         255.255.255.0   U     0      0        0 *\n"},
    {"netstat -rn", 0,
     "Kernel IP routing table\n"
     "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n"
     "0.0.0.0         10.1.0.2        0.0.0.0         UG        0 0          0 eth0\n"
     "10.1.0.0        0.0.0.0         255.255.255.0   U         0 0          0 eth0\n"
     "10.2.0.0        0.0.0.0         255.255.255.0   U         0 0          0 eth1\n"
     "10.6.0.0        -               255.255.0.0     !         - -          - -\n"
     "10.7.0.0        0.0.0.0         255.255.0.0     U         0 0          0 eth1\n"
     "10.8.0.1        0.0.0.0         255.255.255.255 UH        0 0          0 eth0\n"
     "10.9.0.0        10.1.0.2        255.255.0.0     UG        0 0          0 eth0\n"
     "10.10.0.0       10.1.0.2        255.255.0.0     UG        0 0          0 eth0\n"
     "203.0.113.0     0.0.0.0         255.255.255.0   U         0 0          0 *\n"},
    {"netstat -r", 0,
     "Kernel IP routing table\n"
     "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n"
     "default         10.1.0.2        0.0.0.0         UG        0 0          0 eth0\n"
     "10.1.0.0        0.0.0.0         255.255.255.0   U         0 0          0 eth0\n"
     "10.2.0.0        0.0.0.0         255.255.255.0   U         0 0          0 eth1\n"
     "10.6.0.0        -               255.255.0.0     !         - -          - -\n"
     "10.7.0.0        0.0.0.0         255.255.0.0     U         0 0          0 eth1\n"
     "10.8.0.1        0.0.0.0         255.255.255.255 UH        0 0          0 eth0\n"
     "10.9.0.0        10.1.0.2        255.255.0.0     UG        0 0          0 eth0\n"
     "10.10.0.0       10.1.0.2        255.255.0.0     UG        0 0          0 eth0\n"
     "203.0.113.0     0.0.0.0         255.255.255.0   U         0 0          0 *\n"},
    {"route del default", 0, ""},
    {"route del -net 10.9.0.0 netmask 255.255.0.0", 0, ""},
    {"route del -net 10.6.0.0/16 reject", 0, ""},
    {"route -n", 0,
     "Kernel IP routing table\n"
     "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
     "10.1.0.0        0.0.0.0         255.255.255.0   U     0      0        0 eth0\n"
     "10.2.0.0        0.0.0.0         255.255.255.0   U     0      0        0 eth1\n"
     "10.7.0.0        0.0.0.0         255.255.0.0     U     0      0        0 eth1\n"
     "10.8.0.1        0.0.0.0         255.255.255.255 UH    0      0        0 eth0\n"
     "10.10.0.0       10.1.0.2        255.255.0.0     UG    0      0        0 eth0\n"
     "203.0.113.0     0.0.0.0         255.255.255.0   U     0      0        0 *\n"},
    {"ip -6 route add default via 2001:db8:1::2", 0, ""},
    {"ip -6 route add blackhole 2001:db8:b::/48", 0, ""},
    {"ip neigh flush dev eth0 nud all", 0, ""},
    {"ip neigh flush dev eth1 nud all", 0, ""},
    {"ip neigh add 10.1.0.5 lladdr 02:00:00:00:00:05 dev eth0", 0, ""},
    {"cat /proc/net/arp", 0,
     "IP address       HW type     Flags       HW address            Mask     Device\n"
     "10.1.0.5         0x1         0x6         02:00:00:00:00:05     *        eth0\n"},
    {"arp -n", 0,
     "Address                  HWtype  HWaddress           Flags Mask            Iface\n"
     "10.1.0.5                 ether   02:00:00:00:00:05   CM                    eth0\n"},
    {"arp -a", 0, "? (10.1.0.5) at 02:00:00:00:00:05 [ether] PERM on eth0\n"}};

TEST(net_tools_show_as_on_linux)
{
    struct router r;
    router_start_full(&r);
    typed_table(r.net, lines, ARRAY_LEN(lines));
    router_end(&r);
}

TEST(net_tools_of_ipv6_and_groups)
{
    struct router r;
    router_start_full(&r);
    TYPED(r.net, {"ip -6 route add default via 2001:db8:1::2; ip -6 route add blackhole 2001:db8:b::/48", 0, ""},
          {"route -6n | grep -v fe80", 0,
           "Kernel IPv6 routing table\n"
           "Destination                    Next Hop                   Flag Met Ref  Use If\n"
           "2001:db8:1::/64                ::                         U    256 1      0 eth0\n"
           "2001:db8:2::/64                ::                         U    256 1      0 eth1\n"
           "2001:db8:b::/48                ::                         !n   1024 1      0 lo\n"
           "::/0                           2001:db8:1::2              UG   1024 1      0 eth0\n"
           "::1/128                        ::                         Un   0   1      0 lo\n"
           "2001:db8:1::1/128              ::                         Un   0   1      0 eth0\n"
           "2001:db8:2::1/128              ::                         Un   0   1      0 eth1\n"
           "ff00::/8                       ::                         U    256 1      0 eth0\n"
           "ff00::/8                       ::                         U    256 1      0 eth1\n"},
          {"grep -v fe80 /proc/net/ipv6_route", 0,
           "20010db8000100000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 "
           "00000100 00000001 00000000 00000001     eth0\n"
           "20010db8000200000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 "
           "00000100 00000001 00000000 00000001     eth1\n"
           "20010db8000b00000000000000000000 30 00000000000000000000000000000000 00 00000000000000000000000000000000 "
           "00000400 00000001 00000000 00200200       lo\n"
           "00000000000000000000000000000000 00 00000000000000000000000000000000 00 20010db8000100000000000000000002 "
           "00000400 00000001 00000000 00000003     eth0\n"
           "00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 "
           "00000000 00000001 00000000 80200001       lo\n"
           "20010db8000100000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 "
           "00000000 00000001 00000000 80200001     eth0\n"
           "20010db8000200000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 "
           "00000000 00000001 00000000 80200001     eth1\n"
           "ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 "
           "00000100 00000001 00000000 00000001     eth0\n"
           "ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 "
           "00000100 00000001 00000000 00000001     eth1\n"},
          {"grep ' lo$' /proc/net/if_inet6", 0, "00000000000000000000000000000001 01 80 10 80       lo\n"},
          {"cat /proc/net/igmp", 0,
           "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n"
           "1\tlo        :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n"
           "2\teth0      :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n"
           "3\teth1      :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n"},
          {"grep eth0 /proc/net/igmp6 | grep ff000001", 0,
           "2    eth0            ff0200000000000000000001ff000001     2 00000004 0\n"});
    router_end(&r);
}

TEST(net_fib_trie_is_a_tree)
{
    struct router r;
    router_start_full(&r);
    TYPED(r.net, {"ip route add default via 10.1.0.2; ip route add 10.1.0.0/16 via 10.2.0.2 metric 7", 0, ""},
          {"ip route add blackhole 203.0.113.0/24; ip rule add table 9; ip route add 10.8.0.0/13 dev eth0 table 9", 0,
           ""},
          {"cat /proc/net/fib_trie | grep -v 127", 0, NULL},
          {"head -19 /proc/net/fib_trie", 0,
           "Id 9:\n  |-- 10.8.0.0\n     /13 link UNICAST\nMain:\n  +-- 0.0.0.0/0 1 0 0\n"
           "     +-- 0.0.0.0/4 1 0 0\n        |-- 0.0.0.0\n           /0 universe UNICAST\n"
           "        +-- 10.0.0.0/14 1 0 0\n           |-- 10.1.0.0\n              /24 link UNICAST\n"
           "              /16 universe UNICAST\n           |-- 10.2.0.0\n              /24 link UNICAST\n"
           "     |-- 203.0.113.0\n        /24 universe BLACKHOLE\nLocal:\n  +-- 0.0.0.0/1 1 0 0\n"
           "     +-- 10.0.0.0/14 1 0 0\n"},
          {"head -16 /proc/net/fib_triestat", 0,
           "Basic info: size of leaf: 48 bytes, size of tnode: 40 bytes.\nId 9:\n\tAver depth:     0.00\n"
           "\tMax depth:      0\n\tLeaves:         1\n\tPrefixes:       1\n\tInternal nodes: 0\n\t\n\tPointers: 0\n"
           "Null ptrs: 0\nTotal size: 1  kB\nMain:\n\tAver depth:     2.25\n\tMax depth:      3\n\tLeaves:         4\n"
           "\tPrefixes:       5\n"});
    router_end(&r);
}

TEST(nstat_and_mibs)
{
    struct router r;
    router_start_full(&r);
    TYPED(r.net,
          {"grep ^Ip: /proc/net/snmp | head -1", 0,
           "Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards "
           "InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs "
           "FragFails FragCreates OutTransmits\n"},
          {"grep ^Tcp: /proc/net/snmp", 0,
           "Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs "
           "OutSegs RetransSegs InErrs OutRsts InCsumErrors\nTcp: 1 200 120000 -1 0 0 0 0 0 0 0 0 0 0 0\n"},
          {"grep ^IpExt: /proc/net/netstat", 0, NULL}, {"cat /proc/net/snmp6", 0, NULL},
          {"head -2 /proc/net/dev_snmp6/eth0", 0,
           "ifIndex                         \t2\nIp6InReceives                   \t0\n"},
          {"nstat -rn", 0, ""}, {"nstat", 0, "#kernel\n"},
          {"nstat -z IpInRec* IpOutNoR*", 0,
           "#kernel\nIpInReceives                    0                  0.0\n"
           "IpOutNoRoutes                   0                  0.0\n"},
          {"nstat -jzs IpInRec*", 0, "{\"kernel\":{\"IpInReceives\":0}}\n"}, {"nstat -x", 2, NULL},
          {"netstat -s", 0, NULL},
          {"netstat -i | head -2", 0,
           "Kernel Interface table\n"
           "Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n"},
          {"netstat -i | grep -c U$", 0, "3\n"}, {"netstat", 2, NULL}, {"arp -s 10.1.0.1 02:00:00:00:00:01", 1, NULL},
          {"netstat -s | head -3", 0, "Ip:\n    Forwarding: 2\n    0 total packets received\n"});
    router_end(&r);
}

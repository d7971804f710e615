/* What is said of bridges, as iproute2 says it; wrong words; `why` through a bridge; dumps; without memory. */
#include "host/host.h"
#include "lib/string.h"
#include "net/dev/link_type.h"
#include "net/link/bridge.h"
#include "tests/unit/net/dev/fake_dev.h"
#include "tests/unit/net/dev/typed.h"

static struct net *net;
static struct fake_dev *f, *g;

static void start(void)
{
    net = net_first = net_new();
    f = fake_dev_new(net, "eth%u");
    g = fake_dev_new(net, "eth%u");
    g->dev->mac.b[5] = g->dev->perm_mac.b[5] = 2;
    host_run();
}

static void end(void)
{
    WITH_CONF(link_del_all(net));
    fake_dev_end(f);
    fake_dev_end(g);
    host_run();
    net_free(net);
}

static void type(const char *line)
{
    if (typed(net, line))
        test_failed(__FILE__, __LINE__, "`%s` said %s", line, typed_said);
}

static void start_bridge(void)
{
    start();
    type("ip link add br0 type bridge; ip link set eth0 master br0; ip link set eth1 master br0; ip link set br0 up");
}

#define ETH0 "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 "
#define ETH1 "3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 "
#define PORT "qdisc pfifo master br0 state UP mode DEFAULT group default qlen 1000\n    link/ether 02:00:00:00:00:0"
#define BRD  " brd ff:ff:ff:ff:ff:ff"

TEST(bridge_is_shown_as_iproute2)
{
    start_bridge();
    TYPED(
        net, {"ip link show master br0", 0, ETH0 PORT "1" BRD "\n" ETH1 PORT "2" BRD "\n"},
        {"ip link show type bridge_slave | grep -c master", 0, "2\n"},
        {"ip -br link show nomaster type bridge", 0,
         "br0              UP             02:00:00:00:00:01 <BROADCAST,MULTICAST,UP,LOWER_UP> \n"},
        {"ip -d link show type bridge", 0,
         "4: br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen "
         "1000\n    link/ether 02:00:00:00:00:01" BRD " promiscuity 0  allmulti 0 minmtu 68 maxmtu 65535 \n"
         "    bridge ageing_time 30000 stp_state 0 priority 32768 vlan_filtering 0 bridge_id 8000.2:0:0:0:0:1 "
         "designated_root 8000.2:0:0:0:0:1 group_address 01:80:c2:00:00:00 mcast_snooping 0 fdb_n_learned 0 "
         "fdb_max_learned 16384 numtxqueues 1 numrxqueues 1 \n"},
        {"ip -d link show eth1", 0,
         ETH1 PORT "2" BRD " promiscuity 1  allmulti 0 minmtu 68 maxmtu 9000 \n"
                   "    bridge_slave state forwarding priority 32 cost 100 hairpin off learning on flood on port_no "
                   "0x2 mcast_flood on bcast_flood on isolated off numtxqueues 1 numrxqueues 1 \n"},
        {"ip -j link show eth0", 0,
         "[{\"ifindex\":2,\"ifname\":\"eth0\",\"flags\":[\"BROADCAST\",\"MULTICAST\",\"UP\",\"LOWER_UP\"],\"mtu\":1500,"
         "\"qdisc\":\"pfifo\",\"master\":\"br0\",\"operstate\":\"UP\",\"linkmode\":\"DEFAULT\",\"group\":\"default\","
         "\"txqlen\":1000,\"link_type\":\"ether\",\"address\":\"02:00:00:00:00:01\",\"broadcast\":"
         "\"ff:ff:ff:ff:ff:ff\"}]\n"},
        {"bridge link", 0,
         ETH0 "master br0 state forwarding priority 32 cost 100 \n" ETH1
              "master br0 state forwarding priority 32 cost 100 \n"},
        {"ip link set eth1 down; bridge -d link show dev eth1", 0,
         "3: eth1: <BROADCAST,MULTICAST> mtu 1500 master br0 state disabled priority 32 cost 100 \n"
         "    hairpin off learning on flood on mcast_flood on bcast_flood on isolated off \n"},
        {"bridge -j link show eth1", 0,
         "[{\"ifindex\":3,\"ifname\":\"eth1\",\"flags\":[\"BROADCAST\",\"MULTICAST\"],\"mtu\":1500,\"master\":\"br0\","
         "\"state\":\"disabled\",\"priority\":32,\"cost\":100}]\n"},
        {"cat /sys/class/net/br0/bridge/ageing_time /sys/class/net/br0/bridge/stp_state", 0, "30000\n0\n"},
        {"echo 1000 > /sys/class/net/br0/bridge/ageing_time; cat /sys/class/net/br0/bridge/ageing_time", 0, "1000\n"},
        {"cat /sys/class/net/eth0/brport/isolated /sys/class/net/eth0/brport/learning", 0, "0\n1\n"});
    CHECK_EQ(typed(net, "cat /sys/class/net/eth0/bridge/ageing_time"), 1);
    CHECK_EQ(typed(net, "cat /sys/class/net/br0/brport/learning"), 1);
    CHECK_EQ(typed(net, "ip -j -d link show eth0"), 0);
    CHECK(strstr(typed_said,
                 "\"linkinfo\":{\"info_slave_kind\":\"bridge\",\"info_slave_data\":{\"state\":\"forwarding\","
                 "\"priority\":32,\"cost\":100,\"hairpin\":false,\"learning\":true"));
    end();
}

TEST(fdb_is_shown_as_iproute2)
{
    start_bridge();
    TYPED(net, {"bridge fdb add 02:00:00:00:00:b6 dev eth0 master static sticky", 0, ""},
          {"bridge fdb add 02:00:00:00:00:b7 dev eth0 master dynamic", 0, ""},
          {"bridge fdb add 02:00:00:00:00:b8 dev br0 self local", 0, ""},
          {"bridge fdb add 02:00:00:00:00:b9 dev eth1 master", 0, ""},
          {"bridge fdb add 02:00:00:00:00:b9 dev eth0 master", 255, "RTNETLINK answers: File exists\n"},
          {"bridge fdb show br br0", 0,
           "02:00:00:00:00:01 dev eth0 master br0 permanent\n02:00:00:00:00:b6 dev eth0 sticky master br0 static\n"
           "02:00:00:00:00:b7 dev eth0 master br0 \n02:00:00:00:00:02 dev eth1 master br0 permanent\n"
           "02:00:00:00:00:b9 dev eth1 master br0 permanent\n02:00:00:00:00:b8 dev br0 master br0 permanent\n"},
          {"bridge fdb show brport eth0 dynamic", 0,
           "02:00:00:00:00:b6 sticky master br0 static\n02:00:00:00:00:b7 master br0 \n"},
          {"bridge fdb show state reachable", 0, "02:00:00:00:00:b7 dev eth0 master br0 \n"},
          {"bridge -j fdb show dev eth0 state static", 0,
           "[{\"mac\":\"02:00:00:00:00:b6\",\"flags\":[\"sticky\"],\"master\":\"br0\",\"state\":\"static\"}]\n"},
          {"bridge fdb get 02:00:00:00:00:b9 br br0", 0, "02:00:00:00:00:b9 dev eth1 master br0 permanent\n"},
          {"bridge fdb replace 02:00:00:00:00:b9 dev eth0 master static", 0, ""},
          {"bridge fdb get 02:00:00:00:00:b9 dev eth1 master", 0, "02:00:00:00:00:b9 dev eth0 master br0 static\n"},
          {"bridge fdb del 02:00:00:00:00:b9 dev eth1 master", 255, "RTNETLINK answers: No such file or directory\n"},
          {"bridge fdb del 02:00:00:00:00:b9 dev eth0 master", 0, ""},
          {"bridge fdb append 02:00:00:00:00:b7 dev eth1 master static", 0, ""},
          {"bridge fdb flush dev br0; bridge fdb show dynamic", 0,
           "02:00:00:00:00:b6 dev eth0 sticky master br0 static\n02:00:00:00:00:b7 dev eth1 master br0 static\n"});
    host_clock_advance(90 * NS_PER_S + NS_PER_S / 2);
    TYPED(net, {"bridge -s fdb show dev eth1 state static", 0, "02:00:00:00:00:b7 used 90/90 master br0 static\n"});
    end();
}

TEST(bridge_wrong_words)
{
    start_bridge();
    TYPED(net,
          {"ip link add br1 type bridge ageing_time x", 255, "Error: argument \"x\" is wrong: invalid ageing_time\n"},
          {"ip link add br1 type bridge foo", 1, "bridge: unknown command \"foo\"?\n"},
          {"ip link add br1 type bridge stp_state 1", 255,
           "Error: argument \"stp_state\" is wrong: there is no spanning tree here\n"},
          {"ip link set br0 type bridge vlan_filtering 1", 255,
           "Error: argument \"vlan_filtering\" is wrong: there are no VLANs within a bridge here: make a bridge of "
           "VLANs for "
           "each\n"},
          {"ip link set br0 type bridge priority 5", 255,
           "Error: argument \"priority\" is wrong: no bridge here has it\n"},
          {"ip link set br0 type bridge stp_state 0 mcast_snooping 0", 0, ""},
          {"ip link set eth0 type bridge ageing_time 5", 2, "RTNETLINK answers: Operation not supported\n"},
          {"ip link set br0 type veth", 2, "RTNETLINK answers: Operation not supported\n"},
          {"ip link set eth0 master nosuch", 255, "Error: argument \"nosuch\" is wrong: Device does not exist\n\n"},
          {"ip link show master nosuch", 255, "Error: argument \"nosuch\" is wrong: Device does not exist\n\n"},
          {"ip link set eth0 master eth1", 2, "RTNETLINK answers: Operation not supported\n"},
          {"ip link set br0 nomaster; ip link set eth0 master br0", 0, ""},
          {"bridge link set dev br0 learning on", 255, "RTNETLINK answers: Operation not supported\n"},
          {"bridge link set dev nosuch learning on", 255, "Cannot find bridge device \"nosuch\"\n"},
          {"bridge link set learning on", 255, "Device is a required argument.\n"},
          {"bridge link set dev eth0 learning", 255, "Command line is not complete. Try option \"help\"\n"},
          {"bridge link set dev eth0 learning x", 255,
           "Error: argument of \"learning\" must be one of \"off\", \"on\", not \"x\"\n"},
          {"bridge link set dev eth0 state 4", 255,
           "Error: argument \"4\" is wrong: without a spanning tree a port is disabled or forwarding\n"},
          {"bridge link set dev eth0 state xx", 255, "Error: invalid STP port state\n"},
          {"bridge link set dev eth0 guard on", 255,
           "Error: argument \"guard\" is wrong: no port of a bridge here has it\n"},
          {"bridge link show dev nosuch", 255, "Cannot find device \"nosuch\"\n"},
          {"bridge link foo", 255, "Command \"foo\" is unknown, try \"bridge link help\".\n"},
          {"bridge foo", 1, "Object \"foo\" is unknown, try \"bridge help\".\n"},
          {"bridge fdb foo", 255, "Command \"foo\" is unknown, try \"bridge fdb help\".\n"},
          {"bridge fdb add xx dev eth0 master", 255, "Invalid mac address xx\n"},
          {"bridge fdb add dev eth0 master", 255, "Device and address are required arguments.\n"},
          {"bridge fdb add 02:00:00:00:00:b6 dev nosuch master", 255, "Cannot find device \"nosuch\"\n"},
          {"bridge fdb add 02:00:00:00:00:b6 dev eth0 foo", 255,
           "Error: either \"to\" is duplicate, or \"foo\" is a garbage.\n"},
          {"bridge fdb add 00:00:00:00:00:00 dev eth0 master", 255, "RTNETLINK answers: Invalid argument\n"},
          {"bridge fdb add 02:00:00:00:00:b6 dev eth0 master vlan 5", 255, "RTNETLINK answers: Invalid argument\n"},
          {"bridge fdb add 02:00:00:00:00:b6 dev eth0 master vlan 4096", 255, "Error: invalid vlan id.\n"},
          {"bridge fdb add 02:00:00:00:00:b6 dev br0 master", 255, "RTNETLINK answers: Operation not supported\n"},
          {"bridge fdb add 02:00:00:00:00:b6 dev br0 self static", 255, "RTNETLINK answers: Invalid argument\n"},
          {"bridge fdb add 02:00:00:00:00:b6 dev eth0 master sticky", 255, "RTNETLINK answers: Invalid argument\n"},
          {"bridge fdb add 02:00:00:00:00:b6 dev eth0", 255,
           "Error: what a device lets in for itself is not chosen here; its bridge's table: \"master\".\n"},
          {"bridge fdb get 02:00:00:00:00:ff br br0", 254, "Error: Fdb entry not found.\n"},
          {"bridge fdb get 02:00:00:00:00:ff", 255, "Device or master and address are required arguments.\n"},
          {"bridge fdb show br nosuch", 255, "Cannot find bridge device \"nosuch\"\n"},
          {"bridge fdb show dev nosuch", 255, "Cannot find device \"nosuch\"\n"},
          {"ip link add v0 master br0 type veth peer name v1; bridge link show v0 | cut -c 1-10", 0, "6: v0@v1: \n"});
    end();
}

/* What a probe says is what becomes of a frame, and it teaches nothing. */
TEST(bridge_why)
{
    start_bridge();
    type("bridge fdb add 02:00:00:00:00:aa dev eth1 master static");
    TYPED(net,
          {"why in eth0 ether 02:00:00:00:00:55 02:00:00:00:00:aa type 0x88b5 | tail -n 4", 0,
           "  dev_rx      in by eth0, 60 bytes, to its handler\n  bridge      br0: its station is behind eth1\n"
           "  qdisc       eth1 queue 0, pfifo: 0 packets wait before it\nsent by eth1\n"},
          {"why in eth0 ether 02:00:00:00:00:55 02:00:00:00:00:77 type 0x88b5 | grep -E 'bridge|sent'", 0,
           "  bridge      br0: nobody knows its station: by all ports\nsent by eth1\n"},
          {"why in eth1 ether 02:00:00:00:00:55 02:00:00:00:00:aa type 0x88b5 | tail -n 1", 0,
           "dropped: BRIDGE_SAME_PORT (its station is behind the port by which it came)\n"},
          {"why in eth1 ether 02:00:00:00:00:55 ff:ff:ff:ff:ff:ff type 0x9000 | tail -n 2", 0,
           "sent by eth0\ndropped: NO_HANDLER (nobody here speaks the protocol of its Ethernet type)\n"},
          {"bridge fdb get 02:00:00:00:00:55 br br0", 254, "Error: Fdb entry not found.\n"});
    CHECK_EQ(drop_read(net, &g->dev->port, DROP_BRIDGE_SAME_PORT, 0), 0);
    end();
}

TEST(bridge_dump_makes_the_same)
{
    static char first[2048];
    start();
    type("ip link add br0 type bridge ageing_time 1000 fdb_max_learned 9; ip link add link eth1 name v type vlan id 5");
    type("ip link set eth1 mtu 1400; ip link set v up master br0; ip link set eth0 mtu 9000 master br0");
    type("ip link add br1 address 02:00:00:00:00:99 mtu 9000 type bridge; ip link add link br0 name w type vlan id 7");
    type("ip link set br0 up; ip link set br1 up; ip link set w up; ip link set w mtu 1300 master br1");
    type("bridge link set dev v flood off isolated on state disabled; bridge link set dev w hairpin on");
    type("bridge fdb add 02:00:00:00:00:ab dev br1; bridge fdb add 02:00:00:00:00:aa dev v master static sticky");
    type("bridge fdb add 02:00:00:00:00:ac dev eth0 master dynamic"); /* learnt: not said again */
    type("ip link add link br0 name x type vlan id 8");               /* stays down, though br0 is up */
    type("dump | grep -v '^#'");
    str_copy(first, sizeof(first), typed_said);
    CHECK(strstr(first, "ip link add name br0 type bridge ageing_time 1000 fdb_max_learned 9\n"
                        "ip link add link eth1 name v type vlan id 5\nip link set dev v mtu 1400 up\n"));
    CHECK(strstr(first, "ip link set dev eth0 master br0\nip link set dev v master br0\nip link set dev br0 up\n"));
    CHECK(strstr(first, "ip link set dev br1 address 02:00:00:00:00:99 mtu 9000 up\n"));
    CHECK(strstr(first, "bridge link set dev v state disabled flood off isolated on \n"));
    CHECK(strstr(first, "bridge fdb add 02:00:00:00:00:aa dev v master static sticky\n"));
    CHECK(strstr(first, "bridge fdb add 02:00:00:00:00:ab dev br1 self permanent\n"));
    CHECK(!strstr(first, "00:ac"));
    end();
    start();
    type(first);
    CHECK_STR(typed_said, "");
    TYPED(net, {"dump | grep -v '^#'", 0, first});
    end();
}

/* Whichever allocation fails, a line is done or not done. */
TEST(bridge_without_memory)
{
    start();
    for (u64 n = 1;; n++) {
        host_mem_fail_at(n);
        int made = typed(net, "ip link add br0 type bridge"), taken = typed(net, "ip link set eth0 master br0");
        int said = typed(net, "bridge fdb add 02:00:00:00:00:ab dev eth0 master static");
        typed(net, "bridge fdb");
        bool failed = host_mem_failed();
        host_mem_fail_at(0);
        CHECK_EQ(!made, netdev_find(net, "br0") != NULL);
        CHECK_EQ(!taken, f->dev->master != NULL);
        CHECK_EQ(f->dev->promisc, !taken);
        if (!said)
            TYPED(net, {"bridge fdb get 02:00:00:00:00:ab dev eth0", 0, NULL});
        WITH_CONF(link_del_all(net));
        CHECK(!f->dev->master && !f->dev->handler && !f->dev->promisc);
        if (!failed)
            break;
    }
    end();
}

/* ip link: what is shown, what is set, and what is said of wrong words, compared with iproute2 6.1 on Linux. */
#include "host/host.h"
#include "lib/string.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/skb/pool.h"
#include "tests/unit/net/dev/fake_dev.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/with_conf.h"

static struct net *net;
static struct fake_dev *a, *b;

static void start(void)
{
    net = net_new();
    a = fake_dev_new(net, "eth%u");
    b = fake_dev_new(net, "eth%u");
    WITH_CONF(dev_down(b->dev));
    host_run();
}

static void end(void)
{
    fake_dev_end(a);
    fake_dev_end(b);
    host_run();
    net_free(net);
}

#define ETH0                                                                                              \
    "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo state UP mode DEFAULT group default" \
    " qlen 1000"
#define ETH1 "3: eth1: <BROADCAST,MULTICAST> mtu 1500 qdisc pfifo state DOWN mode DEFAULT group default qlen 1000"
#define MAC  "    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff"
#define RX   "    RX:  bytes packets errors dropped  missed   mcast           "
#define TX   "    TX:  bytes packets errors dropped carrier collsns           "
#define NIL  "             0       0      0       0       0       0 "
#define BR0  "eth0             UP             02:00:00:00:00:01 <BROADCAST,MULTICAST,UP,LOWER_UP> \n"
#define BR1  "eth1             DOWN           02:00:00:00:00:01 <BROADCAST,MULTICAST> \n"

TEST(cmd_link_shows_as_iproute2)
{
    start();
    TYPED(
        net, {"ip link", 0, ETH0 "\n" MAC "\n" ETH1 "\n" MAC "\n"}, {"ip link show eth1", 0, ETH1 "\n" MAC "\n"},
        {"ip l sh dev eth1", 0, ETH1 "\n" MAC "\n"}, {"ip li ls eth1", 0, ETH1 "\n" MAC "\n"},
        {"ip link lst eth1", 0, ETH1 "\n" MAC "\n"}, {"ip -4 link list eth1", 0, ETH1 "\n" MAC "\n"},
        {"ip link show up", 0, ETH0 "\n" MAC "\n"}, {"ip link show eth1 up", 0, ""}, {"ip -br link", 0, BR0 BR1},
        {"ip -brief l", 0, BR0 BR1}, {"ip -o link show eth1", 0, ETH1 "\\" MAC "\n"},
        {"ip -s link show eth1", 0, ETH1 "\n" MAC "\n" RX "\n" NIL "\n" TX "\n" NIL "\n"},
        {"ip -s l sh dev eth1", 0, ETH1 "\n" MAC "\n" RX "\n" NIL "\n" TX "\n" NIL "\n"},
        {"ip -s -o link show eth1", 0, ETH1 "\\" MAC "\\" RX "\\" NIL "\\" TX "\\" NIL "\n"},
        {"ip -s -s link show eth1", 0,
         ETH1 "\n" MAC "\n" RX "\n" NIL "\n    RX errors:  length    crc   frame    fifo overrun\n"
              "                     0      0       0       0       0 \n" TX "\n" NIL
              "\n    TX errors: aborted   fifo  window heartbt transns\n"
              "                     0      0       0       0       1 \n"},
        {"ip -d link show eth1", 0,
         ETH1 "\n" MAC " promiscuity 0  allmulti 0 minmtu 68 maxmtu 9000 numtxqueues 1 numrxqueues 1 \n"},
        {"ip -j link show eth1", 0,
         "[{\"ifindex\":3,\"ifname\":\"eth1\",\"flags\":[\"BROADCAST\",\"MULTICAST\"],\"mtu\":1500,\"qdisc\":\"pfifo\","
         "\"operstate\":\"DOWN\",\"linkmode\":\"DEFAULT\",\"group\":\"default\",\"txqlen\":1000,\"link_type\":"
         "\"ether\","
         "\"address\":\"02:00:00:00:00:01\",\"broadcast\":\"ff:ff:ff:ff:ff:ff\"}]\n"},
        {"ip -j -br link show eth1", 0,
         "[{\"ifname\":\"eth1\",\"operstate\":\"DOWN\",\"address\":\"02:00:00:00:00:01\","
         "\"flags\":[\"BROADCAST\",\"MULTICAST\"]}]\n"});
    netdev_carrier(a->dev, false);
    TYPED(net, {"ip link show eth0", 0,
                "2: eth0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc pfifo state DOWN mode DEFAULT"
                " group default qlen 1000\n" MAC "\n"});
    end();
}

/* As `ip -j -p -s -s link` of Linux, but for the device. */
TEST(cmd_link_statistics_as_json)
{
    start();
    b->dev->hw = (struct hw_stats){.rx_errors = 1,
                                   .rx_missed = 2,
                                   .rx_crc = 3,
                                   .rx_length = 4,
                                   .rx_fifo = 5,
                                   .rx_frame = 6,
                                   .tx_errors = 7,
                                   .tx_aborted = 8,
                                   .tx_carrier = 9,
                                   .tx_fifo = 10,
                                   .collisions = 11};
    CHECK_EQ(typed(net, "ip -j -p -s -s link show eth1"), 0);
    CHECK(strstr(typed_said, "        \"stats64\": {\n"
                             "            \"rx\": {\n"
                             "                \"bytes\": 0,\n"
                             "                \"packets\": 0,\n"
                             "                \"errors\": 1,\n"
                             "                \"dropped\": 0,\n"
                             "                \"over_errors\": 0,\n"
                             "                \"multicast\": 0,\n"
                             "                \"length_errors\": 4,\n"
                             "                \"crc_errors\": 3,\n"
                             "                \"frame_errors\": 6,\n"
                             "                \"fifo_errors\": 5,\n"
                             "                \"missed_errors\": 2\n"
                             "            },\n"
                             "            \"tx\": {\n"
                             "                \"bytes\": 0,\n"
                             "                \"packets\": 0,\n"
                             "                \"errors\": 7,\n"
                             "                \"dropped\": 0,\n"
                             "                \"carrier_errors\": 9,\n"
                             "                \"collisions\": 11,\n"
                             "                \"aborted_errors\": 8,\n"
                             "                \"fifo_errors\": 10,\n"
                             "                \"window_errors\": 0,\n"
                             "                \"heartbeat_errors\": 0,\n"
                             "                \"carrier_changes\": 1\n"
                             "            }\n"
                             "        }\n"
                             "    } ]\n"));
    end();
}

/* A number that is wider than its column makes that column wider in all lines. */
TEST(cmd_link_columns_grow)
{
    start();
    b->dev->stats[0]->rx_bytes = 126570234447969;
    b->dev->stats[0]->rx_packets = 15016149200;
    TYPED(net, {"ip -s -s link show eth1", 0,
                ETH1 "\n" MAC "\n"
                     "    RX:       bytes     packets errors dropped  missed   mcast           \n"
                     "    126570234447969 15016149200      0       0       0       0 \n"
                     "    RX errors:           length    crc   frame    fifo overrun\n"
                     "                              0      0       0       0       0 \n"
                     "    TX:       bytes     packets errors dropped carrier collsns           \n"
                     "                  0           0      0       0       0       0 \n"
                     "    TX errors:          aborted   fifo  window heartbt transns\n"
                     "                              0      0       0       0       1 \n"});
    end();
}

TEST(cmd_link_says_what_is_wrong)
{
    start();
    TYPED(net, {"ip link show foo", 1, "Device \"foo\" does not exist.\n"},
          {"ip link show dev", 255, "Command line is not complete. Try option \"help\"\n"},
          {"ip link show eth0 eth1", 255, "Error: either \"dev\" is duplicate, or \"eth1\" is a garbage.\n"},
          {"ip link bogus", 255, "Command \"bogus\" is unknown, try \"ip link help\".\n"},
          {"ip -x link", 255, "Option \"-x\" is unknown, try \"ip -help\".\n"},
          {"ip -b link", 255, "Option \"-b\" is unknown, try \"ip -help\".\n"},
          {"ip link set foo up", 1, "Cannot find device \"foo\"\n"},
          {"ip link set", 255, "Not enough information: \"dev\" argument is required.\n"},
          {"ip link set up", 255, "Not enough information: \"dev\" argument is required.\n"},
          {"ip link set eth0", 0, ""}, {"ip l s eth0", 0, ""},
          {"ip link set eth0 mtu", 255, "Command line is not complete. Try option \"help\"\n"},
          {"ip link set eth0 mtu 10", 2, "Error: mtu less than device minimum.\n"},
          {"ip link set eth0 mtu -1", 2, "Error: mtu less than device minimum.\n"},
          {"ip link set eth0 mtu 9001", 2, "Error: mtu greater than device maximum.\n"},
          {"ip link set eth0 mtu abc", 255, "Error: argument \"abc\" is wrong: Invalid \"mtu\" value\n\n"},
          {"ip link set eth0 mtu 1300 mtu 1400", 255, "Error: duplicate \"mtu\": \"1400\" is the second value.\n"},
          {"ip link set eth0 txqueuelen x", 255, "Error: argument \"x\" is wrong: Invalid \"txqueuelen\" value\n\n"},
          {"ip link set eth0 address xx", 1, "\"xx\" is invalid lladdr.\n"},
          {"ip link set eth0 address 02:00:00:00:00", 1, "Invalid address length 5 - must be 6 bytes\n"},
          {"ip link set eth0 promisc maybe", 1,
           "Error: argument of \"promisc\" must be \"on\" or \"off\", not \"maybe\"\n"},
          {"ip link set eth0 name a/b", 255, "Error: argument \"a/b\" is wrong: \"name\" not a valid ifname\n"},
          {"ip link set eth0 name eth1", 2, "RTNETLINK answers: File exists\n"}, {"ip link set eth0 name eth0", 0, ""},
          {"ip link set eth0 bogus", 255, "Error: either \"dev\" is duplicate, or \"bogus\" is a garbage.\n"},
          {"ip link set dev eth0 dev eth1", 255, "Error: either \"dev\" is duplicate, or \"eth1\" is a garbage.\n"},
          {"ip link set eth0 group 5", 255, "Error: argument \"group\" is wrong: no device here has it\n"},
          {"ip link show type vlan", 0, ""}, {"ip link show type bogus", 0, ""},
          {"ip link set eth0 address 02:00:00:00:00:09", 2, "RTNETLINK answers: Operation not supported\n"},
          {"ip link add foo type bar", 2, "Error: Unknown device type.\n"},
          {"ip link add", 1, "Not enough information: \"type\" argument is required\n"},
          {"ip link del foo", 1, "Cannot find device \"foo\"\n"},
          {"ip link del", 255, "Not enough information: \"dev\" argument is required.\n"},
          {"ip link del eth0", 2, "RTNETLINK answers: Operation not supported\n"},
          {"ip monitor foo", 255, "Argument \"foo\" is unknown, try \"ip monitor help\".\n"});
    end();
}

TEST(cmd_link_sets)
{
    start();
    TYPED(net, {"ip link set dev eth1 up mtu 0x600 txqueuelen 5", 0, ""},
          {"ip link show eth1", 0,
           "3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1536 qdisc pfifo state UP mode DEFAULT group default qlen 5"
           "\n" MAC "\n"},
          {"ip link set eth1 promisc on promisc on allmulticast on multicast off", 0, ""},
          {"ip link set eth1 promisc on", 0, ""}, {"ip link set eth1 alias 'to the world'", 0, ""},
          {"ip -d link show eth1", 0,
           "3: eth1: <BROADCAST,ALLMULTI,PROMISC,UP,LOWER_UP> mtu 1536 qdisc pfifo state UP mode DEFAULT group default"
           " qlen 5\n" MAC " promiscuity 1  allmulti 1 minmtu 68 maxmtu 9000 numtxqueues 1 numrxqueues 1 \n"
           "    alias to the world\n"},
          {"ip link set eth1 promisc off allmulticast off multicast on alias ''", 0, ""},
          {"ip link set eth1 down name lan0", 0, ""},
          {"ip link show lan0", 0,
           "3: lan0: <BROADCAST,MULTICAST> mtu 1536 qdisc pfifo state DOWN mode DEFAULT group default qlen 5\n" MAC
           "\n"},
          {"ip link show eth1", 1, "Device \"eth1\" does not exist.\n"});
    CHECK_EQ(b->dev->promisc, 0);
    WITH_CONF(dev_promisc(a->dev, 1)); /* others' wish does not show as a flag */
    TYPED(net, {"ip link show eth0", 0, ETH0 "\n" MAC "\n"});
    WITH_CONF(dev_promisc(a->dev, -1));
    end();
}

/* The length of a queue that is there changes with it. */
TEST(cmd_link_queue_length_is_real)
{
    start();
    CHECK_EQ(a->dev->txq->q->limit, 1000);
    TYPED(net, {"ip link set eth0 txqueuelen 7", 0, ""});
    CHECK_EQ(a->dev->txq->q->limit, 7);
    a->dev->txq->q->limit = 50; /* it has a length of its own now */
    TYPED(net, {"ip link set eth0 qlen 9", 0, ""});
    CHECK_EQ(a->dev->txq->q->limit, 50);
    end();
}

/* What is dumped, typed at devices that have just come, dumps the same: exchanged names too. */
TEST(cmd_link_dump_makes_the_same)
{
    static char first[2048];
    start();
    WITH_CONF(dev_down(a->dev));
    TYPED(net, {"dump | grep -v '^#'", 1, ""}, {"ip link set eth0 name tmp", 0, ""},
          {"ip link set eth1 name eth0", 0, ""}, {"ip link set tmp name eth1", 0, ""},
          {"ip link set eth0 mtu 9000 alias \"it's\" up promisc on", 0, ""},
          {"ip link set eth1 multicast off allmulticast on txqlen 1", 0, ""},
          {"dump | grep -v '^#'", 0,
           "ip link set dev eth0 name rename2\nip link set dev eth1 name rename3\n"
           "ip link set dev rename2 name eth1\nip link set dev rename3 name eth0\n"
           "ip link set dev eth1 txqueuelen 1 allmulticast on multicast off\n"
           "ip link set dev eth0 mtu 9000 alias 'it'\\''s' promisc on up\n"});
    str_copy(first, sizeof(first), typed_said);
    end();
    start();
    WITH_CONF(dev_down(a->dev));
    CHECK_EQ(typed(net, first), 0);
    CHECK_STR(typed_said, "");
    TYPED(net, {"dump | grep -v '^#'", 0, first});
    CHECK(b->dev->flags & DEV_UP);
    end();
}

static void task(void *arg)
{
    typed(net, "ip monitor link");
}

TEST(cmd_monitor_tells_of_changes)
{
    start();
    struct task *t = task_start("monitor", task, NULL, TASK_NORMAL, 0);
    host_run();
    WITH_CONF(dev_set_alias(b->dev, "x"));
    host_run();
    netdev_carrier(a->dev, false);
    host_run();
    fake_dev_end(b);
    host_run();
    task_interrupt(t);
    host_run();
    CHECK_STR(typed_said,
              "3: eth1: <BROADCAST,MULTICAST> mtu 1500 qdisc pfifo state DOWN group default \n" MAC "\n    alias x\n"
              "2: eth0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc pfifo state DOWN group default \n" MAC "\n"
              "Deleted 3: eth1\n");
    fake_dev_end(a);
    host_run();
    net_free(net);
}

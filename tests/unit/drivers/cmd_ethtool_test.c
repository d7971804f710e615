/* ethtool over the real drivers and fake chips: formats as ethtool 6.1's, and that what is set is set in the chip. */
#include "drivers/driver.h"
#include "host/vnet_dev.h"
#include "lib/string.h"
#include "tests/unit/drivers/e1000_rig.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/with_conf.h"

#define MISSING "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n"

TEST(cmd_ethtool_says_what_is_wrong)
{
    rig_start();
    TYPED(rig_net, {"ethtool", 1, "ethtool: bad command line argument(s)\nFor more information run ethtool -h\n"},
          {"ethtool -z eth0", 1, "ethtool: bad command line argument(s)\nFor more information run ethtool -h\n"},
          {"ethtool foo", 75, MISSING "No data available\n"}, {"ethtool -k foo", 1, MISSING},
          {"ethtool -K foo gro on", 92, MISSING}, {"ethtool -G foo rx 1", 81, MISSING},
          {"ethtool -i foo", 71, "Cannot get driver information: No such device\n"},
          {"ethtool -S foo", 96, "Cannot get stats strings information: No such device\n"},
          {"ethtool -P foo", 1, "netlink error: No such device\n"},
          {"ethtool -x foo", 1, "Cannot get RX ring count: No such device\n"},
          {"ethtool -K eth0", 1, "Could not change any device features\n"},
          {"ethtool -K eth0 gro maybe", 1,
           "ethtool (-K): flag 'maybe' for parameter 'gro' is not followed by 'on' or 'off'\n"},
          {"ethtool -K eth0 flow-director-atr off", 92,
           "netlink error: bit name not found (offset 52)\nnetlink error: Operation not supported\n"},
          {"ethtool -C eth0 rx-usecs x", 1, "ethtool (-C): invalid value 'x' for parameter 'rx-usecs'\n"},
          {"ethtool -C eth0 bogus 5", 1, "ethtool (-C): unknown parameter 'bogus'\n"},
          {"ethtool -C eth0 rx-usecs", 1,
           "ethtool (-C): too few arguments for parameter 'rx-usecs' (expected 1 but got 0)\n"},
          {"ethtool -C eth0 rx-usecs 50 rx-frames 64", 1,
           "netlink error: cannot modify an unsupported parameter (offset 44)\nnetlink error: Invalid argument\n"},
          {"ethtool -C eth0 rx-usecs 10001", 1, "netlink error: Invalid argument\n"},
          {"ethtool -G eth0 rx 8192", 81,
           "netlink error: requested ring size exceeds maximum (offset 36)\nnetlink error: Invalid argument\n"},
          {"ethtool -l eth0", 1, "netlink error: Operation not supported\n"},
          {"ethtool -L eth0 combined 2", 1, "netlink error: Operation not supported\n"},
          {"ethtool -A eth0 rx maybe", 1, "ethtool (-A): invalid value 'maybe' for parameter 'rx'\n"},
          {"ethtool -x eth0", 1, "Cannot get RX ring count: Operation not supported\n"},
          {"ethtool -n eth0 rx-flow-hash tcp4", 1,
           "Cannot get RX network flow hashing options: Operation not supported\n"});
    CHECK(rig_dev->adaptive_rx && !rig_dev->rx_usecs); /* the first of two, when the second is refused, is not done */
    rig_end();
}

TEST(cmd_ethtool_shows)
{
    rig_start();
    CHECK_EQ(typed(rig_net, "ethtool eth0"), 0);
    CHECK(str_starts(typed_said, "Settings for eth0:\n\tSupported ports: [  ]\n"));
    CHECK(strstr(typed_said, "\tSpeed: 1000Mb/s\n\tDuplex: Full\n"));
    CHECK(str_ends(typed_said, "\tLink detected: yes\n"));
    host_e1000_link(&rig_chip, false);
    host_run();
    CHECK_EQ(typed(rig_net, "ethtool eth0"), 0);
    CHECK(strstr(typed_said, "\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n"));
    CHECK(str_ends(typed_said, "\tLink detected: no\n"));
    TYPED(rig_net,
          {"ethtool -i eth0", 0,
           "driver: e1000\nversion: " WEIR_VERSION "\nfirmware-version: \nexpansion-rom-version: \n"
           "bus-info: 0000:00:02.0\nsupports-statistics: yes\nsupports-test: no\nsupports-eeprom-access: no\n"
           "supports-register-dump: no\nsupports-priv-flags: no\n"},
          {"ethtool -P eth0", 0, "Permanent address: 52:54:00:12:34:56\n"},
          {"ethtool -g eth0", 0,
           "Ring parameters for eth0:\nPre-set maximums:\nRX:\t\t4096\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\t4096\n"
           "Current hardware settings:\nRX:\t\t256\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\t256\nRX Buf Len:\t\tn/a\n"
           "CQE Size:\t\tn/a\nTX Push:\toff\nTCP data split:\tn/a\n"},
          {"ethtool --json -g eth0 | tr -d ' \\n'", 0,
           "[{\"ifname\":\"eth0\",\"rx-max\":4096,\"tx-max\":4096,\"rx\":256,\"tx\":256}]"});
    CHECK_EQ(typed(rig_net, "ethtool -c eth0"), 0);
    CHECK(str_starts(typed_said, "Coalesce parameters for eth0:\nAdaptive RX: on  TX: n/a\nstats-block-usecs: n/a\n"));
    CHECK(strstr(typed_said, "\n\nrx-usecs: 0\nrx-frames: n/a\n"));
    rig_end();
}

TEST(cmd_ethtool_features_of_an_e1000)
{
    rig_start();
    CHECK_EQ(typed(rig_net, "ethtool -k eth0"), 0);
    CHECK(str_starts(typed_said, "Features for eth0:\n"
                                 "rx-checksumming: off [fixed]\n"
                                 "tx-checksumming: on\n"
                                 "\ttx-checksum-ipv4: off [fixed]\n"
                                 "\ttx-checksum-ip-generic: on\n"
                                 "\ttx-checksum-ipv6: off [fixed]\n"
                                 "\ttx-checksum-fcoe-crc: off [fixed]\n"
                                 "\ttx-checksum-sctp: off [fixed]\n"
                                 "scatter-gather: on\n"
                                 "\ttx-scatter-gather: on\n"
                                 "\ttx-scatter-gather-fraglist: off [fixed]\n"
                                 "tcp-segmentation-offload: on\n"
                                 "\ttx-tcp-segmentation: on\n"
                                 "\ttx-tcp-ecn-segmentation: off [fixed]\n"
                                 "\ttx-tcp-mangleid-segmentation: off [fixed]\n"
                                 "\ttx-tcp6-segmentation: off [fixed]\n"
                                 "\ttx-tcp-accecn-segmentation: off [fixed]\n"
                                 "generic-segmentation-offload: on\n"
                                 "generic-receive-offload: on\n"
                                 "large-receive-offload: off [fixed]\n"
                                 "rx-vlan-offload: on [fixed]\n"
                                 "tx-vlan-offload: on [fixed]\n"
                                 "ntuple-filters: off [fixed]\n"
                                 "receive-hashing: off [fixed]\n"
                                 "highdma: on [fixed]\n"
                                 "rx-vlan-filter: on [fixed]\n"));
    CHECK(str_ends(typed_said, "hsr-dup-offload: off [fixed]\n"));
    TYPED(rig_net, {"ethtool -K eth0 gro off", 0, ""}, {"ethtool -K eth0 gro off", 0, ""},
          {"ethtool -K eth0 sg off", 0,
           "Actual changes:\ntx-scatter-gather: off\ntx-generic-segmentation: off [not requested]\n"
           "tx-tcp-segmentation: off [not requested]\n"},
          {"ethtool -k eth0 | grep -E 'generic-segm|tx-tcp-seg|generic-rec'", 0,
           "\ttx-tcp-segmentation: off [requested on]\ngeneric-segmentation-offload: off [requested on]\n"
           "generic-receive-offload: off\n"},
          {"dump | grep ethtool", 0, "ethtool -K eth0 tx-scatter-gather off rx-gro off\n"},
          {"ethtool -K eth0 tx-scatter-gather on gro on", 0,
           "Actual changes:\ntx-scatter-gather: on\ntx-generic-segmentation: on [not requested]\n"
           "rx-gro: on\ntx-tcp-segmentation: on [not requested]\n"},
          {"ethtool -K eth0 lro on", 1,
           "Actual changes:\nrx-lro: off [requested on]\nCould not change any device features\n"},
          {"ethtool -K eth0 rxvlan off", 1,
           "Actual changes:\nrx-vlan-hw-parse: on [requested off]\nCould not change any device features\n"},
          {"ethtool -K eth0 tso off gso off", 0, ""}, {"ethtool -K eth0 gso on", 0, ""});
    CHECK_EQ(rig_dev->features & (DEV_F_TSO4 | DEV_F_GSO | DEV_F_SG), DEV_F_GSO | DEV_F_SG);
    CHECK_EQ(typed(rig_net, "ethtool --json -k eth0"), 0);
    CHECK(str_starts(typed_said, "[ {\n        \"ifname\": \"eth0\",\n        \"rx-checksumming\": {\n"
                                 "            \"active\": false,\n            \"fixed\": true,\n"
                                 "            \"requested\": false\n        },\n        \"tx-checksumming\": {\n"
                                 "            \"active\": true,\n            \"fixed\": null,\n"
                                 "            \"requested\": null\n        },\n"));
    rig_end();
}

TEST(cmd_ethtool_rings_of_an_e1000)
{
    rig_start();
    TYPED(rig_net, {"ethtool -G eth0 rx 1000 tx 65", 0, ""}, {"ethtool -G eth0 rx 1024", 0, ""},
          {"dump | grep ethtool", 0, "ethtool -G eth0 rx 1024 tx 128\n"});
    CHECK_EQ(rig_chip.reg[REG_RDLEN / 4], 1024 * 16);
    CHECK_EQ(rig_chip.reg[REG_TDLEN / 4], 128 * 16);
    host_clock_advance(2 * NS_PER_S);
    u8 frame[64];
    CHECK(host_e1000_arrive(&rig_chip, frame, rig_frame(frame, 60, 1), 0));
    host_run();
    CHECK_EQ(rig_got_n, 1);
    rig_end();
}

/* Frames arrive for a while; what the chip's register for the time between interrupts says afterwards. */
static u32 itr_after(u32 frames_per_ms)
{
    u8 frame[64];
    for (u32 ms = 0; ms < 50; ms++) {
        for (u32 i = 0; i < frames_per_ms; i++)
            host_e1000_arrive(&rig_chip, frame, rig_frame(frame, 60, i), 0);
        host_clock_advance(NS_PER_MS);
    }
    rig_free_got();
    return rig_chip.reg[REG_ITR / 4];
}

TEST(cmd_ethtool_coalescing_of_an_e1000)
{
    rig_start();
    CHECK_EQ(itr_after(1), 0);
    CHECK_LT(0, itr_after(30)); /* adaptive: many */
    TYPED(rig_net, {"ethtool -C eth0 adaptive-rx off rx-usecs 64", 0, ""},
          {"dump | grep ethtool", 0, "ethtool -C eth0 adaptive-rx off rx-usecs 64\n"});
    CHECK_EQ(itr_after(1), 64 * 1000 / 256);
    CHECK_EQ(itr_after(30), 64 * 1000 / 256);
    TYPED(rig_net, {"ethtool -C eth0 rx-usecs 0", 0, ""});
    CHECK_EQ(itr_after(30), 0);
    rig_end();
}

#define PAUSE(autoneg, rx, tx) \
    "Pause parameters for eth0:\nAutonegotiate:\t" autoneg "\nRX:\t\t" rx "\nTX:\t\t" tx "\n\n"
#define ADVERTISED (PHY_PAUSE | PHY_ASM)

static u32 fc(void)
{
    return rig_chip.reg[REG_CTRL / 4] & (CTRL_RFCE | CTRL_TFCE);
}

static void agree(u32 peer)
{
    rig_chip.phy[PHY_PEER] = (u16)(0x1e0 | peer);
    host_e1000_link(&rig_chip, false);
    host_run();
    host_e1000_link(&rig_chip, true);
    host_run();
}

/* As Linux's e1000: what the peer says decides, and what is advertised. */
TEST(cmd_ethtool_pause_of_an_e1000)
{
    rig_start();
    host_run();
    CHECK_EQ(rig_chip.agreed, 0); /* it advertised both already */
    TYPED(rig_net, {"ethtool -a eth0", 0, PAUSE("on", "on", "off")});
    CHECK_EQ(rig_chip.reg[REG_FCAL / 4], 0x00c28001);
    CHECK_EQ(rig_chip.reg[REG_FCAH / 4], 0x100);
    CHECK_EQ(rig_chip.reg[REG_FCT / 4], 0x8808);
    CHECK_EQ(rig_chip.reg[REG_FCTTV / 4], 0xffff);
    CHECK_EQ(rig_chip.reg[REG_FCRTH / 4], 0);
    agree(PHY_PAUSE);
    TYPED(rig_net, {"ethtool -a eth0", 0, PAUSE("on", "on", "on")},
          {"ethtool --json -a eth0 | tr -d ' \n'", 0,
           "[{\"ifname\":\"eth0\",\"autonegotiate\":true,\"rx\":true,\"tx\":true}]"});
    CHECK_EQ(rig_chip.reg[REG_FCRTH / 4], 44232);
    CHECK_EQ(rig_chip.reg[REG_FCRTL / 4], 44224 | 0x80000000u);
    TYPED(rig_net, {"ethtool -A eth0 rx on", 0, ""}, {"dump | grep ethtool", 1, ""}); /* so it is */
    TYPED(rig_net, {"ethtool -A eth0 rx off", 0, ""},
          {"dump | grep ethtool", 0, "ethtool -A eth0 autoneg on rx off tx on\n"});
    host_run();
    CHECK_EQ(rig_chip.phy[PHY_ADVERTISES] & ADVERTISED, PHY_ASM);
    CHECK_EQ(rig_chip.agreed, 1);
    CHECK(!rig_dev->carrier);
    agree(ADVERTISED);
    CHECK_EQ(fc(), CTRL_TFCE);
    agree(PHY_PAUSE);
    CHECK_EQ(fc(), 0);
    TYPED(rig_net, {"ethtool -A eth0 autoneg off rx on tx on", 0, ""});
    host_run();
    CHECK_EQ(fc(), CTRL_RFCE | CTRL_TFCE);
    agree(0);
    TYPED(rig_net, {"ethtool -a eth0", 0, PAUSE("off", "on", "on")}, {"ethtool -A eth0 tx off", 0, ""});
    host_run();
    CHECK_EQ(fc(), CTRL_RFCE);
    WITH_CONF(dev_down(rig_dev));
    TYPED(rig_net, {"ethtool -a eth0", 0, PAUSE("off", "on", "off")}, {"ethtool -A eth0 rx off", 0, ""});
    CHECK_EQ(WITH_CONF(dev_up(rig_dev)), 0);
    host_run();
    CHECK_EQ(fc(), 0);
    rig_end();
}

TEST(cmd_ethtool_counts)
{
    rig_start();
    u8 frame[64];
    for (u32 i = 0; i < 3; i++)
        host_e1000_arrive(&rig_chip, frame, rig_frame(frame, 60, i), 0);
    host_run();
    for (u32 i = 0; i < 2; i++)
        rig_send(rig_packet(100, i));
    host_run();
    rig_chip.reg[REG_MPC / 4] = 7;
    CHECK_EQ(typed(rig_net, "ethtool -S eth0"), 0);
    CHECK(str_starts(typed_said, "NIC statistics:\n     rx_packets: 3\n     rx_bytes: 180\n     rx_dropped: 0\n"));
    CHECK(strstr(typed_said, "     tx_packets: 2\n     tx_bytes: 200\n"));
    CHECK(strstr(typed_said, "     rx_missed_errors: 7\n"));
    CHECK(strstr(typed_said, "     rx_queue_0_packets: 3\n     rx_queue_0_bytes: 180\n"));
    CHECK(strstr(typed_said, "     tx_queue_0_packets: 2\n     tx_queue_0_bytes: 200\n"));
    WITH_CONF(dev_down(rig_dev)); /* the queues go, their counts do not */
    CHECK_EQ(typed(rig_net, "ethtool -S eth0 | grep tx_queue_0_packets"), 0);
    CHECK_STR(typed_said, "     tx_queue_0_packets: 2\n");
    rig_end();
}

/* ---- virtio-net ---- */

#define CSUMS    3ull
#define TSOS     ((1ull << 7) | (1ull << 8) | (1ull << 11) | (1ull << 12))
#define FEATURES (CSUMS | TSOS | (1ull << 15) | (1ull << 16) | (1ull << 5))
#define MERGED   ((1ull << 7) | (1ull << 8))

static struct host_vnet vnet;
static struct netdev *vdev;

static void vnet_start(void)
{
    net_first = net_new();
    host_vnet_init(&vnet, BUS_PCI, FEATURES);
    driver_bind(&vnet.d.host.dev);
    vdev = netdev_find(net_first, "eth0");
    CHECK_EQ(WITH_CONF(dev_up(vdev)), 0);
    host_run();
}

static void vnet_end(void)
{
    driver_release(&vnet.d.host.dev);
    host_run();
    CHECK_EQ(skb_pool_used(skb_pool_of(net_first)), 0);
    net_free(net_first);
    host_vnet_end(&vnet);
}

/* What the host does on the way in is agreed on anew, with the device up again afterwards. */
TEST(cmd_ethtool_features_of_a_virtio_net)
{
    vnet_start();
    CHECK_EQ(vnet.d.accepted & (MERGED | 2), MERGED | 2);
    TYPED(net_first, {"ethtool -K eth0 lro off", 0, ""});
    CHECK_EQ(vnet.d.accepted & (MERGED | 2), 2);
    CHECK(vdev->flags & DEV_UP);
    TYPED(net_first, {"ethtool -K eth0 lro on", 0, ""},
          {"ethtool -K eth0 rx off", 0, "Actual changes:\nrx-lro: off [not requested]\nrx-checksum: off\n"});
    CHECK_EQ(vnet.d.accepted & (MERGED | 2), 0);
    TYPED(net_first, {"ethtool -K eth0 rx on", 0, "Actual changes:\nrx-lro: on [not requested]\nrx-checksum: on\n"},
          {"ethtool -K eth0 tx off", 0,
           "Actual changes:\ntx-checksum-ip-generic: off\ntx-tcp-segmentation: off [not requested]\n"
           "tx-tcp6-segmentation: off [not requested]\n"},
          {"ethtool -K eth0 tx-checksum-ip-generic on", 0,
           "Actual changes:\ntx-checksum-ip-generic: on\ntx-tcp-segmentation: on [not requested]\n"
           "tx-tcp6-segmentation: on [not requested]\n"});
    CHECK_EQ(vnet.d.accepted & (MERGED | 2), MERGED | 2);
    vnet_end();
}

TEST(cmd_ethtool_rings_and_channels_of_a_virtio_net)
{
    vnet_start();
    CHECK_EQ(typed(net_first, "ethtool -g eth0"), 0);
    CHECK(strstr(typed_said, "Pre-set maximums:\nRX:\t\t16\n"));
    TYPED(net_first,
          {"ethtool -l eth0", 0,
           "Channel parameters for eth0:\nPre-set maximums:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\nCombined:\t1\n"
           "Current hardware settings:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\nCombined:\t1\n"},
          {"ethtool -L eth0 combined 1", 0, ""}, {"ethtool -a eth0", 1, "netlink error: Operation not supported\n"},
          {"ethtool -A eth0 rx on", 76, "netlink error: Operation not supported\n"},
          {"ethtool -L eth0 combined 2", 1,
           "netlink error: requested channel count exceeds maximum (offset 36)\nnetlink error: Invalid argument\n"},
          {"ethtool -L eth0 combined 0", 1,
           "netlink error: requested channel counts would result in no RX or TX channel being configured (offset 36)\n"
           "netlink error: Invalid argument\n"},
          {"ethtool -L eth0 rx 2", 1,
           "netlink error: requested channel count exceeds maximum (offset 36)\nnetlink error: Invalid argument\n"},
          {"ethtool -x eth0", 0,
           "RX flow hash indirection table for eth0 with 1 RX ring(s):\nOperation not supported\nRSS hash key:\n"
           "Operation not supported\nRSS hash function:\nOperation not supported\n"});
    CHECK_EQ(typed(net_first, "ethtool -S eth0 | grep _kicks"), 0);
    CHECK(strstr(typed_said, "     rx_queue_0_kicks: ") && strstr(typed_said, "     tx_queue_0_kicks: 0\n"));
    vnet_end();
}

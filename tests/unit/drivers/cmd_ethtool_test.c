/* ethtool over the real drivers and fake chips: formats as ethtool 6.1's, and that what is set is set in the chip. */
#include "drivers/driver.h"
#include "host/vnet_dev.h"
#include "lib/string.h"
#include "net/dev/rss.h"
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
static u8 vnet_hash; /* kinds, if not six */

static void vnet_start_of(u64 features)
{
    net_first = net_new();
    host_vnet_init(&vnet, BUS_PCI, features);
    vnet.d.config[8] = 1;                            /* pairs */
    memcpy(vnet.d.config + 17, "\x28\x20\0\x3f", 5); /* keys of 40 bytes, tables of 32 entries, six kinds of hash */
    if (vnet_hash)
        vnet.d.config[20] = vnet_hash;
    driver_bind(&vnet.d.host.dev);
    vdev = netdev_find(net_first, "eth0");
    CHECK_EQ(WITH_CONF(dev_up(vdev)), 0);
    host_run();
}

static void vnet_start_with(u64 more)
{
    vnet_start_of(FEATURES | more);
}

static void vnet_start_but(u64 less)
{
    vnet_start_of(FEATURES & ~less);
}

static void vnet_start(void)
{
    vnet_start_of(FEATURES);
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

/* One that merges frames of IPv6 alone goes on with it, whatever else is changed. */
TEST(cmd_ethtool_features_of_a_virtio_net_that_merges_ipv6)
{
    vnet_start_but(1ull << 7);
    CHECK_EQ(vnet.d.accepted & MERGED, 1ull << 8);
    TYPED(net_first, {"ethtool -K eth0 gro off", 0, ""},
          {"ethtool -k eth0 | grep large", 0, "large-receive-offload: on\n"});
    CHECK_EQ(vnet.d.accepted & MERGED, 1ull << 8);
    TYPED(net_first, {"ethtool -K eth0 lro off", 0, ""});
    CHECK_EQ(vnet.d.accepted & MERGED, 0);
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

#define RSS (1ull << 17 | 1ull << 22 | 1ull << 60)

/* The device chooses queues; its hash is not reported, since ours is another. */
TEST(cmd_ethtool_rss_of_a_virtio_net)
{
    static char key[160];
    vnet_start_with(RSS | 1ull << 57);
    CHECK_EQ(vnet.d.accepted & (1ull << 60 | 1ull << 57), 1ull << 60);
    CHECK_EQ(vnet.rss_n, 4 + 2 + 2 + 2 * 32 + 2 + 1 + 40);
    CHECK_EQ(load_le32(vnet.rss), 0x3f);
    CHECK_EQ(load_le16(vnet.rss + 4), 31);
    CHECK_EQ(load_le16(vnet.rss + 8 + 64), 1);
    CHECK_EQ(vnet.rss[74], 40);
    TYPED(net_first,
          {"ethtool -x eth0 | head -n 6 | tail -n 3", 0,
           "   16:      0     0     0     0     0     0     0     0\n"
           "   24:      0     0     0     0     0     0     0     0\nRSS hash key:\n"},
          {"ethtool -x eth0 | tail -n 4", 0, "RSS hash function:\n    toeplitz: on\n    xor: off\n    crc32: off\n"},
          {"dump | grep ethtool", 1, ""});
    for (u32 i = 0; i < 40; i++)
        str_copy(key + 3 * i, sizeof(key) - 3 * i, i == 39 ? "6d" : "6d:");
    CHECK_EQ(typed(net_first, "ethtool -X eth0 equal 1 hkey 6d:5a"), 1);
    char line[256] = "ethtool -X eth0 equal 1 hkey ";
    str_append(line, sizeof(line), key);
    CHECK_EQ(typed(net_first, line), 0);
    CHECK_EQ(vnet.rss[75], 0x6d);
    CHECK_EQ(vnet.rss[114], 0x6d);
    str_append(line, sizeof(line), "\n");
    TYPED(
        net_first, {"dump | grep ethtool", 0, line}, {"ethtool -X eth0 weight 5 start 0", 0, ""},
        {"ethtool -X eth0 equal 2", 1, "Cannot set RX flow hash configuration: Invalid argument\n"},
        {"ethtool -X eth0 start 1 equal 1", 1, "Cannot set RX flow hash configuration: Invalid argument\n"},
        {"ethtool -X eth0 weight 1 1", 1, "Cannot set RX flow hash configuration: Invalid argument\n"},
        {"ethtool -X eth0 weight 0", 1, "At least one weight must be non-zero\n"},
        {"ethtool -X eth0 weight 33", 1, "Total weight exceeds the size of the indirection table\n"},
        {"ethtool -X eth0 hkey zz", 1, "Invalid RSS hash key format\n"},
        {"ethtool -X eth0 hfunc xor", 1, "Cannot set RX flow hash configuration: Operation not supported\n"},
        {"ethtool -X eth0", 1, "ethtool: bad command line argument(s)\nFor more information run ethtool -h\n"},
        {"ethtool -X eth0 equal 0", 1, "ethtool: bad command line argument(s)\nFor more information run ethtool -h\n"},
        {"ethtool -X eth0 default", 0, ""});
    vnet.refuses = true;
    TYPED(net_first, {"ethtool -X eth0 equal 1", 1, "Cannot set RX flow hash configuration: Input/output error\n"});
    vnet.refuses = false;
    vnet_end();
}

#define BAD  "ethtool: bad command line argument(s)\nFor more information run ethtool -h\n"
#define NO   ": Operation not supported\n"
#define HASH "Cannot get RX network flow hashing options"
#define SET  "Cannot change RX network flow hashing options"
#define USE  " flows use these fields for computing Hash flow key:\n"
#define SD   "IP SA\nIP DA\n"
#define FN   "L4 bytes 0 & 1 [TCP/UDP src port]\nL4 bytes 2 & 3 [TCP/UDP dst port]\n"

/* What is hashed of a flow: shown, set in the device, dumped; as Linux's virtio_net, of IPv4's addresses or of none. */
TEST(cmd_ethtool_hash_fields_of_a_virtio_net)
{
    vnet_start_with(RSS);
    TYPED(net_first, {"ethtool -n eth0 rx-flow-hash tcp4", 0, "TCP over IPV4" USE SD FN "\n"},
          {"ethtool -N eth0 rx-flow-hash tcp4 sd", 0, ""});
    CHECK_EQ(load_le32(vnet.rss), 0x3d);
    TYPED(net_first, {"ethtool -n eth0 rx-flow-hash tcp4", 0, "TCP over IPV4" USE SD "\n"},
          {"ethtool -u eth0 rx-flow-hash udp4", 0, "UDP over IPV4" USE SD FN "\n"},
          {"ethtool -n eth0 rx-flow-hash sctp6", 0, "SCTP over IPV6" USE "None\n"},
          {"ethtool -U eth0 rx-flow-hash udp6 r", 0, ""},
          {"ethtool -n eth0 rx-flow-hash udp6", 0, "UDP over IPV6" USE "None\n"},
          {"dump | grep ethtool", 0, "ethtool -N eth0 rx-flow-hash tcp4 sd\nethtool -N eth0 rx-flow-hash udp6 r\n"});
    CHECK_EQ(load_le32(vnet.rss), 0x15);
    TYPED(net_first, {"ethtool -N eth0 rx-flow-hash tcp4 sdf", 0, SET ": Invalid argument\n"},
          {"ethtool -N eth0 rx-flow-hash sctp4 sd", 0, SET ": Invalid argument\n"},
          {"ethtool -N eth0 rx-flow-hash tcp4 sdx", 1, BAD}, {"ethtool -N eth0 rx-flow-hash tcp4", 1, BAD},
          {"ethtool -n eth0 rx-flow-hash ip4", 1, BAD}, {"ethtool -n eth0 rx-flow-hash tcp4 context 1", 1, HASH NO},
          {"ethtool -N eth0 rx-flow-hash tcp4 sd context 1", 0, SET NO},
          {"ethtool -N eth0 rx-flow-hash tcp4 sd context", 1, BAD});
    CHECK_EQ(load_le32(vnet.rss), 0x15);
    vnet.refuses = true;
    TYPED(net_first, {"ethtool -N eth0 rx-flow-hash udp6 sdfn", 0, SET ": Input/output error\n"});
    vnet.refuses = false;
    TYPED(net_first, {"ethtool -N eth0 rx-flow-hash tcp4 nfds", 0, ""},
          {"ethtool -N eth0 rx-flow-hash udp6 sdfn", 0, ""}, {"dump | grep ethtool", 1, ""});
    CHECK_EQ(load_le32(vnet.rss), 0x3f);
    WITH_CONF(dev_down(vdev)); /* and what is asked while it is down holds when it is up */
    TYPED(net_first, {"ethtool -N eth0 rx-flow-hash udp4 sd", 0, ""});
    CHECK_EQ(load_le32(vnet.rss), 0x3f);
    CHECK_EQ(WITH_CONF(dev_up(vdev)), 0);
    CHECK_EQ(load_le32(vnet.rss), 0x3b);
    vnet_end();
}

/* What the device cannot hash is not asked of it. */
TEST(cmd_ethtool_hash_fields_of_a_lesser_virtio_net)
{
    vnet_hash = 3; /* IPv4, and TCP over it */
    vnet_start_with(RSS);
    TYPED(net_first, {"ethtool -N eth0 rx-flow-hash udp4 sdfn", 0, SET NO},
          {"ethtool -N eth0 rx-flow-hash udp6 sd", 0, SET NO}, {"ethtool -N eth0 rx-flow-hash udp4 r", 0, ""},
          {"ethtool -n eth0 rx-flow-hash tcp4", 0, "TCP over IPV4" USE SD FN "\n"},
          {"ethtool -n eth0 rx-flow-hash udp4", 0, "UDP over IPV4" USE "None\n"},
          {"dump | grep ethtool", 0, "ethtool -N eth0 rx-flow-hash udp4 r\n"});
    CHECK_EQ(load_le32(vnet.rss), 2);
    vnet_hash = 0;
    vnet_end();
}

#define COUNT  "rxclass: Cannot get RX class rule count"
#define INSERT COUNT NO "Cannot insert classification rule\n"
#define ADD    "ethtool -N eth0 flow-type "
#define MAC    "02:00:00:00:00:01"

/* Each line's answer was had of ethtool 6.1 on a device without filters. */
TEST(cmd_ethtool_rules)
{
    rig_start();
    TYPED(
        rig_net, {"ethtool -n eth0", 1, "Cannot get RX rings" NO COUNT NO "RX classification rule retrieval failed\n"},
        {"ethtool -n eth0 rule 5", 1, "rxclass: Cannot get RX class rule" NO "Cannot get RX classification rule\n"},
        {"ethtool -n eth0 rule x", 1, BAD}, {"ethtool -n eth0 rule 2147483648", 1, BAD},
        {"ethtool -n eth0 rule 1 2", 1, BAD}, {"ethtool -n eth0 context 1", 1, BAD}, {"ethtool -n eth0 ether", 1, BAD},
        {"ethtool -N eth0", 1, BAD}, {"ethtool -N eth0 delete", 1, BAD}, {"ethtool -N eth0 delete -1", 1, BAD},
        {"ethtool -U eth0 delete 5", 1, "rmgr: Cannot delete RX class rule" NO "Cannot delete classification rule\n"},
        {"ethtool -N eth0 rx-flow-hash tcp4 sdfn", 0, SET NO}, {"ethtool -N eth0 flow-type", 1, BAD},
        {ADD "bogus", 1, "Add rule, invalid syntax\n" BAD}, {ADD "tcp4", 1, INSERT}, {ADD "tcp4 src-ip", 1, INSERT},
        {ADD "tcp4 src-ip 1.2.3.4 m 0.0.0.255 action 2", 1, INSERT}, {ADD "tcp4 action -1", 1, INSERT},
        {ADD "tcp4 src-ip 1.2.3.4 action 2 loc 5", 0, "rmgr: Cannot insert RX class rule" NO},
        {ADD "tcp4 loc 0xffffffff", 1, INSERT}, {ADD "tcp4 loc -1", 1, "Invalid loc value[-1]\n" BAD},
        {ADD "tcp4 bogus 5", 1, "Add rule, unrecognized option[bogus]\n" BAD},
        {ADD "tcp4 src-ip fe80::1", 1, "Invalid src-ip value[fe80::1]\n" BAD}, {ADD "ip6 src-ip fe80::1", 1, INSERT},
        {ADD "ip6 src-ip 1.2.3.4", 1, "Invalid src-ip value[1.2.3.4]\n" BAD},
        {ADD "tcp4 src-ip 1.2.3.4 m", 1, "Add rule, invalid syntax\n" BAD},
        {ADD "tcp4 src-ip 1.2.3.4 m zz", 1, "Invalid src-ip mask[zz]\n" BAD},
        {ADD "tcp4 action 2 m 3", 1, "Invalid action mask[3]\n" BAD},
        {ADD "udp6 src-port 65536", 1, "Invalid src-port value[65536]\n" BAD},
        {ADD "tcp4 tos 256", 1, "Invalid tos value[256]\n" BAD}, {ADD "tcp6 tclass 255 vlan 1 m 3", 1, INSERT},
        {ADD "tcp4 src-port 1 src-port 1", 1, "Invalid src-port value[1]\n" BAD},
        {ADD "ip4 l4data 1 dst-port 3", 1, "Invalid dst-port value[3]\n" BAD},
        {ADD "ip4 src-port 1 dst-port 3 l4proto 6", 1, INSERT}, {ADD "esp4 spi 0xffffffff", 1, INSERT},
        {ADD "tcp4 spi 1", 1, "Add rule, unrecognized option[spi]\n" BAD},
        {ADD "tcp4 queue 2 action 3", 1, "action and queue are not compatible\n" BAD},
        {ADD "tcp4 action 3 vf 1", 1, "action and vf are not compatible\n" BAD},
        {ADD "ether src " MAC " m ff:ff:ff:ff:ff:ff proto 0x800", 1, INSERT},
        {ADD "ether dst-mac " MAC, 1, "Add rule, unrecognized option[dst-mac]\n" BAD},
        {ADD "tcp4 dst-mac 00:11:22:33:44", 1, "Invalid dst-mac value[00:11:22:33:44]\n" BAD},
        {"ethtool -N foo flow-type tcp4", 1, COUNT ": No such device\nCannot insert classification rule\n"},
        {"ethtool -N foo rx-flow-hash tcp4 sd", 0, SET ": No such device\n"},
        {"ethtool -n foo rx-flow-hash tcp4", 1, HASH ": No such device\n"},
        {"ethtool -N foo flow-type bogus", 1, "Add rule, invalid syntax\n" BAD});
    rig_end();
    vnet_start();
    TYPED(net_first,
          {"ethtool -n eth0", 1, "1 RX rings available\n" COUNT NO "RX classification rule retrieval failed\n"},
          {"ethtool -n eth0 rx-flow-hash tcp4", 1, HASH NO});
    vnet_end();
}

/* Tables are words: three to one of four queues in eight entries; and so on. */
TEST(rss_tables)
{
    static const struct {
        struct dev_rss r;
        const char *table;
    } cases[] = {
        {{.table_n = 8}, "01230123"},
        {{.table_n = 8, .equal = 3}, "01201201"},
        {{.table_n = 8, .equal = 2, .start = 2}, "23232323"},
        {{.table_n = 8, .weights = 2, .weight = {3, 1}}, "00000011"},
        {{.table_n = 8, .weights = 3, .weight = {1, 0, 1}}, "00002222"},
        {{.table_n = 4, .weights = 2, .weight = {2, 2}, .start = 1}, "1122"},
    };
    for (u32 i = 0; i < ARRAY_LEN(cases); i++) {
        struct dev_rss r = cases[i].r;
        char text[9] = "";
        rss_fill(&r, 4);
        for (u32 k = 0; k < r.table_n; k++)
            text[k] = (char)('0' + r.table[k]);
        CHECK_STR(text, cases[i].table);
    }
}

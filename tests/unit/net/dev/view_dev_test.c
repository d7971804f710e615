/* /proc/net/dev and /sys/class/net: texts, what can be written, what it does, and what is dumped of it. */
#include "host/host.h"
#include "lib/string.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/skb/pool.h"
#include "tests/unit/net/dev/fake_dev.h"
#include "tests/unit/net/dev/typed.h"

#define SYS "/sys/class/net/eth0/"
#define BQL SYS "queues/tx-0/byte_queue_limits/"

static struct net *net;
static struct fake_dev *f;

static void start(void)
{
    net = net_new();
    f = fake_dev_new(net, "eth%u");
    host_run();
}

static void end(void)
{
    fake_dev_end(f);
    host_run();
    net_free(net);
}

TEST(view_proc_net_dev)
{
    start();
    f->dev->stats[0]->rx_bytes = 402437886;
    f->dev->stats[0]->rx_packets = 2255005;
    f->dev->stats[0]->multicast = 3;
    f->dev->hw = (struct hw_stats){.rx_errors = 1,
                                   .rx_missed = 2,
                                   .rx_crc = 3,
                                   .rx_fifo = 5,
                                   .tx_errors = 7,
                                   .tx_aborted = 8,
                                   .tx_carrier = 9,
                                   .tx_fifo = 10,
                                   .collisions = 11};
    TYPED(net, {"cat /proc/net/dev", 0,
                "Inter-|   Receive                                                |  Transmit\n"
                " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo"
                " colls carrier compressed\n"
                "  eth0: 402437886 2255005    1    2    5     3          0         3        0       0    7    0   10"
                "    11      17          0\n"});
    end();
}

TEST(view_of_a_device)
{
    start();
    TYPED(net, {"cat " SYS "address", 0, "02:00:00:00:00:01\n"}, {"cat " SYS "mtu", 0, "1500\n"},
          {"cat " SYS "flags", 0, "0x1003\n"}, {"cat " SYS "operstate", 0, "up\n"}, {"cat " SYS "carrier", 0, "1\n"},
          {"cat " SYS "carrier_changes", 0, "1\n"}, {"cat " SYS "ifindex", 0, "2\n"}, {"cat " SYS "type", 0, "1\n"},
          {"cat " SYS "speed", 0, "-1\n"}, {"cat " SYS "duplex", 0, "unknown\n"},
          {"cat " SYS "tx_queue_len", 0, "1000\n"}, {"cat " SYS "gro_flush_timeout", 0, "0\n"},
          {"ls /sys/class/net", 0, "eth0\n"}, {"ls " SYS "queues", 0, "rx-0\ntx-0\n"},
          {"echo 02:00:00:00:00:09 > " SYS "address", 2, "weir: cannot create " SYS "address: Permission denied\n"},
          {"echo 10 > " SYS "mtu", 1, "weir: " SYS "mtu: write error: Invalid argument\n"},
          {"echo x > " SYS "mtu", 1, "weir: " SYS "mtu: write error: Invalid argument\n"},
          {"echo 1400 > " SYS "mtu", 0, ""},
          {"echo 20000 > " SYS "gro_flush_timeout; echo 2 > " SYS "napi_defer_hard_irqs", 0, ""},
          {"echo 64 > " SYS "tx_queue_len", 0, ""}, {"echo lan > " SYS "ifalias; cat " SYS "ifalias", 0, "lan\n"},
          {"echo 0x1102 > " SYS "flags; cat " SYS "flags", 0, "0x1102\n"},
          {"cat " SYS "carrier", 1, "cat: " SYS "carrier: Invalid argument\n"},
          {"cat " SYS "speed", 1, "cat: " SYS "speed: Invalid argument\n"}, {"cat " SYS "operstate", 0, "down\n"},
          {"dump | grep -v '^#'", 0,
           "ip link set dev eth0 mtu 1400 txqueuelen 64 alias lan promisc on\n"
           "echo 20000 > /sys/class/net/eth0/gro_flush_timeout\n"
           "echo 2 > /sys/class/net/eth0/napi_defer_hard_irqs\n"});
    CHECK_EQ(f->dev->gro_flush_timeout, 20000);
    CHECK_EQ(f->dev->defer_hard_irqs, 2);
    end();
}

TEST(view_statistics)
{
    start();
    f->dev->stats[0]->rx_packets = 5;
    f->dev->hw.rx_fifo = 6;
    drop_count(net, &f->dev->port, DROP_L4_CSUM, 2);
    drop_count(net, &f->dev->port, DROP_QDISC_FULL, 3);
    TYPED(net, {"cat " SYS "statistics/rx_packets", 0, "5\n"}, {"cat " SYS "statistics/rx_dropped", 0, "2\n"},
          {"cat " SYS "statistics/tx_dropped", 0, "3\n"}, {"cat " SYS "statistics/rx_fifo_errors", 0, "6\n"},
          {"cat " SYS "statistics/tx_window_errors", 0, "0\n"}, {"ls " SYS "statistics | wc -l", 0, "24\n"});
    end();
}

/* What nobody here speaks is dropped, as on Linux: rx_nohandler counts what comes by a port that is to take nothing,
 * as a bond's spare one, of which there is none here. */
TEST(view_of_frames_that_no_protocol_takes)
{
    static const u8 frame[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb7};
    start();
    fake_dev_arrive(f, frame, sizeof(frame), 0);
    host_run();
    TYPED(net, {"cat " SYS "statistics/rx_packets", 0, "1\n"}, {"cat " SYS "statistics/rx_dropped", 0, "1\n"},
          {"cat " SYS "statistics/rx_nohandler", 0, "0\n"});
    end();
}

TEST(view_byte_queue_limits)
{
    start();
    TYPED(net,
          {"cat " BQL "limit_max " BQL "limit_min " BQL "hold_time " BQL "inflight", 0, "1879048192\n0\n1000\n0\n"},
          {"echo 3000 > " BQL "limit_min; cat " BQL "limit", 0, "3000\n"}, {"echo 5000 > " BQL "limit_max", 0, ""},
          {"echo 4000 > " BQL "limit; cat " BQL "limit", 0, "4000\n"},
          {"echo 9000 > " BQL "limit; cat " BQL "limit", 0, "5000\n"}, {"echo 50 > " BQL "hold_time", 0, ""},
          {"echo 7 > " BQL "inflight", 2, "weir: cannot create " BQL "inflight: Permission denied\n"},
          {"cat " SYS "queues/tx-1/byte_queue_limits/limit", 1,
           "cat: " SYS "queues/tx-1/byte_queue_limits/limit: No such file or directory\n"});
    CHECK_EQ(f->dev->txq->dql.may, 5000);
    CHECK_EQ(f->dev->txq->dql.hold, 50 * NS_PER_MS);
    TYPED(net, {"ip link set eth0 down; cat " BQL "limit " BQL "limit_max", 0, "0\n5000\n"},
          {"dump | grep byte", 0,
           "echo 50 > " BQL "hold_time\necho 5000 > " BQL "limit_max\necho 3000 > " BQL "limit_min\n"},
          {"ip link set eth0 up; cat " BQL "limit " BQL "limit_max", 0, "3000\n5000\n"},
          {"echo max > " BQL "limit_max; cat " BQL "limit_max", 0, "1879048192\n"});
    CHECK_EQ(f->dev->tx_kept->most, 0);
    end();
}

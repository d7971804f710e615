/* Two e1000 over fake chips, joined: 32 frames of 64 bytes come in by one and leave by the other. The figure holds the
 * fake's own work; what the driver and each stage take of it, in instructions, callgrind tells by function. */
#include "drivers/driver.h"
#include "host/e1000_dev.h"
#include "host/host.h"
#include "lib/net.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/link/xconnect.h"
#include "tests/bench/bench.h"
#include "tests/unit/with_conf.h"

#define BURST  32
#define ROUNDS 2000

static struct host_e1000 chip[2];

static void bursts(void *arg)
{
    u8 frame[64] = {0};
    for (int r = 0; r < ROUNDS; r++) {
        softirq_off();
        for (int i = 0; i < BURST; i++)
            host_e1000_arrive(&chip[0], frame, sizeof(frame), 0);
        softirq_on();
        host_run();
    }
}

static void measure_e1000(void)
{
    struct net *net = net_new();
    for (int i = 0; i < 2; i++) {
        host_e1000_init(&chip[i], &(struct macaddr){{2, 0, 0, 0, 0, (u8)i}});
        driver_bind(&chip[i].host.dev);
    }
    struct netdev *a = netdev_find(net, "eth0"), *b = netdev_find(net, "eth1");
    WITH_CONF(xconnect_join(a, b));
    WITH_CONF(dev_up(a));
    WITH_CONF(dev_up(b));
    host_clock_advance(2 * NS_PER_S);
    bench_ns("e1000 to e1000, a frame of 64 B, bursts of 32", ROUNDS * BURST, bursts, NULL);
    driver_release(&chip[0].host.dev);
    driver_release(&chip[1].host.dev);
    net_free(net);
}

BENCH(e1000);

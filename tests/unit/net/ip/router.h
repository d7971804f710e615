/* A stack with two devices that are up, for tests of what is typed: eth0 and eth1, with MAC 02:00:00:00:00:01. */
#ifndef UNIT_NET_IP_ROUTER_H
#define UNIT_NET_IP_ROUTER_H

#include "host/host.h"
#include "net/net.h"
#include "tests/unit/net/dev/fake_dev.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/with_conf.h"

struct router {
    struct net *net;
    struct fake_dev *eth0, *eth1;
};

static inline void router_start(struct router *r)
{
    r->net = net_bring_up();
    r->eth0 = fake_dev_new(r->net, "eth%u");
    r->eth1 = fake_dev_new(r->net, "eth%u");
    host_clock_advance(10 * NS_PER_S); /* their addresses are settled */
}

/* lo is up too, and every device has addresses, as the transcripts of Linux in the tests have them. */
static inline void router_start_full(struct router *r)
{
    router_start(r);
    TYPED(r->net, {"ip link set lo up", 0, ""},
          {"ip addr add 10.1.0.1/24 dev eth0; ip addr add 10.2.0.1/24 dev eth1", 0, ""},
          {"ip addr add 2001:db8:1::1/64 dev eth0; ip addr add 2001:db8:2::1/64 dev eth1", 0, ""});
    host_run();
}

/* And routes to be asked for. */
static inline void router_start_get(struct router *r)
{
    router_start_full(r);
    TYPED(r->net, {"ip route add default via 10.1.0.2; ip route add default via 10.2.0.2 metric 50", 0, ""},
          {"ip route add blackhole 203.0.113.0/24; ip route add unreachable 203.0.114.0/24", 0, ""},
          {"ip route add prohibit 203.0.115.0/24; ip route add throw 203.0.116.0/24", 0, ""},
          {"ip route add 10.10.0.0/16 proto static nexthop via 10.1.0.2 dev eth0 weight 1 nexthop via 10.2.0.2 "
           "dev eth1 weight 3",
           0, ""},
          {"sysctl -qw net.ipv4.fib_multipath_hash_seed=2", 0, ""},
          {"ip route add 10.11.0.0/16 via 10.1.0.9 mtu 1400 advmss 9", 0, ""});
}

static inline void router_end(struct router *r)
{
    fake_dev_end(r->eth0);
    fake_dev_end(r->eth1);
    host_run();
    net_take_down(r->net);
}

#endif

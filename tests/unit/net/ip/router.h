/* A stack with two devices that are up, for tests of what is typed: eth0 and eth1, with MAC 02:00:00:00:00:01. */
#ifndef UNIT_NET_IP_ROUTER_H
#define UNIT_NET_IP_ROUTER_H

#include "host/host.h"
#include "tests/unit/net/dev/fake_dev.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/with_conf.h"

struct router {
    struct net *net;
    struct fake_dev *eth0, *eth1;
};

static inline void router_start(struct router *r)
{
    r->net = net_new();
    r->eth0 = fake_dev_new(r->net, "eth%u");
    r->eth1 = fake_dev_new(r->net, "eth%u");
    host_run();
}

static inline void router_end(struct router *r)
{
    fake_dev_end(r->eth0);
    fake_dev_end(r->eth1);
    host_run();
    net_free(r->net);
}

#endif

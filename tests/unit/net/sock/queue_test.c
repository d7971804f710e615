/* Who reads and looks at the device himself. */
#include "host/host.h"
#include "lib/check.h"
#include "lib/csum.h"
#include "lib/sysctl.h"
#include "net/dev/updown.h"
#include "net/net.h"
#include "net/skb/pool.h"
#include "net/sock/sock.h"
#include "net/wire/eth.h"
#include "net/wire/ip4.h"
#include "tests/unit/net/dev/fake_dev.h"
#include "tests/unit/net/dev/typed.h"

#define PROTO 200

static struct net *net;
static struct fake_dev *f;

/* From 10.0.0.2 to us, of a protocol that a raw endpoint hears. */
static void arrives(void)
{
    u8 frame[64] = {0};
    struct eth_hdr *eth = (struct eth_hdr *)frame;
    struct ip4_hdr *ip = (struct ip4_hdr *)(eth + 1);

    *eth = (struct eth_hdr){f->dev->mac, {{2, 0, 0, 0, 0, 9}}, be16_of(ETH_IP4)};
    *ip = (struct ip4_hdr){
        .ver_ihl = 0x45, .len = be16_of(40), .ttl = 64, .proto = PROTO, .src = {10, 0, 0, 2}, .dst = {10, 0, 0, 1}};
    ip->check = csum_fold(csum_bytes(ip, 20));
    softirq_off();
    fake_dev_arrive(f, frame, 60, 0);
    softirq_on();
}

static ssize read_one(struct sock *k)
{
    struct sock_from from;
    u8 p[64];
    return sock_recv(k, p, sizeof(p), &from, clock_ns() + NS_PER_MS);
}

/* The device says nothing: only who looks finds what is there. */
TEST(sock_reader_looks_himself)
{
    struct sock_how how = {.kind = SOCK_RAW, .port = PROTO};
    struct sock *k;

    net = net_first = net_bring_up();
    f = fake_dev_new(net, "eth%u");
    TYPED(net, {"ip link set lo up; ip addr add 10.0.0.1/24 dev eth0", 0, ""});
    CHECK_EQ(sock_open(net, &how, &k), 0);
    host_run();
    arrives();
    CHECK_EQ(read_one(k), 20);
    f->masked = true;
    arrives();
    CHECK_EQ(read_one(k), -ETIMEDOUT);
    CHECK_EQ(sysctl_set(net, "net.core.busy_read", "50"), 0);
    CHECK_EQ(read_one(k), 20);
    CHECK_EQ(read_one(k), -ETIMEDOUT); /* and sleeps afterwards */
    WITH_CONF(dev_down(f->dev));
    CHECK_EQ(read_one(k), -ETIMEDOUT);
    sock_close(k);
    fake_dev_end(f);
    host_run();
    CHECK_EQ(skb_pool_used(skb_pool_of(net)), 0);
    net_take_down(net);
    net_first = NULL;
}

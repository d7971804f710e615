/* For fuzz targets: a stack with eth0 on a link where the input is what other stations send. State begins anew with
 * each input: the device goes down and comes up. */
#ifndef TESTS_FUZZ_LAN_H
#define TESTS_FUZZ_LAN_H

#include "host/host.h"
#include "lib/csum.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/dev/rx.h"
#include "net/dev/updown.h"
#include "net/ip/ifaddr.h"
#include "net/ip/neigh.h"
#include "net/ip/slaac.h"
#include "net/net.h"
#include "net/skb/pool.h"
#include "net/wire/eth.h"
#include "net/wire/ip6.h"
#include "tests/unit/with_conf.h"

static struct net *net;
static struct netdev *dev;

static void lan_tx(struct netdev *d, struct skbq *q)
{
    (void)d;
    skbq_free(q);
}

static int lan_open(struct netdev *d)
{
    (void)d;
    return 0;
}

static void lan_stop(struct netdev *d)
{
    (void)d;
}

static void lan_address(const struct ipaddr *a, u8 bits)
{
    struct ifaddr want = {.addr = *a,
                          .peer = *a,
                          .broadcast = {{[10] = 0xff, 0xff}},
                          .bits = bits,
                          .valid_until = IFA_FOREVER,
                          .preferred_until = IFA_FOREVER};
    WITH_CONF(ifaddr_add(dev, &want));
}

/* switches: each bit of `how` one */
static void lan_begin(u8 how)
{
    static const struct netdev_ops ops = {.driver = "fuzz", .open = lan_open, .stop = lan_stop, .tx = lan_tx};
    static const char *const names[] = {"net.ipv4.conf.eth0.forwarding", "net.ipv6.conf.eth0.forwarding",
                                        "net.ipv4.conf.eth0.proxy_arp",  "net.ipv4.conf.eth0.arp_accept",
                                        "net.ipv6.conf.eth0.accept_ra",  "net.ipv6.conf.eth0.use_tempaddr",
                                        "net.ipv6.conf.eth0.autoconf",   "net.ipv4.conf.eth0.arp_ignore"};
    struct ipaddr four = ipaddr_of4(10, 0, 0, 1), six = {{0x20, 1, 0xd, 0xb8, [15] = 1}};
    if (!net) {
        net = net_first = net_bring_up();
        WITH_CONF(dev_up(netdev_find(net, "lo")));
        dev = netdev_new(&ops, 0, 0, 0);
        dev->mac = (struct macaddr){{2, 0, 0, 0, 0, 1}};
        dev->mtu = dev->mtu_most = 1500;
        dev->carrier = true;
        if (WITH_CONF(netdev_add(net, dev, "eth0")))
            panic("no device");
        lan_address(&four, 24);
        sysctl_set(net, "net.ipv6.conf.eth0.accept_ra_rt_info_max_plen", "128");
    }
    for (u32 i = 0; i < ARRAY_LEN(names); i++)
        sysctl_set(net, names[i], how >> i & 1 ? "1" : "0");
    WITH_CONF(dev_up(dev));
    lan_address(&six, 64);
    host_run();
}

static void lan_end(void)
{
    u32 made = 0;
    for (const struct ifaddr *a = ifaddr_first(dev, &ip_v6); a; a = ifaddr_next(a))
        made += a->proto == IFAPROT_RA;
    if (made > 16 || neigh_count(net, IP_V4) > 1024 || neigh_count(net, IP_V6) > 1024)
        panic("more than the bounds");
    if (dev->ip->slaac && dev->ip->slaac->routes > SLAAC_ROUTES)
        panic("more routes than the bound");
    WITH_CONF(dev_down(dev));
    host_run();
    if (skb_pool_used(skb_pool_of(net)))
        panic("a packet that nobody freed");
}

/* A frame arrives, and time goes on. */
static void lan_frame(const void *frame, u32 n, u64 ms)
{
    struct skbq q = {0};
    softirq_off();
    struct skb *s = skb_alloc(skb_pool_of(net));
    memcpy(skb_put(s, n), frame, n);
    s->dev = &dev->port;
    skbq_add(&q, s);
    dev_rx(dev, &q);
    softirq_on();
    host_clock_advance(ms * NS_PER_MS);
}

static inline u64 lan_ms(u8 how) /* nothing, a moment, a second, half an hour */
{
    static const u64 ms[] = {0, 100, 1000, 1800 * 1000};
    return ms[how & 3];
}

/* An IPv6 packet of ICMPv6 whose message is the n bytes at p, the checksum put right; addresses as `how` says. */
static inline void lan_icmp6(const u8 *p, u32 n, u8 how, u8 hops)
{
    static const struct ipaddr from[] = {
        {{0xfe, 0x80, [15] = 2}}, {{0}}, {{0x20, 1, 0xd, 0xb8, [15] = 2}}, {{0x20, 1, 0xd, 0xb8, [15] = 1}}};
    static const struct ipaddr to[] = {{{0xff, 2, [15] = 1}},
                                       {{0xff, 2, [11] = 1, 0xff, 0, 0, 1}},
                                       {{0x20, 1, 0xd, 0xb8, [15] = 1}},
                                       {{0xff, 2, [15] = 2}}};
    u8 frame[ETH_HLEN + IP6_HLEN + 1460];
    struct eth_hdr e = {{{0x33, 0x33, 0, 0, 0, 1}}, {{2, 0, 0, 0, 0, 2}}, be16_of(ETH_IP6)};
    struct ip6_hdr h = {.ver_class_flow = be32_of(6u << 28),
                        .payload = be16_of((u16)n),
                        .next = IP_ICMP6,
                        .hops = hops,
                        .src = from[how >> 2 & 3],
                        .dst = to[how >> 4 & 3]};
    u8 *icmp = frame + ETH_HLEN + IP6_HLEN;
    memcpy(frame, &e, sizeof(e));
    memcpy(frame + ETH_HLEN, &h, sizeof(h));
    memcpy(icmp, p, n);
    if (n >= 4) {
        store_be16(icmp + 2, 0);
        u32 sum = csum_add(csum_bytes(&h.src, 32), csum_add(csum_of_u32(n), csum_of_u32(IP_ICMP6)));
        be16 check = csum_fold(csum_add(sum, csum_bytes(icmp, n)));
        memcpy(icmp + 2, &check, 2);
    }
    lan_frame(frame, ETH_HLEN + IP6_HLEN + n, lan_ms(how));
}

#endif

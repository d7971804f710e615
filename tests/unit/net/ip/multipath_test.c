/* Several hops: who gets how many flows, and what is one flow. */
#include "net/ip/multipath.h"

#include "host/host.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/ip/header.h"
#include "net/ip/rule.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"
#include "net/wire/icmp.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/net/ip/ip_rig.h"

static struct route *route_to(const char *text)
{
    struct ipaddr a;
    unsigned bits;
    CHECK_EQ(parse_addr(text, &a, NULL), 0);
    return fib_find(fib_table(rig.net, ip_family_of(&a)->index, TABLE_MAIN, false), ip_key(&a), 0, &bits);
}

/* The bounds are Linux's (DIV_ROUND_CLOSEST(below << 31, all)), and each hash below one of them is its hop's. */
static void check_shares(const char *to, const u16 *weight, u32 n)
{
    const struct route *r = route_to(to);
    u64 below = 0, all = 0;
    u32 count[8] = {0}, steps = 1u << 16;
    for (u32 i = 0; i < n; i++)
        all += weight[i];
    CHECK_EQ(r->hops, n);
    for (u32 i = 0; r->hops == n && i < n; i++) {
        u64 from = ((below << 31) + all / 2) / all, upper = (((below + weight[i]) << 31) + all / 2) / all;
        below += weight[i];
        CHECK_EQ(r->hop[i].upper, weight[i] ? (u32)upper : 0);
        if (weight[i]) {
            CHECK_EQ(route_hop(r, (u32)from << 1), &r->hop[i]);
            CHECK_EQ(route_hop(r, (u32)(upper - 1) << 1 | 1), &r->hop[i]);
        }
    }
    for (u32 i = 0; i < steps; i++) {
        const struct hop *h = route_hop(r, i << 16);
        if (h)
            count[h - r->hop]++;
    }
    for (u32 i = 0; i < n; i++) {
        i64 wanted = (i64)(steps * (u64)weight[i] / all), error = (i64)count[i] - wanted;
        CHECK(error >= -1 && error <= 1);
    }
}

TEST(multipath_shares_by_weight)
{
    static const char first[] = "nexthop via 10.1.0.2 weight 3 nexthop via 10.2.0.2 weight 1 nexthop via 10.2.0.3";
    char line[200];
    ip_rig_start();
    str_copy(line, sizeof(line), "ip route add 10.10.0.0/16 ");
    str_append(line, sizeof(line), first);
    CHECK_EQ(typed(rig.net, line), 0);
    check_shares("10.10.0.1", (const u16[]){3, 1, 1}, 3);
    TYPED(rig.net,
          {"ip -6 route add 2001:db8:9::/48 nexthop via 2001:db8::2 weight 1 nexthop via 2001:db8:1::2 weight 256", 0,
           ""},
          {"ip nexthop add id 1 via 10.1.0.2 dev eth0; ip nexthop add id 2 via 10.2.0.2 dev eth1", 0, ""},
          {"ip nexthop add id 3 via 10.2.0.3 dev eth1; ip nexthop add id 9 group 1,5/2,7/3,2", 0, ""},
          {"ip route add 10.11.0.0/16 nhid 9", 0, ""});
    check_shares("2001:db8:9::1", (const u16[]){1, 256}, 2);
    check_shares("10.11.0.1", (const u16[]){5, 7, 2}, 3);
    TYPED(rig.net, {"ip nexthop del id 2", 0, ""});
    check_shares("10.11.0.1", (const u16[]){5, 2}, 2);
    TYPED(rig.net, {"ip nexthop replace id 9 group 3,2/1", 0, ""});
    check_shares("10.11.0.1", (const u16[]){2, 1}, 2);
    WITH_CONF(dev_down(rig.b->dev));
    check_shares("10.10.0.1", (const u16[]){3, 0, 0}, 3);
    check_shares("10.11.0.1", (const u16[]){1}, 1); /* the object has gone with its device */
    TYPED(rig.net, {"ip route flush table all; ip nexthop flush", 0, NULL});
    ip_rig_end();
}

/* ---- what is one flow ---- */

static u32 hash_of(const u8 *frame, u32 n, bool v6)
{
    struct skb *s = packet_skb(skb_pool_of(rig.net), frame, n, 0);
    struct fib_flow f = {.skb = s};
    CHECK_EQ(skb_parse(s), DROP_NOT);
    u32 h = multipath_hash(rig.net, v6 ? IP_V6 : IP_V4, &f);
    skb_free(s);
    return h;
}

static u32 hash_packet(const struct packet *p)
{
    u32 n = packet_build(p, rig.frame);
    return hash_of(rig.frame, n, p->v6);
}

static void swap_bytes(u8 *a, u8 *b, u32 n)
{
    for (u32 i = 0; i < n; i++) {
        u8 x = a[i];
        a[i] = b[i];
        b[i] = x;
    }
}

/* What comes back of p. */
static u32 hash_back(const struct packet *p)
{
    u32 n = packet_build(p, rig.frame), size = p->v6 ? 16 : 4, hlen = p->v6 ? IP6_HLEN : IP4_HLEN;
    u8 *ip = rig.frame + ETH_HLEN;
    swap_bytes(ip + hlen - 2 * size, ip + hlen - size, size);
    swap_bytes(ip + hlen, ip + hlen + 2, 2);
    return hash_of(rig.frame, n, p->v6);
}

/* An ICMP error of somebody else about p, to who sent it. */
static u32 hash_error(const struct packet *p)
{
    u8 frame[400];
    u32 n = packet_build(p, rig.frame), hlen = p->v6 ? IP6_HLEN : IP4_HLEN, quoted = min(n - ETH_HLEN, 120u);
    u8 *ip = frame + ETH_HLEN;
    memset(frame, 0, sizeof(frame));
    memcpy(frame, rig.frame, ETH_HLEN + hlen);
    if (p->v6) {
        struct ip6_hdr *h = (struct ip6_hdr *)ip;
        struct ipaddr src = h->src;
        h->src.b[3] = 77;
        h->dst = src;
        h->next = IP_ICMP6;
        h->payload = be16_of((u16)(8 + quoted));
        ip[hlen] = ICMP6_TIME_EXCEEDED;
    } else {
        struct ip4_hdr *h = (struct ip4_hdr *)ip;
        memcpy(h->dst, h->src, 4);
        h->src[1] = 77;
        h->proto = IP_ICMP;
        h->len = be16_of((u16)(hlen + 8 + quoted));
        h->frag = be16_of(0);
        ip[hlen] = ICMP_TIME_EXCEEDED;
    }
    memcpy(ip + hlen + 8, rig.frame + ETH_HLEN, quoted);
    return hash_of(frame, ETH_HLEN + hlen + 8 + quoted, p->v6);
}

/* p within another IPv4 header; or GRE with a key between the two. */
static u32 hash_tunnelled(const struct packet *p, bool gre)
{
    u8 frame[600];
    u32 n = packet_build(p, rig.frame) - ETH_HLEN, head = IP4_HLEN + (gre ? 8 : 0);
    memset(frame, 0, sizeof(frame));
    memcpy(frame + 12, "\x08\0", 2);
    struct ip4_hdr *h = (struct ip4_hdr *)(frame + ETH_HLEN);
    *h = (struct ip4_hdr){.ver_ihl = 0x45,
                          .ttl = 9,
                          .proto = gre     ? IP_GRE
                                   : p->v6 ? IP_IPV6
                                           : IP_IPIP,
                          .len = be16_of((u16)(head + n)),
                          .src = {192, 0, 2, 1},
                          .dst = {192, 0, 2, 2}};
    if (gre) {
        frame[ETH_HLEN + IP4_HLEN] = 0x20;
        store_be16(frame + ETH_HLEN + IP4_HLEN + 2, p->v6 ? ETH_IP6 : ETH_IP4);
    }
    memcpy(frame + ETH_HLEN + head, rig.frame + ETH_HLEN, n);
    return hash_of(frame, ETH_HLEN + head + n, false);
}

static void policy(bool v6, const char *value)
{
    ip_rig_sysctl(v6 ? "net.ipv6.fib_multipath_hash_policy" : "net.ipv4.fib_multipath_hash_policy", value);
}

static void fields(bool v6, const char *value)
{
    policy(v6, "3");
    ip_rig_sysctl(v6 ? "net.ipv6.fib_multipath_hash_fields" : "net.ipv4.fib_multipath_hash_fields", value);
}

#define BASE(six)                                                                                         \
    {                                                                                                     \
        .v6 = (six), .src = 2, .dst = 9, .sport = 1000, .dport = 80, .udp = true, .payload = 64, .ttl = 9 \
    }

static void check_policies(bool v6)
{
    struct packet p = BASE(v6), port = p, host = p, label = p, tcp = p;
    port.sport = 1001;
    host.dst = 10;
    label.flow = 5;
    p.flow = port.flow = host.flow = tcp.flow = 4;
    tcp.udp = false;

    policy(v6, "0");
    CHECK_EQ(hash_packet(&p), hash_back(&p));
    CHECK_EQ(hash_packet(&p), hash_packet(&port));
    CHECK(hash_packet(&p) != hash_packet(&host));
    CHECK_EQ(hash_packet(&p) == hash_packet(&label), !v6);
    CHECK_EQ(hash_packet(&p) == hash_packet(&tcp), !v6);
    CHECK_EQ(hash_packet(&p), hash_error(&p));
    policy(v6, "1");
    CHECK_EQ(hash_packet(&p), hash_back(&p));
    CHECK(hash_packet(&p) != hash_packet(&port));
    CHECK(hash_packet(&p) != hash_packet(&tcp));
    CHECK_EQ(hash_packet(&p), hash_packet(&label));
    CHECK_EQ(hash_packet(&p), hash_error(&p));
    CHECK(hash_packet(&p) != hash_error(&port));
    fields(v6, "0x10"); /* the source port alone */
    CHECK_EQ(hash_packet(&p), hash_packet(&host));
    CHECK(hash_packet(&p) != hash_packet(&port));
    fields(v6, "2");
    CHECK_EQ(hash_packet(&p), hash_packet(&port));
    CHECK(hash_packet(&p) != hash_packet(&host));
    fields(v6, "8");
    CHECK_EQ(hash_packet(&p) != hash_packet(&label), v6);
    fields(v6, "4");
    CHECK(hash_packet(&p) != hash_packet(&tcp));
    fields(v6, "7");
    policy(v6, "0");
}

TEST(multipath_policies_say_what_a_flow_is)
{
    ip_rig_start();
    check_policies(false);
    check_policies(true);
    ip_rig_end();
}

TEST(multipath_looks_into_tunnels)
{
    ip_rig_start();
    for (int i = 0; i < 4; i++) {
        bool v6 = i & 1, gre = i & 2;
        struct packet p = BASE(v6), host = p, port = p;
        host.dst = 10;
        port.sport = 1001;
        policy(false, "0");
        CHECK_EQ(hash_tunnelled(&p, gre), hash_tunnelled(&host, gre));
        policy(false, "2");
        CHECK(hash_tunnelled(&p, gre) != hash_tunnelled(&host, gre));
        CHECK_EQ(hash_tunnelled(&p, gre), hash_tunnelled(&port, gre));
        CHECK_EQ(hash_tunnelled(&p, gre), hash_packet(&p) * !v6 + hash_tunnelled(&p, gre) * v6);
        fields(false, "0x400"); /* the inner source port */
        CHECK(hash_tunnelled(&p, gre) != hash_tunnelled(&port, gre));
        CHECK_EQ(hash_tunnelled(&p, gre), hash_tunnelled(&host, gre));
    }
    ip_rig_end();
}

TEST(multipath_fragments_go_one_way)
{
    struct packet p = BASE(false), port = p;
    ip_rig_start();
    policy(false, "1");
    port.sport = 1001;
    for (int more = 0; more < 2; more++) {
        u32 h[2];
        for (int i = 0; i < 2; i++) {
            u32 n = packet_build(i ? &port : &p, rig.frame);
            ((struct ip4_hdr *)(rig.frame + ETH_HLEN))->frag = be16_of(more ? IP4_MF : 0);
            h[i] = hash_of(rig.frame, n, false);
        }
        CHECK_EQ(h[0] == h[1], more);
    }
    ip_rig_end();
}

TEST(multipath_seed_makes_machines_alike)
{
    struct packet p = BASE(false);
    u32 h[4];
    for (int i = 0; i < 4; i++) {
        ip_rig_start();
        u32 drawn = hash_packet(&p);
        ip_rig_sysctl("net.ipv4.fib_multipath_hash_seed", i == 2 ? "9" : "4294967295");
        h[i] = hash_packet(&p);
        ip_rig_sysctl("net.ipv4.fib_multipath_hash_seed", "0");
        CHECK_EQ(hash_packet(&p), drawn);
        ip_rig_end();
    }
    CHECK_EQ(h[0], h[1]);
    CHECK_EQ(h[0], h[3]);
    CHECK(h[0] != h[2]);
}

/* ---- hops that are passed over ---- */

/* Of flows to 256 hosts, how many leave by eth1. */
static u32 by_eth1(void)
{
    u32 n = 0;
    for (u32 i = 0; i < 256; i++) {
        struct fib_flow f = {.dst = ipaddr_of4(10, 10, 0, (u8)i), .src = ipaddr_of4(10, 1, 0, 2)};
        struct fib_result r = {0};
        rcu_enter();
        if (!fib_lookup(rig.net, IP_V4, &f, &r))
            n += r.hop->dev == rig.b->dev;
        rcu_exit();
    }
    return n;
}

TEST(multipath_passes_over_what_is_down)
{
    ip_rig_start();
    TYPED(rig.net, {"ip route add 10.10.0.0/16 nexthop via 10.1.0.2 dev eth0 nexthop via 10.2.0.2 dev eth1", 0, ""});
    CHECK(by_eth1() > 64 && by_eth1() < 192);
    netdev_carrier(rig.b->dev, false);
    host_run();
    CHECK(by_eth1() > 64);
    TYPED(rig.net,
          {"ip route show 10.10.0.0/16", 0,
           "10.10.0.0/16 \n\tnexthop via 10.1.0.2 dev eth0 weight 1 \n\tnexthop via 10.2.0.2 dev eth1 weight 1 "
           "linkdown \n"});
    ip_rig_sysctl("net.ipv4.conf.all.ignore_routes_with_linkdown", "1");
    CHECK_EQ(by_eth1(), 0);
    TYPED(rig.net,
          {"ip route show 10.10.0.0/16", 0,
           "10.10.0.0/16 \n\tnexthop via 10.1.0.2 dev eth0 weight 1 \n\tnexthop via 10.2.0.2 dev eth1 weight 1 "
           "dead linkdown \n"},
          {"ip route get 10.2.0.9", 2, "RTNETLINK answers: Network is unreachable\n"},
          {"ip route get 10.2.0.1", 0, NULL});
    netdev_carrier(rig.b->dev, true);
    host_run();
    CHECK(by_eth1() > 64);
    netdev_carrier(rig.b->dev, false);
    ip_rig_sysctl("net.ipv4.conf.all.ignore_routes_with_linkdown", "0");
    host_run();
    CHECK(by_eth1() > 64);
    netdev_carrier(rig.b->dev, true);
    WITH_CONF(dev_down(rig.b->dev));
    CHECK_EQ(by_eth1(), 0);
    TYPED(rig.net, {"ip route flush 10.10.0.0/16", 0, ""});
    ip_rig_end();
}

TEST(multipath_passes_over_gateways_that_do_not_answer)
{
    struct ipaddr gw = ipaddr_of4(10, 2, 0, 9);
    ip_rig_start();
    TYPED(rig.net, {"ip route add 10.10.0.0/16 nexthop via 10.1.0.2 dev eth0 nexthop via 10.2.0.9 dev eth1", 0, ""});
    ip_rig_sysctl("net.ipv4.fib_multipath_use_neigh", "1");
    CHECK(by_eth1() > 64); /* nobody has asked for it yet */
    softirq_off();
    CHECK_EQ(neigh_update(neigh_get(rig.b->dev, &gw, NULL), NULL, NUD_FAILED, NEIGH_ADMIN, false), 0);
    softirq_on();
    CHECK_EQ(by_eth1(), 0);
    ip_rig_sysctl("net.ipv4.fib_multipath_use_neigh", "0");
    CHECK(by_eth1() > 64);
    TYPED(rig.net, {"ip route flush 10.10.0.0/16", 0, ""});
    ip_rig_end();
}

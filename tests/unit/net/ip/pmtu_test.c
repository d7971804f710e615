/* The MTU of a path: learnt from errors about what was really sent, kept for a time, and used. */
#include "host/host.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/ip/exception.h"
#include "net/ip/header.h"
#include "net/ip/pmtu.h"
#include "net/wire/icmp.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/net/sock/sock_rig.h"

#define R sock_rig

/* Behind there is a net whose frames are shorter. */
static void start(void)
{
    sock_rig_start(true);
    sock_rig_route(0, "10.9.0.0/16", "10.1.0.2");
    sock_rig_route(0, "2001:db8:9::/64", "2001:db8::2");
    TYPED(R.net[1], {"sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1", 0, NULL},
          {"ip link add d0 type dummy; ip link set d0 up mtu 1400", 0, ""},
          {"ip addr add 10.9.0.1/24 dev d0; ip -6 addr add 2001:db8:9::1/64 dev d0", 0, ""});
    host_clock_advance(5 * NS_PER_S);
    typed(R.net[0], "ping -c 1 10.1.0.2");
    typed(R.net[0], "ping -c 1 2001:db8::2");
}

static void stop(void)
{
    host_clock_advance(60 * NS_PER_S);
    typed(R.net[1], "ip link del d0");
    sock_rig_end();
}

TEST(pmtu_learnt_by_ping)
{
    start();
    TYPED(R.net[0], {"ip route get 10.9.0.77", 0, "10.9.0.77 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n    cache \n"},
          {"ip route show cache", 0, ""}, {"ping -c 1 -W 1 -M do -s 1450 10.9.0.77", 1, NULL},
          {"ip route get 10.9.0.77", 0,
           "10.9.0.77 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n    cache expires 600sec mtu 1400 \n"},
          {"ip route show cache", 0, "10.9.0.77 via 10.1.0.2 dev eth0 \n    cache expires 600sec mtu 1400 \n"},
          {"ip route show cache 10.9.0.78", 0, ""}, {"ip -6 route show cache", 0, ""},
          {"ping -c 1 -W 1 -M do -s 1450 10.9.0.77", 1,
           "PING 10.9.0.77 (10.9.0.77) 1450(1478) bytes of data.\n\n--- 10.9.0.77 ping statistics ---\n"
           "1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n\n"
           "ping: local error: message too long, mtu=1400\n"},
          {"ping -c 1 -W 1 -M do -s 1450 2001:db8:9::77", 1, NULL},
          {"ip -6 route show cache", 0,
           "2001:db8:9::77 via 2001:db8::2 dev eth0 proto unspec metric 0 expires 600sec mtu 1400 pref medium\n"},
          {"ip route get 2001:db8:9::77", 0,
           "2001:db8:9::77 from :: via 2001:db8::2 dev eth0 proto unspec src 2001:db8::1 metric 0 expires 600sec mtu "
           "1400 pref medium\n"});
    host_clock_advance(660 * NS_PER_S);
    TYPED(R.net[0], {"ip route get 10.9.0.77", 0, "10.9.0.77 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n    cache \n"},
          {"ip route show cache", 0, ""}, {"ip -6 route show cache", 0, ""});
    CHECK_EQ(exception_count(R.net[0]), 0); /* by the timer */
    stop();
}

TEST(pmtu_own_packets_are_cut)
{
    start();
    typed(R.net[0], "ping -c 1 -W 1 -s 1450 10.9.0.77"); /* DF, since it fits the link */
    u32 had = R.frames[0];
    typed(R.net[0], "ping -c 1 -W 1 -s 1450 10.9.0.77");
    u32 n = 0;
    for (u32 i = had; i < R.frames[0]; i++) {
        const u8 *ip = R.seen[0][i % RIG_SEEN].p + 14;
        n += R.seen[0][i % RIG_SEEN].n > 40 && ip[9] == 1 && (ip[6] & 0x3f || ip[7]);
    }
    CHECK_EQ(n, 2);
    TYPED(R.net[0], {"ip -s route flush cache", 0, "*** IPv4 routing cache is flushed.\n"},
          {"ip route show cache", 0, ""});
    stop();
}

TEST(pmtu_tracepath_converges)
{
    start();
    typed(R.net[1], "ip neigh add 10.9.0.77 lladdr 02:00:00:00:00:77 dev d0");
    TYPED(R.net[0],
          {"tracepath -n -m 2 10.9.0.77", 0,
           " 1?: [LOCALHOST]                      pmtu 1500\n"
           " 1:  10.1.0.2                                              1.000ms \n"
           " 2:  10.1.0.2                                              1.000ms pmtu 1400\n"
           " 2:  no reply\n"
           "     Too many hops: pmtu 1400\n"
           "     Resume: pmtu 1400 \n"},
          {"tracepath -n -m 1 10.9.0.77", 0,
           " 1?: [LOCALHOST]                      pmtu 1400\n"
           " 1:  10.1.0.2                                              1.000ms \n"
           "     Too many hops: pmtu 1400\n"
           "     Resume: pmtu 1400 \n"});
    stop();
}

/* ---- errors as a stranger may make them ---- */

struct said {
    const char *what;
    bool v6;
    u32 mtu, length; /* that it says; of the packet that it quotes */
    u16 sport;       /* whose it was: ours is 4000 */
    const char *src; /* NULL: ours */
    const char *sysctl;
    u32 learnt; /* 0: nothing */
    bool locked;
};

static const struct said errors[] = {
    {"as it is", false, 1300, 1500, 4000, NULL, NULL, 1300, false},
    {"as it is", true, 1300, 1500, 4000, NULL, NULL, 1300, false},
    {"of no endpoint", false, 1300, 1500, 4001, NULL, NULL, 0, false},
    {"of no endpoint", true, 1300, 1500, 4001, NULL, NULL, 0, false},
    {"of another machine", false, 1300, 1500, 4000, "10.1.0.9", NULL, 0, false},
    {"of another machine", true, 1300, 1500, 4000, "2001:db8::9", NULL, 0, false},
    {"about one that fits", false, 1300, 1300, 4000, NULL, NULL, 0, false},
    {"about one that fits", true, 1300, 1300, 4000, NULL, NULL, 0, false},
    {"more than the link's", false, 1600, 2000, 4000, NULL, NULL, 0, false},
    {"less than the least", false, 100, 1500, 4000, NULL, NULL, 552, true},
    {"less than the least", true, 1279, 1500, 4000, NULL, NULL, 0, false},
    {"not said", false, 0, 1500, 4000, NULL, NULL, 1492, false},
    {"not said", false, 0, 1492, 4000, NULL, NULL, 1006, false},
    {"not said", true, 0, 1500, 4000, NULL, NULL, 0, false},
    {"another least", false, 100, 1500, 4000, NULL, "net.ipv4.route.min_pmtu=90", 100, false},
    {"off 1", false, 1300, 1500, 4000, NULL, "net.ipv4.ip_no_pmtu_disc=1", 552, true},
    {"off 2", false, 1300, 1500, 4000, NULL, "net.ipv4.ip_no_pmtu_disc=2", 0, false},
    {"off 3", false, 1300, 1500, 4000, NULL, "net.ipv4.ip_no_pmtu_disc=3", 0, false},
};

static u32 quote4(u8 *p, const struct said *s, const struct ipaddr *src)
{
    struct ip4_hdr h = {.ver_ihl = 0x45,
                        .len = be16_of((u16)s->length),
                        .frag = be16_of(IP4_DF),
                        .ttl = 60,
                        .proto = IP_UDP,
                        .dst = {10, 9, 0, 77}};
    memcpy(h.src, src->b + ADDR4_AT, 4);
    memcpy(p, &h, sizeof(h));
    return sizeof(h);
}

static u32 quote6(u8 *p, const struct said *s, const struct ipaddr *src)
{
    struct ip6_hdr h = {.ver_class_flow = be32_of(6u << 28),
                        .payload = be16_of((u16)(s->length - IP6_HLEN)),
                        .next = IP_UDP,
                        .hops = 60,
                        .src = *src,
                        .dst = sock_rig_ip("2001:db8:9::77")};
    memcpy(p, &h, sizeof(h));
    return sizeof(h);
}

static void hear(const struct said *s)
{
    u8 icmp[200] = {0};
    struct ipaddr src = sock_rig_ip(s->src ? s->src : s->v6 ? "2001:db8::1" : "10.1.0.1");
    icmp[0] = s->v6 ? ICMP6_TOO_BIG : ICMP_UNREACH;
    icmp[1] = s->v6 ? 0 : 4;
    store_be32(icmp + 4, s->mtu);
    u32 n = 8 + (s->v6 ? quote6(icmp + 8, s, &src) : quote4(icmp + 8, s, &src));
    store_be16(icmp + n, s->sport);
    store_be16(icmp + n + 2, 53);
    sock_rig_icmp(s->v6 ? "2001:db8::2" : "10.1.0.2", s->v6 ? "2001:db8::1" : "10.1.0.1", 64, icmp, n + 8);
}

static void read_learnt(const struct exception *e, void *arg)
{
    *(struct route_key *)arg = e->route.key;
}

TEST(pmtu_errors_are_checked)
{
    for (u32 i = 0; i < ARRAY_LEN(errors); i++) {
        const struct said *s = &errors[i];
        struct sock_how how = {.kind = SOCK_UDP, .port = 4000};
        struct route_key key = {0};
        struct sock *k;
        char set[100];
        start();
        CHECK_EQ(sock_open(R.net[0], &how, &k), 0);
        fmt(set, sizeof(set), "sysctl -qw %s", s->sysctl ? s->sysctl : "net.ipv4.ip_no_pmtu_disc=0");
        CHECK_EQ(typed(R.net[0], set), 0);
        hear(s);
        exception_walk(R.net[0], s->v6, read_learnt, &key);
        if (key.metrics[METRIC_MTU] != s->learnt || !!key.locked != s->locked)
            test_failed(__FILE__, __LINE__, "%s, IPv%u: %u", s->what, s->v6 ? 6 : 4, key.metrics[METRIC_MTU]);
        sock_close(k);
        stop();
    }
}

/* It falls, and does not rise; a route's that is locked is its own. */
TEST(pmtu_only_falls)
{
    static const struct said less = {"", false, 1200, 1500, 4000, NULL, NULL, 0, false},
                             more = {"", false, 1300, 1500, 4000, NULL, NULL, 0, false};
    struct sock_how how = {.kind = SOCK_UDP, .port = 4000};
    struct sock *k;
    start();
    CHECK_EQ(sock_open(R.net[0], &how, &k), 0);
    hear(&more);
    hear(&less);
    hear(&more);
    TYPED(R.net[0],
          {"ip route get 10.9.0.77", 0,
           "10.9.0.77 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n    cache expires 600sec mtu 1200 \n"},
          {"ip route replace 10.9.0.0/16 via 10.1.0.2 mtu 1450", 0, ""},
          {"ip route get 10.9.0.77", 0, "10.9.0.77 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n    cache mtu 1450 \n"},
          {"ip route show cache", 0, ""}, {"ip route replace 10.9.0.0/16 via 10.1.0.2 mtu lock 1450", 0, ""});
    hear(&less);
    TYPED(R.net[0],
          {"ip route get 10.9.0.77", 0,
           "10.9.0.77 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n    cache mtu lock 1450 \n"},
          {"ip route replace 10.9.0.0/16 via 10.1.0.2", 0, ""});
    hear(&less);
    CHECK_EQ(exception_count(R.net[0]), 2); /* the first route's is found no more */
    TYPED(R.net[0], {"sysctl -w net.ipv4.route.flush=1", 0, NULL}, {"ip route show cache", 0, ""});
    CHECK_EQ(exception_count(R.net[0]), 0);
    hear(&less);
    TYPED(R.net[0], {"ip link set eth0 down", 0, ""});
    CHECK_EQ(exception_count(R.net[0]), 0);
    sock_close(k);
    stop();
}

TEST(pmtu_bound)
{
    struct fib_flow flow = {.src = ipaddr_of4(0, 0, 0, 0), .dst = ipaddr_of4(10, 9, 0, 1)};
    struct fib_result r;
    start();
    softirq_off();
    CHECK_EQ(fib_lookup(R.net[0], IP_V4, &flow, &r), 0);
    for (u32 i = 0; i < EXCEPTIONS_MOST + 10; i++) {
        struct ipaddr dst = ipaddr_of4(10, 9, (u8)(i >> 8), (u8)i);
        exception_mtu(R.net[0], r.hop, &dst, 1300, false, clock_ns() + NS_PER_S);
    }
    CHECK_EQ(exception_count(R.net[0]), EXCEPTIONS_MOST);
    for (u32 i = 0; i < 20; i++) {
        struct ipaddr dst = ipaddr_of4(10, 9, 0, (u8)i);
        CHECK_EQ(exception_find(R.net[0], r.hop, &dst) != NULL, i >= 10);
    }
    struct ipaddr dst = ipaddr_of4(10, 9, 0, 15);
    CHECK_EQ(hop_mtu(exception_hop(R.net[0], r.hop, &dst)), 1300);
    softirq_on();
    host_clock_advance(2 * NS_PER_S);
    softirq_off();
    CHECK_EQ(exception_hop(R.net[0], r.hop, &dst) == r.hop, true); /* its time is over */
    CHECK_EQ(exception_count(R.net[0]), EXCEPTIONS_MOST - 1);
    softirq_on();
    stop();
}

TEST(pmtu_plateaus)
{
    static const u16 table[][2] = {{65535, 32000}, {32000, 17914}, {1500, 1492}, {1492, 1006},
                                   {576, 508},     {297, 296},     {296, 68},    {20, 68}};
    for (u32 i = 0; i < ARRAY_LEN(table); i++)
        CHECK_EQ(pmtu_plateau(table[i][0]), table[i][1]);
}

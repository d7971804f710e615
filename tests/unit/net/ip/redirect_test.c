/* Redirects: when a router sends them, how often, how they look; when a host believes one, and what it does then. */
#include "host/host.h"
#include "lib/string.h"
#include "net/ip/exception.h"
#include "net/ip/header.h"
#include "net/wire/icmp.h"
#include "net/wire/ndp.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/net/ip/ip_rig.h"
#include "tests/unit/net/sock/sock_rig.h"

#define R sock_rig

/* ---- sent ---- */

struct hint {
    const char *what;
    bool v6;
    const char *how;          /* typed first */
    const char *route, *via;  /* of eth0, where the packet comes in */
    const char *source_route; /* NULL: its sender is on the link */
    bool sent;
};

static const struct hint hints[] = {
    {"a nearer gateway", false, "", "10.2.0.2/32", "10.1.0.9", NULL, true},
    {"a nearer gateway", true, "", "2001:db8:1::2/128", "fe80::9", NULL, true},
    {"on the link itself", false, "", "10.2.0.2/32", NULL, NULL, true},
    {"on the link itself", true, "", "2001:db8:1::2/128", NULL, NULL, true},
    {"off for one", false, "sysctl -qw net.ipv4.conf.eth0.send_redirects=0", "10.2.0.2/32", "10.1.0.9", NULL, true},
    {"off for all", false, "sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0",
     "10.2.0.2/32", "10.1.0.9", NULL, false},
    {"a sender behind a router", false, "", "10.2.0.2/32", "10.1.0.9", "10.1.0.2/32", false},
    {"a sender behind a router", true, "", "2001:db8:1::2/128", "fe80::9", "2001:db8::2/128", false},
    {"another net of the medium", false, "ip addr add 10.5.0.1/24 dev eth0", "10.2.0.2/32", "10.5.0.9", NULL, true},
    {"another net, nothing shared", false,
     "ip addr add 10.5.0.1/24 dev eth0; sysctl -qw net.ipv4.conf.all.shared_media=0 net.ipv4.conf.eth0.shared_media=0",
     "10.2.0.2/32", "10.5.0.9", NULL, false},
    {"the same net, nothing shared", false,
     "sysctl -qw net.ipv4.conf.all.shared_media=0 net.ipv4.conf.eth0.shared_media=0", "10.2.0.2/32", "10.1.0.9", NULL,
     true},
    {"a router by its global address", true, "", "2001:db8:1::2/128", "2001:db8::9", NULL, false},
};

/* The frames that left by eth0: *at is of the redirect, ~0: there was none; how many others. */
static u32 find_redirect(bool v6, u32 *at)
{
    u32 others = 0;
    *at = ~0u;
    for (u32 i = 0; i < rig.a->sent_n; i++) {
        ip_rig_out(rig.a, i);
        const u8 *ip = rig.frame + ETH_HLEN;
        bool is = v6 ? ip[6] == IP_ICMP6 && ip[40] == NDP_REDIRECT : ip[9] == IP_ICMP && ip[20] == ICMP_REDIRECT;
        if (is)
            *at = i;
        others += !is;
    }
    return others;
}

static void begin(const struct hint *h)
{
    ip_rig_start();
    ip_rig_neigh(rig.a->dev, "10.1.0.9", 9);
    ip_rig_neigh(rig.a->dev, "10.5.0.9", 9);
    ip_rig_neigh(rig.a->dev, "10.2.0.2", 9);
    ip_rig_neigh(rig.a->dev, "fe80::9", 9);
    ip_rig_neigh(rig.a->dev, "2001:db8::9", 9);
    ip_rig_neigh(rig.a->dev, "2001:db8:1::2", 9);
    if (*h->how)
        CHECK_EQ(typed(rig.net, h->how), 0);
    CHECK_EQ(ip_rig_route(TABLE_MAIN, h->route, ROUTE_UNICAST, h->via, rig.a->dev), 0);
    if (h->source_route)
        CHECK_EQ(ip_rig_route(TABLE_MAIN, h->source_route, ROUTE_UNICAST, h->v6 ? "fe80::9" : "10.1.0.9", rig.a->dev),
                 0);
    host_run();
    ip_rig_clear();
}

TEST(redirect_sent)
{
    for (u32 i = 0; i < ARRAY_LEN(hints); i++) {
        const struct hint *h = &hints[i];
        u32 at;
        begin(h);
        ip_rig_send(rig.a, &(struct packet){.v6 = h->v6, .udp = true, .src = 2, .dst = 2, .payload = 60});
        u32 others = find_redirect(h->v6, &at);
        if (others != 1 || (at != ~0u) != h->sent)
            test_failed(__FILE__, __LINE__, "%s, IPv%u: %u, %d", h->what, h->v6 ? 6 : 4, others, (int)at);
        ip_rig_end();
    }
}

TEST(redirect_looks)
{
    u32 at;
    begin(&hints[0]);
    struct packet p = {.udp = true, .src = 2, .dst = 2, .payload = 60};
    u32 n = ip_rig_build(&p);
    u8 sent[200];
    memcpy(sent, rig.frame, n);
    fake_dev_arrive(rig.a, rig.frame, n, 0);
    host_run();
    find_redirect(false, &at);
    CHECK_EQ(ip_rig_out(rig.a, at), ETH_HLEN + IP4_HLEN + 8 + n - ETH_HLEN);
    const u8 *ip = rig.frame + ETH_HLEN;
    CHECK_EQ(memcmp(ip + 12, "\x0a\x01\0\x01\x0a\x01\0\x02\x05\x01", 10), 0); /* by the address on that link */
    CHECK_EQ(memcmp(ip + 24, "\x0a\x01\0\x09", 4), 0);
    CHECK_EQ(memcmp(ip + 28 + 12, sent + ETH_HLEN + 12, n - ETH_HLEN - 12), 0);
    CHECK(!csum_fold(csum_bytes(ip + 20, 8 + n - ETH_HLEN)).raw);
    ip_rig_end();

    begin(&hints[1]);
    p.v6 = true;
    n = ip_rig_build(&p);
    memcpy(sent, rig.frame, n);
    fake_dev_arrive(rig.a, rig.frame, n, 0);
    host_run();
    find_redirect(true, &at);
    u32 quoted = (n - ETH_HLEN) & ~7u;
    CHECK_EQ(ip_rig_out(rig.a, at), ETH_HLEN + IP6_HLEN + 40 + 8 + 8 + quoted);
    ip = rig.frame + ETH_HLEN;
    CHECK_EQ(ip[7], 255);
    CHECK_EQ(memcmp(ip + 8, "\xfe\x80", 2), 0);
    CHECK_EQ(memcmp(ip + 24, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02", 16), 0);
    CHECK_EQ(memcmp(ip + 48, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x09", 16), 0);
    CHECK_EQ(memcmp(ip + 64, "\x20\x01\x0d\xb8\0\x01\0\0\0\0\0\0\0\0\0\x02", 16), 0);
    CHECK_EQ(memcmp(ip + 80, "\x02\x01\x02\0\0\0\0\x09", 8), 0); /* the router's MAC address */
    CHECK_EQ(ip[88], NDP_OPT_REDIRECTED);
    CHECK_EQ(ip[89], 1 + quoted / 8);
    CHECK_EQ(memcmp(ip + 96 + 8, sent + ETH_HLEN + 8, quoted - 8), 0);
    ip_rig_end();
}

/* A large packet is quoted in part: 576 and 1280 bytes at most. */
TEST(redirect_quotes_no_more)
{
    for (unsigned v6 = 0; v6 < 2; v6++) {
        u32 at;
        begin(&hints[v6]);
        ip_rig_send(rig.a, &(struct packet){.v6 = v6, .udp = true, .src = 2, .dst = 2, .payload = 1400});
        find_redirect(v6, &at);
        CHECK_EQ(ip_rig_out(rig.a, at), ETH_HLEN + (v6 ? 1280 : 576));
        ip_rig_end();
    }
}

/* Up to 9, after 20, 40, 80 ... ms; and anew after 20.48 s of silence. */
TEST(redirect_is_limited)
{
    for (unsigned v6 = 0; v6 < 2; v6++) {
        u32 n = 0, at;
        begin(&hints[v6]);
        for (u32 ms = 0; ms < 30000; ms += 10) {
            ip_rig_send(rig.a, &(struct packet){.v6 = v6, .udp = true, .src = 2, .dst = 2, .payload = 60});
            find_redirect(v6, &at);
            n += at != ~0u;
            CHECK_EQ(n, ms < 50 ? 1 : ms < 140 ? 2 : ms < 310 ? 3 : n);
            ip_rig_clear();
            host_clock_advance(10 * NS_PER_MS);
        }
        CHECK_EQ(n, 9);
        host_clock_advance(20481 * NS_PER_MS);
        ip_rig_send(rig.a, &(struct packet){.v6 = v6, .udp = true, .src = 2, .dst = 2, .payload = 60});
        find_redirect(v6, &at);
        CHECK(at != ~0u);
        ip_rig_end();
    }
}

/* ---- heard ---- */

/* There is a router that has a nearer one, .3, who is known. */
static void start(void)
{
    sock_rig_start(true);
    sock_rig_route(0, "10.9.0.0/16", "10.1.0.2");
    TYPED(R.net[1], {"sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1", 0, NULL},
          {"ip addr add fe80::2/64 dev eth0 nodad", 0, ""},
          {"ip route add 10.9.0.0/16 via 10.1.0.3; ip -6 route add 2001:db8:9::/64 via fe80::3 dev eth0", 0, ""},
          {"ip neigh add 10.1.0.3 lladdr 02:00:00:00:00:03 dev eth0; ip neigh add fe80::3 lladdr 02:00:00:00:00:03 dev "
           "eth0",
           0, ""});
    TYPED(R.net[0], {"ip -6 route add 2001:db8:9::/64 via fe80::2 dev eth0", 0, ""});
    host_clock_advance(5 * NS_PER_S);
}

static void stop(void)
{
    host_clock_advance(60 * NS_PER_S);
    sock_rig_end();
}

TEST(redirect_from_end_to_end)
{
    start();
    typed(R.net[0], "ping -c 1 -W 1 10.9.0.5");
    typed(R.net[0], "ping -c 1 -W 1 2001:db8:9::5");
    host_clock_advance(NS_PER_S);
    TYPED(R.net[0],
          {"ip route get 10.9.0.5", 0,
           "10.9.0.5 via 10.1.0.3 dev eth0 src 10.1.0.1 uid 0 \n    cache <redirected> expires 297sec \n"},
          {"ip route show cache", 0, "10.9.0.5 via 10.1.0.3 dev eth0 \n    cache <redirected> expires 297sec \n"},
          {"ip -6 route show cache", 0,
           "2001:db8:9::5 via fe80::3 dev eth0 proto redirect metric 1024 expires 298sec pref medium\n"},
          {"ip neigh show fe80::3", 0, "fe80::3 dev eth0 lladdr 02:00:00:00:00:03 router STALE \n"},
          {"ip route get 10.9.0.6", 0, "10.9.0.6 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n    cache \n"},
          {"ping -c 1 -W 1 10.9.0.5", 1, NULL});
    host_clock_advance(5 * NS_PER_S); /* nobody is .3: back to the gateway that answers */
    TYPED(R.net[0], {"ping -c 1 -W 1 10.9.0.5", 1, NULL});
    TYPED(R.net[1], {"sysctl -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0", 0, NULL});
    u32 had = R.frames[0];
    TYPED(R.net[0], {"ping -c 1 -W 1 10.9.0.5", 1, NULL});
    CHECK(R.frames[0] > had);
    host_clock_advance(300 * NS_PER_S);
    TYPED(R.net[0], {"ip route show cache", 0, ""}, {"ip -6 route show cache", 0, ""});
    stop();
}

struct word {
    const char *what;
    bool v6;
    const char *how; /* typed first */
    const char *by, *to, *dst, *src;
    u8 hops;
    bool believed;
};

#define OFF4   "sysctl -qw net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.eth0.accept_redirects=0"
#define MEDIUM "sysctl -qw net.ipv4.conf.all.shared_media=0 net.ipv4.conf.eth0.shared_media=0"
#define SECURE "; sysctl -qw net.ipv4.conf.all.secure_redirects=0 net.ipv4.conf.eth0.secure_redirects=0"

static const struct word words[] = {
    {"as it should be", false, "", "10.1.0.2", "10.1.0.3", "10.9.0.5", "10.1.0.1", 64, true},
    {"as it should be", true, "", "fe80::2", "fe80::3", "2001:db8:9::5", "2001:db8::1", 255, true},
    {"on the link", false, "", "10.1.0.2", "10.9.0.5", "10.9.0.5", "10.1.0.1", 64, true},
    {"on the link", true, "", "fe80::2", "2001:db8:9::5", "2001:db8:9::5", "2001:db8::1", 255, true},
    {"not from its gateway", false, "", "10.1.0.9", "10.1.0.3", "10.9.0.5", "10.1.0.1", 64, false},
    {"not from its gateway", true, "", "fe80::9", "fe80::3", "2001:db8:9::5", "2001:db8::1", 255, false},
    {"about another's packet", false, "", "10.1.0.2", "10.1.0.3", "10.9.0.5", "10.1.0.8", 64, false},
    {"about another's packet", true, "", "fe80::2", "fe80::3", "2001:db8:9::5", "2001:db8::8", 255, false},
    {"to itself", false, "", "10.1.0.2", "10.1.0.2", "10.9.0.5", "10.1.0.1", 64, false},
    {"to us", false, "", "10.1.0.2", "10.1.0.1", "10.9.0.5", "10.1.0.1", 64, false},
    {"to all", false, "", "10.1.0.2", "255.255.255.255", "10.9.0.5", "10.1.0.1", 64, false},
    {"to many", false, "", "10.1.0.2", "224.0.0.5", "10.9.0.5", "10.1.0.1", 64, false},
    {"to nobody", false, "", "10.1.0.2", "0.0.0.0", "10.9.0.5", "10.1.0.1", 64, false},
    {"to a global address", true, "", "fe80::2", "2001:db8::3", "2001:db8:9::5", "2001:db8::1", 255, false},
    {"over a router", true, "", "fe80::2", "fe80::3", "2001:db8:9::5", "2001:db8::1", 254, false},
    {"off", false, OFF4, "10.1.0.2", "10.1.0.3", "10.9.0.5", "10.1.0.1", 64, false},
    {"off for one", false, "sysctl -qw net.ipv4.conf.eth0.accept_redirects=0", "10.1.0.2", "10.1.0.3", "10.9.0.5",
     "10.1.0.1", 64, true},
    {"off", true, "sysctl -qw net.ipv6.conf.eth0.accept_redirects=0", "fe80::2", "fe80::3", "2001:db8:9::5",
     "2001:db8::1", 255, false},
    {"by a router", false, "sysctl -qw net.ipv4.ip_forward=1", "10.1.0.2", "10.1.0.3", "10.9.0.5", "10.1.0.1", 64,
     false},
    {"by a router", true, "sysctl -qw net.ipv6.conf.all.forwarding=1", "fe80::2", "fe80::3", "2001:db8:9::5",
     "2001:db8::1", 255, false},
    {"another net", false, "ip route add 10.7.0.0/24 dev eth0", "10.1.0.2", "10.7.0.3", "10.9.0.5", "10.1.0.1", 64,
     true},
    {"another net, not shared", false, "ip route add 10.7.0.0/24 dev eth0; " MEDIUM SECURE, "10.1.0.2", "10.7.0.3",
     "10.9.0.5", "10.1.0.1", 64, false},
    {"no route's gateway", false, MEDIUM, "10.1.0.2", "10.1.0.3", "10.9.0.5", "10.1.0.1", 64, false},
    {"a route's gateway", false, MEDIUM "; ip route add 10.66.0.0/16 via 10.1.0.3", "10.1.0.2", "10.1.0.3", "10.9.0.5",
     "10.1.0.1", 64, true},
    {"nothing secured", false, MEDIUM SECURE, "10.1.0.2", "10.1.0.3", "10.9.0.5", "10.1.0.1", 64, true},
};

static u32 quote(u8 *p, const struct word *w)
{
    struct ipaddr src = sock_rig_ip(w->src), dst = sock_rig_ip(w->dst);
    struct ip4_hdr h4 = {.ver_ihl = 0x45, .len = be16_of(48), .ttl = 60, .proto = IP_UDP};
    struct ip6_hdr h6 = {
        .ver_class_flow = be32_of(6u << 28), .payload = be16_of(8), .next = IP_UDP, .hops = 60, .src = src, .dst = dst};
    memcpy(h4.src, src.b + ADDR4_AT, 4);
    memcpy(h4.dst, dst.b + ADDR4_AT, 4);
    memcpy(p, w->v6 ? (void *)&h6 : (void *)&h4, w->v6 ? IP6_HLEN : IP4_HLEN);
    return (w->v6 ? IP6_HLEN : IP4_HLEN) + 8;
}

static void hear(const struct word *w)
{
    u8 m[200] = {0};
    struct ipaddr to = sock_rig_ip(w->to), dst = sock_rig_ip(w->dst);
    u32 n;
    if (w->v6) {
        struct ndp_redirect r = {.type = NDP_REDIRECT, .target = to, .dst = dst};
        memcpy(m, &r, sizeof(r));
        m[40] = NDP_OPT_REDIRECTED;
        m[41] = 7;
        n = 48 + quote(m + 48, w);
    } else {
        m[0] = ICMP_REDIRECT;
        m[1] = 1;
        memcpy(m + 4, to.b + ADDR4_AT, 4);
        n = 8 + quote(m + 8, w);
    }
    sock_rig_icmp(w->by, w->v6 ? "2001:db8::1" : "10.1.0.1", w->hops, m, n);
}

static void read_via(const struct exception *e, void *arg)
{
    *(struct ipaddr *)arg = e->route.hop[0].via;
}

TEST(redirect_heard)
{
    for (u32 i = 0; i < ARRAY_LEN(words); i++) {
        const struct word *w = &words[i];
        struct ipaddr via = {{1}}, to = sock_rig_ip(w->to), dst = sock_rig_ip(w->dst);
        start();
        if (*w->how)
            CHECK_EQ(typed(R.net[0], w->how), 0);
        hear(w);
        exception_walk(R.net[0], w->v6, read_via, &via);
        bool is = exception_count(R.net[0]) == 1 && (addr_eq(&to, &dst) ? addr_is_any(&via) : addr_eq(&via, &to));
        if (is != w->believed || (!is && exception_count(R.net[0])))
            test_failed(__FILE__, __LINE__, "%s, IPv%u: %d", w->what, w->v6 ? 6 : 4, is);
        stop();
    }
}

/* Who was told of by a gateway is the gateway then, and may tell of another; an MTU that is known stays. */
TEST(redirect_on_and_on)
{
    struct word first = words[0], second = first;
    start();
    hear(&first);
    second.to = "10.1.0.4";
    hear(&second); /* .2 is the gateway no more */
    TYPED(R.net[0], {"ip route get 10.9.0.5", 0,
                     "10.9.0.5 via 10.1.0.3 dev eth0 src 10.1.0.1 uid 0 \n    cache <redirected> expires 300sec \n"});
    second.by = "10.1.0.3";
    hear(&second);
    softirq_off();
    struct fib_flow flow = {.src = ipaddr_of4(0, 0, 0, 0), .dst = ipaddr_of4(10, 9, 0, 5)};
    struct fib_result r;
    CHECK_EQ(fib_lookup(R.net[0], IP_V4, &flow, &r), 0);
    exception_mtu(R.net[0], r.hop, &flow.dst, 1300, false, clock_ns() + 400 * NS_PER_S);
    softirq_on();
    TYPED(R.net[0],
          {"ip route get 10.9.0.5", 0,
           "10.9.0.5 via 10.1.0.4 dev eth0 src 10.1.0.1 uid 0 \n    cache <redirected> expires 400sec mtu 1300 \n"});
    host_clock_advance(301 * NS_PER_S);
    TYPED(R.net[0], {"ip route get 10.9.0.5", 0,
                     "10.9.0.5 via 10.1.0.2 dev eth0 src 10.1.0.1 uid 0 \n    cache expires 99sec mtu 1300 \n"});
    stop();
}

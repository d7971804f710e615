/* What routers advertise: heeded, aged, bounded. Station 2, fe80::2, is a router; eth0 makes 2001:db8:1::ff:fe00:1. */
#include "net/ip/slaac_part.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/file.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/ip/rule.h"
#include "net/skb/drop.h"
#include "net/wire/ip6.h"
#include "net/wire/ndp.h"
#include "tests/unit/net/ip/lan.h"

#define MADE "2001:db8:1::ff:fe00:1"

struct ra { /* an advertisement in the making */
    u8 b[1400];
    u32 n;
};

static void ra_start(struct ra *r, u16 lifetime, u8 flags)
{
    struct ndp_ra h = {.type = NDP_RA, .flags = flags, .lifetime = be16_of(lifetime)};
    memcpy(r->b, &h, sizeof(h));
    r->n = sizeof(h);
}

static void put(struct ra *r, const void *p, u32 n)
{
    memcpy(r->b + r->n, p, n);
    r->n += n;
}

static void put_prefix(struct ra *r, const char *prefix, u8 bits, u8 flags, u32 valid, u32 preferred)
{
    struct ndp_prefix o = {NDP_OPT_PREFIX, 4, bits, flags, be32_of(valid), be32_of(preferred), {0}, lan_addr(prefix)};
    put(r, &o, sizeof(o));
}

static void put_route(struct ra *r, const char *prefix, u8 bits, u8 flags, u32 lifetime)
{
    struct ndp_route o = {NDP_OPT_ROUTE, 3, bits, flags, be32_of(lifetime)};
    struct ipaddr a = lan_addr(prefix);
    put(r, &o, sizeof(o));
    put(r, &a, 16);
}

static void ra_from(struct lan *l, struct ra *r, const char *router)
{
    struct macaddr two = lan_mac(2);
    lan_icmp6(l, &two, router, "ff02::1", r->b, r->n, 255);
}

static void begin(struct lan *l)
{
    lan_start(l);
    lan_wait(l, 3000);
    lan_forget(l);
}

static struct ifaddr *made(struct lan *l, const char *text)
{
    struct ipaddr a = lan_addr(text);
    return ifaddr_find(l->dev, &a, -1);
}

/* Where to? The gateway, "::" on the link, NULL nowhere. */
static const struct ipaddr *way(struct lan *l, const char *dst, struct fib_result *r)
{
    struct fib_flow f = {.dst = lan_addr(dst)};
    return fib_lookup(l->net, IP_V6, &f, r) || !r->hop ? NULL : &r->hop->via;
}

static bool goes_over(struct lan *l, const char *dst, const char *gateway)
{
    struct fib_result r;
    const struct ipaddr *via = way(l, dst, &r);
    struct ipaddr want = lan_addr(gateway ? gateway : "::");
    return gateway ? via && addr_eq(via, &want) : !via;
}

static void usual(struct lan *l)
{
    struct ra r;
    ra_start(&r, 1800, 0);
    put_prefix(&r, "2001:db8:1::", 64, NDP_PREFIX_ONLINK | NDP_PREFIX_AUTO, 86400, 14400);
    ra_from(l, &r, "fe80::2");
}

TEST(slaac_makes_an_address_and_routes)
{
    struct lan l;
    begin(&l);
    usual(&l);
    struct ifaddr *a = made(&l, MADE);
    CHECK(a && a->proto == IFAPROT_RA && !(a->flags & IFA_PERMANENT));
    CHECK(goes_over(&l, "2001:db8:9::1", "fe80::2"));
    CHECK(goes_over(&l, "2001:db8:1::5", "::"));
    struct fib_result r;
    way(&l, "2001:db8:9::1", &r);
    CHECK_EQ(r.route->key.proto, PROTO_RA);
    CHECK_EQ(r.route->key.metric, 1024);
    lan_wait(&l, 1800 * 1000);
    CHECK(goes_over(&l, "2001:db8:9::1", NULL)); /* the router's time is over */
    CHECK(goes_over(&l, "2001:db8:1::5", "::"));
    lan_wait(&l, (14400 - 1800) * 1000);
    CHECK(made(&l, MADE)->flags & IFA_DEPRECATED);
    usual(&l);
    CHECK(!(made(&l, MADE)->flags & IFA_DEPRECATED));
    lan_wait(&l, 86401ull * 1000);
    CHECK(!made(&l, MADE));
    CHECK(goes_over(&l, "2001:db8:1::5", NULL));
    lan_end(&l);
}

TEST(slaac_router_says_goodbye)
{
    struct lan l;
    struct ra r;
    begin(&l);
    usual(&l);
    ra_start(&r, 0, 0);
    ra_from(&l, &r, "fe80::2");
    CHECK(goes_over(&l, "2001:db8:9::1", NULL));
    CHECK(made(&l, MADE) != NULL);
    lan_end(&l);
}

/* RFC 4862 5.5.3 e: what is said, what was left, what is then (s). */
TEST(slaac_two_hours)
{
    static const struct {
        u32 left, said, then;
    } t[] = {{86400, 100000, 100000}, {86400, 8000, 8000}, {86400, 600, 7200}, {86400, 0, 7200},
             {5000, 600, 5000},       {5000, 6000, 6000},  {7200, 10, 7200}};
    for (u32 i = 0; i < ARRAY_LEN(t); i++) {
        struct lan l;
        struct ra r;
        begin(&l);
        for (u32 k = 0; k < 2; k++) {
            u32 valid = k ? t[i].said : t[i].left;
            ra_start(&r, 0, 0);
            put_prefix(&r, "2001:db8:1::", 64, NDP_PREFIX_AUTO, valid, min(valid, 100u));
            ra_from(&l, &r, "fe80::2");
        }
        struct ifaddr *a = made(&l, MADE);
        CHECK(a != NULL);
        if (a && a->valid_until != clock_ns() + t[i].then * NS_PER_S)
            test_failed(__FILE__, __LINE__, "case %u: %llu s", i,
                        (unsigned long long)((a->valid_until - clock_ns()) / NS_PER_S));
        lan_end(&l);
    }
}

TEST(slaac_heeds_no_such_prefix)
{
    static const struct {
        const char *prefix;
        u8 bits;
        u32 valid, preferred;
    } t[] = {{"fe80::", 64, 86400, 14400},
             {"ff05::", 64, 86400, 14400},
             {"2001:db8:1::", 64, 100, 200},
             {"2001:db8:1::", 129, 200, 100},
             {"2001:db8:1::", 56, 200, 100}};
    struct lan l;
    begin(&l);
    for (u32 i = 0; i < ARRAY_LEN(t); i++) {
        struct ra r;
        ra_start(&r, 0, 0);
        put_prefix(&r, t[i].prefix, t[i].bits, NDP_PREFIX_AUTO, t[i].valid, t[i].preferred);
        ra_from(&l, &r, "fe80::2");
        CHECK(!ifaddr_next(ifaddr_first(l.dev, &ip_v6))); /* its link-local one alone */
    }
    lan_end(&l);
}

TEST(slaac_heeds_no_such_message)
{
    struct lan l;
    struct macaddr two = lan_mac(2);
    struct ra r;
    begin(&l);
    for (u32 i = 0; i < 6; i++) {
        ra_start(&r, 1800, 0);
        r.b[1] = i == 1;
        if (i == 2) /* an option of no length */
            put(&r, "\5\0\0\0\0\0\0\0", 8);
        if (i == 3)
            r.n -= 1;
        if (i == 5)
            lan_set(&l, "net.ipv6.conf.eth0.accept_ra", "0");
        lan_icmp6(&l, &two, i == 4 ? "2001:db8::2" : "fe80::2", "ff02::1", r.b, r.n, i ? 255 : 64);
        CHECK(goes_over(&l, "2001:db8:9::1", NULL));
    }
    lan_set(&l, "net.ipv6.conf.eth0.accept_ra", "1");
    lan_set(&l, "net.ipv6.conf.all.forwarding", "1");
    usual(&l);
    CHECK(goes_over(&l, "2001:db8:9::1", NULL));
    lan_set(&l, "net.ipv6.conf.eth0.accept_ra", "2");
    usual(&l);
    CHECK(goes_over(&l, "2001:db8:9::1", "fe80::2"));
    lan_set(&l, "net.ipv6.conf.eth0.accept_ra", "1"); /* it is a router, and none of a router's guests */
    host_run();
    CHECK(goes_over(&l, "2001:db8:9::1", NULL));
    lan_end(&l);
}

TEST(slaac_prefers)
{
    struct lan l;
    struct ra r;
    begin(&l);
    ra_start(&r, 1800, NDP_PREF_LOW << 3);
    ra_from(&l, &r, "fe80::2");
    CHECK(goes_over(&l, "2001:db8:9::1", "fe80::2"));
    ra_start(&r, 1800, 0);
    ra_from(&l, &r, "fe80::3");
    CHECK(goes_over(&l, "2001:db8:9::1", "fe80::3"));
    ra_start(&r, 1800, NDP_PREF_HIGH << 3);
    ra_from(&l, &r, "fe80::4");
    CHECK(goes_over(&l, "2001:db8:9::1", "fe80::4"));
    ra_start(&r, 1800, NDP_PREF_LOW << 3); /* it has changed its mind */
    ra_from(&l, &r, "fe80::4");
    CHECK(goes_over(&l, "2001:db8:9::1", "fe80::3"));
    ra_start(&r, 1800, 0);
    put_route(&r, "2001:db8:9::", 48, NDP_PREF_HIGH << 3, 600);
    ra_from(&l, &r, "fe80::5");
    CHECK(goes_over(&l, "2001:db8:9::1", "fe80::3")); /* accept_ra_rt_info_max_plen is 0 */
    lan_set(&l, "net.ipv6.conf.eth0.accept_ra_rt_info_max_plen", "64");
    ra_from(&l, &r, "fe80::5");
    CHECK(goes_over(&l, "2001:db8:9::1", "fe80::5"));
    lan_wait(&l, 600 * 1000 + 1);
    CHECK(goes_over(&l, "2001:db8:9::1", "fe80::3"));
    lan_end(&l);
}

TEST(slaac_takes_mtu_and_times)
{
    struct lan l;
    struct ra r;
    struct fib_result res;
    begin(&l);
    ra_start(&r, 1800, 0);
    struct ndp_ra *h = (struct ndp_ra *)r.b;
    h->hop_limit = 33;
    h->reachable = be32_of(10000);
    h->retrans = be32_of(500);
    struct ndp_mtu mtu = {NDP_OPT_MTU, 1, {0}, be32_of(1400)};
    put(&r, &mtu, sizeof(mtu));
    ra_from(&l, &r, "fe80::2");
    struct ipaddr out = lan_addr("2001:db8:9::1");
    struct macaddr two = lan_mac(2);
    lan_forget(&l);
    lan_ndp(&l, NDP_NA, &two, "fe80::2", "ff02::1", "fe80::2", 0, &two);
    lan_send(&l, &out, 20);
    lan_ndp(&l, NDP_NA, &two, "fe80::2", "fe80::ff:fe00:1", "fe80::2", NDP_NA_SOLICITED, &two);
    while (lan_any(&l) && l.frame[ETH_HLEN + 6] != 253)
        ;
    CHECK_EQ(l.frame[ETH_HLEN + 7], 33);
    CHECK_EQ(l.dev->ip->neigh[IP_V6].base_reachable, 10 * NS_PER_S);
    CHECK_EQ(l.dev->ip->neigh[IP_V6].retrans, 500 * NS_PER_MS);
    way(&l, "2001:db8:9::1", &res);
    CHECK_EQ(hop_mtu(res.hop), 1400);
    static const u32 bad[] = {1279, 1501, 0};
    for (u32 i = 0; i < ARRAY_LEN(bad); i++) {
        mtu.mtu = be32_of(bad[i]);
        r.n -= sizeof(mtu);
        put(&r, &mtu, sizeof(mtu));
        ra_from(&l, &r, "fe80::2");
        way(&l, "2001:db8:9::1", &res);
        CHECK_EQ(hop_mtu(res.hop), 1400);
    }
    lan_end(&l);
}

static u64 counter(struct lan *l, const char *name)
{
    return stats_read(l->net, stats_find(name));
}

/* Whoever advertises without end: bounded, and what was there before stays. */
TEST(slaac_flood)
{
    struct lan l;
    struct ra r;
    char text[64] = "fe80::1:0000", prefix[64] = "2001:db8:0000::";
    static const char hex[] = "0123456789abcdef";
    begin(&l);
    lan_set(&l, "net.ipv6.conf.eth0.accept_ra_rt_info_max_plen", "64");
    usual(&l);
    for (u32 i = 0; i < 3000; i++) {
        for (u32 k = 0; k < 4; k++)
            text[8 + k] = prefix[9 + k] = hex[(i + 256) >> (12 - 4 * k) & 15];
        ra_start(&r, 1800, 0);
        put_prefix(&r, prefix, 64, NDP_PREFIX_ONLINK | NDP_PREFIX_AUTO, 86400, 14400);
        put_route(&r, prefix, 48, 0, 600);
        ra_from(&l, &r, text);
        lan_wait(&l, 32); /* as many as are heeded */
        lan_forget(&l);
    }
    u32 addrs = 0;
    for (struct ifaddr *a = ifaddr_first(l.dev, &ip_v6); a; a = ifaddr_next(a))
        addrs++;
    CHECK_EQ(addrs, 16 + 1);
    CHECK_EQ(l.dev->ip->slaac->routes, SLAAC_ROUTES);
    CHECK(goes_over(&l, "2001:db8:ffff::1", "fe80::2"));
    CHECK(counter(&l, "Ip6.RaTooMany") > 6000);
    CHECK_LE(neigh_count(l.net, IP_V6), 1024);
    lan_end(&l);
}

/* More at once than are heeded. Who has answered as a router is heard all the same, also when he says goodbye. */
TEST(slaac_burst)
{
    struct lan l;
    struct ra r;
    struct macaddr two = lan_mac(2), nine = lan_mac(9);
    struct ipaddr dst = lan_addr("2001:db8:9::1");
    begin(&l);
    usual(&l);
    lan_send(&l, &dst, 20); /* over him: he is asked, and answers */
    lan_wait(&l, 6000);
    lan_ndp(&l, NDP_NA, &two, "fe80::2", "fe80::ff:fe00:1", "fe80::2",
            NDP_NA_SOLICITED | NDP_NA_ROUTER | NDP_NA_OVERRIDE, &two);
    CHECK_EQ(lan_state(&l, "fe80::2"), NUD_REACHABLE);
    ra_start(&r, 1800, 0);
    for (u32 i = 0; i < 100; i++)
        lan_icmp6(&l, &nine, "fe80::9", "ff02::1", r.b, r.n, 255);
    CHECK_EQ(counter(&l, "Ip6.RaHeard"), 1 + 32);
    CHECK_EQ(drop_read(l.net, &l.dev->port, DROP_ICMP_RATE, 0), 68);
    ra_start(&r, 0, 0);
    ra_from(&l, &r, "fe80::2");
    CHECK_EQ(counter(&l, "Ip6.RaHeard"), 2 + 32);
    CHECK(goes_over(&l, "2001:db8:9::1", "fe80::9"));
    lan_wait(&l, 1000);
    for (u32 i = 0; i < 100; i++)
        lan_icmp6(&l, &nine, "fe80::9", "ff02::1", r.b, r.n, 255);
    CHECK_EQ(counter(&l, "Ip6.RaHeard"), 2 + 64);
    lan_end(&l);
}

/* RFC 7559: about 4, 8, 16 ... seconds apart, at most about an hour; none after a router was heard. */
TEST(slaac_solicits_ever_more_rarely)
{
    struct lan l;
    lan_start(&l);
    u64 last = 0, gap = 0;
    for (u32 i = 0; i < 14; i++) {
        while (!lan_next(&l, ETH_IP6, NDP_RS))
            host_clock_advance(100 * NS_PER_MS);
        u64 now = clock_ns(), was = gap;
        gap = now - last;
        last = now;
        if (i == 1)
            CHECK(gap > 3 * NS_PER_S && gap < 5 * NS_PER_S);
        if (i > 1)
            CHECK(gap >= min(was * 8 / 5, 3200 * NS_PER_S) && gap <= min(was * 5 / 2, 4000 * NS_PER_S));
        if (i == 3) { /* settled by then: it tells its MAC address */
            const struct ip6_hdr *h = (const struct ip6_hdr *)(l.frame + ETH_HLEN);
            struct ipaddr all = lan_addr("ff02::2");
            CHECK(addr_eq(&h->dst, &all) && h->hops == 255 && be16_get(h->payload) == 16);
        }
    }
    usual(&l);
    lan_wait(&l, 3 * 3600 * 1000);
    CHECK(!lan_next(&l, ETH_IP6, NDP_RS));
    lan_end(&l);
}

TEST(slaac_temporary)
{
    struct lan l;
    begin(&l);
    lan_set(&l, "net.ipv6.conf.eth0.use_tempaddr", "2");
    lan_set(&l, "net.ipv6.conf.eth0.temp_prefered_lft", "1000");
    lan_set(&l, "net.ipv6.conf.eth0.temp_valid_lft", "3000");
    usual(&l);
    CHECK(made(&l, MADE)->flags & IFA_MANAGETEMP);
    u32 most = 0;
    for (u32 minute = 0; minute < 200; minute++) {
        u32 n = 0, preferred = 0;
        for (struct ifaddr *a = ifaddr_first(l.dev, &ip_v6); a; a = ifaddr_next(a))
            if (a->flags & IFA_SECONDARY) {
                n++;
                preferred += !(a->flags & IFA_DEPRECATED);
                CHECK(a->valid_until <= a->created + 3000 * NS_PER_S);
                CHECK(a->preferred_until <= a->created + 1000 * NS_PER_S);
            }
        most = max(most, n);
        CHECK(preferred == 1 || preferred == 2);
        if (minute % 5 == 0)
            usual(&l);
        lan_wait(&l, 60 * 1000);
        lan_forget(&l);
    }
    CHECK(most >= 3 && most <= 5);
    lan_end(&l);
}

TEST(slaac_dns)
{
    static const u8 search[] = {NDP_OPT_DNSSL, 3,   0,   0,   0, 0,   4,   176, 7, 'e', 'x', 'a',
                                'm',           'p', 'l', 'e', 3, 'o', 'r', 'g', 0, 0,   0,   0};
    static const u8 bad[] = {NDP_OPT_DNSSL, 2, 0, 0, 0, 0, 4, 176, 9, 'e', 'x', 'a', 'm', 'p', 'l', 'e'};
    struct lan l;
    struct ra r;
    char text[512];
    struct out_mem m;
    begin(&l);
    ra_start(&r, 1800, 0);
    struct ndp_dns o = {NDP_OPT_RDNSS, 3, {0}, be32_of(1200)};
    struct ipaddr server = lan_addr("2001:db8::53");
    put(&r, &o, sizeof(o));
    put(&r, &server, 16);
    put(&r, search, sizeof(search));
    put(&r, bad, sizeof(bad));
    ra_from(&l, &r, "fe80::2");
    lan_wait(&l, 5000);
    out_mem_init(&m, text, sizeof(text), false);
    CHECK_EQ(file_read(l.net, "/proc/net/ra_dns", &m.out), 0);
    CHECK_STR(text, "nameserver 2001:db8::53 dev eth0 expires 1195sec\nsearch example.org dev eth0 expires 1195sec\n");
    lan_wait(&l, 1195 * 1000);
    out_mem_init(&m, text, sizeof(text), false);
    CHECK_EQ(file_read(l.net, "/proc/net/ra_dns", &m.out), 0);
    CHECK_STR(text, "");
    lan_end(&l);
}

TEST(slaac_goes_with_the_device_and_the_switch)
{
    struct lan l;
    begin(&l);
    usual(&l);
    lan_have(&l, "2001:db8:1::77/64"); /* an administrator's in the same net */
    WITH_CONF(dev_down(l.dev));
    CHECK(!made(&l, MADE) && !made(&l, "2001:db8:1::77"));
    WITH_CONF(dev_up(l.dev));
    lan_have(&l, "2001:db8:1::77/64");
    usual(&l);
    CHECK(made(&l, MADE) != NULL);
    lan_wait(&l, 86401ull * 1000);
    CHECK(goes_over(&l, "2001:db8:1::5", "::")); /* the route is the administrator's, too */
    usual(&l);
    lan_set(&l, "net.ipv6.conf.eth0.disable_ipv6", "1");
    CHECK(!ifaddr_first(l.dev, &ip_v6));
    CHECK(goes_over(&l, "2001:db8:9::1", NULL) && goes_over(&l, "2001:db8:1::5", NULL));
    lan_set(&l, "net.ipv6.conf.eth0.disable_ipv6", "0");
    CHECK(made(&l, "fe80::ff:fe00:1") != NULL);
    lan_end(&l);
}

/* IPv4 addresses have lifetimes, too (ip addr add ... valid_lft). */
TEST(ifaddr_lifetimes)
{
    struct lan l;
    begin(&l);
    struct ifaddr a = {.addr = lan_addr("10.0.0.1"),
                       .peer = lan_addr("10.0.0.1"),
                       .broadcast = lan_addr("10.0.0.255"),
                       .bits = 24,
                       .valid_until = clock_ns() + 20 * NS_PER_S,
                       .preferred_until = clock_ns() + 10 * NS_PER_S};
    CHECK_EQ(WITH_CONF(ifaddr_add(l.dev, &a)), 0);
    a.addr = a.peer = lan_addr("10.0.0.2");
    CHECK_EQ(WITH_CONF(ifaddr_add(l.dev, &a)), 0); /* the first one's secondary */
    lan_wait(&l, 9999);
    CHECK(!(made(&l, "10.0.0.1")->flags & IFA_DEPRECATED));
    lan_wait(&l, 2);
    CHECK(made(&l, "10.0.0.1")->flags & IFA_DEPRECATED);
    a = *made(&l, "10.0.0.2");
    a.valid_until = a.preferred_until = IFA_FOREVER;
    a.flags &= ~IFA_DEPRECATED;
    CHECK_EQ(WITH_CONF(ifaddr_change(l.dev, &a)), 0);
    lan_set(&l, "net.ipv4.conf.eth0.promote_secondaries", "1");
    lan_wait(&l, 10000);
    CHECK(!made(&l, "10.0.0.1"));
    CHECK(made(&l, "10.0.0.2") && !(made(&l, "10.0.0.2")->flags & (IFA_SECONDARY | IFA_DEPRECATED)));
    lan_end(&l);
}

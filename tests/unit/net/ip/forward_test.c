/* A router, packet by packet: what goes on, how it looks then, and what its sender is told. */
#include "host/host.h"
#include "lib/check.h"
#include "lib/csum.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/ip/header.h"
#include "net/wire/icmp.h"
#include "net/wire/ip6.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/net/ip/ip_rig.h"

static const struct ip4_hdr *ip4(void)
{
    return (const struct ip4_hdr *)(rig.frame + ETH_HLEN);
}

static const struct icmp_hdr *icmp4(void)
{
    return (const struct icmp_hdr *)(rig.frame + ETH_HLEN + IP4_HLEN);
}

static const struct icmp_hdr *icmp6(void)
{
    return (const struct icmp_hdr *)(rig.frame + ETH_HLEN + IP6_HLEN);
}

static bool sums_up(const void *p, u32 n)
{
    return !csum_fold(csum_bytes(p, n)).raw;
}

/* The one frame that left by f is an ICMP error of this type, with a right checksum, to 02:..:02, about what was sent.
 */
static void check_error(struct fake_dev *f, bool v6, u8 type, u8 code)
{
    u32 n = ip_rig_out(f, 0);
    CHECK_EQ(f->sent_n, 1);
    CHECK(n > 60);
    if (n <= 60)
        return;
    const struct icmp_hdr *h = v6 ? icmp6() : icmp4();
    CHECK_EQ(h->type, type);
    CHECK_EQ(h->code, code);
    CHECK_EQ(rig.frame[5], 2);
    if (!v6) {
        CHECK(sums_up(ip4(), IP4_HLEN));
        CHECK(sums_up(h, n - ETH_HLEN - IP4_HLEN));
        CHECK_EQ(be16_get(ip4()->len), n - ETH_HLEN);
    }
    ip_rig_clear();
}

TEST(forward_both_families)
{
    ip_rig_start();
    for (unsigned v6 = 0; v6 < 2; v6++) {
        struct packet p = {
            .v6 = v6, .src = 2, .dst = 2, .sport = 1, .dport = 2, .udp = true, .payload = 100, .ttl = 64};
        u8 before[200], after[200];
        u32 n = ip_rig_build(&p);
        memcpy(before, rig.frame, n);
        fake_dev_arrive(rig.a, rig.frame, n, 0);
        host_run();
        CHECK_EQ(rig.b->sent_n, 1);
        CHECK_EQ(ip_rig_out(rig.b, 0), n);
        memcpy(after, rig.frame, n);
        CHECK_EQ(memcmp(after, "\x02\0\0\0\0\x03\x02\0\0\0\0\x01", 12), 0);
        if (v6)
            before[ETH_HLEN + 7]--;
        else
            CHECK(sums_up(after + ETH_HLEN, IP4_HLEN));
        if (!v6) {
            before[ETH_HLEN + 8]--;
            memcpy(before + ETH_HLEN + 10, after + ETH_HLEN + 10, 2);
        }
        CHECK_EQ(memcmp(before + 12, after + 12, n - 12), 0);
        ip_rig_clear();
    }
    ip_rig_end();
}

struct fate {
    const char *what;
    struct packet p; /* to 10.2.0.dst */
    const char *route;
    enum route_type type;
    u8 error4, code4, error6, code6; /* error 0: none is sent */
    enum drop_reason why;
};

static const struct fate fates[] = {
    {"no hops left", {.ttl = 1, .dst = 2}, NULL, 0, ICMP_TIME_EXCEEDED, 0, ICMP6_TIME_EXCEEDED, 0, DROP_IP_TTL},
    {"blackhole", {.dst = 9}, "B", ROUTE_BLACKHOLE, 0, 0, 0, 0, DROP_IP_BLACKHOLE},
    {"unreachable", {.dst = 9}, "B", ROUTE_UNREACHABLE, ICMP_UNREACH, 1, ICMP6_UNREACH, 0, DROP_IP_UNREACHABLE},
    {"prohibit", {.dst = 9}, "B", ROUTE_PROHIBIT, ICMP_UNREACH, 13, ICMP6_UNREACH, 1, DROP_IP_PROHIBIT},
};

TEST(forward_refuses)
{
    for (u32 i = 0; i < 2 * ARRAY_LEN(fates); i++) {
        const struct fate *c = &fates[i / 2];
        struct packet p = c->p;
        p.v6 = i & 1;
        p.udp = true;
        p.src = 2;
        p.payload = 60;
        ip_rig_start();
        if (c->route)
            CHECK_EQ(ip_rig_route(TABLE_MAIN, p.v6 ? "2001:db8:1::9/128" : "10.2.0.9/32", c->type, NULL, NULL), 0);
        ip_rig_send(rig.a, &p);
        CHECK_EQ(rig.b->sent_n, 0);
        CHECK_EQ(ip_rig_drops(rig.a, c->why), 1);
        if (p.v6 ? c->error6 : c->error4)
            check_error(rig.a, p.v6, p.v6 ? c->error6 : c->error4, p.v6 ? c->code6 : c->code4);
        CHECK_EQ(rig.a->sent_n, 0);
        if (c->route) {
            struct fib_match any = {.has_type = true, .key.type = c->type};
            struct ipprefix at = {.bits = p.v6 ? 128 : 32, .addr = ipaddr_of4(10, 2, 0, 9)};
            if (p.v6)
                at.addr = (struct ipaddr){{0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 9}};
            CHECK_EQ(WITH_CONF(fib_del(fib_table(rig.net, p.v6, TABLE_MAIN, false), &at, &any)), 0);
        }
        ip_rig_end();
    }
}

TEST(forward_no_route)
{
    ip_rig_start();
    ip_rig_addr(rig.b->dev, "10.2.0.1/24", false);
    ip_rig_send(rig.a, &(struct packet){.udp = true, .src = 2, .dst = 2, .payload = 60});
    check_error(rig.a, false, ICMP_UNREACH, 0);
    CHECK_EQ(ip_rig_drops(rig.a, DROP_IP_NO_ROUTE), 1);
    ip_rig_sysctl("net.ipv4.ip_forward", "0");
    ip_rig_send(rig.a, &(struct packet){.udp = true, .src = 2, .dst = 2, .payload = 60});
    CHECK_EQ(rig.a->sent_n, 0);
    ip_rig_end();
}

/* Of a burst's packets only those go by a route for one TOS that have it, and those to a prefix with several routes by
 * the right one. */
TEST(forward_by_tos_and_metric)
{
    ip_rig_start();
    TYPED(rig.net, {"ip route add 10.2.0.2/32 dev eth0 tos 0x10", 0, ""},
          {"ip route add prohibit 10.2.0.0/24 metric 5000", 0, ""},
          {"ip route add 10.2.0.0/24 dev eth1 tos 0x08 metric 1", 0, ""});
    for (u32 tos = 0; tos <= 0x10; tos += 8) {
        ip_rig_send(rig.a, &(struct packet){.udp = true, .src = 2, .dst = 2, .payload = 60, .tos = (u8)tos, .ttl = 9});
        CHECK_EQ(rig.b->sent_n, tos != 0x10);
        ip_rig_clear();
    }
    TYPED(rig.net, {"ip route del prohibit 10.2.0.0/24 metric 5000", 0, ""});
    ip_rig_end();
}

/* Where a packet went a moment ago the next one goes as well, until the table says otherwise. */
TEST(forward_heeds_what_has_changed)
{
    static const char *const changes[] = {
        "ip route add 10.2.0.2/32 dev eth0",          "ip route del 10.2.0.2/32",
        "ip route add blackhole 10.2.0.2/32",         "ip route replace 10.2.0.2/32 dev eth1",
        "ip -6 route add 2001:db8:1::2/128 dev eth0", "ip -6 route del 2001:db8:1::2/128"};
    static const u8 by_b[ARRAY_LEN(changes)] = {0, 1, 0, 1, 0, 1};
    ip_rig_start();
    for (u32 i = 0; i < ARRAY_LEN(changes); i++) {
        struct packet p = {.v6 = i >= 4, .udp = true, .src = 2, .dst = 2, .payload = 60, .ttl = 9};
        for (u32 round = 0; round < 3; round++) {
            if (round == 1)
                TYPED(rig.net, {changes[i], 0, ""});
            u32 before = i == 4 ? 1 : i ? by_b[i - 1] : 1;
            ip_rig_send(rig.a, &p);
            CHECK_EQ(rig.b->sent_n, round ? by_b[i] : before);
            ip_rig_clear();
        }
    }
    TYPED(rig.net, {"ip route del 10.2.0.2/32", 0, ""});
    ip_rig_end();
}

/* A burst of several protocols and ways: each packet goes its own, those of a flow in order. */
TEST(forward_mixed_burst)
{
    static const struct {
        bool v6;
        u8 src, dst, tos;
        u32 payload;
    } sent[] = {{0, 2, 2, 0, 20}, {0, 2, 2, 0, 21}, {1, 2, 2, 0, 22}, {0, 2, 2, 0x10, 23}, {0, 3, 2, 0, 24},
                {0, 2, 2, 0, 25}, {1, 2, 2, 0, 26}, {1, 3, 2, 0, 27}, {0, 2, 1, 0, 28},    {0, 2, 2, 0, 29}};
    u32 next4 = 0, next6 = 0, of4 = 0, of6 = 0;
    ip_rig_start();
    TYPED(rig.net, {"ip route add blackhole 10.2.0.2/32 tos 0x10", 0, ""});
    softirq_off();
    for (u32 i = 0; i < ARRAY_LEN(sent); i++) {
        struct packet p = {.v6 = sent[i].v6,
                           .udp = true,
                           .src = sent[i].src,
                           .dst = sent[i].dst,
                           .tos = sent[i].tos,
                           .payload = sent[i].payload,
                           .ttl = 9};
        fake_dev_arrive(rig.a, rig.frame, ip_rig_build(&p), 0);
    }
    softirq_on();
    host_run();
    CHECK_EQ(ip_rig_drops(rig.a, DROP_IP_BLACKHOLE), 1);
    CHECK_EQ(rig.b->sent_n, ARRAY_LEN(sent) - 2);
    for (u32 i = 0, n; (n = ip_rig_out(rig.b, i)); i++) {
        bool v6 = rig.frame[ETH_HLEN] >> 4 == 6;
        u32 payload = n - ETH_HLEN - 8 - (v6 ? IP6_HLEN : IP4_HLEN), *next = v6 ? &next6 : &next4;
        CHECK_EQ(rig.frame[5], 3);
        CHECK(payload > *next);
        *next = payload;
        of4 += !v6, of6 += v6;
    }
    CHECK_EQ(of4, 5);
    CHECK_EQ(of6, 3);
    ip_rig_end();
}

/* Segments that a card has not verified are merged where they end; on their way to others they cost less as they are.
 */
TEST(forward_merges_what_is_verified)
{
    static const struct {
        u8 dst; /* of 10.2.0/24: 1 is ours */
        bool forwards, merged;
    } rows[] = {{2, true, false}, {1, true, true}, {2, false, true}};
    ip_rig_start();
    rig.a->dev->features |= DEV_F_GRO;
    for (u32 i = 0; i < 2 * ARRAY_LEN(rows); i++) {
        u64 joined = stats_read(rig.net, stats_find("Gro.Joined"));
        bool v6 = i & 1;
        ip_rig_sysctl(v6 ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward", rows[i / 2].forwards ? "1" : "0");
        host_clock_advance(20 * NS_PER_S); /* the link is told */
        ip_rig_clear();
        softirq_off();
        for (u32 n = 0; n < 3; n++) {
            struct packet p = {.v6 = v6,
                               .src = 2,
                               .dst = rows[i / 2].dst,
                               .sport = 7,
                               .dport = 8,
                               .seq = 1000 + 100 * n,
                               .ack = 5,
                               .flags = 0x10,
                               .window = 9,
                               .payload = 100,
                               .ttl = 9,
                               .df = true};
            fake_dev_arrive(rig.a, rig.frame, ip_rig_build(&p), 0);
        }
        softirq_on();
        host_run();
        CHECK_EQ(stats_read(rig.net, stats_find("Gro.Joined")) - joined, rows[i / 2].merged ? 2 : 0);
        CHECK_EQ(rig.b->sent_n, rows[i / 2].merged ? 0 : 3);
        ip_rig_clear();
    }
    ip_rig_end();
}

/* The sum of a header's 20 bytes beside its definition, where a carry comes from every place. */
TEST(forward_header_sum)
{
    u8 h[IP4_HLEN];
    for (u32 i = 0; i < 200000; i++) {
        for (u32 n = 0; n < sizeof(h); n++)
            h[n] = test_rand() % 3 ? 0xff : (u8)(test_rand() * (test_rand() % 4 > 0));
        u32 sum = 0;
        for (u32 n = 0; n < sizeof(h); n += 2)
            sum += load_le16(h + n);
        while (sum >> 16)
            sum = (sum & 0xffff) + (sum >> 16);
        CHECK_EQ(ip4_sum20(h), sum);
    }
}

TEST(forward_too_big)
{
    ip_rig_start();
    CHECK_EQ(WITH_CONF(dev_set_mtu(rig.b->dev, 1280)), 0);
    struct packet p = {.udp = true, .src = 2, .dst = 2, .payload = 1400, .df = true};
    ip_rig_send(rig.a, &p);
    check_error(rig.a, false, ICMP_UNREACH, 4);
    ip_rig_send(rig.a, &p);
    CHECK(ip_rig_out(rig.a, 0));
    CHECK_EQ(be16_get(icmp4()->seq), 1280);
    ip_rig_clear();
    p.v6 = true;
    ip_rig_send(rig.a, &p);
    check_error(rig.a, true, ICMP6_TOO_BIG, 0);
    CHECK_EQ(rig.b->sent_n, 0);
    ip_rig_end();
}

/* A route's own MTU is heeded, locked or not, and said. */
TEST(forward_too_big_for_the_route)
{
    static const char *const routes[][2] = {
        {"ip route replace 10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 mtu 1300",
         "ip -6 route replace 2001:db8:1::/64 dev eth1 proto kernel metric 256 mtu 1300"},
        {"ip route replace 10.2.0.0/24 dev eth1 proto kernel scope link src 10.2.0.1 mtu lock 1300",
         "ip -6 route replace 2001:db8:1::/64 dev eth1 proto kernel metric 256 mtu lock 1300"}};
    for (u32 i = 0; i < 4; i++) {
        struct packet p = {.v6 = i & 1, .udp = true, .src = 2, .dst = 2, .payload = 1260, .df = true};
        ip_rig_start();
        CHECK_EQ(typed(rig.net, routes[i / 2][i & 1]), 0);
        ip_rig_send(rig.a, &p);
        CHECK_EQ(rig.a->sent_n, p.v6);
        CHECK_EQ(rig.b->sent_n, !p.v6);
        ip_rig_clear();
        p.payload = 1300;
        ip_rig_send(rig.a, &p);
        CHECK(ip_rig_out(rig.a, 0));
        CHECK_EQ(p.v6 ? be16_get(icmp6()->seq) : be16_get(icmp4()->seq), 1300);
        CHECK_EQ(rig.b->sent_n, 0);
        ip_rig_clear();
        p.payload = 1200;
        ip_rig_send(rig.a, &p);
        CHECK_EQ(rig.b->sent_n, 1);
        ip_rig_end();
    }
}

TEST(forward_fragments)
{
    ip_rig_start();
    CHECK_EQ(WITH_CONF(dev_set_mtu(rig.b->dev, 576)), 0);
    struct packet p = {.udp = true, .src = 2, .dst = 2, .payload = 1400, .ip_options = 8, .id = 77};
    ip_rig_send(rig.a, &p);
    u8 whole[1500];
    u32 n = 0;
    CHECK_EQ(rig.b->sent_n, 3);
    for (u32 i = 0; i < 3; i++) {
        u32 len = ip_rig_out(rig.b, i), hlen = ip4_hlen(ip4());
        u16 frag = be16_get(ip4()->frag);
        CHECK_LE(len, 576 + ETH_HLEN);
        CHECK_EQ(be16_get(ip4()->len), len - ETH_HLEN);
        CHECK_EQ(be16_get(ip4()->id), 77);
        CHECK_EQ(ip4()->ttl, 63);
        CHECK(sums_up(ip4(), hlen));
        CHECK_EQ((frag & IP4_OFFSET) * 8u, n);
        CHECK_EQ(!!(frag & IP4_MF), i < 2);
        memcpy(whole + n, rig.frame + ETH_HLEN + hlen, len - ETH_HLEN - hlen);
        n += len - ETH_HLEN - hlen;
    }
    CHECK_EQ(n, 1408);
    ip_rig_end();
}

static const struct {
    const char *what;
    u8 at, value; /* a byte of the frame; its header's checksum is made right */
    enum drop_reason why;
} broken[] = {
    {"source 127", 26, 127, DROP_IP_MARTIAN_SOURCE}, {"source 224", 26, 224, DROP_IP_MARTIAN_SOURCE},
    {"to 127", 30, 127, DROP_IP_MARTIAN_DEST},       {"version", 14, 0x55, DROP_IP_HEADER},
    {"header length", 14, 0x44, DROP_IP_HEADER},     {"length", 16, 0x40, DROP_IP_LENGTH},
    {"to another station", 5, 9, DROP_OTHER_HOST},   {"to 224", 30, 224, DROP_IP_NOT_JOINED},
};

TEST(forward_drops_what_cannot_be)
{
    ip_rig_start();
    for (u32 i = 0; i < ARRAY_LEN(broken); i++) {
        struct packet p = {.udp = true, .src = 2, .dst = 2, .payload = 60};
        u32 n = ip_rig_build(&p);
        rig.frame[broken[i].at] = broken[i].value;
        memset(rig.frame + 24, 0, 2);
        be16 sum = csum_fold(csum_bytes(rig.frame + ETH_HLEN, IP4_HLEN));
        memcpy(rig.frame + 24, &sum, 2);
        u64 had = ip_rig_drops(rig.a, broken[i].why);
        fake_dev_arrive(rig.a, rig.frame, n, 0);
        host_run();
        if (ip_rig_drops(rig.a, broken[i].why) != had + 1 || rig.b->sent_n || rig.a->sent_n)
            test_failed(__FILE__, __LINE__, "%s", broken[i].what);
    }
    struct packet p = {.udp = true, .src = 2, .dst = 2, .payload = 60};
    u32 n = ip_rig_build(&p);
    rig.frame[25] ^= 1;
    fake_dev_arrive(rig.a, rig.frame, n, 0);
    host_run();
    CHECK_EQ(ip_rig_drops(rig.a, DROP_IP_CSUM), 1);
    ip_rig_end();
}

TEST(forward_source_filter)
{
    ip_rig_start();
    struct packet p = {.udp = true, .src = 1, .dst = 2, .payload = 60}; /* from our own address */
    ip_rig_send(rig.a, &p);
    CHECK_EQ(ip_rig_drops(rig.a, DROP_IP_MARTIAN_SOURCE), 1);
    p.src = 2; /* from the other side's net */
    ip_rig_sysctl("net.ipv4.conf.eth1.rp_filter", "1");
    ip_rig_send(rig.b, &p);
    CHECK_EQ(ip_rig_drops(rig.b, DROP_IP_RPFILTER), 1);
    ip_rig_sysctl("net.ipv4.conf.eth1.rp_filter", "2");
    ip_rig_send(rig.b, &p);
    CHECK_EQ(ip_rig_drops(rig.b, DROP_IP_RPFILTER), 1);
    CHECK_EQ(rig.b->sent_n, 1);
    ip_rig_end();
}

TEST(forward_asks_for_its_neighbour)
{
    static const u8 reply[] =
        "\x02\0\0\0\0\x01\x02\0\0\0\0\x07\x08\x06\0\x01\x08\0\x06\x04\0\x02\x02\0\0\0\0\x07\x0a\x02\0\x07"
        "\x02\0\0\0\0\x01\x0a\x02\0\x01";
    ip_rig_start();
    struct packet p = {.udp = true, .src = 2, .dst = 7, .payload = 60};
    ip_rig_send(rig.a, &p);
    ip_rig_send(rig.a, &p);
    CHECK_EQ(rig.b->sent_n, 1);
    CHECK_EQ(ip_rig_out(rig.b, 0), 42);
    CHECK_EQ(
        memcmp(
            rig.frame,
            "\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\x01\x08\x06\0\x01\x08\0\x06\x04\0\x01\x02\0\0\0\0\x01\x0a\x02\0\x01"
            "\0\0\0\0\0\0\x0a\x02\0\x07",
            42),
        0);
    ip_rig_clear();
    fake_dev_arrive(rig.b, reply, 42, 0);
    host_run();
    CHECK_EQ(rig.b->sent_n, 2);
    for (u32 i = 0; i < 2; i++) {
        CHECK(ip_rig_out(rig.b, i));
        CHECK_EQ(rig.frame[5], 7);
    }
    ip_rig_clear();
    p.dst = 8; /* who never answers */
    ip_rig_send(rig.a, &p);
    host_clock_advance(10 * NS_PER_S);
    CHECK_EQ(rig.b->sent_n, 3);
    check_error(rig.a, false, ICMP_UNREACH, 1);
    CHECK_EQ(ip_rig_drops(rig.a, DROP_NEIGH_FAILED), 1);
    ip_rig_end();
}

TEST(local_answers_echo)
{
    ip_rig_start();
    struct packet p = {.udp = true, .src = 2, .dst = 1, .payload = 60};
    u32 n = ip_rig_build(&p);
    rig.frame[32] = 1, rig.frame[31] = 1; /* to 10.1.0.1 */
    rig.frame[30] = 10, rig.frame[33] = 1, rig.frame[32] = 0;
    rig.frame[23] = IP_ICMP;
    memset(rig.frame + 24, 0, 2);
    be16 sum = csum_fold(csum_bytes(rig.frame + ETH_HLEN, IP4_HLEN));
    memcpy(rig.frame + 24, &sum, 2);
    memcpy(rig.frame + 34, "\x08\0\0\0\x12\x34\0\x01", 8);
    sum = csum_fold(csum_bytes(rig.frame + 34, n - 34));
    memcpy(rig.frame + 36, &sum, 2);
    fake_dev_arrive(rig.a, rig.frame, n, 0);
    host_run();
    CHECK_EQ(rig.a->sent_n, 1);
    CHECK_EQ(ip_rig_out(rig.a, 0), n);
    CHECK_EQ(icmp4()->type, ICMP_ECHO_REPLY);
    CHECK_EQ(be16_get(icmp4()->id), 0x1234);
    CHECK(sums_up(icmp4(), n - 34));
    CHECK_EQ(memcmp(ip4()->src, "\x0a\x01\0\x01", 4), 0);
    CHECK_EQ(memcmp(ip4()->dst, "\x0a\x01\0\x02", 4), 0);
    ip_rig_end();
}

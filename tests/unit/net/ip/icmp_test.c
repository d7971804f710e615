/* What ICMP answers and what it does not (as Linux does: tests/diff). */
#include "host/host.h"
#include "lib/check.h"
#include "lib/csum.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "net/wire/ip6.h"
#include "tests/unit/net/ip/ip_rig.h"

static const struct ip_rig_case icmp_cases[] = {
    {"about a question", "4500002c12340000010193970a0100020a0200020f00ef340001000161207061636b6574206f662077656972",
     "a 11/0"},
    {"about an error", "4500002c12340000010193970a0100020a0200020300fb340001000161207061636b6574206f662077656972", ""},
    {"about half an error", "4500001812340000010193ab0a0100020a02000203000000", ""},
    {"about nothing", "4500001412340000010193af0a0100020a020002", ""},
    {"of IPv6, over IPv4", "4500002c12340000403a54600a0100020a0100010800f6340001000161207061636b6574206f662077656972",
     "a 3/2"},
    {"of IPv4, over IPv6",
     "600000000018014020010db800000000000000000000000220010db80000000000000000000000010800f6340001000161207061636b65742"
     "06f662077656972",
     "a 4/1@6"},
    {"a timestamp, short", "4500002012340000400154a50a0100020a0100010d00f2fd0001000100000000", "a 14/0"},
    {"a timestamp, with a code", "45000028123400004001549d0a0100020a0100010d07f2f600010001000000000000000000000000",
     "a 14/0"},
    {"about a later fragment, IPv4", "4500001c12340001011193960a0100020a0200023862797465732121", ""},
    {"about a later fragment, IPv6",
     "6000000000102c0120010db800000000000000000000000220010db800010000000000000000000211000008000000053862797465732121",
     "a 3/0"},
};

TEST(icmp_as_on_linux)
{
    ip_rig_check(icmp_cases, ARRAY_LEN(icmp_cases));
}

/* An answer longer than the link takes is cut here: nobody on the way would (RFC 8200 4.5). */
TEST(icmp_long_echo_of_ipv6)
{
    static u8 f[ETH_HLEN + IP6_HLEN + 8 + 1448];
    ip_rig_start();
    for (u32 at = 0; at < 2896; at += 1448) {
        struct ip6_hdr *h = (struct ip6_hdr *)(f + ETH_HLEN);
        struct ip6_frag *x = (struct ip6_frag *)(h + 1);
        memset(f, 0, sizeof(f));
        memcpy(f, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x86\xdd", ETH_HLEN);
        *h = (struct ip6_hdr){be32_of(6u << 28),
                              be16_of(8 + 1448),
                              IP_FRAGMENT,
                              64,
                              {{0x20, 1, 0xd, 0xb8, [15] = 2}},
                              {{0x20, 1, 0xd, 0xb8, [15] = 1}}};
        *x = (struct ip6_frag){IP_ICMP6, 0, be16_of((u16)(at | !at)), be32_of(7)};
        if (!at) { /* echo, all else zero: its checksum is that of the pseudo-header */
            u8 *icmp = (u8 *)(x + 1);
            icmp[0] = 128;
            u32 sum = csum_add(csum_bytes(&h->src, 32), csum_add(csum_of_u32(2896), csum_of_u32(IP_ICMP6)));
            be16 check = csum_fold(csum_add(sum, csum_bytes(icmp, 2)));
            memcpy(icmp + 2, &check, 2);
        }
        fake_dev_arrive(rig.a, f, sizeof(f), 0);
        host_run();
    }
    CHECK_EQ(ip_rig_out(rig.a, 0), ETH_HLEN + IP6_HLEN + 8 + 1448);
    const struct ip6_frag *x = (const struct ip6_frag *)(rig.frame + ETH_HLEN + IP6_HLEN);
    CHECK_EQ(x->next, IP_ICMP6);
    CHECK_EQ(be16_get(x->at), IP6_FRAG_MORE);
    CHECK_EQ(rig.frame[ETH_HLEN + IP6_HLEN + 8], 129);
    fake_dev_complete(rig.a, 1); /* the other waits for its byte limit */
    host_run();
    CHECK_EQ(ip_rig_out(rig.a, 0), ETH_HLEN + IP6_HLEN + 8 + 1448);
    CHECK_EQ(be16_get(x->at), 1448);
    ip_rig_clear();
    ip_rig_end();
}

static u64 counter(const char *name)
{
    return stats_read(rig.net, stats_find(name));
}

/* One who makes errors without end takes nothing of what others are told (Linux: since 6.12). */
TEST(icmp_errors_of_one_peer)
{
    static const struct packet many = {.udp = true, .src = 3, .dst = 2, .ttl = 1, .payload = 20},
                               other = {.udp = true, .src = 4, .dst = 2, .ttl = 1, .payload = 20};
    ip_rig_start();
    ip_rig_neigh(rig.a->dev, "10.1.0.3", 4);
    ip_rig_neigh(rig.a->dev, "10.1.0.4", 5);
    for (u32 i = 0; i < 1000; i++)
        ip_rig_send(rig.a, &many);
    CHECK_EQ(counter("Icmp.OutRateLimitHost"), 1000 - 6);
    CHECK_EQ(counter("Icmp.OutRateLimitGlobal"), 0);
    ip_rig_clear();
    ip_rig_send(rig.a, &other);
    CHECK_EQ(rig.a->sent_n, 1);
    CHECK_EQ(ip_rig_drops(rig.a, DROP_IP_TTL), 1001);
    ip_rig_end();
}

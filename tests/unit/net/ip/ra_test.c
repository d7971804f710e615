/* A router for its LAN: when it advertises, what, and to whom it says goodbye; what `weir ra` takes, and dumps. */
#include "net/ip/ra.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/conf.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/ip/addr.h"
#include "net/wire/ip6.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/net/ip/lan.h"

static const struct ndp_ra *next(struct lan *l)
{
    return lan_next(l, ETH_IP6, NDP_RA) ? (const struct ndp_ra *)(l->frame + ETH_HLEN + IP6_HLEN) : NULL;
}

static void begin(struct lan *l)
{
    struct ra_conf c;
    lan_start(l);
    lan_wait(5000);
    ra_defaults(&c);
    c.prefixes = 1;
    c.prefix[0] = (struct ra_prefix){.p = {lan_addr("2001:db8:1::"), 64}, .valid = 86400, .preferred = 14400};
    CHECK_EQ(WITH_CONF(ra_set(l->dev, &c)), 0);
    lan_forget(l);
}

static void solicit(struct lan *l, const char *src)
{
    struct macaddr two = lan_mac(2);
    struct ndp_rs m = {.type = NDP_RS};
    lan_icmp6(l, &two, src, "ff02::2", &m, sizeof(m), 255);
}

TEST(ra_only_while_forwarding)
{
    struct lan l;
    begin(&l);
    lan_wait(2000 * 1000);
    CHECK(!next(&l));
    lan_set(&l, "net.ipv6.conf.all.forwarding", "1");
    const struct ndp_ra *h = next(&l);
    CHECK(h && be16_get(h->lifetime) == 1800 && h->hop_limit == 64);
    lan_set(&l, "net.ipv6.conf.all.forwarding", "0");
    h = next(&l);
    CHECK(h && be16_get(h->lifetime) == 0); /* goodbye */
    CHECK(!next(&l));
    lan_wait(2000 * 1000);
    CHECK(!next(&l));
    lan_end(&l);
}

TEST(ra_message)
{
    struct lan l;
    struct ipaddr all = lan_addr("ff02::1"), ours = lan_addr("fe80::ff:fe00:1"), prefix = lan_addr("2001:db8:1::");
    begin(&l);
    lan_set(&l, "net.ipv6.conf.all.forwarding", "1");
    const struct ndp_ra *h = next(&l);
    const struct ip6_hdr *ip = (const struct ip6_hdr *)(l.frame + ETH_HLEN);
    CHECK(h && ip->hops == 255 && addr_eq(&ip->dst, &all) && addr_eq(&ip->src, &ours));
    CHECK_EQ(be16_get(ip->payload), 16 + 8 + 32);
    const u8 *o = (const u8 *)(h + 1);
    CHECK(o[0] == NDP_OPT_SOURCE && !memcmp(o + 2, &l.dev->mac, 6));
    struct ndp_prefix p;
    memcpy(&p, o + 8, sizeof(p));
    CHECK(p.type == NDP_OPT_PREFIX && p.len == 4 && p.bits == 64 && p.flags == 0xc0 && be32_get(p.valid) == 86400 &&
          be32_get(p.preferred) == 14400 && addr_eq(&p.prefix, &prefix));
    lan_end(&l);
}

/* RFC 4861 6.2.4: three at most 16 s apart, then between a third of 600 s and all of it. */
TEST(ra_intervals)
{
    struct lan l;
    begin(&l);
    lan_set(&l, "net.ipv6.conf.all.forwarding", "1");
    u64 last = 0;
    for (u32 i = 0; i < 8; i++) {
        while (!next(&l))
            host_clock_advance(100 * NS_PER_MS);
        u64 now = clock_ns(), gap = now - last;
        if (i == 1 || i == 2)
            CHECK(gap <= 16 * NS_PER_S + 200 * NS_PER_MS);
        if (i > 2)
            CHECK(gap >= 199 * NS_PER_S && gap <= 601 * NS_PER_S);
        last = now;
    }
    lan_end(&l);
}

TEST(ra_answers_but_no_flood)
{
    struct lan l;
    begin(&l);
    lan_set(&l, "net.ipv6.conf.all.forwarding", "1");
    lan_wait(60 * 1000);
    lan_forget(&l);
    solicit(&l, "fe80::2");
    lan_wait(501);
    CHECK(next(&l) != NULL);
    u32 n = 0;
    for (u32 i = 0; i < 300; i++) { /* 30 s, ten a second */
        solicit(&l, i & 1 ? "fe80::2" : "::");
        lan_wait(100);
        n += lan_count(&l, ETH_IP6, NDP_RA);
    }
    CHECK(n >= 8 && n <= 11);
    struct macaddr two = lan_mac(2);
    struct ndp_rs bad = {.type = NDP_RS, .code = 1};
    lan_wait(5000);
    lan_forget(&l);
    lan_icmp6(&l, &two, "fe80::2", "ff02::2", &bad, sizeof(bad), 255);
    bad.code = 0;
    lan_icmp6(&l, &two, "fe80::2", "ff02::2", &bad, sizeof(bad), 254);
    lan_wait(5000);
    CHECK(!next(&l));
    lan_end(&l);
}

TEST(ra_off_says_goodbye)
{
    struct lan l;
    begin(&l);
    lan_set(&l, "net.ipv6.conf.all.forwarding", "1");
    lan_forget(&l);
    CHECK_EQ(WITH_CONF(ra_off(l.dev)), 0);
    const struct ndp_ra *h = next(&l);
    CHECK(h && be16_get(h->lifetime) == 0);
    CHECK_EQ(WITH_CONF(ra_off(l.dev)), -ENOENT);
    lan_wait(1000 * 1000);
    CHECK(!next(&l));
    lan_end(&l);
}

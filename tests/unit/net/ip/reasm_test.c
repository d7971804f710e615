/* Fragments for this machine: every order, twice, overlapping, late, and too many. */
#include "net/ip/reasm.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/csum.h"
#include "lib/string.h"
#include "net/ip/ip.h"
#include "net/skb/drop.h"
#include "net/skb/pool.h"
#include "net/wire/icmp.h"
#include "net/wire/ip6.h"
#include "tests/unit/net/ip/ip_rig.h"

#define PROTO 253u /* RFC 3692: for experiments */

static u8 payload[65536], got[65536];
static u32 got_n, got_len;

static void keep(struct netdev *dev, struct skbq *q, const struct ip_family *f)
{
    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = q->p[i];
        u32 at = s->l4 - skb_off(s);
        got_len = s->len - at;
        CHECK_EQ(skb_read(s, at, got, got_len), 0);
        got_n++;
        skb_free(s);
    }
    q->n = 0;
}

L4(reasm_test, PROTO, keep);

/* A fragment of `payload` from station .src to the router. */
static void fragment(bool v6, u8 src, u32 id, u32 at, u32 n, bool more)
{
    u8 *p = rig.frame;
    u32 head = v6 ? 48 : 20;
    memset(p, 0, ETH_HLEN + head);
    memcpy(p, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02", 12);
    store_be16(p + 12, v6 ? ETH_IP6 : ETH_IP4);
    u8 *h = p + ETH_HLEN;
    if (v6) {
        h[0] = 0x60;
        store_be16(h + 4, (u16)(n + 8));
        h[6] = IP_FRAGMENT;
        h[7] = 64;
        memcpy(h + 8, "\x20\x01\x0d\xb8", 4);
        h[23] = src;
        memcpy(h + 24, "\x20\x01\x0d\xb8", 4);
        h[39] = 1;
        h[40] = PROTO;
        store_be16(h + 42, (u16)(at | more));
        store_be32(h + 44, id);
    } else {
        h[0] = 0x45;
        store_be16(h + 2, (u16)(n + 20));
        store_be16(h + 4, (u16)id);
        store_be16(h + 6, (u16)(at / 8 | (more ? IP4_MF : 0)));
        h[8] = 64;
        h[9] = PROTO;
        memcpy(h + 12, "\x0a\x01\0", 3);
        h[15] = src;
        memcpy(h + 16, "\x0a\x01\0\x01", 4);
        be16 sum = csum_fold(csum_bytes(h, 20));
        memcpy(h + 10, &sum, 2);
    }
    memcpy(h + head, payload + at, n);
    fake_dev_arrive(rig.a, p, ETH_HLEN + head + n, 0);
    host_run();
}

static void start(void)
{
    ip_rig_start();
    got_n = 0;
    for (u32 i = 0; i < sizeof(payload); i++)
        payload[i] = (u8)test_rand();
}

struct cut {
    u32 at, n;
};

/* Cut anywhere, in any order, some of them twice: the datagram is what it was. */
TEST(reasm_any_order)
{
    start();
    for (u32 round = 0; round < 400; round++) {
        struct cut c[64];
        u32 len = 8 + (u32)(test_rand() % 9000), n = 0, v6 = round & 1;
        for (u32 at = 0; at < len; at += c[n++].n)
            c[n] = (struct cut){at, min(len - at, n == 62 ? len : 8 + (u32)(test_rand() % 180) * 8)};
        bool whole = c[n - 1].n <= 1500 && n > 1;
        for (u32 i = n; i-- > 1;) {
            u32 j = (u32)(test_rand() % (i + 1));
            struct cut swap = c[i];
            c[i] = c[j];
            c[j] = swap;
        }
        if (!whole)
            continue;
        got_n = 0;
        for (u32 i = 0; i < n; i++) {
            CHECK_EQ(got_n, 0);
            fragment(v6, 2, round + 1, c[i].at, c[i].n, c[i].at + c[i].n < len);
            if (i + 1 < n && test_rand() % 4 == 0)
                fragment(v6, 2, round + 1, c[i].at, c[i].n, c[i].at + c[i].n < len);
        }
        CHECK_EQ(got_n, 1);
        CHECK_EQ(got_len, len);
        CHECK_EQ(memcmp(got, payload, len), 0);
    }
    ip_rig_end();
}

TEST(reasm_largest)
{
    start();
    for (u32 at = 0; at < 65512; at += 1480)
        fragment(false, 2, 9, at, min(1480u, 65512 - at), at + 1480 < 65512);
    CHECK_EQ(got_n, 1);
    CHECK_EQ(got_len, 65512);
    CHECK_EQ(memcmp(got, payload, 65512), 0);
    fragment(false, 2, 10, 65528, 8, false);
    CHECK_EQ(ip_rig_drops(rig.a, DROP_FRAG_RANGE), 1);
    ip_rig_end();
}

static const struct {
    const char *what;
    struct cut first, second;
    bool more1, more2;
} overlaps[] = {
    {"into the next", {0, 64}, {56, 64}, true, false},
    {"over the one before", {64, 64}, {0, 72}, true, true},
    {"within", {0, 640}, {64, 64}, true, true},
    {"around", {64, 64}, {0, 640}, true, true},
    {"behind the end", {64, 64}, {128, 64}, false, true},
    {"another end", {64, 64}, {128, 8}, false, false},
    {"an end before it", {192, 64}, {64, 64}, true, false},
};

TEST(reasm_overlap_drops_all)
{
    for (u32 i = 0; i < 2 * ARRAY_LEN(overlaps); i++) {
        start();
        fragment(i & 1, 2, 5, overlaps[i / 2].first.at, overlaps[i / 2].first.n, overlaps[i / 2].more1);
        fragment(i & 1, 2, 5, overlaps[i / 2].second.at, overlaps[i / 2].second.n, overlaps[i / 2].more2);
        if (ip_rig_drops(rig.a, DROP_FRAG_OVERLAP) != 2)
            test_failed(__FILE__, __LINE__, "%s", overlaps[i / 2].what);
        CHECK_EQ(got_n, 0);
        ip_rig_end();
    }
}

TEST(reasm_late)
{
    start();
    fragment(false, 2, 5, 0, 64, true);
    fragment(false, 2, 6, 64, 64, true);
    host_clock_advance(29 * NS_PER_S);
    CHECK_EQ(ip_rig_drops(rig.a, DROP_FRAG_TIME), 0);
    host_clock_advance(2 * NS_PER_S);
    CHECK_EQ(ip_rig_drops(rig.a, DROP_FRAG_TIME), 2);
    CHECK_EQ(rig.a->sent_n, 1); /* about the one whose first fragment came */
    CHECK(ip_rig_out(rig.a, 0));
    CHECK_EQ(rig.frame[34], ICMP_TIME_EXCEEDED);
    CHECK_EQ(rig.frame[35], 1);
    ip_rig_end();
}

/* One sends fragments that are never complete; another's datagrams come all the same. */
TEST(reasm_flood)
{
    start();
    ip_rig_sysctl("net.ipv4.ipfrag_high_thresh", "300000");
    u32 before = (u32)skb_pool_used(skb_pool_of(rig.net));
    for (u32 i = 0; i < 2000; i++) {
        if (i % 100 == 0)
            fragment(false, 3, i, 0, 64, true);
        fragment(false, 2, i, 0, 64, true);
        if (i % 100 == 50)
            fragment(false, 3, i - 50, 64, 64, false);
    }
    CHECK_EQ(got_n, 20);
    CHECK_LE(skb_pool_used(skb_pool_of(rig.net)), before + 110);
    CHECK(ip_rig_drops(rig.a, DROP_FRAG_MEMORY) > 1800);
    ip_rig_end();
}

/* The least pieces that there are, in any order; smaller ones, so many that to find their places would be work, are
 * refused. */
TEST(reasm_tiny_pieces)
{
    start();
    for (u32 round = 0; round < 3; round++)
        for (u32 i = 0; i < 1360; i++) {
            u32 k = round == 0 ? i : round == 1 ? 1359 - i : i * 7 % 1360;
            if (k < 1000)
                fragment(false, 2, round, k * 48, 48, k < 999);
        }
    CHECK_EQ(got_n, 3);
    CHECK_EQ(got_len, 48000);
    CHECK_EQ(memcmp(got, payload, got_len), 0);
    for (u32 i = 0; i < 33; i++)
        fragment(i & 1, 2, 9, i / 2 * 16, 8, true);
    CHECK_EQ(ip_rig_drops(rig.a, DROP_FRAG_MANY), 0);
    for (u32 i = 0; i < 33; i++)
        fragment(false, 2, 10, i * 16, 8, true);
    CHECK_EQ(ip_rig_drops(rig.a, DROP_FRAG_MANY), 33);
    ip_rig_end();
}

/* However much ipfrag_high_thresh lets them have, the pool is not theirs. */
TEST(reasm_leaves_of_a_small_pool)
{
    start();
    skb_pool_of(rig.net)->most = 1337; /* of 16 MiB */
    for (u32 i = 0; i < 2000; i++)
        fragment(false, 2, i / 1000, i % 1000 * 48, 48, true);
    for (u32 i = 0; i < 2000; i++)
        fragment(true, (u8)i, i, 0, 64, true);
    CHECK_LE(skb_pool_used(skb_pool_of(rig.net)), 2 * 1337 / 8);
    ip_rig_end();
}

/* ---- as on Linux: tests/diff ---- */

static const struct ip_rig_case reasm_cases[] = {
    {"all ECT",
     "4502002401002000400145d30a0100020a01000108007a6c000100010001020304050607 "
     "4502002401002002400145d10a0100020a01000108090a0b0c0d0e0f1011121314151617 "
     "4502002401000004400165cf0a0100020a01000118191a1b1c1d1e1f2021222324252627",
     "a 0/0 ecn 2"},
    {"one met congestion",
     "4502002401012000400145d20a0100020a01000108007a6c000100010001020304050607 "
     "4503002401012002400145cf0a0100020a01000108090a0b0c0d0e0f1011121314151617 "
     "4502002401010004400165ce0a0100020a01000118191a1b1c1d1e1f2021222324252627",
     "a 0/0 ecn 3"},
    {"one cannot, one met it",
     "4500002401022000400145d30a0100020a01000108007a6c000100010001020304050607 "
     "4503002401022002400145ce0a0100020a01000108090a0b0c0d0e0f1011121314151617 "
     "4500002401020004400165cf0a0100020a01000118191a1b1c1d1e1f2021222324252627",
     ""},
    {"one cannot",
     "4500002401032000400145d20a0100020a01000108007a6c000100010001020304050607 "
     "4502002401032002400145ce0a0100020a01000108090a0b0c0d0e0f1011121314151617 "
     "4502002401030004400165cc0a0100020a01000118191a1b1c1d1e1f2021222324252627",
     ""},
    {"one met congestion, IPv6",
     "6020000000202c4020010db800000000000000000000000220010db80000000000000000000000013a000001000000098000a68c000100010"
     "00102030405060708090a0b0c0d0e0f "
     "6030000000202c4020010db800000000000000000000000220010db80000000000000000000000013a0000180000000910111213141516171"
     "8191a1b1c1d1e1f2021222324252627",
     "a 129/0"},
    {"a whole one among the pieces of another",
     "6000000000202c4020010db800000000000000000000000220010db80000000000000000000000013a0000010000000b8000a68c000100010"
     "00102030405060708090a0b0c0d0e0f "
     "6000000000382c4020010db800000000000000000000000220010db80000000000000000000000013a0000000000000b8000a68c000100010"
     "00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627",
     "a 129/0"},
};

TEST(reasm_as_on_linux)
{
    ip_rig_check(reasm_cases, ARRAY_LEN(reasm_cases));
}

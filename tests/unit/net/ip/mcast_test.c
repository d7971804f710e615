/* Group membership: what is reported when, by which version, and what a query is worth. Both families by one table. */
#include "net/ip/mcast.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/csum.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/ip/addr.h"
#include "net/wire/igmp.h"
#include "net/wire/ip6.h"
#include "tests/unit/net/ip/lan.h"

struct kind {
    const char *group, *other, *everybody;
    bool v6;
    u8 newest, old, done; /* message types */
    const char *version;  /* the switch */
};
static const struct kind kinds[] = {{"239.1.2.3", "239.9.9.9", "224.0.0.1", false, IGMP3_REPORT, IGMP2_REPORT,
                                     IGMP2_LEAVE, "net.ipv4.conf.eth0.force_igmp_version"},
                                    {"ff05::1:3", "ff05::9", "ff02::1", true, MLD2_REPORT, MLD1_REPORT, MLD1_DONE,
                                     "net.ipv6.conf.eth0.force_mld_version"}};

static void begin(struct lan *l)
{
    lan_start(l);
    lan_have(l, "10.0.0.1/24");
    lan_wait(l, 10000);
    lan_forget(l);
}

/* The message of the next report frame; NULL: none. Its header's options are looked at on the way. */
static const u8 *next(struct lan *l, const struct kind *k)
{
    while (lan_any(l)) {
        const u8 *ip = l->frame + ETH_HLEN;
        if (!k->v6 && load_be16(l->frame + 12) == ETH_IP4 && ip[9] == IP_IGMP) {
            CHECK(ip[0] == 0x46 && ip[8] == 1 && ip[20] == 148 && ip[1] == 0xc0);
            CHECK_EQ(csum_fold(csum_bytes(ip, 24)).raw, 0);
            CHECK_EQ(csum_fold(csum_bytes(ip + 24, load_be16(ip + 2) - 24)).raw, 0);
            return ip + 24;
        }
        if (k->v6 && load_be16(l->frame + 12) == ETH_IP6 && ip[6] == IP_HOPOPTS) {
            u32 n = load_be16(ip + 4) - 8;
            CHECK(ip[7] == 1 && ip[40] == IP_ICMP6 && ip[42] == 5);
            u32 sum = csum_add(csum_bytes(ip + 8, 32), csum_add(csum_of_u32(n), csum_of_u32(IP_ICMP6)));
            CHECK_EQ(csum_fold(csum_add(sum, csum_bytes(ip + 48, n))).raw, 0);
            return ip + 48;
        }
    }
    return NULL;
}

/* Is there a record of the group, of that kind, in the report? */
static bool tells(const u8 *m, const struct kind *k, enum group_record what, const char *group)
{
    struct ipaddr a = lan_addr(group);
    u32 size = k->v6 ? 16 : 4;
    if (!m || m[0] != k->newest)
        return false;
    for (u32 i = 0, n = load_be16(m + 6); i < n; i++) {
        const u8 *r = m + 8 + i * (4 + size);
        if (r[0] == what && !memcmp(r + 4, a.b + 16 - size, size))
            return true;
    }
    return false;
}

static u32 count(struct lan *l, const struct kind *k, enum group_record what, const char *group)
{
    u32 n = 0;
    for (const u8 *m; (m = next(l, k));)
        n += tells(m, k, what, group);
    return n;
}

static void join(struct lan *l, const char *group)
{
    struct ipaddr a = lan_addr(group);
    CHECK_EQ(WITH_CONF(mcast_join(l->dev, &a)), 0);
}

static void leave(struct lan *l, const char *group)
{
    struct ipaddr a = lan_addr(group);
    WITH_CONF(mcast_leave(l->dev, &a));
}

static void query(struct lan *l, const struct kind *k, u32 version, const char *group, u16 within)
{
    struct macaddr two = lan_mac(2);
    struct ipaddr a = lan_addr(group);
    u8 b[28] = {k->v6 ? MLD_QUERY : IGMP_QUERY};
    if (k->v6) {
        store_be16(b + 4, within);
        memcpy(b + 8, &a, 16);
        lan_icmp6(l, &two, "fe80::2", "ff02::1", b, version == 1 ? 24 : 28, 1);
    } else {
        b[1] = (u8)within;
        memcpy(b + 4, a.b + 12, 4);
        lan_igmp(l, "224.0.0.1", b, version == 3 ? 12 : 8);
    }
}

TEST(mcast_join_and_leave)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        begin(&l);
        join(&l, k->group);
        join(&l, k->group); /* once more: nothing new */
        lan_wait(&l, 3000);
        CHECK_EQ(count(&l, k, GROUP_TO_EXCLUDE, k->group), 2);
        leave(&l, k->group);
        lan_wait(&l, 3000);
        CHECK(!next(&l, k));
        leave(&l, k->group);
        lan_wait(&l, 3000);
        CHECK_EQ(count(&l, k, GROUP_TO_INCLUDE, k->group), 2);
        join(&l, k->everybody);
        leave(&l, k->everybody);
        lan_wait(&l, 3000);
        CHECK(!next(&l, k));
        lan_end(&l);
    }
}

TEST(mcast_left_and_back)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        begin(&l);
        join(&l, k->group);
        lan_wait(&l, 3000);
        lan_forget(&l);
        lan_hold(&l);
        leave(&l, k->group);
        join(&l, k->group);
        lan_let(&l);
        lan_wait(&l, 3000);
        u32 n = 0;
        for (const u8 *m; (m = next(&l, k)); n++)
            CHECK(tells(m, k, GROUP_TO_EXCLUDE, k->group));
        CHECK_EQ(n, 2);
        lan_end(&l);
    }
}

TEST(mcast_answers)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        u16 second = k->v6 ? 1000 : 10;
        begin(&l);
        join(&l, k->group);
        lan_wait(&l, 3000);
        lan_forget(&l);
        query(&l, k, k->v6 ? 2 : 3, k->v6 ? "::" : "0.0.0.0", second);
        lan_wait(&l, 1001);
        const u8 *m = next(&l, k);
        CHECK(tells(m, k, GROUP_IS_EXCLUDE, k->group) && !tells(m, k, GROUP_IS_EXCLUDE, k->everybody));
        CHECK(!next(&l, k));
        query(&l, k, k->v6 ? 2 : 3, k->group, second);
        query(&l, k, k->v6 ? 2 : 3, k->other, second);
        lan_wait(&l, 1001);
        CHECK(tells(next(&l, k), k, GROUP_IS_EXCLUDE, k->group));
        CHECK(!next(&l, k));
        lan_end(&l);
    }
}

/* While an older router is about, its version is spoken. */
TEST(mcast_older_versions)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        struct ipaddr a = lan_addr(k->other);
        begin(&l);
        query(&l, k, k->v6 ? 1 : 2, k->v6 ? "::" : "0.0.0.0", k->v6 ? 100 : 1);
        lan_wait(&l, 1000);
        lan_forget(&l);
        join(&l, k->other);
        lan_wait(&l, 3000);
        const u8 *m = next(&l, k);
        CHECK(m && m[0] == k->old && !memcmp(m + (k->v6 ? 8 : 4), k->v6 ? a.b : a.b + 12, k->v6 ? 16 : 4));
        CHECK(m && !memcmp(l.frame + ETH_HLEN + (k->v6 ? 24 : 16), k->v6 ? a.b : a.b + 12, k->v6 ? 16 : 4));
        lan_forget(&l);
        leave(&l, k->other);
        lan_wait(&l, 3000);
        m = next(&l, k);
        CHECK(m && m[0] == k->done);
        CHECK(!next(&l, k));
        lan_wait(&l, 260 * 1000);
        join(&l, k->group);
        lan_wait(&l, 3000);
        CHECK_EQ(count(&l, k, GROUP_TO_EXCLUDE, k->group), 2);
        lan_set(&l, k->version, k->v6 ? "1" : "2");
        leave(&l, k->group);
        lan_wait(&l, 100);
        m = next(&l, k);
        CHECK(m && m[0] == k->done);
        lan_end(&l);
    }
}

TEST(mcast_told_anew_when_up)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        begin(&l);
        join(&l, k->group);
        lan_wait(&l, 3000);
        lan_forget(&l);
        WITH_CONF(dev_down(l.dev));
        WITH_CONF(dev_up(l.dev));
        lan_wait(&l, 5000);
        CHECK_EQ(count(&l, k, GROUP_TO_EXCLUDE, k->group), 2);
        lan_end(&l);
    }
}

/* RFC 3376 4.1.1, RFC 3810 5.1.3 */
TEST(mcast_float)
{
    CHECK_EQ(igmp_float(127, 4), 127);
    CHECK_EQ(igmp_float(0x80, 4), 128);
    CHECK_EQ(igmp_float(0xff, 4), 31744);
    CHECK_EQ(igmp_float(32767, 12), 32767);
    CHECK_EQ(igmp_float(0x8000, 12), 32768);
    CHECK_EQ(igmp_float(0xffff, 12), 8387584);
}

/* What waits for the task is bounded for each device. */
TEST(mcast_queries_without_end)
{
    struct lan l;
    u8 query[12] = {0x11, 100};
    lan_start(&l);
    lan_have(&l, "10.0.0.1/24");
    lan_hold(&l);
    for (u32 i = 0; i < 100; i++)
        lan_igmp(&l, "224.0.0.1", query, sizeof(query));
    CHECK_EQ(l.dev->tending, 64);
    CHECK_EQ(drop_read(l.net, &l.dev->port, DROP_TEND_FULL, 0), 36);
    lan_let(&l);
    CHECK_EQ(l.dev->tending, 0);
    lan_end(&l);
}

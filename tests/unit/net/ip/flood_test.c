/* Floods, by virtual time: so many frames a second for 30 seconds come in by eth0 beside a ping every 20 ms through the
 * router, in both families. Every ping is answered, who lives is never pushed out, each frame of the flood is answered
 * or dropped by name, and afterwards no more memory is in use than before. With TEST_LONG four times as many frames.
 *
 *     client .2, attacker .3   eth0 router eth1   server .2, and 11.0.0.0/8 with nobody in it
 *
 * The pool of packets is that of a machine of 64 MiB.
 */
#include "host/host.h"
#include "lib/check.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/skb/drop.h"
#include "net/skb/pool.h"
#include "tests/unit/net/ip/flood_frames.h"
#include "tests/unit/net/ip/ip_rig.h"

#include <stdlib.h>

#define SECONDS   30u
#define TICKS     50u /* in a second; each has a ping of either family */
#define POOL      5350u
#define AFTER     400u  /* s: what is kept for a time is gone, what is collected is collected */
#define SOLICITS  1050u /* a second, of all: half of gc_thresh2 in a quarter of retrans_time, and the usual ones */
#define PING_ID   7u
#define FLOOD_ID  9u
#define LAST(key) ((key)[15])

static struct {
    u32 pings, answers;         /* sent by the client, come back to it */
    u32 replies, told, solicit; /* to the attacker: echo replies, ARP replies and advertisements; questions to all */
} seen;

/* ---- the stations ---- */

static void arrive(struct fake_dev *f, u32 n)
{
    fake_dev_arrive(f, flood_frame, n, 0);
}

/* Station 2 on either side is there, and on eth0 the attacker's. */
static bool is_there(const struct fake_dev *f, const struct ipaddr *a)
{
    return (addr_eq(a, &flood_station[f == rig.b][0]) || addr_eq(a, &flood_station[f == rig.b][1])) ||
           (f == rig.a && (addr_eq(a, &flood_attacker[0]) || addr_eq(a, &flood_attacker[1])));
}

static u8 mac_of(const struct fake_dev *f, const struct ipaddr *a)
{
    return f == rig.b ? 3 : LAST(a->b) == 2 ? 2 : 4;
}

static void hear_arp(struct fake_dev *f, const u8 *p)
{
    struct arp_hdr h;
    memcpy(&h, p + ETH_HLEN, sizeof(h));
    struct ipaddr a = addr_of4(h.tpa);
    if (be16_get(h.op) == ARP_REPLY) {
        seen.told++;
        return;
    }
    seen.solicit++;
    if (is_there(f, &a))
        arrive(f, flood_arp(ARP_REPLY, mac_of(f, &a), &a, &flood_router[f == rig.b][0]));
}

static void hear_ping(struct fake_dev *f, u8 type, const u8 *icmp, bool v6)
{
    bool request = type == (v6 ? ICMP6_ECHO : ICMP_ECHO);
    if (load_be16(icmp + 4) == FLOOD_ID) {
        seen.replies += !request;
        return;
    }
    if (f == rig.a)
        seen.answers += !request;
    else if (request)
        arrive(f, flood_ping(v6, false, 3, &flood_station[1][v6], &flood_station[0][v6], PING_ID, 64));
}

static void hear(struct fake_dev *f, const u8 *p)
{
    u16 type = load_be16(p + 12);
    const u8 *l4 = p + ETH_HLEN + (type == ETH_IP4 ? IP4_HLEN : IP6_HLEN);
    if (type == ETH_ARP) {
        hear_arp(f, p);
    } else if (type == ETH_IP4 && p[ETH_HLEN + 9] == IP_ICMP && (l4[0] == ICMP_ECHO || !l4[0])) {
        hear_ping(f, l4[0], l4, false);
    } else if (type == ETH_IP6 && p[ETH_HLEN + 6] == IP_ICMP6) {
        struct ipaddr target;
        memcpy(&target, l4 + 8, sizeof(target));
        if (l4[0] == NDP_NS) {
            seen.solicit++;
            if (is_there(f, &target))
                arrive(f, flood_na(mac_of(f, &target), &target, &flood_router[f == rig.b][1]));
        } else if (l4[0] == NDP_NA) {
            seen.told++;
        } else if (l4[0] == ICMP6_ECHO || l4[0] == ICMP6_ECHO_REPLY) {
            hear_ping(f, l4[0], l4, true);
        }
    }
}

/* All that was sent is heard, and answered, until nothing more comes of it. */
static void settle(void)
{
    host_run();
    while (rig.a->sent_n || rig.b->sent_n) {
        for (u32 side = 0; side < 2; side++) {
            struct fake_dev *f = side ? rig.b : rig.a;
            u32 n = f->sent_n;
            for (u32 i = 0; i < n; i++) {
                CHECK(ip_rig_out(f, i));
                hear(f, rig.frame);
            }
            fake_dev_complete(f, n);
            host_run();
        }
    }
}

static void ping(bool v6)
{
    seen.pings++;
    arrive(rig.a, flood_ping(v6, true, 2, &flood_station[0][v6], &flood_station[1][v6], PING_ID, 64));
}

static void wait_ms(u64 ms)
{
    for (u64 some; ms; ms -= some) {
        some = min(ms, 1000ull);
        host_clock_advance(some * NS_PER_MS);
        settle();
    }
}

/* ---- one flood ---- */

static u64 all_drops(void)
{
    u64 n = 0;
    for (enum drop_reason why = 0; why < DROP_REASONS; why++)
        n += drop_read(rig.net, &rig.a->dev->port, why, 0) + drop_read(rig.net, &rig.b->dev->port, why, 0) +
             drop_read(rig.net, NULL, why, 0);
    return n;
}

static size_t live(void)
{
    softirq_off();
    skb_pool_shrink(skb_pool_of(rig.net));
    softirq_on();
    host_run();
    return host_mem_live();
}

static void forget_neigh(struct netdev *dev, const struct ipaddr *a)
{
    CHECK_EQ(WITH_CONF(neigh_del(dev, a)), 0);
}

static void begin(void)
{
    flood_start();
    ip_rig_start();
    skb_pool_of(rig.net)->most = POOL;
    ip_rig_addr(rig.b->dev, "11.0.0.1/8", true);
    ip_rig_sysctl("net.ipv4.neigh.default.gc_thresh1", "1"); /* none is kept for its own sake */
    ip_rig_sysctl("net.ipv6.neigh.default.gc_thresh1", "1");
    for (u32 side = 0; side < 2; side++)
        for (u32 v6 = 0; v6 < 2; v6++)
            forget_neigh((side ? rig.b : rig.a)->dev, &flood_station[side][v6]);
    memset(&seen, 0, sizeof(seen));
    for (u32 i = 0; i < 2; i++) { /* all know each other */
        ping(i);
        arrive(rig.a, flood_ping(i, true, 4, &flood_attacker[i], &flood_router[0][i], FLOOD_ID, 64));
        wait_ms(10000);
    }
    CHECK_EQ(seen.answers, 2);
    memset(&seen, 0, sizeof(seen));
}

struct flood {
    const char *name;
    void (*setup)(void); /* may be NULL */
    bool forgets;        /* every second the server is forgotten, and asked for again */
    u32 (*frame)(u32 i); /* into flood_frame; its length */
    u32 (*taken)(void);  /* may be NULL: of those, what was no drop */
};

static u32 replies(void)
{
    return seen.replies;
}

static u32 told(void)
{
    return seen.told;
}

static u64 counter(const char *name)
{
    return stats_read(rig.net, stats_find(name));
}

static u32 heard(void)
{
    return (u32)(counter("Ip6.RaHeard") - ip_rig_drops(rig.a, DROP_TEND_FULL));
}

/* One that forwards, and heeds other routers all the same. */
static void as_host(void)
{
    ip_rig_sysctl("net.ipv6.conf.eth0.accept_ra", "2");
}

static void pour(const struct flood *k, u32 each)
{
    u32 n = 0;
    for (u32 tick = 0; tick < SECONDS * TICKS; tick++) {
        for (u32 v6 = 0; v6 < 2 && k->forgets && tick % TICKS == 0; v6++)
            forget_neigh(rig.b->dev, &flood_station[1][v6]);
        for (u32 i = 0; i < each / TICKS; i++) {
            u32 len = k->frame(n++);
            arrive(rig.a, len);
            if (i == each / TICKS / 2) {
                ping(false);
                ping(true);
            }
            if (i % 64 == 63)
                settle();
        }
        settle();
        host_clock_advance(NS_PER_S / TICKS);
        settle();
    }
}

static void run(const struct flood *k)
{
    u32 each = getenv("TEST_LONG") ? 8000 : 2000;
    begin();
    if (k->setup)
        k->setup();
    u64 before = all_drops(), used = skb_pool_used(skb_pool_of(rig.net));
    size_t had = live();
    pour(k, each);
    if (seen.answers != seen.pings)
        test_failed(__FILE__, __LINE__, "%s: of %u pings %u were answered", k->name, seen.pings, seen.answers);
    u32 taken = k->taken ? k->taken() : 0, solicited = seen.solicit;
    wait_ms(AFTER * 1000);
    u64 dropped = all_drops() - before;
    if (dropped + taken != SECONDS * each)
        test_failed(__FILE__, __LINE__, "%s: of %u frames %llu were dropped by name and %u answered", k->name,
                    SECONDS * each, (unsigned long long)dropped, taken);
    if (solicited > SECONDS * SOLICITS)
        test_failed(__FILE__, __LINE__, "%s: %u questions to all", k->name, solicited);
    CHECK_EQ(skb_pool_used(skb_pool_of(rig.net)), used);
    CHECK_LE(live(), had);
    ip_rig_end();
}

static const struct flood floods[] = {
    {.name = "scan of a /8", .frame = flood_scan4},
    {.name = "scan of a /64", .frame = flood_scan6},
    {.name = "scan of a /8, beside new neighbours", .frame = flood_scan4, .forgets = true},
    {.name = "scan of a /64, beside new neighbours", .frame = flood_scan6, .forgets = true},
    {.name = "unknown neighbours, beside new ones", .frame = flood_unknown4, .forgets = true},
    {.name = "unknown neighbours", .frame = flood_unknown4},
    {.name = "unknown neighbours, IPv6", .frame = flood_unknown6},
    {.name = "fragments", .frame = flood_frag4},
    {.name = "fragments, IPv6", .frame = flood_frag6},
    {.name = "echo", .frame = flood_echo4, .taken = replies},
    {.name = "echo, IPv6", .frame = flood_echo6, .taken = replies},
    {.name = "hops used up", .frame = flood_ttl4},
    {.name = "hops used up, IPv6", .frame = flood_ttl6},
    {.name = "spoofed questions, ARP", .frame = flood_arp_asks, .taken = told},
    {.name = "spoofed claims, ARP", .frame = flood_arp_claims},
    {.name = "spoofed questions, NDP", .frame = flood_nd_asks, .taken = told},
    {.name = "spoofed claims, NDP", .frame = flood_nd_claims},
    {.name = "advertisements", .frame = flood_ra, .setup = as_host, .taken = heard}};

static void run_all(const char *word)
{
    u32 n = 0;
    for (u32 i = 0; i < ARRAY_LEN(floods); i++)
        if (str_starts(floods[i].name, word)) {
            run(&floods[i]);
            n++;
        }
    CHECK(n);
}

TEST(flood_scan)
{
    run_all("scan");
}

TEST(flood_unknown_neighbours)
{
    run_all("unknown");
}

TEST(flood_fragments)
{
    run_all("fragments");
}

TEST(flood_echo)
{
    run_all("echo");
}

TEST(flood_hops_used_up)
{
    run_all("hops");
}

TEST(flood_spoofs)
{
    run_all("spoofed");
}

TEST(flood_advertisements)
{
    run_all("adv");
}

/* The table of routes against one that is a plain list: the same answers, whatever comes, goes and dies. */
#include "net/ip/fib.h"

#include "host/host.h"
#include "host/test_smp.h"
#include "lib/check.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/ip/addr.h"
#include "net/ip/rule.h"
#include "tests/unit/net/ip/fib_torture.h"
#include "tests/unit/net/ip/ip_rig.h"
#include "tests/unit/net/ip/router.h"
#include <stdlib.h>

#define ROUTES 400u
#define TABLE  77u

struct line { /* what stands in the list */
    bool used;
    struct ipprefix prefix;
    u8 type, tos;
    u32 metric;
    struct netdev *dev; /* NULL: none */
};

static struct line lines[ROUTES];

/* Few different bits, so that prefixes meet. */
static struct ipaddr some_addr(bool v6)
{
    struct ipaddr a = v6 ? (struct ipaddr){{0x20, 0x01}} : ipaddr_of4(0, 0, 0, 0);
    for (unsigned i = v6 ? 4 : 12; i < 16; i++)
        a.b[i] = (u8)(test_rand() % 4 ? test_rand() & 0x81 : test_rand());
    if (!v6)
        a.b[12] = (u8)(8 + test_rand() % 3);
    return a;
}

static struct line some_line(bool v6)
{
    static const u8 types[] = {ROUTE_UNICAST,  ROUTE_UNICAST, ROUTE_UNICAST,    ROUTE_BLACKHOLE,
                               ROUTE_PROHIBIT, ROUTE_THROW,   ROUTE_UNREACHABLE};
    struct line l = {
        .used = true, .type = types[test_rand() % ARRAY_LEN(types)], .metric = (u32)(test_rand() % 3) * 10};
    unsigned bits = v6 ? 128 : 32;
    l.prefix.bits = (u8)(test_rand() % 3 ? test_rand() % (bits + 1) : bits - test_rand() % 8);
    l.prefix.addr = addr_fill((struct ipaddr[]){some_addr(v6)}, l.prefix.bits, false);
    l.tos = test_rand() % 8 ? 0 : 0x10;
    if (l.type == ROUTE_UNICAST)
        l.dev = test_rand() % 2 ? rig.a->dev : rig.b->dev;
    return l;
}

static int change(const struct line *l, bool v6, bool add)
{
    struct fib_table *t = fib_table(rig.net, v6, TABLE, true);
    struct hop hop = {.dev = l->dev, .weight = 1, .via = v6 ? (struct ipaddr){{0}} : ipaddr_of4(0, 0, 0, 0)};
    struct route_want w = {.key = {.family = v6, .type = l->type, .tos = l->tos, .metric = l->metric},
                           .hops = l->dev != NULL,
                           .hop = &hop};
    struct fib_match m = {.has_tos = true, .has_metric = true, .key = w.key};
    return add ? WITH_CONF(fib_add(t, &l->prefix, &w, FIB_NEW)) : WITH_CONF(fib_del(t, &l->prefix, &m));
}

static bool same_place(const struct line *a, const struct line *b)
{
    return a->prefix.bits == b->prefix.bits && addr_eq(&a->prefix.addr, &b->prefix.addr) && a->tos == b->tos &&
           a->metric == b->metric;
}

static const struct line *right_answer(const struct ipaddr *a, u8 tos)
{
    const struct line *best = NULL;
    for (u32 i = 0; i < ROUTES; i++) {
        const struct line *l = &lines[i];
        if (!l->used || (l->tos && l->tos != tos) || !prefix_has(&l->prefix, a) ||
            (l->dev && !(l->dev->flags & DEV_UP)))
            continue;
        if (!best || l->prefix.bits > best->prefix.bits ||
            (l->prefix.bits == best->prefix.bits &&
             (l->tos > best->tos || (l->tos == best->tos && l->metric < best->metric))))
            best = l;
    }
    return best;
}

static void compare(const struct ipaddr *a, bool v6)
{
    struct fib_table *t = fib_table(rig.net, v6, TABLE, true);
    u8 tos = test_rand() % 2 ? 0x10 : 0;
    const struct line *l = right_answer(a, tos);
    unsigned bits = 0;
    const struct route *r = fib_find(t, ip_key(a), tos, &bits);
    if (!r != !l)
        test_failed(__FILE__, __LINE__, "one has a route, the other has none");
    else if (r && (bits != l->prefix.bits || r->key.type != l->type || r->key.metric != l->metric ||
                   r->key.tos != l->tos || (l->dev && r->hop[0].dev != l->dev)))
        test_failed(__FILE__, __LINE__, "another route: /%u, not /%u", bits, l->prefix.bits);
}

/* Each prefix's first and last address, and those beside. */
static void compare_edges(bool v6)
{
    for (u32 i = 0; i < ROUTES; i++) {
        struct ipaddr first = addr_fill(&lines[i].prefix.addr, lines[i].prefix.bits, false);
        struct ipaddr last = addr_fill(&first, lines[i].prefix.bits, true);
        if (!lines[i].used)
            continue;
        for (unsigned at = 16; at-- > (v6 ? 0 : 12) && !first.b[at]--;)
            ;
        compare(&first, v6);
        first = lines[i].prefix.addr;
        compare(&first, v6);
        compare(&last, v6);
        for (unsigned at = 16; at-- > (v6 ? 0 : 12) && !++last.b[at];)
            ;
        compare(&last, v6);
    }
}

static void change_one(bool v6)
{
    u32 i = (u32)(test_rand() % ROUTES), other = ROUTES;
    if (lines[i].used) {
        CHECK_EQ(change(&lines[i], v6, false), 0);
        lines[i].used = false;
        return;
    }
    struct line l = some_line(v6);
    for (u32 k = 0; k < ROUTES; k++)
        if (lines[k].used && same_place(&lines[k], &l))
            other = k;
    if (l.dev && !(l.dev->flags & DEV_UP))
        return;
    CHECK_EQ(change(&l, v6, true), other < ROUTES ? -EEXIST : 0);
    if (other == ROUTES)
        lines[i] = l;
}

static void flip(struct netdev *dev, bool v6)
{
    if (!(dev->flags & DEV_UP)) {
        CHECK_EQ(WITH_CONF(dev_up(dev)), 0);
        return;
    }
    WITH_CONF(dev_down(dev)); /* and the routes by it go */
    for (u32 i = 0; i < ROUTES; i++)
        if (lines[i].dev == dev)
            lines[i].used = false;
}

/* fronts: with the tables that large ones have in front of them. Altogether 10^5 addresses, or 10^7. */
static void against_list(bool v6, bool fronts)
{
    u32 rounds = getenv("TEST_LONG") ? 25000 : 250;
    ip_rig_start();
    memset(lines, 0, sizeof(lines));
    struct lpm *l = &fib_table(rig.net, v6, TABLE, true)->lpm;
    if (fronts) {
        l->direct_at = 40;
        l->wide_at = 80;
    }
    for (u32 round = 0; round < rounds; round++) {
        for (u32 i = 0; i < 20; i++)
            change_one(v6);
        if (round % 50 == 49)
            flip(test_rand() % 2 ? rig.a->dev : rig.b->dev, v6);
        for (u32 i = 0; i < 100; i++) {
            struct ipaddr a = some_addr(v6);
            compare(&a, v6);
        }
        if (round % 40 == 0)
            compare_edges(v6);
        host_run();
    }
    CHECK_EQ(fronts, l->direct != NULL);
    CHECK_EQ(fronts && !v6, l->wide != NULL);
    compare_edges(v6);
    for (u32 i = 0; i < ROUTES; i++)
        if (lines[i].used)
            CHECK_EQ(change(&lines[i], v6, false), 0);
    CHECK_EQ(fib_table(rig.net, v6, TABLE, false)->prefixes, 0);
    ip_rig_end();
}

TEST(fib_is_as_a_list_v4)
{
    against_list(false, false);
    against_list(false, true);
}

TEST(fib_is_as_a_list_v6)
{
    against_list(true, false);
    against_list(true, true);
}

/* A net ends with whatever routes it has left, those of no device and of tables of their own. */
/* A small router's tables, all of them: under 256 KiB. */
TEST(fib_of_a_few_routes_is_small)
{
    size_t bytes = 0;
    ip_rig_start();
    TYPED(rig.net, {"ip route add default via 10.2.0.2", 0, ""}, {"ip route add 10.9.0.0/16 via 10.1.0.2", 0, ""},
          {"ip -6 route add default via 2001:db8:1::2", 0, ""});
    for (enum ip_index f = 0; f < IP_FAMILIES; f++)
        for (struct fib_table *t = NULL; (t = fib_next(rig.net, f, t));)
            bytes += t->lpm.bytes;
    CHECK(bytes);
    CHECK_LT(bytes, 256 * 1024);
    ip_rig_end();
}

TEST(fib_ends_with_its_routes)
{
    struct router r;
    router_start(&r);
    TYPED(r.net, {"ip route add blackhole 203.0.113.0/24; ip -6 route add unreachable 2001:db8:9::/48", 0, ""},
          {"ip route add prohibit default table 77; ip route add throw 203.0.113.0/24 metric 5", 0, ""});
    fake_dev_end(r.eth0);
    fake_dev_end(r.eth1);
    host_run();
    net_take_down(r.net);
}

/* Routes that prefer an address go with it, unless another device has it, too (Linux: fib_sync_down_addr). */
TEST(fib_preferred_source_goes)
{
    struct router r;
    router_start_full(&r);
    TYPED(
        r.net, {"ip addr add 192.0.2.1/32 dev eth0; ip addr add 192.0.2.1/32 dev eth1", 0, ""},
        {"ip route add 10.9.0.0/16 via 10.1.0.2 src 192.0.2.1; ip route add 10.8.0.0/16 via 10.1.0.2", 0, ""},
        {"ip route add 10.7.0.0/16 via 10.1.0.2 src 192.0.2.1 metric 5; ip route add 10.7.0.0/16 via 10.1.0.2", 0, ""},
        {"ip addr del 192.0.2.1/32 dev eth0", 0, ""}, {"ip route show 10.9.0.0/16", 0, NULL});
    CHECK(*typed_said);
    TYPED(r.net, {"ip addr del 192.0.2.1/32 dev eth1", 0, ""}, {"ip route show 10.9.0.0/16", 0, ""},
          {"ip route show 10.8.0.0/16", 0, "10.8.0.0/16 via 10.1.0.2 dev eth0 \n"},
          {"ip route show 10.7.0.0/16", 0, "10.7.0.0/16 via 10.1.0.2 dev eth0 \n"},
          {"ip link add d0 type dummy; ip link set d0 up; ip addr add 192.0.2.7/32 dev d0", 0, ""},
          {"ip route add 10.9.0.0/16 via 10.1.0.2 src 192.0.2.7; ip link del d0", 0, ""},
          {"ip route show 10.9.0.0/16", 0, ""});
    router_end(&r);
}

TEST(fib_lo_is_shown)
{
    struct router r;
    router_start(&r);
    TYPED(r.net, {"ip -br link show lo", 0, NULL}, {"ip link show lo", 0, NULL});
    CHECK(str_match("*qdisc noop state DOWN*", typed_said));
    TYPED(r.net, {"ip link set lo up", 0, ""}, {"ip link show lo", 0, NULL});
    CHECK(str_match("*qdisc noqueue state UNKNOWN*", typed_said));
    router_end(&r);
}

/* Each link has a route to the groups there, while it is up and has IPv6. */
TEST(fib_groups)
{
    struct router r;
    router_start_full(&r);
    TYPED(r.net,
          {"ip -6 route show table local type multicast", 0,
           "multicast ff00::/8 dev eth0 proto kernel metric 256 pref medium\n"
           "multicast ff00::/8 dev eth1 proto kernel metric 256 pref medium\n"},
          {"ip link set eth0 down", 0, ""},
          {"ip -6 route show table local type multicast", 0,
           "multicast ff00::/8 dev eth1 proto kernel metric 256 pref medium\n"},
          {"ip link set eth0 up; sysctl -qw net.ipv6.conf.eth1.disable_ipv6=1", 0, ""},
          {"ip -6 route show table local type multicast", 0,
           "multicast ff00::/8 dev eth0 proto kernel metric 256 pref medium\n"});
    router_end(&r);
}

/* ---- readers on other CPUs ---- */

static struct fib_table *torn;
static bool torture_over;

static void torture(void *arg)
{
    u64 seed = cpu_id();
    for (u32 round = 0; cpu_id() == 0 && round < 200; round++) {
        fib_torture_write(torn, round);
        smp_relax();
    }
    if (cpu_id() == 0)
        store_release(&torture_over, true);
    while (!load_acquire(&torture_over)) {
        CHECK(fib_torture_look(torn, &seed));
        smp_relax();
    }
}

TEST(smp_fib_readers_see_before_or_after)
{
    struct router r;
    router_start(&r);
    torn = fib_torture_begin(r.net);
    torture_over = false;
    smp_run(torture, NULL);
    CHECK(torn->lpm.direct && torn->lpm.wide);
    fib_torture_end(torn);
    router_end(&r);
}

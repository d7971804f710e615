/* The table of routes against one that is a plain list: the same answers, whatever comes, goes and dies. */
#include "net/ip/fib.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/ip/addr.h"
#include "net/ip/rule.h"
#include "tests/unit/net/ip/ip_rig.h"
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
    static const u8 types[] = {ROUTE_UNICAST,   ROUTE_UNICAST,  ROUTE_UNICAST,
                               ROUTE_BLACKHOLE, ROUTE_PROHIBIT, ROUTE_THROW};
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

static void against_list(bool v6)
{
    u32 rounds = getenv("TEST_LONG") ? 50000 : 400;
    ip_rig_start();
    memset(lines, 0, sizeof(lines));
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
    for (u32 i = 0; i < ROUTES; i++)
        if (lines[i].used)
            CHECK_EQ(change(&lines[i], v6, false), 0);
    CHECK_EQ(fib_table(rig.net, v6, TABLE, false)->prefixes, 0);
    ip_rig_end();
}

TEST(fib_is_as_a_list_v4)
{
    against_list(false);
}

TEST(fib_is_as_a_list_v6)
{
    against_list(true);
}

/* Neighbour discovery: which messages count (RFC 4861 7.1), what is answered (7.2.4) and what is learnt (7.2.3, 7.2.5).
 * eth0 has 2001:db8::1. */
#include "net/wire/ndp.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/string.h"
#include "net/ip/neigh_proxy.h"
#include "net/skb/drop.h"
#include "net/wire/ip6.h"
#include "tests/unit/net/ip/lan.h"

#define GROUP "ff02::1:ff00:1"
#define OURS  "2001:db8::1"
#define PEER  "2001:db8::2"

static void begin(struct lan *l)
{
    lan_start(l);
    lan_have(l, OURS "/64");
    lan_wait(l, 5000);
    lan_forget(l);
}

static const struct ip6_hdr *next(struct lan *l, u8 type)
{
    return lan_next(l, ETH_IP6, type) ? (const struct ip6_hdr *)(l->frame + ETH_HLEN) : NULL;
}

static const struct ndp_msg *message(const struct ip6_hdr *h)
{
    return (const struct ndp_msg *)(h + 1);
}

TEST(ndp_answers)
{
    struct lan l;
    struct macaddr two = lan_mac(2);
    begin(&l);
    lan_ndp(&l, NDP_NS, &two, PEER, GROUP, OURS, 0, &two);
    const struct ip6_hdr *h = next(&l, NDP_NA);
    struct ipaddr peer = lan_addr(PEER), ours = lan_addr(OURS), all = lan_addr("ff02::1");
    CHECK(h && h->hops == 255 && be16_get(h->payload) == 32);
    if (!h)
        return;
    CHECK_MEM(&h->dst, &peer, 16);
    CHECK_MEM(&h->src, &ours, 16);
    CHECK_MEM(&message(h)->target, &ours, 16);
    CHECK_EQ(be32_get(message(h)->flags), NDP_NA_SOLICITED | NDP_NA_OVERRIDE);
    CHECK_EQ(((const u8 *)(message(h) + 1))[0], NDP_OPT_TARGET);
    CHECK_MEM((const u8 *)(message(h) + 1) + 2, &l.dev->mac, 6);
    CHECK_EQ(lan_state(&l, PEER), NUD_DELAY); /* it was stale, and is used for the answer */

    lan_set(&l, "net.ipv6.conf.all.forwarding", "1");
    lan_ndp(&l, NDP_NS, &two, "::", GROUP, OURS, 0, NULL); /* somebody wants to have our address (RFC 4862 5.4) */
    h = next(&l, NDP_NA);
    CHECK(h && !memcmp(&h->dst, &all, 16) && be32_get(message(h)->flags) == (NDP_NA_ROUTER | NDP_NA_OVERRIDE));
    lan_end(&l);
}

/* What is wrong with each: nothing is answered, nothing is learnt. */
TEST(ndp_refuses)
{
    static const struct {
        u8 type, code, hops;
        const char *src, *dst, *target;
        u32 flags;
        u8 opt[8];
        u32 opt_n;
    } t[] = {
        {NDP_NS, 0, 254, PEER, GROUP, OURS, 0, {1, 1, 2, 0, 0, 0, 0, 2}, 8},      /* came over a router */
        {NDP_NS, 1, 255, PEER, GROUP, OURS, 0, {1, 1, 2, 0, 0, 0, 0, 2}, 8},      /* a code */
        {NDP_NS, 0, 255, PEER, GROUP, "ff02::5", 0, {1, 1, 2, 0, 0, 0, 0, 2}, 8}, /* a group's address */
        {NDP_NS, 0, 255, PEER, GROUP, OURS, 0, {1, 0, 2, 0, 0, 0, 0, 2}, 8},      /* an option of no length */
        {NDP_NS, 0, 255, PEER, GROUP, OURS, 0, {1, 2, 2, 0, 0, 0, 0, 2}, 8},      /* one longer than there is */
        {NDP_NS, 0, 255, PEER, GROUP, OURS, 0, {1, 1, 2}, 3},                     /* one cut short */
        {NDP_NS, 0, 255, PEER, GROUP, OURS, 0, {1, 1, 3, 0, 0, 0, 0, 2}, 8},      /* a group's MAC address */
        {NDP_NS, 0, 255, "::", GROUP, OURS, 0, {1, 1, 2, 0, 0, 0, 0, 2}, 8},      /* from nobody, with a MAC address */
        {NDP_NS, 0, 255, "::", OURS, OURS, 0, {0}, 0},                            /* from nobody, to us alone */
        {NDP_NS, 0, 255, PEER, "2001:db8::1", "2001:db8::77", 0, {0}, 0},         /* not ours */
        {NDP_NA, 0, 255, PEER, "ff02::1", PEER, NDP_NA_SOLICITED, {2, 1, 2, 0, 0, 0, 0, 2}, 8}, /* asked for by all */
        {NDP_NA, 0, 255, PEER, OURS, PEER, NDP_NA_SOLICITED, {2, 1, 2, 0, 0, 0, 0, 2}, 8},      /* asked by nobody */
    };
    struct lan l;
    struct macaddr two = lan_mac(2);
    begin(&l);
    for (u32 i = 0; i < ARRAY_LEN(t); i++) {
        u8 msg[32];
        struct ndp_msg m = {t[i].type, t[i].code, {0}, be32_of(t[i].flags), lan_addr(t[i].target)};
        memcpy(msg, &m, sizeof(m));
        memcpy(msg + sizeof(m), t[i].opt, t[i].opt_n);
        lan_icmp6(&l, &two, t[i].src, t[i].dst, msg, sizeof(m) + t[i].opt_n, t[i].hops);
        if (next(&l, NDP_NA) || neigh_count(l.net, IP_V6))
            test_failed(__FILE__, __LINE__, "case %u is heeded", i);
    }
    lan_end(&l);
}

/* RFC 4861 7.2.5, by the state before: what the advertisement says, and what is then. The peer is 02::02. */
TEST(ndp_hears)
{
    enum { S = NDP_NA_SOLICITED, O = NDP_NA_OVERRIDE, R = NDP_NA_ROUTER };
    static const struct {
        u8 before;
        u32 flags;
        u8 says; /* the MAC address that it tells, 0: none */
        u8 after, mac;
        bool router;
    } t[] = {
        {NUD_INCOMPLETE, O, 0, NUD_INCOMPLETE, 0, false}, /* of no use without one */
        {NUD_INCOMPLETE, S | O, 2, NUD_REACHABLE, 2, false},
        {NUD_INCOMPLETE, O, 2, NUD_STALE, 2, false},
        {NUD_INCOMPLETE, S | R, 2, NUD_REACHABLE, 2, true},
        {NUD_REACHABLE, O, 2, NUD_REACHABLE, 2, false}, /* nothing new */
        {NUD_REACHABLE, O, 9, NUD_STALE, 9, false},
        {NUD_REACHABLE, S | O, 9, NUD_REACHABLE, 9, false},
        {NUD_REACHABLE, 0, 9, NUD_STALE, 2, false}, /* another one says so: doubtful */
        {NUD_REACHABLE, R, 9, NUD_STALE, 2, false}, /* and what else it says does not count */
        {NUD_STALE, 0, 9, NUD_STALE, 2, false},
        {NUD_STALE, S, 9, NUD_STALE, 2, false},
        {NUD_STALE, S, 2, NUD_REACHABLE, 2, false},
        {NUD_STALE, S | R, 0, NUD_REACHABLE, 2, true}, /* an answer to us alone need not tell it */
        {NUD_PROBE, S, 0, NUD_REACHABLE, 2, false},
        {NUD_PROBE, O, 2, NUD_PROBE, 2, false}, /* not asked for: it proves nothing */
        {NUD_DELAY, S | O, 9, NUD_REACHABLE, 9, false},
    };
    for (u32 i = 0; i < ARRAY_LEN(t); i++) {
        struct lan l;
        struct macaddr two = lan_mac(2), says = lan_mac(t[i].says);
        struct ipaddr peer = lan_addr(PEER);
        begin(&l);
        lan_send(&l, &peer, 20);
        struct neigh *n = neigh_find(l.dev, &peer);
        if (t[i].before != NUD_INCOMPLETE) {
            softirq_off();
            neigh_update(n, &two, t[i].before == NUD_REACHABLE ? NUD_REACHABLE : NUD_STALE, NEIGH_OVERRIDE, false);
            softirq_on();
            if (t[i].before & (NUD_DELAY | NUD_PROBE))
                lan_send(&l, &peer, 20);
            lan_wait(&l, t[i].before == NUD_PROBE ? 5500 : 0);
        }
        CHECK_EQ(n->state, t[i].before);
        lan_ndp(&l, NDP_NA, &two, PEER, t[i].flags & S ? OURS : "ff02::1", PEER, t[i].flags, t[i].says ? &says : NULL);
        if (n->state != t[i].after || (t[i].mac && n->header.dst.b[5] != t[i].mac) ||
            !!(n->flags & NEIGH_ROUTER) != t[i].router)
            test_failed(__FILE__, __LINE__, "case %u: state 0x%x, MAC %u, flags 0x%x", i, n->state, n->header.dst.b[5],
                        n->flags);
        lan_end(&l);
    }
}

TEST(ndp_asks_the_group_and_then_it_alone)
{
    struct lan l;
    struct macaddr two = lan_mac(2), group_mac = {{0x33, 0x33, 0xff, 0, 0, 2}};
    struct ipaddr peer = lan_addr(PEER), group = lan_addr("ff02::1:ff00:2"), ours = lan_addr(OURS);
    begin(&l);
    lan_send(&l, &peer, 20);
    const struct ip6_hdr *h = next(&l, NDP_NS);
    CHECK(h != NULL);
    if (!h)
        return;
    CHECK_MEM(l.frame, &group_mac, 6);
    CHECK_MEM(&h->dst, &group, 16);
    CHECK_MEM(&h->src, &ours, 16);
    CHECK_MEM((const u8 *)(message(h) + 1) + 2, &l.dev->mac, 6);
    lan_ndp(&l, NDP_NA, &two, PEER, OURS, PEER, NDP_NA_SOLICITED, &two);
    lan_wait(&l, 45001);
    lan_send(&l, &peer, 20);
    lan_wait(&l, 5500);
    h = next(&l, NDP_NS);
    CHECK(h && !memcmp(&h->dst, &peer, 16) && !memcmp(l.frame, &two, 6));
    lan_end(&l);
}

/* For whom a proxy is: answered by who forwards where it is switched on, and overriding nothing (RFC 4861 7.2.8). */
TEST(ndp_proxy)
{
    struct lan l;
    struct macaddr two = lan_mac(2);
    struct ipaddr other = lan_addr("2001:db8::77"), peer = lan_addr(PEER);
    begin(&l);
    CHECK_EQ(WITH_CONF(neigh_proxy_add(l.dev, &other, false)), 0);
    lan_ndp(&l, NDP_NS, &two, PEER, "ff02::1:ff00:77", "2001:db8::77", 0, &two);
    CHECK(!next(&l, NDP_NA));
    lan_set(&l, "net.ipv6.conf.eth0.proxy_ndp", "1");
    lan_ndp(&l, NDP_NS, &two, PEER, "ff02::1:ff00:77", "2001:db8::77", 0, &two);
    CHECK(!next(&l, NDP_NA)); /* does not forward */
    lan_set(&l, "net.ipv6.conf.all.forwarding", "1");
    lan_forget(&l);
    lan_ndp(&l, NDP_NS, &two, PEER, "ff02::1:ff00:77", "2001:db8::77", 0, &two);
    const struct ip6_hdr *h = next(&l, NDP_NA);
    CHECK(h != NULL);
    if (!h)
        return;
    CHECK_MEM(&h->dst, &peer, 16);
    CHECK_MEM(&message(h)->target, &other, 16);
    CHECK_EQ(be32_get(message(h)->flags), NDP_NA_SOLICITED);
    CHECK_MEM((const u8 *)(message(h) + 1) + 2, &l.dev->mac, 6);
    CHECK_EQ(lan_state(&l, PEER), NUD_DELAY);
    lan_ndp(&l, NDP_NS, &two, PEER, "ff02::1:ff00:77", "2001:db8:1::77", 0, &two); /* of the same group, not that one */
    CHECK(!next(&l, NDP_NA));
    lan_ndp(&l, NDP_NS, &two, "::", "ff02::1:ff00:77", "2001:db8::77", 0, NULL); /* nobody else may have it */
    CHECK((h = next(&l, NDP_NA)) && be32_get(message(h)->flags) == 0);
    CHECK_EQ(WITH_CONF(neigh_proxy_del(l.dev, &other)), 0);
    lan_ndp(&l, NDP_NS, &two, PEER, "ff02::1:ff00:77", "2001:db8::77", 0, &two);
    CHECK(!next(&l, NDP_NA));
    lan_end(&l);
}

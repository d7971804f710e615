/* Neighbours: each arrow of the picture in neigh.h, through both families; bounds; what a stranger cannot push out. */
#include "net/ip/neigh.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/conf.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/skb/drop.h"
#include "net/wire/arp.h"
#include "net/wire/ndp.h"
#include "tests/unit/net/ip/lan.h"

struct kind { /* a family's words */
    const char *ours, *peer, *other;
    u16 ethertype;
    int solicitation;
};
static const struct kind kinds[] = {{"10.0.0.1/24", "10.0.0.2", "10.0.0.3", ETH_ARP, -1},
                                    {"2001:db8::1/64", "2001:db8::2", "2001:db8::3", ETH_IP6, NDP_NS}};

static void begin(struct lan *l, const struct kind *k)
{
    lan_start(l);
    lan_have(l, k->ours);
    lan_wait(l, 5000); /* what is asked for its own sake is over */
    lan_forget(l);
}

static u32 asked(struct lan *l, const struct kind *k)
{
    return lan_count(l, k->ethertype, k->solicitation);
}

/* Station 2 (or another one's MAC address) answers for the peer. */
static void answers(struct lan *l, const struct kind *k, u8 station)
{
    struct macaddr mac = lan_mac(station);
    if (k->ethertype == ETH_ARP)
        lan_arp(l, ARP_REPLY, &mac, k->peer, "10.0.0.1", false);
    else
        lan_ndp(l, NDP_NA, &mac, k->peer, "2001:db8::1", k->peer, NDP_NA_SOLICITED | NDP_NA_OVERRIDE, &mac);
}

static void send(struct lan *l, const struct kind *k)
{
    struct ipaddr a = lan_addr(k->peer);
    lan_send(l, &a, 20);
}

static struct neigh *peer_of(struct lan *l, const struct kind *k)
{
    struct ipaddr a = lan_addr(k->peer);
    return neigh_find(l->dev, &a);
}

static u64 dropped(struct lan *l, enum drop_reason why)
{
    return drop_read(l->net, &l->dev->port, why, 0);
}

/* INCOMPLETE -> REACHABLE, and what waited goes to the address that was told. */
static void resolves(struct lan *l, const struct kind *k)
{
    u16 ip = k->ethertype == ETH_ARP ? ETH_IP4 : ETH_IP6;
    send(l, k);
    send(l, k);
    CHECK_EQ(lan_state(l, k->peer), NUD_INCOMPLETE);
    CHECK_EQ(asked(l, k), 1);
    answers(l, k, 2);
    CHECK_EQ(lan_state(l, k->peer), NUD_REACHABLE);
    for (u32 i = 0; i < 2; i++) {
        CHECK(lan_next(l, ip, -1));
        struct macaddr mac = lan_mac(2);
        CHECK_MEM(l->frame, &mac, 6);
        CHECK_MEM(l->frame + 6, &l->dev->mac, 6);
    }
}

TEST(neigh_is_asked_for_and_goes_stale)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        begin(&l, k);
        resolves(&l, k);
        send(&l, k);
        CHECK_EQ(asked(&l, k), 0);
        lan_wait(&l, 45001); /* half more than base_reachable_time is the longest */
        CHECK_EQ(lan_state(&l, k->peer), NUD_STALE);
        send(&l, k);
        CHECK_EQ(lan_state(&l, k->peer), NUD_DELAY);
        CHECK_EQ(asked(&l, k), 0);
        lan_wait(&l, 4999);
        CHECK_EQ(lan_state(&l, k->peer), NUD_DELAY);
        lan_wait(&l, 2);
        CHECK_EQ(lan_state(&l, k->peer), NUD_PROBE);
        struct macaddr mac = lan_mac(2);
        CHECK(lan_next(&l, k->ethertype, k->solicitation));
        CHECK_MEM(l.frame, &mac, 6); /* it alone is asked */
        answers(&l, k, 2);
        CHECK_EQ(lan_state(&l, k->peer), NUD_REACHABLE);
        lan_end(&l);
    }
}

TEST(neigh_fails_after_three)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        begin(&l, k);
        send(&l, k);
        lan_wait(&l, 2900);
        CHECK_EQ(lan_state(&l, k->peer), NUD_INCOMPLETE);
        lan_wait(&l, 200);
        CHECK_EQ(lan_state(&l, k->peer), NUD_FAILED);
        CHECK_EQ(asked(&l, k), 3);
        CHECK_EQ(dropped(&l, DROP_NEIGH_FAILED), 1);
        lan_wait(&l, 5000);
        CHECK_EQ(asked(&l, k), 0); /* that is all */
        send(&l, k);
        CHECK_EQ(lan_state(&l, k->peer), NUD_INCOMPLETE); /* and once more */
        lan_end(&l);
    }
}

TEST(neigh_probe_fails_after_three)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        begin(&l, k);
        resolves(&l, k);
        lan_wait(&l, 45001);
        send(&l, k);
        lan_wait(&l, 5000 + 2900);
        CHECK_EQ(lan_state(&l, k->peer), NUD_PROBE);
        lan_wait(&l, 200);
        CHECK_EQ(lan_state(&l, k->peer), NUD_FAILED);
        CHECK_EQ(asked(&l, k), 3);
        lan_end(&l);
    }
}

TEST(neigh_confirmed_from_above)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        begin(&l, k);
        resolves(&l, k);
        lan_wait(&l, 45001);
        send(&l, k);
        lan_wait(&l, 1000);
        neigh_confirm(peer_of(&l, k)); /* in DELAY */
        lan_wait(&l, 4001);
        CHECK_EQ(lan_state(&l, k->peer), NUD_REACHABLE);
        CHECK_EQ(asked(&l, k), 0);
        lan_wait(&l, 45001);
        send(&l, k);
        lan_wait(&l, 5500);
        CHECK_EQ(lan_state(&l, k->peer), NUD_PROBE);
        neigh_confirm(peer_of(&l, k)); /* in PROBE */
        lan_wait(&l, 1000);
        CHECK_EQ(lan_state(&l, k->peer), NUD_REACHABLE);
        lan_end(&l);
    }
}

/* Whoever says what is known already does not make it doubtful (RFC 4861 7.2.3; Linux: neigh_update). */
TEST(neigh_stays_reachable_when_it_asks_itself)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        begin(&l, k);
        resolves(&l, k);
        struct macaddr mac = lan_mac(2);
        lan_wait(&l, 2000);
        if (k->ethertype == ETH_ARP)
            lan_arp(&l, ARP_REQUEST, &mac, k->peer, "10.0.0.1", true);
        else
            lan_ndp(&l, NDP_NS, &mac, k->peer, "ff02::1:ff00:1", "2001:db8::1", 0, &mac);
        CHECK_EQ(lan_state(&l, k->peer), NUD_REACHABLE);
        lan_end(&l);
    }
}

TEST(neigh_takes_another_mac_where_it_may)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        struct macaddr two = lan_mac(2), nine = lan_mac(9);
        begin(&l, k);
        resolves(&l, k);
        struct neigh *n = peer_of(&l, k);
        softirq_off();
        neigh_update(n, &nine, NUD_REACHABLE, 0, false); /* without override: it is doubtful now */
        CHECK_EQ(n->state,
                 ipaddr_is4(&n->addr) ? NUD_REACHABLE : NUD_STALE); /* RFC 4861 7.2.5; ARP's is not believed */
        CHECK_MEM(&n->header.dst, &two, 6);
        neigh_update(n, &nine, NUD_STALE, 0, false);
        CHECK_MEM(&n->header.dst, &two, 6);
        neigh_update(n, &nine, NUD_STALE, NEIGH_OVERRIDE, false);
        CHECK_MEM(&n->header.dst, &nine, 6);
        CHECK_EQ(n->state, NUD_STALE);
        softirq_on();
        lan_end(&l);
    }
}

TEST(neigh_permanent_hears_nobody)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        struct macaddr two = lan_mac(2);
        struct ipaddr a = lan_addr(k->peer);
        begin(&l, k);
        softirq_off();
        struct neigh *n = neigh_get(l.dev, &a, NULL);
        CHECK_EQ(neigh_update(n, &two, NUD_PERMANENT, NEIGH_ADMIN | NEIGH_OVERRIDE, false), 0);
        softirq_on();
        answers(&l, k, 9);
        CHECK_MEM(&n->header.dst, &two, 6);
        lan_wait(&l, 10 * 60 * 1000);
        CHECK_EQ(lan_state(&l, k->peer), NUD_PERMANENT);
        send(&l, k);
        CHECK_EQ(asked(&l, k), 0);
        CHECK_EQ(WITH_CONF(neigh_del(l.dev, &a)), 0);
        CHECK_EQ(WITH_CONF(neigh_del(l.dev, &a)), -ENOENT);
        CHECK_EQ(lan_state(&l, k->peer), 0);
        lan_end(&l);
    }
}

/* A buffer each, however short they are: 104 of them; a longer one makes room for itself. */
TEST(neigh_queue_is_bounded)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        u16 ip = k->ethertype == ETH_ARP ? ETH_IP4 : ETH_IP6;
        begin(&l, k);
        for (u32 n = 0; n < 300; n++)
            send(&l, k);
        CHECK_LE(peer_of(&l, k)->queue.bytes, 212992);
        CHECK_EQ(dropped(&l, DROP_NEIGH_QUEUE), 300 - 212992 / 2048);
        l.dev->ip->neigh[i].unres_qlen_bytes = 3 * 2048;
        send(&l, k);
        CHECK_EQ(peer_of(&l, k)->queue.bytes, 3 * 2048);
        l.dev->ip->neigh[i].unres_qlen_bytes = 0;
        send(&l, k);
        CHECK_EQ(peer_of(&l, k)->queue.bytes, 0);
        l.dev->ip->neigh[i].unres_qlen_bytes = 2048;
        send(&l, k);
        answers(&l, k, 2);
        CHECK_EQ(lan_count(&l, ip, -1) - (i ? lan_count(&l, ip, NDP_NS) : 0), i ? 2 : 1); /* with its solicitation */
        lan_end(&l);
    }
}

/* A scan makes us ask for many that are not there; who lives is reached all the while. */
static void scan(const struct kind *k, const char *net, u32 most)
{
    struct lan l;
    struct ipaddr a = lan_addr(net);
    begin(&l, k);
    resolves(&l, k);
    for (u32 i = 0; i < most; i++) {
        u64 r = test_rand();
        memcpy(a.b + (k->ethertype == ETH_ARP ? 13 : 8), &r, k->ethertype == ETH_ARP ? 3 : 8);
        a.b[15] |= 0x80; /* not the peer nor us */
        lan_send(&l, &a, 20);
        if (i % 512 == 0)
            lan_forget(&l);
        if (i % 8192 == 0) { /* 4 s each: it is asked and answers, now and then */
            lan_wait(&l, 4000);
            lan_forget(&l);
            send(&l, k);
            if (asked(&l, k))
                answers(&l, k, 2);
            CHECK(lan_state(&l, k->peer) & NUD_KNOWN);
        }
    }
    CHECK(lan_state(&l, k->peer) & NUD_KNOWN);
    CHECK_LE(neigh_count(l.net, k->ethertype == ETH_ARP ? IP_V4 : IP_V6), 300); /* half of gc_thresh2, and ours */
    lan_end(&l);
}

TEST(neigh_scan_of_ten_slash_8)
{
    struct kind k = kinds[0];
    k.ours = "10.0.0.1/8";
    scan(&k, "10.0.0.0", 100000);
}

TEST(neigh_scan_of_a_64)
{
    scan(&kinds[1], "2001:db8::", 100000);
}

TEST(neigh_collected_beyond_thresh1)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        begin(&l, k);
        struct macaddr two = lan_mac(2);
        struct ipaddr a = lan_addr(k->peer);
        for (u32 n = 0; n < 140; n++) {
            a.b[14] = (u8)(n + 1);
            softirq_off();
            neigh_update(neigh_get(l.dev, &a, NULL), &two, NUD_STALE, NEIGH_OVERRIDE, false);
            softirq_on();
        }
        CHECK_EQ(neigh_count(l.net, i), 140);
        lan_wait(&l, 59000);
        CHECK_EQ(neigh_count(l.net, i), 140);
        lan_wait(&l, 32000);
        CHECK_EQ(neigh_count(l.net, i), 128);
        lan_end(&l);
    }
}

TEST(neigh_table_full_of_those_that_live)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        struct macaddr two = lan_mac(2);
        struct ipaddr a = lan_addr(k->peer);
        begin(&l, k);
        lan_set(&l, i ? "net.ipv6.neigh.default.gc_thresh3" : "net.ipv4.neigh.default.gc_thresh3", "4");
        softirq_off();
        for (u32 n = 0; n < 4; n++) {
            a.b[14] = (u8)(n + 1);
            neigh_update(neigh_get(l.dev, &a, NULL), &two, n ? NUD_REACHABLE : NUD_STALE, NEIGH_OVERRIDE, false);
        }
        a.b[14] = 100;
        CHECK(neigh_get(l.dev, &a, NULL) != NULL); /* in the place of the one that is not reachable */
        a.b[14] = 101;
        CHECK(neigh_get(l.dev, &a, NULL) != NULL); /* of the one before, which nobody has answered for */
        a.b[14] = 1;
        CHECK(neigh_find(l.dev, &a) == NULL);
        neigh_update(neigh_get(l.dev, &a, NULL), &two, NUD_REACHABLE, NEIGH_OVERRIDE, false);
        a.b[14] = 102;
        CHECK(neigh_get(l.dev, &a, NULL) == NULL);
        softirq_on();
        lan_end(&l);
    }
}

TEST(neigh_device_gets_another_mac)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        u16 ip = k->ethertype == ETH_ARP ? ETH_IP4 : ETH_IP6;
        struct macaddr nine = lan_mac(9);
        begin(&l, k);
        resolves(&l, k);
        l.dev->mac = nine;
        WITH_CONF(neigh_dev_mac(l.dev));
        lan_forget(&l);
        send(&l, k);
        CHECK(lan_next(&l, ip, -1));
        CHECK_MEM(l.frame + 6, &nine, 6);
        lan_end(&l);
    }
}

TEST(neigh_goes_with_the_device)
{
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        struct lan l;
        begin(&l, k);
        struct ipaddr other = lan_addr(k->other);
        resolves(&l, k);
        lan_send(&l, &other, 20);
        WITH_CONF(dev_down(l.dev));
        CHECK_EQ(neigh_count(l.net, i), 0);
        CHECK_EQ(dropped(&l, DROP_NEIGH_GONE), 1);
        WITH_CONF(dev_up(l.dev));
        lan_end(&l);
    }
}

TEST(neigh_tells_its_feed)
{
    struct lan l;
    struct follower w;
    struct event e;
    struct neigh_notice n;
    begin(&l, &kinds[0]);
    follow_start(&w, neigh_feed(l.net));
    resolves(&l, &kinds[0]);
    CHECK_EQ(follow_read(&w, &e, &n, sizeof(n), clock_ns()), 1);
    CHECK_EQ(n.state, NUD_INCOMPLETE);
    CHECK_EQ(follow_read(&w, &e, &n, sizeof(n), clock_ns()), 1);
    CHECK_EQ(n.state, NUD_REACHABLE);
    CHECK_EQ(n.mac.b[5], 2);
    follow_end(&w);
    lan_end(&l);
}

/* ARP: requests, probes, claims, the levels of arp_ignore and arp_announce, proxy_arp, defence. */
#include "net/wire/arp.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/ip/fib.h"
#include "net/ip/neigh_proxy.h"
#include "net/skb/drop.h"
#include "tests/unit/net/ip/lan.h"

static void begin(struct lan *l)
{
    lan_start(l);
    lan_have(l, "10.0.0.1/24");
    lan_wait(l, 5000);
    lan_forget(l);
}

static const struct arp_hdr *next(struct lan *l)
{
    return lan_next(l, ETH_ARP, -1) ? (const struct arp_hdr *)(l->frame + ETH_HLEN) : NULL;
}

static bool is_answer(struct lan *l, const char *spa, u8 to)
{
    struct ipaddr a = lan_addr(spa);
    struct macaddr mac = lan_mac(to);
    const struct arp_hdr *h = next(l);
    return h && be16_get(h->op) == ARP_REPLY && !memcmp(h->spa, a.b + 12, 4) && !memcmp(&h->sha, &l->dev->mac, 6) &&
           !memcmp(&h->tha, &mac, 6) && !memcmp(l->frame, &mac, 6);
}

TEST(arp_answers_and_learns)
{
    struct lan l;
    struct macaddr two = lan_mac(2);
    begin(&l);
    lan_arp(&l, ARP_REQUEST, &two, "10.0.0.2", "10.0.0.1", true);
    CHECK(is_answer(&l, "10.0.0.1", 2));
    CHECK_EQ(lan_state(&l, "10.0.0.2"), NUD_STALE);
    lan_arp(&l, ARP_REQUEST, &two, "10.0.0.2", "10.0.0.9", true); /* not ours */
    CHECK(!next(&l));
    lan_arp(&l, ARP_REQUEST, &two, "0.0.0.0", "10.0.0.1", true); /* a probe (RFC 5227 2.1.1): it is taken */
    CHECK(is_answer(&l, "10.0.0.1", 2));
    lan_end(&l);
}

TEST(arp_unasked_makes_nobody_known)
{
    struct lan l;
    struct macaddr three = lan_mac(3);
    begin(&l);
    lan_arp(&l, ARP_REPLY, &three, "10.0.0.3", "10.0.0.1", false);
    CHECK_EQ(lan_state(&l, "10.0.0.3"), 0);
    lan_arp(&l, ARP_REQUEST, &three, "10.0.0.3", "10.0.0.3", true); /* gratuitous */
    CHECK_EQ(lan_state(&l, "10.0.0.3"), 0);
    CHECK(!next(&l));
    lan_set(&l, "net.ipv4.conf.eth0.arp_accept", "1");
    lan_arp(&l, ARP_REQUEST, &three, "10.0.0.3", "10.0.0.3", true);
    CHECK_EQ(lan_state(&l, "10.0.0.3"), NUD_STALE);
    lan_end(&l);
}

/* A claim moves an address at once; a second answer within a second of the first moves nothing. */
TEST(arp_moves)
{
    struct lan l;
    struct macaddr two = lan_mac(2), nine = lan_mac(9);
    struct ipaddr a = lan_addr("10.0.0.2");
    begin(&l);
    lan_send(&l, &a, 20);
    lan_arp(&l, ARP_REPLY, &two, "10.0.0.2", "10.0.0.1", false);
    lan_arp(&l, ARP_REPLY, &nine, "10.0.0.2", "10.0.0.1", false);
    CHECK_MEM(&neigh_find(l.dev, &a)->header.dst, &two, 6);
    lan_wait(&l, 1001);
    lan_arp(&l, ARP_REPLY, &nine, "10.0.0.2", "10.0.0.1", false);
    CHECK_MEM(&neigh_find(l.dev, &a)->header.dst, &nine, 6);
    lan_arp(&l, ARP_REQUEST, &two, "10.0.0.2", "10.0.0.2", true);
    CHECK_MEM(&neigh_find(l.dev, &a)->header.dst, &two, 6);
    lan_end(&l);
}

/* Linux's table: what is asked for, by whom, and at which levels it is answered. eth0 has 10.0.0.1/24, lo 10.9.9.9 of
 * global scope and 10.8.8.8 of host scope. */
TEST(arp_ignore)
{
    static const struct {
        const char *tpa, *spa;
        const char *levels; /* '1': answered at level 0, 1, ... 8 */
    } t[] = {{"10.0.0.1", "10.0.0.2", "111111110"},
             {"10.0.0.1", "10.7.7.7", "110111110"},
             {"10.9.9.9", "10.0.0.2", "100111110"},
             {"10.8.8.8", "10.0.0.2", "100011110"}};
    struct lan l;
    struct macaddr two = lan_mac(2);
    begin(&l);
    for (u32 i = 0; i < 2; i++) {
        struct ipaddr addr = lan_addr(i ? "10.8.8.8" : "10.9.9.9");
        struct ifaddr a = {.addr = addr,
                           .peer = addr,
                           .broadcast = ipaddr_of4(0, 0, 0, 0),
                           .bits = 32,
                           .scope = i ? SCOPE_HOST : SCOPE_GLOBAL,
                           .valid_until = IFA_FOREVER,
                           .preferred_until = IFA_FOREVER};
        CHECK_EQ(WITH_CONF(ifaddr_add(netdev_find(l.net, "lo"), &a)), 0);
    }
    for (int level = '0'; level <= '8'; level++) {
        char value[2] = {(char)level};
        lan_set(&l, "net.ipv4.conf.eth0.arp_ignore", value);
        for (u32 i = 0; i < ARRAY_LEN(t); i++) {
            lan_arp(&l, ARP_REQUEST, &two, t[i].spa, t[i].tpa, true);
            bool answered = is_answer(&l, t[i].tpa, 2);
            if (answered != (t[i].levels[level - '0'] == '1'))
                test_failed(__FILE__, __LINE__, "%s for %s at level %c: %d", t[i].spa, t[i].tpa, level, answered);
        }
    }
    lan_end(&l);
}

/* Whose address is asked with, by where the packet is from that waits. */
TEST(arp_announce)
{
    static const struct {
        const char *level, *src, *asks_with;
    } t[] = {{"0", "10.0.0.1", "10.0.0.1"}, {"0", "10.9.9.9", "10.9.9.9"}, {"1", "10.9.9.9", "10.0.0.1"},
             {"1", "10.0.0.1", "10.0.0.1"}, {"2", "10.9.9.9", "10.0.0.1"}, {"0", "10.5.5.5", "10.0.0.1"}};
    for (u32 i = 0; i < ARRAY_LEN(t); i++) {
        struct lan l;
        begin(&l);
        struct ipaddr to = lan_addr("10.0.0.2"), src = lan_addr(t[i].src), with = lan_addr(t[i].asks_with);
        struct ifaddr a = {.addr = lan_addr("10.9.9.9"),
                           .peer = lan_addr("10.9.9.9"),
                           .broadcast = ipaddr_of4(0, 0, 0, 0),
                           .bits = 32,
                           .valid_until = IFA_FOREVER,
                           .preferred_until = IFA_FOREVER};
        CHECK_EQ(WITH_CONF(ifaddr_add(netdev_find(l.net, "lo"), &a)), 0);
        lan_set(&l, "net.ipv4.conf.eth0.arp_announce", t[i].level);
        lan_send_from(&l, &src, &to, 20);
        const struct arp_hdr *h = next(&l);
        CHECK(h != NULL);
        if (h && memcmp(h->spa, with.b + 12, 4))
            test_failed(__FILE__, __LINE__, "case %u: asks with %pI", i, h->spa);
        lan_end(&l);
    }
}

TEST(arp_proxy)
{
    struct lan l;
    struct macaddr two = lan_mac(2);
    begin(&l);
    struct fake_dev *other = fake_dev_new(l.net, "eth%u");
    struct hop hop = {.dev = other->dev, .weight = 1, .via = ipaddr_of4(0, 0, 0, 0)};
    struct route_want w = {
        .key = {.family = IP_V4, .type = ROUTE_UNICAST, .scope = SCOPE_LINK}, .hops = 1, .hop = &hop};
    struct ipprefix p = {lan_addr("10.3.0.0"), 16};
    w.key.prefsrc = ipaddr_of4(0, 0, 0, 0);
    conf_enter();
    CHECK_EQ(fib_add(fib_table(l.net, IP_V4, TABLE_MAIN, true), &p, &w, FIB_NEW), 0);
    conf_leave();
    lan_arp(&l, ARP_REQUEST, &two, "10.0.0.2", "10.3.0.5", true);
    CHECK(!next(&l));
    lan_set(&l, "net.ipv4.conf.eth0.proxy_arp", "1");
    lan_arp(&l, ARP_REQUEST, &two, "10.0.0.2", "10.3.0.5", true);
    CHECK(!next(&l)); /* does not forward */
    lan_set(&l, "net.ipv4.ip_forward", "1");
    lan_arp(&l, ARP_REQUEST, &two, "10.0.0.2", "10.3.0.5", true);
    CHECK(is_answer(&l, "10.3.0.5", 2));
    lan_arp(&l, ARP_REQUEST, &two, "10.0.0.2", "10.0.0.7", true); /* the way there is the way back */
    CHECK(!next(&l));
    lan_set(&l, "net.ipv4.conf.eth0.proxy_arp_pvlan", "1");
    lan_arp(&l, ARP_REQUEST, &two, "10.0.0.2", "10.0.0.7", true);
    CHECK(is_answer(&l, "10.0.0.7", 2));
    lan_set(&l, "net.ipv4.conf.eth0.proxy_arp_pvlan", "0");
    lan_set(&l, "net.ipv4.conf.eth0.proxy_arp", "0");
    struct ipaddr one = lan_addr("10.3.0.5"), here = lan_addr("10.0.0.7");
    CHECK_EQ(WITH_CONF(neigh_proxy_add(l.dev, &one, false)), 0);
    CHECK_EQ(WITH_CONF(neigh_proxy_add(l.dev, &here, false)), 0);
    lan_arp(&l, ARP_REQUEST, &two, "10.0.0.2", "10.3.0.5", true);
    CHECK(is_answer(&l, "10.3.0.5", 2));
    lan_arp(&l, ARP_REQUEST, &two, "10.0.0.2", "10.3.0.6", true); /* not that one */
    CHECK(!next(&l));
    lan_arp(&l, ARP_REQUEST, &two, "10.0.0.2", "10.0.0.7", true); /* who is on the link answers himself */
    CHECK(!next(&l));
    fake_dev_end(other);
    lan_end(&l);
}

/* RFC 5227 2.4: an address of ours that another one has, too, is claimed, once in 10 s. */
TEST(arp_defends)
{
    struct lan l;
    struct macaddr two = lan_mac(2);
    begin(&l);
    for (u32 i = 0; i < 5; i++)
        lan_arp(&l, ARP_REQUEST, &two, "10.0.0.1", "10.0.0.9", true);
    const struct arp_hdr *h = next(&l);
    CHECK(h && be16_get(h->op) == ARP_REQUEST && !memcmp(h->spa, h->tpa, 4) && !memcmp(&h->sha, &l.dev->mac, 6));
    CHECK(!next(&l));
    CHECK(str_match("*10.0.0.1 is used by 02:00:00:00:00:02, too*", host_log()));
    lan_wait(&l, 10001);
    lan_arp(&l, ARP_REPLY, &two, "10.0.0.1", "10.0.0.1", true);
    CHECK(next(&l) != NULL);
    lan_end(&l);
}

TEST(arp_refuses_what_cannot_be)
{
    static const struct {
        const char *spa, *tpa;
        u8 first; /* of the sender's MAC address */
    } t[] = {{"224.0.0.1", "10.0.0.1", 2},
             {"255.255.255.255", "10.0.0.1", 2},
             {"10.0.0.2", "127.0.0.1", 2},
             {"10.0.0.2", "224.0.0.1", 2},
             {"10.0.0.2", "10.0.0.1", 3}};
    struct lan l;
    begin(&l);
    for (u32 i = 0; i < ARRAY_LEN(t); i++) {
        struct macaddr mac = lan_mac(2);
        mac.b[0] = t[i].first;
        lan_arp(&l, ARP_REQUEST, &mac, t[i].spa, t[i].tpa, true);
        CHECK(!next(&l));
        CHECK_EQ(drop_read(l.net, &l.dev->port, DROP_ARP_HEADER, 0), i + 1);
    }
    CHECK_EQ(neigh_count(l.net, IP_V4), 0);
    lan_end(&l);
}

TEST(arp_claims_when_up)
{
    struct lan l;
    begin(&l);
    WITH_CONF(dev_down(l.dev));
    WITH_CONF(dev_up(l.dev));
    host_run();
    const struct arp_hdr *h = next(&l);
    CHECK(h && !memcmp(h->spa, h->tpa, 4) && h->spa[3] == 1 && !memcmp(l.frame, "\377\377\377\377\377\377", 6));
    lan_end(&l);
}

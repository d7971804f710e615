/* Duplicate addresses: what is sent, what settles it, who wins. eth0 gets 2001:db8::7. */
#include "net/ip/dad.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/string.h"
#include "net/dev/keeper.h"
#include "net/dev/updown.h"
#include "net/ip/addr.h"
#include "net/ip/fib.h"
#include "net/ip/ip.h"
#include "net/wire/arp.h"
#include "net/wire/ip6.h"
#include "net/wire/ndp.h"
#include "tests/unit/net/ip/lan.h"

#define OURS  "2001:db8::7"
#define GROUP "ff02::1:ff00:7"

static const struct ip6_hdr *next(struct lan *l, u8 type)
{
    return lan_next(l, ETH_IP6, type) ? (const struct ip6_hdr *)(l->frame + ETH_HLEN) : NULL;
}

static struct ifaddr *ours(struct lan *l)
{
    struct ipaddr a = lan_addr(OURS);
    return ifaddr_find(l->dev, &a, -1);
}

static bool routed(struct lan *l)
{
    struct ipaddr a = lan_addr(OURS);
    return ip_is_local(l->net, &a);
}

static void begin(struct lan *l)
{
    lan_start(l);
    lan_wait(5000);
    lan_forget(l);
}

TEST(dad_settles_after_a_probe)
{
    struct lan l;
    begin(&l);
    lan_have(&l, OURS "/64");
    CHECK_EQ(ours(&l)->flags, IFA_TENTATIVE | IFA_OPTIMISTIC | IFA_PERMANENT);
    CHECK(routed(&l)); /* used at once */
    const struct ip6_hdr *h = next(&l, NDP_NS);
    struct ipaddr any = {{0}}, group = lan_addr(GROUP), a = lan_addr(OURS);
    CHECK(h && addr_eq(&h->src, &any) && addr_eq(&h->dst, &group) &&
          addr_eq(&((const struct ndp_msg *)(h + 1))->target, &a));
    CHECK(h && ((const u8 *)(h + 1))[24] == NDP_OPT_NONCE);
    lan_wait(1001);
    CHECK_EQ(ours(&l)->flags, IFA_PERMANENT);
    h = next(&l, NDP_NA);
    CHECK(h && addr_eq(&h->src, &a) && be32_get(((const struct ndp_msg *)(h + 1))->flags) == NDP_NA_OVERRIDE);
    CHECK(!next(&l, NDP_NA));
    lan_end(&l);
}

/* While it is not settled it answers without override, and nobody learns of it from what it asks. */
TEST(dad_is_modest_meanwhile)
{
    struct lan l;
    struct macaddr two = lan_mac(2);
    begin(&l);
    lan_have(&l, OURS "/64");
    lan_forget(&l);
    lan_ndp(&l, NDP_NS, &two, "2001:db8::2", GROUP, OURS, 0, &two);
    const struct ip6_hdr *h = next(&l, NDP_NA);
    CHECK(h && be32_get(((const struct ndp_msg *)(h + 1))->flags) == NDP_NA_SOLICITED);
    struct ipaddr peer = lan_addr("2001:db8::3");
    lan_send(&l, &peer, 20);
    h = next(&l, NDP_NS);
    CHECK(h && be16_get(h->payload) == sizeof(struct ndp_msg));
    lan_end(&l);
}

static void fails(struct lan *l)
{
    CHECK_EQ(ours(l)->flags, IFA_TENTATIVE | IFA_DADFAILED | IFA_PERMANENT);
    CHECK(!routed(l));
    CHECK(str_match("*2001:db8::7 is another station's: it is not used*", host_log()));
    struct macaddr three = lan_mac(3);
    lan_forget(l);
    lan_ndp(l, NDP_NS, &three, "2001:db8::3", GROUP, OURS, 0, &three);
    CHECK(!next(l, NDP_NA));
    lan_wait(5000);
    CHECK_EQ(ours(l)->flags, IFA_TENTATIVE | IFA_DADFAILED | IFA_PERMANENT);
}

TEST(dad_defended)
{
    struct lan l;
    struct macaddr two = lan_mac(2);
    struct follower w;
    struct event e;
    struct ifaddr_notice n = {0};
    begin(&l);
    lan_have(&l, OURS "/64");
    follow_start(&w, ifaddr_feed(l.net));
    lan_ndp(&l, NDP_NA, &two, OURS, "ff02::1", OURS, NDP_NA_OVERRIDE, &two);
    fails(&l);
    CHECK_EQ(follow_read(&w, &e, &n, sizeof(n), clock_ns()), 1);
    CHECK_EQ(n.a.flags & IFA_DADFAILED, IFA_DADFAILED);
    follow_end(&w);
    struct ifaddr *a = ours(&l);
    CHECK_EQ(WITH_CONF(ifaddr_del(l.dev, a)), 0);
    lan_end(&l);
}

TEST(dad_wanted_by_two)
{
    struct lan l;
    struct macaddr two = lan_mac(2);
    begin(&l);
    lan_have(&l, OURS "/64");
    lan_ndp(&l, NDP_NS, &two, "::", GROUP, OURS, 0, NULL);
    fails(&l);
    WITH_CONF(dev_down(l.dev)); /* it goes; the next time it is asked for again */
    WITH_CONF(dev_up(l.dev));
    lan_have(&l, OURS "/64");
    CHECK_EQ(ours(&l)->flags, IFA_TENTATIVE | IFA_OPTIMISTIC | IFA_PERMANENT);
    lan_wait(1001);
    CHECK(routed(&l) && !(ours(&l)->flags & IFA_TENTATIVE));
    lan_end(&l);
}

/* A hub that sends back what it is sent: the nonce says that it is ours. */
TEST(dad_hears_itself)
{
    struct lan l;
    u8 frame[2048];
    begin(&l);
    lan_have(&l, OURS "/64");
    CHECK(next(&l, NDP_NS) != NULL);
    u32 n = l.n;
    memcpy(frame, l.frame, n);
    fake_dev_arrive(l.fake, frame, n, 0);
    host_run();
    CHECK_EQ(ours(&l)->flags, IFA_TENTATIVE | IFA_OPTIMISTIC | IFA_PERMANENT);
    frame[n - 1] ^= 1; /* another's nonce */
    fake_dev_arrive(l.fake, frame, n, 0);
    host_run();
    CHECK(!(ours(&l)->flags & IFA_DADFAILED)); /* broken */
    lan_icmp6(&l, &l.dev->mac, "::", GROUP, frame + ETH_HLEN + IP6_HLEN, 32, 255);
    CHECK(ours(&l)->flags & IFA_DADFAILED);
    lan_end(&l);
}

TEST(dad_not_asked_or_not_used_meanwhile)
{
    struct lan l;
    struct macaddr two = lan_mac(2);
    begin(&l);
    lan_set(&l, "net.ipv6.conf.eth0.optimistic_dad", "0");
    lan_have(&l, OURS "/64");
    CHECK_EQ(ours(&l)->flags, IFA_TENTATIVE | IFA_PERMANENT);
    lan_ndp(&l, NDP_NS, &two, "2001:db8::2", GROUP, OURS, 0, &two);
    CHECK(!next(&l, NDP_NA));
    struct ipaddr peer = lan_addr("2001:db8::2");
    CHECK(ifaddr_source(l.dev, &ip_v6, &peer, SCOPE_LINK) != ours(&l));
    lan_wait(2001);
    CHECK_EQ(ours(&l)->flags, IFA_PERMANENT);
    struct ifaddr *a = ours(&l);
    WITH_CONF(ifaddr_del(l.dev, a));
    lan_set(&l, "net.ipv6.conf.eth0.dad_transmits", "0");
    lan_forget(&l);
    lan_have(&l, OURS "/64");
    CHECK_EQ(ours(&l)->flags, IFA_PERMANENT);
    CHECK(!next(&l, NDP_NS));
    lan_end(&l);
}

/* The host moved us, or the MAC address is another: both families tell. */
TEST(dad_announces)
{
    struct lan l;
    begin(&l);
    lan_have(&l, "10.0.0.1/24");
    lan_have(&l, OURS "/64");
    lan_wait(10000);
    lan_forget(&l);
    dev_ask_announce(l.dev);
    lan_wait(3000);
    u32 arp = 0, na = 0;
    while (lan_any(&l)) {
        arp += load_be16(l.frame + 12) == ETH_ARP;
        na += load_be16(l.frame + 12) == ETH_IP6 && l.frame[ETH_HLEN + IP6_HLEN] == NDP_NA;
    }
    CHECK_EQ(arp, 2);
    CHECK_EQ(na, 2); /* the link-local one, too */
    lan_end(&l);
}

/* The address that all routers of a link have (RFC 4291 2.6.1): when it is there, and who is told of it how. */
#include "host/host.h"
#include "lib/check.h"
#include "lib/string.h"
#include "net/wire/ip6.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/net/ip/lan.h"

#define SHOW "ip -6 route show table local type anycast"
#define NET  "anycast 2001:db8:: dev eth0 proto kernel metric 0 pref medium\n"
#define LINK "anycast fe80:: dev eth0 proto kernel metric 0 pref medium\n"

TEST(anycast_comes_and_goes)
{
    struct lan l;
    lan_start(&l);
    lan_have(&l, "2001:db8::1/64");
    lan_have(&l, "2001:db8:7::1/127"); /* RFC 6164: has none */
    lan_wait(&l, 5000);
    TYPED(l.net, {SHOW, 0, ""}, {"sysctl -qw net.ipv6.conf.all.forwarding=1", 0, ""});
    lan_wait(&l, 10);
    TYPED(l.net, {SHOW, 0, NET LINK}, {"ip addr add 2001:db8::2/64 dev eth0", 0, ""},
          {"ip addr del 2001:db8::1/64 dev eth0", 0, ""}, {SHOW, 0, NET LINK},
          {"ip addr del 2001:db8::2/64 dev eth0", 0, ""}, {SHOW, 0, LINK},
          {"ip addr add 2001:db8::2/64 dev eth0", 0, ""}, {SHOW, 0, NET LINK}, {"ip link set eth0 down", 0, ""},
          {SHOW, 0, ""}, {"ip link set eth0 up", 0, ""}, {SHOW, 0, LINK},
          {"ip addr add 2001:db8::2/64 dev eth0", 0, ""}, {SHOW, 0, NET LINK},
          {"sysctl -qw net.ipv6.conf.eth0.forwarding=0", 0, ""});
    lan_wait(&l, 10);
    TYPED(l.net, {SHOW, 0, ""}, {"ip maddr show dev eth0", 0, NULL});
    CHECK(!strstr(typed_said, "ff02::1:ff00:0\n"));
    lan_end(&l);
}

/* Of several routers the first to answer is taken: none overrides. Its errors have that address, its echoes its own. */
TEST(anycast_answers)
{
    struct lan l;
    struct macaddr two = lan_mac(2);
    struct ipaddr net = lan_addr("2001:db8::"), own = lan_addr("2001:db8::1");
    lan_start(&l);
    lan_have(&l, "2001:db8::1/64");
    lan_set(&l, "net.ipv6.conf.all.forwarding", "1");
    lan_wait(&l, 5000);
    lan_forget(&l);
    lan_ndp(&l, NDP_NS, &two, "2001:db8::2", "ff02::1:ff00:0", "2001:db8::", 0, &two);
    const struct ip6_hdr *h = lan_next(&l, ETH_IP6, NDP_NA) ? (const struct ip6_hdr *)(l.frame + ETH_HLEN) : NULL;
    const struct ndp_msg *m = (const struct ndp_msg *)(h + 1);
    CHECK(h);
    if (h) {
        CHECK_MEM(&h->src, &own, 16);
        CHECK_MEM(&m->target, &net, 16);
        CHECK_EQ(be32_get(m->flags), NDP_NA_ROUTER | NDP_NA_SOLICITED);
    }
    TYPED(l.net, {"ping -c 1 2001:db8::", 0, NULL}, {"ip -6 route get 2001:db8::", 0, NULL});
    lan_end(&l);
}

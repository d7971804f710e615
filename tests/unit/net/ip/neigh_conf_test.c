/* Times and bounds of neighbours: as sysctls, by `ip ntable`, and what they do. */
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/wire/arp.h"
#include "tests/unit/net/ip/lan.h"
#include "tests/unit/net/ip/router.h"

TEST(neigh_conf_is_heeded)
{
    struct lan l;
    struct macaddr two = lan_mac(2);
    struct ipaddr peer = lan_addr("10.0.0.2"), nobody = lan_addr("10.0.0.9");
    lan_start(&l);
    lan_have(&l, "10.0.0.1/24");
    lan_set(&l, "net.ipv4.neigh.eth0.base_reachable_time_ms", "2000");
    lan_set(&l, "net.ipv4.neigh.eth0.delay_first_probe_time", "1");
    lan_set(&l, "net.ipv4.neigh.eth0.ucast_solicit", "2");
    lan_set(&l, "net.ipv4.neigh.eth0.mcast_solicit", "5");
    lan_set(&l, "net.ipv4.neigh.eth0.retrans_time_ms", "200");
    lan_wait(&l, 5000);
    lan_forget(&l);
    lan_send(&l, &nobody, 10);
    lan_wait(&l, 1001);
    CHECK_EQ(lan_count(&l, ETH_ARP, -1), 5);
    CHECK_EQ(lan_state(&l, "10.0.0.9"), NUD_FAILED);
    lan_send(&l, &peer, 10);
    lan_arp(&l, ARP_REPLY, &two, "10.0.0.2", "10.0.0.1", false);
    CHECK_EQ(lan_state(&l, "10.0.0.2"), NUD_REACHABLE);
    lan_wait(&l, 3001); /* half more of 2 s, at most */
    CHECK_EQ(lan_state(&l, "10.0.0.2"), NUD_STALE);
    lan_forget(&l);
    lan_send(&l, &peer, 10);
    lan_wait(&l, 999);
    CHECK_EQ(lan_state(&l, "10.0.0.2"), NUD_DELAY);
    lan_wait(&l, 2);
    CHECK_EQ(lan_state(&l, "10.0.0.2"), NUD_PROBE);
    lan_wait(&l, 400);
    CHECK_EQ(lan_count(&l, ETH_ARP, -1), 2);
    CHECK_EQ(lan_state(&l, "10.0.0.2"), NUD_FAILED);
    lan_end(&l);
}

/* Who is first to answer is believed, for so long. */
TEST(neigh_conf_locktime)
{
    static const char *const times[] = {"100", "0"};
    for (u32 i = 0; i < 2; i++) {
        struct lan l;
        struct macaddr two = lan_mac(2), three = lan_mac(3);
        struct ipaddr peer = lan_addr("10.0.0.2");
        lan_start(&l);
        lan_have(&l, "10.0.0.1/24");
        lan_set(&l, "net.ipv4.neigh.eth0.locktime", times[i]);
        lan_wait(&l, 5000);
        lan_send(&l, &peer, 10);
        lan_arp(&l, ARP_REPLY, &two, "10.0.0.2", "10.0.0.1", false);
        lan_wait(&l, 500);
        lan_arp(&l, ARP_REPLY, &three, "10.0.0.2", "10.0.0.1", false);
        CHECK_EQ(neigh_find(l.dev, &peer)->header.dst.b[5], i ? 3 : 2);
        lan_end(&l);
    }
}

TEST(neigh_conf_of_default)
{
    struct router r;
    router_start(&r);
    CHECK_EQ(sysctl_set(r.net, "net.ipv6.neigh.default.gc_stale_time", "90"), 0);
    CHECK_EQ(sysctl_set(r.net, "net.ipv6.neigh.default.retrans_time_ms", "0"), -EINVAL);
    struct fake_dev *other = fake_dev_new(r.net, "eth%u");
    CHECK_EQ(other->dev->ip->neigh[IP_V6].gc_stale, 90 * NS_PER_S);
    CHECK_EQ(r.eth0->dev->ip->neigh[IP_V6].gc_stale, 60 * NS_PER_S);
    fake_dev_end(other);
    router_end(&r);
}

TEST(cmd_ntable)
{
    struct router r;
    router_start(&r);
    TYPED(
        r.net,
        {"ip ntable show dev eth0 name arp_cache", 0,
         "inet arp_cache \n    dev eth0 \n    base_reachable 30000 retrans 1000 \n"
         "    gc_stale 60000 delay_probe 5000 queue 101 \n    ucast_probes 3 mcast_probes 3 \n    locktime 1000 \n\n"},
        {"ip ntable change name arp_cache dev eth0 base_reachable 1500 retrans 300 queue 7 ucast_probes 0", 0, ""},
        {"ip -4 ntable show dev eth0", 0,
         "inet arp_cache \n    dev eth0 \n    base_reachable 1500 retrans 300 \n"
         "    gc_stale 60000 delay_probe 5000 queue 7 \n    ucast_probes 0 mcast_probes 3 \n    locktime 1000 \n\n"},
        {"sysctl -n net.ipv4.neigh.eth0.base_reachable_time_ms net.ipv4.neigh.eth0.unres_qlen_bytes", 0,
         "1500\n14700\n"},
        {"ip ntable change name ndisc_cache thresh1 5 thresh2 6 thresh3 7 gc_int 2000 locktime 10", 0, ""},
        {"ip -o -6 ntable show name ndisc_cache", 0, NULL});
    CHECK(str_match("inet6 ndisc_cache \\\\    thresh1 5 thresh2 6 thresh3 7 gc_int 2000 \\\\*locktime 10 *",
                    typed_said));
    TYPED(r.net, {"sysctl -n net.ipv6.neigh.default.gc_thresh3 net.ipv6.neigh.default.gc_interval", 0, "7\n2\n"},
          {"ip ntable change", 255, "Error: argument \"NAME\" is required\n"},
          {"ip ntable change name nosuch queue 3", 2, "RTNETLINK answers: No such file or directory\n"},
          {"ip ntable change name arp_cache dev lo foo 1", 255, "Error: argument \"foo\" is wrong: unknown\n"},
          {"ip ntable change name arp_cache app_probes 1", 255,
           "Error: argument \"app_probes\" is wrong: no table here has it\n"},
          {"ip ntable change name arp_cache retrans 0", 255, NULL},
          {"ip ntable change name arp_cache dev eth0 thresh1 9", 255,
           "Error: a device has no thresholds and no gc_int of its own\n"},
          {"ip ntable show dev nosuch", 255, "Error: argument \"nosuch\" is wrong: \"DEV\" is invalid\n"},
          {"ip ntable show name nosuch", 0, ""}, {"ip -4 -j ntable show dev eth1", 0, NULL}, {"dump", 0, NULL});
    CHECK(str_match("*net.ipv4.neigh.eth0.base_reachable_time_ms=1500*", typed_said));
    router_end(&r);
}

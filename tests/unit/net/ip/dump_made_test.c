/* The dump of devices that a command made: their tunables stand behind that command, where they can be set. */
#include "lib/string.h"
#include "tests/unit/net/ip/router.h"

TEST(dump_tunables_of_made_devices_behind_their_making)
{
    struct router r;
    router_start_full(&r);
    TYPED(
        r.net,
        {"sysctl -qw net.ipv4.ip_forward=1; ip link add br7 type bridge; ip link add va type veth peer name vb", 0, ""},
        {"ip link add link br7 name br7.5 type vlan id 5; sysctl -qw net.ipv4.conf.br7/5.rp_filter=2", 0, ""},
        {"sysctl -qw net.ipv4.conf.br7.forwarding=0 net.ipv4.conf.va.arp_ignore=1 net.ipv4.conf.vb.arp_ignore=2", 0,
         ""});
    CHECK_EQ(typed(r.net, "dump"), 0);
    const char *made = strstr(typed_said, "ip link add name br7 ");
    CHECK(made && strstr(made, "\nsysctl -w net.ipv4.conf.br7.forwarding=0\n"));
    CHECK(made && strstr(made, " type vlan id 5\nsysctl -w net.ipv4.conf.br7/5.rp_filter=2\n"));
    const char *veth = strstr(typed_said, " type veth ");
    CHECK(veth && strstr(veth, "\nsysctl -w net.ipv4.conf.va.arp_ignore=1\n"));
    CHECK(veth && strstr(veth, "\nsysctl -w net.ipv4.conf.vb.arp_ignore=2\n"));
    CHECK(!strstr(typed_said, "conf.va.forwarding")); /* begins with that of "default" */
    CHECK(made && !(strstr(typed_said, "conf.br7") < made));
    router_end(&r);
}

/* "all" switches every device: what was switched back after it is told, and behind it. */
TEST(dump_of_what_was_set_against_all)
{
    struct router r;
    router_start_full(&r);
    TYPED(r.net, {"sysctl -qw net.ipv4.ip_forward=1; sysctl -qw net.ipv4.conf.eth0.forwarding=0", 0, ""});
    CHECK_EQ(typed(r.net, "dump"), 0);
    const char *all = strstr(typed_said, "sysctl -w net.ipv4.conf.all.forwarding=1\n");
    CHECK(all && strstr(all, "\nsysctl -w net.ipv4.conf.eth0.forwarding=0\n"));
    CHECK(all && strstr(all, "\nsysctl -w net.ipv4.conf.eth1.forwarding=1\n"));
    CHECK(!strstr(typed_said, "ip_forward")); /* it would switch them all anew */
    router_end(&r);
}

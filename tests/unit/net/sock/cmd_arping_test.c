/* arping, and the probe for an address that is to be taken. */
#include "host/host.h"
#include "lib/string.h"
#include "net/ip/neigh.h"
#include "net/sock/arp_ask.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/net/sock/sock_rig.h"

#define R sock_rig

TEST(arping_asks)
{
    sock_rig_start(true);
    TYPED(R.net[0],
          {"arping -c 2 10.1.0.2", 0,
           "ARPING 10.1.0.2 from 10.1.0.1 eth0\n"
           "Unicast reply from 10.1.0.2 [02:00:00:00:00:02]  1.000ms\n"
           "Unicast reply from 10.1.0.2 [02:00:00:00:00:02]  1.000ms\n"
           "Sent 2 probes (1 broadcast(s))\nReceived 2 response(s)\n"},
          {"arping -I eth0 -c 1 10.1.0.9", 1,
           "ARPING 10.1.0.9 from 10.1.0.1 eth0\nSent 1 probes (1 broadcast(s))\nReceived 0 response(s)\n"},
          {"arping -D -c 3 10.1.0.2", 1,
           "ARPING 10.1.0.2 from 0.0.0.0 eth0\n"
           "Unicast reply from 10.1.0.2 [02:00:00:00:00:02]  1.000ms\n"
           "Sent 1 probes (1 broadcast(s))\nReceived 1 response(s)\n"},
          {"arping -D -c 1 10.1.0.9", 0,
           "ARPING 10.1.0.9 from 0.0.0.0 eth0\nSent 1 probes (1 broadcast(s))\nReceived 0 response(s)\n"},
          {"arping -U -c 1 10.1.0.1", 0,
           "ARPING 10.1.0.1 from 10.1.0.1 eth0\nSent 1 probes (1 broadcast(s))\nReceived 0 response(s)\n"},
          {"arping -qc1 10.1.0.2", 0, ""}, {"arping -I eth9 10.1.0.2", 2, "arping: Interface \"eth9\" is not there\n"});
    CHECK_EQ(typed(R.net[0], "arping ::1"), 2);
    CHECK_STR(typed_said, "arping: ::1: Address family for hostname not supported\n");
    sock_rig_end();
}

TEST(arp_probe_finds_who_has_it)
{
    sock_rig_start(true);
    struct macaddr who;
    struct ipaddr taken = sock_rig_ip("10.1.0.2"), not_taken = sock_rig_ip("10.1.0.9");
    u32 index = R.dev[0]->port.index;
    CHECK_EQ(arp_probe(R.net[0], index, &taken, &who), 1);
    CHECK_EQ(who.b[5], 2);
    CHECK_EQ(arp_probe(R.net[0], index, &not_taken, &who), 0);
    CHECK_EQ(arp_probe(R.net[0], 77, &taken, &who), -ENODEV);
    sock_rig_end();
}

/* traceroute and tracepath to the other end of a wire, and through it. */
#include "host/host.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/net/sock/sock_rig.h"

#define R sock_rig

/* Behind there is 10.9.0.0/24, where nobody answers; 10.8.0.0/16 is not routed on. */
static void start(void)
{
    sock_rig_start(true);
    sock_rig_route(0, "10.9.0.0/16", "10.1.0.2");
    sock_rig_route(0, "10.8.0.0/16", "10.1.0.2");
    sock_rig_addr(1, "10.9.0.5/24");
    CHECK_EQ(sysctl_set(R.net[1], "net.ipv4.ip_forward", "1"), 0);
    CHECK_EQ(sysctl_set(R.net[1], "net.ipv6.conf.all.forwarding", "1"), 0);
    typed(R.net[0], "ping -c 1 10.1.0.2");
    typed(R.net[0], "ping -c 1 2001:db8::2");
}

TEST(traceroute_to_the_end)
{
    start();
    TYPED(R.net[0],
          {"traceroute 10.1.0.2", 0,
           "traceroute to 10.1.0.2 (10.1.0.2), 30 hops max, 60 byte packets\n"
           " 1  10.1.0.2 (10.1.0.2)  1.000 ms  1.000 ms  1.000 ms\n"},
          {"traceroute -n -q 2 -m 5 2001:db8::2", 0,
           "traceroute to 2001:db8::2 (2001:db8::2), 5 hops max, 80 byte packets\n"
           " 1  2001:db8::2  1.000 ms  1.000 ms\n"},
          {"traceroute -nI 10.1.0.2", 0,
           "traceroute to 10.1.0.2 (10.1.0.2), 30 hops max, 60 byte packets\n"
           " 1  10.1.0.2  1.000 ms  1.000 ms  1.000 ms\n"},
          {"arping -qc8 10.1.0.2", 0, ""}, /* meanwhile errors may be sent again (icmp_ratelimit) */
          {"traceroute -nU -q 1 10.1.0.2 100", 0,
           "traceroute to 10.1.0.2 (10.1.0.2), 30 hops max, 100 byte packets\n"
           " 1  10.1.0.2  1.000 ms\n"},
          {"traceroute -n 10.3.0.1", 1, "traceroute: connect: Network is unreachable\n"});
    host_clock_advance(10 * NS_PER_S);
    sock_rig_end();
}

TEST(traceroute_not_to_the_end)
{
    start();
    TYPED(R.net[0],
          {"traceroute -n -m 2 -f 2 -w 1 10.1.0.77", 0,
           "traceroute to 10.1.0.77 (10.1.0.77), 2 hops max, 60 byte packets\n"
           " 2  * * *\n"},
          {"traceroute -n -q 1 10.8.0.1", 0,
           "traceroute to 10.8.0.1 (10.8.0.1), 30 hops max, 60 byte packets\n"
           " 1  10.1.0.2  1.000 ms !N\n"},
          {"arping -qc8 10.1.0.2", 0, ""}, /* meanwhile errors may be sent again */
          {"traceroute -n -q 1 10.9.0.77", 0,
           "traceroute to 10.9.0.77 (10.9.0.77), 30 hops max, 60 byte packets\n"
           " 1  10.1.0.2  1.000 ms\n"
           " 2  10.1.0.2  3001.000 ms !H\n"});
    host_clock_advance(60 * NS_PER_S);
    sock_rig_end();
}

TEST(tracepath_to_the_end)
{
    start();
    TYPED(R.net[0],
          {"tracepath -n 10.1.0.2", 0,
           " 1?: [LOCALHOST]                      pmtu 1500\n"
           " 1:  10.1.0.2                                              1.000ms reached\n"
           "     Resume: pmtu 1500 hops 1 back 1 \n"},
          {"tracepath 10.8.0.1", 0,
           " 1?: [LOCALHOST]                      pmtu 1500\n"
           " 1:  10.1.0.2                                              1.000ms !N\n"
           "     Resume: pmtu 1500 \n"},
          {"tracepath 10.9.0.5", 0,
           " 1?: [LOCALHOST]                      pmtu 1500\n"
           " 1:  10.9.0.5                                              1.000ms reached\n"
           "     Resume: pmtu 1500 hops 1 back 1 \n"},
          {"arping -qc8 10.1.0.2", 0, ""},
          {"tracepath 10.9.0.77", 0,
           " 1?: [LOCALHOST]                      pmtu 1500\n"
           " 1:  10.1.0.2                                              1.000ms \n"
           " 2:  no reply\n 2:  10.1.0.2                                            3001.000ms !H\n"
           "     Resume: pmtu 1500 \n"},
          {"tracepath -m 2 -l 100 10.1.0.99", 0,
           " 1:  10.1.0.1                                            3000.000ms !H\n"
           "     Resume: pmtu 100 \n"});
    R.cut = true;
    TYPED(R.net[0], {"tracepath -m 2 -l 100 10.1.0.2", 0,
                     " 1:  no reply\n 2:  no reply\n     Too many hops: pmtu 100\n     Resume: pmtu 100 \n"});
    host_clock_advance(60 * NS_PER_S);
    sock_rig_end();
}

/* ping as people type it, to a machine behind a wire of half a millisecond each way. */
#include "host/host.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/net/sock/sock_rig.h"
#include "tests/unit/with_conf.h"

#define R sock_rig

TEST(ping_answered)
{
    sock_rig_start(true);
    typed(R.net[0], "ping -c 1 10.1.0.2");
    typed(R.net[0], "ping -c 1 2001:db8::2");
    TYPED(R.net[0],
          {"ping -c 2 10.1.0.2", 0,
           "PING 10.1.0.2 (10.1.0.2) 56(84) bytes of data.\n"
           "64 bytes from 10.1.0.2: icmp_seq=1 ttl=64 time=1.00 ms\n"
           "64 bytes from 10.1.0.2: icmp_seq=2 ttl=64 time=1.00 ms\n"
           "\n--- 10.1.0.2 ping statistics ---\n"
           "2 packets transmitted, 2 received, 0% packet loss, time 1001ms\n"
           "rtt min/avg/max/mdev = 1.000/1.000/1.000/0.000 ms\n"},
          {"ping -c 2 -i 0.2 -s 1000 -t 9 -I eth0 2001:db8::2", 0,
           "PING 2001:db8::2(2001:db8::2) from 2001:db8::1 eth0: 1000 data bytes\n"
           "1008 bytes from 2001:db8::2: icmp_seq=1 ttl=64 time=1.00 ms\n"
           "1008 bytes from 2001:db8::2: icmp_seq=2 ttl=64 time=1.00 ms\n"
           "\n--- 2001:db8::2 ping statistics ---\n"
           "2 packets transmitted, 2 received, 0% packet loss, time 201ms\n"
           "rtt min/avg/max/mdev = 1.000/1.000/1.000/0.000 ms\n"},
          {"ping6 -qc1 ::1", 0,
           "PING ::1(::1) 56 data bytes\n"
           "\n--- ::1 ping statistics ---\n"
           "1 packets transmitted, 1 received, 0% packet loss, time 0ms\n"
           "rtt min/avg/max/mdev = 0.000/0.000/0.000/0.000 ms\n"},
          {"ping -c1 -s 8 -p ff00 -I 10.1.0.1 127.0.0.1", 0,
           "PATTERN: 0xff00\n"
           "PING 127.0.0.1 (127.0.0.1) from 10.1.0.1 : 8(36) bytes of data.\n"
           "16 bytes from 127.0.0.1: icmp_seq=1 ttl=64\n"
           "\n--- 127.0.0.1 ping statistics ---\n"
           "1 packets transmitted, 1 received, 0% packet loss, time 0ms\n\n"},
          {"ping -c1 fe80::ff:fe00:2%eth0", 0,
           "PING fe80::ff:fe00:2%eth0(fe80::ff:fe00:2) 56 data bytes\n"
           "64 bytes from fe80::ff:fe00:2: icmp_seq=1 ttl=64 time=2.00 ms\n"
           "\n--- fe80::ff:fe00:2%eth0 ping statistics ---\n"
           "1 packets transmitted, 1 received, 0% packet loss, time 2ms\n"
           "rtt min/avg/max/mdev = 2.000/2.000/2.000/0.000 ms\n"});
    sock_rig_end();
}

TEST(ping_not_answered)
{
    sock_rig_start(true);
    sock_rig_route(0, "10.9.0.0/16", "10.1.0.2");
    typed(R.net[0], "ping -c 1 10.1.0.2");
    TYPED(R.net[0],
          {"ping -c 3 10.1.0.77", 1,
           "PING 10.1.0.77 (10.1.0.77) 56(84) bytes of data.\n"
           "From 10.1.0.1 icmp_seq=1 Destination Host Unreachable\n"
           "From 10.1.0.1 icmp_seq=2 Destination Host Unreachable\n"
           "From 10.1.0.1 icmp_seq=3 Destination Host Unreachable\n"
           "\n--- 10.1.0.77 ping statistics ---\n"
           "3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 3000ms\npipe 3\n"},
          {"ping -c 1 8.8.8.8", 2, "ping: connect: Network is unreachable\n"},
          {"ping -c 2 -W 3 10.9.0.1", 1,
           "PING 10.9.0.1 (10.9.0.1) 56(84) bytes of data.\n"
           "\n--- 10.9.0.1 ping statistics ---\n"
           "2 packets transmitted, 0 received, 100% packet loss, time 1000ms\n\n"},
          {"ping -w 2 -i 0.5 10.9.0.1", 1,
           "PING 10.9.0.1 (10.9.0.1) 56(84) bytes of data.\n"
           "\n--- 10.9.0.1 ping statistics ---\n"
           "4 packets transmitted, 0 received, 100% packet loss, time 1500ms\n\n"},
          {"ping -c 1 -s 1473 -M do 10.1.0.2", 1,
           "PING 10.1.0.2 (10.1.0.2) 1473(1501) bytes of data.\n"
           "\n--- 10.1.0.2 ping statistics ---\n"
           "1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n\n"
           "ping: local error: message too long, mtu=1500\n"});
    R.cut = true;
    TYPED(R.net[0], {"ping -6 -c 1 2001:db8::77", 1,
                     "PING 2001:db8::77(2001:db8::77) 56 data bytes\n"
                     "From 2001:db8::1 icmp_seq=1 Destination unreachable: Address unreachable\n"
                     "\n--- 2001:db8::77 ping statistics ---\n"
                     "1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 3000ms\n\n"});
    sock_rig_end();
}

/* Half of them are lost. */
static void cut_and_mend(void *arg)
{
    for (unsigned i = 0; i < 3; i++) {
        task_sleep(NS_PER_S);
        R.cut = !R.cut;
    }
}

TEST(ping_some_lost)
{
    sock_rig_start(true);
    typed(R.net[0], "ping -c 1 10.1.0.2");
    task_start("cutter", cut_and_mend, NULL, TASK_HIGH, 0);
    typed(R.net[0], "ping -q -c 3 10.1.0.2");
    CHECK_STR(typed_said, "PING 10.1.0.2 (10.1.0.2) 56(84) bytes of data.\n"
                          "\n--- 10.1.0.2 ping statistics ---\n"
                          "3 packets transmitted, 2 received, 33.3333% packet loss, time 2001ms\n"
                          "rtt min/avg/max/mdev = 1.000/1.000/1.000/0.000 ms\n");
    host_clock_advance(2 * NS_PER_S);
    sock_rig_end();
}

static void task(void *arg)
{
    typed(R.net[0], arg);
}

TEST(ping_interrupted)
{
    sock_rig_start(true);
    typed(R.net[0], "ping -c 1 10.1.0.2");
    struct task *t = task_start("ping", task, "ping 10.1.0.2", TASK_NORMAL, 0);
    host_clock_advance(3 * NS_PER_S / 2);
    task_interrupt(t);
    host_run();
    CHECK_STR(typed_said, "PING 10.1.0.2 (10.1.0.2) 56(84) bytes of data.\n"
                          "64 bytes from 10.1.0.2: icmp_seq=1 ttl=64 time=1.00 ms\n"
                          "64 bytes from 10.1.0.2: icmp_seq=2 ttl=64 time=1.00 ms\n"
                          "\n--- 10.1.0.2 ping statistics ---\n"
                          "2 packets transmitted, 2 received, 0% packet loss, time 1001ms\n"
                          "rtt min/avg/max/mdev = 1.000/1.000/1.000/0.000 ms\n");
    sock_rig_end();
}

TEST(ping_flood)
{
    sock_rig_start(true);
    typed(R.net[0], "ping -c 1 10.1.0.2");
    TYPED(R.net[0], {"ping -f -c 3 10.1.0.2", 0,
                     "PING 10.1.0.2 (10.1.0.2) 56(84) bytes of data.\n"
                     ".\b \b.\b \b.\b \b"
                     "\n--- 10.1.0.2 ping statistics ---\n"
                     "3 packets transmitted, 3 received, 0% packet loss, time 3ms\n"
                     "rtt min/avg/max/mdev = 1.000/1.000/1.000/0.000 ms, ipg/ewma 1.500/1.000 ms\n"});
    sock_rig_end();
}

TEST(ping_words)
{
    sock_rig_start(true);
    const struct {
        const char *line, *says;
    } cases[] = {
        {"ping", "ping: usage error: Destination address required\n"},
        {"ping host", "ping: host: Name or service not known (an address is wanted: names are not looked up)\n"},
        {"ping -4 ::1", "ping: ::1: Address family for hostname not supported\n"},
        {"ping6 127.0.0.1", "ping6: 127.0.0.1: Address family for hostname not supported\n"},
        {"ping -I eth7 127.0.0.1", "ping: unknown iface: eth7\n"},
        {"ping -I 10.9.9.9 127.0.0.1", "ping: bind: Cannot assign requested address\n"},
        {"ping -I ::1 127.0.0.1", "ping: ::1: an address of the other family\n"},
        {"ping -M so 127.0.0.1", "ping: invalid argument: 'so': do, want or dont\n"},
        {"ping -p xy 127.0.0.1",
         "ping: invalid argument: 'xy': patterns must be specified as hex digits, 16 bytes at most\n"},
        {"ping -i x 127.0.0.1", "ping: invalid argument: 'x': seconds are wanted, as 0.2\n"},
        {"ping 127.0.0.1 127.0.0.2", "ping: \"127.0.0.2\": one destination is enough\n"},
    };
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        CHECK_EQ(typed(R.net[0], cases[i].line), 2);
        char *usage = strstr(typed_said, "usage: ");
        if (usage)
            *usage = 0;
        CHECK_STR(typed_said, cases[i].says);
    }
    sock_rig_end();
}

/* Raw endpoints: each has a copy of all of its protocol, in front of who else takes it. */
#include "host/host.h"
#include "lib/check.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/skb/drop.h"
#include "tests/unit/net/sock/sock_rig.h"

#define R sock_rig

TEST(raw_protocol_that_nobody_speaks)
{
    sock_rig_start(true);
    for (unsigned v6 = 0; v6 < 2; v6++) {
        struct sock_how how = {.kind = SOCK_RAW, .port = 200, .errors = true};
        struct sock_to to = {.addr = sock_rig_ip(v6 ? "2001:db8::2" : "10.1.0.2"), .hops = 3};
        struct sock *a, *b[2];
        struct sock_from from;
        char got[16];
        CHECK_EQ(sock_open(R.net[0], &how, &a), 0);
        CHECK_EQ(sock_send(a, &to, "to nobody", 9), 0);
        CHECK_EQ(sock_recv(a, got, sizeof(got), &from, clock_ns() + NS_PER_S), 9); /* and it hears of that */
        CHECK_EQ(from.error.err, v6 ? -EPROTO : -ENOPROTOOPT);
        CHECK_MEM(got, "to nobody", 9);
        for (unsigned i = 0; i < 2; i++)
            CHECK_EQ(sock_open(R.net[1], &how, &b[i]), 0);
        CHECK_EQ(sock_send(a, &to, "to both", 7), 0);
        for (unsigned i = 0; i < 2; i++) {
            CHECK_EQ(sock_recv(b[i], got, sizeof(got), &from, clock_ns() + NS_PER_S), 7);
            CHECK_MEM(got, "to both", 7);
            CHECK_EQ(from.hops, 3);
            sock_close(b[i]);
        }
        CHECK_EQ(sock_recv(a, got, sizeof(got), &from, clock_ns() + NS_PER_S), -ETIMEDOUT);
        sock_close(a);
    }
    CHECK_EQ(drop_read(R.net[1], &R.dev[1]->port, DROP_IP_NO_PROTO, 0), 2);
    sock_rig_end();
}

/* ICMP is seen, and answered all the same; of ICMPv6 the checksum is filled in. */
TEST(raw_icmp)
{
    sock_rig_start(true);
    for (unsigned v6 = 0; v6 < 2; v6++) {
        struct sock_how how = {.kind = SOCK_RAW, .port = v6 ? 58 : 1};
        struct sock_to to = {.addr = sock_rig_ip(v6 ? "2001:db8::2" : "10.1.0.2")};
        static const u8 echo[2][8] = {{8, 0, 0xf7, 0xff}, {128, 0, 0, 0}};
        struct sock *a;
        struct sock_from from;
        u8 got[100];
        ssize n;
        CHECK_EQ(sock_open(R.net[0], &how, &a), 0);
        CHECK_EQ(sock_send(a, &to, echo[v6], 8), 0);
        do
            n = sock_recv(a, got, sizeof(got), &from, clock_ns() + NS_PER_S);
        while (n > 0 && got[0] != (v6 ? 129 : 0)); /* neighbours' words among them */
        CHECK_EQ(n, 8);
        sock_close(a);
    }
    sock_rig_end();
}

/* UDP between two machines: who has a datagram, who hears that nobody has, and by which counters. */
#include "host/host.h"
#include "lib/check.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/dev/updown.h"
#include "net/ip/addr.h"
#include "net/skb/drop.h"
#include "tests/unit/net/ip/ip_rig.h"
#include "tests/unit/net/sock/sock_rig.h"

#define R sock_rig

static const char *const ours[] = {"10.1.0.1", "2001:db8::1"}, *const theirs[] = {"10.1.0.2", "2001:db8::2"};

static u64 counter(unsigned end, const char *name)
{
    return stats_read(R.net[end], stats_find(name));
}

static struct sock *open_port(unsigned end, u16 port)
{
    struct sock_how how = {.kind = SOCK_UDP, .port = port};
    struct sock *k = NULL;
    CHECK_EQ(sock_open(R.net[end], &how, &k), 0);
    return k;
}

TEST(udp_there_and_back)
{
    sock_rig_start(true);
    struct sock *a = open_port(0, 0), *b = open_port(1, 7);
    for (unsigned v6 = 0; v6 < 2; v6++) {
        static const u32 sizes[] = {0, 1, 7, 1452, 1472 - 20};
        for (unsigned i = 0; i < ARRAY_LEN(sizes); i++) {
            static u8 sent[2000], got[2000];
            struct sock_from from;
            struct sock_to to = {.addr = sock_rig_ip(theirs[v6]), .port = 7, .tos = 0x48, .hops = 9};
            for (u32 j = 0; j < sizes[i]; j++)
                sent[j] = (u8)test_rand();
            CHECK_EQ(sock_send(a, &to, sent, sizes[i]), 0);
            CHECK_EQ(sock_recv(b, got, sizeof(got), &from, clock_ns() + NS_PER_S), sizes[i]);
            CHECK_MEM(got, sent, sizes[i]);
            CHECK_EQ(from.port, a->how.port);
            struct ipaddr me = sock_rig_ip(ours[v6]);
            CHECK(addr_eq(&from.addr, &me));
            CHECK(addr_eq(&from.to, &to.addr));
            CHECK_EQ(from.hops, 9);
            CHECK_EQ(from.tos, 0x48);
            CHECK_EQ(from.index, R.dev[1]->port.index);
            CHECK_EQ(from.len, sizes[i]);
            to = (struct sock_to){.addr = from.addr, .port = from.port};
            CHECK_EQ(sock_send(b, &to, got, sizes[i]), 0);
            CHECK_EQ(sock_recv(a, got, 1, &from, clock_ns() + NS_PER_S), min(sizes[i], 1u));
            CHECK_EQ(from.len, sizes[i]);
        }
    }
    CHECK_EQ(counter(0, "Udp.OutDatagrams"), 5);
    CHECK_EQ(counter(1, "Udp.InDatagrams"), 5);
    CHECK_EQ(counter(1, "Udp6.InDatagrams"), 5);
    CHECK_EQ(counter(1, "Udp.InErrors"), 0);
    sock_close(a);
    sock_close(b);
    sock_rig_end();
}

TEST(udp_to_itself)
{
    sock_rig_start(true);
    struct sock *a = open_port(0, 0), *b = open_port(0, 7);
    const char *const to_own[] = {"127.0.0.1", "::1", "10.1.0.1", "2001:db8::1"};
    for (unsigned i = 0; i < ARRAY_LEN(to_own); i++) {
        struct sock_to to = {.addr = sock_rig_ip(to_own[i]), .port = 7};
        struct sock_from from;
        char got[10];
        CHECK_EQ(sock_send(a, &to, "hello", 5), 0);
        CHECK_EQ(sock_recv(b, got, sizeof(got), &from, clock_ns() + NS_PER_S), 5);
        CHECK(addr_eq(&from.addr, &to.addr));
    }
    sock_close(a);
    sock_close(b);
    sock_rig_end();
}

/* One that asks for errors has the port's, the quoted bytes with it; one that is connected hears of it in its call. */
TEST(udp_nobody_there)
{
    sock_rig_start(true);
    for (unsigned v6 = 0; v6 < 2; v6++) {
        struct sock_how how = {.kind = SOCK_UDP, .errors = true};
        struct sock_how con = {.kind = SOCK_UDP, .remote = sock_rig_ip(theirs[v6]), .rport = 9};
        struct sock *k, *c;
        struct sock_from from;
        char got[100];
        CHECK_EQ(sock_open(R.net[0], &how, &k), 0);
        CHECK_EQ(sock_open(R.net[0], &con, &c), 0);
        struct sock_to to = {.addr = sock_rig_ip(theirs[v6]), .port = 9};
        CHECK_EQ(sock_send(k, &to, "anybody?", 8), 0);
        CHECK_EQ(sock_recv(k, got, sizeof(got), &from, clock_ns() + NS_PER_S), 8);
        CHECK_MEM(got, "anybody?", 8);
        CHECK_EQ(from.error.err, -ECONNREFUSED);
        CHECK_EQ(from.error.type, v6 ? 1 : 3);
        CHECK_EQ(from.error.code, v6 ? 4 : 3);
        CHECK(addr_eq(&from.error.by, &to.addr));
        CHECK(addr_eq(&from.addr, &to.addr));
        CHECK_EQ(from.port, 9);
        CHECK_EQ(sock_send(c, &(struct sock_to){0}, "x", 1), 0);
        CHECK_EQ(sock_recv(c, got, sizeof(got), &from, clock_ns() + NS_PER_S), -ECONNREFUSED);
        CHECK_EQ(sock_send(c, &(struct sock_to){0}, "x", 1), 0);
        host_clock_advance(NS_PER_S);
        CHECK_EQ(sock_send(c, &(struct sock_to){0}, "x", 1), -ECONNREFUSED);
        CHECK_EQ(sock_send(c, &(struct sock_to){0}, "x", 1), 0);
        host_clock_advance(NS_PER_S);
        sock_close(k);
        sock_close(c);
    }
    CHECK_EQ(counter(1, "Udp.NoPorts"), 4);
    CHECK_EQ(counter(1, "Udp6.NoPorts"), 4);
    CHECK_EQ(drop_read(R.net[1], &R.dev[1]->port, DROP_NO_SOCKET, 0), 8);
    sock_rig_end();
}

/* To 127.0.0.1 too: a program that asks its own machine shall not wait for a time-out. */
TEST(udp_nobody_at_home)
{
    sock_rig_start(true);
    const char *const to_own[] = {"127.0.0.1", "::1"};
    for (unsigned i = 0; i < 2; i++) {
        struct sock_how how = {.kind = SOCK_UDP, .remote = sock_rig_ip(to_own[i]), .rport = 9};
        struct sock *k;
        struct sock_from from;
        char got[10];
        CHECK_EQ(sock_open(R.net[0], &how, &k), 0);
        CHECK_EQ(sock_send(k, &(struct sock_to){0}, "x", 1), 0);
        CHECK_EQ(sock_recv(k, got, sizeof(got), &from, clock_ns() + NS_PER_S), -ECONNREFUSED);
        sock_close(k);
    }
    sock_rig_end();
}

TEST(udp_whose_it_is)
{
    sock_rig_start(true);
    sock_rig_addr(1, "10.1.0.3/24");
    struct sock *any = open_port(1, 7), *there, *peer, *a = open_port(0, 1000), *b = open_port(0, 1001);
    struct sock_how how = {.kind = SOCK_UDP, .port = 7, .local = sock_rig_ip("10.1.0.3")};
    CHECK_EQ(sock_open(R.net[1], &how, &there), -EADDRINUSE);
    sock_close(any);
    how.reuse = true;
    CHECK_EQ(sock_open(R.net[1], &how, &there), 0);
    CHECK_EQ(sock_open(R.net[1], &(struct sock_how){.kind = SOCK_UDP, .port = 7, .reuse = true}, &any), 0);
    how =
        (struct sock_how){.kind = SOCK_UDP, .port = 7, .remote = sock_rig_ip("10.1.0.1"), .rport = 1001, .reuse = true};
    CHECK_EQ(sock_open(R.net[1], &how, &peer), 0);
    const struct {
        struct sock *from;
        const char *to;
        struct sock *has;
    } cases[] = {{a, "10.1.0.2", any}, {a, "10.1.0.3", there}, {b, "10.1.0.2", peer}, {a, "2001:db8::2", any}};
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        struct sock_from from;
        char got[4];
        CHECK_EQ(sock_send(cases[i].from, &(struct sock_to){.addr = sock_rig_ip(cases[i].to), .port = 7}, "x", 1), 0);
        CHECK_EQ(sock_recv(cases[i].has, got, 4, &from, clock_ns() + NS_PER_S), 1);
    }
    how = (struct sock_how){.kind = SOCK_UDP, .local = sock_rig_ip("10.9.9.9")};
    CHECK_EQ(sock_open(R.net[1], &how, &peer), -EADDRNOTAVAIL);
    sock_close(a);
    sock_close(b);
    sock_close(any);
    sock_close(there);
    sock_close(cases[2].has);
    sock_rig_end();
}

TEST(udp_a_port_of_nobodys_choice)
{
    sock_rig_start(true);
    struct out_mem m;
    char text[64];
    CHECK_EQ(sysctl_set(R.net[0], "net.ipv4.ip_local_port_range", "5000 5003"), 0);
    CHECK_EQ(sysctl_set(R.net[0], "net.ipv4.ip_local_reserved_ports", "5001,6000-6010"), 0);
    out_mem_init(&m, text, sizeof(text), false);
    CHECK_EQ(sysctl_get(R.net[0], "net.ipv4.ip_local_reserved_ports", &m.out), 0);
    CHECK_STR(text, "5001,6000-6010");
    CHECK_EQ(sysctl_set(R.net[0], "net.ipv4.ip_local_reserved_ports", "70000"), -EINVAL);
    struct sock *k[3], *more;
    u32 seen = 0;
    for (unsigned i = 0; i < 3; i++) {
        k[i] = open_port(0, 0);
        seen |= 1u << (k[i]->how.port - 5000);
    }
    CHECK_EQ(seen, 1u << 0 | 1u << 2 | 1u << 3);
    CHECK_EQ(sock_open(R.net[0], &(struct sock_how){.kind = SOCK_UDP}, &more), -EADDRNOTAVAIL);
    sock_close(k[1]);
    more = open_port(0, 0);
    sock_close(k[0]);
    sock_close(k[2]);
    sock_close(more);
    sock_rig_end();
}

TEST(udp_full_queue)
{
    sock_rig_start(true);
    struct sock *a = open_port(0, 0), *b;
    CHECK_EQ(sock_open(R.net[1], &(struct sock_how){.kind = SOCK_UDP, .port = 7, .room = 4096}, &b), 0);
    static char text[1000], got[1000];
    for (unsigned i = 0; i < 10; i++)
        CHECK_EQ(sock_send(a, &(struct sock_to){.addr = sock_rig_ip("10.1.0.2"), .port = 7}, text, sizeof(text)), 0);
    host_clock_advance(NS_PER_S);
    u64 lost = counter(1, "Udp.RcvbufErrors");
    CHECK_EQ(lost, 7);
    CHECK_EQ(drop_read(R.net[1], &R.dev[1]->port, DROP_SOCKET_FULL, 0), 7);
    struct sock_from from;
    for (unsigned i = 0; i < 3; i++)
        CHECK_EQ(sock_recv(b, got, sizeof(got), &from, 0), 1000);
    CHECK_EQ(sock_recv(b, got, sizeof(got), &from, 0), -ETIMEDOUT);
    sock_close(a);
    sock_close(b);
    sock_rig_end();
}

TEST(udp_to_many)
{
    sock_rig_start(true);
    const char *const groups[] = {"239.1.2.3", "ff05::99", "255.255.255.255", "10.1.0.255"};
    struct sock *a = open_port(0, 0), *b[2];
    for (unsigned i = 0; i < 2; i++)
        CHECK_EQ(sock_open(R.net[1], &(struct sock_how){.kind = SOCK_UDP, .port = 7, .reuse = true}, &b[i]), 0);
    for (unsigned i = 0; i < ARRAY_LEN(groups); i++) {
        struct ipaddr g = sock_rig_ip(groups[i]);
        struct sock_to to = {.addr = g, .port = 7, .index = R.dev[0]->port.index};
        struct sock_from from;
        char got[4];
        CHECK_EQ(sock_send(a, &to, "x", 1), 0);
        if (i < 2) {
            CHECK_EQ(sock_recv(b[0], got, 4, &from, clock_ns() + NS_PER_S), -ETIMEDOUT);
            CHECK_EQ(sock_join(b[0], R.dev[1]->port.index, &g), 0);
            CHECK_EQ(sock_send(a, &to, "x", 1), 0);
        }
        for (unsigned j = 0; j < 2; j++) {
            CHECK_EQ(sock_recv(b[j], got, 4, &from, clock_ns() + NS_PER_S), 1);
            CHECK(addr_eq(&from.to, &g));
        }
        if (i < 2)
            CHECK_EQ(from.hops, 1);
    }
    CHECK_EQ(sock_leave(b[0], R.dev[1]->port.index, &(struct ipaddr){{0xff, 5}}), -EADDRNOTAVAIL);
    sock_close(a);
    for (unsigned i = 0; i < 2; i++)
        sock_close(b[i]);
    sock_rig_end();
}

/* From nobody to everybody: who asks for an address has none yet. */
TEST(udp_before_an_address)
{
    sock_rig_start(false);
    struct sock *a, *b = open_port(1, 67);
    u32 index = R.dev[0]->port.index;
    CHECK_EQ(sock_open(R.net[0], &(struct sock_how){.kind = SOCK_UDP, .port = 68, .index = index}, &a), 0);
    struct sock_to to = {.addr = ipaddr_of4(255, 255, 255, 255), .port = 67, .unnamed = true};
    struct sock_from from;
    char got[4];
    CHECK_EQ(sock_send(a, &to, "x", 1), 0);
    CHECK_EQ(sock_recv(b, got, 4, &from, clock_ns() + NS_PER_S), 1);
    CHECK(addr_is_any(&from.addr));
    CHECK_EQ(from.port, 68);
    to = (struct sock_to){.addr = ipaddr_of4(255, 255, 255, 255), .port = 68, .index = R.dev[1]->port.index};
    CHECK_EQ(sock_send(b, &to, "yz", 2), 0);
    CHECK_EQ(sock_recv(a, got, 4, &from, clock_ns() + NS_PER_S), 2);
    sock_close(a);
    sock_close(b);
    sock_rig_end();
}

/* What is longer than the MTU: cut by us alone, by nobody, or refused. */
TEST(udp_too_long)
{
    sock_rig_start(true);
    struct sock *a = open_port(0, 0);
    static char text[3000];
    const struct {
        const char *to;
        u8 whole;
        u32 n;
        int err;
        u32 frames;
        u16 frag; /* of the first frame */
    } cases[] = {
        {"10.1.0.2", IP_MAY_CUT, 1472, 0, 1, 0},
        {"10.1.0.2", IP_WHOLE, 1472, 0, 1, 0x4000},
        {"10.1.0.2", IP_WHOLE_IF_FITS, 1472, 0, 1, 0x4000},
        {"10.1.0.2", IP_MAY_CUT, 1473, 0, 2, 0x2000},
        {"10.1.0.2", IP_WHOLE, 1473, -EMSGSIZE, 0, 0},
        {"10.1.0.2", IP_WHOLE_IF_FITS, 1473, 0, 2, 0x2000},
        {"10.1.0.255", IP_MAY_CUT, 1473, -EMSGSIZE, 0, 0},
    };
    CHECK_EQ(sock_send(a, &(struct sock_to){.addr = sock_rig_ip("10.1.0.2"), .port = 7}, text, 1), 0);
    host_clock_advance(NS_PER_S); /* neighbours are known */
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        u32 before = R.frames[0];
        struct sock_to to = {.addr = sock_rig_ip(cases[i].to), .port = 7, .whole = cases[i].whole};
        CHECK_EQ(sock_send(a, &to, text, cases[i].n), cases[i].err);
        CHECK_EQ(R.frames[0] - before, cases[i].frames);
        if (cases[i].frames)
            CHECK_EQ(load_be16(R.seen[0][before % RIG_SEEN].p + 20), cases[i].frag);
        host_clock_advance(NS_PER_S);
    }
    sock_close(a);
    sock_rig_end();
}

/* ---- as on Linux: tests/diff ---- */

static const struct ip_rig_case udp_cases[] = {
    {"more bytes than it says", "4500002012340000401154950a0100020a0100019c4000090008000077656972", "a 3/3"},
    {"fewer bytes than it says", "4500001e12340000401154970a0100020a0100019c400009000c6eb07765", ""},
    {"no bytes at all, it says", "4500002012340000401154950a0100020a0100019c4000090000000077656972", ""},
};

TEST(udp_as_on_linux)
{
    ip_rig_check(udp_cases, ARRAY_LEN(udp_cases));
}

/* The DHCP client against a scripted server at the wire's other end, in virtual time; the commands that it runs are
 * taken down. */
#include "apps/dhcpc/dhcpc_apply.h"
#include "host/host.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/script.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/ip/addr.h"
#include "net/sock/resolv.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/net/sock/sock_rig.h"
#include "tests/unit/with_conf.h"

#define R sock_rig

/* ---- what was run ---- */

static char ran[4096];
static bool really; /* "ip addr" and "ip link" are run as well */

static int take_down(struct net *net, const char *line, char *said, size_t size)
{
    str_append(ran, sizeof(ran), line);
    str_append(ran, sizeof(ran), "\n");
    if (!really || !(str_starts(line, "ip addr") || str_starts(line, "ip link")))
        return 0;
    struct script_env env;
    struct out_mem m;
    out_mem_init(&m, said, size, false);
    script_env_init(&env, net, &m.out, &m.out, NULL);
    int status = script_text(&env, line, strlen(line));
    script_env_free(&env);
    CHECK_STR(said, "");
    return status;
}

static void check_ran(const char *what)
{
    CHECK_STR(ran, what);
    ran[0] = 0;
}

/* ---- the server ---- */

static struct server {
    struct sock *k;
    bool deaf, naks;
    u8 addr;        /* the last byte of what it gives */
    u8 own;         /* of its own address */
    u32 lease;      /* s */
    const u8 *more; /* options */
    u32 more_n;
    u32 discovers, requests, declines, releases, renewals, rebinds;
    u64 at[32]; /* of the discovers */
    char requested[FMT_IPADDR_MAX];
} server;

static u8 *opt(u8 *p, u8 code, const void *v, u8 n)
{
    p[0] = code;
    p[1] = n;
    memcpy(p + 2, v, n);
    return p + 2 + n;
}

static const u8 *find(const u8 *p, u32 n, u8 code)
{
    for (u32 at = 240; at + 2 < n && p[at] != 255; at += p[at] ? 2u + p[at + 1] : 1)
        if (p[at] == code)
            return p + at + 2;
    return NULL;
}

static void answer(const u8 *in, u8 type, bool to_all)
{
    static u8 m[600];
    u8 lease[4], id[4] = {10, 1, 0, server.own}, mask[4] = {255, 255, 255, 0};
    memset(m, 0, sizeof(m));
    m[0] = 2;
    memcpy(m + 1, in + 1, 2);
    memcpy(m + 4, in + 4, 4);
    memcpy(m + 28, in + 28, 16);
    if (type != DHCP_NAK)
        memcpy(m + 16, (u8[]){10, 1, 0, server.addr}, 4);
    memcpy(m + 236, "\x63\x82\x53\x63", 4);
    u8 *p = opt(m + 240, 53, &type, 1);
    p = opt(p, 54, id, 4);
    if (type == DHCP_NAK) {
        p = opt(p, 56, "go away", 7);
    } else {
        store_be32(lease, server.lease);
        p = opt(p, 51, lease, 4);
        p = opt(p, 1, mask, 4);
        memcpy(p, server.more, server.more_n);
        p += server.more_n;
    }
    *p++ = 255;
    struct sock_to to = {.addr = to_all ? ipaddr_of4(255, 255, 255, 255) : ipaddr_of4(10, 1, 0, server.addr),
                         .port = 68,
                         .index = R.dev[1]->port.index};
    CHECK_EQ(sock_send(server.k, &to, m, (size_t)(p - m)), 0);
}

static void serve(struct sock *k, const struct sock_from *from, struct skb *s)
{
    u8 in[600] = {0};
    u32 n = min(s->len, (u32)sizeof(in));
    CHECK_EQ(skb_read(s, 0, in, n), 0);
    skb_free(s);
    const u8 *type = find(in, n, 53), *asked = find(in, n, 50);
    bool has_ciaddr = load_le32(in + 12) != 0;
    CHECK(type);
    CHECK_LE(300, n);
    CHECK_EQ(in[10] >> 7, (*type == DHCP_DISCOVER || *type == DHCP_REQUEST) && !has_ciaddr);
    struct ipaddr a = asked ? ipaddr_of4(asked[0], asked[1], asked[2], asked[3]) : ipaddr_of4(0, 0, 0, 0);
    fmt_ipaddr(server.requested, &a);
    CHECK_EQ(addr_is_any(&from->addr), !has_ciaddr);
    switch (*type) {
    case DHCP_DISCOVER:
        server.at[server.discovers++ % ARRAY_LEN(server.at)] = clock_ns();
        if (!server.deaf)
            answer(in, DHCP_OFFER, true);
        break;
    case DHCP_REQUEST:
        server.requests++;
        server.renewals += has_ciaddr && !addr_is_limited_broadcast(&from->to);
        server.rebinds += has_ciaddr && addr_is_limited_broadcast(&from->to);
        if (!server.deaf)
            answer(in, server.naks ? DHCP_NAK : DHCP_ACK, !has_ciaddr);
        break;
    case DHCP_DECLINE: server.declines++; break;
    case DHCP_RELEASE: server.releases++; break;
    }
}

static void start(void)
{
    static const u8 more[] = {3, 4, 10, 1, 0, 2, 6, 8, 10, 1, 0, 2, 9, 9, 9, 9, 15, 7, 'e', 'x', '.', 'o', 'r', 'g', 0};
    sock_rig_start(false);
    sock_rig_addr(1, "10.1.0.2/24");
    server = (struct server){.addr = 50, .own = 2, .lease = 3600, .more = more, .more_n = sizeof(more)};
    CHECK_EQ(sock_open(R.net[1], &(struct sock_how){.kind = SOCK_UDP, .port = 67, .rx = serve}, &server.k), 0);
    apply_run_by(take_down);
    ran[0] = 0;
    really = true;
}

static void end(void)
{
    struct dhcpc *d = dhcpc_find(R.net[0], "eth0");
    if (d)
        dhcpc_stop(d, false);
    sock_close(server.k);
    apply_run_by(NULL);
    sock_rig_end();
}

static void read_file(const char *path, char *to, size_t size)
{
    struct out_mem m;
    out_mem_init(&m, to, size, false);
    CHECK_EQ(file_read(R.net[0], path, &m.out), 0);
}

#define BOUND                                                                               \
    "ip addr replace 10.1.0.50/24 broadcast + dev eth0 valid_lft 3600 preferred_lft 3600\n" \
    "ip route replace default via 10.1.0.2 dev eth0 proto dhcp metric 202\n"

TEST(dhcpc_to_an_address_and_back)
{
    char text[1024];
    start();
    CHECK_EQ(typed(R.net[0], "dhclient -v eth0"), 0);
    char *interval = strstr(typed_said, "interval "); /* it has a jitter */
    CHECK(interval);
    if (interval)
        memmove(interval, strchr(interval, '\n'), strlen(strchr(interval, '\n')) + 1);
    CHECK_STR(typed_said, "DHCPDISCOVER on eth0 to 255.255.255.255 port 67 \n"
                          "DHCPOFFER of 10.1.0.50 from 10.1.0.2\n"
                          "DHCPREQUEST for 10.1.0.50 on eth0 to 255.255.255.255 port 67\n"
                          "DHCPACK of 10.1.0.50 from 10.1.0.2\n"
                          "bound to 10.1.0.50 -- renewal in 1800 seconds.\n");
    check_ran(BOUND);
    CHECK_STR(server.requested, "10.1.0.50");
    CHECK(strstr(host_log(), "eth0: 10.1.0.50/24 by DHCP from 10.1.0.2, for 3600 s, gateway 10.1.0.2, DNS 10.1.0.2\n"));
    read_file("/etc/resolv.conf", text, sizeof(text));
    CHECK_STR(text, "# eth0: by DHCP from 10.1.0.2\nsearch ex.org\nnameserver 10.1.0.2\nnameserver 9.9.9.9\n");
    read_file("/var/lib/dhcp/dhclient.leases", text, sizeof(text));
    CHECK(str_starts(text, "lease {\n  interface \"eth0\";\n  fixed-address 10.1.0.50;\n"
                           "  option subnet-mask 255.255.255.0;\n  option routers 10.1.0.2;\n"
                           "  option dhcp-lease-time 3600;\n  option domain-name-servers 10.1.0.2,9.9.9.9;\n"
                           "  option dhcp-server-identifier 10.1.0.2;\n  option domain-name \"ex.org\";\n  renew "));
    CHECK_EQ(typed(R.net[0], "ping -c 1 10.1.0.2"), 0);
    CHECK_EQ(typed(R.net[0], "dhclient -r -v eth0"), 0);
    CHECK_STR(typed_said, "DHCPRELEASE of 10.1.0.50 on eth0 to 10.1.0.2 port 67\n");
    check_ran("ip addr del 10.1.0.50/24 dev eth0\n");
    host_clock_advance(NS_PER_S);
    CHECK_EQ(server.releases, 1);
    read_file("/etc/resolv.conf", text, sizeof(text));
    CHECK_STR(text, "");
    CHECK_EQ(typed(R.net[0], "dhclient -r eth0"), 1);
    CHECK_STR(typed_said, "dhclient: eth0: no client runs there\n");
    end();
}

/* T1: its server; T2: anybody; the end: another address is looked for. */
TEST(dhcpc_prolongs)
{
    start();
    CHECK_EQ(typed(R.net[0], "udhcpc -i eth0"), 0);
    CHECK_STR(typed_said, "udhcpc: started, v" WEIR_VERSION "\n"
                          "udhcpc: broadcasting discover\n"
                          "udhcpc: broadcasting select for 10.1.0.50, server 10.1.0.2\n"
                          "udhcpc: lease of 10.1.0.50 obtained from 10.1.0.2, lease time 3600\n");
    check_ran(BOUND);
    host_clock_advance(1799 * NS_PER_S);
    CHECK_EQ(server.requests, 1);
    host_clock_advance(2 * NS_PER_S);
    CHECK_EQ(server.renewals, 1);
    check_ran("ip addr replace 10.1.0.50/24 broadcast + dev eth0 valid_lft 3600 preferred_lft 3600\n");
    server.deaf = true;
    host_clock_advance(1800 * NS_PER_S);
    CHECK_EQ(server.rebinds, 0);
    CHECK_EQ(server.renewals, 2);
    host_clock_advance(1350 * NS_PER_S);
    CHECK_LE(5, server.renewals);
    CHECK_LE(1, server.rebinds);
    check_ran("");
    host_clock_advance(451 * NS_PER_S);
    check_ran("ip addr del 10.1.0.50/24 dev eth0\n");
    server.deaf = false;
    server.addr = 51;
    host_clock_advance(60 * NS_PER_S);
    check_ran("ip addr replace 10.1.0.51/24 broadcast + dev eth0 valid_lft 3600 preferred_lft 3600\n"
              "ip route replace default via 10.1.0.2 dev eth0 proto dhcp metric 202\n");
    end();
}

TEST(dhcpc_refused_later)
{
    start();
    CHECK_EQ(typed(R.net[0], "udhcpc -i eth0"), 0);
    server.naks = true;
    ran[0] = 0;
    host_clock_advance(1801 * NS_PER_S);
    check_ran("ip addr del 10.1.0.50/24 dev eth0\n");
    CHECK(strstr(host_log(), "dhcp: eth0: refused by 10.1.0.2: go away\n"));
    server.naks = false;
    server.addr = 60;
    host_clock_advance(30 * NS_PER_S);
    CHECK(str_starts(ran, "ip addr replace 10.1.0.60/24 "));
    end();
}

/* The server gives what another station has: it hears of it, and another is asked for. */
TEST(dhcpc_declines_what_is_taken)
{
    start();
    sock_rig_addr(1, "10.1.0.50/24");
    struct dhcpc_how how = {0};
    int err;
    struct dhcpc *d = dhcpc_start(R.net[0], "eth0", &how, &err, NULL);
    host_clock_advance(2 * NS_PER_S);
    CHECK_EQ(server.declines, 1);
    CHECK_STR(server.requested, "10.1.0.50");
    CHECK(strstr(host_log(), "10.1.0.50 from 10.1.0.2 is declined: 02:00:00:00:00:02 has it already\n"));
    check_ran("");
    server.addr = 51;
    host_clock_advance(15 * NS_PER_S);
    CHECK(str_starts(ran, "ip addr replace 10.1.0.51/24 "));
    dhcpc_put(d);
    end();
}

TEST(dhcpc_nobody_answers)
{
    start();
    server.deaf = true;
    CHECK_EQ(typed(R.net[0], "udhcpc -n -i eth0 -t 2 -T 5"), 1);
    CHECK_STR(typed_said, "udhcpc: started, v" WEIR_VERSION "\nudhcpc: broadcasting discover\n"
                          "udhcpc: broadcasting discover\nudhcpc: no lease, failing\n");
    CHECK_EQ(server.discovers, 2);
    CHECK_EQ(server.at[1] - server.at[0], 5 * NS_PER_S);
    host_clock_advance(NS_PER_S);
    CHECK(!dhcpc_find(R.net[0], "eth0"));
    server.discovers = 0;
    struct dhcpc_how how = {0};
    int err;
    dhcpc_put(dhcpc_start(R.net[0], "eth0", &how, &err, NULL)); /* 4, 8, 16, 32, 64 s, and a second each way */
    host_clock_advance(200 * NS_PER_S);
    CHECK_LE(5, server.discovers);
    for (u32 i = 0; i + 1 < min(server.discovers, 5u); i++) {
        u64 gap = server.at[i + 1] - server.at[i], usual = (4 * NS_PER_S) << i;
        CHECK_LE(usual - NS_PER_S, gap);
        CHECK_LE(gap, usual + NS_PER_S);
    }
    end();
}

/* RFC 3442: with classless routes the router says nothing. */
TEST(dhcpc_classless_routes_and_mtu)
{
    static const u8 more[] = {3, 4,  10, 1, 0, 1,  26, 2, 0x05, 0x78, 121, 22, 0, 10, 1,  0, 2,  24, 192, 168,
                              7, 10, 1,  0, 3, 32, 10, 9, 9,    9,    0,   0,  0, 0,  42, 4, 10, 1,  0,   9};
    start();
    server.more = more;
    server.more_n = sizeof(more);
    CHECK_EQ(typed(R.net[0], "udhcpc -q -i eth0"), 0);
    check_ran("ip link set dev eth0 mtu 1400\n"
              "ip addr replace 10.1.0.50/24 broadcast + dev eth0 valid_lft 3600 preferred_lft 3600\n"
              "ip route replace default via 10.1.0.2 dev eth0 proto dhcp metric 202\n"
              "ip route replace 192.168.7.0/24 via 10.1.0.3 dev eth0 proto dhcp metric 202\n"
              "ip route replace 10.9.9.9/32 dev eth0 proto dhcp scope link metric 202\n");
    CHECK_EQ(R.dev[0]->mtu, 1400);
    host_clock_advance(NS_PER_S);
    CHECK(!dhcpc_find(R.net[0], "eth0")); /* -q */
    end();
}

static void task(void *arg)
{
    typed(R.net[0], arg);
}

TEST(dhcpc_interrupted)
{
    start();
    server.deaf = true;
    struct task *t = task_start("udhcpc", task, "udhcpc -i eth0", TASK_NORMAL, 0);
    host_clock_advance(4 * NS_PER_S);
    task_interrupt(t);
    host_clock_advance(NS_PER_S);
    CHECK_STR(typed_said, "udhcpc: started, v" WEIR_VERSION "\nudhcpc: broadcasting discover\n"
                          "udhcpc: broadcasting discover\n");
    CHECK(!dhcpc_find(R.net[0], "eth0"));
    end();
}

TEST(dhcpc_words)
{
    start();
    const struct {
        const char *line, *says;
        int status;
    } cases[] = {
        {"udhcpc", "udhcpc: which interface? (-i IF)\n", 2},
        {"udhcpc -i eth7", "udhcpc: eth7: No such device\n", 1},
        {"udhcpc -n -i lo", "udhcpc: lo: DHCP is for Ethernet\n", 1},
        {"dhclient", "dhclient: which interface?\n", 2},
        {"dhclient eth0 eth1", "dhclient: \"eth1\": one interface at a time\n", 2},
    };
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        CHECK_EQ(typed(R.net[0], cases[i].line), cases[i].status);
        char *usage = strstr(typed_said, "usage: "), *says = strstr(typed_said, cases[i].says);
        if (usage)
            *usage = 0;
        CHECK(says);
    }
    end();
}

TEST(resolv_conf_is_a_persons_first)
{
    char text[200];
    start();
    CHECK_EQ(resolv_put(R.net[0], "eth0.dhcp", "nameserver 10.1.0.1\n"), 0);
    CHECK_EQ(resolv_put(R.net[0], "eth1.dhcp", "nameserver 10.2.0.1\n"), 0);
    read_file("/etc/resolv.conf", text, sizeof(text));
    CHECK_STR(text, "nameserver 10.1.0.1\nnameserver 10.2.0.1\n");
    TYPED(R.net[0], {"echo nameserver 1.1.1.1 >/etc/resolv.conf; cat /etc/resolv.conf", 0, "nameserver 1.1.1.1\n"},
          {"echo >/etc/resolv.conf", 0, ""});
    CHECK_EQ(resolv_put(R.net[0], "eth0.dhcp", ""), 0);
    read_file("/etc/resolv.conf", text, sizeof(text));
    CHECK_STR(text, "nameserver 10.2.0.1\n");
    end();
}

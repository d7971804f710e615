/* netstat: interfaces, routes and counters as net-tools shows them.
 *
 *     netstat -i [-a]     interfaces that are up; -a: all
 *     netstat -r [-n]     the main routes
 *     netstat -s          counters
 */
#include "lib/cmd.h"
#include "lib/conf.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "net/dev/netdev.h"
#include "net/ip/mib.h"
#include "net/ip/route_table.h"

/* ---- -i ---- */

static void flags_of(const struct netdev *dev, char text[12])
{
    const struct {
        bool on;
        const char *letter;
    } flags[] = {{dev->asks_allmulti, "A"},        {dev->flags & DEV_BROADCAST, "B"},
                 {dev->flags & DEV_LOOPBACK, "L"}, {dev->flags & DEV_MULTICAST, "M"},
                 {dev->asks_promisc, "P"},         {dev->carrier && (dev->flags & DEV_UP), "R"},
                 {dev->flags & DEV_UP, "U"}};
    text[0] = 0;
    for (unsigned i = 0; i < ARRAY_LEN(flags); i++)
        str_append(text, 12, flags[i].on ? flags[i].letter : "");
}

static void show_dev(struct out *o, struct netdev *dev)
{
    struct dev_total t;
    char flags[12];
    netdev_fetch(dev);
    netdev_total(dev, &t);
    flags_of(dev, flags);
    out_text(o, "%-15.15s %5u %8llu %6llu %6llu %-6llu %8llu %6llu %6llu %6llu %s\n", dev->port.name, dev->mtu,
             (unsigned long long)t.s.rx_packets, (unsigned long long)dev->hw.rx_errors,
             (unsigned long long)t.rx_dropped, (unsigned long long)dev->hw.rx_fifo, (unsigned long long)t.s.tx_packets,
             (unsigned long long)dev->hw.tx_errors, (unsigned long long)t.tx_dropped,
             (unsigned long long)dev->hw.tx_fifo, flags[0] ? flags : "[NO FLAGS]");
}

/* The device whose name follows `last`. Under conf_lock. */
static struct netdev *next_by_name(struct net *net, const char *last)
{
    struct netdev *best = NULL;
    for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));)
        if (strcmp(dev->port.name, last) > 0 && (!best || strcmp(dev->port.name, best->port.name) < 0))
            best = dev;
    return best;
}

static int show_devices(struct cmd_ctx *c, bool all)
{
    char last[PORT_NAME] = "";
    struct netdev *dev;
    out_text(c->out, "Kernel Interface table\n"
                     "Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n");
    do {
        conf_enter();
        dev = next_by_name(c->net, last);
        if (dev) {
            netdev_get(dev);
            str_copy(last, sizeof(last), dev->port.name);
        }
        conf_leave();
        if (dev && (all || (dev->flags & DEV_UP)))
            show_dev(c->out, dev);
        if (dev)
            netdev_put(dev);
    } while (dev && !out_failed(c->out));
    return 0;
}

/* ---- -s ---- */

struct said {
    const char *field, *text; /* of the number */
    bool always;              /* also when it is 0 */
};

static const struct said ip[] = {{"Forwarding", "Forwarding: %lld", true},
                                 {"DefaultTTL", NULL, false},
                                 {"InReceives", "%lld total packets received", true},
                                 {"InHdrErrors", "%lld with invalid headers", false},
                                 {"InAddrErrors", "%lld with invalid addresses", false},
                                 {"ForwDatagrams", "%lld forwarded", true},
                                 {"InUnknownProtos", "%lld with unknown protocol", false},
                                 {"InDiscards", "%lld incoming packets discarded", true},
                                 {"InDelivers", "%lld incoming packets delivered", true},
                                 {"OutRequests", "%lld requests sent out", true},
                                 {"OutDiscards", "%lld outgoing packets dropped", false},
                                 {"OutNoRoutes", "%lld dropped because of missing route", false},
                                 {"ReasmTimeout", "%lld fragments dropped after timeout", false},
                                 {"ReasmReqds", "%lld reassemblies required", false},
                                 {"ReasmOKs", "%lld packets reassembled ok", false},
                                 {"ReasmFails", "%lld packet reassemblies failed", false},
                                 {"FragOKs", "%lld fragments received ok", false},
                                 {"FragFails", "%lld fragments failed", false},
                                 {"FragCreates", "%lld fragments created", false}};
static const struct said icmp[] = {{"InMsgs", "%lld ICMP messages received", true},
                                   {"InErrors", "%lld input ICMP message failed", true},
                                   {"OutMsgs", "%lld ICMP messages sent", true},
                                   {"OutErrors", "%lld ICMP messages failed", true}};
static const struct said histogram[] = {{"DestUnreachs", "destination unreachable: %lld", false},
                                        {"TimeExcds", "timeout in transit: %lld", false},
                                        {"ParmProbs", "wrong parameters: %lld", false},
                                        {"SrcQuenchs", "source quenches: %lld", false},
                                        {"Redirects", "redirects: %lld", false},
                                        {"Echos", "echo requests: %lld", false},
                                        {"EchoReps", "echo replies: %lld", false},
                                        {"Timestamps", "timestamp request: %lld", false},
                                        {"TimestampReps", "timestamp reply: %lld", false},
                                        {"AddrMasks", "address mask request: %lld", false},
                                        {"AddrMaskReps", "address mask replies: %lld", false}};
static const struct said tcp[] = {{"RtoAlgorithm", NULL, false},
                                  {"RtoMin", NULL, false},
                                  {"RtoMax", NULL, false},
                                  {"MaxConn", NULL, false},
                                  {"ActiveOpens", "%lld active connection openings", true},
                                  {"PassiveOpens", "%lld passive connection openings", true},
                                  {"AttemptFails", "%lld failed connection attempts", true},
                                  {"EstabResets", "%lld connection resets received", true},
                                  {"CurrEstab", "%lld connections established", true},
                                  {"InSegs", "%lld segments received", true},
                                  {"OutSegs", "%lld segments sent out", true},
                                  {"RetransSegs", "%lld segments retransmitted", true},
                                  {"InErrs", "%lld bad segments received", true},
                                  {"OutRsts", "%lld resets sent", true}};
static const struct said udp[] = {
    {"InDatagrams", "%lld packets received", true},       {"NoPorts", "%lld packets to unknown port received", true},
    {"InErrors", "%lld packet receive errors", true},     {"OutDatagrams", "%lld packets sent", true},
    {"RcvbufErrors", "%lld receive buffer errors", true}, {"SndbufErrors", "%lld send buffer errors", true}};
static const struct said tcp_ext[] = {{"TCPHPHits", "%lld packet headers predicted", true}};

static const struct {
    const char *group;
    const struct said *said;
    unsigned n;
} groups[] = {{"Ip", ip, ARRAY_LEN(ip)},
              {"Icmp", icmp, ARRAY_LEN(icmp)},
              {"Tcp", tcp, ARRAY_LEN(tcp)},
              {"Udp", udp, ARRAY_LEN(udp)},
              {"TcpExt", tcp_ext, ARRAY_LEN(tcp_ext)}};

static const struct said *find(const struct said *all, unsigned n, const char *field)
{
    for (unsigned i = 0; i < n; i++)
        if (str_eq(all[i].field, field))
            return &all[i];
    return NULL;
}

static const struct said *said_of(const struct mib_at *at)
{
    for (unsigned i = 0; i < ARRAY_LEN(groups); i++)
        if (str_eq(groups[i].group, at->group))
            return find(groups[i].said, groups[i].n, at->field);
    return NULL;
}

/* What is received by type, and what is sent, stand under a heading of their own. */
static bool show_type(struct out *o, const struct mib_at *at, i64 v, u8 *headed)
{
    if (!str_eq(at->group, "Icmp"))
        return false;
    bool in = str_starts(at->field, "In");
    const struct said *s = find(histogram, ARRAY_LEN(histogram), at->field + (in ? 2 : 3));
    if (!s || !v)
        return s;
    if (!(*headed >> in & 1))
        out_text(o, "    ICMP %s histogram:\n", in ? "input" : "output");
    *headed |= (u8)(1u << in);
    size_t n = strcspn(s->text, "%");
    out_text(o, "        %.*s%lld\n", (int)n, s->text, (long long)v);
    return true;
}

static void show_number(struct out *o, const struct said *s, i64 v)
{
    size_t n = strcspn(s->text, "%");
    if (s->text && (v || s->always)) /* the number in front of its text, or behind it */
        out_text(o, "    %.*s%lld%s\n", (int)n, s->text, (long long)v, s->text + n + 4);
}

static int show_counters(struct cmd_ctx *c)
{
    static const enum mib_file files[] = {MIB_SNMP, MIB_NETSTAT};
    u8 headed = 0;
    for (unsigned f = 0; f < ARRAY_LEN(files); f++)
        for (struct mib_at at = {0}; mib_next(&at, files[f]);) {
            i64 v = mib_value(c->net, &at);
            const struct said *s = said_of(&at);
            if (at.first)
                out_text(c->out, "%s:\n", at.group);
            if (s && s->text)
                show_number(c->out, s, v);
            else if (!s && !show_type(c->out, &at, v, &headed) && v)
                out_text(c->out, "    %s: %lld\n", at.field, (long long)v);
        }
    return 0;
}

/* ---- the command ---- */

static int cmd_netstat(struct cmd_ctx *c)
{
    bool devices = false, routes = false, counters = false, numeric = false, all = false;
    for (int i = 1; i < c->argc; i++)
        for (const char *s = c->argv[i] + (c->argv[i][0] == '-'); *s; s++) {
            if (c->argv[i][0] != '-' || !strchr("irsnae", *s))
                return cmd_usage(c, "\"%s\" is not known here", c->argv[i]);
            devices |= *s == 'i';
            routes |= *s == 'r';
            counters |= *s == 's';
            numeric |= *s == 'n';
            all |= *s == 'a';
        }
    if (devices)
        return show_devices(c, all);
    if (routes)
        return route_table_show(c, numeric, true, false);
    return counters ? show_counters(c) : cmd_usage(c, "say what to show; sockets are shown by `ss`");
}

CMD(netstat, .name = "netstat", .group = "network", .help = "interfaces, routes and counters, as net-tools shows them",
    .usage = "-i [-a] | -r [-n] | -s", .run = cmd_netstat);

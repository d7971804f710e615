/* drops: why packets were lost, by reason and interface, and the headers of the last ones.
 *
 *     drops                 those reasons that were counted          drops eth0        of one interface
 *     drops -c              one column for each CPU                  drops -a          those that were not, too
 *     drops -l [-n N]       the last ones, newest first: how long ago, where, why, and what it was
 *
 * "-" is no interface: a packet of our own that never reached one, and what interfaces that are gone had counted.
 */
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/plat.h"
#include "lib/string.h"
#include "net/dev/netdev.h"
#include "net/skb/drop.h"
#include "net/wire/eth.h"
#include "net/wire/ip4.h"
#include "net/wire/ip6.h"

typedef unsigned long long ull;

struct request {
    bool all, per_cpu, last;
    u64 most;
    const char *dev;
};

static int read_words(struct cmd_ctx *c, struct request *q, bool *help)
{
    struct option_reader o;
    int letter;

    *q = (struct request){.most = DROP_KEPT * cpu_count()};
    for (option_start(&o, c, "acljn:"); (letter = option_next(&o)) > 0;) {
        q->all |= letter == 'a';
        q->per_cpu |= letter == 'c';
        q->last |= letter == 'l';
        c->out->json |= letter == 'j';
        if (letter == 'n')
            q->most = option_number(&o, 1, UINT32_MAX);
    }
    *help = o.help;
    if (o.bad)
        return option_refuse(&o);
    if (o.at < c->argc)
        q->dev = c->argv[o.at++];
    return o.at < c->argc ? cmd_usage(c, "\"%s\": one interface is enough", c->argv[o.at]) : 0;
}

/* ---- counts ---- */

static u64 count_all(struct net *net, const struct skb_port *port, enum drop_reason why)
{
    u64 n = 0;
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        n += drop_read(net, port, why, cpu);
    return n;
}

static void heading(struct out *o, const struct request *q)
{
    out_text(o, "%-16s %-15s %12s", "REASON", "INTERFACE", "DROPS");
    for (unsigned cpu = 0; q->per_cpu && cpu < cpu_count(); cpu++)
        out_text(o, " %9s%-2u", "CPU", cpu);
    out_text(o, "  MEANING\n");
}

static void show_count(struct cmd_ctx *c, const struct request *q, const struct skb_port *port, enum drop_reason why)
{
    struct out *o = c->out;
    u64 n = count_all(c->net, port, why);

    if (!n && !q->all)
        return;
    out_object(o, NULL);
    out_str(o, "reason", "%-16s ", drop_name(why));
    out_str(o, "ifname", "%-15s ", port ? port->name : "-");
    out_u64(o, "drops", "%12llu", n);
    if (q->per_cpu) {
        out_array(o, "cpus");
        for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
            out_u64(o, NULL, " %11llu", drop_read(c->net, port, why, cpu));
        out_end(o);
    }
    out_str(o, "meaning", "  %s\n", drop_meaning(why));
    out_end(o);
}

static void show_port(struct cmd_ctx *c, const struct request *q, const struct skb_port *port)
{
    if (q->dev && !str_eq(q->dev, port ? port->name : "-"))
        return;
    for (enum drop_reason why = DROP_NOT + 1; why < DROP_REASONS; why++)
        show_count(c, q, port, why);
}

static void show_counts(struct cmd_ctx *c, const struct request *q)
{
    heading(c->out, q);
    for (struct netdev *dev = NULL; (dev = netdev_walk(c->net, dev));)
        show_port(c, q, &dev->port);
    show_port(c, q, NULL);
}

/* ---- the last ones ---- */

/* What is left of the header, from `at` on: NULL if it has no `n` bytes there. */
static const void *part(const struct drop_record *r, u32 at, u32 n)
{
    return at + n <= r->kept ? r->bytes + at : NULL;
}

static void show_ports(struct out *o, const struct drop_record *r, u32 at, u8 proto)
{
    const u8 *p = proto == IP_TCP || proto == IP_UDP ? part(r, at, 4) : NULL;

    if (p)
        out_text(o, " %s %u > %u", proto == IP_TCP ? "tcp" : "udp", load_be16(p), load_be16(p + 2));
    else
        out_text(o, " proto %u", proto);
}

static void show_ip4(struct out *o, const struct drop_record *r, u32 at)
{
    const struct ip4_hdr *h = part(r, at, IP4_HLEN);
    if (!h)
        return;
    out_text(o, " %u.%u.%u.%u > %u.%u.%u.%u", h->src[0], h->src[1], h->src[2], h->src[3], h->dst[0], h->dst[1],
             h->dst[2], h->dst[3]);
    show_ports(o, r, at + ip4_hlen(h), be16_get(h->frag) & 0x1fff ? (u8)IP_NONE : h->proto);
}

static void show_ip6(struct out *o, const struct drop_record *r, u32 at)
{
    const struct ip6_hdr *h = part(r, at, IP6_HLEN);
    if (!h)
        return;
    out_text(o, " %pI > %pI", &h->src, &h->dst);
    show_ports(o, r, at + IP6_HLEN, h->next);
}

static void show_header(struct out *o, const struct drop_record *r)
{
    const struct eth_hdr *eth = part(r, 0, ETH_HLEN);
    if (!eth)
        return;
    u32 at = ETH_HLEN, type = be16_get(eth->type);
    out_text(o, "  %pM > %pM", &eth->src, &eth->dst);
    for (const u8 *tag; eth_is_vlan((u16)type) && (tag = part(r, at, VLAN_HLEN)); at += VLAN_HLEN) {
        out_text(o, " vlan %u", load_be16(tag) & 0xfff);
        type = load_be16(tag + 2);
    }
    if (type == ETH_IP4)
        show_ip4(o, r, at);
    else if (type == ETH_IP6)
        show_ip6(o, r, at);
    else
        out_text(o, " ethertype 0x%04x", type);
}

static void show_bytes(struct out *o, const struct drop_record *r)
{
    char hex[2 * DROP_HEADER + 1] = "";
    for (u32 i = 0; i < r->kept && o->json; i++)
        fmt(hex + 2 * i, 3, "%02x", r->bytes[i]);
    out_str(o, "header", NULL, hex);
}

static void show_record(struct out *o, const struct drop_record *r, u64 now)
{
    u64 age = now > r->at ? now - r->at : 0;

    out_object(o, NULL);
    out_text(o, "%6llu.%06llu s", (ull)(age / NS_PER_S), (ull)(age % NS_PER_S / NS_PER_US));
    out_u64(o, "age_ns", NULL, age);
    out_str(o, "ifname", "  %s", r->port);
    out_str(o, "reason", "  %s", drop_name((enum drop_reason)r->why));
    out_u64(o, "len", "  %llu bytes", r->len);
    show_bytes(o, r);
    if (!o->json)
        show_header(o, r);
    out_text(o, "\n");
    out_end(o);
}

/* Each CPU's are in order; the newest of those that come next is next. */
static void show_last(struct cmd_ctx *c, const struct request *q)
{
    struct drop_record r, best;
    u32 at[CPU_MAX] = {0};
    u64 now = clock_ns();

    for (u64 shown = 0; shown < q->most && !out_failed(c->out);) {
        unsigned from = CPU_MAX;
        for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
            if (drop_last(c->net, cpu, at[cpu], &r) && (from == CPU_MAX || r.at > best.at)) {
                best = r;
                from = cpu;
            }
        if (from == CPU_MAX)
            return;
        at[from]++;
        if (q->dev && !str_eq(q->dev, best.port))
            continue;
        show_record(c->out, &best, now);
        shown++;
    }
}

static int cmd_drops(struct cmd_ctx *c)
{
    struct request q;
    bool help;
    int status = read_words(c, &q, &help);

    if (status || help)
        return status;
    struct netdev *dev = q.dev && !str_eq(q.dev, "-") ? netdev_hold(c->net, q.dev) : NULL;
    if (dev)
        netdev_put(dev);
    else if (q.dev && !str_eq(q.dev, "-"))
        return cmd_error(c, "\"%s\": there is no such device", q.dev);
    out_array(c->out, NULL);
    if (q.last)
        show_last(c, &q);
    else
        show_counts(c, &q);
    out_end(c->out);
    return 0;
}

CMD(drops, .name = "drops", .group = "network", .help = "why packets were lost, and the last that were",
    .usage = "[-a] [-c] [-j] [IF] | -l [-n N] [-j] [IF]", .run = cmd_drops);

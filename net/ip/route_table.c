/* The main routes as net-tools shows them (contract: route_table.h). */
#include "net/ip/route_table.h"

#include "lib/conf.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/fib.h"

struct view {
    struct out *o;
    bool numeric, netstat;
};

static void flags_of(const struct fib_entry *e, char text[8])
{
    const struct route *r = e->r;
    bool host = e->prefix.bits == ipaddr_bits(&e->prefix.addr);
    bool reject = r->key.type == ROUTE_UNREACHABLE || r->key.type == ROUTE_PROHIBIT;
    str_copy(text, 8, reject ? "!" : "U");
    str_append(text, 8, r->hops && r->hop[0].has_via ? "G" : "");
    str_append(text, 8, host ? "H" : "");
}

static bool line4(struct fib_table *t, const struct fib_entry *e, void *arg)
{
    const struct view *v = arg;
    const struct route *r = e->r;
    const struct hop *h = r->hops ? &r->hop[0] : NULL;
    struct ipaddr ones = ipaddr_of4(255, 255, 255, 255), any = ipaddr_of4(0, 0, 0, 0);
    struct ipaddr mask = addr_fill(&ones, e->prefix.bits, false);
    const struct ipaddr *via = h && h->has_via && ipaddr_is4(&h->via) ? &h->via : &any;
    char flags[8];

    if (r->key.type == ROUTE_BROADCAST || r->key.type == ROUTE_MULTICAST)
        return true;
    flags_of(e, flags);
    if (!e->prefix.bits && !v->numeric)
        out_text(v->o, "%-15s ", "default");
    else
        out_text(v->o, "%-15pI ", &e->prefix.addr);
    if (*flags == '!') { /* it leads nowhere: there is nothing to say */
        out_text(v->o, "%-15s %-15pI ", "-", &mask);
        if (v->netstat)
            out_text(v->o, "%-5s %5s %-6s %5s -\n", flags, "-", "-", "-");
        else
            out_text(v->o, "%-5s %-6u %-6s %3u -\n", flags, r->key.metric, "-", 0);
        return !out_failed(v->o);
    }
    out_text(v->o, "%-15pI %-15pI ", via, &mask);
    if (v->netstat)
        out_text(v->o, "%-5s %5u %-6u %5u %s\n", flags, r->key.metrics[METRIC_ADVMSS], 0, 0,
                 h ? h->dev->port.name : "*");
    else
        out_text(v->o, "%-5s %-6u %-6u %3u %s\n", flags, r->key.metric, 0, 0, h ? h->dev->port.name : "*");
    return !out_failed(v->o);
}

static bool line6(struct fib_table *t, const struct fib_entry *e, void *arg)
{
    const struct view *v = arg;
    const struct route *r = e->r;
    const struct hop *h = r->hops ? &r->hop[0] : NULL;
    static const struct ipaddr any = {{0}};
    char dst[FMT_IPADDR_MAX + 8], flags[8];

    fmt(dst, sizeof(dst), "%pI/%u", &e->prefix.addr, e->prefix.bits);
    str_copy(flags, sizeof(flags), !h ? "!n" : r->key.type == ROUTE_LOCAL ? "Un" : h->has_via ? "UG" : "U");
    out_text(v->o, "%-30s %-26pI %-4s %-3u %-1u %6u %s\n", dst, h && h->has_via ? &h->via : &any, flags, r->key.metric,
             1, 0, h ? h->dev->port.name : "lo");
    return !out_failed(v->o);
}

static struct fib_table *table(struct net *net, enum ip_index f, u32 id)
{
    conf_enter();
    struct fib_table *t = fib_table(net, f, id, false);
    conf_leave();
    return t;
}

int route_table_show(struct cmd_ctx *c, bool numeric, bool netstat, bool v6)
{
    struct view v = {c->out, numeric, netstat};
    struct fib_table *t = table(c->net, v6 ? IP_V6 : IP_V4, TABLE_MAIN);
    int err;
    if (v6)
        out_text(c->out, "Kernel IPv6 routing table\n%-30s %-26s Flag Met Ref  Use If\n", "Destination", "Next Hop");
    else
        out_text(c->out, "Kernel IP routing table\nDestination     Gateway         Genmask         %s Iface\n",
                 netstat ? "Flags   MSS Window  irtt" : "Flags Metric Ref    Use");
    err = t ? fib_each(t, v6 ? line6 : line4, &v) : 0;
    t = v6 && !err ? table(c->net, IP_V6, TABLE_LOCAL) : NULL;
    err = t ? fib_each(t, line6, &v) : err;
    return err ? cmd_error(c, "no memory") : 0;
}

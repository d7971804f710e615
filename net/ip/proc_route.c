/* /proc/net/route and ipv6_route: the tables as net-tools reads them. */
#include "lib/conf.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "net/ip/addr.h"
#include "net/ip/fib.h"

#define RTF_UP        0x1u /* Linux's numbers */
#define RTF_GATEWAY   0x2u
#define RTF_HOST      0x4u
#define RTF_REJECT    0x200u
#define RTF_NONEXTHOP 0x200000u
#define RTF_LOCAL     0x80000000u

static u32 le4(const struct ipaddr *a) /* as it lies in memory, read by a small-endian machine */
{
    return ipaddr_is4(a) ? load_le32(a->b + ADDR4_AT) : 0;
}

static bool line4(struct fib_table *t, const struct fib_entry *e, void *arg)
{
    struct out *o = arg;
    const struct route *r = e->r;
    const struct hop *h = r->hops ? &r->hop[0] : NULL;
    u8 type = r->key.type, bits = e->prefix.bits;
    u32 flags = RTF_UP | (type == ROUTE_UNREACHABLE || type == ROUTE_PROHIBIT ? RTF_REJECT : 0) |
                (h && h->has_via ? RTF_GATEWAY : 0) | (bits == 32 ? RTF_HOST : 0);
    struct ipaddr ones = ipaddr_of4(255, 255, 255, 255), mask = addr_fill(&ones, bits, false);
    u32 advmss = r->key.metrics[METRIC_ADVMSS];
    char text[128];

    if (type == ROUTE_BROADCAST || type == ROUTE_MULTICAST)
        return true;
    fmt(text, sizeof(text), "%s\t%08X\t%08X\t%04X\t%d\t%u\t%u\t%08X\t%u\t%u\t%u", h ? h->dev->port.name : "*",
        le4(&e->prefix.addr), h && h->has_via ? le4(&h->via) : 0, flags, 0, 0, r->key.metric, le4(&mask),
        advmss ? advmss + 40 : 0, 0, 0);
    out_text(o, "%-127s\n", text);
    return !out_failed(o);
}

static struct fib_table *table_of(struct net *net, enum ip_index family, u32 id)
{
    conf_enter();
    struct fib_table *t = fib_table(net, family, id, false);
    conf_leave();
    return t;
}

static int route_show4(struct file_req *r)
{
    struct fib_table *t = r->net ? table_of(r->net, IP_V4, TABLE_MAIN) : NULL;
    out_text(r->out, "%-127s\n", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT");
    return t ? fib_each(t, line4, r->out) : 0;
}

static void put_hex(struct out *o, const struct ipaddr *a)
{
    for (unsigned i = 0; i < sizeof(a->b); i++)
        out_text(o, "%02x", a->b[i]);
}

static bool line6(struct fib_table *t, const struct fib_entry *e, void *arg)
{
    static const struct ipaddr any = {{0}};
    struct out *o = arg;
    const struct route *r = e->r;
    const struct hop *h = r->hops ? &r->hop[0] : NULL;
    u32 flags =
        !h ? RTF_REJECT | RTF_NONEXTHOP
           : RTF_UP | (h->has_via ? RTF_GATEWAY : 0) | (r->key.type == ROUTE_LOCAL ? RTF_LOCAL | RTF_NONEXTHOP : 0);
    put_hex(o, &e->prefix.addr);
    out_text(o, " %02x ", e->prefix.bits);
    put_hex(o, &any);
    out_text(o, " 00 ");
    put_hex(o, h && h->has_via && !ipaddr_is4(&h->via) ? &h->via : &any);
    out_text(o, " %08x %08x %08x %08x %8s\n", r->key.metric, 1, 0, flags, h ? h->dev->port.name : "lo");
    return !out_failed(o);
}

static int route_show6(struct file_req *r)
{
    int err = 0;
    struct fib_table *t = NULL;
    do {
        conf_enter();
        t = r->net ? fib_next(r->net, IP_V6, t) : NULL;
        conf_leave();
        err = t ? fib_each(t, line6, r->out) : 0;
    } while (t && !err);
    return err;
}

FILE_VIEW(net_route, .path = "/proc/net/route", .show = route_show4);
FILE_VIEW(net_ipv6_route, .path = "/proc/net/ipv6_route", .show = route_show6);

/* /var/lib/dhcp/dhclient.leases: what each client has, as ISC's writes it. */
#include "apps/dhcpc/dhcpc.h"
#include "lib/date.h"
#include "lib/file.h"
#include "lib/fmt.h"

static void say_time(struct out *o, const char *name, u64 at)
{
    struct date d;
    if (at == ~0ull) {
        out_text(o, "  %s never;\n", name);
        return;
    }
    date_from_unix(&d, (i64)((wall_ns() + at - clock_ns()) / NS_PER_S));
    out_text(o, "  %s %u %d/%02u/%02u %02u:%02u:%02u;\n", name, d.weekday, d.year, d.month, d.day, d.hour, d.minute,
             d.second);
}

static void say_addrs(struct out *o, const char *name, const struct ipaddr *a, u8 n)
{
    if (n)
        out_text(o, "  option %s", name);
    for (u8 i = 0; i < n; i++)
        out_text(o, i ? ",%pI" : "%pI", &a[i]);
    if (n)
        out_text(o, ";\n");
}

static void say(void *arg, const struct dhcpc *d)
{
    struct out *o = arg;
    const struct dhcp_lease *l = &d->lease;
    u32 mask = l->bits ? ~0u << (32 - l->bits) : 0;

    out_text(o, "lease {\n  interface \"%s\";\n  fixed-address %pI;\n", d->link.name, &l->addr);
    out_text(o, "  option subnet-mask %u.%u.%u.%u;\n", mask >> 24, mask >> 16 & 255, mask >> 8 & 255, mask & 255);
    say_addrs(o, "routers ", l->router, l->routers);
    out_text(o, "  option dhcp-lease-time %u;\n", l->seconds);
    say_addrs(o, "domain-name-servers ", l->dns_at, l->dns);
    say_addrs(o, "ntp-servers ", l->ntp_at, l->ntp);
    out_text(o, "  option dhcp-server-identifier %pI;\n", &l->server);
    if (l->domain[0])
        out_text(o, "  option domain-name \"%s\";\n", l->domain);
    if (l->mtu)
        out_text(o, "  option interface-mtu %u;\n", l->mtu);
    say_time(o, "renew", d->renew);
    say_time(o, "rebind", d->rebind);
    say_time(o, "expire", d->until);
    out_text(o, "}\n");
}

static int show(struct file_req *r)
{
    if (r->net)
        dhcpc_each_lease(r->net, say, r->out);
    return 0;
}

FILE_VIEW(dhcp_leases, .path = "/var/lib/dhcp/dhclient.leases", .show = show);

/* /proc/net/snmp, netstat, snmp6 and dev_snmp6/X: the MIBs as Linux prints them.
 *
 * Devices have no counters of IP of their own here: theirs are 0.
 */
#include "lib/file.h"
#include "lib/fmt.h"
#include "net/dev/netdev.h"
#include "net/ip/mib.h"

/* Per group a line of names and one of values. */
static int show_groups(struct file_req *r, enum mib_file file)
{
    struct mib_at names = {0};
    while (r->net && mib_next(&names, file)) {
        struct mib_at values = names; /* at the first of the group */
        out_text(r->out, "%s: %s", names.group, names.field);
        while (!names.last && mib_next(&names, file))
            out_text(r->out, " %s", names.field);
        out_text(r->out, "\n%s: %lld", values.group, (long long)mib_value(r->net, &values));
        while (!values.last && mib_next(&values, file))
            out_text(r->out, " %lld", (long long)mib_value(r->net, &values));
        out_text(r->out, "\n");
    }
    return 0;
}

static int snmp_show(struct file_req *r)
{
    return show_groups(r, MIB_SNMP);
}

static int netstat_show(struct file_req *r)
{
    return show_groups(r, MIB_NETSTAT);
}

static void show_line(struct out *o, const struct mib_at *at, i64 value)
{
    char name[MIB_NAME + 16];
    fmt(name, sizeof(name), "%s%s", at->group, at->field);
    out_text(o, "%-32s\t%lld\n", name, (long long)value);
}

static int snmp6_show(struct file_req *r)
{
    for (struct mib_at at = {0}; r->net && mib_next(&at, MIB_SNMP6);)
        show_line(r->out, &at, mib_value(r->net, &at));
    return 0;
}

static int dev_snmp6_show(struct file_req *r)
{
    struct netdev *dev = r->net ? netdev_hold(r->net, r->star[0]) : NULL;
    if (!dev)
        return -ENOENT;
    out_text(r->out, "%-32s\t%u\n", "ifIndex", dev->port.index);
    netdev_put(dev);
    for (struct mib_at at = {0}; mib_next(&at, MIB_DEV_SNMP6);)
        show_line(r->out, &at, 0);
    return 0;
}

static void list_devices(struct file_req *r, int depth, void (*offer)(void *arg, const char *name), void *arg)
{
    for (struct netdev *dev = netdev_walk(r->net, NULL); dev; dev = netdev_walk(r->net, dev))
        offer(arg, dev->port.name);
}

FILE_VIEW(net_snmp, .path = "/proc/net/snmp", .show = snmp_show);
FILE_VIEW(net_netstat, .path = "/proc/net/netstat", .show = netstat_show);
FILE_VIEW(net_snmp6, .path = "/proc/net/snmp6", .show = snmp6_show);
FILE_VIEW(net_dev_snmp6, .path = "/proc/net/dev_snmp6/*", .show = dev_snmp6_show, .list = list_devices);

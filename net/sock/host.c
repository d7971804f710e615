/* Hosts as people type them, and errors as they know them (contract: host.h).
 *
 * The texts are those of iputils' ping, by type and code: pr_icmph of its two files. One that means nothing to them is
 * shown by its number.
 */
#include "net/sock/host.h"

#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/ip/icmp.h"

const char *host_parse(const char *text, unsigned family, struct host *h)
{
    char word[FMT_IPADDR_MAX];
    const char *percent = strchr(text, '%');
    size_t n = percent ? (size_t)(percent - text) : strlen(text);

    *h = (struct host){0};
    if (n >= sizeof(word))
        return "Name or service not known (an address is wanted: names are not looked up)";
    str_copy_n(word, sizeof(word), text, n);
    if (parse_addr(word, &h->addr, NULL))
        return "Name or service not known (an address is wanted: names are not looked up)";
    if (family && family != (ipaddr_is4(&h->addr) ? 4u : 6u))
        return "Address family for hostname not supported";
    if (percent && (ipaddr_is4(&h->addr) || !percent[1] || str_copy(h->dev, PORT_NAME, percent + 1) >= PORT_NAME))
        return "Name or service not known (behind % stands the interface of an IPv6 address)";
    return NULL;
}

bool host_parse_from(const char *text, struct host_from *f)
{
    *f = (struct host_from){0};
    if (!parse_addr(text, &f->src, NULL))
        return true;
    f->src = (struct ipaddr){0};
    return text[0] && str_copy(f->dev, PORT_NAME, text) < PORT_NAME;
}

u32 host_dev_index(struct net *net, const char *name)
{
    struct netdev *dev = netdev_hold(net, name);
    u32 index = dev ? dev->port.index : 0;
    if (dev)
        netdev_put(dev);
    return index;
}

bool host_seconds(const char *text, u64 *ns)
{
    return text[0] && text[strspn(text, "0123456789.")] == 0 && !parse_time(text, NS_PER_S, ns, NULL);
}

static const char *const unreach4[] = {
    "Destination Net Unreachable",
    "Destination Host Unreachable",
    "Destination Protocol Unreachable",
    "Destination Port Unreachable",
    NULL,
    "Source Route Failed",
    "Destination Net Unknown",
    "Destination Host Unknown",
    "Source Host Isolated",
    "Destination Net Prohibited",
    "Destination Host Prohibited",
    "Destination Net Unreachable for Type of Service",
    "Destination Host Unreachable for Type of Service",
    "Packet filtered",
    "Precedence Violation",
    "Precedence Cutoff",
};
static const char *const unreach6[] = {"No route", "Administratively prohibited", "Beyond scope of source address",
                                       "Address unreachable", "Port unreachable"};

static void text4(char *to, size_t size, const struct sock_error *e)
{
    if (e->type == ICMP_UNREACH && e->err == -EMSGSIZE)
        fmt(to, size, "Frag needed and DF set (mtu = %u)", e->info);
    else if (e->type == ICMP_UNREACH && e->code < ARRAY_LEN(unreach4))
        str_copy(to, size, unreach4[e->code]);
    else if (e->type == ICMP_UNREACH)
        fmt(to, size, "Dest Unreachable, Bad Code: %u", e->code);
    else if (e->type == ICMP_TIME_EXCEEDED)
        str_copy(to, size, e->code ? "Frag reassembly time exceeded" : "Time to live exceeded");
    else
        str_copy(to, size, "Parameter problem");
}

static void text6(char *to, size_t size, const struct sock_error *e)
{
    if (e->type == ICMP6_UNREACH && e->code < ARRAY_LEN(unreach6))
        fmt(to, size, "Destination unreachable: %s", unreach6[e->code]);
    else if (e->type == ICMP6_UNREACH)
        fmt(to, size, "Destination unreachable: Unknown code %u", e->code);
    else if (e->type == ICMP6_TOO_BIG)
        fmt(to, size, "Packet too big: mtu=%u", e->info);
    else if (e->type == ICMP6_TIME_EXCEEDED)
        fmt(to, size, "Time exceeded: %s", e->code ? "Defragmentation failure" : "Hop limit");
    else
        str_copy(to, size, "Parameter problem");
}

void host_error_text(char *to, size_t size, const struct sock_error *e, bool v6)
{
    if (v6)
        text6(to, size, e);
    else
        text4(to, size, e);
}

/* Resolvers and search domains that routers advertise (RFC 8106; contract: slaac_part.h), as they are shown in
 * /proc/net/ra_dns, a view of Weir's own:
 *
 *     nameserver 2001:db8::53 dev eth0 expires 1199sec
 *     search example.org dev eth0 expires 1199sec
 */
#include "lib/conf.h"
#include "lib/file.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/slaac_part.h"
#include "net/ip/tend.h"

/* The place for it: its own, a free one; NULL: none. */
static struct slaac_server *server_place(struct slaac *sl, const struct ipaddr *a)
{
    struct slaac_server *unused = NULL;
    for (u32 i = 0; i < SLAAC_DNS; i++)
        if (sl->server[i].until && addr_eq(&sl->server[i].addr, a))
            return &sl->server[i];
        else if (!sl->server[i].until && !unused)
            unused = &sl->server[i];
    return unused;
}

static struct slaac_domain *domain_place(struct slaac *sl, const char *name)
{
    struct slaac_domain *unused = NULL;
    for (u32 i = 0; i < SLAAC_DNS; i++)
        if (sl->domain[i].until && str_eq(sl->domain[i].name, name))
            return &sl->domain[i];
        else if (!sl->domain[i].until && !unused)
            unused = &sl->domain[i];
    return unused;
}

static void servers(struct netdev *dev, const u8 *p, u32 n, u64 until)
{
    for (; n >= sizeof(struct ipaddr); p += sizeof(struct ipaddr), n -= (u32)sizeof(struct ipaddr)) {
        struct ipaddr a;
        memcpy(&a, p, sizeof(a));
        struct slaac_server *to = server_place(dev->ip->slaac, &a);
        if (addr_is_any(&a) || addr_is_multicast(&a))
            continue;
        if (to)
            *to = (struct slaac_server){a, until};
        else if (until)
            slaac_too_many(dev);
    }
}

static bool is_label(const u8 *p, u32 n)
{
    for (u32 i = 0; i < n; i++)
        if (!((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= '0' && p[i] <= '9') ||
              p[i] == '-' || p[i] == '_'))
            return false;
    return n > 0 && n < 64;
}

/* A name of the n bytes at p (RFC 1035 3.1, not compressed): its bytes; 0: there is none, or it is no name. */
static u32 read_name(const u8 *p, u32 n, char name[SLAAC_DOMAIN])
{
    u32 at = 0, len = 0;
    while (at < n && p[at]) {
        u32 label = p[at++];
        if (label > n - at || !is_label(p + at, label) || len + label + 2 > SLAAC_DOMAIN)
            return 0;
        if (len)
            name[len++] = '.';
        memcpy(name + len, p + at, label);
        len += label;
        at += label;
    }
    if (at == n || !len)
        return 0;
    name[len] = '\0';
    return at + 1;
}

static void domains(struct netdev *dev, const u8 *p, u32 n, u64 until)
{
    char name[SLAAC_DOMAIN];
    for (u32 used; (used = read_name(p, n, name)); p += used, n -= used) {
        struct slaac_domain *to = domain_place(dev->ip->slaac, name);
        if (!to) {
            if (until)
                slaac_too_many(dev);
            continue;
        }
        to->until = until;
        str_copy(to->name, sizeof(to->name), name);
    }
}

void slaac_dns_heard(struct netdev *dev, const u8 *opt, u32 n, u64 now)
{
    struct ndp_dns o;
    memcpy(&o, opt, sizeof(o));
    u64 until = be32_get(o.lifetime) ? slaac_until(be32_get(o.lifetime), now) : 0;
    if (o.type == NDP_OPT_RDNSS)
        servers(dev, opt + sizeof(o), n - (u32)sizeof(o), until);
    else
        domains(dev, opt + sizeof(o), n - (u32)sizeof(o), until);
}

static u64 expire(u64 *until, u64 now)
{
    if (*until && *until <= now)
        *until = 0;
    return *until ? *until : TEND_NEVER;
}

u64 slaac_dns_due(struct netdev *dev, u64 now)
{
    struct slaac *sl = dev->ip->slaac;
    u64 next = TEND_NEVER;
    for (u32 i = 0; i < SLAAC_DNS; i++)
        next = min(next, min(expire(&sl->server[i].until, now), expire(&sl->domain[i].until, now)));
    return next;
}

static void print_end(struct out *o, const char *dev, u64 until, u64 now)
{
    if (until == IFA_FOREVER)
        out_text(o, " dev %s\n", dev);
    else
        out_text(o, " dev %s expires %llusec\n", dev, (unsigned long long)((until - min(until, now)) / NS_PER_S));
}

/* A copy for each device, so that nobody waits for the reader under the lock. */
static bool copy(struct netdev *dev, struct slaac *to)
{
    conf_enter();
    bool has = dev->ip && dev->ip->slaac;
    if (has)
        *to = *dev->ip->slaac;
    conf_leave();
    return has;
}

static int dns_show(struct file_req *r)
{
    struct slaac *sl = mem_alloc(sizeof(*sl));
    u64 now = clock_ns();
    if (!sl)
        return -ENOMEM;
    for (struct netdev *dev = NULL; (dev = netdev_walk(r->net, dev));) {
        for (u32 i = 0; copy(dev, sl) && i < SLAAC_DNS; i++) {
            if (sl->server[i].until) {
                out_text(r->out, "nameserver %pI", &sl->server[i].addr);
                print_end(r->out, dev->port.name, sl->server[i].until, now);
            }
            if (sl->domain[i].until) {
                out_text(r->out, "search %s", sl->domain[i].name);
                print_end(r->out, dev->port.name, sl->domain[i].until, now);
            }
        }
    }
    mem_free(sl);
    return 0;
}

FILE_VIEW(ra_dns, .path = "/proc/net/ra_dns", .show = dns_show);

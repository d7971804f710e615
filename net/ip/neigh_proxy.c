/* Addresses that a device answers for (contract: neigh_proxy.h): a list of each device, by age.
 *
 * Solicitations of IPv6 go to groups, so the device is in that of each address.
 */
#include "net/ip/neigh_proxy.h"

#include "lib/conf.h"
#include "lib/sysctl.h"
#include "net/ip/addr.h"
#include "net/ip/mcast.h"

const struct neigh_proxy *neigh_proxy_find(const struct netdev *dev, const struct ipaddr *a)
{
    const struct neigh_proxy *p = neigh_proxy_first(dev, ip_family_of(a)->index);
    while (p && !addr_eq(&p->addr, a))
        p = neigh_proxy_next(p);
    return p;
}

int neigh_proxy_add(struct netdev *dev, const struct ipaddr *a, bool router)
{
    struct neigh_proxy **at = &dev->ip->proxies[ip_family_of(a)->index];
    struct ipaddr group = addr_solicited_node(a);
    u32 n = 0;

    conf_assert();
    for (; *at && !addr_eq(&(*at)->addr, a); at = &(*at)->next)
        n++;
    if (*at) {
        store_relaxed(&(*at)->router, router);
        return 0;
    }
    struct neigh_proxy *p = n < NEIGH_PROXIES ? mem_zalloc(sizeof(*p)) : NULL;
    int err = p ? 0 : n < NEIGH_PROXIES ? -ENOMEM : -ENOSPC;
    if (!err && !ipaddr_is4(a))
        err = mcast_join(dev, &group);
    if (err) {
        mem_free(p);
        return err;
    }
    p->addr = *a;
    p->router = router;
    store_release(at, p);
    return 0;
}

static void free_proxy(struct rcu_head *h)
{
    mem_free(container_of(h, struct neigh_proxy, rcu));
}

static void take_out(struct netdev *dev, struct neigh_proxy **at)
{
    struct neigh_proxy *p = *at;
    struct ipaddr group = addr_solicited_node(&p->addr);
    store_release(at, p->next);
    if (!ipaddr_is4(&p->addr))
        mcast_leave(dev, &group);
    rcu_defer(&p->rcu, free_proxy);
}

int neigh_proxy_del(struct netdev *dev, const struct ipaddr *a)
{
    struct neigh_proxy **at = &dev->ip->proxies[ip_family_of(a)->index];
    conf_assert();
    while (*at && !addr_eq(&(*at)->addr, a))
        at = &(*at)->next;
    if (!*at)
        return -ENOENT;
    take_out(dev, at);
    return 0;
}

void neigh_proxy_dev_end(struct netdev *dev)
{
    for (enum ip_index f = 0; f < IP_FAMILIES; f++)
        while (dev->ip->proxies[f])
            take_out(dev, &dev->ip->proxies[f]);
}

SYSCTL(proxy_ndp, .name = "net.ipv6.conf.*.proxy_ndp", SYSCTL_PER(struct ip_conf, proxy_neigh), .place = ip_conf6_place,
       .list = ip_conf_list, .high = 1, .help = "1: answer for whom `ip neigh add proxy` names");

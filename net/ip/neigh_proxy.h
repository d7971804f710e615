/* Addresses that a device answers for, though they are others' (`ip neigh add proxy`). Linux: pneigh_lookup.
 *
 * Of IPv6 where proxy_ndp says so, of IPv4 where the way to them is by another device; in both cases by who forwards.
 */
#ifndef NET_IP_NEIGH_PROXY_H
#define NET_IP_NEIGH_PROXY_H

#include "net/ip/ip_dev.h"

#define NEIGH_PROXIES 256u /* of a device and a family: they are asked one by one */

struct neigh_proxy {
    struct neigh_proxy *next;
    struct rcu_head rcu;
    struct ipaddr addr;
    bool router; /* answers say that it is one */
};

/* Changed under conf_lock, by tasks: 0 also where it is there already; -ENOSPC, -ENOMEM; -ENOENT. */
int neigh_proxy_add(struct netdev *dev, const struct ipaddr *a, bool router);
int neigh_proxy_del(struct netdev *dev, const struct ipaddr *a);
const struct neigh_proxy *neigh_proxy_find(const struct netdev *dev, const struct ipaddr *a); /* readers */
void neigh_proxy_dev_end(struct netdev *dev);                                                 /* net/ip/watch.c */

static inline const struct neigh_proxy *neigh_proxy_first(const struct netdev *dev, enum ip_index f) /* readers */
{
    return load_acquire(&dev->ip->proxies[f]);
}

static inline const struct neigh_proxy *neigh_proxy_next(const struct neigh_proxy *p)
{
    return load_acquire(&p->next);
}

#endif

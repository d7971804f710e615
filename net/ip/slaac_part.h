/* Internal to net/ip. */
/* The parts of net/ip/slaac.c: each heeds one kind of option. Tasks, under conf_lock. */
#ifndef NET_IP_SLAAC_PART_H
#define NET_IP_SLAAC_PART_H

#include "net/ip/ifaddr.h"
#include "net/ip/slaac.h"
#include "net/wire/ndp.h"

static inline u64 slaac_until(u32 lifetime_s, u64 now)
{
    return lifetime_s == NDP_FOREVER ? IFA_FOREVER : now + lifetime_s * NS_PER_S;
}

static inline const struct slaac_conf *slaac_conf(const struct netdev *dev)
{
    return &ip_conf(dev, &ip_v6)->slaac;
}

void slaac_again(struct net *net, const char *star); /* .changed of a tunable: routers are asked for anew */
void slaac_too_many(struct netdev *dev);             /* something was not kept */

/* slaac_route.c: one is advertised; lifetime 0: no longer. */
void slaac_route_set(struct netdev *dev, const struct slaac_route *want, u32 lifetime_s, u64 now);
void slaac_routes_over(struct netdev *dev); /* all that lead over a router go */
void slaac_routes_all(struct netdev *dev);
u64 slaac_route_due(struct netdev *dev, u64 now);
void slaac_route_mtu(struct netdev *dev, u32 mtu);

/* slaac_addr.c */
void slaac_addr_heard(struct netdev *dev, const struct ndp_prefix *p, u64 now);
u64 slaac_addr_due(struct netdev *dev, u64 now); /* temporary ones are made anew */

/* slaac_dns.c: n bytes of an option */
void slaac_dns_heard(struct netdev *dev, const u8 *opt, u32 n, u64 now);
u64 slaac_dns_due(struct netdev *dev, u64 now);

#endif

/* What is kept of routers' advertisements, and the parts of net/ip/slaac.c: each heeds one kind of option. Tasks, under
 * conf_lock. */
#ifndef NET_IP_SLAAC_PART_H
#define NET_IP_SLAAC_PART_H

#include "lib/conf.h"
#include "net/ip/ifaddr.h"
#include "net/wire/ndp.h"

#define SLAAC_ROUTERS  16u /* default routers */
#define SLAAC_PREFIXES 32u /* that are on the link */
#define SLAAC_ROUTES   64u /* both of them and what else leads over a router */
#define SLAAC_DNS      8u  /* resolvers, and as many search domains */
#define SLAAC_DOMAIN   254u

struct slaac_route {
    struct ipprefix prefix;
    struct ipaddr via; /* any: on the link */
    u8 pref;           /* enum ndp_pref */
    u32 mtu;           /* as it stands in the table; 0: not said */
    u64 until;         /* ns; IFA_FOREVER */
};

struct slaac {
    u64 solicit_at, wait; /* ns: the next solicitation (TEND_NEVER: none), and the time between the last two */
    i32 solicited;
    u32 routes;
    struct slaac_route route[SLAAC_ROUTES];
    struct slaac_server {
        struct ipaddr addr;
        u64 until; /* ns; 0: none */
    } server[SLAAC_DNS];
    struct slaac_domain {
        char name[SLAAC_DOMAIN];
        u64 until;
    } domain[SLAAC_DNS];
};

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

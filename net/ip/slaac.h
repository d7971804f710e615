/* What routers advertise, and what a host makes of it (RFC 4861 6.3, RFC 4862 5.5, RFC 4191, RFC 7559, RFC 8106).
 *
 *     router solicitation ----> ... RA --softirq: is it sound?--> the task (net/ip/tend.h) --+-> routes, with lifetimes
 *     until one is heard,                                                                    +-> addresses
 *     ever more rarely                                                                       +-> MTU, hop limit, times
 *                                                                                            +-> resolvers, as a view
 * Heard where accept_ra is 1 and the device does not forward, or is 2. Whatever a link's stations advertise: a device
 * keeps no more than the bounds below; what is beyond them is counted as Ip6.RaTooMany.
 */
#ifndef NET_IP_SLAAC_H
#define NET_IP_SLAAC_H

#include "net/ip/ip_dev.h"

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

/* Tasks, under conf_lock: net/ip/ip.c. */
void slaac_dev_up(struct netdev *dev);
void slaac_dev_forget(struct netdev *dev); /* what routers advertised is void; the device stays up */
void slaac_dev_down(struct netdev *dev);   /* its routes and addresses are gone already */
void slaac_dev_end(struct netdev *dev);

bool slaac_on_link(const struct netdev *dev, const struct ipaddr *net,
                   u8 bits); /* is that prefix advertised as such? */

#endif

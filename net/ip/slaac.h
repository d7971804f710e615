/* What routers advertise, and what a host makes of it (RFC 4861 6.3, RFC 4862 5.5, RFC 4191, RFC 7559, RFC 8106).
 *
 *     router solicitation ----> ... RA --softirq: is it sound?--> the task (net/ip/tend.h) --+-> routes, with lifetimes
 *     until one is heard,                                                                    +-> addresses
 *     ever more rarely                                                                       +-> MTU, hop limit, times
 *                                                                                            +-> resolvers, as a view
 * Heard where accept_ra is 1 and the device does not forward, or is 2. Whatever a link's stations advertise: a device
 * keeps no more than the bounds of slaac_part.h; what is beyond them is counted as Ip6.RaTooMany.
 */
#ifndef NET_IP_SLAAC_H
#define NET_IP_SLAAC_H

#include "net/ip/ip_dev.h"

/* Tasks, under conf_lock: net/ip/watch.c. */
void slaac_dev_up(struct netdev *dev);
void slaac_dev_forget(struct netdev *dev); /* what routers advertised is void; the device stays up */
void slaac_dev_down(struct netdev *dev);   /* its routes and addresses are gone already */
void slaac_dev_end(struct netdev *dev);

bool slaac_on_link(const struct netdev *dev, const struct ipaddr *net,
                   u8 bits); /* is that prefix advertised as such? */

#endif

/* The address that all routers of a link have, beside their own: that of its net (RFC 4291 2.6.1). Linux:
 * addrconf_join_anycast. A route of the table of local ones says so; who asks for it by NDP hears of this router, too.
 */
#ifndef NET_IP_ANYCAST_H
#define NET_IP_ANYCAST_H

#include "net/ip/ifaddr.h"

/* The net of a has come (and with it this address, where dev forwards), has gone, or dev's switch was turned. Task,
 * under conf_lock. */
void anycast_settle(struct ifaddr *a, bool there);

bool anycast_has(const struct netdev *dev, const struct ipaddr *addr); /* readers */

#endif

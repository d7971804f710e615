/* The address that all routers of a link have, beside their own: that of its net (RFC 4291 2.6.1). Linux:
 * addrconf_join_anycast. A route of the table of local ones says so, and who asks for it by NDP hears of this router,
 * too. Whoever has an address in that net, and forwards, has it: net/ip/ifaddr.c. */
#ifndef NET_IP_ANYCAST_H
#define NET_IP_ANYCAST_H

#include "net/ip/ip_dev.h"

/* Tasks, under conf_lock. */
int anycast_join(struct netdev *dev, const struct ipaddr *addr); /* -ENOMEM, -ENOSPC; once */
void anycast_leave(struct netdev *dev, const struct ipaddr *addr);

bool anycast_has(struct netdev *dev, const struct ipaddr *addr); /* readers */

#endif

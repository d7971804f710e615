/* One next hop object as iproute2 shows it: what `ip nexthop`, `ip monitor` and `ip -d route` print. */
#ifndef NET_IP_NEXTHOP_SHOW_H
#define NET_IP_NEXTHOP_SHOW_H

#include "lib/iproute.h"
#include "net/ip/nexthop.h"

/* Without the end of its line. key: of the object in JSON; NULL: it stands in an array. */
void nexthop_show(const struct ip_words *w, const struct nexthop_shown *s, const char *key, bool deleted);
void nexthop_dump(struct net *net, struct out *o); /* the commands that make all of them */

#endif

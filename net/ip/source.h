/* What the choice of a source goes by (RFC 6724): labels and scopes of IPv6 addresses. The choice: net/ip/ifaddr.h. */
#ifndef NET_IP_SOURCE_H
#define NET_IP_SOURCE_H

#include "lib/ipaddr.h"

u8 source_label(const struct ipaddr *a);
u8 source_scope(const struct ipaddr *a);

#endif

/* ip route get: which way a packet would go. A part of net/ip/cmd_route.c. */
#ifndef NET_IP_ROUTE_ASK_H
#define NET_IP_ROUTE_ASK_H

#include "lib/iproute.h"
#include "net/ip/rt_names.h"

int route_ask(struct ip_words *w, struct rt_names *names); /* the words behind "get"; the status */

#endif

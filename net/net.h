/* A whole stack: struct net with all that stands in it before the first device of the machine is found. */
#ifndef NET_NET_H
#define NET_NET_H

#include "lib/net.h"

struct net *net_bring_up(void);      /* NULL: no memory; task */
void net_take_down(struct net *net); /* its other devices are gone; NULL is allowed; task */

#endif

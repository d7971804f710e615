/* What an application may know of an interface. */
#ifndef NET_SOCK_LINK_H
#define NET_SOCK_LINK_H

#include "lib/ipaddr.h"
#include "lib/net.h"

#define LINK_NAME 16

struct link {
    char name[LINK_NAME];
    u32 index, mtu;
    struct macaddr mac;
    bool up, carrier, ether;
};

bool link_find(struct net *net, const char *name, struct link *l); /* false: there is none; task */
bool link_next(struct net *net, u32 *index, struct link *l); /* the one behind *index (0: the first), which moves on */

#endif

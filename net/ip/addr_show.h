/* One address as iproute2 shows it: what `ip addr` and `ip monitor` print. */
#ifndef NET_IP_ADDR_SHOW_H
#define NET_IP_ADDR_SHOW_H

#include "lib/iproute.h"
#include "net/ip/ifaddr.h"

struct addr_shown { /* a copy, which stays while it is printed */
    struct ifaddr a;
    u32 index;           /* of its device, */
    char dev[PORT_NAME]; /* and that one's name */
};

u32 addr_flags(const struct ifaddr *a, u64 now); /* with what time has made of it */
/* named: behind its device's number and name, in a line of its own. */
void addr_show(const struct ip_words *w, const struct addr_shown *s, bool named);
void addr_show_brief(const struct ip_words *w, const struct addr_shown *s);

#endif

/* One neighbour as iproute2 shows it: what `ip neigh` and `ip monitor` print. */
#ifndef NET_IP_NEIGH_SHOW_H
#define NET_IP_NEIGH_SHOW_H

#include "lib/iproute.h"
#include "net/ip/neigh.h"

struct neigh_shown { /* a copy */
    struct ipaddr addr;
    struct macaddr mac;
    u32 index;
    char dev[PORT_NAME];
    u8 state, flags;
    u32 refs, probes;
    u64 used, confirmed, updated; /* ns */
};

void neigh_copy(struct neigh_shown *to, const struct neigh *n); /* readers */
/* hide_dev: it was asked for by name. */
void neigh_show(const struct ip_words *w, const struct neigh_shown *s, bool hide_dev, bool deleted);
const char *neigh_state_name(u8 state);           /* NULL: none of them */
bool neigh_state_of(const char *word, u8 *state); /* "reachable", "all", "none" */

#endif

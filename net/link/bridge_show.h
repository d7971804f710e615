/* A bridge's port as iproute2 shows it, in `ip -d link` and in `bridge link`. */
#ifndef NET_LINK_BRIDGE_SHOW_H
#define NET_LINK_BRIDGE_SHOW_H

#include "lib/out.h"
#include "net/link/bridge.h"

const char *bridge_state_name(const struct bridge_seen *p);
u32 bridge_port_cost(const struct netdev *dev); /* IEEE 802.1D 17.14, by its speed: shown, and used by nobody */
void bridge_show_flags(struct out *o, const struct bridge_seen *p, u32 flags); /* "learning on flood on " */
/* The flag that a word names, as iproute2 does; 0: none. */
u32 bridge_flag_of(const char *word);
#define BRIDGE_PRIORITY 32u /* of a port, likewise */

#endif

/* Whether one flow takes more than its part of a backlog that fills up. Linux's algorithm: of the last 128 packets that
 * came while the backlog was half full, a flow may have had 64. Flows are told apart by their hash alone. */
#ifndef NET_DEV_FLOW_LIMIT_H
#define NET_DEV_FLOW_LIMIT_H

#include "lib/base.h"

struct flow_limit;

struct flow_limit *flow_limit_new(u32 len); /* a power of two, at most FLOW_LIMIT_MOST; NULL: no memory; mem_free it */
bool flow_limit_exceeds(struct flow_limit *f, u32 hash); /* counts the packet; who calls sees to it that one does */

#define FLOW_LIMIT_MOST 65536u

#endif

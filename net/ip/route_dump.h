/* A route as the command that makes it again. */
#ifndef NET_IP_ROUTE_DUMP_H
#define NET_IP_ROUTE_DUMP_H

#include "lib/out.h"
#include "net/ip/fib.h"
#include "net/ip/rt_names.h"

/* Did somebody configure it, and can it be made now? Hops by devices that are down are left out. */
bool route_dumps(const struct route *r);
bool route_has_gateway(const struct route *r); /* it wants others to be there before it */
/* verb: "add", "append", "prepend". Task; no lock is held. */
void route_dump(struct out *o, struct rt_names *names, struct fib_table *t, const struct fib_entry *e,
                const char *verb);

#endif

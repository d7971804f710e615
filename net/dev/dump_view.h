/* A device's writable view in a dump: the line that writes it again. */
#ifndef NET_DEV_DUMP_VIEW_H
#define NET_DEV_DUMP_VIEW_H

#include "lib/out.h"
#include "net/dev/netdev.h"

/* Behind "echo VALUE": " > /sys/class/net/NAME/...", as sh reads it, whatever the name is. */
void dump_view(struct out *o, const struct netdev *dev, const char *fmt, ...) PRINTF(3, 4);

#endif

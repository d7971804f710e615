/* What network devices carried between two looks at /proc/net/dev, in the columns of `sar -n DEV`. */
#ifndef KERNEL_DEVICE_USE_H
#define KERNEL_DEVICE_USE_H

#include "lib/file.h"

void device_use_head(struct out *o, const char *when);

/* A row for each device of `after`; before and after are texts of /proc/net/dev that were read `ns` apart. What was not
 * there before, or counts less now (another device of that name), began at nothing. %ifutil needs the device's speed,
 * from /sys/class/net of `net`: without one it is 0, as sysstat has it. */
void device_use_rows(struct net *net, struct out *o, const char *when, const char *before, const char *after, u64 ns);

#endif

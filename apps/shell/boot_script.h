/* Running the configuration: refused as a whole when Weir cannot do what it asks, else run to its end. */
#ifndef APPS_SHELL_BOOT_SCRIPT_H
#define APPS_SHELL_BOOT_SCRIPT_H

#include "lib/base.h"
#include "lib/out.h"

struct net;

/* 0: no command failed. Above: so many did. -ENOENT: no such file. -EINVAL: refused, nothing was run. Each trouble is
 * told on `err` with its line. */
int boot_script_run(struct net *net, const char *path, struct out *out, struct out *err, void *shell, u8 depth);

#endif

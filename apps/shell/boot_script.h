/* Running the configuration: refused as a whole when Weir cannot do what it asks, else run to its end. */
#ifndef APPS_SHELL_BOOT_SCRIPT_H
#define APPS_SHELL_BOOT_SCRIPT_H

#include "lib/base.h"
#include "lib/out.h"

struct net;
struct script;

/* Every command that the script plainly names and that Weir has not, or has only to say what to use instead: told to
 * `tell`, in the order of the text. How many there are. */
typedef void boot_script_tell(void *arg, const char *name, unsigned line, unsigned col, const char *why);
unsigned boot_script_check(const struct script *s, boot_script_tell *tell, void *arg);

/* 0: no command failed. Above: so many did. -ENOENT: no such file. -EINVAL: refused, nothing was run. Each trouble is
 * told on `err` with its line. */
int boot_script_run(struct net *net, const char *path, struct out *out, struct out *err, void *shell, u8 depth);

#endif

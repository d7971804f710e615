/* Internal to apps/dhcpc/dhcpc.
 *
 * From a lease to configuration: commands as a person types them, and lines of /etc/resolv.conf.
 */
#ifndef APPS_DHCPC_DHCPC_APPLY_H
#define APPS_DHCPC_DHCPC_APPLY_H

#include "apps/dhcpc/dhcpc.h"

#define APPLY_METRIC 200u /* and the interface's number: the first one's routes are used */

/* Runs a line; its status, and what it said against it. Tests put their own here. */
typedef int apply_runner(struct net *net, const char *line, char *said, size_t size);
apply_runner *apply_run_by(apply_runner *fn); /* NULL: as a script; the one before */

void apply_up(struct dhcpc *d); /* the interface is needed up */
/* The lease is d's now: `had` is what was configured before (NULL: nothing). */
void apply_lease(struct dhcpc *d, const struct dhcp_lease *had);
void apply_nothing(struct dhcpc *d); /* d's lease is over */

#endif

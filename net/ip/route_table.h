/* The main routes as net-tools shows them: `route`, and `netstat -r`. */
#ifndef NET_IP_ROUTE_TABLE_H
#define NET_IP_ROUTE_TABLE_H

#include "lib/cmd.h"

int route_table_show(struct cmd_ctx *c, bool numeric, bool netstat, bool v6); /* the status */

#endif

/* Internal to net/ip. */
/* Reports of group membership as messages; when they are due: net/ip/mcast_report.c. Tasks, under conf_lock. */
#ifndef NET_IP_MCAST_SEND_H
#define NET_IP_MCAST_SEND_H

#include "net/ip/ip_dev.h"
#include "net/wire/igmp.h"

#define MCAST_SEND_MOST 60u /* groups of one message: fits into the least MTU of either family */

/* n groups of one family. Versions before the newest have a message for each. */
void mcast_send(struct netdev *dev, const struct ipaddr *groups, u32 n, u32 version, enum group_record what);

#endif

/* Group membership told to the routers of a link: IGMPv3 (RFC 3376) and MLDv2 (RFC 3810), the host's side; 2 and 1
 * while a router of those is about.
 *
 *     joined, left, or the device comes up    reports, igmp_qrv of them, within a second of each other
 *     a query                                 an answer within the time that it gives
 *
 * Whole groups are joined: the lists of sources are EXCLUDE {}. Nobody reports 224.0.0.1 and ff02::1.
 */
#ifndef NET_IP_MCAST_REPORT_H
#define NET_IP_MCAST_REPORT_H

#include "net/ip/mcast.h"

#define MCAST_LEFT 64u /* groups that were left and are yet to be told, of a device; more are not told */

struct mcast_left { /* a group that was left */
    struct mcast_left *next;
    struct ipaddr group;
    u64 report_at;
    u8 reports;
};

/* net/ip/mcast.c and net/ip/ip.c; tasks, under conf_lock */
void mcast_report_joined(struct netdev *dev, struct mcast *m);
void mcast_report_left(struct netdev *dev, const struct mcast *m);
void mcast_report_up(struct netdev *dev, enum ip_index f); /* all of a family anew */
void mcast_report_end(struct netdev *dev);

#endif

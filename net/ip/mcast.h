/* Groups that a device has joined, of either family: whoever wants one joins it, as often as it is wanted.
 *
 * Every device is in 224.0.0.1 and ff02::1 from its beginning; nobody is told of those. Of the others the routers of
 * the link are told, by IGMPv3 (RFC 3376) and MLDv2 (RFC 3810); by 2 and 1 while a router of those is about.
 *
 *     joined, left, or the device comes up    reports, igmp_qrv of them, within a second of each other
 *     a query                                 an answer within the time that it gives
 */
#ifndef NET_IP_MCAST_H
#define NET_IP_MCAST_H

#include "net/ip/ip_dev.h"

#define MCAST_LEFT 64u /* groups that were left and are yet to be told, of a device; more are not told */

struct mcast_left { /* a group that was left */
    struct mcast_left *next;
    struct ipaddr group;
    u64 report_at;
    u8 reports;
};

struct mcast {
    struct mcast *next;
    struct rcu_head rcu;
    struct ipaddr group;
    u32 users;
    /* ---- what is to be told of it ---- */
    u64 report_at; /* ns: the next of */
    u8 reports;    /* so many more, */
    bool changed;  /* that tell of a change */
};

/* Tasks, under conf_lock. */
int mcast_join(struct netdev *dev, const struct ipaddr *group); /* -ENOMEM, -ENOSPC */
void mcast_leave(struct netdev *dev, const struct ipaddr *group);
int mcast_dev_begin(struct netdev *dev); /* net/ip/watch.c */
void mcast_dev_end(struct netdev *dev);
void mcast_report_up(struct netdev *dev, enum ip_index f); /* all of a family are told anew */

bool mcast_has(const struct netdev *dev, const struct ipaddr *group); /* readers */

static inline struct mcast *mcast_first(const struct netdev *dev) /* readers */
{
    return load_acquire(&dev->ip->groups);
}

static inline struct mcast *mcast_next(const struct mcast *m)
{
    return load_acquire(&m->next);
}

#endif

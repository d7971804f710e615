/* Groups that a device has joined, of either family: whoever wants one joins it, as often as it is wanted.
 *
 * Every device is in 224.0.0.1 and ff02::1 from its beginning.
 */
#ifndef NET_IP_MCAST_H
#define NET_IP_MCAST_H

#include "net/ip/ip_dev.h"

struct mcast {
    struct mcast *next;
    struct rcu_head rcu;
    struct ipaddr group;
    u32 users;
    /* ---- net/ip/mcast_report.h ---- */
    u64 report_at; /* ns: the next of */
    u8 reports;    /* so many more, */
    bool changed;  /* that tell of a change */
};

/* Tasks, under conf_lock. */
int mcast_join(struct netdev *dev, const struct ipaddr *group); /* -ENOMEM, -ENOSPC */
void mcast_leave(struct netdev *dev, const struct ipaddr *group);
int mcast_dev_begin(struct netdev *dev); /* net/ip/ip.c */
void mcast_dev_end(struct netdev *dev);

bool mcast_has(const struct netdev *dev, const struct ipaddr *group); /* readers */
struct macaddr mcast_mac(const struct ipaddr *group);

static inline struct mcast *mcast_first(const struct netdev *dev) /* readers */
{
    return load_acquire(&dev->ip->groups);
}

static inline struct mcast *mcast_next(const struct mcast *m)
{
    return load_acquire(&m->next);
}

#endif

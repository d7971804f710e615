/* Who hears of a device's changes: files that stand upon it, by sets; commands that follow, by the feed. Part of
 * netdev.h. */
#ifndef NET_DEV_WATCH_H
#define NET_DEV_WATCH_H

#include "lib/notify.h"
#include "lib/set.h"
#include "net/skb/drop.h"

struct netdev;

/* Who stands upon devices follows them, in a task under conf_lock (of the carrier: in whatever context the driver tells
 * of it). All are optional. Linux: netdevice_notifier. */
enum dev_change {
    DEV_CHANGE_UP,
    DEV_CHANGE_DOWN,
    DEV_CHANGE_CARRIER,
    DEV_CHANGE_MTU,
    DEV_CHANGE_MAC,
    DEV_CHANGE_FEATURES,
    DEV_CHANGE_ANNOUNCE, /* nothing: the network should hear where its addresses are */
};
struct netdev_watch {
    int (*begin)(struct netdev *dev); /* it is about to be in the table; -errno: netdev_add fails with it */
    void (*change)(struct netdev *dev, enum dev_change what); /* that has changed */
    /* netdev_del: the device is down and out of the table, nobody polls or sends any more. What a module keeps for it
     * is given back; also of one whose begin failed, or was not called. */
    void (*end)(struct netdev *dev);
};
#define NETDEV_WATCH(id, ...)                                                   \
    static const struct netdev_watch netdev_watch_##id##_entry = {__VA_ARGS__}; \
    SET_ADD(netdev_watch, netdev_watch_##id##_entry)
void netdev_tell(struct netdev *dev, enum dev_change what); /* the watches, then DEV_EVENT_CHANGE */

enum dev_event {
    DEV_EVENT_NEW,
    DEV_EVENT_GONE,
    DEV_EVENT_CHANGE,
    DEV_EVENT_ANNOUNCE, /* the host moved us: the network should hear of our addresses */
};
struct dev_notice { /* the data of an event, whose type is enum dev_event */
    u32 index;
    char name[PORT_NAME];
};
void netdev_changed(struct netdev *dev, enum dev_event what);
struct notify_feed *netdev_feed(struct net *net);

#endif

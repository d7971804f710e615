/* Who hears of a device's changes: files that stand upon it, by sets; commands that follow, by the feed. Part of
 * netdev.h. */
#ifndef NET_DEV_WATCH_H
#define NET_DEV_WATCH_H

#include "lib/notify.h"
#include "lib/set.h"
#include "net/skb/drop.h"

struct netdev;

/* What a module keeps for a device is given back: called by netdev_del in a task, the device down and out of the table,
 * when nobody polls or sends any more. */
struct netdev_end {
    void (*fn)(struct netdev *dev);
};
#define NETDEV_END(id, fn_)                                 \
    static const struct netdev_end netdev_end_##id = {fn_}; \
    SET_ADD(netdev_end, netdev_end_##id)

/* Who stands upon a device follows it: told when that has changed, in a task under conf_lock; of the carrier in
 * whatever context the driver tells of it. That it goes: NETDEV_END. Linux: netdevice_notifier. */
enum dev_change {
    DEV_CHANGE_UP,
    DEV_CHANGE_DOWN,
    DEV_CHANGE_CARRIER,
    DEV_CHANGE_MTU,
    DEV_CHANGE_MAC,
    DEV_CHANGE_FEATURES
};
struct netdev_watch {
    void (*fn)(struct netdev *dev, enum dev_change what);
};
#define NETDEV_WATCH(id, fn_)                                   \
    static const struct netdev_watch netdev_watch_##id = {fn_}; \
    SET_ADD(netdev_watch, netdev_watch_##id)
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

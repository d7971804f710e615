/* Polling by tasks instead of softirqs: /sys/class/net/X/threaded.
 *
 *     napi_schedule -> [n->threaded] --no--> the round of NET_RX of this CPU
 *                            +--------yes--> task "napi/eth0-0", on CPU 0 for queue 0, 1 for 1, ...
 *
 * A task is one among the others and shares its CPU fairly with them, so a spinning task and a flood of packets slow
 * each other down, and none stops the other. Switching loses nothing and reorders nothing: whoever has NAPI_SCHED
 * polls, and hands it on between two turns. Tasks that were started stay, asleep, until the device goes.
 */
#ifndef NET_DEV_NAPI_THREAD_H
#define NET_DEV_NAPI_THREAD_H

#include "net/dev/netdev.h"

int napi_set_threaded(struct netdev *dev, bool on); /* conf_lock; -ENOMEM */

#endif

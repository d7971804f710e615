/* The folders /sys/class/net/X/queues/{rx,tx}-N, for the files that stand in them: whose they are.
 *
 *     FILE_VIEW(rps_cpus, .path = "/sys/class/net/ * /queues/ * /rps_cpus", .list = rx_queue_list, ...)
 */
#ifndef NET_DEV_QUEUE_DIR_H
#define NET_DEV_QUEUE_DIR_H

#include "lib/file.h"
#include "net/dev/netdev.h"

typedef void name_offer(void *arg, const char *name);

/* Devices that are polled have these; others, the loopback device say, have none. */
struct netdev *rx_queue_hold(const struct file_req *r, u16 *queue); /* held: netdev_put; NULL: there is none such */
struct netdev *tx_queue_hold(const struct file_req *r, u16 *queue);
void rx_queue_list(struct file_req *r, int depth, name_offer *offer, void *arg);
void tx_queue_list(struct file_req *r, int depth, name_offer *offer, void *arg);

/* A mask of CPUs as Linux's files take it: -EINVAL: not understood; -EOVERFLOW: there are not so many. */
int queue_cpus_parse(const struct file_req *r, u64 *cpus);
void queue_cpus_text(struct out *o, u64 cpus); /* without a newline */

#endif

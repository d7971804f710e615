/* A CPU's backlog: packets that are to go into dev_rx there, handed over by another CPU or by the loopback device.
 *
 *     any CPU    backlog_put(net, cpu, burst) --> [input, under a lock] --> [process] --> dev_rx, on that CPU
 *
 * It is polled in turn with the napis of its CPU, net.core.dev_weight packets at a time; who puts the first packet in
 * wakes the CPU, so a CPU is kicked once for all that comes until its backlog is empty again.
 *
 * Two counts say what has become of a packet: the backlog's tail when it was put in, and the head, which passes that
 * when dev_rx has returned. So "has all of this flow left?" is one comparison (net/dev/rps.h).
 *
 * Packets in it are not parked: they hold a device alone, and dev_down waits until the backlogs have let go of all that
 * was in them (backlog_drain).
 *
 * Too much: above net.core.netdev_max_backlog a packet is dropped; above half of that, on CPUs in
 * net.core.flow_limit_cpu_bitmap, also one whose flow had more than half of the last 128 packets.
 */
#ifndef NET_DEV_BACKLOG_H
#define NET_DEV_BACKLOG_H

#include "net/dev/netdev.h"

/* Softirq; consumes q. The tail behind what was taken; the rest was dropped by name. */
u64 backlog_put(struct net *net, unsigned cpu, struct skbq *q);
u64 backlog_head(struct net *net, unsigned cpu);
void backlog_drain(struct net *net); /* task: all that was in any backlog when it was called has left */

struct backlog_seen {
    u64 dropped; /* limited among them */
    u64 limited; /* by the flow limit */
    u64 woken;   /* by another CPU */
    u32 input, process;
};
void backlog_seen(struct net *net, unsigned cpu, struct backlog_seen *seen);

#endif

/* A device for tests that makes its packets itself, and the sink in which they end, which sees to their order.
 *
 * Each of its flows is numbered packet by packet; the sink, on whatever CPU, holds each number against the one before.
 * Which flow comes next is drawn by lot. What it writes down is not atomic: a flow's packets happen one after another,
 * or ThreadSanitizer says that they do not.
 */
#ifndef UNIT_NET_DEV_SPRING_H
#define UNIT_NET_DEV_SPRING_H

#include "net/dev/napi.h"

#define SPRING_FLOWS 256u

struct spring {
    struct netdev *dev;
    struct napi napi;
    u32 flows;
    u32 credit; /* atomic: packets to come */
    u64 lot;
    u64 made;
    u32 next[SPRING_FLOWS];
    u8 frame[64];
    /* ---- the sink's ---- */
    bool whole; /* no packet may be missing; otherwise none may come after a later one */
    u32 seen[SPRING_FLOWS];
    u16 on[SPRING_FLOWS];               /* the CPU of the last one */
    u64 ended[CPU_MAX], wrong[CPU_MAX]; /* packets, by CPU; out of order */
};

struct spring *spring_new(struct net *net, const char *name, u32 flows);
void spring_end(struct spring *s);         /* down, gone; task */
void spring_flow(struct spring *s, u32 n); /* n more packets; softirqs off, or a softirq */
u64 spring_ended(const struct spring *s);  /* by the sink, on all CPUs */
u64 spring_wrong(const struct spring *s);

#endif

/* Dynamic queue limit: how many bytes a device's ring should hold so that it never runs dry and never holds much more
 * (byte queue limits; Linux: lib/dynamic_queue_limits.c).
 *
 *     dql_queued(&d, bytes)               handed to the device
 *     dql_completed(&d, bytes, now)       the device is done with them
 *     dql_room(&d) < 0                    enough: the next waits in the qdisc, where its order can still be changed
 *
 * The limit grows when the device ran dry although more was there to be sent, by what it could have taken; it shrinks
 * by the least slack that was seen during HOLD, so that one quiet moment does not count. All under the queue's lock.
 *
 *     queued      |--------- inflight ---------|
 *     completed   ^                 limit      |
 *                 |<-------------------------->|   over it: `over`
 */
#ifndef NET_DEV_DQL_H
#define NET_DEV_DQL_H

#include "lib/base.h"

#define DQL_MAX  1879048192u /* bytes: never reached by what is added to a limit at once */
#define DQL_HOLD NS_PER_S

struct dql {
    u32 queued, completed; /* bytes ever, modulo 2^32 */
    u32 may;               /* limit + completed: up to where `queued` may go */
    u32 last;              /* bytes of the last dql_queued */
    u32 limit, limit_min, limit_max;
    u32 before_queued, before_over, before_last; /* at the last completion */
    u32 least_slack;
    u64 slack_since, hold; /* ns */
};

void dql_reset(struct dql *d,
               u64 now); /* keeps limit_min, limit_max and hold; zeroes of a new one are their defaults */
void dql_limit(struct dql *d, u32 limit); /* from here on, within its bounds */
void dql_completed(struct dql *d, u32 bytes, u64 now);

static inline void dql_queued(struct dql *d, u32 bytes)
{
    d->last = bytes;
    d->queued += bytes;
}

static inline i32 dql_room(const struct dql *d)
{
    return (i32)(d->may - d->queued);
}

static inline u32 dql_inflight(const struct dql *d)
{
    return d->queued - d->completed;
}

#endif

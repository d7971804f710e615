/* Dynamic queue limit (contract: dql.h). Facts of one completion:
 *
 *     over        bytes in flight beyond the limit just before it
 *     starved     everything was completed while we were over the limit: more would have been taken
 *     busy        neither then nor now was the ring empty: the limit was enough, and perhaps too much
 */
#include "net/dev/dql.h"

/* a - b where both go round, or 0. */
static u32 beyond(u32 a, u32 b)
{
    return (i32)(a - b) > 0 ? a - b : 0;
}

void dql_reset(struct dql *d, u64 now)
{
    u32 least = d->limit_min, most = d->limit_max ? d->limit_max : DQL_MAX;
    u64 hold = d->hold ? d->hold : DQL_HOLD;
    *d = (struct dql){.limit = least, .may = least, .limit_min = least, .limit_max = most, .hold = hold};
    d->least_slack = ~0u;
    d->slack_since = now;
}

void dql_limit(struct dql *d, u32 limit)
{
    d->limit = min(max(limit, d->limit_min), d->limit_max);
    d->may = d->completed + d->limit;
}

static void forget_slack(struct dql *d, u64 now)
{
    d->slack_since = now;
    d->least_slack = ~0u;
}

/* How much less would have done: twice what was completed must fit, and an object that alone went over counts whole. */
static u32 slack(const struct dql *d, u32 done)
{
    u32 ring = beyond(d->limit + d->before_over, 2 * done);
    u32 object = d->before_over ? beyond(d->before_last, d->before_over) : 0;
    return max(ring, object);
}

void dql_completed(struct dql *d, u32 bytes, u64 now)
{
    u32 completed = d->completed + bytes, limit = d->limit;
    u32 over = beyond(d->queued - d->completed, limit);
    bool empty = d->queued == completed, was_empty = d->before_queued == d->completed;
    bool all_before = (i32)(completed - d->before_queued) >= 0;

    if ((over && empty) || (d->before_over && all_before)) {
        limit += beyond(completed, d->before_queued) + d->before_over;
        forget_slack(d, now);
    } else if (!empty && !was_empty && !all_before) {
        d->least_slack = min(d->least_slack, slack(d, bytes));
        if (now > d->slack_since + d->hold) {
            limit = beyond(limit, d->least_slack);
            forget_slack(d, now);
        }
    }
    limit = min(max(limit, d->limit_min), d->limit_max);
    if (limit != d->limit) {
        d->limit = limit;
        over = 0;
    }
    d->may = limit + completed;
    d->before_over = over;
    d->before_last = d->last;
    d->before_queued = d->queued;
    d->completed = completed;
}

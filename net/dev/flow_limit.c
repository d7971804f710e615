/* The flow limit (contract: flow_limit.h).
 *
 *     history[128]:  bucket of each of the last packets, as a ring      count[len]: how often a bucket is in there
 *
 * A packet that comes takes the oldest one's place, so both are right at any time. It holds no packet and no flow.
 */
#include "net/dev/flow_limit.h"

#include "lib/plat.h"

#define HISTORY 128u /* no bucket's count exceeds a byte */

struct flow_limit {
    u32 mask, at;
    u16 history[HISTORY];
    u8 count[];
};

struct flow_limit *flow_limit_new(u32 len)
{
    struct flow_limit *f = mem_zalloc(sizeof(*f) + len);
    if (f)
        f->mask = len - 1;
    return f;
}

bool flow_limit_exceeds(struct flow_limit *f, u32 hash)
{
    u16 bucket = (u16)(hash & f->mask), oldest = f->history[f->at];

    f->history[f->at] = bucket;
    f->at = (f->at + 1) % HISTORY;
    if (f->count[oldest])
        f->count[oldest]--;
    return ++f->count[bucket] > HISTORY / 2;
}

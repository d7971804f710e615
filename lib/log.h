/* Messages that could come in floods: so many in a span of time, then one that says how many were held back.
 *
 *     static struct log_limit limit = LOG_LIMIT(5 * NS_PER_S, 10);
 *     log_limited(&limit, LOG_WARN, "%s: bad descriptor %u", name, i);
 *
 * The others are counted and told about with the first message of a later span. In net/ the limit stands in the
 * module's slot of struct net. Any context, any CPU; no lock.
 */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include "lib/base.h"
#include "lib/plat.h"

struct log_limit {
    u64 span_ns;
    u32 burst;      /* messages in a span */
    u32 used;       /* in this span, those held back counted */
    u64 span_start; /* clock_ns; 0: none yet */
};

#define LOG_LIMIT(span, n)              \
    {                                   \
        .span_ns = (span), .burst = (n) \
    }

/* May one pass at `now`? *held: how many were held back in the span that has just ended, to be told about. */
bool log_limit_pass(struct log_limit *l, u64 now, u32 *held);

void log_limited(struct log_limit *l, enum log_level level, const char *fmt, ...) PRINTF(3, 4);

#endif

/* The least or the greatest of what was measured in a sliding window of time, in constant space (after Kathleen
 * Nichols): for a path's least round trip and greatest delivery rate.
 *
 *     struct minmax m;  minmax_reset(&m, now, first);
 *     u32 rtt = minmax_least(&m, window, now, sample);          the same struct serves either least or greatest
 *
 * Three samples are kept: the best, a good one since the best, and a good one since that, so that when the best grows
 * older than the window a younger one stands ready. The answer was always measured within the window, and nothing
 * better was measured since; what was better before it, but still in the window, may have been forgotten: that is the
 * price of constant space.
 * Time and window are in any one unit; the clock may not run backwards. No locking: the owner's.
 *
 *     |<--------------- window --------------->|
 *          1st            2nd          3rd    now
 */
#ifndef LIB_MINMAX_H
#define LIB_MINMAX_H

#include "lib/base.h"

struct minmax_sample {
    u64 at, value;
};

struct minmax {
    struct minmax_sample s[3]; /* best first; each younger than or as old as the one before */
};

static inline u64 minmax_get(const struct minmax *m)
{
    return m->s[0].value;
}

static inline u64 minmax_reset(struct minmax *m, u64 now, u64 value)
{
    m->s[0] = m->s[1] = m->s[2] = (struct minmax_sample){now, value};
    return value;
}

/* The window moved on: lets a best that is too old go, and takes younger seconds and thirds as time passes. */
static inline u64 minmax_age(struct minmax *m, u64 window, const struct minmax_sample *n)
{
    u64 age = n->at - m->s[0].at;

    if (age > window) {
        m->s[0] = m->s[1];
        m->s[1] = m->s[2];
        m->s[2] = *n;
        if (n->at - m->s[0].at > window) { /* the second had been waiting for too long as well */
            m->s[0] = m->s[1];
            m->s[1] = m->s[2];
        }
    } else if (m->s[1].at == m->s[0].at && age > window / 4) {
        m->s[1] = m->s[2] = *n; /* a quarter went by without a second */
    } else if (m->s[2].at == m->s[1].at && age > window / 2) {
        m->s[2] = *n; /* half went by without a third */
    }
    return m->s[0].value;
}

static inline u64 minmax_least(struct minmax *m, u64 window, u64 now, u64 value)
{
    struct minmax_sample n = {now, value};

    if (value <= m->s[0].value || now - m->s[2].at > window)
        return minmax_reset(m, now, value);
    if (value <= m->s[1].value)
        m->s[1] = m->s[2] = n;
    else if (value <= m->s[2].value)
        m->s[2] = n;
    return minmax_age(m, window, &n);
}

static inline u64 minmax_greatest(struct minmax *m, u64 window, u64 now, u64 value)
{
    struct minmax_sample n = {now, value};

    if (value >= m->s[0].value || now - m->s[2].at > window)
        return minmax_reset(m, now, value);
    if (value >= m->s[1].value)
        m->s[1] = m->s[2] = n;
    else if (value >= m->s[2].value)
        m->s[2] = n;
    return minmax_age(m, window, &n);
}

#endif

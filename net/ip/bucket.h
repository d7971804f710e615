/* Internal to net/ip. */
/* A bucket of tokens: how often something may be done, by time alone.
 *
 *     struct bucket b = {0};                                it begins full
 *     if (bucket_has(&b, NS_PER_S / 100, 16, now))          100 a second, 16 of them at once
 *         bucket_take(&b, NS_PER_S / 100);
 */
#ifndef NET_IP_BUCKET_H
#define NET_IP_BUCKET_H

#include "lib/base.h"

struct bucket {
    u64 tokens, at; /* ns that may be spent; when it was looked at last */
};

/* Is there a token? Each costs `each` ns, 0: nothing; there are `most` of them at most. Under the owner's lock. */
static inline bool bucket_has(struct bucket *b, u64 each, u32 most, u64 now)
{
    b->tokens = b->at ? min(b->tokens + (now - b->at), each * most) : each * most;
    b->at = now;
    return b->tokens >= each;
}

static inline void bucket_take(struct bucket *b, u64 each) /* it has one */
{
    b->tokens -= each;
}

#endif

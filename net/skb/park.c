/* Packets that are kept: the table of those who have references to take (contract: skb.h). */
#include "net/skb/skb.h"

void skb_park(struct skb *s)
{
    if (s->flags & SKB_PARKED)
        return;
    SET_FOREACH(park, const struct park_ops, ops)
        ops->park(s);
    s->flags |= SKB_PARKED;
}

enum drop_reason skb_unpark(struct skb *s)
{
    enum drop_reason first = DROP_NOT;
    if (!(s->flags & SKB_PARKED))
        return DROP_NOT;
    SET_FOREACH(park, const struct park_ops, ops) {
        enum drop_reason why = ops->unpark(s);
        first = first ? first : why;
    }
    s->flags &= (u8)~SKB_PARKED;
    return first;
}

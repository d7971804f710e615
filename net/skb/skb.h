/* What is done with packets: taken, freed, cloned, made one's own; their bytes; and the burst that stages hand on.
 *
 * Ownership: a pointer to an skb is a packet that is yours. A function that takes one consumes it, always, unless its
 * comment says "yours still"; one that returns one gives it to you. Pools are touched with softirqs off (softirq
 * context, or between softirq_off and softirq_on).
 *
 * Offsets l2, l3, l4 are counted from the start of the buffer, so skb_push and skb_pull leave them right. Whatever
 * else moves data clears `has`: what a parse found is not known any more (net/skb/parse.h).
 *
 * Lifetimes (contract 4): route, connection and device pointers in an skb are uncounted and valid within the softirq
 * round. Who keeps one longer (qdisc, neighbour queue, reassembly, backlog, socket):
 *
 *     skb_park(s);                             takes references, through the table that upper floors fill
 *     ...
 *     enum drop_reason why = skb_unpark(s);    gives them back; looks whether what they name is still there
 *     if (why) skb_drop(s, why);
 *
 * skb_free of a parked packet gives the references back by itself.
 */
#ifndef NET_SKB_SKB_H
#define NET_SKB_SKB_H

#include "lib/set.h"
#include "net/skb/buf.h"
#include "net/skb/reason.h"

/* ---- coming and going ---- */
struct skb *skb_alloc_in(struct skb_pool *pool,
                         const char *who) MUST_USE; /* empty, data at SKB_DATA; NULL: none left */
#define skb_alloc(pool) skb_alloc_in(pool, __func__)
void skb_free(struct skb *s);         /* not for drops: skb_drop(s, reason) counts those */
struct skb *skb_clone(struct skb *s); /* s is yours still; NULL: none left */
struct skb *skb_twin(struct skb *s);  /* its linear part anew, its fragments shared; likewise */
struct skb *skb_copy(struct skb *s);  /* all bytes anew; s is yours still; NULL: none left, or more than can be held */
bool skb_own(struct skb *s);          /* bytes and fragments may be written afterwards; false: no memory, s as it was */
bool skb_own_frags(struct skb *s);    /* and those that the fragments point at */
void skb_meta(struct skb *to, const struct skb *from); /* what is known of the packet, bytes apart */

/* ---- bytes ---- */
/* `len` bytes, `off` behind data, in one piece; NULL: the packet is shorter, more than SKB_ROOM, or no memory. May move
 * the linear part: earlier pointers are void, offsets are not. */
void *skb_need_slow(struct skb *s, u32 off, u32 len);
int skb_read(const struct skb *s, u32 off, void *to, u32 len);    /* a copy; -EFAULT: not that long */
int skb_write(struct skb *s, u32 off, const void *from, u32 len); /* -EFAULT; -ENOMEM: is shared and cannot be owned */
u32 skb_csum(const struct skb *s, u32 off, u32 len);              /* csum_bytes of them; they must be there */
/* Calls fn for each piece in order, n bytes `at` behind the start of its buffer, until it returns not 0, which is
 * returned. -EFAULT: not that long. */
int skb_walk(const struct skb *s, u32 off, u32 len, int (*fn)(void *arg, struct skb_buf *buf, u32 at, u32 n),
             void *arg);
void skb_trim(struct skb *s, u32 len);               /* to at most so many; of an skb that is owned, or linear */
int skb_append(struct skb *s, const void *p, u32 n); /* -ENOMEM, -E2BIG; s is yours still */
/* Takes over the caller's reference of buf. False: no place left, the reference is the caller's still. */
bool skb_add_frag(struct skb *s, struct skb_buf *buf, u32 off, u32 len);
/* The bytes of `s` from off on, which is in its linear part, become fragments of `to`: nothing is copied, s is used up.
 * Both plain: of their own buffers, which nobody else has. False: no place left; s is yours still. */
bool skb_join(struct skb *to, struct skb *s, u32 off);
void skb_buf_get(struct skb_buf *buf);
void skb_buf_put(struct skb_buf *buf);

/* One reference; no bytes yet. Fields by fields, for the compiler to merge. What means nothing before something else
 * says so (next, note, csum, the tag) stays as it was; pool is never another. */
static inline void skb_init_at(struct skb *s, struct skb_buf *buf, u8 *data, u16 len, struct skb_port *dev, u16 queue,
                               u64 stamp)
{
    static_assert(offsetof(struct skb, linear) == offsetof(struct skb, len) + 4 &&
                      offsetof(struct skb, l2) == offsetof(struct skb, len) + 6 &&
                      offsetof(struct skb, inner_l4) == offsetof(struct skb, queue) + 6,
                  "words");
    s->buf = buf;
    s->data = data;
    store_le64(&s->len, len | (u64)len << 32); /* linear; l2: 0 */
    s->l3 = s->l4 = 0;
    s->has = 0;
    s->dev = dev;
    s->hash = s->mark = s->priority = 0;
    s->gso_size = s->gso_segs = 0;
    s->frags = s->cksum = s->gso = s->flags = 0;
    s->refs = 1;
    s->l4_proto = s->spare = 0;
    store_le64(&s->queue, queue); /* type, inner_l3, inner_l4: 0 */
    s->stamp = stamp;
    s->route = s->conn = NULL;
    if (PLAT_DEBUG) {
        s->next = (void *)s;
        s->note = s->csum = 0xdbdbdbdb;
    }
}

static inline void skb_init(struct skb *s, struct skb_buf *buf)
{
    skb_init_at(s, buf, (u8 *)buf + SKB_DATA, 0, NULL, 0, 0);
}

/* A buffer that is a fragment of a packet alone: one reference, none of its own. */
static inline void skb_init_frag(struct skb_buf *buf)
{
    struct skb *s = &buf->skb;
    s->frags = s->cksum = s->gso = s->flags = 0;
    s->refs = 1;
    s->l4_proto = s->spare = 0;
}

static inline void *skb_need(struct skb *s, u32 off, u32 len)
{
    if (likely(off + len <= s->linear && off <= s->linear))
        return s->data + off;
    return skb_need_slow(s, off, len);
}

static inline struct skb_pool *skb_buf_pool(const struct skb_buf *buf)
{
    return buf->skb.pool;
}

static inline u32 skb_off(const struct skb *s) /* of data, from the start of the buffer */
{
    return (u32)(s->data - (u8 *)s->buf);
}

static inline u32 skb_headroom(const struct skb *s)
{
    return skb_off(s) - (u32)SKB_START;
}

static inline u32 skb_tailroom(const struct skb *s) /* of the linear part, where there are no fragments */
{
    return (u32)SKB_END - skb_off(s) - s->linear;
}

/* Four bytes that stages ask together: frags | cksum << 8 | gso << 16 | flags << 24. */
static inline u32 skb_how(const struct skb *s)
{
    static_assert(offsetof(struct skb, cksum) == offsetof(struct skb, frags) + 1 &&
                      offsetof(struct skb, gso) == offsetof(struct skb, frags) + 2 &&
                      offsetof(struct skb, flags) == offsetof(struct skb, frags) + 3,
                  "side by side");
    return load_le32(&s->frags);
}

static inline bool skb_shared(const struct skb *s)
{
    return load_relaxed(&s->buf->skb.refs) != 1;
}

/* Makes n bytes in front; the headroom must be there, the skb owned. */
static inline void *skb_push(struct skb *s, u32 n)
{
    if (PLAT_DEBUG && (n > skb_headroom(s) || skb_shared(s)))
        panic("skb_push: %u bytes, headroom %u, %u references", n, skb_headroom(s), s->buf->skb.refs);
    s->data -= n;
    s->len += n;
    s->linear = (u16)(s->linear + n);
    return s->data;
}

/* Takes n bytes away in front; they must be linear (skb_need says so). */
static inline void skb_pull(struct skb *s, u32 n)
{
    if (PLAT_DEBUG && n > s->linear)
        panic("skb_pull: %u bytes of %u", n, s->linear);
    s->data += n;
    s->len -= n;
    s->linear = (u16)(s->linear - n);
}

/* Makes n bytes behind the linear part, not filled in; no fragments, tailroom there, the skb owned. */
static inline void *skb_put(struct skb *s, u32 n)
{
    u8 *p = s->data + s->linear;
    if (PLAT_DEBUG && (s->frags || n > skb_tailroom(s) || skb_shared(s)))
        panic("skb_put: %u bytes, tailroom %u, %u fragments", n, skb_tailroom(s), s->frags);
    s->len += n;
    s->linear = (u16)(s->linear + n);
    return p;
}

/* Where a layer begins, from data. */
static inline u32 skb_at(const struct skb *s, u16 layer)
{
    return layer - skb_off(s);
}

static inline struct skb_frag *skb_frag(const struct skb *s)
{
    return s->buf->frag;
}

/* ---- keeping ---- */
struct park_ops {
    void (*park)(struct skb *s);               /* (required) takes a reference of whatever of its own s points at */
    enum drop_reason (*unpark)(struct skb *s); /* (required) gives it back; why the packet cannot go on, or DROP_NOT */
};
#define PARK(id, park_fn, unpark_fn)                                \
    static const struct park_ops parks_##id = {park_fn, unpark_fn}; \
    SET_ADD(park, parks_##id)

void skb_park(struct skb *s);
enum drop_reason skb_unpark(struct skb *s);

/* ---- the burst ---- */
#define SKBQ_MOST 64u

struct skbq {
    u32 n;
    struct skb *p[SKBQ_MOST];
};

static inline void skbq_add(struct skbq *q, struct skb *s) /* there is room: stages take no more than they are given */
{
    q->p[q->n++] = s;
}

/* The first n are somebody else's now. */
static inline void skbq_shift(struct skbq *q, u32 n)
{
    for (u32 i = n; i < q->n; i++)
        q->p[i - n] = q->p[i];
    q->n -= n;
}

void skbq_free(struct skbq *q);            /* all; q is empty afterwards */
void skb_free_many(struct skb **p, u32 n); /* the same of an array, which is used up */

#endif

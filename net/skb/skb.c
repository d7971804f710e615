/* Packets come and go (contract: skb.h): taken from a pool, freed, cloned, copied, made one's own.
 *
 * The way that every packet takes, in and out again without a clone, is skb_init and is_plain. What
 * follows below is for packets that somebody shares.
 *
 *     clone:      skb A --> buffer (2 references: A's own, B) <-- skb B (of the pool of clones)
 *     A freed:    the buffer stays, for B
 *     B freed:    the buffer goes, and with it the fragments in its array
 */
#include "net/skb/skb.h"

#include "lib/string.h"
#include "net/skb/pool.h"

struct skb *skb_alloc_in(struct skb_pool *pool, const char *who)
{
    struct skb *s;
    if (!skb_pool_take(pool, &s, 1, who))
        return NULL;
    skb_init(s, container_of(s, struct skb_buf, skb));
    return s;
}

/* ---- going ---- */

void skb_buf_get(struct skb_buf *buf)
{
    atomic_add_relaxed(&buf->skb.refs, 1);
}

/* Those of its fragments that nobody else needs, and that have none of their own, go back together with it. */
static void release(struct skb_buf *buf)
{
    struct skb *s = &buf->skb, *plain[SKB_FRAGS + 1];
    u32 n = 0;
    for (u32 i = 0; i < s->frags; i++) {
        struct skb *of = &buf->frag[i].buf->skb;
        if (unlikely(load_relaxed(&of->refs) != 1 || of->frags))
            skb_buf_put(buf->frag[i].buf);
        else if (of->pool == s->pool)
            plain[n++] = of;
        else
            skb_pool_give(of);
    }
    s->frags = 0;
    plain[n++] = s;
    skb_pool_give_many(s->pool, plain, n);
}

void skb_buf_put(struct skb_buf *buf)
{
    u16 refs = load_relaxed(&buf->skb.refs);
    if (PLAT_DEBUG && (!refs || refs > SKB_REFS_MOST))
        panic("skb_buf_put: %u references", refs);
    if (refs == 1 || !atomic_sub(&buf->skb.refs, 1))
        release(buf);
}

static bool is_plain(const struct skb *s) /* its buffer's own and only user */
{
    return s == &s->buf->skb && !(skb_how(s) & (SKB_PARKED << 24 | 0xff)) && load_relaxed(&s->refs) == 1;
}

static bool is_clone(const struct skb *s)
{
    return s->pool != skb_buf_pool(s->buf);
}

void skb_free(struct skb *s)
{
    struct skb_buf *buf = s->buf;

    if (likely(is_plain(s))) {
        skb_pool_give(s);
        return;
    }
    if (s->flags & SKB_PARKED)
        skb_unpark(s);
    if (s == &buf->skb) {
        skb_buf_put(buf);
    } else if (is_clone(s)) {
        skb_pool_give(s);
        skb_buf_put(buf);
    } else { /* it left its buffer's bytes to its clones (own) */
        s->frags = (u8)buf->skb.mark;
        skb_buf_put(buf);
        skb_buf_put(container_of(s, struct skb_buf, skb));
    }
}

/* What is plain goes back together. */
void skb_free_many(struct skb **p, u32 n)
{
    struct skb_pool *pool = n ? p[0]->pool : NULL;
    u32 plain = 0;

    for (u32 i = 0; i < n; i++) {
        struct skb *s = p[i];
        if (likely(is_plain(s) && s->pool == pool))
            p[plain++] = s;
        else
            skb_free(s);
    }
    if (plain)
        skb_pool_give_many(pool, p, plain);
}

void skbq_free(struct skbq *q)
{
    skb_free_many(q->p, q->n);
    q->n = 0;
}

/* ---- again ---- */

struct skb *skb_clone(struct skb *s)
{
    struct skb_pool *clones = &container_of(skb_buf_pool(s->buf), struct skb_net, bufs)->clones;
    struct skb *c;

    if (load_relaxed(&s->buf->skb.refs) >= SKB_REFS_MOST || !skb_pool_take(clones, &c, 1, __func__))
        return NULL;
    skb_buf_get(s->buf);
    *c = *s;
    c->pool = clones;
    c->refs = 0;
    c->next = NULL;
    c->flags &= (u8)~SKB_PARKED; /* the references are the first one's */
    return c;
}

void skb_meta(struct skb *to, const struct skb *from)
{
    struct skb keep = *to;

    *to = *from;
    to->buf = keep.buf;
    to->data = keep.data;
    to->len = keep.len;
    to->linear = keep.linear;
    to->frags = keep.frags;
    to->pool = keep.pool;
    to->refs = keep.refs;
    to->next = NULL;
    to->flags &= (u8)~SKB_PARKED;
    if (unlikely(from->flags & SKB_PROBE))
        to->buf->probe = from->buf->probe;
}

/* The linear part into another buffer, at the same place: offsets stay right. */
static void linear_into(struct skb_buf *to, const struct skb *s)
{
    memcpy((u8 *)to + skb_off(s), s->data, s->linear);
}

/* Another packet with the same linear part, and nothing behind it yet. */
static struct skb *copy_linear(struct skb *s)
{
    struct skb *c = skb_alloc(skb_buf_pool(s->buf));
    if (!c)
        return NULL;
    linear_into(c->buf, s);
    c->data = (u8 *)c->buf + skb_off(s);
    c->len = c->linear = s->linear;
    skb_meta(c, s);
    return c;
}

struct skb *skb_twin(struct skb *s)
{
    struct skb *c = copy_linear(s);
    if (!c)
        return NULL;
    for (u32 i = 0; i < s->frags; i++) {
        c->buf->frag[i] = skb_frag(s)[i];
        skb_buf_get(c->buf->frag[i].buf);
    }
    c->frags = s->frags;
    c->len = s->len;
    return c;
}

struct skb *skb_copy(struct skb *s)
{
    struct skb *c = copy_linear(s);
    if (!c)
        return NULL;
    for (u32 i = 0; i < s->frags; i++) {
        const struct skb_frag *f = &skb_frag(s)[i];
        if (skb_append(c, (u8 *)f->buf + f->off, f->len)) {
            skb_free(c);
            return NULL;
        }
    }
    return c;
}

/* ---- one's own ---- */

/* A shared buffer's linear part and array of fragments, into a buffer of this packet's alone. A packet that is no clone
 * stands in the buffer that it leaves, and holds it until it goes; how many fragments belong to that one, the new
 * buffer's own struct keeps (mark). */
static bool own(struct skb *s)
{
    struct skb_pool *pool = skb_buf_pool(s->buf);
    struct skb_buf *old = s->buf, *fresh;
    bool leaves = s == &old->skb;
    struct skb *n;

    if (!skb_pool_take(pool, &n, 1, __func__))
        return false;
    fresh = container_of(n, struct skb_buf, skb);
    linear_into(fresh, s);
    for (u32 i = 0; i < s->frags; i++) {
        fresh->frag[i] = old->frag[i];
        skb_buf_get(fresh->frag[i].buf);
    }
    fresh->probe = old->probe;
    n->pool = pool;
    n->refs = 1;
    n->frags = s->frags;
    n->buf = fresh;
    n->mark = leaves ? s->frags : old->skb.mark;
    s->data = (u8 *)fresh + skb_off(s);
    s->buf = fresh;
    if (!leaves)
        skb_buf_put(old);
    return true;
}

bool skb_own(struct skb *s)
{
    return !skb_shared(s) || own(s);
}

bool skb_own_frags(struct skb *s)
{
    if (!skb_own(s))
        return false;
    for (u32 i = 0; i < s->frags; i++) {
        struct skb_frag *f = &skb_frag(s)[i];
        struct skb *n;
        if (load_relaxed(&f->buf->skb.refs) == 1)
            continue;
        if (!skb_pool_take(skb_buf_pool(f->buf), &n, 1, __func__))
            return false; /* those that are owned already are so, which harms nobody */
        skb_init(n, container_of(n, struct skb_buf, skb));
        memcpy((u8 *)n->buf + f->off, (u8 *)f->buf + f->off, f->len);
        skb_buf_put(f->buf);
        f->buf = n->buf;
    }
    return true;
}

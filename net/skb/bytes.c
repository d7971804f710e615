/* The bytes of a packet wherever they lie: in its linear part or its fragments (contract: skb.h).
 *
 * All goes through skb_walk, which calls for each piece in order; but skb_need, which brings bytes forward into the
 * linear part, and skb_trim and skb_append at the end.
 */
#include "net/skb/skb.h"

#include "lib/csum.h"
#include "lib/string.h"
#include "net/skb/pool.h"

int skb_walk(const struct skb *s, u32 off, u32 len, int (*fn)(void *arg, struct skb_buf *buf, u32 at, u32 n), void *arg)
{
    if (off > s->len || len > s->len - off)
        return -EFAULT;
    if (off < s->linear && len) {
        u32 n = min(len, s->linear - off);
        int err = fn(arg, s->buf, skb_off(s) + off, n);
        if (err)
            return err;
        off += n;
        len -= n;
    }
    off -= min(off, (u32)s->linear);
    for (const struct skb_frag *f = skb_frag(s); len; f++) {
        if (off >= f->len) {
            off -= f->len;
            continue;
        }
        u32 n = min(len, f->len - off);
        int err = fn(arg, f->buf, f->off + off, n);
        if (err)
            return err;
        off = 0;
        len -= n;
    }
    return 0;
}

static int read_piece(void *arg, struct skb_buf *buf, u32 at, u32 n)
{
    u8 **to = arg;
    memcpy(*to, (u8 *)buf + at, n);
    *to += n;
    return 0;
}

int skb_read(const struct skb *s, u32 off, void *to, u32 len)
{
    return skb_walk(s, off, len, read_piece, &to);
}

static int write_piece(void *arg, struct skb_buf *buf, u32 at, u32 n)
{
    const u8 **from = arg;
    memcpy((u8 *)buf + at, *from, n);
    *from += n;
    return 0;
}

int skb_write(struct skb *s, u32 off, const void *from, u32 len)
{
    if (off > s->len || len > s->len - off)
        return -EFAULT;
    if (!(off + len <= s->linear ? skb_own(s) : skb_own_frags(s)))
        return -ENOMEM;
    return skb_walk(s, off, len, write_piece, &from);
}

struct summing {
    u32 sum, at;
};

static int sum_piece(void *arg, struct skb_buf *buf, u32 at, u32 n)
{
    struct summing *a = arg;
    a->sum = csum_add_at(a->sum, csum_bytes((u8 *)buf + at, n), a->at);
    a->at += n;
    return 0;
}

u32 skb_csum(const struct skb *s, u32 off, u32 len)
{
    struct summing a = {0};
    if (skb_walk(s, off, len, sum_piece, &a) && PLAT_DEBUG)
        panic("skb_csum: %u bytes at %u of %u", len, off, s->len);
    return a.sum;
}

/* ---- forward into the linear part ---- */

/* Takes the first n bytes away from the fragments. */
static void frags_eat(struct skb *s, u32 n)
{
    struct skb_frag *f = skb_frag(s);
    u32 gone = 0;
    for (; gone < s->frags && n >= f[gone].len; gone++) {
        n -= f[gone].len;
        skb_buf_put(f[gone].buf);
    }
    if (n) {
        f[gone].off += n;
        f[gone].len -= n;
    }
    memmove(f, f + gone, (s->frags - gone) * sizeof(*f));
    s->frags = (u8)(s->frags - gone);
    s->buf->skb.frags = s->frags;
}

/* Makes room for n bytes behind the linear part: moves it towards the front if there is none. */
static bool room_behind(struct skb *s, u32 n)
{
    u32 at = skb_off(s), to = SKB_DATA;
    if (at + s->linear + n <= SKB_END)
        return true;
    if (to >= at || to + s->linear + n > SKB_END)
        return false;
    memmove((u8 *)s->buf + to, s->data, s->linear);
    s->data = (u8 *)s->buf + to;
    u16 by = (u16)(at - to);
    s->l2 = (u16)(s->l2 - by);
    s->l3 = (u16)(s->l3 - by);
    s->l4 = (u16)(s->l4 - by);
    s->inner_l3 = (u16)(s->inner_l3 - by);
    s->inner_l4 = (u16)(s->inner_l4 - by);
    if (s->cksum == CKSUM_PARTIAL)
        s->csum_start = (u16)(s->csum_start - by);
    return true;
}

void *skb_need_slow(struct skb *s, u32 off, u32 len)
{
    if (off > s->len || len > s->len - off)
        return NULL;
    u32 want = off + len;
    if (want <= s->linear)
        return s->data + off;
    u32 more = want - s->linear;
    if (!skb_own(s) || !room_behind(s, more))
        return NULL;
    if (skb_read(s, s->linear, s->data + s->linear, more))
        return NULL;
    frags_eat(s, more);
    s->linear = (u16)want;
    return s->data + off;
}

/* ---- the end ---- */

void skb_trim(struct skb *s, u32 len)
{
    if (len >= s->len)
        return;
    if (PLAT_DEBUG && s->frags && skb_shared(s))
        panic("skb_trim: fragments of a buffer with %u references", s->buf->skb.refs);
    s->has = 0;
    u32 left = len - min(len, (u32)s->linear), kept = 0;
    struct skb_frag *f = skb_frag(s);
    for (; kept < s->frags && left; kept++) {
        f[kept].len = min(f[kept].len, left);
        left -= f[kept].len;
    }
    for (u32 i = kept; i < s->frags; i++)
        skb_buf_put(f[i].buf);
    if (s->frags != kept)
        s->frags = s->buf->skb.frags = (u8)kept;
    s->linear = (u16)min((u32)s->linear, len);
    s->len = len;
}

bool skb_add_frag(struct skb *s, struct skb_buf *buf, u32 off, u32 len)
{
    if (PLAT_DEBUG && (skb_shared(s) || buf == s->buf))
        panic("skb_add_frag: to a buffer with %u references", s->buf->skb.refs);
    if (s->frags == SKB_FRAGS || len > SKB_LEN_MAX - s->len)
        return false;
    skb_frag(s)[s->frags] = (struct skb_frag){buf, off, len};
    s->frags = s->buf->skb.frags = (u8)(s->frags + 1);
    s->len += len;
    return true;
}

bool skb_join(struct skb *to, struct skb *s, u32 off)
{
    u32 own = s->linear - off, had = to->frags, more = s->frags;
    if (PLAT_DEBUG && (off > s->linear || skb_shared(to) || skb_shared(s) || to == s || s != &s->buf->skb))
        panic("skb_join: %u of %u bytes, %u references", off, s->linear, s->buf->skb.refs);
    if (had + more + (own != 0) > SKB_FRAGS || s->len > SKB_LEN_MAX - to->len)
        return false;
    if (own)
        skb_frag(to)[had++] = (struct skb_frag){s->buf, skb_off(s) + off, own};
    for (u32 i = 0; i < more; i++)
        skb_frag(to)[had++] = skb_frag(s)[i];
    s->frags = 0;
    to->frags = to->buf->skb.frags = (u8)had;
    to->len += s->len - off;
    if (unlikely(!own))
        skb_free(s);
    return true;
}

/* Bytes at the end of the last fragment's buffer, if that is ours and has room. */
static u32 append_there(struct skb *s, const u8 *p, u32 n)
{
    if (!s->frags) {
        n = min(n, skb_tailroom(s));
        memcpy(skb_put(s, n), p, n);
        return n;
    }
    struct skb_frag *f = &skb_frag(s)[s->frags - 1];
    if (load_relaxed(&f->buf->skb.refs) != 1 || f->off + f->len >= SKB_END)
        return 0;
    n = min(n, (u32)SKB_END - f->off - f->len);
    memcpy((u8 *)f->buf + f->off + f->len, p, n);
    f->len += n;
    s->len += n;
    return n;
}

int skb_append(struct skb *s, const void *p, u32 n)
{
    const u8 *from = p;
    if (n > SKB_LEN_MAX - s->len)
        return -E2BIG;
    if (!skb_own(s))
        return -ENOMEM;
    while (n) {
        u32 some = append_there(s, from, n);
        from += some;
        n -= some;
        if (!n)
            break;
        if (s->frags == SKB_FRAGS)
            return -E2BIG;
        struct skb *more = skb_alloc(skb_buf_pool(s->buf));
        if (!more)
            return -ENOMEM;
        skb_add_frag(s, more->buf, SKB_START, 0);
    }
    return 0;
}

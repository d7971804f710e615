/* Any bytes as a frame: parsed, hashed, its checksum looked at, cut; whole and in pieces.
 *
 * First byte: bytes of a piece; second: gso kind and state of the checksum; two of gso_size; then the frame. */
#include "lib/plat.h"
#include "lib/string.h"
#include "net/skb/cksum.h"
#include "net/skb/gso.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct skb *build(struct skb_pool *pool, const u8 *p, u32 n, u32 piece)
{
    struct skb *s = skb_alloc(pool);
    u32 linear = min(n, piece);
    memcpy(skb_put(s, linear), p, linear);
    for (u32 at = linear; at < n && s->frags < SKB_FRAGS - 1;) {
        struct skb *f = skb_alloc(pool);
        u32 some = min(n - at, piece);
        memcpy((u8 *)f->buf + SKB_DATA, p + at, some);
        skb_add_frag(s, f->buf, SKB_DATA, some);
        at += some;
    }
    return s;
}

static void look(struct skb *s)
{
    u32 len = s->len;
    enum drop_reason why = skb_parse(s);
    if (s->len != len || why >= DROP_REASONS)
        panic("the parse changed the packet");
    if (skb_has_any(s, SKB_IP) && (skb_at(s, s->l3) > len || s->l3 < skb_off(s)))
        panic("l3 outside of the packet");
    if ((s->has & SKB_L4) && (skb_at(s, s->l4) > len || s->l4 <= s->l3))
        panic("l4 outside of the packet");
    u32 hash = skb_hash(s);
    if (!hash || hash != skb_hash(s))
        panic("a hash that is none");
    if (!why)
        cksum_ok(s);
}

static void cut(struct skb *s, u8 how, u16 size)
{
    s->gso = how & 3;
    s->gso_size = size;
    s->cksum = how & 4 ? CKSUM_PARTIAL : CKSUM_NONE;
    s->csum_start = (u16)(skb_off(s) + (how >> 3));
    s->csum_offset = (u16)(size & 63);
    if (!s->gso) {
        cksum_finish(s);
        skb_free(s);
        return;
    }
    for (struct skb *next, *piece = gso_cut(s, how & 8); piece; piece = next) {
        next = piece->next;
        if (!cksum_finish(piece) || skb_parse(piece) || !cksum_ok(piece))
            panic("a piece that is no good packet");
        skb_free(piece);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static struct net *net;
    if (!net)
        net = net_new();
    if (n < 4 || n > 9000)
        return 0;
    struct skb_pool *pool = skb_pool_of(net);
    u32 piece = p[0] ? p[0] : SKB_ROOM;
    struct skb *whole = build(pool, p + 4, (u32)n - 4, SKB_ROOM), *s = build(pool, p + 4, (u32)n - 4, piece);
    look(whole);
    look(s);
    if (s->len == whole->len && (s->has != whole->has || s->hash != whole->hash))
        panic("pieces make another packet than the whole");
    skb_free(whole);
    cut(s, p[1], (u16)(p[2] << 8 | p[3]));
    if (skb_pool_used(pool))
        panic("a packet that nobody freed");
    return 0;
}

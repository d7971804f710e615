/* When two TCP segments may become one (contract: gro.h). Linux: net/ipv4/tcp_offload.c.
 *
 * All of the header is the same but for the sequence number, which goes on, the checksum, and three flags: FIN and PSH
 * end a row, and the large packet has them; CWR (RFC 3168 6.1.2) may stand in the first alone. Options are compared as
 * bytes: with timestamps a row is what was sent within one tick of the sender's clock.
 *
 * A checksum of all ones is right where 0 is, and no sender writes it: it would come out of cutting as 0.
 */
#include "net/dev/gro.h"

#include "net/wire/ip4.h"
#include "net/wire/tcp.h"

#define ENDS       (TCP_FIN | TCP_PSH)
#define ALONE      (TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH | TCP_URG)
#define MAY_DIFFER ((u64)(TCP_FIN | TCP_PSH | TCP_CWR) << 40) /* of the 8 bytes from `ack` on */

static bool is_canonical(const struct tcp_hdr *tcp, const struct skb *s)
{
    return s->cksum == CKSUM_PARTIAL || tcp->check.raw != 0xffff;
}

static bool tcp_begins(struct gro_held *h, u32 len)
{
    const struct tcp_hdr *tcp = gro_l4(h, h->s);
    u32 hlen = tcp_hlen(tcp);
    if (len <= hlen || (tcp->flags & ALONE) || !is_canonical(tcp, h->s))
        return false;
    h->hlen = (u16)(h->l4 + hlen);
    h->next = be32_get(tcp->seq) + len - hlen;
    return true;
}

static enum gro_fit tcp_follows(struct gro_held *h, const struct skb *s, u32 payload)
{
    struct tcp_hdr *first = gro_l4(h, h->s);
    const struct tcp_hdr *tcp = gro_l4(h, s);
    const u8 *a = (const u8 *)first, *b = (const u8 *)tcp;
    u64 differ = (load_le64(a + 8) ^ load_le64(b + 8)) & ~MAY_DIFFER; /* ack, length, flags, window */
    differ |= (load_le32(a) ^ load_le32(b)) | (first->urgent.raw ^ tcp->urgent.raw);
    for (u32 at = TCP_HLEN; at < (u32)h->hlen - h->l4; at += 4)
        differ |= load_le32(a + at) ^ load_le32(b + at);
    if (differ || (tcp->flags & TCP_CWR) || be32_get(tcp->seq) != h->next || !is_canonical(tcp, s))
        return GRO_NOT;
    h->next += payload;
    first->flags |= tcp->flags & ENDS;
    return tcp->flags & ENDS ? GRO_ENDS : GRO_JOINS;
}

static void tcp_complete(struct skb *s, const struct gro_held *h)
{
    const struct tcp_hdr *tcp = gro_l4(h, s);
    if (tcp->flags & TCP_CWR)
        s->flags |= SKB_GSO_ECN;
}

static const struct gro_ops gro_tcp = {.proto = IP_TCP,
                                       .check = offsetof(struct tcp_hdr, check),
                                       .feature = DEV_F_GRO,
                                       .gso4 = GSO_TCP4,
                                       .gso6 = GSO_TCP6,
                                       .begins = tcp_begins,
                                       .follows = tcp_follows,
                                       .complete = tcp_complete};
GRO(tcp, gro_tcp);

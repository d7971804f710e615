/* When UDP datagrams may travel as one packet (contract: gro.h). Linux: net/ipv4/udp_offload.c, rx-udp-gro-forwarding.
 *
 * Datagrams of one size, the last may be shorter, with a checksum each: cutting makes one for each. Nothing in UDP says
 * that they belong together, so it is done where it is asked for alone.
 */
#include "net/dev/gro.h"

#include "net/wire/ip4.h"
#include "net/wire/udp.h"

#define SEGS_MOST 64u /* Linux: UDP_GRO_CNT_MAX */

static bool fits(const struct udp_hdr *udp, u32 payload)
{
    return udp->check.raw && be16_get(udp->len) == UDP_HLEN + payload;
}

static bool udp_begins(struct gro_held *h, u32 len)
{
    h->hlen = (u16)(h->l4 + UDP_HLEN);
    return len > UDP_HLEN && fits(gro_l4(h, h->s), len - UDP_HLEN);
}

static enum gro_fit udp_follows(struct gro_held *h, const struct skb *s, u32 payload)
{
    const struct udp_hdr *first = gro_l4(h, h->s), *udp = gro_l4(h, s);
    if (load_le32(first) != load_le32(udp) || !fits(udp, payload) || h->segs >= SEGS_MOST)
        return GRO_NOT;
    return h->segs + 1u == SEGS_MOST ? GRO_ENDS : GRO_JOINS;
}

static void udp_complete(struct skb *s, const struct gro_held *h)
{
    struct udp_hdr *udp = gro_l4(h, s);
    udp->len = be16_of((u16)(s->len - h->l4));
}

static const struct gro_ops gro_udp = {.proto = IP_UDP,
                                       .check = offsetof(struct udp_hdr, check),
                                       .feature = DEV_F_UDP_GRO,
                                       .gso4 = GSO_UDP,
                                       .gso6 = GSO_UDP,
                                       .begins = udp_begins,
                                       .follows = udp_follows,
                                       .complete = udp_complete};
GRO(udp, gro_udp);

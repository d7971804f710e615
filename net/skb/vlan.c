/* The tag of a VLAN, in and out of the bytes (contract: vlan.h). */
#include "net/skb/vlan.h"

#include "net/wire/eth.h"

#define MACS_LEN 12u

bool vlan_take(struct skb *s)
{
    if (!skb_need(s, 0, ETH_HLEN + VLAN_HLEN) || !skb_own(s))
        return false;
    u8 *p = s->data;
    s->vlan_type = load_be16(p + MACS_LEN);
    s->vlan_tci = load_be16(p + ETH_HLEN);
    for (u32 i = MACS_LEN; i--;)
        p[i + VLAN_HLEN] = p[i];
    skb_pull(s, VLAN_HLEN);
    s->flags |= SKB_VLAN;
    s->l2 = (u16)skb_off(s);
    s->has = 0;
    return true;
}

bool vlan_put(struct skb *s)
{
    if (skb_headroom(s) < VLAN_HLEN || !skb_need(s, 0, ETH_HLEN) || !skb_own(s))
        return false;
    u8 *p = skb_push(s, VLAN_HLEN);
    for (u32 i = 0; i < MACS_LEN; i++)
        p[i] = p[i + VLAN_HLEN];
    store_be16(p + MACS_LEN, s->vlan_type ? s->vlan_type : ETH_VLAN);
    store_be16(p + ETH_HLEN, s->vlan_tci);
    s->flags &= (u8)~SKB_VLAN;
    s->l2 = (u16)(s->l2 - VLAN_HLEN);
    s->has = 0;
    return true;
}

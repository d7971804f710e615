/* Frames of floods, and of the stations that live beside them, for flood_test.c. Each is built into flood_frame; what
 * is given back is its length. Random parts are test_rand()'s. */
#ifndef UNIT_NET_IP_FLOOD_FRAMES_H
#define UNIT_NET_IP_FLOOD_FRAMES_H

#include "lib/ipaddr.h"
#include "net/wire/arp.h"
#include "net/wire/eth.h"
#include "net/wire/icmp.h"
#include "net/wire/ip4.h"
#include "net/wire/ip6.h"
#include "net/wire/ndp.h"

extern u8 flood_frame[1514];
extern struct ipaddr flood_station[2][2], flood_router[2][2], flood_attacker[2]; /* by side (eth0, eth1), family */

void flood_start(void); /* the addresses above */

u32 flood_ping(bool v6, bool request, u8 mac, const struct ipaddr *src, const struct ipaddr *dst, u16 id, u8 hops);
u32 flood_arp(u16 op, u8 mac, const struct ipaddr *spa, const struct ipaddr *tpa);
u32 flood_na(u8 mac, const struct ipaddr *target, const struct ipaddr *to); /* solicited, overrides */

/* The i-th frame of a flood. */
u32 flood_scan4(u32 i); /* to anybody in 11.0.0.0/8 */
u32 flood_scan6(u32 i);
u32 flood_unknown4(u32 i); /* to 200 who are not there, by turns */
u32 flood_unknown6(u32 i);
u32 flood_frag4(u32 i); /* the first fragment, and never another */
u32 flood_frag6(u32 i);
u32 flood_echo4(u32 i);
u32 flood_echo6(u32 i);
u32 flood_ttl4(u32 i); /* hops 1, for the server */
u32 flood_ttl6(u32 i);
u32 flood_arp_asks(u32 i);   /* asks for the router, each time from another */
u32 flood_arp_claims(u32 i); /* says that somebody is here, each time another */
u32 flood_nd_asks(u32 i);
u32 flood_nd_claims(u32 i);
u32 flood_ra(u32 i); /* each from another router, with a prefix of its own */

#endif

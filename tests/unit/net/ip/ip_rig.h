/* A router for tests: lo, and two devices with addresses of both families, everything by virtual time.
 *
 *     10.1.0.0/24, 2001:db8::/64  eth0 [.1] router [.1] eth1  10.2.0.0/24, 2001:db8:1::/64
 *
 * Forwarding is on. Stations .2 on either side are known; others are asked for.
 */
#ifndef UNIT_NET_IP_IP_RIG_H
#define UNIT_NET_IP_IP_RIG_H

#include "net/ip/fib.h"
#include "net/ip/ifaddr.h"
#include "net/ip/neigh.h"
#include "tests/unit/net/dev/fake_dev.h"
#include "tests/unit/net/skb/packet.h"

struct ip_rig {
    struct net *net;
    struct fake_dev *a, *b; /* eth0, eth1 */
    u8 frame[70000];        /* what ip_rig_send built, or ip_rig_out copied */
};
extern struct ip_rig rig;

void ip_rig_start(void);
void ip_rig_end(void);

void ip_rig_addr(struct netdev *dev, const char *prefix, bool add);
void ip_rig_neigh(struct netdev *dev, const char *addr, u8 last_of_mac);
void ip_rig_sysctl(const char *name, const char *value);
/* A route of a table, by "10.9.0.0/16", of a type, via (NULL: none) by dev (NULL: none). */
int ip_rig_route(u32 table, const char *prefix, enum route_type type, const char *via, struct netdev *dev);

u32 ip_rig_build(const struct packet *p); /* into rig.frame, from station .2 to the router; its length */
void ip_rig_send(struct fake_dev *f, const struct packet *p); /* builds it into rig.frame; it arrives */
/* The i-th frame that left by f: copied into rig.frame; its length, 0: there is none. */
u32 ip_rig_out(struct fake_dev *f, u32 i);
/* Packets by their bytes, in hexadecimal, a blank between one and the next, from station .2 to the router: what left in
 * answer: "b proto 17", "a 3/1" for ICMP's type and code, with the pointer of a parameter problem "a 12/0@20"; of IPv4
 * ECN and options behind it; "": nothing. */
const char *ip_rig_fate(const char *hex);
struct ip_rig_case {
    const char *what, *hex, *fate;
};
void ip_rig_check(const struct ip_rig_case *c, u32 n); /* a router anew for each */
void ip_rig_clear(void);                               /* what was sent is forgotten */
u64 ip_rig_drops(const struct fake_dev *f, enum drop_reason why);

#endif

/* A stack with eth0 on a link whose other stations are the test: it sends what they would, and looks at what the stack
 * sent. 02:00:00:00:00:01 is eth0; station n is 02:00:00:00:00:n, 10.0.0.n, fe80::n. */
#ifndef UNIT_NET_IP_LAN_H
#define UNIT_NET_IP_LAN_H

#include "lib/ipaddr.h"
#include "net/ip/ifaddr.h"
#include "net/ip/neigh.h"
#include "tests/unit/net/dev/fake_dev.h"

struct lan {
    struct net *net;
    struct fake_dev *fake;
    struct netdev *dev;
    u8 frame[2048]; /* the last that lan_next gave */
    u32 n;
};

void lan_start(struct lan *l);
void lan_end(struct lan *l);
void lan_wait(u64 ms);
void lan_hold(struct lan *l); /* the task that tends addresses waits, while packets come in */
void lan_let(struct lan *l);
struct ipaddr lan_addr(const char *text);
struct macaddr lan_mac(u8 n);
void lan_have(struct lan *l, const char *prefix); /* eth0 has this address, too */
void lan_set(struct lan *l, const char *sysctl, const char *value);

bool lan_any(struct lan *l);                            /* the next frame sent */
bool lan_next(struct lan *l, u16 ethertype, int icmp6); /* the next frame sent, of that kind (icmp6 -1: any) */
u32 lan_count(struct lan *l, u16 ethertype, int icmp6); /* takes all */
void lan_forget(struct lan *l);

/* A packet of the stack's own, to be resolved. */
void lan_send_from(struct lan *l, const struct ipaddr *src, const struct ipaddr *dst, u32 payload);
static inline void lan_send(struct lan *l, const struct ipaddr *dst, u32 payload)
{
    struct ipaddr any = ipaddr_is4(dst) ? ipaddr_of4(0, 0, 0, 0) : (struct ipaddr){{0}};
    lan_send_from(l, &any, dst, payload);
}

void lan_arp(struct lan *l, u16 op, const struct macaddr *sha, const char *spa, const char *tpa, bool to_all);
/* An ICMPv6 message of n bytes, whose checksum is filled in. */
void lan_icmp6(struct lan *l, const struct macaddr *from, const char *src, const char *dst, void *msg, u32 n, u8 hops);
/* The same as an IPv4 packet of IGMP: from station 2, to dst. */
void lan_igmp(struct lan *l, const char *dst, void *msg, u32 n);
/* NS (135) and NA (136) with their option, of 1 source or 2 target; mac NULL: none */
void lan_ndp(struct lan *l, u8 type, const struct macaddr *from, const char *src, const char *dst, const char *target,
             u32 flags, const struct macaddr *mac);

static inline u8 lan_state(struct lan *l, const char *text) /* 0: there is none */
{
    struct ipaddr a = lan_addr(text);
    const struct neigh *n = neigh_find(l->dev, &a);
    return n ? n->state : 0;
}

#endif

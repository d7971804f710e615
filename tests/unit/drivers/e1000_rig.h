/* A net with one e1000 over the fake chip, what it handed up, and what it put on the wire. */
#ifndef UNIT_DRIVERS_E1000_RIG_H
#define UNIT_DRIVERS_E1000_RIG_H

#include "host/e1000_dev.h"
#include "host/host.h"
#include "lib/check.h"
#include "lib/net.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/skb/pool.h"

#define RIG_MOST 2048u

extern struct host_e1000 rig_chip;
extern struct net *rig_net;
extern struct netdev *rig_dev;
extern struct skb *rig_got[RIG_MOST]; /* handed up, in order */
extern u32 rig_got_n;
extern u8 rig_wire[64][16384]; /* the first frames sent */
extern u32 rig_wire_len[64], rig_wire_n;
extern const struct macaddr rig_mac;

void rig_bind(void);  /* there, and down */
void rig_start(void); /* and up, no longer deaf */
void rig_end(void);   /* gone again, nothing left behind */
void rig_take(void);  /* handler: what comes in is kept in rig_got */
void rig_free_got(void);
u32 rig_frame(u8 *to, u32 n, u32 mark); /* a frame to our address whose bytes follow from mark; n */
void rig_no_limit(void);                /* the limit of bytes in the ring out of the way */
void rig_send(struct skb *s);
struct skb *rig_packet(u32 n, u32 mark);

#endif

/* A device whose packets GRO sees, and a handler of the test's that takes what it makes of them. */
#ifndef UNIT_NET_DEV_GRO_RIG_H
#define UNIT_NET_DEV_GRO_RIG_H

#include "net/dev/gro.h"
#include "net/skb/pool.h"
#include "tests/unit/net/dev/fake_dev.h"

struct gro_rig {
    struct net *net;
    struct skb_pool *pool;
    struct fake_dev *f;
    u64 now; /* ns: the test's to move */
};
extern struct gro_rig gro_rig;

void gro_rig_start(rx_handler *to);
void gro_rig_end(void);
void gro_rig_receive(struct skbq *q); /* consumes q, which is empty afterwards */
void gro_rig_flush(void);

#endif

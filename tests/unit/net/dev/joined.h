/* Two devices for tests (fake_dev.h), joined as by a cable: what arrives at one leaves by the other. */
#ifndef UNIT_NET_DEV_JOINED_H
#define UNIT_NET_DEV_JOINED_H

#include "tests/unit/net/dev/fake_dev.h"

struct joined {
    struct net *net;
    struct fake_dev *a, *b; /* eth0, eth1 */
};

void joined_start(struct joined *j); /* up, and polled once */
void joined_end(struct joined *j);   /* gone; no packet is left over */

#endif

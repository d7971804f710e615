/* A device for tests: what "arrives" is put into its ring by the test, what is sent lies in `sent` until the test takes
 * it. It interrupts as hardware does: once, and not again until it is let. */
#ifndef UNIT_NET_DEV_FAKE_DEV_H
#define UNIT_NET_DEV_FAKE_DEV_H

#include "net/dev/napi.h"
#include "tests/unit/with_conf.h"

#define FAKE_RING   4096u
#define FAKE_QUEUES 2u

struct fake_dev {
    struct netdev *dev;
    struct napi napi;
    bool masked;
    u32 interrupts;
    struct rxbuf ring[FAKE_RING]; /* arrived, not yet polled */
    u32 head, tail;
    u32 tx_ring; /* how many frames the ring holds at most */
    struct skb *sent[FAKE_RING];
    u32 sent_n, in_ring, reaped; /* in the ring: not completed yet; sent[0 .. reaped) are */
    u32 polls, kicks, timeouts, queues_set;
    void (*on_poll)(struct fake_dev *f); /* may be NULL: something happens in the middle of a poll */
    void (*on_unmask)(struct fake_dev *f);
};

struct fake_dev *fake_dev_new(struct net *net, const char *name);
void fake_dev_end(struct fake_dev *f);                                             /* down, gone */
void fake_dev_arrive(struct fake_dev *f, const void *frame, u32 n, u32 pieces_of); /* 0: in one piece */
void fake_dev_complete(struct fake_dev *f, u32 n);                                 /* n frames are on the wire */

#endif

/* Taps: who looks on as packets come in and go out (Linux: packet sockets).
 *
 *     struct tap *t = tap_open(net, &how);                       task, conf_lock
 *     while (tap_next(t, &p, until) > 0) { ... p.bytes ...; }    a packet is there until the next is asked for
 *     tap_close(t);                                              task, conf_lock
 *
 *     in:   driver -> GRO -> dev_rx [tap] -> the device's handler, the protocols
 *     out:  qdisc -> cut and checksummed for the device -> [tap] -> the driver's ring
 *
 * While nobody looks on, the packet path pays one load of dev->taps a burst. A tap's program is run on each packet,
 * with the VLAN tag that a device took out back in its place; what matches is copied, up to the snap length, into a
 * ring of the CPU where it happens, made when the tap was opened. A reader that is too slow finds that some are
 * missing, and how many; the path never waits for it.
 *
 * The packet path walks the list of taps as an RCU reader; it changes under conf_lock.
 */
#ifndef NET_DEV_TAP_H
#define NET_DEV_TAP_H

#include "net/bpf/cbpf.h"
#include "net/dev/netdev.h"

struct tap;

struct tap_how {
    struct netdev *dev;           /* NULL: all, and those to come */
    const struct cbpf_insn *insn; /* checked; stays until tap_close */
    u32 snaplen;                  /* bytes of a packet kept at most */
    u32 ring;                     /* bytes of all rings together */
    bool in, out;
};

struct tap_packet {
    const u8 *bytes;
    u32 kept, len; /* bytes there, and of the packet */
    u64 stamp;     /* clock_ns */
    u32 ifindex;
    u16 pkttype; /* CBPF_HOST ... CBPF_OUTGOING */
};

struct tap *tap_open(struct net *net, const struct tap_how *how); /* NULL: no memory */
void tap_close(struct tap *t);
int tap_next(struct tap *t, struct tap_packet *p, u64 until_ns); /* task: 1; 0 at until_ns; -EINTR */
void tap_counts(const struct tap *t, u64 *matched, u64 *dropped);

/* The packet path, where dev->taps says so: those of q from `from` on. Softirq. */
void tap_show_in(struct netdev *dev, const struct skbq *q);
void tap_show_out(struct netdev *dev, const struct skbq *q, u32 from, u64 now);

#endif

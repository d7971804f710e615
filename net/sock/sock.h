/* Endpoints: what this machine itself speaks through. The calls of BSD's sockets are made of these.
 *
 *     struct sock_how how = {.kind = SOCK_UDP, .port = 68, .index = 2};
 *     int err = sock_open(net, &how, &k);
 *     struct sock_to to = {.addr = server, .port = 67};
 *     err = sock_send(k, &to, p, n);                             task or softirq
 *     n = sock_recv(k, buf, sizeof(buf), &from, until_ns);       task; or how.rx is called, in softirq
 *     sock_close(k);                                             task: nobody calls how.rx when it returns
 *
 *     ip_local -> udp_rx ---> sock_find: the endpoint that fits best -> sock_deliver -> its queue, a task is woken
 *                 ping, raw                                                         \-> how.rx
 *     sock_send -> proto->tx: udp_tx, ping, raw -> ip_tx
 *
 * A queue is a ring of bytes, made when the endpoint is opened: what does not fit is dropped by name and counted. What
 * ICMP says of what was sent comes by the same queue, in its order, where how.errors asks for it; otherwise an endpoint
 * that is connected hears of hard errors alone, once, from its next call.
 *
 * Endpoints are found by kind and number (a port, a ping's id, a protocol), readers without a lock. Addresses of one
 * that takes both families are those of either. Protocols enter themselves by SOCK_PROTO: this file stands below them.
 */
#ifndef NET_SOCK_SOCK_H
#define NET_SOCK_SOCK_H

#include "lib/htab.h"
#include "lib/wait.h"
#include "net/ip/ip.h"
#include "net/skb/skb.h"

enum sock_kind {
    SOCK_UDP,
    SOCK_PING, /* echo requests out, their answers in: bytes from the ICMP header on; port: the id */
    SOCK_RAW,  /* all of one protocol, behind the IP headers; port: the protocol */
    SOCK_KINDS
};

struct sock;

struct sock_error { /* err 0: there is none */
    int err;        /* -errno */
    u8 type, code;  /* ICMP's */
    u32 info;       /* the MTU */
    struct ipaddr by;
};

struct sock_from {          /* of what came */
    struct ipaddr addr, to; /* who sent it, and to whom; of an error: to whom we did */
    u16 port;               /* likewise */
    u8 hops, tos;
    u32 index; /* of the device */
    u64 stamp; /* ns of clock_ns */
    u32 len;   /* bytes of it, whatever was asked for */
    struct sock_error error;
};

struct sock_to {
    struct ipaddr addr; /* any: as it is connected */
    u16 port;
    struct ipaddr src; /* any: as it is bound, or chosen */
    u32 index;         /* device; 0: as it is bound, or chosen */
    u32 mark;
    u8 hops, tos; /* hops 0: the machine's, or 1 to a group */
    u8 whole;     /* enum ip_whole */
    bool unnamed; /* from 0.0.0.0 or ::, that is meant */
};

struct sock_how {
    enum sock_kind kind;
    u8 families;                 /* a bit each, 1 << IP_V4; 0: both */
    struct ipaddr local, remote; /* any: all */
    u16 port, rport;             /* port 0: one is chosen; rport 0: any */
    u32 index;                   /* of the device; 0: whichever */
    bool reuse;                  /* others with this too may have the same port */
    bool errors;                 /* ICMP's come by the queue */
    u32 room;                    /* bytes of the queue; 0: SOCK_ROOM */
    /* Instead of a queue: data of s begins at what was sent; s is consumed. NULL: an error. Softirq. */
    void (*rx)(struct sock *k, const struct sock_from *from, struct skb *s);
    void *arg;
};

#define SOCK_ROOM     (64 * KIB)
#define SOCK_ROOM_MAX (8 * MIB)
#define SOCK_GROUPS   16u

struct sock_group {
    struct ipaddr group;
    u32 index;
};

struct sock_port;
struct sock {
    struct sock *next; /* of its port; readers */
    struct rcu_head rcu;
    struct net *net;
    const struct sock_proto *proto;
    struct sock_port *on;
    struct sock_how how; /* port filled in */
    struct sock_group group[SOCK_GROUPS];
    u32 groups;
    int error; /* atomic: a hard one that was not told yet */

    struct spinlock lock; /* all below, but the waiters */
    u8 *ring;
    u32 size; /* a power of two */
    u64 head, tail;
    u64 dropped;
    u32 came_index; /* the device, and */
    u16 came_queue; /* skb->queue, of what came last */
    struct waitq readers;
};

/* -EADDRINUSE, -EADDRNOTAVAIL: no such address here, or no port is free; -EOPNOTSUPP: no such protocol, -ENOMEM. */
int sock_open(struct net *net, const struct sock_how *how, struct sock **made);
void sock_close(struct sock *k);
int sock_send(struct sock *k, const struct sock_to *to, const void *p, size_t n); /* 0 or -errno */
/* From which address it would go, and what fits into one packet of the device that it would leave by; -ENETUNREACH ...:
 * where the call of sock_send would say so. */
int sock_source(struct sock *k, const struct sock_to *to, struct ipaddr *src, u32 *mtu);
/* Bytes, of one datagram; -ETIMEDOUT at until_ns (0: does not wait), -EINTR, or an error of its. */
ssize sock_recv(struct sock *k, void *p, size_t size, struct sock_from *from, u64 until_ns);
int sock_join(struct sock *k, u32 index, const struct ipaddr *group); /* task; left when it is closed */
int sock_leave(struct sock *k, u32 index, const struct ipaddr *group);

/* ---- for protocols ---- */
struct sock_proto {
    enum sock_kind kind;
    /* Sends s, which is consumed: data at what the user gave, headroom in front. how has addresses and the rest. */
    int (*tx)(struct sock *k, struct skb *s, struct ip_send *how, u16 port);
};
#define SOCK_PROTO(id, kind_, tx_)                                 \
    static const struct sock_proto sock_proto_##id = {kind_, tx_}; \
    SET_ADD(sock_proto, sock_proto_##id)

struct sock_ask { /* who is there for this packet? */
    enum sock_kind kind;
    enum ip_index family;
    struct ipaddr local, remote;
    u16 port, rport;
    u32 index;
};
/* Readers. The one that fits best; NULL: none. */
struct sock *sock_find(struct net *net, const struct sock_ask *ask);
/* All that fit; calls fn for each, and says whether there was one. */
bool sock_each(struct net *net, const struct sock_ask *ask, void (*fn)(struct sock *k, void *arg), void *arg);
u32 sock_count(struct net *net, enum sock_kind kind); /* that are open */

void sock_from_skb(struct sock_from *from, struct netdev *in, const struct skb *s, const struct ip_family *f);
/* n bytes of s, `at` behind data, are for k; s is consumed. False: there was no room, it was dropped. Softirq. */
bool sock_deliver(struct sock *k, struct skb *s, const struct sock_from *from, u32 at, u32 n);
/* ICMP says something of what k sent from `e->src` to e->dst:port; `p` is what it was. Softirq. */
void sock_tell(struct sock *k, const struct ip_error *e, u16 port, const void *p, u32 n);

#endif

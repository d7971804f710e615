/* DHCP client (RFC 2131): a task for each interface that wants an address.
 *
 *     struct dhcpc *d = dhcpc_start(net, "eth0", &how, &err);      the one that runs already, or a new one; counted
 *     ... its events are told in dhcpc_feed(net) ...
 *     dhcpc_put(d);                                               it goes on
 *     dhcpc_stop(d, true);                                        gives the address back; returns when it has ended
 *
 *     INIT --DISCOVER--> SELECTING --OFFER, REQUEST--> REQUESTING --ACK--> (is it taken? DECLINE) --> BOUND
 *       ^                                                  NAK |                                        | T1
 *       +------------------------------------------------------+   BOUND <--ACK-- RENEWING (its server) <+
 *       +--expired, NAK-- REBINDING (anybody) <--T2--------------------------------+
 *
 * It configures by the commands that a person would type (apps/dhcpc/dhcpc_apply.h).
 */
#ifndef APPS_DHCPC_DHCPC_H
#define APPS_DHCPC_DHCPC_H

#include "apps/dhcpc/msg.h"
#include "lib/list.h"
#include "lib/notify.h"
#include "lib/wait.h"
#include "net/sock/link.h"

struct sock;

enum dhcpc_state {
    DHCPC_INIT,
    DHCPC_SELECTING,
    DHCPC_REQUESTING,
    DHCPC_BOUND,
    DHCPC_RENEWING,
    DHCPC_REBINDING,
    DHCPC_ENDED
};

struct dhcpc_how {
    u32 tries;    /* discovers, then a pause; 0: without end */
    u64 every;    /* ns between them; 0: 4, 8 ... 64 s, each a second more or less (RFC 2131 4.1) */
    bool give_up; /* ends after so many tries in vain */
    bool once;    /* ends when it has an address, which stays for as long as its lease */
};

enum dhcpc_event {
    DHCPC_EVENT_DISCOVER,
    DHCPC_EVENT_OFFER,
    DHCPC_EVENT_REQUEST,
    DHCPC_EVENT_RENEW, /* a request to its server alone */
    DHCPC_EVENT_ACK,
    DHCPC_EVENT_NAK,
    DHCPC_EVENT_DECLINE,
    DHCPC_EVENT_BOUND,
    DHCPC_EVENT_EXPIRED,
    DHCPC_EVENT_RELEASE,
    DHCPC_EVENT_FAILED, /* so many tries were in vain */
    DHCPC_EVENT_ENDED,
};

struct dhcpc_notice { /* the data of an event, whose type is enum dhcpc_event */
    u32 index;        /* of the interface */
    struct ipaddr addr, server;
    struct macaddr mac; /* DECLINE: who has it */
    u32 seconds;        /* DISCOVER, REQUEST: until the next; ACK: of the lease; BOUND: until it is renewed */
};

struct dhcpc {
    struct list node; /* under dhcpc_net's lock, as refs */
    u32 refs;
    struct net *net;
    struct link link;
    struct dhcpc_how how;
    struct task *task;
    bool stop, release; /* atomic: what its task is asked for */
    bool ended;
    struct waitq end;

    /* ---- its task's; others read, as it may change, under dhcpc_net's lock ---- */
    enum dhcpc_state state;
    struct dhcp_lease lease;       /* from BOUND on */
    u64 got, renew, rebind, until; /* ns: when the lease was given, and its times; until ~0: for ever */
    u64 begun;                     /* ns: this search for an address */
    u32 xid;
    struct sock *k;
    u8 out[DHCP_LONGEST], in[DHCP_LONGEST];
};

/* -ENODEV, -EINVAL: not Ethernet; -ENOMEM; NULL then. *fresh (may be NULL): it did not run yet. Task. */
struct dhcpc *dhcpc_start(struct net *net, const char *dev, const struct dhcpc_how *how, int *err, bool *fresh);
struct dhcpc *dhcpc_find(struct net *net, const char *dev); /* counted; NULL: none runs */
void dhcpc_put(struct dhcpc *d);
void dhcpc_stop(struct dhcpc *d, bool release); /* the caller's reference goes */
/* Of each that has an address, a copy. Task. */
void dhcpc_each_lease(struct net *net, void (*fn)(void *arg, const struct dhcpc *d), void *arg);
struct notify_feed *dhcpc_feed(struct net *net); /* NULL: no memory */

#endif

/* Who has an address on a link: asked by ARP from a task, answers heard by a tap, so that the table of neighbours stays
 * as it is.
 *
 *     struct arp_ask *a = arp_ask_open(net, index, &whom);
 *     arp_ask_send(a, &how);  while (arp_ask_next(a, &heard, until) > 0) ...
 *     arp_ask_close(a);
 *
 *     switch (arp_probe(net, index, &whom, &mac)) ...        has somebody this address? (RFC 5227 2.1)
 */
#ifndef NET_SOCK_ARP_ASK_H
#define NET_SOCK_ARP_ASK_H

#include "net/dev/tap.h"
#include "net/sock/sock.h"

struct arp_ask;

struct arp_ask_how {
    struct ipaddr src;        /* any: a probe, which tells nobody anything */
    const struct macaddr *to; /* NULL: everybody */
    bool reply;               /* an answer that nobody asked for */
};

struct arp_heard {
    struct macaddr mac;
    bool reply, to_all;
    u64 stamp; /* ns */
};

struct arp_ask *arp_ask_open(struct net *net, u32 index, const struct ipaddr *whom); /* NULL: no device, no memory */
int arp_ask_send(struct arp_ask *a, const struct arp_ask_how *how);                  /* -ENODEV, -ENOBUFS */
/* What another station says in whom's name, or, where it is a probe, asks for: 1; 0 at until_ns; -EINTR. */
int arp_ask_next(struct arp_ask *a, struct arp_heard *h, u64 until_ns);
void arp_ask_close(struct arp_ask *a);

int arp_probe(struct net *net, u32 index, const struct ipaddr *whom,
              struct macaddr *who); /* 1: *who has it; 0; -errno */

#endif

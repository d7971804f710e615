/* The only way to lose a packet: skb_drop(skb, reason). Counted by reason, interface and CPU; the last ones' headers
 * are kept for `drops -l`.
 *
 * struct skb_port is what net/skb knows of a device: each struct netdev begins with one. It is what skb->dev points at.
 */
#ifndef NET_SKB_DROP_H
#define NET_SKB_DROP_H

#include "lib/net.h"
#include "net/skb/skb.h"

#define PORT_NAME 16

struct drop_counts {
    u64 reason[DROP_REASONS];
} CACHE_ALIGNED;

struct skb_port {
    struct net *net;
    u32 index; /* ifindex */
    char name[PORT_NAME];
    struct drop_counts *drops[CPU_MAX];
};

int skb_port_start(struct skb_port *port, struct net *net); /* -ENOMEM; index and name are the device's to set */
void skb_port_end(struct skb_port *port);                   /* counts go to those of "no interface" */

void skb_drop(struct skb *s, enum drop_reason why);
void skbq_drop(struct skbq *q, enum drop_reason why); /* all; q is empty afterwards */
/* What never became an skb (a ring without buffers, a frame that XDP took); port NULL: of no interface. */
void drop_count(struct net *net, const struct skb_port *port, enum drop_reason why, u32 n);

const char *drop_name(enum drop_reason why);    /* "QDISC_FULL" */
const char *drop_meaning(enum drop_reason why); /* "the queue of the device's qdisc was full" */

u64 drop_read(struct net *net, const struct skb_port *port, enum drop_reason why,
              unsigned cpu); /* port NULL: of none */

/* ---- the last ones ---- */
#define DROP_KEPT   64u /* of each CPU */
#define DROP_HEADER 96u /* bytes of each */

struct drop_record {
    u64 at; /* ns */
    char port[PORT_NAME];
    u16 why;
    u16 kept; /* bytes */
    u32 len;
    u8 bytes[DROP_HEADER];
};
/* The n-th last of a CPU, 0 the last; false: there is none. A copy; may be torn if drops come faster than one reads,
 * and then false too. */
bool drop_last(struct net *net, unsigned cpu, u32 n, struct drop_record *r);

#endif

/* Probes (contract 10): a packet that asks what would become of it, and the notes that stages make on its way.
 *
 *     struct skb_probe *p = mem_zalloc(sizeof(*p));
 *     probe_begin(skb, p);                            from here on it is a probe: SKB_PROBE, clones and pieces too
 *     dev_rx(dev, burst of it alone);                 the real stages; it has gone when they return
 *     ... p->note[0 .. p->notes), p->end[0 .. p->ends) ...
 *
 *     a stage:    if (unlikely(s->flags & SKB_PROBE))       skbq_probe(q) of a whole burst
 *                     probe_note(s, "route", "10.2.0.0/16 via %pI dev %s", &gw, dev->port.name);
 *
 * What a stage owes a probe: it decides as it would for a packet, notes what and why, and changes nothing: no state,
 * counter, limit or neighbour; it keeps it nowhere (no queue, no backlog, no reassembly) but hands it on at once or
 * ends it. A probe travels alone: in the burst of one there is nothing else. It ends by skb_drop, which counts nothing
 * and keeps no header then, by probe_sent where a packet would be given to a device, or by probe_delivered where
 * somebody on this machine would have it. A stage that makes several of one (a bridge that floods, a packet that is
 * cut) ends each of them.
 *
 * Notes are bounded: what does not fit is counted as lost.
 */
#ifndef NET_SKB_PROBE_H
#define NET_SKB_PROBE_H

#include "net/skb/skb.h"

#define PROBE_NOTES  48u
#define PROBE_ENDS   8u
#define PROBE_STAGE  16u
#define PROBE_TEXT   112u
#define PROBE_PORT   16u
#define PROBE_ROUNDS 8u /* how often it may come in again (loopback, a tunnel's end) */

struct probe_note {
    char stage[PROBE_STAGE], text[PROBE_TEXT];
};

enum probe_fate { PROBE_DROPPED, PROBE_SENT, PROBE_DELIVERED };

struct probe_end { /* what ends alike, one behind the other, is one */
    enum probe_fate fate;
    enum drop_reason why;  /* PROBE_DROPPED */
    char port[PROBE_PORT]; /* by which, or where */
    u32 packets, bytes;
};

struct skb_probe {
    u32 notes, ends, lost, rounds;
    struct probe_note note[PROBE_NOTES];
    struct probe_end end[PROBE_ENDS];
};

void probe_begin(struct skb *s, struct skb_probe *p); /* an skb of its own buffer; p, which is zeroed, outlives it */

/* Of a probe; of any other packet nothing comes of it. */
void probe_note(const struct skb *s, const char *stage, const char *fmt, ...) PRINTF(3, 4);
bool probe_again(const struct skb *s); /* false: it came in again too often; the caller drops it with DROP_LOOP */

void probe_sent(struct skb *s, const char *port);      /* by that device; consumes s */
void probe_delivered(struct skb *s, const char *port); /* to somebody here, in by that device; consumes s */
void probe_dropped(const struct skb *s, enum drop_reason why, const char *port); /* skb_drop's alone */

/* The probe that a burst consists of; NULL: it is a burst of packets. */
static inline struct skb *skbq_probe(const struct skbq *q)
{
    return unlikely(q->n == 1 && (q->p[0]->flags & SKB_PROBE)) ? q->p[0] : NULL;
}

#endif

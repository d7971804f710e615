/* Work for a softirq: objects entered in a CPU's list, whose functions are called there, soon, once each.
 *
 *     static void poll_all(struct work *w) { struct softnet *s = container_of(w, struct softnet, work); ... }
 *     work_init(&s->work, poll_all);
 *     work_raise(SOFTIRQ_NET_RX, &s->work);         any context: on this CPU; entered already: nothing happens
 *
 * fn runs in softirq context, with the object out of the list: it may raise itself again, for the next round. What an
 * object's state means is its owner's; raising is all that an interrupt handler need do. The softirqs with lists are
 * NET_RX and NET_TX; work_start takes them.
 */
#ifndef LIB_WORK_H
#define LIB_WORK_H

#include "lib/plat.h"

struct work {
    struct work *next;
    void (*fn)(struct work *w);
    u32 entered; /* atomic */
};

void work_start(void); /* at bring-up of whatever uses it; any number of times */
void work_init(struct work *w, void (*fn)(struct work *w));
void work_raise(enum softirq nr, struct work *w);
void work_raise_on(unsigned cpu, enum softirq nr, struct work *w);
/* Takes it out wherever it is entered. fn may be running, still, on another CPU. */
void work_cancel(struct work *w);

#endif

/* Work for a softirq: objects entered in a CPU's list, whose functions are called there, soon, once each.
 *
 *     static void look(struct work *w) { struct txq *t = container_of(w, struct txq, work); ... }
 *     work_init(&t->work, look);
 *     work_raise(SOFTIRQ_NET_TX, &t->work);         any context: on this CPU; entered already: nothing happens
 *
 * fn runs in softirq context, with the object out of the list: it may raise itself again, for the next round. What an
 * object's state means is its owner's; raising is all that an interrupt handler need do. This is NET_TX's list, which
 * work_start takes; who handles another softirq himself may have its lists for what he likes: work_add and work_take.
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
/* Takes it out wherever it is entered. fn may be running, still, on another CPU. */
void work_cancel(struct work *w);

/* Any context: raises, too. w is in no list, which is the caller's to know. */
void work_add(unsigned cpu, enum softirq nr, struct work *w);
struct work *work_take(enum softirq nr); /* all of this CPU's, by `next`, who came first is first */

#endif

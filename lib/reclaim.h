/* Memory that is kept and could be done without: given back when there is none left.
 *
 *     RECLAIM(skb, give_back);      in the module: gives back what it can, in softirq context, on whatever CPU
 *     reclaim_begin();              there, as soon as there is something to be given back: before, nobody is asked
 *     reclaim_ask();                in the machine's page_alloc, when it has nothing: soon all of them are called
 *
 * Any context. Who was refused memory has been refused, and counts his loss: the next one finds some. Asked often, they
 * are called once in RECLAIM_EVERY.
 */
#ifndef LIB_RECLAIM_H
#define LIB_RECLAIM_H

#include "lib/base.h"
#include "lib/set.h"

#define RECLAIM_EVERY (10 * NS_PER_MS)

struct reclaim {
    void (*fn)(void);
};

#define RECLAIM(id, give_back)                              \
    static const struct reclaim reclaim_##id = {give_back}; \
    SET_ADD(reclaim, reclaim_##id)

void reclaim_begin(void); /* any number of times; the machine has its clock and its softirqs */
void reclaim_ask(void);

#endif

/* Memory given back when there is none left (contract: reclaim.h). */
#include "lib/reclaim.h"

#include "lib/work.h"

static void run(struct work *w)
{
    SET_FOREACH(reclaim, const struct reclaim, r)
        r->fn();
}

static struct work asked = {.fn = run};
static u64 last; /* when; atomic */

void reclaim_ask(void)
{
    u64 now = clock_ns(), before = load_relaxed(&last);

    if (before && now - before < RECLAIM_EVERY)
        return;
    store_relaxed(&last, now);
    work_start();
    work_raise(SOFTIRQ_NET_TX, &asked);
}

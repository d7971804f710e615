/* Memory given back when there is none left (contract: reclaim.h). */
#include "lib/reclaim.h"

#include "lib/work.h"

static void run(struct work *w)
{
    SET_FOREACH(reclaim, const struct reclaim, r)
        r->fn();
}

static struct work asked = {.fn = run};
static bool begun;
static u64 last; /* when; atomic */

void reclaim_begin(void)
{
    work_start();
    store_release(&begun, true);
}

void reclaim_ask(void)
{
    if (!load_acquire(&begun)) /* memory runs out before there is a clock, too */
        return;
    u64 now = clock_ns(), before = load_relaxed(&last);
    if (before && now - before < RECLAIM_EVERY)
        return;
    store_relaxed(&last, now);
    work_raise(SOFTIRQ_NET_TX, &asked);
}

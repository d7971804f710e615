/* Disciplines by name, and what all of them share (contract: qdisc.h). */
#include "net/qdisc/qdisc.h"

#include "lib/string.h"

struct qdisc *qdisc_new(const char *name, u32 limit)
{
    SET_FOREACH(qdisc, const struct qdisc_ops, ops) {
        if (strcmp(ops->name, name))
            continue;
        struct qdisc *q = mem_zalloc(ops->size);
        if (!q)
            return NULL;
        q->ops = ops;
        q->limit = limit;
        if (ops->init && ops->init(q)) {
            mem_free(q);
            return NULL;
        }
        return q;
    }
    return NULL;
}

void qdisc_free(struct qdisc *q)
{
    if (!q)
        return;
    if (q->ops->reset)
        q->ops->reset(q);
    mem_free(q);
}

void qdisc_purge(struct qdisc *q, struct qdisc_drops *drops)
{
    u64 again;
    while (q->packets) {
        struct skbq out = {0};
        q->ops->dequeue(q, &out, SKBQ_MOST, ~0u, drops, ~0ull, &again);
        for (u32 i = 0; i < out.n; i++)
            qdisc_drop(q, out.p[i], drops);
    }
}

/* What a probe is told (see asked.h). */
#include "tests/unit/net/dev/asked.h"

#include "lib/string.h"
#include "net/dev/tx.h"
#include "net/skb/probe.h"

u32 asked_queue(struct netdev *dev, struct skb *s)
{
    static struct skb_probe p;
    memset(&p, 0, sizeof(p));
    probe_begin(s, &p);
    dev_tx(dev, &(struct skbq){.n = 1, .p = {s}});
    CHECK_EQ(p.ends, 1);
    const char *queue = strstr(p.note[0].text, " queue ");
    CHECK(queue != NULL);
    return queue ? (u32)(queue[7] - '0') : ~0u;
}

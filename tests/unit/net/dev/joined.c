/* Two devices joined (see joined.h). */
#include "tests/unit/net/dev/joined.h"

#include "host/host.h"
#include "lib/check.h"
#include "net/link/xconnect.h"
#include "net/skb/pool.h"

void joined_start(struct joined *j)
{
    j->net = net_new();
    j->a = fake_dev_new(j->net, "eth%u");
    j->b = fake_dev_new(j->net, "eth%u");
    CHECK_EQ(WITH_CONF(xconnect_join(j->a->dev, j->b->dev)), 0);
    host_run();
}

void joined_end(struct joined *j)
{
    CHECK_EQ(WITH_CONF(xconnect_part(j->b->dev)), 0);
    fake_dev_end(j->a);
    fake_dev_end(j->b);
    host_run();
    CHECK_EQ(skb_pool_used(skb_pool_of(j->net)), 0);
    net_free(j->net);
}

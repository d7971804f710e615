/* What the tests of GRO have in common (see gro_rig.h). */
#include "tests/unit/net/dev/gro_rig.h"
#include "tests/unit/with_conf.h"

#include "host/host.h"
#include "lib/check.h"
#include "net/dev/updown.h"

struct gro_rig gro_rig;

void gro_rig_start(rx_handler *to)
{
    gro_rig.net = net_new();
    gro_rig.pool = skb_pool_of(gro_rig.net);
    gro_rig.f = fake_dev_new(gro_rig.net, "eth0");
    gro_rig.f->dev->features |= DEV_F_GRO;
    CHECK_EQ(WITH_CONF(dev_set_handler(gro_rig.f->dev, to, NULL)), 0);
    host_run();
    gro_rig.now = NS_PER_S;
}

void gro_rig_end(void)
{
    WITH_CONF(dev_set_handler(gro_rig.f->dev, NULL, NULL));
    fake_dev_end(gro_rig.f);
    host_run();
    CHECK_EQ(skb_pool_used(gro_rig.pool), 0);
    net_free(gro_rig.net);
}

void gro_rig_receive(struct skbq *q)
{
    softirq_off();
    gro_rx(gro_rig.f->napi.gro, q, gro_rig.now);
    softirq_on();
    q->n = 0;
}

void gro_rig_flush(void)
{
    softirq_off();
    gro_flush(gro_rig.f->napi.gro);
    softirq_on();
}

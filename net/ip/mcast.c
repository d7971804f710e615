/* Groups (contract: mcast.h). */
#include "net/ip/mcast.h"

#include "lib/conf.h"
#include "net/dev/updown.h"
#include "net/ip/addr.h"
#include "net/ip/mcast_report.h"

static const struct ipaddr all_hosts = {{[10] = 0xff, 0xff, 224, 0, 0, 1}};
static const struct ipaddr all_nodes = {{0xff, 0x02, [15] = 1}};

bool mcast_has(const struct netdev *dev, const struct ipaddr *group)
{
    for (const struct mcast *m = mcast_first(dev); m; m = mcast_next(m))
        if (addr_eq(&m->group, group))
            return true;
    return false;
}

struct macaddr mcast_mac(const struct ipaddr *g)
{
    if (ipaddr_is4(g)) /* RFC 1112 6.4 */
        return (struct macaddr){{0x01, 0x00, 0x5e, g->b[13] & 0x7f, g->b[14], g->b[15]}};
    return (struct macaddr){{0x33, 0x33, g->b[12], g->b[13], g->b[14], g->b[15]}}; /* RFC 2464 7 */
}

int mcast_join(struct netdev *dev, const struct ipaddr *group)
{
    struct macaddr mac = mcast_mac(group);
    conf_assert();
    for (struct mcast *m = mcast_first(dev); m; m = mcast_next(m))
        if (addr_eq(&m->group, group)) {
            m->users++;
            return 0;
        }
    struct mcast *m = mem_alloc(sizeof(*m));
    int err = m ? dev_multicast_add(dev, &mac) : -ENOMEM;
    if (err) {
        mem_free(m);
        return err;
    }
    *m = (struct mcast){.next = dev->ip->groups, .group = *group, .users = 1};
    store_release(&dev->ip->groups, m);
    mcast_report_joined(dev, m);
    return 0;
}

static void free_group(struct rcu_head *h)
{
    mem_free(container_of(h, struct mcast, rcu));
}

void mcast_leave(struct netdev *dev, const struct ipaddr *group)
{
    struct macaddr mac = mcast_mac(group);
    conf_assert();
    for (struct mcast **at = &dev->ip->groups, *m; (m = *at); at = &m->next)
        if (addr_eq(&m->group, group)) {
            if (--m->users)
                return;
            store_release(at, m->next);
            dev_multicast_del(dev, &mac);
            mcast_report_left(dev, m);
            rcu_defer(&m->rcu, free_group);
            return;
        }
}

int mcast_dev_begin(struct netdev *dev)
{
    if (!ip_net(dev_net(dev))->lo) /* a net that is no host */
        return 0;
    int err = mcast_join(dev, &all_hosts);
    return err ? err : mcast_join(dev, &all_nodes);
}

void mcast_dev_end(struct netdev *dev)
{
    for (struct mcast *m; (m = dev->ip->groups);) {
        dev->ip->groups = m->next;
        mem_free(m);
    }
}

/* Bring-up of a stack, in the order in which its parts need each other. The only file that knows all of net/.
 *
 * What is a table of its own (a slot of struct net) comes with net_new, in no order; here stands what is made of them.
 */
#include "net/net.h"

#include "lib/conf.h"
#include "net/dev/link_type.h"
#include "net/dev/loopback.h"
#include "net/ip/rule.h"

struct net *net_bring_up(void)
{
    struct net *net = net_new(); /* every module's slot */
    if (!net)
        return NULL;
    conf_enter();
    int err = rule_start(net); /* the tables that packets are looked up in */
    if (!err)
        err = loopback_add(net); /* lo, number 1; those of the machine come behind it */
    conf_leave();
    if (!err)
        return net;
    net_free(net);
    return NULL;
}

void net_take_down(struct net *net)
{
    if (!net)
        return;
    conf_enter();
    link_del_all(net); /* what is made by words goes before what it may stand upon */
    loopback_del(net);
    fib_end(net); /* what led nowhere is left */
    conf_leave();
    rcu_barrier(); /* who held its devices, and only now lets them go */
    net_free(net);
}

/* Bring-up of a stack, in the order in which its parts need each other. The only file that knows all of net/.
 *
 * What is a table of its own (a slot of struct net) comes with net_new, in no order; here stands what is made of them.
 */
#include "net/net.h"

#include "net/dev/loopback.h"

struct net *net_bring_up(void)
{
    struct net *net = net_new();    /* every module's slot */
    if (net && loopback_add(net)) { /* lo, number 1; those of the machine come behind it */
        net_free(net);
        return NULL;
    }
    return net;
}

void net_take_down(struct net *net)
{
    if (!net)
        return;
    loopback_del(net);
    net_free(net);
}

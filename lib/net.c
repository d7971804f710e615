/* struct net: the memory of one stack and the order in which it comes and goes.
 *
 *     net_new:   zeroed memory, setups (defaults of tunables), then every slot's init
 *     net_free:  every slot's exit, in the reverse order, then the memory
 *
 * Where a slot lies is settled once, when the first net is made, and holds for all. A net that could not be built
 * whole is torn down again, and NULL is returned. It knows no slot by name.
 */
#include "lib/net.h"

#include "lib/errno.h"
#include "lib/plat.h"

struct net *net_first;

static size_t net_size; /* 0: the layout is not settled yet */
static struct spinlock layout_lock;

static void settle_layout(void)
{
    size_t at = CACHE_LINE; /* offset 0 would be "not settled yet" */

    spin_lock(&layout_lock);
    if (!net_size) {
        SET_FOREACH(net_slot, const struct net_slot, s) {
            *s->offset = (u32)at;
            at = round_up(at + s->size, CACHE_LINE);
        }
        net_size = at;
    }
    spin_unlock(&layout_lock);
}

static void *slot_of(struct net *net, const struct net_slot *s)
{
    return (char *)net + *s->offset;
}

/* The exits of the first n slots, the last of them first. */
static void exit_slots(struct net *net, unsigned n)
{
    while (n--) {
        unsigned i = 0;
        SET_FOREACH(net_slot, const struct net_slot, s) {
            if (i++ == n && s->exit)
                s->exit(net, slot_of(net, s));
        }
    }
}

static int init_slots(struct net *net)
{
    unsigned n = 0;

    SET_FOREACH(net_slot, const struct net_slot, s) {
        int err = s->init ? s->init(net, slot_of(net, s)) : 0;
        if (err) {
            log_write(LOG_ERR, "net: %s could not be made: %s", s->name, errno_text(err));
            exit_slots(net, n);
            return err;
        }
        n++;
    }
    return 0;
}

struct net *net_new(void)
{
    settle_layout();
    struct net *net = mem_zalloc(net_size);
    if (!net)
        return NULL;
    SET_FOREACH(net_setup, const struct net_setup, s)
        s->fn(net);
    if (init_slots(net)) {
        mem_free(net);
        return NULL;
    }
    if (!net_first)
        net_first = net;
    return net;
}

void net_free(struct net *net)
{
    unsigned n = 0;

    if (!net)
        return;
    SET_FOREACH(net_slot, const struct net_slot, s)
        n += s != NULL;
    exit_slots(net, n);
    if (net_first == net)
        net_first = NULL;
    mem_free(net);
}

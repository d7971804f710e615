/* struct net is one stack: all mutable state of net/ hangs on it (contract 1).
 *
 *     struct ip_net { bool forward; ... };
 *     NET_SLOT(ip_net, struct ip_net, ip_net_init, ip_net_exit);      once, in the module's .c
 *     struct ip_net *in = NET_GET(net, struct ip_net, ip_net);        in that file, or through its own inline
 *
 * The machine has one; a test or a simulation has as many as it likes in one process; a namespace is one more. Slots
 * are entered by a set and laid out when the first net is made: reaching one costs an add. init and exit may be NULL;
 * the memory is zeroed before init. Order between slots' inits means nothing: what needs order is called by net/net.c.
 */
#ifndef LIB_NET_H
#define LIB_NET_H

#include "lib/base.h"
#include "lib/set.h"

struct net;

struct net_slot {
    const char *name;
    size_t size;
    u32 *offset; /* the module's own word, filled in when the layout is made */
    int (*init)(struct net *net, void *slot);
    void (*exit)(struct net *net, void *slot);
};

#define NET_SLOT(id, type, init_fn, exit_fn)                                                                     \
    u32 net_slot_##id##_offset;                                                                                  \
    static const struct net_slot net_slot_##id = {#id, sizeof(type), &net_slot_##id##_offset, init_fn, exit_fn}; \
    SET_ADD(net_slot, net_slot_##id)

/* What fills in a new net before any slot's init: defaults of tunables (lib/sysctl). Cannot fail. */
struct net_setup {
    void (*fn)(struct net *net);
};
#define NET_SETUP(id, fn)                                \
    static const struct net_setup net_setup_##id = {fn}; \
    SET_ADD(net_setup, net_setup_##id)

/* For a header whose slot is reached from elsewhere: NET_SLOT_USE(ip_net); */
#define NET_SLOT_USE(id) extern u32 net_slot_##id##_offset

#define NET_GET(net, type, id) ((type *)((char *)(net) + net_slot_##id##_offset))

struct net *net_new(void); /* NULL when there is no memory or an init failed */
void net_free(struct net *net);
extern struct net *net_first; /* the machine's own: the first that was made and is still there */

#endif

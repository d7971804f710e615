/* One device as iproute2 shows it: what `ip link` prints, and how `ip addr` and `ip monitor` begin.
 *
 *     out_object(o, NULL);
 *     link_show_head(w, dev, LINK_SHOW);  link_show_stats(w, dev, w->newline);  out_text(o, "\n");
 *     out_end(o);
 */
#ifndef NET_DEV_LINK_SHOW_H
#define NET_DEV_LINK_SHOW_H

#include "lib/iproute.h"
#include "net/dev/netdev.h"

enum link_show {
    LINK_SHOW,
    LINK_SHOW_ADDR,
    LINK_SHOW_EVENT
}; /* without mode, and of one family
        without MAC address; without queue length either */

void link_show_head(const struct ip_words *w, struct netdev *dev, enum link_show how); /* no newline at the end */
/* With -s, in lines of their own; first: what stands before them. */
void link_show_stats(const struct ip_words *w, struct netdev *dev, const char *first);
void link_show_who(struct out *o, struct netdev *dev);                    /* its number, name and flags */
void link_show_brief(struct out *o, const struct netdev *dev, bool link); /* link: address and flags too */
const char *link_state(const struct netdev *dev);                         /* "UP", "DOWN" */
u32 link_flags(const struct netdev *dev);                                 /* of dev->flags, those that are shown */

#endif

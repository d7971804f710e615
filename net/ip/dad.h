/* Does another station have an address of ours? And who is told that we have it (RFC 4862 5.4, RFC 4429, RFC 5227 2.3).
 *
 *                probes unanswered: settled, and told to all
 *     OPTIMISTIC|TENTATIVE ------------------> (no flag)          IPv4: told at once, and again 2 s later
 *         |
 *         +---- another has it: TENTATIVE|DADFAILED, its routes go; one that was made by itself is removed
 *
 * Nothing waits for it: an optimistic address is used meanwhile (sysctl optimistic_dad, which is 1 here and 0 on
 * Linux), but its advertisements override nothing that others know.
 */
#ifndef NET_IP_DAD_H
#define NET_IP_DAD_H

#include "net/ip/ifaddr.h"

struct skb;

/* a is about to be used, or its device has come up. What of a it changes is seen by readers as soon as a is. */
void dad_begin(struct ifaddr *a);
void dad_announce(struct netdev *dev); /* all that it has are told anew: it is elsewhere, or has another MAC address */

/* Softirq: somebody else's message says that he has a, or wants it, which is tentative. Consumes s. */
void dad_heard(struct netdev *dev, struct skb *s);

static inline bool ifaddr_usable(const struct ifaddr *a) /* may it be a source, and does it answer? */
{
    u32 flags = load_relaxed(&a->flags);
    return !(flags & IFA_DADFAILED) && (!(flags & IFA_TENTATIVE) || (flags & IFA_OPTIMISTIC));
}

#endif

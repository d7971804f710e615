/* Who is meant, and what is told of errors: what the commands that ask hosts share.
 *
 * A host is an address, IPv6 with %DEV where its link must be known; names are not looked up.
 */
#ifndef NET_SOCK_HOST_H
#define NET_SOCK_HOST_H

#include "lib/cmd.h"
#include "net/sock/sock.h"

struct host {
    struct ipaddr addr;
    char dev[PORT_NAME]; /* behind %; "": none */
};

/* family 4, 6, 0: either. 0, or a text for behind "PROGRAM: HOST: ". */
const char *host_parse(const char *text, unsigned family, struct host *h);
/* An interface's name, or an address of ours: what -I takes. */
struct host_from {
    char dev[PORT_NAME];
    struct ipaddr src; /* any: none */
};
bool host_parse_from(const char *text, struct host_from *f);
u32 host_dev_index(struct net *net, const char *name); /* 0: there is none; task */

/* Seconds with a fraction ("0.2"), to ns. */
bool host_seconds(const char *text, u64 *ns);

/* What an ICMP error says, in ping's words. */
void host_error_text(char *to, size_t size, const struct sock_error *e, bool v6);

#endif

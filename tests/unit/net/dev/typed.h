/* Lines typed in a test, and what they said. */
#ifndef UNIT_NET_DEV_TYPED_H
#define UNIT_NET_DEV_TYPED_H

#include "lib/check.h"
#include "lib/net.h"

struct typed { /* a line, its status, and all that it said to out and err, in that order */
    const char *line;
    int status;
    const char *said; /* NULL: whatever */
};

extern char typed_said[16384];

int typed(struct net *net, const char *line); /* the status */
void typed_table(struct net *net, const struct typed *t, unsigned n);
#define TYPED(net, ...) \
    typed_table(net, (const struct typed[]){__VA_ARGS__}, ARRAY_LEN(((const struct typed[]){__VA_ARGS__})))

#endif

/* Internal to lib. */
/* Output kept in memory up to a limit: for $( ) and for what is written to a view as one piece. Several tasks may
 * write. */
#ifndef LIB_SCRIPT_GATHER_H
#define LIB_SCRIPT_GATHER_H

#include "lib/out.h"
#include "lib/plat.h"

struct gather_block;

struct gather {
    struct out out;
    struct spinlock lock;
    struct gather_block *first, *last;
    size_t n, limit;
    int err; /* -EFBIG or -ENOMEM: it is not whole */
};

void gather_init(struct gather *g, size_t limit);
char *gather_text(const struct gather *g); /* all of it and a NUL, for mem_free; NULL: no memory. Nobody writes now. */
void gather_free(struct gather *g);

#endif

/* Internal to host.
 *
 * A context is a stack and a place in it: what a coroutine is made of. One of them runs at a time on each thread.
 * The stack of a context made here lies above a guard of CONTEXT_GUARD bytes: running over it is a fault, and
 * context_guards tells whose.
 */
#ifndef HOST_CONTEXT_H
#define HOST_CONTEXT_H

#include "lib/base.h"

#define CONTEXT_STACK (256 * KIB) /* ASan makes frames several times as large as they are in the kernel */
#define CONTEXT_GUARD (64 * KIB)  /* more than one page: a large frame shall not step over it */

struct context {
    void *sp;           /* saved while another runs */
    void *map;          /* guard and stack; NULL when the stack is a thread's own */
    const void *bottom; /* lowest byte of the stack; of a thread's own: known after its first switch */
    size_t size;
    void *fake; /* AddressSanitizer's second stack of this context */
    void *race; /* ThreadSanitizer's fiber */
};

int context_make(struct context *c, void (*fn)(void *), void *arg) MUST_USE; /* fn never returns; -ENOMEM */
void context_free(struct context *c);
void context_enter(void); /* the first words of a context's fn */
/* Goes on in `to`; returns when somebody switches back. `last`: nobody will. */
void context_switch(struct context *from, struct context *to, bool last);
bool context_guards(const struct context *c, const void *address);

#endif

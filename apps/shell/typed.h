/* What is typed, between the one task that reads the console and whoever wants it.
 *
 * A task of its own reads always, so that Ctrl-C reaches a command that reads nothing. While a command runs
 * (typed_foreground), Ctrl-C interrupts that task and drops what was typed ahead; at other times it is a byte like
 * others, for the line editor. When nobody takes what is typed, the reader stops at TYPED_BYTES, and the console's own
 * back-pressure works on the sender.
 */
#ifndef APPS_SHELL_TYPED_H
#define APPS_SHELL_TYPED_H

#include "lib/base.h"
#include "lib/wait.h"

#define TYPED_BYTES 4096

struct typed {
    struct waitq changed; /* something came, or room was made */
    struct spinlock lock; /* guards what follows */
    u32 head, tail;       /* both only grow */
    struct task *foreground;
    bool ends, ended; /* the reader shall end; it has */
    struct task *reader;
    u8 byte[TYPED_BYTES];
};

int typed_start(struct typed *t); /* 0 or -ENOMEM */
void typed_stop(struct typed *t); /* waits for the reader's end */
/* Waits for a byte: 0..255, -EINTR after task_interrupt, -ETIMEDOUT at until_ns. */
int typed_get(struct typed *t, u64 until_ns);
void typed_foreground(struct typed *t, struct task *task); /* who is interrupted by Ctrl-C; NULL: nobody */

#endif

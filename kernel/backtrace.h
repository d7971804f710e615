/* Who called whom. */
#ifndef KERNEL_BACKTRACE_H
#define KERNEL_BACKTRACE_H

#include "lib/base.h"

/* One line "name+0x12/0x80" a frame, by way of print; at most `most`. Reads only what is mapped. Any context. */
void backtrace_walk(u64 rip, u64 rbp, unsigned most, void (*print)(void *arg, const char *line), void *arg);

#endif

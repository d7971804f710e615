/* The end: what a panic prints, and what happens then (panic= on the command line). */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include "lib/base.h"

struct trap_frame;

/* Like panic(), with the registers of what faulted. Any context. */
void panic_frame(const struct trap_frame *f, const char *fmt, ...) NORETURN PRINTF(2, 3);

/* What follows a panic, for tests and the console: -1 halt, 0 reboot at once, n: reboot after n seconds. */
extern int panic_then;

#endif

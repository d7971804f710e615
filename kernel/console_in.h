/* What was typed: from the devices to whoever reads the console. console_read is lib/plat.h's. */
#ifndef KERNEL_CONSOLE_IN_H
#define KERNEL_CONSOLE_IN_H

#include "lib/base.h"

enum console_source { CONSOLE_SERIAL, CONSOLE_KEYBOARD };

/* Any context. Returns how many were taken; a serial port asks for the room first, a key for which there is none is
 * counted and gone. Ctrl-C: console_owner, lib/plat.h. */
size_t console_input(enum console_source from, const void *p, size_t n);
size_t console_in_room(void);
enum console_source console_in_from(void); /* where the last byte came from */
u64 console_in_dropped(void);

void console_in_start(void (*room)(void)); /* for console.c: called in task context when half of the ring is free */

#endif

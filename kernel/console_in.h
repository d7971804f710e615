/* What was typed: from the devices to whoever reads the console. console_read is lib/plat.h's. */
#ifndef KERNEL_CONSOLE_IN_H
#define KERNEL_CONSOLE_IN_H

#include "lib/base.h"

enum console_source { CONSOLE_SERIAL, CONSOLE_KEYBOARD };

/* Any context. Returns how many were taken; a serial port asks for the room first, a key for which there is none is
 * counted and gone. Ctrl-C while nobody reads interrupts the task that read last, and what was typed before is dropped;
 * a reader gets the byte. */
size_t console_input(enum console_source from, const void *p, size_t n);
size_t console_in_room(void);
enum console_source console_in_from(void); /* where the last byte came from */
u64 console_in_dropped(void);

/* ---- for console.c ----
 * room: called in task context when half of the ring is free again. wake: any context; has console_in_interrupt
 * called soon, in task context. */
void console_in_start(void (*room)(void), void (*wake)(void));
void console_in_interrupt(void); /* task: delivers a Ctrl-C, if one is owed */

#endif

/* The machine's messages: log_write (lib/plat.h) puts a line into the ring; consoles, dmesg and a panic read it. */
#ifndef KERNEL_LOG_H
#define KERNEL_LOG_H

#include "kernel/log_ring.h"
#include "lib/plat.h"

/* ---- reading (any) ----
 *     struct log_line l;
 *     for (u64 at = log_first(); log_next(&at, &l);) ... */
u64 log_first(void); /* place of the oldest line that is still there */
u64 log_end(void);   /* place behind the newest */
bool log_next(u64 *at, struct log_line *line);
u64 log_tail(unsigned lines);       /* place from which about so many lines follow: what a panic shows last */
u64 log_lost(void);                 /* lines that could not be kept */
int log_wait(u64 at, u64 until_ns); /* task: until there is a line at or behind `at`; 0, -ETIMEDOUT, -EINTR */

/* "[    0.000000] text" with a newline; returns its length. p has room for LOG_TEXT_MAX. */
#define LOG_TEXT_MAX (LOG_LINE_MAX + 32)
size_t log_text(char *p, const struct log_line *line);

/* ---- what the console shows: levels below this; 7 unless loglevel= says otherwise. kernel.printk's first number ----
 */
extern u32 log_console_level;

/* ---- for the console ---- */
/* fn is called after each line that the console shall show: at once, in whatever context the writer is; or, with
 * `wakes`, where tasks may be woken, which may be a moment later. */
void log_on_line(void (*fn)(void), bool wakes);
void log_wake(void);  /* task: whoever waits in log_wait looks again */
void log_panic(void); /* from now on readers do not wait for a line that is being written */

#endif

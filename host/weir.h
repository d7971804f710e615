/* libweir: Weir's network stack inside another program.
 *
 *     struct weir *a = weir_start(NULL), *b = weir_start(NULL);     two stacks, with nothing in common but /tmp
 *     for (uint64_t at; (at = weir_next_timer()) != WEIR_NEVER;) {  or until something of your own says so
 *         weir_set_time(at);
 *         weir_run();                                               all that is due by now
 *     }
 *     weir_exec(a, "uptime", 6);                                    the console's words, answered to options.output
 *     struct weir_port *p = weir_port_add(a, "eth0", mac, sent, x); a card; what it sends is told to sent()
 *     weir_port_rx(p, frame, n);                                    a frame arrives there
 *     weir_stop(b);
 *     weir_stop(a);
 *
 * Time is the program's. It is one for all stacks of a process, begins at 0 with the first of them, and moves when
 * weir_set_time says so; no thread, signal or clock of the machine is at work behind the program's back. The same calls
 * with the same seed give the same results, byte by byte.
 *
 * All calls come from one thread: a script that waits goes on where its thread's own variables are. Functions that can
 * fail return NULL or a negative errno value of Linux. Where Weir finds its own state broken it writes why to stderr
 * and aborts the process.
 */
#ifndef WEIR_H
#define WEIR_H

#include <stddef.h>
#include <stdint.h>

#define WEIR_API __attribute__((visibility("default")))

struct weir; /* one stack */

/* What scripts print, in pieces without a NUL; `error` is 1 for what is wrong, else 0. Calls no function of this
 * library. */
typedef void weir_output(void *arg, int error, const char *text, size_t n);

struct weir_options {
    size_t size;   /* sizeof(struct weir_options) */
    uint64_t seed; /* of every random number; counts for the first stack of a process. 0 is a seed like any other */
    weir_output *output; /* NULL: nobody wants it */
    void *arg;
};

#define WEIR_NEVER UINT64_MAX

WEIR_API const char *weir_version(void);

/* A stack of its own, with nothing in it. `o` may be NULL. NULL when there is no memory, or options->size is not one
 * that this library knows. */
WEIR_API struct weir *weir_start(const struct weir_options *o);
WEIR_API void weir_stop(struct weir *w); /* NULL is allowed. With the last stack, time ends */

/* ---- scripts: the words of weir.conf and of the console ---- */

/* Runs a script. Its exit status, 0 to 255; 2, and nothing ran, when it was refused. -EAGAIN: it waits for time or for
 * packets, and goes on in weir_run. -EBUSY: the one before it runs still. -ENOMEM. Variables stay from one to the next.
 */
WEIR_API int weir_exec(struct weir *w, const char *script, size_t n);
WEIR_API int weir_status(const struct weir *w); /* of the last script; -EAGAIN while it runs */
WEIR_API void weir_interrupt(struct weir *w);   /* Ctrl-C for the script that runs; it ends in weir_run */

/* ---- network cards: the program is their wire ---- */

struct weir_port;

/* A frame was sent, from its Ethernet header on. `frame` is good during the call, which calls no function of this
 * library. */
typedef void weir_frame(void *arg, const void *frame, size_t n);

/* A card with a cable in, not up. NULL: the name is taken or is none, or no memory. It goes with its stack. */
WEIR_API struct weir_port *weir_port_add(struct weir *w, const char *name, const uint8_t mac[6], weir_frame *sent,
                                         void *arg);
/* A frame arrives, and what follows from it at the present time is done: 0; -ENETDOWN; -EMSGSIZE: empty, or more than
 * 65549 bytes; -ENOBUFS. */
WEIR_API int weir_port_rx(struct weir_port *p, const void *frame, size_t n);

/* ---- time, in nanoseconds: all stacks ---- */
WEIR_API uint64_t weir_time(void);
WEIR_API int weir_set_time(uint64_t ns); /* runs nothing yet. -EINVAL: earlier than now, never, or there is no stack */
WEIR_API uint64_t weir_next_timer(void); /* when weir_run has something to do, now or later; WEIR_NEVER */
WEIR_API void weir_run(void);            /* all that is due by now, and what follows from it */

#endif

/* The line editor: bytes from a terminal in, one finished line out.
 *
 *     edit_init(&e, put, complete, arg, &history);
 *     edit_begin(&e, "weir# ");
 *     do event = edit_feed(&e, next_byte()); while (event == EDIT_MORE);
 *     if (event == EDIT_LINE) ... e.buf[0..e.len), NUL-terminated
 *
 * A pure state machine: what it shows goes through `put`, and it neither waits nor reads. So the console, a test with a
 * model of a terminal, and a fuzzer drive the same code.
 *
 * A long line goes on in the next row; one of more than EDIT_VIEW_ROWS scrolls within these, with `<` and `>` where it
 * goes on. A serial line does not tell how large its terminal is: 80 by 24 is taken until Ctrl-L asks it. Each key
 * costs at most those rows of output, however long the line. Lines are bounded by EDIT_MAX; one that lost bytes is
 * never given out to be run, but reported as EDIT_TOO_LONG.
 */
#ifndef APPS_SHELL_EDIT_H
#define APPS_SHELL_EDIT_H

#include "apps/shell/edit_line.h"

enum edit_event {
    EDIT_MORE,
    EDIT_LINE,
    EDIT_CANCEL,   /* Ctrl-C: the line is gone */
    EDIT_END,      /* Ctrl-D on an empty line */
    EDIT_TOO_LONG, /* Enter on a line of which bytes are missing: do not run it */
};

void edit_init(struct edit *e, edit_put *put, edit_complete *complete, void *arg, struct history *history);
void edit_free(struct edit *e);
void edit_begin(struct edit *e, const char *prompt); /* an empty line, with its prompt shown */
enum edit_event edit_feed(struct edit *e, u8 byte);

#endif

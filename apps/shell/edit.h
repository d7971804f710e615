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
 * The view is one row: a line that is longer than the terminal scrolls sideways, with `<` and `>` where it goes on,
 * because a serial line does not tell how wide its terminal is and a wrong guess must not garble the screen. Each key
 * costs at most one row of output, however long the line. Lines are bounded by EDIT_MAX; one that lost bytes is never
 * given out to be run, but reported as EDIT_TOO_LONG.
 */
#ifndef APPS_SHELL_EDIT_H
#define APPS_SHELL_EDIT_H

#include "apps/shell/history.h"
#include "apps/shell/key.h"
#include "apps/shell/offers.h"
#include "lib/base.h"

#define EDIT_MAX        65536 /* bytes of a line */
#define EDIT_PROMPT_MAX 64
#define EDIT_QUERY_MAX  48
#define EDIT_COLUMNS    80 /* until the terminal said otherwise */

enum edit_event {
    EDIT_MORE,
    EDIT_LINE,
    EDIT_CANCEL,   /* Ctrl-C: the line is gone */
    EDIT_END,      /* Ctrl-D on an empty line */
    EDIT_TOO_LONG, /* Enter on a line of which bytes are missing: do not run it */
};

typedef void edit_put(void *arg, const char *p, size_t n);
/* Fills in what may stand at line[o->from..at); sets o->from. */
typedef void edit_complete(void *arg, const char *line, size_t at, struct offers *o);

struct edit {
    edit_put *put;
    edit_complete *complete; /* NULL: Tab rings the bell */
    void *arg;
    struct history *history; /* NULL: none is kept */

    /* the line */
    char *buf; /* first, or by mem_alloc */
    size_t len, at, room;
    bool too_long;

    /* the view */
    const char *prompt; /* what stands at the left now */
    char own_prompt[EDIT_PROMPT_MAX];
    char search_prompt[EDIT_QUERY_MAX + 40];
    u16 columns, rows, column; /* of the terminal; where its cursor is */
    size_t left;               /* the first byte shown */
    bool cut;                  /* the right end is not shown */

    /* what the last keys did */
    bool killing, tabbed, searching, greeted;
    char *killed;
    size_t killed_len;

    /* history: which line is shown, and the new one meanwhile */
    int age;
    char *kept;
    size_t kept_len;

    /* search */
    char query[EDIT_QUERY_MAX];
    u8 query_len;
    int match_age;
    int age_before;

    struct key_reader keys;
    struct offers offers;
    u16 out_n;
    char out[256];
    char first[256];
};

void edit_init(struct edit *e, edit_put *put, edit_complete *complete, void *arg, struct history *history);
void edit_free(struct edit *e);
void edit_begin(struct edit *e, const char *prompt); /* an empty line, with its prompt shown */
enum edit_event edit_feed(struct edit *e, u8 byte);

#endif

/* The line being edited: the object, and what its parts give to each other: the text (edit_text.c), the view
 * (edit_view.c), the search (edit_search.c). On top stands edit.c, what each key does; others include its header.
 */
#ifndef APPS_SHELL_EDIT_LINE_H
#define APPS_SHELL_EDIT_LINE_H

#include "apps/shell/history.h"
#include "apps/shell/key.h"
#include "apps/shell/offers.h"
#include "lib/base.h"

#define EDIT_MAX        65536 /* bytes of a line */
#define EDIT_PROMPT_MAX 64
#define EDIT_QUERY_MAX  48
#define EDIT_COLUMNS    80 /* until the terminal said otherwise */
#define EDIT_VIEW_ROWS  8  /* what is longer scrolls in them: bounds what a key costs on a slow line */

typedef void edit_put(void *arg, const char *p, size_t n);
/* Fills in what may stand at line[o->from..at); sets o->from. */
typedef void edit_complete(void *arg, const char *line, size_t at, struct offers *o);

struct edit_place {
    u16 row, column; /* from the prompt's */
};

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
    u16 columns, rows; /* of the terminal */
    struct edit_place cursor;
    u16 bottom;  /* the last row that was drawn */
    size_t left; /* the first byte shown */
    bool cut;    /* the end is not shown */

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

/* ---- text ---- */
bool edit_insert(struct edit *e, const char *p, size_t n); /* at the cursor; false: no room, and the line is marked */
void edit_delete(struct edit *e, size_t from, size_t to);
void edit_kill(struct edit *e, size_t from, size_t to); /* the same, kept for Ctrl-Y */
void edit_set(struct edit *e, const char *p, size_t n); /* replaces the line */
size_t edit_word_left(const struct edit *e);
size_t edit_word_right(const struct edit *e);
size_t edit_blank_left(const struct edit *e);
void edit_transpose(struct edit *e);
void edit_keep(struct edit *e);    /* puts the new line aside while history is shown */
void edit_restore(struct edit *e); /* and brings it back */

/* ---- view ---- */
void edit_write(struct edit *e, const char *p, size_t n); /* buffered until edit_flush */
void edit_print(struct edit *e, const char *s);
void edit_flush(struct edit *e);
void edit_bell(struct edit *e);
void edit_view_begin(struct edit *e);            /* the cursor is where the prompt shall stand */
void edit_draw(struct edit *e);                  /* all of it */
void edit_draw_tail(struct edit *e, size_t was); /* after an insertion at the end, from `was` on, when that suffices */
void edit_draw_cursor(struct edit *e);           /* only the cursor moved */
bool edit_draw_rubout(struct edit *e);           /* after one glyph less at the end, when that suffices */
void edit_draw_done(struct edit *e);             /* the line in full, and the next row */
void edit_draw_cancelled(struct edit *e);        /* ^C, and the next row */
void edit_draw_offers(struct edit *e);

/* ---- search ---- */
void edit_search_start(struct edit *e);
bool edit_search_key(struct edit *e, const struct key *k); /* false: the search is over, the key is still to be done */

#endif

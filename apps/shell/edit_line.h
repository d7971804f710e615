/* Internal to apps/shell.
 *
 * The parts of the line editor: the text (edit_text.c), the view (edit_view.c), the search (edit_search.c), and on top
 * what each key does (edit.c).
 */
#ifndef APPS_SHELL_EDIT_LINE_H
#define APPS_SHELL_EDIT_LINE_H

#include "apps/shell/edit.h"

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
void edit_draw(struct edit *e);                  /* the whole row */
void edit_draw_tail(struct edit *e, size_t was); /* after an insertion at the end, from `was` on, when that suffices */
void edit_draw_cursor(struct edit *e);           /* only the cursor moved */
void edit_draw_done(struct edit *e);             /* the line in full, and the next row */
void edit_draw_offers(struct edit *e);

/* ---- search ---- */
void edit_search_start(struct edit *e);
bool edit_search_key(struct edit *e, const struct key *k); /* false: the search is over, the key is still to be done */

#endif

/* What each key does to the line being edited.
 *
 *     keys (key.c)     what they mean (here)      text (edit_text.c)      view (edit_view.c)
 *     0x1b [ D      -> KEY_LEFT                -> at = the glyph before -> the cursor moves
 *
 * The keys are those of readline's Emacs mode, since these are in people's fingers: arrows, Home, End, Delete,
 * Ctrl-A B C D E F G H K L N P R T U W Y, Alt-B D F . Backspace, Tab. Tab completes as far as all candidates agree and
 * lists them when pressed again; with nothing but blanks before it, it is a tab, so that indented text can be pasted.
 * Text out of a bracketed paste is inserted as it is: its line ends run nothing until Enter is typed.
 */
#include "apps/shell/edit.h"
#include "apps/shell/glyph.h"
#include "lib/plat.h"
#include "lib/string.h"

void edit_init(struct edit *e, edit_put *put, edit_complete *complete, void *arg, struct history *history)
{
    memset(e, 0, sizeof(*e));
    e->put = put;
    e->complete = complete;
    e->arg = arg;
    e->history = history;
    e->columns = EDIT_COLUMNS;
    e->rows = 24;
    e->buf = e->first;
    e->room = sizeof(e->first);
    e->age = -1;
    e->prompt = e->own_prompt;
}

void edit_free(struct edit *e)
{
    if (e->buf != e->first)
        mem_free(e->buf);
    mem_free(e->killed);
    mem_free(e->kept);
}

static void start_over(struct edit *e)
{
    if (e->buf != e->first)
        mem_free(e->buf);
    e->buf = e->first;
    e->room = sizeof(e->first);
    edit_set(e, "", 0);
    mem_free(e->kept);
    e->kept = NULL;
    e->kept_len = 0;
    e->age = -1;
    e->cut = e->killing = e->tabbed = e->searching = false;
    e->prompt = e->own_prompt;
}

void edit_begin(struct edit *e, const char *prompt)
{
    start_over(e);
    str_copy(e->own_prompt, sizeof(e->own_prompt), prompt);
    edit_view_begin(e);
    edit_draw(e);
    edit_flush(e);
}

/* ---- history ---- */

static void show_age(struct edit *e, int age)
{
    const char *line = age < 0 || !e->history ? NULL : history_get(e->history, (u32)age);
    if (age >= 0 && !line) {
        edit_bell(e);
        return;
    }
    edit_keep(e);
    if (line) {
        edit_set(e, line, strlen(line));
        e->age = age;
    } else {
        edit_restore(e);
    }
    edit_draw(e);
}

static void insert_last_word(struct edit *e)
{
    const char *line = e->history ? history_get(e->history, 0) : NULL;
    size_t end = line ? strlen(line) : 0, start;
    while (end > 0 && char_is_space(line[end - 1]))
        end--;
    for (start = end; start > 0 && !char_is_space(line[start - 1]);)
        start--;
    if (end > start)
        edit_insert(e, line + start, end - start);
    edit_draw(e);
}

/* ---- completion ---- */

static bool only_blanks_before(const struct edit *e)
{
    for (size_t i = 0; i < e->at; i++)
        if (!char_is_space(e->buf[i]))
            return false;
    return true;
}

/* Inserts what all candidates have in common beyond what stands there, so that the shell reads it as typed. */
static bool insert_common(struct edit *e, size_t have)
{
    const struct offers *o = &e->offers;
    const char *word = offers_get(o, 0);
    size_t common = offers_common(o);
    if (o->count > 1) /* never half a character */
        while (common > have && ((u8)word[common] & 0xc0) == 0x80)
            common--;
    size_t was = e->len;
    for (size_t i = have; i < common; i++) {
        if (strchr(" \t\n\\'\"$;&|<>*?()[]{}#`", word[i]))
            edit_insert(e, "\\", 1);
        edit_insert(e, word + i, 1);
    }
    bool more_follows = common && (word[common - 1] == '/' || word[common - 1] == '=');
    if (o->count == 1 && !o->more && !more_follows)
        edit_insert(e, " ", 1);
    if (e->len == was)
        return false;
    edit_draw_tail(e, was);
    return true;
}

static void complete(struct edit *e, bool again)
{
    struct offers *o = &e->offers;
    if (only_blanks_before(e) && e->at) {
        edit_insert(e, "\t", 1);
        edit_draw(e);
        return;
    }
    o->from = e->at;
    o->count = 0;
    o->more = o->used = 0;
    if (e->complete)
        e->complete(e->arg, e->buf, e->at, o);
    size_t have = e->at - o->from;
    if (!o->count || offers_common(o) < have) {
        edit_bell(e);
        return;
    }
    offers_sort(o);
    if (insert_common(e, have))
        return;
    e->tabbed = true;
    if (again) {
        edit_draw_offers(e);
        edit_draw(e);
    } else {
        edit_bell(e);
    }
}

/* ---- keys ---- */

static enum edit_event enter(struct edit *e)
{
    edit_draw_done(e);
    if (e->too_long)
        return EDIT_TOO_LONG;
    if (e->history)
        history_add(e->history, e->buf, e->len);
    return EDIT_LINE;
}

static enum edit_event interrupt(struct edit *e)
{
    edit_draw_cancelled(e);
    start_over(e);
    return EDIT_CANCEL;
}

static void insert_text(struct edit *e, const struct key *k)
{
    size_t was = e->len;
    if (edit_insert(e, k->text, k->bytes))
        edit_draw_tail(e, was);
}

static void delete_right(struct edit *e)
{
    if (e->at < e->len) {
        edit_delete(e, e->at, glyph_after(e->buf, e->len, e->at));
        edit_draw(e);
    } else {
        edit_bell(e);
    }
}

static void delete_left(struct edit *e)
{
    if (!e->at) {
        edit_bell(e);
        return;
    }
    edit_delete(e, glyph_before(e->buf, e->at), e->at);
    if (!edit_draw_rubout(e))
        edit_draw(e);
}

static void move(struct edit *e, size_t to)
{
    e->at = to;
    edit_draw_cursor(e);
}

static void kill(struct edit *e, size_t from, size_t to)
{
    edit_kill(e, from, to);
    edit_draw(e);
}

static void yank(struct edit *e)
{
    if (e->killed_len)
        edit_insert(e, e->killed, e->killed_len);
    edit_draw(e);
}

/* Clears the screen, and asks the terminal for its size: the cursor goes as far as it can and says where it is. */
static void redraw(struct edit *e)
{
    edit_print(e, "\033[H\033[J\0337\033[999;999H\033[6n\0338");
    edit_view_begin(e);
    edit_draw(e);
}

static void take_size(struct edit *e, const struct key *k)
{
    if (k->column < 20)
        return;
    e->columns = min(k->column, (u16)1000);
    e->rows = min(k->row, (u16)1000);
    edit_print(e, "\033[H\033[J"); /* what was drawn for another width stands anywhere */
    edit_view_begin(e);
    edit_draw(e);
}

static void edit_key(struct edit *e, const struct key *k, bool tabbed)
{
    switch (k->code) {
    case KEY_TEXT: insert_text(e, k); break;
    case KEY_UP: show_age(e, e->age + 1); break;
    case KEY_DOWN: e->age >= 0 ? show_age(e, e->age - 1) : edit_bell(e); break;
    case KEY_LEFT: move(e, e->at ? glyph_before(e->buf, e->at) : 0); break;
    case KEY_RIGHT: move(e, e->at < e->len ? glyph_after(e->buf, e->len, e->at) : e->len); break;
    case KEY_HOME: move(e, 0); break;
    case KEY_END: move(e, e->len); break;
    case KEY_WORD_LEFT: move(e, edit_word_left(e)); break;
    case KEY_WORD_RIGHT: move(e, edit_word_right(e)); break;
    case KEY_TAB: complete(e, tabbed); break;
    case KEY_BACKSPACE: delete_left(e); break;
    case KEY_DELETE:
    case KEY_EOF: delete_right(e); break;
    case KEY_WORD_KILL: kill(e, e->at, edit_word_right(e)); break;
    case KEY_WORD_RUBOUT: kill(e, edit_word_left(e), e->at); break;
    case KEY_BLANK_RUBOUT: kill(e, edit_blank_left(e), e->at); break;
    case KEY_KILL_END: kill(e, e->at, e->len); break;
    case KEY_KILL_START: kill(e, 0, e->at); break;
    case KEY_YANK: yank(e); break;
    case KEY_LAST_WORD: insert_last_word(e); break;
    case KEY_TRANSPOSE:
        edit_transpose(e);
        edit_draw(e);
        break;
    case KEY_REDRAW: redraw(e); break;
    case KEY_SIZE: take_size(e, k); break;
    case KEY_SEARCH: edit_search_start(e); break;
    default: edit_bell(e);
    }
}

static bool kills(enum key_code code)
{
    return code == KEY_WORD_KILL || code == KEY_WORD_RUBOUT || code == KEY_BLANK_RUBOUT || code == KEY_KILL_END ||
           code == KEY_KILL_START;
}

static enum edit_event do_key(struct edit *e, const struct key *k)
{
    bool tabbed = e->tabbed;
    e->tabbed = false;
    if (!kills(k->code))
        e->killing = false;
    if (e->searching && k->code != KEY_SIZE && edit_search_key(e, k))
        return EDIT_MORE;
    if (k->code == KEY_ENTER)
        return enter(e);
    if (k->code == KEY_INTERRUPT)
        return interrupt(e);
    if (k->code == KEY_EOF && !e->len)
        return EDIT_END;
    edit_key(e, k, tabbed);
    return EDIT_MORE;
}

enum edit_event edit_feed(struct edit *e, u8 byte)
{
    struct key k;
    enum edit_event event = EDIT_MORE;
    if (!e->greeted) { /* somebody is there: from now on pastes shall be marked as such */
        e->greeted = true;
        edit_print(e, "\033[?2004h");
    }
    if (key_feed(&e->keys, byte, &k))
        event = do_key(e, &k);
    edit_flush(e);
    return event;
}

/* How the line being edited looks: on as many rows as it needs, up to EDIT_VIEW_ROWS; beyond that these scroll.
 *
 *     weir# <rror nf_conntrack: table full, dropping packet' /proc/kms      row 0
 *     prompt '-- e->left                        cursor
 *     g | grep -v this | awk '{print $1}' && for i in a b c; do echo >      e->bottom
 *                                                                    '-- e->cut
 *
 * Rows are broken here, not by the terminal: its last column is never written, because terminals differ in what they do
 * then. Only these sequences are used beyond CR, LF, BS and BEL: CSI n A, CSI n C, CSI K, CSI J; every terminal since
 * the VT100 knows them.
 */
#include "apps/shell/edit_line.h"
#include "apps/shell/glyph.h"
#include "lib/fmt.h"
#include "lib/string.h"

#define VIEW_BYTES 8192 /* rows of combining marks alone end somewhere */

void edit_flush(struct edit *e)
{
    if (e->out_n)
        e->put(e->arg, e->out, e->out_n);
    e->out_n = 0;
}

void edit_write(struct edit *e, const char *p, size_t n)
{
    while (n) {
        size_t part = min(n, sizeof(e->out) - e->out_n);
        memcpy(e->out + e->out_n, p, part);
        e->out_n = (u16)(e->out_n + part);
        p += part;
        n -= part;
        if (e->out_n == sizeof(e->out))
            edit_flush(e);
    }
}

void edit_print(struct edit *e, const char *s)
{
    edit_write(e, s, strlen(s));
}

void edit_bell(struct edit *e)
{
    edit_print(e, "\a");
}

/* One glyph as it is shown; returns its columns. */
static unsigned draw_glyph(struct edit *e, const char *p, struct glyph g)
{
    char control[2] = {'^', (char)(p[0] ^ 0x40)};
    if (!g.valid)
        edit_print(e, "?");
    else if (g.rune < 0x20 || g.rune == 0x7f)
        edit_write(e, control, 2);
    else
        edit_write(e, p, g.bytes);
    return g.columns;
}

/* The prompt, or as much of its end as leaves room for ten columns of text. */
static const char *shown_prompt(const struct edit *e)
{
    const char *p = e->prompt;
    for (size_t n = strlen(p); n && glyph_columns(p, n) + 11 > e->columns;) {
        size_t skip = glyph_after(p, n, 0);
        p += skip;
        n -= skip;
    }
    return p;
}

static unsigned prompt_columns(const struct edit *e)
{
    const char *p = shown_prompt(e);
    return (unsigned)glyph_columns(p, strlen(p));
}

/* ---- where things stand ---- */

static unsigned rows_max(const struct edit *e)
{
    return (unsigned)max(1, min((int)e->rows - 1, EDIT_VIEW_ROWS));
}

static unsigned width(const struct edit *e)
{
    return e->columns - 1;
}

/* Where the first glyph of the text stands. */
static struct edit_place first_place(const struct edit *e)
{
    return (struct edit_place){0, (u16)(prompt_columns(e) + (e->left > 0))};
}

/* Moves *p to where a glyph of so many columns goes; false when it is behind the last row, whose end is kept for the
 * mark. */
static bool find_room(const struct edit *e, struct edit_place *p, unsigned columns)
{
    bool last = p->row + 1u == rows_max(e);
    if (last)
        return p->column + columns < width(e);
    if (p->column + columns > width(e))
        *p = (struct edit_place){(u16)(p->row + 1), 0};
    return true;
}

/* The cursor's place; false when that is not in view. */
static bool find_cursor(const struct edit *e, struct edit_place *p)
{
    *p = first_place(e);
    for (size_t i = e->left; i < e->at;) {
        struct glyph g = glyph_at(e->buf + i, e->len - i);
        if (!find_room(e, p, g.columns))
            return false;
        p->column = (u16)(p->column + g.columns);
        i += g.bytes;
    }
    return find_room(e, p, e->at < e->len ? glyph_at(e->buf + e->at, e->len - e->at).columns : 0);
}

/* Chooses e->left so that the cursor is seen: half of what the rows hold stands before it. */
static void scroll(struct edit *e, struct edit_place *cursor)
{
    bool begun = e->left <= e->at && (!e->left || e->left < e->at);
    if (begun && e->at - e->left <= VIEW_BYTES && find_cursor(e, cursor))
        return;
    unsigned half = (rows_max(e) * width(e) - prompt_columns(e)) / 2;
    size_t left = e->at;
    for (unsigned columns = 0; left > 0 && e->at - left < VIEW_BYTES / 2;) {
        size_t before = glyph_before(e->buf, left);
        columns += (unsigned)glyph_columns(e->buf + before, left - before);
        if (columns > half)
            break;
        left = before;
    }
    e->left = left;
    find_cursor(e, cursor);
}

/* ---- drawing ---- */

static void move_to(struct edit *e, struct edit_place p)
{
    char move[16];
    if (p.row < e->cursor.row) {
        fmt(move, sizeof(move), "\033[%uA", e->cursor.row - p.row);
        edit_print(e, move);
    }
    for (unsigned row = e->cursor.row; row < p.row; row++)
        edit_print(e, "\n");
    fmt(move, sizeof(move), "\r\033[%uC", p.column);
    edit_print(e, p.column ? move : "\r");
    e->cursor = p;
}

/* The glyphs from byte i on, as far as there is room; returns the first that is not shown. */
static size_t draw_text(struct edit *e, size_t i)
{
    while (i < e->len && i - e->left <= VIEW_BYTES) {
        struct glyph g = glyph_at(e->buf + i, e->len - i);
        unsigned row = e->cursor.row;
        if (!find_room(e, &e->cursor, g.columns))
            break;
        if (e->cursor.row != row)
            edit_print(e, "\033[K\r\n");
        draw_glyph(e, e->buf + i, g);
        e->cursor.column = (u16)(e->cursor.column + g.columns);
        i += g.bytes;
    }
    e->bottom = max(e->bottom, e->cursor.row);
    return i;
}

static bool same_place(struct edit_place a, struct edit_place b)
{
    return a.row == b.row && a.column == b.column;
}

void edit_draw(struct edit *e)
{
    struct edit_place cursor;
    scroll(e, &cursor);
    move_to(e, (struct edit_place){0, 0});
    edit_print(e, shown_prompt(e));
    if (e->left)
        edit_print(e, "<");
    e->cursor = first_place(e);
    e->bottom = 0;
    e->cut = draw_text(e, e->left) < e->len;
    if (e->cut) {
        edit_print(e, ">");
        e->cursor.column++;
    }
    edit_print(e, "\033[J");
    if (!same_place(cursor, e->cursor))
        move_to(e, cursor);
}

void edit_draw_tail(struct edit *e, size_t was)
{
    struct edit_place end;
    if (e->at < e->len || e->cut || e->len - e->left > VIEW_BYTES || !find_cursor(e, &end))
        edit_draw(e);
    else
        draw_text(e, was);
}

void edit_draw_cursor(struct edit *e)
{
    struct edit_place cursor;
    size_t left = e->left;
    scroll(e, &cursor);
    if (e->left != left)
        edit_draw(e);
    else
        move_to(e, cursor);
}

bool edit_draw_rubout(struct edit *e)
{
    struct edit_place end;
    if (e->at < e->len || e->left || e->cut || !find_cursor(e, &end) || end.row != e->cursor.row ||
        end.column + 1 != e->cursor.column)
        return false;
    edit_print(e, "\b \b");
    e->cursor = end;
    return true;
}

/* Behind what is shown, where other output may follow. */
static void leave_view(struct edit *e)
{
    move_to(e, (struct edit_place){e->bottom, e->cursor.column});
    edit_print(e, "\r\n");
    edit_view_begin(e);
}

void edit_view_begin(struct edit *e)
{
    e->cursor = (struct edit_place){0, 0};
    e->bottom = 0;
}

void edit_draw_done(struct edit *e)
{
    bool whole = !e->left && !e->cut && e->prompt == e->own_prompt;
    e->prompt = e->own_prompt;
    if (!whole) { /* so that what the terminal keeps of it can be read and copied */
        move_to(e, (struct edit_place){0, 0});
        edit_print(e, "\033[J");
        edit_print(e, shown_prompt(e));
        for (size_t i = 0; i < e->len;) {
            struct glyph g = glyph_at(e->buf + i, e->len - i);
            draw_glyph(e, e->buf + i, g);
            i += g.bytes;
        }
        edit_print(e, "\r\n");
        edit_view_begin(e);
        return;
    }
    leave_view(e);
}

void edit_draw_cancelled(struct edit *e)
{
    edit_draw_cursor(e);
    edit_print(e, "^C");
    leave_view(e);
}

void edit_draw_offers(struct edit *e)
{
    const struct offers *o = &e->offers;
    size_t widest = 1;
    for (u32 i = 0; i < o->count; i++)
        widest = max(widest, glyph_columns(offers_get(o, i), strlen(offers_get(o, i))));
    u32 across = (u32)max((size_t)1, (size_t)(e->columns - 1) / (widest + 2));
    u32 down = (o->count + across - 1) / across;
    leave_view(e);
    for (u32 row = 0; row < down; row++) {
        edit_print(e, row ? "\r\n" : "");
        for (u32 i = row; i < o->count; i += down) {
            const char *word = offers_get(o, i);
            edit_print(e, word);
            for (size_t n = glyph_columns(word, strlen(word)); n < widest + 2 && i + down < o->count; n++)
                edit_print(e, " ");
        }
    }
    if (o->more) {
        char more[48];
        fmt(more, sizeof(more), "\r\n... and %u more", o->more);
        edit_print(e, more);
    }
    edit_print(e, "\r\n");
}

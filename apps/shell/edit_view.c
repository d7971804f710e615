/* How the line being edited looks: one row, scrolling sideways.
 *
 *     weir# <rror nf_conntrack: table full, dropping packet' /proc/km>
 *     prompt '-- e->left                                     cursor   '-- e->cut
 *
 * The last column of the terminal is never written, because terminals differ in what they do then. Only three
 * sequences are used beyond CR, LF, BS and BEL: CSI n C, CSI K, CSI J; every terminal since the VT100 knows them.
 */
#include "apps/shell/edit_line.h"
#include "apps/shell/glyph.h"
#include "lib/fmt.h"
#include "lib/string.h"

#define ROW_BYTES 8192 /* a row of combining marks alone ends somewhere */

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

/* Columns for the text and its marks: the terminal has at least 20, so these are at least 10. */
static unsigned view_columns(const struct edit *e)
{
    return e->columns - prompt_columns(e) - 1;
}

static unsigned cursor_in_view(const struct edit *e)
{
    return (unsigned)glyph_columns(e->buf + e->left, e->at - e->left) + (e->left > 0);
}

/* Chooses e->left so that the cursor is seen, with room to the mark at the right. */
static void scroll(struct edit *e, unsigned view)
{
    if (e->left <= e->at && (!e->left || e->left < e->at) && cursor_in_view(e) + 2 <= view)
        return;
    size_t left = e->at;
    for (unsigned columns = 0; left > 0;) {
        size_t before = glyph_before(e->buf, left);
        columns += (unsigned)glyph_columns(e->buf + before, left - before);
        if (columns > view / 2)
            break;
        left = before;
    }
    e->left = left;
}

static void place_cursor(struct edit *e, unsigned column)
{
    char move[16];
    fmt(move, sizeof(move), "\r\033[%uC", column);
    edit_print(e, column ? move : "\r");
    e->column = (u16)column;
}

void edit_draw(struct edit *e)
{
    unsigned view = view_columns(e), column = 0;
    scroll(e, view);
    edit_print(e, "\r");
    edit_print(e, shown_prompt(e));
    if (e->left) {
        edit_print(e, "<");
        column = 1;
    }
    size_t i = e->left;
    while (i < e->len) {
        struct glyph g = glyph_at(e->buf + i, e->len - i);
        if (column + g.columns >= view || i - e->left > ROW_BYTES)
            break;
        column += draw_glyph(e, e->buf + i, g);
        i += g.bytes;
    }
    e->cut = i < e->len;
    if (e->cut)
        edit_print(e, ">");
    edit_print(e, "\033[K");
    unsigned cursor = prompt_columns(e) + cursor_in_view(e);
    if (e->cut || e->at < e->len)
        place_cursor(e, cursor);
    e->column = (u16)cursor;
}

void edit_draw_tail(struct edit *e, size_t was)
{
    unsigned more = (unsigned)glyph_columns(e->buf + was, e->len - was);
    unsigned limit = prompt_columns(e) + view_columns(e);
    if (e->at < e->len || e->cut || e->column + more + 2 > limit) {
        edit_draw(e);
        return;
    }
    for (size_t i = was; i < e->len;) {
        struct glyph g = glyph_at(e->buf + i, e->len - i);
        e->column = (u16)(e->column + draw_glyph(e, e->buf + i, g));
        i += g.bytes;
    }
}

void edit_draw_cursor(struct edit *e)
{
    size_t left = e->left;
    scroll(e, view_columns(e));
    if (e->left != left)
        edit_draw(e);
    else
        place_cursor(e, prompt_columns(e) + cursor_in_view(e));
}

void edit_draw_done(struct edit *e)
{
    bool whole = !e->left && !e->cut && e->prompt == e->own_prompt;
    e->prompt = e->own_prompt;
    if (!whole) { /* so that what the terminal keeps of it can be read and copied */
        edit_print(e, "\r");
        edit_print(e, shown_prompt(e));
        for (size_t i = 0; i < e->len;) {
            struct glyph g = glyph_at(e->buf + i, e->len - i);
            draw_glyph(e, e->buf + i, g);
            i += g.bytes;
        }
        edit_print(e, "\033[K");
    } else if (e->at < e->len) {
        e->at = e->len;
        place_cursor(e, prompt_columns(e) + cursor_in_view(e));
    }
    edit_print(e, "\r\n");
}

void edit_draw_offers(struct edit *e)
{
    const struct offers *o = &e->offers;
    size_t widest = 1;
    for (u32 i = 0; i < o->count; i++)
        widest = max(widest, glyph_columns(offers_get(o, i), strlen(offers_get(o, i))));
    u32 across = (u32)max((size_t)1, (size_t)(e->columns - 1) / (widest + 2));
    u32 down = (o->count + across - 1) / across;
    for (u32 row = 0; row < down; row++) {
        edit_print(e, row ? "\r\n" : "\r\n\033[J");
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

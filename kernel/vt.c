/* The terminal, as vt.h tells: the parser, and what its sequences do to the grid.
 *
 *     GROUND --ESC--> ESCAPE --[--> CSI --final byte--> GROUND
 *        ^               |--]PX^_--> STRING --BEL, ESC \ --> GROUND       titles and the like: swallowed;
 *        |               |--()#% --> ONE_MORE --any--> GROUND             character sets: swallowed
 *        +--other byte---+
 *
 * Control characters act inside a sequence as they do outside (VT100); CAN and SUB end it.
 * Coordinates are from 0 here and from 1 in sequences. A wide or combining character takes one cell, as any other: the
 * font has none.
 */
#include "kernel/vt.h"
#include "lib/fmt.h"
#include "lib/string.h"

enum vt_state { GROUND, ESCAPE, CSI, STRING, STRING_ESCAPE, ONE_MORE };

#define BAD_RUNE 0xfffd

static int within(int v, int low, int high)
{
    return v < low ? low : v > high ? high : v;
}

static u32 blank(const struct vt *vt)
{
    return ' ' | (vt->attr & ~(VT_BOLD | VT_UNDERLINE | VT_REVERSE));
}

static void clear_cells(struct vt *vt, unsigned y, unsigned from, unsigned to)
{
    u32 *row = vt_row(vt, y), b = blank(vt);

    for (unsigned x = from; x < to; x++)
        row[x] = b;
}

static void clear_rows(struct vt *vt, unsigned from, unsigned to)
{
    for (unsigned y = from; y < to; y++)
        clear_cells(vt, y, 0, vt->columns);
}

static void move_row(struct vt *vt, unsigned to, unsigned from)
{
    memcpy(vt_row(vt, to), vt_row(vt, from), vt->columns * sizeof(u32));
}

/* Rows top..bottom go up by n; blank ones come in below. */
static void scroll_up(struct vt *vt, unsigned top, unsigned bottom, unsigned n)
{
    n = min(n, bottom - top + 1);
    if (!top && bottom == vt->rows - 1u) {
        vt->first = (u16)((vt->first + n) % vt->rows);
    } else {
        for (unsigned y = top; y + n <= bottom; y++)
            move_row(vt, y, y + n);
    }
    clear_rows(vt, bottom + 1 - n, bottom + 1);
}

static void scroll_down(struct vt *vt, unsigned top, unsigned bottom, unsigned n)
{
    n = min(n, bottom - top + 1);
    for (unsigned y = bottom; y >= top + n; y--)
        move_row(vt, y, y - n);
    clear_rows(vt, top, top + n);
}

static void move_to(struct vt *vt, int x, int y)
{
    int low = vt->origin ? vt->top : 0, high = vt->origin ? vt->bottom : vt->rows - 1;

    vt->x = (u16)within(x, 0, vt->columns - 1);
    vt->y = (u16)within(y, low, high);
    vt->wrap_due = false;
}

/* Up or down by n, not past the scrolling region's edge when the way begins inside it. */
static void move_rows(struct vt *vt, int n)
{
    int y = vt->y + n;

    if (n < 0)
        y = max(y, vt->y >= vt->top ? vt->top : 0);
    else
        y = min(y, vt->y <= vt->bottom ? vt->bottom : vt->rows - 1);
    vt->y = (u16)y;
    vt->wrap_due = false;
}

static void line_feed(struct vt *vt)
{
    if (vt->y == vt->bottom)
        scroll_up(vt, vt->top, vt->bottom, 1);
    else if (vt->y < vt->rows - 1)
        vt->y++;
    vt->wrap_due = false;
}

static void reverse_line_feed(struct vt *vt)
{
    if (vt->y == vt->top)
        scroll_down(vt, vt->top, vt->bottom, 1);
    else if (vt->y)
        vt->y--;
    vt->wrap_due = false;
}

static void put_rune(struct vt *vt, u32 rune)
{
    if (rune > 0xffff)
        rune = BAD_RUNE;
    if (vt->wrap_due && !vt->no_wrap) {
        vt->x = 0;
        line_feed(vt);
    }
    vt_row(vt, vt->y)[vt->x] = rune | vt->attr;
    vt->last = rune;
    vt->wrap_due = vt->x == vt->columns - 1;
    if (!vt->wrap_due)
        vt->x++;
}

static void reset(struct vt *vt)
{
    vt->attr = VT_PLAIN;
    vt->first = 0;
    vt->top = 0;
    vt->bottom = (u16)(vt->rows - 1);
    vt->no_wrap = vt->cursor_hidden = vt->origin = false;
    vt->last = ' ';
    clear_rows(vt, 0, vt->rows);
    move_to(vt, 0, 0);
    vt->saved.x = vt->saved.y = 0;
    vt->saved.attr = vt->attr;
}

void vt_init(struct vt *vt, u32 *cells, unsigned columns, unsigned rows,
             void (*reply)(void *arg, const char *p, size_t n), void *arg)
{
    *vt = (struct vt){
        .cells = cells,
        .columns = (u16)within((int)columns, 1, VT_COLUMNS_MAX),
        .rows = (u16)within((int)rows, 1, VT_ROWS_MAX),
        .reply = reply,
        .arg = arg,
    };
    reset(vt);
}

static void save_cursor(struct vt *vt)
{
    vt->saved.x = vt->x;
    vt->saved.y = vt->y;
    vt->saved.attr = vt->attr;
}

static void restore_cursor(struct vt *vt)
{
    move_to(vt, vt->saved.x, vt->saved.y);
    vt->attr = vt->saved.attr;
}

/* ---- CSI ---- */

/* Parameter i, `none` where it is left out or 0. */
static unsigned param(const struct vt *vt, unsigned i, unsigned none)
{
    return i < vt->params && vt->param[i] ? vt->param[i] : none;
}

static void answer(struct vt *vt)
{
    char text[32];

    if (!vt->reply)
        return;
    if (param(vt, 0, 0) == 5)
        vt->reply(vt->arg, "\033[0n", 4);
    else if (param(vt, 0, 0) == 6)
        vt->reply(vt->arg, text, fmt(text, sizeof(text), "\033[%u;%uR", vt->y + 1u, vt->x + 1u));
}

static void set_fg(struct vt *vt, u32 colour)
{
    vt->attr = (vt->attr & ~(15u << 16)) | colour << 16;
}

static void set_bg(struct vt *vt, u32 colour)
{
    vt->attr = (vt->attr & ~(15u << 20)) | colour << 20;
}

/* The nearest of the 16 colours to one of the 256. */
static u32 colour_of_256(u32 c)
{
    if (c < 16)
        return c;
    if (c >= 232)
        return c < 238 ? 0 : c < 244 ? 8 : c < 250 ? 7 : 15;
    u32 r = (c - 16) / 36, g = (c - 16) / 6 % 6, b = (c - 16) % 6;
    u32 most = max(r, g);
    most = max(most, b);
    if (!most)
        return 0;
    return (r * 2 > most ? 1u : 0) | (g * 2 > most ? 2u : 0) | (b * 2 > most ? 4u : 0) | (most > 3 ? 8u : 0);
}

static u32 colour_of_rgb(u32 r, u32 g, u32 b)
{
    return colour_of_256(16 + min(r, 255u) / 43 * 36 + min(g, 255u) / 43 * 6 + min(b, 255u) / 43);
}

/* 38;5;N or 38;2;R;G;B at parameter i: sets the colour, returns the last parameter used. */
static unsigned extended_colour(struct vt *vt, unsigned i, void (*set)(struct vt *vt, u32 colour))
{
    if (param(vt, i + 1, 0) == 5) {
        set(vt, colour_of_256(min(param(vt, i + 2, 0), 255u)));
        return i + 2;
    }
    if (param(vt, i + 1, 0) == 2) {
        set(vt, colour_of_rgb(param(vt, i + 2, 0), param(vt, i + 3, 0), param(vt, i + 4, 0)));
        return i + 4;
    }
    return i + 1;
}

static void set_attributes(struct vt *vt)
{
    for (unsigned i = 0; i < max((unsigned)vt->params, 1u); i++) {
        unsigned p = param(vt, i, 0);
        switch (p) {
        case 0: vt->attr = VT_PLAIN; break;
        case 1: vt->attr |= VT_BOLD; break;
        case 4: vt->attr |= VT_UNDERLINE; break;
        case 7: vt->attr |= VT_REVERSE; break;
        case 2:
        case 22: vt->attr &= ~VT_BOLD; break;
        case 24: vt->attr &= ~VT_UNDERLINE; break;
        case 27: vt->attr &= ~VT_REVERSE; break;
        case 38: i = extended_colour(vt, i, set_fg); break;
        case 39: set_fg(vt, 7); break;
        case 48: i = extended_colour(vt, i, set_bg); break;
        case 49: set_bg(vt, 0); break;
        default:
            if (p >= 30 && p <= 37)
                set_fg(vt, p - 30);
            else if (p >= 40 && p <= 47)
                set_bg(vt, p - 40);
            else if (p >= 90 && p <= 97)
                set_fg(vt, p - 90 + 8);
            else if (p >= 100 && p <= 107)
                set_bg(vt, p - 100 + 8);
        }
    }
}

static void erase_display(struct vt *vt)
{
    switch (param(vt, 0, 0)) {
    case 0:
        clear_cells(vt, vt->y, vt->x, vt->columns);
        clear_rows(vt, vt->y + 1u, vt->rows);
        break;
    case 1:
        clear_rows(vt, 0, vt->y);
        clear_cells(vt, vt->y, 0, vt->x + 1u);
        break;
    case 2:
    case 3: clear_rows(vt, 0, vt->rows); break;
    }
}

static void erase_line(struct vt *vt)
{
    unsigned how = param(vt, 0, 0);

    if (how <= 2)
        clear_cells(vt, vt->y, how ? 0 : vt->x, how == 1 ? vt->x + 1u : vt->columns);
}

/* n cells at the cursor go away (or come in, blank); the rest of the row closes up (or makes room). */
static void shift_cells(struct vt *vt, unsigned n, bool insert)
{
    u32 *at = vt_row(vt, vt->y) + vt->x;
    unsigned rest = vt->columns - vt->x;

    n = min(n, rest);
    if (insert)
        memmove(at + n, at, (rest - n) * sizeof(u32));
    else
        memmove(at, at + n, (rest - n) * sizeof(u32));
    clear_cells(vt, vt->y, insert ? vt->x : vt->columns - n, insert ? vt->x + n : vt->columns);
}

static void shift_rows(struct vt *vt, unsigned n, bool insert)
{
    if (vt->y < vt->top || vt->y > vt->bottom)
        return;
    if (insert)
        scroll_down(vt, vt->y, vt->bottom, n);
    else
        scroll_up(vt, vt->y, vt->bottom, n);
    move_to(vt, 0, vt->y);
}

static void set_region(struct vt *vt)
{
    unsigned top = param(vt, 0, 1) - 1, bottom = min(param(vt, 1, vt->rows), (unsigned)vt->rows) - 1;

    if (top >= bottom)
        return;
    vt->top = (u16)top;
    vt->bottom = (u16)bottom;
    move_to(vt, 0, vt->origin ? vt->top : 0);
}

static void set_mode(struct vt *vt, bool on)
{
    for (unsigned i = 0; vt->private && i < vt->params; i++) {
        switch (vt->param[i]) {
        case 6:
            vt->origin = on;
            move_to(vt, 0, on ? vt->top : 0);
            break;
        case 7: vt->no_wrap = !on; break;
        case 25: vt->cursor_hidden = !on; break;
        case 1049: /* the other screen of xterm: there is none, but who comes wants an empty one */
            clear_rows(vt, 0, vt->rows);
            move_to(vt, 0, 0);
            break;
        }
    }
}

static void repeat(struct vt *vt, unsigned n)
{
    for (n = min(n, (unsigned)vt->columns * vt->rows); n; n--)
        put_rune(vt, vt->last);
}

static void csi_edit(struct vt *vt, char final, unsigned n)
{
    switch (final) {
    case '@': shift_cells(vt, n, true); break;
    case 'P': shift_cells(vt, n, false); break;
    case 'L': shift_rows(vt, n, true); break;
    case 'M': shift_rows(vt, n, false); break;
    case 'S': scroll_up(vt, vt->top, vt->bottom, n); break;
    case 'T': scroll_down(vt, vt->top, vt->bottom, n); break;
    case 'X': clear_cells(vt, vt->y, vt->x, min(vt->x + n, (unsigned)vt->columns)); break;
    case 'b': repeat(vt, n); break;
    case 'c':
        if (vt->reply && !param(vt, 0, 0))
            vt->reply(vt->arg, "\033[?1;2c", 7);
        break;
    }
}

static void csi(struct vt *vt, char final)
{
    unsigned n = param(vt, 0, 1);
    int rows = vt->origin ? vt->top : 0;

    if (vt->odd || (vt->private && final != 'h' && final != 'l'))
        return;
    switch (final) {
    case 'A': move_rows(vt, -(int)n); break;
    case 'B':
    case 'e': move_rows(vt, (int)n); break;
    case 'C':
    case 'a': move_to(vt, vt->x + (int)n, vt->y); break;
    case 'D': move_to(vt, vt->x - (int)n, vt->y); break;
    case 'E':
        move_rows(vt, (int)n);
        vt->x = 0;
        break;
    case 'F':
        move_rows(vt, -(int)n);
        vt->x = 0;
        break;
    case 'G':
    case '`': move_to(vt, (int)n - 1, vt->y); break;
    case 'd': move_to(vt, vt->x, rows + (int)n - 1); break;
    case 'H':
    case 'f': move_to(vt, (int)param(vt, 1, 1) - 1, rows + (int)n - 1); break;
    case 'J': erase_display(vt); break;
    case 'K': erase_line(vt); break;
    case 'm': set_attributes(vt); break;
    case 'n': answer(vt); break;
    case 'r': set_region(vt); break;
    case 's': save_cursor(vt); break;
    case 'u': restore_cursor(vt); break;
    case 'h': set_mode(vt, true); break;
    case 'l': set_mode(vt, false); break;
    default: csi_edit(vt, final, n);
    }
}

static void csi_byte(struct vt *vt, u8 c)
{
    if (char_is_digit((char)c)) {
        if (!vt->digits) {
            vt->digits = true;
            if (vt->params < VT_PARAMS)
                vt->param[vt->params++] = 0;
            else
                vt->odd = true;
        }
        u16 *p = &vt->param[vt->params - 1];
        *p = (u16)min(*p * 10u + (c - '0'), 9999u);
    } else if (c == ';' || c == ':') {
        if (!vt->digits && vt->params < VT_PARAMS)
            vt->param[vt->params++] = 0;
        vt->digits = false;
    } else if (c == '?') {
        vt->private = true;
    } else if (c >= 0x20 && c <= 0x3f) {
        vt->odd = true;
    } else {
        if (c >= 0x40 && c < 0x7f)
            csi(vt, (char)c);
        vt->state = GROUND;
    }
}

static void escape_byte(struct vt *vt, u8 c)
{
    vt->state = GROUND;
    switch (c) {
    case '[':
        vt->state = CSI;
        vt->params = 0;
        vt->private = vt->digits = vt->odd = false;
        break;
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_': vt->state = STRING; break;
    case '(':
    case ')':
    case '*':
    case '+':
    case '#':
    case '%':
    case ' ': vt->state = ONE_MORE; break;
    case '7': save_cursor(vt); break;
    case '8': restore_cursor(vt); break;
    case 'D': line_feed(vt); break;
    case 'E':
        vt->x = 0;
        line_feed(vt);
        break;
    case 'M': reverse_line_feed(vt); break;
    case 'c': reset(vt); break;
    }
}

/* ---- bytes ---- */

static void control(struct vt *vt, u8 c)
{
    switch (c) {
    case '\a': vt->bell = true; break;
    case '\b':
        if (vt->x && !vt->wrap_due)
            vt->x--;
        vt->wrap_due = false;
        break;
    case '\t': move_to(vt, (vt->x | 7) + 1, vt->y); break;
    case '\n':
    case '\v':
    case '\f': line_feed(vt); break;
    case '\r':
        vt->x = 0;
        vt->wrap_due = false;
        break;
    case 0x18:
    case 0x1a: vt->state = GROUND; break;
    case 0x1b: vt->state = ESCAPE; break;
    }
}

/* A byte from 0x80 up. Ill-formed UTF-8 shows as U+FFFD, one for each piece. */
static void utf8_byte(struct vt *vt, u8 c)
{
    if (vt->rune_left && (c & 0xc0) == 0x80) {
        vt->rune = vt->rune << 6 | (c & 0x3f);
        if (--vt->rune_left)
            return;
        bool surrogate = vt->rune >= 0xd800 && vt->rune < 0xe000;
        put_rune(vt, vt->rune < vt->rune_least || surrogate ? BAD_RUNE : vt->rune);
        return;
    }
    if (vt->rune_left)
        put_rune(vt, BAD_RUNE);
    vt->rune_left = c >= 0xf5 || c < 0xc2 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (!vt->rune_left) {
        put_rune(vt, BAD_RUNE);
        return;
    }
    vt->rune_least = vt->rune_left == 3 ? 0x10000 : vt->rune_left == 2 ? 0x800 : 0x80;
    vt->rune = c & (0x3fu >> vt->rune_left);
}

static void feed_byte(struct vt *vt, u8 c)
{
    if (vt->rune_left && c < 0x80) {
        vt->rune_left = 0;
        put_rune(vt, BAD_RUNE);
    }
    if (vt->state == STRING_ESCAPE && c != '\\')
        vt->state = ESCAPE; /* the string was broken off by the next sequence */
    if (vt->state == STRING || vt->state == STRING_ESCAPE) {
        bool end = c == '\a' || c == 0x18 || c == 0x1a || vt->state == STRING_ESCAPE;
        vt->state = end ? GROUND : c == 0x1b ? STRING_ESCAPE : STRING;
    } else if (c < ' ') {
        control(vt, c);
    } else if (vt->state == ESCAPE) {
        escape_byte(vt, c);
    } else if (vt->state == CSI) {
        csi_byte(vt, c);
    } else if (vt->state == ONE_MORE) {
        vt->state = GROUND;
    } else if (c >= 0x80) {
        utf8_byte(vt, c);
    } else if (c != 0x7f) {
        put_rune(vt, c);
    }
}

void vt_feed(struct vt *vt, const void *p, size_t n)
{
    for (const u8 *c = p; n; n--, c++)
        feed_byte(vt, *c);
}

/* A terminal as a state machine: bytes in, a grid of cells out. What a VT100 does, with colours and UTF-8.
 *
 *     struct vt vt;
 *     vt_init(&vt, cells, 80, 25, reply, arg);      cells: rows * columns, the caller's
 *     vt_feed(&vt, "\033[1mhello\r\n", 11);
 *     u32 c = vt_cell(&vt, x, y);                    VT_RUNE(c), VT_FG(c), VT_BG(c), c & VT_BOLD
 *
 * Pure: no clock, no memory of its own, nothing drawn. Who shows it compares the cells with what stands on the glass.
 * Whatever is fed, the cursor stays inside and no sequence is remembered beyond VT_PARAMS numbers.
 * It answers (through `reply`) where the cursor is and that it is a VT100; it never answers with text it was given.
 */
#ifndef KERNEL_VT_H
#define KERNEL_VT_H

#include "lib/base.h"

#define VT_PARAMS      16
#define VT_COLUMNS_MAX 320
#define VT_ROWS_MAX    160

/* A cell: the character in bits 0-15, foreground 16-19 and background 20-23 (the 16 colours of ANSI), then flags. */
#define VT_RUNE(c)   ((c)&0xffff)
#define VT_FG(c)     ((c) >> 16 & 15)
#define VT_BG(c)     ((c) >> 20 & 15)
#define VT_BOLD      (1u << 24)
#define VT_UNDERLINE (1u << 25)
#define VT_REVERSE   (1u << 26) /* not yet applied to the colours: the shower does it */
#define VT_PLAIN     (7u << 16) /* grey on black */

struct vt {
    u32 *cells;
    u16 columns, rows;
    u16 first; /* the row of `cells` that is shown on top: scrolling the whole turns the wheel */
    u16 x, y;
    u16 top, bottom; /* scrolling region, both inclusive */
    bool wrap_due;   /* the last column was written: the next character goes to the next row */
    bool no_wrap, cursor_hidden, origin;
    bool bell; /* rang since the shower last looked: it puts it back */
    u32 attr;  /* of what is written next: a cell without its character */

    struct {
        u16 x, y;
        u32 attr;
    } saved;

    /* parser */
    u8 state, params;
    bool private, digits, odd; /* CSI ?; a parameter has begun; a sequence that is not ours: skipped to its end */
    u16 param[VT_PARAMS];
    u32 rune; /* UTF-8 under way */
    u8 rune_left;
    u32 rune_least; /* shorter would have done: refused */
    u32 last;       /* last character written, for REP */

    void (*reply)(void *arg, const char *p, size_t n); /* may be NULL */
    void *arg;
};

/* Columns and rows are cut to the bounds above; the caller's cells hold as many as it said, within them. */
void vt_init(struct vt *vt, u32 *cells, unsigned columns, unsigned rows,
             void (*reply)(void *arg, const char *p, size_t n), void *arg);
void vt_feed(struct vt *vt, const void *p, size_t n);

static inline u32 *vt_row(const struct vt *vt, unsigned y)
{
    unsigned at = vt->first + y;
    return vt->cells + (size_t)(at >= vt->rows ? at - vt->rows : at) * vt->columns;
}

static inline u32 vt_cell(const struct vt *vt, unsigned x, unsigned y)
{
    return vt_row(vt, y)[x];
}

#endif

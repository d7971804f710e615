/* The console as an output.
 *
 * Rows are counted as the terminal counts them: by newlines, and by what goes beyond its width. Escape sequences take
 * no room; one that goes home (CSI H) begins a new page, so that `watch` and `clear` never meet the prompt. When a
 * person wants no more, the write fails with -EPIPE, and the command sees what it would see if a pipe's reader had
 * left.
 */
#include "apps/shell/pager.h"
#include "lib/plat.h"
#include "lib/string.h"

static const char prompt[] = "--More-- (space, Enter, q)", wipe[] = "\r\033[K";

/* How many further rows are wanted; 0: no more at all. */
static u16 ask(struct pager *p)
{
    u16 rows = 0;
    console_write(prompt, sizeof(prompt) - 1);
    for (bool answered = false; !answered;) {
        int byte = typed_get(p->typed, ~0ull);
        answered = true;
        if (byte == ' ' || byte == 'f')
            rows = p->rows - 1;
        else if (byte == '\r' || byte == '\n' || byte == 'j')
            rows = 1;
        else if (byte == 'd')
            rows = p->rows / 2;
        else
            answered = byte == 'q' || byte == 'Q' || byte < 0 || byte == 0x04;
    }
    console_write(wipe, sizeof(wipe) - 1);
    return rows;
}

/* Follows one byte; true when a row was ended by it: a newline, or the first byte of what stands in the next row. */
static bool ends_row(struct pager *p, char c)
{
    if (p->in_escape) {
        if (c == 'H')
            p->row = p->column = 0;
        p->in_escape = c == '[' || c == ';' || c == '?' || char_is_digit(c);
        return false;
    }
    p->in_escape = c == 0x1b;
    if (c == '\n')
        return true;
    if (c == '\r')
        p->column = 0;
    else if (c == '\t')
        p->column = (u16)((p->column | 7) + 1);
    else if ((u8)c >= 0x20 && ((u8)c & 0xc0) != 0x80)
        p->column++;
    return p->column > p->columns;
}

static int write_pages(struct pager *p, const char *s, size_t n)
{
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        if (!ends_row(p, s[i]))
            continue;
        p->column = s[i] != '\n';
        if (++p->row + 1 < p->rows)
            continue;
        size_t stop = i + (s[i] == '\n'); /* no character is cut in two */
        console_write(s + from, stop - from);
        from = stop;
        u16 more = ask(p);
        if (!more)
            return -EPIPE;
        p->row = (u16)(p->rows - 1 - more);
    }
    console_write(s + from, n - from);
    return 0;
}

static int take(struct out *o, const char *s, size_t n)
{
    struct pager *p = container_of(o, struct pager, out);
    if (!n)
        return 0;
    p->clean = s[n - 1] == '\n';
    if (p->paging && p->rows > 2) {
        int err = write_pages(p, s, n);
        p->clean |= err != 0; /* the prompt was wiped */
        return err;
    }
    console_write(s, n);
    return 0;
}

void pager_init(struct pager *p, struct typed *typed)
{
    *p = (struct pager){.typed = typed, .clean = true};
    out_init(&p->out, take, NULL, false);
}

void pager_begin(struct pager *p, u16 columns, u16 rows, bool paging)
{
    out_init(&p->out, take, NULL, false);
    p->out.columns = p->columns = columns;
    p->rows = rows;
    p->paging = paging;
    p->row = p->column = 0;
    p->in_escape = false;
    p->clean = true;
}

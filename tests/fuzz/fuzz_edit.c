/* Any bytes from a terminal: the editor stays within its bounds, and its line is always well-formed text.
 * 3000 inputs in make test. */
#include "apps/shell/edit.h"
#include "apps/shell/glyph.h"
#include "lib/plat.h"
#include "lib/string.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static size_t written;

static void count_output(void *arg, const char *p, size_t n)
{
    written += n;
}

static void offer_some(void *arg, const char *line, size_t at, struct offers *o)
{
    o->from = at > 3 ? at - at % 4 : 0;
    offers_add(o, "interrupts");
    if (at % 2)
        offers_add(o, "interval\303\266");
    for (int i = 0; at % 5 == 4 && i < 300; i++) {
        char word[8] = {'i', 'n', (char)('a' + i % 26), (char)('a' + i / 26)};
        offers_add(o, word);
    }
}

static void check_line(const struct edit *e)
{
    if (e->at > e->len || e->len >= EDIT_MAX || e->buf[e->len] || e->left > e->len)
        panic("cursor or length out of bounds");
    if (e->cursor.row > e->bottom || e->bottom >= EDIT_VIEW_ROWS || e->cursor.column >= e->columns)
        panic("the cursor stands at %u %u", e->cursor.row, e->cursor.column);
    for (size_t i = 0; i < e->len;) {
        struct glyph g = glyph_at(e->buf + i, e->len - i);
        if (!g.valid)
            panic("the line is no UTF-8");
        i += g.bytes;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct edit *e = mem_alloc(sizeof(*e));
    struct history *h = mem_zalloc(sizeof(*h));
    edit_init(e, count_output, offer_some, NULL, h);
    edit_begin(e, "weir# ");
    for (size_t i = 0; i < n; i++) {
        written = 0;
        enum edit_event event = edit_feed(e, p[i]);
        if (event == EDIT_MORE && written > 40 * 1024)
            panic("a key cost %zu bytes of output", written);
        check_line(e);
        if (event != EDIT_MORE)
            edit_begin(e, p[i] & 1 ? "> " : "weir# ");
    }
    edit_free(e);
    history_clear(h);
    mem_free(e);
    mem_free(h);
    return 0;
}

/* UTF-8 text as a terminal shows it.
 *
 * The widths are those that terminals agree on: combining marks take no column, East Asian wide characters and emoji
 * two. The table is coarse on purpose: whole blocks, not single characters, since fonts and terminals differ in the
 * rest anyway. Any bytes are welcome; nothing is read beyond p[n).
 */
#include "apps/shell/glyph.h"
#include "lib/string.h"

struct range {
    u32 from, to;
    u8 columns;
};

static const struct range widths[] = {
    {0x00300, 0x0036f, 0}, {0x00483, 0x00489, 0}, {0x00591, 0x005bd, 0}, {0x0064b, 0x0065f, 0}, {0x01100, 0x0115f, 2},
    {0x01ab0, 0x01aff, 0}, {0x01dc0, 0x01dff, 0}, {0x0200b, 0x0200f, 0}, {0x0202a, 0x0202e, 0}, {0x02060, 0x02064, 0},
    {0x020d0, 0x020ff, 0}, {0x02e80, 0x0303e, 2}, {0x03041, 0x033ff, 2}, {0x03400, 0x04dbf, 2}, {0x04e00, 0x09fff, 2},
    {0x0a000, 0x0a4cf, 2}, {0x0a960, 0x0a97f, 2}, {0x0ac00, 0x0d7a3, 2}, {0x0f900, 0x0faff, 2}, {0x0fe00, 0x0fe0f, 0},
    {0x0fe20, 0x0fe2f, 0}, {0x0fe30, 0x0fe6f, 2}, {0x0feff, 0x0feff, 0}, {0x0ff00, 0x0ff60, 2}, {0x0ffe0, 0x0ffe6, 2},
    {0x1f300, 0x1f64f, 2}, {0x1f680, 0x1f6ff, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2}, {0xe0100, 0xe01ef, 0},
};

static u8 rune_columns(u32 rune)
{
    if (rune < 0x20 || rune == 0x7f)
        return 2;
    for (size_t i = 0; i < ARRAY_LEN(widths) && widths[i].from <= rune; i++)
        if (rune <= widths[i].to)
            return widths[i].columns;
    return 1;
}

unsigned glyph_length(u8 first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2) /* a continuation, or the start of an overlong form */
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

struct glyph glyph_at(const char *p, size_t n)
{
    u32 rune;
    unsigned bytes = utf8_take(p, n, &rune);
    if (!bytes || (rune >= 0x80 && rune < 0xa0)) /* C1 is for terminals alone */
        return (struct glyph){.bytes = 1, .columns = 1, .valid = false, .rune = 0xfffd};
    return (struct glyph){.bytes = (u8)bytes, .columns = rune_columns(rune), .valid = true, .rune = rune};
}

static size_t rune_before(const char *p, size_t at)
{
    for (size_t back = 1; back <= 4 && back <= at; back++) {
        struct glyph g = glyph_at(p + at - back, back);
        if (g.valid && g.bytes == back)
            return at - back;
    }
    return at - 1;
}

size_t glyph_before(const char *p, size_t at)
{
    size_t start = rune_before(p, at);
    while (start > 0 && glyph_at(p + start, at - start).columns == 0)
        start = rune_before(p, start);
    return start;
}

size_t glyph_after(const char *p, size_t n, size_t at)
{
    for (at += glyph_at(p + at, n - at).bytes; at < n;) {
        struct glyph g = glyph_at(p + at, n - at);
        if (g.columns)
            break;
        at += g.bytes;
    }
    return at;
}

size_t glyph_columns(const char *p, size_t n)
{
    size_t columns = 0;
    for (size_t i = 0; i < n;) {
        struct glyph g = glyph_at(p + i, n - i);
        columns += g.columns;
        i += g.bytes;
    }
    return columns;
}

/* A model of a terminal: CR, LF, BS, BEL, CSI A C H J K, save and restore, UTF-8 with wide and combining characters.
 *
 * Anything else is counted as unknown, so that a test can demand that the console uses only what every terminal has.
 */
#include "tests/unit/apps/shell/screen.h"
#include "apps/shell/glyph.h"
#include "lib/fmt.h"
#include "lib/string.h"

void screen_init(struct screen *s)
{
    memset(s, 0, sizeof(*s));
    for (unsigned r = 0; r < SCREEN_ROWS; r++)
        for (unsigned c = 0; c < SCREEN_COLUMNS; c++)
            s->cell[r][c][0] = ' ';
}

static void clear(struct screen *s, unsigned row, unsigned column)
{
    for (; column < SCREEN_COLUMNS; column++)
        str_copy(s->cell[row][column], 8, " ");
}

static void line_feed(struct screen *s)
{
    if (s->row + 1 < SCREEN_ROWS) {
        s->row++;
        return;
    }
    memmove(s->cell[0], s->cell[1], sizeof(s->cell[0]) * (SCREEN_ROWS - 1));
    clear(s, SCREEN_ROWS - 1, 0);
}

static void put_glyph(struct screen *s)
{
    struct glyph g = glyph_at(s->glyph, s->glyph_len);
    char text[5];
    str_copy_n(text, sizeof(text), s->glyph, s->glyph_len);
    if (!g.columns) {
        if (s->column)
            str_append(s->cell[s->row][s->column - 1], 8, text);
        return;
    }
    if (s->column + g.columns > SCREEN_COLUMNS) {
        s->wrapped++;
        s->column = 0;
        line_feed(s);
    }
    str_copy(s->cell[s->row][s->column], 8, text);
    if (g.columns == 2)
        s->cell[s->row][s->column + 1][0] = 0;
    s->column += g.columns;
}

static void end_sequence(struct screen *s, char last)
{
    unsigned n = 0;
    for (unsigned i = 0; i < s->sequence_len && char_is_digit(s->sequence[i]); i++)
        n = n * 10 + (unsigned)(s->sequence[i] - '0');
    if (last == 'A')
        s->row -= min(n + !n, s->row);
    else if (last == 'C')
        s->column = min(s->column + n + !n, SCREEN_COLUMNS - 1u);
    else if (last == 'K' && !n)
        clear(s, s->row, s->column);
    else if (last == 'J' && !n)
        for (unsigned r = s->row; r < SCREEN_ROWS; r++)
            clear(s, r, r == s->row ? s->column : 0);
    else if (last == 'H')
        s->row = s->column = 0;
    else if (!(last == 'h' && str_eq(s->sequence, "?2004")) && last != 'n')
        s->unknown++;
}

static void put_byte(struct screen *s, char c)
{
    if (s->state == 1) {
        s->state = c == '[' ? 2 : 0;
        s->sequence_len = 0;
        s->unknown += c != '[' && c != '7' && c != '8';
    } else if (s->state == 2) {
        if (c >= '@' && c <= '~') {
            s->sequence[s->sequence_len] = 0;
            end_sequence(s, c);
            s->state = 0;
        } else if (s->sequence_len + 1 < sizeof(s->sequence)) {
            s->sequence[s->sequence_len++] = c;
        }
    } else if (c == 0x1b) {
        s->state = 1;
    } else if (c == '\r') {
        s->column = 0;
    } else if (c == '\n') {
        line_feed(s);
    } else if (c == '\b') {
        s->column -= s->column > 0;
    } else if (c == '\a') {
        s->bells++;
    } else if ((u8)c < 0x20) {
        s->unknown++;
    } else {
        if (!s->glyph_len)
            s->glyph_wanted = max(1u, glyph_length((u8)c));
        s->glyph[s->glyph_len++] = c;
        if (s->glyph_len == s->glyph_wanted) {
            put_glyph(s);
            s->glyph_len = 0;
        }
    }
}

void screen_put(void *screen, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_byte(screen, p[i]);
}

const char *screen_row(const struct screen *s, unsigned row)
{
    static char text[SCREEN_COLUMNS * 8 + 1];
    text[0] = 0;
    for (unsigned c = 0; c < SCREEN_COLUMNS; c++)
        str_append(text, sizeof(text), s->cell[row][c]);
    size_t n = strlen(text);
    while (n && text[n - 1] == ' ')
        text[--n] = 0;
    return text;
}

/* The terminal: each row is a screen of 10 x 4, what is fed, and what stands there afterwards. */
#include "kernel/vt.h"
#include "lib/check.h"
#include "lib/fmt.h"
#include "lib/string.h"

#define COLUMNS 10
#define ROWS    4

static u32 cells[COLUMNS * ROWS];
static char replies[64];

static void reply(void *arg, const char *p, size_t n)
{
    size_t at = strlen(replies);
    str_copy_n(replies + at, sizeof(replies) - at, p, n);
}

/* Rows without their blanks at the end, joined by '|'; other than ASCII as '?'. */
static void show(const struct vt *vt, char *to)
{
    for (unsigned y = 0; y < vt->rows; y++) {
        unsigned end = vt->columns;
        while (end && VT_RUNE(vt_cell(vt, end - 1, y)) == ' ')
            end--;
        for (unsigned x = 0; x < end; x++)
            *to++ = VT_RUNE(vt_cell(vt, x, y)) < 0x7f ? (char)VT_RUNE(vt_cell(vt, x, y)) : '?';
        *to++ = '|';
    }
    to[-1] = 0;
}

static struct vt fed(const char *text)
{
    struct vt vt;
    replies[0] = 0;
    vt_init(&vt, cells, COLUMNS, ROWS, reply, NULL);
    vt_feed(&vt, text, strlen(text));
    return vt;
}

TEST(vt_sequences)
{
    static const struct {
        const char *in, *out;
        unsigned x, y;
    } cases[] = {
        {"", "|||", 0, 0},
        {"hello", "hello|||", 5, 0},
        {"a\r\nb\nc", "a|b| c|", 2, 2},
        {"0123456789", "0123456789|||", 9, 0},
        {"0123456789a", "0123456789|a||", 1, 1},
        {"0123456789\r\nb", "0123456789|b||", 1, 1},
        {"0123456789\bX", "012345678X|||", 9, 0},
        {"\033[?7l0123456789abc", "012345678c|||", 9, 0},
        {"1\r\n2\r\n3\r\n4\r\n5", "2|3|4|5", 1, 3},
        {"1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7", "4|5|6|7", 1, 3},
        {"a\tb", "a       b|||", 9, 0},
        {"abc\b\bX", "aXc|||", 2, 0},
        {"\bX", "X|||", 1, 0},
        {"\033[3;4HX", "||   X|", 4, 2},
        {"\033[99;99HX", "|||         X", 9, 3},
        {"\033[HX", "X|||", 1, 0},
        {"\033[;3HX", "  X|||", 3, 0},
        {"abc\033[2DX", "aXc|||", 2, 0},
        {"abc\033[9DX", "Xbc|||", 1, 0},
        {"a\033[3CX", "a   X|||", 5, 0},
        {"\033[2BX\033[AY", "| Y|X|", 2, 1},
        {"\033[3GX\033[2dY", "  X|   Y||", 4, 1},
        {"ab\033[2EX", "ab||X|", 1, 2},
        {"abcdef\033[4G\033[K", "abc|||", 3, 0},
        {"abcdef\033[4G\033[1K", "    ef|||", 3, 0},
        {"abcdef\033[4G\033[2K", "|||", 3, 0},
        {"a\r\nb\r\nc\033[2;1H\033[J", "a|||", 0, 1},
        {"a\r\nb\r\nc\033[2;1H\033[1J", "||c|", 0, 1},
        {"a\r\nb\r\nc\033[2J", "|||", 1, 2},
        {"abcdef\033[3G\033[2P", "abef|||", 2, 0},
        {"abcdef\033[3G\033[2@", "ab  cdef|||", 2, 0},
        {"abcdef\033[3G\033[2X", "ab  ef|||", 2, 0},
        {"abcdef\033[3G\033[99P", "ab|||", 2, 0},
        {"1\r\n2\r\n3\r\n4\033[2;1H\033[L", "1||2|3", 0, 1},
        {"1\r\n2\r\n3\r\n4\033[2;1H\033[M", "1|3|4|", 0, 1},
        {"1\r\n2\r\n3\r\n4\033[2;3r\033[3;1H\nX", "1|3|X|4", 1, 2},
        {"1\r\n2\r\n3\r\n4\033[2;3r\033[2;1H\033MX", "1|X|2|4", 1, 1},
        {"1\r\n2\r\n3\r\n4\033[2S", "3|4||", 1, 3},
        {"1\r\n2\r\n3\r\n4\033[T", "|1|2|3", 1, 3},
        {"\033[2;3r\033[?6h\033[9;1HX", "||X|", 1, 2},
        {"ab\0337\r\ncd\0338X", "abX|cd||", 3, 0},
        {"ab\033[s\r\ncd\033[uX", "abX|cd||", 3, 0},
        {"a\033[3b", "aaaa|||", 4, 0},
        {"ab\033cX", "X|||", 1, 0},
        {"a\033]0;title\aX", "aX|||", 2, 0},
        {"a\033]0;title\033\\X", "aX|||", 2, 0},
        {"a\033]0;title\033[5GX", "a   X|||", 5, 0}, /* broken off */
        {"a\033]0;title\033\033[5GX", "a   X|||", 5, 0},
        {"a\033(BX", "aX|||", 2, 0},
        {"a\033[?2004hX", "aX|||", 2, 0},
        {"a\033[>1;2cX", "aX|||", 2, 0},
        {"a\033[1;2 qX", "aX|||", 2, 0},
        {"a\033[3\rCX", "a  X|||", 4, 0}, /* a control character acts inside a sequence */
        {"a\033[3\030CX", "aCX|||", 3, 0},
        {"\xc3\xa9\xe2\x94\x80X", "??X|||", 3, 0},
        {"\xf0\x9f\x98\x80X", "?X|||", 2, 0},
        {"\x80\xff\xc3X", "???X|||", 4, 0},
        {"\xc0\xafX", "??X|||", 3, 0},
        {"a\x7f\001X", "aX|||", 2, 0},
        {"\033[99999999999;5HX", "|||    X", 5, 3},
        {"\033[1;1;1;1;1;1;1;1;1;1;1mX", "X|||", 1, 0},
        {"\033[?1049hX", "X|||", 1, 0},
    };
    char got[COLUMNS * ROWS + ROWS + 1];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vt vt = fed(cases[i].in);
        show(&vt, got);
        CHECK_STR(got, cases[i].out);
        if (vt.x != cases[i].x || vt.y != cases[i].y)
            test_failed(__FILE__, __LINE__, "case %d: cursor at %u,%u", (int)i, vt.x, vt.y);
    }
}

TEST(vt_foreground_and_background_at_once)
{
    struct vt vt = fed("\033[38;2;255;0;0;48;2;0;0;255mX");
    CHECK_EQ(VT_FG(vt_cell(&vt, 0, 0)), 9);
    CHECK_EQ(VT_BG(vt_cell(&vt, 0, 0)), 12);
}

/* As on Linux: what is erased has the colours, and is not reversed. */
TEST(vt_erased_cells_are_not_reversed)
{
    struct vt vt = fed("\033[44;7mX\033[K");
    CHECK(vt_cell(&vt, 0, 0) & VT_REVERSE);
    CHECK_EQ(vt_cell(&vt, 1, 0) & VT_REVERSE, 0);
    CHECK_EQ(VT_BG(vt_cell(&vt, 1, 0)), 4);
}

TEST(vt_runes_are_kept)
{
    struct vt vt = fed("\xc3\xa9\xe2\x94\x80\xed\xa0\x80\xf0\x9f\x98\x80");
    CHECK_EQ(VT_RUNE(vt_cell(&vt, 0, 0)), 0xe9);
    CHECK_EQ(VT_RUNE(vt_cell(&vt, 1, 0)), 0x2500);
    CHECK_EQ(VT_RUNE(vt_cell(&vt, 2, 0)), 0xfffd); /* a surrogate */
    CHECK_EQ(VT_RUNE(vt_cell(&vt, 3, 0)), 0xfffd); /* beyond the cells' 16 bits */
}

TEST(vt_attributes)
{
    static const struct {
        const char *in;
        u32 attr;
    } cases[] = {
        {"", VT_PLAIN},
        {"\033[31m", 1 << 16},
        {"\033[31;42m", 1 << 16 | 2 << 20},
        {"\033[1;4;7m", VT_PLAIN | VT_BOLD | VT_UNDERLINE | VT_REVERSE},
        {"\033[1;4;7m\033[22;24;27m", VT_PLAIN},
        {"\033[91;102m", 9 << 16 | 10 << 20},
        {"\033[31;42m\033[39;49m", VT_PLAIN},
        {"\033[31;42m\033[m", VT_PLAIN},
        {"\033[38;5;9;1m", 9 << 16 | VT_BOLD},
        {"\033[38;5;196m", 9 << 16},
        {"\033[48;2;0;255;0m", 7 << 16 | 10 << 20},
        {"\033[38;5;232m", 0},
        {"\033[;31m", 1 << 16},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vt vt = fed(cases[i].in);
        vt_feed(&vt, "X", 1);
        CHECK_EQ(vt_cell(&vt, 0, 0), 'X' | cases[i].attr);
    }
    struct vt vt = fed("\033[44m\033[2J"); /* erasing paints the background */
    CHECK_EQ(VT_BG(vt_cell(&vt, 5, 2)), 4);
}

TEST(vt_answers)
{
    fed("ab\033[6n");
    CHECK_STR(replies, "\033[1;3R");
    fed("\033[999C\033[999B\033[6n");
    CHECK_STR(replies, "\033[4;10R");
    fed("\033[5n\033[c\033[>c\033[7n");
    CHECK_STR(replies, "\033[0n\033[?1;2c");
    struct vt vt = fed("\a\033[?25l");
    CHECK(vt.bell);
    CHECK(vt.cursor_hidden);
}

/* In whatever pieces the bytes come, the screen is the same. */
TEST(vt_pieces_make_no_difference)
{
    static const char text[] = "\033[2J\033[3;4Hab\xe2\x94\x80\033[1;31mc\r\n\033]0;x\033\\z\033[6n\xf0\x9f\x98\x80!";
    char whole[COLUMNS * ROWS + ROWS + 1], pieces[sizeof(whole)];

    struct vt vt = fed(text);
    show(&vt, whole);
    for (size_t step = 1; step < 5; step++) {
        vt = fed("");
        for (size_t i = 0; i < sizeof(text) - 1; i += step)
            vt_feed(&vt, text + i, min(step, sizeof(text) - 1 - i));
        show(&vt, pieces);
        CHECK_STR(pieces, whole);
    }
}

TEST(vt_garbage_stays_inside)
{
    static const char likely[] = "\033\033[[;?0123456789ABCDHJKLMPSTX@bdrhlmnsu\r\n\t\b(]c78M";
    u8 bytes[64];

    for (unsigned round = 0; round < 3000; round++) {
        unsigned columns = 1 + test_rand() % COLUMNS, rows = 1 + test_rand() % ROWS;
        struct vt vt;
        vt_init(&vt, cells, columns, rows, reply, NULL);
        for (unsigned i = 0; i < 8; i++) {
            for (size_t j = 0; j < sizeof(bytes); j++)
                bytes[j] = test_rand() % 4 ? (u8)likely[test_rand() % (sizeof(likely) - 1)] : (u8)test_rand();
            replies[0] = 0;
            vt_feed(&vt, bytes, sizeof(bytes));
            CHECK(vt.x < columns && vt.y < rows && vt.first < rows && vt.top <= vt.bottom && vt.bottom < rows);
        }
    }
}

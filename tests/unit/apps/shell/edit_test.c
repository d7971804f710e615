/* The line editor, typed at by tables of keys and watched through a model of a terminal. */
#include "apps/shell/edit.h"
#include "lib/check.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "tests/unit/apps/shell/screen.h"

struct desk {
    struct screen screen;
    struct edit edit;
    struct history history;
    enum edit_event event;
};

static void offer_words(void *arg, const char *line, size_t at, struct offers *o)
{
    static const char *const words[] = {"interrupts", "interval", "meminfo", "uptime", "usbö", "a file"};
    o->from = at;
    while (o->from > 0 && line[o->from - 1] != ' ' && line[o->from - 1] != '/')
        o->from--;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (at - o->from <= strlen(words[i]) && memcmp(words[i], line + o->from, at - o->from) == 0)
            offers_add(o, words[i]);
}

static struct desk *desk_new(void)
{
    static struct desk d;
    memset(&d, 0, sizeof(d));
    screen_init(&d.screen);
    edit_init(&d.edit, screen_put, offer_words, &d.screen, &d.history);
    d.edit.columns = SCREEN_COLUMNS;
    d.edit.rows = SCREEN_ROWS;
    edit_begin(&d.edit, "weir# ");
    return &d;
}

static void desk_free(struct desk *d)
{
    CHECK_EQ(d->screen.unknown, 0);
    edit_free(&d->edit);
    history_clear(&d->history);
}

static void type_bytes(struct desk *d, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        d->event = edit_feed(&d->edit, (u8)p[i]);
}

static void type(struct desk *d, const char *keys)
{
    type_bytes(d, keys, strlen(keys));
}

#define UP    "\033[A"
#define DOWN  "\033[B"
#define RIGHT "\033[C"
#define LEFT  "\033[D"

struct sample {
    const char *keys, *line, *row; /* row NULL: prompt and line */
    unsigned column;
};

static const struct sample samples[] = {
    {"abc", "abc", NULL, 9},
    {"abc" LEFT "x", "abxc", NULL, 9},
    {"abc" LEFT LEFT LEFT LEFT "x", "xabc", NULL, 7},
    {"abc\x01x\x05y", "xabcy", NULL, 11},
    {"abc\033[Hx\033[Fy\033[1~z\033[4~w\033OHq\033OF", "qzxabcyw", NULL, 14},
    {"abc\x7f\x08", "a", NULL, 7},
    {"abc\x01\033[3~\x04", "c", NULL, 6},
    {"one two three\x17", "one two ", "weir# one two", 14},
    {"one two three\x17\x17\x19", "one two three", NULL, 19},
    {"one two three\x01\x0b\x19\x19", "one two threeone two three", NULL, 32},
    {"one two\x15x\x19", "xone two", NULL, 14},
    {"one two\033b\033bX\033fY", "XoneY two", NULL, 11},
    {"one-two three\033\x7f\033\x7f", "one-", NULL, 10},
    {"one two\x01\033d\033d\x19", "one two", NULL, 13},
    {"ab\x14", "ba", NULL, 8},
    {"abc\x01\x06\x14", "bac", NULL, 8},
    {"\303\266\303\244\x14", "\303\244\303\266", NULL, 8},
    {"\303\266x" LEFT LEFT "y", "y\303\266x", NULL, 7},
    {"\344\270\255\346\226\207" LEFT "x", "\344\270\255x\346\226\207", NULL, 9},
    {"\344\270\255\x7f", "", "weir#", 6},
    {"e\314\201x" LEFT "\x7f", "x", NULL, 6},
    {"a\377\300\200\355\240\200b", "ab", NULL, 8},         /* no UTF-8: nothing of it enters the line */
    {"a\303b", "ab", NULL, 8},                             /* cut short */
    {"a\033[5~\033[15~\033[1;5Pb", "ab", NULL, 8},         /* keys without a meaning */
    {"one two\033[1;5Dx", "one xtwo", NULL, 11},           /* Ctrl-Left */
    {"a\033]0;title\007b\033P1$r\033\\c", "abc", NULL, 9}, /* strings that terminals send */
    {"a\033[9999999999;99999999999999xb", "ab", NULL, 8},
    {"a\033[<0;1;1Mb", "ab", NULL, 8}, /* mouse */
    {"  \tx", "  \tx", "weir#   ^Ix", 11},
    {"int\t", "inter", NULL, 11},
    {"cat m\t", "cat meminfo ", "weir# cat meminfo", 18},
    {"a\t", "a\\ file ", "weir# a\\ file", 14},
    {"us\t", "usb\303\266 ", "weir# usb\303\266", 11},
    {"qqq\t", "qqq", NULL, 9},
};

TEST(edit_keys)
{
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        const struct sample *s = &samples[i];
        struct desk *d = desk_new();
        char row[128];
        type(d, s->keys);
        fmt(row, sizeof(row), "weir# %s", s->line);
        if (!str_eq(d->edit.buf, s->line) || !str_eq(screen_row(&d->screen, 0), s->row ? s->row : row) ||
            d->screen.column != s->column)
            test_failed(__FILE__, __LINE__, "case %zu: \"%s\" shown as \"%s\" column %u", i, d->edit.buf,
                        screen_row(&d->screen, 0), d->screen.column);
        desk_free(d);
    }
}

TEST(edit_events)
{
    struct desk *d = desk_new();
    type(d, "ls" LEFT "\r");
    CHECK_EQ(d->event, EDIT_LINE);
    CHECK_STR(d->edit.buf, "ls");
    CHECK_EQ(d->screen.row, 1);
    edit_begin(&d->edit, "weir# ");
    type(d, "\n"); /* the second half of CR LF is no second line */
    CHECK_EQ(d->event, EDIT_MORE);
    type(d, "\n");
    CHECK_EQ(d->event, EDIT_LINE);
    edit_begin(&d->edit, "weir# ");
    type(d, "abc\x03");
    CHECK_EQ(d->event, EDIT_CANCEL);
    CHECK_STR(screen_row(&d->screen, 2), "weir# abc^C");
    edit_begin(&d->edit, "weir# ");
    type(d, "\x04");
    CHECK_EQ(d->event, EDIT_END);
    desk_free(d);
}

TEST(edit_history_keys)
{
    struct desk *d = desk_new();
    static const char *const lines[] = {"one", "two", "two", "three"};
    for (int i = 0; i < 4; i++)
        history_add(&d->history, lines[i], strlen(lines[i]));
    CHECK_EQ(d->history.count, 3);
    edit_begin(&d->edit, "weir# ");
    type(d, "new" UP UP);
    CHECK_STR(d->edit.buf, "two");
    type(d, UP UP UP);
    CHECK_STR(d->edit.buf, "one");
    type(d, DOWN);
    CHECK_STR(d->edit.buf, "two");
    type(d, DOWN DOWN);
    CHECK_STR(d->edit.buf, "new");
    type(d, "\x15\033.");
    CHECK_STR(d->edit.buf, "three");
    desk_free(d);
}

TEST(edit_search_history)
{
    struct desk *d = desk_new();
    static const char *const lines[] = {"ip addr", "ip route", "nft list ruleset", "ip -s link"};
    for (int i = 0; i < 4; i++)
        history_add(&d->history, lines[i], strlen(lines[i]));
    type(d, "x\x12");
    CHECK_STR(screen_row(&d->screen, 0), "(reverse-i-search)`': x");
    type(d, "ip");
    CHECK_STR(screen_row(&d->screen, 0), "(reverse-i-search)`ip': ip -s link");
    type(d, "\x12");
    CHECK_STR(d->edit.buf, "ip route");
    type(d, " a");
    CHECK_STR(d->edit.buf, "ip addr");
    type(d, "\x7f\x7f\x7f\x7fzz");
    CHECK(str_starts(screen_row(&d->screen, 0), "ailed reverse-i-search)`zz': "));
    type(d, "\x07");
    CHECK_STR(d->edit.buf, "x");
    CHECK_STR(screen_row(&d->screen, 0), "weir# x");
    type(d, "\x12rule\x05;"); /* another key takes the line found */
    CHECK_STR(d->edit.buf, "nft list ruleset;");
    type(d, "\x15\x12link\r");
    CHECK_EQ(d->event, EDIT_LINE);
    CHECK_STR(d->edit.buf, "ip -s link");
    CHECK_STR(screen_row(&d->screen, 0), "weir# ip -s link");
    desk_free(d);
}

TEST(edit_tab_lists_the_second_time)
{
    struct desk *d = desk_new();
    type(d, "cat inter\t");
    CHECK_EQ(d->screen.row, 0);
    type(d, "\t");
    CHECK_STR(screen_row(&d->screen, 1), "interrupts  interval");
    CHECK_STR(screen_row(&d->screen, 2), "weir# cat inter");
    CHECK_EQ(d->screen.column, 15);
    desk_free(d);
}

static void fill(char *line, size_t n)
{
    for (size_t i = 0; i < n; i++)
        line[i] = (char)('a' + i % 26);
    line[n] = 0;
}

/* "weir# " and 33 letters stand in a row of 40 columns, whose last is never written, and 39 in each that follows. */
TEST(edit_long_lines_go_on_in_the_next_row)
{
    struct desk *d = desk_new();
    char line[200];
    fill(line, 100);
    type(d, line);
    CHECK_EQ(d->screen.wrapped, 0);
    CHECK_STR(screen_row(&d->screen, 0), "weir# abcdefghijklmnopqrstuvwxyzabcdefg");
    CHECK_STR(screen_row(&d->screen, 1), "hijklmnopqrstuvwxyzabcdefghijklmnopqrst");
    CHECK_STR(screen_row(&d->screen, 2), "uvwxyzabcdefghijklmnopqrstuv");
    CHECK_EQ(d->screen.row, 2);
    CHECK_EQ(d->screen.column, 28);
    type(d, "\x01");
    CHECK_EQ(d->screen.row, 0);
    CHECK_EQ(d->screen.column, 6);
    for (int i = 0; i < 33; i++)
        type(d, RIGHT);
    CHECK_EQ(d->screen.row, 1); /* on the letter, not behind the one before */
    CHECK_EQ(d->screen.column, 0);
    type(d, "X");
    CHECK_STR(screen_row(&d->screen, 1), "Xhijklmnopqrstuvwxyzabcdefghijklmnopqrs");
    type(d, "\x01\x0b");
    CHECK_STR(screen_row(&d->screen, 0), "weir#");
    CHECK_STR(screen_row(&d->screen, 1), "");
    CHECK_STR(screen_row(&d->screen, 2), "");
    type(d, "\x19\x01\r"); /* Enter from above: what follows stands below all of it */
    CHECK_EQ(d->event, EDIT_LINE);
    CHECK_EQ(d->screen.row, 3);
    edit_begin(&d->edit, "weir# ");
    type(d, line);
    type(d, "\x01\x03");
    CHECK_EQ(d->screen.row, 6);
    CHECK_STR(screen_row(&d->screen, 5), "uvwxyzabcdefghijklmnopqrstuv");
    desk_free(d);
}

TEST(edit_wide_characters_are_not_cut_at_the_edge)
{
    struct desk *d = desk_new();
    for (int i = 0; i < 20; i++)
        type(d, "\344\270\255");
    CHECK_EQ(d->screen.wrapped, 0);
    CHECK_EQ(d->screen.row, 1);
    CHECK_EQ(d->screen.column, 8); /* 16 in the first row, one column of which stays empty */
    type(d, "\x7f\x7f\x7f\x7f\x7f");
    CHECK_EQ(d->screen.row, 0);
    CHECK_EQ(d->screen.column, 36);
    CHECK_STR(screen_row(&d->screen, 1), "");
    desk_free(d);
}

/* Seven of the eight rows are the view's; what is longer scrolls in them. */
TEST(edit_very_long_lines_scroll)
{
    struct desk *d = desk_new();
    static char line[1001];
    fill(line, 1000);
    type(d, line);
    CHECK_EQ(d->screen.wrapped, 0);
    CHECK(str_starts(screen_row(&d->screen, 0), "weir# <"));
    CHECK_EQ(d->screen.cell[d->screen.row][d->screen.column - 1][0], line[999]);
    type(d, "\x01");
    CHECK(str_starts(screen_row(&d->screen, 0), "weir# abcdefgh"));
    CHECK(str_ends(screen_row(&d->screen, 6), ">"));
    CHECK_EQ(d->screen.row, 0);
    CHECK_EQ(d->screen.column, 6);
    for (int i = 0; i < 500; i++) {
        type(d, RIGHT);
        CHECK_EQ(d->screen.cell[d->screen.row][d->screen.column][0], line[i + 1]);
    }
    CHECK_EQ(d->edit.at, 500);
    type(d, "\r"); /* at last it is shown in full */
    CHECK_STR(screen_row(&d->screen, 6), "ghijkl");
    desk_free(d);
}

TEST(edit_mebibyte_line)
{
    struct desk *d = desk_new();
    for (int i = 0; i < 1 << 20; i++)
        d->event = edit_feed(&d->edit, (u8)("x\303\266"[i % 3]));
    CHECK_LT(d->edit.len, EDIT_MAX);
    CHECK_EQ(d->screen.bells, 1);
    type(d, "\r");
    CHECK_EQ(d->event, EDIT_TOO_LONG);
    CHECK_EQ(d->history.count, 0);
    edit_begin(&d->edit, "weir# ");
    type(d, "ls\r");
    CHECK_EQ(d->event, EDIT_LINE);
    CHECK_STR(d->edit.buf, "ls");
    desk_free(d);
}

TEST(edit_paste_runs_nothing)
{
    struct desk *d = desk_new();
    type(d, "\033[200~ip link\r\n\tip addr\n\x01\x04");
    CHECK_EQ(d->event, EDIT_MORE);
    type(d, "\033[A\033[201~x");
    CHECK_STR(d->edit.buf, "ip link\n\tip addr\nx");
    CHECK_STR(screen_row(&d->screen, 0), "weir# ip link^J^Iip addr^Jx");
    type(d, "\r");
    CHECK_EQ(d->event, EDIT_LINE);
    edit_begin(&d->edit, "weir# ");
    type(d, "\033[200~rm\x03"); /* a paste that never ends is left by Ctrl-C */
    CHECK_EQ(d->event, EDIT_CANCEL);
    edit_begin(&d->edit, "weir# ");
    type(d, "ls\r");
    CHECK_EQ(d->event, EDIT_LINE);
    desk_free(d);
}

TEST(edit_learns_the_terminals_size)
{
    struct desk *d = desk_new();
    type(d, "abc\x0c\033[50;132R");
    CHECK_EQ(d->edit.columns, 132);
    CHECK_EQ(d->edit.rows, 50);
    CHECK_STR(d->edit.buf, "abc");
    desk_free(d);
}

static bool same_screen(const struct screen *a, const struct screen *b)
{
    char row[512];
    for (unsigned r = 0; r < SCREEN_ROWS; r++) {
        str_copy(row, sizeof(row), screen_row(a, r));
        if (!str_eq(row, screen_row(b, r)))
            return false;
    }
    return a->row == b->row && a->column == b->column && !a->wrapped && !b->wrapped;
}

/* After any keys the screen looks as if it had been drawn afresh, the cursor stands where the text says, and nothing
 * was written behind the edge. */
TEST(edit_draws_what_it_holds)
{
    static const char *const keys[] = {"a",    "b ",          "\303\266", "\344\270\255", "e\314\201", LEFT,
                                       LEFT,   RIGHT,         "\x01",     "\x05",         "\x7f",      "\033[3~",
                                       "\x17", "\x19",        "\033b",    "\033f",        "\x14",      "\x15",
                                       "\x0b", "some words ", "\033d",    "int\t",        "xyz",       "-----"};
    for (int round = 0; round < 60; round++) {
        struct desk *d = desk_new();
        for (int i = 0; i < 120; i++) {
            type(d, d->edit.len > 400 ? "\x15" : keys[test_rand() % ARRAY_LEN(keys)]);
            struct screen fresh;
            screen_init(&fresh);
            struct edit_place cursor = d->edit.cursor;
            d->edit.arg = &fresh;
            edit_feed(&d->edit, 0x0c);
            d->edit.arg = &d->screen;
            if (!same_screen(&d->screen, &fresh) || cursor.row != d->screen.row || cursor.column != d->screen.column)
                test_failed(__FILE__, __LINE__, "round %d key %d: at %u %u, afresh %u %u, of \"%s\"", round, i,
                            d->screen.row, d->screen.column, fresh.row, fresh.column, d->edit.buf);
            CHECK_EQ(strlen(d->edit.buf), d->edit.len);
        }
        desk_free(d);
    }
}

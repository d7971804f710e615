/* The keyboard: scan codes in, bytes out. */
#include "kernel/keymap.h"
#include "lib/check.h"
#include "lib/string.h"

static size_t type(struct keymap *k, const char *codes, size_t n, char *to)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        len += keymap_feed(k, (u8)codes[i], to + len);
    to[len] = 0;
    return len;
}

TEST(keymap_sequences)
{
    static const struct {
        const char *codes, *text;
        size_t n; /* of text, when it has a NUL */
    } cases[] = {
        {"\x1e\x9e", "a", 0},
        {"\x2a\x1e\x9e\xaa\x1e", "Aa", 0},
        {"\x36\x02\xb6\x02", "!1", 0},
        {"\x3a\xba\x1e\x02\x2a\x1e\xaa\x3a\x1e", "A1aa", 0}, /* Caps Lock: letters alone, Shift undoes it */
        {"\x1d\x2e\xae\x9d\x2e", "\003c", 0},
        {"\x1d\x39", "\0", 1},
        {"\x1d\x0e\x9d\x0e", "\b\177", 0},
        {"\x1d\x1a", "\033", 0},
        {"\x1d\x35", "\037", 0},
        {"\x38\x21\xb8\x21", "\033ff", 0},
        {"\xe0\x38\x34", "\033.", 0},
        {"\x1c\xe0\x1c", "\r\r", 0},
        {"\x0f\x2a\x0f", "\t\033[Z", 0},
        {"\xe0\x48\xe0\xc8\xe0\x50\xe0\x4b\xe0\x4d", "\033[A\033[B\033[D\033[C", 0},
        {"\xe0\x47\xe0\x4f\xe0\x52\xe0\x53\xe0\x49\xe0\x51", "\033[H\033[F\033[2~\033[3~\033[5~\033[6~", 0},
        {"\x1d\xe0\x4b\xe0\xcb\x9d", "\033[1;5D", 0},
        {"\x38\xe0\x4d", "\033[1;3C", 0},
        {"\x2a\x1d\x38\xe0\x49", "\033[5;8~", 0},
        {"\xe0\x2a\xe0\x48\xe0\xc8\xe0\xaa\x1e", "\033[Aa", 0}, /* shifts that keyboards make up */
        {"\x3b\x44\x57\x58", "\033[11~\033[21~\033[23~\033[24~", 0},
        {"\x48\x47\x4a\x4e", "\033[A\033[H-+", 0},           /* the keypad without, */
        {"\x45\xc5\x48\x47\x53\x2a\x48", "87.\033[1;2A", 0}, /* and with Num Lock */
        {"\xe0\x35\x37\x35", "/*/", 0},
        {"\xe1\x1d\x45\xe1\x9d\xc5\x1e", "a", 0}, /* Pause */
        {"\x01", "\033", 0},
        {"\x54\x55\x7f\xff\x00\x46", "", 0},
        {"\x2b\x28\x29\x27", "\\'`;", 0},
        {"\x2a\x2b\x28\x29\x27", "|\"~:", 0},
    };
    char text[64];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct keymap k = {0};
        size_t n = cases[i].n ? cases[i].n : strlen(cases[i].text);
        size_t got = type(&k, cases[i].codes, strlen(cases[i].codes), text);
        if (got != n || memcmp(text, cases[i].text, n) != 0)
            test_failed(__FILE__, __LINE__, "case %d", (int)i);
        CHECK(!k.reboot);
    }
}

TEST(keymap_every_letter)
{
    static const char rows[3][11] = {"qwertyuiop", "asdfghjkl", "zxcvbnm"};
    static const u8 first[3] = {0x10, 0x1e, 0x2c};
    char text[KEYMAP_MAX];
    struct keymap k = {0};

    for (int row = 0; row < 3; row++)
        for (u8 i = 0; rows[row][i]; i++) {
            CHECK_EQ(keymap_feed(&k, first[row] + i, text), 1);
            CHECK_EQ(text[0], rows[row][i]);
            k.held = 4;
            CHECK_EQ(keymap_feed(&k, first[row] + i, text), 1);
            CHECK_EQ(text[0], rows[row][i] - 'a' + 1);
            k.held = 0;
        }
}

TEST(keymap_three_fingers)
{
    struct keymap k = {0};
    char text[64];

    CHECK_EQ(type(&k, "\x1d\x38\xe0\x53", 4, text), 0);
    CHECK(k.reboot);
}

TEST(keymap_any_bytes)
{
    struct keymap k = {0};
    char text[KEYMAP_MAX];

    for (int i = 0; i < 100000; i++)
        CHECK_LT(keymap_feed(&k, (u8)test_rand(), text), KEYMAP_MAX);
}

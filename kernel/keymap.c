/* Scan codes to bytes, as keymap.h tells.
 *
 * A code is a key going down, the same with the highest bit its going up; E0 before it names the keys that the first PC
 * did not have, E1 begins Pause, which says nothing. Of an extended shift (E0 2A, E0 36), which keyboards send around
 * arrow keys for old programs, nothing is remembered.
 */
#include "kernel/keymap.h"
#include "lib/fmt.h"
#include "lib/string.h"

enum held { SHIFT_LEFT = 1, SHIFT_RIGHT = 2, CTRL_LEFT = 4, CTRL_RIGHT = 8, ALT_LEFT = 16, ALT_RIGHT = 32 };

#define SHIFT (SHIFT_LEFT | SHIFT_RIGHT)
#define CTRL  (CTRL_LEFT | CTRL_RIGHT)
#define ALT   (ALT_LEFT | ALT_RIGHT)

#define CODE_CAPS   0x3a
#define CODE_NUM    0x45
#define CODE_DELETE 0x53

/* By scan code 00-39 hex: plain and shifted. 0: none. */
static const char plain[] = "\0\0331234567890-=\177\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033!@#$%^&*()_+\177\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

/* The keypad, 47-53 hex: with Num Lock; 4A and 4E alike without it. */
static const char keypad[] = "789-456+1230.";

/* The letter or number in the sequence of a key without a character, by scan code, extended or on the keypad. */
static const struct {
    u8 code;
    char letter; /* ESC [ letter; 0: ESC [ number ~ */
    u8 number;
} keys[] = {
    {0x47, 'H', 0}, {0x48, 'A', 0}, {0x49, 0, 5}, {0x4b, 'D', 0}, {0x4c, 'E', 0}, {0x4d, 'C', 0},
    {0x4f, 'F', 0}, {0x50, 'B', 0}, {0x51, 0, 6}, {0x52, 0, 2},   {0x53, 0, 3},
};
static const u8 function_keys[] = {11, 12, 13, 14, 15, 17, 18, 19, 20, 21}; /* F1 is 3B hex */

static u8 modifier_of(u8 code, bool extended)
{
    switch (code) {
    case 0x2a: return extended ? 0 : SHIFT_LEFT;
    case 0x36: return extended ? 0 : SHIFT_RIGHT;
    case 0x1d: return extended ? CTRL_RIGHT : CTRL_LEFT;
    case 0x38: return extended ? ALT_RIGHT : ALT_LEFT;
    default: return 0;
    }
}

static size_t sequence(const struct keymap *k, char letter, unsigned number, char text[KEYMAP_MAX])
{
    unsigned modifier = 1 + (k->held & SHIFT ? 1 : 0) + (k->held & ALT ? 2 : 0) + (k->held & CTRL ? 4 : 0);

    if (letter && modifier == 1)
        return fmt(text, KEYMAP_MAX, "\033[%c", letter);
    if (letter)
        return fmt(text, KEYMAP_MAX, "\033[1;%u%c", modifier, letter);
    if (modifier == 1)
        return fmt(text, KEYMAP_MAX, "\033[%u~", number);
    return fmt(text, KEYMAP_MAX, "\033[%u;%u~", number, modifier);
}

static size_t key_sequence(struct keymap *k, u8 code, char text[KEYMAP_MAX])
{
    if (code == CODE_DELETE && k->held & CTRL && k->held & ALT) {
        k->reboot = true;
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (keys[i].code == code)
            return sequence(k, keys[i].letter, keys[i].number, text);
    return 0;
}

/* One character with the modifiers that are held. */
static size_t character(const struct keymap *k, char c, char text[KEYMAP_MAX])
{
    size_t n = 0;

    if (k->held & ALT)
        text[n++] = '\033';
    if (k->held & CTRL) {
        if (c == ' ' || c == '2' || c == '@')
            c = 0;
        else if (c == '/' || c == '-' || c == '_')
            c = 0x1f;
        else if ((c >= '@' && c <= '_') || char_is_alpha(c))
            c &= 0x1f;
        else if (c == 0x7f)
            c = '\b';
    }
    text[n++] = c;
    return n;
}

static size_t extended_key(struct keymap *k, u8 code, char text[KEYMAP_MAX])
{
    if (code == 0x1c)
        return character(k, '\r', text);
    if (code == 0x35)
        return character(k, '/', text);
    return key_sequence(k, code, text);
}

static size_t plain_key(struct keymap *k, u8 code, char text[KEYMAP_MAX])
{
    if (code >= 0x47 && code <= 0x53) {
        bool digits = k->num != !!(k->held & SHIFT);
        if (digits || code == 0x4a || code == 0x4e)
            return character(k, keypad[code - 0x47], text);
        return key_sequence(k, code, text);
    }
    if (code >= 0x3b && code <= 0x44)
        return sequence(k, 0, function_keys[code - 0x3b], text);
    if (code == 0x57 || code == 0x58)
        return sequence(k, 0, code == 0x57 ? 23 : 24, text);
    if (code >= sizeof(plain) - 1 || !plain[code])
        return 0;
    bool upper = !!(k->held & SHIFT) != (k->caps && char_is_alpha(plain[code]));
    if (code == 0x0f && k->held & SHIFT)
        return fmt(text, KEYMAP_MAX, "\033[Z");
    return character(k, upper ? shifted[code] : plain[code], text);
}

size_t keymap_feed(struct keymap *k, u8 code, char text[KEYMAP_MAX])
{
    bool extended = k->extended, up = code & 0x80;

    if (k->pause) {
        k->pause--;
        return 0;
    }
    if (code == 0xe0) {
        k->extended = true;
        return 0;
    }
    k->extended = false;
    if (code == 0xe1) {
        k->pause = 2;
        return 0;
    }
    u8 modifier = modifier_of(code & 0x7f, extended);
    if (modifier) {
        k->held = up ? k->held & ~modifier : k->held | modifier;
        return 0;
    }
    if (up)
        return 0;
    if (extended)
        return extended_key(k, code, text);
    if (code == CODE_CAPS || code == CODE_NUM) {
        bool *lock = code == CODE_CAPS ? &k->caps : &k->num;
        *lock = !*lock;
        return 0;
    }
    return plain_key(k, code, text);
}

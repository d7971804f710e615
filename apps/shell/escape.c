/* The backslash escapes of echo -e and printf: \n \t \\ \a \b \e \f \r \v \c, \0ooo or \ooo, \xHH, \uHHHH.
 *
 * What is no escape stands for itself, backslash included, as in sh's echo. Nothing is read past the terminator.
 */
#include "apps/shell/escape.h"
#include "lib/string.h"

static int read_digits(const char **s, unsigned base, unsigned most)
{
    unsigned v = 0;
    for (unsigned i = 0; i < most; i++, ++*s) {
        int d = char_hex(**s);
        if (d < 0 || (unsigned)d >= base)
            break;
        v = v * base + (unsigned)d;
    }
    return (int)v;
}

static int put_rune(char buf[4], unsigned r)
{
    if (r < 0x80) {
        buf[0] = (char)r;
        return 1;
    }
    if (r < 0x800) {
        buf[0] = (char)(0xc0 | r >> 6);
        buf[1] = (char)(0x80 | (r & 0x3f));
        return 2;
    }
    buf[0] = (char)(0xe0 | r >> 12);
    buf[1] = (char)(0x80 | (r >> 6 & 0x3f));
    buf[2] = (char)(0x80 | (r & 0x3f));
    return 3;
}

int escape_read(const char **s, char buf[4], bool zero)
{
    static const char names[] = "abefnrtv\\", bytes[] = "\a\b\033\f\n\r\t\v\\";
    char c = **s;
    const char *known = c ? strchr(names, c) : NULL;
    buf[0] = '\\';
    if (known) {
        ++*s;
        buf[0] = bytes[known - names];
        return 1;
    }
    if (c == 'c')
        return -1;
    if (c == '"' && !zero) {
        ++*s;
        buf[0] = c;
        return 1;
    }
    if (c == 'x' && char_hex((*s)[1]) >= 0) {
        ++*s;
        buf[0] = (char)read_digits(s, 16, 2);
        return 1;
    }
    if (c == 'u' && char_hex((*s)[1]) >= 0) {
        ++*s;
        return put_rune(buf, (unsigned)read_digits(s, 16, 4));
    }
    if (c == '0' || (!zero && c >= '1' && c <= '7')) {
        *s += zero;
        buf[0] = (char)read_digits(s, 8, 3);
        return 1;
    }
    return 1;
}

/* awk's printf and sprintf: %d %i %o %x %X %u %c %s %f %e %g %%, with flags, width, precision and `*`.
 *
 * The text is gathered in scratch memory, whose bound is that of widths and precisions too. Missing
 * arguments count as empty; what is no conversion is printed as it stands.
 */
#include "apps/shell/awk_machine.h"
#include "lib/fmt.h"
#include "lib/string.h"

#define WIDTH_MAX  ((int)AWK_BYTES)
#define PLACES_MAX 20 /* behind the point, awk_number.h */

struct format {
    struct awk_machine *m;
    const struct awk_value *v;
    u32 n, at; /* arguments, and the next one */
    char *p;
    size_t len, room;
    bool failed;
};

struct spec {
    bool left, zero, plus, blank, alternate;
    int width, precision; /* -1: none given */
};

static void put(void *arg, const char *p, size_t n)
{
    struct format *f = arg;
    if (f->failed)
        return;
    if (f->len + n > f->room) {
        size_t room = max(f->room * 2, f->len + n + 128);
        char *more = awk_scratch_get(&f->m->memory, room);
        if (!more) {
            f->failed = true;
            return;
        }
        if (f->len)
            memcpy(more, f->p, f->len);
        f->p = more;
        f->room = room;
    }
    if (n)
        memcpy(f->p + f->len, p, n);
    f->len += n;
}

static void pad(struct format *f, size_t n, char with)
{
    while (n--)
        put(f, &with, 1);
}

static const struct awk_value *next(struct format *f)
{
    static const struct awk_value none;
    return f->at < f->n ? &f->v[f->at++] : &none;
}

/* A number that is text already: what stands before it (a sign, 0x), zeros and blanks around it. */
static void put_number(struct format *f, const struct spec *s, const char *before, const char *text)
{
    size_t n = strlen(text), digits = s->precision > (int)n ? (size_t)s->precision : n;
    size_t all = digits + strlen(before), width = (size_t)max(s->width, 0);
    size_t gap = width > all ? width - all : 0;
    if (!s->left && !s->zero)
        pad(f, gap, ' ');
    put(f, before, strlen(before));
    pad(f, (!s->left && s->zero ? gap : 0) + digits - n, '0');
    put(f, text, n);
    if (s->left)
        pad(f, gap, ' ');
}

static void put_signed(struct format *f, const struct spec *s, const char *text)
{
    bool minus = *text == '-';
    put_number(f, s, minus ? "-" : s->plus ? "+" : s->blank ? " " : "", text + minus);
}

static void put_text(struct format *f, const struct spec *s, const char *p, size_t n)
{
    size_t width = (size_t)max(s->width, 0);
    if (s->precision >= 0)
        n = min(n, (size_t)s->precision);
    if (!s->left)
        pad(f, width > n ? width - n : 0, ' ');
    put(f, p, n);
    if (s->left)
        pad(f, width > n ? width - n : 0, ' ');
}

static void put_integer(struct format *f, struct spec *s, char letter, const struct awk_value *v)
{
    char text[AWK_TEXT];
    awk_number whole = awk_cut(awk_number_of(v));
    s->zero &= s->precision < 0;
    if (letter == 'd' || letter == 'i' || (letter == 'u' && whole >= 0)) {
        awk_fixed(text, whole, 0); /* wider than 64 bits, as sums may be */
        put_signed(f, s, text);
        return;
    }
    const char *form = letter == 'x' ? "%llx" : letter == 'X' ? "%llX" : letter == 'o' ? "%llo" : "%llu";
    fmt(text, sizeof(text), form, (unsigned long long)awk_unsigned(whole));
    bool marked = s->alternate && whole;
    if (marked && letter == 'o')
        s->precision = max(s->precision, (int)strlen(text) + 1);
    put_number(f, s, !marked ? "" : letter == 'x' ? "0x" : letter == 'X' ? "0X" : "", text);
}

static void put_fraction(struct format *f, struct spec *s, char letter, const struct awk_value *v)
{
    char text[AWK_TEXT];
    unsigned digits = s->precision < 0 ? 6 : (unsigned)s->precision;
    awk_number n = awk_number_of(v);
    if (digits > PLACES_MAX || s->alternate) {
        awk_complain(f->m, "%%%c: %s", letter, s->alternate ? "there is no # for it" : "at most 20 places");
        return;
    }
    if (letter == 'f' || letter == 'F')
        awk_fixed(text, n, digits);
    else if (letter == 'e' || letter == 'E')
        awk_exponent(text, n, digits);
    else
        awk_general(text, n, digits);
    s->precision = -1;
    put_signed(f, s, text);
}

static void put_char(struct format *f, const struct spec *s, const struct awk_value *v)
{
    char c = (char)awk_integer(awk_number_of(v));
    if (v->kind == AWK_NUMBER || v->kind == AWK_NUMERIC)
        put_text(f, s, &c, 1);
    else
        put_text(f, s, v->kind == AWK_STRING && v->n ? v->p : "", v->kind == AWK_STRING && v->n ? 1 : 0);
}

static const char *read_size(struct format *f, const char *p, const char *end, int *v)
{
    if (p < end && *p == '*') {
        *v = (int)min(max(awk_integer(awk_number_of(next(f))), (i64)-WIDTH_MAX), (i64)WIDTH_MAX);
        return p + 1;
    }
    for (*v = 0; p < end && char_is_digit(*p); p++)
        *v = min(*v * 10 + (*p - '0'), WIDTH_MAX);
    return p;
}

/* At a '%'; returns where the format goes on. */
static const char *convert(struct format *f, const char *p, const char *end)
{
    struct spec s = {.width = -1, .precision = -1};
    const char *start = p++;
    for (; p < end && strchr("-0+ #", *p) && *p; p++) {
        s.left |= *p == '-';
        s.zero |= *p == '0';
        s.plus |= *p == '+';
        s.blank |= *p == ' ';
        s.alternate |= *p == '#';
    }
    p = read_size(f, p, end, &s.width);
    if (s.width < 0) {
        s.left = true;
        s.width = -s.width;
    }
    if (p < end && *p == '.')
        p = read_size(f, p + 1, end, &s.precision);
    while (p < end && (*p == 'l' || *p == 'h' || *p == 'j' || *p == 'z'))
        p++;
    char letter = p < end ? *p : 0;
    const char *text;
    u32 n;
    switch (letter) {
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X': put_integer(f, &s, letter, next(f)); break;
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G': put_fraction(f, &s, letter, next(f)); break;
    case 'c': put_char(f, &s, next(f)); break;
    case 's':
        if (awk_text_at(f->m, next(f), &text, &n))
            put_text(f, &s, text, n);
        break;
    case '%': put(f, "%", 1); break;
    default: put(f, start, (size_t)(p - start) + (letter != 0));
    }
    return letter ? p + 1 : p;
}

bool awk_format(struct awk_machine *m, const struct awk_value *v, u32 n, const char **p, u32 *len)
{
    struct format f = {.m = m, .v = v, .n = n, .at = 1};
    const char *form;
    u32 form_n;
    if (!awk_text_at(m, &v[0], &form, &form_n))
        return false;
    for (const char *at = form, *end = form + form_n; at < end;) {
        const char *percent = memchr(at, '%', (size_t)(end - at));
        put(&f, at, (size_t)((percent ? percent : end) - at));
        at = percent ? convert(&f, percent, end) : end;
    }
    *p = f.p ? f.p : "";
    *len = (u32)f.len;
    return f.failed ? awk_fail(m, -ENOMEM) : !m->error;
}

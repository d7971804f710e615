/* Formatting: printf's language without floating point, with addresses (%pI, %pM).
 *
 * One pass over the format: text is handed to the sink in the longest pieces there are, each conversion is read into a
 * struct spec (what was asked) and printed by one function per kind. A number is made of up to three parts
 *
 *     |<------------------- width -------------------->|
 *     blanks   sign or 0x   zeros   digits      blanks
 *                           |<- precision ->|
 *
 * so no buffer bounds a precision. It never allocates, never reads a string beyond its precision, and never
 * interprets a conversion that it does not know: %n in particular is no conversion here.
 */
#include "lib/fmt.h"

#include "lib/ipaddr.h"

enum length { LEN_INT, LEN_CHAR, LEN_SHORT, LEN_LONG };

struct spec {
    bool left, plus, space, alt, zero;
    unsigned width;
    int prec; /* -1: none was given */
    enum length length;
};

struct sink {
    fmt_sink *fn;
    void *arg;
    size_t total;
};

struct args {
    va_list ap; /* in a struct, since a va_list that is an array could not be passed by reference otherwise */
};

static void emit(struct sink *s, const char *p, size_t n)
{
    if (n)
        s->fn(s->arg, p, n);
    s->total += n;
}

static void emit_run(struct sink *s, char c, unsigned n)
{
    static const char blanks[] = "                ", zeros[] = "0000000000000000";
    const char *run = c == '0' ? zeros : blanks;

    for (; n > 16; n -= 16)
        emit(s, run, 16);
    emit(s, run, n);
}

static void emit_padded(struct sink *s, const struct spec *sp, const char *p, size_t n)
{
    unsigned pad = sp->width > n ? sp->width - (unsigned)n : 0;

    if (!sp->left)
        emit_run(s, ' ', pad);
    emit(s, p, n);
    if (sp->left)
        emit_run(s, ' ', pad);
}

/* Digits of v, written backwards from `end`; returns where they begin. No digit at all for 0. */
static char *digits_before(char *end, u64 v, unsigned base, bool upper)
{
    const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";

    for (; v; v /= base)
        *--end = set[v % base];
    return end;
}

static void put_number(struct sink *s, const struct spec *sp, u64 v, const char *prefix, unsigned base, bool upper)
{
    char buf[24], *end = buf + sizeof(buf), *p = digits_before(end, v, base, upper);
    unsigned n = (unsigned)(end - p), prefix_len = 0, zeros = 0;

    while (prefix[prefix_len])
        prefix_len++;
    unsigned least = sp->prec < 0 ? 1 : (unsigned)sp->prec;
    if (least > n)
        zeros = least - n;
    if (base == 8 && sp->alt && !zeros && (!n || *p != '0'))
        zeros = 1;
    unsigned len = prefix_len + zeros + n;
    unsigned pad = sp->width > len ? sp->width - len : 0;
    if (sp->zero && !sp->left && sp->prec < 0) {
        zeros += pad;
        pad = 0;
    }
    if (!sp->left)
        emit_run(s, ' ', pad);
    emit(s, prefix, prefix_len);
    emit_run(s, '0', zeros);
    emit(s, p, n);
    if (sp->left)
        emit_run(s, ' ', pad);
}

static void put_signed(struct sink *s, const struct spec *sp, i64 v)
{
    const char *sign = v < 0 ? "-" : sp->plus ? "+" : sp->space ? " " : "";
    put_number(s, sp, v < 0 ? 0 - (u64)v : (u64)v, sign, 10, false);
}

static void put_unsigned(struct sink *s, const struct spec *sp, u64 v, char conv)
{
    const char *prefix = "";

    if (sp->alt && v && (conv == 'x' || conv == 'X'))
        prefix = conv == 'x' ? "0x" : "0X";
    put_number(s, sp, v, prefix, conv == 'u' ? 10 : conv == 'o' ? 8 : 16, conv == 'X');
}

static void put_string(struct sink *s, const struct spec *sp, const char *str)
{
    size_t n = 0;

    if (!str)
        str = sp->prec >= 0 && sp->prec < 6 ? "" : "(null)";
    while ((sp->prec < 0 || n < (size_t)sp->prec) && str[n])
        n++;
    emit_padded(s, sp, str, n);
}

static char *put_quad(char *p, const u8 *b)
{
    for (int i = 0; i < 4; i++) {
        if (i)
            *p++ = '.';
        if (b[i] >= 100)
            *p++ = (char)('0' + b[i] / 100);
        if (b[i] >= 10)
            *p++ = (char)('0' + b[i] / 10 % 10);
        *p++ = (char)('0' + b[i] % 10);
    }
    return p;
}

/* The longest run of zero groups, the first of equals, two at least (RFC 5952 4.2); *len is 0 when there is none. */
static unsigned longest_zeros(const u16 *g, unsigned *len)
{
    unsigned best = 0;

    *len = 0;
    for (unsigned i = 0; i < 8; i++) {
        unsigned n = 0;
        while (i + n < 8 && !g[i + n])
            n++;
        if (n >= 2 && n > *len) {
            best = i;
            *len = n;
        }
        i += n;
    }
    return best;
}

size_t fmt_ipaddr(char buf[FMT_IPADDR_MAX], const struct ipaddr *a)
{
    char *p = buf;
    u16 g[8];
    unsigned run;

    if (ipaddr_is4(a)) {
        p = put_quad(p, a->b + 12);
        *p = '\0';
        return (size_t)(p - buf);
    }
    for (int i = 0; i < 8; i++)
        g[i] = (u16)(a->b[2 * i] << 8 | a->b[2 * i + 1]);
    unsigned at = longest_zeros(g, &run);
    bool compat = run == 6 && at == 0; /* ::192.0.2.1, RFC 4291 2.5.5.1: inet_ntop shows it so, hence ip(8) */
    for (unsigned i = 0; i < 8;) {
        if (run && i == at) {
            *p++ = ':';
            *p++ = ':';
            i += run;
            continue;
        }
        if (compat) {
            p = put_quad(p, a->b + 12);
            break;
        }
        if (i && !(run && i == at + run))
            *p++ = ':';
        char hex[4], *d = digits_before(hex + 4, g[i], 16, false);
        if (!g[i])
            *--d = '0';
        while (d < hex + 4)
            *p++ = *d++;
        i++;
    }
    *p = '\0';
    return (size_t)(p - buf);
}

static void put_mac(struct sink *s, const struct spec *sp, const u8 *b)
{
    static const char hex[] = "0123456789abcdef";
    char buf[17];

    for (int i = 0; i < 6; i++) {
        buf[3 * i] = hex[b[i] >> 4];
        buf[3 * i + 1] = hex[b[i] & 15];
        if (i < 5)
            buf[3 * i + 2] = ':';
    }
    emit_padded(s, sp, buf, sizeof(buf));
}

/* Returns how many characters behind the 'p' belong to the conversion. */
static unsigned put_pointer(struct sink *s, struct spec *sp, const void *v, char kind)
{
    char buf[FMT_IPADDR_MAX];
    bool known = kind == 'I' || kind == 'M';

    if (!v) {
        emit_padded(s, sp, "(nil)", 5);
    } else if (kind == 'I') {
        emit_padded(s, sp, buf, fmt_ipaddr(buf, v));
    } else if (kind == 'M') {
        put_mac(s, sp, v);
    } else {
        sp->alt = true;
        put_unsigned(s, sp, (u64)(uintptr_t)v, 'x');
    }
    return known;
}

static u64 next_unsigned(struct args *a, enum length len)
{
    switch (len) {
    case LEN_CHAR: return (u8)va_arg(a->ap, unsigned);
    case LEN_SHORT: return (u16)va_arg(a->ap, unsigned);
    case LEN_LONG: return va_arg(a->ap, unsigned long);
    default: return va_arg(a->ap, unsigned);
    }
}

static i64 next_signed(struct args *a, enum length len)
{
    switch (len) {
    case LEN_CHAR: return (i8)va_arg(a->ap, int);
    case LEN_SHORT: return (i16)va_arg(a->ap, int);
    case LEN_LONG: return va_arg(a->ap, long);
    default: return va_arg(a->ap, int);
    }
}

static const char *read_count(const char *f, struct args *a, int *v)
{
    i64 n = 0;

    if (*f == '*') {
        n = va_arg(a->ap, int);
        f++;
    } else {
        for (; *f >= '0' && *f <= '9'; f++)
            n = n > FMT_WIDTH_MAX ? n : n * 10 + (*f - '0');
    }
    *v = n > FMT_WIDTH_MAX ? FMT_WIDTH_MAX : n < -FMT_WIDTH_MAX ? -FMT_WIDTH_MAX : (int)n;
    return f;
}

static const char *read_flags(const char *f, struct spec *sp)
{
    for (;; f++) {
        switch (*f) {
        case '-': sp->left = true; continue;
        case '+': sp->plus = true; continue;
        case ' ': sp->space = true; continue;
        case '#': sp->alt = true; continue;
        case '0': sp->zero = true; continue;
        default: return f;
        }
    }
}

/* long, long long, size_t, intmax_t and ptrdiff_t are all 64 bits here. */
static const char *read_length(const char *f, struct spec *sp)
{
    static_assert(sizeof(long) == 8 && sizeof(long long) == 8 && sizeof(size_t) == 8, "LP64");

    sp->length = LEN_INT;
    switch (*f) {
    case 'h': sp->length = f[1] == 'h' ? LEN_CHAR : LEN_SHORT; return f + 1 + (f[1] == 'h');
    case 'l': sp->length = LEN_LONG; return f + 1 + (f[1] == 'l');
    case 'z':
    case 'j':
    case 't': sp->length = LEN_LONG; return f + 1;
    default: return f;
    }
}

static const char *read_spec(const char *f, struct spec *sp, struct args *a)
{
    int n;

    *sp = (struct spec){.prec = -1};
    f = read_flags(f, sp);
    f = read_count(f, a, &n);
    sp->left |= n < 0;
    sp->width = (unsigned)(n < 0 ? -n : n);
    if (*f == '.') {
        f = read_count(f + 1, a, &n);
        sp->prec = n < 0 ? -1 : n;
    }
    return read_length(f, sp);
}

/* Prints the conversion at f; returns what follows it, or NULL when it is not known. */
static const char *convert(struct sink *s, const char *f, struct spec *sp, struct args *a)
{
    char c;

    switch (*f) {
    case 'd':
    case 'i': put_signed(s, sp, next_signed(a, sp->length)); return f + 1;
    case 'u':
    case 'x':
    case 'X':
    case 'o': put_unsigned(s, sp, next_unsigned(a, sp->length), *f); return f + 1;
    case 'c':
        c = (char)va_arg(a->ap, int);
        emit_padded(s, sp, &c, 1);
        return f + 1;
    case 's': put_string(s, sp, va_arg(a->ap, const char *)); return f + 1;
    case 'p': return f + 1 + put_pointer(s, sp, va_arg(a->ap, const void *), f[1]);
    case '%': emit(s, "%", 1); return f + 1;
    default: return NULL;
    }
}

size_t fmt_to_v(fmt_sink *fn, void *arg, const char *f, va_list ap)
{
    struct sink s = {fn, arg, 0};
    struct args a;

    va_copy(a.ap, ap);
    while (*f) {
        struct spec sp;
        const char *text = f, *end;
        while (*f && *f != '%')
            f++;
        emit(&s, text, (size_t)(f - text));
        if (!*f)
            break;
        end = convert(&s, read_spec(f + 1, &sp, &a), &sp, &a);
        if (!end) {
            for (end = f; *end;)
                end++;
            emit(&s, f, (size_t)(end - f));
        }
        f = end;
    }
    va_end(a.ap);
    return s.total;
}

size_t fmt_to(fmt_sink *sink, void *arg, const char *f, ...)
{
    va_list ap;

    va_start(ap, f);
    size_t n = fmt_to_v(sink, arg, f, ap);
    va_end(ap);
    return n;
}

struct fixed {
    char *at, *end; /* end: where the NUL goes at the latest */
};

static void into_fixed(void *arg, const char *p, size_t n)
{
    struct fixed *b = arg;

    if (n > (size_t)(b->end - b->at))
        n = (size_t)(b->end - b->at);
    __builtin_memcpy(b->at, p, n);
    b->at += n;
}

size_t fmt_v(char *buf, size_t size, const char *f, va_list ap)
{
    char none;
    struct fixed b = size ? (struct fixed){buf, buf + size - 1} : (struct fixed){&none, &none};
    size_t n = fmt_to_v(into_fixed, &b, f, ap);

    *b.at = '\0';
    return n;
}

size_t fmt(char *buf, size_t size, const char *f, ...)
{
    va_list ap;

    va_start(ap, f);
    size_t n = fmt_v(buf, size, f, ap);
    va_end(ap);
    return n;
}

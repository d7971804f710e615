/* echo, printf and seq: text made on the spot.
 *
 *     echo -n $X      echo -e 'a\tb'      printf '%-8s %5d\n' eth0 12 eth1 7      seq -w 1 10
 *
 * echo's options are bash's. printf uses its format again until the arguments are used up, as POSIX says; numbers are
 * 64-bit integers; %f and kin are refused, since there is no floating point here.
 */
#include "apps/shell/escape.h"
#include "lib/cmd.h"
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/parse.h"
#include "lib/plat.h"
#include "lib/string.h"

/* False after \c: nothing further shall be printed. */
static bool put_escaped(struct out *o, const char *s, bool zero)
{
    char buf[4];
    while (*s) {
        size_t plain = strcspn(s, "\\");
        out_raw(o, s, plain);
        s += plain;
        if (!*s++)
            break;
        int n = escape_read(&s, buf, zero);
        if (n < 0)
            return false;
        out_raw(o, buf, (size_t)n);
    }
    return true;
}

static int cmd_echo(struct cmd_ctx *c)
{
    bool newline = true, escapes = false;
    int at = 1;
    for (; at < c->argc; at++) {
        const char *w = c->argv[at];
        if (w[0] != '-' || !w[1] || w[1 + strspn(w + 1, "neE")])
            break;
        for (w++; *w; w++) {
            newline &= *w != 'n';
            escapes = *w == 'e' || (*w == 'n' && escapes);
        }
    }
    for (int i = at; i < c->argc; i++) {
        if (i > at)
            out_raw(c->out, " ", 1);
        if (!escapes)
            out_raw(c->out, c->argv[i], strlen(c->argv[i]));
        else if (!put_escaped(c->out, c->argv[i], true))
            return 0;
    }
    if (newline)
        out_raw(c->out, "\n", 1);
    return 0;
}

/* ---- printf ---- */

struct print {
    struct cmd_ctx *c;
    int at; /* the next argument */
    int status;
    bool stop; /* \c, or a format that is refused */
};

static const char *next_word(struct print *p)
{
    return p->at < p->c->argc ? p->c->argv[p->at++] : NULL;
}

/* As far as it is a number: what else there is, and what does not fit, is told. */
static u64 next_number(struct print *p, bool has_sign)
{
    const char *w = next_word(p), *s = w;
    if (!w || !*w)
        return 0;
    if (*w == '\'' || *w == '"')
        return (u8)w[1];
    while (char_is_space(*s))
        s++;
    bool minus = *s == '-', over = false;
    s += minus || *s == '+';
    unsigned base = *s != '0' ? 10 : (s[1] == 'x' || s[1] == 'X') && char_hex(s[2]) >= 0 ? 16 : 8;
    s += base == 16 ? 2 : 0;
    const char *digits = s;
    u64 v = 0, most = has_sign ? (u64)INT64_MAX + minus : UINT64_MAX;
    for (int d; (d = char_hex(*s)) >= 0 && (unsigned)d < base; s++) {
        over |= v > (most - (unsigned)d) / base;
        v = over ? most : v * base + (unsigned)d;
    }
    if (over)
        p->status = cmd_error(p->c, "%s: out of range", w);
    else if (s == digits || *s)
        p->status = cmd_error(p->c, "%s: expected a numeric value", w);
    return minus ? -v : v;
}

static void to_out(void *out, const char *p, size_t n)
{
    out_raw(out, p, n);
}

static bool refuse(struct print *p, const char *spec, size_t n, const char *why)
{
    p->status = cmd_error(p->c, "%.*s: %s", (int)n, spec, why);
    p->stop = true;
    return false;
}

/* Puts one conversion together as fmt reads it: flags, width and precision were checked, so that it is as short as
 * the buffer. */
static void convert(struct print *p, const char *spec, size_t n, char letter)
{
    char one[32];
    bool number = strchr("diuxXo", letter) != NULL;
    fmt(one, sizeof(one), "%.*s%s%c", (int)n, spec, number ? "ll" : "", letter == 'c' || letter == 'b' ? 's' : letter);
    if (number) {
        fmt_to(to_out, p->c->out, one, (unsigned long long)next_number(p, letter == 'd' || letter == 'i'));
        return;
    }
    if (letter == 'b' && n > 1) {
        refuse(p, spec, n, "%b has no width here");
        return;
    }
    const char *w = next_word(p);
    char first[2] = {w && *w ? *w : 0, 0};
    if (letter == 'b')
        p->stop = w && !put_escaped(p->c->out, w, false);
    else
        fmt_to(to_out, p->c->out, one, letter == 'c' ? first : w ? w : "");
}

/* At a '%'; returns where the format goes on. */
static const char *print_spec(struct print *p, const char *f)
{
    char spec[24] = "%";
    size_t n = 1;
    const char *start = f++;
    if (*f == '%') {
        out_raw(p->c->out, "%", 1);
        return f + 1;
    }
    for (i64 wide = 0; *f && strchr("-+ #0123456789.*", *f) && !p->stop; f++) {
        char width[24] = {*f, 0};
        wide = *f == '*' ? (i64)next_number(p, true) : char_is_digit(*f) ? wide * 10 + (*f - '0') : 0;
        if (*f == '*')
            fmt(width, sizeof(width), "%lld", (long long)wide);
        if (wide > FMT_WIDTH_MAX || wide < -FMT_WIDTH_MAX || n + strlen(width) >= sizeof(spec))
            refuse(p, start, (size_t)(f - start) + 1, "too wide");
        else
            n = str_append(spec, sizeof(spec), width);
    }
    if (p->stop)
        return f;
    if (!*f || !strchr("diuxXoscb", *f)) {
        refuse(p, start, (size_t)(f - start) + (*f != 0),
               "a conversion that there is not (%d %i %u %x %X %o %s %c %b)");
        return f;
    }
    convert(p, spec, n, *f);
    return f + 1;
}

static void print_once(struct print *p, const char *f)
{
    char buf[4];
    while (*f && !p->stop) {
        size_t plain = strcspn(f, "\\%");
        out_raw(p->c->out, f, plain);
        f += plain;
        if (*f == '%') {
            f = print_spec(p, f);
        } else if (*f) {
            f++;
            int n = escape_read(&f, buf, false);
            out_raw(p->c->out, buf, (size_t)max(n, 1)); /* \c is one in %b alone */
        }
    }
}

static int cmd_printf(struct cmd_ctx *c)
{
    int form = c->argc > 1 && str_eq(c->argv[1], "--") ? 2 : 1, before;
    struct print p = {.c = c, .at = form + 1};
    if (c->argc <= form)
        return cmd_usage(c, "which format?");
    do {
        before = p.at;
        print_once(&p, c->argv[form]);
    } while (p.at < c->argc && p.at > before && !p.stop && !out_failed(c->out));
    return p.status;
}

/* ---- seq ---- */

static bool read_signed(const char *s, i64 *v)
{
    return parse_i64(s, -(i64)1000000000000000, 1000000000000000, v, NULL) == 0;
}

/* Is the next word a number, though it looks like options? */
static bool is_negative(const struct cmd_ctx *c, const struct option_reader *o)
{
    return (!o->in || !*o->in) && o->at < c->argc && c->argv[o->at][0] == '-' && char_is_digit(c->argv[o->at][1]);
}

static int cmd_seq(struct cmd_ctx *c)
{
    struct option_reader o;
    const char *separator = "\n";
    bool wide = false;
    int letter, width = 0;
    i64 v[3] = {1, 1, 1};
    option_start(&o, c, "ws:");
    o.strict = true;
    while (!is_negative(c, &o) && (letter = option_next(&o)) > 0) {
        wide |= letter == 'w';
        separator = letter == 's' ? o.value : separator;
    }
    if (o.bad)
        return option_refuse(&o);
    int n = c->argc - o.at;
    if (n < 1 || n > 3)
        return cmd_usage(c, "from where to where?");
    for (int i = 0; i < n; i++)
        if (!read_signed(c->argv[o.at + i], &v[n == 1 ? 2 : n == 2 ? i * 2 : i]))
            return cmd_usage(c, "\"%s\" is no whole number", c->argv[o.at + i]);
    if (!v[1])
        return cmd_usage(c, "steps of 0 lead nowhere");
    char text[2][32];
    if (wide)
        width = (int)max(fmt(text[0], 32, "%lld", (long long)v[0]), fmt(text[1], 32, "%lld", (long long)v[2]));
    bool any = false;
    for (i64 i = v[0]; v[1] > 0 ? i <= v[2] : i >= v[2]; i += v[1], any = true) {
        if (task_interrupted() || out_failed(c->out))
            return 130;
        out_text(c->out, "%s%0*lld", any ? separator : "", width, (long long)i);
    }
    if (any)
        out_raw(c->out, "\n", 1);
    return 0;
}

CMD(echo, .name = "echo", .group = "text", .help = "print words", .usage = "[-neE] [WORD...]", .run = cmd_echo);
CMD(printf, .name = "printf", .group = "text", .help = "print words by a format", .usage = "FORMAT [WORD...]",
    .run = cmd_printf);
CMD(seq, .name = "seq", .group = "text", .help = "print a row of numbers",
    .usage = "[-w] [-s SEPARATOR] [FIRST [STEP]] LAST", .run = cmd_seq);

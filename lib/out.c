/* What a command prints: text or JSON by the same calls.
 *
 * In JSON the separators follow iproute2's writer, so that `ip -j` and `ip -j -p` can be compared byte for byte with
 * Linux: "[{"a":1,"b":[2,3]}]", and pretty
 *
 *     [ {
 *             "a": 1,
 *             "b": [ 2,3 ]
 *         } ]
 *
 * Strings are escaped as RFC 8259 says; a byte that is not UTF-8 becomes U+FFFD, so that what comes out is always
 * JSON, whatever name a stranger gave his host. A value with a key outside of an object, or without a key inside of
 * one, has no place in JSON and is left out there.
 *
 * Small pieces are gathered on the stack: a call of `write` is a burst of up to sizeof(struct piece.buf) bytes, and
 * nothing is held back between two calls. No locks, no memory: a struct out belongs to one task.
 */
#include "lib/out.h"

#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

struct piece {
    struct out *o;
    bool escape; /* inside a JSON string */
    u32 n;
    char buf[200];
};

static void piece_flush(struct piece *p)
{
    if (p->n)
        out_raw(p->o, p->buf, p->n);
    p->n = 0;
}

static void piece_bytes(struct piece *p, const char *s, size_t n)
{
    if (n > sizeof(p->buf) - p->n)
        piece_flush(p);
    if (n > sizeof(p->buf)) {
        out_raw(p->o, s, n);
        return;
    }
    memcpy(p->buf + p->n, s, n);
    p->n += (u32)n;
}

static void piece_char(struct piece *p, char c)
{
    piece_bytes(p, &c, 1);
}

static void escape_control(struct piece *p, u8 c)
{
    static const char from[] = "\b\t\n\f\r\"\\", to[] = "btnfr\"\\", hex[] = "0123456789abcdef";
    const char *at = c ? strchr(from, c) : NULL;

    if (at) {
        piece_char(p, '\\');
        piece_char(p, to[at - from]);
        return;
    }
    piece_bytes(p, "\\u00", 4);
    piece_char(p, hex[c >> 4]);
    piece_char(p, hex[c & 15]);
}

static void piece_escaped(struct piece *p, const char *s, size_t n)
{
    while (n) {
        u8 c = (u8)*s;
        u32 rune;
        size_t len = utf8_take(s, n, &rune);
        if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
            escape_control(p, c);
        else if (!len)
            piece_bytes(p, "\xef\xbf\xbd", 3);
        else
            piece_bytes(p, s, len);
        len = len ? len : 1;
        s += len;
        n -= len;
    }
}

static void piece_sink(void *arg, const char *s, size_t n)
{
    struct piece *p = arg;

    if (p->escape)
        piece_escaped(p, s, n);
    else
        piece_bytes(p, s, n);
}

void out_init(struct out *o, int (*write)(struct out *, const char *, size_t), void *arg, bool json)
{
    *o = (struct out){.write = write, .arg = arg, .json = json};
}

void out_raw(struct out *o, const char *p, size_t n)
{
    if (!o->failed && n && o->write(o, p, n) < 0)
        o->failed = true;
}

bool out_failed(const struct out *o)
{
    return o->failed;
}

static void print_text(struct out *o, const char *f, ...)
{
    struct piece p = {.o = o};
    va_list ap;

    if (!f)
        return;
    va_start(ap, f);
    fmt_to_v(piece_sink, &p, f, ap);
    va_end(ap);
    piece_flush(&p);
}

void out_text(struct out *o, const char *f, ...)
{
    struct piece p = {.o = o};
    va_list ap;

    if (o->json)
        return;
    va_start(ap, f);
    fmt_to_v(piece_sink, &p, f, ap);
    va_end(ap);
    piece_flush(&p);
}

void out_word(struct out *o, const char *s)
{
    if (*s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:,/-")]) {
        out_text(o, "%s", s);
        return;
    }
    out_text(o, "'");
    for (; *s; s++)
        out_text(o, *s == '\'' ? "'\\''" : "%c", *s);
    out_text(o, "'");
}

static bool inside(const struct out *o, char close)
{
    return o->depth && o->close[o->depth - 1] == close;
}

static void new_line(struct piece *p)
{
    if (!p->o->pretty)
        return;
    piece_char(p, '\n');
    for (unsigned i = 0; i < p->o->depth; i++)
        piece_bytes(p, "    ", 4);
}

/* The comma and the key before a value; false when the value has no place here. */
static bool begin_value(struct piece *p, const char *key, bool nested)
{
    struct out *o = p->o;

    if (!o->depth)
        return nested;
    if (inside(o, '}') && !key)
        return false;
    if (o->count[o->depth - 1])
        piece_char(p, ',');
    o->count[o->depth - 1] = 1;
    if (inside(o, '}')) {
        new_line(p);
        piece_char(p, '"');
        piece_escaped(p, key, strlen(key));
        piece_bytes(p, "\":", 2);
        if (o->pretty)
            piece_char(p, ' ');
    }
    return true;
}

static void open_level(struct out *o, const char *key, char open, char close)
{
    struct piece p = {.o = o};

    if (!o->json)
        return;
    if (o->depth == OUT_DEPTH)
        panic("out: more than %d levels at \"%s\"", OUT_DEPTH, key ? key : "");
    if (!begin_value(&p, key, true))
        panic("out: an object without a key inside an object");
    piece_char(&p, open);
    if (o->pretty && open == '[')
        piece_char(&p, ' ');
    o->close[o->depth] = close;
    o->count[o->depth++] = 0;
    piece_flush(&p);
}

void out_object(struct out *o, const char *key)
{
    open_level(o, key, '{', '}');
}

void out_array(struct out *o, const char *key)
{
    open_level(o, key, '[', ']');
}

void out_end(struct out *o)
{
    struct piece p = {.o = o};

    if (!o->json)
        return;
    if (!o->depth)
        panic("out: an end without a beginning");
    o->depth--;
    if (o->count[o->depth]) {
        if (o->close[o->depth] == '}')
            new_line(&p);
        else if (o->pretty)
            piece_char(&p, ' ');
    }
    piece_char(&p, o->close[o->depth]);
    if (!o->depth)
        piece_char(&p, '\n');
    piece_flush(&p);
}

void out_str(struct out *o, const char *key, const char *f, const char *v)
{
    struct piece p = {.o = o};

    if (!o->json) {
        print_text(o, f, v);
        return;
    }
    if (!begin_value(&p, key, false))
        return;
    piece_char(&p, '"');
    piece_escaped(&p, v, strlen(v));
    piece_char(&p, '"');
    piece_flush(&p);
}

static void put_json(struct out *o, const char *key, const char *f, ...)
{
    struct piece p = {.o = o};
    va_list ap;

    if (!begin_value(&p, key, false))
        return;
    va_start(ap, f);
    fmt_to_v(piece_sink, &p, f, ap);
    va_end(ap);
    piece_flush(&p);
}

void out_u64(struct out *o, const char *key, const char *f, u64 v)
{
    if (o->json)
        put_json(o, key, "%llu", (unsigned long long)v);
    else
        print_text(o, f, (unsigned long long)v);
}

void out_i64(struct out *o, const char *key, const char *f, i64 v)
{
    if (o->json)
        put_json(o, key, "%lld", (long long)v);
    else
        print_text(o, f, (long long)v);
}

void out_bool(struct out *o, const char *key, const char *text_if_true, bool v)
{
    if (o->json)
        put_json(o, key, "%s", v ? "true" : "false");
    else if (v)
        print_text(o, "%s", text_if_true ? text_if_true : "");
}

void out_null(struct out *o, const char *key)
{
    if (o->json)
        put_json(o, key, "null");
}

void out_fmt(struct out *o, const char *key, const char *f, ...)
{
    struct piece p = {.o = o};
    va_list ap;

    if (o->json) {
        if (!begin_value(&p, key, false))
            return;
        piece_char(&p, '"');
        p.escape = true;
    }
    va_start(ap, f);
    fmt_to_v(piece_sink, &p, f, ap);
    va_end(ap);
    if (o->json)
        piece_char(&p, '"');
    piece_flush(&p);
}

static int write_mem(struct out *o, const char *p, size_t n)
{
    struct out_mem *m = container_of(o, struct out_mem, out);

    if (m->len + 1 < m->size) {
        size_t fits = min(n, m->size - 1 - m->len);
        memcpy(m->buf + m->len, p, fits);
        m->buf[m->len + fits] = '\0';
    }
    m->len += n;
    return 0;
}

void out_mem_init(struct out_mem *m, char *buf, size_t size, bool json)
{
    *m = (struct out_mem){.buf = buf, .size = size};
    out_init(&m->out, write_mem, NULL, json);
    if (size)
        buf[0] = '\0';
}

size_t out_mem_len(const struct out_mem *m)
{
    return m->len;
}

static int write_nothing(struct out *o, const char *p, size_t n)
{
    return 0;
}

void out_null_init(struct out *o)
{
    out_init(o, write_nothing, NULL, false);
}

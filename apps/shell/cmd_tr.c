/* tr: exchanges, deletes or squeezes characters.
 *
 *     tr a-z A-Z      tr -d '\r'      tr -s ' '      tr '[:lower:]' '[:upper:]'      tr -c '0-9\n' ' '
 *
 * Works on bytes. A set is written as characters, ranges, classes and escapes (\n \t \r \\ \0oo), the second with [x*n]
 * too; one that is shorter goes on with its last character, as GNU's does.
 */
#include "apps/shell/feed.h"
#include "lib/cmd.h"
#include "lib/option.h"
#include "lib/plat.h"
#include "lib/string.h"

struct set {
    u8 byte[256 * 2];
    unsigned n;
    bool in[256];
    bool full; /* more was written than there is room for */
};

struct tr {
    struct cmd_ctx *c;
    bool remove, squeeze, complement;
    struct set from, to;
    u8 map[256];
    bool squeezed[256];
    int last; /* byte written last, -1: none */
};

static void add(struct set *s, u8 b)
{
    s->full |= s->n == ARRAY_LEN(s->byte);
    if (!s->full)
        s->byte[s->n++] = b;
    s->in[b] = true;
}

static u8 read_byte(const char **p)
{
    u8 b = (u8) * (*p)++;
    if (b != '\\' || !**p)
        return b;
    b = (u8) * (*p)++;
    switch (b) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'v': return '\v';
    }
    if (b < '0' || b > '7')
        return b;
    unsigned v = b - '0';
    for (int i = 0; i < 2 && **p >= '0' && **p <= '7'; i++)
        v = v * 8 + (unsigned)(*(*p)++ - '0');
    return (u8)v;
}

/* "[x*3]" is xxx; "[x*]" at the end goes on for as long as is wanted, as the last byte of a set does anyway. */
static bool read_repeat(struct set *s, const char **p, const char **why)
{
    const char *at = *p + 1;
    unsigned n = 0;
    if (**p != '[' || !*at)
        return false;
    u8 b = read_byte(&at);
    if (*at++ != '*')
        return false;
    for (unsigned base = *at == '0' ? 8 : 10; *at >= '0' && *at < (char)('0' + base); at++)
        n = min(n * base + (unsigned)(*at - '0'), 1000u);
    if (*at++ != ']')
        return false;
    if (!n && *at)
        *why = "[x*] stands at the end";
    for (n = max(n, 1u); n; n--)
        add(s, b);
    *p = at;
    return true;
}

static const char *read_set(struct set *s, const char *p, bool second)
{
    const char *why = NULL;
    while (*p && !why) {
        if (second && read_repeat(s, &p, &why))
            continue;
        if (p[0] == '[' && p[1] == '=' && p[2] && p[3] == '=' && p[4] == ']') { /* what counts as that one: itself */
            add(s, (u8)p[2]);
            p += 5;
            continue;
        }
        const char *end = p[0] == '[' && p[1] == ':' ? strstr(p + 2, ":]") : NULL;
        if (end) {
            int class = char_class(p + 2, (size_t)(end - p) - 2);
            if (class < 0)
                return "no such class of characters";
            for (unsigned b = 0; b < 256; b++)
                if (char_in_class(class, (char)b))
                    add(s, (u8)b);
            p = end + 2;
            continue;
        }
        u8 low = read_byte(&p), high = low;
        if (p[0] == '-' && p[1]) {
            p++;
            high = read_byte(&p);
        }
        if (high < low)
            return "a range runs from the lower to the higher character";
        for (unsigned b = low; b <= high; b++)
            add(s, (u8)b);
    }
    return s->full ? "too long a set" : why;
}

static void complement(struct set *s)
{
    struct set other = {.n = 0};
    for (unsigned b = 0; b < 256; b++)
        if (!s->in[b])
            add(&other, (u8)b);
    *s = other;
}

static int take_chunk(void *arg, const char *p, size_t n)
{
    struct tr *t = arg;
    char out[256];
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        u8 b = (u8)p[i];
        if (t->remove && t->from.in[b])
            continue;
        b = t->map[b];
        if (t->squeezed[b] && t->last == b)
            continue;
        t->last = b;
        out[used++] = (char)b;
        if (used == sizeof(out)) {
            out_raw(t->c->out, out, used);
            used = 0;
        }
    }
    out_raw(t->c->out, out, used);
    return 0;
}

static void prepare(struct tr *t, bool two)
{
    for (unsigned b = 0; b < 256; b++)
        t->map[b] = (u8)b;
    for (unsigned i = 0; i < t->from.n && two && !t->remove && t->to.n; i++)
        t->map[t->from.byte[i]] = t->to.byte[min(i, t->to.n - 1)];
    for (unsigned b = 0; b < 256 && t->squeeze; b++)
        t->squeezed[b] = (two ? &t->to : &t->from)->in[b];
    t->last = -1;
}

static int run_tr(struct tr *t)
{
    struct cmd_ctx *c = t->c;
    struct option_reader o;
    int letter;
    for (option_start(&o, c, "dscC"); (letter = option_next(&o)) > 0;)
        *(letter == 'd' ? &t->remove : letter == 's' ? &t->squeeze : &t->complement) = true;
    if (o.bad)
        return option_refuse(&o);
    int sets = c->argc - o.at, most = t->remove && !t->squeeze ? 1 : 2, least = t->remove != t->squeeze ? 1 : 2;
    if (sets < least || sets > most)
        return cmd_usage(c, "%s", sets < least ? "a set of characters is missing" : "too many sets of characters");
    const char *why = read_set(&t->from, c->argv[o.at], false);
    if (!why && sets == 2)
        why = read_set(&t->to, c->argv[o.at + 1], true);
    if (why)
        return cmd_usage(c, "%s", why);
    if (t->complement)
        complement(&t->from);
    if (sets == 2 && !t->remove && !t->to.n)
        return cmd_usage(c, "the second set is empty");
    prepare(t, sets == 2);
    return feed_error(c, NULL, feed_chunks(c, NULL, take_chunk, t));
}

static int cmd_tr(struct cmd_ctx *c)
{
    struct tr *t = mem_zalloc(sizeof(*t)); /* too large for a task's stack */
    if (!t)
        return cmd_error(c, "memory exhausted");
    t->c = c;
    int status = run_tr(t);
    mem_free(t);
    return status;
}

CMD(tr, .name = "tr", .group = "text", .help = "exchange, delete or squeeze characters", .usage = "[-cds] SET [SET]",
    .run = cmd_tr);

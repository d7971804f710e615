/* test and [: conditions for && and ||.
 *
 *     [ -f /etc/weir.conf ] && cat /etc/weir.conf      test "$X" = eth0 || echo other      [ 3 -gt 2 -a ! -e /tmp/x ]
 *
 * Strings: -n -z = == != < >; whole numbers: -eq -ne -lt -le -gt -ge; files: -e -f -d -r -w -s -x; ! -a -o ( ). Up to
 * four words are read by their number, as POSIX says, so that an operand may look like an operator. Status 0 true, 1
 * false, 2 not understood. Nesting is bounded.
 */
#include "lib/cmd.h"
#include "lib/file.h"
#include "lib/string.h"

#define DEPTH_MAX 16

struct condition {
    struct cmd_ctx *c;
    char **word;
    int n, at, depth;
    const char *why; /* what was not understood */
    const char *about;
};

static bool refuse(struct condition *t, const char *about, const char *why)
{
    if (!t->why) {
        t->why = why;
        t->about = about;
    }
    return false;
}

static bool file_is(struct condition *t, char kind, const char *path)
{
    struct file_stat st;
    if (file_stat(t->c->net, path, &st) != 0)
        return false;
    switch (kind) {
    case 'f': return !st.dir;
    case 'd':
    case 'x': return st.dir;
    case 'w': return st.writable;
    case 's': return st.size > 0;
    default: return true;
    }
}

static bool is_unary(const char *w)
{
    return w[0] == '-' && w[1] && !w[2] && strchr("nzefdrwsx", w[1]);
}

static bool unary(struct condition *t, const char *op, const char *word)
{
    if (op[1] == 'n')
        return *word;
    if (op[1] == 'z')
        return !*word;
    return file_is(t, op[1], word);
}

static bool is_binary(const char *w)
{
    static const char *const names[] = {"=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(names[i], w))
            return true;
    return false;
}

static bool whole_number(const char *s, i64 *v)
{
    while (char_is_space(*s))
        s++;
    bool minus = *s == '-';
    s += minus || *s == '+';
    const char *digits = s;
    u64 n = 0;
    for (; char_is_digit(*s) && n <= ((u64)INT64_MAX - (u64)(*s - '0')) / 10; s++) /* test knows no octal */
        n = n * 10 + (u64)(*s - '0');
    bool any = s > digits;
    while (char_is_space(*s))
        s++;
    *v = minus ? -(i64)n : (i64)n;
    return any && !*s;
}

static bool binary(struct condition *t, const char *a, const char *op, const char *b)
{
    i64 x = 0, y = 0;
    if (op[0] != '-') {
        int order = strcmp(a, b);
        return op[0] == '=' ? !order : op[0] == '!' ? order != 0 : op[0] == '<' ? order < 0 : order > 0;
    }
    if (!whole_number(a, &x))
        return refuse(t, a, "is no whole number");
    if (!whole_number(b, &y))
        return refuse(t, b, "is no whole number");
    switch (op[1] << 8 | op[2]) {
    case 'e' << 8 | 'q': return x == y;
    case 'n' << 8 | 'e': return x != y;
    case 'l' << 8 | 't': return x < y;
    case 'l' << 8 | 'e': return x <= y;
    case 'g' << 8 | 't': return x > y;
    default: return x >= y;
    }
}

static bool any_of(struct condition *t);

static bool primary(struct condition *t)
{
    int left = t->n - t->at;
    char **w = t->word + t->at;
    if (!left)
        return refuse(t, "", "a word is missing at the end");
    if (str_eq(w[0], "!") && left > 1) {
        if (++t->depth > DEPTH_MAX)
            return refuse(t, w[0], "too deep");
        t->at++;
        bool is = !primary(t);
        t->depth--;
        return is;
    }
    if (left >= 3 && is_binary(w[1])) {
        t->at += 3;
        return binary(t, w[0], w[1], w[2]);
    }
    if (left >= 2 && is_unary(w[0])) {
        t->at += 2;
        return unary(t, w[0], w[1]);
    }
    if (left >= 3 && str_eq(w[0], "(")) {
        if (++t->depth > DEPTH_MAX)
            return refuse(t, w[0], "too deep");
        t->at++;
        bool is = any_of(t);
        t->depth--;
        if (t->at >= t->n || !str_eq(t->word[t->at], ")"))
            return refuse(t, "(", "is not closed");
        t->at++;
        return is;
    }
    t->at++;
    return *w[0];
}

static bool all_of(struct condition *t)
{
    bool is = primary(t);
    while (t->at < t->n && str_eq(t->word[t->at], "-a") && !t->why) {
        t->at++;
        is &= primary(t);
    }
    return is;
}

static bool any_of(struct condition *t)
{
    bool is = all_of(t);
    while (t->at < t->n && str_eq(t->word[t->at], "-o") && !t->why) {
        t->at++;
        is |= all_of(t);
    }
    return is;
}

/* By the number of words, POSIX test, "OPERANDS". */
static bool by_number(struct condition *t)
{
    char **w = t->word;
    if (t->n == 0)
        return false;
    if (t->n == 1)
        return *w[0];
    if (t->n == 3 && is_binary(w[1]))
        return binary(t, w[0], w[1], w[2]);
    if (t->n <= 4 && str_eq(w[0], "!")) {
        t->word++;
        t->n--;
        return !by_number(t);
    }
    bool is = any_of(t);
    if (t->at < t->n)
        return refuse(t, t->word[t->at], "was not expected there");
    return is;
}

static int decide(struct cmd_ctx *c, int words)
{
    struct condition t = {.c = c, .word = c->argv + 1, .n = words};
    bool is = by_number(&t);
    if (!t.why)
        return !is;
    cmd_error(c, "%s%s%s", t.about, *t.about ? ": " : "", t.why);
    return 2;
}

static int cmd_test(struct cmd_ctx *c)
{
    return decide(c, c->argc - 1);
}

static int cmd_bracket(struct cmd_ctx *c)
{
    if (!str_eq(c->argv[c->argc - 1], "]")) {
        cmd_error(c, "missing ]");
        return 2;
    }
    return decide(c, c->argc - 2);
}

CMD(test, .name = "test", .group = "shell", .help = "is a condition true",
    .usage = "WORD = WORD | N -lt N | -f FILE ...", .run = cmd_test);
CMD(bracket, .name = "[", .group = "shell", .help = "is a condition true", .usage = "CONDITION ]", .run = cmd_bracket);

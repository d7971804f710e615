/* The text of an awk program to tokens.
 *
 * Whether a `/` divides or begins a pattern depends on what stood before it: behind an operand it divides. Reads
 * nothing beyond the end; whatever comes is a token, AT_BAD with a reason at worst.
 */
#include "apps/shell/awk_lex.h"
#include "lib/string.h"

void awk_lex_start(struct awk_lex *x, const char *p, size_t n)
{
    *x = (struct awk_lex){.p = p, .end = p + n, .line = 1, .column = 1};
    awk_lex_next(x);
}

bool awk_lex_is(const struct awk_lex *x, enum awk_token kind, const char *text)
{
    return x->kind == kind && (!text || str_eq(x->text, text));
}

static char peek(const struct awk_lex *x, size_t ahead)
{
    return (size_t)(x->end - x->p) > ahead ? x->p[ahead] : 0;
}

static char take(struct awk_lex *x)
{
    char c = *x->p++;
    x->column++;
    if (c == '\n') {
        x->line++;
        x->column = 1;
    }
    return c;
}

static void set(struct awk_lex *x, enum awk_token kind, const char *text, size_t n)
{
    x->kind = kind;
    x->n = (u32)min(n, sizeof(x->text) - 1);
    memcpy(x->text, text, x->n);
    x->text[x->n] = 0;
}

static void bad(struct awk_lex *x, const char *why)
{
    set(x, AT_BAD, why, strlen(why));
}

static void skip_blanks(struct awk_lex *x)
{
    while (x->p < x->end) {
        char c = *x->p;
        if (c == '#')
            while (x->p < x->end && *x->p != '\n')
                take(x);
        else if (c == ' ' || c == '\t' || c == '\r')
            take(x);
        else if (c == '\\' && peek(x, 1) == '\n')
            take(x), take(x);
        else
            return;
    }
}

static char escaped(struct awk_lex *x)
{
    static const char names[] = "abfnrtv", bytes[] = "\a\b\f\n\r\t\v";
    char c = take(x);
    const char *known = c ? strchr(names, c) : NULL;
    if (known)
        return bytes[known - names];
    if (c < '0' || c > '7')
        return c;
    unsigned v = (unsigned)(c - '0');
    for (int i = 0; i < 2 && peek(x, 0) >= '0' && peek(x, 0) <= '7'; i++)
        v = v * 8 + (unsigned)(take(x) - '0');
    return (char)v;
}

/* A text in quotes: escapes are read. A pattern in slashes: they are left to lib/regex, but for the slash itself. */
static void quoted(struct awk_lex *x, char quote, enum awk_token kind)
{
    x->n = 0;
    x->kind = kind;
    take(x);
    for (;;) {
        if (x->p >= x->end || *x->p == '\n') {
            bad(x, quote == '"' ? "a text is not closed" : "a pattern is not closed");
            return;
        }
        char c = take(x);
        if (c == quote)
            break;
        if (x->n + 2 >= sizeof(x->text)) {
            bad(x, "too long a text");
            return;
        }
        if (c == '\\' && x->p < x->end) {
            char next = *x->p;
            if (quote == '"') {
                bool plain = !strchr("\"\\/abfnrtv01234567", next) && next != '\n';
                if (plain) /* "\." is a pattern's, when it is used as one */
                    x->text[x->n++] = '\\';
                c = escaped(x);
            } else if (next == '/') {
                c = take(x);
            } else {
                x->text[x->n++] = c;
                c = take(x);
            }
        }
        x->text[x->n++] = c;
    }
    x->text[x->n] = 0;
}

static void word(struct awk_lex *x)
{
    static const char *const reserved[] = {"BEGIN",  "END",      "if",   "else",    "while",  "for",     "do",
                                           "break",  "continue", "next", "exit",    "delete", "in",      "print",
                                           "printf", "function", "func", "getline", "return", "nextfile"};
    static const char *const builtins[] = {"length", "substr",  "index",   "split",  "sub",      "gsub",
                                           "match",  "tolower", "toupper", "int",    "sprintf",  "sin",
                                           "cos",    "atan2",   "exp",     "log",    "sqrt",     "rand",
                                           "srand",  "system",  "close",   "fflush", "strftime", "systime"};
    const char *start = x->p;
    while (x->p < x->end && (char_is_alnum(*x->p) || *x->p == '_'))
        take(x);
    set(x, AT_NAME, start, (size_t)(x->p - start));
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        if (str_eq(reserved[i], x->text))
            x->kind = AT_WORD;
    for (size_t i = 0; i < ARRAY_LEN(builtins); i++)
        if (str_eq(builtins[i], x->text))
            x->kind = AT_BUILTIN;
    x->call = peek(x, 0) == '(';
}

bool awk_lex_elsewhere(const char *name)
{
    static const char *const names[] = {"RS", "OFMT", "CONVFMT", "ENVIRON", "ARGC", "ARGV"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(names[i], name))
            return true;
    return false;
}

static void number(struct awk_lex *x)
{
    size_t n = awk_read(x->p, (size_t)(x->end - x->p), &x->number);
    x->kind = AT_NUMBER;
    x->p += n;
    x->column += (unsigned)n;
    if (x->number == AWK_WHOLE_MAX)
        bad(x, "a number is out of range (10^20)");
}

static void punctuation(struct awk_lex *x)
{
    static const char *const two[] = {"&&", "||", "==", "!=", "<=", ">=", "!~", "++", "--",
                                      "+=", "-=", "*=", "/=", "%=", "^=", ">>", "**"};
    char c = take(x), text[3] = {c, 0, 0};
    for (size_t i = 0; i < ARRAY_LEN(two); i++)
        if (two[i][0] == c && two[i][1] == peek(x, 0)) {
            text[1] = take(x);
            break;
        }
    set(x, AT_PUNCT, text, strlen(text));
    if (!strchr("{}()[];,+-*/%^!<>=~?:$&|", c))
        bad(x, "a character that means nothing here");
}

void awk_lex_next(struct awk_lex *x)
{
    skip_blanks(x);
    x->at_line = x->line;
    x->at_column = x->column;
    x->at = x->p;
    char c = peek(x, 0);
    if (x->p >= x->end) {
        set(x, AT_END, "the end", 7);
    } else if (c == '\n') {
        take(x);
        set(x, AT_NEWLINE, "the end of a line", 17);
    } else if (char_is_digit(c) || (c == '.' && char_is_digit(peek(x, 1)))) {
        number(x);
    } else if (c == '"') {
        quoted(x, '"', AT_STRING);
    } else if (c == '/' && !x->after_operand) {
        quoted(x, '/', AT_REGEX);
    } else if (char_is_alpha(c) || c == '_') {
        word(x);
    } else {
        punctuation(x);
    }
    x->after_operand = x->kind == AT_NUMBER || x->kind == AT_STRING || x->kind == AT_NAME || x->kind == AT_BUILTIN ||
                       (x->kind == AT_PUNCT && strchr(")]$", x->text[0])) || awk_lex_is(x, AT_PUNCT, "++") ||
                       awk_lex_is(x, AT_PUNCT, "--");
}

struct awk_place awk_lex_place(const struct awk_lex *x)
{
    return (struct awk_place){x->at, x->at_line, x->at_column};
}

/* Only to where an operand begins. */
void awk_lex_back(struct awk_lex *x, const struct awk_place *to)
{
    x->p = to->at;
    x->line = to->line;
    x->column = to->column;
    x->after_operand = false;
    awk_lex_next(x);
}
